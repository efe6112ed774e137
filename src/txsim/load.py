"""What a design asks of its staff each week, before any year is simulated.

The caseload of the opening day is seated and every plan added up: minutes needed by role against
minutes staffed, places taken against places. A load above 1 cannot be met: sessions will wait (or
be shortened).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.randomness import chance_of

if TYPE_CHECKING:
    from txsim.clinic import Clinic
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

PLACES = "places"


@dataclass(frozen=True)
class RoleLoad:
    """Weekly minutes (or places) a design needs and has, for one role."""

    role: str
    """The role's name in the catalogue, a group's name, or "places"."""
    label: str
    needed: float
    """Minutes a week that the plans of a full caseload ask for; seats for a group; for places, the
    people in care on the opening day."""
    staffed: float
    """Minutes of direct care a week that the posts give, sick leave and usual vacancies taken off;
    for places, the places."""

    @property
    def share(self) -> float:
        """Needed over staffed; 0 when nothing is needed.

        Infinite when something is needed and nothing staffed.
        """
        if self.needed == 0.0:
            return 0.0
        return self.needed / self.staffed if self.staffed > 0.0 else float("inf")

    @property
    def is_too_much(self) -> bool:
        """Whether the load cannot be met."""
        return self.share > 1.0


def usual_gap(service: Any) -> float:
    """Days from one booked session to the next: a missed one is booked again within a week."""
    kept = chance_of(float(service["attendance"]))
    every = float(service["every_days"])
    return float(kept * every + (1.0 - kept) * min(every, 7.0))


def group_loads(clinic: Clinic, caring: Array) -> list[RoleLoad]:
    """Seats of each group that a week's plans ask for, against the seats on its timetable."""
    from txsim.rules.books import GROUP, IN_PLAN

    loads = []
    for s, name in enumerate(clinic.course.service_names):
        service = clinic.books.services[s]
        if service["kind"] == GROUP and service["offered"]:
            people = int((caring & ((clinic.books.plan[:, s] & IN_PLAN) != 0)).sum())
            label = f"Seats: {clinic.design.catalogue.services[name].label}"
            seats = float(service["seats"] * service["sessions_per_week"])
            loads.append(RoleLoad(name, label, people * 7.0 / usual_gap(service), seats))
    return loads


def weekly_load(scenario: Scenario) -> list[RoleLoad]:
    """The load of each role that is needed or staffed, of groups and of places, as on opening.

    The caseload is scaled to the share of places taken at start; waiting people's services are not
    counted.
    """
    from txsim.clinic import Clinic
    from txsim.rules.books import GROUP, IN_PLAN, INDIVIDUAL, PRACTICE, SUPPORT

    clinic = Clinic(scenario)
    books, course = clinic.books, clinic.course
    caring = (books.patients["status"] >= 3) & (books.patients["status"] <= 5)
    needed = np.zeros(len(course.role_names))
    for s in range(len(course.service_names)):
        service = books.services[s]
        role = int(service["role"])
        planned = caring & ((books.plan[:, s] & IN_PLAN) != 0)
        if role < 0 or not (service["offered"] or planned.any()):
            continue
        if service["kind"] == PRACTICE:
            needed[role] += service["minutes"] * 7.0 / service["every_days"]
        elif service["kind"] == GROUP:
            wanted = planned.sum() * 7.0 / service["every_days"]
            groups = min(service["sessions_per_week"], wanted / max(service["seats"], 1.0))
            needed[role] += service["minutes"] * groups
        elif service["kind"] == SUPPORT:
            visits = 7.0 / np.maximum(books.patients["supply_days"][planned], 1.0)
            needed[role] += float(service["minutes"] * visits.sum())
        elif service["kind"] == INDIVIDUAL:
            gaps = np.where(
                service["carries_dose"], books.patients["supply_days"], usual_gap(service)
            )
            needed[role] += float((service["minutes"] * 7.0 / np.maximum(gaps[planned], 1.0)).sum())
    intake = books.services[int(books.course[0]["intake_service"])]
    if intake["role"] >= 0 and scenario.arrivals.cohort is None:
        needed[int(intake["role"])] += scenario.arrivals.per_week * intake["minutes"]
    minutes = np.zeros(len(course.role_names))
    open_days = int(course.opening_week.sum())
    for role_name, post in course.posts:
        role = course.role_names.index(role_name)
        row = course.roles[role]
        vacant = exp(row["turnover_log_rate"]) * row["hiring_lag"]
        minutes[role] += (
            post * row["minutes_per_day"] * open_days * (1.0 - row["sick"]) / (1.0 + vacant)
        )
    labels = scenario.catalogue.roles
    loads = [
        RoleLoad(name, labels[name].label, float(needed[r]), float(minutes[r]))
        for r, name in enumerate(course.role_names)
        if needed[r] > 0.0 or minutes[r] > 0.0
    ]
    people = float(scenario.arrivals.cohort or caring.sum())
    loads += group_loads(clinic, caring)
    loads.append(RoleLoad(PLACES, "Places", people, float(scenario.clinic.places)))
    clinic.close()
    return loads
