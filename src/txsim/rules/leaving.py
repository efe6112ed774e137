"""What leaving care, dying and completing treatment bring with them.

When these come is said elsewhere: by the clocks (`rules.exits`) and by the clinic's own rules
(`rules.clinic_rules`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import rule, seldom
from txsim.randomness import decision, happens, uniform
from txsim.rules.reviews import drop_services, move_to_phase
from txsim.rules.staff_turnover import release_key_worker
from txsim.state.events import (
    AFTERCARE,
    AFTERCARE_BEGAN,
    BECAUSE_COMPLETED,
    BECAUSE_DIED,
    BY_OVERDOSE,
    INDUCTION,
    LEFT,
    NEVER,
    OVERDOSE,
    PERSON_DIED,
    STABILISED,
    happen,
    in_care,
    whereabouts,
)
from txsim.state.layout import PHASE_AFTERCARE, ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key

OVERDOSE_KILLS = decision("an overdose kills")

FATALITY = int(Hazard.FATALITY)


@seldom
def leave(state: ClinicState, i: int, day: int, reason: int) -> None:
    """Leave care for this reason, with everything that goes with it."""
    patient = state.patients[i]
    happen(state.log, state.written, patient, day, LEFT, reason)
    drop_services(state, i)
    release_key_worker(state, patient)
    patient.last_medication = patient.medication


@seldom
def die(state: ClinicState, i: int, day: int, cause: int) -> None:
    """Death ends everything; where the person stood is kept."""
    patient = state.patients[i]
    patient.died_where = whereabouts(patient, day)
    if in_care(patient.status):
        leave(state, i, day, BECAUSE_DIED)
    happen(state.log, state.written, patient, day, PERSON_DIED, cause)
    drop_services(state, i)


@seldom
def overdose(state: ClinicState, i: int, key: Key, day: int) -> None:
    """An overdose: it is survived or not."""
    patient = state.patients[i]
    happen(state.log, state.written, patient, day, OVERDOSE, 0)
    if happens(uniform(key, OVERDOSE_KILLS), state.acting[FATALITY]):
        die(state, i, day, BY_OVERDOSE)


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
