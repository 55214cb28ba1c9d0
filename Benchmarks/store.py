#!/usr/bin/env python3
"""Measure what is kept: its size on disk, and how fast questions about it are answered.

  store.py --payloads DIR [--spans 5000000] [--peer-spans 100000] [--save-json FILE]

First roost alone: it is sent --spans spans with the thinning of traces off, ends, and starts again on the same file. Each
question is then asked --times times, as a command, whose own start is part of the figure. Next, roost and the APM test
agent, which keeps what it gets in memory, are sent the same --peer-spans spans and asked the same questions over HTTP as
far as they can answer them: of the test agent's answers, which are whole, the part that was asked for is looked for here,
and that counts too, as everybody who uses it has to do so.

The limits that roost must keep stand behind its figures.
"""
import argparse, http.client, json, os, shutil, statistics, subprocess, sys, tempfile, time
import bench

PEER = os.path.join(bench.HERE, "agents", "ddapm-test-agent.json")
STORE = os.path.join(bench.HERE, "agents", "roost-store.json")
ROOST = os.path.join(bench.ROOT, ".build", "release", "roost")
WORD = "OrderNotFound"             # of failed requests: 1 trace of 50


def send(a, agent, spans, rate):
    """Sends whole requests until there are so many spans, at a rate at which nothing needs to be left out."""
    per_request = 100
    result = bench.load(a, agent, "flask-100", "-c", 4, "-n", max(1, spans // per_request), "-r", rate, "-d", 3600, "-t", 60, "-g", 60)
    refused = {k: v for k, v in result["status"].items() if k[0] != "2"}
    if refused: raise RuntimeError("not all was taken: %s" % refused)
    return result["spans"]


def timed(times, ask):
    """The median of some answers, in ms, and the last answer."""
    ms, answer = [], None
    for _ in range(times):
        t = time.monotonic()
        answer = ask()
        ms.append((time.monotonic() - t) * 1e3)
    return statistics.median(ms), answer


def command(work, *words):
    """A command of roost's, asked of the agent that works in a folder; its document."""
    r = subprocess.run([ROOST, *words, "--json", "--config", os.path.join(work, "datadog.yaml")], capture_output=True, text=True)
    if r.returncode not in (0, 1): raise RuntimeError("roost %s: %s" % (" ".join(words), r.stderr.strip()[-300:]))
    return json.loads(r.stdout)


def get(port, path):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    c.request("GET", path, headers={"Host": "127.0.0.1:%d" % port})
    r = c.getresponse()
    body = r.read()
    c.close()
    if r.status != 200: raise RuntimeError("%s: %d %s" % (path, r.status, body[:200]))
    return json.loads(body)


def file_bytes(path):
    return sum(os.path.getsize(path + s) for s in ("", "-wal") if os.path.exists(path + s))


def descriptor(path, *more):
    d = json.load(open(path))
    d["cmd"] += more
    return d


def alone(a, work):
    """What roost needs for --spans spans, and how fast it answers."""
    rows = []
    d = descriptor(STORE, "--db-rate", "0", "--db-max", "8000000000")
    agent = bench.Agent(a, d, work)
    spans = send(a, agent, a.spans, a.rate)
    wait_until_stored(work, spans)
    agent.stop()
    size = file_bytes(os.path.join(work, "roost.db"))
    rows.append(("bytes on disk for a span", size / spans, 40, "%.1f"))
    agent = bench.Agent(a, d, work)
    try:
        time.sleep(1)
        rss, _ = bench.mem_of(agent.pid)
        newest = command(work, "traces", "--limit", "1")["traces"][0]
        a_while_ago = command(work, "traces", "--since", "1h", "--limit", "200")["traces"][-1]["trace_id"]
        for name, limit, words in (
            ("traces with a word and a range", 100, ("traces", WORD, "--since", "10m")),
            ("traces with a word that is nowhere", 100, ("traces", "nowhereatall", "--since", "1h")),
            ("traces of a service that failed, slowest first", None, ("traces", "service:shop-web status:error", "--sort", "duration")),
            ("trace ID, the newest", 20, ("trace", newest["trace_id"])),
            ("trace ID, an older one", 20, ("trace", a_while_ago)),
            ("services --since 7d", 200, ("services", "--since", "7d")),
            ("resources --since 7d", 200, ("resources", "--since", "7d")),
        ):
            ms, _ = timed(a.times, lambda: command(work, *words))
            rows.append((name + ", ms", ms, limit, "%.1f"))
        rows.append(("resident after the start, MB", rss, None, "%.1f"))
        rows.append(("resident after these questions, MB", bench.mem_of(agent.pid)[0], None, "%.1f"))
    finally:
        agent.stop()
    start, _ = timed(a.times, lambda: subprocess.run([ROOST, "version"], capture_output=True))
    rows.append(("a command's own start (roost version), ms", start, None, "%.1f"))
    return spans, rows


def wait_until_stored(work, spans):
    """Until the store has written what it was given."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        store = command(work, "info")["store"]
        if store["stored_traces"]["spans"] + store["lost_traces"]["spans"] >= spans: break
        time.sleep(.2)
    if store["lost_traces"]["spans"] or store["thinned_traces"]["spans"]:
        raise RuntimeError("the store left something out: %s" % store)


def ask_roost(a, work):
    d = descriptor(STORE, "--db-rate", "0", "--web=%d" % a.web_port)
    agent = bench.Agent(a, d, work)
    try:
        cpu = bench.cpu_of(agent.pid)
        spans = send(a, agent, a.peer_spans, a.rate)
        wait_until_stored(work, spans)
        cpu = bench.cpu_of(agent.pid) - cpu
        newest = get(a.web_port, "/api/v1/traces?limit=100")["traces"]
        questions = {
            "the newest 100 traces": lambda: get(a.web_port, "/api/v1/traces?limit=100"),
            "one trace": lambda: get(a.web_port, "/api/v1/trace/" + newest[-1]["trace_id"]),
            "traces with a word": lambda: get(a.web_port, "/api/v1/traces?limit=100&query=" + WORD),
            "services with percentiles": lambda: get(a.web_port, "/api/v1/services"),
        }
        return spans, cpu, {q: timed(a.times, ask)[0] for q, ask in questions.items()}, bench.mem_of(agent.pid)[0]
    finally:
        agent.stop()


def ask_peer(a, work):
    agent = bench.Agent(a, json.load(open(PEER)), work)
    try:
        cpu = bench.cpu_of(agent.pid)
        spans = send(a, agent, a.peer_spans, a.rate // 10)
        cpu = bench.cpu_of(agent.pid) - cpu
        def traces():
            return get(a.port, "/test/traces")
        some = traces()[0][0]["trace_id"]
        questions = {
            "the newest 100 traces": lambda: sorted(traces(), key=lambda t: -t[0]["start"])[:100],
            "one trace": lambda: [t for t in traces() if t[0]["trace_id"] == some],
            "traces with a word": lambda: [t for t in traces() if WORD in json.dumps(t)][:100],
        }
        return spans, cpu, {q: timed(min(a.times, 3), ask)[0] for q, ask in questions.items()}, bench.mem_of(agent.pid)[0]
    finally:
        agent.stop()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--spans", type=int, default=5_000_000)
    ap.add_argument("--peer-spans", type=int, default=100_000)
    ap.add_argument("--rate", type=int, default=50_000, help="spans a second that are sent; the peer gets a tenth")
    ap.add_argument("--times", type=int, default=9)
    ap.add_argument("--web-port", type=int, default=18127 + 20)
    ap.add_argument("--payloads", default="payloads")
    ap.add_argument("--agent-cpus", default="0,1")
    ap.add_argument("--load-cpu", type=int, default=1)
    ap.add_argument("--port", type=int, default=18126)
    ap.add_argument("--intake-port", type=int, default=18200)
    ap.add_argument("--work", default="/tmp")
    ap.add_argument("--save-json")
    a = ap.parse_args()
    a.v05, a.v10, a.uds, a.header = False, False, False, []
    result = {}
    work = tempfile.mkdtemp(prefix="bench-store-", dir=a.work)
    intake = bench.Intake(a, work)
    try:
        spans, rows = alone(a, work)
        result["alone"] = {"spans": spans, "rows": rows}
        print("\n### %s spans in the file\n\n| | roost | at most |\n|---|---|---|" % format(spans, ","))
        for name, value, limit, form in rows: print("| %s | %s | %s |" % (name, form % value, limit if limit is not None else ""))
        over = [r for r in rows if r[2] is not None and r[1] > r[2]]
        peers = {}
        for name, ask in (("roost", ask_roost), ("ddapm-test-agent", ask_peer)):
            folder = tempfile.mkdtemp(prefix="bench-store-", dir=work)
            try:
                peers[name] = ask(a, folder)
            except (RuntimeError, FileNotFoundError, OSError) as ex:
                print("%s is not measured: %s" % (name, str(ex)[:300]), file=sys.stderr)
        result["peers"] = peers
        questions = ["the newest 100 traces", "one trace", "traces with a word", "services with percentiles"]
        print("\n### The same %s spans, asked over HTTP; ms\n\n| agent | %s | CPU s/Mspan | resident MB |\n|---|%s---|---|" % (
            format(a.peer_spans, ","), " | ".join(questions), "---|" * len(questions)))
        for name, (sent, cpu, ms, rss) in peers.items():
            print("| %s | %s | %.1f | %.0f |" % (name, " | ".join("%.1f" % ms[q] if q in ms else "cannot" for q in questions), cpu / sent * 1e6, rss))
        if a.save_json: json.dump(result, open(a.save_json, "w"), indent=1)
        if over: print("\nabove what it must reach: " + "; ".join(r[0] for r in over))
    finally:
        intake.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
