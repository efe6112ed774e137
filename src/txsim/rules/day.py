"""A day in the clinic, compiled: the rules of `rules.DAY` in order, for everybody.

`run_days` is what a batch runs; a model's step is the same function for one day. `morning`,
`patient_day` and `evening` are its pieces for models whose agents have behaviour of their own in
Python.
"""

from __future__ import annotations

from typing import Any

from txsim.compiling import kernel, rule, unsigned
from txsim.events import (
    AFTERCARE,
    BOOKED,
    DIED,
    NEVER,
    TRANSFERRED,
    WAITING,
    in_care,
    room_for_a_person,
)
from txsim.randomness import day_key
from txsim.rules.acting import weigh
from txsim.rules.beds import keep_or_leave_bed, offer_support_places
from txsim.rules.books import Books
from txsim.rules.budgets import pay_for_places, renew_budgets
from txsim.rules.circumstances import take_stock
from txsim.rules.crises import have_crises
from txsim.rules.discharge import apply_rules, take_urine
from txsim.rules.drift import drift, feel_services, tolerance_tomorrow
from txsim.rules.exits import end_of_phase, race
from txsim.rules.medication import is_covered, take_dose
from txsim.rules.reviews import review_plan
from txsim.rules.scheduling import count_demand, count_demand_in_line, share_capacity
from txsim.rules.sessions import hold_sessions
from txsim.rules.sizes import GAPS, HEAVY_BIT, MEDICATED_BIT, USED_BIT, VISIT_BIT
from txsim.rules.staff_turnover import close_roles, staff_day
from txsim.rules.standing_in import arrange_stand_ins
from txsim.rules.ties import hear_of_each_other, meet
from txsim.rules.use import use_today
from txsim.rules.waiting import arrive, hold_intake, offer_places, reserve_intakes


@rule
def go_to_clinic(books: Books, i: int, key: Any, day: int) -> bool:
    """Today's intake appointment, or all sessions booked today; whether a session was kept."""
    status = books.patients[i].status
    is_open = books.opening_week[day % 7] != 0
    if status == BOOKED and day >= books.patients[i].offer_day and is_open:
        hold_intake(books, i, day)
    elif in_care(status) or status == WAITING or status == BOOKED:
        return hold_sessions(books, i, key, day, is_open)
    return False


@rule
def take_medication(books: Books, i: int, key: Any, day: int) -> None:
    """Today's dose, for whoever has or may have one that acts."""
    patient = books.patients[i]
    if patient.cover > 0.0 or patient.dose_since != NEVER or in_care(patient.status):
        take_dose(books, i, key, day)


@rule
def use_or_not(books: Books, i: int, key: Any, day: int) -> bool:
    """Use of today, and the tolerance that it and the medication leave; whether there was use."""
    course = books.course[0]
    patient = books.patients[i]
    used = use_today(books, i, key, day)
    medication = books.medications[patient.medication]
    patient.tolerance = tolerance_tomorrow(
        patient.tolerance,
        used or (is_covered(patient, course) and medication.agonist != 0),
        course,
    )
    return used


@rule
def live(books: Books, i: int, day: int) -> None:
    """One person's one day, from the morning's visits to the clocks of the night."""
    course = books.course[0]
    patient = books.patients[i]
    if patient.asked_day == NEVER:
        return
    if patient.status == DIED:
        if day >= 0:
            books.calendar[day, i] = DIED
        return
    key = day_key(patient.key, day)
    visits = feel_services(books, i, day)
    weigh(books, i, visits)
    came = go_to_clinic(books, i, key, day)
    take_medication(books, i, key, day)
    used = use_or_not(books, i, key, day)
    drift(books, i, key, used)
    have_crises(books, i, key, day)
    if day % 7 == 0:
        take_stock(books, i, key, day)
    if patient.in_bed:
        keep_or_leave_bed(books, i, key, day)
    if in_care(patient.status):
        take_urine(books, i, day)
    for piece in range(course.parts_of_day):
        if patient.status != DIED:
            race(books, i, key, day, piece)
    if in_care(patient.status):
        end_of_phase(books, i, day)
        apply_rules(books, i, key, day)
        review_plan(books, i, day)
    note(books, i, day, came)


