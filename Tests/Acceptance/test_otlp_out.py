"""Traces as OTLP to receivers of it, which read them with OpenTelemetry's own classes: what spans become, and that each comes
once or is counted, whatever receivers do."""
import contextlib
import json
import os
import signal
import subprocess

import pytest

from agent import API_KEY, Agent, Intake
from conftest import environment_or_skip
from environments import OPENTELEMETRY, Client
from ledger import assert_accounts_balance
from loads import Templates
from otlp_receiver import TAKEN, Receiver
from processes import APPS, clean_environment, wait_until

pytestmark = pytest.mark.linux

REQUESTS = 40


def destinations(*entries):
    return {"DD_LOCAL_DESTINATIONS": json.dumps([entry if isinstance(entry, dict) else {"url": entry} for entry in entries])}


def row_of(agent, receiver):
    """What `roost info` says of a receiver."""
    rows = [row for row in agent.ask("info")["destinations"] if row["endpoint"] == f"{receiver.url}/v1/traces"]
    assert len(rows) == 1 and rows[0]["format"] == "otlp", rows
    return rows[0]


def assert_arrived_once(receiver, spans):
    wait_until(lambda: sum(receiver.ids().values()) >= spans, 20, "the spans to arrive")
    ids = receiver.ids()
    assert len(ids) == spans and set(ids.values()) == {1}


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_spans_of_both_kinds_of_tracers_arrive_as_opentelemetry_names_them(compression, tmp_path):
    datadog, opentelemetry = environment_or_skip(Client("4.16", "3.13")), environment_or_skip(OPENTELEMETRY)
    place = {"compression": compression, "headers": {"X-Scope-OrgID": "team-1", "authorization": "Bearer s3cr3t-t0ken"}}
    with Receiver() as receiver, Agent(**destinations({"url": receiver.url, **place})) as agent:
        for python, job, variables in [
                (datadog, ["shop_job.py"], {"DD_TRACE_AGENT_URL": f"http://127.0.0.1:{agent.port}", "DD_ENV": "test",
                                            "DD_SERVICE": "shop", "DD_VERSION": "1.0"}),
                (opentelemetry, ["otel_job.py", "http", agent.port], {"OTEL_SERVICE_NAME": "job"})]:
            done = subprocess.run([python / "bin" / "python", APPS / job[0], *map(str, job[1:])], capture_output=True,
                                  text=True, timeout=60, env=clean_environment(**variables))
            assert done.returncode == 0, done.stderr
        assert agent.stop() == 0, agent.text()
        spans = receiver.spans()
        for request in receiver.requests:
            headers = {name.lower(): value for name, value in request.headers.items()}
            assert request.path == "/v1/traces" and headers["x-scope-orgid"] == "team-1"
            assert headers["authorization"] == "Bearer s3cr3t-t0ken" and "dd-api-key" not in headers
            assert headers.get("content-encoding", "none") == compression
        assert "s3cr3t" not in agent.text()
    handlers = [span for span in spans if span["name"] == "GET /"]
    assert len(handlers) == 20
    for span in handlers:
        assert span["kind"] == 2 and span["flags"] == 1 and len(bytes.fromhex(span["trace_id"])) == 16
        assert span["attributes"]["operation.name"] == "flask.request" and span["attributes"]["span.type"] == "web"
        assert not [key for key in span["attributes"] if key.startswith("_")], span["attributes"]
        assert {name: span["resource"][name] for name in ("service.name", "deployment.environment.name", "service.version",
                                                          "telemetry.sdk.language", "host.name")} == {
            "service.name": "shop", "deployment.environment.name": "test", "service.version": "1.0",
            "telemetry.sdk.language": "python", "host.name": "acceptance-host"}
    failed = [span for span in spans if span["name"] == "POST /checkout"]
    assert len(failed) == 3
    for span in failed:
        assert span["status"] == [2, "the till is closed"] and span["attributes"]["http.status_code"] == 500
        (_, name, attributes, _), = span["events"]
        assert name == "exception" and attributes["exception.type"] == "builtins.RuntimeError"
        assert "RuntimeError: the till is closed" in attributes["exception.stacktrace"]
    charged = [span for span in spans if span["name"] == "charge"]
    assert {span["resource"]["service.name"] for span in charged} == {"till"}
    queries = [span for span in spans if span["name"] == "SELECT name FROM items WHERE id = ?"]
    assert len(queries) == 31 and {span["kind"] for span in queries} == {3}
    jobs = [span for span in spans if span["name"] == "job.run"]
    assert len(jobs) == 3
    for span in jobs:
        assert span["kind"] == 1 and span["scope"] == ["job", ""] and span["resource"]["service.name"] == "job"
        assert span["resource"]["telemetry.sdk.name"] == "opentelemetry"
        assert set(span["attributes"]) == {"operation.name", "resource.name", "span.type"}


@pytest.mark.parametrize("answers", [
    [(503, {"Retry-After": "1"}, b""), (429, {}, b"busy"), (502, {}, b""), (504, {}, b"")], [(429, {"Retry-After": "1"}, b"")]])
