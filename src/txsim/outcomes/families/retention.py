"""How many stay, by each definition in use.

Retention is first told per person who asked for treatment: somebody never admitted is not retained,
so a design that admits more people never looks worse for it. Coming back counts, except where a gap
in contact ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.follow_up import Followed, share_by_day, share_on_day
from txsim.outcomes.outcome import FAR, HORIZONS, Array, curve, outcome
from txsim.state.calendar import status_of
from txsim.state.events import AFTERCARE, INDUCTION, NEVER
from txsim.state.sizes import GAPS

FAMILY = "retention"


@dataclass(frozen=True)
class Definition:
    """One way of counting somebody as retained."""

    name: str
    stem: str
    sentence: str
    on_day: Callable[[Followed, int], Array]
    by_day: Callable[[Followed], Array]


def _stay_without_gap(gap: int, people: Followed) -> tuple[Array, Array]:
    """First and past-last day of the stay that a longer gap in contact, or death, ends."""
    longer_on = people.patients[f"gap{gap}_day"].astype(np.int64)
    last_contact = longer_on - gap - 1 - people.zero
    past = np.where(longer_on == NEVER, FAR, last_contact + 1)
    begins = people.admitted
    return begins, np.maximum(np.minimum(past, people.died), begins)


def _no_gap_on(gap: int, people: Followed, day: int) -> Array:
    begins, past = _stay_without_gap(gap, people)
    return (begins < day) & (past >= day)


def _no_gap_by_day(gap: int, people: Followed) -> Array:
    begins, past = _stay_without_gap(gap, people)
    return share_by_day(begins, people.days) - share_by_day(past, people.days)


def _no_gap(gap: int) -> Definition:
    return Definition(
        f"no gap over {gap} days",
        f"retained_gap{gap}",
        f"admitted, and no gap in contact longer than {gap} days since the first admission; the "
        "stay ends with the last contact before such a gap",
        partial(_no_gap_on, gap),
        partial(_no_gap_by_day, gap),
    )


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "on the books",
        "retained",
        "in induction, treatment or aftercare on that day, whether for the first time or again",
        lambda people, day: people.in_care[:, day - 1],
        lambda people: share_on_day(people.in_care, _at_start(people)),
    ),
    Definition(
        "on medication",
        "on_medication",
        "in care and covered by medication on at least one of the last seven days",
        lambda people, day: people.on_medication[:, day - 1],
        lambda people: share_on_day(people.on_medication),
    ),
    *(_no_gap(gap) for gap in GAPS),
    Definition(
        "in care or completed",
        "retained_or_completed",
        "in care on that day, or out of care because treatment was completed",
        lambda people, day: people.in_care[:, day - 1] | people.completed[:, day - 1],
        lambda people: share_on_day(people.in_care | people.completed, _at_start(people)),
    ),
)
"""Definitions of retention; the first is the headline."""


def _at_start(people: Followed) -> float:
    """Share in care when follow-up begins: nobody who asks, everybody already there."""
    return 0.0 if people.asked else 1.0


def _retained(definition: Definition, day: int) -> None:
    @outcome(
        f"{definition.stem}_{day}",
        label=f"Retained after {day} days ({definition.name})",
        unit="proportion",
        better="higher",
        definition=f"Share of people who, {day} days after asking for treatment, are retained: "
        f"{definition.sentence}. People never admitted count as not retained.",
        family=FAMILY,
    )
    def retained(people: Followed) -> Array:
        if day > people.days:
            return np.full(len(people), np.nan)
        return definition.on_day(people, day)


def _retained_at_end(definition: Definition) -> None:
    @outcome(
        f"{definition.stem}_at_end",
        label=f"Retained at the end of follow-up ({definition.name})",
        unit="proportion",
        better="higher",
        definition="Share of people who, at the end of the last day for which they are followed, "
        f"are retained: {definition.sentence}. People never admitted count as not retained. A "
        "cohort is followed for horizon.days, so that these are a trial's own cut.",
        family=FAMILY,
    )
    def retained(people: Followed) -> Array:
        return definition.on_day(people, people.days)


def _retained_of_admitted(day: int) -> None:
    @outcome(
        f"retained_of_admitted_{day}",
        label=f"Retained {day} days after admission, of those admitted",
        unit="proportion",
        better="higher",
        definition=f"Share of the people admitted who are in care at the end of the {day}th day "
        "counted from their first admission; people whose run ends before that day "
        "are left out. Who is admitted differs by design, so read it beside the "
        "figures per person who asked.",
        family=FAMILY,
        present=False,
    )
    def retained(people: Followed) -> Array:
        days = people.run.calendar
        row = people.zero + people.admitted + day - 1
        seen = (people.admitted < FAR) & (row < days.shape[0]) & (day <= people.days)
        status = status_of(days[np.where(seen, row, 0), people.people])
        return np.where(seen, (status >= INDUCTION) & (status <= AFTERCARE), np.nan)


for _definition, _day in product(DEFINITIONS, HORIZONS):
    _retained(_definition, _day)
for _definition in DEFINITIONS[:2]:
    _retained_at_end(_definition)
for _day in HORIZONS:
    _retained_of_admitted(_day)


@outcome(
    "days_in_care",
    label="Days in care",
    unit="days",
    better="higher",
    definition="Mean days in care within the follow-up, per person who asked (restricted mean; "
    "all stays).",
    family=FAMILY,
)
def days_in_care(people: Followed) -> Array:
    """Days with a status in care."""
    return people.days_in_care


@outcome(
    "days_in_care_of_admitted",
    label="Days in care, of those admitted",
    unit="days",
    better="higher",
    definition="Mean days in care within the follow-up, per person admitted within it.",
    family=FAMILY,
    present=False,
)
def days_in_care_of_admitted(people: Followed) -> Array:
    """Days with a status in care, for people admitted."""
    return np.where(people.admitted < FAR, people.days_in_care, np.nan)


@outcome(
    "days_on_medication",
    label="Days on medication",
    unit="days",
    better="higher",
    definition="Mean days covered by medication within the follow-up, per person who asked.",
    family=FAMILY,
)
def days_on_medication(people: Followed) -> Array:
    """Days covered by medication."""
    return how_many(people.medicated)


def _retention_curve(definition: Definition) -> None:
    @curve(
        definition.name,
        label=f"Retained: {definition.name}",
        unit="proportion",
        definition=f"Share of people who asked, by days since asking: {definition.sentence}.",
        family=FAMILY,
    )
    def by_day(people: Followed) -> Array:
        return definition.by_day(people)


for _definition in DEFINITIONS:
    _retention_curve(_definition)
