"""How much is used: days with use, heavy-drinking days, weekly urines."""

from __future__ import annotations

import numpy as np

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.families.relapse import REMISSION, WEEK, watch
from txsim.outcomes.follow_up import Followed, any_of_last
from txsim.outcomes.outcome import FAR, Array, Shares, outcome
from txsim.parameters.reader import model_number

FAMILY = "use"


@outcome(
    "reached_30_clean_days",
    label="Reached 30 days running without use",
    unit="proportion",
    better="higher",
    definition="Share of people with at least 30 days running without use, alive, within the "
    "follow-up.",
    family=FAMILY,
)
def reached_30_clean_days(people: Followed) -> Array:
    """Whether 30 clean days running were reached."""
    return watch(people, REMISSION).free_from < FAR


@outcome(
    "used_again_after_stopping",
    label="Used again after 30 days without use, of those who had them",
    unit="proportion",
    better="lower",
    definition="Share of the people with at least 30 days running without use who used again later "
    "in the follow-up: first relapse after stopping. Who stops differs by design, so read it "
    "beside the share who reached 30 such days.",
    family=FAMILY,
)
def used_again_after_stopping(people: Followed) -> Array:
    """Whether use came again, for people who had stopped."""
    found = watch(people, REMISSION)
    return np.where(found.free_from < FAR, found.event < FAR, np.nan)


@outcome(
    "days_used",
    label="Days with use",
    unit="proportion",
    better="lower",
    definition="Days with use of the primary substance over days alive within the follow-up.",
    family=FAMILY,
)
def days_used(people: Followed) -> Shares:
    """Days of use over days alive."""
    return Shares(people.days_used, people.days_alive)


@outcome(
    "days_abstinent",
    label="Days abstinent",
    unit="proportion",
    better="higher",
    definition="Days without use of the primary substance over days alive within the follow-up.",
    family=FAMILY,
)
def days_abstinent(people: Followed) -> Shares:
    """Days without use over days alive."""
    return Shares(people.days_alive - people.days_used, people.days_alive)


@outcome(
    "abstinent_last_28_days",
    label="No use in the last 28 days of follow-up",
    unit="proportion",
    better="higher",
    definition="Share of people alive at the end of their follow-up and without use on its last "
    "28 days.",
    family=FAMILY,
)
def abstinent_last_28_days(people: Followed) -> Array:
    """No use over the last four weeks."""
    return ~people.used[:, -28:].any(axis=1) & people.alive[:, -1]


@outcome(
    "drinking_days",
    label="Drinking days",
    unit="proportion",
    better="lower",
    definition="Days with any drinking over days alive, of people whose substance is alcohol.",
    family=FAMILY,
)
def drinking_days(people: Followed) -> Shares:
    """Drinking days over days alive."""
    alcohol = ~people.opioid
    return Shares(people.days_used * alcohol, people.days_alive * alcohol)


@outcome(
    "heavy_drinking_days",
    label="Heavy-drinking days",
    unit="proportion",
    better="lower",
    definition="Heavy-drinking days over days alive, of people whose substance is alcohol.",
    family=FAMILY,
)
def heavy_drinking_days(people: Followed) -> Shares:
    """Heavy-drinking days over days alive."""
    alcohol = ~people.opioid
    return Shares(how_many(people.heavy) * alcohol, people.days_alive * alcohol)


def weekly_urines(people: Followed) -> tuple[Array, Array]:
    """People x weeks: whether a urine could be taken, and whether it would show use.

    One urine a week in care, on the week's last day, in weeks with at least one visit kept.
    """
    kept: tuple[Array, Array] | None = people.__dict__.get("_weekly_urines")
    if kept is None:
        window = round(model_number(people.run.scenario, people.run.drawn, "urine_window_days"))
        weeks = people.days // WEEK
        last_days = slice(WEEK - 1, weeks * WEEK, WEEK)
        visited = np.logical_or.reduce(
            [people.visited[:, day : weeks * WEEK : WEEK] for day in range(WEEK)]
        )
        taken = visited & people.in_care[:, last_days]
        kept = taken, taken & any_of_last(people.used, window)[:, last_days]
        people.__dict__["_weekly_urines"] = kept
    return kept


@outcome(
    "urines_positive",
    label="Opioid-positive urines",
    unit="proportion",
    better="lower",
    definition="Weekly urines with use within the test's window over weekly urines that could be "
    "taken (in care, with a visit kept that week), of people whose substance is an "
    "opioid.",
    family=FAMILY,
)
def urines_positive(people: Followed) -> Shares:
    """Positive urines over urines taken."""
    taken, positive = weekly_urines(people)
    return Shares(positive.sum(axis=1) * people.opioid, taken.sum(axis=1) * people.opioid)


@outcome(
    "urines_positive_or_missing",
    label="Opioid-positive or missing urines",
    unit="proportion",
    better="lower",
    definition="Weeks of follow-up without an opioid-negative urine over all weeks of follow-up, "
    "of people whose substance is an opioid; a week without one counts as positive.",
    family=FAMILY,
)
def urines_positive_or_missing(people: Followed) -> Shares:
    """Weeks without a negative urine over all weeks."""
    taken, positive = weekly_urines(people)
    weeks = taken.shape[1]
    negative = (taken & ~positive).sum(axis=1)
    return Shares((weeks - negative) * people.opioid, weeks * people.opioid)
