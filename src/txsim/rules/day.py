"""A day in the clinic, compiled: all rules in their order, for everybody.

`run_days` is what a batch runs; a model's step is the same function for one day. `morning`,
`patient_day` and `evening` are its pieces for models whose agents have behaviour of their own in
Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import kernel, rule, unsigned
from txsim.randomness import day_key
from txsim.rules.beds import keep_or_leave_bed, offer_support_places
from txsim.rules.budgets import pay_for_places, renew_budgets
from txsim.rules.clinic_rules import apply_rules, take_urine
from txsim.rules.crises import have_crises
from txsim.rules.drift import drift, feel_services, tolerance_tomorrow
from txsim.rules.exits import race
from txsim.rules.inpatient import lives_on_unit
from txsim.rules.leaving import end_of_phase
from txsim.rules.linear_predictor import weigh
from txsim.rules.medication import is_covered, take_dose
from txsim.rules.peer_network import meet, spread_along_ties
from txsim.rules.reviews import review_plan
from txsim.rules.scheduling import count_demand, count_demand_in_line, share_capacity
from txsim.rules.second_substance import take_second_urine, use_second_substance
from txsim.rules.sessions import hold_sessions
from txsim.rules.staff_turnover import close_roles, staff_day
from txsim.rules.substitution import arrange_stand_ins
from txsim.rules.use import use_today
from txsim.rules.waiting import (
    arrive,
    hold_intake,
    keep_promises,
    offer_places,
    reserve_intakes,
)
from txsim.rules.weekly_assessment import take_stock
from txsim.state.calendar import write_day
from txsim.state.daily_table import count_day
from txsim.state.events import (
    BOOKED,
    DIED,
    NEVER,
    TRANSFERRED,
    WAITING,
    in_care,
    room_for_a_person,
)
from txsim.state.layout import ClinicState
from txsim.state.sizes import GAPS

if TYPE_CHECKING:
    from txsim.randomness import Key


@rule
def go_to_clinic(state: ClinicState, i: int, key: Key, day: int) -> bool:
    """Today's intake appointment, or all sessions booked today; whether a session was kept."""
    status = state.patients[i].status
    is_open = state.opening_week[day % 7] != 0
    if status == BOOKED and day >= state.patients[i].offer_day and is_open:
        hold_intake(state, i, day)
    elif in_care(status) or status == WAITING or status == BOOKED:
        return hold_sessions(state, i, key, day, is_open)
    return False


@rule
def take_medication(state: ClinicState, i: int, key: Key, day: int) -> None:
    """Today's dose, for whoever has or may have one that acts."""
    patient = state.patients[i]
    if patient.cover > 0.0 or patient.dose_since != NEVER or in_care(patient.status):
        take_dose(state, i, key, day)


@rule
def use_or_not(state: ClinicState, i: int, key: Key, day: int) -> bool:
    """Use of today, and the tolerance that it and the medication leave; whether there was use.

    Use of a second substance too, which is neither.
    """
    p = state.scalars[0]
    patient = state.patients[i]
    used = use_today(state, i, key, day)
    medication = state.medications[patient.medication]
    patient.tolerance = tolerance_tomorrow(
        patient.tolerance,
        used or (is_covered(patient, p) and medication.agonist != 0),
        p,
    )
    if patient.second_substance >= 0:
        use_second_substance(state, i, key, day)
    return used


