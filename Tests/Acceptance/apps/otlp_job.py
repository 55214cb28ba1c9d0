"""Spans of OpenTelemetry, exported to the port that is given in each way that OTLP over HTTP knows, and what a server may
answer, read with OpenTelemetry's own classes."""
import json
import sys
import urllib.error
import urllib.request

from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter as JSONExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

url = f"http://127.0.0.1:{sys.argv[1]}/v1/traces"


def export(name, exporter):
    """Ten traces of a server's span with a client's below it, one in five of them failed."""
    provider = TracerProvider(resource=Resource.create({"service.name": f"job-{name}", "deployment.environment.name": "test"}))
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


def post(body, kind="application/x-protobuf", path=url):
    request = urllib.request.Request(path, body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def partial(*spans):
    """The answer to a request with these ids of traces and spans."""
    request = ExportTraceServiceRequest()
    for trace, span in spans:
        request.resource_spans.add().scope_spans.add().spans.add(trace_id=trace, span_id=span, name="half")
    status, body = post(request.SerializeToString())
    answer = ExportTraceServiceResponse.FromString(body).partial_success
    return [status, answer.rejected_spans, answer.error_message]


def status_of(*request):
    """The HTTP status of an error, and its code and message."""
    status, body = post(*request)
    told = Status.FromString(body)
    return [status, told.code, told.message]


export("plain", OTLPSpanExporter(endpoint=url))
export("gzip", OTLPSpanExporter(endpoint=url, compression=Compression.Gzip))
export("json", JSONExporter(endpoint=url))
trace = bytes(range(16))
print(json.dumps({
    "whole": partial((trace, b"12345678")), "partial": partial((trace, b"12345678"), (bytes(16), b"12345678"), (trace, b"")),
    "broken": status_of(b"\x0a\x05\x12"), "type": status_of(b"", "text/plain"),
    "metrics": status_of(b"", "application/x-protobuf", url.replace("traces", "metrics")),
}))
