"""The agent's own metrics, as a DogStatsD and a Prometheus read them."""
import re
import socket
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from agent import Agent, Intake
from processes import free_port, wait_until

pytestmark = pytest.mark.linux

LINE = re.compile(r"datadog\.trace_agent\.([a-z0-9_.]+):(\d+)\|([cg])(?:\|#((?:[a-z_]+:[^,|\n]*)(?:,[a-z_]+:[^,|\n]*)*))?")


class DogStatsD:
    """Takes datagrams and sums them up, and accepts nothing that is not of the protocol."""

    def __init__(self, kind, address):
        self.socket = socket.socket(kind, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)
        self.counts, self.gauges, self.longest = {}, {}, 0

    def read(self):
        while True:
            try:
                datagram = self.socket.recv(65_536)
            except BlockingIOError:
                return
            self.longest = max(self.longest, len(datagram))
            for line in datagram.decode().split("\n"):
                found = LINE.fullmatch(line)
                assert found, line
                name, value, kind, tags = found.groups()
                if kind == "c":
                    assert int(value) > 0, line
                    self.counts[name] = self.counts.get(name, 0) + int(value)
                else:
                    self.gauges[name, tags] = int(value)

    def has(self, **counts):
        self.read()
        return all(self.counts.get(name.replace("__", "."), 0) == count for name, count in counts.items())


def test_a_dogstatsd_and_a_prometheus_see_what_roost_info_shows(tmp_path):
    path = str(tmp_path / "dsd.socket")
    statsd = DogStatsD(socket.AF_UNIX, path)
    page = free_port()
    with Intake() as intake, Agent(intake=intake.port, DD_DOGSTATSD_SOCKET=f"unix://{path}", DD_LOCAL_WEB=page) as agent:
        # The first ones are sent at the start, before anything came.
        wait_until(lambda: statsd.has(started=1), 10, "the first datagrams")
        assert ("heartbeat", "version:" + agent.ask("info")["version"]) in statsd.gauges
        agent.command("send-test")
        info = agent.ask("info")
        with urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics", timeout=10) as answer:
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            served = answer.read().decode()
        printed = agent.command("info", "--prometheus")
        for text in (served, printed):
            families = {family.name: family for family in text_string_to_metric_families(text)}
            assert all(family.documentation and family.type in ("counter", "gauge") for family in families.values())
            spans = families["datadog_trace_agent_receiver_spans_received"].samples
            assert sum(sample.value for sample in spans) == info["received"]["spans"] > 0
            assert families["datadog_trace_agent_sampler_kept"].samples[0].value == info["kept"]["traces"]
        # What was counted since is sent every ten seconds, and at the end.
        assert agent.stop() == 0
        assert statsd.has(receiver__spans_received=info["received"]["spans"], sampler__kept=info["kept"]["traces"])
        assert statsd.longest <= 8_192


def test_nothing_is_sent_where_nobody_asked_for_it():
    statsd = DogStatsD(socket.AF_INET, ("127.0.0.1", 0))
    port = statsd.socket.getsockname()[1]
    with Agent(DD_DOGSTATSD_PORT=port, DD_USE_DOGSTATSD="false"):
        pass
    with Agent(DD_DOGSTATSD_PORT=port):
        wait_until(lambda: statsd.has(started=1), 10, "the first datagrams")
    assert statsd.longest <= 1_432
