"""How much of what is uncertain is chance, how much the parameters, and how much the clinic.

A single year of a figure varies for three reasons: luck, within a draw; the parameters, and the
clinic's own effects, between draws. Luck is what replications of one draw vary by. What draws vary
by beyond it is split by a regression of the draws' means on the clinic's deviates (of leaving, of
use), which are drawn once a draw: the clinic's part is what they explain, less what they would
explain by chance, and the parameters' part is the rest. All three are estimated without bias but
for a cut at nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.estimate import Estimate, estimate, variance_between_draws
from txsim.outcomes.outcome import Array
from txsim.outcomes.registry import OUTCOMES
from txsim.outcomes.subgroups import EVERYONE

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.tables import Study

FEWEST_DRAWS = 5
"""Draws below which nothing is said of what varies between them."""
COLUMNS = ("scenario", "baseline", "outcome", "unit", "year_sd", "chance", "parameters", "clinic")


@dataclass(frozen=True)
class Parts:
    """Variances of a single year of several figures, by where they come from."""

    chance: Array
    parameters: Array
    clinic: Array

    @property
    def whole(self) -> Array:
        """Variance of a single year."""
        return self.chance + self.parameters + self.clinic


def parts(values: Array, draws: Array, clinic: Array) -> Parts:
    """The parts of `values` (replications x figures) in these `draws`.

    `clinic` has the clinic's deviates of each replication (replications x deviates); where they do
    not vary, they have no part.
    Figures that a replication lacks, or with too few draws, have none (nan).
    """
    found = estimate(values, draws, years=False)
    between = variance_between_draws(found)
    _, first = np.unique(draws, return_index=True)
    share = explained(found, clinic[first])
    of_clinic = share * between
    known = (found.draw_sizes > 0).sum(axis=0) >= FEWEST_DRAWS
    return Parts(
        *(
            np.where(known, one, np.nan)
            for one in (found.luck_variance, between - of_clinic, of_clinic)
        )
    )


def explained(found: Estimate, deviates: Array) -> Array:
    """Share of the variance between draws, luck left out, that goes with deviates in a line."""
    means = found.draw_means - found.mean
    draws = len(deviates)
    off = deviates - deviates.mean(axis=0)
    off = off[:, (off != 0.0).any(axis=0)]
    if not off.size or draws < FEWEST_DRAWS:
        return np.zeros(means.shape[1])
    along, _ = np.linalg.qr(off)
    fitted = along @ (along.T @ means)
    with np.errstate(invalid="ignore", divide="ignore"):
        left = ((means - fitted) ** 2).sum(axis=0) / (draws - 1 - off.shape[1])
        of_it = ((fitted**2).sum(axis=0) - off.shape[1] * left) / (draws - 1)
        share = of_it / variance_between_draws(found)
    return np.asarray(np.clip(np.nan_to_num(share, posinf=0.0), 0.0, 1.0))


def variance_table(study: Study, outcomes: tuple[str, ...], clinic: Array | None) -> DataFrame:
    """The parts of these outcomes, and of their differences from the first design, as shares of 1.

    `clinic` has the clinic's deviates of each replication. Without draws there is nothing to part.
    """
    from pandas import DataFrame, concat

    frames = [DataFrame({column: [] for column in COLUMNS})]
    if study.draws is None or clinic is None:
        return frames[0]
    group = study.stacked.groups.index(EVERYONE)
    places = [number for number, one in enumerate(OUTCOMES) if one.name in outcomes]
    whole = slice(group, group + 1)
    first = study.figures(0, whole)[:, places]
    for number, design in enumerate(study.designs):
        if study.stacked.closed[number] or study.stacked.closed[0]:
            continue
        own = study.figures(number, whole)[:, places]
        kinds = [("", own)]
        if number and not study.differing[0][number]:
            kinds.append((study.designs[0].name, own - first))
        for baseline, values in kinds:
            found = parts(values, study.draws, clinic)
            frame = DataFrame(
                {
                    "scenario": design.name,
                    "baseline": baseline,
                    "outcome": [OUTCOMES[place].name for place in places],
                    "unit": [study.unit(OUTCOMES[place]) for place in places],
                    "year_sd": np.sqrt(found.whole),
                }
            )
            with np.errstate(invalid="ignore", divide="ignore"):
                for name in ("chance", "parameters", "clinic"):
                    frame[name] = getattr(found, name) / found.whole
            frames.append(frame[frame["chance"].notna()])
    return concat([one for one in frames if len(one)] or frames[:1], ignore_index=True)
