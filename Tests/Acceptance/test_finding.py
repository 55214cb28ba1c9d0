"""Commands of one user and the agent of another: whose it is, what to type, and whom to believe."""
import contextlib
import json
import os
import shutil
import signal
import subprocess

import pytest

from agent import API_KEY, BINARY
from processes import APPS, wait_until
from traced import open_to_everyone

pytestmark = pytest.mark.machine

# Numbers that no machine's own users have, as folders in /tmp are named by them.
USERS = {"dd-agent": 64731, "dev": 64732, "watcher": 64733}
WATCHERS = 64740
SETTINGS = "/etc/datadog-agent/datadog.yaml"
# What an operator's file holds besides.
REPLACED = f"""api_key: {API_KEY}
no_proxy_nonexact_match: true
apm_config:
  apm_dd_url: http://127.0.0.1:18200
  trace_writer:
    flush_period_seconds: 0.5
"""

# Stands in for sudo, which not every machine has: `sudo -u USER COMMAND` by root, with a clean environment.
SUDO = """#!/bin/sh
test "$1" = -u || exit 90
user=$2; shift 2
exec env -i PATH="$PATH" setpriv --reuid="$user" --regid="$user" --init-groups "$@"
"""

# Has the trace port and says that it is the agent behind another process's socket.
LIAR = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"version": "9.9", "roost": json.loads(sys.argv[1])}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", 8126), Handler)
print("listening", flush=True)
server.serve_forever()
"""

# Stands for the agent that is replaced: has the port, and answers as Datadog's does.
OTHER_AGENT = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"version": "7.70.0", "endpoints": ["/v0.4/traces"]}')
server = http.server.HTTPServer(("127.0.0.1", 8126), Handler)
print("listening", flush=True)
server.serve_forever()
"""

# A service of root's that tells of every connection.
VICTIM = """
import os, socket
server = socket.socket(socket.AF_UNIX)
server.bind("/run/victim.sock")
server.listen()
print("pid", os.getpid(), flush=True)
while True:
    server.accept()
    print("touched", flush=True)
"""


@pytest.fixture
def shared(machine, tracer):
    """A machine with users of its own, and an /etc in which only dd-agent may read the agent's settings."""
    open_to_everyone(machine, tracer)
    accounts = "".join(f"echo {name}:x:{number}:{number}::/:/bin/sh >>/etc/passwd\n"
                       f"echo {name}:x:{number}: >>/etc/group\n" for name, number in USERS.items())
    machine.do("sh", "-ec", f"""
mkdir /run/etc /run/bin
cp -a /etc/. /run/etc
mount --bind /run/etc /etc
{accounts}
echo watchers:x:{WATCHERS}:dd-agent,watcher >>/etc/group
mkdir -p /etc/datadog-agent
printf 'env: staging\\n' >{SETTINGS}
chown root:{USERS["dd-agent"]} {SETTINGS}
chmod 640 {SETTINGS}
cat >/run/bin/sudo
chmod 755 /run/bin/sudo
""", input=SUDO)
    yield machine
    for number in USERS.values():
        shutil.rmtree(f"/tmp/roost-{number}", ignore_errors=True)


def user(name, *words, **variables):
    """The words that run a command as a user, with no variables but those given."""
    settings = [f"{key}={value}" for key, value in {"PATH": "/run/bin:/usr/bin:/bin", **variables}.items()]
    return ["setpriv", f"--reuid={USERS[name]}", f"--regid={USERS[name]}", "--init-groups", "env", "-i", *settings, *words]


def roost(place, name, *words, **variables):
    """A roost command of a user, ended; root's for no name."""
    command = user(name, BINARY, *words, **variables) if name else ["env", "-i", BINARY, *words]
    return subprocess.run(place.inside(*command), capture_output=True, text=True, timeout=60)


@contextlib.contextmanager
def agent(place, name, **variables):
    """An agent of a user on port 8126, ended with it."""
    program = place.start(*user(name, BINARY, "serve", **variables), ready="listening on [::1]:8126")
    try:
        yield program
    finally:
        os.killpg(program.pid, signal.SIGTERM)
        program.wait(10)


