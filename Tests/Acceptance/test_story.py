"""The story that roost was made for: an app of 2017 finds nobody to send to, and ten seconds later its owner sees it."""
import json
import re
import shutil
import subprocess
import time

import pytest

from agent import BINARY, short_folder
from conftest import environment_or_skip
from environments import Client
from processes import APPS, Process, clean_environment, get, listens, wait_until

pytestmark = pytest.mark.fixed_ports

APP_PORT = 5000
COMPLAINT = re.compile(r"^.*ddtrace\.\S+ - ERROR - cannot send (?:services|spans).*\[Errno (?:111|61)\] Connection refused.*$",
                       re.MULTILINE)
FIRST_TRACE = re.compile(r"✓ first trace from python 3\.6, ddtrace 0\.10 \(pid \d+, service my-flask-app\) after \d+\.\d s")


@pytest.fixture
def shell():
    """The variables of a user's shell: a runtime folder, and nothing about tracing."""
    folder = short_folder()
    yield {"XDG_RUNTIME_DIR": folder, "PYTHONUNBUFFERED": 1}
    shutil.rmtree(folder, ignore_errors=True)


def roost(shell, *arguments, input=None):
    return subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, input=input, timeout=30,
                          env=clean_environment(**shell))


def visit(app):
    """One request, as soon as the app takes it."""
    wait_until(lambda: listens(APP_PORT) or not app.running, 30, "the app to listen")
    assert app.running, app.text()
    assert get(APP_PORT, "/api/apm") == 200


def test_from_connection_refused_to_the_service_on_the_screen(shell, tmp_path):
    for port in (APP_PORT, 8126):
        assert not listens(port), f"port {port} is taken, and the app of 2017 knows no other"
    python = environment_or_skip(Client("0.10.1", "3.6")) / "bin" / "python"

    with Process([python, APPS / "seed_app.py"], tmp_path / "alone.log", **shell) as app:
        visit(app)
        wait_until(lambda: COMPLAINT.search(app.text()), 30, "the tracer to complain")
        line = COMPLAINT.search(app.text()).group(0)

    told = roost(shell, "doctor", "--log", "-", input=line + "\n")
    assert told.returncode == 1, told.stderr
    assert told.stdout.startswith("✗ RST001  Nothing listens on port 8126\n"), told.stdout
    assert "Connection refused" in told.stdout and "`roost run --` in front of its command" in told.stdout
    explained = roost(shell, "explain", "RST001").stdout
    assert "Linux calls this error 111, macOS 61" in " ".join(explained.split())

    begin = time.monotonic()
    with Process([BINARY, "run", "--", python, APPS / "seed_app.py"], tmp_path / "run.log", **shell) as app:
        visit(app)
        wait_until(lambda: FIRST_TRACE.search(app.text()), 10, "the first trace to be told")
        listed = json.loads(roost(shell, "services", "--json").stdout)["services"]
        seconds = time.monotonic() - begin
        assert [(row["service"], row["hits"]) for row in listed] == [("my-flask-app", 1)]
        assert re.search(r"^my-flask-app +none! ", roost(shell, "services").stdout, re.MULTILINE)
        assert seconds < 10
    assert not listens(8126)
