"""What got worse, told by `roost diff`: a real app in two versions, compared by version, by time and by file."""
import json
import re
import shutil
import subprocess
import time

import pytest

from agent import BINARY, Agent
from conftest import environment_or_skip
from environments import Client
from processes import APPS, Process, clean_environment, wait_until
from screens import golden

# A bucket that closes soon: a second wide, so written two to three seconds after its hits.
QUICK = "apm_config:\n  bucket_size_seconds: 1\n"
REQUESTS = 75


def run_app(environment, version, agent, folder):
    """Runs the app to its end, and waits until all its requests are counted."""
    before = agent.services().get("shop", (0, 0))[0]
    with Process([environment / "bin" / "ddtrace-run", environment / "bin" / "python", APPS / "versions_app.py", REQUESTS],
                 folder / f"app-{version}.log", DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_SERVICE="shop",
                 DD_ENV="test", DD_VERSION=version, PATH=environment / "bin") as app:
        wait_until(lambda: not app.running, 60, "the app to end")
        assert app.child.returncode == 0, app.text()
    wait_until(lambda: agent.services().get("shop", (0, 0))[0] == before + 3 * REQUESTS, 10, "all requests to be counted")


def steady(text):
    """The report with one sign in place of each latency and length of time; how much slower it is, is left out. Behind the
    first resource, which fails more, the others stand by name: their order depends on what else this machine does."""
    for pattern, sign in [(r"~?\b[\d.]+(ns|µs|ms|s)\b|\b\d+m\d\ds\b", "TAKES"), (r"(TAKES) (\+|−)\d+%|(TAKES) ×\d+", "TAKES"),
                          (r"(TAKES, until) (now|\w+ ago)", r"\1 WHEN"), (r" {2,}", "  ")]:
        text = re.sub(pattern, sign, text)
    lines = text.splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("RESOURCE")) + 2
    return "\n".join(lines[:first] + sorted(lines[first:first + 2]) + lines[first + 2:]) + "\n"


def diff(*words):
    """The document of `roost diff` without an agent."""
    done = subprocess.run([str(BINARY), "diff", *map(str, words), "--json"], capture_output=True, text=True,
                          env=clean_environment(), timeout=20)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_found(document):
    """What fails is first and marked for that; what is slower is marked for that alone; hits and the rest are noise."""
    assert document["schema"] == "roost.diff.v1"
    rows = {row["resource"]: row for row in document["resources"]}
    # How fast the others are depends on what else this machine does.
    assert next(iter(rows)) == "POST /checkout" and set(rows) == {"POST /checkout", "GET /cart", "GET /health"}
    assert {name: row["changes"].get("error_share") for name, row in rows.items() if row["changes"].get("error_share")} == {
        "POST /checkout": "up"}, rows
    assert rows["GET /cart"]["changes"]["p50"] == "up" and rows["GET /health"]["b"]["errors"] == 0
    assert not any("hits" in row["changes"] for row in rows.values()) or document["hits_by"] == "rate"


@pytest.mark.parametrize("client", [Client("4.16", "3.13"), Client("0.50", "3.9")], ids=str)
def test_a_version_that_is_slower_here_and_fails_there_is_told_apart(client, tmp_path):
    environment = environment_or_skip(client)
    before, both = tmp_path / "before.db", tmp_path / "both.db"
    with Agent(configuration=QUICK, DD_LOCAL_DB=before) as agent:
        run_app(environment, "1.0", agent, tmp_path)
        assert agent.stop() == 0
    # What SQLite has not moved into the file yet lies beside it.
    for suffix in ("", "-wal"):
        if before.with_name(before.name + suffix).exists():
            shutil.copy(before.with_name(before.name + suffix), both.with_name(both.name + suffix))
    # No bucket holds hits of both versions, so that a time parts them.
    ended = int(time.time())
    wait_until(lambda: int(time.time()) > ended, 5, "the next bucket")
    with Agent(configuration=QUICK, DD_LOCAL_DB=both) as agent:
        run_app(environment, "1.1", agent, tmp_path)
        versions = agent.ask("diff", "version:1.0", "version:1.1")
        assert_found(versions)
        assert [side["hits"] for side in (versions["a"], versions["b"])] == [3 * REQUESTS] * 2
        assert [row["hits"] for row in agent.ask("resources", "shop")["resources"]] == [2 * REQUESTS] * 3
        text = agent.command("diff", "version:1.0", "version:1.1", "--service", "shop")
        assert "pp" in text and "Fisher's exact test" in text, text
        table = {line.split("  ")[0]: line for line in text.splitlines()}
        assert steady(text) == golden("diff.txt", steady(text))
        assert "+33.3pp" in table["POST /checkout"] and "+" in table["GET /cart"], text
        gone = agent.ask("diff", "version:1.0", "version:7", codes=(1,))
        assert gone["b"]["hits"] == 0 and gone["b"]["versions"] == ["1.0", "1.1"]
        assert agent.stop() == 0
    # Without an agent: versions and times of one file, and two files.
    assert_found(diff("version:1.0", "version:1.1", "--db", both))
    cut = versions["b"]["covered"]["start"]
    times = diff(f"..{cut}", f"{cut}..now", "--db", both)
    assert [times[side]["hits"] for side in "ab"] == [3 * REQUESTS] * 2, times
    # The second file holds both versions, so half of its hits are those of the first.
    first = diff(before, both)["resources"][0]
    assert first["resource"] == "POST /checkout" and first["changes"]["error_share"] == "up"
    same = diff(before, before)
    assert all(row["changes"] == {} and row["a"] == row["b"] for row in same["resources"])
