"""The processes of a test: an instrumented app, and the ports and waiting that go with it."""
import contextlib
import http.client
import itertools
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

APPS = pathlib.Path(__file__).resolve().parent / "apps"
# Agents keep traces in files of their own here, not in those of whoever runs the tests.
STATE = tempfile.TemporaryDirectory(prefix="roost-state-")
STATE_NUMBERS = itertools.count()
# The tests run in several workers at once.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = itertools.cycle(range(20000 + 2000 * WORKER, 22000 + 2000 * WORKER))


def free_port():
    """A TCP port of the loopback interface that was free a moment ago, and that no other worker's tests are given.

    Below the ports that systems give to whoever connects, so that it is still free when its agent starts.
    """
    while True:
        port = next(PORTS)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def wait_until(condition, seconds, what):
    """Asks `condition` until it is true; a false answer after `seconds` is a failure that names `what`.

    The one place where tests sleep: between two questions to something that cannot be waited on.
    """
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still waiting for {what}")
        time.sleep(0.05)


def answers(port, path="/"):
    """Whether something speaks HTTP on the port."""
    try:
        get(port, path, timeout=1)
        return True
    except (OSError, http.client.HTTPException):
        return False


def listens(place):
    """Whether something accepts connections on a port, or at the path of a unix socket."""
    family, address = (socket.AF_INET, ("127.0.0.1", place)) if isinstance(place, int) else (socket.AF_UNIX, str(place))
    with socket.socket(family) as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0


def get(port, path, timeout=20):
    """The status of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def clean_environment(**variables):
    """This process's environment without anything that steers a tracer or an agent, plus `variables`."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("DD_", "DATADOG_", "ROOST_", "RICH_", "OTEL_", "PYTHON", "VIRTUAL_ENV"))
            and name not in ("COLUMNS", "LINES")}
    kept["XDG_STATE_HOME"] = f"{STATE.name}/{next(STATE_NUMBERS)}"
    kept.update({name: str(value) for name, value in variables.items()})
    return kept


class Process:
    """A child with its output in a file; stopped by its own id when the `with` ends."""

    def __init__(self, command, output, **variables):
        self.output = pathlib.Path(output)
        self._file = open(self.output, "wb")
        self.child = subprocess.Popen(
            [str(part) for part in command], env=clean_environment(**variables), stdin=subprocess.DEVNULL,
            stdout=self._file, stderr=subprocess.STDOUT, cwd=self.output.parent,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def running(self):
        return self.child.poll() is None

    def text(self):
        return self.output.read_text(errors="replace")

    def stop(self, by=signal.SIGTERM, seconds=10):
        """Ends the child and gives its exit status; one that does not end in time is killed, and that is said."""
        if self.running:
            self.child.send_signal(by)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                self._file.close()
                raise AssertionError(f"{self.child.args[0]} did not end within {seconds} s of signal {by}")
        self._file.close()
        return self.child.returncode


class App(Process):
    """One of the apps in `apps/` under a client's environment, traced to `agent_port`.

    The seed's app runs as it is and its tracer knows only port 8126; the rich one runs under ddtrace-run.
    """

    def __init__(self, environment, name, agent_port, output, **variables):
        self.port = 5000 if name == "seed_app.py" else free_port()
        python = [environment / "bin" / "python", APPS / name]
        command = python if name == "seed_app.py" else [environment / "bin" / "ddtrace-run", *python]
        settings = {
            "DD_TRACE_AGENT_URL": f"http://127.0.0.1:{agent_port}",
            "DD_AGENT_HOST": "127.0.0.1", "DD_TRACE_AGENT_PORT": agent_port,
            "DATADOG_TRACE_AGENT_HOSTNAME": "127.0.0.1", "DATADOG_TRACE_AGENT_PORT": agent_port,
            "DD_SERVICE": "shop", "DD_ENV": "acceptance", "DD_VERSION": "1.0",
            "RICH_PORT": self.port, "RICH_BIG": 50, "REDIS_PORT": 1, "PYTHONUNBUFFERED": 1,
            "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
        }
        if listens(self.port):
            raise AssertionError(f"port {self.port} is taken, so {name} cannot run")
        super().__init__(command, output, **{**settings, **variables})
        try:
            wait_until(lambda: not self.running or listens(self.port), 60, f"{name} to listen")
            if not self.running:
                raise AssertionError(f"{name} ended at once:\n{self.text()}")
        except AssertionError:
            super().__exit__()
            raise

    def get(self, path):
        return get(self.port, path)

    def stop(self, by=signal.SIGINT, seconds=15):
        """SIGINT lets the tracer's exit handlers send what it still holds."""
        return super().stop(by, seconds)
