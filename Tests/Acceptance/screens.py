"""What a program draws on a terminal of its own, with what differs from run to run made the same."""
import os
import pty
import re
import select
import struct
import fcntl
import termios

from environments import REPOSITORY
from processes import clean_environment

GOLDEN = REPOSITORY / "fixtures" / "golden" / "screens"


def drawn(words, columns, variables):
    """The exit status of a program and all that it writes to a terminal of so many columns."""
    child, end = pty.fork()
    if child == 0:
        try:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
            os.execvpe(str(words[0]), [str(word) for word in words], clean_environment(**variables))
        finally:
            os._exit(99)
    text = b""
    try:
        while select.select([end], [], [], 20)[0] and (part := os.read(end, 65536)):
            text += part
    except OSError:
        pass  # The program has closed its terminal.
    os.close(end)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text.decode().replace("\r\n", "\n")


def steady(screen):
    """The screen without colours, and with one sign in place of each id, moment, duration, path and bar."""
    screen = re.sub(r"\x1b\[[0-9;]*m", "", screen)
    for pattern, sign in [
            (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\b", "DATE"), (r"\b\d\d:\d\d:\d\d\.\d{3}\b", "TIME"),
            (r"\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|(?m:\b[0-9a-f]{10}$)", "ID"),
            (r"\b\d+(\.\d+)?(ns|µs|ms|s)\b", "TAKES"), (r'"/[^"]*/', '"/'), (r"127\.0\.0\.1:\d+", "HOST"), (r"line \d+", "line N"),
            (r"[█▒]+", "▇"), (r" {2,}", "  "), (r"  (0)(?=\n|  TAKES  ▇|  ▇)", "  TAKES")]:
        screen = re.sub(pattern, sign, screen)
    return screen


def in_place(lines):
    """Lines of a whole screen with one sign in place of each number that differs from run to run, where it ends."""
    def end(match):
        return "#".rjust(len(match.group()))
    masked = []
    for line in lines:
        line = re.sub(r" *<?\d[\d.]*/s\b| +~?\d[\d.]*(ns|µs|ms|s|m|h)\b| +now\b", end, line)
        line = re.sub(r"\b[0-9a-f]{16}\b", "ID".ljust(16), line)
        masked.append(re.sub(r"  [▁▂▃▄▅▆▇█ ]*[▁▂▃▄▅▆▇█]$", "  ▃▃▃", line).rstrip())
    return "\n".join(masked) + "\n"


def golden(name, text):
    """The screen that was last accepted; `ROOST_ACCEPT=1` accepts what there is now."""
    file = GOLDEN / name
    if os.environ.get("ROOST_ACCEPT") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return file.read_text()
