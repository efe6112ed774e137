"""Roles that can only have a low utilisation, whatever the plans: found before any run.

What `load` tells before a run is what the plans of one drawn caseload ask for. Here everybody who
may have a service has it, so that a role which is hardly asked for even then has posts too many, or
a slip in the minutes of its sessions.
"""

from __future__ import annotations

from txsim.catalogue import Role, Service
from txsim.errors import Problem
from txsim.scenario.design import Scenario
from txsim.scenario.mistakes import Mistake
from txsim.scenario.spending import people_who_may_have

LITTLE = 0.25
"""Share of a role's minutes below which its utilisation is low."""

MOSTLY_FULL = 0.5
"""Share of the treatment slots taken from which a small load says something about the posts."""


def roles_there_anyway(scenario: Scenario) -> set[str]:
    """Roles that have to be there while the clinic is open, and those that stand in for others."""
    services = scenario.catalogue.services
    offered = {name: one for name, one in services.items() if one.offered}
    carriers = {one.service for one in scenario.catalogue.medications.values()}
    return {
        *(one.role for name, one in offered.items() if name in carriers),
        *(role for one in offered.values() for role in one.may_also),
    }


def hardly_asked_for(scenario: Scenario) -> list[Problem]:
    """A warning for each role of whose time less than a quarter can be asked for.

    Nothing is said of a clinic that opens half empty.
    """
    clinic = scenario.clinic
    opens_full = scenario.arrivals.cohort is not None or clinic.caseload_at_start >= MOSTLY_FULL
    if clinic.places == 0 or not opens_full:
        return []
    found = []
    for name, post in scenario.staff.items():
        role = scenario.catalogue.roles[name]
        minutes = post.posts * minutes_for_patients(role)
        asked = most_asked_for(scenario, name)
        if name in roles_there_anyway(scenario) or asked >= LITTLE * minutes:
            continue
        message = (
            f"even if everybody had all that they may have, {asked:,.0f} minutes a week would be "
            f"asked for of the {minutes:,.0f} that these posts have for patients; see whether the "
            "minutes of their sessions are what was meant"
        )
        found.append(scenario.told(Mistake(("staff", name), message)))
    return found


def minutes_for_patients(role: Role) -> float:
    """Minutes a week that a whole post has for patients and notes, with nobody ever away."""
    week = role.minutes_per_week.value * role.direct_care_share.value
    return max(week - role.supervision_minutes_per_week.value, 0.0)


def most_asked_for(scenario: Scenario, role: str) -> float:
    """Minutes a week that a full clinic could ask of a role at most."""
    catalogue = scenario.catalogue
    notes = catalogue.roles[role].notes_minutes_per_session.value
    minutes = 0.0
    for name, service in catalogue.services.items():
        if service.role != role or not service.offered:
            continue
        if name == "intake_assessment":
            minutes += scenario.arrivals.per_week * (service.minutes + notes)
        else:
            minutes += times_a_week(scenario, service) * minutes_each(service, notes)
    return minutes


def minutes_each(service: Service, notes: float) -> float:
    """Minutes of the role that one session, group or use takes, notes included."""
    mode = service.modes.get(service.mode)
    each = (mode.minutes if mode is not None else 0.0) or service.minutes
    return each + notes if each and service.kind in ("individual", "group") else each


def times_a_week(scenario: Scenario, service: Service) -> float:
    """How often a week a service is given when everybody who may have it does, or groups are held.

    A missed session is booked again within a week.
    """
    if service.kind == "group":
        return service.groups_per_week
    if service.kind == "practice":
        return 7.0 / service.every_days
    people = people_who_may_have(scenario, scenario.catalogue, service)
    if service.kind == "support":
        return people * len(scenario.clinic.open_days)
    kept = service.attendance.value
    gap = kept * service.every_days + (1.0 - kept) * min(service.every_days, 7.0)
    return people * 7.0 / gap
