"""That an agent's sums are right, and that every trace of `loads.post` and `SteadyClients` which was answered 200 has come to
the intake once, or is counted as lost."""
from loads import SPANS_EACH
from processes import wait_until


def assert_accounts_balance(agent, intakes=1):
    """Once nothing moves any more: kept, at each intake, + restored = sent + queued + lost, received = kept + dropped; and of
    groups of statistics, made + restored = sent + lost + in flight."""
    def balance():
        info = agent.ask("info")
        groups = info["ledger"]["statistics"]
        left = groups["sent"] + groups["lost"] + groups["in_flight"] - groups["restored"]
        # Receivers of OTLP take no statistics.
        if left not in [takers * groups["made"] for takers in range(1, intakes + 1)]:
            return False
        lost = {unit: sum(loss[unit] for loss in info["lost"].values()) for unit in ("traces", "spans")}
        dropped = sum(loss["traces"] for loss in info["dropped"].values())
        return info["received"]["traces"] == info["kept"]["traces"] + dropped and all(
            intakes * info["kept"][unit] + info["restored"][unit]
            == info["sent"][unit] + info["queued"][unit] + lost[unit] for unit in lost)
    wait_until(balance, 10, "the accounts to balance")


def settle(agent, intakes=1, seconds=30):
    """What `roost info` says once nothing waits any more, and its sums are right."""
    wait_until(lambda: agent.ask("info")["queued"]["traces"] == 0, seconds, "all to be sent")
    assert_accounts_balance(agent, intakes)
    return agent.ask("info")


def assert_each_came_once(intake, answered, lost=0, unanswered=frozenset(), times=1):
    """Those that were `answered` are at the intake, but for so many that are counted as `lost`. What was sent and not
    answered may be there too. Where answers got lost on their way, each may be there up to so many `times`.

    Gives the ids of the lost.
    """
    arrived = intake.received()
    missing = answered - arrived.traces.keys()
    assert len(missing) == lost, f"{len(missing)} of {len(answered)} traces are missing, and {lost} counted"
    assert arrived.traces.keys() <= answered | unanswered
    assert max(arrived.traces.values()) <= times, "a trace came more often"
    assert arrived.spans == SPANS_EACH * arrived.traces.total()
    return missing


def lost_traces(info, *reasons):
    """How many traces are counted as lost, for these reasons and no other one."""
    lost = {reason: row["traces"] for reason, row in info["lost"].items() if not reason.startswith("stats_")}
    assert set(lost) <= set(reasons), lost
    return sum(lost.values())
