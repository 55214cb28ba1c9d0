"""Writes the requests of OTLP among the fixtures as inputs of the fuzz target: a byte that says the encoding and what is made
sure of, then the body; whole, and cut to single spans."""
import base64
import json
import pathlib
import sys

from seedfolder import SeedFolder, Unseen, words_of

PROTOBUF, JSON, OLDER = 0, 1, 2
WHOLE, PARTS, ALIKE, STRICT = 0, 8, 16, 24
# With what was remembered of the inputs before.
KEPT = 0x80
ALL = (WHOLE, PARTS | KEPT, ALIKE, ALIKE | KEPT, STRICT)
fixtures = pathlib.Path(__file__).parent.parent / "fixtures" / "otlp"
seeds = SeedFolder(sys.argv[1])


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def varint(data, start):
    value, shift = 0, 0
    while True:
        byte = data[start]
        value |= (byte & 0x7F) << shift
        (start, shift) = (start + 1, shift + 7)
        if byte < 0x80:
            return value, start


def fields(data):
    """Number and value of each field of a message, and the field as it stands there."""
    position = 0
    while position < len(data):
        tag, start = varint(data, position)
        if tag & 7 == 2:
            length, start = varint(data, start)
            end = start + length
        else:
            end = varint(data, start)[1] if tag & 7 == 0 else start + (8 if tag & 7 == 1 else 4)
        yield tag >> 3, data[start:end], data[position:end]
        position = end


def message(number, body):
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
    return bytes([number << 3 | 2]) + length + body


def cut(data, unseen, listed):
    """A message with few entries of the lists among its fields; `listed`: their numbers, and those of lists within them."""
    entries, kept = {}, b""
    for number, value, whole in fields(data):
        if number in listed:
            entries.setdefault(number, []).append(value)
        else:
            kept += whole
    for number, values in entries.items():
        for value in unseen.pick(number, values, lambda value: value[:24]):
            kept += message(number, cut(value, unseen, listed[number]))
    return kept


def cut_json(value, unseen, path=""):
    if isinstance(value, dict):
        return {key: cut_json(entry, unseen, key) for key, entry in value.items()}
    if isinstance(value, list) and path in ("attributes", "events", "links"):
        return [cut_json(entry, unseen) for entry in unseen.pick(path, value, compact)]
    return value


def add_protobuf(name, body):
    unseen = Unseen(most=3)
    for number, (_, resource, _) in enumerate(fields(body)):
        parts = list(fields(resource))
        attributes = b"".join(message(1, cut(value, Unseen(most=2), {1: {}})) for number, value, _ in parts if number == 1)
        for scope in [value for number, value, _ in parts if number == 2]:
            head = b"".join(whole for number, _, whole in fields(scope) if number == 1)
            spans = [value for number, value, _ in fields(scope) if number == 2]
            for place, span in enumerate(spans):
                make = lambda: cut(span, unseen, {9: {}, 11: {3: {}}, 13: {4: {}}})
                for part, small in enumerate(unseen.rounds(make)):
                    request = message(1, attributes + message(2, head + message(2, small)))
                    seeds.add(f"{name}-{number}-{place}-{part}-protobuf", request, [PROTOBUF | check for check in ALL])


def add_json(name, document):
    unseen = Unseen(most=1)
    for number, resource in enumerate(document["resourceSpans"]):
        for scope, spans in enumerate(resource["scopeSpans"]):
            for place, span in enumerate(spans["spans"]):
                for part, small in enumerate(unseen.rounds(lambda: cut_json(span, unseen))):
                    holder = {"attributes": resource["resource"].get("attributes", [])[:1]}
                    request = {"resourceSpans": [{"resource": holder, "scopeSpans": [{**spans, "spans": [small]}]}]}
                    seeds.add(f"{name}-{number}-{scope}-{place}-{part}-json", compact(request), [JSON | check for check in ALL])


for file in sorted(fixtures.glob("*.json")):
    document = json.loads(file.read_text())
    protobuf = base64.b64decode(document["protobuf"])
    seeds.add(f"{file.stem}-protobuf", protobuf, [PROTOBUF | ALIKE, PROTOBUF | ALIKE | KEPT, PROTOBUF | OLDER | ALIKE])
    seeds.add(f"{file.stem}-json", compact(document["json"]), [JSON | ALIKE, JSON | ALIKE | KEPT, JSON | STRICT])
    add_protobuf(file.stem, protobuf)
    add_json(file.stem, document["json"])


