"""Relapse as an event, read off the daily log by several standard definitions side by side.

Lapse, relapse and remission are words about a log of days, not things that happen in the model.
Each definition says from which day on a person counts as free of relapse and on which day that
ends; whoever has died is not free. How people stand on a day, whatever came before, is told by
`regular_use`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from txsim.outcomes.follow_up import (
    Followed,
    first_day,
    running,
    share_by_day,
)
from txsim.outcomes.outcome import FAR, HORIZONS, Array, curve, outcome

FAMILY = "relapse"

GRACE_DAYS = 21
"""Days after asking in which use does not count as relapse: time to get into treatment and settle.

The trials whose definition is used here began to count at the end of the third week (Lee 2018,
X:BOT)."""

CLEAN_DAYS = 30
"""Days running without use after which somebody counts as free of it, and use as a relapse."""

WEEKS_RUNNING = 4
"""Weeks running with any use that are a relapse, by the definition of the same trials."""

WEEK = 7


@dataclass(frozen=True)
class Watch:
    """What a definition finds for each person, in days since the beginning of follow-up."""

    free_from: Array
    """Day at whose end the person counts as relapse-free for the first time; -1 from the start,
    `FAR` never."""
    event: Array
    """Day of the relapse, `FAR` if there is none."""
    applies: Array
    """Whether the definition is meant for this person."""


@dataclass(frozen=True)
class Definition:
    """One way of counting somebody as relapsed."""

    name: str
    stem: str
    sentence: str
    rule: Callable[[Followed], Watch]

    @property
    def curve(self) -> str:
        """Name of its curve."""
        return f"relapse-free: {self.name}"


def _after_grace(days: Array) -> Array:
    watched = days.copy()
    watched[:, :GRACE_DAYS] = False
    return watched


def _from_the_start(people: Followed, event: Array) -> Watch:
    return Watch(np.full(len(people), -1), event, np.ones(len(people), dtype=bool))


def _seven_days(people: Followed) -> Array:
    return first_day(running(_after_grace(people.used), WEEK))


def _four_weeks(people: Followed) -> Array:
    """Last day of the first four weeks running that each have a day of use."""
    weeks = people.days // WEEK
    used = _after_grace(people.used)[:, : weeks * WEEK]
    any_use = np.logical_or.reduce([used[:, day::WEEK] for day in range(WEEK)])
    if weeks < WEEKS_RUNNING:
        return np.full(len(people), FAR)
    week = first_day(running(any_use, WEEKS_RUNNING))
    return np.where(week < FAR, (week + 1) * WEEK - 1, FAR)


def seven_days_or_four_weeks(people: Followed) -> Watch:
    """Seven days running of use, or four weeks running with any use, whichever is met first."""
    return _from_the_start(people, np.minimum(_seven_days(people), _four_weeks(people)))


def seven_days(people: Followed) -> Watch:
    """Seven days running of use."""
    return _from_the_start(people, _seven_days(people))


def use_after_clean_days(people: Followed) -> Watch:
    """First use after the first 30 days running without use."""
    reached = first_day(running(~people.used & people.alive, CLEAN_DAYS))
    later = np.arange(people.days) > reached[:, None]
    everybody = np.ones(len(people), dtype=bool)
    return Watch(reached, first_day(people.used & later), everybody)


def any_use(people: Followed) -> Watch:
    """First day of use (a lapse)."""
    return _from_the_start(people, first_day(_after_grace(people.used)))


def heavy_day(people: Followed) -> Watch:
    """First heavy-drinking day of people whose substance is alcohol."""
    event = first_day(_after_grace(people.heavy))
    return Watch(np.full(len(people), -1), event, ~people.opioid)


_WATCHED = f"counted from the {GRACE_DAYS + 1}nd day after asking"

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "seven days or four weeks",
        "relapse_free",
        f"use on seven days running, or four weeks running with any use, {_WATCHED}",
        seven_days_or_four_weeks,
    ),
    Definition(
        "seven days running",
        "relapse_free_seven_days",
        f"use on seven days running, {_WATCHED}",
        seven_days,
    ),
    Definition(
        "use after 30 clean days",
        "relapse_free_remission",
        "the first use after 30 days running without any; people who never had 30 such days are "
        "not relapse-free",
        use_after_clean_days,
    ),
    Definition("any use", "relapse_free_any_use", f"the first day of use, {_WATCHED}", any_use),
    Definition(
        "any heavy-drinking day",
        "relapse_free_heavy_day",
        f"the first heavy-drinking day, {_WATCHED} (people whose substance is alcohol)",
        heavy_day,
    ),
)
"""Definitions of relapse as an event."""

REMISSION = DEFINITIONS[2]
"""The definition that asks for 30 clean days first."""


def watch(people: Followed, definition: Definition) -> Watch:
    """What a definition finds, worked out once."""
    kept: dict[str, Watch] = people.__dict__.setdefault("_watches", {})
    if definition.name not in kept:
        kept[definition.name] = definition.rule(people)
    return kept[definition.name]


def _ends(people: Followed, found: Watch) -> Array:
    """Day on which being relapse-free ends, by relapse or death; not before it begins."""
    return np.maximum(np.minimum(found.event, people.died), found.free_from)


def _relapse_free(definition: Definition, day: int) -> None:
    @outcome(
        f"{definition.stem}_{day}",
        label=f"Relapse-free after {day} days ({definition.name})",
        unit="proportion",
        better="higher",
        definition=f"Share of people alive {day} days after asking for treatment who have not "
        f"relapsed by then; relapse is {definition.sentence}. The dead are not relapse-free.",
        family=FAMILY,
    )
    def relapse_free(people: Followed) -> Array:
        if day > people.days:
            return np.full(len(people), np.nan)
        found = watch(people, definition)
        free = (found.free_from < day) & (_ends(people, found) >= day)
        return np.where(found.applies, free, np.nan)


def _relapse_free_days(definition: Definition) -> None:
    @outcome(
        f"{definition.stem}_days",
        label=f"Days to relapse ({definition.name})",
        unit="days",
        better="higher",
        definition="Mean days alive and relapse-free within the follow-up (restricted mean time "
        f"to relapse or death); relapse is {definition.sentence}.",
        family=FAMILY,
    )
    def days(people: Followed) -> Array:
        found = watch(people, definition)
        until = np.minimum(_ends(people, found), people.days)
        begins = np.clip(found.free_from + 1, 0, people.days)
        return np.where(found.applies, np.maximum(until - begins, 0), np.nan)


for _definition, _day in product(DEFINITIONS, HORIZONS):
    _relapse_free(_definition, _day)
for _definition in DEFINITIONS:
    _relapse_free_days(_definition)


def _relapse_free_curve(definition: Definition) -> None:
    @curve(
        definition.curve,
        label=f"Relapse-free ({definition.name})",
        unit="proportion",
        definition="Share of people who asked that is alive and relapse-free, by days since "
        f"asking; relapse is {definition.sentence}.",
        family=FAMILY,
    )
    def by_day(people: Followed) -> Array:
        found = watch(people, definition)
        begins = found.free_from[found.applies]
        ends = _ends(people, found)[found.applies]
        free = share_by_day(begins, people.days) - share_by_day(ends, people.days)
        free[0] = np.mean(begins < 0) if len(begins) else np.nan
        return free


for _definition in DEFINITIONS:
    _relapse_free_curve(_definition)
