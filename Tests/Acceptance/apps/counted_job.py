"""Requests of a shop that a tracer counts: some with an error, with a database and with a service of their own.

With `--when-told` it makes traces of service `start` until there is a line on standard input, and says how many.
"""
import select
import sys

from ddtrace.trace import tracer

started = 0
while "--when-told" in sys.argv and not select.select([sys.stdin], [], [], 0.1)[0]:
    with tracer.trace("start.wait", service="start"):
        started += 1
    tracer.flush()
for number in range(23):
    with tracer.trace("flask.request", service="shop", resource="GET /", span_type="web") as span:
        span.set_tag("span.kind", "server")
        span.set_tag("http.status_code", "200")
for number in range(3):
    try:
        with tracer.trace("flask.request", service="shop", resource="POST /checkout", span_type="web") as span:
            span.set_tag("http.status_code", "500")
            with tracer.trace("shop.pay", service="till", resource="SELECT 1 FROM till WHERE id = 42", span_type="sql"):
                raise RuntimeError("the till is closed")
    except RuntimeError:
        pass
tracer.flush()
print(started)
