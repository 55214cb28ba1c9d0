"""`roost doctor` on machines and containers made for it: the first finding is what was done to the network."""
import json
import sys

import pytest

import machines
from fixes import cure
from traced import diagnose, serve, traced

pytestmark = pytest.mark.machine

BOTH_LOCALHOSTS = "127.0.0.1 localhost\n::1 localhost\n"
LISTEN = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.socket(family)
if family == socket.AF_INET6:
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
listener.bind((sys.argv[1], 8126))
listener.listen()
print("listening", flush=True)
while True:
    client, _ = listener.accept()
    if client.recv(4096):
        client.sendall(b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n")
    client.close()
"""
# What docker-proxy does: takes a connection, then finds out whether there is anything behind it.
FORWARD = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 8126))
print("listening", flush=True)
while True:
    client, _ = listener.accept()
    try:
        inner = socket.create_connection((sys.argv[1], 8126), timeout=1)
    except OSError:
        client.close()
"""
# A name server that knows one name, and of every other that there is none.
NAMES = """
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
print("listening", flush=True)
while True:
    question, client = server.recvfrom(512)
    end = question.index(0, 12) + 5
    if question[end - 4:end - 2] == bytes([0, 28]) and len(sys.argv) > 2:
        continue
    known = question[12:end - 4] == bytes([13]) + b"datadog-agent" + bytes(1)
    address = known and question[end - 4:end - 2] == bytes([0, 1])
    record = bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]) + socket.inet_aton(sys.argv[1]) if address else b""
    head = question[:2] + bytes([0x81, 0x80 if known else 0x83, 0, 1, 0, bool(record), 0, 0, 0, 0])
    server.sendto(head + question[12:end] + record, client)
"""
PROXY = 'exec -a /usr/bin/docker-proxy "$0" -c "$1" "$2" -proto tcp -host-ip 127.0.0.1 -host-port 8126 -container-port 8126'


def test_a_machine_with_a_healthy_agent_and_app_has_no_finding(machine, tracer):
    serve(machine)
    pid = traced(machine, tracer, "flush")
    assert diagnose(machine, "--pid", pid).findings == []
    assert diagnose(machine).findings == []
    text = machine.roost("doctor").stdout
    assert text.splitlines()[-1] == "Good to go: roost listens on 127.0.0.1:8126, [::1]:8126, 127.0.0.1:4318, [::1]:4318, 127.0.0.1:4317, [::1]:4317, /var/run/datadog/apm.socket, 1 trace has arrived."


def test_nothing_listens(machine, tracer):
    pid = traced(machine, tracer)
    report = diagnose(machine, "--pid", pid).says("RST001", "8126", "roost serve")
    assert diagnose(machine).first == "RST001"
    cure(machine, report, pid)


def test_an_agent_on_ipv4_only_and_an_app_that_tries_ipv6_first(tracer):
    with machines.Machine(hosts=BOTH_LOCALHOSTS) as machine:
        serve(machine, DD_BIND_HOST="127.0.0.1")
        pid = traced(machine, tracer, DD_AGENT_HOST="localhost")
        report = diagnose(machine, "--pid", pid).says("RST002", "http://127.0.0.1:8126", "[::1]:8126")
        cure(machine, report, pid, settings={"DD_AGENT_HOST": "localhost"})


def test_two_programs_share_the_port_one_on_each_family(tracer):
    with machines.Machine(hosts=BOTH_LOCALHOSTS) as machine:
        serve(machine, DD_BIND_HOST="127.0.0.1")
        machine.start(sys.executable, "-c", LISTEN, "::1", ready="listening")
        pid = traced(machine, tracer, DD_AGENT_HOST="localhost")
        report = diagnose(machine, "--pid", pid).says("RST003", "::1", "127.0.0.1", "DD_TRACE_AGENT_URL=http://127.0.0.1:8126")
        # The other program is on the same port until it is stopped.
        cure(machine, report, pid, which=1)


def test_an_agent_on_ipv6_only_and_an_app_that_asks_for_ipv4(machine, tracer):
    machine.start(sys.executable, "-c", LISTEN, "::1", ready="listening")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL="http://127.0.0.1:8126")
    diagnose(machine, "--pid", pid).says("RST003", "::1", "127.0.0.1")


