"""What `roost doctor`, `info`, `explain` and `run` never show, how long the doctor takes, and how it ends."""
import hashlib
import json
import sys
import time

import pytest

import machines
from agent import BINARY
from processes import APPS, wait_until
from traced import diagnose, serve, traced

pytestmark = pytest.mark.machine

PLANTED = {}  # what a secret is -> the secret


def key(name, digits=32):
    """A key as Datadog makes them, of hexadecimal digits."""
    PLANTED[name] = hashlib.sha512(name.encode()).hexdigest()[:digits]
    return PLANTED[name]


def word(name):
    """A password of letters, which nothing but its place tells from other words."""
    PLANTED[name] = "".join(chr(ord("g") + int(digit, 16)) for digit in hashlib.sha512(name.encode()).hexdigest()[:20])
    return PLANTED[name]


ENVIRONMENT = {
    "DD_API_KEY": key("DD_API_KEY"),
    "DD_APP_KEY": key("DD_APP_KEY", 40),
    "DD_APIKEY": word("a misspelt key"),
    "DD_TAGS": f"team:shop,password:{word('a tag')}",
    "AWS_SECRET_ACCESS_KEY": word("AWS_SECRET_ACCESS_KEY"),
    "DATABASE_URL": f"postgres://shop:{word('DATABASE_URL')}@db/shop",
    "DD_TRACE_AGENT_URL": f"http://tracer:{word('DD_TRACE_AGENT_URL')}@127.0.0.1:8126",
    "HTTP_PROXY": f"http://proxy:{word('HTTP_PROXY')}@127.0.0.1:3128",
    "OTEL_EXPORTER_OTLP_HEADERS": f"api-key={word('an OTLP header')},authorization=Bearer {word('an OTLP token')}",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://otel:{word('an OTLP address')}@127.0.0.1:8126/?token={word('OTLP query')}",
}
MALFORMED = {
    "DD_TRACE_AGENT_URL": f"tracer:{word('an address without scheme')}@127.0.0.1:8126",
    "DD_AGENT_HOSTNAME": f"tracer:{word('a misspelt host')}@agent",
    "DD_SERVICE": "billing", "DD_ENV": "test",
}
ARGUMENTS = [
    "--password", word("--password"), f"--token={word('--token')}", "--api-key", key("--api-key"), "-p", word("-p"),
    "--db", f"mysql://root:{word('an address as argument')}@db/shop", f"SECRET_KEY={word('an assignment')}",
    "-H", f"Authorization: Bearer {word('a header')}",
]
JAVA = [f"-Ddd.api-key={key('-Ddd.api-key')}", f"-Djavax.net.ssl.keyStorePassword={word('keyStorePassword')}",
        "-javaagent:/opt/dd-java-agent.jar", "-jar", "billing.jar"]
CONFIGURATION = f"""
api_key: {key('api_key')}
app_key: {key('app_key', 40)}
proxy:
  https: http://proxy:{word('proxy.https')}@127.0.0.1:3129
  http: http://proxy:{word('proxy.http')}@127.0.0.1:3129
additional_endpoints:
  "https://app.datadoghq.eu": [{key('additional_endpoints')}]
apm_config:
  apm_dd_url: http://intake:{word('apm_dd_url')}@127.0.0.1:9
  additional_endpoints:
    "https://trace.agent.datadoghq.eu": [{key('apm_config.additional_endpoints')}]
  trace_writer:
    flush_period_seconds: 0.1
"""
URL = f"http://user:{word('--url')}@127.0.0.1:9/?api_key={word('the query of --url')}"
LOGS = {
    "Python": f"""
failed to send, dropping 1 traces to intake at http://tracer:{word('a Python line')}@10.1.0.1:8126/v0.5/traces: \
Network error, headers {{'DD-API-KEY': '{key('a Python header')}', 'Authorization': 'Bearer {word('a Python token')}'}}
""",
    "Java": f"""
WARN DDAgentApi - Error while sending 9 (size=5KB) traces to the DD agent. Total: 9, Received: 9, Sent: 0, Failed: 9. \
java.net.ConnectException: Failed to connect to http://tracer:{word('a Java line')}@10.1.0.1:8126 \
-Ddd.api-key={key('a Java option')} password={word('a Java password')}
""",
    "Go": f"""
Datadog Tracer v1.55.0 ERROR: lost 3 traces: Post "http://tracer:{word('a Go line')}@10.1.0.1:8126/v0.4/traces?\
api_key={word('a Go query')}": dial tcp 10.1.0.1:8126: connect: connection refused
""",
    "a start-up line": f"""
DATADOG TRACER CONFIGURATION {{"agent_url":"http://tracer:{word('a start-up line')}@10.1.0.1:8126","agent_error":true,\
"api_key":"{key('a start-up key')}","tags":{{"token":"{word('a start-up tag')}"}}}}
""",
}
FOREIGN = """
import socket, sys
family = socket.AF_UNIX if "/" in sys.argv[1] else socket.AF_INET
listener = socket.create_server(("127.0.0.1", int(sys.argv[1]))) if family == socket.AF_INET else socket.socket(family)
if family == socket.AF_UNIX:
    listener.bind(sys.argv[1])
    listener.listen()
print("listening", flush=True)
while True:
    client, _ = listener.accept()
    client.recv(4096)
    client.sendall(b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n")
    client.close()
"""
# The system takes connections for it; it never looks at them.
SILENT = "import socket; s = socket.create_server(('127.0.0.1', 9999)); print('listening', flush=True); input()"


