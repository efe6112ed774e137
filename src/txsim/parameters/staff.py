"""Roles as records, and the posts of a design."""

from __future__ import annotations

from math import exp, expm1, log1p
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.catalogue import load_catalogue
from txsim.parameters.opening_hours import most_of_a_post
from txsim.parameters.reader import Reading
from txsim.randomness import hash_of_name
from txsim.scenario.blocks import with_blocks
from txsim.state.events import NEVER
from txsim.state.layout import Array
from txsim.state.records import ROLE
from txsim.state.sizes import FIRST_YEAR, TOLERANCE, WEEKS_A_YEAR
from txsim.units import log_rate, per_day

if TYPE_CHECKING:
    from txsim.scenario import Scenario

MINUTES_AN_HOUR = 60.0
HALVINGS = 80
"""Of the interval in which a rate is looked for: more than a float can tell apart."""


def posts_of(scenario: Scenario) -> tuple[tuple[str, float], ...]:
    """Every post of a design: whole posts first, then the part that is left of each role."""
    posts: list[tuple[str, float]] = []
    for role, section in scenario.staff.items():
        left = section.posts
        while left > TOLERANCE:
            posts.append((role, min(1.0, left)))
            left -= 1.0
    return tuple(posts)


def weeks_of_leave(weeks: float, reading: Reading) -> int:
    """Whole weeks off in each year of 52 weeks; none where leave is switched off."""
    return min(round(weeks), WEEKS_A_YEAR) if reading.scenario.mechanisms.leave else 0


def usual_supervision(reading: Reading, name: str) -> float:
    """Minutes of supervision a week with which a role has its turnover: those of the catalogue.

    A role that only the scenario has is usual as its own block says.
    """
    catalogue = load_catalogue()
    if name not in catalogue.roles:
        catalogue, _ = with_blocks(catalogue, {"roles": {name: reading.scenario.roles[name]}})
    minutes = catalogue.roles[name].supervision_minutes_per_week
    return reading.draw.value(f"roles.{name}.supervision_minutes_per_week", minutes)


def ratio_of_departures(reading: Reading, name: str, supervision: float) -> float:
    """Departures with so many minutes of supervision a week, over those with the usual ones."""
    if not reading.scenario.mechanisms.supervision:
        return 1.0
    hours_more = (supervision - usual_supervision(reading, name)) / MINUTES_AN_HOUR
    return exp(reading.model_effect("turnover_supervision") * hours_more)


def rate_after_first_year(turnover: float, ratio: float) -> float:
    """The daily rate of leaving after the first year with which a post has this turnover in all.

    With the rate a in the first year of Y days and b = a / ratio after it, a worker stays for
    (1 - exp(-aY)) / a + exp(-aY) / b days on average, and posts that are filled again and again
    lose 1 over that a day. So x = aY solves x = turnover * Y * (1 + (ratio - 1) * exp(-x)), which
    has one solution; it is found by halving.
    """
    if ratio == 1.0:
        return turnover
    low, high = 0.0, turnover * FIRST_YEAR * max(ratio, 1.0)
    for _ in range(HALVINGS):
        x = (low + high) / 2.0
        if x < turnover * FIRST_YEAR * (1.0 + (ratio - 1.0) * exp(-x)):
            low = x
        else:
            high = x
    return high / (FIRST_YEAR * ratio)


def days_in_first_year(role: Any) -> float:
    """Days that a worker spends in a post within the first year of it, on average."""
    first = exp(role["turnover_log_rate"] + role["turnover_first_year"])
    return -expm1(-first * FIRST_YEAR) / first


def usual_stay(role: Any) -> float:
    """Days that a worker stays in a post on average, where the role is not overloaded."""
    later = exp(role["turnover_log_rate"])
    stays_a_year = exp(-later * exp(role["turnover_first_year"]) * FIRST_YEAR)
    return days_in_first_year(role) + stays_a_year / later


