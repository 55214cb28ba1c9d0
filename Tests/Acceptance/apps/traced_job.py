"""A program that makes one trace, says so, and lives until its input ends when told to."""
import os
import sys

try:
    from ddtrace.trace import tracer
except ImportError:
    from ddtrace import tracer

with tracer.trace("job.run", service="shop", resource="nightly"):
    pass
if "flush" in sys.argv and hasattr(tracer, "flush"):
    tracer.flush()
print("pid", os.getpid(), flush=True)
if "stay" in sys.argv:
    sys.stdin.read()