def test_an_app_in_a_container_that_means_its_own_localhost(machine, tracer):
    serve(machine)
    container = machine.container()
    pid = traced(container, tracer, DD_TRACE_AGENT_URL="http://localhost:8126")
    diagnose(machine, "--pid", pid).says("RST004", f"http://{container.gateway}:8126")


def test_an_agent_on_loopback_and_callers_in_containers(machine, tracer):
    serve(machine)
    container = machine.container()
    pid = traced(container, tracer, DD_AGENT_HOST=container.gateway)
    diagnose(machine, "--pid", pid).says("RST005", "--non-local-traffic", container.gateway)


def test_a_container_that_was_told_the_gateway_is_served_once_the_agent_listens_there(machine, tracer):
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    container = machine.container()
    pid = traced(container, tracer, "flush", DD_AGENT_HOST=container.gateway)
    assert diagnose(machine, "--pid", pid).findings == []
    assert [row["service"] for row in json.loads(machine.roost("services", "--json").stdout)["services"]] == ["shop"]


def test_what_a_client_elsewhere_is_answered_names_the_state_of_its_own_info(machine):
    """A tracer asks for /info again when an answer names another state than that had."""
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    container = machine.container()
    page = ["-H", "Sec-Fetch-Site: cross-site"]
    requests = {"/info": ["200"], "/v9.9/traces": ["404"], "/v0.4/traces": ["403", *page], "/v0.3/services": ["200"]}

    def states(place, host):
        found = {}
        for path, (status, *options) in requests.items():
            lines = place.do("curl", "--silent", "--noproxy", "*", "--dump-header", "-", "--output", "/dev/null", *options,
                             f"http://{host}:8126{path}").splitlines()
            assert lines[0].split()[1] == status, lines
            headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
            assert headers["Datadog-Agent-Version"]
            found[path] = headers["Datadog-Agent-State"]
        return found

    here, elsewhere = states(machine, "127.0.0.1"), states(container, container.gateway)
    assert len(set(here.values())) == 1 and len(set(elsewhere.values())) == 1, (here, elsewhere)
    assert here["/info"] != elsewhere["/info"], "others are not told which process it is"


def test_a_published_port_behind_which_the_agent_has_bound_loopback(machine, tracer):
    container = machine.container()
    serve(container)
    machine.start("bash", "-c", PROXY, sys.executable, FORWARD, container.address, ready="listening",
                  PYTHONHOME=sys.base_prefix)
    pid = traced(machine, tracer)
    diagnose(machine, "--pid", pid).says("RST006", "docker-proxy")


def test_an_agent_in_a_container_whose_port_is_not_published(machine, tracer):
    container = machine.container()
    serve(container, DD_APM_NON_LOCAL_TRAFFIC="true")
    pid = traced(machine, tracer)
    diagnose(machine, "--pid", pid).says("RST007", "-p 127.0.0.1:8126:8126")


def test_a_name_that_is_not_known_in_the_apps_network(machine, tracer):
    serve(machine)
    pid = traced(machine, tracer, DD_AGENT_HOST="datadog-agent")
    report = diagnose(machine, "--pid", pid).says("RST008", "datadog-agent")
    cure(machine, report, pid, settings={"DD_AGENT_HOST": "datadog-agent"})


def test_a_name_that_is_known_to_the_container_only(machine, tracer):
    gateway = "10.77.0.1"
    container = machine.container(hosts=f"127.0.0.1 localhost\n{gateway} datadog-agent\n")
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    pid = traced(container, tracer, DD_AGENT_HOST="datadog-agent")
    assert diagnose(machine, "--pid", pid).findings == []


