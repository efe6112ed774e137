"""The clocks of leaving, overdose, death, jail and return, which compete within the day.

Every clock of a person is exponential and drawn on its own, and the first to ring before the day
ends decides, so that the order of the code cannot favour any. Splitting a day into parts with the
same rates changes nothing but chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import rule, seldom
from txsim.randomness import decision, joined, logarithm, ringing_time, uniform
from txsim.rules.inpatient import came_through_withdrawal, leaving_of_unit
from txsim.rules.jail import jail_outside_care, keeps_medication, leave_jail, take_to_jail
from txsim.rules.leaving import complete, die, leave, overdose
from txsim.rules.medication import (
    cover_elsewhere,
    is_covered,
    is_on_interim_doses,
    phase_of,
)
from txsim.rules.waiting import ask, stop_waiting
from txsim.state.events import (
    AFTERCARE,
    BECAUSE_DROPPED_OUT,
    BECAUSE_JAILED,
    BECAUSE_TRANSFERRED,
    BY_OTHER_CAUSE,
    BY_SUICIDE,
    FOUR_WEEKS,
    JAILED,
    NEVER,
    TRANSFERRED,
    in_care,
    is_in_line,
    is_just_out,
)
from txsim.state.layout import ClinicState
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
DIES_OTHERWISE = decision("dies of another cause")
DIES_BY_SUICIDE = decision("dies by suicide")
RETURNS = decision("asks for help again")
WALKS_AWAY = decision("walks away from the waiting list")

DROPOUT = int(Hazard.DROPOUT)
OVERDOSE = int(Hazard.OVERDOSE)
OTHER_DEATH = int(Hazard.OTHER_DEATH)
SUICIDE = int(Hazard.SUICIDE)
JAIL = int(Hazard.JAIL)
COMPLETION = int(Hazard.COMPLETION)
TRANSFER = int(Hazard.TRANSFER)
RETURN_TO_CARE = int(Hazard.RETURN_TO_CARE)
WALK_AWAY = int(Hazard.WALK_AWAY)
RELEASE = len(Hazard)
"""The clock of release from jail, on which nothing about a person acts: beside the hazards."""
NOTHING = -1


# --- when a clock runs


@rule
def can_overdose(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Overdoses are of opioids, and outside jail."""
    return patient.status != JAILED and patient.substance == 0


