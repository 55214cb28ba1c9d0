"""Virtual environments of the real clients: one for each pair of a Python and a ddtrace; and of other programs.

Each has a file of exact pins in `requirements/`. An environment is built the first time a test asks for it, kept
under the cache folder (`ROOST_ACCEPTANCE_CACHE`, else `.build/acceptance` of the repository) and reused as long as its
pins and its Python stay the same. A Python that the machine lacks raises `PythonMissing`, which a test turns into a
skip that names it; a failing pip is an error.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
CACHE = pathlib.Path(os.environ.get("ROOST_ACCEPTANCE_CACHE") or REPOSITORY / ".build" / "acceptance")

# Below this version `python -m venv` is missing or too old to be trusted: virtualenv (pinned to the last release that
# still knows these Pythons) makes the environment from outside.
FIRST_WITH_USABLE_VENV = (3, 7)


class PythonMissing(Exception):
    """The machine has no Python of this version."""


@dataclass(frozen=True)
class Client:
    """A tracer on a Python. `ddtrace` is major.minor (0.10.1 for the oldest), `python` is major.minor."""
    ddtrace: str
    python: str

    def __str__(self):
        return f"ddtrace-{self.ddtrace}-py{self.python}"

    @property
    def version(self):
        """The tracer's version as a tuple that compares."""
        return tuple(int(part) for part in self.ddtrace.split("."))

    @property
    def requirements(self):
        return HERE / "requirements" / f"{self}.txt"


@dataclass(frozen=True)
class Program:
    """A program that is no client and has pins of its own; `python` is major.minor."""
    name: str
    version: str
    python: str

    def __str__(self):
        return f"{self.name}-{self.version}"

    @property
    def requirements(self):
        return HERE / "requirements" / f"{self}.txt"


TEST_AGENT = Program("ddapm-test-agent", "1.69.1", "3.13")
# OpenTelemetry's exporters over HTTP and over gRPC, and Flask under its instrumentation.
OPENTELEMETRY = Program("opentelemetry", "1.45.1", "3.13")
# uWSGI, gunicorn and celery. They are loaded by the Python of a tracer's environment, from this one's packages.
SERVERS = Program("servers", "1", "3.13")
# The driver of PostgreSQL, loaded in the same way.
DATABASES = Program("databases", "1", "3.13")

# The tracer of the seed's time, then one release of every line since, each on its oldest and newest usable Python.
SEED_CLIENTS = [Client("0.10.1", "3.6"), Client("0.10.1", "2.7")]
RICH_CLIENTS = [
    Client("0.38", "2.7"), Client("0.38", "3.8"),
    Client("0.50", "3.6"), Client("0.50", "3.9"),
    Client("1.20", "2.7"), Client("1.20", "3.11"),
    Client("2.21", "3.7"), Client("2.21", "3.13"),
    Client("3.19", "3.8"), Client("3.19", "3.13"),
    Client("4.16", "3.9"), Client("4.16", "3.13"),
]


def wheels(client):
    """A folder with the packages of a client, for a pip that is to ask nobody."""
    folder = CACHE / "wheels" / str(client)
    stamp = folder / "complete"
    wanted = hashlib.sha256(client.requirements.read_bytes()).hexdigest()
    python = environment(client) / "bin" / "python"
    with one_at_a_time(f"wheels-{client}"):
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            _run([str(python), "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
                  "--wheel-dir", str(folder), "--requirement", str(client.requirements)])
            stamp.write_text(wanted)
    return folder


def interposer(name):
    """A library of this folder, built from its one C file, to be loaded before a program's own (`LD_PRELOAD`)."""
    library = CACHE / f"{name}.so"
    source = HERE / f"{name}.c"
    with one_at_a_time(name):
        # One that is there may be in use by another worker's processes.
        if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
            _run(["cc", "-O2", "-Wall", "-Wextra", "-fno-builtin", "-shared", "-fPIC", "-o", str(library), str(source)])
    return library


def find_python(version):
    """The path of a Python `major.minor`: pyenv's versions first, newest patch first, then the search path."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    installed = sorted(root.glob(f"versions/{version}.*/bin/python"),
                       key=lambda path: [int(n) if n.isdigit() else -1 for n in path.parts[-3].split(".")], reverse=True)
    candidates = [str(path) for path in installed]
    on_path = shutil.which(f"python{version}")
    if on_path:
        candidates.append(on_path)
    for candidate in candidates:
        if _version_of(candidate)[:2] == tuple(map(int, version.split("."))):
            return candidate
    raise PythonMissing(f"Python {version} is not installed (looked in {root}/versions and for python{version})")


def _version_of(python):
    """(major, minor, patch) of an interpreter, () when it does not run (a pyenv shim without its version)."""
    try:
        text = subprocess.run([python, "-c", "import sys; print('%d %d %d' % sys.version_info[:3])"],
                              capture_output=True, text=True, timeout=30).stdout
        return tuple(map(int, text.split()))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()


def environment(client):
    """The folder of a client's or program's environment, built now if it is not there yet."""
    python = find_python(client.python)
    folder = CACHE / str(client)
    stamp = folder / "complete"
    wanted = hashlib.sha256(client.requirements.read_bytes() + python.encode() + repr(_version_of(python)).encode()
                            ).hexdigest()
    with one_at_a_time(client):
        if stamp.exists() and stamp.read_text() == wanted:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if _version_of(python) < FIRST_WITH_USABLE_VENV:
            _run([sys.executable, "-m", "virtualenv", "--quiet", "--python", python, str(folder)])
        else:
            _run([python, "-m", "venv", str(folder)])
        _run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
              "--no-compile", "--requirement", str(client.requirements)])
        stamp.write_text(wanted)
    return folder


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with {done.returncode}:\n{done.stdout}{done.stderr}")


@contextlib.contextmanager
def one_at_a_time(name):
    """While this lasts, no other worker makes the shared thing of this name."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main():
    """Builds every environment, so that a later run needs no network."""
    for client in [*SEED_CLIENTS, *RICH_CLIENTS, TEST_AGENT, OPENTELEMETRY, SERVERS, DATABASES]:
        try:
            print(client, environment(client), flush=True)
        except PythonMissing as missing:
            print(client, "skipped:", missing, flush=True)


if __name__ == "__main__":
    main()