@rule
def note(books: Books, i: int, day: int, came: bool) -> None:
    """Write the person's day into the calendar and the daily table."""
    patient = books.patients[i]
    if day < 0:
        return
    status = patient.status
    caring = in_care(status)
    here = status != TRANSFERRED and not patient.medicated_in_jail
    medicated = here and is_covered(patient, books.course[0])
    row = books.days[day]
    byte = status
    if status != DIED:
        row.alive += 1.0
        if patient.used:
            byte |= USED_BIT
            row.used += 1.0
            if patient.heavy:
                byte |= HEAVY_BIT
        if medicated:
            byte |= MEDICATED_BIT
            row.medicated += 1.0
        if came:
            byte |= VISIT_BIT
    books.calendar[day, i] = byte
    if caring:
        row.in_care += 1.0
        patient.days_in_care += 1
        if status == AFTERCARE:
            row.aftercare += 1.0
    elif status == WAITING or status == BOOKED:
        row.waiting += 1.0
    if patient.first_admitted_day != NEVER and patient.gap30_day == NEVER:
        gap = day - patient.last_contact
        if gap > GAPS[0] and patient.gap5_day == NEVER:
            patient.gap5_day = day
        if gap > GAPS[1] and patient.gap14_day == NEVER:
            patient.gap14_day = day
        if gap > GAPS[2]:
            patient.gap30_day = day


@rule
def open_day(books: Books, day: int) -> None:
    """What happens before anybody comes: staff, askers, offers, bookings, the week's budgets."""
    is_open = books.opening_week[day % 7] != 0
    renew_budgets(books, day)
    pay_for_places(books)
    staff_day(books, day, is_open)
    arrive(books, day)
    taken = count_demand(books, day)
    offer_places(books, day, is_open, taken)
    reserve_intakes(books, day, is_open)
    count_demand_in_line(books, day)
    share_capacity(books, day, is_open)
    arrange_stand_ins(books, day, is_open)
    offer_support_places(books, day)


@rule
def close_day(books: Books, day: int) -> None:
    """What happens after everybody has left: ties grow and fade, minutes are counted."""
    meet(books)
    hear_of_each_other(books, day)
    close_roles(books, books.opening_week[day % 7] != 0, day >= 0)


ROWS_AT_OPENING = 3
"""Most rows of the log that a morning writes for one person: an offer, a rupture, a bed."""


@kernel
def run_days(books: Books, first: int, last: int) -> int:
    """Run days `first` to `last` - 1; `last`, or a day on which the event log is full.

    The day is gone on with where it stopped when this is called again with a longer log.
    """
    for day in range(first, last):
        if books.written[2] == 0:
            if books.written[0] + room_to_open(books, day) > books.log.size:
                return day
            open_day(books, day)
            books.written[2] = 1
        for i in range(books.written[2] - 1, books.written[1]):
            if books.written[0] + room_for_a_person(books.services.size) > books.log.size:
                books.written[2] = i + 1
                return day
            live(books, unsigned(i), day)
        books.written[2] = 0
        close_day(books, day)
    return last


@kernel
def room_to_open(books: Books, day: int) -> int:
    """Rows of the log that opening may need: offers, ruptures, beds, everybody who asks today."""
    asking = 0
    i = books.written[1]
    while i < books.patients.size and books.patients[i].arrives <= day:
        asking += 1
        i += 1
    return ROWS_AT_OPENING * books.written[1] + asking * room_for_a_person(books.services.size)


@kernel
def morning(books: Books, day: int) -> None:
    """The clinic's part of a day before its patients."""
    open_day(books, day)


@kernel
def patient_day(books: Books, i: int, day: int) -> None:
    """One person's day, for agents with behaviour of their own."""
    live(books, unsigned(i), day)


@kernel
def evening(books: Books, day: int) -> None:
    """The clinic's part of a day after its patients."""
    close_day(books, day)
