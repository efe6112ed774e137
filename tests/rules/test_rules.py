"""Rules of the day one by one, on numbers worked by hand; each runs uncompiled here."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from math import exp, log
from typing import Any

import numpy as np
import pytest

from txsim.catalogue import load_catalogue
from txsim.catalogue.strengths import Strengths
from txsim.catalogue.vocabulary import Hazard
from txsim.clinic import Clinic
from txsim.parameters import staff as staff_tables
from txsim.parameters.draw import CENTRE
from txsim.parameters.medications import dose_effect, share_on_low_dose
from txsim.parameters.tables import parameters_of
from txsim.randomness import day_key, joined, ringing_time, uniform
from txsim.rules import (
    beds,
    crises,
    dosing,
    drift,
    exits,
    medication,
    reviews,
    scheduling,
    sessions,
    use,
    waiting,
)
from txsim.rules import linear_predictor as acting
from txsim.rules import substitution as standing_in
from txsim.rules.clinic_rules import is_positive, unpaid_log_rate
from txsim.rules.staff_turnover import departure_log_rate, is_on_leave, share_learnt
from txsim.state import calendar, daily_table, layout, sizes
from txsim.state.events import NEVER, Cause, Kind, Reason, Status, Where, happen, whereabouts
from txsim.state.events import status_after_leaving as leads_to
from txsim.state.layout import ClinicState

from ..model.small_clinics import small

MODEL = load_catalogue().model
OCCASIONAL, RELAPSED = MODEL["occasional_use"].value, MODEL["regular_use_dropout"].value


@cache
def opened() -> ClinicState:
    clinic = Clinic(small())
    clinic.close()
    return clinic.state


@pytest.fixture
def state() -> ClinicState:
    """The books of a small clinic on its opening day, readable by plain rules; each its own."""
    own = {one.name: getattr(opened(), one.name).copy() for one in fields(ClinicState)}
    return ClinicState(**own).plain()


@pytest.fixture
def p(state: ClinicState) -> Any:
    return state.scalars[0]


# --- happenings


@pytest.mark.parametrize(
    ("kind", "detail", "status"),
    [
        (Kind.ASKED, 0, Status.WAITING),
        (Kind.BOOKED_INTAKE, 3, Status.BOOKED),
        (Kind.MISSED_INTAKE, 0, Status.LOST),
        (Kind.WALKED_AWAY, 0, Status.LOST),
        (Kind.WENT_ELSEWHERE, 1, Status.TRANSFERRED),
        (Kind.ADMITTED, 0, Status.INDUCTION),
        (Kind.STABILISED, 0, Status.IN_TREATMENT),
        (Kind.AFTERCARE_BEGAN, 0, Status.AFTERCARE),
        (Kind.LEFT, Reason.DROPPED_OUT, Status.DROPPED_OUT),
        (Kind.LEFT, Reason.UNPAID_FEES, Status.DISCHARGED),
        (Kind.JAILED_OUTSIDE, 0, Status.JAILED),
        (Kind.RELEASED, 0, Status.OUTSIDE),
        (Kind.DIED, Cause.SUICIDE, Status.DIED),
    ],
)
def test_what_happens_is_written_down_and_moves_the_status(
    state: ClinicState, kind: Kind, detail: int, status: Status
) -> None:
    patient, row = state.patients[-1], int(state.written[0])
    happen(state.log, state.written, patient, 12, int(kind), int(detail))

    assert patient.status == status
    assert state.written[0] == row + 1
    assert state.log[row].tolist() == (patient.person, 12, kind, detail)


@pytest.mark.parametrize(
    "kind", [Kind.FIRST_DOSE, Kind.REGULAR_USE_BEGAN, Kind.TOOK_UP_SERVICE, Kind.STEPPED_UP]
)
def test_other_happenings_leave_the_status(state: ClinicState, kind: Kind) -> None:
    patient = state.patients[0]
    before = int(patient.status)
    happen(state.log, state.written, patient, 3, int(kind), 0)

    assert patient.status == before


def test_first_days_stay_the_first(state: ClinicState) -> None:
    patient = state.patients[-1]
    for when, kind, detail in (
        (1, Kind.ASKED, 0),
        (5, Kind.ADMITTED, 0),
        (9, Kind.LEFT, Reason.JAILED),
        (30, Kind.ASKED, 0),
        (33, Kind.ADMITTED, 0),
        (40, Kind.LEFT, Reason.DROPPED_OUT),
    ):
        happen(state.log, state.written, patient, when, int(kind), int(detail))

    assert (patient.asked_day, patient.first_admitted_day, patient.exit_day) == (1, 5, 9)
    assert patient.exit_reason == Reason.JAILED
    assert patient.left_day == 40
    assert patient.readmissions == 1


def count_today(state: ClinicState, today: int) -> None:
    """Let the day end."""
    known, written = state.written[1], state.written[0]
    daily_table.count_day(state.days, today, state.calendar, known, state.log, written)


@pytest.mark.parametrize(("today", "times"), [(-1, 0.0), (0, 1.0)])
def test_happenings_are_counted_from_day_0_on(state: ClinicState, today: int, times: float) -> None:
    """What happens while the clinic settles stands in no row of the daily table."""
    key = day_key(state.patients[1].key, today)
    exits.die(state, 0, today, int(Cause.OTHER))
    for i, share in ((1, 0.0), (2, 1.0)):
        state.patients[i].status = Status.WAITING
        state.scalars[0].elsewhere_share = share
        waiting.stop_waiting(state, i, key, today)
    exits.leave(state, 3, today, int(Reason.DROPPED_OUT))
    exits.leave(state, 4, today, int(Reason.UNPAID_FEES))
    state.patients[5].status = Status.BOOKED
    waiting.admit(state, 5, today)
    count_today(state, today)

    for name in ("died", "lost_waiting", "went_elsewhere", "dropped_out", "discharged", "admitted"):
        assert state.days[name].tolist() == [times, *[0.0] * (state.days.size - 1)], name


@pytest.mark.parametrize(("today", "times"), [(-1, 0.0), (0, 1.0)])
@pytest.mark.parametrize(
    ("cost", "log_odds", "rows"),
    [
        (1.0, 50.0, {"visits_booked", "visits_kept"}),
        (1.0, -50.0, {"visits_booked"}),
        (9.0, 50.0, {"visits_waiting"}),
    ],
)
def test_sessions_are_counted_from_day_0_on(
    state: ClinicState, today: int, times: float, cost: float, log_odds: float, rows: set[str]
) -> None:
    """One session that needs nobody's time: kept, missed, or not to be paid from a pot of 5."""
    patient, s = state.patients[0], int(state.agenda[0, 0])
    patient.agenda_length, patient.key_worker = 1, -1
    service = state.services[s]
    service.kind, service.role, service.pool, service.stand_ins = layout.INDIVIDUAL, -1, -1, 0
    service.fits, service.cost, service.budget_per_day, service.pot = 1, cost, 2.0, 5.0
    service.attendance = log_odds
    state.plan[0, s], state.due[0, s] = layout.IN_PLAN, today
    state.acting[...] = 0.0
    sessions.hold_sessions(state, 0, day_key(patient.key, today), today, True)

    for name in ("visits_booked", "visits_kept", "visits_waiting"):
        first, *others = state.days[name]
        assert first == (times if name in rows else 0.0), name
        assert not any(others), name


