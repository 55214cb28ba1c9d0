"""The README's first five minutes, typed by the letter from a fresh clone: its commands are run and its blocks compared
with what comes out."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass

import pytest

from agent import BINARY, short_folder
from conftest import environment_or_skip
from environments import REPOSITORY, Client, find_python, wheels
from processes import clean_environment, listens, wait_until

pytestmark = pytest.mark.fixed_ports

APP_PORT = 5000
TRACER = Client("4.16", "3.13")
MAKE, VENV, INSTALL = (
    "make run", "python3 -m venv .venv && . .venv/bin/activate", "pip install flask ddtrace")
# What a terminal prints when a line has come to its end, before its exit code.
ENDED = "typed to its end: "
# A build knows its files by their paths and inodes, so that the clone has to be in the repository's place.
MOUNT = 'mount --bind "$1/.build" "$2/.build" && mount --rbind "$2" "$1" && cd "$1" && exec bash -O expand_aliases'


class Clone:
    """What a clone of this tree holds, with this tree's build in it, so that `make` has nothing left to compile.

    Where nothing can be mounted, and for another binary than the release build, no compiler is called at all.
    """

    def __init__(self):
        self.builds = BINARY == REPOSITORY / ".build" / "release" / "roost" and sys.platform == "linux" and os.geteuid() == 0
        # Beside the build: hard links lead nowhere else.
        self.folder = REPOSITORY / ".build" / "clone"
        shutil.rmtree(self.folder, ignore_errors=True)
        self._git("clone", "--quiet", "--no-checkout", REPOSITORY, self.folder)
        files = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        for name in filter(lambda name: (REPOSITORY / name).is_file(), files):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(REPOSITORY / name, self.folder / name)
        self._git("-C", self.folder, "reset", "--quiet")
        (self.folder / ".build").mkdir()
        if not self.builds:
            (self.folder / ".build" / "release").symlink_to(BINARY.resolve().parent)

    @staticmethod
    def _git(*words):
        return subprocess.run(["git", *map(str, words)], check=True, capture_output=True, text=True, cwd=REPOSITORY).stdout

    def shell(self):
        """The words that start a shell in the clone."""
        if not self.builds:
            return ["env", "SWIFT=true", "bash", "-O", "expand_aliases"]
        return ["unshare", "--mount", "--propagation", "private", "bash", "-c", MOUNT, "_", REPOSITORY, self.folder]


class Terminal:
    """A shell into which lines are typed one after the other, each with what the ones before have left."""

    def __init__(self, words, log, folder=None, **variables):
        self.log = pathlib.Path(log)
        self._file = open(self.log, "wb")
        self.child = subprocess.Popen(
            [str(word) for word in words], cwd=folder, env=clean_environment(**variables), stdin=subprocess.PIPE,
            stdout=self._file, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.begun = 0

    def _seen(self):
        return self.log.read_bytes()[self.begun:].decode(errors="replace")

    def text(self):
        """What came out since the last line was typed, up to that line's end."""
        return self._seen().partition(ENDED)[0]

    def begin(self, command, port=None):
        """Types a line that does not end by itself; with `port`, waits until something listens there."""
        self.begun = self.log.stat().st_size
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        if port:
            self.child.stdin.write(f"echo {ENDED}$?\n")
            self.child.stdin.flush()
            wait_until(lambda: listens(port) or ENDED in self._seen(), 300, f"`{command}` to listen")
            assert ENDED not in self._seen(), f"$ {command}\n{self._seen()}"

    def type(self, command):
        """Types a line, and gives the lines that came out of it."""
        self.begin(f"{command}\necho {ENDED}$?")
        wait_until(lambda: ENDED in self._seen() or self.child.poll() is not None, 120, f"`{command}` to end")
        status = self._seen().partition(ENDED)[2].strip()
        assert status == "0", f"$ {command}\n{self._seen()}"
        return self.text().splitlines()

    def interrupt(self):
        """As Ctrl-C does: to all of the foreground."""
        os.killpg(self.child.pid, signal.SIGINT)
        self.child.stdin.close()
        try:
            self.child.wait(20)
        finally:
            self.close()

    def close(self):
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
        self._file.close()


