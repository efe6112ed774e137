"""Asking for treatment and waiting for it.

A person who asks is on the list until an intake appointment is booked against a free place; the
appointment lies a few days ahead (none for same-day start). Whether people come falls steeply with
the days since they asked (a randomised finding, evidence festinger2002-intake-show-1d, -3d, -7d);
readiness fades meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import rule, seldom
from txsim.randomness import (
    chance_of,
    day_key,
    decision,
    exponential,
    happens,
    logarithm,
    uniform,
)
from txsim.rules.budgets import can_pay, pay
from txsim.rules.dosing import closes_intake
from txsim.rules.medication import assign_medication, begin_elsewhere, is_on_interim_doses
from txsim.rules.reviews import consider_services, drop_services, fits, move_to_phase
from txsim.rules.staff_turnover import assign_key_worker
from txsim.state.daily_table import note_closed_intake
from txsim.state.events import (
    ADMITTED,
    ASKED,
    BOOKED,
    BOOKED_INTAKE,
    MISSED_INTAKE,
    NEVER,
    OUTSIDE,
    WAITING,
    WALKED_AWAY,
    WENT_ELSEWHERE,
    happen,
)
from txsim.state.layout import READINESS, ClinicState
from txsim.state.sizes import TOLERANCE

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.patient import PatientRow
    from txsim.state.records import Array
    from txsim.state.scalars import Scalars

COMES_TO_INTAKE = decision("comes to the intake appointment")
STARTS_SAME_DAY = decision("is offered a same-day start")
WHICH_APPOINTMENT = decision("which of the days ahead the intake appointment is on")
TAKES_INTERIM_DOSING = decision("takes interim dosing")
GOES_ELSEWHERE = decision("goes to another clinic instead of waiting")

ATTENDANCE = int(Hazard.ATTENDANCE)
ENTRY = int(Hazard.ENTRY)
QUEUE_DAYS = 512
"""Waits are told apart up to this many days; longer ones count as equal."""


@rule
def show_chance(days_since_asking: float, p: Scalars) -> float:
    """Chance of coming to an intake appointment this long after asking, for the reference person.

    floor + extra * exp(-(days - 1) / decay): 0.72 at one day (and before), 0.41 at three, 0.38 at
    seven.
    """
    days = max(days_since_asking, 1.0)
    return p.intake_show_floor + p.intake_show_extra * exponential(
        -(days - 1.0) / p.intake_show_decay_days
    )


@rule
def entry_log_odds(days_since_asking: float, effects: float, p: Scalars) -> float:
    """Log odds of coming to intake: the show curve, shifted by all effects on entry."""
    chance = show_chance(days_since_asking, p)
    return logarithm(chance / (1.0 - chance)) + effects


@rule
def has_priority(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Whether a person goes before others: pregnant, after a recent overdose, out of jail."""
    if p.priority_pregnant and patient.pregnant:
        return True
    if p.priority_overdose and day - patient.last_overdose_day <= p.priority_days:
        return True
    if p.priority_jail == 0:
        return False
    return patient.stream == p.jail_stream or day - patient.released_day <= p.priority_days


@rule
def rank(patient: PatientRow, p: Scalars, day: int) -> int:
    """Place in the order of offers: priority first, then waiting time as the policy says."""
    waited = min(day - patient.since, QUEUE_DAYS - 1)
    if p.last_come_first:
        waited = QUEUE_DAYS - 1 - waited
    return waited + QUEUE_DAYS if has_priority(patient, p, day) else waited


