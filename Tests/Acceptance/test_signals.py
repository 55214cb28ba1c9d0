"""What signals ask of a running agent: to read its configuration again, to open its log again, to end."""
import hashlib
import json
import os
import pty
import shutil
import signal
import urllib.request

import msgpack

import hostile
from agent import BINARY, Agent, short_folder
from processes import clean_environment, free_port, listens, wait_until


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def ended_with(child):
    """The wait status of a child that has ended, in a list; nothing while it runs."""
    number, status = os.waitpid(child, os.WNOHANG)
    return [status] if number else []


def test_a_moved_log_and_a_changed_file_are_taken_over_while_it_runs(tmp_path):
    log, moved = tmp_path / "trace-agent.log", tmp_path / "trace-agent.log.1"
    with Agent(configuration="apm_config:\n  target_traces_per_second: 10\n", DD_APM_LOG_FILE=log) as agent:
        wait_until(lambda: any("listening" in line for line in lines(log)), 5, "the log to be written")
        for name in signal.SIGUSR1, signal.SIGHUP:
            log.rename(moved)
            os.kill(agent.child.pid, name)
            wait_until(log.exists, 5, "the log to be opened again")
        agent.file.write_text("apm_config:\n  target_traces_per_second: 3\n  max_connections: 7\n")
        os.kill(agent.child.pid, signal.SIGHUP)
        wait_until(lambda: agent.ask("info")["config"]["target_tps"] == 3, 5, "the target to change")
        wait_until(lambda: any("max_connections" in line for line in lines(log)), 5, "the rest to be named")
        agent.file.write_text("apm_config: [")
        os.kill(agent.child.pid, signal.SIGHUP)
        wait_until(lambda: any("not read again" in line for line in lines(log)), 5, "the mistake to be told")
        os.kill(agent.child.pid, signal.SIGUSR2)
        assert agent.ask("info")["config"]["target_tps"] == 3
        with urllib.request.urlopen(f"http://127.0.0.1:{agent.port}/info", timeout=5) as answer:
            document = answer.read()
        assert json.loads(document)["config"]["target_tps"] == 3
        assert answer.headers["Datadog-Agent-State"] == hashlib.sha256(document).hexdigest()
        assert agent.stop() == 0


def test_rules_that_have_changed_hold_for_the_next_payload():
    def send(agent):
        trace = hostile.spans(1, 1, service="web", resource="GET /ping")
        assert hostile.post(agent.port, msgpack.packb([trace]), timeout=5) == 200

    with Agent() as agent:
        send(agent)
        assert "ignore_resources" not in agent.ask("info")["dropped"]
        agent.file.write_text("apm_config:\n  ignore_resources: ['^GET /ping$']\n")
        os.kill(agent.child.pid, signal.SIGHUP)
        wait_until(lambda: "apm_config.ignore_resources is ^GET /ping$ from now on" in agent.text(), 5, "the rule")
        send(agent)
        assert agent.ask("info")["dropped"]["ignore_resources"]["traces"] == 1
        with urllib.request.urlopen(f"http://127.0.0.1:{agent.port}/info", timeout=5) as answer:
            assert json.loads(answer.read())["ignore_resources"] == ["^GET /ping$"]
        assert agent.stop() == 0


def test_each_request_has_a_line_where_somebody_looks_for_one():
    with Agent(DD_LOG_LEVEL="debug") as agent:
        assert hostile.post(agent.port, msgpack.packb([hostile.spans(3, 1, service="web")]), timeout=5) == 200
        wait_until(lambda: "/v0.4/traces from loopback port" in agent.text(), 5, "the line of the request")
        assert ": 200, " in agent.text() and "1 trace, 3 spans" in agent.text()


def test_an_agent_in_a_terminal_ends_with_it():
    folder, port = short_folder(), free_port()
    variables = clean_environment(
        DD_APM_RECEIVER_PORT=port, DD_APM_RECEIVER_SOCKET=folder / "apm.sock", DD_LOCAL_DB="off",
        ROOST_CONTROL_SOCKET=folder / "control.sock")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(BINARY, [str(BINARY), "serve", "--config", "/dev/null"], variables)
    try:
        wait_until(lambda: listens(folder / "control.sock"), 10, "roost to listen")
        os.close(terminal)
        ended = wait_until(lambda: ended_with(child), 8, "the agent to end")
        child = None
        assert os.waitstatus_to_exitcode(ended[0]) == 0
    finally:
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)
