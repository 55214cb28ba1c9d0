"""20,000 spans a second to an intake that comes and goes: `make flapping`, or SOAK_SECONDS=60 SOAK_SEED=7 make flapping.

In the end each trace that was answered 200 has come to the intake once, or is counted as given up for want of space; what
waited on disk took no more than it may, and memory is where it was.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import ledger
from agent import BENCHMARKS, Agent, Intake, short_folder
from loads import Templates
from processes import wait_until
from soak import peak_mb

SPANS_PER_SECOND, SPANS_PER_REQUEST = 20_000, 100
# Each is over with `CURE`. What an intake has taken in any of them it has also answered.
FAULTS = ("status=503", "status=429", "status=408", "status=403", "p5xx=50", "reset=100", "reset=30", "hang=1",
          "delay_ms=1500", "refuse_s={seconds}")
CURE = "status=0&p5xx=0&reset=0&hang=0&delay_ms=0"
# The least that may be set; ten minutes with long outages come to its end.
SPOOL_BYTES_MAX = 16_000_000
MEMORY_MAX_MB = 64
# How much the second half may take beyond the first one.
MEMORY_GROWTH_MB = 4


def run(templates, seconds, seed, faults=FAULTS):
    """Raises what is not as it has to be, and gives an account of the rest."""
    chance, spool = random.Random(seed), short_folder()
    requests = seconds * SPANS_PER_SECOND // SPANS_PER_REQUEST
    requests -= requests % len(templates.stems)
    memory, disk, outages = [], [0], []
    with Intake() as intake, Agent(
            intake=intake.port, configuration="apm_config:\n  trace_writer:\n    flush_period_seconds: 1\n",
            DD_LOCAL_SPOOL=spool / "spool", DD_LOCAL_SPOOL_MAX=SPOOL_BYTES_MAX) as agent:
        load = subprocess.Popen(
            [str(part) for part in (BENCHMARKS / "load", "-p", agent.port, "-P", templates.path, "-c", 8, "-n", requests,
                                    "-d", 10 * seconds, "-r", SPANS_PER_SECOND, *templates.stems)],
            stdout=subprocess.PIPE, text=True)
        try:
            while load.poll() is None:
                length = chance.uniform(0.5, max(1, seconds / 10))
                fault = chance.choice(faults).format(seconds=max(1, int(length)))
                outages.append(fault)
                for query, part in ((fault, length), (CURE, chance.uniform(0.2, 1) * length)):
                    intake.fault(query)
                    end = time.monotonic() + part

                    def is_over():
                        memory.append(agent.resident_mb())
                        disk.append(bytes_in(spool))
                        return load.poll() is not None or time.monotonic() > end
                    wait_until(is_over, part + 30, "the next fault")
        finally:
            load.kill()
            said = load.communicate()[0]
        account = json.loads(said)
        assert account["status"] == {"200": requests} and not any(account["errors"].values()), account
        intake.fault(CURE)
        info = ledger.settle(agent, seconds=120)
        sent = templates.expected(requests)
        assert (info["received"]["traces"], info["received"]["spans"]) == (sent["traces_kept"], sent["spans_kept"]), info
        assert info["kept"]["spans"] == sent["spans_kept"] and info["dropped"] == {}
        lost = ledger.lost_traces(info, "spool_full", "queue_full")
        peak, half = peak_mb(agent), len(memory) // 2
        began = time.monotonic()
        assert agent.stop() == 0 and time.monotonic() - began < 5, agent.text()
        arrived = intake.received()
    assert set(arrived.traces.values()) == {1}, "a trace came more than once"
    assert len(arrived.traces) == sent["traces_kept"] - lost
    assert arrived.spans == sent["spans_kept"] - sum(row["spans"] for row in info["lost"].values())
    lost_statistics = [reason for reason in info["lost"] if reason.startswith("stats_")]
    assert lost_statistics or arrived.statistics["hits"] == sent["hits"]
    assert max(disk) <= SPOOL_BYTES_MAX and bytes_in(spool) == 0, f"{max(disk)} bytes were on disk"
    assert peak < MEMORY_MAX_MB, f"{peak:.0f} MB were resident at some moment"
    return {"spans": arrived.spans, "outages": outages, "retries": info["sent"]["retries"], "lost": info["lost"],
            "disk_bytes_max": max(disk), "memory_peak_mb": round(peak, 1),
            "memory_halves_mb": [round(max(part), 1) for part in (memory[:half], memory[half:])]}


def bytes_in(folder):
    """What the files take. One that goes away meanwhile takes nothing."""
    total = 0
    for path in folder.rglob("*.segment"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            pass
    return total


def assert_memory_is_flat(account):
    first, second = account["memory_halves_mb"]
    assert second <= first + MEMORY_GROWTH_MB, f"{first} MB in the first half, {second} MB in the second"


if __name__ == "__main__":
    folder = tempfile.TemporaryDirectory(prefix="roost-soak-")
    subprocess.run([sys.executable, BENCHMARKS / "gen_payloads.py", "--out", folder.name, "--profile", "flask", "--spans",
                    str(SPANS_PER_REQUEST), "--versions", "v04", "--name", "kept"], check=True, stdout=subprocess.DEVNULL)
    seed = int(os.environ.get("SOAK_SEED") or time.time())
    print(f"seed {seed}", flush=True)
    account = run(Templates(pathlib.Path(folder.name), "kept"), int(os.environ.get("SOAK_SECONDS") or 600), seed)
    print(json.dumps(account, indent=2))
    assert_memory_is_flat(account)
