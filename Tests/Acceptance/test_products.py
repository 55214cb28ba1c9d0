"""What a tracer does besides tracing: everything it looks for is there, goes on to its intake, and is accounted for."""
import collections
import http.server
import json
import pathlib
import re
import socket
import threading
import urllib.error
import urllib.request

import pytest

from agent import API_KEY, Agent
from environments import Client
from processes import APPS, Process, wait_until
from reports import doctor
from test_clients import complaints, environment_of

TRACER = Client("4.16", "3.13")
# The app shows what its tracer logs, and ddtrace tells more at this level than it does by itself.
SWITCHES = {
    "DD_PROFILING_ENABLED": "true", "DD_RUNTIME_METRICS_ENABLED": "true", "DD_DYNAMIC_INSTRUMENTATION_ENABLED": "true",
    "DD_DATA_STREAMS_ENABLED": "true", "DD_REMOTE_CONFIGURATION_ENABLED": "true", "DD_EXCEPTION_REPLAY_ENABLED": "true",
    "DD_SYMBOL_DATABASE_UPLOAD_ENABLED": "true", "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "true",
    "DD_PROFILING_UPLOAD_INTERVAL": "2", "DD_TELEMETRY_HEARTBEAT_INTERVAL": "2", "DD_REMOTE_CONFIG_POLL_INTERVAL_SECONDS": "1",
    "DD_SERVICE": "shop", "DD_ENV": "acceptance", "DD_VERSION": "1.0", "DD_PATCH_MODULES": "sqlite3:false",
}


class Seen(collections.namedtuple("Seen", "method target headers body")):
    """A request that came to a stand-in for Datadog's intakes."""

    @property
    def path(self):
        """Without the scheme and host that a request to a proxy has, and without the query."""
        return re.sub(r"^http://[^/]*", "", self.target).partition("?")[0]


