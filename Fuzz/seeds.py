"""Writes the captured requests as inputs of the fuzz target: the body, then a byte that says its format."""
import base64
import json
import pathlib
import sys

fixtures = pathlib.Path(__file__).parent.parent / "fixtures" / "captured"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)


def text(value: str) -> bytes:
    return bytes([0xA0 | len(value)]) + value.encode()


V07_HEAD = (
    b"\x8a" + b"".join(text(key) + text("v") for key in [
        "container_id", "language_name", "language_version", "tracer_version", "runtime_id", "env", "hostname", "app_version"])
    + text("tags") + b"\x82" + text("_dd.tags.process") + text("a:b") + text("k") + text("v")
    + text("chunks") + b"\x91\x85" + text("priority") + b"\x02" + text("origin") + text("rum")
    + text("dropped_trace") + b"\xc2" + text("tags") + b"\x82" + text("_dd.p.dm") + text("-4")
    + text("_dd.p.tid") + text("6655443300000001") + text("spans"))
for file in sorted(fixtures.glob("*-traces-*.json")):
    if file.name.endswith(".expected.json"):
        continue
    request = json.loads(file.read_text())
    body = base64.b64decode(request["body"])
    isV05 = request["path"].startswith("/v0.5/")
    (target / file.stem).write_bytes(body + (b"\1" if isV05 else b"\0"))
    if not isV05 and body[:1] == b"\x91":
        # The one trace as the one chunk of a payload of v0.7.
        chunk = V07_HEAD + body[1:]
        (target / f"{file.stem}-as-v0.7").write_bytes(chunk + b"\2")
