"""Traces that rules of the configuration remove or rewrite: argument `planted` is a secret that they carry."""
import sys

try:
    from ddtrace.trace import tracer
except ImportError:
    from ddtrace import tracer

planted = sys.argv[1]
for resource, tags in (
    ("GET /ping", {}), ("GET /cart", {"team": "core"}), ("GET /other", {"team": "core", "outcome": "probe"}),
    ("GET /nobody", {"team": "guests"}), ("GET /slow", {"team": "core", "url": "a" * 3000 + "b"}),
):
    with tracer.trace("job.run", service="ruled", resource=resource, span_type="worker") as root:
        for key, value in tags.items():
            root.set_tag(key, value)
        with tracer.trace("job.call", service="ruled", resource=f"call {planted}") as span:
            span.set_tag("link", f"token={planted}&next=1")
            span.set_tag("other", f"x {planted} y")
            span.set_metric("account", 4711001)
            if hasattr(span, "_add_event"):
                span._add_event("seen", {"token": planted, "count": 3})
tracer.flush()
