"""`roost doctor` agrees with what the agent has received: settings that real tracers of several versions obey or not,
servers that fork, and apps that were mended."""
import json
import os
import signal

import pytest

import machines
from clocks import Clock
from conftest import environment_or_skip
from environments import OPENTELEMETRY, SERVERS, Client
from fixes import cure
from processes import APPS, wait_until
from traced import diagnose

pytestmark = pytest.mark.machine

CLIENTS = {"0.38": "3.8", "0.50": "3.9", "1.20": "3.11", "2.21": "3.13", "3.19": "3.13", "4.16": "3.13"}
HERE = "http://127.0.0.1:8126"

# OpenTelemetry's own SDK, which exports one span and stays.
EXPORTER = """
import os, sys
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=1)))
with provider.get_tracer("shop").start_as_current_span("nightly"):
    pass
print("pid", os.getpid(), flush=True)
sys.stdin.read()
"""
# Settings that look as if no trace came, and with which each does: by version of the tracer.
HARMLESS = [
    ("0.38", {"DD_TRACE_ENABLED": "false"}), ("1.20", {"DATADOG_TRACE_ENABLED": "false"}),
    ("2.21", {"DD_APM_TRACING_ENABLED": "false"}), ("4.16", {"DD_APM_TRACING_ENABLED": "false"}),
    ("3.19", {"DD_TRACE_SAMPLE_RATE": "0"}), ("4.16", {"DD_TRACE_SAMPLE_RATE": "0"}),
    ("2.21", {"DD_TRACE_RATE_LIMIT": "0"}), ("4.16", {"OTEL_SDK_DISABLED": "true"}),
    ("1.20", {"OTEL_TRACES_EXPORTER": "none"}), ("3.19", {"OTEL_TRACES_EXPORTER": "otlp"}),
    # roost takes OTLP too.
    ("4.16", {"OTEL_TRACES_EXPORTER": "otlp"}),
]
# The other side: settings that are obeyed, and what is found.
HARMFUL = [
    ("0.50", {"DATADOG_TRACE_ENABLED": "false"}, "RST031"), ("1.20", {"DD_TRACE_ENABLED": "no"}, "RST031"),
    ("4.16", {"DD_TRACE_ENABLED": "false"}, "RST031"), ("2.21", {"OTEL_TRACES_EXPORTER": "none"}, "RST031"),
]
# Addresses with a path too many, and whether the tracer makes sense of them.
PATHS = [("2.21", "/traces", True), ("3.19", "/traces", False), ("4.16", "/v0.4/traces", False)]


def programs(version):
    return environment_or_skip(Client(version, CLIENTS[version])) / "bin"


def name(case):
    return " ".join([case[0], *(f"{key}={value}" for key, value in case[1].items())])


def serve(machine, **variables):
    """The default socket stays closed, so that tracers of all ages send to the port."""
    machine.start(machines.BINARY, "serve", ready="listening on", DD_APM_RECEIVER_SOCKET="", **variables)


def senders(machine):
    """Processes that sent traces, as the machine numbers them inside."""
    document = json.loads(machine.roost("info", "--json").stdout or '{"processes": []}')
    return {row["pid"] for row in document["processes"] if row["traces"]}


def start(machine, version, *words, **variables):
    """A traced app; returns its program, and its number outside and inside of the machine."""
    binaries = programs(version)
    app = machine.start(binaries / "ddtrace-run", binaries / "python", APPS / "traced_job.py", "stay", "flush", *words,
                        ready="pid ", DD_SERVICE="shop", DD_ENV="test", DATADOG_ENV="test", **variables)
    inside = int(app.seen.rpartition("pid ")[2].split()[0])
    return app, inside


@pytest.fixture(scope="module")
def apps():
    """One machine with an agent, and an app for each case; they stay."""
    with machines.Machine() as machine:
        serve(machine)
        started = {}
        for case in [*HARMLESS, *HARMFUL]:
            started[name(case)] = start(machine, case[0], **case[1])[1]
        yield machine, started


@pytest.mark.parametrize("case", HARMLESS, ids=name)
def test_a_setting_that_this_version_does_not_obey_is_no_problem(apps, case):
    machine, started = apps
    pid = started[name(case)]
    wait_until(lambda: pid in senders(machine), 20, "the trace to arrive")
    report = diagnose(machine, "--pid", pid)
    # That a variable is not read is worth a warning.
    severities = {finding["severity"] for finding in report.findings if finding["id"] != "RST029"}
    assert report.problems == [] and severities <= {"note"}, report.text()


