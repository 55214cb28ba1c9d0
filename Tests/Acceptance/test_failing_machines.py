"""A disk, a clock, a limit or a signal gets in the way of an agent whose intake is away, too: each trace that was answered
200 arrives once when that is over, or is counted."""
import contextlib
import itertools
import os
import pathlib
import re
import resource
import signal
import subprocess

import pytest

import machines
import soak_flapping
from agent import BINARY, Agent, Intake
from clocks import Clock
from ledger import assert_accounts_balance, assert_each_came_once, lost_traces, settle
from loads import HITS_EACH, SteadyClients, Templates, post
from processes import free_port, wait_until
from relay import THROUGH, Relay, Way
from test_forwarding import QUICK_WRITER

pytestmark = pytest.mark.linux
needs_mounts = pytest.mark.skipif(bool(machines.missing()), reason="needs to mount a disk")


def agent_over(spool, intake, **options):
    return Agent(intake=intake.port, configuration=QUICK_WRITER, DD_LOCAL_SPOOL=spool, **options)


def mounted(folder, options):
    """Words before a command that sees a disk of its own in a folder."""
    return ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o {options} none {folder} && exec "$@"', "sh"]


NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@contextlib.contextmanager
def of_somebody_else(spool, intake):
    # Nothing is closed to root.
    words = []
    if os.geteuid() == 0:
        if subprocess.run([*NOBODY, "test", "-x", BINARY]).returncode:
            pytest.skip(f"nobody may run {BINARY}")
        words = ["sh", "-c", 'chown -R 65534:65534 . && exec "$@"', "sh", *NOBODY]
    spool.parent.chmod(0o555)
    yield words, "Permission denied"
    spool.parent.chmod(0o700)


@contextlib.contextmanager
def read_only(spool, intake):
    yield mounted(spool.parent, "ro"), "Read-only file system"


@contextlib.contextmanager
def a_file(spool, intake):
    spool.write_text("")
    yield [], "Not a directory"


@contextlib.contextmanager
def of_another_agent(spool, intake):
    with agent_over(spool, intake) as other:
        post(other.port, [OF_THE_OTHER])
        wait_until(spool.exists, 10, "the other agent to have the folder")
        yield [], "another agent uses this folder"


OF_THE_OTHER = 1


@pytest.mark.parametrize("unusable", [
    of_somebody_else, pytest.param(read_only, marks=needs_mounts), a_file, of_another_agent], ids=lambda way: way.__name__)
def test_a_folder_that_cannot_be_written_is_said_once_and_costs_nothing_else(unusable, spool):
    with Intake() as intake:
        intake.fault("status=503")
        with unusable(spool, intake) as (command, words), agent_over(spool, intake, command=command) as agent:
            answered = post(agent.port, range(101, 201))
            wait_until(lambda: words in agent.text(), 10, f"{words!r} in the log")
            answered |= post(agent.port, range(201, 301))
            wait_until(lambda: agent.ask("info")["sent"]["retries"] >= 2, 20, "further attempts")
            info = agent.ask("info")
            assert info["lost"] == {} and info["spooled"]["payloads"] == 0
            intake.fault("status=0")
            assert lost_traces(settle(agent)) == 0
            assert_each_came_once(intake, answered, unanswered={OF_THE_OTHER})
            assert agent.text().count("cannot be kept on disk") == 1, agent.text()
            assert agent.stop() == 0, agent.text()


def stopped(agent):
    """(lost, left on disk): traces, as the agent's last line says."""
    last = agent.text().splitlines()[-1]
    lost, left = re.search(r"lost (\d+)", last), re.search(r"left (\d+) on disk", last)
    assert lost, agent.text()
    return int(lost[1]), int(left[1]) if left else 0


def test_what_can_be_kept_nowhere_is_counted_at_the_end(spool):
    spool.write_text("")
    with Agent(intake=free_port(), configuration=QUICK_WRITER, DD_LOCAL_SPOOL=spool) as agent:
        answered = post(agent.port, range(1, 101))
        wait_until(lambda: agent.ask("info")["sent"]["retries"], 20, "an attempt to fail")
        assert agent.stop() == 0, agent.text()
        assert stopped(agent) == (len(answered), 0)


@contextlib.contextmanager
def small_disk(folder, size):
    """A disk that several agents see one after the other: those with these words before their commands."""
    mount = f"mount -t tmpfs -o size={size} none {folder} && echo && exec sleep infinity"
    with subprocess.Popen(["unshare", "-m", "sh", "-c", mount], stdout=subprocess.PIPE) as keeper:
        try:
            assert keeper.stdout.readline(), "no disk"
            yield ["nsenter", "--target", str(keeper.pid), "--mount", "--"]
        finally:
            keeper.kill()


