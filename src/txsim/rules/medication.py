"""Medication: which one, the visits that carry it, the dose in force today, and its end.

The supply handed out at a visit lasts until the next one is due; take-home rules stretch that with
time in care. A dose acts while it is taken and fades within days when it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom
from txsim.randomness import chance_of, day_key, decision, exponential, logarithm, uniform
from txsim.rules.agenda import put_on_agenda, take_off_agenda
from txsim.state.events import (
    AFTERCARE,
    FIRST_DOSE,
    IN_TREATMENT,
    INDUCED_ANEW,
    INDUCTION,
    INDUCTION_FAILED,
    NEVER,
    REGULAR_USE_ENDED,
    SWITCHED,
    TRANSFERRED,
    WAITING,
    happen,
    is_in_line,
)
from txsim.state.layout import ClinicState
from txsim.state.sizes import LEAVING_PHASES

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.patient import PatientRow
    from txsim.state.records import MedicationRow, Rows
    from txsim.state.scalars import Scalars

WHICH_MEDICATION = decision("which medication is given")
INDUCTION_SUCCEEDS = decision("induction succeeds")
GETS_ONE_MORE = decision("gets the day beyond whole days of supply")
TAKES_DOSE = decision("takes today's dose")
WEEK = 7
SETTLES = decision("leaves regular use with the first dose")
CERTAIN = 1e-9
"""In place of no chance of failing, of which there is no logarithm."""
HELD_ON_LOW_DOSE = decision("is held on a low dose")


@rule
def choose_medication(medications: Rows[MedicationRow], substance: int, luck: float) -> int:
    """The medication whose share of this substance's patients contains the draw."""
    chosen = -1
    total = 0.0
    for m in range(medications.size):
        if medications[m].substance == substance:
            total += medications[m].assigned
    before = 0.0
    for m in range(medications.size):
        if medications[m].substance == substance and medications[m].assigned > 0.0:
            chosen = m
            before += medications[m].assigned / total
            if luck < before:
                break
    if chosen < 0:
        return no_medication(medications, substance)
    return chosen


@rule
def choose_preferred(medications: Rows[MedicationRow], substance: int, preference: float) -> int:
    """The medication a person would choose; all that the substance has are wished for equally."""
    count = 0
    for m in range(medications.size):
        if medications[m].substance == substance and medications[m].service >= 0:
            count += 1
    place = int(preference * count)
    for m in range(medications.size):
        if medications[m].substance == substance and medications[m].service >= 0:
            if place == 0:
                return m
            place -= 1
    return -1


@rule
def no_medication(medications: Rows[MedicationRow], substance: int) -> int:
    """Care of this substance without a medication: its first entry that no visit carries."""
    for m in range(medications.size):
        if medications[m].substance == substance and medications[m].service < 0:
            return m
    return 0


@rule
def days_until_next_visit(state: ClinicState, patient: PatientRow, day: int) -> float:
    """Days the supply of one visit lasts: the medication's own rhythm, or the take-home rule's."""
    medication = state.medications[patient.medication]
    if not medication.take_home or patient.status == WAITING:
        return medication.days_per_visit
    if patient.status == INDUCTION and patient.reinductions > 0:
        return medication.days_per_visit
    if patient.take_home_lost:
        return medication.days_per_visit
    days = medication.days_per_visit
    in_care_for = day - patient.since
    p = state.scalars[0]
    for step in range(p.take_home_steps):
        rule_step = state.take_home[step]
        clean = rule_step.clean == 0 or patient.negative_urines_in_a_row >= p.clean_weeks
        if in_care_for >= rule_step.from_day and clean:
            days = rule_step.days_per_visit
    return days


@rule
def next_visit_day(state: ClinicState, medication: MedicationRow, day: int, whole: int) -> int:
    """The day on which the supply of a visit ends: whole days, and closed ones that it may bridge.

    What is prescribed bridges all. Doses that take-home rules govern bridge as many closed days
    running as the rules allow: then the next one is due on a closed day, or, of a week or more, on
    the last open day before.
    """
    until = day + whole
    bridged = state.scalars[0].closed_days_home if medication.take_home else WEEK
    while bridged > 0 and state.opening_week[until % WEEK] == 0:
        until += 1
        bridged -= 1
    while whole >= WEEK and state.opening_week[until % WEEK] == 0:
        until -= 1
    return until


@rule
def loses_take_home(patient: PatientRow, p: Scalars) -> bool:
    """Whether no doses are taken home: after so many positive urines, until a month without one."""
    if patient.positive_urines_in_a_row >= p.lose_take_home_after_positive_urines:
        return True
    return patient.take_home_lost and patient.negative_urines_in_a_row < p.clean_weeks


