"""Weekly workload of a design against its capacity, computed before any run.

The caseload of the opening day is seated and every plan added up: minutes needed by role against
minutes staffed, seats against seats, money for support against its budget, places taken against
places. A load above 1 cannot be met: sessions will wait (or be shortened), support is not given.
A design that begins empty is looked at as it is when its caseload is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.randomness import chance_of
from txsim.scenario.idle import LITTLE, roles_there_anyway

if TYPE_CHECKING:
    from txsim.clinic import Clinic
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

PLACES = "places"
CASELOADS = "caseloads"
HOURS = "hours"

MINUTES = "minutes a week"
SEATS = "seats a week"
PEOPLE = "people"
HOURS_A_DAY = "hours a day"
"""Units of a load; that of a budget is money a week."""


@dataclass(frozen=True)
class RoleLoad:
    """What a design needs and has each week of one role, group or budget, or of places."""

    role: str
    """The role's name in the catalogue, that of a group or of a service with a budget, "places",
    "caseloads" or "hours"."""
    label: str
    needed: float
    """Minutes a week, notes among them, that the plans of a full caseload ask for; seats for a
    group, money for a service with a budget; for places and caseloads, the people in care on the
    opening day; hours a day that the clinic is open before nine and after five."""
    staffed: float
    """Minutes of direct care a week that the posts give, with supervision, sickness, leave, usual
    vacancies and learning taken off, within opening hours; the week's seats, the week's money, the
    places; the people that primary counsellors may have; such hours that the posts can staff."""
    unit: str = MINUTES
    """What is counted."""
    stand_ins: tuple[str, ...] = ()
    """Labels of the roles with posts that may give what this one has no time for."""
    is_there_anyway: bool = False
    """Whether the role is there however little is asked of it: to watch and prescribe doses while
    the clinic is open, or to stand in for others."""

    @property
    def share(self) -> float:
        """Utilisation: needed over staffed; 0 when nothing is needed.

        Infinite when something is needed and nothing staffed.
        """
        if self.needed == 0.0:
            return 0.0
        return self.needed / self.staffed if self.staffed > 0.0 else float("inf")

    @property
    def is_too_much(self) -> bool:
        """Whether the load cannot be met."""
        return self.share > 1.0

    @property
    def is_little(self) -> bool:
        """Whether a role that is there for its minutes alone is hardly asked for them."""
        asked_for = self.unit != MINUTES or self.staffed <= 0.0 or self.share >= LITTLE
        return not (asked_for or self.is_there_anyway)


def stand_ins_of(scenario: Scenario, role: str) -> tuple[str, ...]:
    """Labels of the roles with posts that may give some of what is asked of a role."""
    roles = scenario.catalogue.roles
    named = {
        other: roles[other].label
        for service in scenario.catalogue.services.values()
        if service.offered and service.role == role
        for other in service.may_also
        if other in scenario.staff and scenario.staff[other].posts > 0.0
    }
    return tuple(named.values())


def gives_doses(scenario: Scenario, role: str) -> bool:
    """Whether a role gives doses under observation, which never wait for it."""
    services = scenario.catalogue.services
    return any(
        one.take_home and one.service in services and services[one.service].role == role
        for one in scenario.catalogue.medications.values()
    )


def usual_gap(service: Any) -> float:
    """Days from one booked session to the next: a missed one is booked again within a week."""
    kept = chance_of(float(service["attendance"]))
    every = float(service["every_days"])
    return float(kept * every + (1.0 - kept) * min(every, 7.0))


def bookings_a_day(service: Any, supply: Array) -> Array:
    """How often a day the visit that carries so many days' supply is booked.

    A missed one is booked again the next day.
    """
    tries = 1.0 / chance_of(float(service["attendance"]))
    booked: Array = tries / (np.maximum(supply, 1.0) - 1.0 + tries)
    return booked


def sessions_needed(clinic: Clinic, service: Any, planned: Array) -> float:
    """Sessions with one person a week for which time is needed.

    Where more is booked than fits, those who stay away take none.
    """
    if service["carries_dose"]:
        a_day = bookings_a_day(service, clinic.state.patients["supply_days"][planned])
    else:
        a_day = np.full(int(planned.sum()), 1.0 / max(usual_gap(service), 1.0))
    booked = 7.0 * float(a_day.sum())
    overbooked = clinic.state.scalars[0]["overbooking_share"] > 0.0
    return booked * chance_of(float(service["attendance"])) if overbooked else booked


def groups_needed(service: Any, people: int, open_days: float) -> float:
    """Groups a week that so many people bring about, at most those on the timetable.

    A day's groups are held as far as somebody is there for them; how many sessions are due on a day
    with groups is taken to be a Poisson number.
    """
    from scipy.special import pdtrc

    on_timetable = float(service["sessions_per_week"])
    days = min(on_timetable, open_days)
    if people == 0 or days <= 0.0:
        return 0.0
    due = people * 7.0 / usual_gap(service) / days
    a_day = on_timetable / days
    # The k-th group of a day is held when more people are due than the groups before it seat.
    seated = service["seats"] * np.arange(int(np.ceil(a_day)))
    held = pdtrc(seated, due)
    held[-1] *= a_day - (held.size - 1)
    return float(held.sum() * days)


def group_loads(clinic: Clinic, caring: Array) -> list[RoleLoad]:
    """Seats of each group that a week's plans ask for, against the seats on its timetable."""
    from txsim.state.layout import GROUP, IN_PLAN

    loads = []
    for s, name in enumerate(clinic.parameters.service_names):
        service = clinic.state.services[s]
        if service["kind"] == GROUP and service["offered"]:
            people = int((caring & ((clinic.state.plan[:, s] & IN_PLAN) != 0)).sum())
            label = f"Seats: {clinic.design.catalogue.services[name].label}"
            seats = float(service["seats"] * service["sessions_per_week"])
            needed = people * 7.0 / usual_gap(service)
            loads.append(RoleLoad(name, label, needed, seats, SEATS))
    return loads


