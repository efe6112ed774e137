"""The reference clinic: where intercepts are solved and held.

Published retention is marginal: it is of a case mix, with its frailty, visits missed and rules. So
the log base rates of leaving are those with which the reference case mix, all on one medication in
a clinic with room and staff for everybody, shows the published curve.
`experiments/solve_intercepts.py` solves them; a test holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.state import calendar
from txsim.state.events import AFTERCARE, INDUCTION, NEVER, Kind

if TYPE_CHECKING:
    from txsim.catalogue import Medication
    from txsim.run import Run
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

ROOMY = 1000.0
"""Posts of each role: more than anybody needs."""
DAYS = (30, 90, 180, 365)
FORTNIGHT = 14
"""Days within which somebody of the cohort counts as begun."""


def reference_scenario(medication: str, people: int, days: int = 400) -> Scenario:
    """The baseline's people and services on one medication, a cohort with room for all.

    Nobody's supply is fentanyl, since the published figures are from before it.

    Raises ScenarioError for an unknown medication.
    """
    from txsim.scenario import load

    baseline = load("baseline")
    substance = baseline.catalogue.medications[medication].substance
    opioid = substance == "opioid"
    return baseline.with_changes(
        name=f"reference {medication}",
        horizon={"days": days},
        population=(
            {"mix": "outpatient opioid programme", "shares": {"fentanyl": 0.0}}
            if opioid
            else {"mix": "alcohol programme"}
        ),
        arrivals={"cohort": people},
        clinic={"places": people, "waiting_list": {"same_day_start": 1.0}},
        staff={role: {"posts": ROOMY} for role in ("counsellor", "nurse", "prescriber")},
        roles={role: {"turnover_per_year": 0.0} for role in ("counsellor", "nurse", "prescriber")},
        medication={"assign": {medication: 1.0}},
    )


def target_survival(medication: Medication, day: float) -> float:
    """The published marginal share still in care so many days after the first dose."""
    total = 0.0
    phases = medication.phases
    for k, phase in enumerate(phases):
        end = phases[k + 1].from_day if k + 1 < len(phases) else float("inf")
        total += max(0.0, min(day, end) - phase.from_day) * phase.dropout.value
    return exp(-total)


def starters(run: Run, medication: int) -> Array:
    """Who began care on this medication (by position) early enough to be followed for a year."""
    patients = run.patients
    took: Array = (patients["first_dose_day"] != NEVER) & (
        patients["first_medication"] == medication
    )
    return took & (patients["first_dose_day"] < len(run.calendar) - DAYS[-1])


def stays(run: Run, medication: int) -> tuple[Array, Array]:
    """Days from the first dose to leaving care, and whether they left.

    Of those who can be followed for a year from that dose.
    """
    patients = run.patients
    took = starters(run, medication)
    start = patients["first_dose_day"][took]
    exit_day = patients["exit_day"][took]
    left = exit_day != NEVER
    return np.where(left, exit_day - start, len(run.calendar) - start).astype(float), left


def hazards_by_phase(
    durations: Array, left: Array, starts: Sequence[int], until: int = 365
) -> Array:
    """Observed rate of leaving per day in each phase."""
    edges = [*starts, until]
    rates = np.zeros(len(starts))
    for k in range(len(starts)):
        exposure = np.clip(durations, edges[k], edges[k + 1]).sum() - edges[k] * len(durations)
        exits = (left & (durations >= edges[k]) & (durations < edges[k + 1])).sum()
        rates[k] = exits / max(exposure, 1.0)
    return rates


def survival(durations: Array, left: Array, day: float) -> float:
    """Share still in care after so many days; everybody is followed that long."""
    return float(1.0 - (left & (durations <= day)).mean())


def positive_share(run: Run, first: int = 28, last: int = 180) -> float:
    """Share of person-weeks in care with use by a weekly urine; for alcohol, of person-days.

    People on an opioid medication count in the weeks in which it acts, as in its trials.
    """
    status = calendar.status_of(run.calendar)
    caring = (status >= INDUCTION) & (status <= AFTERCARE)
    medicated = calendar.medicated(run.calendar)
    if medicated.any() and run.patients["substance"].mean() <= 0.5:
        caring &= medicated
    used = calendar.used(run.calendar)
    if run.patients["substance"].mean() > 0.5:
        return float(used[first:last][caring[first:last]].mean())
    window = used[2:] | used[1:-1] | used[:-2]
    weekly = slice(first, last, 7)
    return float(window[weekly][caring[2:][weekly]].mean())


def regimes(run: Run) -> Array:
    """Whether each person was in regular use at the end of each day (days x people)."""
    days, people = run.calendar.shape
    regular = np.empty((days, people), bool)
    row_of = {int(person): row for row, person in enumerate(run.patients["person"])}
    now = run.patients["regular_use"].copy()
    begins_or_ends = np.isin(
        run.events["kind"], (int(Kind.REGULAR_USE_BEGAN), int(Kind.REGULAR_USE_ENDED))
    )
    changes = run.events[begins_or_ends & (run.events["day"] >= 0)]
    place = len(changes) - 1
    for day in range(days - 1, -1, -1):
        regular[day] = now
        while place >= 0 and changes["day"][place] == day:
            row = row_of.get(int(changes["person"][place]))
            if row is not None:
                now[row] = changes["kind"][place] == int(Kind.REGULAR_USE_ENDED)
            place -= 1
    return regular


def regime_rates(run: Run, first: int = 14, last: int = 168) -> tuple[float, float]:
    """Rates a day at which regular use begins and ends among people in care and medicated.

    Counted over the days since admission from `first` until `last`, so that the first dose of a
    stay, with which some leave regular use, is not among them.
    """
    regular = regimes(run)
    days = np.arange(len(run.calendar))[:, None] - run.patients["first_admitted_day"][None, :]
    status = calendar.status_of(run.calendar)
    looked_at = (status >= INDUCTION) & (status <= AFTERCARE) & calendar.medicated(run.calendar)
    looked_at &= (days >= first) & (days < last)
    before, after, looked_at = regular[:-1], regular[1:], looked_at[1:]
    rates = []
    for within in (False, True):
        at_risk = looked_at & (before == within)
        changed = (at_risk & (after != within)).sum() / max(at_risk.sum(), 1)
        rates.append(float(-np.log1p(-changed)))
    return rates[0], rates[1]


def paid_for_abstinence(people: int, days: int, offered: bool) -> Scenario:
    """The reference cohort on methadone, with contingency management for all or for nobody."""
    return reference_scenario("methadone", people, days).with_changes(
        services={
            "contingency_management": {
                "offered": offered,
                "uptake": 1.0,
                "quits": 0.0,
                "for": "everyone",
            }
        },
        plan={"policy": "generic"},
        staff={"counsellor": {"posts": 2.0 * ROOMY}},
    )


def rate_of_leaving(run: Run, first: int, last: int) -> float:
    """Exits a day from one day of a stay to another, of those who began in the first fortnight."""
    begun, left = run.patients["first_dose_day"], run.patients["exit_day"]
    horizon = len(run.calendar)
    stay = np.where(left != NEVER, left, horizon) - begun
    at_risk = (begun != NEVER) & (begun <= FORTNIGHT) & (stay > first)
    exits = at_risk & (left != NEVER) & (stay <= last)
    return float(exits.sum() / (np.minimum(stay, last) - first)[at_risk].sum())
