"""Retention and exits, counted by hand on people whose days are written down."""

import numpy as np
import pytest

from txsim.outcomes import measure
from txsim.outcomes.day_counts import how_many
from txsim.outcomes.families.exits import REASONS
from txsim.outcomes.follow_up import Followed, any_of_last, first_day, running
from txsim.outcomes.registry import RETENTION
from txsim.state.events import Reason

from .made_runs import Person, make_run, small_scenario

# Followed for 60 days from asking. In treatment to the end; out on day 40; waiting throughout;
# lost on day 5; dead in care on day 20.
STAYS = Person("w" * 2 + "i" * 3 + "t" * 60, medicated=set(range(2, 65)))
LEAVES = Person("i" * 2 + "t" * 38 + "o" * 30, medicated=set(range(30)))
WAITS = Person("w" * 70)
LOST = Person("w" * 5 + "l" * 65)
DIES = Person("w" + "t" * 19 + "x" * 50)


def test_retention_on_the_books_counts_people_never_admitted_as_not_retained():
    found = measure(make_run([STAYS, LEAVES, WAITS, LOST, DIES]))
    assert found.value("retained_30") == 2 / 5
    assert np.isnan(found.value("retained_90"))  # nobody is followed for so long
    assert found.value("retained_of_admitted_30") == 2 / 3
    assert found.value("people_asked") == 5


def test_a_trials_own_cut_is_the_end_of_its_follow_up():
    """On the 60th day: of five, one is in care, and has had medication in the week before."""
    found = measure(make_run([STAYS, LEAVES, WAITS, LOST, DIES]))
    lapsed = Person(STAYS.life, medicated=set(range(2, 50)))
    without = measure(make_run([lapsed, LEAVES, WAITS, LOST, DIES]))

    assert found.value("retained_at_end") == found.value("on_medication_at_end") == 1 / 5
    assert without.value("retained_at_end") == 1 / 5
    assert without.value("on_medication_at_end") == 0.0


@pytest.mark.parametrize("letter", "bwitacodxjl")
def test_of_those_admitted_whoever_is_in_care_is_retained(letter):
    """In induction, in treatment and in aftercare; nobody who waits, left, or died."""
    found = measure(make_run([Person("i" * 5 + letter * 65, fields={"first_admitted_day": 0})]))
    in_care = letter in "ita"

    assert found.value("retained_of_admitted_30") == in_care
    assert found.value("retained_30") == in_care


@pytest.mark.parametrize(("days", "retained"), [(29, 0), (30, 1), (31, 1)])
def test_the_thirtieth_day_is_the_last_of_thirty(days, retained):
    """Days are counted from the day of admission, which is the first."""
    found = measure(make_run([Person("w" * 4 + "i" * days + "o" * 60)]))

    assert found.value("retained_of_admitted_30") == retained


def test_a_day_counts_from_the_day_of_asking():
    # The same life asked for ten days later: the same figures.
    early = measure(make_run([LEAVES]))
    late = measure(make_run([Person("." * 10 + LEAVES.life)]))
    for day in (30,):
        assert early.value(f"retained_{day}") == late.value(f"retained_{day}")
    np.testing.assert_array_equal(early.curves["on the books"], late.curves["on the books"])
    assert early.value("days_in_care") == late.value("days_in_care") == 40


def test_the_last_day_in_care_is_the_last_day_retained():
    curve = measure(make_run([LEAVES])).curves["on the books"]
    assert len(curve) == 61
    assert curve[0] == 0  # nobody is in care before the first day is over
    assert curve[1] == curve[40] == 1
    assert curve[41] == 0


def test_on_medication_looks_back_seven_days():
    curve = measure(make_run([LEAVES])).curves["on medication"]
    assert curve[0] == 0  # nobody is on medication before the first day is over
    # The last medicated day is day 29, so day 35 (the 36th) still counts and day 36 does not.
    assert curve[36] == 1
    assert curve[37] == 0


def test_a_gap_ends_the_stay_at_the_last_contact_before_it():
    # Admitted on day 0, last contact on day 12, gaps of more than 5 and 14 days after it.
    person = Person("t" * 40 + "o", fields={"gap5_day": 18, "gap14_day": 27})
    curves = measure(make_run([person])).curves
    assert curves["no gap over 5 days"][13] == 1
    assert curves["no gap over 5 days"][14] == 0
    np.testing.assert_array_equal(curves["no gap over 5 days"], curves["no gap over 14 days"])
    assert curves["no gap over 30 days"][60] == 1


def test_a_gap_before_follow_up_ends_but_noticed_after_it_still_counts():
    # Last contact on day 55; the gap of 5 days is exceeded on day 61, after 60 days of follow-up.
    person = Person("t" * 90, fields={"gap5_day": 61})
    curve = measure(make_run([person])).curves["no gap over 5 days"]
    assert curve[56] == 1
    assert curve[57] == curve[60] == 0


