"""v1.0 as tracers send it: read as Datadog's own test agent reads it, shown, kept, and sent on with its types."""
import json
import subprocess
import urllib.request

import pytest

from agent import Agent, Intake, decode
from conftest import environment_or_skip
from environments import TEST_AGENT
from processes import wait_until
from v1_payloads import BINARY, TRACE_ID, TRACERS


def post(port, body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1.0/traces", body, method="PUT")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.status, json.load(answer)


@pytest.fixture(scope="module")
def sent():
    """What arrived of one payload of each tracer, by service; and what the agent showed of them."""
    with Intake() as intake, Agent(intake=intake.port, DD_LOCAL_DB=":memory:") as agent:
        with urllib.request.urlopen(f"http://127.0.0.1:{agent.port}/info", timeout=5) as answer:
            assert "/v1.0/traces" in json.load(answer)["endpoints"]
        for body in TRACERS.values():
            status, answer = post(agent.port, body())
            assert status == 200 and list(answer) == ["rate_by_service"]
        wait_until(lambda: len(agent.services()) == 3, 10, "the services")
        shown = agent.services()
        traces = wait_until(lambda: agent.ask("trace", TRACE_ID.hex(), codes=(0, 1)).get("spans"), 10, "the trace")
        assert agent.stop() == 0, agent.text()
        arrived = intake.received()
        assert arrived.spans == 4 and arrived.traces == {int.from_bytes(TRACE_ID[8:], "big"): 3}
        payloads = [payload for raw in arrived.bodies("traces") for payload in decode.idx_payloads(raw)]
    return {payload.chunks[0]["spans"][0]["service"]: payload for payload in payloads}, shown, traces


def test_the_tables_and_the_store_have_what_came(sent):
    _, services, spans = sent
    assert services == {"shop-go": (1, 1), "shop-libdatadog": (1, 0), "shop-java": (1, 0)}
    by_service = {span["service"]: span for span in spans if span["operation"] != "sql.query"}
    assert len(spans) == 4
    meta = by_service["shop-go"]["meta"]
    assert (meta["env"], meta["span.kind"], meta["component"], meta["retried"]) == ("prod", "server", "net/http", "true")
    assert by_service["shop-go"]["metrics"]["count"] == 3 and by_service["shop-go"]["metrics"]["ratio"] == 0.5
    assert by_service["shop-java"]["meta"]["roles"] == '["admin",false]'
    assert by_service["shop-java"]["meta"]["user"] == '{"id":7,"name":"é"}'
    assert by_service["shop-java"]["meta"]["thread.id"] == str(2**53 + 1)


def test_the_intake_gets_it_with_its_types(sent):
    payloads, _, _ = sent
    go = payloads["shop-go"]
    assert go.sender == {"container_id": "c0ffee", "language_name": "go", "language_version": "1.26",
                         "tracer_version": "v2.9.0", "runtime_id": "runtime", "env": "prod", "hostname": "host",
                         "app_version": "1.2"}
    assert go.attributes == {"_dd.tags.process": "a:b"}
    (chunk,) = go.chunks
    assert (chunk["priority"], chunk["origin"], chunk["attributes"]) == (2, "synthetics", {"_dd.apm_mode": "on"})
    assert (chunk["trace_id"], chunk["sampling_mechanism"]) == (TRACE_ID, 4)
    root, query = chunk["spans"]
    assert root["attributes"] == {"http.status_code": "500", "count": 3, "ratio": 0.5, "retried": True,
                                  "_dd.span_links": BINARY, "_top_level": 1.0}
    assert type(root["attributes"]["count"]) is int and type(root["attributes"]["_top_level"]) is float
    assert root["links"] == [{"trace_id": TRACE_ID, "span_id": 9, "attributes": {"link.name": "next"},
                              "tracestate": "dd=s:1", "flags": 1}]
    assert root["events"][0]["attributes"] == {"codes": [1, 2]} and root["events"][0]["name"] == "exception"
    assert (root["env"], root["version"], root["component"], root["kind"], root["error"]) == ("prod", "1.2", "net/http", 2, 1)
    assert (query["kind"], query["parent_id"], query["span_id"]) == (3, root["span_id"], 3)
    assert "error" not in query and "env" not in query
    (chunk,) = payloads["shop-libdatadog"].chunks
    assert chunk["spans"][0]["attributes"]["appsec"] == BINARY and chunk["spans"][0]["kind"] == 1
    (chunk,) = payloads["shop-java"].chunks
    java = chunk["spans"][0]
    assert (java["span_id"], java["attributes"]["thread.id"]) == (2**64 - 2, 2**53 + 1)
    assert java["attributes"]["roles"] == ["admin", False] and java["attributes"]["user"] == {"id": 7, "name": "é"}
    assert java["attributes"]["http.status_code"] == 200


READ = """
import json, sys
from ddapm_test_agent.trace import decode_v1
for line in sys.stdin:
    for trace in decode_v1(bytes.fromhex(line)):
        print(json.dumps([[s["service"], s["name"], s["resource"], s["span_id"] % 2**64, s["trace_id"]] for s in trace]))
"""


def test_datadogs_test_agent_reads_the_same_in_the_payloads(sent):
    payloads, _, _ = sent
    environment = environment_or_skip(TEST_AGENT)
    bodies = "".join(f"{body().hex()}\n" for body in TRACERS.values())
    done = subprocess.run([environment / "bin" / "python", "-c", READ], input=bodies, capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 0, done.stderr
    read = [json.loads(line) for line in done.stdout.splitlines()]
    low = int.from_bytes(TRACE_ID[8:], "big")
    assert read == [[[span["service"], span["name"], span["resource"], span["span_id"], low]
                     for span in payloads[f"shop-{name}"].chunks[0]["spans"]] for name in TRACERS]
