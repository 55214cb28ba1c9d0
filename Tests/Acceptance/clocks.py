"""The clocks of an agent, which a test puts ahead or back while it runs."""
import struct

from environments import interposer


class Clock:
    """Given to an agent as `**clock.variables`. With `wall_only` it is the time of day alone, as when somebody sets it."""

    def __init__(self, folder, wall_only=False):
        self._file, self.ahead = folder / "clock", 0
        self._file.write_bytes(struct.pack("=q", 0))
        self.variables = {"LD_PRELOAD": interposer("clock_ahead"), "CLOCK_AHEAD_FILE": self._file,
                          **({"CLOCK_AHEAD_WALL_ONLY": 1} if wall_only else {})}

    def set(self, seconds):
        """So many seconds ahead of this machine's clocks; behind them when negative."""
        self.ahead = seconds
        with open(self._file, "r+b") as out:
            out.write(struct.pack("=q", seconds))

    def forward(self, seconds):
        self.set(self.ahead + seconds)
