"""Writes `fixtures/otlp`: requests of OTLP, made with OpenTelemetry's own message classes, as protobuf and as JSON.

Run it with the Python of the environment `opentelemetry`.
"""
import base64
import json
import pathlib
import sys

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "otlp"
START = 1_750_000_000_000_000_000
TRACE = bytes.fromhex("5b8aa5a2d2c872e8321cf37308d69df2")


def put(attributes, key, value):
    """Appends an attribute of the type that the value has."""
    put_value(attributes.add(key=key).value, value)


def put_value(any_value, value):
    if isinstance(value, bool):
        any_value.bool_value = value
    elif isinstance(value, int):
        any_value.int_value = value
    elif isinstance(value, float):
        any_value.double_value = value
    elif isinstance(value, bytes):
        any_value.bytes_value = value
    elif isinstance(value, list):
        any_value.array_value.SetInParent()
        for element in value:
            put_value(any_value.array_value.values.add(), element)
    elif isinstance(value, dict):
        any_value.kvlist_value.SetInParent()
        for key, element in value.items():
            put(any_value.kvlist_value.values, key, element)
    elif value is not None:
        any_value.string_value = value


def put_all(attributes, values):
    for key, value in values.items():
        put(attributes, key, value)


def add_span(scope_spans, number, name, kind, attributes, parent=0, trace=TRACE):
    span = scope_spans.spans.add(
        trace_id=trace, span_id=number.to_bytes(8, "big"), name=name, kind=kind,
        parent_span_id=parent.to_bytes(8, "big") if parent else b"", start_time_unix_nano=START + number * 1000,
        end_time_unix_nano=START + number * 1000 + 5_000_000)
    put_all(span.attributes, attributes)
    return span


def rich():
    """Every part of a message, two resources, two scopes and three traces."""
    request = ExportTraceServiceRequest()
    shop = request.resource_spans.add(schema_url="https://opentelemetry.io/schemas/1.27.0")
    put_all(shop.resource.attributes, {
        "service.name": "shop", "service.version": "1.4.2", "deployment.environment.name": "staging",
        "telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry", "telemetry.sdk.version": "1.45.2",
        "host.name": "web-1", "process.pid": 812, "container.id": "c0ffee", "k8s.pod.name": "shop-0",
        "process.command_args": ["python", "-m", "shop"], "shared": "of the resource",
    })
    flask = shop.scope_spans.add()
    flask.scope.name, flask.scope.version = "opentelemetry.instrumentation.flask", "0.66b2"
    put(flask.scope.attributes, "scope.kind", "web")
    server = add_span(flask, 1, "GET /cart/<id>", Span.SPAN_KIND_SERVER, {
        "http.request.method": "GET", "http.route": "/cart/<id>", "http.response.status_code": 500,
        "url.full": "http://shop.example/cart/7?token=1", "client.address": "10.0.0.7", "user_agent.original": "curl/8",
        "network.protocol.version": "1.1", "server.address": "shop.example", "http.request.header.x_id": ["a", "b"],
        "http.request.body.size": 12, "shared": "of the span", "cached": False, "ratio": 0.5, "tags": {"a": [1, 2.5, None]},
        "blob": b"\x00\xff\x10", "quote": "a \"b\"\n\u00e9",
    })
    server.trace_state = "vendor=1"
    server.status.code, server.status.message = 2, "it failed"
    event = server.events.add(time_unix_nano=START + 2000, name="exception", dropped_attributes_count=1)
    put_all(event.attributes, {"exception.type": "ValueError", "exception.message": "no \"cart\"",
                               "exception.stacktrace": "Traceback\n  line 1", "exception.escaped": True})
    put_all(server.events.add(time_unix_nano=START + 3000, name="retry").attributes, {"attempt": 2, "wait": 0.25})
    link = server.links.add(trace_id=bytes.fromhex("0af7651916cd43dd8448eb211c80319c"), span_id=b"\xb7\xad\x6b\x71\x69\x20\x33\x31",
                            trace_state="rojo=00f067aa0ba902b7", dropped_attributes_count=2)
    put_all(link.attributes, {"link.kind": "follows", "rank": 3})
    database = shop.scope_spans.add()
    database.scope.name = "opentelemetry.instrumentation.psycopg2"
    add_span(database, 2, "SELECT cart", Span.SPAN_KIND_CLIENT, {
        "db.system": "postgresql", "db.namespace": "carts", "db.query.text": "SELECT * FROM cart WHERE id = 7",
        "server.address": "db-1"}, parent=1)
    add_span(database, 3, "orders publish", Span.SPAN_KIND_PRODUCER, {
        "messaging.system": "kafka", "messaging.operation": "publish", "messaging.destination.name": "orders",
        "sampling.priority": 2}, parent=1, trace=bytes.fromhex("0000000000000000321cf37308d69df3"))
    add_span(database, 4, "work", Span.SPAN_KIND_INTERNAL, {"operation.name": "shop.work", "span.type": "worker",
                                                            "resource.name": "the work", "service.name": "shop-jobs"}, parent=1)
    other = request.resource_spans.add()
    put(other.resource.attributes, "telemetry.sdk.language", "go")
    add_span(other.scope_spans.add(), 5, "Cart/Get", Span.SPAN_KIND_SERVER, {
        "rpc.system": "grpc", "rpc.service": "Cart", "rpc.method": "Get"}, parent=2)
    return request


def json_of(request):
    """The request as OTLP has it in JSON: proto3's mapping, but ids in hexadecimal digits."""
    document = MessageToDict(request, use_integers_for_enums=True)

    def fix(value):
        if isinstance(value, list):
            return [fix(element) for element in value]
        if not isinstance(value, dict):
            return value
        return {key: base64.b64decode(element).hex() if key in ("traceId", "spanId", "parentSpanId") else fix(element)
                for key, element in value.items()}
    return fix(document)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for make in (rich,):
        request = make()
        document = {"provenance": f"opentelemetry-proto, {sys.argv[0].rsplit('/', 1)[-1]}",
                    "protobuf": base64.b64encode(request.SerializeToString()).decode(), "json": json_of(request)}
        (FOLDER / f"{make.__name__}.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
