"""A number's uncertainty and what it refuses."""

from math import exp, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from txsim.catalogue import Number


def number(value: float, unit: str, **more: Any) -> Number:
    return Number.model_validate({"value": value, "unit": unit, "source": "design", **more})


def test_ratio_moves_on_the_log_scale() -> None:
    ratio = number(0.5, "hazard ratio", sd=0.2)
    assert ratio.at(0.0) == pytest.approx(0.5)
    assert ratio.at(1.0) == pytest.approx(0.5 * exp(0.2))
    assert ratio.at(-1.0) == pytest.approx(0.5 / exp(0.2))


def test_probability_moves_on_log_odds() -> None:
    chance = number(0.5, "probability", sd=1.0)
    assert chance.at(1.0) == pytest.approx(0.731059, abs=1e-6)


def test_difference_moves_as_it_is() -> None:
    assert number(-0.4, "standardised mean difference", sd=0.1).at(2.0) == pytest.approx(-0.2)


def test_limits_give_the_spread() -> None:
    assert number(1.58, "odds ratio", low=1.0, high=2.5).spread == pytest.approx(log(2.5) / 3.92)
    assert number(0.1, "sd units", low=-0.1, high=0.292).spread == pytest.approx(0.1)


def test_own_sd_goes_before_limits() -> None:
    assert number(1.0, "odds ratio", sd=0.3, low=0.5, high=2.0).spread == 0.3


def test_without_either_it_is_held_fixed() -> None:
    fixed = number(30.0, "days")
    assert fixed.spread == 0.0
    assert fixed.at(2.5) == 30.0


UNITS = ["hazard ratio", "odds ratio", "per day", "probability", "proportion", "days", "sd units"]


@given(st.sampled_from(UNITS), st.floats(0.01, 0.99), st.floats(0.01, 1.5), st.floats(-4.0, 4.0))
def test_drawn_values_stay_possible_and_rise_with_z(
    unit: str, value: float, sd: float, z: float
) -> None:
    one = number(value, unit, sd=sd)
    drawn = one.at(z)
    if unit in ("probability", "proportion"):
        assert 0.0 < drawn < 1.0
    elif unit != "sd units":
        assert drawn > 0.0
    assert one.at(z + 0.1) > drawn
    assert one.at(0.0) == pytest.approx(value)


@given(st.floats(0.01, 0.99), st.floats(0.01, 1.5), st.floats(-3.0, 3.0))
def test_opposite_draws_mirror_on_the_working_scale(value: float, sd: float, z: float) -> None:
    ratio = number(value, "rate ratio", sd=sd)
    assert ratio.at(z) * ratio.at(-z) == pytest.approx(value**2)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"value": 1.2, "unit": "probability", "source": "design"}, "between 0 and 1"),
        ({"value": -1.0, "unit": "days", "source": "design"}, "cannot be negative"),
        ({"value": 0.0, "unit": "odds ratio", "source": "design"}, "above 0"),
        ({"value": 1.0, "unit": "hazard ratio"}, "ids of its evidence"),
        ({"value": 1.0, "unit": "hazard ratio", "source": "assumption", "grade": "A"}, "grade D"),
        ({"value": 1.0, "unit": "furlongs", "source": "design"}, "hazard ratio"),
        ({"value": 1.0, "unit": "days", "source": "design", "low": 0.5}, "both limits"),
        ({"value": 3.0, "unit": "days", "source": "design", "low": 1, "high": 2}, "within its"),
        ({"value": 0.5, "unit": "days", "source": "design", "low": 0, "high": 2}, "impossible"),
        ({"value": 0.0, "unit": "days", "source": "design", "sd": 0.2}, "cannot have an unc"),
        ({"value": 1.0, "unit": "days", "source": "design", "sd": -0.2}, "equal to 0"),
        ({"value": 1.0, "unit": "days", "source": "design", "sd": 3.1}, "equal to 3"),
        ({"value": float("nan"), "unit": "days", "source": "design"}, "finite"),
        ({"value": 1.0, "unit": "days", "source": "design", "spread": 1}, "Extra inputs"),
    ],
)
def test_impossible_numbers_are_refused_in_plain_words(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Number.model_validate(table)


def test_strength_of_a_number_without_a_grade() -> None:
    assert number(1.0, "days", source="local assumption").strength == "D"
    assert number(1.0, "days", source="derived").strength == "C"
    assert number(1.0, "days", grade="B").strength == "B"


def test_no_effect_by_unit() -> None:
    assert number(1.0, "odds ratio").is_null
    assert number(0.0, "standardised mean difference").is_null
    assert not number(0.9, "hazard ratio").is_null