@pytest.mark.parametrize(
    ("status", "left", "where"),
    [
        (Status.WAITING, NEVER, Where.WAITING),
        (Status.BOOKED, 2, Where.WAITING),
        (Status.AFTERCARE, NEVER, Where.IN_CARE),
        (Status.DROPPED_OUT, 90, Where.FIRST_FOUR_WEEKS_OUT),
        (Status.DROPPED_OUT, 73, Where.FIRST_FOUR_WEEKS_OUT),
        (Status.DROPPED_OUT, 72, Where.LATER),
        (Status.OUTSIDE, NEVER, Where.LATER),
    ],
)
def test_where_somebody_stands(state: ClinicState, status: Status, left: int, where: Where) -> None:
    patient = state.patients[0]
    patient.status, patient.left_day = status, left

    assert whereabouts(patient, 100) == where


def test_every_reason_leads_to_a_status_out_of_care() -> None:
    out = {Status(leads_to(int(one))) for one in Reason if one is not Reason.NONE}

    assert out == {
        Status.COMPLETED, Status.DROPPED_OUT, Status.DISCHARGED, Status.TRANSFERRED,
        Status.JAILED, Status.DIED,
    }  # fmt: skip


# --- waiting


def test_the_show_curve_at_its_published_points(p: Any) -> None:
    """0.37 + 0.35 exp(-(d - 1) / 0.8): 0.72, 0.40 (published 0.41) and 0.37 (published 0.38)."""
    show = waiting.show_chance

    assert show(0.0, p) == show(1.0, p) == pytest.approx(0.72)
    assert show(3.0, p) == pytest.approx(0.37 + 0.35 * exp(-2.5))
    assert show(7.0, p) == pytest.approx(0.38, abs=0.011)
    odds = waiting.entry_log_odds
    assert odds(1.0, 0.0, p) == pytest.approx(log(0.72 / 0.28))
    assert odds(1.0, -0.7, p) == pytest.approx(log(0.72 / 0.28) - 0.7)


def test_the_order_of_offers(state: ClinicState) -> None:
    rank, p = waiting.rank, state.scalars[0]
    first, second, third = state.patients[0], state.patients[1], state.patients[2]
    for patient, since in ((first, 10), (second, 20), (third, 95)):
        patient.since = since
        patient.pregnant = False
        patient.last_overdose_day = NEVER

    assert rank(first, p, 100) == 90 > rank(second, p, 100) > rank(third, p, 100)
    third.pregnant = True
    assert rank(third, p, 100) == 5 + waiting.QUEUE_DAYS > rank(first, p, 100)
    third.pregnant, third.last_overdose_day = False, 71
    assert rank(third, p, 100) > rank(first, p, 100)
    third.last_overdose_day = 69
    assert rank(third, p, 100) == 5
    p.last_come_first = 1
    assert rank(third, p, 100) > rank(second, p, 100) > rank(first, p, 100)


def test_very_long_waits_count_as_equal(state: ClinicState) -> None:
    patient = state.patients[0]
    patient.since, patient.pregnant, patient.last_overdose_day = 0, False, NEVER

    assert waiting.rank(patient, state.scalars[0], 5000) == waiting.QUEUE_DAYS - 1


def small_post(state: ClinicState, wanted: int, staffed: float) -> tuple[int, float]:
    """Intakes held and minutes taken on one day on which so many are due and so much is staffed.

    An intake takes 60 minutes in all.
    """
    service = state.services[state.scalars[0].intake_service]
    service.minutes = 60.0
    role = state.roles[service.role]
    for patient in state.patients:
        patient.status = int(Status.OUTSIDE)
    for patient in state.patients[:wanted]:
        patient.status, patient.offer_day = int(Status.BOOKED), 0
    state.written[1] = state.patients.size
    scheduling.count_demand(state, 0)
    role.most_today, role.used_today = staffed, 0.0
    waiting.reserve_intakes(state, 0, True)
    return int(service.reserved), float(role.used_today)


