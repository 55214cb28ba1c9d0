"""OTLP from OpenTelemetry's own SDK and exporters, over HTTP and over gRPC, beside what Datadog's tracer sends."""
import json
import subprocess
import time
import urllib.request

import msgpack
import pytest

from agent import Agent
from conftest import environment_or_skip
from environments import OPENTELEMETRY, Client
from processes import APPS, App, Process, clean_environment, free_port, listens, wait_until
from traced import serve

# The usual ports of OpenTelemetry are open where an agent has 8126.
pytestmark = pytest.mark.fixed_ports

OTLP_PORT = "DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT"
GRPC_PORT = "DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_GRPC_ENDPOINT"


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    port, grpc_port = free_port(), free_port()
    with Agent(DD_LOCAL_DB=tmp_path_factory.mktemp("otlp") / "roost.db",
               **{OTLP_PORT: f"localhost:{port}", GRPC_PORT: f"localhost:{grpc_port}"}) as agent:
        agent.otlp_port, agent.grpc_port = port, grpc_port
        yield agent


def rows(agent, *words):
    return agent.ask("resources", *words, codes=(0, 1))["resources"]


def test_exporters_are_taken_in_every_way_and_answered_in_their_own_classes(agent):
    python = environment_or_skip(OPENTELEMETRY) / "bin" / "python"
    done = subprocess.run([python, APPS / "otlp_job.py", str(agent.otlp_port)], capture_output=True, text=True, timeout=60,
                          env=clean_environment())
    # An exporter that is content says nothing.
    assert done.returncode == 0 and done.stderr == "", done.stderr
    said = json.loads(done.stdout)
    assert said["whole"] == [200, 0, ""]
    assert said["partial"] == [200, 2, "2 spans of traces with impossible ids"]
    assert said["broken"][:2] == [400, 3] and "byte" in said["broken"][2]
    assert said["type"][:2] == [415, 3] and said["metrics"][:2] == [501, 12]
    for way in ("plain", "gzip", "json"):
        found = {row["operation"]: row for row in rows(agent, f"job-{way}", "--all-spans")}
        assert found["http.server.request"]["hits"] == 10 and found["http.server.request"]["resource"] == "GET /"
        assert (found["redis.query"]["hits"], found["redis.query"]["errors"]) == (10, 2)
    clients = [row for row in agent.ask("info")["clients"] if row["endpoint"] == "otlp" and row.get("lang") == "python"]
    assert [row["tracer_version"] for row in clients] == ["otlp-1.45.1"]
    assert agent.text().count("OpenTelemetry metrics (/v1/metrics)") == 1
    assert "job-plain" in agent.command("trace", "error", "job-plain")


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "otlp", "trace"])
def test_exporters_over_grpc_are_taken_plain_and_compressed(agent, address):
    # Its own port, and those that are for other things first.
    place = {"otlp": f"127.0.0.1:{agent.otlp_port}", "trace": f"127.0.0.1:{agent.port}"}.get(address)
    name = f"call-{address.strip('[]').replace(':', '').replace('.', '')}"
    done = job("export", place or f"{address}:{agent.grpc_port}", name)
    assert done.stderr == "", done.stderr
    for way in ("plain", "gzip"):
        found = {row["operation"]: row for row in rows(agent, f"{name}-{way}", "--all-spans")}
        assert found["http.server.request"]["hits"] == 10 and found["http.server.request"]["resource"] == "GET /"
        assert (found["redis.query"]["hits"], found["redis.query"]["errors"]) == (10, 2)


def test_calls_end_with_the_status_that_says_what_to_do(agent):
    said = json.loads(job("statuses", f"127.0.0.1:{agent.grpc_port}").stdout)
    assert said["whole"] == ["OK", 0, ""]
    assert said["partial"] == ["OK", 2, "2 spans of traces with impossible ids"]
    assert said["broken"][0] == "INVALID_ARGUMENT" and "byte" in said["broken"][1]
    assert said["metrics"] == ["UNIMPLEMENTED", "roost takes traces, and no OpenTelemetry metrics"]
    assert said["logs"] == ["UNIMPLEMENTED", "roost takes traces, and no OpenTelemetry logs"]
    assert said["unknown"][0] == "UNIMPLEMENTED"
    assert said["large"] == ["RESOURCE_EXHAUSTED", "the message is larger than roost takes"]
    assert said["deflate"][0] == "UNIMPLEMENTED" and "deflate" in said["deflate"][1]
    assert agent.text().count("(/opentelemetry.proto.collector.logs.v1.LogsService/Export)") == 1


def test_many_calls_at_once_lose_nothing(agent):
    before = agent.ask("info")
    done = json.loads(job("load", f"127.0.0.1:{agent.grpc_port}").stdout)
    after = agent.ask("info")
    assert done == {"calls": 2400, "failed": 0, "spans": 48_000}
    assert after["received"]["spans"] - before["received"]["spans"] == done["spans"]
    assert after["refused"] == before["refused"] and after["connections"]["malformed"] == before["connections"]["malformed"]


def test_an_exporter_outlives_a_restart_of_the_agent(tmp_path):
    """Its connection ends with GOAWAY, and what it could not send comes with the next agent."""
    variables = {GRPC_PORT: f"localhost:{free_port()}"}
    python = environment_or_skip(OPENTELEMETRY) / "bin" / "python"
    with Agent(**variables) as agent:
        place = variables[GRPC_PORT].replace("localhost", "127.0.0.1")
        with subprocess.Popen([python, APPS / "otlp_calls.py", "two", place], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=clean_environment()) as app:
            assert app.stdout.readline() == "sent\n"
            assert agent.ask("info")["received"]["spans"] == 1
            agent.stop()
            with Agent(port=agent.port, **variables) as next_agent:
                _, said = app.communicate("go on\n", timeout=30)
                assert app.returncode == 0 and "Failed to export" not in said, said
                assert next_agent.ask("info")["received"]["spans"] == 1


