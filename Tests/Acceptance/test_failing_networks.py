"""What stands between agent and intake resets, hangs, drips, refuses, or speaks a TLS that is no good: each trace that was
answered 200 arrives once when that is over, or is counted."""
import contextlib
import itertools
import json
import os
import shutil
import ssl
import subprocess
import time

import pytest

from agent import API_KEY, Agent, Intake
from certificates import Authority, self_signed
from clocks import Clock
from ledger import assert_accounts_balance, assert_each_came_once, lost_traces, settle
from loads import Templates, post
from processes import wait_until
from relay import THROUGH, Relay, Way, server
from test_durability import assert_arrived_once
from test_forwarding import QUICK_WRITER

pytestmark = pytest.mark.linux

REQUESTS = 40


def agent_behind(relay, spool, **options):
    return Agent(intake=relay.port, configuration=QUICK_WRITER, DD_LOCAL_SPOOL=spool, **options)


def retries(agent):
    return agent.ask("info")["sent"]["retries"]


@pytest.mark.parametrize("way", [Way(cut_after=100), Way(cut_after=20_000)], ids=["in the head", "in the body"])
def test_what_was_cut_off_on_its_way_arrives_once(way, spool, payloads):
    templates = Templates(payloads, "kept")
    expected = templates.expected(REQUESTS)
    with Intake() as intake, Relay(intake.port, way) as relay, agent_behind(relay, spool) as agent:
        templates.send(agent.port, REQUESTS, 4)
        wait_until(lambda: retries(agent) >= 2, 20, "two attempts to fail")
        assert intake.received().spans == 0
        relay.turn(THROUGH)
        assert_arrived_once(intake, expected)
        assert lost_traces(settle(agent)) == 0
        assert agent.stop() == 0, agent.text()
    assert not list(spool.rglob("*.segment"))


@pytest.mark.parametrize("bytes_passed, times", [(10, 2), (40, 1)], ids=["in its status", "behind its status"])
def test_an_answer_that_breaks_off_counts_when_its_status_has_come(bytes_passed, times, spool):
    """Before that nobody can know what became of the request: it is sent again, so that nothing is lost."""
    with Intake() as intake, Relay(intake.port, Way(cut_answer_after=bytes_passed)) as relay, \
            agent_behind(relay, spool) as agent:
        answered = post(agent.port, range(1, 101))
        if times > 1:
            wait_until(lambda: retries(agent), 20, "an attempt to fail")
        else:
            assert settle(agent)["sent"]["retries"] == 0
        relay.turn(THROUGH)
        assert settle(agent)["sent"]["traces"] == len(answered)
        arrived = intake.received().traces
        assert arrived.keys() == answered and min(arrived.values()) >= times and (times > 1 or max(arrived.values()) == 1)
        assert agent.stop() == 0, agent.text()


@pytest.mark.parametrize("way", [Way(rate=30_000), Way(answer_rate=50)], ids=["to the intake", "of the answer"])
def test_a_slow_drip_is_waited_for(way, spool, payloads):
    """What is under way for more than a second is on disk meanwhile, and is not sent from there as well."""
    templates = Templates(payloads, "kept")
    with Intake() as intake, Relay(intake.port, way) as relay, agent_behind(relay, spool) as agent:
        templates.send(agent.port, REQUESTS, 4)
        wait_until(spool.exists, 20, "something to be on disk")
        assert_arrived_once(intake, templates.expected(REQUESTS))
        info = settle(agent)
        assert info["sent"]["retries"] == 0 and info["lost"] == {}
        wait_until(lambda: not list(spool.rglob("*.segment")), 20, "the disk to be empty")
        relay.turn(THROUGH)
        assert agent.stop() == 0, agent.text()


# By hand: so many minutes for real, not on a clock that is put ahead.
REAL_MINUTES = int(os.environ.get("ROOST_HANG_MINUTES", "0"))
# Longer than payloads may wait in memory.
STEPS, STEP_SECONDS = (REAL_MINUTES * 2, 30) if REAL_MINUTES else (4, 240)
# A failing intake is left alone for so long at most.
PAUSE_SECONDS = 10


