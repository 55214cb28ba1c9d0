"""A trace for each line on standard input; prints the rate at which the agent had it sampled, as JSON."""
import json
import sys

from ddtrace.trace import tracer

for _ in sys.stdin:
    with tracer.trace("job.run", service="shop") as span:
        pass
    tracer.flush()
    print(json.dumps(span.get_metric("_dd.agent_psr")), flush=True)