class Scene:
    """A machine full of secrets: traced processes, programs in the agent's place, a configuration."""

    def __init__(self, machine, tracer):
        self.machine = machine
        self.configuration, self.evidence, self.own_log, foreign = (
            machine.folder / name for name in ("datadog.yaml", "evidence.json", "roost.log", "foreign.py"))
        self.configuration.write_text(CONFIGURATION)
        foreign.write_text(FOREIGN)
        for place in "/run/datadog/apm.socket", "9999":
            machine.start(sys.executable, foreign, place, *ARGUMENTS, ready="listening")
        self.agent = machine.start(BINARY, "serve", "--config", self.configuration,
                                   DD_APM_RECEIVER_SOCKET="/run/roost/apm.socket", DD_APM_LOG_FILE=self.own_log)
        wait_until(lambda: self.own_log.exists() and "listening" in self.own_log.read_text(), 10, "roost to listen")
        java = machine.do("sh", "-c", "cp $(command -v bash) /run/java && echo /run/java").strip()
        app = machine.start(java, "-c", "echo pid $$; read line", "java", *JAVA, *ARGUMENTS, ready="pid ", **MALFORMED)
        self.pids = {
            "PYTHON": traced(machine, tracer, "flush", *ARGUMENTS, **ENVIRONMENT),
            "JAVA": machine.number(app.seen.split()[-1]),
            "FOREIGN": traced(machine, tracer, DD_TRACE_AGENT_URL="http://127.0.0.1:9999"),
            "DEFAULT": traced(machine, tracer),
        }
        # Traces that cannot be forwarded, and a request that a client should not make.
        traced(machine, tracer, "flush", DD_TRACE_AGENT_URL="http://127.0.0.1:8126")
        user, query = word("a user to roost"), word("a query to roost")
        machine.do("curl", "--silent", "-H", f"Authorization: Bearer {word('a header to roost')}",
                   f"http://user:{user}@127.0.0.1:8126/v9.9/traces?api_key={query}")
        wait_until(lambda: json.loads(self.roost("info", "--json").stdout)["last_errors"], 20, "an error of the intake")

    def roost(self, *arguments, **options):
        return self.machine.roost(*arguments, "--config", self.configuration,
                                  **{"DD_APM_RECEIVER_SOCKET": "/run/roost/apm.socket", **options})

    def is_in_process(self, what, pid, secret):
        """Whether the secret really is where it was planted."""
        return secret in self.machine.do("cat", f"/proc/{pid}/{what}")


@pytest.fixture(scope="module")
def scene(tracer):
    with machines.Machine() as machine:
        yield Scene(machine, tracer)


def assert_hidden(**texts):
    """No secret is in any of the texts, nor the beginning of one."""
    leaks = [f"{name}: …{text[max(0, text.index(secret[:8]) - 100):][:160]}… in {where}"
             for where, text in texts.items() for name, secret in PLANTED.items() if secret[:8] in text]
    assert not leaks, "\n".join(leaks)


