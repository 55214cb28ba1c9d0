"""Spans of OpenTelemetry, each exported at once to the port that is given: three over `http`, or one over `grpc`."""
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

way, port = sys.argv[1:]
if way == "http":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{port}/v1/traces", timeout=1)
else:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{port}", insecure=True, timeout=1)
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
# Over gRPC an exporter tries the one again until its time is over.
for _ in range(3 if way == "http" else 1):
    with trace.get_tracer("job").start_as_current_span("job.run"):
        pass
provider.shutdown()
