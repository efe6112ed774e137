"""Whether the waiting list and the census have reached a steady state while people are counted.

Levels of a clinic that has not settled depend on how long before day 0 it opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.naming import labels
from txsim.formatting import plain

if TYPE_CHECKING:
    from txsim.compare.tables import Study
    from txsim.scenario import Scenario

MOVED = 0.10
"""Share of its mean by which a number of people may differ between halves and still be settled."""
FEWEST_PEOPLE = 2.0
"""People by which it may differ in any case."""
BEYOND_LUCK = 2.0
"""Monte-Carlo standard errors beyond which a difference between halves is not chance."""
WATCHED = {
    "waiting list": "people wait on an average day",
    "people in care": "people are in care on an average day",
}
"""Curves that are watched, and what they count."""


def not_settled(study: Study) -> list[str]:
    """A sentence for each clinic, opening by itself, that still moves between the halves."""
    found = []
    called = labels(study.designs)
    for number, design in enumerate(study.designs):
        if opens_by_itself(number, design) and study.stacked.told[number]:
            found += [
                sentence(design, called[design.name], words, *halves)
                for curve, words in WATCHED.items()
                if (halves := moved_between_halves(study, number, curve))
            ]
    return found


def opens_by_itself(number: int, design: Scenario) -> bool:
    """Whether a design of a comparison has an opening and a time before day 0 of its own."""
    if design.arrivals.cohort is not None or design.horizon.start == "empty":
        return False
    return number == 0 or (design.horizon.start != "shared" and not design.change.is_later)


def moved_between_halves(study: Study, number: int, curve: str) -> tuple[float, float] | None:
    """Means over the two halves of the days counted, where they differ by more than chance."""
    days = study.designs[number].horizon.days
    half = days // 2
    if half == 0:
        return None
    by_day = study.years[number].curve(curve, slice(0, days))
    first, second = by_day[:, :half].mean(axis=1), by_day[:, half:].mean(axis=1)
    moved = second - first
    before, after = float(first.mean()), float(second.mean())
    error = float(moved.std(ddof=1)) / np.sqrt(len(moved)) if len(moved) > 1 else 0.0
    least = max(MOVED * (before + after) / 2.0, FEWEST_PEOPLE, BEYOND_LUCK * error)
    return (before, after) if abs(after - before) > least else None


def sentence(design: Scenario, called: str, words: str, before: float, after: float) -> str:
    """What moved, and what that means."""
    moves = "grows" if after > before else "shrinks"
    start = design.horizon.start
    told = (
        "it has not reached a steady state of its own"
        if start == "own steady state"
        else "the clinic has not settled"
    )
    return (
        f"{called}: {plain(before, 0)} {words} of the first half of the days counted, "
        f"{plain(after, 0)} of the second. The number still {moves}: {told}, and levels depend on "
        f"how long before day 0 it opens (burn_in_days = {design.horizon.burn_in_days})."
    )
