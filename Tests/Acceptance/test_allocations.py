"""Heap allocations on the way from socket to encoded batch, counted in the running agent."""
import json
import pathlib
import struct

import pytest

from agent import Agent, Intake
from environments import HERE, interposer
from loads import Templates

pytestmark = pytest.mark.linux

WARM_UP_REQUESTS, MEASURED_REQUESTS, SPANS_A_REQUEST = 600, 2000, 100
# For another format in the agent that has taken those.
MORE_REQUESTS = 400


def test_allocations_per_span_stay_under_the_threshold(payloads, tmp_path, record_property):
    counter = tmp_path / "allocations"
    templates, newest = Templates(payloads, "kept"), Templates(payloads, "kept", "v10typed")
    with Intake() as intake, Agent(
            intake=intake.port, command=["env", f"LD_PRELOAD={interposer('malloc_count')}", f"MALLOC_COUNT_FILE={counter}"]) as agent:
        templates.send(agent.port, WARM_UP_REQUESTS, 8)
        before = _read(counter)
        account = templates.send(agent.port, MEASURED_REQUESTS, 8)
        allocations = _read(counter) - before
        assert before > 0, "the interposer did not count"
        newest.send(agent.port, MORE_REQUESTS, 8)
        before = _read(counter)
        newest_account = newest.send(agent.port, MORE_REQUESTS, 8)
        newest_allocations = _read(counter) - before
        assert agent.stop() == 0
        assert intake.received().spans == (WARM_UP_REQUESTS + MEASURED_REQUESTS + 2 * MORE_REQUESTS) * SPANS_A_REQUEST
    most = json.loads((HERE / "thresholds.json").read_text())["allocations_per_span"]
    for name, count, spans in [("v0.4", allocations, account["spans"]), ("v1.0", newest_allocations, newest_account["spans"])]:
        record_property(f"allocations_per_span of {name}", count / spans)
        print(f"{name}: {count / spans:.4f} allocations a span ({count} for {spans} spans)")
        assert count / spans <= most, name


def _read(path):
    return struct.unpack("=Q", pathlib.Path(path).read_bytes()[:8])[0]
