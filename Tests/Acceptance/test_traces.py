"""Single traces of real tracers: stored, found, drawn, in a terminal and as documents."""
import contextlib
import json
import re
import signal
import subprocess
import threading
import time
import urllib.request

import msgpack
import pytest

from agent import BINARY, Agent
from conftest import environment_or_skip
from environments import OPENTELEMETRY, Client
from processes import APPS, App, Process, clean_environment, wait_until
from screens import drawn, golden, steady

NEW, OLD = Client("4.16", "3.13"), Client("0.38", "3.8")


class Shops:
    """Two apps under a current and an old tracer that call each other, and the agent that keeps their traces."""

    def __init__(self, agent, file, apps):
        self.agent, self.file, self.apps = agent, file, apps

    def traces(self, *words, codes=(0,)):
        return self.agent.ask("traces", *words, codes=codes)["traces"]

    def trace(self, *words):
        return self.agent.ask("trace", *words)

    def of(self, service, path):
        """The one trace that a request to a shop made."""
        (row,) = [row for row in self.traces(f'service:{service} resource:"GET {path}"') if row["root_service"] == service]
        return row

    def draw(self, *words, columns=100):
        status, screen = drawn([BINARY, "--config", self.agent.file, *words], columns, self.agent.variables)
        assert status == 0, screen
        return screen


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shops")
    environments = {"new": environment_or_skip(NEW), "old": environment_or_skip(OLD)}
    file = folder / "roost.db"
    with Agent(DD_LOCAL_DB=file) as agent:
        apps = {}
        try:
            for name, environment in environments.items():
                apps[name] = App(environment, "till_app.py", agent.port, folder / f"{name}.log", DD_SERVICE=f"shop-{name}")
            for name, other in [("new", "old"), ("old", "new")]:
                for path in ["/items", f"/cart?shop={apps[other].port}", "/checkout"]:
                    apps[name].get(path)
            shops = Shops(agent, file, apps)
            wait_until(lambda: [row["span_count"] > 9 for row in shops.traces("resource:\"GET /cart\"", codes=(0, 1))]
                       == [True, True] and len(shops.traces()) == 6, 20, "the traces to be stored")
            yield shops
        finally:
            for app in apps.values():
                app.stop()


@pytest.mark.parametrize("name, other", [("new", "old"), ("old", "new")])
def test_two_services_under_different_tracers_make_one_tree(shops, name, other):
    """The current tracer's ids have 128 bits, the old one's 64: they meet in one trace."""
    row = shops.of(f"shop-{name}", "/cart")
    assert row["services"][0] == row["root_service"] == f"shop-{name}" and f"shop-{other}" in row["services"]
    assert row["status_code"] == "200" and row["error_count"] == 0 and row["kept"]
    trace = shops.trace(row["trace_id"])
    assert trace["schema"] == "roost.trace.v1" and trace["trace_id"] == row["trace_id"]
    spans = {span["span_id"]: span for span in trace["spans"]}
    assert len(spans) == len(trace["spans"]) == row["span_count"]
    roots = [span for span in spans.values() if span["parent_id"] is None]
    assert [root["service"] for root in roots] == [f"shop-{name}"]
    assert all(span["parent_id"] in spans for span in spans.values() if span not in roots)
    (handler,) = [span for span in spans.values() if span["service"] == f"shop-{other}"
                  and span["operation"] == "flask.request"]
    assert spans[handler["parent_id"]]["operation"] == "requests.request"
    assert all(0 <= span["self_ns"] <= span["duration_ns"] for span in spans.values()) and roots[0]["critical"]


@pytest.mark.parametrize("name", ["new", "old"])
def test_a_failure_is_told_where_it_arose_with_its_stack(shops, name):
    screen = steady(shops.draw("trace", "error", f"shop-{name}"))
    assert screen.count("RuntimeError: the till is closed") == 1
    assert 'raise RuntimeError("the till is closed")' in screen
    (row,) = shops.traces("--errors", "--service", f"shop-{name}", '"till is closed"')
    assert row["status_code"] == "500" and row["error_count"] > 0 and row["root_resource"] == "GET /checkout"


