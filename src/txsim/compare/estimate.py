"""Estimates of expected values and paired differences from replications, with intervals.

Replications are nested: each draw of the parameters of the world and of the clinic is run several
times with different random numbers. With y = mean + draw + luck, the variance between the draws'
means is split into parameter uncertainty (draw) and chance (luck), which averages out:

    variance of a draw's mean = s2_draw + s2_luck / L,     L replications a draw.

`s2_draw` is the posterior mean under a uniform prior for the share of luck in a draw's mean
(Daniels 1999, Canadian Journal of Statistics 27:567-578). Cutting the moment estimate off at zero
is simpler but its 90 % intervals held the truth in as little as 78 % of simulated cases, these in
88 % or more (from 5 draws on). The interval is mean -+ t(draws - 1) * sqrt(s2_draw + se2), with se2
the Monte-Carlo variance of the mean: it is about the expected value in a draw not yet made, so more
replications shrink it only as far as the evidence allows.

Where a figure cannot pass an end, the interval is made on a scale of its own (see `scales`): each
draw's expected figure, drawn towards the mean by as much as its own mean is luck, is put on that
scale, and what is left of the variances is carried there by the slope of the scale. How often such
intervals hold the truth, beside those made on the figure itself, stands in
docs/intervals.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from txsim.compare.scales import Scales

Array = np.ndarray[Any, Any]

LEVEL = 0.90
TAIL = 0.5 + LEVEL / 2.0

FEWEST = 20
"""Replications (5 draws) below which intervals are too wide to settle anything."""

NODES = 128
"""Points of Gauss and Legendre at which the posterior of the share of luck is summed."""


@dataclass(frozen=True)
class Estimate:
    """Means over replications of many figures at once, with their uncertainty."""

    mean: Array
    low: Array
    high: Array
    standard_error: Array
    year_low: Array
    year_high: Array
    replications: Array
    draw_variance: Array
    luck_variance: Array
    per_draw: float
    """Replications a draw; 0 where nothing but luck varies."""
    draw_means: Array
    """Draws x figures."""
    draw_sizes: Array


def estimate(
    values: Array, draws: Array | None, limits: Array | None = None, *, years: bool = True
) -> Estimate:
    """Estimate expected values from `values` (replications x figures).

    `limits` are figures x 2: the lowest and the highest that is possible, infinite where there is
    none (all, if left out). No interval goes beyond.

    `draws` names the draw of each replication; None says that only chance varies, and the interval
    is the ordinary t interval of the mean. Replications in which a figure is nan are left out of
    that figure. Where there are too few draws (or replications) to say anything, the limits are
    nan. Without `years` the range of single replications is left out, as nan.
    """
    values = np.asarray(values, dtype=float)
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, np.where(known, values, 0.0).sum(axis=0) / count, np.nan)
    # A sum of equal numbers need not divide back to the number; what never varies is that number.
    mean = np.where(_constant(values), _first_known(values), mean)
    if draws is None:
        found = _luck_only(values, known, count, mean)
    else:
        found = _nested(values, known, count, mean, np.asarray(draws))
    if limits is not None:
        found = on_scales(found, Scales.of(limits))
    if not years:
        return found
    year_low, year_high = year_range(values)
    return replace(found, year_low=year_low, year_high=year_high)


def _constant(values: Array) -> Array:
    first = _first_known(values)
    return np.asarray(((values == first) | np.isnan(values)).all(axis=0) & ~np.isnan(first))


def _first_known(values: Array) -> Array:
    known = ~np.isnan(values)
    first = known.argmax(axis=0)
    return np.asarray(values[first, np.arange(values.shape[1])])


def _luck_only(values: Array, known: Array, count: Array, mean: Array) -> Estimate:
    squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        luck = np.where(count > 1, squares / (count - 1), np.nan)
        error = np.sqrt(luck / count)
    reach = quantile(count - 1) * error
    years = np.full_like(mean, np.nan)
    return Estimate(
        mean, mean - reach, mean + reach, error, years, years, count,
        np.zeros_like(mean), luck, 0.0, mean[None, :], np.ones((1, len(mean))),
    )  # fmt: skip


def _nested(values: Array, known: Array, count: Array, mean: Array, draws: Array) -> Estimate:
    labels, whose = np.unique(draws, return_inverse=True)
    sizes = _sums(known.astype(float), whose)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(sizes > 0, _sums(np.where(known, values, 0.0), whose) / sizes, np.nan)
    own = means[whose]
    within = np.where(known, (values - own) ** 2, 0.0).sum(axis=0)
    n_draws = (sizes > 0).sum(axis=0)
    draw_variance, luck_variance = components(means, sizes, within, count, n_draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = np.where(sizes > 0, sizes / count, 0.0)
        error = np.sqrt(draw_variance * (weights**2).sum(axis=0) + luck_variance / count)
    reach = quantile(n_draws - 1) * np.sqrt(draw_variance + error**2)
    still = _constant(values) & (n_draws > 1)
    reach, error = np.where(still, 0.0, reach), np.where(still, 0.0, error)
    years = np.full_like(mean, np.nan)
    return Estimate(
        mean, mean - reach, mean + reach, error, years, years, count,
        draw_variance, luck_variance, len(draws) / len(labels), means, sizes,
    )  # fmt: skip


def on_scales(found: Estimate, scales: Scales) -> Estimate:
    """The estimate with the interval of each figure that has an end made on its own scale."""
    low, high = _limits_on(found, scales)
    # On the very end, and where nothing varies, there is no scale and the interval is a point.
    inside = (found.mean > scales.lowest) & (found.mean < scales.highest) & (found.low < found.high)
    bent = scales.ends & inside
    low = np.where(bent, np.minimum(low, found.mean), scales.within(found.low))
    high = np.where(bent, np.maximum(high, found.mean), scales.within(found.high))
    return replace(found, low=low, high=high)


def _limits_on(found: Estimate, scales: Scales) -> tuple[Array, Array]:
    present = found.draw_sizes > 0
    n_draws = present.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if found.per_draw == 0.0:
            centre = scales.put(found.mean)
            spread, weights = np.zeros_like(centre), np.zeros_like(centre)
            df = found.replications - 1
        else:
            draws = np.where(present, expected_in_draws(found), found.mean)
            share = np.where(present, found.draw_sizes / found.replications, 0.0)
            points = scales.put(draws)
            centre = (share * points).sum(axis=0)
            between = np.where(present, (draws - found.mean) ** 2, 0.0).sum(axis=0) / (n_draws - 1)
            left = np.maximum(found.draw_variance - between, 0.0)
            carried = np.where(present, left * scales.stretch(draws), 0.0).sum(axis=0) / n_draws
            spread = np.where(present, (points - centre) ** 2, 0.0).sum(axis=0) / (n_draws - 1)
            spread, weights = spread + carried, (share**2).sum(axis=0)
            df = n_draws - 1
        luck = found.luck_variance / found.replications * scales.stretch(found.mean)
        reach = quantile(df) * np.sqrt(spread * (1.0 + weights) + luck)
        return scales.back(centre - reach), scales.back(centre + reach)


def expected_in_draws(found: Estimate) -> Array:
    """Each draw's expected figure: its own mean, drawn towards all by as much as it is luck.

    As if there had been one replication more, with the mean for its figure, so that none lies on an
    end that others have left. Draws x figures, nan where a draw has no value.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        luck = found.luck_variance / found.draw_sizes
        known = found.draw_variance / (found.draw_variance + luck)
        trust = np.where(found.draw_variance > 0, known, 0.0)
        trust = trust * found.replications / (found.replications + 1.0)
        return np.asarray(found.mean + trust * (found.draw_means - found.mean))


