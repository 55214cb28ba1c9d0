"""Writes the requests of OTLP among the fixtures as inputs of the fuzz target: the body, then the encoding's byte."""
import base64
import json
import pathlib
import sys

fixtures = pathlib.Path(__file__).parent.parent / "fixtures" / "otlp"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
for file in sorted(fixtures.glob("*.json")):
    document = json.loads(file.read_text())
    (target / f"{file.stem}-protobuf").write_bytes(base64.b64decode(document["protobuf"]) + b"\0")
    (target / f"{file.stem}-older").write_bytes(base64.b64decode(document["protobuf"]) + b"\2")
    (target / f"{file.stem}-json").write_bytes(json.dumps(document["json"], separators=(",", ":")).encode() + b"\1")
    # Small ones are changed more thoroughly.
    for number, resource in enumerate(document["json"]["resourceSpans"]):
        for scope, spans in enumerate(resource["scopeSpans"]):
            body = {"resourceSpans": [{"resource": resource["resource"], "scopeSpans": [spans]}]}
            (target / f"{file.stem}-{number}-{scope}").write_bytes(json.dumps(body, separators=(",", ":")).encode() + b"\5")
