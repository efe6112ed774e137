"""Conversions against values worked out by hand."""

from collections.abc import Callable
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.units import chance_to_rate, log_effect, per_day, rate_to_chance


def test_rate_to_chance_by_hand() -> None:
    assert rate_to_chance(0.0) == 0.0
    assert rate_to_chance(log(2.0)) == pytest.approx(0.5)
    assert rate_to_chance(0.01, 30) == pytest.approx(0.259182, abs=1e-6)


def test_small_rates_keep_their_digits() -> None:
    assert rate_to_chance(1e-12) == pytest.approx(1e-12, rel=1e-9)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(0.7, "per day", 0.7), (0.7, "per week", 0.1), (36.525, "per year", 0.1)],
)
def test_per_day_by_hand(value: float, unit: str, expected: float) -> None:
    assert per_day(value, unit) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (2.0, "hazard ratio", 0.693147),
        (0.5, "rate ratio", -0.693147),
        (2.0, "odds ratio", 0.693147),
        (1.0, "risk ratio", 0.0),
        (0.46, "standardised mean difference", 0.834355),
        (-0.3, "sd units", -0.3),
        (0.4, "log odds", 0.4),
    ],
)
def test_log_effect_by_hand(value: float, unit: str, expected: float) -> None:
    assert log_effect(value, unit) == pytest.approx(expected, abs=1e-5)


def test_difference_of_the_prize_trials_is_the_odds_ratio_in_the_catalogue() -> None:
    assert exp(log_effect(-0.46, "standardised mean difference")) == pytest.approx(0.434, abs=1e-3)


@given(st.floats(1e-6, 1.0), st.floats(0.5, 100.0))
def test_chance_and_rate_are_inverse(rate: float, days: float) -> None:
    chance = rate_to_chance(rate, days)
    if chance < 1.0 - 1e-9:
        assert chance_to_rate(chance, days) == pytest.approx(rate, rel=1e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rate_to_chance(-1.0), "cannot be negative"),
        (lambda: chance_to_rate(1.0), "no constant rate"),
        (lambda: chance_to_rate(0.5, 0.0), "no constant rate"),
        (lambda: per_day(1.0, "per month"), "per month"),
        (lambda: log_effect(0.0, "odds ratio"), "above 0"),
        (lambda: log_effect(1.0, "days"), "allowed hazard ratio"),
    ],
)
def test_what_cannot_be_converted_is_refused(call: Callable[[], float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
