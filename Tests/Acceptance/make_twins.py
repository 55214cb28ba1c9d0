"""Makes `fixtures/twins`: payloads of v1.0, each with the v0.4 payload that Datadog's test agent makes of it.

Run by the Python of the test agent's environment (`environments.TEST_AGENT`); times stand still, so that a payload changes
only with what makes it.
"""
import base64
import json
import pathlib
from importlib.metadata import version

import msgpack
from ddapm_test_agent.trace import decode_v1

import v1_payloads

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "fixtures" / "twins"


def twin(body):
    traces = decode_v1(body)
    for span in (span for trace in traces for span in trace):
        # Decoded for people there; on the wire a value is bytes.
        span["meta_struct"] = {key: msgpack.packb(value) for key, value in span.get("meta_struct", {}).items()}
    return msgpack.packb(traces)


def main():
    v1_payloads.now = lambda: 1_790_000_000_000_000_000
    for name, make in v1_payloads.TRACERS.items():
        body = make()
        document = {"provenance": {"body": f"Tests/Acceptance/v1_payloads.py, {name}",
                                   "twin": f"ddapm-test-agent {version('ddapm-test-agent')}, decode_v1"},
                    "body": base64.b64encode(body).decode(), "twin": base64.b64encode(twin(body)).decode()}
        (FOLDER / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
