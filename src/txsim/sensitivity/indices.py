"""Sobol indices of the numbers that are left: each one's share of what is not known.

The first index of a number is the share of an output's variance that knowing the number would take
away; the total index the share that would be left if all others were known, so that it holds what
the number does together with others. Saltelli's design and Jansen's estimator, as SALib has them.

Luck moves every total index up, since the difference between two settings holds the luck of both.
How much is worked out from how replications of that difference differ, and taken off; so it is from
the variance. An index is called told from luck when its interval lies above what luck adds, and
luck is less than half of the variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.sensitivity.salib import LEVEL, deviates, problem_of, salib, settings_of

if TYPE_CHECKING:
    from txsim.sensitivity.factors import Factor
    from txsim.sensitivity.screening import Evaluate

Array = np.ndarray[Any, Any]

RESAMPLES = 200

MOST_LUCK = 0.95
"""Share of a variance that is taken off as luck at most: beyond it nothing can be said anyway."""


@dataclass(frozen=True)
class Indices:
    """Factors x outputs."""

    factors: tuple[Factor, ...]
    first: Array
    first_error: Array
    """Half the width of the 90 % interval."""
    total: Array
    """With what luck adds taken off."""
    total_error: Array
    luck: Array
    """What luck alone adds to a total index."""
    told: Array
    """Whether the total index is told from luck."""
    spread: Array
    """Outputs: standard deviation that the numbers together give, luck taken off."""
    luck_spread: Array
    """Outputs: standard deviation that luck gives a setting's mean over replications, against
    those of others."""


def settings_needed(factors: int, base: int) -> int:
    """Settings that indices take."""
    return base * (factors + 2)


def indices(factors: Sequence[Factor], base: int, seed: int, evaluate: Evaluate) -> Indices:
    """Estimate indices from `base` points (a power of 2) and those that share a column with them.

    A point with a failed run is left out, with all that belong to it.
    """
    problem = problem_of(factors)
    points = salib("sample.sobol").sample(problem, base, calc_second_order=False, seed=seed)
    found = evaluate(settings_of(deviates(points), factors))
    outputs, count = found.shape[2], len(factors)
    step = count + 2
    values = found.reshape(base, step, found.shape[1], outputs)
    whole = ~np.isnan(values).any(axis=(1, 2, 3))
    values = values[whole]
    shape = (count, outputs)
    first, first_error, total, total_error, luck = (np.full(shape, np.nan) for _ in range(5))
    spread, luck_spread = np.full(outputs, np.nan), np.full(outputs, np.nan)
    for output in range(outputs):
        own = values[:, :, :, output]
        means = own.mean(axis=2)
        variance = means[:, [0, step - 1]].var()
        # Luck that is common to all settings is no part of the variance between them, so it is
        # taken from two settings of which every number differs.
        apart = own[:, 0] - own[:, step - 1]
        noise = float(apart.var(axis=1, ddof=1).mean()) / (2.0 * own.shape[2])
        if len(means) < 2 or variance == 0.0:
            first[:, output] = total[:, output] = luck[:, output] = 0.0
            first_error[:, output] = total_error[:, output] = 0.0
            spread[output], luck_spread[output] = 0.0, np.sqrt(noise)
            continue
        result = salib("analyze.sobol").analyze(
            dict(problem),
            means.ravel(),
            calc_second_order=False,
            num_resamples=RESAMPLES,
            conf_level=LEVEL,
            seed=seed,
        )
        differences = own[:, 1 : step - 1] - own[:, :1]
        added = (differences.var(axis=2, ddof=1) / own.shape[2]).mean(axis=0) / (2.0 * variance)
        known = 1.0 - min(noise / variance, MOST_LUCK)
        first[:, output] = np.asarray(result["S1"], float) / known
        first_error[:, output] = np.asarray(result["S1_conf"], float) / known
        total[:, output] = np.maximum(np.asarray(result["ST"], float) - added, 0.0) / known
        total_error[:, output] = np.asarray(result["ST_conf"], float) / known
        luck[:, output] = added / known
        spread[output] = np.sqrt(variance * known)
        luck_spread[output] = np.sqrt(noise)
    return Indices(
        tuple(factors),
        first,
        first_error,
        total,
        total_error,
        luck,
        (total - total_error > 0.0) & (luck_spread <= spread),
        spread,
        luck_spread,
    )