def job(*words):
    """Calls of OpenTelemetry's classes over grpcio."""
    python = environment_or_skip(OPENTELEMETRY) / "bin" / "python"
    done = subprocess.run([python, APPS / "otlp_calls.py", *words], capture_output=True, text=True, timeout=120,
                          env=clean_environment())
    assert done.returncode == 0, done.stderr
    return done


def test_the_same_spans_come_to_the_same_statistics_as_of_a_datadog_tracer(agent):
    """A service's spans as OTLP, and the same as v0.4, but for the service's name."""
    start, spans = 1_000_000_000 * (int(time.time()) - 20), []
    for number in range(200):
        trace = number // 4
        spans.append({"trace": trace + 1, "id": number + 1, "parent": 0 if number % 4 == 0 else trace * 4 + 1,
                      "start": start + number * 1000, "duration": 1_000_000 * (1 + number * 37 % 211),
                      "error": number % 9 == 0, "status": 500 if number % 9 == 0 else 200,
                      "path": f"/{number % 3}", "kind": "server" if number % 4 == 0 else "client"})
    otlp = [{"traceId": f"{span['trace']:032x}", "spanId": f"{span['id']:016x}", "name": "own",
             "parentSpanId": f"{span['parent']:016x}" if span["parent"] else "", "kind": 2 if span["kind"] == "server" else 3,
             "startTimeUnixNano": str(span["start"]), "endTimeUnixNano": str(span["start"] + span["duration"]),
             "status": {"code": 2} if span["error"] else {},
             "attributes": [{"key": "resource.name", "value": {"stringValue": span["path"]}},
                            {"key": "operation.name", "value": {"stringValue": "ask"}},
                            {"key": "span.type", "value": {"stringValue": "web"}},
                            {"key": "http.status_code", "value": {"intValue": span["status"]}}]} for span in spans]
    body = {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "same-otlp"}}]},
                               "scopeSpans": [{"spans": otlp}]}]}
    send(agent, "/v1/traces", json.dumps(body).encode(), "application/json")
    traces = {}
    for span in spans:
        traces.setdefault(span["trace"], []).append({
            "service": "same-v04", "name": "ask", "resource": span["path"], "type": "web", "trace_id": span["trace"],
            "span_id": span["id"], "parent_id": span["parent"], "start": span["start"], "duration": span["duration"],
            "error": int(span["error"]), "meta": {"span.kind": span["kind"]}, "metrics": {"http.status_code": span["status"]}})
    send(agent, "/v0.4/traces", msgpack.packb(list(traces.values())), "application/msgpack")

    def of(service):
        return [{key: value for key, value in row.items() if key not in ("service", "rate_per_s")} for row in
                rows(agent, service, "--all-spans")]
    assert len(of("same-otlp")) == 6 and of("same-otlp") == of("same-v04")


def send(agent, path, body, kind):
    request = urllib.request.Request(f"http://127.0.0.1:{agent.port}{path}", body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_a_request_through_both_kinds_of_tracer_is_one_trace(agent, tmp_path):
    """A shop under ddtrace asks one under OpenTelemetry, which gets the trace by W3C's headers."""
    datadog, opentelemetry = environment_or_skip(Client("4.16", "3.13")), environment_or_skip(OPENTELEMETRY)
    port = free_port()
    till = [opentelemetry / "bin" / "opentelemetry-instrument", opentelemetry / "bin" / "python", APPS / "till_app.py"]
    settings = {"OTEL_SERVICE_NAME": "till-otel", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "RICH_PORT": port,
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://localhost:{agent.otlp_port}", "OTEL_METRICS_EXPORTER": "none",
                "OTEL_LOGS_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": 100}
    with Process(till, tmp_path / "till.log", **settings) as other:
        wait_until(lambda: not other.running or listens(port), 60, "the app under OpenTelemetry to listen")
        assert other.running, other.text()
        shop = App(datadog, "till_app.py", agent.port, tmp_path / "shop.log", DD_SERVICE="shop-dd")
        try:
            shop.get(f"/cart?shop={port}")
        finally:
            shop.stop()
        row = wait_until(lambda: next((row for row in agent.ask("traces", "service:till-otel service:shop-dd", codes=(0, 1))[
            "traces"]), None), 20, "both parts of the trace to be stored")
    trace = agent.ask("trace", row["trace_id"])
    spans = {span["span_id"]: span for span in trace["spans"]}
    handler, = [span for span in trace["spans"] if span["service"] == "till-otel"]
    assert (handler["operation"], handler["resource"]) == ("http.server.request", "GET /stock")
    assert spans[handler["parent_id"]]["operation"] == "requests.request"
    assert (row["root_service"], len(row["trace_id"])) == ("shop-dd", 32)
    assert "Failed to export" not in other.text(), other.text()


@pytest.mark.machine
@pytest.mark.parametrize("port", [4317, 4318])
def test_a_port_that_a_collector_has_is_left_to_it(machine, port):
    collector = f"import signal, socket; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True); signal.pause()"
    machine.start("python3", "-c", collector, ready="up")
    serve(machine)
    listening = json.loads(machine.roost("info", "--json").stdout)["listeners"]
    assert "127.0.0.1:8126" in listening and f"127.0.0.1:{port}" not in listening, listening
    assert f"127.0.0.1:{8635 - port}" in listening, listening
