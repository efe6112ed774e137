"""Nothing that helps is free: it takes minutes of staff, or money, and a run shows how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from txsim.catalogue import load_catalogue
from txsim.economics import Prices, cost_of_run, fixed_cost
from txsim.run import Run, run
from txsim.scenario import Scenario

from .small_clinics import baseline, everyone_shares

SERVICES = load_catalogue().services
BELONG_TO_EVERY_CLINIC = ("intake_assessment", "dosing", "medical_management")
ALWAYS_THERE = {"minutes_per_week": 2250.0, "turnover_per_year": 0.0}


def tiny() -> Scenario:
    """Thirty people who need everything, of whom some wait and some have completed, and much staff.

    Nobody is ill, on leave or leaves, so that time is never short and lives are the same whatever
    a service costs.
    """
    scenario = baseline()
    return scenario.with_changes(
        name="tiny",
        horizon={"days": 70, "follow_up_days": 1, "burn_in_days": 0},
        population={
            "mix": "dual diagnosis programme",
            "shares": everyone_shares(scenario, 0.8),
        },
        arrivals={"per_week": 4.0},
        clinic={"places": 30, "caseload_at_start": 1.0},
        staff={role: {"posts": 9.0, **ALWAYS_THERE} for role in scenario.catalogue.roles},
        roles={role: {"sick_share": 0.0} for role in scenario.catalogue.roles},
        mechanisms={"leave": False, "turnover": False, "past_patients": False},
        medication={"assign": {"methadone": 0.5, "buprenorphine": 0.5, "none_alcohol": 1.0}},
        medications={
            name: {"completion_after_days": 1}
            for name in ("methadone", "buprenorphine", "none_alcohol")
        },
        hazards={"completion": {"opioid": 6.0, "alcohol": 6.0}},
        services={
            name: {"offered": name in BELONG_TO_EVERY_CLINIC, "uptake": 1.0, "quits": 0.0}
            for name in SERVICES
        },
    )


def free_of_charge(name: str) -> dict[str, Any]:
    """A service without anything that it takes: it does what it does for nothing."""
    service = SERVICES[name]
    figures = ("minutes", "cost_per_session", "cost_per_place_day", "budget_per_month")
    modes = {mode: {"minutes": 0.0, "cost_per_use": 0.0} for mode in service.modes}
    return {**dict.fromkeys(figures, 0.0), "modes": modes}


def asked_for(lived: Run) -> tuple[float, float]:
    """Minutes of staff that were used, and the cost of a year at central prices."""
    minutes = float(lived.roles["minutes_used"].sum())
    return minutes, cost_of_run(lived, Prices(lived.scenario.catalogue)).total


@pytest.mark.parametrize("name", [one for one in SERVICES if one != "interim_dosing"])
def test_a_service_alone_asks_for_time_or_money(name: str) -> None:
    """The same lives, with and without what the service takes: it makes the year dearer or busier.

    What a service does is left as it is, so that nothing but its own cost can differ.
    """
    offered = tiny().with_changes(services={name: {"offered": True}})
    for_nothing = offered.with_changes(services={name: free_of_charge(name)})
    paid, unpaid = (run(one, 0, uncertainty=False) for one in (offered, for_nothing))
    (minutes, cost), (fewer, cheaper) = asked_for(paid), asked_for(unpaid)

    assert paid.calendar.tobytes() == unpaid.calendar.tobytes()
    assert minutes > fewer or cost > cheaper


def test_interim_dosing_takes_the_nurses_time_for_every_dose() -> None:
    """It has no minutes of its own: people who wait are dosed at the window, like all others."""
    offered = tiny().with_changes(clinic={"waiting_list": {"interim_dosing": True}})
    with_it, without = (run(one, 0, uncertainty=False) for one in (offered, tiny()))
    nurse = list(offered.catalogue.roles).index("nurse")

    assert with_it.roles["minutes_used"][nurse] > without.roles["minutes_used"][nurse]
    assert with_it.medication_days.sum() > without.medication_days.sum()


def test_no_service_of_the_catalogue_helps_for_nothing() -> None:
    """In no way of delivery either."""
    for name, service in SERVICES.items():
        for mode in service.modes or ("",):
            one = service.model_copy(update={"mode": mode})
            assert not (one.helps and one.is_free), (name, mode)


def test_a_service_of_ones_own_that_helps_for_nothing_is_told() -> None:
    walk = {"label": "Walks", "kind": "support", "offered": True, "raises": {"craving": -0.1}}

    def warned(**more: Any) -> bool:
        design = baseline().with_changes(services={"walks": {**walk, **more}})
        return any("nothing that helps is free" in one for one in design.warnings)

    assert warned()
    assert warned(minutes=20.0)
    assert not warned(minutes=20.0, role="counsellor")
    assert not warned(cost_per_place_day=0.5)
    assert not warned(cost_per_session=0.5)
    assert warned(budget_per_month=100.0), "a budget that nothing draws on is not spent"
    assert not warned(raises={"craving": 0.0})
    assert not warned(offered=False)


def test_a_practice_costs_its_price_as_often_as_it_is_held() -> None:
    """Eight hundred dollars every 91 days, whoever comes, and in what is set aside beforehand."""
    training = tiny().with_changes(services={"stigma_training": {"offered": True}})
    unpaid = training.with_changes(services={"stigma_training": {"cost_per_session": 0.0}})
    paid = 800.0 * 365.0 / 91.0
    held = [asked_for(run(one, 0, uncertainty=False))[1] for one in (training, unpaid)]

    assert held[0] - held[1] == pytest.approx(paid)
    assert fixed_cost(training) - fixed_cost(unpaid) == pytest.approx(paid)


def test_a_support_without_a_way_of_delivery_costs_its_own_price_each_time() -> None:
    walk = {"label": "Walks", "kind": "support", "offered": True, "uptake": 1.0}
    paid, unpaid = (
        run(
            tiny().with_changes(services={"walks": {**walk, "cost_per_session": price}}),
            0,
            uncertainty=False,
        )
        for price in (3.0, 0.0)
    )
    (account,) = paid.accounts
    uses = account.used.services["uses"][list(paid.scenario.catalogue.services).index("walks")]
    years = account.days / 365.0

    assert uses > 0
    assert asked_for(paid)[1] - asked_for(unpaid)[1] == pytest.approx(3.0 * uses / years)


def test_a_session_costs_the_price_of_its_way_of_delivery_too() -> None:
    visits = {"psychiatric_medication": {"offered": True, "mode": "integrated"}}
    priced = {"modes": {"integrated": {"cost_per_use": 7.0}}}
    usual = tiny().with_changes(services=visits)
    dearer = usual.with_changes(services={"psychiatric_medication": priced})
    held = [run(one, 0, uncertainty=False) for one in (dearer, usual)]
    place = list(SERVICES).index("psychiatric_medication")
    (account,) = held[0].accounts
    kept = account.used.services["kept"][place]

    assert kept > 0
    assert asked_for(held[0])[1] - asked_for(held[1])[1] == pytest.approx(
        7.0 * kept / (account.days / 365.0)
    )


def test_a_practice_does_as_much_as_its_role_has_time_for() -> None:
    """Half of the minutes, half of the effect: reminders by a small part of a front desk."""

    def kept(posts: float) -> float:
        desk = {"front_desk": {"posts": posts}}
        reminders = {
            "reminders": {"offered": True, "pays_for": {"attendance": 20.0}},
            "individual_counselling": {"offered": True},
        }
        design = tiny().with_changes(staff=desk, services=reminders)
        lived = [run(design, one, uncertainty=False) for one in range(4)]
        place = list(SERVICES).index("individual_counselling")
        booked = np.sum([one.services["booked"][place] for one in lived])
        return float(np.sum([one.services["kept"][place] for one in lived]) / booked)

    whole = 300.0 / (2250.0 * 0.85)
    none, tenth, half, enough, more = (
        kept(posts) for posts in (0.0, 0.1 * whole, 0.5 * whole, whole, 2.0 * whole)
    )

    assert none < tenth < half < enough
    assert more == enough
    assert tenth - none < 0.5 * (enough - none)
