"""What trials measure, read off a run as they measured it.

Each measure gives what is counted and out of how much, so that sites and arms can be added up.
`day` is the day since randomisation at whose end it is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from txsim.outcomes.families.relapse import GRACE_DAYS, WEEK, WEEKS_RUNNING, seven_days
from txsim.outcomes.families.use import weekly_urines
from txsim.outcomes.follow_up import Followed, any_of_last, first_day, running
from txsim.outcomes.outcome import FAR, Array
from txsim.state.events import INDUCTION_FAILED, TRANSFERRED, Reason
from txsim.units import DAYS_PER_YEAR

Counted = tuple[float, float]
Rule = Callable[[Followed, int], Counted]


@dataclass(frozen=True)
class Measure:
    """How a figure is read off a run, and whether more of it is better."""

    rule: Rule
    better: Literal["higher", "lower"]
    by_time: bool = False
    """Whether happenings over days at risk are counted: told as the share to whom it would have
    happened by the day at a constant rate, so that ratios of rates stay known where it happens to
    nearly everybody."""

    def share(self, counted: Counted, day: int) -> float:
        """The share that was counted, nan where there was nobody to count."""
        part, whole = counted
        if not whole:
            return math.nan
        return 1.0 - math.exp(-day * part / whole) if self.by_time else part / whole


MEASURES: dict[str, Measure] = {}
"""Every measure by its name."""

LAST_DAYS = 30
FOUR_WEEKS = 28
TEST_WINDOW_DAYS = 3
"""A test shows use of the last three days, as weekly urines in care do."""
YEAR_OFF_DAYS = 365
"""Time off treatment is counted for at most a year (Cornish 2010)."""


def measure(better: Literal["higher", "lower"], *, by_time: bool = False) -> Callable[[Rule], Rule]:
    """Enter the rule below among the measures, under its name."""

    def entered(rule: Rule) -> Rule:
        MEASURES[rule.__name__] = Measure(rule, better, by_time)
        return rule

    return entered


def _share(of: Array, among: Array | None = None) -> Counted:
    """People of whom something is so, out of all or of those `among`."""
    if among is None:
        return float(of.sum()), float(len(of))
    return float((of & among).sum()), float(among.sum())


def _has_stayed(people: Followed, day: int) -> Array:
    return np.asarray((people.admitted < FAR) & (people.left >= day))


@measure("higher")
def stayed(people: Followed, day: int) -> Counted:
    """In care without ever having left until then, of all; death, jail and transfer are leaving."""
    return _share(_has_stayed(people, day))


@measure("higher")
def in_a_programme(people: Followed, day: int) -> Counted:
    """In care here on that day, or begun or gone on elsewhere, of all.

    Whoever went elsewhere is taken to be still there: nothing is known of care there.
    """
    return _share(people.in_care[:, day - 1] | (people.status[:, day - 1] == TRANSFERRED))


@measure("higher")
def entered(people: Followed, day: int) -> Counted:
    """Admitted here or elsewhere by then, of all."""
    return _share((people.admitted < day) | (people.elsewhere < day))


def _has_begun(people: Followed, day: int) -> Array:
    """Who had a first dose by then; after a failed induction there is none."""
    failed = np.zeros(len(people), bool)
    row, passed = people.happenings(INDUCTION_FAILED)
    failed[row[passed < day]] = True
    return np.asarray((people.first_dose < day) & ~failed)


@measure("higher")
def inducted(people: Followed, day: int) -> Counted:
    """Came through induction by then, of all."""
    return _share(_has_begun(people, day))


@measure("lower")
def discharged_for_urines(people: Followed, day: int) -> Counted:
    """Put out by then for positive urines running, of all."""
    for_urines = people.patients["exit_reason"] == int(Reason.POSITIVE_URINES)
    return _share(for_urines & (people.left < day))


def _relapsed(people: Followed, day: int) -> Array:
    """Use on seven days running, or four weeks running with use or without a urine.

    Whoever has left care gives none: of the weeks after the last dose one in twenty had a negative
    urine (X:BOT, half of the patients; Balise et al., CTN-0094).
    """
    weeks = people.days // WEEK
    used = people.used[:, : weeks * WEEK].reshape(len(people), weeks, WEEK)
    lost = (people.alive & ~people.in_care)[:, WEEK - 1 : weeks * WEEK : WEEK]
    positive = used.any(axis=2) | lost
    positive[:, : GRACE_DAYS // WEEK] = False
    week = first_day(running(positive, WEEKS_RUNNING))
    four_weeks = np.where(week < FAR, (week + 1) * WEEK - 1, FAR)
    return np.asarray(np.minimum(four_weeks, seven_days(people).event) < day)


@measure("lower")
def relapsed(people: Followed, day: int) -> Counted:
    """Seven days or four weeks of use running, from the fourth week on, of all.

    As in the trial whose definition it is, a missing urine is a positive one.
    """
    return _share(_relapsed(people, day))


@measure("lower")
def relapsed_of_inducted(people: Followed, day: int) -> Counted:
    """The same, of those who came through induction in the first four weeks."""
    return _share(_relapsed(people, day), _has_begun(people, FOUR_WEEKS))


def _urines(people: Followed, day: int, who: Array | None = None) -> Counted:
    taken, positive = (one[:, : day // WEEK] for one in weekly_urines(people))
    if who is not None:
        taken, positive = taken & who[:, None], positive & who[:, None]
    return float(positive.sum()), float(taken.sum())


@measure("lower")
def urines_positive(people: Followed, day: int) -> Counted:
    """Weekly urines positive for opioids until then, of those taken in care."""
    return _urines(people, day)


@measure("lower")
def urines_positive_of_stayers(people: Followed, day: int) -> Counted:
    """The same, of those who have stayed until then."""
    return _urines(people, day, _has_stayed(people, day))


@measure("higher")
def second_urines_free(people: Followed, day: int) -> Counted:
    """Weekly urines in care free of the second substance, over all of the follow-up."""
    tested = float(people.patients["second_urines"].sum())
    return tested - float(people.patients["second_urines_positive"].sum()), tested


@measure("lower")
def tests_positive(people: Followed, day: int) -> Counted:
    """Use that a test on that day shows, of all alive, in care or not."""
    return _share(any_of_last(people.used, TEST_WINDOW_DAYS)[:, day - 1], people.alive[:, day - 1])


@measure("lower")
def days_used_of_last_30(people: Followed, day: int) -> Counted:
    """Days of use of the last thirty, of the days alive, in care or not."""
    last = slice(max(0, day - LAST_DAYS), day)
    return float(people.used[:, last].sum()), float(people.alive[:, last].sum())


@measure("higher")
def days_abstinent(people: Followed, day: int) -> Counted:
    """Days without use until then, of days alive; in the trial, of days reported."""
    alive = people.alive[:, :day]
    return float((alive & ~people.used[:, :day]).sum()), float(alive.sum())


@measure("higher")
def abstinent_last_28_days(people: Followed, day: int) -> Counted:
    """No use in the last four weeks until then, of all."""
    used = people.used[:, max(0, day - FOUR_WEEKS) : day].any(axis=1)
    return _share(~used & people.alive[:, day - 1])


def _first(happened: Array, who: Array, alive: Array, day: int) -> Counted:
    """First days on which something was so, over days at risk of it, until a day."""
    happened, alive = happened[who, :day], alive[who, :day]
    before = np.cumsum(happened, axis=1) - happened == 0
    return float(happened.any(axis=1).sum()), float((before & alive).sum())


@measure("lower", by_time=True)
def used_opioids(people: Followed, day: int) -> Counted:
    """First use until then over days before it, of people whose substance is an opioid."""
    return _first(people.used, people.opioid, people.alive, day)


@measure("lower", by_time=True)
def drank_heavily(people: Followed, day: int) -> Counted:
    """First heavy drinking until then over days before it, of people who come for alcohol."""
    return _first(people.heavy, ~people.opioid, people.alive, day)


class _OnAndOff:
    """Days on treatment since it was begun, and off it since it was left, by person and day.

    A death belongs to where the person stood when it came.
    """

    def __init__(self, people: Followed) -> None:
        self.people = people
        days = np.arange(people.days)
        on = people.in_care
        died_here = np.flatnonzero(people.died < people.days)
        self.death = np.zeros_like(on)
        self.death[died_here, people.died[died_here]] = True
        on = on | (self.death & self._was_on(on))
        self.on = on
        last_on = np.maximum.accumulate(np.where(on, days, -FAR).astype(np.int32), axis=1)
        last_off = np.maximum.accumulate(np.where(on, -1, days).astype(np.int32), axis=1)
        self.days_on = days - last_off
        """Days of this stay, the day of admission being the first."""
        self.days_off = days - last_on

    @staticmethod
    def _was_on(on: Array) -> Array:
        before = np.zeros_like(on)
        before[:, 1:] = on[:, :-1]
        return before

    @cached_property
    def counted(self) -> Array:
        """Days that count: of people alive that morning."""
        return np.asarray(self.people.alive | self.death)

    def deaths_a_year(self, days: Array) -> Counted:
        """Deaths, and years, on these days."""
        days = days & self.counted
        return float((days & self.death).sum()), float(days.sum()) / DAYS_PER_YEAR


def _on_and_off(people: Followed) -> _OnAndOff:
    """Worked out once."""
    kept: _OnAndOff | None = people.__dict__.get("_on_and_off")
    if kept is None:
        kept = people.__dict__["_on_and_off"] = _OnAndOff(people)
    return kept


def _off(people: Followed, first: int, last: int) -> Counted:
    found = _on_and_off(people)
    return found.deaths_a_year(~found.on & (found.days_off >= first) & (found.days_off <= last))


@measure("lower")
def deaths_a_year_on(people: Followed, day: int) -> Counted:
    """Deaths in a year in care."""
    found = _on_and_off(people)
    return found.deaths_a_year(found.on)


@measure("lower")
def deaths_a_year_on_weeks_1_2(people: Followed, day: int) -> Counted:
    """Deaths in a year in the first two weeks of each stay in care."""
    found = _on_and_off(people)
    return found.deaths_a_year(found.on & (found.days_on <= 2 * WEEK))


@measure("lower")
def deaths_a_year_off(people: Followed, day: int) -> Counted:
    """Deaths in a year out of care, to one year after leaving."""
    return _off(people, 1, YEAR_OFF_DAYS)


@measure("lower")
def deaths_a_year_off_weeks_1_2(people: Followed, day: int) -> Counted:
    """Deaths in a year in the first two weeks after leaving."""
    return _off(people, 1, 2 * WEEK)


@measure("lower")
def deaths_a_year_off_weeks_3_4(people: Followed, day: int) -> Counted:
    """Deaths in a year in the third and fourth week after leaving."""
    return _off(people, 2 * WEEK + 1, 4 * WEEK)


@measure("lower")
def deaths_a_year_off_later(people: Followed, day: int) -> Counted:
    """Deaths in a year later than four weeks after leaving, to one year."""
    return _off(people, 4 * WEEK + 1, YEAR_OFF_DAYS)
