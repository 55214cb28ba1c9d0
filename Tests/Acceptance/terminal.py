"""A real terminal for programs that draw on all of it: a pane of tmux, with a shell in it."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import termios

from processes import clean_environment, wait_until


class Terminal:
    """A shell in a pane of so many columns and lines; what is seen there, and what the terminal is set to."""

    def __init__(self, width, height, **variables):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="roost-tmux-", dir="/tmp"))
        # The plain locale of a container: what is drawn is UTF-8 all the same. And a program that crashes ends at once,
        # where Swift would ask a person whether to look into it.
        environment = clean_environment(TERM="xterm-256color", ENV="", LC_ALL="C", SWIFT_BACKTRACE="enable=no", **variables)
        self._environment = environment
        self._tmux("-u", "-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "/bin/sh")
        self.shell = int(self.fact("pane_pid"))
        self._tty = os.open(self.fact("pane_tty"), os.O_RDWR | os.O_NOCTTY)
        try:
            wait_until(lambda: self.text().strip(), 10, "the shell's prompt")
        except AssertionError:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tmux("kill-server")
        os.close(self._tty)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tmux(self, *words):
        done = subprocess.run(["tmux", "-S", self.folder / "socket", *map(str, words)], capture_output=True, text=True,
                              env=self._environment, timeout=20)
        assert done.returncode == 0, f"tmux {words}: {done.stderr}"
        return done.stdout

    def fact(self, name):
        """What tmux calls so: `alternate_on`, `cursor_flag`, `pane_title`, …"""
        return self._tmux("display-message", "-p", "#{" + name + "}").strip()

    def press(self, *keys):
        """Keys as tmux names them (`Enter`, `Down`, `C-c`), or texts."""
        self._tmux("send-keys", *keys)

    def type(self, line):
        """A line for the shell."""
        self._tmux("send-keys", "-l", line)
        self.press("Enter")

    def resize(self, width, height):
        self._tmux("resize-window", "-x", width, "-y", height)

    def lines(self):
        return self._tmux("capture-pane", "-p").splitlines()

    def text(self):
        return "\n".join(self.lines())

    def wait_for(self, text, seconds=10):
        """Waits until a text is seen, and gives the lines of the screen."""
        try:
            wait_until(lambda: text in self.text(), seconds, f"\"{text}\" to be seen")
        except AssertionError as error:
            raise AssertionError(f"{error}; seen is:\n{self.text()}") from None
        return self.lines()

    def modes(self):
        """What the terminal does with what is typed and written."""
        return termios.tcgetattr(self._tty)

    def programs(self):
        """The processes that the shell has started and that still run."""
        children = pathlib.Path(f"/proc/{self.shell}/task/{self.shell}/children").read_text().split()
        return [int(child) for child in children]
