"""How good a prediction is: limits, intervals, CRPS, PIT, and ratios on one scale.

A prediction is a sample: one figure for each replication.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import ndtri

Array = np.ndarray[Any, Any]

LEVEL = 0.90
"""Share of predictions that an interval holds."""
LIMITS_LEVEL = 0.95


def wilson(share: float, people: float, level: float = LIMITS_LEVEL) -> tuple[float, float]:
    """Wilson's limits of a share of so many people (Wilson 1927)."""
    z = float(ndtri(0.5 + level / 2))
    middle = (share + z * z / (2 * people)) / (1 + z * z / people)
    half = (
        z
        / (1 + z * z / people)
        * math.sqrt(share * (1 - share) / people + z * z / (4 * people * people))
    )
    return max(0.0, middle - half), min(1.0, middle + half)


def interval(sample: Array, level: float = LEVEL) -> tuple[float, float]:
    """The limits between which one more member of a sample falls with chance `level`.

    So they are a little wider than the middle of a small sample (ranks of n + 1, Weibull 1939); nan
    where nothing is known.
    """
    known = sample[~np.isnan(sample)]
    if not len(known):
        return math.nan, math.nan
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(known, ends, method="weibull")
    return float(low), float(high)


def median(sample: Array) -> float:
    """The middle of what is known of a sample, nan where nothing is."""
    known = sample[~np.isnan(sample)]
    return float(np.median(known)) if len(known) else math.nan


def crps(sample: Array, observed: float) -> float:
    """Continuous ranked probability score of a sample, in its unit; 0 is best.

    The estimator that is fair to small samples (Ferro 2014): mean distance to what was observed,
    less half the mean distance between two different members.
    """
    known = np.sort(sample[~np.isnan(sample)])
    count = len(known)
    if not count:
        return math.nan
    to_observed = float(np.abs(known - observed).mean())
    if count < 2:
        return to_observed
    weights = 2 * np.arange(count) - count + 1
    apart = 2.0 * float((weights * known).sum()) / (count * (count - 1))
    return to_observed - 0.5 * apart


def pit(sample: Array, observed: float) -> float:
    """Share of a sample below what was observed, ties half: even from 0 to 1 where calibrated."""
    known = sample[~np.isnan(sample)]
    if not len(known):
        return math.nan
    return float((known < observed).mean() + 0.5 * (known == observed).mean())


def unevenness(pits: Array) -> float:
    """The largest distance of the distribution of PIT values from an even one (Kolmogorov)."""
    ordered = np.sort(pits)
    count = len(ordered)
    above = np.arange(1, count + 1) / count - ordered
    below = ordered - np.arange(count) / count
    return float(max(above.max(), below.max()))


def on_scale(scale: str, share: Array | float, other: Array | float) -> Array:
    """A share against another one, as a difference or a ratio of a kind; nan where there is none.

    A hazard ratio is that of constant hazards which lead to the two shares.
    """
    one, two = np.asarray(share, float), np.asarray(other, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "difference":
            found = one - two
        elif scale in ("risk ratio", "rate ratio"):
            found = one / two
        else:
            of = _odds if scale == "odds ratio" else _cumulative_hazard
            found = of(one) / of(two)
    return np.where(np.isfinite(found), found, np.nan)


def _odds(share: Array) -> Array:
    return np.where(share < 1, share / (1 - share), np.nan)


def _cumulative_hazard(share: Array) -> Array:
    return np.where(share < 1, -np.log1p(-share), np.nan)


def as_difference(scale: str, value: float, other: float) -> float:
    """A difference or ratio as a difference of shares, where the second share is given."""
    if scale == "difference":
        return value
    if scale in ("risk ratio", "rate ratio"):
        return min(1.0, value * other) - other
    if scale == "odds ratio":
        odds = value * other / (1 - other)
        return odds / (1 + odds) - other
    return 1.0 - float((1 - other) ** value) - other


def pooled_log_ratio(logs: Array, variances: Array) -> float:
    """Log ratios of several trials, pooled by random effects (DerSimonian and Laird 1986)."""
    weights = 1.0 / variances
    fixed = float((weights * logs).sum() / weights.sum())
    spread = float((weights * (logs - fixed) ** 2).sum())
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    between = max(0.0, (spread - (len(logs) - 1)) / scale) if scale > 0 else 0.0
    weights = 1.0 / (variances + between)
    return float((weights * logs).sum() / weights.sum())