@needs_mounts
def test_what_a_full_disk_has_taken_is_sent_by_the_next_agent_and_the_rest_is_counted(spool):
    # Both hold some payloads of 25 kB.
    memory_bytes, disk = 65_536, "64k"
    answered, ids = set(), itertools.count(1)
    with Intake() as intake, small_disk(spool.parent, disk) as inside:
        intake.fault("status=503")
        with agent_over(spool, intake, command=inside, DD_APM_CONFIG_TRACE_WRITER_QUEUE_MAX_BYTES=memory_bytes) as agent:
            def finished():
                info = agent.ask("info")
                return info["queued"]["payloads"] + sum(row["payloads"] for row in info["lost"].values())
            while not lost_traces(agent.ask("info"), "queue_full"):
                before = finished()
                answered |= post(agent.port, [next(ids) for _ in range(16)], one=os.urandom(12_000).hex(),
                                 another=os.urandom(12_000).hex())
                wait_until(lambda: finished() > before, 10, "another payload")
            assert_accounts_balance(agent)
            assert agent.ask("info")["spooled"]["traces"] > 0
            assert agent.stop() == 0, agent.text()
            lost, left = stopped(agent)
            assert lost + left == len(answered) and left > 0
        intake.fault("status=0")
        with agent_over(spool, intake, command=inside) as following:
            info = settle(following)
            assert info["restored"]["traces"] == left and lost_traces(info) == 0
            assert_each_came_once(intake, answered, lost=lost)
            assert following.stop() == 0, following.text()


def test_the_oldest_on_disk_give_way_when_there_are_too_many(spool):
    """At most so many bytes are there, and the newest arrive."""
    bytes_max, answered = 16_000_000, set()
    # 200 kB of each are left when it is compressed.
    tags = {f"tag{number}": os.urandom(10_000).hex() for number in range(20)}
    with Intake() as intake, agent_over(spool, intake, DD_LOCAL_SPOOL_MAX=bytes_max) as agent:
        intake.fault("status=503")
        for id in range(1, 121):
            answered |= post(agent.port, [id], **tags, own=os.urandom(10_000).hex())
            assert soak_flapping.bytes_in(spool) <= bytes_max
        wait_until(lambda: lost_traces(agent.ask("info"), "spool_full"), 20, "the disk to be full")
        intake.fault("status=0")
        lost = assert_each_came_once(intake, answered, lost=lost_traces(settle(agent), "spool_full"))
        assert 0 < len(lost) < 80 and max(lost) < 80, lost
        assert agent.stop() == 0, agent.text()


