"""Fixed cost, equal money by a lever, and the warning when designs cost differently."""

import pytest

from txsim.economics import (
    Prices,
    agency_cost,
    cost_of_run,
    cost_warning,
    equal_money,
    fixed_cost,
    overtime_cost,
    staff_cost,
)
from txsim.errors import ScenarioError

from ..outcomes.made_runs import Person, make_run, small_scenario


@pytest.fixture
def today():
    return small_scenario().with_changes(name="today")


def changed(scenario, **changes):
    return scenario.with_changes(name="other", **changes)


def test_fixed_cost_is_posts_budgets_beds_and_group_rooms(today):
    catalogue = today.catalogue
    groups = {"offered": True, "sessions_per_week": 2.0, "seats": 8}
    beds = {"offered": True, "places": 3, "cost_per_place_day": 40.0}
    aid = {"offered": True, "budget_per_month": 500.0}
    other = changed(
        today, services={"peer_group": groups, "sober_living": beds, "financial_aid": aid}
    )
    expected = fixed_cost(today) + 2 * 365 / 7 * catalogue.costs.room_per_group.value
    expected += 3 * 365 * 40.0 + 12 * 500.0
    assert fixed_cost(other) == pytest.approx(expected)
    assert fixed_cost(today) > staff_cost(today)


def test_a_post_costs_its_wage_with_what_comes_on_top(today):
    one_more = changed(today, **{"staff.nurse.posts": today.staff["nurse"].posts + 1})
    costs = today.catalogue.costs
    wage = today.catalogue.roles["nurse"].wage_per_year.value
    expected = wage * (1 + costs.fringe.value)
    assert staff_cost(one_more) - staff_cost(today) == pytest.approx(expected)
    own = changed(today, **{"staff.nurse.wage_per_year": 1000.0, "economics.prices.fringe": 0.0})
    assert staff_cost(own) < staff_cost(today)


def test_overtime_is_paid_by_the_minute_at_more_than_the_wage():
    """A post's minutes of a year, worked as overtime, cost its wage one and a half times."""
    held = make_run([Person("t")])
    catalogue = held.scenario.catalogue
    prices = Prices(catalogue)
    before = cost_of_run(held, prices).staff
    nurse = list(catalogue.roles).index("nurse")
    role = catalogue.roles["nurse"]
    held.roles["minutes_overtime"][nurse] = role.minutes_per_week.value * 365 / 7
    years = len(held.calendar) / 365

    assert overtime_cost(held.accounts[0], prices) == pytest.approx(1.5 * role.wage_per_year.value)
    expected = 1.5 * role.wage_per_year.value / years
    assert cost_of_run(held, prices).staff - before == pytest.approx(expected)


def test_an_agency_is_paid_by_the_minute_at_its_own_price():
    held = make_run([Person("t")])
    catalogue = held.scenario.catalogue
    prices = Prices(catalogue)
    before = cost_of_run(held, prices).staff
    nurse = list(catalogue.roles).index("nurse")
    role = catalogue.roles["nurse"]
    held.roles["minutes_agency"][nurse] = role.minutes_per_week.value * 365 / 7
    expected = catalogue.costs.agency_pay.value * role.wage_per_year.value

    assert agency_cost(held.accounts[0], prices) == pytest.approx(expected)
    years = len(held.calendar) / 365
    assert cost_of_run(held, prices).staff - before == pytest.approx(expected / years)


def test_beds_under_a_budget_set_its_money_aside_and_not_their_own(today):
    beds = {"offered": True, "places": 3, "cost_per_place_day": 40.0, "budget_per_month": 500.0}
    other = changed(today, services={"sober_living": beds})
    assert fixed_cost(other) - fixed_cost(today) == pytest.approx(12 * 500.0)


@pytest.mark.parametrize("lever", ["staff.counsellor.posts", "staff.nurse.posts"])
def test_a_lever_makes_fixed_costs_equal(today, lever):
    # Two thousand a month for rides, and two counsellors fewer.
    aid = {"offered": True, "budget_per_month": 2000.0}
    dearer = changed(today, services={"transport_aid": aid}, **{"staff.counsellor.posts": 5.0})
    moved = equal_money([today, dearer], lever)
    assert moved[0] is today
    assert fixed_cost(moved[1]) == pytest.approx(fixed_cost(today), rel=1e-6)
    assert moved[1].name == "other"


