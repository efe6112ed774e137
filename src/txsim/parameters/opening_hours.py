"""Opening hours: how much of a post fits into them, and what they mean for people with a schedule.

Nobody works while the clinic is closed, so a post whose week is longer than the clinic's works as
long as that. Hours before nine and after five relieve people bound by a schedule as far as they are
staffed; hours closed between nine and five burden them as much. Those who see people are on duty
from nine to five first, one for every so many places, and what is left of their hours staffs the
others. All of this is an assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.scenario.schema import FIVE, NINE

if TYPE_CHECKING:
    from txsim.parameters.reader import Reading

MINUTES_AN_HOUR = 60.0
WORKING_HOURS = (FIVE - NINE) / MINUTES_AN_HOUR


def most_of_a_post(reading: Reading, role: str) -> float:
    """The most of a whole post of a role that one worker can fill in the hours of a week."""
    clinic = reading.scenario.clinic
    figure = reading.catalogue.roles[role].minutes_per_week
    week = reading.draw.value(f"roles.{role}.minutes_per_week", figure)
    return clinic.hours.minutes * len(clinic.open_days) / week if week > 0.0 else 0.0


def hours_on_duty(reading: Reading) -> float:
    """Hours a week for which those who hold sessions and lead groups are there, taken together."""
    giving = {
        one.role
        for one in reading.catalogue.services.values()
        if one.offered and one.role and one.kind in ("individual", "group")
    }
    hours = 0.0
    for role, post in reading.scenario.staff.items():
        if role in giving:
            figure = reading.catalogue.roles[role].minutes_per_week
            week = reading.draw.value(f"roles.{role}.minutes_per_week", figure) / MINUTES_AN_HOUR
            whole, part = int(post.posts), post.posts % 1.0
            most = most_of_a_post(reading, role)
            hours += week * (whole * min(1.0, most) + min(part, most))
    return hours


def hours_outside(reading: Reading) -> tuple[float, float]:
    """Hours a day that the clinic is open outside nine to five, and how many of them are staffed.

    Each hour a week takes one person on duty for every `people_per_worker_on_duty` places.
    """
    clinic = reading.scenario.clinic
    inside = clinic.hours.minutes_in_working_hours / MINUTES_AN_HOUR
    outside = clinic.hours.minutes / MINUTES_AN_HOUR - inside
    people = min(clinic.places, reading.scenario.arrivals.cohort or clinic.places)
    on_duty = people / reading.model("people_per_worker_on_duty")
    days = len(clinic.open_days)
    left = hours_on_duty(reading) - on_duty * inside * days
    if left <= 0.0:
        return outside, 0.0
    return outside, outside if left >= on_duty * outside * days else left / (on_duty * days)


def schedule_relief(reading: Reading) -> float:
    """Share of the burden of a schedule that opening hours lift; negative where they add to it."""
    hours = reading.scenario.clinic.hours
    _, staffed = hours_outside(reading)
    missing = WORKING_HOURS - hours.minutes_in_working_hours / MINUTES_AN_HOUR
    relief = (staffed - missing) * reading.model("schedule_relief_per_extra_hour")
    return min(reading.model("most_schedule_relief"), relief)
