"""What a clinic used up while it is paid for: from day 0 to the end of the accrual window.

A clinic that changes keeps an account for the days before and one for those after, so that each day
is paid at the posts, prices and budgets in force on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.state.records import ROLE_TALLIES

if TYPE_CHECKING:
    from txsim.scenario import Scenario
    from txsim.state.layout import ClinicState

Array = np.ndarray[Any, Any]

SERVICE_FIELDS = {
    "due": "due",
    "booked": "booked",
    "kept": "kept_sessions",
    "missed": "missed",
    "waited": "waited",
    "taken_up": "taken_up",
    "uses": "uses",
    "place_days": "place_days",
    "groups_held": "groups_held",
    "stood_in": "stood_in",
    "days_without_place": "days_without_place",
    "spent": "spent",
    "without_money": "without_money",
    "beyond_minutes": "beyond_minutes",
}
"""What is recorded of a service, and where the state counts it."""


@dataclass(frozen=True)
class Tallies:
    """What was counted so far, in the order of the catalogue."""

    services: Array
    """One row for each service, fields as in `SERVICE_FIELDS`."""
    roles: Array
    """One row for each role, fields as in `state.layout.ROLE_TALLIES`."""
    medication_days: Array
    """Days of each medication taken."""
    urines: float
    """Urine tests."""
    inpatient_days: float = 0.0
    """Days of people living on an inpatient unit."""

    def since(self, earlier: Tallies) -> Tallies:
        """What was counted since earlier tallies of the same clinic."""
        return Tallies(
            _less(self.services, earlier.services),
            _less(self.roles, earlier.roles),
            self.medication_days - earlier.medication_days,
            self.urines - earlier.urines,
            self.inpatient_days - earlier.inpatient_days,
        )


@dataclass(frozen=True)
class Account:
    """What was used up by one design over some days."""

    scenario: Scenario
    days: int
    used: Tallies


def count_up(state: ClinicState, design: Scenario) -> Tallies:
    """The tallies of a clinic as they stand."""
    # The state holds the services that anybody can have; tallies have a row for every service.
    services = np.zeros(len(design.catalogue.services), [(name, "f8") for name in SERVICE_FIELDS])
    for name, tally in SERVICE_FIELDS.items():
        services[name][state.services["number"]] = state.services[tally]
    roles = np.zeros(state.roles.size, [(name, "f8") for name in ROLE_TALLIES])
    for name in ROLE_TALLIES:
        roles[name] = state.roles[name]
    return Tallies(
        services,
        roles,
        state.medications["days"].copy(),
        float(state.patients["urines"].sum()),
        float(state.patients["inpatient_days"].sum()),
    )


def _less(now: Array, earlier: Array) -> Array:
    difference = np.zeros_like(now)
    for name in now.dtype.names or ():
        difference[name] = now[name] - earlier[name]
    return difference