def test_a_small_post_works_towards_an_intake_over_several_days(state: ClinicState) -> None:
    """Intakes take 60 minutes. At 25 a day: 25 + 25 + 10 for the first, the rest for the second."""
    days = [small_post(state, 2, 25.0) for _ in range(5)]

    assert days == [(0, 25.0), (0, 25.0), (1, 25.0), (0, 25.0), (1, 25.0)]


def test_no_more_is_set_aside_than_one_intake_takes(state: ClinicState) -> None:
    """Nothing while nobody is due, and what is set aside is spent first."""
    assert small_post(state, 0, 40.0) == (0, 0.0)
    assert small_post(state, 1, 40.0) == (0, 40.0)
    assert small_post(state, 0, 40.0) == (0, 0.0), "kept for whoever is next"
    assert small_post(state, 3, 100.0) == (2, 100.0), "40 + 80 for two, 20 for the third"
    assert small_post(state, 1, 300.0) == (1, 40.0)
    assert state.services[state.scalars[0].intake_service].minutes_put_by == 0.0


def test_a_full_post_holds_what_is_due_as_ever(state: ClinicState) -> None:
    assert small_post(state, 3, 200.0) == (3, 180.0)
    assert small_post(state, 3, 180.0) == (3, 180.0)


def test_no_intake_is_held_that_takes_longer_than_the_house_is_open(state: ClinicState) -> None:
    state.services[state.scalars[0].intake_service].fits = 0

    assert small_post(state, 3, 200.0) == (0, 0.0)


def test_parts_of_an_offer_add_up(state: ClinicState) -> None:
    """With time for a quarter of an intake a day, a place is offered every fourth day."""
    p = state.scalars[0]
    service = state.services[p.intake_service]
    service.minutes, state.roles[service.role].most_today = 60.0, 15.0
    p.places = 10_000
    for patient in state.patients:
        patient.status, patient.since = int(Status.WAITING), 0
    state.written[1] = state.patients.size
    booked = []
    for _ in range(8):
        taken = scheduling.count_demand(state, 3)
        waiting.offer_places(state, 3, True, taken)
        booked.append(int((state.patients["status"] == Status.BOOKED).sum()))

    assert booked == [0, 0, 0, 1, 1, 1, 1, 2]


def test_doses_without_minutes_take_the_overtime_there_is_and_then_an_agency(
    state: ClinicState,
) -> None:
    """Of four minutes each: two fit into ten minutes of overtime, or none where an agency gives."""
    s = int(state.medications[1].service)
    service, role = state.services[s], state.roles[state.services[s].role]
    service.minutes, role.stays_on, role.used_today = 4.0, 10.0, 0.0
    state.scalars[0].when_dosing_runs_short = dosing.CLOSE_INTAKE
    for _ in range(3):
        dosing.dose_beyond_minutes(state, s)

    assert (role.used_today, role.stays_on, role.minutes_agency) == (8.0, 2.0, 4.0)
    role.stays_on = 10.0
    state.scalars[0].when_dosing_runs_short = dosing.AGENCY
    dosing.dose_beyond_minutes(state, s)
    assert (role.used_today, role.stays_on, role.minutes_agency) == (8.0, 10.0, 8.0)
    assert service.beyond_minutes == 4.0


@pytest.mark.parametrize(("minutes", "taken", "left"), [(20.0, 2.0, 15.0), (0.0, 3.0, 55.0)])
def test_others_take_over_as_many_sessions_as_they_have_time_for(
    state: ClinicState, minutes: float, taken: float, left: float
) -> None:
    """Of three sessions turned away, in 55 minutes to spare; what takes no time, all."""
    s = int(state.agenda[0, 0])
    service, role = state.services[s], state.roles[2]
    service.stand_ins, service.without_notes, state.may_also[s, 0] = 1, minutes, 2
    role.notes, role.spare, role.most_today, role.staffed_today = 0.0, 55.0, 90.0, 90.0
    state.standing_in[...] = 0.0

    assert standing_in.taken_over(state, s, 3.0) == taken
    assert state.standing_in[s, 0] == taken
    assert role.spare == left


@pytest.mark.parametrize(("role", "turned_away"), [(0, 1.0), (-1, 0.0)])
def test_sessions_for_which_a_role_has_no_time_are_counted(
    state: ClinicState, role: int, turned_away: float
) -> None:
    """What nobody in particular gives is never turned away."""
    patient, s = state.patients[0], int(state.agenda[0, 0])
    patient.agenda_length = 1
    service = state.services[s]
    service.kind, service.role, service.pool, service.fits = layout.INDIVIDUAL, role, role, 1
    service.stand_ins, service.cost = 1, 0.0
    state.plan[0, s], state.due[0, s] = layout.IN_PLAN, 7
    state.threshold[:] = layout.BUCKETS
    state.demand[...] = 0.0
    standing_in.count_sessions_turned_away(state, 0, 7)

    assert state.demand[state.roles.size + s].sum() == state.demand.sum() == turned_away


def test_a_session_takes_its_minutes_and_its_notes() -> None:
    """60 and 5 of a counsellor's intake, 17.5 and 2 of a prescriber's visit; a dose takes 4."""
    clinic = Clinic(small())
    minutes = dict(
        zip(clinic.parameters.service_names, clinic.state.services["minutes"], strict=True)
    )
    clinic.close()

    assert minutes["intake_assessment"] == 65.0
    assert minutes["therapy_group"] == 95.0
    assert minutes["medical_management"] == 19.5
    assert minutes["dosing"] == 4.0


