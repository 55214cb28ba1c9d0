"""Real tracers against the built agent: what they send is shown exactly, and they have nothing to complain of."""
import re
import subprocess

import pytest

import environments
from agent import Agent, Intake
from processes import APPS, App, clean_environment, wait_until

# A line of the app's log, in its own format or in ddtrace-run's, that a logger of the tracer wrote.
COMPLAINT = re.compile(r"^.* - (ddtrace\S*) - (WARNING|ERROR|CRITICAL) - .*$"
                       r"|^.*(WARNING|ERROR|CRITICAL) \[(ddtrace[^\]]*)\].*$", re.MULTILINE)

# Complaints that have nothing to do with the agent, each with its reason.
TOLERATED = [
    # ddtrace 4: two threads of the app find the writer not running and both start it; the second says so, nothing is lost.
    r"ddtrace\.internal\.writer\.writer\b.*failed to start writer service",
]


def environment_of(client):
    try:
        return environments.environment(client)
    except environments.PythonMissing as missing:
        pytest.skip(f"{client}: {missing}")


def complaints(text):
    lines = [match.group(0) for match in COMPLAINT.finditer(text)]
    return [line for line in lines if not any(re.search(pattern, line) for pattern in TOLERATED)]


def assert_shown(read, expected, log):
    """`read()` becomes `expected` within 30 s, and the tracer has not complained meanwhile."""
    try:
        wait_until(lambda: read() == expected, 30, "the tables to show the requests made")
    except AssertionError:
        assert read() == expected, log()
    assert read() == expected
    assert complaints(log()) == []


# (path, requests, resource, status): what the seed's app is asked. Its middleware names a resource by the view.
SEED_REQUESTS = [
    ("/", 3, "api_entry", 200), ("/api/apm", 2, "apm_endpoint", 200), ("/api/trace", 4, "trace_endpoint", 200),
    ("/missing", 1, "404", 404)]


@pytest.mark.fixed_ports
@pytest.mark.parametrize("client", environments.SEED_CLIENTS, ids=str)
def test_the_seeds_app_is_shown_as_it_was_used(client, tmp_path):
    environment = environment_of(client)
    with Agent(port=8126) as agent, App(environment, "seed_app.py", 8126, tmp_path / "app.log") as app:
        for path, times, _, status in SEED_REQUESTS:
            assert [app.get(path) for _ in range(times)] == [status] * times
        assert_shown(lambda: agent.resources("my-flask-app"),
                     {("flask.request", resource): (times, 0) for _, times, resource, _ in SEED_REQUESTS}, app.text)
        assert agent.services() == {"my-flask-app": (10, 0)}
        row = agent.ask("services")["services"][0]
        assert (row["env"], row["type"]) == ("none", "http")
        app.stop()
        assert complaints(app.text()) == []


@pytest.mark.parametrize("client", environments.SEED_CLIENTS, ids=str)
def test_what_a_client_without_msgpack_sends_as_json_is_taken(client):
    environment = environment_of(client)
    with Agent(DD_LOCAL_DB=":memory:") as agent:
        job = subprocess.run([environment / "bin" / "python", APPS / "json_job.py", str(agent.port)], capture_output=True,
                             text=True, timeout=30, env=clean_environment())
        # It has fallen back to none of them.
        versions = ["v0.4", "v0.3", "v0.2"]
        assert job.stdout.splitlines() == [f"/{version}/traces application/json 200" for version in versions], job.stderr
        assert agent.resources("shop") == {("job.run", version): (1, 0) for version in versions}
        wait_until(lambda: len(agent.ask("traces")["traces"]) == 3, 10, "the traces")
        trace = agent.ask("trace", "f" * 15 + "c")
        root, child = trace["spans"]
        assert (root["span_id"], root["resource"]) == (child["parent_id"], "v0.4") and child["resource"] == "caf\u00e9"
        assert root["meta"]["text"] == "\"quoted\"\n\u2713" and trace["kept"]


# What tracers are given as the service's name, and what the intake knows it as: the value of a tag.
NAMES = {"3scale-gw": "3scale-gw", "10.0.0.7": "10.0.0.7", "2031": "2031", "@acme/cart": "_acme/cart",
         "Shop Floor!": "shop_floor"}


