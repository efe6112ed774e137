"""Whether a clinic still moves, by the days of made years: halves that differ by more than luck."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from txsim.compare.settling import moved_between_halves, opens_by_itself

from ..outcomes.made_runs import small_scenario


def moved(*years: list[float], days: int | None = None) -> tuple[float, float] | None:
    """Means of the two halves of years whose number of people is written down day by day."""
    people = np.array(years)
    horizon = SimpleNamespace(days=people.shape[1] if days is None else days)
    years_of: Any = SimpleNamespace(curve=lambda _, days: people[:, days])
    study: Any = SimpleNamespace(designs=[SimpleNamespace(horizon=horizon)], years=[years_of])
    return moved_between_halves(study, 0, "waiting list")


def test_each_day_counted_belongs_to_one_half() -> None:
    assert moved([0.0, 0.0, 4.0, 16.0]) == (0.0, 10.0)
    # The day in the middle is one of the second half; what comes after the days counted is none.
    assert moved([0.0, 0.0, 4.0, 8.0, 12.0]) == (0.0, 8.0)
    assert moved([0.0, 0.0, 4.0, 16.0, 900.0], days=4) == (0.0, 10.0)
    assert moved([7.0]) is None


@pytest.mark.parametrize(("later", "told"), [(110.0, False), (111.0, True), (89.0, True)])
def test_a_tenth_of_the_mean_is_settled_and_more_is_not(later: float, told: bool) -> None:
    assert (moved([100.0, later]) is not None) == told


def test_two_people_more_or_fewer_are_settled_however_few_there_are() -> None:
    assert moved([4.0, 6.0]) is None
    assert moved([4.0, 6.1]) == (4.0, 6.1)
    assert moved([6.1, 4.0]) == (6.1, 4.0)


def test_what_may_be_luck_is_settled() -> None:
    """Two years that moved by 0 and 20, a standard error of 10; and by 9 and 11, one of 1."""
    assert moved([10.0, 10.0], [10.0, 30.0]) is None
    assert moved([10.0, 19.0], [10.0, 21.0]) == (10.0, 20.0)


@pytest.mark.parametrize(
    ("number", "changes", "by_itself"),
    [
        (0, {"horizon": {"start": "shared"}}, True),
        (1, {"horizon": {"start": "shared"}}, False),
        (1, {"horizon": {"start": "own steady state"}}, True),
        (1, {"horizon": {"start": "shared"}, "change": {"from_week": 2}}, False),
        (0, {"horizon": {"start": "empty"}}, False),
        (0, {"horizon": {"start": "shared"}, "arrivals": {"cohort": 20}}, False),
    ],
)
def test_who_opens_as_another_left_off_or_with_nobody_is_not_watched(
    number: int, changes: dict[str, Any], by_itself: bool
) -> None:
    """The first design opens by itself, and a later one that asks for a steady state of its own."""
    assert opens_by_itself(number, small_scenario().with_changes(**changes)) == by_itself