# --- sessions, use, drift


def test_a_session_makes_up_its_part_of_what_is_missing() -> None:
    dose = sessions.dose_after_session

    assert dose(0.0, 0.5, 1.0) == 0.5
    assert dose(dose(0.0, 0.5, 1.0), 0.5, 1.0) == 0.75
    assert dose(0.5, 0.5, 0.4) == pytest.approx(0.6)
    assert dose(1.0, 0.5, 1.0) == 1.0


def test_a_share_of_recent_days() -> None:
    share = sessions.share_of_recent

    assert share(0.0, True, 0.9) == pytest.approx(0.1)
    assert share(1.0, False, 0.9) == pytest.approx(0.9)
    value = 0.3
    for _ in range(400):
        value = share(value, True, 0.9)
    assert value == pytest.approx(1.0)


def test_tolerance_is_lost_by_halves_and_regained(p: Any) -> None:
    """Half lost in ten days without, half of what is missing regained in five with."""
    tomorrow = drift.tolerance_tomorrow
    value = 1.0
    for _ in range(10):
        value = tomorrow(value, False, p)
    assert value == pytest.approx(0.5)
    for _ in range(5):
        value = tomorrow(value, True, p)
    assert value == pytest.approx(0.75)


def test_craving_wanders_about_the_level_of_one_s_severity(p: Any) -> None:
    """A median shock leaves 0.9057 of a deviation (half in seven days) from 0.3 x severity."""
    kept = 0.5 ** (1 / 7)
    tomorrow = drift.craving_tomorrow

    assert tomorrow(1.3, 0.0, kept, 1.0, 0.5, p) == pytest.approx(0.3 + kept)
    assert tomorrow(0.3, 0.0, kept, 1.0, 0.5, p) == pytest.approx(0.3)
    high = tomorrow(0.0, 0.0, kept, 0.0, 0.8413447460685429, p)
    assert high == pytest.approx(p.craving_shock_sd)


@pytest.mark.parametrize(("days", "visits"), [(1.0, 7.0), (7.0, 1.0), (14.0, 0.5), (0.2, 7.0)])
def test_required_visits_a_week(days: float, visits: float) -> None:
    assert drift.weekly_visits(days) == pytest.approx(visits)


@pytest.mark.parametrize(
    ("role", "posts", "level"), [(-1, 0.0, 0.7), (0, 0.0, 0.0), (0, 0.5, 0.7), (1, 0.0, 0.0)]
)
def test_a_practice_acts_where_the_role_that_keeps_it_up_has_posts(
    state: ClinicState, role: int, posts: float, level: float
) -> None:
    """Whichever role it is; one without a role acts everywhere."""
    patient, s = state.patients[0], int(state.agenda[0, 0])
    patient.status, patient.agenda_length = Status.IN_TREATMENT, 1
    service = state.services[s]
    service.kind, service.role, service.given = layout.PRACTICE, role, 0.7
    state.plan[0, s] = layout.IN_PLAN
    state.roles["posts"] = posts
    drift.feel_services(state, 0, 5)

    assert state.level[0, s] == level


@pytest.mark.parametrize(
    ("due", "placed"),
    [((3, 5, 9), {0, 1}), ((9, 5, 3), {1, 2}), ((4, 4, 4), {0, 1}), ((3, 9, 3), {0, 2})],
)
def test_places_of_a_support_go_to_those_who_have_waited_longest(
    state: ClinicState, due: tuple[int, ...], placed: set[int]
) -> None:
    """Two places for the first three people of the books; the earlier in them among equals."""
    service = state.services[0]
    service.houses, service.places, service.placed_now = 0, 2, 0
    state.plan[:, 0] = 0
    for i, day_of_need in enumerate(due):
        state.plan[i, 0], state.due[i, 0] = layout.IN_PLAN, day_of_need
    state.written[1] = 3
    beds.fill_places(state, 0, 10)

    assert set(np.flatnonzero(state.plan[:, 0] & layout.PLACED).tolist()) == placed
    assert service.placed_now == 2


def test_use_adds_up_effects_regime_and_dose(p: Any) -> None:
    effects, dose = [0.0] * len(Hazard), [0.0] * len(Hazard)
    effects[Hazard.USE], dose[Hazard.USE] = 2.0, -1.2
    odds = use.use_log_odds

    assert odds(True, effects, 0.0, dose, p) == 2.0
    assert odds(True, effects, 0.5, dose, p) == pytest.approx(1.4)
    assert odds(False, effects, 0.0, dose, p) == pytest.approx(2.0 + log(OCCASIONAL))
    assert odds(False, effects, 1.0, dose, p) == odds(False, effects, 0.0, dose, p)
    effects[Hazard.REGULAR_USE_BEGINS], effects[Hazard.REGULAR_USE_ENDS] = -4.0, -6.0
    dose[Hazard.REGULAR_USE_ENDS] = 1.0
    rate = use.regime_log_rate
    assert rate(False, effects, 1.0, dose) == -4.0
    assert rate(True, effects, 1.0, dose) == -5.0


def test_heavy_days_are_rarer_outside_regular_drinking(p: Any) -> None:
    heavy = use.is_heavy

    assert heavy(0.74, True, 0.0, p)
    assert not heavy(0.76, True, 0.0, p)
    assert not heavy(0.74, False, 0.0, p)


