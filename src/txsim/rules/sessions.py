"""Visits: who comes to what was booked, and what a session leaves behind.

One draw a day decides how good a day it is for coming; every booked session is kept if the day is
good enough for it. A session kept raises the dose of its service towards full, the alliance and the
supply of medication; a missed one wears on the alliance and is booked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import rule, seldom, unsigned
from txsim.randomness import decision, exponential, happens, joined, uniform
from txsim.rules.agenda import take_off_agenda
from txsim.rules.budgets import can_pay, cost_of_a_use, pay
from txsim.rules.dosing import dose_beyond_minutes, is_observed
from txsim.rules.inpatient import lives_on_unit
from txsim.rules.medication import give_dose
from txsim.rules.peer_network import cohesion_of, sit_down
from txsim.rules.reviews import interval_factor
from txsim.rules.scheduling import can_be_given, gets_session, is_seen, is_visit
from txsim.rules.substitution import stands_in
from txsim.state.daily_table import count_session
from txsim.state.events import BOOKED, FIRST_DOSE, GAVE_UP_SERVICE, NEVER, happen, in_care
from txsim.state.layout import (
    ALLIANCE,
    GIVEN_UP,
    IN_PLAN,
    INDIVIDUAL,
    MISSED_VISITS,
    PLACED,
    ClinicState,
)
from txsim.state.sizes import HALF

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.records import ServiceRow
    from txsim.state.scalars import Scalars

COMES_TODAY = decision("comes to the clinic today")
GIVES_SERVICE_UP = decision("gives a service up")

ATTENDANCE = int(Hazard.ATTENDANCE)


@rule
def share_of_recent(share: float, today: bool, kept: float) -> float:
    """A share of recent days or visits, each counting less as it recedes."""
    return share * kept + (1.0 - kept if today else 0.0)


@rule
def attendance_log_odds(service: ServiceRow, effects: float, p: Scalars, cohesion: float) -> float:
    """Log odds of keeping a booked session.

    The service's, the person's, a second site's, and what the cohesion of its group adds.
    """
    log_odds = service.attendance + effects + (p.second_site if service.second_site else 0.0)
    return log_odds + p.cohesion_attendance * cohesion


@rule
def quitting_chance(service: ServiceRow, p: Scalars, cohesion: float) -> float:
    """Chance of giving a service up at a session kept; cohesion of its group lowers it."""
    if service.quits == 0.0 or cohesion == 0.0:
        return service.quits
    return min(service.quits * exponential(p.cohesion_quits * cohesion), 1.0)


@rule
def dose_after_session(level: float, builds: float, length: float) -> float:
    """The service dose after a session.

    Part of what is missing to full is made up, less of it in a shortened session.
    """
    return level + (1.0 - level) * builds * length


@rule
def hold_sessions(state: ClinicState, i: int, key: Key, day: int, is_open: bool) -> bool:
    """All of one person's sessions that are due today; whether any was kept."""
    p = state.scalars[0]
    patient = state.patients[i]
    came = False
    if not is_open and not state.dosing_week[day % 7]:
        return came
    luck = uniform(key, COMES_TODAY)
    place = 0
    while place < patient.agenda_length:
        s = unsigned(state.agenda[i, place])
        place += 1
        service = state.services[s]
        if not is_visit(service) or not state.plan[i, s] & IN_PLAN or state.due[i, s] > day:
            continue
        observed = is_observed(state, patient, s)
        if not is_open and not observed:
            continue
        service.due += 1.0
        overdue = day - state.due[i, s]
        asked_first = overdue < p.days_since_open
        if service.kind == INDIVIDUAL and service.role >= 0 and asked_first:
            # A session counts in the load on the first day it is asked for, however long it waits.
            state.roles[service.role].asked_today += service.minutes
        if observed:
            state.roles[service.role].doses_today += service.minutes
        affordable = can_pay(service, service.cost)
        gets_it = gets_session(state, service, overdue)
        length = state.stretch[service.pool] if service.pool >= 0 else 1.0
        by_another = False
        shared = service.stand_ins > 0 and service.kind == INDIVIDUAL and can_be_given(service)
        if shared and not gets_it:
            # Whoever stands in has the time for a whole session.
            gets_it = by_another = stands_in(state, s, overdue)
            length = 1.0
        cohesion = cohesion_of(state, i, s)
        log_odds = attendance_log_odds(service, state.acting[ATTENDANCE], p, cohesion)
        comes = happens(luck, log_odds) or lives_on_unit(patient, p, day)
        sent_home = gets_it and comes and not by_another and not is_seen(state, service)
        gets_it = gets_it and not sent_home
        if observed and affordable and not gets_it:
            # Doses under observation never wait for staff.
            gets_it, sent_home, length = True, False, 1.0
            if comes:
                dose_beyond_minutes(state, s)
        count_session(state.days, day, gets_it, comes)
        if sent_home:
            # It strains the bond as a missed session does.
            state.drivers[i, ALLIANCE] -= p.alliance_per_session_missed
        if not gets_it:
            if not affordable:
                service.without_money += 1.0
            service.waited += 1.0
            continue
        service.booked += 1.0
        patient.visits_due += 1
        if comes:
            came = True
            keep_session(state, i, s, key, day, length)
        else:
            miss_session(state, i, s, day)
    undosed = state.medications[patient.medication].service < 0
    if came and undosed and patient.first_dose_day == NEVER and in_care(patient.status):
        happen(state.log, state.written, patient, day, FIRST_DOSE, -1)
    return came


