"""Roles as records, and the posts of a design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.randomness import hash_of_name
from txsim.rules.books import ROLE, Array
from txsim.rules.reading import Reading
from txsim.rules.staff_turnover import WEEKS_A_YEAR
from txsim.units import log_rate, per_day

if TYPE_CHECKING:
    from txsim.scenario import Scenario


def posts_of(scenario: Scenario) -> tuple[tuple[str, float], ...]:
    """Every post of a design: whole posts first, then the part that is left of each role."""
    posts: list[tuple[str, float]] = []
    for role, section in scenario.staff.items():
        left = section.posts
        while left > 1e-9:
            posts.append((role, min(1.0, left)))
            left -= 1.0
    return tuple(posts)


def weeks_of_leave(weeks: float, reading: Reading) -> int:
    """Whole weeks off in each year of 52 weeks; none where leave is switched off."""
    return min(round(weeks), WEEKS_A_YEAR) if reading.scenario.mechanisms.leave else 0


def role_table(reading: Reading, open_days: int) -> Array:
    """ROLE records; the week's minutes of direct care are spread over the open days."""
    rows = np.zeros(len(reading.roles), ROLE)
    for r, (name, role) in enumerate(reading.catalogue.roles.items()):
        path = f"roles.{name}"
        row = rows[r]

        def figure(field: str, path: str = path, role: Any = role) -> float:
            return reading.draw.value(f"{path}.{field}", getattr(role, field))

        row["key"] = hash_of_name(f"role:{name}")
        row["minutes_per_day"] = (
            figure("minutes_per_week") * figure("direct_care_share") / max(open_days, 1)
        )
        leaving = figure("turnover_per_year") if reading.scenario.mechanisms.turnover else 0.0
        row["turnover_log_rate"] = log_rate(per_day(leaving, "per year"))
        row["hiring_lag"] = round(figure("hiring_lag_days"))
        row["sick"] = figure("sick_share")
        row["leave_weeks"] = weeks_of_leave(figure("leave_weeks_per_year"), reading)
        row["caseload"] = role.caseload
        row["key_worker"] = role.key_worker
        row["posts"] = sum(post for named, post in posts_of(reading.scenario) if named == name)
    return rows