@pytest.mark.parametrize(("days_until_it_rings", "times"), [(0.9, 1), (1.1, 0), (1.9, 0)])
def test_a_crisis_comes_when_its_clock_rings_within_the_day(
    state: ClinicState, days_until_it_rings: float, times: int
) -> None:
    """It raises craving and costs alliance, once."""
    p, patient, crisis = state.scalars[0], state.patients[0], state.crises[0]
    state.has[0, state.crises["feature"]] = 0
    state.has[0, crisis.feature] = 1
    state.felt[...] = 0.0
    state.drivers[0] = 0.0
    key = day_key(patient.key, 40)
    luck = uniform(joined(key, crisis.key), crises.HAS_A_CRISIS)
    crisis.log_rate = log(ringing_time(luck, 0.0) / days_until_it_rings)
    crises.have_crises(state, 0, key, 40)

    assert patient.crises == times
    assert state.drivers[0, layout.CRAVING] == times * p.crisis_craving
    assert state.drivers[0, layout.ALLIANCE] == -times * p.crisis_alliance


# --- medication


def test_phases_follow_time_in_care(state: ClinicState) -> None:
    methadone = state.medications[1]
    phase = medication.phase_of

    assert [phase(methadone, one) for one in (0, 30, 31, 180, 181, 366, 4000)] == [
        0, 0, 1, 1, 2, 3, 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day_on_dose", "left"), [(0, 1.0), (49, 1.0), (50, 1.0), (60, 0.5), (70, 0.0), (99, 0.0)]
)
def test_a_taper_falls_in_a_line(p: Any, day_on_dose: int, left: float) -> None:
    p.taper_from_day, p.taper_days = 50, 20

    assert medication.taper_left(p, day_on_dose) == pytest.approx(left)


def test_no_taper_leaves_the_dose(p: Any) -> None:
    assert medication.taper_left(p, 5000) == 1.0


def test_medications_are_given_in_their_shares(state: ClinicState) -> None:
    """Methadone to 0.65 of people, buprenorphine to the rest; nothing to who has no choice."""
    choose = medication.choose_medication
    given = [choose(state.medications, 0, luck / 1000 + 0.0005) for luck in range(1000)]

    assert given.count(1) == 650
    assert given.count(2) == 350
    assert given == sorted(given)
    state.medications["assigned"] = 0.0
    assert choose(state.medications, 0, 0.3) == 0
    assert choose(state.medications, 1, 0.3) == 4


def test_what_is_changed_to_is_what_one_wishes_else_what_most_are_given(state: ClinicState) -> None:
    """Of methadone (1), buprenorphine (2) and naltrexone (3), where the clinic gives them."""
    other, table = medication.other_medication, state.medications
    assert [one.service >= 0 for one in table][:4] == [False, True, True, True]
    table["assigned"][:4] = 0.0, 0.5, 0.3, 0.2

    assert other(table, 0, 1, 3) == 3, "the wish"
    assert other(table, 0, 1, -1) == other(table, 0, 1, 1) == 2
    assert other(table, 0, 2, -1) == 1
    table["assigned"][3] = 0.0
    assert other(table, 0, 1, 3) == 2, "what the clinic does not give is not to be had"
    table["assigned"][2] = 0.0
    assert other(table, 0, 1, 3) == -1


def test_take_homes_follow_time_and_urines(state: ClinicState) -> None:
    """Under the rules before 2024: weekly pick-up from day 270, for a month without positives."""
    days = medication.days_until_next_visit
    patient = state.patients[0]
    patient.status, patient.since, patient.medication = Status.IN_TREATMENT, 0, 1
    patient.negative_urines_in_a_row = 4

    assert days(state, patient, 10) == pytest.approx(1.167)
    assert days(state, patient, 100) == pytest.approx(1.4)
    assert days(state, patient, 300) == pytest.approx(7.0)
    patient.negative_urines_in_a_row = 3
    assert days(state, patient, 300) == pytest.approx(1.167)
    patient.medication = 2
    assert days(state, patient, 300) == 14.0


# --- leaving, dying, rules of the clinic


def test_what_adds_up_to_dropping_out(state: ClinicState) -> None:
    p, patient, methadone = state.scalars[0], state.patients[0], state.medications[1]
    patient.low_dose = patient.prefers = patient.regular_use = False
    effects = [0.0] * len(Hazard)
    effects[Hazard.DROPOUT] = 0.5
    rate = exits.dropout_log_rate
    base = methadone.phase_dropout[0] + 0.5

    assert rate(patient, methadone, effects, 0.3, p, 10) == pytest.approx(base + 0.3)
    assert rate(patient, methadone, effects, 0.3, p, 30) == pytest.approx(base)
    patient.regular_use = True
    assert rate(patient, methadone, effects, 0.3, p, 30) == pytest.approx(base + log(RELAPSED))
    patient.regular_use = False
    patient.low_dose = patient.prefers = True
    assert rate(patient, methadone, effects, 0.0, p, 30) == pytest.approx(
        base + log(1.4) + log(0.95)
    )


