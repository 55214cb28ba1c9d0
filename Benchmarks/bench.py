#!/usr/bin/env python3
"""Measure one or more trace agents with the same load, the same mock intake and the same accounting.

  bench.py [options] AGENT.json...            see README.md for the descriptor format

Every scenario of every repetition starts a fresh agent and a fresh intake, so peaks and queues never leak from one
scenario into the next.  Repetitions are the outer loop (agent A, agent B, ..., again), so slow drifts of the machine
hit every agent alike.  The table shows the median over repetitions.

Scenarios (choose with --scenarios):
  startup   time from exec until the first 2xx for an empty payload; RSS and CPU use after --idle seconds
  verify    a fixed number of payloads at a gentle rate, 35 s for stats buckets to close, then SIGTERM; what arrived at
            the intake is decoded
  sigterm   the same without the wait: SIGTERM right after the last answer; what survives a normal stop
  closedN   closed loop with N connections for --seconds (default closed8, closed64), at both payload sizes
  rateN     open loop at N spans/s for --seconds (default rate2000, rate10000, rate50000)
  outage503, outagerefuse   5000 spans/s for 30 s; for the first 15 s the intake answers 503 / refuses connections
  slowintake                20000 spans/s for 20 s; the intake holds every answer for 1 s
CPU is user+system of the agent process (and its children) from just before the load until the drain ends, so work
that is done after the answer (aggregation, compression, upload) is charged too.
Pass --save-json to keep every single run.
"""
import argparse, http.client, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, threading, time
import decode

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BASE = "roost"                     # the agent that the ratios compare with
TICK = os.sysconf("SC_CLK_TCK")


def pids_of(pid):
    out, todo = [], [pid]
    while todo:
        p = todo.pop()
        out.append(p)
        try:
            for t in os.listdir("/proc/%d/task" % p):
                todo += map(int, open("/proc/%d/task/%s/children" % (p, t)).read().split())
        except OSError:
            pass
    return out


def cpu_of(pid):
    s = 0
    for p in pids_of(pid):
        try:
            f = open("/proc/%d/stat" % p).read().rsplit(")", 1)[1].split()
            s += int(f[11]) + int(f[12])
        except OSError:
            pass
    return s / TICK


def mem_of(pid):
    rss = hwm = 0
    for p in pids_of(pid):
        try:
            for l in open("/proc/%d/status" % p):
                if l.startswith("VmRSS:"): rss += int(l.split()[1])
                elif l.startswith("VmHWM:"): hwm += int(l.split()[1])
        except OSError:
            pass
    return rss / 1024, hwm / 1024


def machine_busy():
    f = list(map(int, open("/proc/stat").readline().split()[1:]))
    return (sum(f[:8]) - f[3] - f[4]) / TICK


def must_be_free(*ports):
    """Stops the run if something listens on one of the ports: it would be measured in the agent's place."""
    for p in ports:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", p)) == 0: raise SystemExit(f"port {p} is taken; give --port and --intake-port")


class Intake:
    def __init__(self, a, work, extra=()):
        must_be_free(a.intake_port, a.intake_port + 1)
        self.port, self.ctl, self.dir = a.intake_port, a.intake_port + 1, os.path.join(work, "intake")
        self.p = subprocess.Popen([HERE + "/intake", "-p", str(self.port), "-c", str(self.ctl), "-s", self.dir, "-A", str(a.load_cpu), *extra])
        for _ in range(200):
            try:
                self.stats(); return
            except OSError:
                time.sleep(.01)
        raise SystemExit("the intake did not start")

    def req(self, method, path):
        c = http.client.HTTPConnection("127.0.0.1", self.ctl, timeout=5)
        c.request(method, path)
        r = json.loads(c.getresponse().read())
        c.close()
        return r

    def stats(self): return self.req("GET", "/__stats")
    def fault(self, q): return self.req("POST", "/__fault?" + q)

    def stop(self):
        self.p.terminate(); self.p.wait()


