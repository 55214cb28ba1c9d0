"""A job that uses what a tracer does besides tracing, until its standard input ends. Run under ddtrace-run."""
import sys
import time

from ddtrace.data_streams import set_consume_checkpoint, set_produce_checkpoint
from ddtrace.trace import tracer


def work(number):
    carrier = {}
    with tracer.trace("job.run", service="shop", resource=f"part {number % 2}"):
        set_produce_checkpoint("kafka", "orders", carrier.__setitem__)
        set_consume_checkpoint("kafka", "orders", carrier.get)
        # Something for a profiler to see.
        return sum(value * value for value in range(20_000))


print("working", flush=True)
number = 0
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    work(number)
    number += 1
    time.sleep(0.02)
print("done", flush=True)
