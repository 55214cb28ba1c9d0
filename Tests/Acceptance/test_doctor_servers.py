"""`roost doctor` where something else than an agent answers, and what roost counts when programs mistake it."""
import re
import subprocess
import sys

import pytest

from agent import Agent
from fixes import cure
from processes import Process, clean_environment, free_port, listens, wait_until
from reports import doctor
from traced import diagnose, serve, traced

HERE = "http://127.0.0.1:8126"
# Greets who comes, as mail servers do, or takes the connection and waits for ever.
GREET = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 8126))
print("listening", flush=True)
clients = []
while True:
    client, _ = listener.accept()
    client.sendall(bytes.fromhex(sys.argv[1]))
    clients.append(client)
"""
BANNERS = {
    "smtp": (b"220 mail.example.com ESMTP Postfix\r\n", "it speaks smtp or ftp, not HTTP"),
    "ssh": (b"SSH-2.0-OpenSSH_9.2\r\n", "it speaks ssh, not HTTP"),
    "mysql": (b"\x4a\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00", "what it answers is not HTTP"),
}


def certificate(folder):
    """A certificate for localhost and its key, made now."""
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-keyout", key, "-out", file], check=True, capture_output=True)
    return ["-key", key, "-cert", file]


def proxy(port, folder):
    """The words that start a forward proxy."""
    return ["env", f"HOME={folder}", sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", port,
            "--num-workers", 1, "--num-acceptors", 1]


def start_proxy(machine, port):
    machine.start(*proxy(port, machine.folder))
    wait_until(lambda: f":{port} " in machine.do("ss", "-Hltn"), 20, "the proxy to listen")


def test_a_foreign_web_server(machine, tracer):
    machine.start(sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "8126", ready="Serving HTTP")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=HERE)
    report = diagnose(machine, "--pid", pid).says("RST014", "http.server", "it answers 404 as SimpleHTTP", "roost run")
    diagnose(machine).says("RST014", "http.server")
    cure(machine, report, pid, settings={"DD_TRACE_AGENT_URL": HERE})


def test_the_test_agent_is_named_with_what_it_lacks(machine, tracer, test_agent):
    machine.start(test_agent, "--port", 8126, ready="Running OTLP GRPC server")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=HERE)
    report = diagnose(machine, "--pid", pid)
    report.says("RST016", "ddapm-test-agent", "it does not list /v0.3/traces, which tracers send to", "roost run")
    diagnose(machine).says("RST016", "ddapm-test-agent")
    cure(machine, report, pid, settings={"DD_TRACE_AGENT_URL": HERE})


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_speaks_tls(machine, tracer, scheme):
    machine.start("openssl", "s_server", *certificate(machine.folder), "-accept", "127.0.0.1:8126", "-www",
                  ready="ACCEPT")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=f"{scheme}://127.0.0.1:8126")
    diagnose(machine, "--pid", pid).says("RST014", "openssl", "it speaks tls, not HTTP")


def test_an_app_that_speaks_tls_to_roost(machine, tracer):
    serve(machine)
    pid = traced(machine, tracer, "flush", DD_TRACE_AGENT_URL="https://127.0.0.1:8126")
    report = diagnose(machine, "--pid", pid)
    report.says("RST018", "127.0.0.1:8126 answers plain HTTP", "begin with TLS", f"DD_TRACE_AGENT_URL={HERE}")
    assert report.problems == ["RST018"]
    cure(machine, report, pid, settings={"DD_TRACE_AGENT_URL": "https://127.0.0.1:8126"})


def test_an_app_that_speaks_tls_to_a_plain_web_server(machine, tracer):
    machine.start(sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "8126", ready="Serving HTTP")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL="https://127.0.0.1:8126")
    diagnose(machine, "--pid", pid).says("RST018", "127.0.0.1:8126 answers plain HTTP")


def test_a_proxy_at_the_agents_address(machine, tracer):
    start_proxy(machine, 8126)
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=HERE)
    diagnose(machine, "--pid", pid).says("RST035", "is an HTTP proxy, not an agent", "proxy.py")


def test_an_app_whose_requests_go_through_a_proxy(machine, tracer):
    """The tracer has a tunnel made (CONNECT), so that roost sees nothing of it and the doctor reads the settings."""
    serve(machine)
    start_proxy(machine, 3128)
    pid = traced(machine, tracer, "flush", DD_TRACE_AGENT_URL=HERE, HTTP_PROXY="http://127.0.0.1:3128")
    assert "127.0.0.1:3128" in machine.do("ss", "-Htn", "dst", "127.0.0.1:3128"), "the app does not use the proxy"
    report = diagnose(machine, "--pid", pid)
    report.says("RST035", "HTTP_PROXY=http://127.0.0.1:3128", "NO_PROXY=127.0.0.1,localhost", "roost received 1 trace")
    assert report.problems == [], "the proxy passes the traces on"


def test_an_app_whose_proxy_is_not_there(machine, tracer):
    serve(machine)
    variables = {"DD_TRACE_AGENT_URL": HERE, "HTTP_PROXY": "http://127.0.0.1:3128"}
    pid = traced(machine, tracer, "flush", **variables)
    report = diagnose(machine, "--pid", pid)
    report.says("RST035", "HTTP_PROXY=http://127.0.0.1:3128", "NO_PROXY=127.0.0.1,localhost")
    assert report.problems == ["RST035"]
    # What the finding says to set is the cure.
    pid = traced(machine, tracer, "flush", **variables, NO_PROXY="127.0.0.1,localhost")
    assert diagnose(machine, "--pid", pid).findings == []


@pytest.mark.parametrize("banner", BANNERS)
def test_a_server_that_speaks_first_and_not_http(machine, tracer, banner):
    words, said = BANNERS[banner]
    machine.start(sys.executable, "-c", GREET, words.hex(), ready="listening")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=HERE)
    diagnose(machine, "--pid", pid).says("RST014", "python", said)


def test_a_server_that_takes_connections_and_never_answers(machine, tracer):
    machine.start(sys.executable, "-c", GREET, "", ready="listening")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=HERE)
    diagnose(machine, "--pid", pid).says("RST014", "python", "it takes the connection and answers nothing")


def curl(*words):
    return ["curl", "--silent", "--max-time", "5", "--noproxy", "*", *words]


SEND = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).sendall(sys.argv[2].encode())"
MISTAKES = {
    "tls": (["openssl", "s_client", "-connect", "127.0.0.1:PORT"],
            "tls_hello", "", "RST018", "begin with TLS on its plain port"),
    "statsd": ([sys.executable, "-c", SEND, "PORT", "page.views:1|c\n"],
               "statsd_text", "", "RST020", "with StatsD text"),
    "statsd in a body": (curl("-d", "page.views:1|c", "http://127.0.0.1:PORT/v0.4/traces"),
                         "statsd_text", "/v0.4/traces", "RST020", "with StatsD text"),
}


def assert_counted(agent, kind, detail, client=""):
    """`roost info` has one row of the kind, counted once."""
    def rows():
        return [row for row in agent.ask("info")["misuse"] if row["kind"] == kind]
    row, = wait_until(rows, 10, f"{kind} to be counted")
    assert row["count"] == 1 and detail in row["detail"] and client in row["client"], row


def assert_found(agent, number, *words):
    """The doctor, who looks at this machine with whatever else is on it, has the finding of this number."""
    report = doctor("--config", agent.file, **agent.variables)
    found = [finding for finding in report.findings if finding["id"] == number]
    report.findings = sorted(found, key=lambda finding: words[0] not in finding["title"])
    report.says(number, *words)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_program_that_mistakes_roost_is_counted_and_found(mistake):
    command, kind, detail, number, said = MISTAKES[mistake]
    with Agent() as agent:
        command = [word.replace("PORT", str(agent.port)) for word in command]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
        assert_counted(agent, kind, detail)
        assert_found(agent, number, "roost saw one request", said)


# Ids set by hand, as code does that continues traces of other systems.
WITHOUT_ID = """
from ddtrace.trace import tracer
for _ in range(3):
    span = tracer.trace("job.run", service="shop", resource="nightly")
    span.span_id = 0
    span.finish()
