"""Which numbers go along with an answer, and how easily chance shows the same."""

from __future__ import annotations

import numpy as np
import pytest

from txsim.compare import compare
from txsim.compare.acting import numbers_that_act
from txsim.compare.carriers import FEWEST_DRAWS, FIRST, SURE, closeness

from ..model.small_clinics import small


def world(draws: int, numbers: int = 200, weight: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A figure that rests on number 3, downwards, by so much, and on chance for the rest."""
    chance = np.random.default_rng(4)
    drawn = chance.normal(size=(draws, numbers))
    return -weight * drawn[:, 3] + (1.0 - weight) * chance.normal(size=draws), drawn


def test_a_number_that_carries_the_figure_is_found() -> None:
    found, chance = closeness(*world(60, weight=0.7))

    assert np.argmax(np.abs(found)) == 3
    assert found[3] < -0.8
    assert chance[3] == pytest.approx(0.001)
    assert (chance[np.arange(200) != 3] > SURE).all()


def test_few_draws_cannot_tell_a_number_from_the_closest_of_many() -> None:
    """Eight draws of two hundred numbers: some number is as close as 0.8 by chance alone."""
    found, chance = closeness(*world(FEWEST_DRAWS, weight=0.0))

    assert np.abs(found).max() > 0.8
    assert chance.min() > SURE


def test_chance_is_told_from_chance_as_seldom_as_is_said() -> None:
    """200 worlds in which nothing matters: at 10 in 100, 35 or more come 2 times in 1000."""
    draws = np.random.default_rng(9)
    surprises = 0
    for _ in range(200):
        drawn = draws.normal(size=(16, 30))
        surprises += closeness(draws.normal(size=16), drawn)[1].min() <= SURE
    assert 7 <= surprises <= 34


def test_a_comparison_names_its_first_numbers_in_words() -> None:
    designs = [small(), small().with_changes(name="more", staff={"counsellor": {"posts": 3.0}})]
    comparison = compare(designs, 4 * FEWEST_DRAWS, 3, workers=1)
    found = comparison.carriers

    assert set(found["scenario"]) == {"more"}
    assert (found["draws"] == FEWEST_DRAWS).all()
    per_figure = found.groupby("outcome")["rank"].apply(list)
    assert all(ranks == list(range(1, FIRST + 1)) for ranks in per_figure)
    assert set(found["parameter"]) <= set(numbers_that_act(designs)) & set(comparison.drawn)
    assert found["words"].str.contains(": ").all()
    assert found["grade"].isin(list("ABCD")).all()
    assert compare(designs, 4, 3, workers=1).carriers.empty
