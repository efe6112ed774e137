"""The second substance: days of using it in care, and weekly urines.

Counted day by day as the follow-up goes: the calendar's byte of a day has no bit left for it.
"""

from __future__ import annotations

from txsim.outcomes.day_counts import how_many
from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import Shares, outcome

FAMILY = "second substance"


@outcome(
    "second_urines_positive",
    label="Urines positive for the second substance",
    unit="proportion",
    better="lower",
    definition="Weekly urines that show use of the second substance (stimulants or "
    "benzodiazepines) within the test's window over weekly urines due in care until aftercare "
    "within the follow-up, of people who use one.",
    family=FAMILY,
)
def second_urines_positive(people: Followed) -> Shares:
    """Positive urines over urines due."""
    counted = people.patients
    return Shares(
        counted["second_urines_positive"].astype(float), counted["second_urines"].astype(float)
    )


@outcome(
    "second_days_used",
    label="Days in care with use of the second substance",
    unit="proportion",
    better="lower",
    definition="Days in care on which the second substance was used over days in care within the "
    "follow-up, of people who use one.",
    family=FAMILY,
)
def second_days_used(people: Followed) -> Shares:
    """Days of use over days in care."""
    users = people.patients["second_substance"] >= 0
    days = people.patients["second_days_used"].astype(float)
    return Shares(days, how_many(people.in_care) * users)
