"""Overdoses and deaths by where people were when they happened, and quality of life.

The places are those of the evidence: waiting for a place, in care, the first four weeks after
leaving (when tolerance is lost), and later outside care.
"""

from __future__ import annotations

import numpy as np

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.follow_up import Followed, share_by_day
from txsim.outcomes.outcome import FAR, PER_100_PEOPLE, Array, curve, outcome
from txsim.state.events import Cause, Kind, Where
from txsim.units import DAYS_PER_YEAR

PER_100 = 100.0
"""People per whom rare events are reported."""

PLACES: tuple[tuple[Where, str, str], ...] = (
    (Where.WAITING, "waiting", "while waiting"),
    (Where.IN_CARE, "in_care", "in care"),
    (Where.FIRST_FOUR_WEEKS_OUT, "first_four_weeks_out", "in the first four weeks after leaving"),
    (Where.LATER, "later", "later outside care"),
)
CAUSES: tuple[tuple[Cause, str, str], ...] = (
    (Cause.OVERDOSE, "overdose", "of overdose"),
    (Cause.SUICIDE, "suicide", "by suicide"),
    (Cause.OTHER, "other", "of other causes"),
)


def dead(people: Followed) -> Array:
    """Whether people died within their follow-up."""
    return people.died < FAR


def fatal_overdose(people: Followed) -> Array:
    """Whether people died of an overdose within their follow-up."""
    return np.asarray(dead(people) & (people.patients["death_cause"] == int(Cause.OVERDOSE)))


def _fatal_at(people: Followed, where: Where) -> Array:
    return np.asarray(fatal_overdose(people) & (people.patients["died_where"] == int(where)))


@outcome(
    "overdoses",
    label="Overdoses",
    unit=PER_100_PEOPLE,
    better="lower",
    definition="Overdoses within the follow-up, fatal ones included, per 100 people.",
    family="overdose",
)
def overdoses(people: Followed) -> Array:
    """All overdoses."""
    return np.asarray(PER_100 * people.overdoses.sum(axis=1))


@outcome(
    "nonfatal_overdoses",
    label="Non-fatal overdoses",
    unit=PER_100_PEOPLE,
    better="lower",
    definition="Overdoses survived within the follow-up, per 100 people.",
    family="overdose",
)
def nonfatal_overdoses(people: Followed) -> Array:
    """Overdoses survived."""
    return np.asarray(PER_100 * (people.overdoses.sum(axis=1) - fatal_overdose(people)))


@outcome(
    "fatal_overdoses",
    label="Fatal overdoses",
    unit=PER_100_PEOPLE,
    better="lower",
    most=PER_100,
    definition="Deaths of overdose within the follow-up, per 100 people.",
    family="overdose",
)
def fatal_overdoses(people: Followed) -> Array:
    """Deaths of overdose."""
    return PER_100 * fatal_overdose(people)


def _overdoses_at(where: Where, stem: str, words: str) -> None:
    @outcome(
        f"nonfatal_overdoses_{stem}",
        label=f"Non-fatal overdoses {words}",
        unit=PER_100_PEOPLE,
        better="lower",
        definition=f"Overdoses survived {words}, within the follow-up, per 100 people.",
        family="overdose",
    )
    def nonfatal(people: Followed) -> Array:
        return PER_100 * (people.overdoses[:, int(where) - 1] - _fatal_at(people, where))

    @outcome(
        f"fatal_overdoses_{stem}",
        label=f"Fatal overdoses {words}",
        unit=PER_100_PEOPLE,
        better="lower",
        most=PER_100,
        definition=f"Deaths of overdose {words}, within the follow-up, per 100 people.",
        family="overdose",
    )
    def fatal(people: Followed) -> Array:
        return PER_100 * _fatal_at(people, where)


for _where in PLACES:
    _overdoses_at(*_where)


@outcome(
    "deaths",
    label="Deaths",
    unit=PER_100_PEOPLE,
    better="lower",
    most=PER_100,
    definition="Deaths of any cause within the follow-up, per 100 people.",
    family="death",
)
def deaths(people: Followed) -> Array:
    """Deaths of any cause."""
    return PER_100 * dead(people)


def _deaths(field: str, code: int, stem: str, words: str, sentence: str) -> None:
    @outcome(
        f"deaths_{stem}",
        label=f"Deaths {words}",
        unit=PER_100_PEOPLE,
        better="lower",
        most=PER_100,
        definition=f"{sentence} within the follow-up, per 100 people.",
        family="death",
    )
    def deaths(people: Followed) -> Array:
        return np.asarray(PER_100 * (dead(people) & (people.patients[field] == code)))


for _cause, _stem, _words in CAUSES:
    _deaths("death_cause", int(_cause), _stem, _words, f"Deaths {_words}")
for _place, _stem, _words in PLACES:
    _deaths("died_where", int(_place), _stem, _words, f"Deaths of any cause {_words},")


@outcome(
    "crises",
    label="Crises",
    unit=PER_100_PEOPLE,
    better="lower",
    definition="Crises that belong to a diagnosis within the follow-up, per 100 people.",
    family="crises",
)
def crises(people: Followed) -> Array:
    """All crises."""
    return PER_100 * people.how_often(Kind.CRISIS)


def _quality(whose: str, words: str) -> None:
    @outcome(
        f"qalys_{whose}",
        label=f"Quality-adjusted life years ({words})",
        unit="QALYs",
        better="higher",
        definition="Quality-adjusted life years within the follow-up per person: each day alive "
        f"counts by whether the person used and was in care, weighted by {words}.",
        family="quality of life",
    )
    def quality(people: Followed) -> Array:
        prices = people.prices
        in_care = people.days_in_care
        used, used_in_care = people.days_used, how_many(people.used & people.in_care)
        not_used_in_care = in_care - used_in_care
        not_used_out = people.days_alive - used - not_used_in_care
        days = (
            (used - used_in_care) * prices.quality(whose, "using")
            + used_in_care * prices.quality(whose, "using_in_care")
            + not_used_in_care * prices.quality(whose, "not_using_in_care")
            + not_used_out * prices.quality(whose, "not_using_out")
        )
        return np.asarray(days / DAYS_PER_YEAR)


_quality("public", "the general public's values")
_quality("patients", "patients' own values")


@curve(
    "alive",
    label="Alive",
    unit="proportion",
    definition="Share of people who asked that is alive, by days since asking.",
    family="death",
)
def alive(people: Followed) -> Array:
    """Share alive."""
    return 1.0 - share_by_day(people.died, people.days)
