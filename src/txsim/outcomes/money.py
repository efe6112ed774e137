"""What a design costs, and what that comes to for each person served or kept.

The programme's cost counts what the clinic pays: staff, medication, services. What falls on others
(hospitals, jails, the patients themselves) is told apart.
"""

from __future__ import annotations

import numpy as np

from txsim.economics import YEAR_DAYS
from txsim.events import JAILED
from txsim.outcomes.access import served
from txsim.outcomes.day_counts import how_many
from txsim.outcomes.declare import Array, Outcome, outcome
from txsim.outcomes.followed import Followed

FAMILY = "cost"


def _of_a_year(part: str, label: str, sentence: str) -> Outcome:
    @outcome(
        f"{part}_per_year" if part == "cost" else f"cost_{part}_per_year",
        label=label,
        unit="USD a year",
        better="lower",
        definition=f"{sentence} in a year of 365 days of the run, at the price table's prices.",
        family=FAMILY,
        of="clinic",
    )
    def cost(people: Followed) -> float:
        return people.cost.total if part == "cost" else float(getattr(people.cost, part))

    return cost


def _each(kind: str, label: str, sentence: str) -> Outcome:
    @outcome(
        f"cost_per_{kind}",
        label=label,
        unit="USD",
        better="lower",
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

    return cost


@outcome(
    "cost_to_others",
    label="Cost to others, per person",
    unit="USD",
    better="lower",
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


OUTCOMES: tuple[Outcome, ...] = (
    _of_a_year("cost", "Programme cost a year", "Staff, medication and services"),
    _of_a_year("staff", "Staff cost a year", "Wages, fringe benefits, overhead and hiring"),
    _of_a_year("medication", "Medication cost a year", "Medication supplied"),
    _of_a_year(
        "services", "Service cost a year", "Rooms, tests, rides, beds and other costs of services"
    ),
    _each("served", "Programme cost per person served", "people who asked and were admitted"),
    _each(
        "retained",
        "Programme cost per person retained",
        "people who asked and are in care at the end of their follow-up",
    ),
    cost_to_others,
)