def days_with_a_visit(clinic: Clinic, people: Array, open_days: float) -> Array:
    """Days a week on which each of these people has a visit due, several on one day as it falls.

    A missed dose is due again the next day, another missed visit within a week.
    """
    from txsim.state.layout import GROUP, IN_PLAN, INDIVIDUAL

    state = clinic.state
    without = np.ones(int(people.sum()))
    for s, service in enumerate(state.services):
        if service["kind"] not in (INDIVIDUAL, GROUP):
            continue
        if service["carries_dose"]:
            a_day = bookings_a_day(service, state.patients["supply_days"][people])
        else:
            a_day = np.full(without.size, 1.0 / max(usual_gap(service), 1.0))
        due = np.minimum(a_day * 7.0 / max(open_days, 1.0), 1.0)
        without *= np.where((state.plan[people, s] & IN_PLAN) != 0, 1.0 - due, 1.0)
    return open_days * (1.0 - without)


def uses_a_week(clinic: Clinic, service: Any, planned: Array) -> float:
    """How often a week a support is given to the people who have it planned.

    Rides on days with a visit, what staff give on open days, all else every day.
    """
    people = int(planned.sum())
    if service["places"] > 0:
        people = min(people, int(service["places"]))
    open_days = float(clinic.parameters.opening_week.sum())
    if service["rides"]:
        share = people / max(int(planned.sum()), 1)
        return float(days_with_a_visit(clinic, planned, open_days).sum()) * share
    if service["role"] >= 0 and service["minutes"] > 0.0:
        return people * open_days
    return people * 7.0


def budget_loads(clinic: Clinic, caring: Array) -> list[RoleLoad]:
    """The money that a week's plans ask of each service with a budget, against a week's share."""
    from txsim.rules.budgets import cost_of_a_use, has_budget
    from txsim.state.layout import IN_PLAN, PRACTICE, SUPPORT

    loads = []
    rows = clinic.state.services.view(np.recarray)
    for s, name in enumerate(clinic.parameters.service_names):
        service = rows[s]
        in_plan = (clinic.state.plan[:, s] & IN_PLAN) != 0
        if not has_budget(service) or service.kind == PRACTICE:
            continue
        planned = caring & in_plan
        if service.kind == SUPPORT:
            needed = uses_a_week(clinic, service, planned) * cost_of_a_use(service)
        else:
            kept = chance_of(float(service.attendance)) / usual_gap(service)
            a_day = 1.0 / clinic.state.patients["supply_days"] if service.carries_dose else kept
            needed = 7.0 * float((planned * a_day).sum()) * service.cost
        label = f"Budget: {clinic.design.catalogue.services[name].label}"
        unit = f"{clinic.design.economics.currency} a week"
        loads.append(RoleLoad(name, label, float(needed), 7.0 * service.budget_per_day, unit))
    return loads


def hours_load(clinic: Clinic) -> list[RoleLoad]:
    """Hours open outside nine to five, against those that the posts can staff; none without any."""
    outside, staffed = clinic.parameters.hours_outside
    label = "Open outside nine to five"
    return [RoleLoad(HOURS, label, outside, staffed, HOURS_A_DAY)] if outside > 0.0 else []


