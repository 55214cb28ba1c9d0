"""The page for a browser, in headless Chromium: every view, live, by keyboard alone, with much and with hostile data.

`ROOST_ACCEPT=1` writes the pictures of the README, docs/images/*.png.
"""
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import time
import urllib.parse

import msgpack
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from agent import BINARY, Agent
from browser import Browser
from environments import REPOSITORY
from processes import APPS, clean_environment, free_port, wait_until

pytestmark = pytest.mark.linux

VIEWS = ["/", "/services/shop", "/traces", "/t/last"]
HOSTILE = "<script>window.pwned = 1</script><img src=x onerror=pwned=1> \u202egnol\u2066 \x1b[31mred\x1b]0;title\x07"
HUGE = "A" * 4000 + "B" * (1 << 20)
MANY = 10_000


def post(port, traces):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("PUT", "/v0.4/traces", msgpack.packb(traces), {
        "Content-Type": "application/msgpack", "X-Datadog-Trace-Count": str(len(traces)), "Datadog-Meta-Lang": "python"})
    assert connection.getresponse().status == 200
    connection.close()


def span(trace_id, span_id, parent_id=0, service="shop", resource="GET /", start=None, duration=1_000_000, **more):
    return {"trace_id": trace_id, "span_id": span_id, "parent_id": parent_id, "service": service, "name": "web.request",
            "resource": resource, "type": "web", "start": start or time.time_ns() - duration, "duration": duration,
            "error": 0, "meta": {}, "metrics": {"_sampling_priority_v1": 1}, **more}


def many(trace_id, count=MANY):
    """A trace of many spans: wide, deep, and with failures in it."""
    chance, start, length = random.Random(7), time.time_ns() - 3_000_000_000, 2_000_000_000
    spans = [span(trace_id, 1, resource="GET /report", start=start, duration=length)]
    for number in range(2, count + 1):
        parent = number - 1 if number % 100 < 60 else chance.randrange(1, number)
        spans.append(span(trace_id, number, parent, ["shop", "till", "mail", "stock"][number % 4], f"step {number}",
                          start + length * number // (count + 1), length // count + chance.randrange(2_000_000),
                          error=int(number % 2500 == 0)))
    return spans


def run_shop(tracer, agent):
    """24 requests of the shop under ddtrace, of which 3 fail."""
    job = subprocess.run(
        [tracer / "python", APPS / "shop_job.py"], capture_output=True, text=True, timeout=60,
        env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_ENV="dev", DD_SERVICE="shop",
                              DD_INSTRUMENTATION_TELEMETRY_ENABLED="false"))
    assert job.returncode == 0, job.stdout + job.stderr


@pytest.fixture(scope="module")
def agent(tracer):
    """An agent with its page and a shop's traces, made by ddtrace."""
    folder = f"/tmp/roost-page-{os.getpid()}"
    web = free_port()
    with Agent(DD_LOCAL_WEB=web, DD_LOCAL_DB=f"{folder}/roost.db") as agent:
        agent.page = f"http://127.0.0.1:{web}"
        run_shop(tracer, agent)
        wait_until(lambda: len(api(agent, "traces?limit=100")["traces"]) == 24, 20, "the shop's traces")
        yield agent
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def browser(agent):
    """One browser for all tests; at the end it has asked nobody but the agent and has had nothing to complain of."""
    with Browser(agent.page) as browser:
        yield browser
        browser.gather()
        # Chromium's own pages, such as its first empty tab, lie in itself.
        strange = {url for url in browser.asked if not url.startswith((agent.page + "/", "data:", "about:", "chrome:"))}
        assert not strange, "the page asked somebody else"
        assert len(browser.asked) > 20
        # Answers that are no success are logged by the browser: those that a test wants are known.
        bad = [entry["message"] for entry in browser.said if not any(
            known in entry["message"] for known in ("/api/v1/traces?query=", "/api/v1/trace/ffff"))]
        assert not bad


@pytest.fixture(autouse=True)
def usual(request):
    """Each test of the browser begins with a wide, light window."""
    if "browser" not in request.fixturenames:
        yield
        return
    browser = request.getfixturevalue("browser")
    browser.size(1280)
    browser.dark(False)
    yield
    browser.gather()


def api(agent, path):
    host = agent.page.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", f"/api/v1/{path}")
    answer = connection.getresponse()
    document = json.loads(answer.read())
    assert answer.status == 200, document
    return document


