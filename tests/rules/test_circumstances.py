"""Homes, work, beds and jail: what moves them, what they do, and who goes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.rules.home import burden_of, rung_at_start
from txsim.run import Run, run
from txsim.scenario import Scenario
from txsim.state.events import HOUSED, UNHOUSED, UNSTABLE, Kind, Status
from txsim.state.layout import GIVEN_UP, IN_PLAN, PLACED

from ..model.small_clinics import cohort, compiled_only, small

Array = np.ndarray[Any, Any]

STILL = {"home_lost_use": 1.0, "home_found_use": 1.0, "home_lost_unemployed": 1.0}
"""Homes that use and work do nothing to."""
NO_JAIL = {"jail": {"opioid": 0.0}}


def happenings(held: Run, kind: Kind) -> int:
    return int((held.events["kind"] == kind).sum())


def share_of_mondays(held: Run, field: str) -> float:
    return float(held.patients[field].sum() / held.patients["mondays"].sum())


def test_the_upper_half_of_burdens_has_no_home() -> None:
    assert rung_at_start(0.0, 0.7) == HOUSED
    assert rung_at_start(0.5, 0.7) == UNSTABLE
    assert rung_at_start(0.7, 0.7) == UNHOUSED
    assert burden_of(HOUSED, 0.7, 0.5) == 0.0
    assert burden_of(UNSTABLE, 0.7, 0.5) == pytest.approx(0.525)
    assert burden_of(UNHOUSED, 0.7, 0.5) == pytest.approx(0.875)
    assert burden_of(UNHOUSED, 0.9, 0.5) == 1.0


@compiled_only
def test_rungs_follow_their_chain() -> None:
    """With constant weekly chances the rungs are a Markov chain; 3,000 people, within 4 sd."""
    people, weeks, lost, found = 3000, 30, 1.2, 2.0
    held = run(
        cohort(people, 7 * weeks).with_changes(
            hazards={**NO_JAIL, "other_death": {"opioid": 0.0}, "suicide": {"opioid": 0.0},
                     "fatality": {"opioid": 1e-12}},
            model={**STILL, "home_lost_per_year": lost, "home_found_per_year": found},
        ),
        uncertainty=False,
    )  # fmt: skip
    down, up = (1.0 - np.exp(-rate * 7.0 / 365.0) for rate in (lost, found))
    both_ring, either = down * up, 1.0 - (1.0 - down) * (1.0 - up)
    # Of a week in which both clocks ring, the part in which each is first goes by the rates.
    slip = either * lost / (lost + found)
    climb = either * found / (lost + found)
    assert slip == pytest.approx(down - both_ring * found / (lost + found), rel=0.05)
    week = np.array([[1 - down, down, 0.0], [climb, 1 - climb - slip, slip], [0.0, up, 1 - up]])
    burden = held.scenario.catalogue.barriers["housing"].burden.value
    before = Clinic(held.scenario)
    column = int(before.state.scalars[0]["housing_barrier"])
    start = [rung_at_start(one, burden) for one in before.state.drivers[:, column]]
    before.close()
    expected = np.bincount(start, minlength=3) / people @ np.linalg.matrix_power(week, weeks)
    found_shares = np.bincount(held.patients["home"], minlength=3) / people
    sd = np.sqrt(expected * (1 - expected) / people)

    assert (np.abs(found_shares - expected) < 4 * sd).all()


DIRECTIONS: dict[str, tuple[dict[str, Any], dict[str, Any], Callable[[Run], float], int]] = {
    "use costs homes": (
        {"model": {"home_lost_per_year": 0.5, "home_lost_use": 1.0}},
        {"model": {"home_lost_use": 6.0}},
        lambda held: share_of_mondays(held, "mondays_with_home"), -1,
    ),
    "use keeps people from finding a home": (
        {"model": {"home_found_per_year": 3.0, "home_found_use": 1.0}},
        {"model": {"home_found_use": 0.1}},
        lambda held: share_of_mondays(held, "mondays_with_home"), -1,
    ),
    "without work homes are lost": (
        {"model": {"home_lost_per_year": 0.5, "home_lost_unemployed": 1.0}},
        {"model": {"home_lost_unemployed": 8.0}},
        lambda held: share_of_mondays(held, "mondays_with_home"), -1,
    ),
    "use costs work": (
        {"model": {"work_lost_per_year": 0.5, "work_lost_use": 1.0}},
        {"model": {"work_lost_use": 6.0}},
        lambda held: share_of_mondays(held, "mondays_at_work"), -1,
    ),
    "without a home work is not found": (
        {"population": {"shares": {"housing": 1.0}},
         "model": {"work_found_per_year": 3.0, "work_found_unhoused": 1.0}},
        {"model": {"work_found_unhoused": 0.05}},
        lambda held: share_of_mondays(held, "mondays_at_work"), -1,
    ),
    "jail costs homes": (
        {"hazards": {"jail": {"opioid": 2.0}}, "model": {"home_lost_in_jail": 0.0}},
        {"model": {"home_lost_in_jail": 1.0}},
        lambda held: share_of_mondays(held, "mondays_with_home"), -1,
    ),
    "jail costs work": (
        {"hazards": {"jail": {"opioid": 2.0}}, "model": {"work_lost_in_jail": 0.0}},
        {"model": {"work_lost_in_jail": 1.0}},
        lambda held: share_of_mondays(held, "mondays_at_work"), -1,
    ),
    "help finds homes": (
        {"population": {"shares": {"housing": 1.0}}, "staff": {"case_manager": {"posts": 50.0}},
         "services": {"housing_help": {"uptake": 0.95, "helps_find": {"home": 6.0}}}},
        {"services": {"housing_help": {"offered": True}}},
        lambda held: share_of_mondays(held, "mondays_with_home"), +1,
    ),
    "help finds work": (
        {"population": {"shares": {"unemployed": 1.0}},
         "staff": {"case_manager": {"posts": 50.0}},
         "services": {"employment_help": {"uptake": 0.95, "helps_find": {"work": 6.0}}}},
        {"services": {"employment_help": {"offered": True}}},
        lambda held: share_of_mondays(held, "mondays_at_work"), +1,
    ),
    "beds are homes": (
        {"population": {"shares": {"housing": 1.0}},
         "services": {"sober_living": {"uptake": 0.95, "places": 100, "expels_for_use": 0.0}}},
        {"services": {"sober_living": {"offered": True}}},
        lambda held: share_of_mondays(held, "mondays_with_home"), +1,
    ),
    "a strict house loses its people": (
        {"population": {"shares": {"housing": 1.0}},
         "services": {"sober_living": {"offered": True, "uptake": 0.95, "places": 100,
                                       "expels_for_use": 0.0}}},
        {"services": {"sober_living": {"expels_for_use": 0.5}}},
        lambda held: share_of_mondays(held, "mondays_with_home"), -1,
    ),
    "medication in jail brings people back": (
        {"hazards": {"jail": {"opioid": 2.0}, "return_to_care": {"opioid": 0.0}},
         "model": {"jail_days": 10.0, "asks_after_jail": 0.95}},
        {"medication": {"kept_in_jail": 1.0}},
        lambda held: float(held.patients["readmissions"].sum()), +1,
    ),
}  # fmt: skip
"""What is changed for both sides, what for the second alone, what shows it, and the sign of the
second less the first."""


@compiled_only
@pytest.mark.direction
@pytest.mark.parametrize("claim", DIRECTIONS)
def test_it_moves_as_claimed(claim: str) -> None:
    """300 people for 200 days, effects far above life's; two replications agree in sign."""
    common, more, measured, sign = DIRECTIONS[claim]
    first = cohort(300, 200).with_changes(name="first", **common)
    second = first.with_changes(name="second", **more)
    differences = [
        measured(run(second, one, uncertainty=False)) - measured(run(first, one, uncertainty=False))
        for one in range(2)
    ]

    assert (sign * np.array(differences) > 0.0).all()


