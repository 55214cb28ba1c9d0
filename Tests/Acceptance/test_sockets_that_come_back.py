"""The sockets of a running agent are where apps and commands look for them, whatever became of files and folders."""
import os
import shutil
import socket
import subprocess

import pytest

from agent import Agent, short_folder
from processes import APPS, clean_environment, listens, wait_until


@pytest.fixture
def place():
    """A folder whose paths are short enough for a unix socket."""
    folder = short_folder()
    yield folder
    shutil.rmtree(folder)


def answers(path):
    """Whether an agent answers a request at a unix socket."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(path))
            client.sendall(b"GET /info HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return client.recv(15) == b"HTTP/1.1 200 OK"
    except OSError:
        return False


def hits(agent):
    return agent.services().get("shop", (0, 0))[0]


def traced_over(agent, tracer, path):
    """Runs an app that sends one trace to the socket, and sees it arrive."""
    before = hits(agent)
    subprocess.run([tracer / "ddtrace-run", tracer / "python", APPS / "traced_job.py", "flush"], check=True, timeout=60,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env=clean_environment(DD_SERVICE="shop", DD_ENV="test", DD_TRACE_AGENT_URL=f"unix://{path}"))
    wait_until(lambda: hits(agent) > before, 5, "the app's trace")


def doctor(agent):
    return {row["id"] for row in agent.ask("doctor", codes=range(3))["findings"]}


def cure(agent):
    """Types the line that the doctor gives for a socket that is not listened on; the tests may do what sudo may."""
    findings = agent.ask("doctor", codes=range(3))["findings"]
    line = next(finding["fix"][0] for finding in findings if finding["id"] == "RST058")
    subprocess.run(line.removeprefix("sudo "), shell=True, check=True, timeout=20)


def test_a_folder_that_is_made_later(tracer, place):
    folder = place / "apm"
    path = folder / "apm.socket"
    with Agent(DD_APM_RECEIVER_SOCKET=path) as agent:
        info = agent.ask("info")
        assert info["not_listening"] == [{"address": str(path), "reason": "the directory does not exist"}]
        assert str(path) not in info["listeners"] and "not on " in agent.command() and "RST058" in doctor(agent)
        cure(agent)
        wait_until(lambda: answers(path), 5, "the socket")
        info = agent.ask("info")
        assert info["not_listening"] == [] and str(path) in info["listeners"] and "RST058" not in doctor(agent)
        traced_over(agent, tracer, path)
        # Gone with all that is in it, as when a volume is mounted anew, while an app runs. In one step: the agent would
        # make its socket anew in a folder that is being emptied.
        shutil.rmtree(folder.rename(place / "old"))
        wait_until(lambda: str(path) not in agent.ask("info")["listeners"], 5, "the agent to miss its socket")
        folder.mkdir()
        wait_until(lambda: answers(path), 5, "the socket again")
        traced_over(agent, tracer, path)
        assert agent.text().count(f"INFO listening on {path}") == 2, agent.text()


def test_an_older_agent_that_stops():
    with Agent() as old:
        path = old.folder / "apm.sock"
        with Agent(DD_APM_RECEIVER_SOCKET=path) as new:
            failure, = new.ask("info")["not_listening"]
            assert failure["address"] == str(path) and failure["reason"].startswith("another process listens on it")
            assert answers(path) and old.ask("info")["connections"]["accepted"] == 1, "it looks without connecting"
            old.stop()
            wait_until(lambda: answers(path), 5, "the socket")
            info = new.ask("info")
            assert info["not_listening"] == [] and str(path) in info["listeners"]


def test_the_commands_socket_that_is_tidied_up():
    with Agent() as agent:
        control = agent.folder / "control.sock"
        control.unlink()
        wait_until(lambda: listens(control), 5, "the commands' socket")
        assert agent.ask("info")["pid"] == agent.child.pid
        assert os.stat(control).st_mode & 0o777 == 0o600