def test_outcomes_on_a_day_are_the_curves_on_that_day():
    people = [STAYS, LEAVES, WAITS, LOST, DIES, Person("a" * 9 + "c")]
    found = measure(make_run(people))
    for definition, stem in zip(
        RETENTION,
        ("retained", "on_medication", "retained_gap5", "retained_gap14", "retained_gap30",
         "retained_or_completed"),
        strict=True,
    ):  # fmt: skip
        assert found.curves[definition][30] == found.value(f"{stem}_30"), definition


def test_completing_is_kept_apart_from_staying():
    found = measure(make_run([Person("t" * 10 + "c" * 60)]))
    assert found.value("retained_30") == 0
    assert found.value("retained_or_completed_30") == 1
    assert found.value("left_completed") == 1


def test_reasons_sum_to_all_exits():
    lives = ["t" * 9 + letter * 61 for letter in "codj"] + [DIES.life, "t" * 70]
    found = measure(make_run([Person(life) for life in lives]))
    shares = [found.value(f"left_{stem}") for _, stem, _ in REASONS]
    assert sum(shares) == pytest.approx(found.value("left_any")) == pytest.approx(5 / 6)
    assert found.exits.sum() == 5
    assert found.exits[Reason.JAILED - 1] == 1
    assert len(REASONS) == len(Reason) - 1


def test_curves_of_exits_and_of_staying_sum_to_one():
    lives = ["t" * 9 + "c" * 61, "t" * 30 + "o" * 40, "w" * 9 + "t" * 81, DIES.life]
    curves = measure(make_run([Person(life) for life in lives])).curves
    exits = sum(curves[f"left: {label.lower()}"] for _, _, label in REASONS)
    known = ~np.isnan(curves["first stay"])
    np.testing.assert_allclose((exits + curves["first stay"])[known], 1.0)
    assert curves["left: dropped out"][30] == 1 / 4  # one of two still there, of four


def test_coming_back_is_told_and_counts_as_retained():
    back = Person("t" * 10 + "o" * 10 + "w" * 2 + "t" * 60)
    found = measure(make_run([back, LEAVES]))
    assert found.value("came_back") == 1 / 2
    assert found.value("retained_30") == 1


def test_people_already_in_care_are_told_apart():
    present = Person("t" * 25 + "o", fields={"present_at_start": True, "counted": False})
    run = make_run([present, STAYS])
    run.patients["first_admitted_day"][0] = -200
    found = measure(run)
    assert found.value("people_asked") == 1
    assert found.value("people_asked", "in care on day 0") == 1
    assert found.value("retained_30") == 1
    assert found.value("retained_30", "in care on day 0") == 0
    assert found.value("days_in_care", "in care on day 0") == 25
    assert np.isnan(found.value("share_served", "in care on day 0"))


def test_a_closed_cohort_is_followed_for_all_of_its_run():
    trial = small_scenario(days=100, arrivals={"cohort": 3})
    found = measure(make_run([Person("t" * 95 + "o"), Person("t" * 100), Person("w" * 100)], trial))
    assert found.value("retained_90") == 2 / 3
    assert len(found.curves["on the books"]) == 101


def test_nobody_at_all_gives_no_figures_and_no_error():
    run = make_run([Person(".")])
    found = measure(run)
    assert found.sizes.sum() == 0
    assert np.isnan(found.value("retained_30"))
    for name, curve in measure(make_run([STAYS])).curves.items():
        assert len(found.curves[name]) == len(curve), name


def test_days_running_and_days_within():
    days = np.array([[1, 1, 1, 0, 1, 1, 1, 1, 0]], dtype=bool)
    np.testing.assert_array_equal(running(days, 3)[0], [0, 0, 1, 0, 0, 0, 1, 1, 0])
    np.testing.assert_array_equal(running(days, 4)[0], [0, 0, 0, 0, 0, 0, 0, 1, 0])
    np.testing.assert_array_equal(any_of_last(days, 2)[0], [1, 1, 1, 1, 1, 1, 1, 1, 1])
    sparse = np.array([[1, 0, 0, 0, 0, 0, 1, 0]], dtype=bool)
    np.testing.assert_array_equal(any_of_last(sparse, 3)[0], [1, 1, 1, 0, 0, 0, 1, 1])
    assert first_day(running(days, 4))[0] == 7
    assert first_day(running(days, 5))[0] > 10**5
    assert how_many(days)[0] == 7


def test_who_is_followed():
    run = make_run([STAYS, LEAVES])
    asked = Followed.who_asked(run)
    assert asked.days == 60
    assert asked.in_care.shape == (2, 60)
    assert asked.days_alive.tolist() == [60, 60]


def test_the_last_day_of_follow_up_is_one_that_can_be_retained_on():
    """Followed for exactly 30 days, of which all are in care."""
    scenario = small_scenario(days=5, follow_up=30)
    found = measure(make_run([Person("i" * 40)], scenario))

    assert found.value("retained_of_admitted_30") == 1.0


def test_a_follow_up_of_a_day_is_a_day():
    scenario = small_scenario(days=1, follow_up=1)
    people = Followed.who_asked(make_run([Person("i"), Person("w")], scenario))

    assert people.days == 1
