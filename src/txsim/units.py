"""Conversions between the units of publications and the units of the model.

Inside the model time is counted in days, rates are per day and effects are additive terms on the
scale of the process they change: the logarithm of a rate, or the log odds of a daily chance. No
other module converts.
"""

from __future__ import annotations

import math

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12

RATE_UNITS = {"per day": 1.0, "per week": DAYS_PER_WEEK, "per year": DAYS_PER_YEAR}
"""Units of a rate, each with the days in one of its periods."""

RATIO_UNITS = ("hazard ratio", "rate ratio", "odds ratio", "risk ratio")
"""Units of a multiplicative effect: 1 means no effect."""

DIFFERENCE_UNITS = ("standardised mean difference", "log odds", "sd units")
"""Units of an additive effect: 0 means no effect."""

IMPOSSIBLE = -60.0
"""The log of a rate that never happens."""

LOG_ODDS_PER_STANDARD_DEVIATION = math.pi / math.sqrt(3.0)
"""Log odds for one standardised mean difference, under a logistic distribution.

Source: Chinn S. 2000, Statistics in Medicine 19:3127-3131.
"""


def rate_to_chance(rate: float, days: float = 1.0) -> float:
    """Chance of at least one event within `days`, at a constant `rate` per day.

    Raises ValueError when the rate or the number of days is negative.
    """
    if rate < 0.0 or days < 0.0:
        raise ValueError(f"a rate and a number of days cannot be negative (got {rate}, {days})")
    return -math.expm1(-rate * days)


def chance_to_rate(chance: float, days: float = 1.0) -> float:
    """Constant rate per day that gives `chance` of an event within `days`.

    Raises ValueError unless the chance is at least 0 and below 1 and `days` is positive.
    """
    if not 0.0 <= chance < 1.0 or days <= 0.0:
        raise ValueError(f"a chance of {chance} within {days} days has no constant rate")
    return -math.log1p(-chance) / days


def per_day(value: float, unit: str) -> float:
    """Rate per day of a rate published "per day", "per week" or "per year".

    Raises ValueError for a unit that is not a rate.
    """
    try:
        return value / RATE_UNITS[unit]
    except KeyError:
        allowed = ", ".join(RATE_UNITS)
        raise ValueError(f"{unit!r} is not the unit of a rate (allowed {allowed})") from None


def log_effect(value: float, unit: str) -> float:
    """Additive term of a published effect on the scale of the process it changes.

    A hazard, rate or risk ratio becomes the logarithm added to a log rate; an odds ratio becomes
    the logarithm added to log odds; a standardised mean difference d becomes the log odds
    d * pi / sqrt(3). Log odds and standard-deviation units are additive already. Below zero means
    fewer events.

    Raises ValueError for a ratio that is not positive and for a unit that is not an effect.
    """
    if unit in RATIO_UNITS:
        if value <= 0.0:
            raise ValueError(f"a ratio must be above 0 (got {value})")
        return math.log(value)
    if unit == "standardised mean difference":
        return value * LOG_ODDS_PER_STANDARD_DEVIATION
    if unit in DIFFERENCE_UNITS:
        return value
    allowed = ", ".join(RATIO_UNITS + DIFFERENCE_UNITS)
    raise ValueError(f"{unit!r} is not the unit of an effect (allowed {allowed})")


def published_effect(term: float, unit: str) -> float:
    """The other way round: an additive term as an effect in a unit of publications.

    Raises ValueError for a unit that is not an effect.
    """
    if unit in RATIO_UNITS:
        return math.exp(term)
    return term / log_effect(1.0, unit)


def log_odds(chance: float) -> float:
    """Log odds of a chance, clipped just inside 0 and 1."""
    chance = min(max(chance, 1e-12), 1.0 - 1e-12)
    return math.log(chance / (1.0 - chance))


def log_rate(rate: float) -> float:
    """Log of a daily rate; a rate of 0 never happens."""
    return math.log(rate) if rate > 0.0 else IMPOSSIBLE


def kept_after_a_day(half_life_days: float) -> float:
    """What is left of something after a day, given its half-life."""
    return float(0.5 ** (1.0 / half_life_days)) if half_life_days > 0.0 else 0.0
