"""Who gives a session when its own role has no time left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.rules.day import evening, morning, patient_day
from txsim.run import Run, run
from txsim.scenario import Scenario
from txsim.state.layout import IN_PLAN, INDIVIDUAL
from txsim.workload import weekly_load

from ..model.small_clinics import bytes_of, compiled_only, lived_through, small

pytestmark = compiled_only

TOLERANCE = 1e-6
SESSION, GROUP_SESSION, THERAPISTS_NOTES = 45.0, 90.0, 10.0


def short(*may_also: str, posts: float = 1.0, **changes: Any) -> Scenario:
    """Three fifths of a counsellor where one is needed, and steady therapists beside."""
    changed = small().with_changes(
        name="short",
        staff={
            "counsellor": {"posts": 0.6, "turnover_per_year": 0.0},
            "therapist": {"posts": posts, "turnover_per_year": 0.0},
        },
        services={
            "individual_counselling": {"may_also": list(may_also)},
            "therapy_group": {"offered": False},
        },
    )
    return changed.with_changes(**changes) if changes else changed


def service_of(held: Run, name: str) -> Any:
    return held.services[list(held.scenario.catalogue.services).index(name)]


def role_of(held: Run, name: str) -> Any:
    return held.roles[list(held.scenario.catalogue.roles).index(name)]


def test_what_a_role_has_no_time_for_is_given_by_another_whose_minutes_it_takes() -> None:
    """A therapist's minutes are those of the sessions stood in for, with a therapist's notes."""
    alone, helped = (run(one, uncertainty=False) for one in (short(), short("therapist")))
    before, after = (service_of(one, "individual_counselling") for one in (alone, helped))

    assert before["stood_in"] == 0.0
    assert after["stood_in"] > 20
    assert after["booked"] > before["booked"] + 0.5 * after["stood_in"]
    assert after["waited"] < 0.5 * before["waited"]
    minutes = after["stood_in"] * (SESSION + THERAPISTS_NOTES)
    assert role_of(helped, "therapist")["minutes_used"] == pytest.approx(minutes)
    assert role_of(alone, "therapist")["minutes_used"] == 0.0
    for name in ("counsellor", "therapist"):
        role = role_of(helped, name)
        assert role["minutes_used"] <= role["minutes_staffed"] + TOLERANCE


@pytest.mark.parametrize("may_also", [("case_manager",), ()])
def test_nobody_stands_in_who_is_not_there(may_also: tuple[str, ...]) -> None:
    """A role without posts changes nothing, byte for byte."""
    without, named = (run(one, uncertainty=False) for one in (short(), short(*may_also)))

    assert bytes_of(without) == bytes_of(named)


def test_the_first_named_stands_in_first() -> None:
    staffed = {"staff": {"nurse": {"posts": 3.0}}}
    first = run(short("nurse", "therapist", **staffed), uncertainty=False)
    second = run(short("therapist", "nurse", posts=5.0, **staffed), uncertainty=False)

    assert service_of(first, "individual_counselling")["stood_in"] > 20
    assert role_of(first, "therapist")["minutes_used"] < 10 * (SESSION + THERAPISTS_NOTES)
    assert role_of(second, "therapist")["minutes_used"] > 20 * (SESSION + THERAPISTS_NOTES)


def day_by_day(scenario: Scenario, look: Any) -> Clinic:
    """A clinic lived person by person; `look` sees who was due, who was booked, and the books."""
    clinic = Clinic(scenario)
    while clinic.day < clinic.horizon:
        if clinic.day == 0:
            clinic.start_counting()
        state, day = clinic.state, clinic.day
        clinic._make_room(100_000)
        state = clinic.state
        morning(state, day)
        s = clinic.parameters.service_names.index("individual_counselling")
        overdue, booked = [], []
        for row in range(int(state.written[1])):
            late = day - int(state.due[row, s])
            before = (state.services["due"][s], state.services["booked"][s])
            patient_day(state, row, day)
            if state.services["due"][s] > before[0]:
                overdue.append(late)
                booked.append(state.services["booked"][s] > before[1])
        evening(state, day)
        look(clinic, np.array(overdue), np.array(booked, bool))
        clinic.day += 1
    clinic.close()
    return clinic


def test_the_most_urgent_go_first_whoever_gives_the_session() -> None:
    """On no day does anybody wait who was due for longer than somebody that was seen."""
    days_short = 0

    def look(clinic: Clinic, overdue: np.ndarray, booked: np.ndarray) -> None:
        nonlocal days_short
        if booked.any() and not booked.all():
            days_short += 1
            assert overdue[booked].min() >= overdue[~booked].max()

    clinic = day_by_day(short("therapist", posts=0.4), look)

    assert days_short > 10
    s = clinic.parameters.service_names.index("individual_counselling")
    assert clinic.state.services["stood_in"][s] > 10


def test_own_sessions_come_first() -> None:
    """On no day does a therapist stand in while an own session of therapists waits."""
    talks = {
        "label": "Talks", "source": "assumption", "offered": True, "role": "therapist",
        "minutes": 50.0, "every_days": 14.0, "uptake": 0.1, "raises": {"social_support": 0.1},
    }  # fmt: skip
    scenario = short("therapist", posts=0.6, services={"talks": talks})
    clinic = Clinic(scenario)
    names = clinic.parameters.service_names
    counselling, own = names.index("individual_counselling"), names.index("talks")
    stood_in = waited = both = 0.0
    while clinic.day < clinic.horizon:
        clinic.step()
        now = clinic.state.services["stood_in"][counselling], clinic.state.services["waited"][own]
        if clinic.day > 1:
            both += (now[0] > stood_in) and (now[1] > waited)
        stood_in, waited = now
    clinic.close()

    assert both == 0
    assert stood_in > 5
    assert waited > 5


def test_groups_that_find_no_leader_are_led_by_another() -> None:
    """No counsellor at all: therapists lead every group, and carry its load."""
    groups = {"therapy_group": {"offered": True, "may_also": ["therapist"], "every_days": 7.0}}
    nobody = short(posts=2.0, services=groups, staff={"counsellor": {"posts": 0.0}})
    clinic = lived_through(nobody)
    group = clinic.state.services[clinic.parameters.service_names.index("therapy_group")]
    therapist = clinic.state.roles[clinic.role_names.index("therapist")]

    assert group["groups_held"] == group["stood_in"] > 20
    assert group["booked"] > 3 * group["groups_held"]
    minutes = group["stood_in"] * (GROUP_SESSION + THERAPISTS_NOTES)
    assert therapist["minutes_used"] == pytest.approx(minutes)
    assert therapist["load"] > 0.05


def test_the_load_goes_to_the_role_that_gives() -> None:
    """Who is helped is loaded less over the run, and who helps by the minutes that it takes."""
    loads = []
    for may_also in ((), ("therapist",)):
        clinic = Clinic(short(*may_also, posts=2.0))
        roles = [clinic.role_names.index(name) for name in ("counsellor", "therapist")]
        days = []
        while clinic.day < clinic.horizon:
            clinic.step()
            days.append(clinic.state.roles["load"][roles])
        clinic.close()
        loads.append(np.mean(days, axis=0))

    assert loads[1][0] < 0.8 * loads[0][0]
    assert loads[0][1] == 0.0
    assert 0.3 < loads[1][1] < 0.6


def test_nobody_works_overtime_to_stand_in() -> None:
    """Counsellors use their overtime first, and therapists none."""
    held = run(short("therapist", posts=0.4, clinic={"overtime_share": 0.5}), uncertainty=False)

    assert role_of(held, "counsellor")["minutes_overtime"] > 0.0
    assert role_of(held, "therapist")["minutes_overtime"] == 0.0


@pytest.mark.parametrize(
    "clinic", [{"capacity": "elastic"}, {"overbooking_share": 0.3}, {"overtime_share": 0.2}]
)
def test_minutes_are_kept_to_however_the_clinic_books(clinic: dict[str, Any]) -> None:
    lived = Clinic(short("therapist", posts=0.4, clinic=clinic))
    stood_in = lived.parameters.service_names.index("individual_counselling")
    while lived.day < 60:
        lived.step()
        roles = lived.state.roles
        most = roles["staffed_today"] * (1.0 + lived.design.clinic.overtime_share)
        others = np.array([name != "nurse" for name in lived.parameters.role_names])
        assert (roles["used_today"] <= most + TOLERANCE)[others].all(), "nurses stay on for doses"
        assert not lived.state.standing_in.any()
    lived.close()

    assert lived.state.services["stood_in"][stood_in] > 5


def test_who_may_stand_in_is_told_with_the_load() -> None:
    found = {one.role: one.stand_ins for one in weekly_load(short("therapist", "case_manager"))}

    assert found["counsellor"] == ("Therapist",), "case managers have no posts here"
    assert found["therapist"] == ()


def test_whoever_is_due_was_planned() -> None:
    """The count of who is turned away is of the sessions of the day, and of no others."""
    clinic = Clinic(short("therapist", posts=0.4))
    clinic.run_until(30)
    state, s = clinic.state, clinic.parameters.service_names.index("individual_counselling")
    pool = state.roles.size + s
    morning(state, 30)
    counted = state.demand[pool].sum()
    due = ((state.plan[:, s] & IN_PLAN) > 0) & (state.due[:, s] <= 30)
    clinic.close()

    assert state.services["kind"][s] == INDIVIDUAL
    assert 0 < counted <= due.sum()
