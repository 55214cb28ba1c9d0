"""What `make install` lays down, and completions and the manual page in real shells, `man` and `mandoc`."""
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import time

import pytest

from agent import BINARY, Agent
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
    ("roost resources --since 5m roost-t", "roost resources --since 5m roost-test"),
    ("roost run -- unmistak", "roost run -- unmistakable-program"),
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
def surroundings(tmp_path_factory):
    """An agent that knows one service, a folder with roost and another program on the path, and a file to be completed."""
    folder = tmp_path_factory.mktemp("shells")
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
        subprocess.run([str(BINARY), "send-test"], env=variables, check=True, stdout=subprocess.DEVNULL)
        wait_until(lambda: "roost-test" in agent_names(variables), 10, "the test trace to be counted")
        yield folder, variables


def agent_names(variables):
    return subprocess.run(["roost", "services", "--names"], env=variables, capture_output=True, text=True).stdout.split()


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