def test_names_are_asked_for_where_the_container_asks_for_them(machine, tracer):
    container = machine.container(nameserver="10.77.0.1")
    machine.start(sys.executable, "-c", NAMES, container.gateway, ready="listening")
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    right = traced(container, tracer, "flush", DD_AGENT_HOST="datadog-agent")
    assert diagnose(machine, "--pid", right).findings == []
    wrong = traced(container, tracer, DD_AGENT_HOST="dadatog-agent")
    diagnose(machine, "--pid", wrong).says("RST008", "dadatog-agent", "EAI_NONAME")


def test_a_name_server_that_is_silent_about_ipv6(machine, tracer):
    container = machine.container(nameserver="10.77.0.1")
    machine.start(sys.executable, "-c", NAMES, container.gateway, "IPv4 only", ready="listening")
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    pid = traced(container, tracer, DD_AGENT_HOST="datadog-agent")
    assert diagnose(machine, "--pid", pid).findings == []


def test_a_name_server_that_a_container_cannot_reach(machine, tracer):
    container = machine.container(nameserver="10.77.0.9")
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    pid = traced(container, tracer, DD_AGENT_HOST="datadog-agent")
    diagnose(machine, "--pid", pid).says("RST008", "the name servers did not answer for datadog-agent")


def test_the_name_that_docker_knows_on_other_systems(machine, tracer):
    outside = traced(machine, tracer, DD_AGENT_HOST="host.docker.internal")
    report = diagnose(machine, "--pid", outside).says("RST009", "DD_AGENT_HOST=127.0.0.1")
    cure(machine, report, outside, settings={"DD_AGENT_HOST": "host.docker.internal"})
    inside = traced(machine.container(), tracer, DD_AGENT_HOST="host.docker.internal")
    diagnose(machine, "--pid", inside).says("RST009", "host.docker.internal:host-gateway")


def test_the_address_of_a_former_container(machine, tracer):
    container = machine.container()
    address = container.address.removesuffix(".2") + ".9"
    pid = traced(machine, tracer, DD_AGENT_HOST=address)
    diagnose(machine, "--pid", pid).says("RST010", address)


def test_a_name_that_leads_to_a_former_container(machine, tracer):
    container = machine.container(hosts="127.0.0.1 localhost\n10.77.0.9 agent\n")
    pid = traced(container, tracer, DD_AGENT_HOST="agent")
    diagnose(machine, "--pid", pid).says("RST010", "10.77.0.9", "getent hosts agent")


def test_a_firewall_that_drops_without_a_word(machine, tracer):
    container = machine.container()
    serve(container, DD_APM_NON_LOCAL_TRAFFIC="true")
    container.firewall(["tcp dport 8126 drop"])
    pid = traced(machine, tracer, DD_AGENT_HOST=container.address)
    diagnose(machine, "--pid", pid).says("RST011", container.address)


def test_a_policy_that_lets_nothing_out_of_the_container(machine, tracer):
    container = machine.container()
    serve(machine, DD_APM_NON_LOCAL_TRAFFIC="true")
    container.firewall(["tcp sport 8126 drop"])
    pid = traced(container, tracer, DD_AGENT_HOST=container.gateway)
    diagnose(machine, "--pid", pid).says("RST011", container.gateway)


def test_a_kubernetes_node_whose_agent_has_no_host_port(machine, tracer):
    container = machine.container()
    pid = traced(container, tracer, DD_AGENT_HOST=container.gateway, KUBERNETES_SERVICE_HOST="10.96.0.1")
    diagnose(machine, "--pid", pid).says("RST012", "hostPort")


@pytest.mark.parametrize("family", ["127.0.0.1", "::1"])
def test_a_port_that_a_program_which_is_no_agent_has(machine, tracer, family):
    machine.start(sys.executable, "-c", LISTEN, family, ready="listening")
    host = f"[{family}]" if ":" in family else family
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=f"http://{host}:8126")
    diagnose(machine, "--pid", pid).says("RST014", "python")
