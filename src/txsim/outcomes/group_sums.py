"""Sums over the members of groups, compiled: most people are in few of the many groups."""

from __future__ import annotations

import numpy as np

from txsim.compiled.functions import kernel
from txsim.outcomes.outcome import Array


@kernel
def add_members(belongs: Array, rows: Array, sums: Array) -> None:
    """Add each person's row to those of the groups they belong to.

    `belongs` are people x groups, `rows` people x figures, `sums` groups x figures. People are
    added in order, so sums do not depend on how many threads there are, as a matrix product's do.
    """
    for person in range(belongs.shape[0]):
        for group in range(belongs.shape[1]):
            if belongs[person, group]:
                for figure in range(rows.shape[1]):
                    sums[group, figure] += rows[person, figure]


def sums_by_group(belongs: Array, figures: Array) -> Array:
    """Sums of each figure over the members of each group: groups x figures.

    `belongs` are groups x people, `figures` figures x people.
    """
    sums = np.zeros((len(belongs), len(figures)))
    add_members(belongs.T.copy(), figures.T.copy(), sums)
    return sums
