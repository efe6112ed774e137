"""The answer follows from the numbers, and claims no more than they carry."""

import math
import re

import pandas as pd
import pytest

from txsim.compare.verdicts import CERTAINTY
from txsim.outcomes.subgroups import EVERYONE
from txsim.report.sections import answer, money
from txsim.report.view import Change, View
from txsim.scenario import Scenario

from .made_up import Gain, MadeUp, made_up


def told(comparison: MadeUp) -> str:
    said = answer.answer(View(comparison))
    return " ".join([said.lead, *said.rest])


def without(comparison: MadeUp, *groups: str) -> MadeUp:
    """The comparison without any figure for groups that nobody is in."""
    kept = comparison.outcomes[~comparison.outcomes["subgroup"].isin(groups)]
    return MadeUp(**{**vars(comparison), "outcomes": kept})


def test_the_lead_answers_before_any_figure(five: MadeUp) -> None:
    assert answer.answer(View(five)).lead == (
        "It is virtually certain that more people stay in care under All three and Transport aid "
        "than under Baseline. We cannot tell yet whether more stay under Case management or Peer "
        "groups."
    )


def test_the_lead_says_fewer_and_what_cannot_be_told(five: MadeUp) -> None:
    worse = {"transport-aid": {"retained_365": Gain(-0.05, -0.08, -0.02)}}
    said = answer.answer(View(made_up(five.designs[:2], worse)))
    assert said.lead == (
        "It is virtually certain that fewer people stay in care under Transport aid than under "
        "Baseline."
    )
    unsure = {"transport-aid": {"retained_365": Gain(0.01, -0.02, 0.04)}}
    said = answer.answer(View(made_up(five.designs[:2], unsure)))
    assert said.lead == (
        "We cannot tell yet whether more people stay in care under Transport aid than under "
        "Baseline."
    )


def test_levels_and_clear_differences_come_with_certainty(two: MadeUp) -> None:
    said = answer.answer(View(two))
    assert said.rest[0] == (
        "Of 100 people who ask for treatment, about 54 are still in care a year later under "
        "Baseline. Under Transport aid it is about 59, virtually certain to be more: 4.8 more "
        "(2 to 8 more)."
    )
    assert (
        "it is about 36, virtually certain to be more: 2.5 more (0.4 to 4.6 more)." in said.rest[1]
    )
    assert len(said.rest) == 2


def test_what_cannot_be_told_is_not_ranked(five: MadeUp) -> None:
    text = told(five)
    assert (
        "The difference could be 0.4 fewer to 2.9 more under Case management and 2 fewer to 3 "
        "more under Peer groups." in text
    )
    assert "About 660 more runs would tell for Case management." in text
    assert (
        "For Peer groups no number of runs would tell, because the evidence itself is "
        "too thin." in text
    )
    assert "under Peer groups (virtually certain" not in text


def test_unrealistic_numbers_of_years_are_not_asked_for(five: MadeUp) -> None:
    hopeless = {"transport-aid": {"retained_365": Gain(0.001, -0.02, 0.022, 131_328.0)}}
    text = told(made_up(five.designs[:2], hopeless))
    assert "131" not in text
    assert "no realistic number of runs would tell" in text


def test_a_harm_is_said_as_fewer(five: MadeUp) -> None:
    assert "it is about 31, virtually certain to be fewer: 2.0 fewer (1 to 3 fewer)." in told(five)


def test_free_of_regular_use_is_said_in_days(two: MadeUp) -> None:
    assert (
        "free of regular use under Baseline: they used on at most 4 of the last 28 days."
        in told(without(two, "alcohol"))
    )
    drinkers = told(without(two, "opioids"))
    assert "free of regular heavy drinking under Baseline" in drinkers
    assert "they drank heavily on at most 4 of the last 28 days" in drinkers
    assert "used, or where they came for alcohol drank heavily," in told(two)


def test_the_best_two_are_held_against_each_other(five: MadeUp) -> None:
    assert "Whether it is more under All three or Transport aid we cannot tell yet." in told(five)


def test_the_best_two_are_ranked_where_the_interval_allows(five: MadeUp) -> None:
    gains = {
        "transport-aid": {"retained_365": Gain(0.05, 0.04, 0.06)},
        "case-management": {"retained_365": Gain(0.12, 0.11, 0.13)},
    }
    text = told(made_up(five.designs[:3], gains))
    assert re.search(
        r"It is more under Case management than under Transport aid in (99|100) of 100 "
        "parameter sets",
        text,
    )
    assert text.index("Under Case management") < text.index("Under Transport aid")


def test_the_same_figures_are_called_the_same(five: MadeUp) -> None:
    text = told(made_up(five.designs[:2]))
    assert "Exactly as many people stay in care under Transport aid as under Baseline." in text
    assert "cannot tell" not in text


def test_one_design_is_told_with_its_range(alone: MadeUp) -> None:
    said = answer.answer(View(without(alone, "alcohol")))
    assert said.lead == (
        "Of 100 people who ask for treatment, about 54 are still in care a year later and about 33 "
        "are alive and free of regular use."
    )
    assert said.rest[0] == (
        "Still in care: between 48 and 60 of 100. Free of regular use: between 29 and 37 of 100, "
        "meaning that they used on at most 4 of the last 28 days."
    )
    assert said.rest[1] == (
        "About 86 of 100 are admitted (between 76 and 96). They wait 7 days on average, and half "
        "of them 5 days or less. About 9 leave the waiting list (between 8 and 10) and about 3 "
        "miss the intake appointment (between 2.6 and 3.4). About 2 begin treatment in another "
        "clinic instead (between 1.4 and 1.8)."
    )


