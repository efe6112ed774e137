"""Getting in: who is served, and who is lost or harmed while they wait.

These stand beside every retention figure, because a clinic can look good by serving few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from txsim.outcomes.follow_up import Followed, share_by_day
from txsim.outcomes.outcome import FAR, Array, Better, curve, outcome
from txsim.outcomes.survival import cumulative_incidence
from txsim.state.events import MISSED_INTAKE, WALKED_AWAY

FAMILY = "access"
WAITING = 1
"""`state.events.Where.WAITING` as it stands in the records."""
ADMITTED, GIVEN_UP, DEAD, ELSEWHERE = range(1, 5)
"""Ways in which a wait can end (see `end_of_waiting`)."""
ENDS = ELSEWHERE
"""How many there are."""


def served(people: Followed) -> Array:
    """Whether people were admitted within their follow-up."""
    return people.admitted < FAR


def lost(people: Followed) -> Array:
    """Whether people walked away, or missed their intake, and found no treatment later."""
    gone = walked_away(people) & ~served(people) & ~went_elsewhere(people)
    return gone & ~died_waiting(people)


def missed_intake(people: Followed) -> Array:
    """Whether people were lost by missing their intake appointment (intake no-show)."""
    return lost(people) & (_latest(people, MISSED_INTAKE) > _latest(people, WALKED_AWAY))


def left_list(people: Followed) -> Array:
    """Whether people were lost by leaving the waiting list (reneged)."""
    return lost(people) & ~missed_intake(people)


def _latest(people: Followed, kind: int) -> Array:
    """Day of the latest happening of a kind within the follow-up; -1 without any."""
    latest = np.full(len(people), -1)
    np.maximum.at(latest, *people.happenings(kind))
    return latest


def went_elsewhere(people: Followed) -> Array:
    """Whether people began treatment in another clinic, and were never admitted here."""
    return (people.elsewhere < FAR) & ~served(people) & ~died_waiting(people)


def walked_away(people: Followed) -> Array:
    """Whether people walked away, or missed their intake, at least once before any admission."""
    return people.lost < FAR


def died_waiting(people: Followed) -> Array:
    """Whether people died while waiting for a place."""
    return np.asarray((people.died < FAR) & (people.patients["died_where"] == WAITING))


def overdosed_waiting(people: Followed) -> Array:
    """Whether people overdosed while waiting for a place."""
    return people.overdoses[:, WAITING - 1] > 0


def harmed_waiting(people: Followed) -> Array:
    """Whether people were lost, overdosed or died while waiting."""
    return lost(people) | died_waiting(people) | overdosed_waiting(people)


@dataclass(frozen=True)
class Fate:
    """A fate of a person who asks, reported as a number and as a share."""

    stem: str
    words: str
    better: Better
    sentence: str
    rule: Callable[[Followed], Array]


FATES: tuple[Fate, ...] = (
    Fate("served", "served", "higher", "were admitted within their follow-up", served),
    Fate(
        "walked_away",
        "who walked away at least once",
        "lower",
        "walked away from the waiting list or missed intake before any admission, for good or not",
        walked_away,
    ),
    Fate(
        "lost_waiting",
        "lost while waiting",
        "lower",
        "walked away from the waiting list or missed intake and were never admitted, here or after "
        "waiting anew in another clinic",
        lost,
    ),
    Fate(
        "left_list",
        "who left the waiting list",
        "lower",
        "are counted as lost while waiting because they left the waiting list (reneged)",
        left_list,
    ),
    Fate(
        "missed_intake",
        "who missed the intake appointment",
        "lower",
        "are counted as lost while waiting because they missed their intake appointment (no-show)",
        missed_intake,
    ),
    Fate(
        "went_elsewhere",
        "who went to another clinic instead",
        "neither",
        "stopped waiting and began treatment in another clinic, and were never admitted here; they "
        "are neither served nor lost",
        went_elsewhere,
    ),
    Fate(
        "dead_waiting",
        "dead while waiting",
        "lower",
        "died while on the waiting list or booked for intake",
        died_waiting,
    ),
    Fate(
        "overdosed_waiting",
        "who overdosed while waiting",
        "lower",
        "overdosed while waiting, whether they survived or not",
        overdosed_waiting,
    ),
    Fate(
        "harmed_waiting",
        "harmed while waiting",
        "lower",
        "were lost, overdosed or died while waiting",
        harmed_waiting,
    ),
)


@outcome(
    "people_asked",
    label="People who asked for treatment",
    unit="people",
    better="neither",
    definition="Number of people who first asked for treatment within the accrual window: those "
    "every figure per person is about. For the people already in care on day 0, their "
    "number.",
    family=FAMILY,
    over="sum",
)
def people_asked(people: Followed) -> Array:
    """One each."""
    return np.ones(len(people))


def _number_and_share(fate: Fate) -> None:
    @outcome(
        f"people_{fate.stem}",
        label=f"People {fate.words}",
        unit="people",
        better=fate.better,
        definition="Number of the people who asked for treatment within the accrual window that "
        f"{fate.sentence}.",
        family=FAMILY,
        over="sum",
        present=False,
    )
    def number(people: Followed) -> Array:
        return fate.rule(people)

    @outcome(
        f"share_{fate.stem}",
        label=f"Share {fate.words}",
        unit="proportion",
        better=fate.better,
        definition="Share of the people who asked for treatment within the accrual window that "
        f"{fate.sentence}.",
        family=FAMILY,
        present=False,
    )
    def share(people: Followed) -> Array:
        return fate.rule(people)


for _fate in FATES:
    _number_and_share(_fate)


@outcome(
    "people_waiting_a_day",
    label="People on the waiting list",
    unit="people",
    better="lower",
    definition="Mean number of people waiting on a day of the run.",
    family=FAMILY,
    of="clinic",
)
def people_waiting_a_day(people: Followed) -> float:
    """Mean length of the waiting list."""
    return float(people.run.days["waiting"].mean())


@outcome(
    "people_in_care_a_day",
    label="People in care",
    unit="people",
    better="neither",
    definition="Mean number of people in care on a day of the run, whenever they came.",
    family=FAMILY,
    of="clinic",
)
def people_in_care_a_day(people: Followed) -> float:
    """Mean number in care."""
    return float(people.run.days["in_care"].mean())


def end_of_waiting(people: Followed) -> tuple[Array, Array]:
    """Day the first wait ended and how.

    0 not seen to end, 1 admitted, 2 lost, 3 died, 4 went to another clinic.
    """
    died = np.where(died_waiting(people), people.died, FAR)
    each = np.stack([people.admitted, people.lost, died, people.elsewhere])
    first = each.min(axis=0)
    return np.minimum(first, people.days), np.where(first < FAR, each.argmin(axis=0) + 1, 0)


def waiting_curves(people: Followed) -> Array:
    """Cumulative incidence of each end of the first wait (rows), worked out once."""
    kept: Array | None = people.__dict__.get("_waiting_curves")
    if kept is None:
        day, ended = end_of_waiting(people)
        found = cumulative_incidence(day, ended, ENDS, people.days)
        # A curve's entry d stands for the end of the d-th day; waiting ends during a day.
        kept = np.concatenate((np.zeros((ENDS, 1)), found[:, :-1]), axis=1)
        people.__dict__["_waiting_curves"] = kept
    return kept


def _waiting_curve(how: int, name: str, label: str) -> None:
    @curve(
        name,
        label=label,
        unit="proportion",
        definition=f"Share of the people who asked that was {label.lower()}, before anything else "
        "ended the wait, by days since asking.",
        family=FAMILY,
    )
    def by_day(people: Followed) -> Array:
        return np.asarray(waiting_curves(people)[how - 1])


_waiting_curve(ADMITTED, "admitted", "Admitted")
_waiting_curve(GIVEN_UP, "lost while waiting", "Lost while waiting")
_waiting_curve(DEAD, "dead while waiting", "Dead while waiting")
_waiting_curve(ELSEWHERE, "gone to another clinic", "Gone to another clinic")


@curve(
    "first dose",
    label="Had the first dose",
    unit="proportion",
    definition="Share of the people who asked that has had the first dose (or session), by days "
    "since asking.",
    family=FAMILY,
)
def first_dose_curve(people: Followed) -> Array:
    """Share with a first dose."""
    return share_by_day(people.first_dose, people.days)


def _of_the_day(column: str, name: str, label: str) -> None:
    @curve(
        name,
        label=label,
        unit="people",
        definition=f"{label} on each day of the run.",
        family=FAMILY,
        clock="day of the run",
    )
    def by_day(people: Followed) -> Array:
        return np.asarray(people.run.days[column], dtype=float)


_of_the_day("waiting", "waiting list", "People on the waiting list")
_of_the_day("in_care", "people in care", "People in care")
