"""Numbers as a planner reads them; rounding must not make or hide a finding."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.report.numbers import (
    amounts,
    capital,
    counted,
    listed,
    money,
    more_or_fewer,
    of_100,
    plain,
    sensible,
)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (3.2, 8.4, "3 to 8 more"),
        (-8.4, -3.2, "3 to 8 fewer"),
        (-2.1, 6.3, "2 fewer to 6 more"),
        (0.3, 3.9, "0.3 to 3.9 more"),
        (-0.04, 0.31, "0.04 fewer to 0.31 more"),
        (math.nan, 3.0, "not known"),
    ],
)
def test_an_interval_says_more_or_fewer(low: float, high: float, said: str) -> None:
    assert more_or_fewer(low, high) == said


@given(low=st.floats(-60, 60), wide=st.floats(0.05, 40))
def test_rounding_never_moves_an_interval_onto_or_off_zero(low: float, wide: float) -> None:
    high = low + wide
    said = more_or_fewer(low, high)
    if low < -0.005 and high > 0.005:
        assert "fewer" in said
        assert "more" in said
    elif low > 0.005:
        assert "fewer" not in said
        assert float(re.findall(r"[\d.]+", said)[0]) > 0
    elif high < -0.005:
        assert "more" not in said
        assert float(re.findall(r"[\d.]+", said)[0]) > 0


def test_money_is_told_in_three_figures_and_a_true_minus() -> None:
    assert money(1_904_321.0) == "USD\u00a01.90\u00a0million"
    assert money(48_260.0) == "USD\u00a048,300"
    assert money(-48_260.0) == "USD\u00a0\u221248,300"
    assert money(0.0) == "USD\u00a00"
    assert money(math.nan) == "not known"
    assert amounts(1_680_000.0, 2_130_000.0) == "1.68 to 2.13\u00a0million"
    assert amounts(6_560.0, 8_340.0) == "6,560 to 8,340"


def test_small_shares_of_people_keep_a_decimal() -> None:
    assert of_100(0.5443) == "54"
    assert of_100(0.0044) == "0.4"
    assert of_100(0.0001) == "fewer than 0.1"
    assert of_100(0.0) == "0"


def test_figures_carry_as_many_decimals_as_their_size_bears() -> None:
    assert [sensible(value) for value in (468.0, 123.4, 9.4, 31.0, 0.97)] == [
        "468",
        "123",
        "9.4",
        "31",
        "0.97",
    ]
    assert plain(-0.2) == "0"
    assert sensible(math.nan) == "not known"


def test_lists_and_nouns_read_as_sentences() -> None:
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert listed(["A", "B"], "or") == "A or B"
    assert listed([]) == ""
    assert counted(1, "post") == "1 post"
    assert counted(2.5, "post") == "2.5 posts"
    assert counted(1, "person", "people") == "1 person"
    assert capital("a van") == "A van"
