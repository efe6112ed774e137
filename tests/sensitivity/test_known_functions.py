"""Screening and indices through our own wiring, on functions whose answers are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from txsim.sensitivity.factors import Factor, by_entry
from txsim.sensitivity.indices import indices
from txsim.sensitivity.salib import deviates, problem_of, settings_of
from txsim.sensitivity.screening import MOVE, Evaluate, screen


def factor(name: str, *paths: str) -> Factor:
    return Factor(name, paths or (name,), name, "B")


A, B, C, D = (factor(name) for name in ("a", "b", "c", "d"))


def world(noise: float = 0.0, again: int = 4, common: float = 0.0) -> Evaluate:
    """y = 3 a + b + b c of deviates, and a second output that d alone moves; luck on top.

    `noise` is luck of a setting's own, `common` luck that a replication has in every setting.
    """

    def of(settings: Sequence[dict[str, float]]) -> np.ndarray:
        chance = np.random.default_rng(5)
        a, b, c, d = (np.array([one.get(name, 0.0) for one in settings]) for name in "abcd")
        known = np.stack([3.0 * a + b + b * c, d], axis=1)
        shape = (len(settings), again, 2)
        luck = noise * chance.normal(size=shape) + common * chance.normal(size=(1, again, 1))
        return known[:, None, :] + luck

    return of


def test_screening_finds_what_moves_each_output_and_by_how_much() -> None:
    found = screen([A, B, C, D], 12, 1, world())

    moves = dict(zip("abcd", found.moves.tolist(), strict=True))
    low, high = deviates(np.array([1.0 / 3.0, 1.0]), 0.95)
    assert moves["a"][0] == pytest.approx(3.0 * (high - low))
    assert pytest.approx(2.0 / 3.0) == MOVE
    assert moves["d"] == pytest.approx([0.0, high - low])
    assert found.told.tolist() == [[True, False], [True, False], [True, False], [False, True]]
    assert found.luck.max() == 0.0


def test_of_what_is_left_every_output_has_its_first() -> None:
    found = screen([A, B, C, D], 12, 1, world())

    assert {one.name for one in found.left(2)} == {"a", "d"}
    assert {one.name for one in found.left(9)} == {"a", "b", "c", "d"}


def test_luck_is_seldom_taken_for_an_effect() -> None:
    """Nothing moves the outputs: of 60 verdicts at 1 in 100, 4 or more come 1 time in 300."""
    nothing = [factor(f"n{one}") for one in range(30)]
    found = screen(nothing, 6, 2, world(noise=1.0))

    assert found.moves.mean() == pytest.approx(found.luck.mean(), rel=0.15)
    assert found.told.sum() <= 3


def test_an_effect_within_luck_is_not_told_and_a_larger_one_is() -> None:
    found = screen([A, B, C, D], 12, 1, world(noise=1.0))

    assert found.told[0, 0]
    assert not found.told[0, 1]
    quiet = screen([A, B, C, D], 12, 1, world(noise=30.0))
    assert not quiet.told[1:, 0].any()


def test_numbers_of_an_entry_are_moved_each_in_its_own_direction() -> None:
    """So opposite effects within an entry do not cancel."""

    def opposite(settings: Sequence[dict[str, float]]) -> np.ndarray:
        y = np.array([one["e.up"] - one["e.down"] for one in settings])
        return np.repeat(y[:, None, None], 2, axis=1)

    both = factor("e", "e.up", "e.down")
    found = screen([both, factor("f")], 20, 3, opposite)

    assert found.told[:, 0].tolist() == [True, False]
    assert problem_of([both, A])["groups"] == ["e", "e", "a"]
    assert "groups" not in problem_of([A, B])


def test_indices_are_those_of_the_function() -> None:
    """Variances 9, 1 and 1 of 11: first indices 9/11, 1/11, 0; total 9/11, 2/11, 1/11."""
    found = indices([A, B, C], 1024, 7, world())

    assert found.first[:, 0] == pytest.approx([9 / 11, 1 / 11, 0.0], abs=0.04)
    assert found.total[:, 0] == pytest.approx([9 / 11, 2 / 11, 1 / 11], abs=0.03)
    assert found.told[:, 0].tolist() == [True, True, True]
    assert found.spread[0] == pytest.approx(np.sqrt(11.0), rel=0.05)


def test_luck_is_taken_off_indices_and_told() -> None:
    """Luck of variance 16 / 4 in each mean: what a total index would have too much of it."""
    found = indices([A, B, C], 1024, 7, world(noise=4.0, common=2.0))

    assert found.total[:, 0] == pytest.approx([9 / 11, 2 / 11, 1 / 11], abs=0.08)
    assert found.luck[:, 0] == pytest.approx([4 / 11] * 3, abs=0.05)
    assert found.spread[0] == pytest.approx(np.sqrt(11.0), rel=0.08)
    assert found.luck_spread[0] == pytest.approx(2.0, rel=0.05)


def test_an_output_that_nothing_moves_has_no_indices() -> None:
    found = indices([A, B], 16, 7, world())

    assert (found.total[:, 1] == 0.0).all()
    assert not found.told[:, 1].any()
    assert found.spread[1] == 0.0


def test_a_failed_run_costs_its_trajectory_and_no_more() -> None:
    def with_a_failure(settings: Sequence[dict[str, float]]) -> np.ndarray:
        found = world()(settings)
        found[2, 1] = np.nan
        return found

    whole, spoilt = screen([A, D], 8, 1, world()), screen([A, D], 8, 1, with_a_failure)
    assert spoilt.moves == pytest.approx(whole.moves)
    assert indices([A, D], 8, 1, with_a_failure).told[0, 0]


def test_settings_name_every_number_of_every_factor() -> None:
    both = factor("e", "e.up", "e.down")
    points = np.array([[0.1, 0.2, 0.3]])

    assert settings_of(points, [both, A]) == [{"e.up": 0.1, "e.down": 0.2, "a": 0.3}]


def test_numbers_stand_together_by_entry_and_those_of_the_model_by_their_first_word() -> None:
    numbers = [
        Factor("model.crisis_craving", ("model.crisis_craving",), "w", "D"),
        Factor("model.crisis_symptoms", ("model.crisis_symptoms",), "w", "C"),
        Factor("clinic", ("clinic",), "This clinic", "C"),
        Factor("medications.methadone.phases", ("medications.methadone.phases",), "w", "B"),
    ]
    found = {one.name: one for one in by_entry(numbers, [])}

    assert list(found) == ["model.crisis", "clinic", "medications.methadone"]
    assert found["model.crisis"].paths == ("model.crisis_craving", "model.crisis_symptoms")
    assert found["model.crisis"].grade == "D"
    assert found["clinic"].words == "This clinic"


def test_nothing_is_told_where_most_of_the_variance_is_luck() -> None:
    """Luck of variance 400 / 4 beside 11: total indices are anything."""
    found = indices([A, B, C], 64, 7, world(noise=20.0))

    assert not found.told[:, 0].any()
    assert found.luck_spread[0] > found.spread[0]
