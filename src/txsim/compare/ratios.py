"""Rates made of two outcomes, such as deaths in care over days in care, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.estimate import estimate
from txsim.compare.expected import levels
from txsim.outcomes.registry import BY_NAME, OUTCOMES

if TYPE_CHECKING:
    from txsim.compare.tables import Study


def ratio(
    study: Study, design: int, group: str, outcome: str, over: Sequence[str]
) -> tuple[float, float, float]:
    """Mean and 90 % limits of an outcome over the sum of others; nan where there is none.

    Of the expected values, not of single replications, of which many have nothing below the line:
    each replication stands for the ratio by its linear part (the delta method).
    """
    if group not in study.stacked.groups:
        return np.nan, np.nan, np.nan
    at = study.stacked.groups.index(group)
    values = study.stacked.values(design, slice(at, at + 1))[:, 0]
    above = values[:, OUTCOMES.index(BY_NAME[outcome])]
    below = values[:, [OUTCOMES.index(BY_NAME[one]) for one in over]].sum(axis=1)
    known = ~np.isnan(above + below)
    if not known.any() or not below[known].sum() > 0.0:
        return np.nan, np.nan, np.nan
    mean = above[known].sum() / below[known].sum()
    if mean == 0.0:
        # What never happened could have gone unseen, as with the outcome itself.
        place = np.array([OUTCOMES.index(BY_NAME[outcome])])
        unseen = levels(study, design, slice(at, at + 1), place, above[:, None])
        divided = below[known].mean()
        return 0.0, float(unseen.low[0] / divided), float(unseen.high[0] / divided)
    linear = np.where(known, mean + (above - mean * below) / below[known].mean(), np.nan)
    found = estimate(linear[:, None], study.draws, np.array([[0.0, np.inf]]), years=False)
    return float(mean), float(found.low[0]), float(found.high[0])
