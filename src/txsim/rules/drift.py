"""What moves a little every day: services fade or act, craving and alliance drift.

`weigh` turns it all into one number a hazard: base and lasting effects, plus drivers times effects,
plus what services do (with a cap on how much they keep people in care), on the hazard's own scale.
That is the whole interaction story; nothing acts on a hazard elsewhere but the medication in force,
the phase of care and the clinic itself.
"""

from __future__ import annotations

from typing import Any

from txsim.catalogue.vocabulary import Hazard
from txsim.compiling import rule
from txsim.events import BOOKED, WAITING, in_care
from txsim.randomness import decision, normal, uniform
from txsim.rules.books import (
    CRAVING,
    IN_PLAN,
    ON_BARRIER,
    ON_DRIVER,
    PRACTICE,
    READINESS,
    RECENT_USE,
    SUPPORT,
    VISIT_BURDEN,
    WITHOUT_EFFECT,
    Books,
)
from txsim.rules.sessions import give_support, share_of_recent

CRAVING_SHOCK = decision("craving's shock of the day")
HAZARD_COUNT = len(Hazard)
ATTENDANCE, ENTRY, DROPOUT = int(Hazard.ATTENDANCE), int(Hazard.ENTRY), int(Hazard.DROPOUT)
BEGINS, ENDS = int(Hazard.REGULAR_USE_BEGINS), int(Hazard.REGULAR_USE_ENDS)
COMPLETION, TRANSFER = int(Hazard.COMPLETION), int(Hazard.TRANSFER)
RETURN_TO_CARE, WALK_AWAY = int(Hazard.RETURN_TO_CARE), int(Hazard.WALK_AWAY)


@rule
def craving_tomorrow(
    craving: float, start: float, kept: float, severity: float, luck: float, course: Any
) -> float:
    """An autoregressive walk around the person's own level, which severity raises; sd units."""
    level = start + course.craving_severity * severity
    return level + kept * (craving - level) + course.craving_shock_sd * normal(luck)


@rule
def tolerance_tomorrow(tolerance: float, held: bool, course: Any) -> float:
    """Tolerance rises with a day of use or of an agonist, and is lost with a half-life without."""
    if held:
        return tolerance + (1.0 - tolerance) * course.tolerance_gain
    return tolerance * course.tolerance_kept


@rule
def weekly_visits(days_between: float) -> float:
    """Required visits a week."""
    return 7.0 / max(days_between, 1.0)


@rule
def feel_services(books: Books, i: int, day: int) -> float:
    """Fade what was received, let support act, add it all up by channel; required visits a week."""
    course = books.course[0]
    patient = books.patients[i]
    services, channels, agenda, plan = books.services, books.channels, books.agenda, books.plan
    levels, help_given, direct = books.level, books.help, books.scratch
    listening = in_care(patient.status) or patient.status == WAITING or patient.status == BOOKED
    for j in range(course.drivers):
        help_given[i, j] = 0.0
    for h in range(HAZARD_COUNT):
        direct[1, h] = 0.0
    visits = 0.0
    fewer = 0.0
    for place in range(patient.agenda_length):
        s = int(agenda[i, place])
        service = services[s]
        planned = plan[i, s] & IN_PLAN
        if planned and listening and service.kind == SUPPORT:
            give_support(books, i, s, day)
            fewer = max(fewer, service.fewer_visits * levels[i, s])
        else:
            levels[i, s] *= service.kept
        if planned and listening:
            if service.kind == PRACTICE:
                staffed = service.role < 0 or books.roles[service.role].posts > 0.0
                levels[i, s] = 1.0 if staffed else 0.0
            elif service.carries_dose:
                visits = max(visits, weekly_visits(patient.supply_days))
            elif service.required:
                visits = max(visits, weekly_visits(service.every_days))
        if plan[i, s] & WITHOUT_EFFECT:
            continue
        dose = levels[i, s]
        for c in range(service.first_channel, service.after_channel):
            channel = channels[c]
            if channel.kind == ON_DRIVER:
                help_given[i, channel.target] += channel.gain * dose
            elif channel.kind == ON_BARRIER:
                lifted = help_given[i, channel.target]
                help_given[i, channel.target] = lifted + (1.0 - lifted) * channel.gain * dose
            else:
                direct[1, channel.target] += channel.gain * dose
    return visits * (1.0 - fewer)


