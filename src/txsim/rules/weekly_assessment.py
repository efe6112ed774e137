"""Home, work and symptoms, looked at once a week: some change, and how things stand is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom
from txsim.rules.home import change_home
from txsim.rules.linear_predictor import ALL
from txsim.rules.work import change_work
from txsim.state.events import HOUSED, JAILED, UNHOUSED
from txsim.state.layout import ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.patient import PatientRow
    from txsim.state.scalars import Scalars


@rule
def is_followed(patient: PatientRow, day: int, p: Scalars) -> bool:
    """Whether a day belongs to a person's follow-up: from asking, or from day 0 if known then."""
    return day >= 0 and day - max(patient.asked_day, 0) < p.follow_up


@rule
def symptoms_felt(state: ClinicState, i: int) -> float:
    """Symptoms above their usual level today, help included: the mean over a person's diagnoses.

    In sd units; 0 for people without any.
    """
    p = state.scalars[0]
    total, count = 0.0, 0
    for d in range(p.first_barrier - p.first_symptom):
        if state.has[i, p.first_diagnosis + d]:
            total += state.felt[ALL, p.first_symptom + d]
            count += 1
    return total / count if count > 0 else 0.0


@seldom
def take_stock(state: ClinicState, i: int, key: Key, day: int) -> None:
    """A Monday: home and work may change, and how the person lives and feels is counted."""
    p = state.scalars[0]
    patient = state.patients[i]
    if p.homes_change:
        change_home(state, i, key, day)
    if p.work_changes:
        change_work(state, i, key, day)
    if not is_followed(patient, day, p):
        return
    patient.mondays += 1
    patient.symptoms += symptoms_felt(state, i)
    if patient.status == JAILED:
        return
    if patient.home == HOUSED or patient.in_bed:
        patient.mondays_with_home += 1
    elif patient.home == UNHOUSED:
        patient.mondays_without_home += 1
    if patient.works:
        patient.mondays_at_work += 1
