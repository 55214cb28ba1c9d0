"""Statistics that outlive the agent: restarts, sudden deaths, and disks that do not take them."""
import json
import os
import subprocess

import pytest

from agent import BINARY, Agent
from loads import Templates
from processes import clean_environment, wait_until

pytestmark = pytest.mark.linux

# A bucket that closes soon: a second wide, so written two to three seconds after its hits.
QUICK = "apm_config:\n  bucket_size_seconds: 1\n"
REQUESTS = 40
DEATHS = 5


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
        assert agent.ask("info")["store"]["lost_buckets"] == 0
        assert agent.stop() == 0
    assert read(file, "--since", "7d") == {service: 2 * hits for service, hits in counted.items()}


def test_a_file_survives_sudden_deaths(payloads, file):
    """Killed while buckets are written: the file opens each time, and holds whole buckets only."""
    load = Templates(payloads, "kept")
    before = {}
    for death in range(DEATHS):
        with Agent(configuration=QUICK, DD_LOCAL_DB=file) as agent:
            assert all(seen(agent).get(service, 0) >= hits for service, hits in before.items())
            load.send(agent.port, REQUESTS, 4)
            wait_until(lambda: agent.ask("info")["store"]["written_buckets"] > 0, 10, "a bucket to be written")
            load.send(agent.port, REQUESTS + death * 4, 4)
            agent.child.kill()
            agent.child.wait()
        after = read(file)
        assert after and all(after.get(service, 0) >= hits for service, hits in before.items())
        before = after


@pytest.mark.parametrize("kind", ["garbage", "newer", "foreign", "folder"])
def test_an_agent_goes_on_without_a_file_that_it_cannot_use(payloads, file, kind):
    file.parent.mkdir()
    if kind == "garbage":
        file.write_bytes(os.urandom(20_000))
    elif kind == "folder":
        file.mkdir()
    else:
        sql = {"newer": "PRAGMA application_id=1919906675; PRAGMA user_version=99", "foreign": "CREATE TABLE t(x)"}[kind]
        subprocess.run(["python3", "-c", f"import sqlite3; sqlite3.connect({str(file)!r}).executescript({sql!r})"],
                       check=True)
    kept = file.read_bytes() if file.is_file() else None
    with Agent(DD_LOCAL_DB=file) as agent:
        Templates(payloads, "kept").send(agent.port, REQUESTS, 4)
        assert seen(agent)
        assert agent.text().count("statistics are kept in memory only") == 1, agent.text()
        assert "store" not in agent.ask("info")
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
            assert agent.text().count("statistics cannot be written") == 1, agent.text()
            assert "disk is full" in agent.ask("info")["store"]["failure"]
            filler.unlink()
            written = agent.ask("info")["store"]["written_buckets"]
            load.send(agent.port, REQUESTS, 4)
            wait_until(lambda: agent.ask("info")["store"]["written_buckets"] > written, 10, "writing to go on")
            assert "failure" not in agent.ask("info")["store"] and "are written again" in agent.text()
            assert agent.stop() == 0
    finally:
        subprocess.run(["umount", disk], check=True)