def test_what_an_intake_that_hangs_for_a_quarter_of_an_hour_did_not_take_arrives_once(spool, tmp_path):
    """Whether it says nothing at all or hardly gets on."""
    clock, answered, ids = Clock(tmp_path), set(), itertools.count(1)
    with Intake() as intake, Relay(intake.port) as relay, agent_behind(relay, spool, **clock.variables) as agent:
        def wait(seconds):
            """Lets time pass, and has the forwarder look at the clock, which it does when something comes."""
            if REAL_MINUTES:
                end = time.monotonic() + seconds
                wait_until(lambda: time.monotonic() > end, seconds + 1, "the time to pass")
            else:
                clock.forward(seconds)
            answered.update(post(agent.port, [next(ids) for _ in range(10)]))

        for step in range(STEPS):
            relay.turn([Way(swallows=True), Way(rate=5)][step % 2])
            before, came = retries(agent), relay.connections
            wait(PAUSE_SECONDS)
            wait_until(lambda: relay.connections > came, 20, "an attempt to send")
            wait(STEP_SECONDS)
            wait_until(lambda: retries(agent) > before, 20, "that attempt to be given up")
        assert agent.ask("info")["queued"]["traces"] == len(answered) and intake.received().spans == 0
        relay.turn(THROUGH)
        wait(PAUSE_SECONDS)
        assert lost_traces(settle(agent)) == 0
        assert_each_came_once(intake, answered)
        assert agent.stop() == 0, agent.text()


def test_what_waits_in_memory_for_a_quarter_of_an_hour_is_given_up_and_counted(tmp_path):
    clock = Clock(tmp_path)
    with Intake() as intake, Relay(intake.port, Way(cut_after=1)) as relay, \
            agent_behind(relay, "off", **clock.variables) as agent:
        old = post(agent.port, range(1, 101))
        wait_until(lambda: retries(agent), 20, "an attempt to fail")
        clock.forward(901)
        wait_until(lambda: lost_traces(agent.ask("info"), "too_old") == len(old), 20, "the old ones to be given up")
        relay.turn(THROUGH)
        new = post(agent.port, range(101, 201))
        clock.forward(15)
        assert assert_each_came_once(intake, old | new, lost=lost_traces(settle(agent), "too_old")) == old
        assert agent.stop() == 0, agent.text()


def test_an_intake_that_asks_for_time_is_left_alone_for_so_long(spool):
    busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"
    with Intake() as intake, Relay(intake.port, Way(answer=busy)) as relay, agent_behind(relay, spool) as agent:
        answered = post(agent.port, range(1, 101))

        def times():
            return [at for path, at in relay.answered if path == "/api/v0.2/traces"]
        wait_until(lambda: len(times()) == 3, 20, "three attempts")
        first, second, third = times()
        assert second - first >= 2 and third - second >= 2, times()
        relay.turn(THROUGH)
        assert lost_traces(settle(agent)) == 0
        assert_each_came_once(intake, answered)
        assert agent.stop() == 0, agent.text()


def troubles(agent):
    """{address of an intake: why it does not take traces}"""
    return {row["endpoint"]: row["text"] for row in agent.ask("info")["intake"]["troubles"] if row["payloads"] == "traces"}


def with_intakes(stack, contexts):
    """For each TLS server of `contexts` a relay and its intake, and what makes them an agent's additional endpoints."""
    pairs = {}
    for name, context in contexts.items():
        intake = stack.enter_context(Intake())
        pairs[name] = stack.enter_context(Relay(intake.port, tls=context)), intake
    endpoints = {f"https://localhost:{relay.port}": [API_KEY[::-1]] for relay, _ in pairs.values()}
    return pairs, json.dumps(endpoints)


def test_an_intake_with_a_bad_certificate_gets_nothing_until_it_has_a_good_one(spool, tmp_path):
    """Not even the key; and other intakes get everything meanwhile."""
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    files = {
        "self-signed": self_signed(tmp_path),
        "issuer": stranger.issue("unknown"),
        "expired": authority.issue("old", days=-1),
        "name": authority.issue("other", host="other.example"),
    }
    contexts = {fault: server(*pair) for fault, pair in files.items()}
    with contextlib.ExitStack() as stack:
        pairs, endpoints = with_intakes(stack, contexts)
        well = stack.enter_context(Intake())
        agent = stack.enter_context(Agent(
            intake=well.port, configuration=QUICK_WRITER, DD_LOCAL_SPOOL=spool, DD_APM_ADDITIONAL_ENDPOINTS=endpoints,
            SSL_CERT_FILE=authority.certificate))
        answered = post(agent.port, range(1, 101))
        wait_until(lambda: len(troubles(agent)) == len(files), 20, "all of them to be in trouble")
        for fault, (relay, _) in pairs.items():
            assert fault in troubles(agent)[f"https://localhost:{relay.port}"], troubles(agent)
            assert relay.bytes_said == 0
        wait_until(lambda: well.received().traces.keys() == answered, 20, "the other intake to have everything")
        assert agent.ask("info")["lost"] == {}
        assert_accounts_balance(agent, 1 + len(files))
        good = authority.issue("good")
        for context in contexts.values():
            context.load_cert_chain(*good)
        answered |= post(agent.port, range(101, 201))
        # Here the pauses between attempts pass for real: a clock put ahead would also end an attempt that just succeeds.
        assert lost_traces(settle(agent, 1 + len(files))) == 0
        for _, intake in [*pairs.values(), (None, well)]:
            assert_each_came_once(intake, answered)
        assert agent.stop() == 0, agent.text()
        assert API_KEY[::-1] not in agent.text()