@dataclass
class Typed:
    """A command of the README and the lines below it."""
    command: str
    shown: list


def agrees(seen, shown):
    """Whether lines read as the README shows them; where that leaves some out (`…`), others may stand between."""
    missing = [line for line in shape(shown) if line not in shape(seen)]
    return shape(seen) == shape(shown) or "…" in map(str.strip, shown) and not missing


def section(title):
    text = (REPOSITORY / "README.md").read_text()
    return re.search(rf"^## {re.escape(title)}\n(.*?)^## ", text, re.MULTILINE | re.DOTALL).group(1)


def typed(text):
    """The commands of the indented blocks, in their order, each with what the README shows below it."""
    found = []
    for line in text.splitlines():
        if line.startswith("    $ "):
            found.append(Typed(line[6:], []))
        elif line.startswith("    ") and found:
            found[-1].shown.append(line[4:])
        elif line.strip() and found and found[-1].shown:
            # Text ends a block; what is indented after it belongs to the next command.
            found.append(Typed("", []))
    return [entry for entry in found if entry.command]


def shape(lines):
    """The lines without what differs from run to run: times, rates, sizes, numbers of processes; rows in any order."""
    patterns = [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (r"^roost \S+( \(\w+\))? on \S+, pid \d+, up \S+, memory .*", "roost VERSION on HOST, pid, uptime and memory"),
        (r"^history +in \S+/roost\.db, [\d.]+ [kM]?B$", "history in FILE, BYTES"),
        (r"python \d+\.\d+\.\d+", "python VERSION"),
        (r"\d+ +[\d.]+ [kM]?B\b", "N BYTES"),
        (r"<?[\d.]+/s\b", "RATE"),
        (r"~?[\d.]+(ns|µs|ms|s)\b", "DURATION"),
        (r"\bnow$", "DURATION"),
        (r"\b\d?\d%", "SHARE"),
        (r"\d\d:\d\d:\d\d\.\d{3}", "TIME"),
        (r"\b[0-9a-f]{10}\b", "ID"),
        (r"[█▒]+", ""),
        # How often the tracer has sent telemetry so far.
        # Whether the tracer has sent telemetry and asked for its configuration so far, and how often.
        (r"^(OTHER PRODUCTS|telemetry|remote configuration) .*", ""),
    ]
    # A machine may have no IPv6; the README's has.
    lines = [line.replace(", [::1]:8126", "") for line in lines if "on [::1]:8126" not in line]
    for pattern, mark in patterns:
        lines = [re.sub(pattern, mark, line) for line in lines]
    return sorted(" ".join(line.split()) for line in lines if line.strip() and line != "…")