def test_what_a_busy_receiver_put_off_arrives_once(answers, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    with Receiver(answer=lambda number, _: answers[number] if number < len(answers) else TAKEN) as receiver, \
            Agent(**destinations(receiver.url)) as agent:
        templates.send(agent.port, REQUESTS, 4)
        assert_arrived_once(receiver, expected["spans_kept"])
        row = row_of(agent, receiver)
        assert row["retries"] == len(answers) and row["sent"]["spans"] == expected["spans_kept"]
        assert_accounts_balance(agent)
        assert agent.stop() == 0, agent.text()


@pytest.mark.parametrize("status", [400, 401, 500])
def test_what_a_receiver_refuses_is_lost_and_counted_by_its_status(status, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    with Receiver(answer=lambda *_: (status, {}, b"")) as receiver, Agent(**destinations(receiver.url)) as agent:
        templates.send(agent.port, REQUESTS, 4)
        reason = f"otlp_intake_rejected_{status}"
        wait_until(lambda: agent.ask("info")["lost"].get(reason, {}).get("spans") == expected["spans_kept"], 20, "the losses")
        assert row_of(agent, receiver)["lost"]["spans"] == expected["spans_kept"] and not receiver.spans()
        assert_accounts_balance(agent)
        assert f"{receiver.url}/v1/traces refuses traces: HTTP {status}" in agent.command("info")
        assert agent.text().count(f"with HTTP {status}") == 1


def test_a_receiver_that_is_away_takes_nothing_from_the_intake_and_gets_all_later(spool, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    receiver = Receiver()
    with Intake() as intake, Agent(intake=intake.port, DD_LOCAL_SPOOL=spool, **destinations(receiver.url)) as agent:
        templates.send(agent.port, REQUESTS, 4)
        wait_until(lambda: intake.received().spans == expected["spans_kept"], 20, "all at the intake")
        assert_accounts_balance(agent, intakes=2)
        wait_until(
            lambda: row_of(agent, receiver)["queued"]["spans"] == expected["spans_kept"], 20, "all waits for the receiver")
        with receiver:
            assert_arrived_once(receiver, expected["spans_kept"])
            wait_until(lambda: row_of(agent, receiver)["queued"]["spans"] == 0, 20, "the answers")
            assert_accounts_balance(agent, intakes=2)
            assert agent.stop() == 0, agent.text()
        assert set(intake.received().traces.values()) == {1}


def test_an_intake_that_is_away_takes_nothing_from_receivers(spool, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    with Intake() as intake, Receiver() as first, Receiver() as second:
        intake.fault("status=503")
        places = destinations(first.url, {"url": second.url, "compression": "zstd"})
        with Agent(intake=intake.port, DD_LOCAL_SPOOL=spool, **places) as agent:
            templates.send(agent.port, REQUESTS, 4)
            for receiver in (first, second):
                assert_arrived_once(receiver, expected["spans_kept"])
                assert row_of(agent, receiver)["sent"]["traces"] == expected["traces_kept"]
            assert_accounts_balance(agent, intakes=3)
            shown = agent.command("info")
            assert f"{first.url}/v1/traces" in shown and f"{second.url}/v1/traces" in shown
            intake.fault("status=0")
            wait_until(lambda: intake.received().spans == expected["spans_kept"], 30, "all at the intake")
            assert agent.stop() == 0, agent.text()


def test_a_payload_that_is_too_large_goes_out_in_parts(payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    with Receiver(answer=lambda _, length: (413, {}, b"") if length > 10_000 else TAKEN) as receiver, \
            Agent(**destinations(receiver.url)) as agent:
        templates.send(agent.port, REQUESTS, 4)
        assert_arrived_once(receiver, expected["spans_kept"])
        assert any(request.status == 413 for request in receiver.requests)
        row = row_of(agent, receiver)
        assert row["sent"]["traces"] == expected["traces_kept"] and row["lost"] == {"traces": 0, "spans": 0}
        assert_accounts_balance(agent)


def test_spans_that_a_receiver_rejected_are_counted_and_said(payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    # An ExportTraceServiceResponse: partial_success with rejected_spans 7 and an error_message.
    partial = b"\x0a\x0b\x08\x07\x12\x07too old"
    with Receiver(answer=lambda number, _: (200, {}, partial if number == 0 else b"")) as receiver, \
            Agent(**destinations(receiver.url)) as agent:
        templates.send(agent.port, REQUESTS, 4)
        wait_until(lambda: sum(receiver.ids().values()) == expected["spans_kept"], 20, "the spans to arrive")
        wait_until(lambda: row_of(agent, receiver)["queued"]["spans"] == 0, 20, "the answers")
        info = agent.ask("info")
        assert info["lost"]["otlp_partial_success"] == {"payloads": 0, "bytes": 0, "traces": 0, "spans": 7}
        assert info["sent"]["spans"] == expected["spans_kept"] - 7
        assert_accounts_balance(agent)
        assert "but for 7 spans, and says: too old" in agent.text()


@pytest.mark.parametrize("durability", ["normal", "strict"])
def test_a_kill_loses_nothing_that_waits_for_either(durability, spool, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    settings = {"DD_LOCAL_SPOOL": spool, "DD_LOCAL_DURABILITY": durability}
    receiver = Receiver()
    with Intake() as intake:
        places = destinations(receiver.url)
        with Agent(intake=intake.port, **settings, **places) as agent:
            templates.send(agent.port, REQUESTS, 4)
            if durability == "normal":
                wait_until(lambda: intake.received().spans == expected["spans_kept"], 20, "all at the intake")
                wait_until(lambda: agent.ask("info")["spooled"]["spans"] >= expected["spans_kept"], 20, "all to be on disk")
            agent.stop(by=signal.SIGKILL)
        with receiver, Agent(intake=intake.port, **settings, **places) as agent:
            wait_until(lambda: len(receiver.ids()) == expected["spans_kept"], 30, "all at the receiver")
            wait_until(lambda: len(intake.received().traces) == expected["traces_kept"], 30, "all at the intake")
            if durability == "normal":
                assert set(receiver.ids().values()) == {1}
                assert set(intake.received().traces.values()) == {1}
            assert agent.stop() == 0, agent.text()


def test_what_waits_compressed_in_one_way_arrives_once_after_another_is_chosen(spool, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    receiver = Receiver()
    for compression in ("gzip", "zstd"):
        # The receiver is away for the first agent, and there for the second.
        with contextlib.ExitStack() as stack:
            if compression == "zstd":
                stack.enter_context(receiver)
            place = destinations({"url": receiver.url, "compression": compression})
            agent = stack.enter_context(Agent(DD_LOCAL_SPOOL=spool, **place))
            templates.send(agent.port, REQUESTS, 4)
            if compression == "zstd":
                assert_arrived_once(receiver, 2 * expected["spans_kept"])
            assert agent.stop() == 0, agent.text()
    encodings = {request.headers.get("Content-Encoding") for request in receiver.requests}
    assert encodings == {"gzip", "zstd"}


def test_headers_change_with_a_signal_and_are_shown_nowhere(tmp_path, payloads):
    program = tmp_path / "backend"
    program.write_text(f"#!/bin/sh\ncat > /dev/null\ncat {tmp_path}/secrets.json\n")
    program.chmod(0o700)
    (tmp_path / "secrets.json").write_text(json.dumps({"token": {"value": "first-s3cr3t"}}))
    templates = Templates(payloads, "kept")
    with Receiver() as receiver:
        configuration = f"""secret_backend_command: {program}
local:
  destinations:
    - url: {receiver.url}/custom/path
      headers:
        api-key: ENC[token]
"""
        with Agent(configuration=configuration) as agent:
            templates.send(agent.port, 20, 2)
            wait_until(lambda: receiver.requests, 20, "a payload")
            (tmp_path / "secrets.json").write_text(json.dumps({"token": {"value": "second-s3cr3t"}}))
            os.kill(agent.child.pid, signal.SIGHUP)
            wait_until(lambda: "local.destinations is" in agent.text(), 10, "the configuration to be read again")
            before = len(receiver.requests)
            templates.send(agent.port, 20, 2)
            wait_until(lambda: len(receiver.requests) > before, 20, "another payload")
            keys = [{name.lower(): value for name, value in request.headers.items()}["api-key"]
                    for request in receiver.requests]
            assert keys[0] == "first-s3cr3t" and keys[-1] == "second-s3cr3t"
            assert {request.path for request in receiver.requests} == {"/custom/path"}
            shown = agent.command("config", "show") + agent.command("info", "-v") + agent.command("info", "--json")
            assert "s3cr3t" not in shown + agent.text()
            # Another address is another queue and another spool.
            agent.file.write_text(configuration.replace("/custom/path", "/elsewhere"))
            os.kill(agent.child.pid, signal.SIGHUP)
            wait_until(lambda: "hold from the next start on: local.destinations" in agent.text(), 10, "the second reading")


@pytest.mark.parametrize("value, message", [
    ("http://tempo:4318", "it must start with otlp+http:// or otlp+https://"),
    ('[{"url": "otlp+http://tempo:4318", "compresion": "zstd"}]', "did you mean compression?"),
    ('[{"headers": {}}]', "entry 1: has no url"),
    ("otlp+http://user:pa55word@:4318", "it names no host"),
])
def test_an_address_that_is_none_is_refused_at_the_start(value, message):
    with pytest.raises(AssertionError) as failure:
        Agent(DD_LOCAL_DESTINATIONS=value)
    assert message in str(failure.value) and "pa55word" not in str(failure.value)


def test_without_a_key_statistics_go_nowhere_and_that_is_said(payloads):
    templates = Templates(payloads, "kept")
    with Receiver() as receiver, Agent(**destinations(receiver.url)) as agent:
        templates.send(agent.port, 20, 2)
        wait_until(lambda: receiver.requests, 20, "a payload")
        assert f"forwarding  to {receiver.url}/v1/traces" in agent.command("info")
        assert agent.text().count("statistics nowhere") == 1 and API_KEY not in agent.text()
        info = agent.ask("info")
        assert info["sent"]["stats"]["payloads"] == 0 and not info["lost"]
