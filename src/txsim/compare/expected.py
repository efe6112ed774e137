"""Expected values of designs and their differences, none beyond what is possible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.estimate import Estimate, estimate
from txsim.compare.unseen import with_the_unseen
from txsim.outcomes.outcome import Array
from txsim.outcomes.registry import OUTCOMES, named

if TYPE_CHECKING:
    from txsim.compare.tables import Study

DIFFERS_BY = np.array(
    [OUTCOMES.index(named(outcome.differs_by or outcome.name)) for outcome in OUTCOMES]
)
"""For each outcome, the place of the one whose difference stands for its own."""


def stands_for(places: Array) -> Array:
    """Places, among the outcomes of several groups, of those whose differences are taken."""
    group, outcome = np.divmod(places, len(OUTCOMES))
    return np.asarray(group * len(OUTCOMES) + DIFFERS_BY[outcome])


def levels(study: Study, design: int, groups: slice, places: Array, values: Array) -> Estimate:
    """Expected values of some of the outcomes of these groups; `values` has a column for each.

    `places` say which outcomes they are, counted through the groups one after the other.
    """
    outcome = places % len(OUTCOMES)
    limits = study.limits(design)[outcome]
    people = study.stacked.people[design][groups].ravel()[places]
    found = estimate(values, study.draws, limits)
    return with_the_unseen(found, limits, people, [OUTCOMES[one] for one in outcome])


def differences(
    study: Study, design: int, baseline: int, groups: slice, places: Array, values: Array
) -> Estimate:
    """Expected differences of a design from another; `values` are replications x both x figures.

    No difference is larger than what is possible of both, nor than the levels leave room for:
    nobody can lose more than there is.
    """
    paired = not study.differing[baseline][design]
    later, first = values[:, 0], values[:, 1]
    if not paired:
        first = first[another_in_the_draw(study.draws, len(first))]
    above, below = (study.limits(one)[places % len(OUTCOMES)] for one in (design, baseline))
    limits = np.stack([above[:, 0] - below[:, 1], above[:, 1] - below[:, 0]], axis=1)
    found = estimate(later - first, study.draws, limits)
    if paired:
        found = where_never_different(found, later - first)
    now = levels(study, design, groups, places, later)
    before = levels(study, baseline, groups, places, first)
    if not paired:
        found = apart(found, now, before)
    return roomy(found, now, before, above, below)


def another_in_the_draw(draws: Array | None, replications: int) -> Array:
    """For each replication another of the same draw, or itself where there is no other.

    So two designs share parameters, and neither people nor random numbers.
    """
    number = np.zeros(replications, dtype=np.int64) if draws is None else np.asarray(draws)
    other = np.arange(replications)
    for draw in np.unique(number):
        there = np.flatnonzero(number == draw)
        other[there] = np.roll(there, -1)
    return other


def apart(found: Estimate, now: Estimate, before: Estimate) -> Estimate:
    """Differences between different people, those that never vary as wide as the levels are."""
    point = (found.low == found.high) & ((now.low < now.high) | (before.low < before.high))
    return replace(
        found,
        low=np.where(point, now.low - before.high, found.low),
        high=np.where(point, now.high - before.low, found.high),
    )


def roomy(
    found: Estimate, now: Estimate, before: Estimate, limits_now: Array, limits_before: Array
) -> Estimate:
    """Differences cut off where the levels leave no room for more: nobody loses what is not there.

    The limits are what is possible of each of the two levels, figures x 2.
    """
    least = np.fmax(limits_now[:, 0] - before.high, now.low - limits_before[:, 1])
    most = np.fmin(limits_now[:, 1] - before.low, now.high - limits_before[:, 0])
    return replace(
        found,
        low=np.where(
            np.isnan(found.low), np.nan, np.minimum(np.fmax(found.low, least), found.mean)
        ),
        high=np.where(
            np.isnan(found.high), np.nan, np.maximum(np.fmin(found.high, most), found.mean)
        ),
    )


def where_never_different(found: Estimate, differences: Array) -> Estimate:
    """Estimates with limits of exactly zero where no replication showed any difference."""
    never = (np.nan_to_num(differences) == 0.0).all(axis=0) & (found.replications > 0)
    return replace(
        found,
        low=np.where(never, 0.0, found.low),
        high=np.where(never, 0.0, found.high),
        standard_error=np.where(never, 0.0, found.standard_error),
    )
