"""How many replications would settle a difference of unclear sign."""

from __future__ import annotations

import numpy as np

from txsim.compare.estimate import (
    FEWEST,
    Array,
    Estimate,
    posterior,
    quantile,
    variance_between_draws,
)

MOST_REPLICATIONS = 1_000_000
"""Beyond this many replications a question counts as not to be settled by replications."""


def replications_to_settle(found: Estimate) -> Array:
    """Replications after which the interval would leave out zero, all else staying as it is.

    Nan where it does so already or where no number would: the evidence itself leaves the sign open.
    Where there are too few replications for any interval, the fewest that give one worth having.
    """
    needed = np.where(
        np.isnan(found.low) & ~np.isnan(found.mean) & (found.replications < FEWEST), FEWEST, np.nan
    )
    with np.errstate(invalid="ignore"):
        still = (found.low == 0) & (found.high == 0)
        open_ones = (found.low <= 0) & (found.high >= 0) & ~still & (found.mean != 0)
    figures = np.flatnonzero(open_ones)
    moment = variance_between_draws(found) if found.per_draw > 0 else np.zeros(len(found.mean))
    can = np.abs(found.mean[figures]) > _reach(found, figures, moment, MOST_REPLICATIONS)
    figures = figures[can]
    needed[figures] = _settled_after(found, figures, moment)
    return needed


def _settled_after(found: Estimate, figures: Array, moment: Array) -> Array:
    """Smallest number of replications that settles each figure, to within 2 %."""
    mean = np.abs(found.mean[figures])
    unsettled = found.replications[figures].astype(float)
    settled = 2.0 * unsettled
    while len(figures):
        short = (mean <= _reach(found, figures, moment, settled)) & (settled < MOST_REPLICATIONS)
        if not short.any():
            break
        unsettled = np.where(short, settled, unsettled)
        settled = np.where(short, 2.0 * settled, settled)
    while len(figures) and np.any(settled - unsettled > np.maximum(1.0, unsettled / 50.0)):
        middle = np.floor((unsettled + settled) / 2.0)
        enough = mean > _reach(found, figures, moment, middle)
        settled = np.where(enough, middle, settled)
        unsettled = np.where(enough, unsettled, middle)
    return np.asarray(settled)


def _reach(found: Estimate, figures: Array, moment: Array, replications: float | Array) -> Array:
    """Half the width that the intervals would have after so many replications of the same sort."""
    count = np.broadcast_to(np.asarray(replications, dtype=float), figures.shape)
    luck = found.luck_variance[figures]
    if found.per_draw == 0.0:
        return np.asarray(quantile(count - 1.0) * np.sqrt(luck / count))
    n_draws = count / found.per_draw
    luck_df = count - n_draws
    per_draw = np.full(figures.shape, found.per_draw)
    between = moment[figures] + luck / per_draw
    draw, noise = posterior(between, luck * luck_df, per_draw, n_draws, luck_df)
    return np.asarray(quantile(n_draws - 1.0) * np.sqrt(draw + draw / n_draws + noise / count))