def test_nothing_is_lost_while_descriptors_are_exhausted(spool):
    """Neither the intake can be reached then, nor can a file be written."""
    with Intake() as intake, agent_over(spool, intake) as agent, SteadyClients(agent.port, 2, pause=0.02) as clients:
        wait_until(lambda: intake.counts()["requests"], 10, "traces to arrive")
        # Whatever lies below stays open: nothing new finds a number.
        used = {int(name) for name in os.listdir(f"/proc/{agent.child.pid}/fd")}
        limit = next(number for number in itertools.count() if number not in used)
        soft, hard = resource.prlimit(agent.child.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(agent.child.pid, resource.RLIMIT_NOFILE, (limit, hard))
        # Closes its connections too.
        intake.fault("refuse_s=1")
        wait_until(lambda: "Too many open files" in agent.text(), 20, "files that cannot be opened")
        before = len(clients.answered)
        wait_until(lambda: len(clients.answered) > before + 200, 20, "clients to be answered all the same")
        resource.prlimit(agent.child.pid, resource.RLIMIT_NOFILE, (soft, hard))
        clients.finish()
        info = settle(agent)
        assert lost_traces(info) == 0 and info["sent"]["retries"] > 0
        assert_each_came_once(intake, clients.answered)
        assert agent.stop() == 0, agent.text()


def test_a_clock_that_is_set_forward_and_back_amid_an_outage_loses_nothing(spool, tmp_path):
    """Nor does an agent that finds payloads of a time to come on disk."""
    hour, year = 3600, 365 * 86_400
    clock = Clock(tmp_path, wall_only=True)
    options = {**clock.variables, "DD_LOCAL_DB": "memory"}
    with Intake() as intake:
        intake.fault("status=503")
        with agent_over(spool, intake, **options) as agent, SteadyClients(agent.port, 2, pause=0.02) as clients:
            for ahead in (0, 2 * hour, -2 * hour, 2 * year, 0):
                clock.set(ahead)
                before = agent.ask("info")["spooled"]["traces"]
                wait_until(lambda: agent.ask("info")["spooled"]["traces"] > before, 10, "more to be on disk")
            intake.fault("status=0")
            wait_until(lambda: agent.ask("info")["spooled"]["traces"] == 0, 20, "the disk to be empty")
            intake.fault("status=503")
            clock.set(year)
            wait_until(lambda: agent.ask("info")["spooled"]["traces"], 20, "more to be on disk")
            clients.finish()
            assert_accounts_balance(agent)
            assert agent.stop() == 0, agent.text()
            lost, left = stopped(agent)
            assert lost == 0 and left > 0
        intake.fault("status=0")
        clock.set(-hour)
        with agent_over(spool, intake, **options) as following:
            info = settle(following)
            assert info["restored"]["traces"] == left and lost_traces(info) == 0
            assert_each_came_once(intake, clients.answered)
            assert following.stop() == 0, following.text()
        # Those of the first agent waited on disk, too.
        assert intake.received().statistics["hits"] == HITS_EACH * len(clients.answered)


# By hand: ROOST_STOP_SECONDS=60. Past 10 s an agent takes an intake for one that hangs.
STOP_SECONDS = int(os.environ.get("ROOST_STOP_SECONDS", "2"))


def test_an_agent_that_stands_still_for_a_while_loses_nothing(spool):
    with Intake() as intake, agent_over(spool, intake) as agent, SteadyClients(agent.port, 2, pause=0.02) as clients:
        wait_until(lambda: len(clients.answered) > 100, 10, "some load")
        agent.child.send_signal(signal.SIGSTOP)
        stats = list(pathlib.Path(f"/proc/{agent.child.pid}/task").glob("*/stat"))
        wait_until(lambda: all(" T " in path.read_text() for path in stats), 10, "all threads to stand still")
        with pytest.raises(TimeoutError):
            post(agent.port, [1], timeout=STOP_SECONDS)
        agent.child.send_signal(signal.SIGCONT)
        answered = post(agent.port, [2])
        clients.finish()
        assert lost_traces(settle(agent)) == 0
        assert_each_came_once(intake, clients.answered | answered, unanswered=clients.sent | {1})
        assert agent.stop() == 0, agent.text()


def test_an_intake_that_stands_still_for_a_while_gets_everything(spool):
    with Intake() as intake, agent_over(spool, intake) as agent:
        answered = post(agent.port, range(1, 101))
        wait_until(lambda: intake.counts()["requests"], 10, "traces to arrive")
        intake.child.send_signal(signal.SIGSTOP)
        try:
            answered |= post(agent.port, range(101, 201))
            attempts = STOP_SECONDS // 10
            wait_until(lambda: agent.ask("info")["sent"]["retries"] >= attempts if attempts else
                       agent.ask("info")["intake"]["troubles"], STOP_SECONDS + 20, "the silence to be seen")
        finally:
            intake.child.send_signal(signal.SIGCONT)
        assert lost_traces(settle(agent)) == 0
        # It reads then what was sent to it meanwhile.
        assert_each_came_once(intake, answered, times=1 + STOP_SECONDS // 10)
        assert agent.stop() == 0, agent.text()


UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("way", [Way(answer=UNAVAILABLE), Way(swallows=True)], ids=["answers 503", "hangs"])
def test_a_stop_amid_load_and_outage_leaves_all_that_was_answered_to_the_next_agent(way, spool):
    with Intake() as intake, Relay(intake.port, way) as relay:
        with agent_over(spool, relay) as agent, SteadyClients(agent.port) as clients:
            wait_until(lambda: len(clients.answered) > 2000, 30, "some load")
            assert agent.stop() == 0, agent.text()
            clients.finish()
            lost, left = stopped(agent)
        assert lost == 0 and left >= len(clients.answered) and intake.received().spans == 0
        relay.turn(THROUGH)
        with agent_over(spool, relay) as following:
            info = settle(following)
            assert info["restored"]["traces"] == left and lost_traces(info) == 0
            assert_each_came_once(intake, clients.answered, unanswered=clients.sent)
            assert following.stop() == 0, following.text()


def test_a_short_soak_with_an_intake_that_comes_and_goes(payloads):
    # How flat memory is shows over minutes: `make flapping`.
    # One that refuses the key is left alone for up to a minute.
    faults = [fault for fault in soak_flapping.FAULTS if fault != "status=403"]
    soak_flapping.run(Templates(payloads, "kept"), seconds=8, seed=1, faults=faults)
