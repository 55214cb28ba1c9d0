"""Writes captured requests, whole and cut to single spans, as inputs of the fuzz target: a byte that says the format and what
is made sure of, then the body."""
import sys

from cut_traces import captured, small_bodies_v05, small_spans_v04
from seedfolder import SeedFolder, words_of

# What is made sure of, by the byte's bits above the format: that it is read, as the reference reads it, and the way out.
READ, ALIKE, SENT = 0, 8, 12
# With what was remembered of the inputs before.
KEPT = 0x80
# In several parts.
SPLIT = 0x10
ALL = (READ | KEPT, ALIKE, ALIKE | KEPT, SENT)
# Of requests that are tried once.
WHOLE = (ALIKE, ALIKE | KEPT, SENT, SENT | SPLIT)


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


def with_format(number, checks=ALL):
    return [number | check for check in checks]


seeds = SeedFolder(sys.argv[1])
for name, path, body in captured():
    isV05 = path.startswith("/v0.5/")
    seeds.add(name, body, with_format(1 if isV05 else 0, WHOLE))
    if not isV05 and body[:1] == b"\x91":
        # The one trace as the one chunk of a payload of v0.7.
        seeds.add(f"{name}-as-v0.7", V07_HEAD + body[1:], with_format(2, WHOLE))
for name, span in small_spans_v04():
    seeds.add(f"{name}-v0.4", b"\x91\x91" + span, with_format(0))
for name, body in small_bodies_v05():
    seeds.add(f"{name}-v0.5", body, with_format(1))
for number, (name, span) in enumerate(small_spans_v04()):
    if number % 8 == 0:
        seeds.add(f"{name}-v0.7", V07_HEAD + b"\x91" + span, with_format(2))
        seeds.add(f"{name}-v0.7-bare", b"\x81" + text("chunks") + b"\x91\x81" + text("spans") + b"\x91" + span, with_format(2))
for number, span in enumerate(V10_SPANS):
    seeds.add(f"made-v1.0-{number}", V10_HEAD + b"\x91" + span, with_format(3))
    # Without its sender: texts are numbered from 1 on, so most references of it lead nowhere.
    seeds.add(f"bare-v1.0-{number}", b"\x81\x0b\x91\x82\x04\x91" + span + b"\x06\xc4\x10" + bytes(16), with_format(3))
# All that spans may have and few clients send.
LINK = b"\x86" + text("trace_id") + b"\x07" + text("trace_id_high") + b"\x01" + text("span_id") + b"\x08" + text("attributes") \
    + b"\x81" + text("k") + text("v") + text("tracestate") + text("a=b") + text("flags") + b"\xce\x80\x00\x00\x01"


def any_value(kind, name, value):
    return b"\x82" + text("type") + bytes([kind]) + text(name) + value


VALUES = [any_value(0, "string_value", text("x")), any_value(1, "bool_value", b"\xc3"), any_value(2, "int_value", b"\xd0\xfb"),
          any_value(3, "double_value", b"\xcb\x3f\xe0" + bytes(6))]
VALUES.append(any_value(4, "array_value", b"\x81" + text("values") + b"\x94" + b"".join(VALUES)))
for number, values in enumerate([VALUES[:2], VALUES[2:4], VALUES[4:], VALUES]):
    attributes = bytes([0x80 | len(values)]) + b"".join(text("abcde"[place]) + value for place, value in enumerate(values))
    event = b"\x83" + text("time_unix_nano") + b"\x0c" + text("name") + text("exception") + text("attributes") + attributes
    span = b"\x85" + text("service") + text("a") + text("span_events") + b"\x92" + event + b"\xc0" + text("span_links") \
        + b"\x92\xc0" + LINK + text("meta_struct") + b"\x81" + text("m") + b"\xc4\x02\x81\xa1" + text("span_id") + b"\x05"
    seeds.add(f"made-v0.4-{number}", b"\x91\x91" + span, with_format(0))
    seeds.add(f"made-v0.7-{number}", b"\x81" + text("chunks") + b"\x91\x81" + text("spans") + b"\x91" + span, with_format(2))
SMALL = b"\x82" + text("name") + text("n") + text("trace_id") + b"\x01"
seeds.add("chunks-v0.4", b"\x93" + 3 * (b"\x92" + 2 * SMALL), with_format(0, (READ, ALIKE, SENT, SENT | SPLIT)))
SMALL_V10 = b"\x82\x06\xc4\x10" + bytes(16) + b"\x04\x91\x82\x01" + text("web") + b"\x03" + text("long enough to be split")
seeds.add("chunks-v1.0", b"\x81\x0b\x93" + 3 * SMALL_V10, with_format(3, (READ, ALIKE, SENT, SENT | SPLIT)))
words = words_of(
    "Decoding/SpanField.swift", "Decoding/TracesV07.swift", "Decoding/TracesV04+LinksAndEvents.swift", "TraceModel/KnownKey.swift")
seeds.add_words([text(word.decode()) for word in words if len(word) < 32])
seeds.add("made-v1.0-all", V10_HEAD + b"\x93" + b"".join(V10_SPANS), with_format(3))
