"""What holds in every clinic, whatever its staff, places, services, queue and rules."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txsim.clinic import Clinic
from txsim.parameters.tables import dosing_week
from txsim.rules.linear_predictor import ALL
from txsim.run import Run, record, run
from txsim.scenario import Scenario
from txsim.state.events import NEVER, Kind, Reason, Status
from txsim.state.layout import GROUP, IN_PLAN, PLACED, SUPPORT
from txsim.workload import gives_doses

from ..strategies import clinics
from .small_clinics import compiled_only, small

pytestmark = compiled_only

TOLERANCE = 1e-6
"""Minutes: sums of floats need not be exact."""
IN_CARE = (Status.INDUCTION, Status.IN_TREATMENT, Status.AFTERCARE)
LEADS_TO = {
    Reason.COMPLETED: Status.COMPLETED,
    Reason.DROPPED_OUT: Status.DROPPED_OUT,
    Reason.TRANSFERRED: Status.TRANSFERRED,
    Reason.JAILED: Status.JAILED,
    Reason.DIED: Status.DIED,
}
SEEDS = st.integers(0, 50)
many = settings(max_examples=2 * settings().max_examples)


def lived_day_by_day(scenario: Scenario, replication: int) -> Clinic:
    """Live a clinic through, looking at minutes, seats, places and numbers every evening."""
    clinic = Clinic(scenario, replication)
    booked = np.zeros(clinic.state.services.size)
    held = np.zeros(clinic.state.services.size)
    while clinic.day < clinic.horizon:
        clinic.step()
        if clinic.day - 1 == 0:
            booked[:] = held[:] = 0.0
        look_at_capacity(clinic, booked, held)
        look_at_people(clinic)
    clinic.close()
    return clinic


def look_at_capacity(clinic: Clinic, booked: np.ndarray, held: np.ndarray) -> None:
    """Minutes, seats and places of the day just lived; `booked` and `held` are until yesterday."""
    state = clinic.state
    roles, services = state.roles, state.services
    most = roles["staffed_today"] * (1.0 + clinic.design.clinic.overtime_share)
    gives = give_doses(clinic.design)
    assert (roles["used_today"] <= most + TOLERANCE)[~gives].all()
    at_work = np.bincount(state.staff["role"][state.staff["at_work"]], minlength=roles.size)
    assert (roles["used_today"] <= clinic.design.clinic.hours.minutes * at_work + TOLERANCE).all()
    assert (services["reserved"] >= 0).all()
    assert not state.standing_in.any(), "whoever was to stand in did, and nobody else"
    groups = services["kind"] == GROUP
    seats = (services["groups_held"] - held) * services["seats"]
    assert ((services["booked"] - booked)[groups] <= seats[groups]).all()
    booked[:], held[:] = services["booked"], services["groups_held"]
    placed = ((state.plan & PLACED) != 0).sum(axis=0)
    supports = services["kind"] == SUPPORT
    assert (placed[supports] == services["placed_now"][supports]).all()
    limited = supports & (services["places"] > 0)
    assert (placed[limited] <= services["places"][limited]).all()
    in_beds = ((state.plan & PLACED) != 0)[:, services["houses"] != 0].sum(axis=1)
    assert (in_beds == state.patients["in_bed"]).all()
    status = state.patients["status"]
    taken = np.isin(status, [*IN_CARE, Status.BOOKED]).sum()
    assert taken <= clinic.design.clinic.places


def give_doses(scenario: Scenario) -> np.ndarray:
    """Which roles give doses under observation, and may have to stay on for them."""
    return np.array([gives_doses(scenario, role) for role in scenario.catalogue.roles])


def look_at_people(clinic: Clinic) -> None:
    """Every number is one, shares are shares, and caseloads are those who are on them."""
    state = clinic.state
    for one in fields(state):
        array = getattr(state, one.name)
        names = array.dtype.names
        for column in [array] if names is None else [array[name] for name in names]:
            if column.dtype.kind == "f":
                assert np.isfinite(column).all(), one.name
    patients = state.patients
    for share in (state.level, patients["cover"], patients["tolerance"], state.cohesion):
        assert (share >= 0.0).all()
        assert (share <= 1.0 + TOLERANCE).all()
    first_barrier = int(state.scalars[0]["first_barrier"])
    left = state.felt[ALL, first_barrier:]
    assert (left >= -TOLERANCE).all()
    assert (left <= 1.0 + TOLERANCE).all()
    on_caseload = np.bincount(
        patients["key_worker"][patients["key_worker"] >= 0], minlength=state.staff.size
    )
    assert (on_caseload == state.staff["caseload"]).all()
    ceiling = state.roles["caseload"][state.staff["role"]] * state.staff["post"]
    if clinic.design.clinic.caseload_limit == "kept":
        assert (state.staff["caseload"] <= np.where(ceiling > 0.0, ceiling, np.inf)).all()
        assert (state.roles["caseload_breaches"] == 0.0).all()
    own = state.medications["service"][patients["medication"]]
    for s in np.flatnonzero(state.services["carries_dose"]):
        planned = (state.plan[:, s] & IN_PLAN) != 0
        assert ((own[planned] == s) | (own[planned] < 0)).all(), (
            "visits are those of one's own medication, or go on after it"
        )
    cared_for = np.isin(patients["status"], IN_CARE)
    assert (patients["key_worker"][~cared_for] == -1).all()
    outside = ~cared_for & ~np.isin(patients["status"], (Status.WAITING, Status.BOOKED))
    assert not (state.plan[outside] & IN_PLAN).any()


def statuses_told_by(run: Run) -> np.ndarray:
    """Everybody's care status on every day, told again from the event log alone.

    Days before anybody asked, and a past that ended before day 0, are left as the calendar has
    them: the log begins on day 0.
    """
    rows = {int(person): row for row, person in enumerate(run.patients["person"])}
    told = np.full(run.calendar.shape, 255, np.uint8)
    for event in run.events:
        row, day, kind = rows[int(event["person"])], int(event["day"]), int(event["kind"])
        after = status_after(kind, int(event["detail"]))
        if after is not None:
            told[day:, row] = after
    return told


def status_after(kind: int, detail: int) -> Status | None:
    simple = {
        Kind.ASKED: Status.WAITING,
        Kind.BOOKED_INTAKE: Status.BOOKED,
        Kind.MISSED_INTAKE: Status.LOST,
        Kind.WALKED_AWAY: Status.LOST,
        Kind.WENT_ELSEWHERE: Status.TRANSFERRED,
        Kind.ADMITTED: Status.INDUCTION,
        Kind.INDUCED_ANEW: Status.INDUCTION,
        Kind.SWITCHED: Status.INDUCTION,
        Kind.STABILISED: Status.IN_TREATMENT,
        Kind.AFTERCARE_BEGAN: Status.AFTERCARE,
        Kind.RELEASED: Status.OUTSIDE,
        Kind.DIED: Status.DIED,
        Kind.JAILED_OUTSIDE: Status.JAILED,
    }
    if kind == Kind.LEFT:
        return LEADS_TO.get(Reason(detail), Status.DISCHARGED)
    return simple.get(Kind(kind))


def everybody_is_in_one_status_as_the_log_tells(held: Run) -> None:
    status = held.calendar & 15
    told = statuses_told_by(held)
    known = told < 255

    assert (status <= max(Status)).all()
    assert (status[known] == told[known]).all()
    for name, standing in (
        ("in_care", IN_CARE),
        ("aftercare", (Status.AFTERCARE,)),
        ("waiting", (Status.WAITING, Status.BOOKED)),
    ):
        assert (held.days[name] == np.isin(status, standing).sum(axis=1)).all()
    died, asked = held.patients["died_day"], held.patients["asked_day"]
    days = np.arange(len(status))[:, None]
    alive = (asked != NEVER) & (asked <= days) & ((died == NEVER) | (days < died))
    assert (held.days["alive"] == alive.sum(axis=1)).all()


def exits_sum_up_by_reason(held: Run) -> None:
    events, days = held.events, held.days
    left = events[events["kind"] == Kind.LEFT]
    columns = {
        "completed": (Reason.COMPLETED,),
        "dropped_out": (Reason.DROPPED_OUT,),
        "transferred": (Reason.TRANSFERRED,),
        "jailed": (Reason.JAILED,),
        "discharged": (
            Reason.MISSED_DAYS,
            Reason.POSITIVE_URINES,
            Reason.UNPAID_FEES,
            Reason.MISSED_SESSIONS,
            Reason.BEHAVIOUR,
        ),
    }
    by_reason = {name: np.isin(left["detail"], reasons).sum() for name, reasons in columns.items()}

    assert (left["detail"] != Reason.NONE).all()
    assert {name: days[name].sum() for name in columns} == by_reason
    assert sum(by_reason.values()) + (left["detail"] == Reason.DIED).sum() == len(left)
    for name, kind in (
        ("admitted", Kind.ADMITTED),
        ("asking", Kind.ASKED),
        ("died", Kind.DIED),
        ("overdoses", Kind.OVERDOSE),
        ("went_elsewhere", Kind.WENT_ELSEWHERE),
    ):
        assert days[name].sum() == (events["kind"] == kind).sum()
    assert (
        days["lost_waiting"].sum()
        == np.isin(events["kind"], (Kind.MISSED_INTAKE, Kind.WALKED_AWAY)).sum()
    )


def every_session_booked_was_kept_or_missed(held: Run) -> None:
    services, patients, days = held.services, held.patients, held.days

    assert (services["kept"] + services["missed"] == services["booked"]).all()
    assert (services["booked"] <= services["due"]).all()
    assert (services["stood_in"] <= services["booked"] + services["groups_held"]).all()
    assert (patients["visits_kept"] <= patients["visits_due"]).all()
    intake = list(held.scenario.catalogue.services).index("intake_assessment")
    others = np.arange(services.size) != intake
    assert services["booked"][others].sum() == patients["visits_due"].sum()
    assert services["kept"][others].sum() == patients["visits_kept"].sum()
    assert days["visits_booked"].sum() == services["booked"][others].sum()
    assert days["visits_kept"].sum() == services["kept"][others].sum()
    assert days["visits_waiting"].sum() == services["waited"][others].sum()
    assert services["kept"][intake] == days["admitted"].sum()


def the_counted_asked_within_the_window(held: Run) -> None:
    patients = held.patients
    counted = patients[patients["counted"]]
    end = 1 if held.scenario.arrivals.cohort is not None else held.scenario.horizon.days

    assert ((counted["asked_day"] >= 0) & (counted["asked_day"] < end)).all()
    assert (counted["asked_day"] == counted["arrives"]).all()
    arrived = (patients["arrives"] >= 0) & (patients["arrives"] < end)
    assert counted.size == arrived.sum()
    assert not (patients["counted"] & patients["present_at_start"]).any()


def the_days_of_a_life_come_in_order(held: Run) -> None:
    patients = held.patients

    def in_order(*names: str) -> bool:
        earlier = np.full(len(patients), NEVER)
        for name in names:
            known = patients[name] != NEVER
            if (known & (patients[name] < earlier)).any():
                return False
            earlier = np.where(known, patients[name], earlier)
        return True

    assert in_order("asked_day", "first_admitted_day", "exit_day")
    assert in_order("asked_day", "first_dose_day")
    assert in_order("gap5_day", "gap14_day", "gap30_day")
    parts = ("waiting", "in_care", "first_4_weeks", "later")
    assert (patients["overdoses"] == sum(patients[f"overdoses_{part}"] for part in parts)).all()
    assert ((patients["died_day"] == NEVER) == (patients["death_cause"] == 0)).all()
    assert (patients["urines_positive"] <= patients["urines"]).all()
    status = held.calendar & 15
    assert (patients["days_in_care"] == np.isin(status, IN_CARE).sum(axis=0)).all()


def the_bits_of_the_calendar_agree(held: Run) -> None:
    """Heavy days are days of use; opioid days of use are all heavy; visits need an open clinic.

    Or one that gives doses on a closed day.
    """
    used, heavy = held.calendar & 16 > 0, held.calendar & 32 > 0
    visited = held.calendar & 128 > 0
    opioid = held.patients["substance"] == 0
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    opening = np.array([one in held.scenario.clinic.open_days for one in week], np.uint8)
    gives = dosing_week(opening, held.scenario.take_home_rules.closed_days)
    closed = np.flatnonzero(gives == 0)

    assert (heavy <= used).all()
    assert (heavy[:, opioid] == used[:, opioid]).all()
    assert (held.days["used"] == used.sum(axis=1)).all()
    assert (held.days["medicated"] == (held.calendar & 64 > 0).sum(axis=1)).all()
    for day in closed:
        assert not visited[day::7].any()


@many
@given(scenario=clinics(), replication=SEEDS)
def test_capacity_and_numbers_hold_every_evening(scenario: Scenario, replication: int) -> None:
    lived_day_by_day(scenario, replication)


def staff_are_counted_whole(held: Run) -> None:
    """Overtime is of minutes used, within its limit; every post is filled or vacant every day."""
    roles, days = held.roles, len(held.calendar)
    beyond = roles["minutes_used"] - roles["minutes_staffed"]
    most = held.scenario.clinic.overtime_share * roles["minutes_staffed"]
    posts = [
        held.scenario.staff[name].posts if name in held.scenario.staff else 0.0
        for name in held.scenario.catalogue.roles
    ]

    assert (roles["minutes_overtime"] >= beyond - TOLERANCE * days).all()
    gives = give_doses(held.scenario)
    assert (roles["minutes_overtime"] <= most + TOLERANCE * days)[~gives].all()
    assert (roles["minutes_agency"][~gives] == 0.0).all()
    assert roles["filled_days"] + roles["vacant_days"] == pytest.approx(days * np.array(posts))
    assert (roles["worker_days"] >= roles["filled_days"] - TOLERANCE * days).all()


@many
@given(scenario=clinics(), replication=SEEDS)
def test_what_a_run_leaves_hangs_together(scenario: Scenario, replication: int) -> None:
    held = run(scenario, replication, uncertainty=False)

    everybody_is_in_one_status_as_the_log_tells(held)
    exits_sum_up_by_reason(held)
    every_session_booked_was_kept_or_missed(held)
    the_counted_asked_within_the_window(held)
    the_days_of_a_life_come_in_order(held)
    the_bits_of_the_calendar_agree(held)
    staff_are_counted_whole(held)


@given(scenario=clinics(), replication=SEEDS)
def test_people_in_are_people_out_and_people_inside(scenario: Scenario, replication: int) -> None:
    clinic = Clinic(scenario, replication)
    clinic.run_until(0)
    inside = np.isin(clinic.state.patients["status"], IN_CARE).sum()
    clinic.run()
    clinic.close()
    events = clinic.events
    came = (events["kind"] == Kind.ADMITTED).sum()
    went = (events["kind"] == Kind.LEFT).sum()

    assert inside + came - went == np.isin(clinic.state.patients["status"], IN_CARE).sum()
    assert len(clinic.patients) == len(set(clinic.state.patients["person"].tolist()))


@given(scenario=clinics(), replication=SEEDS)
def test_nothing_happens_to_the_dead(scenario: Scenario, replication: int) -> None:
    deadly = scenario.with_changes(
        hazards={"other_death": {"opioid": 3.0, "alcohol": 3.0}}, services={}
    )
    held = run(deadly, replication, uncertainty=False)
    rows = {int(person): row for row, person in enumerate(held.patients["person"])}
    dead = set()
    for event in held.events:
        assert int(event["person"]) not in dead
        if event["kind"] == Kind.DIED:
            dead.add(int(event["person"]))
    for person in dead:
        row = rows[person]
        died = int(held.patients["died_day"][row])
        assert held.patients["death_cause"][row] > 0
        assert (held.calendar[died:, row] & ~np.uint8(15) == 0).all()


def test_the_dead_stand_as_dead_in_the_calendar() -> None:
    deadly = small().with_changes(hazards={"other_death": {"opioid": 3.0, "alcohol": 3.0}})
    held = run(deadly, uncertainty=False)
    died = held.patients["died_day"]
    dead = (died != NEVER) & (np.arange(len(held.calendar))[:, None] >= died)

    assert ((held.calendar & 15 == Status.DIED) == dead).all()


@given(scenario=clinics(), replication=SEEDS, on=st.integers(0, 30))
def test_living_on_from_any_day_is_living_through(
    scenario: Scenario, replication: int, on: int
) -> None:
    """A clinic stopped on a morning and lived on is the clinic that was never stopped."""
    through, stopped = Clinic(scenario, replication), Clinic(scenario, replication)
    through.run()
    stopped.run_until(on)
    stopped.step() if stopped.day < stopped.horizon else None
    stopped.run()
    for clinic in (through, stopped):
        clinic.close()

    assert through.events.tobytes() == stopped.events.tobytes()
    assert through.state.calendar.tobytes() == stopped.state.calendar.tobytes()
    assert (record(through).days == record(stopped).days).all()