def hits(outcome):
    assert outcome.returncode == 0, outcome.stderr
    return {row["service"]: row["hits"] for row in json.loads(outcome.stdout)["services"]}


def test_an_operators_agent_is_found_by_its_developers(shared, tracer):
    job = [tracer / "python", APPS / "traced_job.py"]
    unreadable = f"roost: {SETTINGS}: cannot be read: Permission denied; going on with variables and defaults\n"

    # Without an agent: a run has one of its own, and only the machine's agent stops without its settings.
    own = roost(shared, "dev", "run", "--", "true")
    assert own.returncode == 0 and own.stderr.startswith(unreadable), own.stderr
    assert "started an agent for this run" in own.stderr
    none = roost(shared, "dev", "services")
    assert none.returncode == 69 and none.stderr.startswith(unreadable + "roost: no agent is running"), none.stderr
    serve = roost(shared, "dev", "serve")
    assert serve.returncode == 66 and "the agent does not start without its settings" in serve.stderr
    assert roost(shared, "dev", "services", "--config", SETTINGS).returncode == 66

    with agent(shared, "dd-agent", DD_LOCAL_CONTROL_GROUP="watchers") as running:
        # The developer's app sends to it as to any agent.
        run = roost(shared, "dev", "run", "--", *job, DD_INSTRUMENTATION_TELEMETRY_ENABLED="false")
        assert run.returncode == 0 and "using the agent of dd-agent (roost 0." in run.stderr, run.stderr
        assert "what the command sent went to the agent of dd-agent" in run.stderr and "started an agent" not in run.stderr
        sent = roost(shared, "dev", "send-test")
        assert sent.returncode == 0, sent.stdout + sent.stderr
        assert [line.split()[:2] for line in sent.stdout.splitlines()] == [
            ["✓", "connected"], ["✓", "accepted"], ["–", "counted"], ["–", "kept"], ["–", "forwarded"]]
        assert "not visible to you: the agent of dd-agent" in sent.stdout

        # Whose it is and what to type, which works when pasted.
        for words in (["services"], ["resources", "shop"], ["info"]):
            told = roost(shared, "dev", *words)
            assert told.returncode == 77 and told.stdout == "", told
            assert told.stderr.startswith(unreadable + "roost: the agent of dd-agent (roost 0."), told.stderr
        typed = roost(shared, "dev", "services", "--json").stderr.splitlines()[-1]
        assert typed.startswith("Type: sudo -u dd-agent ") and typed.endswith(" services --json"), typed
        pasted = shared.do("env", "-i", "PATH=/run/bin:/usr/bin:/bin", "sh", "-c", typed.removeprefix("Type: "))
        assert json.loads(pasted)["services"][0]["env"] == "staging"
        alone = roost(shared, "dev")
        assert alone.returncode == 0 and "✓ the agent of dd-agent (roost 0." in alone.stdout
        assert "→ type: sudo -u dd-agent " in alone.stdout and len(alone.stdout.splitlines()) == 3
        doctor = roost(shared, "dev", "doctor")
        assert "– what the agent has seen: not checked, the agent of dd-agent" in doctor.stdout, doctor.stdout

        # Root and the group's members read it from where they are, and its own user from another session too.
        assert hits(roost(shared, None, "services", "--json"))["shop"] == 1
        assert hits(roost(shared, "watcher", "services", "--json"))["shop"] == 1
        assert hits(roost(shared, "dd-agent", "services", "--json", XDG_RUNTIME_DIR="/run/elsewhere"))["shop"] == 1
        assert shared.do(*user("dd-agent", "stat", "-c", "%a %G", f"/tmp/roost-{USERS['dd-agent']}/8126.sock")) == "660 watchers\n"
        assert "pid" in json.loads(roost(shared, None, "info", "--json").stdout)

        # The answers to all of this were no trouble for the agent.
        info = json.loads(roost(shared, None, "info", "--json").stdout)
        assert info["refused"] == {} and info["misuse"] == [], info["misuse"]
    assert "WARN" not in running.seen