def _sums(values: Array, whose: Array) -> Array:
    """Sums over the replications of each draw: draws x figures. `whose` numbers the draws."""
    order = np.argsort(whose, kind="stable")
    first = np.searchsorted(whose[order], np.arange(int(whose.max()) + 1))
    return np.asarray(np.add.reduceat(values[order], first, axis=0))


def components(
    means: Array, sizes: Array, within: Array, count: Array, n_draws: Array
) -> tuple[Array, Array]:
    """Variance between draws and variance of luck, each as its posterior mean.

    Both are nan with fewer than 2 draws. `means` and `sizes` are draws x figures, `within` the sums
    of squares about the draws' own means.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        per_draw = n_draws / np.where(sizes > 0, 1.0 / sizes, 0.0).sum(axis=0)
        centre = np.nansum(means, axis=0) / n_draws
        between = np.nansum((means - centre) ** 2, axis=0) / (n_draws - 1)
        luck_df = count - n_draws
        draw, luck = posterior(between, within, per_draw, n_draws, luck_df)
    # Without replications within draws chance is not identified; all counts as the draw's.
    draw = np.where(luck_df > 0, draw, between)
    luck = np.where(luck_df > 0, luck, 0.0)
    few = n_draws < 2
    return np.where(few, np.nan, draw), np.where(few, np.nan, luck)


def posterior(
    between: Array, within: Array, per_draw: Array, n_draws: Array, luck_df: Array
) -> tuple[Array, Array]:
    """Posterior means of the two variances, summed over the share s of luck in a draw's mean.

    Given s, all squares together, (K - 1) L s between + within, are s2_luck times chi-squared with
    K L - 1 degrees of freedom, and s2_draw = s2_luck (1 / s - 1) / L. The sum is over t = -log(s),
    where its density is nearly normal however small s is: from 0 on, as far to both sides of its
    top as it counts for anything.
    """
    df = n_draws - 1 + luck_df
    power = (n_draws + 1) / 2.0
    lucky = within > 0.0
    rest = np.maximum(df / 2.0 - power, 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.log((n_draws - 1) * per_draw * between)
        ratio = np.where(lucky, squares - np.log(within), 0.0)
        top = np.maximum(ratio - np.log(power / rest), 0.0)
        top = np.where(np.isfinite(top), top, 0.0)
        reach = 10.0 * np.sqrt(1.0 / power + 1.0 / rest)
        first = np.maximum(top - np.maximum(reach, 40.0 / rest), 0.0)
        last = top + np.maximum(reach, 40.0 / (power - 1.0))
    nodes, weights = _nodes()
    t = first + (last - first) * ((nodes + 1.0) / 2.0)[:, None]
    grown = np.logaddexp(0.0, ratio - t)
    log_density = -power * t - 0.5 * df * grown
    density = np.exp(log_density - log_density.max(axis=0)) * weights[:, None]
    density /= density.sum(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        luck = within * np.exp(grown) / np.maximum(df - 2, 1)
        draw = luck * np.expm1(t) / per_draw
        found = (draw * density).sum(axis=0), (luck * density).sum(axis=0)
    # Without chance all variance is the draw's.
    return np.where(lucky, found[0], between), np.where(lucky, found[1], 0.0)


def variance_between_draws(found: Estimate) -> Array:
    """Unbiased estimate of the variance between draws, not below zero.

    The posterior mean errs on the wide side while draws are few; what many draws would show is
    this.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        present = found.draw_sizes > 0
        n_draws = present.sum(axis=0)
        centre = np.nansum(found.draw_means, axis=0) / n_draws
        between = np.nansum((found.draw_means - centre) ** 2, axis=0) / (n_draws - 1)
        inverse = np.where(present, 1.0 / found.draw_sizes, 0.0).sum(axis=0) / n_draws
        return np.asarray(np.maximum(0.0, between - found.luck_variance * inverse))