@pytest.mark.parametrize("name", ["new", "old"])
def test_queries_in_a_loop_are_one_line_that_is_marked(shops, name):
    screen = steady(shops.draw("trace", shops.of(f"shop-{name}", "/items")["trace_id"], columns=160))
    (line,) = [line for line in screen.split("\n") if "×" in line]
    assert "× 8 " in line and "SELECT name FROM items WHERE id = ?" in line and "← N+1?" in line, screen


@pytest.mark.parametrize("path", ["/cart", "/items", "/checkout"])
def test_a_trace_in_a_terminal_reads_as_it_was_last_accepted(shops, path):
    screen = steady(shops.draw("trace", shops.of("shop-new", path)["trace_id"], columns=240))
    assert screen == golden(f"trace{path.replace('/', '-')}.txt", screen)


def test_a_list_of_traces_in_a_terminal_reads_as_it_was_last_accepted(shops):
    screen = steady(shops.draw("traces", "service:shop-new", columns=200))
    assert screen == golden("traces.txt", screen)


def test_a_trace_is_found_by_each_way_of_naming_it(shops):
    row = shops.of("shop-new", "/cart")
    whole = row["trace_id"]
    assert len(whole) == 32
    for name in [whole, whole[16:], whole[16:26], whole.upper(), str(int(whole[16:], 16))]:
        assert shops.trace(name)["trace_id"] == whole, name
    assert shops.trace("slowest", "shop-new", "GET /cart")["trace_id"] == whole
    newest = shops.traces("--limit", "1")[0]["trace_id"]
    assert shops.trace("last")["trace_id"] == newest


@pytest.mark.parametrize("query, count", [
    ("", 6), ("service:shop-new", 4), ("status:error", 2), ("NOT status:error", 4), ("stock", 2), ("till closed", 2),
    ('"closed till"', 0), ("sqlite*", 2), ("spans:>8 -status:error", None), ("http.status_code:500", 2),
    ("http.status_code:500..599 service:shop-old", 1), ("(checkout OR items) service:shop-old", 2), ("duration:>1h", 0),
    ("env:acceptance kept:true", 6), ("kept:false", 0)])
def test_a_query_finds_what_it_says(shops, query, count):
    found = shops.traces(query, codes=(0, 1))
    assert count is None and found or len(found) == count, [row["root_resource"] for row in found]
    # The same without an agent, while it writes.
    done = subprocess.run([str(BINARY), "traces", query, "--db", str(shops.file), "--json"], capture_output=True,
                          text=True, env=clean_environment(), timeout=20)
    stored = [row["trace_id"] for row in json.loads(done.stdout)["traces"]]
    assert set(stored) <= {row["trace_id"] for row in found}, done.stderr


def test_a_trace_is_printed_for_other_programs(shops):
    row = shops.of("shop-new", "/items")
    markdown = shops.agent.command("trace", row["trace_id"], "--format", "md")
    assert markdown.startswith("### GET /items of shop-new: ") and "← N+1?" in markdown
    # As flamegraph.pl takes a line apart.
    stacks = shops.agent.command("trace", row["trace_id"], "--format", "folded").splitlines()
    frames = [re.fullmatch(r"(.*)\s+?(\d+(?:\.\d*)?)", stack) for stack in stacks]
    assert all(stack[1].startswith("shop-new;flask.request GET /items") and int(stack[2]) > 0 for stack in frames)


def otlp(agent, trace, environment):
    """The spans of a trace as OpenTelemetry's own types read them."""
    document = agent.command("trace", trace, "--format", "otlp")
    read = subprocess.run([environment / "bin" / "python", APPS / "otlp_reader.py"], input=document, capture_output=True,
                          text=True, env=clean_environment(), timeout=20)
    assert read.returncode == 0, read.stderr
    return json.loads(read.stdout)