@rule
def can_be_jailed(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Whoever is not in jail may go there."""
    return patient.status != JAILED


@rule
def can_drop_out(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Whoever is in care may leave it; so may, for the same reasons, who is dosed in line."""
    return in_care(patient.status) or is_on_interim_doses(patient, p)


@rule
def can_complete(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Treatment is completed in care, once: aftercare comes after it."""
    return in_care(patient.status) and patient.status != AFTERCARE


@rule
def can_be_transferred(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Other clinics take people over until aftercare."""
    return in_care(patient.status) and patient.status != AFTERCARE


@rule
def can_walk_away(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Whoever waits, or has an intake appointment, may give up the wait; not for want of doses."""
    return is_in_line(patient) and not is_on_interim_doses(patient, p)


@rule
def is_out_of_care(patient: PatientRow) -> bool:
    """Whether somebody is not cared for, here or elsewhere, does not wait, and is not in jail."""
    if in_care(patient.status) or is_in_line(patient):
        return False
    return patient.status != JAILED and patient.status != TRANSFERRED


@rule
def can_return(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Whether somebody may ask again: the clinic takes leavers back, and it is not too long ago.

    What is long ago is counted from leaving care last, or from first asking.
    """
    if not is_out_of_care(patient):
        return False
    if patient.left_day == NEVER:
        return day - patient.asked_day < p.asks_again_days
    since = day - patient.left_day
    return since >= p.readmission_gap_days and since < p.asks_again_days


CAN: dict[Hazard, Callable[[Any, Any, int], bool]] = {
    Hazard.OVERDOSE: can_overdose,
    Hazard.JAIL: can_be_jailed,
    Hazard.DROPOUT: can_drop_out,
    Hazard.COMPLETION: can_complete,
    Hazard.TRANSFER: can_be_transferred,
    Hazard.WALK_AWAY: can_walk_away,
    Hazard.RETURN_TO_CARE: can_return,
}
"""When each clock runs that does not run for everybody alive, of a patient on a day."""


# --- how fast it runs


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

    The medication's phase, effects, regular use, the early days, a low dose, a preferred
    medication.
    """
    log_rate = medication.phase_dropout[phase_of(medication, days_in_care)] + effects[DROPOUT]
    if days_in_care < p.early_days:
        log_rate += early
    if patient.regular_use:
        log_rate += p.regular_use_dropout
        if came_through_withdrawal(patient, p.inpatient_days > 0):
            log_rate += p.regular_use_dropout_after_detoxification
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
    log_rate = effects[OVERDOSE] + phase
    if patient.used:
        log_rate += p.low_tolerance_overdose * (1.0 - patient.tolerance)
    return log_rate


@rule
def is_newly_out(patient: PatientRow, day: int) -> bool:
    """Whether somebody left care in the last four weeks and is nowhere else."""
    elsewhere = patient.status == JAILED or patient.status == TRANSFERRED
    return is_just_out(patient, day) and not in_care(patient.status) and not elsewhere


@rule
def other_death_log_rate(patient: PatientRow, effects: Array, p: Scalars, day: int) -> float:
    """Log rate, per day, of dying neither of an overdose nor by suicide; more often once out."""
    just_out = p.other_death_just_out if is_newly_out(patient, day) else 0.0
    return effects[OTHER_DEATH] + just_out


@rule
def suicide_log_rate(patient: PatientRow, effects: Array, p: Scalars, day: int) -> float:
    """Log rate, per day, of suicide; more often in the first weeks after leaving."""
    just_out = p.suicide_just_out if is_newly_out(patient, day) else 0.0
    return effects[SUICIDE] + just_out


@rule
def transfer_log_rate(medication: MedicationRow, effects: Array, days_in_care: int) -> float:
    """Log rate, per day, of being transferred; among opioid patients a share of those who leave."""
    return effects[TRANSFER] + medication.phase_other_exits[phase_of(medication, days_in_care)]


@rule
def completion_log_rate(medication: MedicationRow, effects: Array, days_in_care: int) -> float:
    """Log rate, per day, of completing as planned, from the medication's usual length on.

    Among opioid patients it is a share of those who leave.
    """
    if days_in_care < medication.completion_after:
        return IMPOSSIBLE
    return effects[COMPLETION] + medication.phase_other_exits[phase_of(medication, days_in_care)]


# --- the race


@rule
def sooner(
    first: float, winner: int, hazard: int, key: Key, luck: Key, log_rate: float
) -> tuple[float, int]:
    """The clock that rings first, and when: the first so far, or the one of this hazard."""
    rings = ringing_time(uniform(key, luck), log_rate)
    if rings < first:
        return rings, hazard
    return first, winner


@rule
def race(state: ClinicState, i: int, day_luck: Key, day: int, piece: int) -> None:
    """All clocks of one person in one part of the day; the first that rings happens."""
    p = state.scalars[0]
    patient = state.patients[i]
    medication = state.medications[patient.medication]
    last = state.medications[patient.last_medication]
    effects = state.acting
    split = 0.0 if p.parts_of_day == 1 else logarithm(float(p.parts_of_day))
    key = day_luck if piece == 0 else joined(day_luck, piece)
    stay = day - patient.since
    at, first = 1.0, NOTHING
    if can_overdose(patient, p, day):
        rate = overdose_log_rate(patient, medication, last, effects, p, day) - split
        at, first = sooner(at, first, OVERDOSE, key, OVERDOSES, rate)
    rate = other_death_log_rate(patient, effects, p, day) - split
    at, first = sooner(at, first, OTHER_DEATH, key, DIES_OTHERWISE, rate)
    rate = suicide_log_rate(patient, effects, p, day) - split
    at, first = sooner(at, first, SUICIDE, key, DIES_BY_SUICIDE, rate)
    if patient.status == JAILED:
        at, first = sooner(at, first, RELEASE, key, LEAVES_JAIL, p.release_log_rate - split)
    if can_be_jailed(patient, p, day):
        at, first = sooner(at, first, JAIL, key, GOES_TO_JAIL, effects[JAIL] - split)
    if can_drop_out(patient, p, day):
        rate = dropout_log_rate(patient, medication, effects, state.early[i], p, stay) - split
        rate += leaving_of_unit(patient, p, day)
        at, first = sooner(at, first, DROPOUT, key, DROPS_OUT, rate)
    if can_complete(patient, p, day):
        rate = completion_log_rate(medication, effects, stay) - split
        at, first = sooner(at, first, COMPLETION, key, COMPLETES, rate)
    if can_be_transferred(patient, p, day):
        rate = transfer_log_rate(medication, effects, stay) - split
        at, first = sooner(at, first, TRANSFER, key, TRANSFERS, rate)
    if can_walk_away(patient, p, day):
        at, first = sooner(at, first, WALK_AWAY, key, WALKS_AWAY, effects[WALK_AWAY] - split)
    if can_return(patient, p, day):
        rate = effects[RETURN_TO_CARE] - split
        at, first = sooner(at, first, RETURN_TO_CARE, key, RETURNS, rate)
    if first != NOTHING:
        apply_event(state, i, key, day, first)


@seldom
def apply_event(state: ClinicState, i: int, key: Key, day: int, hazard: int) -> None:
    """What the clock that rang first brings."""
    patient = state.patients[i]
    if hazard == OVERDOSE:
        overdose(state, i, key, day)
    elif hazard == OTHER_DEATH:
        die(state, i, day, BY_OTHER_CAUSE)
    elif hazard == SUICIDE:
        die(state, i, day, BY_SUICIDE)
    elif hazard == RELEASE:
        leave_jail(state, i, key, day)
    elif hazard == JAIL:
        keeps = keeps_medication(state, i, key)
        if in_care(patient.status):
            leave(state, i, day, BECAUSE_JAILED)
        else:
            jail_outside_care(state, i, day)
        patient.medicated_in_jail = keeps
        take_to_jail(state, i, key, day)
    elif hazard == DROPOUT:
        if in_care(patient.status):
            leave(state, i, day, BECAUSE_DROPPED_OUT)
        else:
            stop_waiting(state, i, key, day)
    elif hazard == COMPLETION:
        complete(state, i, day)
    elif hazard == TRANSFER:
        leave(state, i, day, BECAUSE_TRANSFERRED)
        patient.cover = cover_elsewhere(state.medications[patient.medication])
    elif hazard == WALK_AWAY:
        stop_waiting(state, i, key, day)
    elif hazard == RETURN_TO_CARE:
        ask(state, i, day)