span = tracer.trace("loop.run", service="loop")
span.parent_id = span.span_id
span.finish()
tracer.flush()
"""


def test_traces_whose_ids_make_no_sense_are_counted_and_found(tracer):
    with Agent() as agent:
        environment = clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}")
        done = subprocess.run([tracer / "python", "-c", WITHOUT_ID], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done
        rows = wait_until(lambda: [row for row in agent.ask("info")["misuse"] if row["kind"] == "malformed_trace"],
                          10, "the traces to be dropped")
        assert {row["client"].split()[0] for row in rows} == {"python"}
        assert {row["detail"]: row["amount"] for row in rows} == {"span_id_zero": 3.0, "parent_cycle": 1.0}, rows
        assert_found(agent, "RST048", "Every trace of shop is dropped", "python 4.16", "3 traces", "a span has no span id",
                     "for example: trace ", "pip install --upgrade ddtrace")
        assert_found(agent, "RST048", "1 trace with spans that are their own ancestors", "names itself as its parent")
        # The app does not look healthy anywhere, though each request was answered 200.
        dropped = "every trace of shop was dropped: span_id_zero (3 traces"
        assert f"✗ {dropped}" in agent.command() and "type: roost doctor" in agent.command()
        assert dropped in agent.command("services").lower()
        loss, = [row for row in agent.ask("info")["client_losses"] if row["what"] == "dropped"]
        assert (loss["service"], loss["reason"], loss["traces"]) == ("shop", "span_id_zero", 3), loss
        assert len(re.findall("WARN dropped .* of python .*span_id_zero.*job.run of shop", agent.text())) == 1
        assert len(re.findall("WARN 1 trace of python .*parent_cycle.*loop.run of loop", agent.text())) == 1
        # What the tracer asks for besides is no mistake.
        info = agent.ask("info")
        assert "not_found" not in info["refused"] and not [row for row in info["misuse"] if row["kind"] == "not_found"]


def test_a_page_of_another_site_is_refused_counted_and_found():
    with Agent() as agent:
        page = ["-H", "Sec-Fetch-Site: cross-site", "-H", "Origin: https://shop.example", "-A", "Mozilla/5.0"]
        done = subprocess.run(curl("-w", "%{http_code}", *page, "-d", "", f"http://127.0.0.1:{agent.port}/v0.4/traces"),
                              capture_output=True, text=True)
        assert done.stdout.endswith("403"), done
        assert_counted(agent, "cross_site", "/v0.4/traces from a page of https://shop.example", client="Mozilla/5.0")
        assert_found(agent, "RST049", "/v0.4/traces from a page of https://shop.example", "answered 403")


def test_a_request_that_comes_through_a_proxy_is_counted_and_found(tmp_path):
    port = free_port()
    with Agent() as agent, Process(proxy(port, tmp_path), tmp_path / "proxy.log"):
        wait_until(lambda: listens(port), 20, "the proxy to listen")
        through = ["--noproxy", "", "--proxy", f"http://127.0.0.1:{port}"]
        done = subprocess.run(curl(*through, f"http://127.0.0.1:{agent.port}/info"), capture_output=True, text=True)
        assert '"/v0.4/traces"' in done.stdout, done
        assert_counted(agent, "proxy_request", "Via: 1.1 proxy.py", client="curl/")
        assert_found(agent, "RST035", "Requests of curl/", "Via: 1.1 proxy.py", "NO_PROXY=127.0.0.1,localhost")