def test_services_are_called_what_a_tags_value_would_be(tracer, tmp_path):
    """Names that begin with a digit or a sign, as service, as peer and as the app's own name."""
    with Intake() as intake, Agent(intake=intake.port) as agent:
        subprocess.run([tracer / "python", APPS / "named_job.py", *NAMES], check=True, timeout=30, cwd=tmp_path,
                       env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_SERVICE="@acme/app"))
        wait_until(lambda: agent.services() == {name: (1, 0) for name in NAMES.values()}, 10, "the services")
        assert agent.ask("info")["malformed"] == {}
        assert agent.stop() == 0, agent.text()
        base, names = "_dd.base_service:_acme/app", list(NAMES.values())
        peers = [f"peer.service:{peer}" if peer != "10.0.0.7" else "peer.service:blocked-ip-address"
                 for peer in names[1:] + names[:1]]
        assert intake.received().services == {
            **{(name, "job.run", base): 1 for name in names},
            **{(name, "job.call", base, peer): 1 for name, peer in zip(names, peers)}}


# (path, requests, resource, errors among them): what the rich app is asked. `/out` makes it ask itself for /api/apm.
RICH_REQUESTS = [
    ("/", 3, "GET /", 0), ("/api/apm", 2, "GET /api/apm", 0), ("/api/trace", 4, "GET /api/trace", 0),
    ("/users/1", 1, "GET /users/<int:uid>", 0), ("/users/2", 1, "GET /users/<int:uid>", 0),
    ("/boom", 2, "GET /boom", 2), ("/fail", 1, "GET /fail", 1), ("/forbidden", 1, "GET /forbidden", 0),
    ("/nested", 2, "GET /nested", 0), ("/sql", 1, "GET /sql", 0), ("/redis", 1, "GET /redis", 0),
    ("/out", 1, "GET /out", 0), ("/outfail", 1, "GET /outfail", 0), ("/tpl", 1, "GET /tpl", 0),
    ("/keep", 1, "GET /keep", 0), ("/drop", 1, "GET /drop", 0), ("/error", 2, "GET /error", 0),
    ("/threads", 2, "GET /threads", 0), ("/big", 1, "GET /big", 0), ("/missing", 1, "GET 404", 0)]
ASKED_BY_THE_APP = [("GET /api/apm", 1, 0)]
# Of the service that the app's own spans name: operation, resource, hits, errors.
WORKER = {("nested.outer", "outer"): (2, 0), ("handled", "handled"): (2, 2), ("thread.work", "thread.work"): (6, 0)}


def expected_requests():
    """{("flask.request", resource): (hits, errors)} of all that is asked."""
    totals = {}
    for resource, hits, errors in [(r, n, e) for _, n, r, e in RICH_REQUESTS] + ASKED_BY_THE_APP:
        before = totals.get(("flask.request", resource), (0, 0))
        totals["flask.request", resource] = (before[0] + hits, before[1] + errors)
    return totals


@pytest.mark.parametrize("client", environments.RICH_CLIENTS, ids=str)
def test_the_rich_app_is_shown_as_it_was_used(client, tmp_path):
    environment = environment_of(client)
    with Agent() as agent, App(environment, "rich_app.py", agent.port, tmp_path / "app.log") as app:
        for path, times, _, _ in RICH_REQUESTS:
            for _ in range(times):
                app.get(path)

        def requests():
            return {key: row for key, row in agent.resources("shop").items() if key[0] == "flask.request"}

        assert_shown(requests, expected_requests(), app.text)
        assert_shown(lambda: agent.resources("worker"), WORKER, app.text)
        services = agent.services()
        assert services["worker"] == (10, 2)
        shop = agent.resources("shop").values()
        assert services["shop"] == (sum(hits for hits, _ in shop), sum(errors for _, errors in shop))
        envs = {row["service"]: row["env"] for row in agent.ask("services")["services"]}
        assert envs["shop"] == envs["worker"] == "acceptance"
        tracers = {(row["lang"], row["tracer_version"].startswith(client.ddtrace)) for row in agent.ask("info")["clients"]}
        assert tracers == {("python", True)}
        app.stop()
        assert complaints(app.text()) == []
