"""What roost forwards to the intake: everything kept exactly once, and statistics that add up."""
import re
import shutil
import socket

import pytest

from agent import Agent, Intake, short_folder
from ledger import assert_accounts_balance
from loads import HITS_EACH, SPANS_EACH, SteadyClients, Templates
from processes import free_port, wait_until
from reports import doctor

pytestmark = pytest.mark.linux

QUICK_WRITER = "apm_config:\n  trace_writer:\n    flush_period_seconds: 1\n"
REQUESTS = 200


def assert_all_arrived(intake, agent, expected, encoding):
    """After a normal stop, what is at the intake is exactly what was expected."""
    assert agent.stop() == 0, agent.text()
    arrived = intake.received()
    assert arrived.spans == expected.pop("spans_kept")
    assert len(arrived.traces) == expected.pop("traces_kept")
    assert set(arrived.traces.values()) == {1}, "a trace arrived more than once"
    arrived.assert_statistics(expected)
    assert {used for kind, used in arrived.payloads if kind == "traces"} == {encoding}
    assert {used for kind, used in arrived.payloads if kind == "stats"} == {"gzip"}


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
@pytest.mark.parametrize("connections", [1, 64])
def test_every_kept_span_arrives_once_and_the_statistics_add_up(connections, encoding, payloads):
    templates = Templates(payloads, "kept")
    with Intake() as intake, Agent(intake=intake.port, DD_APM_COMPRESSION=encoding) as agent:
        templates.send(agent.port, REQUESTS, connections)
        assert_all_arrived(intake, agent, templates.expected(REQUESTS), encoding)


@pytest.mark.parametrize("version", ["v04", "v05"])
def test_dropped_traces_are_counted_and_not_forwarded(version, payloads):
    templates = Templates(payloads, "mixed", version)
    with Intake() as intake, Agent(intake=intake.port) as agent:
        templates.send(agent.port, REQUESTS, 8)
        expected = templates.expected(REQUESTS)
        assert 0 < expected["traces_kept"] < expected["hits"]
        assert_all_arrived(intake, agent, expected, "zstd")


def test_a_running_agent_sends_without_being_stopped(payloads):
    """Traces after the writer's period, statistics once their 10 s bucket has closed."""
    templates = Templates(payloads, "kept")
    with Intake() as intake, Agent(intake=intake.port, configuration=QUICK_WRITER) as agent:
        templates.send(agent.port, 40, 4)
        expected = templates.expected(40)
        wait_until(lambda: len(intake.received().traces) == expected["traces_kept"], 10, "the traces to arrive")
        wait_until(lambda: intake.received().statistics["hits"] == expected["hits"], 45, "the statistics to arrive")
        assert_all_arrived(intake, agent, expected, "zstd")


def test_a_stop_amid_load_loses_nothing_that_was_answered(payloads):
    with Intake() as intake, Agent(intake=intake.port) as agent:
        clients = SteadyClients(agent.port)
        try:
            wait_until(lambda: len(clients.answered) > 2000 or not agent.running, 30, "some load")
            assert agent.stop() == 0, agent.text()
        finally:
            clients.finish()
        arrived = intake.received()
        assert clients.answered, "nothing was answered"
        assert clients.answered - set(arrived.traces) == set(), "answered 200 and lost"
        assert set(arrived.traces) - clients.sent == set()
        assert set(arrived.traces.values()) == {1}
        assert arrived.spans == SPANS_EACH * len(arrived.traces)
        assert arrived.statistics["hits"] == HITS_EACH * len(arrived.traces)


def test_without_an_api_key_it_says_so_once_and_sends_nothing(payloads):
    with Intake() as intake, Agent(DD_APM_DD_URL=f"http://127.0.0.1:{intake.port}") as agent:
        Templates(payloads, "kept").send(agent.port, 40, 4)
        wait_until(agent.services, 30, "the local tables")
        assert agent.stop() == 0
        lines = [line for line in agent.text().splitlines() if "api key" in line.lower().replace("_", " ")]
        assert len(lines) == 1, agent.text()
        assert intake.counts()["connections"] == 0


