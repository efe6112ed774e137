"""The clinic's own rules of discharge: days, sessions and urines in a row, behaviour, fees unpaid.

Urines are taken weekly in care, for the primary opioid; a urine is positive for use within the last
days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, unsigned
from txsim.randomness import decision, logarithm, ringing_time, uniform
from txsim.rules.leaving import leave
from txsim.rules.linear_predictor import ALL
from txsim.rules.medication import loses_take_home
from txsim.rules.scheduling import is_visit
from txsim.state.events import (
    AFTERCARE,
    BECAUSE_MISSED_DAYS,
    BECAUSE_MISSED_SESSIONS,
    BECAUSE_OF_BEHAVIOUR,
    BECAUSE_POSITIVE_URINES,
    BECAUSE_UNPAID_FEES,
    in_care,
)
from txsim.state.layout import IN_PLAN, ClinicState
from txsim.units import IMPOSSIBLE

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.patient import PatientRow
    from txsim.state.scalars import Scalars

NO_BURDEN = 1e-12
"""In place of none, of which there is no logarithm."""
OPIOID = 0
"""The primary substance that urines are taken for."""
IS_PUT_OUT = decision("is put out for behaviour")
CANNOT_PAY = decision("cannot pay the fee any longer")


@rule
def is_positive(last_use: int, day: int, p: Scalars) -> bool:
    """A urine finds use within the window."""
    return day - last_use < p.urine_window_days


@rule
def unpaid_log_rate(money_burden_left: float, p: Scalars) -> float:
    """Log rate, per day, of being put out for unpaid fees.

    The fee's published effect on leaving, for people short of money.
    """
    return p.fee_log_rate + logarithm(max(money_burden_left, NO_BURDEN))


@rule
def is_urine_due(patient: PatientRow, day: int) -> bool:
    """Weekly, on the weekday of admission, until aftercare."""
    days_in_care = day - patient.since
    return patient.status != AFTERCARE and days_in_care > 0 and days_in_care % 7 == 0


@rule
def take_urine(state: ClinicState, i: int, day: int) -> None:
    """Weekly urine, tested for opioids."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.substance != OPIOID or not is_urine_due(patient, day):
        return
    positive = is_positive(patient.last_use, day, p)
    patient.urines += 1
    if positive:
        patient.urines_positive += 1
    patient.positive_urines_in_a_row = patient.positive_urines_in_a_row + 1 if positive else 0
    patient.negative_urines_in_a_row = 0 if positive else patient.negative_urines_in_a_row + 1
    if p.lose_take_home_after_positive_urines > 0:
        patient.take_home_lost = loses_take_home(patient, p)


@rule
def has_visits(state: ClinicState, i: int) -> bool:
    """Whether any visits stand in a person's plan: where there are none, none can be missed."""
    for place in range(state.patients[i].agenda_length):
        s = unsigned(state.agenda[i, place])
        if state.plan[i, s] & IN_PLAN and is_visit(state.services[s]):
            return True
    return False


@rule
def apply_rules(state: ClinicState, i: int, key: Key, day: int) -> None:
    """Discharge where a rule of the clinic says so."""
    p = state.scalars[0]
    patient = state.patients[i]
    if not in_care(patient.status) or patient.status == AFTERCARE:
        return
    missed = p.discharge_after_missed_days
    urines = p.positive_urines_in_a_row
    sessions = p.missed_sessions_in_a_row
    since_contact = max(patient.missed_doses, day - patient.last_contact)
    if missed > 0 and since_contact >= missed and has_visits(state, i):
        leave(state, i, day, BECAUSE_MISSED_DAYS)
    elif urines > 0 and patient.positive_urines_in_a_row >= urines:
        leave(state, i, day, BECAUSE_POSITIVE_URINES)
    elif sessions > 0 and patient.missed_in_a_row >= sessions:
        leave(state, i, day, BECAUSE_MISSED_SESSIONS)
    elif (
        p.behaviour_log_rate > IMPOSSIBLE
        and ringing_time(uniform(key, IS_PUT_OUT), p.behaviour_log_rate) < 1.0
    ):
        leave(state, i, day, BECAUSE_OF_BEHAVIOUR)
    elif p.fee_log_rate > IMPOSSIBLE and p.money_barrier >= 0:
        burden = state.felt[ALL, p.money_barrier]
        if ringing_time(uniform(key, CANNOT_PAY), unpaid_log_rate(burden, p)) < 1.0:
            leave(state, i, day, BECAUSE_UNPAID_FEES)