def expected_otlp(trace, span):
    """What OTLP says of a span of `roost.trace.v1`."""
    meta = span["meta"]
    in_resource = {"service.name": span["service"], "deployment.environment.name": meta.get("env"),
                   "service.version": meta.get("version"), "telemetry.sdk.language": meta.get("language")}
    names = {"operation.name": span["operation"], "resource.name": span["resource"], "span.type": span["type"]}
    kinds = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
    calls = ("sql", "http")
    kind = meta.get("span.kind", "server" if span["type"] == "web" else "client" if span["type"] in calls else "internal")
    events = [[event["time_ns"], event["name"], event["attributes"], 0] for event in span["events"]]
    if span["error"] and not any(event[1] == "exception" for event in events):
        told = {"exception.type": meta.get("error.type"), "exception.message": meta.get("error.message"),
                "exception.stacktrace": meta.get("error.stack")}
        if any(told.values()):
            events.append([span["start_ns"] + span["duration_ns"], "exception",
                           {name: text for name, text in told.items() if text is not None}, 0])
    return {
        "resource": {name: text for name, text in in_resource.items() if text},
        "trace_id": trace["trace_id"].zfill(32), "span_id": span["span_id"], "parent_id": span["parent_id"] or "",
        "name": span["resource"], "kind": kinds[kind], "start": span["start_ns"],
        "end": span["start_ns"] + span["duration_ns"],
        "attributes": {**{name: text for name, text in names.items() if text}, **span["metrics"],
                       **{name: text for name, text in meta.items() if name not in ("env", "version", "language")}},
        "events": events,
        "links": [[link["trace_id"].zfill(32), link["span_id"], link["tracestate"], link.get("flags", 0),
                   link["attributes"], 0] for link in span["links"]]}


@pytest.mark.parametrize("path", ["/items", "/cart", "/checkout"])
def test_a_trace_as_otlp_is_read_by_opentelemetrys_own_types_field_by_field(shops, path):
    trace = shops.trace(shops.of("shop-new", path)["trace_id"])
    read = {span["span_id"]: span for span in otlp(shops.agent, trace["trace_id"], environment_or_skip(OPENTELEMETRY))}
    assert len(read) == len(trace["spans"])
    for span in trace["spans"]:
        code, message = read[span["span_id"]].pop("status")
        assert code == (2 if span["error"] else 0) and (span["error"] or not message)
        assert read[span["span_id"]] == expected_otlp(trace, span)


# How the current tracer sends links and events: as JSON in tags where the format has no other place for them.
WAYS = {"v0.5": {"DD_TRACE_API_VERSION": "v0.5"}, "v0.4": {"DD_TRACE_API_VERSION": "v0.4"},
        "native": {"DD_TRACE_NATIVE_SPAN_EVENTS": "true"}}


@pytest.fixture(scope="module")
def linked(shops, tmp_path_factory):
    """The trace of a job with links and events, for each way of sending them."""
    folder = tmp_path_factory.mktemp("linked")
    programs = environment_or_skip(NEW) / "bin"
    jobs = [Process([programs / "ddtrace-run", programs / "python", APPS / "linked_job.py"], folder / f"{way}.log",
                    DD_TRACE_AGENT_URL=f"http://127.0.0.1:{shops.agent.port}", DD_SERVICE=f"job-{way}", DD_ENV="jobs",
                    DD_TRACE_OTEL_ENABLED="true", DD_INSTRUMENTATION_TELEMETRY_ENABLED="false", **settings)
            for way, settings in WAYS.items()]
    for job in jobs:
        assert job.child.wait(30) == 0, job.text()
    found = wait_until(lambda: (rows := shops.traces("env:jobs", codes=(0, 1)))[2:] and rows, 20, "the jobs' traces")
    return {row["root_service"].removeprefix("job-"): shops.trace(row["trace_id"]) for row in found}