@pytest.mark.parametrize(
    ("status", "began", "left", "ratio"),
    [
        (Status.IN_TREATMENT, 90, NEVER, 3.0),
        (Status.IN_TREATMENT, 60, NEVER, 1.0),
        (Status.DROPPED_OUT, NEVER, 80, 10.0),
        (Status.DROPPED_OUT, NEVER, 70, 3.0),
        (Status.WAITING, NEVER, 80, 10.0),
    ],
)
def test_overdose_risk_by_phase_of_care(
    state: ClinicState, status: Status, began: int, left: int, ratio: float
) -> None:
    """Methadone's rate ratios: 3 in its first weeks, 10 in the first four weeks after, 3 later."""
    patient, methadone = state.patients[0], state.medications[1]
    patient.status, patient.dose_since, patient.left_day = status, began, left
    patient.used, patient.cover = False, 0.0
    effects = [0.0] * len(Hazard)
    rate = exits.overdose_log_rate
    found = rate(patient, methadone, methadone, effects, state.scalars[0], 100)

    assert found == pytest.approx(log(ratio))
    patient.used, patient.tolerance = True, 0.25
    found = rate(patient, methadone, methadone, effects, state.scalars[0], 100)
    assert found == pytest.approx(log(ratio) + 0.75 * log(3.0))


def test_completion_waits_for_the_usual_length(state: ClinicState) -> None:
    effects = [0.0] * len(Hazard)
    effects[Hazard.COMPLETION] = -5.0
    rate = exits.completion_log_rate

    assert rate(state.medications[1], effects, 364) < -50.0
    # of methadone in its second half-year, in which fewer leave than in its middle phase
    assert rate(state.medications[1], effects, 365) == pytest.approx(-5.0 + log(0.0011 / 0.0017))
    assert exits.transfer_log_rate(state.medications[1], 16 * [-4.0], 40) == -4.0


@pytest.mark.parametrize(
    ("status", "left", "more"),
    [
        (Status.DROPPED_OUT, 80, True),
        (Status.WAITING, 80, True),
        (Status.DROPPED_OUT, 70, False),
        (Status.IN_TREATMENT, 80, False),
        (Status.TRANSFERRED, 80, False),
        (Status.JAILED, 80, False),
    ],
)
def test_deaths_are_more_frequent_in_the_first_weeks_after_leaving(
    state: ClinicState, status: Status, left: int, more: bool
) -> None:
    """Seven and a half times as many other deaths, twice as many suicides."""
    patient, p = state.patients[0], state.scalars[0]
    patient.status, patient.left_day = status, left
    effects = [-9.0] * len(Hazard)

    found = exits.other_death_log_rate(patient, effects, p, 100)
    assert found == pytest.approx(-9.0 + (log(7.5) if more else 0.0))
    found = exits.suicide_log_rate(patient, effects, p, 100)
    assert found == pytest.approx(-9.0 + (log(2.0) if more else 0.0))


@pytest.mark.parametrize("cover", [0.0, 0.4, 0.6])
def test_who_is_dosed_in_line_leaves_it_as_people_leave_care(
    state: ClinicState, cover: float
) -> None:
    """Covered from half of a dose's effect on; whoever is not gives up the wait."""
    patient, p = state.patients[0], state.scalars[0]
    patient.status, patient.dose_since, patient.cover = Status.WAITING, 3, cover

    assert exits.can_drop_out(patient, p, 10) == (cover > 0.5)
    assert exits.can_walk_away(patient, p, 10) == (cover < 0.5)
    patient.status = Status.IN_TREATMENT
    assert exits.can_drop_out(patient, p, 10)
    assert not exits.can_walk_away(patient, p, 10)


def test_a_urine_finds_three_days(p: Any) -> None:
    assert [is_positive(last, 10, p) for last in (10, 8, 7, NEVER)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_fees_weigh_with_the_burden_of_money(p: Any) -> None:
    p.fee_log_rate = -5.0

    assert unpaid_log_rate(0.5, p) == pytest.approx(-5.0 + log(0.5))
    assert unpaid_log_rate(0.0, p) < -30.0


def test_the_assessment_errs_both_ways(p: Any) -> None:
    found = reviews.found_to_need

    assert found(True, 0.74, p)
    assert not found(True, 0.76, p)
    assert found(False, 0.09, p)
    assert not found(False, 0.11, p)


@pytest.mark.parametrize(("step", "factor"), [(1, 0.5), (0, 1.0), (-1, 1.5)])
def test_stepped_care_changes_the_rhythm(p: Any, step: int, factor: float) -> None:
    assert reviews.interval_factor(step, p) == factor


def test_a_new_service_reaches_more_people_day_by_day(state: ClinicState) -> None:
    service = state.services[0]
    reached = reviews.reached_by_now

    assert reached(service, 5) == 1.0
    service.ramp_from, service.ramp_days = 10, 20
    assert reached(service, 9) == 0.0
    assert reached(service, 19) == pytest.approx(0.5)
    assert reached(service, 29) == 1.0


def test_overload_raises_turnover(state: ClinicState) -> None:
    """A rate ratio of 1.5 for each 25 % above what is staffed."""
    role, p = state.roles[3], state.scalars[0]
    rate = departure_log_rate
    role.load = 0.9
    calm = rate(role, p, 1000)
    role.load = p.overload_from + 0.25

    assert calm == role.turnover_log_rate
    assert rate(role, p, 1000) - calm == pytest.approx(log(1.5))
    assert rate(role, p, 364) - rate(role, p, 365) == pytest.approx(log(1.5))


@pytest.mark.parametrize("turnover", [0.0, 0.15, 0.4, 1.0, 6.0])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.5, 4.0, 30.0])
def test_a_risky_first_year_leaves_turnover_as_it_is(turnover: float, ratio: float) -> None:
    """By days of a post: the stationary share in each year, times the rate in it, is turnover."""
    a_day = turnover / 365.25
    later = staff_tables.rate_after_first_year(a_day, ratio)
    there = np.exp(-np.cumsum(np.where(np.arange(400_000) < 365, later * ratio, later)))
    if turnover > 0.0:
        assert 1.0 / there.sum() == pytest.approx(a_day, rel=0.02)
        assert later <= a_day if ratio >= 1.0 else later > a_day
    else:
        assert later == 0.0


