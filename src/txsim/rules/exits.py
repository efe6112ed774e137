"""Leaving, overdose, death, jail, return: competing exponential clocks within the day.

Every clock of a person is drawn on its own and the first to ring before the day ends decides, so
that the order of the code cannot favour any. Splitting a day into parts with the same rates changes
nothing but chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import rule, seldom
from txsim.randomness import decision, happens, joined, logarithm, ringing_time, uniform
from txsim.rules.jail import jail_outside_care, keeps_medication, leave_jail, take_to_jail
from txsim.rules.medication import cover_elsewhere, is_covered, phase_of
from txsim.rules.reviews import drop_services, move_to_phase
from txsim.rules.staff_turnover import release_key_worker
from txsim.rules.waiting import ask, stop_waiting
from txsim.state.events import (
    AFTERCARE,
    AFTERCARE_BEGAN,
    BECAUSE_COMPLETED,
    BECAUSE_DIED,
    BECAUSE_DROPPED_OUT,
    BECAUSE_JAILED,
    BECAUSE_TRANSFERRED,
    BOOKED,
    BY_OTHER_CAUSE,
    BY_OVERDOSE,
    BY_SUICIDE,
    FOUR_WEEKS,
    INDUCTION,
    JAILED,
    LEFT,
    NEVER,
    OVERDOSE,
    PERSON_DIED,
    STABILISED,
    TRANSFERRED,
    WAITING,
    happen,
    in_care,
    is_just_out,
    whereabouts,
)
from txsim.state.layout import PHASE_AFTERCARE, ClinicState
from txsim.units import IMPOSSIBLE

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.patient import PatientRow
    from txsim.state.records import Array, MedicationRow
    from txsim.state.scalars import Scalars

DROPS_OUT = decision("drops out")
COMPLETES = decision("completes treatment")
TRANSFERS = decision("is transferred")
GOES_TO_JAIL = decision("goes to jail")
LEAVES_JAIL = decision("leaves jail")
OVERDOSES = decision("overdoses")
OVERDOSE_KILLS = decision("an overdose kills")
DIES_OTHERWISE = decision("dies of another cause")
DIES_BY_SUICIDE = decision("dies by suicide")
RETURNS = decision("asks for help again")
WALKS_AWAY = decision("walks away from the waiting list")

DROPOUT = int(Hazard.DROPOUT)
OVERDOSE_RATE = int(Hazard.OVERDOSE)
OTHER_DEATH = int(Hazard.OTHER_DEATH)
SUICIDE = int(Hazard.SUICIDE)
JAIL = int(Hazard.JAIL)
COMPLETION = int(Hazard.COMPLETION)
TRANSFER = int(Hazard.TRANSFER)
RETURN_TO_CARE = int(Hazard.RETURN_TO_CARE)
WALK_AWAY = int(Hazard.WALK_AWAY)
FATALITY = int(Hazard.FATALITY)

# What the clock that rings first brings.
(
    NOTHING,
    AN_OVERDOSE,
    ANOTHER_DEATH,
    A_SUICIDE,
    RELEASE,
    ARREST,
    LEAVING,
    AN_END_AS_PLANNED,
    A_TRANSFER,
    AN_END_OF_WAITING,
    ASKING_AGAIN,
) = range(11)


@rule
def dropout_log_rate(
    patient: PatientRow,
    medication: MedicationRow,
    effects: Array,
    early: float,
    p: Scalars,
    days_in_care: int,
) -> float:
    """Log rate, per day, of leaving care by one's own choice.

    The medication's phase, effects, the early days, a low dose, a preferred medication, the clinic.
    """
    log_rate = (
        medication.phase_dropout[phase_of(medication, days_in_care)]
        + effects[DROPOUT]
        + p.clinic_effect
    )
    if days_in_care < p.early_days:
        log_rate += early
    if patient.low_dose:
        log_rate += p.low_dose_dropout
    if patient.prefers:
        log_rate += p.preference_match
    return log_rate


@rule
def overdose_log_rate(
    patient: PatientRow,
    medication: MedicationRow,
    last_medication: MedicationRow,
    effects: Array,
    p: Scalars,
    day: int,
) -> float:
    """Log rate, per day, of an overdose, fatal or not.

    By phase of care and effects; on a day of use, also by the tolerance that was lost.
    """
    began = patient.dose_since if medication.service >= 0 else patient.since
    if began != NEVER and (in_care(patient.status) or is_covered(patient, p)):
        phase = medication.overdose_first if day - began < FOUR_WEEKS else medication.overdose_later
    elif patient.status == TRANSFERRED:
        phase = last_medication.overdose_later
    elif is_just_out(patient, day) and not in_care(patient.status):
        phase = last_medication.overdose_out_first
    else:
        phase = last_medication.overdose_out_later
    log_rate = effects[OVERDOSE_RATE] + phase
    if patient.used:
        log_rate += p.low_tolerance_overdose * (1.0 - patient.tolerance)
    return log_rate


@rule
def completion_log_rate(medication: MedicationRow, effects: Array, days_in_care: int) -> float:
    """Log rate, per day, of completing as planned, from the medication's usual length on."""
    if days_in_care < medication.completion_after:
        return IMPOSSIBLE
    return effects[COMPLETION]


