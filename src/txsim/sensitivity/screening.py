"""Screening by elementary effects (Morris 1991): which numbers move an outcome at all.

Along a trajectory one factor after the other is moved by two thirds of its 95 % range, the others
staying where they are; what an outcome then does is an elementary effect. mu* is the mean of their
sizes over trajectories (Campolongo and others 2007). Luck moves outcomes too: all settings are run
with the same luck, but a moved number lets chance take other turns. How much it does is seen in how
the replications of an elementary effect differ, and mu* is called told from luck where it is larger
than luck alone would make it in all but one case of a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.sensitivity.salib import LEVEL, MIDDLE, deviates, problem_of, salib, settings_of

if TYPE_CHECKING:
    from txsim.sensitivity.factors import Factor

Array = np.ndarray[Any, Any]
Evaluate = Callable[[Sequence[dict[str, float]]], Array]
"""Settings to outputs: settings x replications x outputs, nan where a run failed."""

LEVELS = 4
MOVE = LEVELS / (2.0 * (LEVELS - 1.0))
"""How far a factor is moved, as a share of its range."""

SURE = 2.326
"""Standard deviations of what luck makes of mu*, beyond which it is told from luck: 1 in 100."""

HALF_NORMAL = float(np.sqrt(2.0 / np.pi))
"""Mean size of a standard normal deviate."""


@dataclass(frozen=True)
class Screened:
    """Factors x outputs, in the unit of each output and for one move."""

    factors: tuple[Factor, ...]
    moves: Array
    """mu*: by how much an output changes, on average, when the factor is moved."""
    error: Array
    """Half the width of the 90 % interval of that over trajectories."""
    luck: Array
    """What mu* would be if the factor did nothing."""
    told: Array
    """Whether it is told from luck."""
    trajectories: int

    def left(self, most: int) -> list[Factor]:
        """The factors that are left: those told from luck, the first of each output in turn."""
        order: list[int] = []
        ranks = np.argsort(-np.where(self.told, self.moves, 0.0), axis=0, kind="stable")
        for row in ranks:
            for output, factor in enumerate(row):
                if self.told[factor, output] and factor not in order:
                    order.append(int(factor))
        return [self.factors[one] for one in sorted(order[:most])]


def settings_needed(factors: int, trajectories: int) -> int:
    """Settings that a screening runs."""
    return trajectories * (factors + 1)


def screen(factors: Sequence[Factor], trajectories: int, seed: int, evaluate: Evaluate) -> Screened:
    """Screen factors; a trajectory with a failed run is left out for the output that it spoils."""
    problem = problem_of(factors)
    points = salib("sample.morris").sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    found = evaluate(settings_of(deviates(points, MIDDLE), factors))
    outputs = found.shape[2]
    size = len(factors) + 1
    shape = (len(factors), outputs)
    moves, error, luck = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    used = np.zeros(outputs)
    for output in range(outputs):
        values = found[:, :, output].reshape(trajectories, size, -1)
        whole = ~np.isnan(values).any(axis=(1, 2))
        if not whole.any():
            continue
        kept = np.repeat(whole, size)
        used[output] = whole.sum()
        result = salib("analyze.morris").analyze(
            dict(problem),
            points[kept],
            found[kept, :, output].mean(axis=1),
            conf_level=LEVEL,
            num_levels=LEVELS,
            seed=seed,
        )
        place = {str(name): at for at, name in enumerate(result["names"])}
        order = [place[factor.name] for factor in factors]
        moves[:, output] = MOVE * np.asarray(result["mu_star"], float)[order]
        error[:, output] = MOVE * np.asarray(result["mu_star_conf"], float)[order]
        luck[:, output] = HALF_NORMAL * _luck(points[kept], found[kept, :, output], factors)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = luck / HALF_NORMAL * np.sqrt((1.0 - HALF_NORMAL**2) / np.maximum(used, 1.0))
        told = (moves > luck + SURE * spread) & (moves > 0.0)
    return Screened(tuple(factors), moves, error, luck, told, trajectories)


def _luck(points: Array, values: Array, factors: Sequence[Factor]) -> Array:
    """The standard deviation that luck gives an elementary effect of each factor.

    `values` are settings x replications. Each replication is a run of the same luck in both
    settings, so what its effects differ by is chance, with the mean over replications known by as
    much as they are many. A few trajectories tell little of one factor's luck, so it counts as no
    less than that of all factors that move anything.
    """
    size, again = len(factors) + 1, values.shape[1]
    whose = np.repeat(np.arange(len(factors)), [len(factor.paths) for factor in factors])
    variances: list[list[float]] = [[] for _ in factors]
    for start in range(0, len(points), size):
        moved = np.diff(points[start : start + size], axis=0) != 0.0
        effects = np.diff(values[start : start + size], axis=0)
        for row, effect in zip(moved, effects, strict=True):
            variances[whose[np.argmax(row)]].append(float(effect.var(ddof=1)) / again)
    own = np.array([np.mean(one) for one in variances])
    moving = own > 0.0
    shared = own[moving].mean() if moving.any() else 0.0
    return np.sqrt(np.where(moving, np.maximum(own, shared), 0.0))
