"""Writes links, events, traces and queries as inputs of the fuzz target, each behind the byte that says what it is and what is
made of it."""
import json
import pathlib
import sys

from seedfolder import SeedFolder, Unseen, words_of

golden = pathlib.Path(__file__).parent.parent / "fixtures" / "golden" / "cli" / "traces"
seeds = SeedFolder(sys.argv[1])
LINKS_TAG, EVENTS_TAG, TRACE, QUERY = range(4)
FORMS = [form << 2 for form in range(5)]
# What is written, read and written again, up to so many bytes.
JSON, JSON_BYTES_MAX = 4 << 2, 512
NO_FORM = 7 << 2

LINKS = [
    {"trace_id": "0000000000001234abcdef0123456789", "span_id": "1122334455667788", "tracestate": "dd=s:2;o:rum", "flags": 1,
     "attributes": {"a.1": "b", "a.0": "c", "n": 3}, "dropped_attributes_count": 2},
    {"trace_id": 5, "trace_id_high": "7", "span_id": "18446744073709551615"}]
EVENTS = [
    {"name": "exception", "time_unix_nano": 1700000000123456789,
     "attributes": {"exception.type": "E", "exception.message": "E: m", "exception.stacktrace": "  at a\n", "n": [1, 2.5, True]}},
    {"name": "e", "time_unix_nano": "12", "attributes": {}, "dropped_attributes_count": 1}]
QUERIES = [
    "checkout", "http.status_code:500 status:error", "service:web-* -env:prod OR duration:>1.5s", "@a:\"b\\\"c\" AND NOT (x y*)",
    "duration:100ms..2s spans:>=3 errors:..5", "trace:0123456789abcdef kept:true", "@n:1e3..2.5 resource:(a OR b OR \"c d\")", "-* a|b &&",
    "\"two words\"* type:", "resource_name:GET* operation_name:x @env:\"\" \u00c4\u00d6"]


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def behind(choice, forms):
    return [choice | form for form in forms]


for name, tag, kind in [("links", LINKS, LINKS_TAG), ("events", EVENTS, EVENTS_TAG)]:
    seeds.add(name, compact(tag), behind(kind, [*FORMS, NO_FORM]))
    seeds.add(f"{name}-cut", compact(tag)[:-9] + b"...", behind(kind, [NO_FORM, FORMS[1]]))
    for number, element in enumerate(tag):
        seeds.add(f"{name}-{number}", compact([element]), behind(kind, FORMS))
for number, query in enumerate(QUERIES):
    seeds.add(f"query-{number}", query.encode(), [QUERY])
unseen = Unseen()


def cut(span):
    for name in ("meta", "metrics"):
        if span.get(name):
            span = {**span, name: dict(unseen.pick(name, list(span[name].items())))}
    for name in ("links", "events"):
        if span.get(name):
            span = {**span, name: unseen.pick(name, span[name], compact)[:1]}
    unseen.pick("span", [(span["service"] + span["operation"],)])
    # What the reader leaves to itself.
    computed = ("self_ns", "offset_ns", "parent_index", "critical")
    return {key: value for key, value in span.items() if key not in computed and value not in ({}, [], "")}


def add_trace(name, trace):
    body = compact(trace)
    forms = [form for form in FORMS if form != JSON or len(body) <= JSON_BYTES_MAX]
    seeds.add(name, body, behind(TRACE, forms))


for file in sorted(golden.glob("*.json")):
    trace = json.loads(file.read_text())
    spans = trace.get("spans", [])
    front = {key: value for key, value in trace.items() if key in ("trace_id", "kept", "kept_by")}
    # Few spans, so that a change of any is likely.
    for first in range(0, min(len(spans), 12), 3):
        add_trace(f"{file.stem}-{first}", {**trace, "spans": spans[first:first + 3]})
    for number, span in enumerate(spans):
        for part, small in enumerate(unseen.rounds(lambda: cut(span))):
            add_trace(f"{file.stem}-{number}-{part}", {**front, "spans": [small]})
# How spans lie to each other: below, beside, copied, in a circle, without a parent.
for name, ids in {"chain": [(1, 0), (2, 1), (3, 2)], "many": [(1, 0), (2, 1), (3, 1), (4, 1)], "copy": [(1, 0), (1, 0)],
                  "circle": [(1, 2), (2, 1)], "orphan": [(1, 9)], "same": [(1, 0), (1, 1), (2, 1)]}.items():
    spans = [{"span_id": str(span), "parent_id": str(parent), "service": "ab"[place % 2], "operation": "o", "resource": "r",
              "start_ns": 10 * place, "duration_ns": 50 - place} for place, (span, parent) in enumerate(ids)]
    add_trace(name, {"trace_id": "1", "spans": spans})
# Calls that are alike, which one line stands for.
LEAST = [{"span_id": str(place + 1), "parent_id": "1" if place else None, "operation": f"q{place % 2}" if place else "r",
          "start_ns": 9 * place, "duration_ns": 7} for place in range(7)]
add_trace("alike", {"spans": LEAST})

words = words_of(
    "Traces/Formats/TraceSpan+JSON.swift", "Traces/Formats/Trace+JSON.swift", "Traces/LinksAndEvents/TraceSpan+TaggedLists.swift",
    "Traces/TraceError.swift")
fields = [b"service:", b"resource:", b"operation:", b"type:", b"env:", b"duration:", b"spans:", b"errors:", b"status:", b"kept:", b"trace:"]
seeds.add_words([b'"' + word + b'"' for word in words] + fields + [b" OR ", b" AND ", b"NOT ", b"..", b">=", b"100ms", b"\\*", b"@\""])
