"""The plan: which services a person is offered and takes up, and how reviews change it.

`generic` puts everything on offer into everybody's plan. `matched` gives what is for everyone to
everyone and the rest to those whose need the assessment finds (it errs). `stepped` starts with what
is for everyone and adds the rest, or thins sessions out, at reviews. No policy has an effect of its
own: what it changes is who receives what.
"""

from __future__ import annotations

from typing import Any

from txsim.compiling import kernel, rule, seldom, unsigned
from txsim.events import (
    AFTERCARE,
    NEVER,
    STEPPED_DOWN,
    STEPPED_UP,
    TOOK_UP_SERVICE,
    WAITING,
    happen,
    in_care,
)
from txsim.randomness import chance_of, day_key, decision, joined, uniform
from txsim.rules.agenda import put_on_agenda, take_off_agenda, tidy_agenda
from txsim.rules.books import (
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
    Books,
)
from txsim.rules.medication import consider_switch
from txsim.rules.staff_turnover import assign_key_worker

NEED_IS_FOUND = decision("the assessment finds a need")
TAKES_SERVICE_UP = decision("takes a service up")
IS_REACHED = decision("is reached by a new service")


@rule
def is_phase(service: Any, status: int) -> bool:
    """Whether a service is delivered to people of this status."""
    if status == WAITING:
        return service.phase == PHASE_WAITING or service.phase == PHASE_START
    if status == AFTERCARE:
        return service.phase == PHASE_AFTERCARE
    return service.phase == PHASE_START or service.phase == PHASE_CARE


@rule
def has_any(has: Any, i: int, wanted: Any, s: int) -> bool:
    """Whether a person has one of the features a service names (true when it names none)."""
    names_some = False
    for c in range(wanted.shape[1]):
        if wanted[s, c]:
            names_some = True
            if has[i, c]:
                return True
    return not names_some


@rule
def fits(service: Any, patient: Any) -> bool:
    """Whether substance and medication allow the service (bits of positions; 0 allows all)."""
    if service.substances and not (service.substances >> patient.substance) & 1:
        return False
    return not service.for_medications or ((service.for_medications >> patient.medication) & 1) != 0


@rule
def found_to_need(needs: bool, luck: float, course: Any) -> bool:
    """The assessment's verdict: it misses some needs and sees some that are not there."""
    if needs:
        return luck < course.assessment_sensitivity
    return luck < 1.0 - course.assessment_specificity


@rule
def is_meant_for(service: Any, needs: bool, luck: float, step: int, course: Any) -> bool:
    """Whether the policy offers the service to a person, given whether they need it."""
    if course.policy == GENERIC:
        return True
    if service.everyone and (needs or not service.named_need):
        return True
    if course.policy == STEPPED and step <= 0:
        return False
    return found_to_need(needs, luck, course)


@rule
def reached_by_now(service: Any, day: int) -> float:
    """Share of people whom a service reaches by this day of its introduction; all otherwise."""
    if service.ramp_days <= 0:
        return 1.0
    return (day - service.ramp_from + 1) / service.ramp_days


@seldom
def consider_services(books: Books, i: int, day: int) -> None:
    """Offer every service that is due to be offered, and see which are taken up."""
    for s in range(books.course[0].services):
        if books.services[s].offered:
            consider(books, i, s, day)


@seldom
def consider(books: Books, i: int, s: int, day: int) -> None:
    """Offer one service, if this person is to be offered it now, and see whether it is taken up."""
    course = books.course[0]
    patient = books.patients[i]
    service = books.services[s]
    if not is_phase(service, patient.status) or service.carries_dose or not fits(service, patient):
        return
    if books.plan[i, s] & (IN_PLAN | GIVEN_UP):
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
        needs = has_any(books.has, i, books.wants, s)
        luck = uniform(lasting_key, NEED_IS_FOUND)
        if not is_meant_for(service, needs, luck, patient.step_of_care, course):
            return
        log_odds = service.uptake
        for place in range(patient.agenda_length):
            other = unsigned(books.agenda[i, place])
            log_odds += books.links[other, s] * books.level[i, other]
        own_key = joined(day_key(patient.key, day), service.key)
        if uniform(own_key, TAKES_SERVICE_UP) >= chance_of(log_odds):
            return
        happen(books.log, books.written, patient, day, TOOK_UP_SERVICE, service.number)
    service.taken_up += 1.0
    put_on_agenda(books, i, s, day)
    if service.only_for_some and not has_any(books.has, i, books.acts_for, s):
        books.plan[i, s] |= WITHOUT_EFFECT


