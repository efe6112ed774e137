"""The plan: which services a person is offered and takes up, and how reviews change it.

`generic` puts everything on offer into everybody's plan. `matched` gives what is for everyone to
everyone and the rest to those whose need the assessment finds (it errs). `stepped` starts with what
is for everyone and adds the rest, or thins sessions out, at reviews. No policy has an effect of its
own: what it changes is who receives what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import SUBSTANCES
from txsim.compiled.functions import kernel, rule, seldom, unsigned
from txsim.randomness import chance_of, day_key, decision, joined, uniform
from txsim.rules.agenda import put_on_agenda, take_off_agenda, tidy_agenda
from txsim.rules.medication import consider_switch
from txsim.rules.staff_turnover import assign_key_worker
from txsim.state.events import (
    AFTERCARE,
    NEVER,
    STEPPED_DOWN,
    STEPPED_UP,
    TOOK_UP_SERVICE,
    WAITING,
    happen,
    in_care,
)
from txsim.state.layout import (
    GENERIC,
    GIVEN_UP,
    IN_PLAN,
    MISSED_VISITS,
    PHASE_AFTERCARE,
    PHASE_CARE,
    PHASE_START,
    PHASE_WAITING,
    PRACTICE,
    RECENT_USE,
    STEPPED,
    WITHOUT_EFFECT,
    ClinicState,
)

if TYPE_CHECKING:
    from txsim.state.patient import PatientRow
    from txsim.state.records import Array, ServiceRow
    from txsim.state.scalars import Scalars

FIRST_SUBSTANCES = len(SUBSTANCES)
NEED_IS_FOUND = decision("the assessment finds a need")
TAKES_SERVICE_UP = decision("takes a service up")
IS_REACHED = decision("is reached by a new service")


@rule
def is_phase(service: ServiceRow, status: int) -> bool:
    """Whether a service is delivered to people of this status."""
    if status == WAITING:
        return service.phase == PHASE_WAITING or service.phase == PHASE_START
    if status == AFTERCARE:
        return service.phase == PHASE_AFTERCARE
    return service.phase == PHASE_START or service.phase == PHASE_CARE


@rule
def has_any(has: Array, i: int, wanted: Array, s: int) -> bool:
    """Whether a person has one of the features a service names (true when it names none)."""
    names_some = False
    for c in range(wanted.shape[1]):
        if wanted[s, c]:
            names_some = True
            if has[i, c]:
                return True
    return not names_some


@rule
def suits_substance(service: ServiceRow, patient: PatientRow) -> bool:
    """Whether a service is for the first or the second substance (bits; second ones behind)."""
    if not service.substances or (service.substances >> patient.substance) & 1:
        return True
    second = patient.second_substance
    return second >= 0 and ((service.substances >> (FIRST_SUBSTANCES + second)) & 1) != 0


@rule
def fits(service: ServiceRow, patient: PatientRow) -> bool:
    """Whether substance and medication allow the service (bits of positions; 0 allows all)."""
    if not suits_substance(service, patient):
        return False
    return not service.for_medications or ((service.for_medications >> patient.medication) & 1) != 0


@rule
def found_to_need(needs: bool, luck: float, p: Scalars) -> bool:
    """The assessment's verdict: it misses some needs and sees some that are not there."""
    if needs:
        return luck < p.assessment_sensitivity
    return luck < 1.0 - p.assessment_specificity


@rule
def is_meant_for(service: ServiceRow, needs: bool, luck: float, step: int, p: Scalars) -> bool:
    """Whether the policy offers the service to a person, given whether they need it."""
    if p.policy == GENERIC:
        return True
    if service.everyone and (needs or not service.named_need):
        return True
    if p.policy == STEPPED and step <= 0:
        return False
    return found_to_need(needs, luck, p)


@rule
def reached_by_now(service: ServiceRow, day: int) -> float:
    """Share of people whom a service reaches by this day of its introduction; all otherwise."""
    if service.ramp_days <= 0:
        return 1.0
    return (day - service.ramp_from + 1) / service.ramp_days


@seldom
def consider_services(state: ClinicState, i: int, day: int) -> None:
    """Offer every service that is due to be offered, and see which are taken up."""
    for s in range(state.scalars[0].services):
        if state.services[s].offered:
            consider(state, i, s, day)