def attributes(**values):
    return [{"key": key.replace("__", "."), "value": value} for key, value in values.items()]


NESTED = {"arrayValue": {"values": [{"stringValue": "x\\"}, {"intValue": "5"}, {"doubleValue": 0.5}, {"boolValue": True}, {"bytesValue": "gAE="}]}}
LISTED = {"kvlistValue": {"values": attributes(a={"stringValue": "v"}, b={"kvlistValue": {"values": []}}, c={})}}
SPAN = {"traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": "0000000000000005"}
MADE = {
    "values": attributes(a=NESTED), "lists": attributes(a=LISTED), "scalars": attributes(i={"intValue": 7}, d={"doubleValue": "NaN"}, b={"boolValue": False}),
    "http": attributes(http__request__method={"stringValue": "GET"}, http__route={"stringValue": "/a"}, http__response__status_code={"intValue": "500"}),
    "database": attributes(db__system={"stringValue": "redis"}, db__statement={"stringValue": "GET a"}, server__address={"stringValue": "h"}),
    "messaging": attributes(messaging__system={"stringValue": "kafka"}, messaging__operation={"stringValue": "receive"}),
    "rpc": attributes(rpc__system={"stringValue": "grpc"}, rpc__service={"stringValue": "a.B"}, rpc__method={"stringValue": "C"}),
    "datadog": attributes(service__name={"stringValue": "s"}, operation__name={"stringValue": "o"}, sampling__priority={"intValue": "2"})}
for kind, (name, list_) in enumerate(MADE.items()):
    request = {"resourceSpans": [{"scopeSpans": [{"spans": [{**SPAN, "kind": kind % 6, "attributes": list_}]}]}]}
    seeds.add(f"made-{name}", compact(request), [JSON | check for check in ALL])
EXCEPTION = attributes(exception__message={"stringValue": "m"}, exception__type={"stringValue": "E"}, exception__stacktrace={"stringValue": "at\na"})
for name, part in {
        "exception": {"events": [{"name": "exception", "timeUnixNano": "7", "attributes": EXCEPTION}], "status": {"code": 2, "message": "bad"}},
        "link": {"links": [{**SPAN, "traceState": "a=b", "attributes": attributes(k=NESTED), "flags": 1, "droppedAttributesCount": 1}]},
        "rest": {"status": {"code": "STATUS_CODE_OK"}, "traceState": "dd=s:2", "flags": 257, "droppedEventsCount": 3}}.items():
    request = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "n", "version": "1"}, "spans": [{**SPAN, **part}]}]}]}
    seeds.add(f"made-{name}", compact(request), [JSON | check for check in ALL])
for number, keys in enumerate([
        ("host.name", "telemetry.sdk.language", "telemetry.sdk.version"), ("k8s.node.name", "k8s.cluster.name", "k8s.pod.uid", "k8s.pod.name"),
        ("container.id", "container.name", "cloud.provider", "aws.ecs.task.arn"), ("datadog.host.name", "datadog.container_tags", "_dd.stats_computed"),
        ("deployment.environment", "service.version", "process.runtime.version")]):
    resource = {"attributes": [{"key": key, "value": {"stringValue": "true"}} for key in keys]}
    request = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [SPAN]}]}] * (1 + number % 2)}
    seeds.add(f"made-resource-{number}", compact(request), [JSON | check for check in ALL])
    packed = message(1, b"".join(message(1, message(1, key.encode()) + message(2, message(1, b"v"))) for key in keys))
    span = message(1, bytes(range(16))) + message(2, bytes(range(8)))
    seeds.add(f"made-resource-{number}-protobuf", message(1, packed + message(2, message(2, span))), [PROTOBUF | check for check in ALL])
keys = words_of("Decoding/OTLP/OTLPKey.swift", "Decoding/OTLP/OTLPText.swift", "Decoding/OTLP/OTLPAssembler+Payload.swift", "Decoding/OTLP/OTLPAssembler+EventsAndLinks.swift")
names = words_of("Decoding/OTLP/JSONOTLPDecoder.swift", "Decoding/OTLP/JSONOTLPDecoder+Values.swift")
seeds.add_words(
    [b'"' + word + b'"' for word in keys + names] + [message(1, word) for word in keys] + [b"null", b"\\u00e4", b'"NaN"'])
