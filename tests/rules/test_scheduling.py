"""Who gets a session, a seat or a place when there are not enough; hand-worked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.rules.day import evening, morning, patient_day
from txsim.rules.scheduling import groups_today
from txsim.run import run
from txsim.state.events import Status
from txsim.state.layout import BUCKETS, IN_PLAN, INDIVIDUAL, PLACED

from ..model.small_clinics import compiled_only, small

pytestmark = compiled_only

WEEK = np.array([1, 1, 1, 1, 1, 1, 0], np.uint8)
LISTENING = (
    Status.INDUCTION, Status.IN_TREATMENT, Status.AFTERCARE, Status.WAITING, Status.BOOKED,
)  # fmt: skip
OWN: dict[str, Any] = {
    "label": "Own", "offered": True, "source": "assumption", "uptake": 1.0,
    "raises": {"social_support": 0.3},
}  # fmt: skip


@pytest.mark.parametrize(
    ("sessions", "held"),
    [
        (6.0, [1, 1, 1, 1, 1, 1, 0]),
        (3.0, [0, 1, 0, 1, 0, 1, 0]),
        (1.0, [0, 0, 0, 0, 0, 1, 0]),
        (8.0, [1, 1, 2, 1, 1, 2, 0]),
        (0.0, [0, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_the_timetable_spreads_the_week_s_groups(sessions: float, held: list[int]) -> None:
    for monday in (-70, 0, 364):
        assert [groups_today(sessions, monday + day, WEEK) for day in range(7)] == held


@pytest.mark.parametrize("sessions", [0.25, 0.5, 2.5, 1 / 3])
def test_parts_of_a_group_add_up_over_weeks(sessions: float) -> None:
    """Half a group a week is one every second week."""
    weeks = [
        sum(groups_today(sessions, 7 * week + day, WEEK) for day in range(7))
        for week in range(-12, 48)
    ]

    assert sum(weeks) == pytest.approx(60 * sessions)
    assert max(weeks) - min(weeks) == 1


def test_a_clinic_that_never_opens_holds_no_group() -> None:
    assert groups_today(5.0, 2, np.zeros(7, np.uint8)) == 0


def test_groups_that_nobody_leads_are_held_within_their_seats() -> None:
    """Mutual help takes nobody's minutes, and still has seats."""
    circle = {**OWN, "kind": "group", "seats": 5, "sessions_per_week": 5.0, "every_days": 7.0}
    held = run(small().with_changes(services={"circle": circle}), uncertainty=False)
    service = held.services[list(held.scenario.catalogue.services).index("circle")]

    assert service["groups_held"] > 30
    assert 0 < service["booked"] <= 5 * service["groups_held"]


@pytest.mark.parametrize("mode", ["van", "ride"])
@pytest.mark.parametrize("posts", [2.5, 10.0])
def test_supports_and_sessions_share_a_role_s_minutes(mode: str, posts: float) -> None:
    """A support given by counsellors takes from the same minutes as their sessions, and no more."""
    scenario = small().with_changes(
        services={
            "help": {**OWN, "kind": "support", "role": "counsellor", "minutes": 10.0},
            "transport_aid": {"offered": True, "mode": mode},
            "errands": {**OWN, "kind": "individual", "role": "driver", "minutes": 15.0},
        },
        staff={"counsellor": {"posts": posts}, "driver": {"posts": 0.3}},
        population={"shares": {"transport": 0.9}},
        mechanisms={"overload": False},
    )
    clinic = Clinic(scenario)
    # Nurses stay on for doses.
    others = [name != "nurse" for name in clinic.parameters.role_names]
    shortest = np.inf
    while clinic.day < 60:
        clinic.step()
        roles = clinic.state.roles
        left = (roles["staffed_today"] - roles["used_today"])[others]
        shortest = min(shortest, left.min())
    clinic.close()

    assert shortest > -1e-6
    assert clinic.state.services["uses"][-2] > 100


@pytest.mark.parametrize(("budget", "overloaded"), [(None, True), (60.0, False)])
def test_drivers_feel_the_rides_they_are_asked_for(budget: float | None, overloaded: bool) -> None:
    """More rides than minutes load a driver beyond the threshold; those nobody pays for do not."""
    clinic = Clinic(
        small().with_changes(
            services={
                "transport_aid": {
                    "offered": True,
                    "mode": "van",
                    "uptake": 1.0,
                    "for": "everyone",
                    "budget_per_month": budget,
                }
            },
            staff={"driver": {"posts": 0.1, "turnover_per_year": 0.0}},
            population={"shares": {"transport": 0.9}},
        )
    )
    while clinic.day < 60:
        clinic.step()
    clinic.close()
    driver = clinic.state.roles[clinic.parameters.role_names.index("driver")]

    assert (driver["load"] > clinic.state.scalars[0]["overload_from"]) is np.bool_(overloaded)
    assert driver["load"] > 0.0


def test_places_of_a_support_are_not_exceeded_and_are_given_back() -> None:
    beds = {**OWN, "kind": "support", "places": 12}
    clinic = Clinic(small().with_changes(services={"beds": beds}))
    holders = set()
    while clinic.day < clinic.horizon:
        clinic.step()
        placed = (clinic.state.plan[:, -1] & PLACED) != 0
        assert placed.sum() <= 12
        holders |= set(np.flatnonzero(placed).tolist())
    clinic.close()

    assert len(holders) > 12, "a place that is left is given to the next"


