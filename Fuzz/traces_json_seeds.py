"""Writes the captured requests as inputs of the fuzz target: the body of v0.4, or its spans as JSON, then the format's byte."""
import base64
import json
import pathlib
import sys

fixtures = pathlib.Path(__file__).parent.parent / "fixtures" / "captured"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
for file in sorted(fixtures.glob("*-traces-*.expected.json")):
    traces = json.loads(file.read_text())["traces"]
    name = file.name.removesuffix(".expected.json")
    request = json.loads((fixtures / f"{name}.json").read_text())
    if not request["path"].startswith("/v0.5/"):
        (target / name).write_bytes(base64.b64decode(request["body"]) + b"\2")
    if traces is None:
        continue
    (target / f"{name}-v0.4").write_bytes(json.dumps(traces).encode() + b"\0")
    (target / f"{name}-v0.1").write_bytes(json.dumps([span for trace in traces for span in trace]).encode() + b"\1")