def test_staff_have_been_in_their_posts_for_as_long_as_usual() -> None:
    """Of counsellors, at 0.4 departures a year, some two in five are in their first year."""
    role = parameters_of(small(), CENTRE).roles[3]
    lucks = (np.arange(1000) + 0.5) / 1000
    before = np.array([staff_tables.hired_before_opening(role, luck) for luck in lucks])
    new = before <= 365
    expected = staff_tables.days_in_first_year(role) / staff_tables.usual_stay(role)

    assert 0.3 < new.mean() < 0.45
    assert new.mean() == pytest.approx(expected, abs=0.002)
    assert before.min() == 1
    assert (np.diff(before) >= 0).all()


def full_minutes(first_year: float, new_worker_share: float, learning_days: float = 2.0) -> float:
    """Of a post whose workers leave at 0.01 a day, learn for two days, and are missed for five."""
    role = {"turnover_log_rate": log(0.01), "turnover_first_year": log(first_year)}
    p = {"learning_days": learning_days, "new_worker_share": new_worker_share}
    return staff_tables.share_of_full_minutes(role | {"hiring_lag": 5}, p)


def test_a_post_gives_full_minutes_but_for_vacancies_and_beginners() -> None:
    """Day by day: a worker is there on the first day, and on each further one with exp(-0.01)."""
    stay = 1.0 / (1.0 - exp(-0.01))

    assert full_minutes(1.0, 1.0) == pytest.approx(stay / (stay + 5.0))
    # Half of the minutes are lacking on the first day, a quarter on the second.
    lacking = 0.5 + 0.25 * exp(-0.01)
    assert full_minutes(1.0, 0.5) == pytest.approx((stay - lacking) / (stay + 5.0))
    # Leaving twice as fast in the first year, of which nobody leaves on the first day.
    first = sum(exp(-0.02 * day) for day in range(365))
    later = sum(exp(-0.02 * 364 - 0.01 * day) for day in range(1, 5000))
    stay = first + later
    assert full_minutes(2.0, 1.0) == pytest.approx(stay / (stay + 5.0))
    assert full_minutes(2.0, 1.0, 400.0) == pytest.approx(stay / (stay + 5.0))


@pytest.mark.parametrize(("days", "share"), [(0, 0.5), (45, 0.75), (90, 1.0), (500, 1.0)])
def test_a_beginner_learns_in_a_line(state: ClinicState, days: int, share: float) -> None:
    """From half of full minutes to all of them in 90 days."""
    p = state.scalars[0]

    assert share_learnt(days, p) == pytest.approx(share)


