"""Groups bind: people who sit together are tied, and use and recovery travel along their ties."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import networkx
import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.rules import peer_network as ties
from txsim.rules.agenda import first_session_day
from txsim.rules.sessions import attendance_log_odds, quitting_chance
from txsim.run import Run, run
from txsim.scenario import Scenario
from txsim.state.events import DIED, JAILED
from txsim.state.layout import GROUP, IN_PLAN, RECENT_USE, ClinicState

from ..model.small_clinics import bytes_of, cohort, compiled_only, roomy, small

Array = np.ndarray[Any, Any]
STRONG = {
    "company": {"effects": {"regular_use_begins": 8.0, "regular_use_ends": 0.2}},
}
"""Effects of company far above life's, so that few people show them."""


def grouped(scenario: Scenario, **changes: Any) -> Scenario:
    """Everybody in a weekly group of eight, in which nothing but company and cohesion acts."""
    group = {"uptake": 0.99, "quits": 0.0, "every_days": 7, "seats": 8, "sessions_per_week": 40}
    settled = scenario.with_changes(services={"therapy_group": {"offered": True, **group}})
    return settled.with_changes(mediators=STRONG).with_changes(**changes)


def days_used(held: Run) -> float:
    return float(((held.calendar & 16) > 0).mean())


# --- the rules


@pytest.fixture
def state() -> ClinicState:
    """Ten people, each with room for four ties."""
    state = Clinic(small()).state
    few = replace(
        state,
        ties=np.full((state.patients.size, 4), -1, np.int64),
        strength=np.zeros((state.patients.size, 4)),
    ).plain()
    few.patients["status"] = 4
    few.scalars[0].tie_per_session = 0.25
    return few


def test_a_tie_grows_by_its_part_of_what_is_missing(state: ClinicState) -> None:
    for _ in range(3):
        ties.strengthen(state, 0, 7)

    assert list(state.ties[0]) == [7, -1, -1, -1]
    assert state.strength[0, 0] == pytest.approx(1.0 - 0.75**3)


def test_a_new_tie_takes_the_place_of_the_weakest(state: ClinicState) -> None:
    state.ties[0] = [1, 2, 3, 4]
    state.strength[0] = [0.9, 0.1, 0.6, 0.5]
    ties.strengthen(state, 0, 5)
    assert list(state.ties[0]) == [1, 5, 3, 4]

    state.strength[0, 1] = 0.4
    ties.strengthen(state, 0, 6)
    assert list(state.ties[0]) == [1, 5, 3, 4], "all that are known are known better"


def test_company_is_what_those_one_knows_use_beyond_what_is_usual(state: ClinicState) -> None:
    state.drivers[1:5, RECENT_USE] = [1.0, 0.0, 0.8, 0.5]
    assert ties.company_of(state, 0, 0.3) == 0.0, "nobody is known"

    state.ties[0] = [1, -1, -1, -1]
    state.strength[0] = [0.5, 0.0, 0.0, 0.0]
    found = ties.company_of(state, 0, 0.3)
    assert found == pytest.approx(0.5 * 0.7), "one weak tie counts for little"

    state.ties[0] = [1, 2, 3, 4]
    state.strength[0] = 0.5
    found = ties.company_of(state, 0, 0.3)
    assert found == pytest.approx(np.mean([1.0, 0.0, 0.8, 0.5]) - 0.3)


def test_usual_company_is_that_of_all_who_are_known(state: ClinicState) -> None:
    """Each counts as often, and as strongly, as others know them; nobody known, nothing."""
    state.written[1] = 10
    assert ties.usual_company(state) == 0.0
    state.drivers[:10, RECENT_USE] = np.arange(10) / 10.0
    state.ties[0, :2], state.strength[0, :2] = [1, 2], [0.5, 1.0]
    state.ties[3, 0], state.strength[3, 0] = 2, 0.5

    assert ties.usual_company(state) == pytest.approx((0.5 * 0.1 + 1.5 * 0.2) / 2.0)


@pytest.mark.parametrize("status", [DIED, JAILED])
def test_the_dead_and_the_jailed_are_no_company(state: ClinicState, status: int) -> None:
    state.drivers[1, RECENT_USE] = 1.0
    state.ties[0, 0], state.strength[0, 0] = 1, 1.0
    state.patients[1].status = status

    assert ties.company_of(state, 0, 0.3) == 0.0


def sitting(state: ClinicState, apart: bool, seats: int = 3) -> networkx.Graph:
    """Who knows whom after one evening of nine people, every second of whom still uses."""
    group = int(np.flatnonzero(state.services["seats"] > 0)[0])
    state = replace(state, table=np.zeros((state.services.size, 9), np.uint64)).plain()
    state.services[group].seats, state.services[group].apart = seats, apart
    state.services[group].kind = 1
    state.drivers[:9, RECENT_USE] = [0.9, 0.1] * 4 + [0.9]
    for person in range(9):
        ties.sit_down(state, person, group)
    ties.meet(replace(state, seated=np.zeros(9, np.uint64)).plain())
    assert state.services[group].came_today == 0
    graph = networkx.Graph()
    graph.add_nodes_from(range(9))
    graph.add_edges_from(
        (person, int(other)) for person in range(9) for other in state.ties[person] if other >= 0
    )
    return graph


