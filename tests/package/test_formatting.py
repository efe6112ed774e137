"""Numbers as a planner reads them; rounding must not make or hide a finding."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.formatting import (
    amounts,
    capital,
    counted,
    decimals_of,
    listed,
    lower,
    money,
    money_with_range,
    more_or_fewer,
    of_100,
    plain,
    with_range,
)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (3.2, 8.4, "3 to 8 more"),
        (-8.4, -3.2, "3 to 8 fewer"),
        (-2.1, 6.3, "2 fewer to 6 more"),
        (0.3, 3.9, "0.3 to 3.9 more"),
        (-0.04, 0.31, "0.04 fewer to 0.31 more"),
        (0.02, 0.51, "up to 0.5 more"),
        (-43.0, -0.01, "up to 43 fewer"),
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


def test_money_is_told_in_three_figures_and_whole_thousands() -> None:
    assert money(1_904_321.0) == "USD\u00a01,900,000"
    assert money(48_260.0) == "USD\u00a048,000"
    assert money(-48_260.0) == "USD\u00a0\u221248,000"
    assert money(7_454.0) == "USD\u00a07,450"
    assert money(0.0) == "USD\u00a00"
    assert money(math.nan) == "not known"
    assert amounts(1_681_000.0, 2_134_000.0) == "USD\u00a01,680,000 to 2,130,000"
    assert amounts(1_980.0, 43_400.0) == "USD\u00a02,000 to 43,000"
    assert amounts(6_560.0, 8_340.0, "EUR", " less") == "EUR\u00a06,560 less to 8,340"
    assert money_with_range(1_937_069.0, 1_581_515.0, 2_292_622.0) == ("1,940", "1,580 to 2,290")
    assert money_with_range(7_450.0, 6_560.0, 8_340.0) == ("7.5", "6.6 to 8.3")


def test_small_shares_of_people_keep_a_decimal() -> None:
    assert of_100(0.5443) == "54"
    assert of_100(0.0044) == "0.4"
    assert of_100(0.0001) == "fewer than 0.1"
    assert of_100(0.0) == "0"


@pytest.mark.parametrize(
    ("mean", "low", "high", "said"),
    [
        (165.7, 98.5, 232.9, ("166", "98 to 233")),
        (67.1, 29.6, 104.6, ("67", "30 to 105")),
        (3.58, 0.82, 6.31, ("3.6", "0.8 to 6.3")),
        (84.2, 84.1, 84.4, ("84.2", "84.1 to 84.4")),
        (0.3, 0.0, 0.9, ("0.3", "0.0 to 0.9")),
        (12.0, 12.0, 12.0, ("12", "")),
        (12.0, math.nan, math.nan, ("12", "")),
        (0.0, 0.0, 0.0, ("0", "")),
    ],
)
def test_a_figure_and_its_range_carry_the_same_decimals(
    mean: float, low: float, high: float, said: tuple[str, str]
) -> None:
    assert with_range(mean, low, high) == said


@pytest.mark.parametrize(
    ("size", "decimals"),
    [(0.0, 0), (0.094, 2), (0.095, 1), (9.94, 1), (9.95, 0), (10.0, 0), (-9.95, 0), (-0.094, 2)],
)
def test_what_would_be_rounded_to_ten_is_whole_and_to_a_tenth_has_one_decimal(
    size: float, decimals: int
) -> None:
    assert decimals_of(size) == decimals


def test_decimals_can_be_bound_and_shared() -> None:
    assert with_range(0.9, 0.714, 1.138, least=2) == ("0.90", "0.71 to 1.14")
    assert with_range(0.0001, 0.0, 0.0007, scale=100, most=1) == ("0.0", "0.0 to 0.1")
    assert with_range(9.9, 2.0, 17.0, largest=11.2) == ("10", "2 to 17")
    # Nothing ever seen, and hardly possible: no range of nothing to nothing.
    assert with_range(0.0, 0.0, 0.0003, scale=100, most=1) == ("0.0", "")
    assert plain(-0.2) == "0"
    assert with_range(math.nan, math.nan, math.nan)[0] == "not known"


def test_lists_and_nouns_read_as_sentences() -> None:
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert listed(["A", "B"], "or") == "A or B"
    assert listed([]) == ""
    assert counted(1, "post") == "1 post"
    assert counted(2.5, "post") == "2.5 posts"
    assert counted(1, "person", "people") == "1 person"
    assert capital("a van") == "A van"
    assert lower("Case management") == "case management"
    assert lower("CBT for all") == "CBT for all"
    assert lower("A van") == "a van"
