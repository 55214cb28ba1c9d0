#!/usr/bin/env python3
"""Say whether the store keeps its promises, from what bench.py and store.py have measured.

  judge.py RESULTS.json STORE.json

What the store costs is the difference between the agents `roost-store` and `roost` in the same runs, as medians. Prints a
table, and exits with 1 when something is above its limit or was not measured. The limits are those of README.md.
"""
import json, statistics, sys

WITH, WITHOUT = "roost-store", "roost"
RATE = "rate50000"
# An answer that takes longer is late, unless the agent without the store had one that took two thirds of it; one that takes
# longer than the second always is.
LATE_MS, ALWAYS_LATE_MS = 250, 500


def values(runs, agent, scenario, column):
    return [r[column] for r in runs if (r["agent"], r["scenario"]) == (agent, scenario) and "error" not in r and r.get(column) is not None]


def added(runs, scenario, column):
    """What the store adds to a figure; None when one of the two was not measured."""
    ours, plain = values(runs, WITH, scenario, column), values(runs, WITHOUT, scenario, column)
    return statistics.median(ours) - statistics.median(plain) if ours and plain else None


def p99_limit(runs):
    """Within noise: a quarter, or half a millisecond."""
    plain = values(runs, WITHOUT, RATE, "p99")
    return max(.25 * statistics.median(plain), .5) if plain else .5


def late(runs):
    """Runs with the store in which an answer was late, an error or missing."""
    loads = [r for r in runs if (r["agent"], r["scenario"]) == (WITH, RATE)]
    if not loads or any("error" in r for r in loads): return None
    slowest = max(values(runs, WITHOUT, RATE, "max"), default=0)
    limit = min(max(LATE_MS, 1.5 * slowest), ALWAYS_LATE_MS)
    def is_bad(run):
        load = run["load"]
        return any(v for k, v in load["status"].items() if k[0] != "2") or any(load["errors"].values()) or run["max"] > limit
    return sum(is_bad(r) for r in loads)


def figures(runs, store):
    """(what, measured or None, at most)"""
    rows = [
        ("CPU seconds per million spans on top, at 50,000 spans/s", added(runs, RATE, "cpu_s_per_mspan"), .8),
        ("resident on top under load, MB", added(runs, RATE, "rss_load_mb"), 16),
        ("resident on top at the highest, MB", added(runs, RATE, "hwm_mb"), 16),
        ("resident on top idle, MB", added(runs, "startup", "idle_rss_mb"), 1),
        ("CPU idle on top, %", added(runs, "startup", "idle_cpu_pct"), .3),
        ("p99 on top, at 50,000 spans/s, ms", added(runs, RATE, "p99"), p99_limit(runs)),
        ("runs with a late or missing answer, at 50,000 spans/s", late(runs), 0),
    ]
    kept = store.get("alone", {}).get("rows", [])
    rows += [(name, value, limit) for name, value, limit, _ in kept if limit is not None]
    return rows if kept else rows + [("what store.py measures", None, 0)]


def main():
    if len(sys.argv) != 3: raise SystemExit(__doc__)
    runs, store = json.load(open(sys.argv[1]))["runs"], json.load(open(sys.argv[2]))
    rows = figures(runs, store)
    over = [r[0] for r in rows if r[1] is None or r[1] > r[2]]
    print("\n### The store\n\n| | measured | at most |\n|---|---|---|")
    for name, value, limit in rows:
        print("| %s | %s%s | %g |" % (name, "not" if value is None else "%.2f" % value, " **over**" if name in over else "", round(limit, 2)))
    if over: raise SystemExit("above what it must reach, or not measured: " + "; ".join(over))


if __name__ == "__main__":
    main()
