"""Single traces of real tracers: stored, found, drawn, in a terminal and as documents."""
import json
import subprocess

import pytest

from agent import BINARY, Agent
from conftest import environment_or_skip
from environments import Client
from processes import App, clean_environment, wait_until
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
    stacks = shops.agent.command("trace", row["trace_id"], "--format", "folded").splitlines()
    frames = [stack.rpartition(" ") for stack in stacks]
    assert all(stack.startswith("shop-new;flask.request GET /items") and int(own) > 0 for stack, _, own in frames)
    (resource, *others) = json.loads(
        shops.agent.command("trace", row["trace_id"], "--format", "otlp"))["resourceSpans"]
    assert {"key": "service.name", "value": {"stringValue": "shop-new"}} in resource["resource"]["attributes"]
    spans = [span for part in (resource, *others) for scope in part["scopeSpans"] for span in scope["spans"]]
    assert len(spans) == row["span_count"] and {span["traceId"] for span in spans} == {row["trace_id"]}


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