@seldom
def keep_session(state: ClinicState, i: int, s: int, key: Key, day: int, length: float) -> None:
    """A session of this share of its full length was kept."""
    p = state.scalars[0]
    patient = state.patients[i]
    service = state.services[s]
    service.kept_sessions += 1.0
    pay(service, service.cost)
    patient.visits_kept += 1
    patient.last_contact = day
    sit_down(state, i, s)
    state.received[i, s] += 1
    state.this_stay[i, s] += 1
    state.level[i, s] = dose_after_session(state.level[i, s], service.builds, length)
    state.drivers[i, MISSED_VISITS] *= state.driver_kept[MISSED_VISITS]
    if s == state.medications[patient.medication].service:
        give_dose(state, i, day)
        return
    patient.missed_in_a_row = 0
    if patient.key_worker >= 0:
        state.drivers[i, ALLIANCE] += p.alliance_per_session_kept
    state.due[i, s] = day + max(
        1, int(service.every_days * interval_factor(patient.step_of_care, p) + HALF)
    )
    finished = service.sessions > 0 and state.this_stay[i, s] >= service.sessions
    quits = quitting_chance(service, p, cohesion_of(state, i, s))
    if finished or (quits > 0.0 and uniform(joined(key, service.key), GIVES_SERVICE_UP) < quits):
        take_off_agenda(state, i, s)
        state.plan[i, s] |= GIVEN_UP
        if not finished:
            happen(state.log, state.written, patient, day, GAVE_UP_SERVICE, service.number)


@seldom
def miss_session(state: ClinicState, i: int, s: int, day: int) -> None:
    """A booked session was missed."""
    p = state.scalars[0]
    patient = state.patients[i]
    service = state.services[s]
    service.missed += 1.0
    state.drivers[i, MISSED_VISITS] = share_of_recent(
        state.drivers[i, MISSED_VISITS], True, state.driver_kept[MISSED_VISITS]
    )
    if s == state.medications[patient.medication].service:
        state.due[i, s] = day + 1
    else:
        patient.missed_in_a_row += 1
        state.drivers[i, ALLIANCE] -= p.alliance_per_session_missed
        state.due[i, s] = day + max(1, min(int(service.every_days + HALF), 7))


@rule
def has_visit_due(state: ClinicState, i: int, day: int) -> bool:
    """Whether any session of this person is due today, or the intake appointment."""
    if state.patients[i].status == BOOKED and state.patients[i].offer_day <= day:
        return True
    for place in range(state.patients[i].agenda_length):
        s = unsigned(state.agenda[i, place])
        if state.plan[i, s] & IN_PLAN and state.due[i, s] <= day and is_visit(state.services[s]):
            return True
    return False


@seldom
def give_support(state: ClinicState, i: int, s: int, day: int) -> None:
    """Rides, aid and beds act fully while a place is held and money and the driver's time last.

    A ride is given on a day with a visit, and what staff give on open days; on other days it is as
    it was the last time.
    """
    service = state.services[s]
    if service.places <= 0 and not state.plan[i, s] & PLACED:
        state.plan[i, s] |= PLACED
        service.placed_now += 1
    if not state.plan[i, s] & PLACED:
        service.days_without_place += 1.0
        state.level[i, s] *= service.kept
        return
    if service.rides and not (has_visit_due(state, i, day) and state.opening_week[day % 7]):
        return
    cost = cost_of_a_use(service)
    if not can_pay(service, service.claimed + cost):
        service.without_money += 1.0
        state.level[i, s] = 0.0
        return
    if service.role >= 0 and service.minutes > 0.0:
        if not state.opening_week[day % 7]:
            return
        role = state.roles[service.role]
        role.asked_today += service.minutes
        if role.spare < service.minutes:
            # The money that this would have cost asks for no other minutes today.
            service.claimed += cost
            state.level[i, s] = 0.0
            return
        role.spare -= service.minutes
        role.used_today += service.minutes
    pay(service, cost)
    service.uses += 1.0
    service.place_days += 1.0
    state.level[i, s] = 1.0