class Agent:
    def __init__(self, a, d, work):
        self.d, self.work = d, work
        self.port = a.port
        must_be_free(a.port, a.port + 1, a.port + 2)
        self.uds = os.path.join(work, "apm.sock")
        sub = {"{port}": str(a.port), "{port2}": str(a.port + 1), "{port3}": str(a.port + 2), "{intake}": str(a.intake_port),
               "{dir}": work, "{uds}": self.uds, "{root}": ROOT}
        def x(s):
            for k, v in sub.items(): s = s.replace(k, v)
            return s
        for f, text in d.get("files", {}).items():
            os.makedirs(os.path.dirname(os.path.join(work, f)), exist_ok=True)
            open(os.path.join(work, f), "w").write(x(text))
        env = dict(os.environ, **{k: x(v) for k, v in d.get("env", {}).items()})
        self.log = open(os.path.join(work, "stdout.log"), "wb")
        cpus = {int(c) for c in a.agent_cpus.split(",")}
        self.t0 = time.monotonic()
        self.p = subprocess.Popen([x(c) for c in d["cmd"]], env=env, cwd=work, stdout=self.log, stderr=subprocess.STDOUT,
                                  preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        self.pid = self.p.pid
        self.path = d.get("trace_path", "/v0.4/traces")
        empty = ("/v1/traces", b"") if d.get("format") == "otlp" else (self.path, b"\x90")
        while True:
            if self.p.poll() is not None:
                raise RuntimeError("agent exited %s: %s" % (self.p.returncode, open(os.path.join(work, "stdout.log")).read()[-800:]))
            try:
                c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                c.request("POST", *empty, {"Content-Type": content_type(d), "X-Datadog-Trace-Count": "0"})
                r = c.getresponse(); r.read(); c.close()
                self.first_status = r.status
                break
            except OSError:
                if time.monotonic() - self.t0 > d.get("start_timeout_s", 30):
                    self.stop(); raise RuntimeError("agent did not answer in time")
                time.sleep(.001)
        self.startup_ms = (time.monotonic() - self.t0) * 1e3

    def alive(self): return self.p.poll() is None

    def stop(self, wait=25):
        if self.alive():
            self.p.terminate()
            try:
                self.p.wait(wait)
            except subprocess.TimeoutExpired:
                self.p.kill(); self.p.wait()
        self.log.close()
        return self.p.returncode


class Sampler(threading.Thread):
    """RSS every 100 ms"""
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.rss, self.hwm, self.go = pid, [], 0, True
        self.start()

    def run(self):
        while self.go:
            r, h = mem_of(self.pid)
            if r: self.rss.append(r)
            self.hwm = max(self.hwm, h)
            time.sleep(.1)


def drain(a, ag, it, least):
    """until the agent is quiet (<1.5 % of a cpu and nothing new at the intake for 3.5 s), at least `least` s"""
    t, quiet, last, lc = time.monotonic(), 0, None, cpu_of(ag.pid)
    while time.monotonic() - t < max(a.max_drain, least + 10) and ag.alive():
        time.sleep(.5)
        b, c = it.stats()["bytes"], cpu_of(ag.pid)
        quiet = quiet + .5 if b == last and c - lc < .0075 * 2 else 0
        last, lc = b, c
        if quiet >= 3.5 and time.monotonic() - t >= least: break
    return time.monotonic() - t


def content_type(d):
    return "application/x-protobuf" if d.get("format") == "otlp" else "application/msgpack"


def templates(a, d, profile):
    v = d.get("format") or ("v05" if a.v05 else "v10" if a.v10 else "v04")
    fs = sorted(f[:-4] for f in os.listdir(a.payloads) if f.startswith(profile + "." + v + ".") and f.endswith(".bin"))
    if not fs: raise SystemExit("no payloads for " + profile)
    return [os.path.join(a.payloads, f) for f in fs]


def load(a, ag, profile, *opts):
    cmd = [HERE + "/load", "-P", ag.path, "-A", str(a.load_cpu)]
    cmd += ["-u", ag.uds] if a.uds and ag.d.get("uds") else ["-p", str(ag.port)]
    if ag.d.get("format") == "otlp": cmd += ["-m", "POST", "-C", content_type(ag.d)]
    if ag.d.get("grpc"): cmd.append("-2")
    for h in ag.d.get("headers", []) + a.header: cmd += ["-H", h]
    r = subprocess.run(cmd + list(map(str, opts)) + templates(a, ag.d, profile), capture_output=True, text=True)
    if r.returncode: raise RuntimeError("load: " + r.stderr)
    return json.loads(r.stdout)


FAULTS = {"outage503": (5000, 30, "status=503", 15, "status=0"), "outagerefuse": (5000, 30, "refuse_s=15", 0, ""),
          "slowintake": (20000, 20, "delay_ms=1000", 0, "")}      # spans/s, seconds, fault, calm after, calm


def scenario(a, d, sc, profile):
    work = tempfile.mkdtemp(prefix="bench-", dir=a.work)
    it = Intake(a, work)
    ag, res = None, dict(agent=d["name"], scenario=sc, profile=profile)
    try:
        ag = Agent(a, d, work)
        res["startup_ms"] = ag.startup_ms
        if sc == "startup":
            time.sleep(2)
            c0, t0 = cpu_of(ag.pid), time.monotonic()
            time.sleep(a.idle)
            res["idle_cpu_pct"] = 100 * (cpu_of(ag.pid) - c0) / (time.monotonic() - t0)
            res["idle_rss_mb"], _ = mem_of(ag.pid)
            return res
        time.sleep(.5)
        secs = min(a.seconds, d.get("max_s", 1e9))
        sm, c0, b0, t0 = Sampler(ag.pid), cpu_of(ag.pid), machine_busy(), time.monotonic()
        ic0 = it.stats()["cpu_s"]
        timer = None
        if sc in FAULTS:
            rate, secs, fault, after, calm = FAULTS[sc]
            it.fault(fault)
            if after:
                timer = threading.Timer(after, lambda: it.fault(calm)); timer.start()
            l = load(a, ag, profile, "-c", a.rate_conns, "-d", secs, "-r", rate, "-g", 60, "-t", 60)
        elif sc in ("verify", "sigterm"):
            l = load(a, ag, profile, "-c", 2, "-n", a.verify_requests, "-d", 600, "-r", 5000)
        elif sc.startswith("closed"):
            l = load(a, ag, profile, "-c", int(sc[6:]), "-d", secs, "-w", min(1, secs / 4), "-g", 35, "-t", 60)
        else:
            l = load(a, ag, profile, "-c", a.rate_conns, "-d", secs, "-w", min(1, secs / 4), "-r", int(sc[4:]), "-g", 35, "-t", 60)
        c_load = cpu_of(ag.pid) - c0
        half = len(sm.rss) // 2
        res["rss_load_mb"] = statistics.median(sm.rss[half:]) if sm.rss else 0
        least = 1 if not d.get("forwards", True) else 35 if sc == "verify" else 60 if sc in FAULTS else a.min_drain
        res["drain_s"] = 0 if sc == "sigterm" else drain(a, ag, it, least)
        if timer: timer.join()
        wall = time.monotonic() - t0
        cpu, ist = cpu_of(ag.pid) - c0, it.stats()
        other = machine_busy() - b0 - cpu - l["load_cpu_s"] - (ist["cpu_s"] - ic0)
        sm.go = False; sm.join()
        res["rss_after_mb"], _ = mem_of(ag.pid)
        died = not ag.alive()
        res.update(load=l, cpu_s=cpu, cpu_during_load_s=c_load, wall_s=wall, other_cpu_s=max(0, other), hwm_mb=sm.hwm, agent_died=died)
        res["exit"] = ag.stop()
        time.sleep(.2)
        res["intake"] = it.stats()
        it.stop()
        res["delivered"] = dd = decode.main(it.dir)
        sent = l["spans"]
        res.update(cpu_s_per_mspan=cpu / sent * 1e6 if sent else None, spans_s=l["spans_s"], req_s=l["req_s"],
                   p50=l["lat_ms"]["p50"], p99=l["lat_ms"]["p99"], p999=l["lat_ms"]["p999"], max=l["lat_ms"]["max"],
                   ok_pct=100 * sum(v for k, v in l["status"].items() if k[0] == "2") / max(1, l["requests"]),
                   spans_delivered_pct=100 * dd["spans"] / sent if sent else None,
                   hits_pct=100 * dd["stats_hits"] / sent if sent else None,
                   wire_bytes_per_span=dd["trace_bytes_wire"] / dd["spans"] if dd["spans"] else None,
                   agent_cpu_pct=100 * c_load / max(.001, l["elapsed_s"]))
        return res
    except RuntimeError as ex:
        res["error"] = str(ex)
        return res
    finally:
        if ag: ag.stop()
        if it.p.poll() is None: it.stop()
        if a.keep: print("kept", work, file=sys.stderr)
        else: shutil.rmtree(work, ignore_errors=True)


COLS = [("spans_s", "spans/s", "%.0f"), ("req_s", "req/s", "%.1f"), ("p50", "p50 ms", "%.2f"), ("p99", "p99 ms", "%.2f"), ("p999", "p99.9 ms", "%.2f"),
        ("max", "max ms", "%.1f"), ("ok_pct", "2xx %", "%.1f"), ("agent_cpu_pct", "agent CPU %", "%.1f"), ("cpu_s_per_mspan", "CPU s/Mspan", "%.2f"),
        ("kept_per_cpu_s", "delivered spans / CPU s", "%.0f"), ("cpu_s_per_mspan_kept", "CPU s/delivered Mspan", "%.2f"), ("hwm_mb", "peak RSS MB", "%.0f"), ("rss_load_mb", "RSS under load MB", "%.0f"), ("rss_after_mb", "RSS after MB", "%.0f"),
        ("spans_delivered_pct", "spans upstream %", "%.1f"), ("hits_pct", "stats hits / span %", "%.1f"), ("wire_bytes_per_span", "wire B/span", "%.1f"),
        ("startup_ms", "startup ms", "%.0f"), ("idle_rss_mb", "idle RSS MB", "%.1f"), ("idle_cpu_pct", "idle CPU %", "%.2f"), ("other_cpu_s", "foreign CPU s", "%.1f")]


def table(runs):
    out, keys = [], []
    for r in runs:
        k = (r["scenario"], r["profile"])
        if k not in keys: keys.append(k)
    for r in runs:                                  # derived: only what really reached the intake counts
        d = r.get("delivered")
        if d and d["spans"]:
            r["kept_per_cpu_s"] = d["spans"] / max(r["cpu_s"], .01)
            r["cpu_s_per_mspan_kept"] = r["cpu_s"] / d["spans"] * 1e6
    for sc, prof in keys:
        rs = [r for r in runs if (r["scenario"], r["profile"]) == (sc, prof)]
        cols = [c for c in COLS if any(r.get(c[0]) is not None for r in rs) and (sc == "startup" or c[0] != "startup_ms")]
        out.append("\n### %s %s\n\n| agent | runs | %s |\n|---|---|%s" % (sc, prof or "", " | ".join(c[1] for c in cols), "---|" * len(cols)))
        names = []
        for r in rs:
            if r["agent"] not in names: names.append(r["agent"])
        for n in names:
            mine = [r for r in rs if r["agent"] == n]
            good = [r for r in mine if "error" not in r]
            cells = []
            for c in cols:
                v = [r[c[0]] for r in good if r.get(c[0]) is not None]
                cells.append(c[2] % statistics.median(v) if v else "-")
            died = sum(bool(r.get("agent_died")) for r in mine)
            out.append("| %s%s | %d | %s |" % (n, " (died in %d)" % died if died else "", len(good), " | ".join(cells)))
            for r in mine:
                if "error" in r: out.append("| %s | ERROR | %s |" % (n, r["error"][:120].replace("\n", " ")))
    return "\n".join(out)


# (column, heading): a peer's median divided by roost's; above 1 roost needs less.
LESS_IS_BETTER = [("cpu_s_per_mspan", "CPU s/Mspan"), ("hwm_mb", "peak RSS"), ("p99", "p99"), ("startup_ms", "startup"),
                  ("idle_rss_mb", "idle RSS")]


def ratios(runs):
    """How many times as much each peer needs, by scenario."""
    def median(agent, scenario, profile, column):
        v = [r[column] for r in runs if (r["agent"], r["scenario"], r["profile"]) == (agent, scenario, profile) and r.get(column) and "error" not in r]
        return statistics.median(v) if v else None
    out = ["\n### How many times as much as %s\n\n| scenario | agent | %s |\n|---|---|%s" % (
        BASE, " | ".join(h for _, h in LESS_IS_BETTER), "---|" * len(LESS_IS_BETTER))]
    seen = []
    for r in runs:
        k = (r["agent"], r["scenario"], r["profile"])
        if r["agent"].split("-")[0] == BASE or k in seen: continue
        seen.append(k)
        cells = []
        for c, _ in LESS_IS_BETTER:
            ours, theirs = median(BASE, *k[1:], c), median(*k, c)
            cells.append("%.1f" % (theirs / ours) if ours and theirs else "-")
        out.append("| %s | %s | %s |" % (" ".join(filter(None, k[1:])), r["agent"], " | ".join(cells)))
    return "\n".join(out)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("agents", nargs="*")
    ap.add_argument("--scenarios", default="startup,verify,closed8,closed64,rate2000,rate10000,rate50000")
    ap.add_argument("--profiles", default="flask-100", help="payload families for verify and rate scenarios")
    ap.add_argument("--closed-profiles", default="flask-100,flask-1000")
    ap.add_argument("--payloads", default="payloads")
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--seconds", type=float, default=10)
    ap.add_argument("--idle", type=float, default=5)
    ap.add_argument("--min-drain", type=float, default=6)
    ap.add_argument("--max-drain", type=float, default=40)
    ap.add_argument("--verify-requests", type=int, default=200)
    ap.add_argument("--rate-conns", type=int, default=16)
    ap.add_argument("--agent-cpus", default="0")
    ap.add_argument("--load-cpu", type=int, default=1)
    ap.add_argument("--port", type=int, default=18126)
    ap.add_argument("--intake-port", type=int, default=18200)
    ap.add_argument("--uds", action="store_true", help="use the agent's unix socket where its descriptor has one")
    ap.add_argument("--v05", action="store_true", help="send v0.5 bodies (set trace_path accordingly)")
    ap.add_argument("--v10", action="store_true", help="send v1.0 bodies, of gen_payloads.py --versions v10, likewise")
    ap.add_argument("--header", action="append", default=[])
    ap.add_argument("--work", default="/dev/shm" if os.path.isdir("/dev/shm") else "/tmp")
    ap.add_argument("--keep", action="store_true")
    ap.add_argument("--save-json")
    ap.add_argument("--from-json", action="append", help="only print the tables of earlier runs")
    a = ap.parse_args()
    runs = []
    if a.from_json:
        for f in a.from_json: runs += json.load(open(f))["runs"]
        print(table(runs)); print(ratios(runs)); return
    ds = []
    for f in a.agents:
        d = json.load(open(f))
        program = d["cmd"][0].replace("{root}", ROOT)
        if os.path.exists(program): ds.append(d)
        else: print("%s is not measured: %s is missing" % (d["name"], program), flush=True)
    if not ds: raise SystemExit("no agent to measure")
    for rep in range(a.runs):
        for sc in a.scenarios.split(","):
            for prof in ([None] if sc == "startup" else (a.closed_profiles if sc.startswith("closed") else a.profiles).split(",")):
                for d in ds:
                    if sc in ("verify", "sigterm") and rep: continue
                    if sc not in d.get("scenarios", [sc]): continue
                    if sc.startswith("rate") and int(sc[4:]) not in d.get("spans_rates", [int(sc[4:])]): continue
                    r = scenario(a, d, sc, prof)
                    runs.append(r)
                    print("%d %-34s %-9s %-11s %s" % (rep, d["name"], sc, prof or "", r.get("error") or " ".join(
                        "%s=%s" % (k, f % r[k]) for k, _, f in COLS if r.get(k) is not None)), file=sys.stderr, flush=True)
                    if a.save_json:
                        json.dump({"args": vars(a), "loadavg": os.getloadavg(), "runs": runs}, open(a.save_json, "w"), indent=1)
    print(table(runs)); print(ratios(runs))


if __name__ == "__main__":
    main()