def share_of_full_minutes(role: Any, parameters: Any) -> float:
    """Mean minutes of a post over those of one that an experienced worker always fills.

    Workers come and go for ever: after each departure a post is vacant for the hiring lag (a day at
    least), and whoever is hired gives few minutes at first. `S(d)` is the chance that a worker is
    still there `d` days after being hired, by the rates of leaving in force without overload:

        share = sum of S(d) * share learnt after d days / (sum of S(d) + days vacant)
    """
    learning = int(np.ceil(parameters["learning_days"]))
    days = np.arange(max(FIRST_YEAR, learning))
    later = float(np.exp(role["turnover_log_rate"]))
    first = later * float(np.exp(role["turnover_first_year"]))
    rates = np.where(days < FIRST_YEAR, first, later)
    rates[0] = 0.0  # nobody leaves on the day of being hired
    still_there = np.exp(-np.cumsum(rates))
    learnt = np.minimum(days / max(float(parameters["learning_days"]), 1.0), 1.0)
    lacking = (1.0 - float(parameters["new_worker_share"])) * (1.0 - learnt)
    filled = still_there.sum() + still_there[-1] / np.expm1(later)
    vacant = max(float(role["hiring_lag"]), 1.0)
    return float((filled - (still_there * lacking).sum()) / (filled + vacant))


def hired_before_opening(role: Any, luck: float) -> int:
    """Days before opening on which somebody in a post was hired, as posts usually stand.

    The share of workers who are still there after some days in the post falls with the days; luck,
    a uniform number, says where among all workers of the role somebody stands, beginners first.
    """
    if role["turnover_first_year"] == 0.0:
        return -NEVER
    first = exp(role["turnover_log_rate"] + role["turnover_first_year"])
    days_lived = luck * usual_stay(role)
    if days_lived >= days_in_first_year(role):
        return -NEVER
    return 1 + int(-log1p(-days_lived * first) / first)


def role_table(reading: Reading, open_days: int) -> Array:
    """ROLE records; a week's minutes for sessions and notes are spread over the open days.

    Where a whole post's week is longer than the clinic's, its part that fits counts
    (`opening_hours`).
    """
    rows = np.zeros(len(reading.roles), ROLE)
    tenure = reading.scenario.mechanisms.tenure
    first_year = reading.model_effect("turnover_first_year") if tenure else 0.0
    for r, (name, role) in enumerate(reading.catalogue.roles.items()):
        path = f"roles.{name}"
        row = rows[r]

        def figure(field: str, path: str = path, role: Any = role) -> float:
            return reading.draw.value(f"{path}.{field}", getattr(role, field))

        row["key"] = hash_of_name(f"role:{name}")
        supervision = figure("supervision_minutes_per_week")
        for_patients = figure("minutes_per_week") * figure("direct_care_share") - supervision
        row["minutes_per_day"] = max(for_patients, 0.0) / max(open_days, 1)
        row["day_at_work"] = figure("minutes_per_week") / max(open_days, 1)
        row["most_of_a_post"] = most_of_a_post(reading, name)
        row["notes"] = figure("notes_minutes_per_session")
        leaving = figure("turnover_per_year") if reading.scenario.mechanisms.turnover else 0.0
        leaving *= ratio_of_departures(reading, name, supervision)
        row["turnover_first_year"] = first_year
        later = rate_after_first_year(per_day(leaving, "per year"), exp(first_year))
        row["turnover_log_rate"] = log_rate(later)
        row["hiring_lag"] = round(figure("hiring_lag_days"))
        row["sick"] = figure("sick_share")
        row["leave_weeks"] = weeks_of_leave(figure("leave_weeks_per_year"), reading)
        row["caseload"] = reading.draw.figure(f"{path}.caseload", role.caseload)
        row["key_worker"] = role.key_worker
        row["posts"] = sum(post for named, post in posts_of(reading.scenario) if named == name)
    return rows
