"""All that hostile clients do, at once, beside real ones: `make soak`, or SOAK_SECONDS=60 SOAK_SEED=7 make soak.

Throughout, whole requests of well-behaved clients are answered 200 and within 100 ms, unless a plain server is late then,
too, and memory stays below its limit; in the end what came in is accounted for, every trace of a real tracer is counted, and memory is what it was before.
"""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

import msgpack

import hostile
from agent import Agent, Intake
from processes import APPS, clean_environment, wait_until

PROMPT_SECONDS = 0.1
# What nobody waits for, whatever else the machine does: the time that those who hold the places have.
LATEST_SECONDS = 5
# No answer to a client that did not get on for so long between connecting and sending: while all places are taken, and
# those who hold them come back at once, an agent cannot tell it from one of them, and closes the longest silent.
HELD_UP, HELD_UP_SECONDS = "none, and sent late", 0.02
# Of all answers may be late while a plain server is late, too.
LATE_SHARE = 0.01
# `apm_config.max_memory`, unless it is set.
MEMORY_MAX_MB = 500_000_000 / (1 << 20)
REAL_SERVICE = "real-client"
# How long ddtrace waits for an answer, and how often it sends the same at most.
TRACER_SECONDS, TRACER_ATTEMPTS = 2, 3


def probe(port, seconds, plain_port):
    """A client that sends a small trace every 20 ms, each on a connection of its own, and the same to a plain server, which
    nobody attacks; prints what came of it."""
    sent = hostile.request(msgpack.packb([hostile.spans(3, 1, service="probe")]), "Connection: close")
    times, plain, late, answers, start = [], [], [], {}, time.monotonic()
    end = start + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        moment = []
        try:
            answer = hostile.status(hostile.exchange(port, sent, 10, lambda: moment.append(time.monotonic())))
        except OSError as failure:
            answer = type(failure).__name__
        times.append(time.monotonic() - began)
        if times[-1] > PROMPT_SECONDS:
            late.append((began - start, times[-1]))
        if answer is None and moment and moment[0] - began >= HELD_UP_SECONDS:
            answer = HELD_UP
        answers[answer] = answers.get(answer, 0) + 1
        began = time.monotonic()
        hostile.exchange(plain_port, sent, 10)
        plain.append(time.monotonic() - began)
        time.sleep(0.02)
    print(json.dumps({"times": times, "plain": plain, "late": late, "answers": answers}))


