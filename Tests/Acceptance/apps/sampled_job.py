"""A program that makes ten traces of three spans each: an entry, a query, and a step."""
try:
    from ddtrace.trace import tracer
except ImportError:
    from ddtrace import tracer

for number in range(10):
    with tracer.trace("job.run", service="shop", resource=f"nightly {number}"):
        with tracer.trace("job.query", service="shop-db", resource="select"):
            pass
        with tracer.trace("job.step", service="shop"):
            pass
tracer.flush()
