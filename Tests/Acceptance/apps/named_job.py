"""One entry span for each service named in the arguments, each with an inner span that calls the next one."""
import sys

try:
    from ddtrace.trace import tracer
except ImportError:
    from ddtrace import tracer

names = sys.argv[1:]
for name, peer in zip(names, names[1:] + names[:1]):
    with tracer.trace("job.run", service=name, resource="nightly", span_type="worker"):
        with tracer.trace("job.call", service=name, resource="call") as span:
            span.set_tag("span.kind", "client")
            span.set_tag("peer.service", peer)
tracer.flush()
