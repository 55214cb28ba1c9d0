"""Writes captured requests as inputs of the fuzz target: a byte that says the format and what is made sure of, then spans as
JSON or the body of v0.4; whole, and cut to single spans."""
import json
import sys

from cut_traces import CAPTURED, captured, small_spans_v04
from seedfolder import SeedFolder, Unseen, words_of

V04_READ, V04_JSON, V01_READ, V01_GROUPS, TWIN = 0, 3, 4, 6, 7
seeds = SeedFolder(sys.argv[1])
unseen = Unseen()


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def cut(span):
    for name in ("meta", "metrics", "meta_struct"):
        if span.get(name):
            span = {**span, name: dict(unseen.pick(name, list(span[name].items())))}
    for name in ("span_links", "span_events"):
        if span.get(name):
            span = {**span, name: unseen.pick(name, span[name], compact)[:1]}
    unseen.pick("fields", [(tuple(span),)])
    return span


for name, path, body in captured():
    traces = json.loads((CAPTURED / f"{name}.expected.json").read_text())["traces"] or []
    seeds.add(f"{name}-whole", compact(traces), [V04_JSON])
    for number, span in enumerate(span for trace in traces for span in trace):
        for part, small in enumerate(unseen.rounds(lambda: cut(span))):
            seeds.add(f"{name}-{number}-{part}", compact([[small]]), [V04_READ, V04_JSON])
            seeds.add(f"{name}-{number}-{part}-v0.1", compact([small]), [V01_READ, V01_GROUPS])
FEW = [{"trace_id": trace, "span_id": span, "service": "a", "start": "7", "meta": {"k": "\u00e4\\"}} for trace, span in ((1, 2), (3, 4), (1, 5))]
seeds.add("few", compact(FEW), [V01_READ, V01_GROUPS])
seeds.add("few-traces", compact([FEW[:1], FEW[1:]]), [V04_READ, V04_JSON])
EVENT = {"time_unix_nano": "12", "name": "e", "attributes": {
    "a": {"type": 0, "string_value": "x"}, "b": {"type": 1, "bool_value": True}, "i": {"type": 2, "int_value": "-5"},
    "d": {"type": 3, "double_value": 0.5}, "l": {"type": 4, "array_value": {"values": [{"type": 2, "int_value": 1}]}}}}
LINK = {"trace_id": "7", "trace_id_high": 1, "span_id": 2, "attributes": {"k": "v"}, "tracestate": "a=b", "flags": 1}
for part, attributes in enumerate([EVENT["attributes"], *({key: value} for key, value in EVENT["attributes"].items())]):
    span = {"span_events": [{**EVENT, "attributes": attributes}, None], "span_links": [LINK], "meta_struct": {"m": "gAE="}}
    seeds.add(f"events-{part}", compact([[span]]), [V04_READ, V04_JSON])
    seeds.add(f"events-{part}-v0.1", compact([span]), [V01_READ, V01_GROUPS])
words = words_of(
    "Decoding/SpanField.swift", "Decoding/TracesV04+LinksAndEvents.swift", "Decoding/TracesJSON+LinksAndEvents.swift",
    "TraceModel/KnownKey.swift")
seeds.add_words([b'"' + word + b'"' for word in words] + [b"\\u00e4", b"\\ud83d\\ude00", b"null", b"1e5", b"18446744073709551615"])
for name, span in small_spans_v04():
    seeds.add(f"{name}-twin", b"\x91\x91" + span, [TWIN | 8, TWIN | 0xF0])
