"""That every trace of `loads.post` and `SteadyClients` which was answered 200 has arrived once, or is counted as lost."""
from loads import SPANS_EACH
from processes import wait_until
from test_forwarding import assert_accounts_balance


def settle(agent, intakes=1, seconds=30):
    """What `roost info` says once nothing waits any more, and its sums are right."""
    wait_until(lambda: agent.ask("info")["queued"]["traces"] == 0, seconds, "all to be sent")
    assert_accounts_balance(agent, intakes)
    return agent.ask("info")


def assert_each_came_once(intake, answered, lost=0, unanswered=frozenset(), times=1):
    """Those that were `answered` are at the intake, but for so many that are counted as `lost`. What was sent and not
    answered may be there too. Where answers got lost on their way, they may have come more `times` than once.

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