@kernel
def introduce(books: Books, new: Any, day: int) -> None:
    """Offer services that are new today (a byte each) to everybody in care or waiting."""
    for i in range(books.written[1]):
        status = books.patients[i].status
        if in_care(status) or status == WAITING:
            for s in range(books.course[0].services):
                if new[s] and books.services[s].offered:
                    consider(books, i, s, day)


@seldom
def drop_services(books: Books, i: int) -> None:
    """Leaving (or returning) ends every service and the medication.

    What was given up may be offered in a new stay.
    """
    patient = books.patients[i]
    for place in range(patient.agenda_length):
        take_off_agenda(books, i, unsigned(books.agenda[i, place]))
    for s in range(books.course[0].services):
        books.plan[i, s] &= WITHOUT_EFFECT
        books.this_stay[i, s] = 0
    patient.dose_since = NEVER
    patient.supplied_until = NEVER
    patient.missed_doses = 0
    tidy_agenda(books, i)


@seldom
def move_to_phase(books: Books, i: int, day: int) -> None:
    """Drop services that the person's new status does not have, and offer those that it has."""
    patient = books.patients[i]
    for place in range(patient.agenda_length):
        s = unsigned(books.agenda[i, place])
        if not is_phase(books.services[s], patient.status) and not books.services[s].carries_dose:
            take_off_agenda(books, i, s)
    consider_services(books, i, day)


@rule
def interval_factor(step: int, course: Any) -> float:
    """What stepped care multiplies the time between sessions by; 1 on the step of admission."""
    if step > 0:
        return course.stepped_up_interval
    if step < 0:
        return course.stepped_down_interval
    return 1.0


@rule
def is_struggling(recent_use: float, missed_visits: float, course: Any) -> bool:
    """Whether stepped care moves somebody up: much recent use, or many recent visits missed."""
    return recent_use > course.step_up_use or missed_visits > course.step_up_missed


@rule
def is_settled(recent_use: float, missed_visits: float, course: Any) -> bool:
    """Whether stepped care moves somebody down: little recent use and few visits missed."""
    return recent_use < course.step_down_use and missed_visits < course.step_down_missed


@rule
def review_plan(books: Books, i: int, day: int) -> None:
    """A review is due: ended services stop, stepped care moves, unmet needs are offered again."""
    course = books.course[0]
    patient = books.patients[i]
    if not in_care(patient.status) or day < patient.review_day:
        return
    patient.review_day = day + course.review_every_days
    if patient.key_worker < 0:
        patient.key_worker = assign_key_worker(books)
    in_care_for = day - patient.since
    for place in range(patient.agenda_length):
        s = unsigned(books.agenda[i, place])
        service = books.services[s]
        if service.until_day > 0 and in_care_for >= service.until_day and not service.carries_dose:
            take_off_agenda(books, i, s)
    if course.policy == STEPPED:
        use, missed = books.drivers[i, RECENT_USE], books.drivers[i, MISSED_VISITS]
        if is_struggling(use, missed, course) and patient.step_of_care < 1:
            patient.step_of_care += 1
            happen(books.log, books.written, patient, day, STEPPED_UP, patient.step_of_care)
        elif is_settled(use, missed, course) and patient.step_of_care > -1:
            patient.step_of_care -= 1
            happen(books.log, books.written, patient, day, STEPPED_DOWN, patient.step_of_care)
    consider_switch(books, i, day)
    consider_services(books, i, day)
    tidy_agenda(books, i)