@pytest.mark.skipif(os.environ.get("ROOST_ACCEPT") != "1", reason="makes the pictures of docs/images with ROOST_ACCEPT=1")
def test_pictures(tracer):
    """A minute of a shop's life, as the README shows it."""
    folder, web = f"/tmp/roost-pictures-{os.getpid()}", free_port()
    images = REPOSITORY / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    with Agent(DD_LOCAL_WEB=web, DD_LOCAL_DB=f"{folder}/roost.db") as agent, Browser(f"http://127.0.0.1:{web}") as browser:
        agent.page = browser.base
        end = time.monotonic() + 70
        while time.monotonic() < end:
            run_shop(tracer, agent)
        rows = api(agent, "traces?limit=100")["traces"]
        cart = next(row for row in rows if row["root_resource"] == "GET /cart")["trace_id"]
        failed = next(row for row in rows if row["error_count"])["trace_id"]
        for name, view, width, isDark in [
                ("services", "/?since=1m", 1280, False), ("service", "/services/shop?since=1m", 1280, False),
                ("traces", "/traces", 1280, False), ("trace", f"/t/{failed}", 1280, False),
                ("queries", f"/t/{cart}", 1280, True), ("narrow", "/traces", 400, False)]:
            browser.size(width)
            browser.dark(isDark)
            browser.open(view)
            browser.shows("shop")
            browser.driver.save_screenshot(str(images / f"{name}.png"))
    shutil.rmtree(folder, ignore_errors=True)


def test_page_api_and_command_agree(agent):
    for name, words in [("services", ["services"]), ("resources?service=shop", ["resources", "shop"])]:
        page, command = api(agent, name), agent.ask(*words)
        key = words[0]
        assert page["schema"] == command["schema"]
        assert [(row["service"], row["hits"], row["p95_ns"]) for row in page[key]] == [
            (row["service"], row["hits"], row["p95_ns"]) for row in command[key]]
    assert api(agent, "info")["page"] == agent.page == agent.ask("info")["page"]
    assert f"page        {agent.page}" in agent.command("info")
    series = api(agent, "series?by=services&since=1m")
    hits = {row["service"]: sum(row["hits"]) for row in series["series"]}
    assert hits["shop"] == agent.services()["shop"][0]
    histogram = api(agent, "histogram?service=shop")
    assert sum(row["hits"] for row in histogram["bins"]) == histogram["hits"] == hits["shop"]


def test_services_show_what_arrives_without_being_asked_again(agent, browser):
    browser.open("/")
    browser.shows("shop", "tbody")
    assert browser.texts("h1") == ["Services"]
    row = "[...document.querySelectorAll('tbody tr')].find((row) => row.dataset.key.startsWith('shop\\n'))"
    assert "24 hits, 3 errors" in browser.run(f"return {row}.querySelector('svg.spark').getAttribute('aria-label')")
    browser.run(f"{row}.querySelector('a').focus()")
    post(agent.port, [[span(9001, 9001, service="newcomer")]])
    browser.shows("newcomer", "tbody", seconds=5)
    # Whoever was about to press Enter still is.
    assert browser.run("return document.activeElement.innerText") == "shop"


def test_a_service_without_an_environment_leads_to_what_has_none(agent, browser):
    # The statistics take a payload's environment from its first trace.
    post(agent.port, [[span(9020, 1, service="plain", resource="here", error=1)]])
    post(agent.port, [[span(9021, 1, service="plain", resource="elsewhere", error=1, meta={"env": "prod"})]])
    wait_until(lambda: len(api(agent, "traces?query=service%3Aplain")["traces"]) == 2, 20, "both traces")
    browser.open("/")
    row = "[...document.querySelectorAll('tbody tr')].find((row) => row.dataset.key === 'plain\\nnone')"
    wait_until(lambda: browser.run(f"return Boolean({row})"), 10, "its row")
    browser.run(f"{row}.querySelector('.bad a').click()")
    browser.shows("here", "tbody")
    assert browser.texts("tbody td:nth-child(2) a") == ["here"]
    browser.driver.back()
    wait_until(lambda: browser.run(f"return Boolean({row})"), 10, "its row")
    browser.run(f"{row}.querySelector('a').click()")
    browser.shows("here", "tbody")
    assert browser.address() == "/services/plain?env=none" and "no env" in browser.text(".head")
    assert "elsewhere" not in browser.text("tbody") and browser.texts("section h2")[0] == "Throughput"
    for name in ("Traces", "Failed traces"):
        browser.open("/services/plain?env=none&resource=here")
        browser.run("[...document.querySelectorAll('.head a')].find((link) => link.innerText === arguments[0]).click()", name)
        browser.shows("here", "tbody")
        assert browser.texts("tbody td:nth-child(2) a") == ["here"]


def test_a_service_over_time_and_a_resource_of_it(browser):
    browser.open("/services/shop")
    browser.shows("POST /checkout", "tbody")
    titles = browser.texts("section h2")
    assert titles[:4] == ["Throughput", "Errors", "Latency", "Durations"]
    label = browser.find("svg.chart[role=img]").get_attribute("aria-label")
    assert label.startswith("Throughput, ")
    assert "p99" in browser.run("return document.querySelectorAll('svg.chart')[3].getAttribute('aria-label')")
    chart = browser.find("svg.chart")
    browser.run("arguments[0].focus()", chart)
    browser.keys(Keys.END)
    browser.keys(Keys.ARROW_LEFT)
    assert ":" in browser.text(".legend"), "the arrow keys move a cursor that says the time"
    browser.run("[...document.querySelectorAll('tbody a')].find((link) => link.innerText === 'POST /checkout').click()")
    browser.shows("› POST /checkout", "h1")
    wait_until(lambda: "100%" in browser.text("main"), 10, "the errors of the resource")
    assert "resource=POST+%2Fcheckout" in browser.address()
    browser.driver.back()
    wait_until(lambda: "›" not in browser.text("h1"), 10, "the way back")