class Desk:
    """A clone, a runtime folder, and terminals in them; all that it started ends with it."""

    def __init__(self, folder):
        self.folder, self.runtime, self.clone = folder, short_folder(), Clone()
        self.terminals = []

    def terminal(self, name, folder=None):
        """A new terminal in the clone, or in another folder."""
        python = str(pathlib.Path(find_python(TRACER.python)).parent)
        terminal = Terminal(
            self.clone.shell() if folder is None else ["bash", "-O", "expand_aliases"], self.folder / f"{name}.log",
            folder=folder or self.clone.folder, XDG_RUNTIME_DIR=self.runtime, XDG_STATE_HOME=self.runtime,
            PYTHONUNBUFFERED=1,
            PIP_NO_INDEX=1, PIP_FIND_LINKS=wheels(TRACER), PATH=f"{python}:{os.environ['PATH']}")
        self.terminals.append(terminal)
        return terminal

    def close(self):
        for terminal in self.terminals:
            terminal.close()
        shutil.rmtree(self.runtime, ignore_errors=True)
        shutil.rmtree(self.clone.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    environment_or_skip(TRACER)
    desk = Desk(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def app(desk):
    """The README's app in an empty folder, and the environment that the README says to make for it."""
    folder = desk.folder / "shop"
    folder.mkdir()
    text = section("The first five minutes")
    (folder / "app.py").write_text(re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1))
    terminal = desk.terminal("install", folder)
    for step in typed(text):
        if step.command in (VENV, INSTALL):
            terminal.type(step.command)
    terminal.close()
    return folder


@pytest.fixture
def second(desk, app, request):
    """The terminal of the app, as it was left."""
    terminal = desk.terminal(f"app-{request.node.name}", app)
    terminal.type(". .venv/bin/activate")
    return terminal


@pytest.fixture
def third(desk, request):
    """A terminal with the alias."""
    for port in (APP_PORT, 8126):
        assert not listens(port), f"port {port} is taken, and the README uses no other"
    terminal = desk.terminal(f"third-{request.node.name}")
    terminal.type(alias())
    return terminal


def alias():
    """The line that makes `roost` a word."""
    return re.search(r"^    (alias roost=.*)$", section("Two commands"), re.MULTILINE).group(1)


def hits(terminal):
    """What the tables count so far."""
    lines = terminal.type("roost services --no-header 2>/dev/null || true")
    return sum(int(line.split()[3]) for line in lines if line.startswith("shop "))


def from_the_agent(text):
    """The lines of the log behind what building says."""
    lines = text.splitlines()
    start = next((place for place, line in enumerate(lines) if re.match(r"\d{4}-\d\d-\d\dT", line)), len(lines))
    return shape(lines[start:])


def test_the_first_five_minutes_go_as_the_readme_says(desk, second, third):
    steps = typed(section("The first five minutes"))
    commands = [step.command for step in steps]
    assert [command for command in commands if command in (MAKE, VENV, INSTALL)] == [MAKE, VENV, INSTALL]
    first = desk.terminal("first")
    compared = []
    for step in steps:
        if step.command == MAKE:
            first.begin(step.command, 8126)
            wait_until(lambda: len(from_the_agent(first.text())) >= len(shape(step.shown)), 10, "the agent's lines")
            assert from_the_agent(first.text()) == shape(step.shown)
        elif step.command.endswith("flask run"):
            second.begin(step.command, APP_PORT)
        elif step.command not in (VENV, INSTALL):
            if step.command.startswith("roost"):
                # "a tracer sends once a second, so wait that long"
                wait_until(lambda: hits(third) == 5, 10, "the requests to be counted")
                compared.append(step.command)
            seen = third.type(step.command)
            if step.shown:
                assert agrees(seen, step.shown), f"$ {step.command}\n" + "\n".join(seen)
    assert compared == ["roost services", "roost resources shop", "roost traces --errors", "roost trace error shop",
                        "roost info"]
    second.interrupt()
    first.interrupt()
    assert not listens(8126)


def test_all_of_it_at_once_ends_with_what_the_app_did(desk, second, third):
    text = section("The first five minutes")
    command = re.search(r"all of it at once: `(roost run -- [^`]+)`", text).group(1)
    variables = re.search(r"\$ (DD_SERVICE=\S+ DD_ENV=\S+) ", text).group(1)
    second.type(alias().replace("$PWD", str(desk.clone.folder if not desk.clone.builds else REPOSITORY)))
    second.begin(f"export {variables}\n{command}", APP_PORT)
    for step in typed(text):
        if "curl" in step.command:
            third.type(step.command)
    wait_until(lambda: hits(third) == 5, 10, "the requests to be counted")
    second.interrupt()
    seen = second.text()
    assert "✓ first trace from python" in seen, seen
    end = seen[seen.index("SERVICE  ENV"):]
    assert re.search(r"^shop +dev +web +5 .* 1 +20\.0% ", end, re.MULTILINE), seen
    assert re.search(r"^SERVICE +RESOURCE +HITS +RATE +ERR ", end, re.MULTILINE), seen
    rows = re.findall(r"^shop +((?:GET|POST) \S+) +(\d+) +\S+ +(\d+) ", end, re.MULTILINE)
    assert sorted(rows) == [("GET /cart", "3", "0"), ("GET /cart/<item>", "1", "0"), ("POST /checkout", "1", "1")], seen
    assert rows[0][0] == "GET /cart", "the busiest comes first"
    assert re.search(r"^\S+ +shop +POST /checkout +\S+ +\d+ +shop +\d+ +500 ", end, re.MULTILINE), seen
    # The last line says where the traces are from now on.
    file, = (desk.runtime / "roost").glob("run-*.db")
    assert end.splitlines()[-1].endswith(f"roost traces --db {file}, roost trace ID --db {file}"), seen
    assert not listens(8126)
