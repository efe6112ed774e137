"""What a month of a support could cost: for one person, and for all who may have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue import Catalogue, Number, Service

if TYPE_CHECKING:
    from txsim.scenario.design import Scenario

DAYS_A_MONTH = 365.25 / 12.0
WEEKS_A_MONTH = DAYS_A_MONTH / 7.0


def share_number(scenario: Scenario, catalogue: Catalogue, name: str) -> Number | None:
    """Share of people with a trait, diagnosis or barrier: the mix's figure, else the entry's."""
    mix = catalogue.mixes.get(scenario.population.mix or "")
    if mix is not None and name in mix.shares:
        return mix.shares[name]
    substance = "alcohol" if mix is not None and mix.opioid_share.value == 0.0 else "opioid"
    for table in (catalogue.traits, catalogue.diagnoses, catalogue.barriers):
        if name in table:
            found: Number | None = getattr(table[name], substance)
            return found
    return None


def people_who_may_have(scenario: Scenario, catalogue: Catalogue, service: Service) -> float:
    """The most people to whom a full clinic may give a service: those in whom the need is found."""
    people = float(scenario.arrivals.cohort or scenario.clinic.places)
    needs = (
        *service.indicated.diagnoses,
        *service.indicated.barriers,
        *service.indicated.traits,
    )
    if service.places > 0:
        people = min(people, float(service.places))
    if not needs or scenario.plan.policy == "generic":
        return people
    shares = 1.0 - catalogue.model["assessment_specificity"].value
    for name in needs:
        number = share_number(scenario, catalogue, name)
        said = scenario.population.shares.get(name)
        shares += said if said is not None else 1.0 if number is None else number.value
    return people * min(shares, 1.0)


def month_of_one(scenario: Scenario, service: Service) -> float:
    """What a service costs for one person who gets all of it for a month, beyond staff, USD."""
    mode = service.modes.get(service.mode)
    each_use = (mode.cost_per_use if mode is not None else service.cost_per_session).value
    each_use *= service.rewards_a_session
    if service.kind == "support":
        if "transport" in service.relieves:
            return each_use * len(scenario.clinic.open_days) * WEEKS_A_MONTH
        return service.cost_per_place_day.value * DAYS_A_MONTH
    return each_use * DAYS_A_MONTH / service.every_days
