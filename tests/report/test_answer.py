"""The answer follows from the numbers, and claims no more than they carry."""

import math

import pytest

from txsim.report import answer
from txsim.report.reading import CERTAINTY, Change, Reading
from txsim.scenario import Scenario

from .made_up import Gain, MadeUp, made_up


def told(comparison: MadeUp) -> str:
    return " ".join(answer.answer(Reading(comparison)))


def test_levels_and_clear_differences_come_with_certainty(two: MadeUp) -> None:
    sentences = answer.answer(Reading(two))
    assert sentences[0] == (
        "Of 100 people who ask for help, about 54 are still in care a year later under Baseline; "
        "about 59 under Transport aid (almost certainly 2 to 8 more)."
    )
    assert "about 36 under Transport aid (almost certainly 0.4 to 4.6 more)" in sentences[1]
    assert len(sentences) == 2


def test_what_cannot_be_told_is_not_ranked(five: MadeUp) -> None:
    text = told(five)
    assert (
        "Whether more people stay under Case management (0.4 fewer to 2.9 more) than under "
        "Baseline we cannot tell: about 660 more simulated years of each would settle it." in text
    )
    assert (
        "Whether more people stay under Peer groups (2 fewer to 3 more) than under Baseline we "
        "cannot tell: no number of further simulated years would settle it" in text
    )
    assert "under Peer groups (almost certainly" not in text


def test_a_harm_is_said_as_fewer(five: MadeUp) -> None:
    assert "about 31 under Case management (almost certainly 1 to 3 fewer)" in told(five)


def test_the_best_two_are_held_against_each_other(five: MadeUp) -> None:
    assert "Which of All three and Transport aid keeps more we cannot tell." in told(five)


def test_the_best_two_are_ranked_where_the_interval_allows(five: MadeUp) -> None:
    gains = {
        "transport-aid": {"retained_365": Gain(0.05, 0.04, 0.06)},
        "case-management": {"retained_365": Gain(0.12, 0.11, 0.13)},
    }
    text = told(made_up(five.designs[:3], gains))
    assert "Case management keeps more than Transport aid in 100 of 100 sets" in text or (
        "Case management keeps more than Transport aid in 99 of 100 sets" in text
    )
    assert text.index("under Case management") < text.index("under Transport aid")


def test_the_same_figures_are_called_the_same(five: MadeUp) -> None:
    text = told(made_up(five.designs[:2]))
    assert "and exactly as many under Transport aid" in text
    assert "cannot tell" not in text


def test_one_design_is_told_with_its_range(alone: MadeUp) -> None:
    sentences = answer.answer(Reading(alone))
    assert sentences[0].endswith("under Baseline (between 48 and 60).")
    assert len(sentences) == 3


def test_different_people_are_never_a_difference(unpaired: MadeUp) -> None:
    text = told(unpaired)
    assert "54 under Baseline (between 48 and 60) and 74 under Rural clinic" in text
    assert "These designs serve different people" in text
    for word in ("more)", "fewer)", "certainly", "likely", "better"):
        assert word not in text


def test_too_few_years_for_a_range_is_said(alone: MadeUp) -> None:
    table = alone.outcomes.assign(low=math.nan, high=math.nan)
    few = MadeUp(**{**vars(alone), "outcomes": table})
    assert "(too few simulated years for a range)" in told(few)


@pytest.mark.parametrize(
    ("share", "word"),
    [(1.0, "almost certainly"), (0.99, "almost certainly"), (0.96, "very likely"), (0.9, "likely")],
)
def test_certainty_words_are_tied_to_numbers(share: float, word: str) -> None:
    for better_in in (share, 1 - share):
        assert Change(1.0, 0.5, 1.5, "days", better_in, math.nan).certainty == word


def test_each_word_is_explained_once_with_its_number(five: MadeUp) -> None:
    explained = dict(answer.meaning_of_the_words(Reading(five)))
    assert list(explained)[:3] == [word for _, word in CERTAINTY]
    assert "at least 99 of 100" in explained["almost certainly"]
    assert "95 to 99 of 100" in explained["very likely"]
    assert "cannot tell" in explained


def test_the_price_stands_beside_the_answer(five: MadeUp) -> None:
    said = answer.price(Reading(five))
    assert said.startswith("Baseline costs about USD\u00a01.90\u00a0million a year; ")
    assert "Transport aid USD\u00a02,000 more" in said
    assert "Case management USD\u00a011,000 less" in said
    assert "Peer groups as much" in said


def test_the_basis_names_years_and_sets(five: MadeUp, alone: MadeUp) -> None:
    assert answer.basis(Reading(five)).startswith(
        "40 simulated years of each design, the same people and the same luck under each, spread "
        "over 10 sets of what is not known"
    )
    one = answer.basis(Reading(MadeUp(**{**vars(alone), "replications_each": 1, "draws": 0})))
    assert one == "1 simulated year of each design."


def test_a_shorter_follow_up_moves_the_horizon(baseline: Scenario) -> None:
    whole = made_up([baseline])
    short = whole.outcomes[~whole.outcomes["outcome"].str.endswith("_365")]
    reading = Reading(MadeUp(**{**vars(whole), "outcomes": short}))
    assert reading.horizon == (180, "six months")
    assert "six months later" in answer.answer(reading)[0]
