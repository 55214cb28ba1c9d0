"""Load for the forwarding tests, and what must come of it, computed from the payloads themselves."""
import collections
import http.client
import json
import pathlib
import subprocess
import threading
import time

import msgpack

import golden
from agent import BENCHMARKS

STATISTICS_KINDS = {"server", "consumer", "client", "producer"}


def expected(traces, times=1):
    """What the intake must have after `times` times these traces: spans and traces kept, and the statistics' sums."""
    total = collections.Counter(hits=0, errors=0, top_level=0, duration=0, traces_kept=0, spans_kept=0)
    for trace in traces:
        by_id = {span["span_id"]: span for span in trace}
        if next(s["metrics"]["_sampling_priority_v1"] for s in trace if "_sampling_priority_v1" in s["metrics"]) > 0:
            total.update(traces_kept=1, spans_kept=len(trace))
        for span in trace:
            parent = by_id.get(span["parent_id"])
            top_level = parent is None or parent["service"] != span["service"] or span["metrics"].get("_dd.top_level") == 1
            if top_level or span["metrics"].get("_dd.measured") == 1 or (
                    span["meta"].get("span.kind", "").lower() in STATISTICS_KINDS):
                total.update(hits=1, errors=min(span["error"], 1), top_level=int(top_level), duration=span["duration"])
    return {name: value * times for name, value in total.items()}


class Templates:
    """The payload templates of one name and version; `load` sends them in turn."""

    def __init__(self, folder, name, version="v04"):
        self.stems = sorted(str(path)[:-4] for path in pathlib.Path(folder).glob(f"{name}.{version}.*.bin"))
        self.path = {"v04": "/v0.4/traces", "v05": "/v0.5/traces", "v10": "/v1.0/traces", "v10typed": "/v1.0/traces"}[version]

    def expected(self, requests):
        assert requests % len(self.stems) == 0, "every template must be sent equally often"
        total = collections.Counter()
        for stem in self.stems:
            traces = golden.decode(self.path, pathlib.Path(stem + ".bin").read_bytes())
            total.update(expected(traces, requests // len(self.stems)))
        return dict(total)

    def send(self, port, requests, connections, rate=0):
        """Sends that many requests and gives the generator's account; anything but 200 is a failure."""
        command = [BENCHMARKS / "load", "-p", port, "-P", self.path, "-c", connections, "-n", requests, "-d", 300,
                   "-r", rate, *self.stems]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        account = json.loads(done.stdout)
        assert account["status"] == {"200": requests}, account
        assert not any(account["errors"].values()), account
        return account


class SteadyClients:
    """Threads that post small distinct traces until the agent goes away, and remember which were answered 200.

    Each waits `pause` seconds between two requests.
    """

    def __init__(self, port, connections=8, traces_a_request=4, pause=0):
        self.port, self.size, self.pause = port, traces_a_request, pause
        self.answered, self.sent = set(), set()
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(connections)]
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.finish()

    def finish(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a client hangs"

    def _run(self, number):
        request = 0
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self._stop.is_set():
            request += 1
            ids = [(number + 1) << 40 | request << 8 | trace for trace in range(1, self.size + 1)]
            with self._lock:
                self.sent.update(ids)
            try:
                connection.request("PUT", "/v0.4/traces", msgpack.packb([two_spans(id) for id in ids]), {
                    "Content-Type": "application/msgpack", "X-Datadog-Trace-Count": str(self.size),
                    "Datadog-Meta-Lang": "python"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 200:
                return
            with self._lock:
                self.answered.update(ids)
            if self.pause:
                self._stop.wait(self.pause)


def post(port, ids, timeout=10, **tags):
    """Sends a trace of `two_spans` for each id, on a connection of its own; anything but 200 is a failure."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("PUT", "/v0.4/traces", msgpack.packb([two_spans(id, **tags) for id in ids]),
                           {"Content-Type": "application/msgpack", "X-Datadog-Trace-Count": str(len(ids))})
        assert connection.getresponse().status == 200
    finally:
        connection.close()
    return set(ids)


SPANS_EACH, HITS_EACH = 2, 1


def two_spans(trace_id, **tags):
    """A kept trace of a root with these tags and a child of the same service: two spans, one hit."""
    now = time.time_ns()
    root = {"trace_id": trace_id, "span_id": trace_id << 1, "parent_id": 0, "service": "steady", "name": "web.request",
            "resource": "GET /steady", "type": "web", "start": now, "duration": 1_000_000, "error": 0,
            "meta": tags, "metrics": {"_sampling_priority_v1": 1}}
    child = {**root, "span_id": trace_id << 1 | 1, "parent_id": trace_id << 1, "name": "work", "meta": {}, "metrics": {}}
    return [root, child]
