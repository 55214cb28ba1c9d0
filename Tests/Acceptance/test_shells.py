"""What `make install` lays down, and completions and the manual page in real shells, `man` and `mandoc`."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import stat
import struct
import subprocess
import termios
import time
import urllib.request

import msgpack
import pytest

from agent import BINARY, Agent, short_folder
from environments import REPOSITORY
from processes import clean_environment, wait_until

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\].*?\x07|[\r\x07\x08]")
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(roost completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; source <(roost completion zsh)"),
}
# What is typed before the tabulator, and what then stands in the line.
CASES = [
    ("roost reso", "roost resources"),
    ("roost --col", "roost --color"),
    ("roost services --js", "roost services --json"),
    ("roost services --color al", "roost services --color always"),
    ("roost services --color=ne", "roost services --color=never"),
    ("roost --env serve reso", "roost --env serve resources"),
    ("roost help compl", "roost help completion"),
    ("roost completion fi", "roost completion fish"),
    ("roost doctor --log {folder}/app.l", "roost doctor --log {folder}/app.log"),
    ("roost resources --since 5m till-a", "roost resources --since 5m till-and-cart"),
    ("roost run -- unmistak", "roost run -- unmistakable-program"),
    ("roost run --live unmistak", "roost run --live unmistakable-program"),
    ("roost run --conf", "roost run --config"),
]


def need(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, command, environment, folder):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.seen = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.descriptor)
        os.waitpid(self.pid, 0)

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def read(self, seconds):
        if select.select([self.descriptor], [], [], seconds)[0]:
            self.seen = CONTROL.sub("", self.seen + os.read(self.descriptor, 65536).decode(errors="replace"))
        return self.seen

    def expect(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.read(0.2):
            assert time.monotonic() < end, f"no {text!r} in {self.seen!r}"


@pytest.fixture(scope="module")
def surroundings():
    """An agent that knows one service, a folder with roost and another program on the path, and a file to be completed."""
    # A short path: a terminal of 80 columns shows what is typed on one line.
    folder = short_folder()
    (folder / "bin").mkdir()
    (folder / "bin" / "roost").symlink_to(BINARY)
    program = folder / "bin" / "unmistakable-program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (folder / "app.log").write_text("")
    with Agent() as agent:
        variables = clean_environment(
            **agent.variables, PATH=f"{folder / 'bin'}:{os.environ['PATH']}", PS1="$ ", TERM="dumb", INPUTRC="/dev/null",
            HOME=folder)
        send_trace(agent.port, "till-and-cart")
        wait_until(lambda: "till-and-cart" in agent_names(variables), 10, "the trace to be counted")
        yield folder, variables
    shutil.rmtree(folder, ignore_errors=True)


def send_trace(port, service):
    """One trace of one span, as the simplest of clients sends it."""
    span = {"service": service, "name": "web.request", "resource": "GET /", "trace_id": 1, "span_id": 1,
            "start": time.time_ns(), "duration": 1_000_000, "meta": {}, "metrics": {}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v0.4/traces", data=msgpack.packb([[span]]), method="PUT",
        headers={"Content-Type": "application/msgpack", "X-Datadog-Trace-Count": "1"})
    urllib.request.urlopen(request, timeout=5).close()


def agent_names(variables):
    return subprocess.run(["roost", "services", "--names"], env=variables, capture_output=True, text=True).stdout.split()


def test_a_table_is_drawn_in_the_place_of_the_one_before_until_ctrl_c(surroundings):
    folder, variables = surroundings
    for _ in range(8):
        send_trace(variables["DD_APM_RECEIVER_PORT"], f"other-{_}")
    with Terminal(["roost", "services", "--watch", "--sort", "service"], variables, folder) as terminal:
        fcntl.ioctl(terminal.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 6, 60, 0, 0))
        drawn = ""
        while drawn.count("\x1b[H") < 3:
            drawn += os.read(terminal.descriptor, 65536).decode()
        terminal.type("\x03")
    last = drawn.split("\x1b[H")[2].replace("\r", "").split("\n")
    assert drawn.count("\x1b[2J") == 1, "the screen is cleared once; then tables are drawn over each other"
    assert len(last) <= 6 and all(line.rstrip().endswith("\x1b[K") or "\x1b[K" in line for line in last if line), last
    assert re.search(r"… \d+ more lines", last[4]) and last[0].startswith("\x1b[?7lSERVICE")


def test_watch_tells_the_width_that_tables_have_and_gets_no_escape_sequence(surroundings):
    need("watch")
    folder, variables = surroundings
    with Terminal(["watch", "-t", "-n", "60", "roost services --no-header"], {**variables, "TERM": "xterm"}, folder) as terminal:
        fcntl.ioctl(terminal.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
        terminal.expect("till-and-cart")
        os.kill(terminal.pid, signal.SIGTERM)
    assert "\x1b[K\x1b" not in terminal.seen and len(terminal.seen) > 0


@pytest.mark.linux
@pytest.mark.parametrize("words", [["services"], ["resources"], ["info"], ["services", "--names"], ["info", "--json"],
                                   ["services", "--watch"], ["send-test"]])
def test_a_full_disk_is_an_error_of_every_command_that_asks_the_agent(surroundings, words):
    folder, variables = surroundings
    with open("/dev/full", "w") as full:
        done = subprocess.run(["roost", *words], env=variables, stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert done.returncode == 74, done.stderr
    assert done.stderr == "roost: cannot write to standard output: No space left on device\n"


def test_make_help_lists_what_there_is_to_make():
    done = subprocess.run(["make", "-s", "-C", REPOSITORY, "help"], capture_output=True, text=True, env=clean_environment())
    listed = re.findall(r"^make (\S+)  ", done.stdout, re.MULTILINE)
    targets = re.search(r"^\.PHONY: (.*)", (REPOSITORY / "Makefile").read_text(), re.MULTILINE).group(1).split()
    # Parts of these need no line of their own.
    parts = {"all", "uninstall", "lint", "sanitize", "address", "thread", "acceptance", "clients", "fuzz-round", "dependencies",
             "test-dependencies"}
    assert set(listed) == set(targets) - parts and done.returncode == 0


@pytest.mark.parametrize("shell", START)
def test_a_shell_at_a_terminal_completes_what_is_typed(shell, surroundings):
    need(shell)
    folder, variables = surroundings
    command, setup = START[shell]
    with Terminal(command, variables, folder) as terminal:
        terminal.type(f"PS1='$ '; {setup}; echo set'-'up\n")
        terminal.expect("set-up\n")
        for typed, completed in CASES:
            terminal.seen = ""
            terminal.type(typed.format(folder=folder) + "\t")
            terminal.expect(completed.format(folder=folder))
            # Leaves the line, and is not the completion's echo.
            terminal.type("\x15echo li'n'e-left\n")
            terminal.expect("line-left\n")
            assert "roost:" not in terminal.seen, "nothing that went wrong is shown while somebody types"


def test_fish_completes_what_is_typed(surroundings):
    need("fish")
    folder, variables = surroundings
    script = folder / "roost.fish"
    script.write_text(subprocess.run(["roost", "completion", "fish"], env=variables, capture_output=True, text=True,
                                     check=True).stdout)
    for typed, completed in CASES:
        if completed is None:
            continue
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source {script}; complete -C '{typed.format(folder=folder)}'"],
            env=variables, capture_output=True, text=True, timeout=20, check=True)
        offered = [line.split("\t")[0] for line in done.stdout.splitlines()]
        assert completed.format(folder=folder).split()[-1] in offered, (typed, done)
        assert done.stderr == ""


def test_commands_are_offered_where_a_command_stands_and_nowhere_else(surroundings):
    folder, variables = surroundings
    words = lambda line: subprocess.run(
        ["bash", "--norc", "-c", 'eval "$(roost completion bash)"; COMP_WORDS=(' + line
         + '); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _roost; printf "%s\\n" "${COMPREPLY[@]}"; complete -p roost'],
        env=variables, capture_output=True, text=True, check=True).stdout.split("\n")
    commands = subprocess.run(["roost", "--help"], env=variables, capture_output=True, text=True).stdout
    listed = re.findall(r"^  ([a-z-]+)", commands.split("Commands:")[1].split("Options:")[0], re.MULTILINE)
    assert len(listed) > 8
    assert words("roost ''")[:len(listed)] == listed
    assert words("roost --config ''") != words("roost ''"), "a file stands there"
    assert words("roost services ''")[0] == ""
    assert words("roost --env serve services --js")[0] == "--json"
    assert words("roost explain RST001")[0] == "RST001"
    assert words("roost ''")[-2] == "complete -F _roost roost"


def test_the_manual_page_is_without_fault(surroundings, tmp_path):
    folder, variables = surroundings
    page = tmp_path / "roost.1"
    page.write_text(subprocess.run(["roost", "man"], env=variables, capture_output=True, text=True, check=True).stdout)
    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
        assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")
    need("man")
    shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                           env={**variables, "MANWIDTH": "80", "MANPAGER": "cat"})
    assert (shown.returncode, shown.stderr) == (0, "")
    text = re.sub(r".\x08", "", shown.stdout)
    for part in ("SYNOPSIS", "COMMANDS", "OPTIONS", "ENVIRONMENT", "DD_API_KEY", "FILES", "EXIT STATUS",
                 "--all-spans", "roost send-test"):
        assert part in text, part


def test_make_install_lays_down_what_it_says_and_uninstall_removes_it(tmp_path):
    where = [f"DESTDIR={tmp_path / 'a root'}", "PREFIX=/usr", f"BINARY={BINARY}"]
    make = lambda target: subprocess.run(["make", "-s", "-C", REPOSITORY, target, *where], capture_output=True, text=True,
                                         env=clean_environment())
    done = make("install")
    assert done.returncode == 0, done.stderr
    root = tmp_path / "a root"
    files = {str(file.relative_to(root)): stat.S_IMODE(file.stat().st_mode) for file in root.rglob("*") if file.is_file()}
    assert files == {
        "usr/bin/roost": 0o755,
        "usr/share/man/man1/roost.1": 0o644,
        "usr/share/bash-completion/completions/roost": 0o644,
        "usr/share/zsh/site-functions/_roost": 0o644,
        "usr/share/fish/vendor_completions.d/roost.fish": 0o644,
    }
    version = subprocess.run([root / "usr/bin/roost", "version"], capture_output=True, text=True)
    assert version.returncode == 0 and version.stdout.startswith("roost ")
    assert (root / "usr/share/man/man1/roost.1").read_text().startswith('.\\"')
    assert make("uninstall").returncode == 0
    assert not [file for file in root.rglob("*") if file.is_file()]
