"""Which numbers of the world carry an answer, by the draws that there are anyway.

Over draws, a difference goes up and down with the numbers that it rests on. How closely is told by
the rank correlation of the draws' differences with each number. Among hundreds of numbers some go
along with it by chance, the more closely the fewer draws there are, so each is held against the
closest of all numbers when the draws' differences are put in any other order (a permutation test of
the maximum, which holds for all numbers together). `txsim sensitivity` asks the same by moving the
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.compare.acting import numbers_that_act
from txsim.outcomes.registry import BY_NAME, OUTCOMES
from txsim.parameters.draw_table import DRAW, OF_A_DESIGN

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.comparison import Comparison
    from txsim.compare.tables import Study

Array = np.ndarray[Any, Any]

FEWEST_DRAWS = 8
"""Draws below which nothing is said of the numbers behind an answer."""

ENOUGH_DRAWS = 50
"""Draws from which on a number that carries a third of an answer is usually found."""

FIRST = 5
"""Numbers told of each figure."""

SURE = 0.10
"""Chance of so close a number, if none mattered, up to which it is told from chance."""

ORDERS = 999
"""Other orders of the draws that each correlation is held against."""

COLUMNS = (
    "scenario", "baseline", "outcome", "rank", "parameter", "words", "grade", "correlation",
    "chance", "draws",
)  # fmt: skip


def carriers(comparison: Comparison, study: Study, outcomes: tuple[str, ...]) -> DataFrame:
    """The first numbers behind each outcome: of differences, or of the levels of one design alone.

    `chance` is how often the closest of all numbers is as close, if none matters. Empty where there
    are fewer than `FEWEST_DRAWS` draws.
    """
    from pandas import DataFrame

    rows: list[tuple[Any, ...]] = []
    if comparison.draws >= FEWEST_DRAWS:
        words = numbers_that_act(study.designs)
        drawn = comparison.drawn.set_index(DRAW)
        columns = [one for one in drawn.columns if one.split(OF_A_DESIGN)[0] in words]
        columns = [one for one in columns if drawn[one].nunique() > 1]
        numbers = drawn[columns].to_numpy(float)
        for scenario, baseline, outcome, values in _figures(study, outcomes):
            means, whole = _draw_means(values, study.draws)
            if whole.sum() < FEWEST_DRAWS or np.ptp(means[whole]) == 0.0:
                continue
            found, chance = closeness(means[whole], numbers[whole])
            for rank, place in enumerate(np.argsort(-np.abs(found), kind="stable")[:FIRST], 1):
                path = columns[place]
                said = words[path.split(OF_A_DESIGN)[0]]
                close, luck = float(found[place]), float(chance[place])
                said_of = (scenario, baseline, outcome, rank, path, str(said), said.grade)
                rows.append((*said_of, close, luck, int(whole.sum())))
    return DataFrame(rows, columns=list(COLUMNS))


def closeness(figure: Array, numbers: Array) -> tuple[Array, Array]:
    """Rank correlation of a figure with each of some numbers, and the chance of one so close.

    `figure` has a value for each draw, `numbers` are draws x numbers. The chance is that of the
    closest of all numbers, over other orders of the figure; the same orders every time.
    """
    from scipy.stats import rankdata

    ranks = _standard(rankdata(numbers, axis=0))
    own = _standard(rankdata(figure)[:, None])[:, 0]
    found = own @ ranks
    orders = np.random.default_rng(0)
    most = np.array([np.abs(orders.permutation(own) @ ranks).max() for _ in range(ORDERS)])
    as_close = (most[:, None] >= np.abs(found) - 1e-12).sum(axis=0)
    return found, (as_close + 1.0) / (ORDERS + 1.0)


def _standard(ranks: Array) -> Array:
    """Columns with mean 0 and length 1, so that products are correlations."""
    centred = ranks - ranks.mean(axis=0)
    return np.asarray(centred / np.maximum(np.sqrt((centred**2).sum(axis=0)), 1e-12))


def _figures(study: Study, outcomes: tuple[str, ...]) -> Iterator[tuple[str, str, str, Array]]:
    """Design, the one it differs from (if any), outcome, and its value in each replication."""
    everyone = slice(0, 1)
    places = [OUTCOMES.index(BY_NAME[one]) for one in outcomes]
    first = study.stacked.values(0, everyone)[:, 0, places]
    if len(study.designs) == 1:
        for column, outcome in enumerate(outcomes):
            yield study.designs[0].name, "", outcome, first[:, column]
        return
    for number, design in enumerate(study.designs[1:], 1):
        if study.differing[0][number]:
            continue
        later = study.stacked.values(number, everyone)[:, 0, places]
        for column, outcome in enumerate(outcomes):
            yield design.name, study.designs[0].name, outcome, (later - first)[:, column]


def _draw_means(values: Array, draws: Array | None) -> tuple[Array, Array]:
    """Mean of the values in each draw, in order of the draws, and which draws have one."""
    labels, whose = np.unique(np.asarray(draws), return_inverse=True)
    known = ~np.isnan(values)
    count = np.bincount(whose, known, len(labels))
    sums = np.bincount(whose, np.where(known, values, 0.0), len(labels))
    whole = count > 0
    return np.where(whole, sums / np.maximum(count, 1), np.nan), whole