def caret_stands_at(browser, sign):
    """The mark of a mistake stands right below the sign that is wrong."""
    wait_until(lambda: browser.run("return document.querySelector('.mistake .caret')"), 10, "where the mistake is")
    off = browser.run("""
      const line = document.querySelector(".mistake span").firstChild;
      const place = line.data.lastIndexOf(arguments[0]);
      const range = document.createRange();
      range.setStart(line, place);
      range.setEnd(line, place + 1);
      return range.getBoundingClientRect().left - document.querySelector(".mistake .caret").getBoundingClientRect().left;""", sign)
    assert abs(off) < 1, f"{off} pixels beside it"


def test_traces_are_searched_and_chosen_by_an_area(agent, browser):
    browser.open("/traces")
    browser.shows("GET /cart", "tbody")
    query = browser.find("input[name=query]")
    query.send_keys("status:error service:shop", Keys.ENTER)
    wait_until(lambda: set(browser.texts("tbody td:nth-child(2) a")) == {"POST /checkout"}, 10, "the failed ones alone")
    assert browser.address() == "/traces?query=status%3Aerror+service%3Ashop"
    query = browser.find("input[name=query]")
    query.send_keys(" (GET", Keys.ENTER)
    caret_stands_at(browser, "(")
    # What is wrong is not asked again when news come; what else is opened is asked for at once.
    browser.run("""
      const [whole, asked] = [window.fetch, []];
      window.asked = asked;
      window.fetch = (...words) => { if (words[0].includes("/traces?")) asked.push(words[0]); return whole(...words); };
      window.news = 0;
      new EventSource("/api/v1/events").addEventListener("news", () => { window.news += 1; });""")
    post(agent.port, [[span(9002, 9002)]])
    wait_until(lambda: browser.run("return window.news") > 0, 10, "news")
    assert browser.run("return new Promise((done) => setTimeout(() => requestAnimationFrame(() => done(window.asked.length))))") == 0
    asked = browser.run("document.querySelector('nav a[data-view=traces]').click(); return window.asked.length")
    assert asked == 1, "another view does not wait until it asks"
    # Signs of several characters, wide ones, and ones that are shown by their numbers.
    browser.open("/traces?query=" + urllib.parse.quote("\U0001f469\u200d\U0001f4bb e\u0301 \u6f22\u202e \U0001f1e9\U0001f1ea (GET"))
    caret_stands_at(browser, "(")

    # By the pointer: the right half, where the newest are.
    words = "shop OR till"
    browser.open("/traces?query=" + urllib.parse.quote_plus(words))
    browser.shows("GET /cart", "tbody")
    wait_until(lambda: browser.run("return document.querySelector('canvas').width") > 300, 5, "the points")
    canvas = browser.find(".scatter canvas")
    before = len(browser.texts("tbody tr"))
    ActionChains(browser.driver).move_to_element_with_offset(canvas, 0, -60).click_and_hold().move_by_offset(
        300, 60).move_by_offset(280, 60).release().perform()
    wait_until(lambda: "from=" in browser.address(), 10, "the chosen area")
    chosen = dict(urllib.parse.parse_qsl(browser.address().partition("?")[2]))
    assert chosen["query"] == words and set(chosen) == {"query", "from", "to", "min", "max"}
    wait_until(lambda: 0 < len(browser.texts("tbody tr")) < before or "No trace" in browser.text(), 10, "less than all")
    browser.run("[...document.querySelectorAll('.filters button')].find((each) => each.innerText === 'any duration').click()")
    wait_until(lambda: "min=" not in browser.address() and "from=" in browser.address(), 10, "the time alone")
    # Another part of the past, typed: there was nothing then.
    select = browser.find("select[name=since]")
    browser.run("arguments[0].value = 'custom'; arguments[0].dispatchEvent(new Event('change'))", select)
    browser.run("const [from, until] = document.querySelectorAll('.custom input'); from.value = '2024-02-29T12:00:00';"
                "until.value = '2024-02-29T12:30:00'; document.querySelector('.custom button').click()")
    browser.shows("No trace fits")
    assert "2024-02-29 12:00:00 – 2024-02-29 12:30:00" in browser.text(".filters")
    browser.run("[...document.querySelectorAll('.empty a')].find((each) => each.innerText.startsWith('at all that')).click()")
    browser.shows("GET /cart", "tbody")
    assert browser.address().endswith("&since=all")
    # By the keyboard: the lower half, then a little less.
    browser.open("/traces")
    browser.shows("GET /cart", "tbody")
    browser.run("document.querySelector('.scatter').focus()")
    browser.keys(Keys.ARROW_UP, Keys.SHIFT + Keys.ARROW_UP + Keys.NULL)
    assert " to " in browser.run("return document.querySelector('.scatter [aria-live]').textContent")
    browser.keys(Keys.ENTER)
    wait_until(lambda: "from=" in browser.address(), 10, "the area of the keyboard")