def caseload_loads(clinic: Clinic, people: float) -> list[RoleLoad]:
    """People in care against the caseloads of primary counsellors; nothing where any has no limit.

    The ceiling of the shipped catalogue is the customary one of programmes (otp-caseload-ceiling).
    """
    roles = clinic.state.roles
    limits = [
        (share, float(row["caseload"]))
        for role, share in clinic.parameters.posts
        if (row := roles[clinic.parameters.role_names.index(role)])["key_worker"]
    ]
    if not limits or any(caseload <= 0.0 for _, caseload in limits):
        return []
    held = sum(share * caseload for share, caseload in limits)
    return [RoleLoad(CASELOADS, "Caseloads of own counsellors", people, held, PEOPLE)]


def with_its_caseload(scenario: Scenario) -> Scenario:
    """The design opened with the people whom it will care for, where it begins without them."""
    cohort = scenario.arrivals.cohort
    if cohort is not None:
        return scenario.with_changes(
            arrivals={"per_week": 0.0},
            clinic={"places": cohort, "caseload_at_start": 1.0},
        )
    if scenario.horizon.start == "empty":
        return scenario.with_changes(horizon={"start": "own steady state"})
    return scenario


def minutes_needed(clinic: Clinic, caring: Array) -> Array:
    """Minutes a week, by role, that these people's plans and the clinic's practices ask for."""
    from txsim.state.layout import GROUP, IN_PLAN, PRACTICE, SUPPORT

    state = clinic.state
    open_days = float(clinic.parameters.opening_week.sum())
    needed = np.zeros(len(clinic.parameters.role_names))
    for s, service in enumerate(state.services):
        role = int(service["role"])
        planned = caring & ((state.plan[:, s] & IN_PLAN) != 0)
        if role < 0 or not (service["offered"] or planned.any()):
            continue
        if service["kind"] == PRACTICE:
            times = 7.0 / service["every_days"]
        elif service["kind"] == GROUP:
            times = groups_needed(service, int(planned.sum()), open_days)
        elif service["kind"] == SUPPORT:
            times = uses_a_week(clinic, service, planned)
        else:
            times = sessions_needed(clinic, service, planned)
        needed[role] += service["minutes"] * times
    return needed


def minutes_staffed(clinic: Clinic) -> Array:
    """Minutes a week for patients, by role, that the posts give in the long run."""
    from txsim.parameters.staff import share_of_full_minutes
    from txsim.state.sizes import WEEKS_A_YEAR

    parameters = clinic.parameters
    open_days = int(parameters.opening_week.sum())
    minutes = np.zeros(len(parameters.role_names))
    for role_name, post in parameters.posts:
        role = parameters.role_names.index(role_name)
        row = parameters.roles[role]
        at_work = (1.0 - row["sick"]) * (1.0 - row["leave_weeks"] / WEEKS_A_YEAR)
        full = min(post, row["most_of_a_post"]) * row["minutes_per_day"] * open_days
        minutes[role] += full * at_work * share_of_full_minutes(row, parameters.scalars[0])
    return minutes


def weekly_load(scenario: Scenario) -> list[RoleLoad]:
    """The load of each role needed or staffed, of groups, budgets, places, caseloads on opening.

    The caseload is scaled to the share of places taken at start; waiting people's services are not
    counted.
    """
    from txsim.clinic import Clinic

    clinic = Clinic(with_its_caseload(scenario))
    state, names = clinic.state, clinic.parameters.role_names
    caring = (state.patients["status"] >= 3) & (state.patients["status"] <= 5)
    needed, minutes = minutes_needed(clinic, caring), minutes_staffed(clinic)
    intake = state.services[int(state.scalars[0]["intake_service"])]
    if intake["role"] >= 0 and scenario.arrivals.cohort is None:
        needed[int(intake["role"])] += scenario.arrivals.per_week * intake["minutes"]
    labels, there_anyway = scenario.catalogue.roles, roles_there_anyway(scenario)
    loads = [
        RoleLoad(
            name,
            labels[name].label,
            float(needed[r]),
            float(minutes[r]),
            stand_ins=stand_ins_of(scenario, name),
            is_there_anyway=name in there_anyway,
        )
        for r, name in enumerate(names)
        if needed[r] > 0.0 or minutes[r] > 0.0
    ]
    people = float(caring.sum())
    loads += group_loads(clinic, caring)
    loads += budget_loads(clinic, caring)
    loads.append(RoleLoad(PLACES, "Treatment slots", people, float(scenario.clinic.places), PEOPLE))
    loads += caseload_loads(clinic, people)
    loads += hours_load(clinic)
    clinic.close()
    return loads
