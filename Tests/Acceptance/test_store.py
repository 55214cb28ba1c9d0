"""Statistics that outlive the agent: restarts, sudden deaths, and disks that do not take them."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import threading
import time

import msgpack
import pytest

from agent import BINARY, Agent
from clocks import Clock
from loads import Templates
from processes import clean_environment, wait_until

pytestmark = pytest.mark.linux

# A bucket that closes soon: a second wide, so written two to three seconds after its hits.
QUICK = "apm_config:\n  bucket_size_seconds: 1\n"
REQUESTS = 40
# Most of the time they are idle, so many can die beside each other.
DEATHS, DEATHS_AT_A_TIME = 200, 8


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "roost.db"


def read(file, *words):
    """{service: hits} as the file says without an agent."""
    done = subprocess.run([str(BINARY), "services", "--db", str(file), "--json", *words], capture_output=True, text=True,
                          env=clean_environment(), timeout=20)
    assert done.returncode == 0, done.stderr
    return {row["service"]: row["hits"] for row in json.loads(done.stdout)["services"]}


def seen(agent):
    return {service: hits for service, (hits, _) in agent.services().items()}


def test_tables_go_on_after_a_restart_and_without_an_agent(payloads, file):
    load = Templates(payloads, "kept")
    with Agent(configuration=QUICK, DD_LOCAL_DB=file) as agent:
        load.send(agent.port, REQUESTS, 4)
        counted = seen(agent)
        assert counted and agent.stop() == 0
    assert read(file) == counted
    with Agent(configuration=QUICK, DD_LOCAL_DB=file) as agent:
        assert seen(agent) == counted
        load.send(agent.port, REQUESTS, 4)
        assert seen(agent) == {service: 2 * hits for service, hits in counted.items()}
        # While the agent writes, others read; a second agent goes on without the file.
        with Agent(DD_LOCAL_DB=file) as other:
            assert "is in use by another agent" in other.text() and seen(other) == {}
            assert other.ask("info")["store"]["path"] == ":memory:"
        assert agent.ask("info")["store"]["lost_buckets"] == 0
        assert agent.stop() == 0
    assert read(file, "--since", "7d") == {service: 2 * hits for service, hits in counted.items()}


class Sender:
    """Sends a trace of two spans each 10 ms from a thread of its own, and remembers when which were taken.

    The longest time between two of them is what this machine makes a program wait, the agent too.
    """

    def __init__(self, port):
        self.taken = []
        self.sent = 0
        self.stall = 0
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while True:
                now = time.time_ns()
                spans = [{"trace_id": now, "span_id": now + place, "parent_id": place and now, "service": "shop",
                          "name": "flask.request", "resource": f"GET /{place}", "start": now, "duration": 1000}
                         for place in range(2)]
                self.sent += 1
                self.connection.request("PUT", "/v0.4/traces", msgpack.packb([spans]))
                assert self.connection.getresponse().read()
                self.taken.append(time.monotonic())
                self.stall = max(self.stall, self.taken[-1] - self.taken[-2] if len(self.taken) > 1 else 0)
                time.sleep(0.01)
        except (OSError, http.client.HTTPException):
            pass


def stored(file):
    """(traces, hits) in the file, read as any program could; -1 where a trace is not whole."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
        ask = lambda sql: database.execute(sql).fetchone()[0] or 0
        whole = ask("SELECT count(*) FROM chunks WHERE spans <> 2") == 0
        hits = ask("SELECT sum(hits) FROM statistics") + ask("SELECT sum(hits) FROM open_statistics")
        return ask("SELECT count(*) FROM chunks") if whole else -1, hits // 2


