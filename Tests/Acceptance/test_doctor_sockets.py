"""`roost doctor` and unix sockets: dead, closed to the app, of the wrong type, out of reach, or another program's."""
import json
import sys

import pytest

from fixes import cure
from traced import AS_NOBODY, NOBODY, diagnose, open_to_everyone, serve, traced

# /var/run is /run, which is a machine's own.
SOCKET = "/var/run/datadog/apm.socket"
URL = f"unix://{SOCKET}"
TCP = "http://127.0.0.1:8126"
TOO_LONG = f"/run/datadog/{'folder-' * 13}/apm.socket"
ELSEWHERE = {"DD_APM_RECEIVER_SOCKET": "/run/roost/apm.socket"}
SOCKET_ONLY = {"DD_APM_RECEIVER_PORT": "0"}
DATAGRAMS = """
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("receiving", flush=True)
while True:
    receiver.recv(65536)
"""


@pytest.fixture
def machine(machine, tracer):
    """A machine on which everybody may run the traced app."""
    open_to_everyone(machine, tracer)
    return machine


def receive_datagrams(place, path):
    place.start(sys.executable, "-c", DATAGRAMS, path, ready="receiving")


def agent_pid(place):
    return json.loads(place.roost("info", "--json").stdout)["pid"]


def kill(place):
    """Ends roost without letting it tidy up; what it leaves is what a crash leaves."""
    pid = agent_pid(place)
    place.do("kill", "-KILL", pid)
    place.do("tail", f"--pid={pid}", "-f", "/dev/null")


def services(place, **variables):
    return [row["service"] for row in json.loads(place.roost("services", "--json", **variables).stdout)["services"]]


BY = pytest.mark.parametrize("variables", [{}, {"DD_TRACE_AGENT_URL": URL}], ids=["by default", "by its URL"])


@pytest.mark.parametrize("before", [[], AS_NOBODY], ids=["root", "nobody"])
@BY
def test_a_socket_that_works_has_no_finding(machine, tracer, before, variables):
    serve(machine, **SOCKET_ONLY)
    pid = traced(machine, tracer, "flush", before=before, **variables)
    assert services(machine, **SOCKET_ONLY) == ["shop"]
    assert diagnose(machine, "--pid", pid, **SOCKET_ONLY).findings == []


def test_a_socket_that_works_in_a_folder_with_a_name_like_a_key(machine, tracer):
    """Container engines name folders with 64 hexadecimal digits, and so do volumes without a name."""
    path = f"/run/{'0123456789abcdef' * 4}/apm.socket"
    machine.do("mkdir", path.removesuffix("/apm.socket"))
    serve(machine, DD_APM_RECEIVER_SOCKET=path)
    pid = traced(machine, tracer, "flush", DD_TRACE_AGENT_URL=f"unix://{path}")
    assert services(machine) == ["shop"]
    assert diagnose(machine, "--pid", pid, DD_APM_RECEIVER_SOCKET=path).findings == []


@BY
def test_a_socket_file_that_a_dead_agent_left(machine, tracer, variables):
    serve(machine)
    kill(machine)
    pid = traced(machine, tracer, **variables)
    report = diagnose(machine, "--pid", pid).says("RST022", "nobody listens on it", "ECONNREFUSED")
    # Who is told the path would miss the file, and only who finds it does without.
    assert (f"rm {SOCKET}" in report.text()) == (not variables)
    cure(machine, report, pid, which=0 if variables else 1)
    assert diagnose(machine, "--pid", pid).findings == []


def test_a_socket_file_that_a_dead_agent_left_beside_an_agent_on_the_port(machine, tracer):
    """The tracer prefers the file to the port, so that the agent which is there gets nothing."""
    serve(machine)
    kill(machine)
    serve(machine, **ELSEWHERE)
    pid = traced(machine, tracer, "flush")
    report = diagnose(machine, "--pid", pid, **ELSEWHERE)
    report.says("RST022", f"rm {SOCKET}")
    assert report.problems == ["RST022"] and services(machine) == []


@BY
def test_a_socket_that_the_apps_user_may_not_write(machine, tracer, variables):
    serve(machine)
    machine.do("chmod", "0755", SOCKET)
    pid = traced(machine, tracer, "flush", before=AS_NOBODY, **variables)
    report = diagnose(machine, "--pid", pid)
    report.says("RST023", f"user {NOBODY}", "mode 0755", f"chmod 0722 {SOCKET}", f"DD_TRACE_AGENT_URL={TCP}")
    assert report.problems == ["RST023"] and services(machine) == []
    cure(machine, report, pid)
    machine.do("chmod", "0755", SOCKET)
    # Root may, and so may who is in the file's group.
    assert diagnose(machine, "--pid", traced(machine, tracer, **variables)).findings == []
    machine.do("chgrp", NOBODY, SOCKET)
    machine.do("chmod", "0720", SOCKET)
    assert diagnose(machine, "--pid", pid).findings == []


def test_a_folder_that_the_apps_user_may_not_enter(machine, tracer):
    serve(machine)
    machine.do("chmod", "0700", "/run/datadog")
    pid = traced(machine, tracer, before=AS_NOBODY, DD_TRACE_AGENT_URL=URL)
    report = diagnose(machine, "--pid", pid)
    report.says("RST023", f"user {NOBODY}", "may not enter /", "/run/datadog", "chmod o+x /")
    assert report.problems == ["RST023"]