def test_a_missing_file_of_certificates_does_not_keep_anything_from_the_intake(spool):
    missing = spool.parent / "ca.pem"
    with Intake() as intake, Agent(intake=intake.port, configuration=QUICK_WRITER, SSL_CERT_FILE=missing) as agent:
        assert agent.text().count(f"the certificates in {missing} cannot be read (No such file or directory)") == 1
        answered = post(agent.port, range(1, 101))
        settle(agent)
        assert_each_came_once(intake, answered)
        assert agent.stop() == 0, agent.text()


def test_an_authority_in_a_folder_is_trusted_as_one_in_a_file_is(spool, tmp_path):
    authority, folder = Authority(tmp_path), tmp_path / "authorities"
    folder.mkdir()
    shutil.copy(authority.certificate, folder)
    subprocess.run(["openssl", "rehash", folder], check=True)
    with contextlib.ExitStack() as stack:
        pairs, endpoints = with_intakes(stack, {"own": server(*authority.issue("good"))})
        well = stack.enter_context(Intake())
        agent = stack.enter_context(Agent(
            intake=well.port, configuration=QUICK_WRITER, DD_LOCAL_SPOOL=spool, DD_APM_ADDITIONAL_ENDPOINTS=endpoints,
            SSL_CERT_DIR=f"/none/at/all:{folder}"))
        answered = post(agent.port, range(1, 101))
        settle(agent, 2)
        for intake in (pairs["own"][1], well):
            assert_each_came_once(intake, answered)
        assert agent.stop() == 0, agent.text()


OLD_TLS = """openssl_conf = main
[main]
ssl_conf = ssl
[ssl]
system_default = old
[old]
CipherString = DEFAULT:@SECLEVEL=0
"""
VERSIONS = [ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("oldest", [1, 2, 3], ids="TLS 1.{}".format)
def test_no_older_tls_than_configured_is_spoken(oldest, spool, tmp_path):
    """Also where this machine's OpenSSL would speak it."""
    files = self_signed(tmp_path)
    (tmp_path / "openssl.cnf").write_text(OLD_TLS)
    with contextlib.ExitStack() as stack:
        pairs, endpoints = with_intakes(stack, {
            number: server(*files, version, version) for number, version in enumerate(VERSIONS, start=1)})
        well = stack.enter_context(Intake())
        # 1.2 is the default.
        least = {} if oldest == 2 else {"DD_MIN_TLS_VERSION": f"tlsv1.{oldest}"}
        agent = stack.enter_context(Agent(
            intake=well.port, configuration=QUICK_WRITER, OPENSSL_CONF=tmp_path / "openssl.cnf", DD_LOCAL_SPOOL=spool,
            DD_SKIP_SSL_VALIDATION="true", DD_APM_ADDITIONAL_ENDPOINTS=endpoints, **least))
        answered = post(agent.port, range(1, 101))
        spoken = {number: pair for number, pair in pairs.items() if number >= oldest}
        for _, intake in spoken.values():
            wait_until(lambda: intake.received().traces.keys() == answered, 20, "the traces to arrive")
            assert_each_came_once(intake, answered)
        refused = {f"https://localhost:{relay.port}" for number, (relay, _) in pairs.items() if number < oldest}
        wait_until(lambda: troubles(agent).keys() == refused, 20, "the others to be in trouble")
        assert all(relay.bytes_said == 0 for number, (relay, _) in pairs.items() if number < oldest)
        assert_accounts_balance(agent, 1 + len(pairs))
        assert agent.ask("info")["queued"]["traces"] == len(refused) * len(answered)
        assert agent.stop() == 0, agent.text()
