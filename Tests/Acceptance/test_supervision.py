"""What a service manager and probes see of an agent, and what its log looks like for programs."""
import json
import os
import signal
import socket
import urllib.error
import urllib.request

from agent import Agent, short_folder
from processes import free_port, wait_until


def probe(port, path):
    """Status and document of a probe."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_service_manager_and_probes_see_how_the_agent_does(tmp_path):
    port, log, pid = free_port(), tmp_path / "trace-agent.log", tmp_path / "roost.pid"
    name = short_folder() / "notify.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(name))
        manager.settimeout(10)

        def told(start):
            """The next notice that begins so; signs of life come between the others."""
            while not (notice := manager.recv(4096).decode()).startswith(start):
                assert notice == "WATCHDOG=1", notice
            return notice

        with Agent(command=["sh", "-c", f'exec "$@" --pid {pid}', "sh"], NOTIFY_SOCKET=name, WATCHDOG_USEC=600_000,
                   DD_HEALTH_PORT=port, DD_LOG_FORMAT_JSON="true", DD_LOG_TO_CONSOLE="true",
                   DD_APM_LOG_FILE=log, DD_LOG_FILE_MAX_SIZE=300,
                   DD_LOG_FILE_MAX_ROLLS=2) as agent:
            assert f"STATUS=listening on 127.0.0.1:{agent.port}" in told("READY=1")
            told("WATCHDOG=1")
            assert pid.read_text() == f"{agent.child.pid}\n"
            parts = ["main-loop", "receiving-threads", "receiver"]
            assert probe(port, "/ready") == (200, {"Healthy": parts, "Unhealthy": []})
            assert probe(port, "/live") == (200, {"Healthy": parts[:2], "Unhealthy": []})
            os.kill(agent.child.pid, signal.SIGHUP)
            assert "MONOTONIC_USEC=" in told("RELOADING=1")
            told("READY=1")
            assert agent.stop() == 0
            told("STOPPING=1")
            assert not pid.exists()
            lines = [json.loads(line) for line in agent.text().splitlines()]
            assert all(line["agent"] == "trace" and line["level"] == "INFO" for line in lines), lines
            assert {f"listening on 127.0.0.1:{agent.port}", "stopping"} <= {line["msg"] for line in lines}
            written = [tmp_path / f"trace-agent.log{end}" for end in (".2", ".1", "")]
            rolled = [json.loads(line) for file in written if file.exists() for line in file.read_text().splitlines()]
            assert rolled == lines[-len(rolled):] and written[1].exists() and not list(tmp_path.glob("*.3"))


def test_a_health_port_that_another_program_has_costs_nothing_else():
    with socket.create_server(("0.0.0.0", 0)) as other:
        with Agent(DD_HEALTH_PORT=other.getsockname()[1]) as agent:
            wait_until(lambda: "health_port has no effect" in agent.text(), 5, "the warning")
            assert agent.ask("info")["pid"] == agent.child.pid
