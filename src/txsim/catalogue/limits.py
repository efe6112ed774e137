"""How large a number may be: far beyond any clinic, and small enough to count with.

No real figure comes near these limits. They are there so that a slip of the hand (a year's wage
with nine noughts, a billion places) is told at once, and whatever is accepted can be simulated.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

MOST_DAYS = 36_525
"""A hundred years."""
LONGEST_HORIZON = 3_653
"""Ten years, in days."""
MOST_WEEKS = MOST_DAYS // 7
MOST_MINUTES = 10_080
"""The minutes of a week."""
MOST_PEOPLE = 100_000
"""People in a clinic or in a cohort."""
MOST_ASKING = 500
"""People asking for treatment in a week; those of a year are doubted, not refused."""
MOST_POSTS = 5_000
"""Of one role."""
MOST_STAFF = 6_000
"""Posts of all roles."""
MOST_SESSIONS = 10_000
MOST_SEATS = 1_000
MOST_KILOMETRES = 1_000_000
"""More than twice the way to the moon; a distance in metres is doubted, not refused."""
MOST_MONEY = 1e12
"""In any currency; a yearly wage has ten digits in some."""
MOST_RATIO = 1e6
MOST_HELP = 20.0
"""Sd units by which all services together may move something."""
MOST_SPREAD = 3.0
"""Standard deviation on the logarithm or on log odds: 95 % limits 360 times the value apart."""

MOST_ENTRIES = 100
"""Entries of a table that a scenario may add to or change."""
MOST_NAMES = 100
"""Names in a list, and figures in a table of a block."""
MOST_PRICES = 1_000
LONGEST_NAME = 60
LONGEST_TEXT = 2_000
"""Characters."""

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
EntryName = Annotated[str, Field(max_length=LONGEST_NAME, pattern=r"^[^.\x00-\x1f\x7f]+$")]
"""Name of an entry: no full stops, which part the steps of a path, and nothing unprintable."""
Names = Annotated[tuple[Name, ...], Field(max_length=MOST_NAMES)]
Few = Field(max_length=MOST_NAMES)
"""Mark of a table that holds no more than so much."""

RATIOS = (1.0 / MOST_RATIO, MOST_RATIO)
MONEY = (0.0, MOST_MONEY)
ONE = (0.0, 1.0)

LIMITS: dict[str, tuple[float, float]] = {
    "hazard ratio": RATIOS,
    "rate ratio": RATIOS,
    "odds ratio": RATIOS,
    "risk ratio": RATIOS,
    "standardised mean difference": (-10.0, 10.0),
    "per day": (0.0, 1_000.0),
    "per week": (0.0, 7_000.0),
    "per year": (0.0, 365_250.0),
    "probability": ONE,
    "proportion": ONE,
    "log odds": (-20.0, 20.0),
    "sd units": (-20.0, 20.0),
    "days": (0.0, MOST_DAYS),
    "weeks": (0.0, MOST_WEEKS),
    "minutes": (0.0, MOST_MINUTES),
    "hours": (0.0, 168.0),
    "sessions": (0.0, MOST_SESSIONS),
    "people": (0.0, MOST_PEOPLE),
    "USD": MONEY,
    "USD per day": MONEY,
    "USD per visit": MONEY,
    "USD per year": MONEY,
    "score": (-10.0, 10.0),
    "ratio": (0.0, 1_000.0),
    "km": (0.0, MOST_KILOMETRES),
    "kilometres": (0.0, MOST_KILOMETRES),
    "years": (0.0, 120.0),
    "posts": (0.0, MOST_POSTS),
}
"""The least and the most that a value in each unit may be."""

OF_THE_MODEL: dict[str, tuple[float, float]] = {
    "asks_again_years": (0.0, 20.0),
    "people_per_worker_on_duty": (0.1, MOST_PEOPLE),
    "ties_remembered": (0.0, 50.0),
    "jail_days": (1.0, MOST_DAYS),
    "dose_saturation": (0.01, 1_000.0),
    "low_dose_mark": (0.01, 0.99),
    "intake_show_decay_days": (0.01, MOST_DAYS),
}
"""The same for figures of the model whose unit allows more than the rules can take."""


def limits_of_model(name: str, unit: str) -> tuple[float, float]:
    """The least and the most that a figure of the model may be."""
    return OF_THE_MODEL.get(name, LIMITS[unit])