def test_a_fifth_of_a_post_admits_every_few_days() -> None:
    """Some 50 minutes a day for intakes of 60 minutes and 5 of notes, and no minute twice."""
    scenario = small().with_changes(
        horizon={"start": "empty", "burn_in_days": 0},
        arrivals={"per_week": 40.0},
        services={"intake_assessment": {"role": "case_manager"}},
        staff={"case_manager": {"posts": 0.2, "turnover_per_year": 0.0}},
    )
    held = run(scenario, uncertainty=False)
    catalogue = scenario.catalogue
    intakes = held.services[list(catalogue.services).index("intake_assessment")]["booked"]
    role = held.roles[list(catalogue.roles).index("case_manager")]

    assert intakes > 25
    assert role["minutes_used"] <= role["minutes_staffed"] + 1e-6
    assert 65.0 * intakes == pytest.approx(role["minutes_used"], abs=60.0)


def test_what_is_booked_first_is_served_first() -> None:
    """With a counsellor for a third of what is due, urgent sessions are held and ordinary wait."""
    block = {**OWN, "kind": "individual", "role": "therapist", "minutes": 60.0, "every_days": 3.5}
    held = run(
        small().with_changes(
            services={"urgent": {**block, "priority": 1}, "ordinary": block},
            staff={"therapist": {"posts": 0.8, "turnover_per_year": 0.0}},
        ),
        uncertainty=False,
    )
    urgent, ordinary = held.services[-2], held.services[-1]

    assert urgent["booked"] > 5 * ordinary["booked"]
    assert ordinary["waited"] > urgent["waited"]


def test_elastic_sessions_are_shortened_instead_of_waiting() -> None:
    """Down to the floor, everybody who is due is seen; under hard capacity half of them wait."""
    block = {
        **OWN, "kind": "individual", "role": "therapist", "minutes": 60.0,
        "builds_over_sessions": 2.0,
    }  # fmt: skip
    scenario = small().with_changes(
        services={"talks": block},
        staff={"therapist": {"posts": 1.0, "turnover_per_year": 0.0}},
    )
    hard = Clinic(scenario)
    elastic = Clinic(scenario.with_changes(clinic={"capacity": "elastic"}))
    for clinic in (hard, elastic):
        clinic.run()
        clinic.close()
    talks = hard.parameters.service_names.index("talks")

    assert elastic.state.services["booked"][talks] > 1.2 * hard.state.services["booked"][talks]
    assert elastic.state.services["waited"][talks] < hard.state.services["waited"][talks]
    kept = [clinic.state.services["kept_sessions"][talks] for clinic in (hard, elastic)]
    minutes = [
        clinic.state.roles["minutes_used"][clinic.role_names.index("therapist")]
        for clinic in (hard, elastic)
    ]
    assert minutes[1] / kept[1] < minutes[0] / kept[0], "shorter sessions"


def test_an_elastic_session_builds_less() -> None:
    from txsim.rules.sessions import dose_after_session

    assert dose_after_session(0.2, 0.5, 1.0) == pytest.approx(0.6)
    assert dose_after_session(0.2, 0.5, 0.5) == pytest.approx(0.4)


def test_urgency_has_two_halves() -> None:
    """Days overdue count up to the half; what is booked first lies above all that is ordinary."""
    from txsim.rules.scheduling import urgency

    state = Clinic(small()).state.plain()
    dosing = state.services[small_position("dosing")]
    counselling = state.services[small_position("individual_counselling")]

    assert urgency(counselling, 0) == 0
    assert urgency(counselling, 500) == BUCKETS // 2 - 1
    assert urgency(dosing, 0) == BUCKETS // 2
    assert urgency(dosing, 500) == BUCKETS - 1


def small_position(service: str) -> int:
    return list(small().catalogue.services).index(service)


def test_no_minutes_are_kept_for_sessions_of_whoever_comes_to_intake_today() -> None:
    """People on interim doses who are admitted today do not take their dose on the list as well."""
    clinic = Clinic(
        small().with_changes(
            clinic={"waiting_list": {"interim_dosing": True}},
            services={"interim_dosing": {"offered": True, "uptake": 1.0}},
            arrivals={"per_week": 14.0},
        )
    )
    clinic.run_until(10)
    state, role = clinic.state, clinic.role_names.index("nurse")
    services, patients = state.services, state.patients
    nursed = np.flatnonzero((services["role"] == role) & (services["kind"] == INDIVIDUAL))
    left_out = 0.0
    for day in range(10, 60):
        morning(state, day)
        listening = np.isin(patients["status"], LISTENING)
        at_intake = (patients["status"] == Status.BOOKED) & (patients["offer_day"] <= day)
        due = ((state.plan & IN_PLAN) > 0) & (state.due <= day) & listening[:, None]
        minutes = (due[:, nursed] * services["minutes"][nursed]).sum(axis=1)
        left_out += minutes[at_intake].sum()
        assert state.demand[role].sum() == pytest.approx(minutes[~at_intake].sum())
        for row in range(int(state.written[1])):
            patient_day(state, row, day)
        evening(state, day)
    clinic.close()

    assert left_out > 0.0