def test_a_folder_that_the_apps_user_may_not_enter_hides_the_socket_from_who_is_told_nothing(machine, tracer):
    """The tracer does not see the file and goes to the port."""
    serve(machine)
    machine.do("chmod", "0700", "/run/datadog")
    pid = traced(machine, tracer, "flush", before=AS_NOBODY)
    assert services(machine) == ["shop"]
    assert diagnose(machine, "--pid", pid).findings == []


@BY
def test_a_socket_for_datagrams(machine, tracer, variables):
    receive_datagrams(machine, SOCKET)
    pid = traced(machine, tracer, **variables)
    report = diagnose(machine, "--pid", pid)
    report.says("RST024", "is a datagram socket", "it belongs to pid ", "roost run -- ")
    assert report.problems == ["RST024"]
    assert not any(URL in line for line in report.findings[0]["fix"]), "the cure is what ails it"
    cure(machine, report, pid, settings=variables)


def test_the_socket_for_metrics(machine, tracer):
    serve(machine)
    receive_datagrams(machine, "/run/datadog/dsd.socket")
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL="unix:///var/run/datadog/dsd.socket")
    report = diagnose(machine, "--pid", pid)
    report.says("RST020", "dsd.socket, which is for metrics", f"DD_TRACE_AGENT_URL={URL}")
    assert report.problems == ["RST020"]
    cure(machine, report, pid, settings={"DD_TRACE_AGENT_URL": "unix:///var/run/datadog/dsd.socket"})


def test_a_path_that_is_too_long_for_a_socket(machine, tracer):
    assert len(TOO_LONG) > 107
    serve(machine)
    pid = traced(machine, tracer, DD_TRACE_AGENT_URL=f"unix://{TOO_LONG}")
    report = diagnose(machine, "--pid", pid)
    report.says("RST026", f"{len(TOO_LONG)} bytes", "107 fit", f"DD_TRACE_AGENT_URL={URL}")
    assert report.problems == ["RST026"]
    cure(machine, report, pid, settings={"DD_TRACE_AGENT_URL": f"unix://{TOO_LONG}"})


def test_an_agent_that_is_told_too_long_a_path_listens_on_its_port(machine, tracer):
    serve(machine, DD_APM_RECEIVER_SOCKET=TOO_LONG)
    pid = traced(machine, tracer, "flush")
    assert services(machine) == ["shop"]
    report = diagnose(machine, "--pid", pid, DD_APM_RECEIVER_SOCKET=TOO_LONG)
    report.says("RST026", "roost is configured to listen on it")


# /var/run is a link to /run, which leads into the container only when it is followed as the container does.
FOLDERS = pytest.mark.parametrize("folder", ["/run/datadog", "/var/run/datadog"])


@FOLDERS
def test_a_socket_that_is_not_mounted_into_the_container(machine, tracer, folder):
    serve(machine)
    pid = traced(machine.container(), tracer, DD_TRACE_AGENT_URL=f"unix://{folder}/apm.socket")
    report = diagnose(machine, "--pid", pid)
    report.says("RST025", "on this machine the socket exists", f"-v {folder}:{folder}")
    assert report.problems == ["RST025"]


@FOLDERS
@pytest.mark.parametrize("mounted, problems", [("apm.socket", ["RST025"]), ("", [])], ids=["the file", "the folder"])
def test_an_agent_that_starts_anew_is_reached_where_the_folder_is_mounted(machine, tracer, folder, mounted, problems):
    shared = machine.folder / "shared"
    shared.mkdir()
    machine.do("mount", "--bind", shared, "/run/datadog")
    serve(machine)
    container = machine.container()
    if mounted:
        container.do("touch", f"/run/datadog/{mounted}")
    container.do("mount", "--bind", shared / mounted, f"/run/datadog/{mounted}")
    pid = traced(container, tracer, "flush", DD_TRACE_AGENT_URL=f"unix://{folder}/apm.socket")
    assert diagnose(machine, "--pid", pid).findings == [] and services(machine) == ["shop"]
    kill(machine)
    serve(machine)
    report = diagnose(machine, "--pid", pid)
    assert report.problems == problems, report.text()
    if problems:
        report.says("an old socket mounted", f"-v {folder}:{folder}")


def test_a_default_socket_that_another_program_has(machine, tracer, test_agent):
    machine.start(test_agent, "--port", 9126, "--trace-uds-socket", SOCKET, ready="Running OTLP GRPC server")
    serve(machine)
    pid = traced(machine, tracer, "flush")
    report = diagnose(machine, "--pid", pid)
    report.says("RST021", "does not use port 8126", "ddapm-test-agent", "roost has received nothing",
                f"DD_TRACE_AGENT_URL={TCP}")
    assert report.problems == ["RST021"] and services(machine) == []
    # What the finding says to set is the cure.
    pid = traced(machine, tracer, "flush", DD_TRACE_AGENT_URL=TCP)
    assert diagnose(machine, "--pid", pid).findings == [] and services(machine) == ["shop"]
