"""Sends a trace to each endpoint as JSON, as ddtrace does where msgpack is not installed; v0.2 is its last resort."""
import sys

import ddtrace.encoding

ddtrace.encoding.MSGPACK_ENCODING = False

from ddtrace.api import API  # noqa: E402
from ddtrace.span import Span  # noqa: E402

client = API("127.0.0.1", int(sys.argv[1]), priority_sampling=True)
for version in ["v0.4", "v0.3", "v0.2"]:
    client._set_version(version)
    root = Span(None, "job.run", service="shop", resource=version, trace_id=(1 << 64) - int(version[-1]), span_id=1 << 63)
    child = Span(None, "job.step", service="shop", resource=u"caf\u00e9", trace_id=root.trace_id, parent_id=root.span_id)
    root.set_tag("text", u"\"quoted\"\n\u2713")
    root.set_metric("_sampling_priority_v1", 2)
    child.finish()
    root.finish()
    answer = client.send_traces([[root, child]])
    print(client._traces + " " + client._headers["Content-Type"] + " " + str(answer.status))