def test_an_operator_replaces_the_agent_of_another_user(shared, tracer, harness):
    """As the README says: the other one's service is stopped, and roost takes the port, the user and the file."""
    intake = shared.start(harness / "intake", "-p", 18200, "-c", 18201, "-s", shared.folder / "kept")
    wait_until(lambda: shared.listens(18201), 10, "the intake")
    shared.do("sh", "-c", f"cat >>{SETTINGS}", input=REPLACED)
    other = shared.start(*user("dd-agent", "python3", "-u", "-c", OTHER_AGENT), ready="listening")
    taken = roost(shared, "dd-agent", "serve")
    assert taken.returncode != 0 and "8126" in taken.stderr and "in use" in taken.stderr, taken.stderr
    os.killpg(other.pid, signal.SIGTERM)
    other.wait(10)

    with agent(shared, "dd-agent") as running:
        shared.do(*user("dev", tracer / "ddtrace-run", tracer / "python", APPS / "traced_job.py", "flush", DD_ENV="prod"))
        sent = lambda: json.loads(roost(shared, None, "info", "--json").stdout)["sent"]["traces"]  # noqa: E731
        wait_until(lambda: sent() == 1, 10, "the trace to be forwarded")
        listed = json.loads(roost(shared, None, "services", "--json").stdout)["services"]
        assert [(row["service"], row["env"], row["hits"]) for row in listed] == [("shop", "prod", 1)]
        kept = [path.name for path in (shared.folder / "kept").iterdir()]
        doctor = roost(shared, None, "doctor")
        assert doctor.returncode == 0 and "no_proxy_nonexact_match" in doctor.stdout, doctor.stdout
    assert kept and intake.poll() is None
    assert "no_proxy_nonexact_match" in running.seen and API_KEY not in running.seen


def test_an_agent_whose_sockets_are_elsewhere_is_found_by_the_same_user(shared):
    # Another session's folder for sockets, and a group that nobody knows.
    shared.do("install", "-d", "-o", str(USERS["dev"]), "/run/one")
    program = shared.start(
        *user("dev", BINARY, "serve", "--config", "/dev/null", XDG_RUNTIME_DIR="/run/one",
              DD_APM_RECEIVER_SOCKET="", DD_LOCAL_CONTROL_GROUP="nosuchgroup"), ready="nosuchgroup")
    assert 'WARN local.control_group has no effect: there is no group "nosuchgroup"' in program.seen
    wait_until(lambda: shared.listens(8126), 10, "the agent")
    wait_until(lambda: roost(shared, "dev", "services", "--json").returncode == 0, 10, "its control socket")
    assert hits(roost(shared, "dev", "services", "--json")) == {}
    run = roost(shared, "dev", "run", "--", "true")
    assert run.returncode == 0 and "using the agent that is there" in run.stderr, run.stderr
    told = roost(shared, "watcher", "info")
    typed = told.stderr.splitlines()[-1]
    assert told.returncode == 77 and "sudo -u dev env ROOST_CONTROL_SOCKET=/run/one/roost/8126.sock " in typed, typed


def test_a_program_that_only_claims_to_be_the_agent_leads_nobody_anywhere(shared):
    victim = shared.start("python3", "-c", VICTIM, ready="pid ")
    pid = int(victim.seen.split()[-1])
    claim = {"version": "9.9", "pid": pid, "uid": 0, "user": "root; reboot", "control_socket": "/run/victim.sock"}
    shared.start(*user("dev", "python3", "-c", LIAR, json.dumps(claim)), ready="listening")
    for name in (None, "watcher"):
        told = roost(shared, name, "services")
        assert told.returncode == 69 and "its process cannot be seen from here" in told.stderr, told.stderr
        assert "reboot" not in told.stderr and "sudo" not in told.stderr
    # Nor does a command's trace go to it.
    run = roost(shared, "watcher", "run", "--", "true")
    assert run.returncode == 0 and "whose process it is cannot be seen: it is not used" in run.stderr, run.stderr
    assert "started an agent for this run" in run.stderr and "reboot" not in run.stderr, run.stderr
    # A line of its own, behind any that a command would have caused.
    shared.do("python3", "-c", "import socket; socket.socket(socket.AF_UNIX).connect('/run/victim.sock')")
    assert victim.stdout.readline() == "touched\n"
    shared.do("kill", str(pid))
    assert victim.stdout.read() == ""
