"""OTLP over gRPC to the place that is given: `export` sends spans with the SDK's exporter, `statuses` tells what calls are
answered, read with OpenTelemetry's own classes, `load` makes many calls at once, and `two` exports a span, waits for a line,
and exports another."""
import json
import sys
import threading

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.trace import SpanKind

way, place = sys.argv[1:3]
SERVICES = "/opentelemetry.proto.collector."
TRACES = SERVICES + "trace.v1.TraceService/Export"


def export(name, exporter):
    """Ten traces of a server's span with a client's below it, one in five of them failed."""
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("job")
    for number in range(10):
        with tracer.start_as_current_span("GET /", kind=SpanKind.SERVER, attributes={
                "http.request.method": "GET", "http.route": "/", "http.response.status_code": 200}):
            try:
                with tracer.start_as_current_span("ask", kind=SpanKind.CLIENT, attributes={"db.system": "redis"}):
                    if number % 5 == 0:
                        raise ValueError("it failed")
            except ValueError:
                pass
    provider.shutdown()


def request(*spans):
    """A request with these ids of traces and spans."""
    made = ExportTraceServiceRequest()
    for trace, span in spans:
        made.resource_spans.add().scope_spans.add().spans.add(trace_id=trace, span_id=span, name="half")
    return made.SerializeToString()


def answer(body, method=TRACES, compression=None):
    """How a call ends: the name of its status, and either what was rejected and why, or the message."""
    with grpc.insecure_channel(place) as channel:
        try:
            done = channel.unary_unary(method)(body, timeout=30, compression=compression)
        except grpc.RpcError as error:
            return [error.code().name, error.details()]
        partial = ExportTraceServiceResponse.FromString(done).partial_success
        return ["OK", partial.rejected_spans, partial.error_message]


def statuses():
    trace = bytes(range(16))
    print(json.dumps({
        "whole": answer(request((trace, b"12345678"))),
        "partial": answer(request((trace, b"12345678"), (bytes(16), b"12345678"), (trace, b""))),
        "broken": answer(b"\x0a\x05\x12"),
        "metrics": answer(b"", SERVICES + "metrics.v1.MetricsService/Export"),
        "logs": answer(b"", SERVICES + "logs.v1.LogsService/Export"),
        "unknown": answer(b"", "/grpc.health.v1.Health/Check"), "large": answer(bytes(27 << 20)),
        "deflate": answer(request((trace, b"12345678")) * 100, compression=grpc.Compression.Deflate),
    }))


def load():
    """Eight connections with three threads each."""
    body = ExportTraceServiceRequest()
    scope = body.resource_spans.add().scope_spans.add()
    for number in range(20):
        scope.spans.add(trace_id=bytes(range(16)), span_id=(number + 1).to_bytes(8, "big"), name="load")
    failed, spans = [], []

    def call(stub, compression):
        for _ in range(100):
            try:
                stub.Export(body, timeout=30, compression=compression)
                spans.append(20)
            except grpc.RpcError as error:
                failed.append(error)
    channels = [grpc.insecure_channel(place, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(8)]
    threads = [threading.Thread(target=call, args=(TraceServiceStub(channel), compression)) for channel in channels
               for compression in (None, grpc.Compression.NoCompression, grpc.Compression.Gzip)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"calls": len(spans) + len(failed), "failed": len(failed), "spans": sum(spans)}))


def two():
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=f"http://{place}", insecure=True, timeout=20)))
    for last in (False, True):
        provider.get_tracer("job").start_span("one").end()
        if not last:
            print("sent", flush=True)
            sys.stdin.readline()
    provider.shutdown()


if way == "export":
    export(f"{sys.argv[3]}-plain", OTLPSpanExporter(endpoint=f"http://{place}", insecure=True))
    export(f"{sys.argv[3]}-gzip", OTLPSpanExporter(endpoint=place, insecure=True, compression=grpc.Compression.Gzip))
else:
    {"statuses": statuses, "load": load, "two": two}[way]()
