"""The README's first five minutes, typed by the letter: its commands are run and its blocks compared with what comes out."""
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass

import pytest

from agent import BINARY, short_folder
from environments import REPOSITORY
from processes import Process, clean_environment, listens, wait_until

APP_PORT = 5000
# What is done once for all tests: the binary is built, and the environment with Flask and ddtrace is there.
MAPPED = {
    "make run": "roost serve",
    "python3 -m venv .venv && . .venv/bin/activate": "command -v python3",
    "pip install flask ddtrace": "python3 -c 'import flask, ddtrace'",
}


@dataclass
class Typed:
    """A command of the README and the lines below it."""
    command: str
    shown: list


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
        (r"python \d+\.\d+\.\d+", "python VERSION"),
        (r"\d+ +[\d.]+ [kM]?B\b", "N BYTES"),
        (r"<?[\d.]+/s\b", "RATE"),
        (r"~?[\d.]+(ns|µs|ms|s)\b", "DURATION"),
        (r"\bnow$", "DURATION"),
        (r"\b\d?\d%", "SHARE"),
        # How often the tracer has sent telemetry so far.
        (r"(not_found.*?)\d+(?=$| +DURATION$)", r"\1N"),
    ]
    # A machine may have no IPv6; the README's has.
    lines = [line.replace(", [::1]:8126", "") for line in lines if "on [::1]:8126" not in line]
    for pattern, mark in patterns:
        lines = [re.sub(pattern, mark, line) for line in lines]
    return sorted(" ".join(line.split()) for line in lines if line.strip() and line != "…")


@pytest.fixture
def place(tracer, tmp_path):
    """A folder with the README's app in it, and a shell's variables with roost and the app's environment on the path."""
    for port in (APP_PORT, 8126):
        assert not listens(port), f"port {port} is taken, and the README uses no other"
    folder = short_folder()
    (folder / "bin").mkdir()
    (folder / "bin" / "roost").symlink_to(BINARY)
    app = re.search(r"```python\n(.*?)```", section("The first five minutes"), re.DOTALL).group(1)
    (tmp_path / "app.py").write_text(app)
    yield {"XDG_RUNTIME_DIR": folder, "PYTHONUNBUFFERED": 1,
           "PATH": f"{folder / 'bin'}:{tracer}:{os.environ['PATH']}"}
    shutil.rmtree(folder, ignore_errors=True)


def shell(place, tmp_path, command):
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, cwd=tmp_path,
                          env=clean_environment(**place))
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout.splitlines()


def background(place, tmp_path, command, port, name):
    process = Process(["bash", "-c", "exec " + command if "=" not in command else command], tmp_path / f"{name}.log", **place)
    try:
        wait_until(lambda: listens(port) or not process.running, 30, f"`{command}` to listen")
        assert process.running, process.text()
    except AssertionError:
        process.stop()
        raise
    return process


def hits(place, tmp_path):
    """What the tables count so far."""
    lines = shell(place, tmp_path, "roost services --no-header 2>/dev/null || true")
    return sum(int(line.split()[3]) for line in lines if line.startswith("shop "))


def test_the_first_five_minutes_go_as_the_readme_says(place, tmp_path):
    steps = typed(section("The first five minutes"))
    assert [step.command for step in steps if step.command in MAPPED] == list(MAPPED)
    compared = []
    running = {}
    try:
        for step in steps:
            command = MAPPED.get(step.command, step.command)
            if command == "roost serve":
                agent = running["agent"] = background(place, tmp_path, command, 8126, "agent")
                wait_until(lambda: len(shape(agent.text().splitlines())) >= len(shape(step.shown)), 10, "the agent's lines")
                assert shape(agent.text().splitlines()) == shape(step.shown)
            elif command.endswith("flask run"):
                running["app"] = background(place, tmp_path, command, APP_PORT, "app")
            else:
                if command.startswith("roost"):
                    # "a tracer sends once a second, so wait that long"
                    wait_until(lambda: hits(place, tmp_path) == 5, 10, "the requests to be counted")
                    compared.append(command)
                seen = shell(place, tmp_path, command)
                if step.shown:
                    assert shape(seen) == shape(step.shown), f"$ {command}\n" + "\n".join(seen)
        assert compared == ["roost services", "roost resources shop", "roost info"]
    finally:
        for name in ("app", "agent"):
            if name in running:
                running[name].stop(signal.SIGINT)


def test_all_of_it_at_once_ends_with_what_the_app_did(place, tmp_path):
    text = section("The first five minutes")
    command = re.search(r"all of it at once: `(roost run -- [^`]+)`", text).group(1)
    variables = re.search(r"\$ (DD_SERVICE=\S+ DD_ENV=\S+) ", text).group(1)
    process = background(place, tmp_path, f"{variables} {command}", APP_PORT, "run")
    try:
        for step in typed(text):
            if "curl" in step.command:
                shell(place, tmp_path, step.command)
        wait_until(lambda: hits(place, tmp_path) == 5, 10, "the requests to be counted")
    finally:
        # As Ctrl-C at a terminal does: to all of the foreground.
        app = subprocess.run(["pgrep", "-P", str(process.child.pid)], capture_output=True, text=True).stdout.split()
        for pid in app:
            if "serve" not in subprocess.run(["ps", "-o", "args=", pid], capture_output=True, text=True).stdout:
                os.kill(int(pid), signal.SIGINT)
        wait_until(lambda: not process.running, 20, "the run to end")
        process.stop()
    seen = process.text()
    assert "✓ first trace from python" in seen, seen
    end = seen[seen.index("SERVICE  ENV"):]
    assert re.search(r"^shop +dev +web +5 .* 1 +20\.0% ", end, re.MULTILINE), seen
    assert re.search(r"^SERVICE +RESOURCE +HITS +RATE +ERR ", end, re.MULTILINE), seen
    rows = re.findall(r"^shop +((?:GET|POST) \S+) +(\d+) +\S+ +(\d+) ", end, re.MULTILINE)
    assert sorted(rows) == [("GET /cart", "3", "0"), ("GET /cart/<item>", "1", "0"), ("POST /checkout", "1", "1")], seen
    assert rows[0][0] == "GET /cart", "the busiest comes first"
    # The last line says how such tables are kept.
    assert end.splitlines()[-1].endswith("start an agent before the run, in another shell: roost serve"), seen
    assert not listens(8126)