@rule
def phase_of(medication: MedicationRow, days_in_care: int) -> int:
    """Which of the medication's phases of leaving holds after so many days in care."""
    phase = 0
    for k in range(1, LEAVING_PHASES):
        if days_in_care >= medication.phase_from[k]:
            phase = k
    return phase


@seldom
def assign_medication(state: ClinicState, i: int, day: int) -> None:
    """Decide on a medication, once a stay, and put the visits that carry it on the agenda.

    Visits of another one, assigned while waiting and not begun, end.
    """
    patient = state.patients[i]
    before = patient.medication
    decide_medication(state, patient)
    if before >= 0 and before != patient.medication and state.medications[before].service >= 0:
        take_off_agenda(state, i, state.medications[before].service)
    put_on_medication(state, i, day)


@rule
def decide_medication(state: ClinicState, patient: PatientRow) -> None:
    """Which medication a person gets, unless one was begun: by the clinic's shares, or the wish."""
    if patient.dose_since == NEVER or patient.medication < 0:
        luck = uniform(day_key(patient.key, patient.since), WHICH_MEDICATION)
        if state.scalars[0].by_preference:
            luck = patient.preference
        patient.medication = choose_medication(state.medications, patient.substance, luck)


@rule
def cover_elsewhere(medication: MedicationRow) -> float:
    """The cover of people in another clinic: they are taken to have their medication in full."""
    return 1.0 if medication.service >= 0 else 0.0


@seldom
def begin_elsewhere(state: ClinicState, i: int) -> int:
    """Begin treatment in another clinic, on the medication that this one would have given.

    The medication, or -1 for none.
    """
    patient = state.patients[i]
    decide_medication(state, patient)
    medication = state.medications[patient.medication]
    patient.last_medication = patient.medication
    patient.cover = cover_elsewhere(medication)
    return patient.medication if medication.service >= 0 else -1


@rule
def put_on_medication(state: ClinicState, i: int, day: int) -> None:
    """Put the visits that carry a person's medication on the agenda, and note how it suits them."""
    patient = state.patients[i]
    medication = state.medications[patient.medication]
    wished = choose_preferred(state.medications, patient.substance, patient.preference)
    patient.prefers = medication.service >= 0 and patient.medication == wished
    patient.last_medication = patient.medication
    patient.supply_days = medication.days_per_visit
    if patient.first_medication < 0 and patient.status != WAITING:
        patient.first_medication = patient.medication
    patient.low_dose = (
        uniform(day_key(patient.key, patient.since), HELD_ON_LOW_DOSE) < medication.low_dose_share
    )
    if medication.service >= 0:
        put_on_agenda(state, i, medication.service, day)


@rule
def other_medication(
    medications: Rows[MedicationRow], substance: int, current: int, wished: int
) -> int:
    """What to change to: the medication one wishes, else the other that most are meant for.

    -1 where the substance has no other that the clinic gives.
    """
    if wished >= 0 and wished != current and medications[wished].assigned > 0.0:
        return wished
    best = -1
    for m in range(medications.size):
        one = medications[m]
        given = one.substance == substance and one.service >= 0 and one.assigned > 0.0
        if given and m != current and (best < 0 or one.assigned > medications[best].assigned):
            best = m
    return best


@seldom
def consider_switch(state: ClinicState, i: int, day: int) -> None:
    """Change the medication of somebody who still uses on it, where the clinic's rule says so.

    The new one begins with an induction of its own; what the old one did fades.
    """
    patient = state.patients[i]
    limit = state.scalars[0].switch_after_positive_urines
    old = state.medications[patient.medication]
    if limit <= 0 or patient.positive_urines_in_a_row < limit or old.service < 0:
        return
    wished = choose_preferred(state.medications, patient.substance, patient.preference)
    new = other_medication(state.medications, patient.substance, patient.medication, wished)
    if new < 0 or patient.status == AFTERCARE:
        return
    take_off_agenda(state, i, old.service)
    patient.medication = new
    patient.dose_since = NEVER
    patient.supplied_until = NEVER
    patient.positive_urines_in_a_row = 0
    happen(state.log, state.written, patient, day, SWITCHED, new)
    put_on_medication(state, i, day)


@rule
def starts_again(patient: PatientRow, p: Scalars) -> bool:
    """Whether so many doses were missed running that the next one is a new induction."""
    missed = p.reinduction_after_missed_days
    seen = patient.status == INDUCTION or patient.status == IN_TREATMENT
    return seen and missed > 0 and patient.dose_since != NEVER and patient.missed_doses >= missed


