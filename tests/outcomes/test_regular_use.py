"""Free of regular use: at most four days of use in the last 28, on days written down."""

import numpy as np
import pytest

from txsim.outcomes import RELAPSE, measure
from txsim.outcomes.families.regular_use import MOST_DAYS

from .made_runs import Person, make_run, small_scenario

LIFE = "w" * 3 + "t" * 200


def found_of(*people: Person, follow_up: int = 100):
    return measure(make_run(list(people), small_scenario(follow_up=follow_up)))


def free_days(curve: np.ndarray) -> list[int]:
    """Numbers of days after which everybody is free."""
    return np.flatnonzero(curve == 1).tolist()


def test_it_is_the_headline_of_relapse():
    assert RELAPSE[0] == "free of regular use"


def test_four_days_of_twenty_eight_are_free_and_five_are_not():
    four, five = (
        found_of(Person(LIFE, used={2, 9, 16, 23})),
        found_of(Person(LIFE, used={2, 9, 16, 23, 27})),
    )
    assert four.curves["free of regular use"][28] == 1
    assert five.curves["free of regular use"][28] == 0
    assert MOST_DAYS == 4


def test_the_window_moves_on_and_stopping_again_counts():
    # Daily use to day 19, and again from day 60 to 69.
    curve = found_of(Person(LIFE, used={*range(20), *range(60, 70)})).curves["free of regular use"]
    # After 44 days the last 28 are days 16 to 43, with use on 16, 17, 18 and 19.
    # After 65 days they are days 37 to 64, with use on 60 to 64: five.
    # After 94 days they are days 66 to 93, with use on 66 to 69.
    assert free_days(curve) == [*range(44, 65), *range(94, 101)]


def test_the_first_four_weeks_have_nothing_to_look_back_on():
    found = found_of(Person(LIFE))
    curve = found.curves["free of regular use"]
    assert np.isnan(curve[:28]).all()
    assert not np.isnan(curve[28:]).any()
    short = found_of(Person(LIFE), follow_up=20)
    assert np.isnan(short.value("free_of_regular_use_30"))
    assert np.isnan(short.value("days_free_of_regular_use"))
    assert np.isnan(short.curves["free of regular use"]).all()


def test_for_alcohol_heavy_days_count_and_other_drinking_does_not():
    daily = set(range(200))
    mild = Person(LIFE, used=daily, heavy={5, 25}, fields={"substance": 1})
    heavy = Person(LIFE, used=daily, heavy=daily, fields={"substance": 1})
    opioid = Person(LIFE, used=daily)
    found = found_of(mild, heavy, opioid)
    assert found.value("free_of_regular_use_90", "alcohol") == 1 / 2
    assert found.value("free_of_regular_use_90", "opioids") == 0
    assert found.value("free_of_regular_use_90") == pytest.approx(1 / 3)


def test_the_dead_are_not_free_and_the_lost_may_be():
    dead, lost = Person("t" * 40 + "x"), Person("w" * 5 + "l" * 100)
    found = found_of(dead, lost)
    assert found.value("free_of_regular_use_30") == 1
    assert found.value("free_of_regular_use_90") == 1 / 2
    assert found.curves["free of regular use"][40] == 1
    assert found.curves["free of regular use"][41] == 1 / 2


def test_days_free_are_the_area_under_the_curve():
    luck = np.random.default_rng(4)
    people = [
        Person(
            LIFE if luck.random() < 0.8 else "t" * int(luck.integers(5, 90)) + "x",
            used=set(np.flatnonzero(luck.random(200) < luck.choice([0.05, 0.2, 0.6])).tolist()),
        )
        for _ in range(30)
    ]
    found = found_of(*people)
    curve = found.curves["free of regular use"]
    assert found.value("days_free_of_regular_use") == pytest.approx(curve[28:].mean())
    for day in (30, 90):
        assert found.value(f"free_of_regular_use_{day}") == pytest.approx(curve[day])
