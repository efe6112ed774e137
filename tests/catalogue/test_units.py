"""Conversions against values worked out by hand."""

from collections.abc import Callable
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.units import (
    IMPOSSIBLE,
    chance_to_rate,
    kept_after_a_day,
    log_effect,
    log_odds,
    log_rate,
    per_day,
    published_effect,
    rate_to_chance,
)


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


@pytest.mark.parametrize(
    ("term", "unit", "expected"),
    [
        (log(0.8), "hazard ratio", 0.8),
        (0.834355, "standardised mean difference", 0.46),
        (-0.3, "sd units", -0.3),
    ],
)
def test_published_effect_is_the_way_back(term: float, unit: str, expected: float) -> None:
    assert published_effect(term, unit) == pytest.approx(expected, abs=1e-5)


def test_working_scales_by_hand() -> None:
    assert log_odds(0.75) == pytest.approx(log(3.0))
    assert log_rate(0.5) == pytest.approx(log(0.5))
    assert kept_after_a_day(7.0) ** 7 == pytest.approx(0.5)


def test_working_scales_have_ends() -> None:
    """Never and always are far away, not infinite; what has no half-life is gone in a day."""
    assert log_odds(0.0) == pytest.approx(-27.6, abs=0.1)
    assert log_odds(1.0) == pytest.approx(27.6, abs=0.1)
    assert log_rate(0.0) == IMPOSSIBLE
    assert kept_after_a_day(0.0) == 0.0


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
