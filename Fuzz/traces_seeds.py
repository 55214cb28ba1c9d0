"""Writes links, events and traces as inputs of the fuzz target, each with the byte behind it that says what it is."""
import json
import pathlib
import sys

golden = pathlib.Path(__file__).parent.parent / "fixtures" / "golden" / "cli" / "traces"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)

LINKS = [
    {"trace_id": "0000000000001234abcdef0123456789", "span_id": "1122334455667788", "tracestate": "dd=s:2;o:rum", "flags": 1,
     "attributes": {"a.1": "b", "a.0": "c", "n": 3}, "dropped_attributes_count": 2},
    {"trace_id": 5, "trace_id_high": "7", "span_id": "18446744073709551615"}]
EVENTS = [
    {"name": "exception", "time_unix_nano": 1700000000123456789,
     "attributes": {"exception.type": "E", "exception.message": "E: m", "exception.stacktrace": "  at a\n", "n": [1, 2.5, True]}},
    {"name": "e", "time_unix_nano": "12", "attributes": {}, "dropped_attributes_count": 1}]
for name, tag, kind in [("links", LINKS, b"\0"), ("events", EVENTS, b"\1")]:
    text = json.dumps(tag).encode()
    (target / name).write_bytes(text + kind)
    (target / f"{name}-cut").write_bytes(text[:-9] + b"..." + kind)
for file in sorted(golden.glob("*.json")):
    trace = json.loads(file.read_text())
    # Few spans, so that a change of any is likely.
    for first in range(0, min(len(trace.get("spans", [])), 12), 3):
        part = {**trace, "spans": trace["spans"][first:first + 3]}
        (target / f"{file.stem}-{first}").write_bytes(json.dumps(part, separators=(",", ":")).encode() + b"\2")