@pytest.mark.parametrize("weeks", [0, 1, 4, 5, 7, 52])
def test_leave_is_of_whole_weeks_and_as_many_as_agreed_each_year(
    state: ClinicState, weeks: int
) -> None:
    """Every worker, in every year, the one before opening among them; not all in the same weeks."""
    workers = [state.staff[w] for w in range(state.staff.size)]
    away = np.array(
        [[is_on_leave(one, weeks, day) for day in range(-364, 3 * 364)] for one in workers]
    )
    by_week = away.reshape(len(workers), -1, 7)

    assert (by_week.all(axis=2) == by_week.any(axis=2)).all()
    assert (away.reshape(len(workers), 4, 364).sum(axis=2) == 7 * weeks).all()
    if 0 < weeks < 52:
        assert len({one.tobytes() for one in away}) > 1
        gaps = np.diff(np.flatnonzero(by_week[0, :, 0]))
        assert set(gaps) <= {52 // weeks, -(-52 // weeks)}


def test_help_is_gain_times_dose_within_the_ceiling(state: ClinicState) -> None:
    """Of a present patient, service by service; whoever has none is helped by none."""
    coming = int(np.flatnonzero(state.patients["asked_day"] == NEVER)[0])
    help_on = acting.help_with
    by_driver = np.zeros(state.driver_ceiling.size)
    for s in state.agenda[0, : state.patients[0].agenda_length]:
        service = state.services[s]
        for channel in state.channels[int(service.first_channel) : int(service.after_channel)]:
            if channel.kind == layout.ON_DRIVER:
                by_driver[int(channel.target)] += channel.gain * state.level[0, s]
    j = int(np.argmax(np.abs(by_driver)))
    helped = abs(by_driver[j])

    assert helped > 0.0
    assert help_on(state, coming, j) == 0.0
    assert help_on(state, 0, j) == pytest.approx(by_driver[j])
    state.driver_ceiling[j] = helped / 2.0
    assert abs(help_on(state, 0, j)) == pytest.approx(helped / 2.0)
    state.level[0] *= -1.0
    assert help_on(state, 0, j) == pytest.approx(-np.sign(by_driver[j]) * helped / 2.0)


def weighed(state: ClinicState, i: int, helps: tuple[float, float]) -> float:
    """The log rate ratio of dropping out of somebody who has nothing but so much help.

    Help of 1 with each of two mediators, of which a unit adds as much to the log rate.
    """
    for array in (state.fixed, state.paid, state.effects, state.felt, state.drivers):
        array[...] = 0.0
    state.driver_ceiling[:] = 5.0
    state.felt[acting.HELP, :2] = 1.0
    state.effects[:2, Hazard.DROPOUT] = helps
    acting.weigh(state, i, 2.0)
    return float(state.acting[Hazard.DROPOUT])


def test_what_services_take_off_dropout_ends_at_the_cap(state: ClinicState) -> None:
    """Two mediators together take off 0.5 where the cap is 0.4, and 0.3 where it is not reached."""
    state.scalars[0].psychosocial_cap = -0.4

    assert weighed(state, 0, (-0.3, -0.2)) == pytest.approx(-0.4)
    assert weighed(state, 0, (-0.2, -0.1)) == pytest.approx(-0.3)
    assert weighed(state, 0, (0.3, 0.2)) == pytest.approx(0.5), "what drives out has no cap"


def test_help_is_of_who_has_a_service_on_their_agenda_be_it_one(state: ClinicState) -> None:
    state.scalars[0].psychosocial_cap = -0.4
    state.patients[0].agenda_length = 1
    assert weighed(state, 0, (-0.2, -0.1)) == pytest.approx(-0.3)
    state.patients[0].agenda_length = 0
    assert weighed(state, 0, (-0.2, -0.1)) == 0.0


def test_what_is_left_of_burdens_is_felt_at_every_visit(state: ClinicState) -> None:
    """A barrier of burden 1 of which services lift 0.6, at 0.5 a visit: 0.2 a visit."""
    patient, barrier = state.patients[0], int(state.scalars[0].first_barrier)
    for array in (state.fixed, state.paid, state.felt, state.drivers):
        array[...] = 0.0
    state.per_visit[:] = 0.0
    state.per_visit[barrier] = 0.5
    state.drivers[0, barrier] = 1.0
    state.felt[acting.HELP, barrier] = 0.6
    acting.weigh(state, 0, 3.0)

    assert patient.agenda_length > 0
    assert state.felt[acting.ALL, barrier] == pytest.approx(0.4)
    assert state.drivers[0, layout.VISIT_BURDEN] == pytest.approx(3.0 * 0.2)
    state.felt[acting.HELP, barrier] = 1.7
    acting.weigh(state, 0, 3.0)
    assert state.felt[acting.ALL, barrier] == 0.0, "no more than all of it is lifted"


def test_marks_are_bits_of_their_own() -> None:
    """So that setting one leaves the others, and a status, as they are."""
    plan = (layout.IN_PLAN, layout.PLACED, layout.WITHOUT_EFFECT)
    day_bits = (calendar.USED, calendar.HEAVY, calendar.MEDICATED, calendar.VISITED)

    assert sorted((*plan, layout.GIVEN_UP)) == [1, 2, 4, 8]
    assert sorted(day_bits) == [16, 32, 64, 128]
    assert max(Status) <= calendar.STATUS < min(day_bits)
    assert sizes.ALL_BITS == 255


def test_a_figure_of_somebody_s_own_lifts_the_ceiling_that_it_needs() -> None:
    own = small().with_changes(
        services={"case_management": {"offered": True}},
        effects={"override": {"case_management": {"dropout": {"hazard_ratio": 0.7}}}},
    )
    written = own.catalogue.mediators["alliance"].ceiling
    strengths = Strengths(own.catalogue, CENTRE, own.effects.override)
    service = own.catalogue.services["case_management"]
    gains = {one.target: one for one in strengths.channels("case_management", service)}
    clinic = Clinic(own)
    clinic.close()
    place = clinic.parameters.driver_names.index("alliance")

    assert gains["dropout"].driver == "alliance"
    assert strengths.beyond("case_management", service) == []
    assert strengths.ceiling("alliance") == abs(gains["dropout"].gain) > written
    assert clinic.state.driver_ceiling[place] == pytest.approx(strengths.ceiling("alliance"))
    assert Strengths(own.catalogue, CENTRE).ceiling("alliance") == written


# --- dose of a medication


def test_the_effect_of_a_dose_levels_off() -> None:
    """Exactly 1 at the usual dose; every further step adds less."""
    doses = np.arange(0.25, 2.01, 0.25)
    effects = np.array([dose_effect(dose, 2.0) for dose in doses])

    assert dose_effect(1.0, 1.7) == 1.0
    assert (np.diff(effects) > 0.0).all()
    assert (np.diff(effects, 2) < 0.0).all()
    assert dose_effect(2.0, 0.01) == pytest.approx(2.0, rel=0.02)
    assert dose_effect(2.0, 30.0) == pytest.approx(1.0)


def test_the_share_held_low_is_the_usual_one_at_the_usual_dose() -> None:
    assert share_on_low_dose(0.23, 1.0, 0.69) == 0.23
    assert share_on_low_dose(0.23, 0.69, 0.69) == pytest.approx(0.5)
    assert share_on_low_dose(0.0, 0.5, 0.69) == 0.0
    shares = [share_on_low_dose(0.23, dose, 0.69) for dose in (0.25, 0.5, 0.9, 1.0, 1.1, 2.0)]
    assert shares == sorted(shares, reverse=True)


def test_who_is_sent_home_where_more_is_booked_than_fits(state: ClinicState) -> None:
    """Whoever comes when a role's time is up; what takes nobody's time is for all who come."""
    state.scalars[0].overbooking_share = 0.5
    state.roles["used_today"], state.roles["most_today"] = 60.0, 100.0
    service = next(one for one in state.services if one.kind == 0 and one.role >= 0)
    service.minutes = 30.0

    assert scheduling.is_seen(state, service)
    assert state.roles[service.role].used_today == 90.0
    assert not scheduling.is_seen(state, service)
    service.role = service.pool = -1
    state.roles["used_today"] = 100.0
    assert scheduling.is_seen(state, service)
    assert (state.roles["used_today"] == 100.0).all()
