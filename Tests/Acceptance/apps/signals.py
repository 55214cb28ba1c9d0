"""A program that writes down what it gets: signals, window sizes, input. Ends at SIGTERM and SIGINT."""
import os
import signal
import sys

output = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def note(number, _):
    name = signal.Signals(number).name
    if number == signal.SIGWINCH:
        name += " %dx%d" % os.get_terminal_size(sys.stdin.fileno())
    # Not through a buffer: another signal may come while this one is written.
    os.write(output, (name + "\n").encode())
    if number in (signal.SIGTERM, signal.SIGINT):
        sys.exit(7)


for wanted in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"):
    signal.signal(getattr(signal, wanted), note)
os.write(output, ("ready tty=%s\n" % sys.stdin.isatty()).encode())
while True:
    signal.pause()