def test_heavy_drinking_is_told_by_the_year(alone: MadeUp) -> None:
    row = alone.outcomes[alone.outcomes["outcome"] == "attendance"]
    row = row[row["subgroup"] == EVERYONE].assign(
        outcome="heavy_drinking_days", mean=0.2, low=0.1, high=0.3
    )
    drinkers = MadeUp(**{**vars(alone), "outcomes": pd.concat([alone.outcomes, row])})
    assert (
        "They drink heavily on about 20 of 100 days (between 10 and 30): a year has about 292 days "
        "without heavy drinking." in told(without(drinkers, "opioids"))
    )
    assert "People who came for alcohol drink heavily" in told(drinkers)


def test_different_people_are_never_a_difference_that_a_design_makes(unpaired: MadeUp) -> None:
    text = told(unpaired)
    assert (
        "Other people ask under Rural clinic (how many ask and the distance to the clinic differ) "
        "than under Baseline." in text
    )
    assert "54 under Baseline (between 48 and 60) and 74 under Rural clinic" in text
    assert "Where other people ask, that is 10 to 30 more under Rural clinic" in text
    for word in ("certainly", "likely", "better", "worse", "cannot tell", "stay in care"):
        assert word not in text


def test_other_people_under_one_design_leave_the_answer_about_the_rest(partly: MadeUp) -> None:
    found = answer.answer(View(partly))
    assert found.lead == (
        "It is virtually certain that more people stay in care under Case management than under "
        "Baseline."
    )
    text = " ".join(found.rest)
    assert "2 to 10 more" in text
    assert "Other people ask under Rural clinic (the distance to the clinic differs)" in text
    assert "Under Rural clinic it is" not in text


def test_too_few_years_for_a_range_is_said(alone: MadeUp) -> None:
    table = alone.outcomes.assign(low=math.nan, high=math.nan)
    few = MadeUp(**{**vars(alone), "outcomes": table})
    assert "(too few runs for a range)" in told(few)


@pytest.mark.parametrize(
    ("share", "word"),
    [(1.0, "virtually certain"), (0.99, "very likely"), (0.91, "very likely"), (0.9, "likely")],
)
def test_certainty_words_are_tied_to_numbers(share: float, word: str) -> None:
    for above in (share, 1 - share):
        change = Change(1.0, 0.5, 1.5, "days", 1.0, above, 2.0, "better", math.nan)
        assert change.certainty == word
        assert change.too_small == ", though perhaps too small to matter"


def test_each_word_is_explained_once_with_its_number(five: MadeUp) -> None:
    explained = dict(answer.meaning_of_the_words())
    assert list(explained)[:3] == [word for _, word in CERTAINTY]
    assert "more than 99 of 100" in explained["virtually certain"]
    assert "90 to 99 of 100" in explained["very likely"]
    assert "cannot tell yet" in explained
    assert "2 of 100 people" in explained["no difference that matters"]


def test_a_difference_that_does_not_matter_is_told_as_one(five: MadeUp) -> None:
    made = made_up(five.designs[:2], {"transport-aid": {"retained_365": Gain(0.001, -0.01, 0.012)}})
    made.differences["verdict"] = "no difference that matters"
    said = answer.answer(View(made))
    assert said.lead == ("About as many people stay in care under Transport aid as under Baseline.")
    assert (
        "Under Transport aid there is no difference that matters (1 fewer to 1 more)."
        in (said.rest[0])
    )


def test_the_price_stands_beside_the_answer(five: MadeUp, alone: MadeUp) -> None:
    said = money.price(View(five))
    assert said.startswith("Baseline costs about USD\u00a01,900,000 a year. ")
    assert "Transport aid costs USD\u00a01,500 to 2,600 more." in said
    assert "Case management costs USD\u00a010,000 to 12,000 less." in said
    assert "Exactly as much is spent under Peer groups and All three." in said
    assert money.price(View(alone)) == (
        "The clinic costs about USD\u00a01,900,000 a year (1,680,000 to 2,130,000)."
    )


def test_costs_that_cannot_be_told_apart_are_not_ranked(five: MadeUp) -> None:
    gains = {"transport-aid": {"cost_per_year": Gain(900.0, -68_200.0, 6_090.0)}}
    said = money.price(View(made_up(five.designs[:2], gains)))
    assert said.endswith(
        "Whether it costs more we cannot tell yet for Transport aid "
        "(USD\u00a068,000 less to 6,000 more)."
    )


def test_the_basis_names_years_and_sets(five: MadeUp, alone: MadeUp) -> None:
    assert answer.basis(View(five)).startswith(
        "40 runs of each design, with the same people and the same random numbers under each. They "
        "are spread over 10 parameter sets, drawn from what the evidence leaves open"
    )
    one = answer.basis(View(MadeUp(**{**vars(alone), "replications_each": 1, "draws": 0})))
    assert one == "1 run."


def test_a_shorter_follow_up_moves_the_horizon(baseline: Scenario) -> None:
    whole = made_up([baseline])
    short = whole.outcomes[~whole.outcomes["outcome"].str.endswith("_365")]
    view = View(MadeUp(**{**vars(whole), "outcomes": short}))
    assert view.horizon == (180, "six months")
    assert "six months later" in answer.answer(view).lead