def test_a_trace_tells_what_failed_and_what_was_done_again_and_again(agent, browser):
    failed = api(agent, "traces?query=status%3Aerror+service%3Atill")["traces"][0]["trace_id"]
    browser.open(f"/t/{failed}")
    browser.shows("RuntimeError: the till is closed", ".details")
    assert "shop_job.py" in browser.text(".details pre"), "the stack"
    ids = browser.texts(".details dd code")
    assert failed in ids and str(int(failed[-16:], 16)) in ids, "hexadecimal and decimal, for logs"
    browser.run("document.querySelector('.details [aria-label=\"copy trace id\"]').click()")
    wait_until(lambda: browser.clipboard() == failed, 5, "the id on the clipboard")
    browser.run("[...document.querySelectorAll('.head .copy')].find((b) => b.innerText.includes('Markdown')).click()")
    wait_until(lambda: "RuntimeError: the till is closed" in browser.clipboard(), 5, "the trace as Markdown")
    lines = agent.command("trace", failed, "--format", "md").splitlines()
    assert [line for line in browser.clipboard().splitlines() if failed not in line] == [
        line for line in lines if failed not in line], "the same as the command's, but for the time of day"
    assert "env dev" in browser.text(".facts") and "status 500" in browser.text(".facts")
    browser.run("[...document.querySelectorAll('.head .copy')].find((b) => b.innerText.includes('JSON')).click()")
    wait_until(lambda: browser.clipboard().startswith("{"), 5, "the trace as JSON")
    assert json.loads(browser.clipboard()) == api(agent, f"trace/{failed}"), "to the last digit of start_ns"
    browser.run("[...document.querySelectorAll('.head .copy')].find((b) => b.innerText.includes('link')).click()")
    wait_until(lambda: browser.clipboard() == f"{agent.page}/t/{failed}", 5, "the link")

    cart = next(row for row in api(agent, "traces?limit=100")["traces"] if row["root_resource"] == "GET /cart")
    browser.open(f"/t/{cart['trace_id'][:20]}")
    browser.shows("× 31", ".rows")
    assert len(browser.texts(".span")) == 3, "31 equal queries are one row"
    browser.run("[...document.querySelectorAll('.span')].find((row) => row.innerText.includes('× 31')).click()")
    browser.shows("N+1", ".details")
    assert "SELECT name FROM items" in browser.text(".details pre"), "the SQL"
    browser.find("#tab-1").click()
    wait_until(lambda: browser.run("return document.querySelector('.flame canvas')?.width ?? 0") > 300, 5, "the flames")
    browser.run("document.querySelector('.flame').focus()")
    browser.keys(Keys.ARROW_UP)
    browser.shows("read cart", ".details")
    browser.open("/t/ffffffffffffffffffff")
    browser.shows("There is no such trace")


def test_an_error_and_links_are_told_as_in_the_terminal(agent, browser):
    """An error that only an event tells, links to a span and to something that is none, attributes that were left out."""
    start = time.time_ns() - 1_000_000_000
    event = {"name": "exception", "time_unix_nano": start + 1000, "dropped_attributes_count": 3, "attributes": {
        "exception.type": "shop.NoCart", "exception.message": "NoCart: of nobody", "exception.stacktrace": "at shop.py:7"}}
    links = [{"trace_id": "0", "span_id": "0", "attributes": {"ptr.kind": "aws.s3.object"}},
             {"trace_id": "00000000000000000000000000abcdef", "span_id": "7", "attributes": {}, "dropped_attributes_count": 2}]
    post(agent.port, [[span(7050, 1, resource="GET /nobody", start=start, error=1,
                            meta={"events": json.dumps([event]), "_dd.span_links": json.dumps(links)})]])
    trace = wait_until(lambda: api(agent, "traces?query=%22GET+%2Fnobody%22")["traces"], 20, "the trace")[0]["trace_id"]
    assert "shop.NoCart: of nobody" in agent.command("trace", trace)
    browser.open(f"/t/{trace}")
    browser.shows("shop.NoCart: of nobody", ".details")
    details = browser.text(".details")
    assert "at shop.py:7" in browser.text(".details pre") and "span pointer" in details
    assert "… 3 more, left out" in details and "… 2 more, left out" in details
    assert browser.run("return [...document.querySelectorAll('.details a[href^=\"/t/\"]')].map((link) => link.pathname)") == [
        "/t/0000000000abcdef"]