@compiled_only
@pytest.mark.direction
def test_tolerance_lasts_in_jail_with_medication() -> None:
    """Everybody goes to jail for good; what is left of their tolerance a month later."""
    left = []
    for kept in (0.0, 1.0):
        clinic = Clinic(
            cohort(200, 60).with_changes(
                hazards={"jail": {"opioid": 60.0}},
                model={"jail_days": 36500.0},
                medication={"kept_in_jail": kept},
            )
        )
        clinic.run()
        clinic.close()
        patients = clinic.state.patients
        jailed = patients["status"] == Status.JAILED
        assert jailed.sum() > 150
        assert (patients["medicated_in_jail"] & ~jailed).sum() == 0
        left.append(patients["tolerance"][jailed].mean())

    assert left[0] < 0.2
    assert left[1] > left[0] + 0.1


def with_beds(**sober_living: Any) -> Scenario:
    """Everybody without a home and willing, and few beds."""
    return small().with_changes(
        name="beds",
        population={"shares": {"housing": 1.0}},
        services={"sober_living": {"offered": True, "uptake": 0.95, "places": 5, **sober_living}},
    )


@compiled_only
def test_free_beds_go_to_those_who_have_waited_longest() -> None:
    clinic = Clinic(with_beds(expels_for_use=0.5))
    s = clinic.parameters.service_names.index("sober_living")
    given = 0
    while clinic.day < clinic.horizon:
        state = clinic.state
        planned = (state.plan[:, s] & (IN_PLAN | PLACED)) == IN_PLAN
        waited_since = state.due[:, s].copy()
        clinic.step()
        state = clinic.state
        now = state.plan[:, s]
        still = planned & ((now & (IN_PLAN | PLACED)) == IN_PLAN)
        got = planned & ((now & PLACED) != 0)
        given += int(got.sum())
        if got.any() and still.any():
            assert waited_since[got].max() <= waited_since[still].min()
    clinic.close()

    assert given > 10


