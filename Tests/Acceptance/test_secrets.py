"""Values that a program has to be asked for: secret_backend_command."""
import json
import os
import signal

import pytest

from agent import API_KEY, Agent, Intake
from loads import Templates
from processes import wait_until

pytestmark = pytest.mark.linux

NEW_KEY = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def backend(tmp_path):
    """A program that answers with what stands in a file, and counts how often it is asked."""
    (tmp_path / "secrets.json").write_text(json.dumps({"key": {"value": API_KEY, "error": None}}))
    program = tmp_path / "backend"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/asked\necho asked >> {tmp_path}/times\ncat {tmp_path}/secrets.json\n")
    program.chmod(0o700)
    return program


def test_a_key_comes_from_a_program_and_changes_when_it_is_refused(backend, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(20)
    with Intake() as intake, Agent(intake=intake.port, DD_API_KEY="ENC[key]", DD_SECRET_BACKEND_COMMAND=backend) as agent:
        assert json.loads((backend.parent / "asked").read_text()) == {"version": "1.0", "secrets": ["key"]}
        shown = agent.command("config", "show", "--set")
        assert "…cdef" in shown and API_KEY not in shown
        intake.fault("status=403")
        (backend.parent / "secrets.json").write_text(json.dumps({"key": {"value": NEW_KEY}}))
        templates.send(agent.port, 20, 2)
        wait_until(lambda: "api_key is …3210 from now on" in agent.text(), 15, "the new key")
        intake.fault("status=0")
        wait_until(lambda: intake.received().spans == expected["spans_kept"], 20, "all to arrive with it")
        assert API_KEY not in agent.text() and NEW_KEY not in agent.text()
        # Other commands do not ask.
        times = (backend.parent / "times").read_text()
        agent.services()
        assert (backend.parent / "times").read_text() == times
        os.kill(agent.child.pid, signal.SIGHUP)
        wait_until(lambda: "has not changed" in agent.text(), 10, "the configuration to be read again")
        assert (backend.parent / "times").read_text() != times
        assert agent.stop() == 0, agent.text()


def test_an_agent_without_its_secret_does_not_start_and_says_why(backend):
    backend.chmod(0o755)
    with pytest.raises(AssertionError, match="group or others have rights on it"):
        Agent(DD_API_KEY="ENC[key]", DD_SECRET_BACKEND_COMMAND=backend)
    backend.chmod(0o700)
    with pytest.raises(AssertionError, match="the program does not know it"):
        Agent(DD_API_KEY="ENC[other]", DD_SECRET_BACKEND_COMMAND=backend)