def test_what_is_repeated_is_folded_as_in_the_terminal(agent, browser):
    """Loops of two queries and of spans with children, loops that ask nothing, and one that failed beside them."""
    start, ms = time.time_ns() - 1_000_000_000, 1_000_000
    spans = [span(7100, 1, resource="GET /loops", start=start, duration=400 * ms),
             span(7100, 2, 1, resource="row.html", start=start, duration=ms, error=1, type="template")]
    for place in range(6):
        at = start + (10 + 50 * place) * ms
        spans += [
            span(7100, 10 + place, 1, resource="row.html", start=at, duration=ms, type="template"),
            span(7100, 20 + place, 1, resource=f"SELECT * FROM t WHERE id = {place}", start=at + ms, duration=ms, type="sql"),
            span(7100, 30 + place, 1, resource=f"UPDATE t SET a = 'x{place}'", start=at + 2 * ms, duration=ms, type="sql"),
            span(7100, 40 + place, 1, resource="worker", start=at + 3 * ms, duration=(9 if place == 4 else 5) * ms),
            span(7100, 50 + place, 40 + place, resource=f"below {place}", start=at + 4 * ms, duration=ms)]
    post(agent.port, [spans])
    trace = wait_until(lambda: api(agent, "traces?query=%22GET+%2Floops%22")["traces"], 20, "the trace")[0]["trace_id"]
    browser.open(f"/t/{trace}")
    browser.shows("row.html", ".rows")
    fold = re.compile(r"× (\d+)")
    screen = [(fold.search(line)[1], "N+1?" in line) for line in agent.command("trace", trace).splitlines() if "×" in line]
    rows = browser.texts(".span .label")
    assert [(fold.search(row)[1], "N+1?" in row) for row in rows if "×" in row] == screen == [
        ("6", False), ("6", True), ("6", True), ("6", False)]
    assert "SELECT * FROM t WHERE id = ?" in "".join(rows) and "UPDATE t SET a = ?" in "".join(rows)
    assert len(rows) == 7 and rows[-1].endswith("below 4"), "below a fold stands what its slowest called"
    browser.run("[...document.querySelectorAll('.span')].find((row) => row.innerText.includes('worker')).querySelector('.fold').click()")
    wait_until(lambda: len(browser.texts(".span")) == 18, 5, "all of one kind with what they called")


def test_a_trace_that_goes_on_is_followed_and_what_is_odd_is_said(agent, browser):
    """Calls at the same time, many services, a parent that comes late, and a clock that is ahead."""
    start, ms = time.time_ns() - 1_000_000_000, 1_000_000
    names = [f"service-{number}" for number in range(14)]
    spans = [span(7001, 1, 99, service=names[0], resource="fan out", start=start, duration=100 * ms, meta={"env": "dev"})]
    spans += [span(7001, 2 + place, 1, service=name, start=start + 10 * ms, duration=(80 - place) * ms)
              for place, name in enumerate(names[1:])]
    post(agent.port, [spans, [span(7002, 1, resource="GET /tomorrow", start=time.time_ns() + 7200 * 1000 * ms)]])
    trace = wait_until(lambda: api(agent, "traces?query=%22fan+out%22")["traces"], 20, "the trace")[0]["trace_id"]
    browser.open(f"/t/{trace}")
    browser.shows("parent that is not here", ".notes")
    colours = browser.run("return [...document.querySelectorAll('.facts .swatch')].map((each) => each.style.background)")
    assert len(set(colours)) == len(names), "each service has a colour of its own"
    browser.find("#tab-1").click()
    painted = """
      const canvas = document.querySelector(".flame canvas");
      if (!(canvas?.width > 300)) return 0;
      const copy = Object.assign(document.createElement("canvas"), {width: canvas.width, height: canvas.height});
      const context = copy.getContext("2d", {willReadFrequently: true});
      context.drawImage(canvas, 0, 0);
      const x = Math.floor(canvas.width / 4);
      return Array.from({length: 30}, (_, row) =>
        context.getImageData(x, Math.floor((row + 0.3) * 20 * (canvas.height / canvas.clientHeight)), 1, 1).data[3]).filter(Boolean).length;"""
    wait_until(lambda: browser.run(painted) == len(names), 5, f"a row for each call, not {browser.run(painted)}")
    browser.find("#tab-0").click()
    browser.run("document.querySelector('.rows').focus()")
    browser.keys(Keys.HOME, Keys.ARROW_DOWN)
    chosen = "return document.querySelector('.span[aria-selected=true]')?.getAttribute('aria-label')"
    label = browser.run(chosen)
    # The parent comes after all.
    post(agent.port, [[span(7001, 99, service="till", resource="late parent", start=start - 5 * ms, duration=150 * ms)]])
    browser.shows("late parent", ".rows")
    assert browser.run(chosen) == label and browser.run("return document.activeElement.className") == "rows"
    assert browser.text(".notes") == "" and "15 spans" in browser.text(".facts")
    # It stands where it came, among the others, and an area is looked for there.
    browser.open("/traces?query=" + urllib.parse.quote_plus('tomorrow OR "fan out"'))
    browser.shows("clock ahead by", "tbody")
    browser.run("document.querySelector('.scatter').focus()")
    browser.keys(Keys.ARROW_UP, Keys.ENTER)
    wait_until(lambda: "from=" in browser.address(), 10, "the area of all times")
    chosen = dict(urllib.parse.parse_qsl(browser.address().partition("?")[2]))
    assert int(chosen["to"]) - int(chosen["from"]) < 3_600_000, "one clock that is ahead does not press all others together"
    browser.open("/traces?query=tomorrow")
    browser.shows("clock ahead by", "tbody")
    browser.run("document.querySelector('tbody a').click()")
    browser.shows("clock ahead by", ".facts")


