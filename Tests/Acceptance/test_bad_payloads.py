"""Payloads that cannot be decoded: who sent them, what is in them, and where they go wrong."""
import base64
import json
import os
import socket
import subprocess

import pytest

from agent import BINARY, Agent
from environments import REPOSITORY
from processes import clean_environment
from reports import doctor

pytestmark = pytest.mark.linux
CAPTURED = REPOSITORY / "fixtures" / "captured"


def captured(name):
    """Headers and body of a request that a real tracer sent."""
    request = json.loads((CAPTURED / f"{name}.json").read_text())
    kept = [(key, value) for key, value in request["headers"]
            if key.lower() not in ("content-length", "transfer-encoding", "host", "connection")]
    return request["path"], kept, base64.b64decode(request["body"])


def send(agent, path, headers, body):
    """One request over the agent's unix socket; status and body of the answer."""
    head = "".join(f"{key}: {value}\r\n" for key, value in [*headers, ("Connection", "close"), ("Content-Length", len(body))])
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(agent.folder / "apm.sock"))
        client.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + body)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    head, _, text = answer.decode().partition("\r\n\r\n")
    return int(head.split()[1]), text


def inspect(agent, *words, code):
    done = subprocess.run([str(BINARY), "--config", str(agent.file), "inspect", *map(str, words)], capture_output=True, text=True,
                          timeout=20, env=clean_environment(**agent.variables))
    assert done.returncode == code and not done.stderr, done.stdout + done.stderr
    return done.stdout


def test_a_bad_payload_is_explained_down_to_the_byte(tmp_path):
    path, headers, whole = captured("ddtrace-4.16-py3.13-v0.5-traces-1")
    with Agent() as agent:
        # As a proxy leaves it that gives up, again and again.
        for _ in range(20):
            status, answer = send(agent, path, headers, whole[:-7])
            assert status == 400 and answer.startswith("byte ") and "the end of the body" in answer
        rows = agent.ask("info", "-v")["bad_payloads"]
        # One client with one fault leaves the places of others alone.
        assert [row["id"] for row in rows] == [20, 19, 18, 17]
        row = rows[0]
        assert (row["lang"], row["tracer_version"], row["path"], row["pid"]) == ("python", "4.16.0", path, os.getpid())
        assert "python" in row["command"] and row["bytes"] == row["kept_bytes"] == len(whole) - 7
        assert answer == row["fault"]["message"] + "\n"
        assert agent.text().count("cannot decode a v0.5 payload") == 1, agent.text()

        shown = inspect(agent, "last", code=1)
        assert "flask.request GET /" in shown and f"pid {os.getpid()}" in shown
        assert "✗ " + row["fault"]["message"] in shown and "^^ the end of the body" in shown
        found = doctor("--config", agent.file, "--url", f"http://127.0.0.1:{agent.port}", **agent.variables)
        assert any(finding["id"] == "RST037" and finding["fix"][0] == "roost inspect 20" for finding in found.findings), found.text()

        # The same from a file, and the whole of it.
        (tmp_path / "cut.bin").write_bytes(whole[:-7])
        (tmp_path / "whole.bin").write_bytes(whole)
        assert row["fault"]["message"] in inspect(agent, tmp_path / "cut.bin", code=1)
        document = json.loads(inspect(agent, tmp_path / "whole.bin", "--json", code=0))
        expected = json.loads((CAPTURED / "ddtrace-4.16-py3.13-v0.5-traces-1.expected.json").read_text())["traces"]
        assert document["format"] == "v0.5" and "fault" not in document
        assert [[f"{int(span['span_id'], 16)} {span['resource']}" for span in trace["spans"]] for trace in document["traces"]] \
            == [[f"{span['span_id']} {span['resource']}" for span in sorted(trace, key=lambda span: span["start"])]
                for trace in expected]
