"""Inputs that were made to do harm, each from a seed, and beside each a plain lot of the same size to compare with."""
import random
import struct
import time

import msgpack

WORD = 1 << 64
# The factors of tables whose hashes anybody could compute: all of their keys came to the same place.
ID_FACTOR, STEP_FACTOR, END_FACTOR = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def now():
    return time.time_ns()


def span(trace_id, span_id, parent=0, **changes):
    return {"service": "shop", "name": "web.entry", "resource": "GET /", "trace_id": trace_id, "span_id": span_id,
            "parent_id": parent, "start": now() - 1_000_000, "duration": 1_000_000, "error": 0, "meta": {},
            "metrics": {}, "type": "web", **changes}


def payload(traces):
    return msgpack.packb(traces)


def one_trace(span_ids):
    """A payload of one trace whose spans have these ids, each the child of the one before."""
    return msgpack.packb([[span(7, own, before) for before, own in zip([0, *span_ids], span_ids)]])


def plain_ids(count, seed):
    source = random.Random(seed)
    return [source.randrange(1, WORD) for _ in range(count)]


def colliding_ids(count, seed):
    """Ids whose products with the old factor have zeros in the bits that chose the slot."""
    source, inverse = random.Random(seed), pow(ID_FACTOR, -1, WORD)
    products = {source.getrandbits(12) << 52 | source.getrandbits(32) for _ in range(count * 2)} - {0}
    return [product * inverse % WORD for product in sorted(products)[:count]]


def plain_resources(count, seed):
    source = random.Random(seed)
    return [bytes(source.choices(range(128), k=16)).decode() for _ in range(count)]


def colliding_resources(count, seed):
    """Texts of two words, of which the second undoes what the first did to the old hash of a group's key.

    The key's first bytes are known: the payload says nothing of itself, and the span only what `span` says.
    """
    source = random.Random(seed)
    state = _old_hash(b"\4\0none" + bytes(12), 0) ^ 53 * ID_FACTOR % WORD
    for word in struct.unpack("<3Q", bytes([1, 0, 0, 0, 0, 4, 0]) + b"shop" + b"\x09\0web.entry" + b"\x10\0"):
        state = _step(state, word)
    target, found = None, []
    while len(found) < count:
        first = source.getrandbits(64) & 0x7F7F7F7F7F7F7F7F
        after = _step(state, first)
        if target is None:
            target = after
        second = after ^ target
        if not second & 0x8080808080808080:
            found.append(struct.pack("<2Q", first, second).decode())
    return found


def _step(state, word):
    state = (word ^ state) * STEP_FACTOR % WORD
    return state ^ state >> 32


def _old_hash(data, seed):
    state, whole = seed ^ len(data) * ID_FACTOR % WORD, len(data) // 8 * 8
    for (word,) in struct.iter_unpack("<Q", data[:whole]):
        state = _step(state, word)
    tail = 0
    for byte in data[whole:]:
        tail = tail << 8 | byte
    state = (state ^ tail) * END_FACTOR % WORD
    return state ^ state >> 31


def one_span_each(names):
    """A payload of a trace for each resource."""
    return msgpack.packb([[span(number + 1, number + 1, resource=name)] for number, name in enumerate(names)])


def extremes(groups, longest, first=0):
    """A payload of groups with four spans each: of 1 ns and of `longest`, good and failed."""
    ended, traces = now(), []
    for group in range(first, first + groups):
        for number, (duration, error) in enumerate([(1, 0), (longest, 0), (1, 1), (longest, 1)]):
            own = group * 4 + number + 1
            traces.append([span(own, own, resource=f"r{group}", start=ended - duration, duration=duration, error=error)])
    return payload(traces)


def tiny_spans(spans, size):
    """A payload of so many spans of one byte, and behind them a text that makes it as large as payloads that may have
    so many are."""
    text = b"\x91\x81\xa8resource\xdb" + struct.pack(">I", size) + b"x" * size
    return b"\x92\xdd" + struct.pack(">I", spans) + b"\x80" * spans + text
