"""Nobody on this machine, and no page in a browser, stalls the agent or keeps others out."""
import fcntl
import os
import pathlib
import resource
import signal
import socket
import subprocess
import time

import msgpack
import pytest

import hostile
import soak
from agent import API_KEY, BINARY, Agent, short_folder
from processes import APPS, clean_environment, free_port, listens, wait_until

pytestmark = pytest.mark.linux
SMALL = msgpack.packb([hostile.spans(3, 1, service="real")])


def limited(*limits):
    """Words before a command that set limits of the shell."""
    return ["bash", "-c", "; ".join(f"ulimit {limit}" for limit in limits) + '; exec "$@"', "_"]


def seconds_of(port):
    began = time.monotonic()
    assert hostile.post(port, SMALL) == 200
    return time.monotonic() - began


@pytest.fixture(scope="module")
def crowded():
    """An agent with few places."""
    with Agent(DD_APM_MAX_CONNECTIONS=150) as agent:
        yield agent


@pytest.mark.parametrize("opening", hostile.Squatters.OPENINGS, ids=["silent", "a byte", "half a head", "half a body"])
def test_a_full_house_lets_newcomers_in_at_once(crowded, opening):
    with hostile.Squatters(crowded.port, 220, opening, comes_back=True):
        times = sorted(seconds_of(crowded.port) for _ in range(30))
        # Far from the seconds that those who hold the places have; other tests run beside this one.
        assert times[len(times) // 2] < 1, times
    connections = crowded.ask("info")["connections"]
    assert connections["gave_way"] > 0
    assert f"too many connections: closed one of process {os.getpid()} of user {os.getuid()}" in crowded.text()


def test_a_real_tracer_gets_through_a_full_house(crowded, tracer):
    with hostile.Squatters(crowded.port, 220, b"POST /v0.4/tr", comes_back=True):
        subprocess.run([tracer / "ddtrace-run", tracer / "python", APPS / "traced_job.py", "flush"], check=True, timeout=30,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{crowded.port}"))
        assert crowded.services()["shop"] == (1, 0)


def test_web_pages_stay_out(crowded):
    for headers in hostile.PAGES:
        assert hostile.post(crowded.port, SMALL, *headers) == 403, headers
    assert hostile.post(crowded.port, SMALL, "Sec-Fetch-Site: none") == 200
    issues = [row for row in crowded.ask("info", "-v")["misuse"] if row["kind"] == "cross_site"]
    assert sum(row["count"] for row in issues) >= len(hostile.PAGES)
    assert any("https://shop.example" in row["detail"] for row in issues)


@pytest.mark.parametrize("rest", hostile.BROKEN_HEADS)
def test_a_broken_head_gets_one_answer_and_the_connection_ends(crowded, rest):
    answer = hostile.exchange(crowded.port, hostile.HEAD + rest + b"GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.") == 1, answer


def test_large_bodies_wait_their_turn():
    # How long a turn takes is the machine's affair.
    with Agent(DD_APM_RECEIVER_TIMEOUT="60") as agent:
        # Nearly the limit of 25 MiB each, and together three times the memory that the agent may take.
        with hostile.LargeBodies(agent.port, 64, megabytes=24.9) as large:
            pass
        assert large.statuses == [200] * 64
        assert agent.ask("info")["refused"] == {}
        status = pathlib.Path(f"/proc/{agent.child.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
        assert peak << 10 < 500_000_000, f"{peak} kB"


def test_connections_that_say_nothing_cost_nothing(crowded):
    def connect(times):
        for _ in range(times):
            socket.create_connection(("127.0.0.1", crowded.port), timeout=20).close()
        return crowded.resident_mb()

    # What the first ones need stays for those that follow.
    before = connect(1_000)
    assert connect(10_000) < before + 5
    assert hostile.post(crowded.port, b"\x90") == 200
    assert crowded.ask("info")["connections"]["accepted"] >= 10_000


def test_commands_are_answered_while_descriptors_are_exhausted():
    with Agent(command=limited("-n 100")) as agent, hostile.Squatters(agent.port, 130):
        wait_until(lambda: agent.ask("info")["connections"]["gave_way"] > 0, 10, "a connection to give way")
        assert seconds_of(agent.port) < 2
        assert "real" in agent.services()


class Unread:
    """An agent whose standard error is a pipe that is full and that nobody reads."""

    def __init__(self):
        self.port, self.folder = free_port(), short_folder()
        self.reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(writing, False)
        for size in (4096, 1):
            try:
                while True:
                    os.write(writing, b"." * size)
            except BlockingIOError:
                pass
        os.set_blocking(writing, True)
        self.child = subprocess.Popen(
            [BINARY, "serve"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing, env=clean_environment(
                DD_APM_RECEIVER_PORT=self.port, ROOST_CONTROL_SOCKET=self.folder / "c.sock", DD_LOCAL_DB="off"))
        os.close(writing)
        wait_until(lambda: listens(self.port), 10, "roost to listen")

    def read(self):
        """All that is written until the agent ends."""
        text = b""
        while piece := os.read(self.reading, 65536):
            text += piece
        os.close(self.reading)
        return text.decode()


def test_a_log_that_nobody_reads_stalls_nobody():
    agent = Unread()
    for _ in range(20):
        assert hostile.post(agent.port, b"\xc1", timeout=2) == 400
        assert hostile.post(agent.port, SMALL, timeout=2) == 200
    agent.child.send_signal(signal.SIGTERM)
    assert agent.child.wait(5) == 0
    agent.read()


def test_a_log_that_is_read_again_has_the_first_lines_and_the_last():
    agent = Unread()
    assert hostile.post(agent.port, b"\xc1", timeout=2) == 400
    agent.child.send_signal(signal.SIGTERM)
    text = agent.read()
    assert agent.child.wait(5) == 0
    assert "listening on" in text and "cannot decode" in text and "stopping" in text


def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path):
    with Agent(command=limited("-f 256"), DD_LOCAL_DB=tmp_path / "roost.db", DD_LOG_FILE=tmp_path / "agent.log") as agent:
        (tmp_path / "agent.log").open("ab").write(b"." * (256 << 10))
        noise = msgpack.packb([hostile.spans(500, 3, resource=lambda n: os.urandom(200).hex())])

        def has_failed():
            assert hostile.post(agent.port, noise) == 200
            assert hostile.post(agent.port, b"\xc1") == 400
            return agent.ask("info")["store"].get("failure")
        wait_until(has_failed, 20, "the store to reach the limit")
        assert agent.stop() == 0


def test_a_body_for_which_there_is_no_memory_is_refused():
    with Agent(DD_APM_FEATURES="429") as agent:
        size = int(next(line.split()[1] for line in pathlib.Path(f"/proc/{agent.child.pid}/status").open()
                        if line.startswith("VmSize:")))
        resource.prlimit(agent.child.pid, resource.RLIMIT_AS, ((size << 10) + (10 << 20),) * 2)
        # More at a time than the allocator has addresses for.
        with hostile.LargeBodies(agent.port, 8, megabytes=22, byte=b"\xc1") as large:
            pass
        assert 429 in large.statuses and set(large.statuses) <= {400, 429}, large.statuses
        assert seconds_of(agent.port) < 2
        assert agent.ask("info")["refused"]["memory_limit"] == large.statuses.count(429)


def limit_addresses(agent, more):
    """Lets the agent have so many bytes of addresses beyond those that it has; None takes the limit away."""
    status = pathlib.Path(f"/proc/{agent.child.pid}/status").read_text()
    size = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmSize:"))) << 10
    hard = resource.prlimit(agent.child.pid, resource.RLIMIT_AS)[1]
    resource.prlimit(agent.child.pid, resource.RLIMIT_AS, (hard if more is None else size + more, hard))


def test_spans_for_which_there_is_no_memory_are_refused():
    """A body has its place; what is made of it has none."""
    count = 250_000
    old = msgpack.packb([[{"service": "s", "start": 1 << 40}] * count])
    new = msgpack.packb([["", "s"], [[[1, 0, 0, 1, 1, 0, 1 << 40, 1, 0, {}, {}, 0]] * count]])
    # Each byte takes three when it is repaired, and nothing comes behind it.
    broken = msgpack.packb([[{"service": "s", "resource": b"\xff" * (2 << 20)}]])
    # A group of statistics for each span, in another bucket each time.
    wide = [msgpack.packb([hostile.spans(4_000, seed, start=time.time_ns(), resource=lambda n: f"r{seed} {n}")])
            for seed in range(8)]
    # Whoever limits it does so from the beginning.
    with Agent(command=limited("-v 16000000"), DD_APM_FEATURES="429") as agent:
        def send(sent, path="/v0.4/traces"):
            request = hostile.HEAD.replace(b"/v0.4/traces", path.encode()) + b"Connection: close\r\n"
            return int(hostile.exchange(agent.port, request + b"Content-Length: %d\r\n\r\n" % len(sent) + sent).split()[1])
        assert send(wide[0]) == 200
        # How much malloc has left of its own differs from step to step; refused and counted are what there is none for.
        statuses = []
        for more, body in zip((40, 24, 16, 10, 7, 5, 3), wide[1:]):
            limit_addresses(agent, more << 20)
            statuses += [send(old), send(new, "/v0.5/traces")]
            # What takes less is taken as long as there is enough for all of its way.
            statuses += [send(body), send(SMALL)]
            if more <= 7:
                statuses.append(send(broken))
        assert set(statuses) == {200, 429}, statuses
        limit_addresses(agent, None)
        assert send(wide[-1]) == 200 and send(SMALL) == 200
        assert agent.ask("info")["refused"]["memory_limit"] == statuses.count(429)
        assert agent.stop() == 0


def test_a_key_that_everybody_may_read_is_warned_of():
    with Agent(configuration=f"api_key: {API_KEY}\n", DD_APM_DD_URL="http://127.0.0.1:1") as agent:
        mode = agent.file.stat().st_mode & 0o777
        assert mode & 0o004, "the test's own mask hides the file"
        warning = next(line for line in agent.text().splitlines() if "everybody on this machine may read" in line)
        assert f"mode 0{mode:o}" in warning and f"chmod o-rwx {agent.file}" in warning and API_KEY not in warning


def test_a_folder_of_somebody_else_is_named():
    if os.getuid() != 0:
        pytest.skip("needs root to be two users")
    uid = 100_000 + os.getpid() % 100_000
    folder = pathlib.Path(f"/tmp/roost-{uid}")
    folder.mkdir(mode=0o755)
    try:
        os.chown(folder, uid + 1, uid + 1)
        done = subprocess.run(["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups", BINARY, "info"],
                              capture_output=True, text=True, timeout=20, cwd="/",
                              env=clean_environment(DD_APM_RECEIVER_PORT=free_port(), XDG_RUNTIME_DIR=""))
        assert done.returncode != 0
        assert f"{folder} is not safe for a control socket: it belongs to another user (uid {uid + 1})" in done.stderr
        assert "no agent is running" not in done.stderr
    finally:
        folder.rmdir()


def test_a_short_soak():
    # Other tests run beside it: how late answers are is for `make soak` to judge.
    soak.run(seconds=8, seed=1, clients=1, judges_lateness=False)
