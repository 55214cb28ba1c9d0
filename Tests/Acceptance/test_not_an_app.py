"""What comes in and is no app's trace: roost's own test trace, and what exporters of OpenTelemetry send."""
import http.server
import re
import subprocess
import threading

import pytest

from agent import BINARY, Agent, Intake
from conftest import environment_or_skip
from environments import OPENTELEMETRY
from processes import APPS, clean_environment, wait_until
from reports import doctor


def roost(agent, *arguments, code=0):
    done = subprocess.run([str(BINARY), "--config", str(agent.file), *arguments], capture_output=True, text=True, timeout=40,
                          env=clean_environment(**agent.variables))
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_a_test_trace_goes_all_the_way_and_is_no_apps(harness):
    with Intake() as intake, Agent(intake=intake.port) as agent:
        sent = roost(agent, "send-test")
        assert [line[0] for line in sent.splitlines()] == ["✓"] * 5, sent
        # What came in equals what went out.
        info = agent.ask("info")
        assert [info[stage]["traces"] for stage in ("received", "kept", "sent")] == [1, 1, 1]
        assert len(intake.received().traces) == 1 and intake.received().spans == 2
        # Of apps there is nothing, neither a row nor a warning.
        assert "nothing has arrived yet but from roost send-test" in roost(agent)
        assert roost(agent, "services").startswith("Nothing has arrived yet.")
        unknown = roost(agent, "resources", "shop", code=1)
        assert unknown.startswith('There is no service "shop".\nNothing has arrived yet.'), unknown
        assert agent.ask("services")["services"] == [] and agent.ask("resources")["resources"] == []
        assert "no client has sent anything yet\nroost send-test sent 1 of the traces" in roost(agent, "info")
        assert info["misuse"] == []
        found = subprocess.run([str(BINARY), "--config", str(agent.file), "doctor", "--url",
                                 f"http://127.0.0.1:{agent.port}"], capture_output=True, text=True,
                                env=clean_environment(**agent.variables))
        assert "roost-test" not in found.stdout, found.stdout
        # Asked for, it is there.
        assert re.search(r"^roost-test +none! +web +1 ", roost(agent, "services", "--tests"), re.MULTILINE)
        assert re.search(r"^GET /roost/send-test +1 ", roost(agent, "resources", "roost-test"), re.MULTILINE)
        assert re.search(r"^roost-send-test / tracer \S+ +v0.4 +1 ", roost(agent, "info", "--tests"), re.MULTILINE)


@pytest.fixture(scope="module")
def exporter():
    """The Python of OpenTelemetry's exporters."""
    return environment_or_skip(OPENTELEMETRY) / "bin" / "python"


def test_an_exporter_reaches_the_trace_port_whatever_it_speaks(exporter):
    with Agent() as agent:
        for way in ("http", "grpc"):
            done = subprocess.run([str(exporter), str(APPS / "otel_job.py"), way, str(agent.port)], check=True,
                                  capture_output=True, text=True, timeout=30, env=clean_environment())
            assert done.stderr == "", done.stderr
        assert agent.ask("info")["received"]["spans"] == 4
        assert "OTLP" not in agent.text() and agent.ask("info")["misuse"] == []


def test_what_an_exporter_over_grpc_says_of_a_server_without_it_is_understood(exporter):
    with Agent() as agent, http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        done = subprocess.run([str(exporter), str(APPS / "otel_job.py"), "grpc", str(other.server_port)], check=True,
                              capture_output=True, text=True, timeout=30, env=clean_environment())
        other.shutdown()
        report = doctor("--config", agent.file, "--log", "-", input=done.stderr, **agent.variables)
        found, = [row for row in report.findings if any("of the log" in line for line in row["because"])]
        assert found["id"] == "RST019" and any("gRPC was spoken to" in line for line in found["because"]), (done, found)