def test_all_of_it_by_keyboard_alone(browser):
    browser.open("/")
    browser.shows("shop", "tbody")
    browser.keys(Keys.TAB)
    assert browser.run("return document.activeElement.innerText") == "Skip to content"

    def tab_to(text):
        for _ in range(60):
            if browser.run("return document.activeElement.innerText?.trim()") == text:
                return
            browser.keys(Keys.TAB)
        raise AssertionError(f"Tab never comes to {text!r}")

    tab_to("Traces")
    browser.keys(Keys.ENTER)
    wait_until(lambda: browser.run("return document.activeElement.tagName") == "H1", 5, "the heading to be read")
    browser.shows("GET /cart", "tbody")
    first = browser.texts("tbody td:nth-child(2) a")[0]
    tab_to(first)
    for _ in range(40):
        if browser.run("return document.activeElement.innerText") == "POST /checkout":
            break
        browser.keys(Keys.ARROW_DOWN)
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "what has the focus is seen"
    browser.keys(Keys.ENTER)
    browser.shows("RuntimeError", ".details")
    for _ in range(30):
        if browser.run("return document.activeElement.getAttribute('role')") == "tree":
            break
        browser.keys(Keys.TAB)
    browser.keys(Keys.HOME)
    chosen = "return document.querySelector('.span[aria-selected=true]')?.getAttribute('aria-label')"
    assert browser.run(chosen).startswith("shop, POST /checkout")
    browser.keys(Keys.ARROW_LEFT)
    assert len(browser.texts(".span")) == 1, "closed"
    browser.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert browser.run(chosen).startswith("till, charge") and "failed" in browser.run(chosen)
    active = browser.run("return document.querySelector('.rows').getAttribute('aria-activedescendant')")
    assert browser.run("return document.getElementById(arguments[0]).getAttribute('aria-selected')", active) == "true"


@pytest.mark.parametrize("text, shown", [
    ("GET /cart\tö ñ 日本 ไม่ שָׁלוֹם 👩\u200d👩\u200d👧 ❤\ufe0f", None),
    ("pay\u200bpal", "pay⟨U+200B⟩pal"), ("a\u202egnol", "a⟨U+202E⟩gnol"), ("so\u00adft", "so⟨U+00AD⟩ft"),
    ("\x1b[31m\x85", "⟨U+001B⟩[31m⟨U+0085⟩"), ("\u3164\u2800\ufeff", "⟨U+3164⟩⟨U+2800⟩⟨U+FEFF⟩"),
    ("x\ufe0f1\u200d2", "x⟨U+FE0F⟩1⟨U+200D⟩2"), ("\U000e0041", "⟨U+E0041⟩"),
    ("z\u0300\u0301\u0302\u0303\u0304", "z\u0300\u0301\u0302⟨U+0303⟩⟨U+0304⟩"), ("\u0301", "⟨U+0301⟩"),
])
def test_signs_that_hide_turn_or_pile_up_are_shown_by_their_numbers(browser, text, shown):
    found = browser.driver.execute_async_script(
        "const [text, done] = arguments; import('/assets/visible.js').then((it) => done(it.visible(text)))", text)
    assert found == (text if shown is None else shown)


def key_ms(browser):
    """How long a key takes that goes through the rows of a trace, in ms: the best of some rounds."""
    return browser.run("""
      const rows = document.querySelector(".rows");
      rows.focus();
      const press = (key) => rows.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
      press("Home");
      const rounds = Array.from({length: 5}, () => {
        const began = performance.now();
        for (let number = 0; number < 40; number += 1) press(number % 20 ? "PageDown" : "End");
        return (performance.now() - began) / 40;
      });
      return Math.min(...rounds);""")