@pytest.mark.parametrize("case", HARMFUL, ids=name)
def test_a_setting_that_this_version_obeys_is_the_one_problem(apps, case):
    machine, started = apps
    pid = started[name(case)]
    report = diagnose(machine, "--pid", pid)
    report.says(case[2], *case[1])
    assert report.problems == [case[2]], report.text()
    assert pid not in senders(machine)


def test_an_address_with_a_path_is_a_problem_where_no_trace_arrives(machine):
    serve(machine)
    for version, path, works in PATHS:
        _, pid = start(machine, version, DD_TRACE_AGENT_URL=HERE + path)
        report = diagnose(machine, "--pid", pid)
        report.says("RST028", HERE + path)
        assert report.problems == ([] if works else ["RST028"]), report.text()
        assert (pid in senders(machine)) == works
    assert {finding["id"] for finding in diagnose(machine).findings} == {"RST028"}, "each app is told of its cause once"


def test_a_sampling_rate_of_zero_is_obeyed_by_an_older_release(apps):
    machine, _ = apps
    app, pid = start(machine, "2.21", DD_TRACE_SAMPLE_RATE="0")
    report = diagnose(machine, "--pid", pid)
    report.says("RST043", "DD_TRACE_SAMPLE_RATE=0", "roost shows them")
    assert report.problems == []
    app.kill()


@pytest.mark.parametrize("wrong", [HERE + "/v0.4/traces", "https://127.0.0.1:8126"], ids=["a path", "https"])
def test_what_a_successor_disproves_is_a_note(machine, wrong):
    serve(machine)
    app, _ = start(machine, "4.16", DD_TRACE_AGENT_URL=wrong)
    report = diagnose(machine)
    assert len(report.problems) == 1 and len(report.findings) == 1, report.text()
    app.stdin.close()
    app.wait(20)
    _, pid = start(machine, "4.16", DD_TRACE_AGENT_URL=HERE)
    wait_until(lambda: pid in senders(machine), 20, "the successor's trace")
    wait_until(lambda: diagnose(machine).problems == [], 8, "the doctor to believe it")


@pytest.mark.parametrize("version", ["0.38", "4.16"])
def test_an_app_that_has_been_idle_for_hours_has_no_finding(machine, version):
    """The agent's clocks are put ahead, so that it forgets and closes what it would after that time."""
    clock, kept = Clock(machine.folder), machine.folder / "evidence.json"
    serve(machine, **clock.variables)
    _, pid = start(machine, version)
    wait_until(lambda: pid in senders(machine), 20, "the trace to arrive")
    clock.forward(7200)
    wait_until(lambda: not json.loads(machine.roost("services", "--json").stdout)["services"], 10, "it to be forgotten")
    assert diagnose(machine).findings == []
    report = diagnose(machine, "--pid", pid, "--save-evidence", kept)
    assert report.findings == [], report.text()
    # The app itself is not older than it is, but for this.
    evidence = json.loads(kept.read_text())
    process, = evidence["processes"]
    assert evidence["agent"]["senders"][0]["last_seen_seconds_ago"] > 7000
    process["age_seconds"] += 7200
    aged = machine.folder / "aged.json"
    aged.write_text(json.dumps(evidence))
    done = machine.roost("doctor", "--evidence", aged)
    assert "Good to go: " in done.stdout and done.returncode == 0, done.stdout
    assert f"pid {pid} sent 1 trace of shop, the last 2 h" in done.stdout, done.stdout


def test_a_replica_in_another_container_acquits_nobody(machine):
    """Both have the same number in their containers, and one of them sends."""
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    containers = [machine.container(), machine.container()]
    inside = [start(container, "2.21", DD_TRACE_AGENT_URL=f"http://{container.gateway}:8126",
                    DD_TRACE_ENABLED=enabled)[1] for container, enabled in zip(containers, ["true", "false"])]
    assert inside[0] == inside[1], "the two have different numbers, so that nothing is tried"
    wait_until(lambda: senders(machine) == {inside[0]}, 20, "the trace to arrive")
    sending, mute = (container.number(inside[0]) for container in containers)
    done = machine.roost("doctor", "-v", "--pid", sending)
    assert done.returncode == 0 and f"pid {sending} sent 1 trace of shop" in done.stdout, done.stdout
    report = diagnose(machine, "--pid", mute)
    assert report.problems == ["RST031"], report.text()


