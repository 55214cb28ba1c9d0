"""Payloads of v1.0 as tracers write them that cannot run here: from their public sources and test data.

No tracer that pip installs sends v1.0 yet. Each payload has the same trace, of a service of its own.
"""
import struct
import time

import msgpack

TRACE_ID = bytes.fromhex("66554433000000010123456789abcdef")
BINARY = b"\x81\xa1k\x01"


class Texts:
    """A text where it comes first, later its number."""

    def __init__(self):
        self.numbers = {"": 0}

    def __call__(self, text):
        if text in self.numbers:
            return self.numbers[text]
        self.numbers[text] = len(self.numbers)
        return text


def attributes(text, *triples):
    return [part for key, kind, value in triples for part in (text(key), kind, text(value) if kind == 1 else value)]


def now():
    return time.time_ns() - 2_000_000


def go():
    """dd-trace-go 2: everything of the sender, the chunk's fields in the order of their numbers, the whole table of kinds."""
    text, start = Texts(), now()
    sender = {2: text("c0ffee"), 3: text("go"), 4: text("1.26"), 5: text("v2.9.0"), 6: text("runtime"), 7: text("prod"),
              8: text("host"), 9: text("1.2"), 10: attributes(text, ("_dd.tags.process", 1, "a:b"))}
    chunk = {1: 2, 2: text("synthetics"), 3: attributes(text, ("_dd.apm_mode", 1, "on"))}
    root = {1: text("shop-go"), 2: text("http.request"), 3: text("GET /"), 4: 2**63 + 1, 5: 0, 6: start, 7: 1_000_000, 8: True}
    root[9] = attributes(text, ("http.status_code", 1, "500"), ("count", 4, 3), ("ratio", 3, 0.5), ("retried", 2, True),
                         ("_dd.span_links", 5, BINARY))
    root.update({10: text("web"), 11: [{1: TRACE_ID, 2: 9, 3: attributes(text, ("link.name", 1, "next")),
                                        4: text("dd=s:1"), 5: 1}]})
    root.update({12: [{1: start, 2: text("exception"), 3: attributes(text, ("codes", 6, [4, 1, 4, 2]))}],
                 13: text("prod"), 14: text("1.2"), 15: text("net/http"), 16: 2})
    chunk.update({4: [root, {1: text("shop-go"), 2: text("sql.query"), 3: text("SELECT ?"), 4: 3, 5: 2**63 + 1, 6: start,
                             7: 500_000, 8: False, 10: text("sql"), 16: 3}], 6: TRACE_ID, 7: 4})
    return msgpack.packb({**sender, 11: [chunk]})


def libdatadog():
    """The exporter that tracers of PHP, Ruby and others share: chunks alone, the id first, numbers as wide as their type."""
    text, start = Texts(), now()
    chunk = {6: TRACE_ID, 2: text("rum"), 1: 1}
    chunk[4] = [{1: text("shop-libdatadog"), 2: text("rack.request"), 3: text("GET /"), 4: Wide(11), 6: Wide(start),
                 7: Wide(1_000_000), 10: text("web"),
                 9: attributes(text, ("_dd.p.dm", 1, "-3"), ("_sampling_priority_v1", 3, 1.0), ("appsec", 5, BINARY)),
                 13: text("prod"), 16: 1}]
    return pack({11: [chunk]})


def java():
    """dd-trace-java: ids with a sign, typed tags, arrays of mixed types, lists within lists."""
    text, start = Texts(), now()
    sender = {3: text("jvm"), 5: text("1.62.0"), 7: text("prod")}
    root = {1: text("shop-java"), 2: text("servlet.request"), 3: text("GET /"), 4: -2, 5: 0, 6: start, 7: 1_000_000, 8: False}
    root[9] = attributes(text, ("thread.id", 4, 2**53 + 1), ("http.status_code", 4, 200))
    root[9] += [text("roles"), 6, [1, text("admin"), 2, False], text("user"), 7, attributes(text, ("id", 4, 7), ("name", 1, "é"))]
    return msgpack.packb({**sender, 11: [{1: 1, 4: [{**root, 16: 2}], 6: TRACE_ID, 7: 1}]})


class Wide(int):
    """An integer that is written with 64 bits, however small it is."""


def pack(value):
    if isinstance(value, Wide):
        return b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, list):
        return msgpack.Packer().pack_array_header(len(value)) + b"".join(map(pack, value))
    if isinstance(value, dict):
        return msgpack.Packer().pack_map_header(len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())
    return msgpack.packb(value)


TRACERS = {"go": go, "libdatadog": libdatadog, "java": java}
