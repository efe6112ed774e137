"""Words of certainty are tied to numbers, and nobody is sent for years that will not be run."""

import math

import pytest

from txsim.compare.verdicts import MOST_YEARS, certainty, further_years, what_would_settle


@pytest.mark.parametrize(
    ("share", "word"),
    [(1.0, "almost certainly"), (0.99, "almost certainly"), (0.96, "very likely"), (0.9, "likely")],
)
def test_each_word_has_its_share_in_both_directions(share, word):
    assert certainty(share) == certainty(1.0 - share) == word


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