@pytest.mark.parametrize("way", WAYS)
def test_links_and_events_of_a_tracer_are_the_same_however_they_are_sent(linked, way):
    spans = {span["resource"]: span for span in linked[way]["spans"]}
    job, step, publish = spans["nightly"], spans["step"], spans["publish"]
    assert step["parent_id"] == publish["parent_id"] == job["span_id"]
    assert job["links"] == [
        {"trace_id": "0000000000001234abcdef0123456789", "span_id": "1122334455667788", "tracestate": "dd=s:2;o:rum",
         "flags": 1, "attributes": {"why": "batch", "rows": "3", "items": ["hat", "coat"], "sure": "true"}},
        {"trace_id": "0000000000000005", "span_id": "0000000000000006", "tracestate": "", "attributes": {}}]
    assert step["links"] == [
        {"trace_id": "0000001000000000000000000000004d", "span_id": "0000000000000058", "tracestate": "dd=s:1,k=v",
         "flags": 1, "attributes": {"n": "1", "parts": ["true", "false"]}}]
    loaded, exception = job["events"]
    assert loaded == {"time_ns": 1_700_000_000_123_456_789, "name": "loaded", "attributes": {
        "by": "disk", "rows": 1, "large": 2**62, "share": 1.5, "whole": True, "none": [], "items": ["hat", "coat"],
        "sizes": [1, 2]}}
    assert exception["name"] == "exception" and exception["attributes"].items() >= {
        "exception.type": "builtins.ValueError", "exception.message": "no such cart", "tries": 3}.items()
    assert 'raise ValueError("no such cart")' in exception["attributes"]["exception.stacktrace"]
    assert [(event["name"], event["attributes"]) for event in step["events"]] == [
        ("checked", {"by": "hand", "sizes": [1, 2, 3], "ok": False}), ("done", {})]
    assert publish["error"] and [event["name"] for event in publish["events"]] == ["exception"]
    for span in linked[way]["spans"]:
        assert not {"_dd.span_links", "events"} & span["meta"].keys()


@pytest.mark.parametrize("words", ["loaded", '"no such cart"', "coat", "batch"])
def test_words_of_links_and_events_are_found_however_they_are_sent(shops, linked, words):
    found = {row["root_service"].removeprefix("job-") for row in shops.traces(words, "env:jobs")}
    assert found == set(WAYS)


@pytest.mark.parametrize("way", WAYS)
def test_links_and_events_are_read_by_opentelemetrys_own_types(shops, linked, way):
    trace = linked[way]
    read = {span["span_id"]: span for span in otlp(shops.agent, trace["trace_id"], environment_or_skip(OPENTELEMETRY))}
    for span in trace["spans"]:
        status = read[span["span_id"]].pop("status")
        assert status == ([2, "builtins.RuntimeError: the till is closed"] if span["error"] else [0, ""])
        assert read[span["span_id"]] == expected_otlp(trace, span)


@pytest.mark.parametrize("way", WAYS)
def test_links_and_events_in_a_terminal_read_as_they_were_last_accepted(shops, linked, way):
    screen = steady(shops.draw("trace", linked[way]["trace_id"], columns=240)).replace(f"job-{way}", "job-WAY")
    assert screen == golden("trace-linked.txt", screen)


def test_traces_are_followed_as_they_come(shops):
    command = [str(BINARY), "--config", str(shops.agent.file), "traces", "service:shop-old", "--since", "1h", "--follow",
               "--ndjson"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          env=clean_environment(**shops.agent.variables)) as following:
        try:
            before = [json.loads(following.stdout.readline()) for _ in range(4)]
            assert [row["start_ns"] for row in before] == sorted(row["start_ns"] for row in before)
            shops.apps["old"].get("/stock")
            row = json.loads(following.stdout.readline())
            assert row["root_resource"] == "GET /stock" and row["services"] == ["shop-old"]
            # It ends when nobody reads it any more, without another trace.
            following.stdout.close()
            assert following.wait(10) == 0
        finally:
            following.kill()


