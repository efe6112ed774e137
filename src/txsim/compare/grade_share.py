"""How much of a difference rests on effects of grade D: assumptions, or evidence against.

The designs are run again with those effects left out, on the same people with the same luck. What
the difference then lacks rested on them: 1 - d(ABC) / d(ABCD). Effects are those of services,
diagnoses and barriers, which `effects.grades` can leave out; other numbers of grade D stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.estimate import estimate
from txsim.outcomes.registry import BY_NAME, OUTCOMES

if TYPE_CHECKING:
    from txsim.compare.tables import Study

WITHOUT_D = "ABC"

LEAST = 0.005
"""Difference, as a proportion, below which it is too small to be split."""


@dataclass(frozen=True)
class GradeShare:
    """One difference with all effects and without those of grade D, and what is between them."""

    scenario: str
    outcome: str
    difference: float
    without_d: float
    on_d: float
    """Difference less that without effects of grade D."""
    low: float
    """Lower 90 % limit of `on_d`, from the same replications."""
    high: float
    share: float
    """Part of the difference that rests on grade D; nan where it is too small to be split."""


def grade_shares(whole: Study, without: Study, outcomes: Sequence[str]) -> list[GradeShare]:
    """Split each headline difference, by the replications that both have."""
    places = [OUTCOMES.index(BY_NAME[one]) for one in outcomes]
    both = np.intersect1d(whole.years.kept, without.years.kept)
    found = []
    for number, design in enumerate(whole.designs):
        if number == 0 or whole.differing[0][number]:
            continue
        every = [_differences(study, number, both)[:, places] for study in (whole, without)]
        draws = None
        if whole.draws is not None:
            draws = np.asarray(whole.draws)[np.isin(whole.years.kept, both)]
        full, less, rest = (
            estimate(values, draws, years=False) for values in (*every, every[0] - every[1])
        )
        for column, outcome in enumerate(outcomes):
            mean = float(full.mean[column])
            clear = full.low[column] > 0.0 or full.high[column] < 0.0
            on_d = float(rest.mean[column])
            found.append(
                GradeShare(
                    design.name,
                    outcome,
                    mean,
                    float(less.mean[column]),
                    on_d,
                    float(rest.low[column]),
                    float(rest.high[column]),
                    on_d / mean if clear and abs(mean) >= LEAST else float("nan"),
                )
            )
    return found


def _differences(study: Study, number: int, replications: np.ndarray) -> np.ndarray:
    """Replications x outcomes of everyone: a design less the first."""
    rows = np.isin(study.years.kept, replications)
    later, first = (study.stacked.values(one, slice(0, 1))[rows, 0] for one in (number, 0))
    return np.asarray(later - first)
