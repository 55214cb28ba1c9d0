"""`roost top` in a real terminal, over what a real app sends."""
import os
import re
import signal
import subprocess
import urllib.request

import msgpack
import pytest

from agent import BINARY, Agent
from processes import APPS, Process, clean_environment, wait_until
from screens import golden, in_place
from terminal import Terminal

pytestmark = pytest.mark.linux

REQUESTS = 30
EVIL = "\x1b]0;pwned\x07\x1b[2J\u202e<b>"


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    with Agent(DD_LOCAL_DB=tmp_path_factory.mktemp("top") / "roost.db") as agent:
        yield agent
        assert agent.stop() == 0


def visit_shop(agent, tracer, folder):
    with Process([tracer / "ddtrace-run", tracer / "python", APPS / "versions_app.py", REQUESTS], folder / "app.log",
                 DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_SERVICE="shop", DD_ENV="test",
                 DD_VERSION="1.1", PATH=tracer) as app:
        wait_until(lambda: not app.running, 60, "the app to end")
        assert app.child.returncode == 0, app.text()


def send_evil(agent):
    """A span of which every text tries to leave its place, and whose resource has a megabyte."""
    start = subprocess.run(["date", "+%s%N"], capture_output=True, text=True).stdout.strip()
    span = {"service": "evil", "name": "web.request", "resource": EVIL + "A" * 1_000_000, "type": "web", "trace_id": 7,
            "span_id": 7, "parent_id": 0, "start": int(start) - 10**9, "duration": 10**6, "error": 1,
            "meta": {"env": "test", "error.message": EVIL}, "metrics": {"_sampling_priority_v1": 2}}
    body = msgpack.packb([[span]], unicode_errors="surrogatepass")
    request = urllib.request.Request(f"http://127.0.0.1:{agent.port}/v0.4/traces", body, method="PUT",
                                     headers={"Content-Type": "application/msgpack", "X-Datadog-Trace-Count": "1"})
    urllib.request.urlopen(request, timeout=10).read()


def start(terminal, agent, *words):
    terminal.type(" ".join(map(str, [BINARY, "--config", agent.file, "top", *words])))
    terminal.wait_for("q quit")


def assert_as_accepted(name, terminal):
    """The whole screen reads as it was last accepted, once it is drawn."""
    seen = [""]

    def is_as_accepted():
        seen.append(in_place(terminal.lines()))
        # A screen that is being drawn is another one the next time.
        return seen[-1] == seen[-2] == golden(f"top-{name}.txt", seen[-1])
    try:
        wait_until(is_as_accepted, 5, "the screen")
    except AssertionError:
        assert seen[-1] == golden(f"top-{name}.txt", seen[-1])


def hits(lines, name):
    """The number in the column HITS of the row with that name."""
    heading = next(line for line in lines if "HITS" in line)
    row = next(line for line in lines if line.startswith(name))
    end = heading.index("HITS") + len("HITS")
    return int(row[:end].split()[-1].replace(",", ""))


def test_from_a_service_to_the_trace_that_explains_it(agent, tracer, tmp_path):
    visit_shop(agent, tracer, tmp_path)
    send_evil(agent)
    with Terminal(110, 16, **agent.variables) as terminal:
        modes = terminal.modes()
        start(terminal, agent)
        lines = terminal.wait_for("shop ")
        assert lines[0].startswith("roost ") and lines[0].endswith("last minute · 2 rows"), lines
        assert re.fullmatch(r"SERVICE +ENV +HITS +RATE▼ +ERR% +P50 +P95 +LAST MINUTE", lines[2]), lines
        assert hits(lines, "shop") == 3 * REQUESTS
        assert re.search(r"[▁▂▃▄▅▆▇█]", next(line for line in lines if line.startswith("shop"))), lines
        # What comes is seen without a key.
        visit_shop(agent, tracer, tmp_path)
        wait_until(lambda: hits(terminal.lines(), "shop") == 6 * REQUESTS, 10, "new hits to be seen")
        assert_as_accepted("services", terminal)
        terminal.press("?")
        terminal.wait_for("go back")
        assert_as_accepted("help", terminal)
        terminal.press("?")

        terminal.press("/", "shop", "Enter")
        terminal.wait_for("1 of 2 rows")
        assert_as_accepted("filter", terminal)
        terminal.press("Enter")
        lines = terminal.wait_for("POST /checkout")
        assert lines[0].startswith("roost › shop") and "RESOURCE" in lines[2]
        terminal.press("s", "s")  # from RATE to P50
        terminal.wait_for("P50▼")
        terminal.press("S")
        lines = terminal.wait_for("ERR%▼")
        assert lines[3].startswith("POST /checkout") and " 33.3% " in lines[3], lines
        # By name, so that the order does not depend on how long each took.
        terminal.press("S", "S", "S")
        terminal.wait_for("RESOURCE▼")
        assert_as_accepted("resources", terminal)
        for width, height in [(80, 24), (40, 12), (110, 16)]:
            terminal.resize(width, height)
            wait_until(lambda: len(terminal.lines()) == height and terminal.lines()[-1].startswith("q quit")
                       and "POST /checkout" in terminal.text(), 5, "it to be drawn")
            if width < 110:
                assert_as_accepted(f"{width}x{height}", terminal)
        terminal.press("s", "s", "s")
        terminal.wait_for("ERR%▼")
        terminal.press("Home", "Enter")
        lines = terminal.wait_for("newest traces")
        lines = terminal.wait_for("shop POST /checkout")
        assert re.fullmatch(r" *START▼ +DURATION +SPANS +ERR +CODE +TRACE +ROOT", lines[2]), lines
        assert_as_accepted("traces", terminal)
        terminal.press("s", "s", "s")  # by errors
        lines = terminal.wait_for("ERR▼")
        terminal.press("Enter")
        lines = terminal.wait_for("checkout")
        lines = terminal.wait_for("the till is closed")
        assert lines[0].startswith("roost › shop › POST /checkout › "), lines

        # Smaller and larger, everything is drawn anew.
        terminal.resize(50, 9)
        wait_until(lambda: len(terminal.lines()) == 9 and terminal.lines()[8].startswith("q quit"), 5, "a smaller screen")
        terminal.resize(120, 20)
        wait_until(lambda: terminal.lines()[19:] and terminal.lines()[19].startswith("q quit"), 5, "a larger screen")
        terminal.press("Escape", "Escape", "Escape")
        terminal.wait_for("SERVICE")

        # Names of others draw nothing but themselves.
        terminal.press("/", "evil", "Enter", "Enter")
        lines = terminal.wait_for(r"\x1b]0;pwned\x07\x1b[2J")
        assert lines[0].startswith("roost › evil") and lines[3].rstrip().endswith(("█", "▆", "▅", "▄", "▃", "▂", "▁")), lines
        assert "pwned" not in terminal.fact("pane_title")
        terminal.press("q")
        wait_until(lambda: not terminal.programs(), 5, "top to end")
        assert terminal.fact("alternate_on") == "0" and terminal.fact("cursor_flag") == "1"
        assert terminal.modes() == modes
        # A service that was never seen would leave the screen empty.
        terminal.type(f"{BINARY} --config {agent.file} top shopp; echo code $?")
        assert 'there is no service "shopp"; did you mean shop?' in "\n".join(terminal.wait_for("code 64"))


