"""Cost of a design, in total and per person served or retained.

The programme's cost counts what the clinic pays in the days in which people who ask are counted:
staff, medication, services. What falls on others (hospitals, jails, the patients themselves) is
reported separately. Overhead stands in the totals and not in their differences.
"""

from __future__ import annotations

import numpy as np

from txsim.economics import YEAR_DAYS
from txsim.outcomes.day_counts import how_many
from txsim.outcomes.families.access import served
from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import Array, outcome
from txsim.state.events import JAILED

FAMILY = "cost"


PAID = (
    "in the days in which people who ask are counted, for each 365 of them, at the posts, budgets "
    "and prices in force on each day"
)


def _of_a_year(name: str, label: str, sentence: str, rule: str, differs_by: str = "") -> None:
    @outcome(
        name,
        label=label,
        unit="USD a year",
        better="neither",
        definition=f"{sentence} {PAID}."
        + (" Designs are compared by what differs before overhead." if differs_by else ""),
        family=FAMILY,
        of="clinic",
        differs_by=differs_by,
    )
    def cost(people: Followed) -> float:
        return float(getattr(people.cost, rule))


_of_a_year(
    "cost_per_year",
    "Programme cost a year",
    "Staff, medication and services",
    "total",
    differs_by="cost_before_overhead_per_year",
)
_of_a_year(
    "cost_staff_per_year",
    "Staff cost a year",
    "Wages, fringe benefits, overhead, overtime and hiring",
    "staff",
    differs_by="cost_staff_before_overhead_per_year",
)
_of_a_year(
    "cost_medication_per_year", "Medication cost a year", "Medication supplied", "medication"
)
_of_a_year(
    "cost_services_per_year",
    "Service cost a year",
    "Rooms, tests, rides, beds and other costs of services",
    "services",
)
_of_a_year(
    "cost_before_overhead_per_year",
    "Programme cost a year, before overhead",
    "Staff without overhead, medication and services",
    "before_overhead",
)
_of_a_year(
    "cost_staff_before_overhead_per_year",
    "Staff cost a year, before overhead",
    "Wages, fringe benefits, overtime and hiring",
    "staff_before_overhead",
)


def _each(kind: str, label: str, sentence: str) -> None:
    @outcome(
        f"cost_per_{kind}",
        label=label,
        unit="USD",
        better="neither",
        definition=f"Programme cost over the days of accrual, over {sentence}; nan when there is "
        "nobody.",
        family=FAMILY,
        of="clinic",
    )
    def cost(people: Followed) -> float:
        if kind == "served":
            number = int(np.count_nonzero(served(people)))
        else:
            number = int(np.count_nonzero(people.in_care[:, -1]))
        spent = people.cost.total * people.run.scenario.horizon.days / YEAR_DAYS
        return spent / number if number else float("nan")


_each("served", "Programme cost per person served", "people who asked and were admitted")
_each(
    "retained",
    "Programme cost per person retained",
    "people who asked and are in care at the end of their follow-up",
)


@outcome(
    "cost_to_others",
    label="Cost to others, per person",
    unit="USD",
    better="neither",
    definition="Cost of overdoses treated, of days in jail, and of patients' own time and travel "
    "for visits, within the follow-up, per person who asked. Not part of the "
    "programme's cost.",
    family=FAMILY,
)
def cost_to_others(people: Followed) -> Array:
    """Overdoses, jail days and visits at their prices."""
    prices = people.prices
    return np.asarray(
        people.overdoses.sum(axis=1) * prices.cost("overdose_event")
        + how_many(people.status == JAILED) * prices.cost("jail_day")
        + how_many(people.visited) * prices.cost("patient_visit")
    )