@compiled_only
def test_a_bed_lost_by_use_is_not_given_again_in_the_stay() -> None:
    clinic = Clinic(with_beds(expels_for_use=1.0))
    s = clinic.parameters.service_names.index("sober_living")
    while clinic.day < clinic.horizon:
        lost_before = (clinic.state.plan[:, s] & GIVEN_UP) != 0
        clinic.step()
        state = clinic.state
        assert not (state.patients["in_bed"] & state.patients["used"]).any()
        assert not (lost_before & state.patients["in_bed"]).any()
    clinic.close()

    kinds = clinic.events["kind"]
    assert (kinds == Kind.LOST_BED).sum() >= 3
    assert (kinds == Kind.GOT_BED).sum() >= (kinds == Kind.LOST_BED).sum()


@compiled_only
def test_days_of_waiting_for_a_bed_are_counted() -> None:
    """Every evening: whoever had taken a bed up and had none in the morning is counted once."""
    clinic = Clinic(with_beds())
    s = clinic.parameters.service_names.index("sober_living")
    counted, waiting = 0.0, 0
    while clinic.day < clinic.horizon:
        clinic.step()
        now = float(clinic.state.services[s]["days_without_place"])
        in_line = (clinic.state.plan[:, s] & (IN_PLAN | PLACED)) == IN_PLAN
        if clinic.day > 1:
            # Who takes it up today was not counted; who leaves today was.
            assert now - counted <= in_line.sum() + 15
            waiting += int(in_line.sum())
        counted = now
    clinic.close()

    assert counted > 0
    assert counted == pytest.approx(waiting, rel=0.15)


@compiled_only
def test_a_house_may_refuse_people_on_an_agonist() -> None:
    held = run(
        with_beds(
            indicated={"barriers": ["housing"], "medications": ["oral_naltrexone"]}
        ),
        uncertainty=False,
    )  # fmt: skip

    assert happenings(held, Kind.GOT_BED) == 0


@compiled_only
def test_needs_and_effects_go_with_the_state_and_back() -> None:
    """Work found and lost again leaves what lasts about a person where it was, to rounding."""
    scenario = small().with_changes(
        model={"work_lost_per_year": 20.0, "work_found_per_year": 20.0, "home_lost_per_year": 5.0}
    )
    clinic = Clinic(scenario)
    state = clinic.state
    start = state.fixed.copy()
    clinic.run()
    clinic.close()
    parameters, patients = state.scalars[0], state.patients
    unemployed, barrier = int(parameters["unemployed"]), int(parameters["housing_barrier"])
    effects = state.feature_effects[unemployed]
    changed = state.has[:, unemployed].astype(float) - clinic.came_with[:, unemployed]

    assert np.allclose(
        state.fixed[:, : effects.size], start[:, : effects.size] + changed[:, None] * effects
    )
    assert (changed != 0).any()
    assert ((state.has[:, unemployed] != 0) == ~patients["works"]).all()
    assert ((state.drivers[:, barrier] > 0.0) == (patients["home"] > HOUSED)).all()
    feature = barrier + int(parameters["barrier_to_feature"])
    assert ((state.has[:, feature] != 0) == (patients["home"] > HOUSED)).all()


@compiled_only
def test_a_design_that_branches_off_goes_on_with_the_same_homes_and_work() -> None:
    scenario = small().with_changes(
        model={"work_lost_per_year": 20.0, "work_found_per_year": 20.0, "home_lost_per_year": 5.0}
    )
    origin = Clinic(scenario)
    origin.run_until(20)
    other = Clinic(scenario.with_changes(name="other"), origin=origin)
    origin.close()
    other.close()

    assert np.allclose(origin.state.fixed, other.state.fixed)
    assert (origin.state.has == other.state.has).all()
    assert (origin.state.drivers == other.state.drivers).all()
    assert (origin.state.patients["works"] == other.state.patients["works"]).all()
    assert (origin.state.has != origin.came_with).any()


@compiled_only
def test_switched_off_nobody_moves_and_nobody_finds_or_loses_work() -> None:
    held = run(
        small().with_changes(mechanisms={"changing_homes": False, "changing_work": False}),
        uncertainty=False,
    )

    for kind in (Kind.MOVED, Kind.FOUND_WORK, Kind.LOST_WORK):
        assert happenings(held, kind) == 0
    assert held.patients["mondays"].sum() > 0
