"""Curves of time to an event when some people are not seen to the end, or meet another event first.

Time is counted in whole days. Somebody with `days == d` had the event, or was last seen, on day d;
whoever is last seen on a day counts as at risk of that day's events.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

HALF = 0.5
"""Share of people by which a median is read."""


def _counts(days: Array, happened: Array, last_day: int) -> tuple[Array, Array]:
    """People with an event on each day 0..last_day, and people at risk on each of them."""
    length = last_day + 1
    clipped = np.minimum(days, length)
    leaving = np.bincount(clipped, minlength=length + 1)
    at_risk = clipped.size - np.concatenate(([0], np.cumsum(leaving)[:length]))[:length]
    events = np.bincount(clipped[happened], minlength=length + 1)[:length]
    return events.astype(float), at_risk.astype(float)


def kaplan_meier(days: Array, happened: Array, last_day: int) -> Array:
    """Estimate the share still free of the event after each day 0..last_day.

    S(t) = product over days d <= t of (1 - events(d) / at risk(d)); nan from the day on which
    nobody is left at risk while some had not had the event (Kaplan and Meier 1958). Nan throughout
    without people.
    """
    events, at_risk = _counts(days, happened, last_day)
    with np.errstate(invalid="ignore", divide="ignore"):
        factors = np.where(at_risk > 0, 1.0 - events / at_risk, np.nan)
    return _unknown_unless_zero(np.cumprod(np.where(np.isnan(factors), 1.0, factors)), at_risk)


def _unknown_unless_zero(survival: Array, at_risk: Array) -> Array:
    """Survival at zero stays there; otherwise it is unknown once nobody is at risk."""
    known = (at_risk > 0) | ((survival <= 0.0) & (at_risk[0] > 0))
    return np.where(known, survival, np.nan)


def cumulative_incidence(days: Array, causes: Array, n_causes: int, last_day: int) -> Array:
    """Estimate the share of people met first by each cause 1..n_causes, by day 0..last_day.

    F_k(t) = sum over d <= t of S(d - 1) * events_k(d) / at risk(d), with S the curve of being free
    of every cause (Aalen and Johansen 1978). Cause 0 means last seen free of all. Rows are causes,
    columns days.
    """
    free = kaplan_meier(days, causes > 0, last_day)
    before = np.concatenate(([1.0], free[:-1]))
    curves = np.empty((n_causes, last_day + 1))
    for cause in range(1, n_causes + 1):
        events, at_risk = _counts(days, causes == cause, last_day)
        steps = np.zeros(last_day + 1)
        met = events > 0
        steps[met] = before[met] * events[met] / at_risk[met]
        curves[cause - 1] = np.cumsum(steps)
    curves[:, np.isnan(free)] = np.nan
    return curves


def restricted_mean(survival: Array, horizon: int) -> float:
    """Area under a curve of whole days up to `horizon`: mean event-free days within it.

    Raises ValueError when the curve ends before the horizon.
    """
    if len(survival) < horizon:
        raise ValueError(f"a curve of {len(survival)} days has no mean over {horizon} days")
    return float(np.sum(survival[:horizon]))


def median_day(survival: Array) -> float:
    """First day on which half or fewer are free of the event; nan when that never comes."""
    reached = np.flatnonzero(survival <= HALF)
    return float(reached[0]) if reached.size else np.nan
