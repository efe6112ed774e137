"""What care people receive: visits kept, sessions delivered, staff time, broken alliances.

Most of these carry the effect of a change in a design to retention and relapse, so the report's
account of *why* is made from them.
"""

from __future__ import annotations

import numpy as np

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import FAR, PER_100_PEOPLE, Array, Shares, outcome

FAMILY = "care received"
STAFF = "staff"
MONTH = 30.0
"""Days of a month, for figures told by the month."""
PER_100 = 100.0
DAYS_OF_A_YEAR = 365.0


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator > 0 else float("nan")


@outcome(
    "attendance",
    label="Booked sessions kept",
    unit="proportion",
    better="higher",
    definition="Sessions kept over sessions booked, from asking to the end of the run.",
    family=FAMILY,
)
def attendance(people: Followed) -> Shares:
    """Sessions kept over sessions booked."""
    patients = people.patients
    return Shares(patients["visits_kept"].astype(float), patients["visits_due"].astype(float))


@outcome(
    "days_with_a_visit",
    label="Days with a visit, a month in care",
    unit="days",
    better="neither",
    most=MONTH,
    definition="Days with at least one visit kept, for 30 days in care within the follow-up.",
    family=FAMILY,
)
def days_with_a_visit(people: Followed) -> Shares:
    """Visit days over months in care."""
    return Shares(how_many(people.visited & people.in_care), people.days_in_care / MONTH)


@outcome(
    "covered_by_medication",
    label="Days in care covered by medication",
    unit="proportion",
    better="higher",
    definition="Days covered by medication over days in care, within the follow-up.",
    family=FAMILY,
)
def covered_by_medication(people: Followed) -> Shares:
    """Medicated days over days in care."""
    return Shares(how_many(people.medicated & people.in_care), people.days_in_care)


@outcome(
    "alliances_broken",
    label="Primary counsellors who left",
    unit=PER_100_PEOPLE,
    better="lower",
    definition="Times a primary counsellor left while the person was in care, per 100 people "
    "admitted.",
    family=FAMILY,
)
def alliances_broken(people: Followed) -> Array:
    """Departures of primary counsellors."""
    lost = PER_100 * people.patients["alliances_broken"]
    return np.where(people.admitted < FAR, lost, np.nan)


@outcome(
    "sessions_received",
    label="Sessions received of those due",
    unit="proportion",
    better="higher",
    definition="Sessions kept over sessions due, all services and people of the run together "
    "(service dose received against plan).",
    family=FAMILY,
    of="clinic",
)
def sessions_received(people: Followed) -> float:
    """Sessions kept over sessions due."""
    services = people.run.services
    return _ratio(services["kept"].sum(), services["due"].sum())


@outcome(
    "sessions_not_fitting",
    label="Due sessions that did not fit",
    unit="proportion",
    better="lower",
    definition="Times a due session found no minutes or seat and had to wait another day, over "
    "those times and the sessions booked.",
    family=FAMILY,
    of="clinic",
)
def sessions_not_fitting(people: Followed) -> float:
    """Waiting sessions over all that sought a place."""
    services = people.run.services
    waited = services["waited"].sum()
    return _ratio(waited, waited + services["booked"].sum())


def used_of_staffed(roles: Array) -> Array:
    """Minutes used by role, without overtime."""
    return np.asarray(roles["minutes_used"] - roles["minutes_overtime"])


@outcome(
    "staff_time_used",
    label="Staff minutes used",
    unit="proportion",
    better="neither",
    definition="Minutes of direct care and notes used, overtime apart, over minutes staffed, all "
    "roles together.",
    family=STAFF,
    of="clinic",
)
def staff_time_used(people: Followed) -> float:
    """Minutes used in staffed time over minutes staffed."""
    roles = people.run.roles
    return _ratio(used_of_staffed(roles).sum(), roles["minutes_staffed"].sum())


@outcome(
    "busiest_role",
    label="Staff minutes used in the busiest role",
    unit="proportion",
    better="neither",
    definition="Minutes of direct care and notes used, overtime apart, over minutes staffed, in "
    "the role where that share is highest.",
    family=STAFF,
    of="clinic",
)
def busiest_role(people: Followed) -> float:
    """Highest share of minutes used."""
    roles = people.run.roles
    staffed = roles["minutes_staffed"] > 0
    if not staffed.any():
        return float("nan")
    return float(np.max(used_of_staffed(roles)[staffed] / roles["minutes_staffed"][staffed]))


@outcome(
    "overtime",
    label="Overtime",
    unit="proportion",
    better="lower",
    definition="Minutes used beyond those staffed on a day over minutes staffed, all roles "
    "together.",
    family=STAFF,
    of="clinic",
)
def overtime(people: Followed) -> float:
    """Minutes of overtime over minutes staffed."""
    roles = people.run.roles
    return _ratio(roles["minutes_overtime"].sum(), roles["minutes_staffed"].sum())


