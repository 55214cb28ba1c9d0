"""A program that writes down what it gets: signals, window sizes, input. Ends at SIGTERM and SIGINT."""
import os
import signal
import sys

output = open(sys.argv[1], "a", buffering=1)


def note(number, _):
    name = signal.Signals(number).name
    if number == signal.SIGWINCH:
        name += " %dx%d" % os.get_terminal_size(sys.stdin.fileno())
    output.write(name + "\n")
    if number in (signal.SIGTERM, signal.SIGINT):
        sys.exit(7)


for wanted in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"):
    signal.signal(getattr(signal, wanted), note)
output.write("ready tty=%s\n" % sys.stdin.isatty())
while True:
    signal.pause()
