"""A budget binds whatever spends, and only what was spent is paid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from txsim.economics import Prices, cost_of_run, spent_on
from txsim.run import Run, lived, record, run
from txsim.scenario import Scenario
from txsim.workload import weekly_load

from ..model.small_clinics import baseline, compiled_only, small

pytestmark = compiled_only

NO_MONEY, LITTLE, MORE, PLENTY = 0.0, 300.0, 1200.0, 1e6
SPENDING: dict[str, tuple[str, dict[str, Any]]] = {
    "sessions": ("contingency_management", {}),
    "sessions in a mode": ("psychiatric_medication", {"mode": "integrated"}),
    "rides": ("transport_aid", {"mode": "ride"}),
    "places": ("financial_aid", {}),
    "beds": ("sober_living", {"places": 30}),
    "groups": ("therapy_group", {"cost_per_session": 10.0}),
    "intakes": ("intake_assessment", {"cost_per_session": 120.0}),
    "kits": ("overdose_education_naloxone", {}),
}
"""A service of each way of spending, and what makes it spend."""


def with_budget(service: str, block: dict[str, Any], budget: float | None) -> Scenario:
    """The small clinic with staff for all, and money for one of its services."""
    roles = ("counsellor", "psychiatrist", "nurse", "prescriber")
    return small().with_changes(
        name="other",
        population={"shares": {"transport": 0.5, "money": 0.5, "housing": 0.5, "depression": 0.6}},
        staff={role: {"posts": 12.0, "turnover_per_year": 0.0} for role in roles},
        services={
            service: {"offered": True, "uptake": 1.0, "for": "everyone", **block}
            | ({} if budget is None else {"budget_per_month": budget})
        },
    )


def tallies(held: Run, service: str) -> Any:
    return held.services[list(held.scenario.catalogue.services).index(service)]


def given(held: Run, service: str) -> float:
    """Sessions kept and days of use."""
    one = tallies(held, service)
    return float(one["kept"] + one["uses"])


def most(held: Run, budget: float) -> float:
    """What a budget comes to over a run."""
    return budget * 12.0 * len(held.calendar) / 365.0


@pytest.mark.parametrize("way", SPENDING)
def test_what_is_given_and_paid_rises_with_the_money(way: str) -> None:
    service, block = SPENDING[way]
    budgets = (NO_MONEY, LITTLE, MORE, PLENTY)
    held = [run(with_budget(service, block, one), uncertainty=False) for one in budgets]
    amounts = [given(one, service) for one in held]
    spent = [float(tallies(one, service)["spent"]) for one in held]

    assert amounts[0] == spent[0] == 0.0
    assert amounts == sorted(amounts)
    assert spent == sorted(spent)
    assert amounts[3] > 1.1 * amounts[1] > 0.0
    for one, budget, money in zip(held, budgets, spent, strict=True):
        assert money <= most(one, budget) + 1e-6
    assert spent[1] > 0.8 * most(held[1], LITTLE), "it is spent where there is need"
    assert tallies(held[0], service)["without_money"] > 0.0


@pytest.mark.parametrize("way", SPENDING)
def test_a_budget_that_is_never_reached_changes_nothing_but_beds_kept_free(way: str) -> None:
    service, block = SPENDING[way]
    held = [
        run(with_budget(service, block, budget), uncertainty=False) for budget in (None, PLENTY)
    ]

    assert held[0].calendar.tobytes() == held[1].calendar.tobytes()
    assert tallies(held[1], service)["without_money"] == 0.0
    spent = [float(tallies(one, service)["spent"]) for one in held]
    if way == "beds":
        assert spent[0] == pytest.approx(30 * 60.0 * len(held[0].calendar))
        assert spent[1] < spent[0]
    else:
        assert spent[1] == pytest.approx(spent[0])


def test_paying_for_abstinence_acts_as_far_as_it_is_paid() -> None:
    """The more money for prizes, the fewer positive urines; without any, as without the service."""
    replications = 8
    positive = []
    for budget in (NO_MONEY, 200.0, PLENTY):
        block = {"role": "", "minutes": 0.0}
        scenario = with_budget("contingency_management", block, budget)
        held = [run(scenario, n, uncertainty=False) for n in range(replications)]
        urines = sum(one.patients["urines"].sum() for one in held)
        positive.append(sum(one.patients["urines_positive"].sum() for one in held) / urines)

    assert positive[0] > positive[1] > positive[2] + 0.02


def test_small_budgets_save_up_for_dear_sessions() -> None:
    """With 100 a month one session of 120 is held every five weeks or so, and none is half paid."""
    scenario = with_budget("housing_help", {"role": "", "cost_per_session": 120.0}, 100.0)
    one = tallies(run(scenario.with_changes(horizon={"days": 200})), "housing_help")
    spent = [
        tallies(
            run(
                with_budget("housing_help", {"role": "", "cost_per_session": 95.0}, budget),
                uncertainty=False,
            ),
            "housing_help",
        )
        for budget in (100.0, 90.0)
    ]

    assert one["kept"] == 0, "no more than a month's money is kept"
    assert spent[0]["kept"] in (2, 3)
    assert spent[0]["spent"] == pytest.approx(95.0 * spent[0]["kept"])
    assert spent[1]["kept"] == 0


def test_money_is_spent_at_the_prices_of_the_draw() -> None:
    """Dearer rides are fewer rides, and no draw of prices exceeds the budget."""
    for replication in range(0, 12, 4):
        held = run(with_budget("transport_aid", {"mode": "ride"}, MORE), replication)
        rides = tallies(held, "transport_aid")
        prices = Prices.of_run(held)
        ride = held.scenario.catalogue.services["transport_aid"].modes["ride"].cost_per_use
        price = prices.value("services.transport_aid.modes.ride.cost_per_use", ride)

        assert rides["spent"] == pytest.approx(rides["uses"] * price)
        assert 0.0 < rides["spent"] <= most(held, MORE) + 1e-6


def test_what_begins_later_is_paid_from_then_on() -> None:
    """Beds, prizes and rides of a change in week 4 cost nothing before it."""
    services = {
        "sober_living": {"offered": True, "places": 2},
        "transport_aid": {"offered": True, "mode": "ride", "budget_per_month": 1000.0},
    }
    first = small()
    later = first.with_changes(name="later", services=services, change={"from_week": 4})
    held = record(lived([first, later], 0, 1, None)[1])
    days = len(held.calendar) - 28

    assert tallies(held, "sober_living")["spent"] == pytest.approx(2 * 60.0 * days)
    assert 0.0 < tallies(held, "transport_aid")["spent"] <= 1000.0 * 12 / 365 * days + 1e-6


def test_the_same_budget_from_a_later_week_on_is_the_same_clinic() -> None:
    ride = {"transport_aid": {"offered": True, "mode": "ride", "budget_per_month": 300.0}}
    first = small().with_changes(name="first", services=ride)
    later = first.with_changes(name="later", change={"from_week": 5})
    one, other = (record(clinic) for clinic in lived([first, later], 0, 1, None))

    assert one.calendar.tobytes() == other.calendar.tobytes()
    assert one.services.tobytes() == other.services.tobytes()


def test_a_service_without_a_price_spends_nothing() -> None:
    scenario = with_budget("individual_counselling", {}, LITTLE)
    held = run(scenario, uncertainty=False)
    service = scenario.catalogue.services["individual_counselling"]
    one = tallies(held, "individual_counselling")

    assert one["kept"] > 0
    rooms = (
        float(one["kept"])
        * service.minutes
        / 45.0
        * scenario.catalogue.costs.room_per_session.value
    )
    assert spent_on(
        "individual_counselling", service, one, Prices(scenario.catalogue), 1.0
    ) == pytest.approx(rooms)


@pytest.mark.parametrize("way", SPENDING)
def test_money_that_plans_ask_for_is_told_before_a_run(way: str) -> None:
    if way == "intakes":
        return
    service, block = SPENDING[way]
    for budget, too_much in ((NO_MONEY, True), (1.0, True), (PLENTY, False)):
        loads = [
            one for one in weekly_load(with_budget(service, block, budget)) if "Budget" in one.label
        ]
        assert [(one.role, one.is_too_much) for one in loads] == [(service, too_much)]
    assert not any("Budget" in one.label for one in weekly_load(with_budget(service, block, None)))


def test_money_told_before_a_run_is_about_what_is_spent() -> None:
    scenario = baseline().with_changes(
        horizon={"days": 28, "follow_up_days": 1, "burn_in_days": 0},
        staff={"counsellor": {"posts": 40.0, "turnover_per_year": 0.0}},
        services={
            "contingency_management": {
                "offered": True,
                "course_sessions": 0,
                "quits": 0.0,
                "budget_per_month": 1e5,
            }
        },
    )
    (told,) = [one for one in weekly_load(scenario) if one.role == "contingency_management"]
    held = [run(scenario, n, uncertainty=False) for n in range(3)]
    spent = np.mean([tallies(one, "contingency_management")["spent"] for one in held])

    assert spent * 7.0 / len(held[0].calendar) == pytest.approx(told.needed, rel=0.15)
    assert cost_of_run(held[0]).services > spent