def test_ten_thousand_spans_stay_quick(agent, browser):
    post(agent.port, [many(4711), many(4712, 300)])
    query = "traces?sort=spans&query=spans%3A%3E250"
    large, small = wait_until(lambda: (rows := api(agent, query)["traces"])[1:] and rows, 20, "the traces")
    assert large["span_count"] == MANY and small["span_count"] == 300
    browser.open(f"/t/{small['trace_id']}")
    browser.shows("300", ".facts")
    usual = key_ms(browser)
    browser.open(f"/t/{large['trace_id']}")
    browser.shows("10,000", ".facts")
    assert browser.run("return document.querySelectorAll('*').length") < 1500
    # Next to reading the document, finding the rows is little.
    reading, building = browser.driver.execute_async_script("""
      const [id, done] = arguments;
      Promise.all([import("/assets/tree.js"), fetch(`/api/v1/trace/${id}`).then((it) => it.text())]).then(([tree, text]) => {
        const best = (work) => Math.min(...[1, 2, 3].map(() => {
          const began = performance.now();
          work();
          return performance.now() - began;
        }));
        done([best(() => JSON.parse(text)), best(() => tree.visibleRows(tree.buildTree(JSON.parse(text)).roots, new Set(), new Set()))]);
      });""", large["trace_id"])
    print(f"reading {reading:.1f} ms, with rows {building:.1f} ms")
    assert building < 5 * reading, f"{building:.0f} ms to find the rows of what is read in {reading:.0f} ms"
    # From one end to the other and page by page.
    took = key_ms(browser)
    print(f"a key {took:.2f} ms, in one of 300 spans {usual:.2f} ms")
    assert took < 5 * usual, f"{took:.1f} ms for a key, {usual:.1f} in a small trace"
    browser.run("document.querySelector('.rows').scrollTop = 0")
    browser.keys("e")
    wait_until(lambda: "failed without a message" in browser.text(".details"), 5, "the next failed span")
    browser.find("#tab-1").click()
    wait_until(lambda: browser.run("return document.querySelector('.flame canvas')?.height ?? 0") > 500, 5, "the flames")
    assert browser.run("return document.querySelectorAll('*').length") < 1500


def test_what_spans_say_is_text_and_nothing_else(agent, browser):
    spans = [span(31337, 1, resource=HOSTILE, service="<b>bold</b>\u202e", error=1, duration=5_000_000,
                  meta={HOSTILE[:60]: HOSTILE, "error.message": HOSTILE, "error.stack": HOSTILE * 20, "env": "<i>x"}),
             span(31337, 2, 1, resource=HUGE, duration=3_000_000, meta={"huge": HUGE})]
    post(agent.port, [spans])
    found = wait_until(lambda: api(agent, "traces?query=pwned")["traces"], 20, "the hostile trace")
    for view in ["/", "/traces", "/services/" + "%3Cb%3Ebold%3C%2Fb%3E", f"/t/{found[0]['trace_id']}", "/setup"]:
        browser.open(view)
        wait_until(lambda: browser.run("return document.querySelectorAll('script, img, b, i').length") >= 2, 5, "the view")
        assert browser.run("return window.pwned ?? null") is None
        assert browser.run("return document.querySelectorAll('script').length") == 1
        assert browser.run("return document.querySelectorAll('main img, main i').length") == 0
        raw = browser.run("return /[\\u202a-\\u202e\\u2066-\\u2069\\u001b]/.test(document.body.innerText + document.title)")
        assert not raw, f"{view} shows a sign that hides or turns others"
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    browser.open(f"/t/{found[0]['trace_id']}")
    browser.shows("⟨U+202E⟩gnol", "h1")
    browser.shows("⟨U+001B⟩[31mred", ".details")
    browser.run("document.querySelectorAll('.span')[1].click()")
    browser.shows("show all", ".details")
    assert len(browser.text(".details")) < 10_000
    # The agent has cut both already, as the intake would: a resource to 5,000 characters, a tag to 25,000.
    browser.run("for (const button of document.querySelectorAll('.details button')) "
                "if (button.innerText.startsWith('show all')) button.click()")
    wait_until(lambda: browser.text(".details").count("B") > 10_000, 10, "all of it")
    scripts = (REPOSITORY / "Sources" / "DashboardPage" / "scripts").glob("*.js")
    for script in scripts:
        text = script.read_text()
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser", "srcdoc"):
            assert way not in text, f"{script.name}: {way}"


def check_for_everybody(browser):
    """What is shown can be read in the light and in the dark, on a desk and on a telephone."""
    for isDark in (False, True):
        browser.dark(isDark)
        for width in (1280, 400):
            browser.size(width)
            browser.check()


@pytest.mark.parametrize("view", VIEWS)
def test_everybody_can_read_it(browser, view):
    browser.open(view)
    check_for_everybody(browser)


