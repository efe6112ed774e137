"""Words of certainty are tied to numbers, and nobody is sent for years that will not be run."""

import math

import numpy as np
import pytest

from txsim.compare.margins import margin
from txsim.compare.verdicts import MOST_YEARS, certainty, further_years, what_would_settle
from txsim.outcomes import named


@pytest.mark.parametrize(
    ("share", "word"),
    [(1.0, "virtually certain"), (0.99, "very likely"), (0.91, "very likely"), (0.9, "likely")],
)
def test_each_word_has_its_share_in_both_directions(share, word):
    assert certainty(share) == certainty(1.0 - share) == word


def test_no_word_where_either_way_is_about_as_likely():
    assert certainty(0.66) == certainty(0.5) == certainty(0.34) == ""


@pytest.mark.parametrize(
    ("outcome", "today", "expected"),
    [
        ("retained_365", 0.5, 0.02),
        ("wait_to_admission", 12.0, 2.0),
        ("wait_to_admission", 40.0, 4.0),
        ("people_in_care_a_day", 200.0, 10.0),
        ("people_in_care_a_day", 8.0, 1.0),
        ("cost_per_year", 2_000_000.0, 100_000.0),
        ("deaths", 0.4, 1.0),
        ("qalys_public", 0.6, 0.02),
        ("symptoms", 0.8, 0.1),
        ("staff_turnover", 0.4, 0.02),
    ],
)
def test_margins_by_default(outcome, today, expected):
    assert margin(named(outcome), np.array([today]), {})[0] == pytest.approx(expected)
    assert margin(named(outcome), np.array([today]), {outcome: 0.5})[0] == 0.5


def test_more_years_are_rounded_and_bounded():
    assert further_years(33.0, 20) == 13
    assert further_years(1_908.0, 24) == 1_900
    assert further_years(10.0, 20) == 1
    assert [further_years(needed, 0) for needed in (9, 20, 21, 99)] == [9, 20, 21, 99]
    assert [further_years(needed, 0) for needed in (100, 101, 999, 1_001)] == [
        100,
        110,
        1000,
        1_100,
    ]
    assert further_years(MOST_YEARS + 1.0, 20) is None
    assert further_years(math.nan, 20) is None


def test_what_would_settle_is_said_once_for_each_remedy():
    said = what_would_settle(
        [("A", 210.0), ("B", math.nan), ("C", 1_124.0), ("D", 131_328.0), ("E", math.nan)], 24
    )
    assert said == [
        "About 190 more runs would tell for A and about 1,100 for C.",
        "For B and E no number of runs would tell, because the evidence itself is too thin.",
        "For D no realistic number of runs would tell, because the difference, if any, "
        "is small beside chance.",
    ]
    assert what_would_settle([], 24) == []