def test_whoever_sits_in_the_same_group_knows_each_other(state: ClinicState) -> None:
    found = sorted(sorted(one) for one in networkx.connected_components(sitting(state, False)))

    assert found == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_at_a_table_of_one_seat_nobody_meets_anybody(state: ClinicState) -> None:
    assert sitting(state, False, seats=1).number_of_edges() == 0


def test_people_who_still_use_can_sit_apart(state: ClinicState) -> None:
    found = sorted(sorted(one) for one in networkx.connected_components(sitting(state, True)))

    assert found == [[0, 2, 4], [1, 3, 5], [6, 8], [7]]


def test_cohesion_is_the_mean_tie_to_those_at_the_table(state: ClinicState) -> None:
    """Four at a table: 0 knows 1 and 2, 1 knows 0; then they have met, which counts the next time.

    5 sits at another table, alone; what 0 shares with it counts at neither.
    """
    state = replace(state, seated=np.array([0, 1, 2, 3, 5], np.uint64)).plain()
    for person, other, strength in (
        (0, 1, 0.6),
        (0, 2, 0.3),
        (1, 0, 0.9),
        (0, 5, 1.0),
        (5, 0, 1.0),
    ):
        place = int(np.argmax(state.strength[person] == 0.0))
        state.ties[person, place], state.strength[person, place] = other, strength
    group = int(np.flatnonzero(state.services["seats"] > 0)[0])
    state.services[group].seats, state.services[group].kind = 4, GROUP
    state.scalars[0].tie_per_session = 0.25
    state.cohesion[5, group] = 0.7

    ties.get_to_know(state, group, 0, 5)

    felt = [state.cohesion[person, group] for person in (0, 1, 2, 3, 5)]
    assert felt == pytest.approx([0.9 / 3, 0.9 / 3, 0.0, 0.0, 0.0])
    assert state.cohesion.sum() == pytest.approx(sum(felt)), "of this service alone"
    assert ties.cohesion_of(state, 0, group) == felt[0]

    ties.get_to_know(state, group, 0, 5)

    assert state.cohesion[3, group] == pytest.approx(0.25)


def test_cohesion_holds_people_to_their_group_alone(state: ClinicState) -> None:
    """The log odds of coming rise in a line with it, the chance of giving up falls by its power."""
    p = state.scalars[0]
    p.cohesion_attendance, p.cohesion_quits = np.log(2.0), np.log(0.5)
    names = list(small().catalogue.services)
    group, alone = state.services[0].copy(), state.services[0]
    group.quits = 0.2
    odds = [attendance_log_odds(group, -0.3, p, felt) for felt in (0.0, 0.5, 1.0)]

    assert np.diff(odds) == pytest.approx([np.log(2.0) / 2] * 2)
    assert quitting_chance(group, p, 0.0) == 0.2
    assert quitting_chance(group, p, 2.0 / 2) == pytest.approx(0.1)
    assert alone.kind != GROUP, names[0]
    state.cohesion[:, :] = 1.0
    assert ties.cohesion_of(state, 0, 0) == 0.0


@pytest.mark.parametrize(
    ("every", "day", "first"), [(0, 5, 5), (28, 0, 0), (28, 1, 28), (28, 28, 28), (28, -3, 0)]
)
def test_a_closed_group_is_joined_when_the_next_starts(every: int, day: int, first: int) -> None:
    assert first_session_day(every, day) == first


# --- what comes of it


def test_members_of_a_closed_group_begin_together() -> None:
    scenario = grouped(cohort(60, 70), services={"therapy_group": {"starts_every_days": 28}})
    clinic = Clinic(scenario)
    group = clinic.parameters.service_names.index("therapy_group")
    planned = np.zeros(60, bool)
    first_days: list[int] = []
    while clinic.day < clinic.horizon:
        clinic.step()
        now = (clinic.state.plan[:, group] & IN_PLAN) != 0
        first_days += clinic.state.due[now & ~planned, group].tolist()
        planned = now

    assert len(first_days) > 30
    assert {day % 28 for day in first_days} == {0}


def test_the_network_of_a_clinic_is_that_of_its_books() -> None:
    clinic = Clinic(grouped(cohort(40, 30)))
    clinic.run()
    graph = clinic.ties()
    clinic.close()

    assert graph.number_of_edges() > 40
    assert set(graph.nodes) <= set(clinic.state.patients["person"].tolist())
    assert all(0.0 < one["strength"] <= 1.0 for _, _, one in graph.edges(data=True))
    assert max(dict(graph.degree).values()) >= 8