def test_the_secrets_are_where_they_were_planted(scene):
    """Without that, no other test here could fail."""
    for value in ENVIRONMENT.values():
        assert scene.is_in_process("environ", scene.pids["PYTHON"], value)
    for argument in ARGUMENTS:
        assert scene.is_in_process("cmdline", scene.pids["PYTHON"], argument)
        assert scene.is_in_process("cmdline", scene.pids["JAVA"], argument)
    assert len(PLANTED) == len({secret[:8] for secret in PLANTED.values()})
    with pytest.raises(AssertionError, match="DD_API_KEY"):
        assert_hidden(text=f"key {ENVIRONMENT['DD_API_KEY'][:10]}…")


@pytest.mark.parametrize("form", [[], ["-v"], ["--json"], ["--strict", "-v"]], ids=" ".join)
@pytest.mark.parametrize("question, seen", [
    ([], ["PYTHON", "JAVA", "FOREIGN", "DEFAULT"]),
    (["--pid", "PYTHON"], ["PYTHON"]), (["--pid", "JAVA"], ["JAVA"]), (["--pid", "FOREIGN"], ["FOREIGN"]),
    (["--pid", "DEFAULT"], ["DEFAULT"]), (["--name", "python"], ["PYTHON", "FOREIGN"]), (["--name", "java"], ["JAVA"]),
    (["--url", URL], []),
], ids=lambda words: " ".join(words) if URL not in words else "--url")
def test_the_doctor_shows_no_secret(scene, question, seen, form):
    words = [scene.pids.get(part, part) for part in question]
    scene.evidence.unlink(missing_ok=True)
    done = scene.roost("doctor", *words, *form, "--width", "2000", "--save-evidence", scene.evidence)
    evidence = scene.evidence.read_text()
    for name in seen:
        assert f"pid {scene.pids[name]}" in done.stdout, done.stdout
        assert scene.pids[name] in evidence
    judged = scene.roost("doctor", "--evidence", scene.evidence, "-v", "--width", "2000")
    assert done.returncode == judged.returncode == 1, done.stdout + done.stderr
    assert_hidden(stdout=done.stdout, stderr=done.stderr, evidence=evidence, judged=judged.stdout + judged.stderr)


@pytest.fixture(scope="module")
def empty():
    with machines.Machine() as machine:
        yield machine


@pytest.mark.parametrize("form", [[], ["-v"], ["--json"], ["--strict", "-v"]], ids=" ".join)
@pytest.mark.parametrize("language", LOGS)
def test_the_doctor_shows_no_secret_of_a_log(empty, language, form):
    log, evidence = empty.folder / "app.log", empty.folder / "evidence.json"
    log.write_text(LOGS[language])
    for source in log, "-":
        done = empty.roost("doctor", "--log", source, *form, "--width", "2000", "--save-evidence", evidence,
                           input=LOGS[language])
        assert "10.1.0.1" in done.stdout and "10.1.0.1" in evidence.read_text(), done.stdout + done.stderr
        assert_hidden(stdout=done.stdout, stderr=done.stderr, evidence=evidence.read_text())


@pytest.mark.parametrize("command", [
    ["info"], ["info", "-v"], ["info", "--json"], ["services"], ["services", "--json"], ["explain", "RST035"],
    ["explain", "RST047", "--json"]], ids=" ".join)
def test_what_the_agent_tells_of_itself_shows_no_secret(scene, command):
    options = [] if command[0] == "explain" else ["--config", scene.configuration]
    done = scene.machine.roost(*command, *options, "--width", "2000", **{**ENVIRONMENT, "DD_APIKEY": ""})
    assert done.returncode == 0 and done.stdout, done.stderr
    if command[0] == "info":
        assert "/v9.9/traces" in done.stdout and "127.0.0.1:9" in done.stdout, done.stdout
    assert_hidden(stdout=done.stdout, stderr=done.stderr)


def test_what_the_agent_logs_shows_no_secret(scene):
    log = scene.own_log.read_text()
    assert "listening" in log
    scene.machine.do("kill", json.loads(scene.roost("info", "--json").stdout)["pid"])
    assert_hidden(log=log, output=scene.agent.communicate(timeout=20)[0])