@cache
def _nodes() -> tuple[Array, Array]:
    """Points and weights of Gauss and Legendre between -1 and 1."""
    return np.polynomial.legendre.leggauss(NODES)


def quantile(df: Array) -> Array:
    """The t quantile of a two-sided 90 % interval; nan without degrees of freedom."""
    from scipy.special import stdtrit

    df = np.asarray(df, dtype=float)
    return np.where(df >= 1, stdtrit(np.maximum(df, 1.0), TAIL), np.nan)


def year_range(values: Array) -> tuple[Array, Array]:
    """The 90 % range of a single replication, by quantiles that few do not make narrower."""
    low = np.full(values.shape[1], np.nan)
    high = np.full(values.shape[1], np.nan)
    unknown = np.isnan(values).any(axis=0)
    whole = values[:, ~unknown]
    if whole.size:
        low[~unknown], high[~unknown] = np.quantile(
            whole, [1 - TAIL, TAIL], axis=0, method="weibull"
        )
    for column in np.flatnonzero(unknown):
        some = values[~np.isnan(values[:, column]), column]
        if some.size:
            low[column], high[column] = np.quantile(some, [1 - TAIL, TAIL], method="weibull")
    return low, high


def share_above(found: Estimate, than: Array | float = 0.0) -> Array:
    """Share of draws in which the expected figure is above so much, ties half.

    Each draw's expected figure is drawn towards the mean by as much as its own mean is luck; what
    is still not known about it then counts by its chance, so a difference that is nothing but
    chance comes out above zero near a half. It is no surer than so few draws can make it: never
    farther from a half than the chance that a further draw is above, by Student's t.
    """
    from scipy.special import ndtr, stdtr

    above_mean = found.mean - than
    with np.errstate(invalid="ignore", divide="ignore"):
        luck = np.where(found.draw_sizes > 0, found.luck_variance / found.draw_sizes, np.inf)
        trust = np.where(
            found.draw_variance > 0, found.draw_variance / (found.draw_variance + luck), 0.0
        )
        centre = above_mean + trust * (np.nan_to_num(found.draw_means) - found.mean)
        spread = (1.0 - trust) * found.draw_variance + ((1.0 - trust) * found.standard_error) ** 2
        above = ndtr(centre / np.sqrt(spread))
    above = np.where(spread > 0, above, np.where(centre == 0, 0.5, centre > 0))
    counted = (found.draw_sizes > 0) | (found.per_draw == 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(counted, above, 0.0).sum(axis=0) / counted.sum(axis=0)
        several = found.replications if found.per_draw == 0.0 else counted.sum(axis=0)
        unknown = np.sqrt(found.draw_variance + found.standard_error**2)
        further = stdtr(np.maximum(several - 1.0, 1.0), above_mean / unknown)
    surer = np.abs(share - 0.5) > np.abs(further - 0.5)
    share = np.where((unknown > 0) & surer, further, share)
    point = (found.low == found.high) & (found.low == found.mean)
    share = np.where(point, np.where(above_mean == 0, 0.5, above_mean > 0), share)
    return np.where(np.isnan(found.mean) | np.isnan(found.low), np.nan, share)


def median(found: Estimate) -> Array:
    """The middle one of the draws' expected figures, within the interval.

    Where draws are skewed it says what is as likely exceeded as not; the mean lies towards the long
    side.
    """
    if found.per_draw == 0.0:
        return found.mean
    with np.errstate(invalid="ignore"):
        expected = np.where(found.draw_sizes > 0, expected_in_draws(found), np.nan)
        some = ~np.isnan(expected).all(axis=0)
        middle = found.mean.copy()
        middle[some] = np.nanmedian(expected[:, some], axis=0)
        return np.fmin(np.fmax(middle, found.low), found.high)