def test_set_up_shows_who_sends_and_what_the_doctor_says(agent, browser):
    # A mistake that the doctor knows: an endpoint that is none.
    connection = http.client.HTTPConnection("127.0.0.1", agent.port, timeout=20)
    connection.request("PUT", "/v0.9/traces", b"", {"Datadog-Meta-Lang": "python", "Datadog-Meta-Tracer-Version": "4.16.0"})
    assert connection.getresponse().status == 404
    browser.open("/setup")
    browser.shows(f"127.0.0.1:{agent.port}")
    browser.shows("v0.5")
    browser.shows("/v0.9/traces")
    # Who asks while the doctor runs gets what it says to whoever asked first.
    document = api(agent, "doctor")
    assert document["schema"] == "roost.doctor.v1"
    wait_until(lambda: "Looking at" not in browser.text(), 30, "the doctor")
    check_for_everybody(browser)
    for finding in document["findings"]:
        assert finding["id"] in browser.text()
    if any(finding["fix"] for finding in document["findings"]):
        browser.run("document.querySelector('.finding .copy').click()")
        fixes = [line for finding in document["findings"] for line in finding["fix"]]
        wait_until(lambda: browser.clipboard() in fixes, 5, "what to do on the clipboard")


def test_a_page_whose_agent_has_nothing_thins_and_is_restarted_says_so(browser, tmp_path):
    web, port = free_port(), free_port()
    # A binary that is replaced while its agent runs, as an update does it.
    binary = tmp_path / "roost"
    shutil.copy(BINARY, binary)
    options = {"DD_LOCAL_WEB": web, "DD_LOCAL_DB": tmp_path / "roost.db", "DD_LOCAL_DB_SPANS_PER_SECOND": 20}
    before, browser.base = browser.base, f"http://127.0.0.1:{web}"
    try:
        with Agent(port, binary=binary, **options) as agent:
            agent.page = browser.base
            binary.unlink()
            browser.open("/traces")
            browser.shows("No trace has arrived yet")
            browser.open("/")
            browser.shows("Nothing has arrived yet")
            assert f"DD_TRACE_AGENT_URL=http://127.0.0.1:{port}" in browser.text()
            browser.check()
            assert api(agent, "doctor")["schema"] == "roost.doctor.v1"
            post(port, [[span(5000 + number, 1, duration=1_000_000)] for number in range(500)])
            wait_until(lambda: api(agent, "info")["store"]["thinned_traces"]["traces"] > 0, 10, "traces to be thinned")
            browser.open("/traces")
            browser.shows("of this time were thinned out")
            browser.open("/setup")
            browser.shows("left out: too many at once")
        browser.shows("The agent does not answer", "#banner")
        with Agent(port, configuration="apm_config:\n  bucket_size_seconds: 1\n", **{**options, "DD_LOCAL_DB": "off"}) as agent:
            agent.page = browser.base
            post(port, [[span(7000 + number, 1, service="names", resource=f"GET /users/{number}")] for number in range(5_500)])
            browser.shows("The agent was restarted", "#banner", seconds=15)
            assert "live" in browser.text("#live")
            browser.open("/traces")
            browser.shows("local.db is off")
            wait_until(lambda: api(agent, "resources?service=names")["resources"][-1].get("collapsed"), 20, "the bucket to close")
            browser.open("/services/names?since=1h")
            browser.shows("hits are in resources without a row of their own: their names hold ids or literals; see roost explain")
    finally:
        browser.gather()
        browser.said = [entry for entry in browser.said if not any(
            sign in entry["message"] for sign in ("net::ERR_", f":{web}/api/v1/"))]
        browser.asked = {url.replace(browser.base, before) for url in browser.asked}
        browser.base = before


def test_what_a_search_did_not_reach_is_said(agent, browser):
    """With answers that say what a store has to be very large for, as docs/api.md has them."""
    back_to = time.time_ns() - 3_600_000_000_000
    script = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
      const whole = window.fetch;
      window.fetch = async (address, ...more) => {
        const answer = await whole(address, ...more);
        const members = address.includes("/trace/last") ? '"search_ended_early": true, "missing_threads": 1,'
          : address.includes("/traces?") ? '"searched_back_to_ns": BACK_TO, "thinned_traces": 7, "missing_threads": 2,' : "";
        return new Response((await answer.text()).replace("{", "{" + members), { status: answer.status });
      };""".replace("BACK_TO", str(back_to))})
    try:
        browser.open("/t/last")
        browser.shows("not all traces were looked at, to answer in time: another one may fit better")
        browser.shows("1 receiving thread did not end a request in time: what came there last is not looked at")
        browser.check()
        older = time.strftime("%H:%M:%S was not searched", time.localtime(back_to // 1_000_000_000))
        for path, words in [("/traces", older), ("/traces?query=nowhere", f"{older}, to answer in time.")]:
            browser.open(path)
            browser.shows(words)
            browser.shows("7 traces of this time were thinned out: more came at once than are kept")
            browser.shows("2 receiving threads did not end a request in time: what came there last is not looked at.")
            browser.check()
    finally:
        browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script["identifier"]})


def test_the_agent_goes_on_when_the_page_has_no_port(agent):
    web = agent.page.rpartition(":")[2]
    with Agent(DD_LOCAL_WEB=web) as second:
        assert f"there is no page: 127.0.0.1:{web} is in use" in second.text()
        assert "--web=PORT" in second.text()
        assert "page" not in second.ask("info") or second.ask("info")["page"] is None
        assert second.command("info").count("page ") == 0
