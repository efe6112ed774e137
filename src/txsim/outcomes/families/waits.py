"""How long people wait: for a place, and for the first dose.

A wait is counted from the asking that ended in it. Somebody who missed intake and asked again
months later did not wait those months for a place; how long they took from their first asking is
an outcome of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.families.access import FAMILY, served
from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import FAR, Array, Over, outcome
from txsim.state.events import NEVER

SOON = (7, 30)
"""Days within which a first dose is told to have come."""


def waited(people: Followed) -> Array:
    """Days from the asking that led to the first admission until that admission; nan without."""
    days: Array = people.patients["wait_days"]
    return np.where(served(people) & (days != NEVER), days, np.nan)


def waited_for_dose(people: Followed) -> Array:
    """Days from the asking that led to the first admission until the first dose; nan without."""
    passed = waited(people) + people.first_dose - people.admitted
    return np.where(people.first_dose < FAR, np.maximum(passed, 0.0), np.nan)


def _since_first_asking(field: str) -> Callable[[Followed], Array]:
    def passed(people: Followed) -> Array:
        days: Array = getattr(people, field)
        return np.where(days < FAR, np.maximum(days, 0), np.nan)

    return passed


_GOT_THAT_FAR = (
    "of the people who got that far within their follow-up. Read it beside the share served: who "
    "gives up does not enter."
)
_OF_THE_ASKING = "from asking to the {}, for the asking that led to it,"
_OF_THE_FIRST = (
    "from the first asking to the {}, however often people gave up and asked again in between,"
)


def _wait(
    name: str, label: str, over: Over, sentence: str, rule: Callable[[Followed], Array]
) -> None:
    @outcome(
        name,
        label=label,
        unit="days",
        better="lower",
        definition=f"{over.capitalize()} days {sentence} {_GOT_THAT_FAR}",
        family=FAMILY,
        over=over,
        present=False,
    )
    def wait(people: Followed) -> Array:
        return rule(people)


def _waits(goal: str, words: str, rule: Callable[[Followed], Array], field: str) -> None:
    """Declare the wait by mean and median, and as counted from the first asking."""
    asking, first = _OF_THE_ASKING.format(words), _OF_THE_FIRST.format(words)
    told = f"Wait from asking to {words}"
    _wait(f"wait_to_{goal}", f"{told}, mean", "mean", asking, rule)
    _wait(f"median_wait_to_{goal}", f"{told}, median", "median", asking, rule)
    label = f"Days from first asking to {words}"
    _wait(f"{goal}_after_first_asking", label, "mean", first, _since_first_asking(field))


_waits("admission", "admission", waited, "admitted")
_waits("first_dose", "first dose", waited_for_dose, "first_dose")


def _within(days: int) -> None:
    @outcome(
        f"first_dose_within_{days}_days",
        label=f"First dose within {days} days",
        unit="proportion",
        better="higher",
        definition="Share of the people who asked that had their first dose (or first session, "
        f"where there is no dose) within {days} days.",
        family=FAMILY,
        present=False,
    )
    def within(people: Followed) -> Array:
        if days > people.days:
            return np.full(len(people), np.nan)
        return people.first_dose < days


for _days in SOON:
    _within(_days)


@outcome(
    "days_waiting",
    label="Days spent waiting",
    unit="days",
    better="lower",
    definition="Mean days on the waiting list or booked for intake within the follow-up, per "
    "person who asked, whatever the wait ended in.",
    family=FAMILY,
    present=False,
)
def days_waiting(people: Followed) -> Array:
    """Days waiting."""
    return how_many(people.waiting)
