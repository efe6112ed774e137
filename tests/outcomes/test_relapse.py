"""Relapse by each definition, on days of use written down."""

import numpy as np
import pytest

from txsim.outcomes import measure
from txsim.outcomes.families.relapse import DEFINITIONS, GRACE_DAYS
from txsim.outcomes.registry import RELAPSE, RELAPSE_CURVES, RELAPSE_STEMS, named

from .made_runs import Person, make_run, small_scenario

ALL_DAYS = "t" * 200


def curves_of(*people: Person, follow_up: int = 100):
    return measure(make_run(list(people), small_scenario(follow_up=follow_up))).curves


def user(*spans: tuple[int, int], life: str = ALL_DAYS, **fields) -> Person:
    """Somebody who used on every day of the spans (first and last day)."""
    used = {day for first, last in spans for day in range(first, last + 1)}
    return Person(life, used=used, heavy=used, fields=fields)


def relapse_day(curve: np.ndarray) -> int:
    """The number of days after which nobody is free any more."""
    return int(np.flatnonzero(curve == 0)[0])


def test_seven_days_running_are_counted_from_the_end_of_the_third_week():
    curve = curves_of(user((10, 26)))["relapse-free: seven days running"]
    assert (curve == 1).all()  # six watched days only: 21 to 26
    curve = curves_of(user((10, 27)))["relapse-free: seven days running"]
    assert relapse_day(curve) == 28  # met during the day of index 27, so not free after 28 days


def test_four_weeks_running_with_any_use():
    weekly = user(*[(day, day) for day in (21, 30, 41, 42)])
    four = curves_of(weekly)
    # Weeks 3, 4, 5 and 6 (days 21-27, 28-34, 35-41, 42-48) each have a day of use.
    assert relapse_day(four["relapse-free: seven days or four weeks"]) == 49
    assert (four["relapse-free: seven days running"] == 1).all()
    three = curves_of(user(*[(day, day) for day in (21, 30, 41)]))
    assert (three["relapse-free: seven days or four weeks"] == 1).all()


def test_the_headline_definition_is_met_by_whichever_comes_first():
    both = curves_of(user((21, 21), (30, 30), (36, 44)))
    assert relapse_day(both["relapse-free: seven days or four weeks"]) == 43


def test_use_after_thirty_clean_days_needs_the_clean_days_first():
    curve = curves_of(user((0, 9), (50, 50)))["relapse-free: use after 30 clean days"]
    assert (curve[:40] == 0).all()
    assert (curve[40:51] == 1).all()  # clean on days 10 to 39; used on day 50
    assert (curve[51:] == 0).all()
    never = measure(make_run([user((0, 0), (29, 29), (58, 58))], small_scenario(follow_up=60)))
    assert never.value("reached_30_clean_days") == 0
    assert never.value("relapse_free_remission_30") == 0


def test_any_use_is_a_lapse():
    assert relapse_day(curves_of(user((33, 33)))["relapse-free: any use"]) == 34


def test_heavy_drinking_days_are_told_of_people_who_drink():
    drinker = Person(
        ALL_DAYS, used={5, 30, 40, 41}, heavy={5, 40}, fields={"substance": 1, "age": 30.0}
    )
    found = measure(make_run([drinker, user((0, 99))], small_scenario(follow_up=100)))
    assert relapse_day(found.curves["relapse-free: any heavy-drinking day"]) == 41
    assert found.value("relapse_free_heavy_day_30") == 1
    assert found.value("heavy_drinking_days") == pytest.approx(2 / 100)
    assert found.value("drinking_days") == pytest.approx(4 / 100)
    assert np.isnan(found.value("drinking_days", "opioids"))


def test_the_dead_are_neither_relapse_free_nor_clean():
    dead = Person("t" * 40 + "x")
    found = measure(make_run([dead], small_scenario(follow_up=100)))
    assert found.value("relapse_free_30") == 1
    assert found.value("relapse_free_90") == 0
    assert relapse_day(found.curves["relapse-free: seven days or four weeks"]) == 41
    assert found.value("relapse_free_days") == 40
    assert found.value("days_used") == 0
    assert found.value("abstinent_last_28_days") == 0
    clean_too_short = measure(make_run([Person("t" * 29 + "x")], small_scenario(follow_up=100)))
    assert clean_too_short.value("reached_30_clean_days") == 0


def test_figures_on_a_day_and_days_free_agree_with_the_curve():
    luck = np.random.default_rng(8)
    people = []
    for _ in range(40):
        used = set(np.flatnonzero(luck.random(200) < luck.choice([0.02, 0.2, 0.9])).tolist())
        life = "t" * 200 if luck.random() < 0.8 else "t" * int(luck.integers(5, 90)) + "x"
        substance = int(luck.random() < 0.3)
        people.append(Person(life, used=used, heavy=used, fields={"substance": substance}))
    found = measure(make_run(people, small_scenario(follow_up=100)))
    for definition in DEFINITIONS:
        curve = found.curves[f"relapse-free: {definition.name}"]
        for day in (30, 90):
            assert found.value(f"{definition.stem}_{day}") == pytest.approx(curve[day])
        # Days free within follow-up: the curve's area, less the day on which freedom begins.
        area = found.value(f"{definition.stem}_days")
        assert area == pytest.approx(curve[1:101].sum(), abs=1.0)


def test_every_definition_has_a_curve():
    curves = curves_of(user((0, 3)))
    assert {RELAPSE_CURVES[name] for name in RELAPSE} <= set(curves)
    assert all(named(f"{RELAPSE_STEMS[name]}_365").better == "higher" for name in RELAPSE)
    assert GRACE_DAYS == 21


def test_first_relapse_after_stopping_is_of_those_who_stopped():
    again, stayed = user((0, 5), (50, 50)), user((0, 5))
    never = user((0, 99))
    found = measure(make_run([again, stayed, never], small_scenario(follow_up=100)))
    assert found.value("reached_30_clean_days") == pytest.approx(2 / 3)
    assert found.value("used_again_after_stopping") == 1 / 2


def test_days_with_and_without_use_are_of_days_alive():
    found = measure(make_run([user((0, 9), life="t" * 50 + "x")], small_scenario(follow_up=100)))
    assert found.value("days_used") == pytest.approx(10 / 50)
    assert found.value("days_abstinent") == pytest.approx(40 / 50)


def test_weekly_urines_are_positive_for_use_within_the_window():
    # Weeks end on days 6, 13, 20, 27; visits in weeks 0, 1 and 3. Use on day 5 shows on day 6;
    # use on day 8 no longer shows on day 13.
    person = Person("t" * 90, used={5, 8, 20}, visited={1, 9, 24})
    found = measure(make_run([person], small_scenario(follow_up=28)))
    assert found.value("urines_positive") == pytest.approx(1 / 3)
    # Of four weeks two had a negative urine.
    assert found.value("urines_positive_or_missing") == pytest.approx(2 / 4)