@rule
def may_return(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Whether somebody may ask again: the clinic takes leavers back, and it is not too long ago.

    What is long ago is counted from leaving care last, or from first asking.
    """
    if patient.left_day == NEVER:
        return day - patient.asked_day < p.asks_again_days
    since = day - patient.left_day
    return since >= p.readmission_gap_days and since < p.asks_again_days


@seldom
def leave(state: ClinicState, i: int, day: int, reason: int) -> None:
    """Leave care for this reason, with everything that goes with it."""
    patient = state.patients[i]
    happen(state.log, state.written, patient, day, LEFT, reason)
    drop_services(state, i)
    release_key_worker(state, patient)
    patient.last_medication = patient.medication
    count_exit(state, day, reason)


@rule
def count_exit(state: ClinicState, day: int, reason: int) -> None:
    """Count an exit in the daily table."""
    if day < 0:
        return
    row = state.days[day]
    if reason == BECAUSE_COMPLETED:
        row.completed += 1.0
    elif reason == BECAUSE_DROPPED_OUT:
        row.dropped_out += 1.0
    elif reason == BECAUSE_TRANSFERRED:
        row.transferred += 1.0
    elif reason == BECAUSE_JAILED:
        row.jailed += 1.0
    elif reason != BECAUSE_DIED:
        row.discharged += 1.0


@seldom
def die(state: ClinicState, i: int, day: int, cause: int) -> None:
    """Death ends everything; where the person stood is kept."""
    patient = state.patients[i]
    patient.died_where = whereabouts(patient, day)
    if in_care(patient.status):
        leave(state, i, day, BECAUSE_DIED)
    happen(state.log, state.written, patient, day, PERSON_DIED, cause)
    drop_services(state, i)
    if day >= 0:
        state.days[day].died += 1.0


@seldom
def overdose(state: ClinicState, i: int, key: Key, day: int) -> None:
    """An overdose: it is survived or not."""
    patient = state.patients[i]
    happen(state.log, state.written, patient, day, OVERDOSE, 0)
    if day >= 0:
        state.days[day].overdoses += 1.0
    if happens(uniform(key, OVERDOSE_KILLS), state.acting[FATALITY]):
        die(state, i, day, BY_OVERDOSE)


@rule
def race(state: ClinicState, i: int, day_luck: Key, day: int, piece: int) -> None:
    """All clocks of one person in one part of the day; the first that rings happens."""
    p = state.scalars[0]
    patient = state.patients[i]
    medication = state.medications[patient.medication]
    last_medication = state.medications[patient.last_medication]
    effects = state.acting
    split = 0.0 if p.parts_of_day == 1 else logarithm(float(p.parts_of_day))
    key = day_luck if piece == 0 else joined(day_luck, piece)
    status = patient.status
    caring = in_care(status)
    in_line = status == WAITING or status == BOOKED
    first = 1.0
    what = NOTHING
    rings = 2.0
    if status != JAILED and patient.substance == 0:
        rate = overdose_log_rate(patient, medication, last_medication, effects, p, day) - split
        rings = ringing_time(uniform(key, OVERDOSES), rate)
        if rings < first:
            first = rings
            what = AN_OVERDOSE
    rings = ringing_time(uniform(key, DIES_OTHERWISE), effects[OTHER_DEATH] - split)
    if rings < first:
        first = rings
        what = ANOTHER_DEATH
    rings = ringing_time(uniform(key, DIES_BY_SUICIDE), effects[SUICIDE] - split)
    if rings < first:
        first = rings
        what = A_SUICIDE
    if status == JAILED:
        rings = ringing_time(uniform(key, LEAVES_JAIL), p.release_log_rate - split)
        if rings < first:
            first = rings
            what = RELEASE
    else:
        rings = ringing_time(uniform(key, GOES_TO_JAIL), effects[JAIL] - split)
        if rings < first:
            first = rings
            what = ARREST
    if caring:
        days_in_care = day - patient.since
        rate = (
            dropout_log_rate(patient, medication, effects, state.early[i], p, days_in_care) - split
        )
        rings = ringing_time(uniform(key, DROPS_OUT), rate)
        if rings < first:
            first = rings
            what = LEAVING
        if status != AFTERCARE:
            rings = ringing_time(
                uniform(key, COMPLETES),
                completion_log_rate(medication, effects, days_in_care) - split,
            )
            if rings < first:
                first = rings
                what = AN_END_AS_PLANNED
            rings = ringing_time(uniform(key, TRANSFERS), effects[TRANSFER] - split)
            if rings < first:
                first = rings
                what = A_TRANSFER
    elif in_line:
        rings = ringing_time(uniform(key, WALKS_AWAY), effects[WALK_AWAY] - split)
        if rings < first:
            first = rings
            what = AN_END_OF_WAITING
    elif status != JAILED and status != TRANSFERRED and may_return(patient, p, day):
        rings = ringing_time(uniform(key, RETURNS), effects[RETURN_TO_CARE] - split)
        if rings < first:
            first = rings
            what = ASKING_AGAIN
    if what != NOTHING:
        apply_event(state, i, key, day, what)


@seldom
def apply_event(state: ClinicState, i: int, key: Key, day: int, what: int) -> None:
    """Let the clock that rang first have its way."""
    patient = state.patients[i]
    if what == AN_OVERDOSE:
        overdose(state, i, key, day)
    elif what == ANOTHER_DEATH:
        die(state, i, day, BY_OTHER_CAUSE)
    elif what == A_SUICIDE:
        die(state, i, day, BY_SUICIDE)
    elif what == RELEASE:
        leave_jail(state, i, key, day)
    elif what == ARREST:
        keeps = keeps_medication(state, i, key)
        if in_care(patient.status):
            leave(state, i, day, BECAUSE_JAILED)
        else:
            jail_outside_care(state, i, day)
        patient.medicated_in_jail = keeps
        take_to_jail(state, i, key, day)
    elif what == LEAVING:
        leave(state, i, day, BECAUSE_DROPPED_OUT)
    elif what == AN_END_AS_PLANNED:
        complete(state, i, day)
    elif what == A_TRANSFER:
        leave(state, i, day, BECAUSE_TRANSFERRED)
        patient.cover = cover_elsewhere(state.medications[patient.medication])
    elif what == AN_END_OF_WAITING:
        stop_waiting(state, i, key, day)
    else:
        ask(state, i, day)


@seldom
def complete(state: ClinicState, i: int, day: int) -> None:
    """Treatment is completed: on to aftercare where the clinic offers any, else out."""
    p = state.scalars[0]
    offered = False
    for s in range(p.services):
        if state.services[s].offered and state.services[s].phase == PHASE_AFTERCARE:
            offered = True
    if offered:
        happen(state.log, state.written, state.patients[i], day, AFTERCARE_BEGAN, 0)
        move_to_phase(state, i, day)
    else:
        leave(state, i, day, BECAUSE_COMPLETED)


@rule
def end_of_phase(state: ClinicState, i: int, day: int) -> None:
    """Induction ends when the dose is settled; aftercare ends after its length."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.status == INDUCTION:
        medication = state.medications[patient.medication]
        began = patient.dose_since if medication.service >= 0 else patient.since
        if began != NEVER and day - began >= medication.induction_days:
            happen(state.log, state.written, patient, day, STABILISED, 0)
    elif patient.status == AFTERCARE and day - patient.aftercare_day >= p.aftercare_days:
        leave(state, i, day, BECAUSE_COMPLETED)