@rule
def matters(h: int, status: int, regular: bool) -> bool:
    """Whether a hazard can be asked for on a day that begins in this status and regime of use."""
    caring, in_line = in_care(status), status == WAITING or status == BOOKED
    if h == BEGINS:
        return not regular
    if h == ENDS:
        return regular
    if h == DROPOUT or h == TRANSFER or h == COMPLETION:
        return caring or status == BOOKED
    if h == ATTENDANCE:
        return caring or in_line
    if h == ENTRY:
        return status == BOOKED
    if h == WALK_AWAY:
        return in_line
    if h == RETURN_TO_CARE:
        return not caring and status != WAITING
    return True


@rule
def weigh(books: Books, i: int, visits: float) -> None:
    """One number for each hazard that matters today, log scale, into the first row of the scratch.

    What services add to a driver is limited by its ceiling, what they take off dropout by the cap.
    """
    course = books.course[0]
    patient = books.patients[i]
    total, own, help_given, felt = books.scratch, books.drivers, books.help, books.felt
    influences, begins = books.influences, books.influences_from
    per_visit, ceiling, fixed = books.per_visit, books.driver_ceiling, books.fixed
    first_barrier = course.first_barrier
    for j in range(first_barrier):
        felt[0, j] = own[i, j]
    burden = 0.0
    for j in range(first_barrier, course.drivers):
        felt[0, j] = own[i, j] * (1.0 - min(help_given[i, j], 1.0))
        burden += per_visit[j] * felt[0, j]
    own[i, VISIT_BURDEN] = visits * burden
    felt[0, VISIT_BURDEN] = visits * burden
    if patient.agenda_length == 0:
        for h in range(HAZARD_COUNT):
            if matters(h, patient.status, patient.regular_use):
                amount = fixed[i, h]
                for k in range(begins[h], begins[h + 1]):
                    amount += felt[0, influences[k].driver] * influences[k].strength
                total[0, h] = amount
        return
    for j in range(first_barrier):
        help_given[i, j] = min(max(help_given[i, j], -ceiling[j]), ceiling[j])
        felt[1, j] = help_given[i, j]
    for h in range(HAZARD_COUNT):
        if matters(h, patient.status, patient.regular_use):
            amount, aid = fixed[i, h], 0.0
            for k in range(begins[h], begins[h + 1]):
                driver, strength = influences[k].driver, influences[k].strength
                amount += felt[0, driver] * strength
                aid += felt[1, driver] * strength
            if h == DROPOUT:
                aid = max(aid, course.psychosocial_cap)
            total[0, h] = amount + (aid + total[1, h])


@rule
def drift(books: Books, i: int, key: Any, used: bool) -> None:
    """Move a person's own drivers to tomorrow."""
    course = books.course[0]
    patient = books.patients[i]
    own, own_starts = books.drivers, books.own_start
    starts, kept_of, raises = books.driver_start, books.driver_kept, books.use_raises
    has, drifting = books.has, books.drifting
    start, readiness = own_starts[i, READINESS], own[i, READINESS]
    for j in range(course.mediators):
        own[i, j] = own_starts[i, j] + drifting[j] * (own[i, j] - own_starts[i, j])
    if patient.status == WAITING or patient.status == BOOKED:
        own[i, READINESS] = start + course.readiness_kept_waiting * (readiness - start)
    lift = 1.0 if used else 0.0
    for d in range(course.first_barrier - course.first_symptom):
        j = course.first_symptom + d
        raised = has[i, course.first_diagnosis + d] * (lift * raises[j])
        own[i, j] = own[i, j] * kept_of[j] + raised
    own[i, CRAVING] = craving_tomorrow(
        own[i, CRAVING],
        starts[CRAVING],
        kept_of[CRAVING],
        patient.severity,
        uniform(key, CRAVING_SHOCK),
        course,
    )
    own[i, RECENT_USE] = share_of_recent(own[i, RECENT_USE], used, kept_of[RECENT_USE])