HOUR = 3_600 * 10**9


def send(agent, *numbers, began=0):
    """Traces of one span each with these numbers for ids, that began so many ns from now."""
    start = time.time_ns() + began
    body = msgpack.packb([[
        {"service": "shop", "name": "web.request", "resource": "GET /", "type": "web", "trace_id": number, "span_id": number,
         "parent_id": 0, "start": start, "duration": 10**6, "error": 0, "metrics": {"_sampling_priority_v1": 1}}]
        for number in numbers])
    request = urllib.request.Request(
        f"http://127.0.0.1:{agent.port}/v0.4/traces", body, method="PUT",
        headers={"Content-Type": "application/msgpack", "X-Datadog-Trace-Count": str(len(numbers))})
    urllib.request.urlopen(request, timeout=10).read()


@contextlib.contextmanager
def follow(agent, *words):
    """A command that follows traces; what it does not print within a minute, it never will."""
    with subprocess.Popen(
            [str(BINARY), "--config", str(agent.file), "traces", "--follow", "--since", "1h", "--ndjson", *words],
            stdout=subprocess.PIPE, text=True, env=clean_environment(**agent.variables)) as following:
        end = threading.Timer(60, following.kill)
        end.start()
        try:
            yield following
        finally:
            end.cancel()
            following.kill()


@contextlib.contextmanager
def keeping_agent(folder, **variables):
    """An agent that answers commands, and so has opened the file in which it keeps traces."""
    with Agent(DD_LOCAL_DB=folder / "roost.db", **variables) as agent:
        wait_until((agent.folder / "control.sock").exists, 10, "the agent to answer commands")
        yield agent
        assert agent.stop() == 0


def test_following_prints_each_trace_once_whenever_it_began(tmp_path):
    many = range(1_000, 3_500)
    with keeping_agent(tmp_path, DD_LOCAL_DB_SPANS_PER_SECOND=0) as agent:
        send(agent, 1)
        with follow(agent, "--limit", str(4 + len(many))) as following:
            def line():
                return json.loads(following.stdout.readline())
            assert int(line()["trace_id"], 16) == 1
            send(agent, 2, began=-2 * HOUR)
            assert int(line()["trace_id"], 16) == 2
            send(agent, 3, began=2 * HOUR)
            ahead = line()
            assert int(ahead["trace_id"], 16) == 3 and round(ahead["ahead_ns"] / HOUR, 2) == 2
            # More than one answer holds, between two looks; and of one that is printed something more comes.
            send(agent, 2, *many)
            send(agent, 4)
            rest = [int(line()["trace_id"], 16) for _ in range(len(many) + 1)]
            assert sorted(rest) == [4, *many]
            # It ends with as many as were asked for.
            assert following.wait(10) == 0
        # No place at the top for a clock that is ahead; what that row's time means is said.
        table = agent.command("traces", "env:none", "--limit", "3000").splitlines()
        place = next(place for place, line in enumerate(table) if re.search(r" \+[12]h\d\dm  shop ", line))
        assert place > len(many) and table[-1].startswith("+: clock ahead by "), (place, table[-1])
        with follow(agent) as following:
            following.stdout.readline()
            following.send_signal(signal.SIGINT)
            assert following.wait(10) == -signal.SIGINT


def test_an_environment_is_found_by_the_name_that_tables_show(tmp_path):
    with keeping_agent(tmp_path, DD_ENV="staging") as agent:
        send(agent, 1)
        assert [row["env"] for row in agent.ask("services")["services"]] == ["staging"]
        for query, count in [("env:staging", 1), ("env:none", 1), ("env:prod", 0), ("NOT env:staging", 0), ("env:*", 0)]:
            assert len(agent.ask("traces", query, codes=(0, 1))["traces"]) == count, query
