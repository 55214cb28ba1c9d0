"""Reads OTLP's JSON with the types of opentelemetry-proto, and prints what they hold: spans, each with its resource; with
`protobuf`, of a JSON list of bodies in base64.

Whatever those types do not know is an error. Ids are hexadecimal there (the one exception of OTLP to JSON of protobuf),
so they are turned into base64 first, as collectors do.
"""
import base64
import json
import sys

from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def with_bytes(value):
    if isinstance(value, list):
        return [with_bytes(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {key: base64.b64encode(bytes.fromhex(element)).decode() if key in ("traceId", "spanId", "parentSpanId")
            else with_bytes(element) for key, element in value.items()}


def plain(value):
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [plain(element) for element in value.array_value.values]
    if kind == "kvlist_value":
        return dict(attributes(value.kvlist_value.values))
    return base64.b64encode(value.bytes_value).decode() if kind == "bytes_value" else getattr(value, kind)


def attributes(entries):
    return [[entry.key, plain(entry.value)] for entry in entries]


def fields(span, resource):
    return {
        "resource": dict(attributes(resource.attributes)), "trace_id": span.trace_id.hex(), "span_id": span.span_id.hex(),
        "parent_id": span.parent_span_id.hex(), "name": span.name, "kind": span.kind, "start": span.start_time_unix_nano,
        "end": span.end_time_unix_nano, "attributes": dict(attributes(span.attributes)),
        "status": [span.status.code, span.status.message],
        "events": [[event.time_unix_nano, event.name, dict(attributes(event.attributes)), event.dropped_attributes_count]
                   for event in span.events],
        "links": [[link.trace_id.hex(), link.span_id.hex(), link.trace_state, link.flags,
                   dict(attributes(link.attributes)), link.dropped_attributes_count] for link in span.links]}


def sent(span, scope):
    """What only those have that came as OTLP."""
    return {"scope": [scope.name, scope.version], "trace_state": span.trace_state, "flags": span.flags}


def known(message):
    """The same message, of which every field has to be one of its type's."""
    assert len(UnknownFieldSet(message)) == 0, message
    for field, value in message.ListFields():
        if field.message_type:
            for part in (value if field.is_repeated else [value]):
                known(part)
    return message


is_protobuf = sys.argv[1:] == ["protobuf"]
if is_protobuf:
    requests = [known(ExportTraceServiceRequest.FromString(base64.b64decode(body))) for body in json.load(sys.stdin)]
else:
    request = json_format.ParseDict(with_bytes(json.load(sys.stdin)), ExportTraceServiceRequest())
    # What an exporter would send of it.
    requests = [ExportTraceServiceRequest.FromString(request.SerializeToString())]
json.dump([{**fields(span, part.resource), **(sent(span, scope.scope) if is_protobuf else {})}
           for request in requests for part in request.resource_spans for scope in part.scope_spans for span in scope.spans],
          sys.stdout)