@rule
def settle(state: ClinicState, i: int, medication: MedicationRow, day: int) -> None:
    """The first dose of a stay: some leave regular use with it."""
    patient = state.patients[i]
    if uniform(day_key(patient.key, day), SETTLES) < medication.settles:
        patient.regular_use = False
        happen(state.log, state.written, patient, day, REGULAR_USE_ENDED, 0)


@rule
def go_without_medication(state: ClinicState, patient: PatientRow) -> None:
    """Care goes on without a medication: with no dose that is low, and none wished for."""
    patient.medication = no_medication(state.medications, patient.substance)
    patient.low_dose = False
    patient.prefers = False


@rule
def give_dose(state: ClinicState, i: int, day: int) -> None:
    """A visit that carries the dose was kept: induction at first, then a supply until the next."""
    patient = state.patients[i]
    medication = state.medications[patient.medication]
    anew = starts_again(patient, state.scalars[0])
    if patient.dose_since == NEVER or anew:
        chance = medication.induction_detoxified if patient.detoxified else medication.induction
        if patient.fentanyl:
            odds = state.scalars[0].fentanyl_induction
            chance = chance_of(logarithm(chance / max(1.0 - chance, CERTAIN)) + odds)
        if uniform(day_key(patient.key, day), INDUCTION_SUCCEEDS) >= chance:
            happen(state.log, state.written, patient, day, INDUCTION_FAILED, patient.medication)
            take_off_agenda(state, i, medication.service)
            go_without_medication(state, patient)
            return
        if not anew and patient.regular_use:
            settle(state, i, medication, day)
        patient.dose_since = day
        kind = INDUCED_ANEW if anew else FIRST_DOSE
        happen(state.log, state.written, patient, day, kind, patient.medication)
    patient.supply_days = days_until_next_visit(state, patient, day)
    whole = int(patient.supply_days)
    if uniform(day_key(patient.key, day), GETS_ONE_MORE) < patient.supply_days - whole:
        whole += 1
    until = next_visit_day(state, medication, day, max(whole, 1))
    patient.supplied_until = until
    state.due[i, medication.service] = until


@rule
def is_covered(patient: PatientRow, p: Scalars) -> bool:
    """Whether so much of a dose is in force that the person counts as on medication."""
    return patient.cover > p.medicated_from


@rule
def is_on_interim_doses(patient: PatientRow, p: Scalars) -> bool:
    """Whether somebody in line is covered by doses of the clinic's."""
    return is_in_line(patient) and patient.dose_since != NEVER and is_covered(patient, p)


@rule
def taper_left(p: Scalars, days_on_dose: int) -> float:
    """Share of the dose left by a scheduled taper: 1 before it, falling in a line to 0."""
    if p.taper_days <= 0 or days_on_dose < p.taper_from_day:
        return 1.0
    return max(0.0, 1.0 - (days_on_dose - p.taper_from_day) / p.taper_days)


@rule
def titrated(p: Scalars, induction_days: int, days_on_dose: int) -> float:
    """Share of a steady dose's effect while the dose is found: saturating from the first dose's.

    1 - (1 - first) * exp(-pace * days / induction days); 1 once induction is over.
    """
    if days_on_dose >= induction_days:
        return 1.0
    missing = exponential(-p.titration_pace * days_on_dose / induction_days)
    return 1.0 - (1.0 - p.first_dose_effect) * missing


@rule
def take_dose(state: ClinicState, i: int, key: Key, day: int) -> None:
    """Today's dose is taken or not; its effect is full while taken and fades otherwise."""
    p = state.scalars[0]
    patient = state.patients[i]
    medication = state.medications[patient.medication]
    if patient.status == TRANSFERRED or patient.medicated_in_jail:
        patient.cover = cover_elsewhere(medication)
        return
    taken = False
    if medication.service >= 0 and patient.dose_since != NEVER and day < patient.supplied_until:
        taken = medication.adherence >= 1.0 or uniform(key, TAKES_DOSE) < medication.adherence
    if taken:
        on_dose = day - patient.dose_since
        patient.cover = taper_left(p, on_dose) * titrated(p, medication.induction_days, on_dose)
        patient.missed_doses = 0
        patient.last_contact = day
        medication.days += 1.0
        if patient.cover <= 0.0:
            # Who prescribes goes on seeing people after a taper; a dispensing window does not.
            if medication.take_home:
                take_off_agenda(state, i, medication.service)
            go_without_medication(state, patient)
            patient.supplied_until = NEVER
    else:
        patient.cover *= p.cover_kept
        if medication.service >= 0:
            patient.missed_doses += 1