@pytest.mark.parametrize("ending", ["C-c", signal.SIGTERM, signal.SIGHUP, signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT],
                         ids=lambda ending: getattr(ending, "name", ending))
def test_the_terminal_is_as_before_however_it_ends(agent, ending):
    with Terminal(80, 12, **agent.variables) as terminal:
        modes = terminal.modes()
        start(terminal, agent)
        assert terminal.fact("alternate_on") == "1" and terminal.fact("cursor_flag") == "0"
        assert terminal.modes() != modes
        (top,) = terminal.programs()
        if ending == "C-c":
            terminal.press("C-c")
        else:
            os.kill(top, ending)
        wait_until(lambda: not terminal.programs(), 5, "top to end")
        assert terminal.fact("alternate_on") == "0" and terminal.fact("cursor_flag") == "1"
        assert terminal.modes() == modes
        terminal.type("echo code $?")
        number = signal.SIGINT if ending == "C-c" else ending
        terminal.wait_for(f"code {128 + number}")


def test_a_suspended_top_gives_the_terminal_back_and_takes_it_again(agent):
    with Terminal(80, 12, **agent.variables) as terminal:
        modes = terminal.modes()
        start(terminal, agent)
        terminal.press("C-z")
        terminal.wait_for("topped")  # Stopped, or stopped
        assert terminal.fact("alternate_on") == "0" and terminal.modes() == modes
        terminal.type("fg")
        terminal.wait_for("q quit")
        assert terminal.fact("alternate_on") == "1"
        terminal.press("q")
        wait_until(lambda: not terminal.programs(), 5, "top to end")
        assert terminal.modes() == modes


def test_an_agent_that_ends_is_told_and_one_that_comes_is_seen(tmp_path):
    with Agent() as agent, Terminal(100, 12, **agent.variables) as terminal:
        start(terminal, agent)
        terminal.wait_for("Nothing has arrived in the last minute")
        assert agent.stop() == 0
        terminal.wait_for("no agent is running")
        with Process([BINARY, "serve", "--config", agent.file], tmp_path / "next.log", **agent.variables):
            wait_until(lambda: "no agent is running" not in terminal.text(), 10, "the next agent to be seen")
            terminal.press("q")
            wait_until(lambda: not terminal.programs(), 5, "top to end")


@pytest.mark.parametrize("variables, said", [({"TERM": "dumb"}, "TERM=dumb"), ({"TERM": "nonsense-9"}, "nonsense-9")])
def test_a_terminal_that_cannot_is_said(agent, variables, said):
    with Terminal(100, 12, **agent.variables) as terminal:
        modes = terminal.modes()
        terminal.type(f"TERM={variables['TERM']} {BINARY} --config {agent.file} top; echo code $?")
        assert said in "\n".join(terminal.wait_for("code 64"))
        assert terminal.modes() == modes
    without = subprocess.run([str(BINARY), "--config", str(agent.file), "top"], capture_output=True, text=True, timeout=20,
                             stdin=subprocess.DEVNULL, env=clean_environment(**agent.variables))
    assert without.returncode == 64 and without.stdout == "" and "roost services --watch" in without.stderr