@rule
def live(state: ClinicState, i: int, day: int) -> None:
    """One person's one day, from the morning's visits to the clocks of the night."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.asked_day == NEVER:
        return
    if patient.status == DIED:
        write_day(state.calendar, day, i, patient, False, False)
        return
    key = day_key(patient.key, day)
    # Before the visits: a ride today helps to come today.
    visits = feel_services(state, i, day)
    # Into one number for each hazard; every chance of the day reads these.
    weigh(state, i, visits)
    # Before the dose: the visit brings the supply.
    came = go_to_clinic(state, i, key, day)
    # Before use, on which it acts; use and tolerance come before overdose.
    take_medication(state, i, key, day)
    used = use_or_not(state, i, key, day)
    # Chances are weighed already and feel this from tomorrow. Crises come on top of it.
    drift(state, i, key, used)
    have_crises(state, i, key, day)
    if day % 7 == 0:
        take_stock(state, i, key, day)
    if patient.in_bed:
        keep_or_leave_bed(state, i, key, day)
    if in_care(patient.status):
        take_urine(state, i, day)
        if patient.second_substance >= 0:
            take_second_urine(state, i, day)
    # After the visits: whoever leaves today was still seen.
    for piece in range(p.parts_of_day):
        if patient.status != DIED:
            race(state, i, key, day, piece)
    if in_care(patient.status):
        end_of_phase(state, i, day)
        # The day as it turned out decides on discharge.
        apply_rules(state, i, key, day)
        # For those who stayed; a new session can be booked from tomorrow.
        review_plan(state, i, day)
    note(state, i, day, came)


@rule
def note(state: ClinicState, i: int, day: int, came: bool) -> None:
    """Write the person's day into the calendar; count days in care and gaps in contact."""
    patient = state.patients[i]
    here = patient.status != TRANSFERRED and not patient.medicated_in_jail
    medicated = here and is_covered(patient, state.scalars[0])
    write_day(state.calendar, day, i, patient, medicated, came)
    if in_care(patient.status):
        patient.days_in_care += 1
        patient.inpatient_days += lives_on_unit(patient, state.scalars[0], day)
    if patient.first_admitted_day != NEVER and patient.gap30_day == NEVER:
        gap = day - patient.last_contact
        if gap > GAPS[0] and patient.gap5_day == NEVER:
            patient.gap5_day = day
        if gap > GAPS[1] and patient.gap14_day == NEVER:
            patient.gap14_day = day
        if gap > GAPS[2]:
            patient.gap30_day = day


@rule
def open_day(state: ClinicState, day: int) -> None:
    """What happens before anybody comes: staff, askers, offers, bookings, the week's budgets."""
    is_open = state.opening_week[day % 7] != 0
    # The week's money is there before anything is spent.
    renew_budgets(state, day)
    pay_for_places(state)
    # It sets the minutes there are today.
    staff_day(state, day, is_open)
    # A free place can be theirs on the same day.
    arrive(state, day)
    # Before the first session is held, so that nobody is served for standing early in the books.
    taken = count_demand(state, day)
    # Before the others: what is promised goes by nobody's place.
    keep_promises(state, day, is_open)
    # The places that were free last night.
    offer_places(state, day, is_open, taken)
    # Before other sessions are booked, so that a busy clinic still admits.
    reserve_intakes(state, day, is_open)
    # People in line have sessions too, but for those who come to their intake: known only now.
    count_demand_in_line(state, day)
    share_capacity(state, day, is_open)
    # With the time that is left when all of a role's own work is booked.
    arrange_stand_ins(state, day, is_open)
    offer_support_places(state, day)


@rule
def close_day(state: ClinicState, day: int) -> None:
    """What happens after everybody has left: ties grow and fade, the day is counted."""
    # In the evening, so that nobody's place in the books decides whom they meet and hear of.
    meet(state)
    spread_along_ties(state, day)
    close_roles(state, state.opening_week[day % 7] != 0)
    count_day(state.days, day, state.calendar, state.written[1], state.log, state.written[0])


ROWS_AT_OPENING = 3
"""Most rows of the log that a morning writes for one person: an offer, a rupture, a bed."""


@kernel
def run_days(state: ClinicState, first: int, last: int) -> int:
    """Run days `first` to `last` - 1; `last`, or a day on which the event log is full.

    The day is gone on with where it stopped when this is called again with a longer log.
    """
    for day in range(first, last):
        if state.written[2] == 0:
            if state.written[0] + room_to_open(state, day) > state.log.size:
                return day
            open_day(state, day)
            state.written[2] = 1
        for i in range(state.written[2] - 1, state.written[1]):
            if state.written[0] + room_for_a_person(state.services.size) > state.log.size:
                state.written[2] = i + 1
                return day
            live(state, unsigned(i), day)
        state.written[2] = 0
        close_day(state, day)
    return last


@kernel
def room_to_open(state: ClinicState, day: int) -> int:
    """Rows of the log that opening may need: offers, ruptures, beds, everybody who asks today."""
    asking = 0
    i = state.written[1]
    while i < state.patients.size and state.patients[i].arrives <= day:
        asking += 1
        i += 1
    return ROWS_AT_OPENING * state.written[1] + asking * room_for_a_person(state.services.size)


@kernel
def morning(state: ClinicState, day: int) -> None:
    """The clinic's part of a day before its patients."""
    open_day(state, day)


@kernel
def patient_day(state: ClinicState, i: int, day: int) -> None:
    """One person's day, for agents with behaviour of their own."""
    live(state, unsigned(i), day)


@kernel
def evening(state: ClinicState, day: int) -> None:
    """The clinic's part of a day after its patients."""
    close_day(state, day)