@outcome(
    "agency",
    label="Agency staff",
    unit="proportion",
    better="lower",
    definition="Minutes of an agency's staff, who give doses under observation for which a role "
    "has no time left, over minutes staffed, all roles together.",
    family=STAFF,
    of="clinic",
)
def agency(people: Followed) -> float:
    """Minutes of agency staff over minutes staffed."""
    roles = people.run.roles
    return _ratio(roles["minutes_agency"].sum(), roles["minutes_staffed"].sum())


@outcome(
    "doses_beyond_minutes",
    label="Doses given beyond staff minutes",
    unit="proportion",
    better="lower",
    definition="Sessions that carry a dose under observation and were given in overtime or by an "
    "agency, over all sessions kept of the services that gave any.",
    family=STAFF,
    of="clinic",
)
def doses_beyond_minutes(people: Followed) -> float:
    """Doses in overtime or by an agency, over those kept."""
    services = people.run.services
    giving = services["beyond_minutes"] > 0.0
    return _ratio(services["beyond_minutes"].sum(), services["kept"][giving].sum() or 1.0)


@outcome(
    "intake_closed",
    label="Days with intake closed for doses, a year",
    unit="days",
    better="lower",
    definition="Days on which places were free and people waited, and none was offered because "
    "doses asked for more minutes than are staffed, in a year of 365 days.",
    family=STAFF,
    of="clinic",
)
def intake_closed(people: Followed) -> float:
    """Days of closed intake a year."""
    days = people.run.days["intake_closed"]
    return float(days.sum() * DAYS_OF_A_YEAR / days.shape[0])


@outcome(
    "staff_departures",
    label="Staff who leave, a year",
    unit="people",
    better="lower",
    definition="Departures of staff in a year of 365 days, all roles together.",
    family=STAFF,
    of="clinic",
)
def staff_departures(people: Followed) -> float:
    """Departures a year."""
    departures = people.run.roles["departures"].sum()
    return float(departures * DAYS_OF_A_YEAR / people.run.calendar.shape[0])


@outcome(
    "staff_turnover",
    label="Staff turnover, a year",
    unit="per post",
    better="lower",
    definition="Departures of staff for each year (of 365 days) that a post was filled, all roles "
    "together; part of a post counts as a post.",
    family=STAFF,
    of="clinic",
)
def staff_turnover(people: Followed) -> float:
    """Departures over years of workers."""
    roles = people.run.roles
    return _ratio(roles["departures"].sum(), roles["worker_days"].sum() / DAYS_OF_A_YEAR)


@outcome(
    "vacant_days",
    label="Days posts stand vacant, a year",
    unit="days",
    better="lower",
    definition="Days on which a post stood vacant, summed over posts, in a year of 365 days.",
    family=STAFF,
    of="clinic",
)
def vacant_days(people: Followed) -> float:
    """Vacant days a year."""
    vacant = people.run.roles["vacant_days"].sum()
    return float(vacant * DAYS_OF_A_YEAR / people.run.calendar.shape[0])


@outcome(
    "staff_vacancy",
    label="Posts vacant",
    unit="proportion",
    better="lower",
    definition="Days on which posts stood vacant over days of posts, each by its share of a whole "
    "post, all roles together.",
    family=STAFF,
    of="clinic",
)
def staff_vacancy(people: Followed) -> float:
    """Vacant post-days over post-days."""
    roles = people.run.roles
    vacant = roles["vacant_days"].sum()
    return _ratio(vacant, vacant + roles["filled_days"].sum())


@outcome(
    "caseload_breaches",
    label="Caseloads above their limit",
    unit="proportion",
    better="lower",
    definition="Days on which a primary counsellor had more patients than the role's caseload "
    "allows for the post, over all days of primary counsellors in post.",
    family=STAFF,
    of="clinic",
)
def caseload_breaches(people: Followed) -> float:
    """Days above the limit over days of primary counsellors in post."""
    roles = people.run.roles
    named = people.run.scenario.catalogue.roles.values()
    key_workers = np.array([role.key_worker for role in named], bool)
    return _ratio(roles["caseload_breaches"].sum(), roles["worker_days"][key_workers].sum())


@outcome(
    "caseload",
    label="People in care per counsellor",
    unit="people",
    better="neither",
    definition="Days in care of all people over days on which posts of primary counsellors were "
    "filled, each post by its share of a whole one.",
    family=STAFF,
    of="clinic",
)
def caseload(people: Followed) -> float:
    """People in care over filled posts of primary counsellors."""
    run = people.run
    named = run.scenario.catalogue.roles.values()
    key_workers = np.array([role.key_worker for role in named], bool)
    return _ratio(float(run.days["in_care"].sum()), run.roles["filled_days"][key_workers].sum())