def test_a_budget_can_be_the_lever(today):
    aid = {"offered": True, "budget_per_month": 100.0}
    other = changed(today, services={"transport_aid": aid}, **{"staff.counsellor.posts": 6.0})
    (_, moved) = equal_money([today, other], "services.transport_aid.budget_per_month")
    wage = staff_cost(today) - staff_cost(other)
    assert moved.value("services.transport_aid.budget_per_month") == pytest.approx(wage / 12)


def test_what_is_known_to_be_spent_beyond_counts(today):
    other = changed(today, **{"staff.counsellor.posts": 6.0})
    (_, moved) = equal_money([today, other], "staff.counsellor.posts", [10_000.0, 60_000.0])
    assert fixed_cost(moved) == pytest.approx(fixed_cost(today) - 50_000, rel=1e-6)


def test_a_design_sets_aside_what_it_does_in_the_days_that_are_paid(today):
    """A counsellor from the middle of the year is half of one; after the year, none."""
    whole = changed(today, **{"staff.counsellor.posts": 9.0})
    more = fixed_cost(whole) - fixed_cost(today)
    longer = {"horizon.days": 364, "staff.counsellor.posts": 9.0}
    first = today.with_changes(**{"horizon.days": 364})
    for change, share in (
        ({"from_week": 26}, 0.5),
        ({"from_week": 52}, 0.0),
        ({"ramp_weeks": 26}, 0.75),
        ({"from_week": 26, "ramp_weeks": 52}, 0.125),
    ):
        later = changed(today, change=change, **longer)
        assert fixed_cost(later, first) - fixed_cost(first) == pytest.approx(share * more)


def test_whole_things_are_moved_to_the_nearest_whole(today):
    beds = {"offered": True, "places": 1, "cost_per_place_day": 60.0}
    other = changed(today, services={"sober_living": beds}, **{"staff.counsellor.posts": 6.0})
    (_, moved) = equal_money([today, other], "services.sober_living.places")
    places = moved.value("services.sober_living.places")
    assert places == round(places) > 1
    assert abs(fixed_cost(moved) - fixed_cost(today)) <= 60 * 365


@pytest.mark.parametrize(
    ("lever", "why"),
    [
        ("staff.counselor.posts", "there is nothing of this name"),
        ("clinic.capacity", "it is not an amount"),
        ("clinic.waiting_list.interim_dosing", "it is not an amount"),
        ("clinic.places", "it does not change what the design sets aside"),
    ],
)
def test_levers_that_cannot_do_it_are_refused(today, lever, why):
    other = changed(today, **{"staff.counsellor.posts": 6.0})
    with pytest.raises(ScenarioError, match=why) as refused:
        equal_money([today, other], lever)
    assert lever in str(refused.value)
    assert "other" in str(refused.value)


def test_a_lever_that_cannot_save_enough_is_refused(today):
    dearer = changed(today, **{"staff.counsellor.posts": 30.0, "staff.peer_worker.posts": 1.0})
    without = changed(dearer, **{"staff.peer_worker.posts": 0.0})
    over = f"{fixed_cost(without) - fixed_cost(today):,.0f} a year more"
    with pytest.raises(ScenarioError, match=f"even without any it costs {over}"):
        equal_money([today, dearer], "staff.peer_worker.posts")


def test_the_warning_names_the_designs_more_than_five_per_cent_apart():
    text = cost_warning(["a", "b", "c", "d"], [100.0, 104.0, 120.0, 80.0], "USD")
    assert "Against a, c costs USD 20 more a year (+20 %); d costs USD 20 less a year" in text
    assert " b " not in text
    large = cost_warning(["a", "b"], [1_900_321.0, 2_146_987.0], "USD")
    assert "b costs USD 247,000 more a year (+13 %)" in large
    assert cost_warning(["a", "b"], [100.0, 104.9], "USD") == ""
    assert cost_warning(["a", "b"], [0.0, 105.0], "USD") == ""
    assert cost_warning(["a"], [100.0], "USD") == ""
