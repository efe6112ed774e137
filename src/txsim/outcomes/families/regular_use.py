"""Free of regular use: how people stand on a day, whatever came before.

Most people are in regular use when they ask for treatment, so "relapsed since asking" is true of
nearly all of them within weeks and distinguishes designs poorly. This asks instead how they stand:
alive, and with use on at most 4 of the last 28 days, which is one day a week. Somebody who slips
back and stops again counts as free again.
"""

from __future__ import annotations

import numpy as np

from txsim.outcomes.follow_up import Followed, share_on_day
from txsim.outcomes.outcome import HORIZONS, Array, Shares, curve, outcome
from txsim.state.events import FOUR_WEEKS

FAMILY = "regular use"
NAME = "free of regular use"
STEM = "free_of_regular_use"

MOST_DAYS = 4
"""Days of use in four weeks up to which somebody counts as free of regular use."""

SENTENCE = (
    f"alive, and used on at most {MOST_DAYS} of the last {FOUR_WEEKS} days (people whose substance "
    "is alcohol: drank heavily on at most so many of them)"
)


def free_by_day(people: Followed) -> Array:
    """People x days: whether they are free of regular use at the end of the day, worked out once.

    The first column is the 28th day of follow-up, before which there are not four weeks to look
    back on; days before the follow-up are not asked about.
    """
    kept: Array | None = people.__dict__.get("_free_of_regular_use")
    if kept is None:
        counted = np.where(people.opioid[:, None], people.used, people.heavy)
        so_far = np.cumsum(counted, axis=1, dtype=np.int16)
        of_four_weeks = so_far[:, FOUR_WEEKS - 1 :].copy()
        of_four_weeks[:, 1:] -= so_far[:, :-FOUR_WEEKS]
        kept = (of_four_weeks <= MOST_DAYS) & people.alive[:, FOUR_WEEKS - 1 :]
        people.__dict__["_free_of_regular_use"] = kept
    return kept


def _free(day: int) -> None:
    @outcome(
        f"{STEM}_{day}",
        label=f"Free of regular use after {day} days",
        unit="proportion",
        better="higher",
        definition=f"Share of people who, {day} days after asking for treatment, are free of "
        f"regular use: {SENTENCE}. Days in jail count like any others; the dead are not free.",
        family=FAMILY,
    )
    def free(people: Followed) -> Array:
        if day > people.days:
            return np.full(len(people), np.nan)
        return np.asarray(free_by_day(people)[:, day - FOUR_WEEKS])


for _day in HORIZONS:
    _free(_day)


@outcome(
    f"days_{STEM}",
    label="Days free of regular use",
    unit="proportion",
    better="higher",
    definition=f"Share of the days from the {FOUR_WEEKS}th day of follow-up to its end on which "
    f"people are free of regular use: {SENTENCE}. Days after death count as not free.",
    family=FAMILY,
)
def days_free(people: Followed) -> Shares:
    """Days free over days of follow-up that have four weeks to look back on."""
    free = free_by_day(people)
    return Shares(free.sum(axis=1), np.full(len(people), free.shape[1]))


@curve(
    NAME,
    label="Free of regular use",
    unit="proportion",
    definition=f"Share of people who asked, by days since asking, from the {FOUR_WEEKS}th day on: "
    f"{SENTENCE}.",
    family=FAMILY,
)
def free_curve(people: Followed) -> Array:
    """Share free on each day; not known before the 28th."""
    by_day = np.full(people.days + 1, np.nan)
    by_day[FOUR_WEEKS:] = share_on_day(free_by_day(people))[1:]
    return by_day
