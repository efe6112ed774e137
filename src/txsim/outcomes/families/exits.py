"""Why people leave care, when, and whether they come back."""

from __future__ import annotations

import numpy as np

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import FAR, Array, curve, outcome
from txsim.outcomes.survival import cumulative_incidence, kaplan_meier
from txsim.state.events import Reason

FAMILY = "exits"


REASONS: tuple[tuple[Reason, str, str], ...] = (
    (Reason.COMPLETED, "completed", "Completed treatment"),
    (Reason.DROPPED_OUT, "dropped_out", "Dropped out"),
    (Reason.INDUCTION_FAILED, "induction_failed", "Never got through induction"),
    (Reason.MISSED_DAYS, "missed_days", "Discharged for missed days"),
    (Reason.POSITIVE_URINES, "positive_urines", "Discharged for positive urines"),
    (Reason.UNPAID_FEES, "unpaid_fees", "Discharged for unpaid fees"),
    (Reason.MISSED_SESSIONS, "missed_sessions", "Discharged for missed sessions"),
    (Reason.BEHAVIOUR, "behaviour", "Discharged for behaviour"),
    (Reason.TRANSFERRED, "transferred", "Transferred"),
    (Reason.JAILED, "jailed", "Jailed"),
    (Reason.DIED, "died", "Died in care"),
)
"""Reason of an exit, its stem in names of outcomes, and its label."""


def _left(reason: Reason, stem: str, label: str) -> None:
    @outcome(
        f"left_{stem}",
        label=f"First left care: {label.lower()}",
        unit="proportion",
        better="higher" if reason is Reason.COMPLETED else "lower",
        definition="Share of people whose first leaving of care within the follow-up had this "
        f"reason: {label.lower()}.",
        family=FAMILY,
    )
    def left(people: Followed) -> Array:
        return np.asarray((people.left < FAR) & (people.patients["exit_reason"] == int(reason)))


for _reason, _stem, _words in REASONS:
    _left(_reason, _stem, _words)


@outcome(
    "left_any",
    label="First left care, for any reason",
    unit="proportion",
    better="lower",
    definition="Share of people who left care at least once within the follow-up; the reasons "
    "sum to it.",
    family=FAMILY,
)
def left_any(people: Followed) -> Array:
    """Whether care was left."""
    return people.left < FAR


@outcome(
    "came_back",
    label="Came back to care after leaving",
    unit="proportion",
    better="neither",
    definition="Share of the people who left care within the follow-up and were in care again "
    "later in it.",
    family=FAMILY,
)
def came_back(people: Followed) -> Array:
    """Whether care began again, for people who left."""
    entries = how_many(people.in_care[:, 1:] & ~people.in_care[:, :-1])
    if people.asked:
        # The first stay is one of the entries, or began on the first day.
        entries = entries + people.in_care[:, 0] - 1
    return np.where(people.left < FAR, entries > 0, np.nan)


def first_stay(people: Followed) -> tuple[Array, Array]:
    """Days from the first admission to leaving or the end of follow-up; the reason, 0 if none."""
    admitted = people.admitted < FAR
    begins = people.admitted[admitted]
    left = people.left[admitted]
    seen = left < FAR
    days = np.where(seen, left, people.days) - begins
    return np.maximum(days, 0), np.where(seen, people.patients["exit_reason"][admitted], 0)


@curve(
    "first stay",
    label="Still in the first stay, of those admitted",
    unit="proportion",
    definition="Kaplan-Meier share of the people admitted who have not yet left care, by days "
    "since admission; people still in care when their follow-up ends count as not "
    "seen any longer.",
    family=FAMILY,
    clock="days since admission",
)
def first_stay_curve(people: Followed) -> Array:
    """Kaplan-Meier curve of the first stay."""
    days, reasons = first_stay(people)
    return kaplan_meier(days, reasons > 0, people.days)


def _exit_curve(reason: Reason, label: str) -> None:
    @curve(
        f"left: {label.lower()}",
        label=label,
        unit="proportion",
        definition="Cumulative incidence (Aalen-Johansen) of leaving the first stay for this "
        "reason before any other, of the people admitted, by days since admission.",
        family=FAMILY,
        clock="days since admission",
    )
    def by_day(people: Followed) -> Array:
        return np.asarray(exit_curves(people)[int(reason) - 1])


for _reason, _, _words in REASONS:
    _exit_curve(_reason, _words)


def exit_curves(people: Followed) -> Array:
    """Cumulative incidence of each reason, as rows in the order of `state.events.Reason`."""
    kept: Array | None = people.__dict__.get("_exit_curves")
    if kept is None:
        days, reasons = first_stay(people)
        kept = cumulative_incidence(days, reasons, len(Reason) - 1, people.days)
        people.__dict__["_exit_curves"] = kept
    return kept