def die_again_and_again(file, seed):
    """Agents on one file that are killed at random instants; the longest time that was lost, in seconds, but for what the
    machine made all of them wait."""
    randomness = random.Random(seed)
    before, longest = (0, 0), 0
    for _ in range(DEATHS // DEATHS_AT_A_TIME):
        with Agent(DD_LOCAL_DB=file) as agent:
            sender = Sender(agent.port)
            time.sleep(randomness.uniform(0, 2.2))
            died = time.monotonic()
            agent.child.kill()
            agent.child.wait()
            sender.thread.join()
        after = stored(file)
        for old, new in zip(before, after):
            assert 0 <= new - old <= sender.sent, (seed, before, after, sender.sent)
            lost = sender.taken[new - old:]
            longest = max(longest, died - lost[0] - sender.stall if lost else 0)
        before = after
    # What a query finds is what the rows say.
    done = subprocess.run([str(BINARY), "services", "--db", str(file), "--json"], capture_output=True, text=True,
                          env=clean_environment(), timeout=20)
    assert json.loads(done.stdout)["services"][0]["hits"] == before[1]
    return longest


def test_a_file_survives_sudden_deaths(tmp_path):
    """Killed at any instant under load: the file opens each time, and what is missing came in the last second."""
    with concurrent.futures.ThreadPoolExecutor(DEATHS_AT_A_TIME) as pool:
        lost = list(pool.map(lambda seed: die_again_and_again(tmp_path / f"{seed}.db", seed), range(DEATHS_AT_A_TIME)))
    assert max(lost) < 1, lost


# A folder on a file system that is read-only, which not even root may write to.
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


@pytest.mark.parametrize("kind", ["garbage", "newer", "foreign", "folder", "no folder", "read-only"])
def test_an_agent_goes_on_without_a_file_that_it_cannot_use(payloads, file, kind):
    if kind == "read-only" and os.geteuid() != 0:
        pytest.skip("needs root")
    if kind == "no folder":
        # Neither the folder can be made, nor anything in it.
        file = pathlib.Path("/proc/roost/roost.db")
    else:
        file.parent.mkdir()
    if kind == "garbage":
        file.write_bytes(os.urandom(20_000))
    elif kind == "folder":
        file.mkdir()
    elif kind in ("newer", "foreign"):
        sql = {"newer": "PRAGMA application_id=1919906676; PRAGMA user_version=99", "foreign": "CREATE TABLE t(x)"}[kind]
        subprocess.run(["python3", "-c", f"import sqlite3; sqlite3.connect({str(file)!r}).executescript({sql!r})"],
                       check=True)
    kept = file.read_bytes() if file.is_file() else None
    command = ("unshare", "-m", "sh", "-c", READ_ONLY, str(file.parent)) if kind == "read-only" else ()
    with Agent(command=command, DD_LOCAL_DB=file) as agent:
        Templates(payloads, "kept").send(agent.port, REQUESTS, 4)
        assert seen(agent)
        assert agent.text().count("traces and statistics are kept in memory only") == 1, agent.text()
        assert kind != "newer" or "a newer roost" in agent.text(), agent.text()
        store = agent.ask("info")["store"]
        assert store["path"] == ":memory:" and "failure" not in store
        assert agent.stop() == 0
    assert kept is None or file.read_bytes() == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_full_disk_is_reported_once_and_what_it_lost_is_counted(payloads, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
    try:
        with Agent(configuration=QUICK, DD_LOCAL_DB=disk / "roost.db") as agent:
            filler = disk / "filler"
            with open(filler, "wb", buffering=0) as out:
                try:
                    while True:
                        out.write(b"x" * 4096)
                except OSError:
                    pass
            load = Templates(payloads, "kept")
            load.send(agent.port, REQUESTS, 4)
            wait_until(lambda: agent.ask("info")["store"]["lost_buckets"] > 0, 10, "a loss to be counted")
            assert agent.text().count("statistics and traces cannot be written") == 1, agent.text()
            assert "disk is full" in agent.ask("info")["store"]["failure"]
            filler.unlink()
            written = agent.ask("info")["store"]["written_buckets"]
            load.send(agent.port, REQUESTS, 4)
            wait_until(lambda: agent.ask("info")["store"]["written_buckets"] > written, 10, "writing to go on")
            assert "failure" not in agent.ask("info")["store"] and "are written again" in agent.text()
            assert agent.stop() == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_clock_that_was_ahead_leaves_nothing_in_front(file, tmp_path):
    """What was counted and came while the agent's clock was ahead is not in every table, and not the first trace, for two
    hours; nor is what a client sends whose clock is ahead. A clock that is set back while the agent works stops nothing."""
    clock = Clock(tmp_path, wall_only=True)
    clock.set(7200)

    def send(agent, trace, start_ns):
        span = {"trace_id": trace, "span_id": trace, "parent_id": 0, "service": f"shop-{trace}", "name": "flask.request",
                "resource": "GET /", "start": start_ns, "duration": 1000}
        connection = http.client.HTTPConnection("127.0.0.1", agent.port, timeout=5)
        connection.request("PUT", "/v0.4/traces", msgpack.packb([[span]]))
        assert connection.getresponse().status == 200
        connection.close()

    def listed(agent):
        return [(int(row["trace_id"], 16), row.get("ahead_ns", 0) > 7e12) for row in agent.ask("traces")["traces"]]

    with Agent(configuration=QUICK, DD_LOCAL_DB=file, **clock.variables) as agent:
        send(agent, 1, time.time_ns() + 7_200_000_000_000)
        assert listed(agent) == [(1, False)]
        assert agent.stop() == 0
    clock.set(0)
    with Agent(configuration=QUICK, DD_LOCAL_DB=file, **clock.variables) as agent:
        send(agent, 2, time.time_ns() + 7_200_000_000_000)
        send(agent, 3, time.time_ns() + 1_000_000)
        assert listed(agent)[0] == (3, False) and sorted(listed(agent)[1:]) == [(1, True), (2, True)], listed(agent)
        assert "shop-1" not in seen(agent) and "shop-3" in seen(agent), seen(agent)
        assert agent.text().count("were counted while a clock was ahead") == 1, agent.text()
        clock.set(-7200)
        send(agent, 4, time.time_ns() - 7_200_000_000_000)
        assert 4 in [trace for trace, _ in listed(agent)] and "shop-4" in seen(agent)
        assert agent.stop() == 0
