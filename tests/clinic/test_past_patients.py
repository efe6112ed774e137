"""People who were here before the opening: as many as the model's own rates would leave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.clinic.past_patients import (
    LEFT,
    MOST_LOOKED_BACK_ON,
    NEW,
    NOBODY,
    OUT,
    WAITS,
    Flow,
    admissions,
    at_most,
    comes_to_intake,
    exponential_of,
    past_of,
)
from txsim.compare import compare
from txsim.run import run
from txsim.scenario import Scenario, load
from txsim.state.events import NEVER, Kind, Status

from ..model.small_clinics import compiled_only, small

INTAKE = np.array(
    [(0.37, 0.35, 0.8)],
    [("intake_show_floor", "f8"), ("intake_show_extra", "f8"), ("intake_show_decay_days", "f8")],
).view(np.recarray)[0]
FLOW = Flow(
    asking=0.5,
    leaving=0.6,
    returning=0.5,
    asks_again=0.003,
    walks_away=0.01,
    elsewhere=0.15,
    dies=0.0001,
    effects_on_entry=0.0,
)
YEARS = 5 * 365.0


def busy(**changes: Any) -> Scenario:
    """A clinic of 120 places that is asked by more people than it can hold."""
    return load("baseline").with_changes(
        name="busy",
        horizon={"days": 180, "follow_up_days": 1, "start": "own steady state"},
        clinic={"places": 120, **changes.pop("clinic", {})},
        arrivals={"per_week": 2.0},
        staff={
            "counsellor": {"posts": 4.0},
            "nurse": {"posts": 1.2},
            "prescriber": {"posts": 0.3},
        },
        **changes,
    )


def test_as_many_are_admitted_as_leave() -> None:
    past = past_of([FLOW], YEARS, 3.0, INTAKE)

    assert admissions(FLOW, past.offers, YEARS, 3.0, INTAKE) == pytest.approx(0.6, rel=1e-6)
    assert past.offers < 0.1


def test_the_exponential_is_that_of_any_2_by_2_matrix_of_rates() -> None:
    from scipy.linalg import expm

    for matrix in ([[-0.3, 0.1], [0.002, -0.01]], [[-2.0, 0.0], [0.0, -2.0]], [[-40, 1], [0, -3]]):
        rates = np.array(matrix, float)
        assert exponential_of(rates) == pytest.approx(expm(rates), rel=1e-10, abs=1e-15)


def test_where_there_is_always_a_place_offers_come_the_next_day() -> None:
    few = Flow(**{**vars(FLOW), "asking": 0.05})
    past = past_of([few], YEARS, 3.0, INTAKE)

    assert past.offers == 1.0
    assert admissions(few, 1.0, YEARS, 3.0, INTAKE) < few.leaving
    assert past.expected[0, :, WAITS].sum() < 5.0


def test_nobody_comes_from_nowhere() -> None:
    """Without any who ask, leave or return there is no past; without returns nobody is out long."""
    nothing = Flow(**{**vars(FLOW), "asking": 0.0, "leaving": 0.0, "returning": 0.0})
    assert past_of([nothing], YEARS, 3.0, INTAKE) is NOBODY
    assert past_of([FLOW], 0.0, 3.0, INTAKE) is NOBODY
    never_again = Flow(**{**vars(FLOW), "asks_again": 0.0})
    past = past_of([never_again], YEARS, 3.0, INTAKE)
    assert past.expected[0, LEFT, WAITS] == 0.0


def test_no_more_are_looked_back_on_than_could_have_come() -> None:
    past = past_of([FLOW], YEARS, 3.0, INTAKE)
    in_all = past.expected.sum()

    assert at_most(past, in_all + 1.0) is past
    fewer = at_most(past, in_all / 4.0)
    assert fewer.expected == pytest.approx(past.expected / 4.0)


@compiled_only
def test_leaving_faster_than_anybody_comes_fills_no_memory() -> None:
    at_once = {"phases": [{"from_day": 0, "dropout": 1000.0}]}
    hasty = small().with_changes(
        medications={"methadone": at_once, "buprenorphine": at_once},
        mechanisms={"past_patients": True},
    )

    clinic = Clinic(hasty, 0, 1, None)

    asked = 5.0 * 365.0 * hasty.arrivals.per_week / 7.0
    most = MOST_LOOKED_BACK_ON * (asked + clinic.present_at_opening)
    assert 0.9 * most <= clinic.past.numbers.size <= most + 8


def test_people_who_ask_are_out_waiting_admitted_or_gone() -> None:
    """Of those who first asked, none is lost from the count: expected numbers, by small steps."""
    past = past_of([FLOW], YEARS, 3.0, INTAKE)
    days = 0.25
    standing = np.array([[1.0, 0.0], [0.0, 1.0]])
    totals = np.zeros((2, 2))
    comes = comes_to_intake(FLOW, past.offers, 3.0, INTAKE)
    for _ in range(int(YEARS / days)):
        waiting, out = standing[:, 0], standing[:, 1]
        lost = (past.offers * (1.0 - comes) + FLOW.walks_away * (1.0 - FLOW.elsewhere)) * waiting
        gone = (past.offers * comes + FLOW.walks_away * FLOW.elsewhere + FLOW.dies) * waiting
        back = FLOW.asks_again * out
        totals += standing * days
        standing = np.stack(
            [
                waiting + days * (back - lost - gone),
                out + days * (lost - back - FLOW.dies * out),
            ],
            axis=1,
        )
    begun = np.array([FLOW.asking, FLOW.returning])
    assert past.expected[0] == pytest.approx(begun[:, None] * totals, rel=0.01)


@compiled_only
def test_those_drawn_are_as_many_as_expected_and_asked_within_the_years() -> None:
    clinic = Clinic(busy(), 0, 3)
    clinic.close()
    people, past = clinic.state.patients, clinic.past
    gone = people[clinic.present_at_opening :][: past.numbers.size]
    waiting = (past.stands == WAITS).sum()

    assert (gone["status"] == Status.WAITING).sum() == waiting > 20
    assert (gone["asked_day"] < clinic.opening).all()
    assert (gone["asked_day"][past.began == NEW] > clinic.opening - YEARS - 2).all()
    assert (gone["left_day"][past.began == LEFT] > clinic.opening - YEARS - 2).all()
    assert (gone["left_day"][past.began == NEW] == NEVER).all()
    assert (gone["status"][past.stands == OUT] != Status.WAITING).all()
    assert not gone["counted"].any()
    assert not gone["present_at_start"].any()


@compiled_only
def test_the_level_of_waiting_does_not_hang_on_the_burn_in() -> None:
    """A clinic that cannot hold all who ask, opened 0, 90 and 730 days before; 6 replications.

    Without people who were here before, the list is twice as long after two years as at first.
    """

    def waiting(burn_in: int, **changes: Any) -> float:
        scenario = busy(**changes).with_changes(horizon={"burn_in_days": burn_in})
        runs = [run(scenario, one, uncertainty=False) for one in range(6)]
        return float(np.mean([held.days["waiting"][:180].mean() for held in runs]))

    levels = [waiting(burn_in) for burn_in in (0, 90, 730)]
    assert max(levels) < 1.35 * min(levels), levels
    off = {"mechanisms": {"past_patients": False}}
    assert waiting(730, **off) > 2.0 * waiting(0, **off)


@compiled_only
def test_a_clinic_that_has_not_settled_is_told_and_one_with_room_is_not() -> None:
    drifting = busy(mechanisms={"past_patients": False}).with_changes(
        horizon={"burn_in_days": 20, "start": "shared"}, arrivals={"per_week": 6.0}
    )
    notes = compare([drifting], replications=4, uncertainty=False, workers=1).notes
    told = [note for note in notes if "not settled" in note]
    assert len(told) == 1
    assert "people wait on an average day of the first half of the days counted" in told[0]
    assert "burn_in_days = 20" in told[0]
    own = drifting.with_changes(horizon={"start": "own steady state"})
    notes = compare([own], replications=4, uncertainty=False, workers=1).notes
    assert any("has not reached a steady state of its own" in note for note in notes)
    roomy = {"places": 600, "caseload_at_start": 0.15}
    notes = compare([busy(clinic=roomy)], replications=4, uncertainty=False, workers=1).notes
    assert not any("people wait on an average day" in note for note in notes)


@compiled_only
def test_nobody_asks_again_after_too_many_years() -> None:
    """A year is the limit: every further asking lies within it of the first, or of leaving."""
    held = run(
        small().with_changes(
            horizon={"days": 900, "follow_up_days": 1},
            model={"asks_again_years": 1.0},
            hazards={"return_to_care": {"opioid": 0.02}},
        ),
        uncertainty=False,
    )
    asked = held.events[held.events["kind"] == Kind.ASKED]
    left = held.events[held.events["kind"] == Kind.LEFT]
    latest: dict[int, int] = {}
    late = 0
    for event in np.sort(np.concatenate([asked, left]), order=["day"], kind="stable"):
        person, day = int(event["person"]), int(event["day"])
        if event["kind"] == Kind.LEFT:
            latest[person] = day
        elif person in latest:
            late += day - latest[person] > 365
        else:
            latest[person] = day
    again = asked.size - np.unique(asked["person"]).size
    assert again > 50
    assert late == 0
