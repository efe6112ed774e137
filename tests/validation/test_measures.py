"""What trials measure, counted on lives written down by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.outcomes.made_runs import Person, make_run, small_scenario
from txsim.outcomes.follow_up import Followed
from txsim.state.events import EVENT, INDUCTION_FAILED
from txsim.units import DAYS_PER_YEAR
from txsim.validation.measures import MEASURES

YEAR = DAYS_PER_YEAR


def followed(*people: Person, days: int = 60) -> Followed:
    scenario = small_scenario(arrivals={"cohort": len(people)}, horizon={"days": days})
    return Followed.who_asked(make_run(list(people), scenario))  # type: ignore[arg-type]


def counted(name: str, people: Followed, day: int) -> tuple[float, float]:
    return MEASURES[name].rule(people, day)


def test_who_comes_back_has_not_stayed() -> None:
    people = followed(Person("t"), Person("ttttooott"), Person("w"), Person("t" * 30 + "o"))

    assert counted("stayed", people, 20) == (2, 4)
    assert counted("stayed", people, 30) == (2, 4)
    assert counted("stayed", people, 31) == (1, 4)


def test_care_elsewhere_counts_as_a_programme() -> None:
    people = followed(Person("wwe"), Person("wwt"), Person("wwl"), Person("ttooo"))

    assert counted("in_a_programme", people, 20) == (2, 4)
    assert counted("entered", people, 20) == (3, 4)
    assert counted("entered", people, 2) == (1, 4)


def test_a_first_dose_after_a_failed_induction_is_none() -> None:
    begun, failed, never = (
        Person("t", fields={"first_dose_day": 3}),
        Person("t", fields={"first_dose_day": 4}),
        Person("t"),
    )
    people = followed(begun, failed, never)
    log = np.zeros(1, EVENT)
    log[0]["person"], log[0]["day"], log[0]["kind"] = 999, 2, INDUCTION_FAILED
    people.run.events = log  # type: ignore[misc]

    assert counted("inducted", people, 28) == (1, 3)
    assert counted("inducted", people, 3) == (0, 3)


def test_only_a_rule_on_urines_transfers() -> None:
    urines = {"exit_reason": 4}
    people = followed(Person("tttd", fields=urines), Person("tttd"), Person("t"))

    assert counted("discharged_for_urines", people, 10) == (1, 3)
    assert counted("discharged_for_urines", people, 3) == (0, 3)


def test_relapse_is_counted_from_the_fourth_week() -> None:
    early = Person("t", used=set(range(14)))
    late = Person("t", used=set(range(25, 32)))
    people = followed(early, late)

    assert counted("relapsed", people, 60) == (1, 2)
    assert counted("relapsed", people, 25) == (0, 2)


def test_whoever_is_lost_counts_as_relapsed() -> None:
    """Out of care no urine is given, and a missing one is positive; from the fourth week on."""
    gone = Person("t" * 10 + "o")
    back = Person("t" * 25 + "o" * 20 + "t")
    people = followed(gone, back)

    assert counted("relapsed", people, 60) == (1, 2)
    assert counted("relapsed", people, 48) == (0, 2)


def test_urines_of_a_few_weeks_and_of_those_who_stay() -> None:
    mondays = set(range(0, 60, 7))
    user = Person("t", used=set(range(60)), visited=mondays)
    leaver = Person("t" * 20 + "o", used=set(range(7)), visited=mondays)
    people = followed(user, leaver)

    assert counted("urines_positive", people, 14) == (3, 4)
    assert counted("urines_positive_of_stayers", people, 56) == (8, 8)


def test_use_in_and_out_of_care() -> None:
    out = Person("tto", used=set(range(40, 60)))
    clean = Person("t")
    people = followed(out, clean)

    assert counted("days_used_of_last_30", people, 60) == (20, 60)
    assert counted("tests_positive", people, 60) == (1, 2)
    assert counted("tests_positive", people, 30) == (0, 2)
    assert counted("days_abstinent", people, 50) == (90, 100)
    assert counted("abstinent_last_28_days", people, 60) == (1, 2)
    assert counted("abstinent_last_28_days", people, 40) == (2, 2)


def test_urines_free_of_a_second_substance() -> None:
    tested = {"second_urines": 8, "second_urines_positive": 3}
    people = followed(Person("t", fields=tested), Person("t"))

    assert counted("second_urines_free", people, 60) == (5, 8)


def test_each_substance_by_itself() -> None:
    drinker = Person("t", used={5}, heavy={5}, fields={"substance": 1})
    other = Person("t", used={9})
    people = followed(drinker, other)

    assert counted("used_opioids", people, 9) == (0, 9)
    assert counted("used_opioids", people, 10) == (1, 10)
    assert counted("drank_heavily", people, 60) == (1, 6)


def test_a_rate_is_told_as_the_share_that_it_would_reach() -> None:
    """Two in a hundred days at risk: one less exp of minus 30 times 0.02 within 30 days."""
    rate = MEASURES["used_opioids"]

    assert rate.by_time
    assert rate.share((2.0, 100.0), 30) == pytest.approx(1 - math.exp(-0.6))
    assert MEASURES["stayed"].share((2.0, 100.0), 30) == 0.02
    assert math.isnan(rate.share((0.0, 0.0), 30))


def test_deaths_belong_to_where_somebody_stood() -> None:
    """Ten days on and a death; five on, and a death on the third day off; one who lives."""
    dies_on = Person("t" * 10 + "x")
    dies_off = Person("t" * 5 + "oo" + "x")
    people = followed(dies_on, dies_off, Person("t" * 20 + "o"))

    deaths, years = counted("deaths_a_year_on", people, 60)
    assert (deaths, years * YEAR) == pytest.approx((1, 11 + 5 + 20))
    deaths, years = counted("deaths_a_year_off", people, 60)
    assert (deaths, years * YEAR) == pytest.approx((1, 3 + 40))
    deaths, years = counted("deaths_a_year_off_weeks_1_2", people, 60)
    assert (deaths, years * YEAR) == pytest.approx((1, 3 + 14))
    deaths, years = counted("deaths_a_year_off_weeks_3_4", people, 60)
    assert (deaths, years * YEAR) == pytest.approx((0, 14))
    deaths, years = counted("deaths_a_year_off_later", people, 60)
    assert (deaths, years * YEAR) == pytest.approx((0, 12))
    deaths, years = counted("deaths_a_year_on_weeks_1_2", people, 60)
    assert (deaths, years * YEAR) == pytest.approx((1, 11 + 5 + 14))


def test_two_weeks_of_each_stay_are_its_first() -> None:
    people = followed(Person("t" * 20 + "ooo" + "t"), days=60)

    deaths, years = counted("deaths_a_year_on_weeks_1_2", people, 60)
    assert (deaths, years * YEAR) == pytest.approx((0, 28))


def test_every_measure_says_which_way_is_better() -> None:
    assert {one.better for one in MEASURES.values()} == {"higher", "lower"}
    assert all(one.rule.__doc__ for one in MEASURES.values())
