"""One trace with links and events of every kind: by ddtrace's own API, and by OpenTelemetry's above ddtrace."""
from ddtrace.trace import tracer
from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags, TraceState

otel = trace.get_tracer("job")
with tracer.trace("job.run", resource="nightly") as job:
    job.set_link(trace_id=(0x1234 << 64) | 0xabcdef0123456789, span_id=0x1122334455667788, tracestate="dd=s:2;o:rum",
                 flags=1, attributes={"why": "batch", "rows": 3, "items": ["hat", "coat"], "sure": True})
    job.set_link(trace_id=5, span_id=6)
    job._add_event("loaded", {"by": "disk", "rows": 1, "large": 2**62, "share": 1.5, "whole": True, "none": [],
                              "items": ["hat", "coat"], "sizes": [1, 2]}, 1_700_000_000_123_456_789)
    try:
        raise ValueError("no such cart")
    except ValueError as error:
        job.record_exception(error, {"tries": 3})
    far = SpanContext(1 << 100 | 77, 88, True, TraceFlags(1), TraceState([("dd", "s:1"), ("k", "v")]))
    with otel.start_as_current_span("step", links=[Link(far, {"n": 1, "parts": [True, False]})]) as step:
        step.add_event("checked", {"by": "hand", "sizes": [1, 2, 3], "ok": False})
        step.add_event("done")
    try:
        with otel.start_as_current_span("publish", kind=SpanKind.PRODUCER):
            raise RuntimeError("the till is closed")
    except RuntimeError:
        pass
