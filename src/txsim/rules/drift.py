"""What moves a little every day: services fade or act, craving wanders, alliance and readiness settle.

`weigh` turns it all into one number a hazard: base and lasting effects, plus drivers times effects, plus what services
do (with a cap on how much they keep people in care), on the hazard's own scale. That is the whole interaction story; nothing acts on a hazard elsewhere
but the medication in force, the phase of care and the clinic itself.
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
    MISSED_VISITS,
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
from txsim.rules.sessions import give_support

CRAVING_SHOCK = decision("craving's shock of the day")
HAZARD_COUNT = len(Hazard)
DROPOUT = int(Hazard.DROPOUT)


@rule
def craving_tomorrow(craving: float, start: float, severity: float, luck: float, course: Any) -> float:
    """An autoregressive walk around the person's own level, which severity raises; sd units."""
    level = start + course.craving_severity * severity
    return level + course.craving_persistence * (craving - level) + course.craving_shock_sd * normal(luck)


@rule
def tolerance_tomorrow(tolerance: float, held: bool, course: Any) -> float:
    """Tolerance rises towards full with a day of use or of an agonist, and is lost with a half-life without."""
    if held:
        return tolerance + (1.0 - tolerance) * course.tolerance_gain
    return tolerance * course.tolerance_kept


@rule
def share_of_recent(share: float, today: bool, kept: float) -> float:
    """A share of recent days, each day counting less as it recedes."""
    return share * kept + (1.0 - kept if today else 0.0)


@rule
def weekly_visits(days_between: float) -> float:
    """Required visits a week."""
    return 7.0 / max(days_between, 1.0)


@rule
def feel_services(books: Books, i: int) -> float:
    """Fade what was received, let support act, add it all up by channel; required visits a week."""
    course = books.course[0]
    patient = books.patients[i]
    listening = in_care(patient.status) or patient.status == WAITING or patient.status == BOOKED
    for j in range(course.drivers):
        books.help[i, j] = 0.0
    books.scratch[1, :] = 0.0
    visits = 0.0
    fewer = 0.0
    for place in range(patient.agenda_length):
        s = int(books.agenda[i, place])
        service = books.services[s]
        planned = books.plan[i, s] & IN_PLAN
        books.level[i, s] *= service.kept
        if planned and listening:
            if service.kind == SUPPORT:
                give_support(books, i, s)
                fewer = max(fewer, service.fewer_visits * books.level[i, s])
            elif service.kind == PRACTICE:
                books.level[i, s] = 1.0
            elif service.carries_dose:
                visits = max(visits, weekly_visits(patient.supply_days))
            elif service.required:
                visits = max(visits, weekly_visits(service.every_days))
        if books.plan[i, s] & WITHOUT_EFFECT:
            continue
        dose = books.level[i, s]
        for c in range(service.first_channel, service.after_channel):
            channel = books.channels[c]
            if channel.kind == ON_DRIVER:
                books.help[i, channel.target] += channel.gain * dose
            elif channel.kind == ON_BARRIER:
                lifted = books.help[i, channel.target]
                books.help[i, channel.target] = lifted + (1.0 - lifted) * channel.gain * dose
            else:
                books.scratch[1, channel.target] += channel.gain * dose
    return visits * (1.0 - fewer)


@rule
def weigh(books: Books, i: int, visits: float) -> None:
    """One number a hazard for today, into the first row of the scratch (base and all effects, log scale)."""
    course = books.course[0]
    first_barrier = course.first_barrier
    for h in range(HAZARD_COUNT):
        books.scratch[0, h] = books.fixed[i, h]
        books.scratch[2, h] = 0.0
    burden = 0.0
    for j in range(first_barrier, course.drivers):
        left = books.drivers[i, j]
        if left != 0.0:
            left *= 1.0 - min(books.help[i, j], 1.0)
            burden += books.per_visit[j] * left
            for h in range(HAZARD_COUNT):
                books.scratch[0, h] += left * books.effects[j, h]
    books.drivers[i, VISIT_BURDEN] = visits * burden
    helped = books.patients[i].agenda_length > 0
    for j in range(first_barrier):
        own = books.drivers[i, j]
        if own != 0.0:
            for h in range(HAZARD_COUNT):
                books.scratch[0, h] += own * books.effects[j, h]
        if helped and books.help[i, j] != 0.0:
            most = books.driver_ceiling[j]
            aid = min(max(books.help[i, j], -most), most)
            books.help[i, j] = aid
            for h in range(HAZARD_COUNT):
                books.scratch[2, h] += aid * books.effects[j, h]
    if helped:
        books.scratch[2, DROPOUT] = max(books.scratch[2, DROPOUT], course.psychosocial_cap)
        for h in range(HAZARD_COUNT):
            books.scratch[0, h] += books.scratch[2, h] + books.scratch[1, h]


@rule
def drift(books: Books, i: int, key: Any, used: bool) -> None:
    """Move a person's own drivers to tomorrow."""
    course = books.course[0]
    patient = books.patients[i]
    waiting = patient.status == WAITING or patient.status == BOOKED
    for j in range(course.first_barrier):
        if j == CRAVING or j == RECENT_USE or j == VISIT_BURDEN or j == MISSED_VISITS:
            continue
        kept = books.driver_kept[j]
        if j == READINESS and waiting:
            kept = course.readiness_kept_waiting
        start = books.driver_start[j]
        books.drivers[i, j] = start + kept * (books.drivers[i, j] - start)
        if used and books.use_raises[j] != 0.0 and books.has[i, course.first_diagnosis + j - course.first_symptom]:
            books.drivers[i, j] += books.use_raises[j]
    books.drivers[i, CRAVING] = craving_tomorrow(
        books.drivers[i, CRAVING], books.driver_start[CRAVING], patient.severity, uniform(key, CRAVING_SHOCK), course
    )
    books.drivers[i, RECENT_USE] = share_of_recent(books.drivers[i, RECENT_USE], used, course.recent_use_kept)
