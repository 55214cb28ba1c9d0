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


def attribute(key: bytes, kind: int, value: bytes) -> bytes:
    return key + bytes([kind]) + value


# One chunk of v1.0 with all of its fields, up to its spans, behind a sender; texts 1 to 12.
V10_HEAD = (
    b"\x8a" + b"".join(bytes([key]) + text(value) for key, value in [
        (2, "c0ffee"), (3, "go"), (4, "1.26"), (5, "2.9.0"), (6, "r"), (7, "prod"), (8, "host"), (9, "1.2")])
    + b"\x0a\x96" + attribute(text("_dd.tags.process"), 1, text("a:b")) + attribute(text("n"), 4, b"\x07")
    + b"\x0b\x91\x87\x01\x02\x02" + text("rum") + b"\x03\x93" + attribute(b"\x0b", 2, b"\xc3") + b"\x05\xc2"
    + b"\x06\xc4\x10" + bytes(range(16)) + b"\x07\x04\x04")
ALL_TYPES = (
    attribute(text("t"), 1, b"\x01") + attribute(text("b"), 2, b"\xc3") + attribute(text("d"), 3, b"\xcb\x3f\xe0" + bytes(6))
    + attribute(text("i"), 4, b"\xd3\x80" + bytes(6) + b"\x01") + attribute(text("y"), 5, b"\xc4\x02\x00\xff")
    + attribute(text("a"), 6, b"\x96\x01\x02\x02\xc2\x07\x93" + attribute(text("k"), 4, b"\x05"))
    + attribute(text("l"), 7, b"\x93" + attribute(b"\x01", 6, b"\x92\x04\x09")) + attribute(b"\x0d", 3, b"\x02"))
V10_SPANS = [
    b"\x83\x01" + text("web") + b"\x04\xcf" + bytes(7) + b"\x05\x06\xcf\x17" + bytes(7),
    b"\xde\x00\x10\x01" + text("web") + b"\x02" + text("op") + b"\x03" + text("GET /") + b"\x04\x05\x05\x06\x06\x07\x07\x08"
    + b"\x08\xc3\x09\xdc\x00\x18" + ALL_TYPES + b"\x0a" + text("web ") + b"\x0b\x91\x85\x01\xc4\x10" + bytes(16)
    + b"\x02\x09\x03\x96" + attribute(b"\x01", 1, b"\x02") + attribute(b"\x02", 2, b"\xc3") + b"\x04" + text("dd=s:1")
    + b"\x05\x01\x0c\x91\x83\x01\x09\x02" + text("exception") + b"\x03\x96" + attribute(b"\x03", 6, b"\x92\x01\x04")
    + attribute(b"\x04", 5, b"\xc4\x00") + b"\x0d\x06\x0e\x08" + b"\x0f\x02\x10\x02",
    b"\x82\x09\x96" + attribute(text("env"), 1, b"\x01") + attribute(b"\x0d", 4, b"\x01") + b"\x7f\x92" + text("u") + b"\x81"
    + text("v") + b"\x0e",
]
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
for number, span in enumerate(V10_SPANS):
    (target / f"made-v1.0-{number}").write_bytes(V10_HEAD + b"\x91" + span + b"\3")
(target / "made-v1.0-all").write_bytes(V10_HEAD + b"\x93" + b"".join(V10_SPANS) + b"\3")