@pytest.mark.parametrize("outage", ["refused", "status=408", "status=503", "status=429", "reset=100"])
def test_what_an_unavailable_intake_refused_arrives_when_it_is_back(outage, payloads):
    templates = Templates(payloads, "kept")
    port = free_port()
    intake = None if outage == "refused" else Intake(port)
    try:
        with Agent(intake=port, configuration=QUICK_WRITER) as agent:
            if intake:
                intake.fault(outage)
            templates.send(agent.port, 40, 4)
            if intake:
                wait_until(lambda: intake.counts()["requests"] >= 2, 20, "a second attempt")
                intake.fault("status=0&reset=0")
            else:
                wait_until(lambda: agent.ask("info")["queued"]["payloads"], 10, "a payload to wait for the intake")
                intake = Intake(port)
            expected = templates.expected(40)
            wait_until(lambda: len(intake.received().traces) == expected["traces_kept"], 30, "the traces to arrive")
            assert_all_arrived(intake, agent, expected, "zstd")
    finally:
        if intake:
            intake.__exit__()


@pytest.mark.parametrize("fault, seen, logged, found", [
    ("status=400", "HTTP 400", "refused 1 payload with HTTP 400", "RST054"),
    ("status=403", "HTTP 403", "refuses the API key (HTTP 403)", "RST047"),
    ("status=429", "HTTP 429", "HTTP 429; trying on", "RST053"),
    ("status=500", "HTTP 500", "HTTP 500; trying on", "RST053"),
    ("delay_ms=60000", "has not answered yet", "has not answered yet, after 4 s", "RST052"),
    ("down", "connect", "trying on", "RST052"),
])
def test_an_intake_that_takes_nothing_is_seen_everywhere(fault, seen, logged, found, payloads):
    """In `roost` alone, in `roost info`, in the log, and by the doctor, who gives no all-clear."""
    port = free_port()
    intake = Intake(port)
    try:
        with Agent(intake=port, configuration=QUICK_WRITER) as agent:
            if fault == "down":
                intake.stop()
            else:
                intake.fault(fault)
            Templates(payloads, "kept").send(agent.port, 40, 4)
            wait_until(lambda: agent.ask("info")["intake"]["troubles"], 10, "the trouble to be seen")
            url = f"http://127.0.0.1:{port}"
            for screen in (agent.command(), agent.command("info")):
                line = next(line for line in screen.splitlines() if url in line and seen in line)
                assert re.search(r" for | after |just now| ago", line) and "traces" in line, screen
                assert "nothing has been taken yet" in screen, screen
            assert ("nothing was dropped" in agent.command("info")) == (found != "RST054")
            assert ("payloads (" in agent.command() or "1 payload (" in agent.command()) == (
                found != "RST054"), agent.command()
            assert ("intake_rejected" in agent.command()) == (found == "RST054")
            if found == "RST047":
                assert "the key or the site is wrong" in agent.command("info")
            report = doctor("--config", agent.file, **agent.variables)
            finding = next(finding for finding in report.findings if finding["id"] == found)
            assert finding["severity"] == "problem" and url in str(finding), finding
            assert "datadoghq" not in str(finding), "the agent sends elsewhere"
            wait_until(lambda: logged in agent.text(), 10, f"{logged!r} in the log")
            line = next(line for line in agent.text().splitlines() if logged in line)
            assert " WARN " in line and url in line, line
            if fault.startswith("status"):
                intake.fault("status=0")  # so that the stop need not wait for it
    finally:
        intake.__exit__()


SETTINGS = """
syslog_pem: /etc/ssl/syslog.pem
log_file: /var/log/datadog/agent.log
logs_config: {container_collect_all: true}
apm_config:
  max_cpu_percent: 50
  connection_limit: 200
  trace_writer: {queue_size: 9}
  zebra: 1
"""


