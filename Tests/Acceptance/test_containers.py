"""Which container a tracer is in: by its own word, by its process, by its control group."""
import os
import urllib.request

import pytest

from agent import Agent, Intake
from control_groups import ControlGroups, container_id
from processes import APPS

pytestmark = pytest.mark.linux

# The agent looks a client up at its first request, which does not wait for it without end: this one comes a long time before
# the one with traces, from the same process.
GREET = r"""
import os, socket, sys
path, *job = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as agent:
    agent.connect(path)
    agent.sendall(b"GET /info HTTP/1.1\r\nHost: roost\r\n\r\n")
    agent.recv(1)
os.execv(job[0], job)
"""


@pytest.fixture
def groups():
    groups = ControlGroups()
    yield groups
    groups.remove()


def test_a_traced_program_is_known_by_its_container_however_that_shows(groups, tracer):
    said, seen, named = container_id(), container_id(), container_id()
    job = [tracer / "python", APPS / "traced_job.py", "flush"]
    quiet = {"DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false", "DD_REMOTE_CONFIGURATION_ENABLED": "false"}
    with Intake() as intake, Agent(intake=intake.port) as agent:
        socket = {"DD_TRACE_AGENT_URL": f"unix://{agent.folder}/apm.sock", **quiet}
        port = {"DD_TRACE_AGENT_URL": f"http://127.0.0.1:{agent.port}", **quiet}
        greeting = [tracer / "python", "-c", GREET, agent.folder / "apm.sock"]
        group = groups.make(named)
        urllib.request.urlopen(urllib.request.Request(
            f"http://127.0.0.1:{agent.port}/info", headers={"Datadog-Entity-ID": f"in-{os.stat(group[0]).st_ino}"}), timeout=5).close()
        jobs = [
            # ddtrace reads the id itself, and sends it.
            groups.start(groups.make(said), *job, **port),
            # It cannot, but the kernel says over the unix socket which process it is.
            groups.start(groups.make(seen), *greeting, *job, hides=True, **socket),
            # It sees only its own group, and sends the inode of that.
            groups.start(group, *job, hides=True, mounts=True, **port),
        ]
        for running in jobs:
            output, _ = running.communicate(timeout=30)
            assert running.returncode == 0, output
        assert {row["container_id"] for row in agent.ask("info")["processes"]} == {said, seen, named}
        table = agent.command("info", "-v")
        assert all(id[:12] in table for id in (said, seen, named)), table
        assert agent.stop() == 0
        arrived = intake.received()
        assert arrived.container_tags == {id: f"container_id:{id}" for id in (said, seen, named)}
        assert arrived.statistics_containers == {said, seen, named}