@seldom
def ask(state: ClinicState, i: int, day: int) -> None:
    """Somebody asks for treatment: readiness rises, and the person joins the waiting list."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.asked_day == NEVER:
        patient.counted = day >= 0 and day < p.accrual_end
    happen(state.log, state.written, patient, day, ASKED, 0)
    state.drivers[i, READINESS] += p.readiness_when_asking
    drop_services(state, i)
    consider_services(state, i, day)
    luck = uniform(day_key(patient.key, day), TAKES_INTERIM_DOSING)
    if luck < p.interim_dosing and fits(state.services[p.interim_service], patient):
        assign_medication(state, i, day)


@rule
def arrive(state: ClinicState, day: int) -> None:
    """Everybody whose day has come asks for treatment, in the order of their first asking.

    A cohort that is enrolled is in care at once.
    """
    arrived = state.written[1]
    while arrived < state.patients.size and state.patients[arrived].arrives <= day:
        if state.patients[arrived].status == OUTSIDE and state.patients[arrived].asked_day == NEVER:
            ask(state, arrived, day)
            if state.scalars[0].enrolled:
                admit(state, arrived, day)
        arrived += 1
    state.written[1] = arrived


@rule
def days_until_intake(opening_week: Array, day: int, latest: int, luck: float) -> int:
    """Days from the offer of a place to the intake appointment.

    Any open day from tomorrow until `latest` days ahead is as likely as another, so that
    appointments do not fall on some weekdays for ever; the next open one where there is none.
    """
    open_days = 0
    for ahead in range(1, latest + 1):
        open_days += opening_week[(day + ahead) % 7]
    place = int(luck * open_days)
    ahead = 1
    while opening_week[(day + ahead) % 7] == 0 or (open_days > 0 and place > 0):
        if opening_week[(day + ahead) % 7] != 0:
            place -= 1
        ahead += 1
    return ahead


@rule
def whole(parts: float) -> int:
    """How many whole ones these parts make, when each was rounded a hair too small."""
    return int(parts + TOLERANCE)


@rule
def keep_promises(state: ClinicState, day: int, is_open: bool) -> None:
    """Whoever has waited so long that a place is promised has their intake today.

    No free place is needed for it; the staff for it are, as for any intake.
    """
    promised = state.scalars[0].promised_after_days
    if promised <= 0 or not is_open:
        return
    for place in range(state.written[3]):
        patient = state.patients[state.in_line[place]]
        if patient.status == WAITING and day - patient.since >= promised:
            patient.offer_day = day
            happen(state.log, state.written, patient, day, BOOKED_INTAKE, 0)


@rule
def offer_places(state: ClinicState, day: int, is_open: bool, taken: int) -> None:
    """Book intakes against free places, in the order of the list, as staff time allows."""
    p = state.scalars[0]
    queue = state.demand_for_places
    asked_for = 0
    for place in range(state.written[3]):
        if state.patients[state.in_line[place]].status == WAITING:
            asked_for += 1
    free = p.places - taken
    if not is_open or free <= 0 or asked_for == 0:
        return
    if closes_intake(state):
        note_closed_intake(state.days, day)
        return
    service = state.services[p.intake_service]
    if not service.fits:
        return
    if service.role >= 0 and service.minutes > 0.0:
        # a small post has time for an intake on some days only: parts of one add up
        offers = service.part_of_offer + state.roles[service.role].most_today / service.minutes
        free = min(free, whole(offers))
        service.part_of_offer = max(offers - whole(offers), 0.0)
    if free <= 0:
        return
    for place in range(state.written[3]):
        i = state.in_line[place]
        if state.patients[i].status == WAITING:
            queue[rank(state.patients[i], p, day)] += 1
    threshold = -1
    room = free
    for standing in range(2 * QUEUE_DAYS - 1, -1, -1):
        if queue[standing] <= room:
            room -= queue[standing]
        else:
            threshold = standing
            break
    queue[:] = 0
    for place in range(state.written[3]):
        patient = state.patients[state.in_line[place]]
        if patient.status != WAITING:
            continue
        standing = rank(patient, p, day)
        if standing < threshold or (standing == threshold and room <= 0):
            continue
        if standing == threshold:
            room -= 1
        key = day_key(patient.key, patient.since)
        lag = 0
        latest = p.intake_within_days
        if latest > 0 and uniform(key, STARTS_SAME_DAY) >= p.same_day_start:
            luck = uniform(key, WHICH_APPOINTMENT)
            lag = days_until_intake(state.opening_week, day, latest, luck)
        patient.offer_day = day + lag
        happen(state.log, state.written, patient, day, BOOKED_INTAKE, lag)


@rule
def reserve_intakes(state: ClinicState, day: int, is_open: bool) -> None:
    """Keep minutes free for the intake appointments of today, before anything else is booked.

    When they do not suffice for all, what is left today is set aside for the next, up to the length
    of one intake: a small post works towards it over several days.
    """
    p = state.scalars[0]
    service = state.services[p.intake_service]
    service.reserved = 0
    if not is_open:
        return
    for place in range(state.written[3]):
        i = state.in_line[place]
        if state.patients[i].status == BOOKED and state.patients[i].offer_day <= day:
            service.reserved += 1
    if not service.fits:
        service.reserved = 0
    elif service.role >= 0 and service.minutes > 0.0:
        role = state.roles[service.role]
        wanted = service.reserved
        minutes = service.minutes_put_by + role.most_today
        service.reserved = min(wanted, whole(minutes / service.minutes))
        length = service.reserved * service.minutes
        today = min(max(length - service.minutes_put_by, 0.0), role.most_today)
        service.minutes_put_by = max(service.minutes_put_by - length, 0.0)
        if service.reserved < wanted:
            missing = max(service.minutes - service.minutes_put_by, 0.0)
            part = min(role.most_today - today, missing)
            service.minutes_put_by += part
            today += part
        role.used_today += today


@seldom
def hold_intake(state: ClinicState, i: int, day: int) -> None:
    """An intake appointment is due: the person comes and is admitted, or is lost to the list.

    Whoever is on interim doses comes as to a dose, and misses it until the next day only. When the
    staff who assess are out of minutes, the appointment moves to the next day.
    """
    p = state.scalars[0]
    patient = state.patients[i]
    service = state.services[p.intake_service]
    affordable = can_pay(service, service.cost)
    if not affordable:
        service.without_money += 1.0
    if service.reserved <= 0 or not affordable:
        patient.offer_day = day + 1
        service.waited += 1.0
        return
    service.reserved -= 1
    service.due += 1.0
    service.booked += 1.0
    luck = uniform(day_key(patient.key, day), COMES_TO_INTAKE)
    dosed = is_on_interim_doses(patient, p)
    if dosed:
        # Here for doses anyway, however long ago they asked.
        carrier = state.services[state.medications[patient.medication].service]
        comes = happens(luck, carrier.attendance + state.acting[ATTENDANCE])
    else:
        odds = entry_log_odds(float(day - patient.since), state.acting[ENTRY], p)
        comes = luck < chance_of(odds)
    if comes:
        service.kept_sessions += 1.0
        pay(service, service.cost)
        admit(state, i, day)
    elif dosed:
        service.missed += 1.0
        patient.offer_day = day + 1
    else:
        service.missed += 1.0
        happen(state.log, state.written, patient, day, MISSED_INTAKE, 0)
        drop_services(state, i)


@seldom
def stop_waiting(state: ClinicState, i: int, key: Key, day: int) -> None:
    """Somebody stops waiting: some begin treatment in another clinic, the others are lost."""
    patient = state.patients[i]
    if uniform(key, GOES_ELSEWHERE) < state.scalars[0].elsewhere_share:
        medication = begin_elsewhere(state, i)
        happen(state.log, state.written, patient, day, WENT_ELSEWHERE, medication)
    else:
        happen(state.log, state.written, patient, day, WALKED_AWAY, 0)
    drop_services(state, i)


@seldom
def admit(state: ClinicState, i: int, day: int) -> None:
    """Take a person into care: a plan, a medication, a primary counsellor."""
    p = state.scalars[0]
    patient = state.patients[i]
    happen(state.log, state.written, patient, day, ADMITTED, 0)
    patient.last_contact = day
    patient.missed_doses = 0
    patient.missed_in_a_row = 0
    patient.positive_urines_in_a_row = 0
    patient.negative_urines_in_a_row = 0
    patient.take_home_lost = False
    patient.step_of_care = 0
    patient.review_day = day + p.review_every_days
    patient.key_worker = assign_key_worker(state)
    assign_medication(state, i, day)
    move_to_phase(state, i, day)