@pytest.mark.parametrize("line", [
    "api_key: [SECRET]", "apikey: SECRET", 'api_key: "SECRET', "SECRET", "proxy: http://proxy:SECRET@x",
    'proxy: {https: "proxy:SECRET@x:99999"}', "apm_config: {apm_dd_url: user:SECRET@x}",
    "apm_config: {receiver_port: SECRET}"])
def test_a_broken_configuration_is_told_without_what_is_in_it(empty, line, secret=word("a broken configuration")):
    file = empty.folder / "broken.yaml"
    file.write_text(line.replace("SECRET", secret))
    for command in ["doctor", "-v"], ["info"], ["run", "--", "true"]:
        done = empty.roost("--config", file, *command)
        assert_hidden(stdout=done.stdout, stderr=done.stderr)


def test_a_run_shows_no_secret(machine, tracer):
    """Neither while it prepares the child, which is silent here and looked at after ten seconds, nor at its end."""
    silent = 'exec "$@" >/dev/null 2>&1'
    run = machine.start(BINARY, "run", "--", "sh", "-c", silent, "sh", tracer / "ddtrace-run", tracer / "python",
                        APPS / "traced_job.py", "stay", *ARGUMENTS, ready=" problem",
                        **{**ENVIRONMENT, "DD_TRACE_AGENT_URL": URL})
    text = run.seen + run.communicate(timeout=20)[0]
    assert "DD_TRACE_AGENT_URL is set and leads elsewhere" in text and "looking at pid" in text, text
    assert "no trace came" in text
    assert_hidden(text=text)


def took(machine, *arguments):
    """The doctor's report and how many seconds it was in coming."""
    start = time.monotonic()
    done = machine.roost("doctor", *arguments)
    return done, time.monotonic() - start


def test_the_doctor_answers_within_2_seconds_on_an_idle_machine(machine, tracer):
    assert took(machine)[1] < 2
    serve(machine)
    pid = traced(machine, tracer, "flush")
    for question in [], ["--json"], ["--pid", pid], ["--url", "http://127.0.0.1:8126"]:
        done, seconds = took(machine, *question)
        assert done.returncode == 0 and seconds < 2, (question, seconds, done.stdout)


def test_the_doctor_answers_within_5_seconds_when_nothing_else_does(machine, tracer):
    container = machine.container()
    container.firewall(["tcp dport 8126 drop"])
    machine.firewall(["udp dport 53 drop", "tcp dport 53 drop"])
    nobody = container.address.removesuffix(".2") + ".9"
    machine.start(sys.executable, "-c", SILENT, ready="listening")
    hosts = [container.address, nobody, "agent-1.internal", "agent-2.internal", "agent-3.internal"]
    for host in hosts:
        traced(machine, tracer, DD_AGENT_HOST=host)
    traced(machine, tracer, DD_TRACE_AGENT_URL="http://127.0.0.1:9999")
    done, seconds = took(machine, "--json")
    assert all(host in done.stdout for host in hosts), done.stdout
    found = {finding["id"] for finding in json.loads(done.stdout)["findings"]}
    assert {"RST010", "RST011", "RST014"} <= found, done.stdout
    assert "it takes the connection and answers nothing" in done.stdout, done.stdout
    assert seconds < 5
    assert took(machine, "--url", "http://agent-5.internal:8126")[1] < 5


def test_the_exit_code_is_0_when_all_is_well_1_for_a_problem_and_2_for_warnings_when_strict(machine, tracer):
    def codes(*words, **variables):
        return [machine.roost("doctor", *form, *words, **variables).returncode
                for form in ([], ["--json"], ["--strict"], ["--strict", "--json"])]
    pid = traced(machine, tracer)
    assert codes() == codes("--pid", pid) == [1, 1, 1, 1]
    serve(machine)
    assert codes() == codes("--pid", pid) == [0, 0, 0, 0]
    machine.do("curl", "--silent", "http://127.0.0.1:8126/v9.9/traces")
    report = diagnose(machine)
    assert [finding["severity"] for finding in report.findings] == ["warning"], report.text()
    assert codes() == codes("--pid", pid) == [0, 0, 2, 2]