@seldom
def consider(state: ClinicState, i: int, s: int, day: int) -> None:
    """Offer one service, if this person is to be offered it now, and see whether it is taken up."""
    p = state.scalars[0]
    patient = state.patients[i]
    service = state.services[s]
    if not is_phase(service, patient.status) or service.carries_dose or not fits(service, patient):
        return
    if state.plan[i, s] & (IN_PLAN | GIVEN_UP):
        return
    in_care_for = day - patient.since
    if patient.status != WAITING and (
        in_care_for < service.from_day
        or (service.until_day > 0 and in_care_for >= service.until_day)
    ):
        return
    lasting_key = joined(patient.key, service.key)
    if uniform(lasting_key, IS_REACHED) >= reached_by_now(service, day):
        return
    if service.kind != PRACTICE:
        needs = has_any(state.has, i, state.wants, s)
        # Assessed when asking and when admitted, each time anew; a review knows what was found.
        assessed = joined(day_key(patient.key, patient.since), service.key)
        luck = uniform(assessed, NEED_IS_FOUND)
        if not is_meant_for(service, needs, luck, patient.step_of_care, p):
            return
        log_odds = service.uptake
        for place in range(patient.agenda_length):
            other = unsigned(state.agenda[i, place])
            log_odds += state.links[other, s] * state.level[i, other]
        own_key = joined(day_key(patient.key, day), service.key)
        if uniform(own_key, TAKES_SERVICE_UP) >= chance_of(log_odds):
            return
        happen(state.log, state.written, patient, day, TOOK_UP_SERVICE, service.number)
    service.taken_up += 1.0
    put_on_agenda(state, i, s, day)
    if service.only_for_some and not has_any(state.has, i, state.acts_for, s):
        state.plan[i, s] |= WITHOUT_EFFECT


@kernel
def introduce(state: ClinicState, new: Array, day: int) -> None:
    """Offer services that are new today (a byte each) to everybody in care or waiting."""
    for i in range(state.written[1]):
        status = state.patients[i].status
        if in_care(status) or status == WAITING:
            for s in range(state.scalars[0].services):
                if new[s] and state.services[s].offered:
                    consider(state, i, s, day)


@seldom
def drop_services(state: ClinicState, i: int) -> None:
    """Leaving (or returning) ends every service and the medication.

    What was given up may be offered in a new stay.
    """
    patient = state.patients[i]
    for place in range(patient.agenda_length):
        take_off_agenda(state, i, unsigned(state.agenda[i, place]))
    for s in range(state.scalars[0].services):
        state.plan[i, s] &= WITHOUT_EFFECT
        state.this_stay[i, s] = 0
    patient.dose_since = NEVER
    patient.supplied_until = NEVER
    patient.missed_doses = 0
    tidy_agenda(state, i)


@seldom
def move_to_phase(state: ClinicState, i: int, day: int) -> None:
    """Drop services that the person's new status does not have, and offer those that it has."""
    patient = state.patients[i]
    for place in range(patient.agenda_length):
        s = unsigned(state.agenda[i, place])
        if not is_phase(state.services[s], patient.status) and not state.services[s].carries_dose:
            take_off_agenda(state, i, s)
    consider_services(state, i, day)


@rule
def interval_factor(step: int, p: Scalars) -> float:
    """What stepped care multiplies the time between sessions by; 1 on the step of admission."""
    if step > 0:
        return p.stepped_up_interval
    if step < 0:
        return p.stepped_down_interval
    return 1.0


@rule
def is_struggling(recent_use: float, missed_visits: float, p: Scalars) -> bool:
    """Whether stepped care moves somebody up: much recent use, or many recent visits missed."""
    return recent_use > p.step_up_use or missed_visits > p.step_up_missed


@rule
def is_settled(recent_use: float, missed_visits: float, p: Scalars) -> bool:
    """Whether stepped care moves somebody down: little recent use and few visits missed."""
    return recent_use < p.step_down_use and missed_visits < p.step_down_missed


@rule
def review_plan(state: ClinicState, i: int, day: int) -> None:
    """A review is due: ended services stop, stepped care moves, unmet needs are offered again."""
    p = state.scalars[0]
    patient = state.patients[i]
    if not in_care(patient.status) or day < patient.review_day:
        return
    patient.review_day = day + p.review_every_days
    if patient.key_worker < 0:
        patient.key_worker = assign_key_worker(state)
    in_care_for = day - patient.since
    for place in range(patient.agenda_length):
        s = unsigned(state.agenda[i, place])
        service = state.services[s]
        if service.until_day > 0 and in_care_for >= service.until_day and not service.carries_dose:
            take_off_agenda(state, i, s)
    if p.policy == STEPPED:
        use, missed = state.drivers[i, RECENT_USE], state.drivers[i, MISSED_VISITS]
        if is_struggling(use, missed, p) and patient.step_of_care < 1:
            patient.step_of_care += 1
            happen(state.log, state.written, patient, day, STEPPED_UP, patient.step_of_care)
        elif is_settled(use, missed, p) and patient.step_of_care > -1:
            patient.step_of_care -= 1
            happen(state.log, state.written, patient, day, STEPPED_DOWN, patient.step_of_care)
    consider_switch(state, i, day)
    consider_services(state, i, day)
    tidy_agenda(state, i)
