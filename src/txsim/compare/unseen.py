"""Upper limits for events that were not seen in any run: they may happen, only seldom.

Where nothing happened to any of n people, a chance that would have shown itself in 19 of 20 such
samples is ruled out: 1 - 0.05 ** (1 / n), about 3 / n (Hanley and Lippman-Hand 1983, JAMA
249:1743-1745). The same holds for what happened to all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from txsim.compare.estimate import TAIL, Estimate
from txsim.outcomes.outcome import Array, Outcome


def with_the_unseen(
    found: Estimate, limits: Array, people: Array, outcomes: Sequence[Outcome]
) -> Estimate:
    """The estimates of `outcomes`, counts on an end told as far from it as could go unseen.

    `limits` are figures x 2, `people` the people of a replication on average. Figures that count
    nobody are left as they are.
    """
    of_one = np.array([one.of_one or np.nan for one in outcomes])
    summed = np.array([one.over == "sum" for one in outcomes], dtype=bool)
    return unseen_share(found, limits, people, of_one * np.where(summed, people, 1.0))


def unseen_share(found: Estimate, limits: Array, people: Array, of_all: Array) -> Estimate:
    """The estimates, those on an end told as far from it as could go unseen.

    `of_all` is what a figure would be if it happened once to each of the people; nan where it
    counts nobody.
    """
    lowest, highest = limits.T
    with np.errstate(invalid="ignore", divide="ignore"):
        unseen = -np.expm1(np.log1p(-TAIL) / (people * found.replications))
        reach = of_all * unseen
        point = (found.low == found.high) & (found.low == found.mean) & np.isfinite(reach)
    never, always = point & (found.mean == lowest), point & (found.mean == highest)
    return replace(
        found,
        low=np.where(always, np.maximum(highest - reach, lowest), found.low),
        high=np.where(never, np.minimum(lowest + reach, highest), found.high),
    )