def export(machine, protocol):
    """An app that exports over HTTP whatever it is told, and stays; its number."""
    python = environment_or_skip(OPENTELEMETRY) / "bin" / "python"
    app = machine.start(python, "-c", EXPORTER, ready="pid ", OTEL_TRACES_EXPORTER="otlp", OTEL_EXPORTER_OTLP_PROTOCOL=protocol)
    return app.seen.rpartition("pid ")[2].split()[0]


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_an_exporter_of_opentelemetry_reaches_roost_at_the_port_of_its_protocol(machine, protocol):
    serve(machine)
    pid = export(machine, protocol)
    wait_until(lambda: "nightly" in machine.roost("traces").stdout, 20, "the span to arrive")
    assert "RST019" not in [finding["id"] for finding in diagnose(machine, "--pid", pid).findings]


def test_an_exporter_of_opentelemetry_at_a_port_that_is_not_open_is_told_of_one_that_is(machine):
    serve(machine, DD_OTLP_CONFIG_TRACES_ENABLED="false")
    report = diagnose(machine, "--pid", export(machine, "grpc"))
    report.says("RST019", "localhost:4317 as OTLP, where nothing listens", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:8126")
    assert report.problems == ["RST019"], report.text()


def serve_app(machine, version, *words, **variables):
    """A server of `SERVERS` under ddtrace-run; returns its number here."""
    binaries = programs(version)
    packages = environment_or_skip(SERVERS) / "lib" / f"python{CLIENTS[version]}" / "site-packages"
    app = machine.start(binaries / "ddtrace-run", binaries / "python", *words, DD_SERVICE="shop", DD_ENV="test",
                        DD_TRACE_AGENT_URL=HERE, PYTHONPATH=f"{packages}:{APPS}", **variables)
    return app


def call(machine, port):
    wait_until(lambda: machine.listens(port), 30, "the server to listen")
    machine.do("curl", "--silent", "--max-time", "10", f"http://127.0.0.1:{port}/")


def inner_pid(machine, words):
    """The oldest process in there whose command line has these words."""
    return int(machine.do("pgrep", "--oldest", "--full", words).split()[0])


def uwsgi(machine, version, *options):
    script = environment_or_skip(SERVERS) / "bin" / "uwsgi"
    app = serve_app(machine, version, script, "--http-socket", "127.0.0.1:5000", "--module", "served_app", *options)
    call(machine, 5000)
    return app, inner_pid(machine, "bin/uwsgi")


def test_uwsgi_without_threads_sends_all_the_same(machine):
    serve(machine)
    _, pid = uwsgi(machine, "4.16", "--master", "--processes", "2")
    wait_until(lambda: senders(machine), 20, "the trace to arrive")
    report = diagnose(machine, "--pid", pid)
    assert {finding["severity"] for finding in report.findings} <= {"note"}, report.text()


def test_uwsgi_whose_workers_lost_the_tracers_thread(machine):
    serve(machine)
    app, pid = uwsgi(machine, "3.19", "--master", "--processes", "2", "--enable-threads")
    report = diagnose(machine, "--pid", pid)
    report.says("RST033", "ddtrace 3.19", "--lazy-apps", "--import=ddtrace.auto")
    assert report.problems == ["RST033"], report.text()
    os.killpg(app.pid, signal.SIGKILL)
    wait_until(lambda: not machine.listens(5000), 20, "the server to end")
    cure(machine, report, pid, expected="RST033")
    call(machine, 5000)
    wait_until(lambda: senders(machine), 20, "the trace of a worker to arrive")


def test_a_server_whose_workers_send_has_no_finding(machine):
    serve(machine)
    serve_app(machine, "4.16", "-m", "gunicorn", "--workers", "2", "--bind", "127.0.0.1:5000", "served_app:application")
    call(machine, 5000)
    pid = inner_pid(machine, "gunicorn")
    wait_until(lambda: senders(machine), 20, "the trace to arrive")
    assert diagnose(machine, "--pid", pid).findings == []
    assert f"pid {pid} sent 1 trace of shop" in machine.roost("doctor", "--pid", str(pid)).stdout
    assert diagnose(machine).findings == []


def test_a_celery_worker_has_no_finding(machine):
    serve(machine)
    machine.do("mkdir", "/run/jobs")
    serve_app(machine, "4.16", "-m", "celery", "--app", "served_app", "worker", "--concurrency", "2", JOBS_FOLDER="/run/jobs")
    wait_until(lambda: senders(machine), 30, "the task's trace to arrive")
    pid = inner_pid(machine, "celery")
    assert diagnose(machine, "--pid", pid).findings == []
    assert diagnose(machine).findings == []