class Intakes:
    """Takes the place of all of Datadog's intakes, also as a proxy to them, and keeps what comes."""

    def __init__(self, status=202):
        seen, lock = [], threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with lock:
                    seen.append(Seen(self.command, self.path, self.headers, body))
                text = b'{"taken":true}'
                self.send_response(200 if "/api/v0." in self.path else status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.seen = seen
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def settings(self):
        """Where each product goes: here. The event platform's host is a name that only a proxy knows."""
        return {
            "DD_API_KEY": API_KEY, "DD_APM_DD_URL": self.url, "DD_APM_TELEMETRY_DD_URL": self.url,
            "DD_APM_PROFILING_DD_URL": self.url + "/api/v2/profile", "DD_APM_DEBUGGER_DD_URL": self.url + "/api/v2/logs",
            "DD_APM_DEBUGGER_DIAGNOSTICS_DD_URL": self.url + "/api/v2/debugger",
            "DD_APM_SYMDB_DD_URL": self.url + "/api/v2/symdb", "DD_EVP_PROXY_CONFIG_DD_URL": "http://events.test",
            "DD_OL_PROXY_CONFIG_DD_URL": self.url + "/lineage", "DD_PROXY_HTTP": self.url,
        }

    def paths(self):
        return collections.Counter(seen.path for seen in list(self.seen))


def products(agent):
    return {row["product"]: row for row in agent.ask("info")["products"]}


def requests(counts):
    return sum(row["requests"] for row in counts.values())


def is_balanced(row):
    """Whether everything that came has come to an end, and to one only."""
    ended = [row[kind]["requests"] for kind in ("forwarded", "answered", "discarded")]
    return row["received"]["requests"] == sum(ended) + requests(row["refused"]) + requests(row["dropped"])


def post(port, path, body=b"{}", method="POST", **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method,
                                     headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


class Job(Process):
    """The job under ddtrace-run, with everything on that the tracer has."""

    def __init__(self, agent, metrics, output, seconds=9, **variables):
        environment = environment_of(TRACER)
        super().__init__(
            [environment / "bin" / "ddtrace-run", environment / "bin" / "python", APPS / "products_job.py", seconds],
            output, DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_DOGSTATSD_URL=f"udp://127.0.0.1:{metrics}",
            PYTHONUNBUFFERED=1, PATH=f"{environment / 'bin'}:/usr/bin:/bin", **SWITCHES, **variables)

    def finish(self):
        wait_until(lambda: not self.running, 60, "the job to end")
        assert self.child.returncode == 0 and "done" in self.text(), self.text()
        assert complaints(self.text()) == []
        # Lines of libraries that have no logger: the profiler's, which is native.
        assert not re.search(r"(?im)^.*\b(warning|error|traceback|failed)\b.*$", self.text()), self.text()


@pytest.mark.parametrize("has_key", [True, False], ids=["with a key", "without a key"])
def test_a_tracer_with_everything_on_has_nothing_to_complain_of(has_key, tmp_path):
    metrics = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    metrics.bind(("127.0.0.1", 0))
    with Intakes() as intakes, Agent(**(intakes.settings() if has_key else {})) as agent:
        with Job(agent, metrics.getsockname()[1], tmp_path / "job.log") as job:
            job.finish()
        wait_until(lambda: all(map(is_balanced, products(agent).values())), 15, "requests under way to end")
        found = products(agent)
        used = {"profiling", "telemetry", "data_streams", "remote_configuration"}
        assert used <= set(found), job.text()
        for row in found.values():
            assert row["dropped"] == {} and row["refused"] == {}, row
        answered = found.pop("remote_configuration")
        assert answered["answered"] == answered["received"]
        end = "forwarded" if has_key else "discarded"
        assert all(row[end] == row["received"] for row in found.values()), found
        info = agent.ask("info")
        assert info["refused"] == {} and info["misuse"] == [], (info["refused"], info["misuse"])
        assert set(info["dropped"]) <= {"sampling_auto_drop"}
        assert info["received"]["traces"] > 0
        (tracer,) = info["tracers"]
        assert (tracer["service"], tracer["language"], tracer["tracer_version"]) == ("shop", "python", "4.16.0")
        assert tracer["closed"] and tracer["messages"] == [], tracer["messages"]
        settings = {setting["name"]: setting["value"] for setting in tracer["settings"]}
        assert settings["DD_SERVICE"] == "shop" and settings["DD_PROFILING_ENABLED"] == "true"
        assert ("passed on to " + intakes.url if has_key else "as there is no API key") in agent.text()
        assert API_KEY not in agent.text() and API_KEY not in json.dumps(info)
        screen = agent.command("info", "-v")
        assert "thrown away (no API key)" in screen if not has_key else "forwarded" in screen
        assert "tracers, as they say of themselves" in screen and " of shop" in screen
    if not has_key:
        assert intakes.seen == []
        return
    paths = intakes.paths()
    by_product = {"/api/v2/profile": "profiling", "/api/v2/apmtelemetry": "telemetry",
                  "/api/v0.1/pipeline_stats": "data_streams"}
    for path, product in by_product.items():
        assert paths[path] == found[product]["forwarded"]["requests"], (path, paths)
    for seen in intakes.seen:
        assert seen.headers["DD-API-KEY"] == API_KEY, seen.target
        if seen.path in by_product:
            assert seen.headers["Via"].startswith("trace-agent ") and "Expect" not in seen.headers
    (profile, *_) = [seen for seen in intakes.seen if seen.path == "/api/v2/profile"]
    assert profile.headers["Content-Type"].startswith("multipart/form-data") and len(profile.body) > 500
    assert profile.headers["X-Datadog-Additional-Tags"].startswith("host:acceptance-host,default_env:none,agent_version:")
    telemetry = [seen for seen in intakes.seen if seen.path == "/api/v2/apmtelemetry"]
    assert {seen.headers["DD-Agent-Hostname"] for seen in telemetry} == {"acceptance-host"}
    for seen in telemetry:
        json.loads(seen.body)


def test_the_doctor_knows_from_telemetry_that_tracing_is_off(tmp_path):
    with Agent() as agent, Job(agent, 1, tmp_path / "job.log", seconds=60, DD_TRACE_ENABLED="false"):
        wait_until(lambda: agent.ask("info")["tracers"], 30, "the tracer to describe itself")
        found = {finding["id"]: finding for finding in doctor(**agent.variables).findings}
        assert "DD_TRACE_ENABLED=false (env_var)" in " ".join(found["RST061"]["because"]), found
        assert agent.ask("info")["received"]["traces"] == 0


def test_each_product_is_passed_on_to_its_intake_and_the_answer_comes_back():
    with Intakes() as intakes, Agent(**intakes.settings()) as agent:
        taken = b'{"taken":true}'
        assert post(agent.port, "/evp_proxy/v4/api/v2/citestcycle?a=b+c&d=%5B1%5D", b"x" * 300_000,
                    X_Datadog_EVP_Subdomain="citestcycle-intake", Content_Encoding="gzip", Cookie="a=b") == (202, taken)
        assert post(agent.port, "/evp_proxy/v2/api/v2/settings", None, "GET", X_Datadog_EVP_Subdomain="api") == (202, taken)
        assert post(agent.port, "/openlineage/api/v1/lineage?x=y") == (202, taken)
        assert post(agent.port, "/debugger/v1/input?ddtags=a:b", X_Datadog_Additional_Tags="c:d") == (202, taken)
        assert post(agent.port, "/symdb/v1/input") == (202, taken)
        events, settings, lineage, debugger, symbols = intakes.seen
        assert events.target == "http://citestcycle-intake.events.test/api/v2/citestcycle?a=b%20c&d=%5B1%5D"
        assert events.body == b"x" * 300_000 and events.headers["Content-Encoding"] == "gzip"
        assert "Cookie" not in events.headers and events.headers["X-Datadog-Hostname"] == "acceptance-host"
        assert (settings.method, settings.target) == ("GET", "http://api.events.test/api/v2/settings")
        assert (lineage.target, lineage.headers["Authorization"]) == ("/lineage", f"Bearer {API_KEY}")
        assert re.fullmatch(r"/api/v2/logs\?ddtags=host:acceptance-host,default_env:none,agent_version:[^,]+,c:d,a:b",
                            debugger.target)
        assert debugger.headers["DD-EVP-ORIGIN"] == "agent-debugger" and symbols.path == "/api/v2/symdb"
        # What is not passed on, and why.
        assert post(agent.port, "/evp_proxy/v4/api/v2/citestcycle")[0] == 502
        assert post(agent.port, "/evp_proxy/v4/a", X_Datadog_EVP_Subdomain="a", X_Datadog_NeedsAppKey="true")[0] == 502
        found = products(agent)
        assert all(map(is_balanced, found.values())), found
        assert {name: row["requests"] for name, row in found["event_platform"]["dropped"].items()} == {
            "invalid_request": 1, "no_application_key": 1}
        assert len(intakes.seen) == 5


def test_an_intake_that_refuses_or_is_away_is_told_to_the_client_and_to_roost_info():
    with Intakes(status=403) as intakes:
        settings = {**intakes.settings(), "DD_APM_SYMDB_DD_URL": "http://127.0.0.1:1/x"}
        with Agent(**settings) as agent:
            assert post(agent.port, "/profiling/v1/input")[0] == 403
            assert post(agent.port, "/symdb/v1/input")[0] == 502
            assert post(agent.port, "/telemetry/proxy/api/v2/apmtelemetry") == (200, b"{}")
            wait_until(lambda: products(agent)["telemetry"]["refused"], 10, "the answer to telemetry")
            found = products(agent)
            assert found["profiling"]["refused"]["403"]["requests"] == 1
            assert found["symbol_database"]["dropped"]["intake_unreachable"]["requests"] == 1
            assert "403" in agent.command("info") and "is the key right?" in agent.text()
            assert agent.stop() == 0


@pytest.mark.linux
def test_an_agent_that_nobody_asks_for_products_opens_nothing_for_them():
    with Intakes() as intakes, Agent(**intakes.settings()) as agent:
        def has_thread():
            names = pathlib.Path(f"/proc/{agent.child.pid}/task").glob("*/comm")
            return "roost-products" in [path.read_text().strip() for path in names]
        assert not has_thread()
        assert post(agent.port, "/symdb/v1/input")[0] == 202
        assert has_thread()