def attack(port, seconds, seed, connections):
    """Everything of `hostile` at once; prints the answers."""
    with contextlib.ExitStack() as stack:
        for opening in hostile.Squatters.OPENINGS:
            stack.enter_context(hostile.Squatters(port, connections // 3, opening, comes_back=True))
        senders = stack.enter_context(hostile.Senders(port, 2, seed))
        end, large = time.monotonic() + seconds, []
        while time.monotonic() < end:
            with hostile.LargeBodies(port, 12, megabytes=8) as bodies:
                time.sleep(min(2, max(0, end - time.monotonic())))
            large += bodies.statuses
        # What still comes in after this is not counted.
        answers = {**senders.answers, "a large body": {status: large.count(status) for status in set(large)}}
    print(json.dumps({name: {str(answer): count for answer, count in counts.items()} for name, counts in answers.items()}))


def run(seconds, seed, clients=2, tracer=None, settles=False, judges_lateness=True):
    """Attacks an agent for so long; raises what is not as it has to be, and gives an account of the rest."""
    places = 120
    # The intake is a server of one thread in C: a second one is as prompt as anything can be on this machine.
    with Intake() as intake, Intake() as plain, Agent(intake=intake.port, DD_APM_MAX_CONNECTIONS=places) as agent:
        before = agent.resident_mb()
        def part(name, *arguments):
            return subprocess.Popen([sys.executable, __file__, name, str(agent.port), str(seconds), *map(str, arguments)],
                                    stdout=subprocess.PIPE, text=True)
        probes = [part("probe", plain.port) for _ in range(clients)]
        attackers = part("attack", seed, places)
        real, end = 0, time.monotonic() + seconds
        while tracer and time.monotonic() < end:
            subprocess.run([tracer / "python", APPS / "named_job.py", REAL_SERVICE], check=True, timeout=60,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}"))
            real += 1
        accounts = [json.loads(child.communicate(timeout=seconds + 120)[0]) for child in probes]
        answers = json.loads(attackers.communicate(timeout=120)[0])
        times = sorted(time for account in accounts for time in account["times"])
        late = [time for time in times if time > PROMPT_SECONDS]
        moments = sorted((round(at, 1), round(time, 3)) for account in accounts for at, time in account["late"])
        plain_late = [time for account in accounts for time in account["plain"] if time > PROMPT_SECONDS]
        assert all({"200"} <= set(account["answers"]) <= {"200", HELD_UP} for account in accounts), \
            ([one["answers"] for one in accounts], f"{len(late)} of {len(times)} late, {len(plain_late)} plain ones")
        held_up = sum(account["answers"].get(HELD_UP, 0) for account in accounts)
        assert held_up <= LATE_SHARE * len(times), f"{held_up} of {len(times)} were held up before they sent"
        assert times[-1] < LATEST_SECONDS, f"one waited {times[-1]:.3f} s"
        # Those who attack take their part of the same cores, and everybody may wait for one.
        if judges_lateness:
            assert not late or plain_late, f"{len(late)} of {len(times)} were late, the worst {times[-1]:.3f} s: {moments}"
            assert len(late) <= LATE_SHARE * len(times), f"{len(late)} of {len(times)} were late beside {len(plain_late)} plain"
        # Those who attack may be thrown out before they are answered; what they get is what they have to get.
        statuses = {name: {answer for answer in counts if answer.isdigit()} for name, counts in answers.items()}
        assert statuses["a page"] == {"403"} and statuses["a broken head"] == {"400"}, answers
        # A machine on which nobody gets on does not send 8 MB in time either.
        is_starved = times[-1] > TRACER_SECONDS
        assert {"200"} <= statuses["a large body"] <= {"200", "429", *(["408"] if is_starved else [])}, answers
        # Those who attack name services of their own, and more resources than have rows.
        if real:
            hits, errors = agent.services().get(REAL_SERVICE, (0, 0))
            # A tracer sends again what was not answered in its time, and may have been counted.
            most = real * (TRACER_ATTEMPTS if is_starved else 1)
            assert real <= hits <= most and errors == 0, f"{hits} hits with {errors} errors of {real} traces"

        # What is sent just now may be counted at one place and not yet at the next.
        info = {}
        with contextlib.suppress(AssertionError):
            wait_until(lambda: info.update(agent.ask("info")) or not differences(info), 20, "the ledger to balance")
        assert not differences(info), (differences(info), info)
        assert info["refused"]["cross_site"] >= answers["a page"]["403"], info["refused"]
        peak = peak_mb(agent)
        assert peak < 1.1 * MEMORY_MAX_MB, f"{peak:.0f} MB were resident at some moment"
        memory = None
        if settles:
            memory = wait_until(lambda: agent.resident_mb() < before * 1.5 + 8 and agent.resident_mb(), 180,
                                f"memory to come down to {before:.0f} MB again")
        began = time.monotonic()
        assert agent.stop() == 0 and time.monotonic() - began < 5
    return {"requests": len(times), "median_ms": times[len(times) // 2] * 1000, "worst_ms": times[-1] * 1000,
            "late": len(late), "late_at_s": moments, "late_plain": len(plain_late), "held_up": held_up, "answers": answers, "traces_of_ddtrace": real, "memory_before_mb": before,
            "memory_peak_mb": peak, "memory_after_mb": memory, "gave_way": info["connections"]["gave_way"]}


def differences(info):
    """Traces that came in and of which nothing says what became of them, and those that were kept and neither sent nor lost
    nor are waiting; nothing where all is accounted for."""
    total = lambda reasons: sum(row["traces"] for row in info[reasons].values())
    kept = info["kept"]["traces"]
    sums = {"received": info["received"]["traces"] - kept - total("dropped"),
            "kept": kept - info["sent"]["traces"] - info["queued"]["traces"] - total("lost")}
    return {name: difference for name, difference in sums.items() if difference}


def peak_mb(agent):
    """The most memory that was ever resident (Linux)."""
    lines = pathlib.Path(f"/proc/{agent.child.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["probe"]:
        probe(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["attack"]:
        attack(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    else:
        import environments
        tracer = environments.environment(environments.Client("4.16", "3.13")) / "bin"
        account = run(float(os.environ.get("SOAK_SECONDS") or 600), int(os.environ.get("SOAK_SEED") or time.time()),
                      tracer=tracer, settles=True)
        print(json.dumps(account, indent=2))
