"""Decodes captured requests with the `msgpack` package: an opinion on every byte that owes nothing to roost's decoder."""
import base64
import codecs
import math

import msgpack

U64 = (1 << 64) - 1

# Every bad byte becomes one U+FFFD, as the trace agent repairs text. (Python's own `replace` merges some.)
codecs.register_error("each-byte", lambda error: ("\ufffd" * (error.end - error.start), error.end))


def decode(path, body):
    """The traces of a request body: a list of traces, each a list of spans with every field present.

    `None` for an endpoint that carries no traces, and for a body that ends before its document does.
    """
    version, _, kind = path.strip("/").partition("/")
    if kind != "traces":
        return None
    unpacker = msgpack.Unpacker(raw=True, strict_map_key=False, max_buffer_size=0)
    unpacker.feed(body)
    try:
        document = unpacker.unpack()
    except msgpack.OutOfData:
        return None
    if version == "v0.5":
        table = [_text(entry) for entry in document[0]]
        return [[_span_v05(span, table) for span in trace] for trace in document[1]]
    return [[_span(span) for span in trace] for trace in document]


def _span(raw):
    fields = {_text(key): value for key, value in raw.items()}
    return _complete(
        texts={key: _text(fields.get(key)) for key in ("service", "name", "resource", "type")},
        ids={key: _id(fields.get(key)) for key in ("trace_id", "span_id", "parent_id")},
        numbers={key: fields.get(key) or 0 for key in ("start", "duration", "error")},
        meta={_text(key): _text(value) for key, value in (fields.get("meta") or {}).items()},
        metrics={_text(key): _double(value) for key, value in (fields.get("metrics") or {}).items()},
        meta_struct={_text(key): base64.b64encode(value).decode()
                     for key, value in (fields.get("meta_struct") or {}).items()},
        span_links=[_plain(link) for link in fields.get("span_links") or []],
        span_events=[_plain(event) for event in fields.get("span_events") or []])


def _span_v05(raw, table):
    assert len(raw) == 12, f"a v0.5 span of {len(raw)} fields"
    service, name, resource, trace_id, span_id, parent_id, start, duration, error, meta, metrics, kind = raw
    return _complete(
        texts={"service": table[service], "name": table[name], "resource": table[resource], "type": table[kind]},
        ids={"trace_id": _id(trace_id), "span_id": _id(span_id), "parent_id": _id(parent_id)},
        numbers={"start": start or 0, "duration": duration or 0, "error": error or 0},
        meta={table[key]: table[value] for key, value in (meta or {}).items()},
        metrics={table[key]: _double(value) for key, value in (metrics or {}).items()},
        meta_struct={}, span_links=[], span_events=[])


def _complete(texts, ids, numbers, **rest):
    return {**texts, **ids, **numbers, **rest}


def _text(value):
    return "" if value is None else value.decode("utf-8", "each-byte")


def _id(value):
    return (value or 0) & U64


def _double(value):
    number = float(value or 0)
    # JSON has no such numbers: they are written as text.
    return number if math.isfinite(number) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(number, "NaN")


def _plain(value):
    """A link or an event as JSON can hold it."""
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, dict):
        return {_text(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _double(value) if isinstance(value, float) else value
