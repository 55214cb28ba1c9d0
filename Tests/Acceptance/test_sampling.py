"""What real tracers' sampling rules and the agent's samplers keep, at the intake and in the accounts."""
import contextlib
import json
import os
import signal
import subprocess
import time

import pytest

from agent import Agent, Intake
from clocks import Clock
from conftest import environment_or_skip
from environments import Client
from processes import APPS, clean_environment, wait_until

NEW = Client("4.16", "3.13")
DROP_ALL = '[{"sample_rate": 0}]'
QUICK_WRITER = "apm_config:\n  trace_writer:\n    flush_period_seconds: 1\n"


def run_job(agent, **settings):
    folder = environment_or_skip(NEW)
    done = subprocess.run(
        [folder / "bin" / "python", APPS / "sampled_job.py"], capture_output=True, text=True, timeout=60,
        env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_INSTRUMENTATION_TELEMETRY_ENABLED="false",
                              DD_TRACE_STATS_COMPUTATION_ENABLED="false", **settings))
    assert done.returncode == 0, done.stderr


def info_when(agent, traces):
    """What `roost info` says once so many traces have come."""
    wait_until(lambda: agent.ask("info")["received"]["traces"] == traces, 10, "the traces to arrive")
    return agent.ask("info")


def test_spans_that_a_rule_of_the_tracer_keeps_go_alone_and_the_rest_is_counted():
    configuration = QUICK_WRITER
    with Intake() as intake, Agent(intake=intake.port, configuration=configuration, DD_LOCAL_DB="memory") as agent:
        run_job(agent, DD_TRACE_SAMPLING_RULES=DROP_ALL,
                DD_SPAN_SAMPLING_RULES='[{"name": "job.query", "sample_rate": 1.0}]')
        info = info_when(agent, 10)
        assert info["received"] == {**info["received"], "traces": 10, "spans": 30}
        assert (info["kept"]["traces"], info["kept"]["spans"]) == (10, 10)
        assert info["dropped"] == {"sampling_user_drop": {"payloads": 0, "bytes": 0, "traces": 0, "spans": 20}}
        # Statistics, tables and the store have the whole of it.
        assert agent.services() == {"shop": (10, 0), "shop-db": (10, 0)}
        rows = agent.ask("traces")["traces"]
        assert [(row["span_count"], row["kept"], row["kept_by"]) for row in rows] == [(3, True, "single_spans")] * 10
        assert agent.stop() == 0, agent.text()
        arrived = intake.received()
        assert arrived.spans == 10 and len(arrived.traces) == 10
        assert arrived.statistics["hits"] == 20


def test_a_tracer_s_decision_does_not_count_beside_the_probabilistic_sampler():
    with Intake() as intake, Agent(intake=intake.port, configuration=QUICK_WRITER,
                                   DD_APM_PROBABILISTIC_SAMPLER_ENABLED="true",
                                   DD_APM_PROBABILISTIC_SAMPLER_SAMPLING_PERCENTAGE="100") as agent:
        run_job(agent, DD_TRACE_SAMPLING_RULES=DROP_ALL)
        assert info_when(agent, 10)["kept"]["spans"] == 30
        assert agent.stop() == 0, agent.text()
        assert intake.received().spans == 30


def test_only_rare_traces_are_kept_of_what_would_be_dropped():
    with Agent(DD_APM_ENABLE_RARE_SAMPLER="true", DD_APM_FEATURES="error_rare_sample_tracer_drop", DD_LOCAL_DB="memory") as agent:
        # Each resource is one trace only; the second run has the same ones.
        first = second = None
        for times in 1, 2:
            run_job(agent, DD_TRACE_SAMPLING_RULES=DROP_ALL)
            info = info_when(agent, 10 * times)
            first, second = second, info
        assert (first["kept"]["traces"], first["dropped"]) == (10, {})
        assert (second["kept"]["traces"], second["dropped"]["sampling_auto_drop"]["traces"]) == (10, 10)
        assert second["rare_sampler"] == {"hits": 10, "misses": 0, "shrinks": 0}
        rows = sorted(agent.ask("traces")["traces"], key=lambda row: row["start_ns"])
        assert [(row["kept"], row["kept_by"]) for row in rows[:10]] == [(True, "rare")] * 10
        assert len(rows) == 20 and not any(row["kept"] for row in rows[10:]), rows


@contextlib.contextmanager
def rated_job(agent, computes_statistics=False):
    """A running `rated_job.py` as a function that makes so many traces and gives the rate of the last one."""
    python = environment_or_skip(NEW) / "bin" / "python"
    with subprocess.Popen(
            [python, APPS / "rated_job.py"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}",
                                  DD_INSTRUMENTATION_TELEMETRY_ENABLED="false",
                                  DD_TRACE_STATS_COMPUTATION_ENABLED=str(computes_statistics).lower())) as job:
        def make(traces=1):
            job.stdin.write(f"{traces}\n")
            job.stdin.flush()
            return json.loads(job.stdout.readline())
        yield make
        job.stdin.close()
        assert job.wait(20) == 0


def test_a_running_tracer_samples_at_the_rates_for_a_target_that_was_changed():
    with Agent() as agent, rated_job(agent) as rate:
        # More than the test sends. A service has a rate of its own from the next five seconds on.
        for target, expected in (1_000, 1), (100, 0.1), (1_000, 1):
            agent.file.write_text(f"apm_config:\n  target_traces_per_second: {target}\n")
            os.kill(agent.child.pid, signal.SIGHUP)
            wait_until(lambda: rate() == expected, 10, f"the tracer to sample for {target} traces a second")


# By hand: the seconds pass by themselves, and not on a clock that is put ahead.
IS_REAL_TIME = "ROOST_REAL_TIME" in os.environ
TARGET, OFFERED, SETTLING_SECONDS, SECONDS, WINDOW_SECONDS = 10, 500, 15, 60, 5


@pytest.mark.parametrize("computes_statistics", [False, True], ids=["sends all", "drops by itself"])
def test_a_tracer_and_the_agent_settle_at_the_target(computes_statistics, tmp_path):
    """A minute of 500 traces a second, of which ten are kept, whoever drops the others. Rates follow what comes in five
    seconds, so that those are what the agent's clock must tell apart."""
    clock = Clock(tmp_path)
    configuration = f"apm_config:\n  target_traces_per_second: {TARGET}\n"
    with Agent(configuration=configuration, **clock.variables) as agent, rated_job(agent, computes_statistics) as make:
        begin = (int(time.time()) // WINDOW_SECONDS + 1) * WINDOW_SECONDS
        settled = None
        for second in range(SETTLING_SECONDS + SECONDS):
            if second == SETTLING_SECONDS:
                settled = agent.ask("info")["kept"]["traces"]
            if IS_REAL_TIME:
                wait_until(lambda: time.time() >= begin + second, 10, "the next second")
            elif second % WINDOW_SECONDS == 0:
                # A second into the window, of which real time may use up the others.
                clock.set(begin + second + 1 - int(time.time()))
            rate = make(OFFERED)
        info = agent.ask("info")
        assert abs((info["kept"]["traces"] - settled) / SECONDS - TARGET) <= 2, (settled, info["kept"], rate)
        assert info["received"]["traces"] + info["client_dropped"]["traces"] == OFFERED * (SETTLING_SECONDS + SECONDS)
        assert (info["client_dropped"]["traces"] > 0) == computes_statistics
        dropped = sum(row["traces"] for row in info["dropped"].values())
        assert info["received"]["traces"] == info["kept"]["traces"] + dropped
        assert agent.stop() == 0, agent.text()
