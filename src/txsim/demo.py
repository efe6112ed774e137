"""A tiny clinic in seconds, for a first look or a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from txsim.compare import Comparison
    from txsim.scenario import Scenario


def tiny_designs() -> list[Scenario]:
    """A clinic with forty places, and the same with twice the counsellors."""
    from txsim.scenario import load

    tiny = load("baseline").with_changes(
        name="tiny",
        title="A tiny clinic",
        question="Would a second counsellor keep more people in care?",
        horizon={"days": 120, "follow_up_days": 120, "burn_in_days": 60},
        arrivals={"per_week": 3.0},
        clinic={"places": 40},
        staff={"counsellor": {"posts": 1.0}, "nurse": {"posts": 0.5}, "prescriber": {"posts": 0.2}},
        services={"therapy_group": {"sessions_per_week": 1}},
    )
    second = tiny.with_changes(
        name="second-counsellor",
        title="A second counsellor",
        staff={"counsellor": {"posts": 2.0}},
    )
    return [tiny, second]


def demo(replications: int = 16, seed: int = 1) -> Comparison:
    """Compare a tiny clinic with one that has a second counsellor; takes seconds.

    Print the result's `summary()`, look at its `plot()`, or open it as a frame with `to_df()`.
    """
    from txsim.compare import compare

    return compare(tiny_designs(), replications=replications, seed=seed)