def test_settings_without_effect_are_in_the_log_in_info_and_in_the_doctor():
    """With time and level, also in a log file; each once; not those of other programs."""
    names = ["syslog_pem", "log_file", "apm_config.max_cpu_percent", "apm_config.connection_limit",
             "apm_config.trace_writer.queue_size", "apm_config.zebra", "DD_APM_SYNC_FLUSHING"]
    folder = short_folder()
    log = folder / "trace-agent.log"
    with Agent(configuration=SETTINGS, DD_APM_SYNC_FLUSHING="true", DD_APM_LOG_FILE=log) as agent:
        lines = [line for line in log.read_text().splitlines() if "effect" in line or "unknown key" in line]
        assert all(line[4] == "-" and "Z WARN " in line or "Z INFO " in line for line in lines), lines
        told = "\n".join(lines)
        for name in names:
            assert len(re.findall(rf"(?<![\w.]){re.escape(name)}(?![\w.])", told)) == 1, f"{name} in {told}"
        in_file = [name for name in names if not name.startswith("DD_")] + ["logs_config"]
        assert told.count(f"{agent.file}:") == len(in_file), told
        assert agent.text() == "", "nothing beside the file"
        assert "settings    7 settings have no effect (roost info -v" in agent.command("info")
        assert "7 settings have no effect" in agent.command()
        listed = agent.command("info", "-v")
        assert all(name in listed for name in [*names, "logs_config"]), listed
        report = doctor("--config", agent.file, **agent.variables)
        said = str([finding for finding in report.findings if finding["id"] == "RST056"])
        assert all(name in said for name in names) and "logs_config" not in said, said
    shutil.rmtree(folder)


def test_an_intake_that_never_comes_back_costs_a_bounded_queue(payloads):
    templates = Templates(payloads, "kept")
    # Each kind has a limit of its own.
    traces, statistics = 2 * 1024 * 1024, 512 * 1024
    with Agent(intake=free_port(), configuration=QUICK_WRITER, DD_LOCAL_SPOOL="off",
               DD_APM_CONFIG_TRACE_WRITER_QUEUE_MAX_BYTES=traces, DD_APM_CONFIG_STATS_WRITER_QUEUE_MAX_BYTES=statistics) as agent:
        templates.send(agent.port, 2000, 8)  # about 5 MB compressed
        wait_until(lambda: agent.ask("info")["lost"].get("queue_full"), 30, "the queue to overflow")
        info = agent.ask("info")
        assert info["lost"]["queue_full"]["spans"] > 0
        assert "stats_queue_full" not in info["lost"]
        assert info["queued"]["bytes"] <= traces + statistics
        assert info["received"]["spans"] == 2000 * 100
        assert_accounts_balance(agent)
        assert agent.stop() == 0, agent.text()


def test_neither_a_hanging_intake_nor_idle_commands_hold_up_a_stop(payloads):
    """A supervisor kills after 5 s; a stop keeps half a second away from that. What was not taken is sent by the next agent."""
    templates, folder = Templates(payloads, "kept"), short_folder()
    expected = templates.expected(40)
    options = {"configuration": QUICK_WRITER, "DD_LOCAL_SPOOL": folder / "spool"}
    with Intake() as intake, Agent(intake=intake.port, **options) as agent:
        intake.fault("delay_ms=60000")
        templates.send(agent.port, 40, 4)
        wait_until(lambda: intake.counts()["connections"], 20, "an attempt to send")
        idle = [socket.socket(socket.AF_UNIX) for _ in range(8)]
        try:
            for command in idle:
                command.connect(str(agent.folder / "control.sock"))
            assert agent.stop(seconds=4.5) == 0, agent.text()
        finally:
            for command in idle:
                command.close()
        assert f"lost 0, left {expected['traces_kept']} on disk for the next agent" in agent.text()
        intake.fault("delay_ms=0")
        with Agent(intake=intake.port, **options) as following:
            wait_until(lambda: following.ask("info")["sent"]["spans"] >= expected["spans_kept"], 20, "all to be sent")
            wait_until(lambda: following.ask("info")["sent"]["stats"]["payloads"], 20, "the statistics to be sent")
            assert_accounts_balance(following)
    shutil.rmtree(folder)


def test_the_api_key_is_never_printed(payloads):
    with Intake() as intake, Agent(intake=intake.port, DD_LOG_LEVEL="debug") as agent:
        intake.fault("status=403")
        Templates(payloads, "kept").send(agent.port, 40, 4)
        told = str(agent.ask("info", "-v"))
        agent.stop()
        key = agent.variables["DD_API_KEY"]
        assert key not in agent.text() and key not in told
