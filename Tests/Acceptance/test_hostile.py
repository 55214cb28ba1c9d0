"""What somebody on the machine may send on purpose: it costs no more than the same amount of plain traffic."""
import http.client
import json
import pathlib
import platform
import socket
import subprocess
import time

import pytest

import crafted
from agent import BINARY, Agent, Intake
from environments import interposer
from processes import clean_environment, wait_until

pytestmark = pytest.mark.linux

MESSAGE_PACK = {"Content-Type": "application/msgpack"}


def post(port, body, path="/v0.4/traces", timeout=60, **headers):
    """The status of one request; `headers` have underscores where HTTP has dashes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", path, body, {**MESSAGE_PACK, **names})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def announce(port, bytes_declared, traces):
    """The head of a request, of which nothing else comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            b"POST /v0.4/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/msgpack\r\n"
            b"Content-Length: %d\r\nX-Datadog-Trace-Count: %d\r\n\r\n" % (bytes_declared, traces))


def cpu_ns(pid):
    """What all threads of a process have had of the processors."""
    return sum(int(path.read_text().split()[0]) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


def cost_ns(agent, bodies):
    """Processor time of the agent for these requests, one after the other."""
    before = cpu_ns(agent.child.pid)
    for body in bodies:
        assert post(agent.port, body) == 200
    return cpu_ns(agent.child.pid) - before


IDS, RESOURCES, SEED = 30_000, 4_000, 11
LOTS = {
    "span ids that met in one slot": (
        lambda: [crafted.one_trace(crafted.colliding_ids(IDS, SEED))],
        lambda: [crafted.one_trace(crafted.plain_ids(IDS, SEED))]),
    "resources that had one hash": (
        lambda: [crafted.one_span_each(crafted.colliding_resources(RESOURCES, SEED))] * 3,
        lambda: [crafted.one_span_each(crafted.plain_resources(RESOURCES, SEED))] * 3),
}


@pytest.mark.parametrize("lot", LOTS)
def test_keys_that_were_made_to_meet_cost_what_others_do(lot):
    made, plain = (make() for make in LOTS[lot])
    with Agent() as agent:
        # Once before, so that neither pays for what is allocated once.
        cost_ns(agent, plain)
        costs = [(cost_ns(agent, plain), cost_ns(agent, made)) for _ in range(2)]
        ratio = min(two for _, two in costs) / min(one for one, _ in costs)
        assert ratio < 1.5, f"{ratio:.2f} times as much: {costs} ns"
        assert agent.stop() == 0


LATE = "1 receiving thread did not end a request in time"


def test_a_thread_that_never_comes_back_does_not_keep_the_agent_from_ending(harness, tmp_path):
    # Sketches take durations of few bits; this one has few.
    stuck, other = 1 << 36, 1_000_000
    preload = f"LD_PRELOAD={interposer('stuck_worker')}"
    database = tmp_path / "roost.db"
    body = crafted.payload([[crafted.span(1, 1, duration=other)]])
    with Intake() as intake, Agent(
            intake=intake.port, command=["env", preload, f"STUCK_AT={stuck}"], DD_APM_DECODERS=2,
            DD_LOCAL_DB=database) as agent, Agent(
            command=["env", preload, "STUCK_IN_TRIM=1"], DD_APM_MAX_MEMORY=1_000_000) as held:
        assert [post(agent.port, body) for _ in range(2)] == [200, 200]
        wait_until(lambda: agent.ask("info")["store"]["stored_traces"]["traces"] == 2, 10, "the traces to be stored")
        with pytest.raises(TimeoutError):
            post(agent.port, crafted.payload([[crafted.span(2, 2, duration=stuck)]]), timeout=0.5)
        # Its main thread looks at the memory once a second where something has come.
        post(held.port, body)
        wait_until(lambda: main_waits(held, "pause"), 10, "the main thread to be stuck")
        # Whoever asks gets what the other threads have, in time, and is told so.
        asking = {command: subprocess.Popen(
            [BINARY, "--config", agent.file, command], stdout=subprocess.PIPE, text=True,
            env=clean_environment(**agent.variables)) for command in ("info", "services", "resources", "traces")}
        for command, child in asking.items():
            said = child.communicate(timeout=5)[0]
            assert child.returncode == 0 and LATE in said, (command, said)
        # The stuck thread may have it.
        lost = subprocess.run([BINARY, "--config", agent.file, "trace", "beef"], capture_output=True, text=True,
                              env=clean_environment(**agent.variables))
        assert lost.returncode == 1 and LATE in lost.stderr, lost
        assert agent.ask("info")["missing_threads"] == agent.ask("services")["covered"]["missing_threads"] == 1
        began = time.monotonic()
        for one in (agent, held):
            one.child.terminate()
        statuses = [agent.child.wait(5)]
        assert time.monotonic() - began < 5
        # It ends by its alarm, shortly before 5 s; the rest is what a busy machine takes to say so.
        statuses.append(held.child.wait(10))
        assert statuses == [1, 1]
        assert "a request still at work" in agent.text()
        assert "ended while a thread was still at work" in held.text()
        assert not [name for name in ("control.sock", "apm.sock") if (agent.folder / name).exists()]
        # What the other thread had is sent and stored.
        assert intake.received().spans >= 1
        stored = subprocess.run([BINARY, "traces", "--db", database, "--json"], capture_output=True, env=clean_environment())
        assert json.loads(stored.stdout)["traces"], stored


def test_searches_that_never_end_keep_nobody_waiting_and_not_the_agent_from_ending(tmp_path):
    with Agent(command=["env", f"LD_PRELOAD={interposer('stuck_worker')}", "STUCK_IN_SEARCH=1"],
               DD_LOCAL_DB=tmp_path / "roost.db") as agent:
        assert post(agent.port, crafted.payload([[crafted.span(1, 1)]])) == 200
        wait_until(lambda: agent.ask("info")["store"]["stored_traces"]["traces"] == 1, 10, "the trace to be stored")
        searches = [subprocess.Popen([BINARY, "--config", agent.file, "traces"], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, text=True, env=clean_environment(**agent.variables))
                    for _ in range(3)]
        wait_until(lambda: threads(agent).count("roost-search") == 2, 10, "two searches to be at work")
        assert agent.ask("trace", f"{1:016x}")["spans"] and agent.services() == {"shop": (1, 0)}
        began = time.monotonic()
        agent.child.terminate()
        assert agent.child.wait(10) == 0 and time.monotonic() - began < 5
        assert "ended before a query of a command or of the page was answered" in agent.text()
        assert "stopped: received 1 traces" in agent.text(), "it ended by its alarm"
        for search in searches:
            search.communicate(timeout=5)
            assert search.returncode == 75


def threads(agent):
    """The names of the agent's threads."""
    return [task.read_text().strip() for task in pathlib.Path(f"/proc/{agent.child.pid}/task").glob("*/comm")]


def main_waits(agent, call):
    """Whether the main thread is in a system call of this name."""
    number = {"pause": "34"}[call] if platform.machine() == "x86_64" else None
    try:
        text = pathlib.Path(f"/proc/{agent.child.pid}/syscall").read_text()
    except OSError:
        return True
    return number is None or text.split()[0] == number


QUICK = "apm_config:\n  bucket_size_seconds: 1\n"


def peak_mb(agent):
    """The most memory that was ever resident."""
    for line in pathlib.Path(f"/proc/{agent.child.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM")


def peak_of_statistics(longest, groups=10_000):
    """MB that an agent takes more at most for these groups, from their spans to what the intake has of them."""
    with Intake() as intake, Agent(intake=intake.port, configuration=QUICK) as agent:
        assert post(agent.port, crafted.payload([[crafted.span(1, 1)]])) == 200
        start = peak_mb(agent)
        assert post(agent.port, crafted.extremes(groups, longest)) == 200
        wait_until(lambda: intake.received(bucket_s=1).statistics["hits"] >= 4 * groups + 1, 20, "the statistics")
        peak = peak_mb(agent) - start
        assert agent.stop() == 0
        arrived = intake.received(bucket_s=1)
        assert arrived.statistics["hits"] == 4 * groups + 1 and arrived.statistics["errors"] == 2 * groups
        assert arrived.statistics["in_ok_sketches"] == 2 * groups + 1
        return peak


def test_durations_that_lie_far_apart_take_no_more_memory_than_others(harness):
    plain, made = peak_of_statistics(2), peak_of_statistics(25 * 365 * 86_400 * 10**9)
    assert made < plain * 1.5, f"{made:.0f} MB, and {plain:.0f} MB where all durations are alike"


def test_the_memory_limit_holds_within_requests_and_the_agent_recovers_by_itself(harness):
    limit = 120
    with Intake() as intake, Agent(
            intake=intake.port, configuration=QUICK, DD_APM_MAX_MEMORY=limit * 10**6, DD_APM_FEATURES="429") as agent:
        small, large = (crafted.payload([[crafted.span(1, 1)]]), crafted.tiny_spans(1_500_000, 21_000_000))
        assert post(agent.port, small) == 200
        statuses = [post(agent.port, large)]
        for number in range(4):
            statuses.append(post(agent.port, crafted.extremes(20_000, 10**18, first=number * 20_000)))
        assert 429 in statuses and set(statuses) <= {200, 429}, statuses
        assert peak_mb(agent) * 1024 * 1024 < limit * 10**6 * 1.1, f"{peak_mb(agent)} MB"
        wait_until(lambda: post(agent.port, small) == 200, 10, "the agent to take payloads again")
        wait_until(lambda: agent.resident_mb() < 60, 20, "the memory to be given back")
        assert agent.stop() == 0


def test_a_service_is_whole_whatever_its_resources_are_called():
    count, peers = 5_500, 12_000
    with Agent(configuration=QUICK) as agent:
        assert post(agent.port, crafted.one_span_each([f"GET /users/{number}" for number in range(count)])) == 200
        peered = [[crafted.span(number, number, service="till", name="call", resource="POST /pay",
                                meta={"span.kind": "client", "peer.service": f"peer-{number}"})]
                  for number in range(1, peers + 1)]
        assert post(agent.port, crafted.payload(peered)) == 200
        # Once the bucket has closed, where rows are few.
        wait_until(lambda: (rows := agent.ask("resources", "shop", codes=(0, 1))["resources"]) and rows[-1].get("collapsed"),
                   20, "the bucket to close")
        rest = agent.ask("resources", "shop")["resources"][-1]
        assert rest["hits"] >= count - 5_000 and rest["resource"] == "resources without a row of their own"
        assert agent.services() == {"shop": (count, 0), "till": (peers, 0)}
        assert agent.resources("till") == {("call", "POST /pay"): (peers, 0)}
        assert "resources without a row of their own: their names hold ids" in agent.command("resources", "shop")
        # A bucket with 10,000 groups takes no further ones with a peer; both lots may be in one.
        malformed = agent.ask("info")["malformed"]
        assert malformed.keys() == {"statistics_without_peer"}
        assert malformed["statistics_without_peer"] >= peers - 10_000
        assert agent.stop() == 0


def test_numbers_that_clients_announce_are_not_believed(harness):
    with Intake() as intake, Agent(intake=intake.port) as agent:
        for _ in range(3):
            assert post(agent.port, b"\xc1", X_Datadog_Trace_Count=str(2**63 - 1)) == 400
            announce(agent.port, bytes_declared=25 << 20, traces=25 << 20)
        assert post(agent.port, b"\xc1", X_Datadog_Trace_Count="9" * 20) == 400
        wait_until(lambda: agent.ask("info")["refused"].get("unexpected_eof") == 3, 10, "three bodies that never came")
        for rate in (5e-324, 1e-300, float("nan")):
            root = crafted.span(9, 9, metrics={"_sample_rate": rate, "_sampling_priority_v1": 1})
            assert post(agent.port, crafted.payload([[root]]), Datadog_Client_Dropped_P0_Traces=str(2**63 - 1)) == 200
        info = agent.ask("info")
        assert info["received"]["traces"] == 3 + 3
        assert info["malformed"] == {"invalid_trace_count": 3 + 3 + 1, "invalid_sample_rate": 3, "invalid_dropped_traces": 3}
        assert agent.services()["shop"] == (3, 0)
        assert agent.stop() == 0
        intake.received().assert_statistics({"hits": 3, "errors": 0, "top_level": 3, "duration": 3_000_000})
