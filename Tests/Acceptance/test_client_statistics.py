"""Tracers that compute statistics themselves: the tables and the intake get the figures of one that does not."""
import collections
import subprocess

import pytest

import environments
from agent import Agent, Intake
from conftest import environment_or_skip
from processes import APPS, clean_environment, wait_until

CLIENTS = [environments.Client("2.21", "3.13"), environments.Client("4.16", "3.13")]
SHOP = {"shop": (26, 3), "till": (3, 3)}


class Counted:
    """What the shop's job is counted as, without the traces by which it waits for its start."""

    def __init__(self, python, folder, computed, **settings):
        with Intake() as intake, Agent(intake=intake.port) as agent:
            variables = clean_environment(
                DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_ENV="test", DD_VERSION="1.0",
                DD_TRACE_STATS_COMPUTATION_ENABLED=str(computed).lower(), _DD_TRACE_STATS_WRITER_INTERVAL="0.2", **settings)
            words = [python, APPS / "counted_job.py", *(["--when-told"] if computed else [])]
            with subprocess.Popen(words, cwd=folder, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True) as job:
                if computed:
                    # Tracers count from when they have seen that the agent takes it.
                    wait_until(lambda: sends_statistics(agent), 10, "the tracer's own statistics")
                self.started = int(job.communicate("go\n" if computed else None, timeout=30)[0])
                assert job.returncode == 0
            wait_until(lambda: "shop" in agent.services(), 10, "the services")
            self.services = {service: row for service, row in agent.services().items() if service != "start"}
            self.resources = {service: agent.resources(service) for service in self.services}
            self.info = agent.ask("info")
            assert agent.stop() == 0, agent.text()
            arrived = intake.received()
        # Which tags of peers a group has, tracers decide otherwise than the agent: the old one has none.
        self.arrived = collections.Counter()
        for (service, operation, *_), hits in arrived.services.items():
            self.arrived[service, operation] += hits * (service != "start")
        self.sums = {name: arrived.statistics[name] - self.started for name in ("hits", "top_level", "in_ok_sketches")}
        self.sums |= {name: arrived.statistics[name] for name in ("errors", "in_error_sketches")}
        self.client_computed = arrived.client_computed


def sends_statistics(agent):
    return "v0.6/stats" in {row["endpoint"] for row in agent.ask("info")["clients"]}


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_tracer_that_counts_itself_shows_what_one_shows_that_does_not(client, tmp_path):
    python = environment_or_skip(client) / "bin" / "python"
    by_agent = Counted(python, tmp_path, computed=False)
    assert by_agent.services == SHOP and by_agent.client_computed == {False} and not sum(
        row["endpoint"] == "v0.6/stats" for row in by_agent.info["clients"])
    by_itself = Counted(python, tmp_path, computed=True)
    assert True in by_itself.client_computed
    assert "missing_statistics" not in {row["kind"] for row in by_itself.info["misuse"]}
    assert (by_itself.services, by_itself.resources) == (by_agent.services, by_agent.resources)
    assert by_itself.sums == by_agent.sums
    assert by_itself.arrived == by_agent.arrived


def test_a_tracer_that_drops_traces_itself_has_counted_them(tmp_path):
    python = environment_or_skip(CLIENTS[-1]) / "bin" / "python"
    # Two thirds are dropped, by the ids of traces, which are chosen by chance.
    shop = Counted(python, tmp_path, computed=True, DD_TRACE_SAMPLING_RULES='[{"sample_rate": 0.34}]')
    assert shop.services == SHOP and shop.sums["hits"] == 29
    dropped, received = shop.info["client_dropped"], shop.info["received"]
    assert dropped["traces"] > 0 and dropped["traces"] + received["traces"] == 26 + shop.started
    assert dropped["spans"] + received["spans"] == 29 + shop.started