@compiled_only
@pytest.mark.direction
def test_that_there_are_groups_neither_helps_nor_hurts_by_the_company_in_them() -> None:
    """Days of use of 600 people in groups, four times, ties told or cut; effects as shipped.

    Chance alone moves a run's share of days by 0.008 (one standard deviation).
    """
    scenario = grouped(cohort(600, 200)).with_changes(
        mediators={"company": {"effects": {"regular_use_begins": 2.0, "regular_use_ends": 0.6}}},
        mechanisms={"cohesion": False},
    )
    cut = scenario.with_changes(mechanisms={"ties": False})
    moved = [
        days_used(run(scenario, one, uncertainty=False))
        - days_used(run(cut, one, uncertainty=False))
        for one in range(4)
    ]

    assert 0.0 < abs(np.mean(moved)) < 0.005


def beside(scenario: Scenario, users: bool) -> Array:
    """Days of use of every second person, when half of them know people who always use.

    Nobody's regime of every other person changes; those of the first half, or of the second, are in
    regular use all along. Everybody of the others knows one of these.
    """
    clinic = Clinic(scenario)
    people = np.arange(clinic.state.patients.size)
    odd, first = people % 2 == 1, people < people.size / 2
    clinic.state.patients["regular_use"][odd] = first[odd] == users
    clinic.state.fixed[odd, 5:7] = -40.0
    if clinic.state.ties.shape[1]:
        clinic.state.ties[~odd, 0] = people[odd]
        clinic.state.strength[~odd, 0] = 1.0
    clinic.run()
    clinic.close()
    return ((clinic.state.calendar[:, ~odd] & 16) > 0).sum(axis=0)


@compiled_only
@pytest.mark.direction
def test_relapse_and_recovery_travel_along_ties_and_stop_when_they_are_cut() -> None:
    """The lives of 100 people, when somebody they know always uses, or never does.

    Nothing else passes between them in a clinic with room for all: without ties not a day differs.
    """
    scenario = cohort(200, 300).with_changes(
        mediators=STRONG, model={"tie_half_life_days": 36500.0}
    )
    cut = scenario.with_changes(mechanisms={"ties": False})
    one_way, other_way = beside(scenario, True), beside(scenario, False)
    half = len(one_way) // 2
    with_users = np.concatenate([one_way[:half], other_way[half:]])
    with_others = np.concatenate([other_way[:half], one_way[half:]])

    assert with_users.sum() > 1.05 * with_others.sum()
    assert (with_users > with_others).sum() > 3 * (with_users < with_others).sum()
    assert (beside(cut, True) == beside(cut, False)).all()


CLOSED = {"starts_every_days": 84, "quits": 0.1, "seats": 8, "sessions_per_week": 12}


def members_left(scenario: Scenario) -> float:
    """People who still have the group in their plan after its first twelve weeks, in four runs."""
    left = 0.0
    for replication in range(4):
        clinic = Clinic(scenario, replication)
        clinic.run_until(80)
        group = clinic.parameters.service_names.index("therapy_group")
        left += ((clinic.state.plan[:, group] & IN_PLAN) != 0).sum()
        clinic.close()
    return left


@compiled_only
@pytest.mark.direction
def test_a_group_of_the_same_people_holds_them_by_its_cohesion() -> None:
    """Sixty people in closed groups that meet weekly; effects far above life's."""
    strong = {"cohesion_attendance": 5.0, "cohesion_quits": 0.05, "tie_per_session": 0.4}
    steady = grouped(cohort(60, 90), services={"therapy_group": CLOSED}, model=strong)
    off = steady.with_changes(mechanisms={"cohesion": False})
    strangers = steady.with_changes(model={"tie_per_session": 0.0001})

    assert members_left(steady) > 1.15 * members_left(off)
    assert members_left(strangers) == pytest.approx(members_left(off), rel=0.02)


@compiled_only
def test_cohesion_without_an_effect_changes_no_byte() -> None:
    idle = small().with_changes(model={"cohesion_attendance": 1.0, "cohesion_quits": 1.0})
    off = idle.with_changes(mechanisms={"cohesion": False})
    shipped = small()
    without_ties = [
        shipped.with_changes(mechanisms={"ties": False, "cohesion": on}) for on in (True, False)
    ]

    assert bytes_of(run(idle)) == bytes_of(run(off))
    assert bytes_of(run(without_ties[0])) == bytes_of(run(without_ties[1]))
    assert any(bytes_of(run(shipped, one)) != bytes_of(run(off, one)) for one in range(4))


@compiled_only
def test_without_an_effect_of_company_ties_change_nobody() -> None:
    scenario = roomy().with_changes(
        mediators={"company": {"effects": {"regular_use_begins": 1.0, "regular_use_ends": 1.0}}},
        mechanisms={"cohesion": False},
    )
    cut = scenario.with_changes(mechanisms={"ties": False})

    assert run(scenario).calendar.tobytes() == run(cut).calendar.tobytes()
