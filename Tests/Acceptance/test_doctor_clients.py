"""`roost doctor` beside real tracers of 2017 and of today: the first finding is why the traces do not arrive."""
import json
import sys

import pytest

import machines
from conftest import environment_or_skip
from environments import Client
from fixes import cure
from processes import APPS, wait_until
from reports import Report
from traced import diagnose, traced

pytestmark = pytest.mark.machine

OLD, NEW = Client("0.10.1", "3.6"), Client("4.16", "3.13")
BOTH = pytest.mark.parametrize("client", [OLD, NEW], ids=str)
# A program that takes what is sent to the tracers' default socket, and keeps it.
THIEF = """
import os, socket
listener = socket.socket(socket.AF_UNIX)
listener.bind("/run/datadog/apm.socket")
os.chmod("/run/datadog/apm.socket", 0o722)
listener.listen()
print("listening", flush=True)
while True:
    client, _ = listener.accept()
    try:
        client.recv(65536)
        client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
    except OSError:
        pass
    client.close()
"""


def start(machine, client, *words, **variables):
    """2017 named the environment with a variable of its own."""
    return traced(machine, environment_or_skip(client) / "bin", *words, DATADOG_ENV="test", **variables)


def services(machine, **variables):
    document = json.loads(machine.roost("services", "--json", **variables).stdout or '{"services": []}')
    return [row["service"] for row in document["services"]]


def serve(machine, **variables):
    machine.start(machines.BINARY, "serve", ready="listening on 127", **variables)


def serve_without_socket(machine):
    """Tracers find the default socket only where it is."""
    serve(machine, DD_APM_RECEIVER_SOCKET="/run/roost/apm.socket")


@BOTH
def test_refused_nothing_listens(machine, client):
    pid = start(machine, client)
    diagnose(machine, "--pid", pid).says("RST001", "8126", "roost serve")


@BOTH
def test_refused_its_own_error_line_says_as_much(machine, client):
    programs = environment_or_skip(client) / "bin"
    # The old tracer sends from a thread of its own, which may end with the program before its line is written.
    app = machine.start(programs / "ddtrace-run", programs / "python", APPS / "traced_job.py", "flush", "stay", ready="send")
    Report(machine.roost("doctor", "--json", "--log", "-", input=app.seen)).says("RST001", "of the log")


@pytest.mark.parametrize("settings, number, words", [
    ({"DD_TRACE_AGENT_URL": "localhost:8126"}, "RST028", "Unsupported protocol 'localhost' in intake URL"),
    ({"OTEL_TRACES_EXPORTER": "otlp"}, "RST019", "roost takes OTLP at its trace port too"),
    ({"DD_TRACE_API_VERSION": "v0.9"}, None, "sends the newest that it knows; this loses no traces"),
], ids=["its address is none", "it exports OTLP", "it knows no such format"])
def test_a_line_of_todays_tracer_is_understood(machine, settings, number, words):
    programs = environment_or_skip(NEW) / "bin"
    app = machine.start(programs / "ddtrace-run", programs / "python", APPS / "traced_job.py", "flush", **settings)
    lines, _ = app.communicate(timeout=30)
    text = machine.roost("doctor", "--log", "-", input=lines).stdout
    assert words in text and (number is None or f" {number}  " in text), lines + text


@BOTH
def test_nothing_is_wrong_when_its_traces_arrive(machine, client):
    serve(machine)
    pid = start(machine, client)
    wait_until(lambda: services(machine) == ["shop"], 20, "the trace to arrive")
    assert diagnose(machine, "--pid", pid).findings == []


def test_misdirected_to_a_port_where_nothing_is(machine):
    serve(machine)
    pid = start(machine, NEW, DD_TRACE_AGENT_URL="http://localhost:9126")
    diagnose(machine, "--pid", pid).says("RST001", "9126", "DD_TRACE_AGENT_URL=http://127.0.0.1:8126")


def test_misdirected_the_old_tracer_does_not_read_todays_variable(machine):
    serve(machine, DD_APM_RECEIVER_PORT=8127)
    pid = start(machine, OLD, DD_TRACE_AGENT_URL="http://127.0.0.1:8127")
    report = diagnose(machine, "--pid", pid, DD_APM_RECEIVER_PORT=8127)
    report.says("RST029", "DD_TRACE_AGENT_URL", "0.10.1", "DATADOG_TRACE_AGENT_PORT=8127")
    cure(machine, report, pid, settings={"DD_TRACE_AGENT_URL": "http://127.0.0.1:8127"},
         environment={"DD_APM_RECEIVER_PORT": 8127})


@pytest.mark.parametrize("client, name", [(OLD, "DATADOG_TRACE_AGENT_HOSTNAME"), (NEW, "DD_AGENT_HOST")],
                         ids=["0.10.1", "4.16"])
def test_misdirected_to_a_name_that_nobody_has(machine, client, name):
    serve(machine)
    pid = start(machine, client, **{name: "datadog-agent"})
    diagnose(machine, "--pid", pid).says("RST008", "datadog-agent", name)


def test_stolen_by_the_owner_of_the_default_socket(machine):
    machine.start(sys.executable, "-c", THIEF, ready="listening")
    serve(machine)
    pid = start(machine, NEW)
    report = diagnose(machine, "--pid", pid)
    report.says("RST021", "apm.socket", "python", "DD_TRACE_AGENT_URL=http://127.0.0.1:8126")
    cure(machine, report, pid)
    wait_until(lambda: services(machine) == ["shop"], 20, "the trace to arrive")


def test_the_old_tracer_knows_no_socket_so_nothing_is_stolen(machine):
    machine.start(sys.executable, "-c", THIEF, ready="listening")
    serve(machine)
    pid = start(machine, OLD)
    wait_until(lambda: services(machine) == ["shop"], 20, "the trace to arrive")
    assert diagnose(machine, "--pid", pid).findings == []


@pytest.fixture
def proxy(machine):
    """A real proxy that lets nobody through: the address of the agent is none that it may reach."""
    machine.start(sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", "3128", "--num-workers", "1",
                  "--plugins", "proxy.plugin.FilterByUpstreamHostPlugin", "--filtered-upstream-hosts",
                  "127.0.0.1,localhost")
    wait_until(lambda: machine.listens(3128), 20, "the proxy to listen")
    return "http://127.0.0.1:3128"


def test_proxied_its_requests_to_the_agent_go_through_the_proxy(machine, proxy):
    serve_without_socket(machine)
    pid = start(machine, NEW, "flush", HTTP_PROXY=proxy)
    assert services(machine) == []
    report = diagnose(machine, "--pid", pid).says("RST035", "HTTP_PROXY", "NO_PROXY")
    cure(machine, report, pid, settings={"HTTP_PROXY": proxy})
    wait_until(lambda: services(machine) == ["shop"], 20, "the trace to arrive")


@pytest.mark.parametrize("client, variables", [(OLD, {}), (NEW, {"NO_PROXY": "127.0.0.1,localhost"})], ids=["0.10.1", "4.16"])
def test_a_proxy_that_the_tracer_does_not_use_is_no_finding(machine, proxy, client, variables):
    serve_without_socket(machine)
    pid = start(machine, client, HTTP_PROXY=proxy, **variables)
    wait_until(lambda: services(machine) == ["shop"], 20, "the trace to arrive")
    assert diagnose(machine, "--pid", pid).findings == []
