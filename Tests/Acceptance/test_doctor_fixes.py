"""`roost doctor` and what it says to type: each line is typed as it is given, and the finding is gone then."""
import importlib
import inspect
import json
import subprocess

import pytest

import machines
from agent import BINARY, REPOSITORY
from fixes import TYPED, UNTYPED, command, cure
from processes import clean_environment
from traced import diagnose, serve, traced

pytestmark = pytest.mark.machine

URL = "http://127.0.0.1:8126"
# What an app is told, and the diagnosis that says so.
SETTINGS = {
    "RST025": {"DD_TRACE_AGENT_URL": "unix:///run/nowhere/apm.socket"},
    "RST027": {"DD_TRACE_AGENT_URL": URL, "DD_AGENT_HOST": "other"},
    "RST028": {"DD_AGENT_HOST": "http://localhost"},
    "RST030": {"DD_VERSION": ""},
    "RST031": {"DD_TRACE_ENABLED": "false"},
}


@pytest.fixture(scope="module")
def served(tracer):
    """One machine with a healthy roost for all settings: each is of an app of its own."""
    with machines.Machine() as machine:
        serve(machine)
        yield machine


@pytest.mark.parametrize("number", SETTINGS)
def test_a_line_mends_what_a_setting_does(served, tracer, number):
    pid = traced(served, tracer, **SETTINGS[number])
    report = diagnose(served, "--pid", pid)
    cure(served, report, pid, expected=number, settings=SETTINGS[number])


def test_an_exporter_at_a_port_that_is_not_open_is_led_to_one_that_is(tracer):
    settings = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with machines.Machine() as machine:
        serve(machine, DD_OTLP_CONFIG_TRACES_ENABLED="false")
        pid = traced(machine, tracer, **settings)
        cure(machine, diagnose(machine, "--pid", pid), pid, expected="RST019", settings=settings)


def test_an_app_without_a_tracer_is_started_with_one(served, tracer):
    code = "import os; print('pid', os.getpid(), flush=True); input()"
    app = served.start(tracer / "python", "-c", code, ready="pid ", DD_SERVICE="shop", DD_ENV="test")
    pid = served.number(app.seen.split()[-1])
    report = diagnose(served, "--pid", pid)
    cure(served, report, pid, expected="RST032")


def test_an_app_that_limits_its_traces_is_started_with_another_limit(served, tracer):
    """The agent still knows of the limit of the traces before, and says so without a warning."""
    settings = {"DD_TRACE_SAMPLING_RULES": '[{"sample_rate": 1}]', "DD_TRACE_RATE_LIMIT": "0"}
    pid = traced(served, tracer, "flush", **settings)
    report = diagnose(served, "--pid", pid).says("RST044", "_dd.limit_psr was 0.0", "DD_TRACE_RATE_LIMIT=0")
    pid = cure(served, report, pid, settings=settings)
    left = diagnose(served, "--pid", pid).findings
    assert ("RST044", "note") in [(finding["id"], finding["severity"]) for finding in left], left


def fixtures():
    return sorted(path for path in (REPOSITORY / "fixtures" / "doctor").glob("RST???.json"))


@pytest.mark.parametrize("fixture", fixtures(), ids=lambda path: path.stem)
def test_every_diagnosis_with_a_line_to_type_is_in_a_table(fixture):
    done = subprocess.run([BINARY, "doctor", "--json", "--evidence", fixture], capture_output=True, text=True,
                          timeout=30, env=clean_environment())
    for finding in json.loads(done.stdout)["findings"]:
        if any(map(command, finding["fix"])):
            assert finding["id"] in {**TYPED, **UNTYPED}, finding
    if fixture.stem in TYPED:
        module, _, name = TYPED[fixture.stem].partition(".")
        assert "cure(" in inspect.getsource(getattr(importlib.import_module(module), name))
