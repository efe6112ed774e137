"""How large a difference must be to matter: margins by outcome, unless `[decision]` says others.

A share matters by 2 of 100, a wait by a tenth or 2 days, whichever is more, any other amount by a
twentieth of today's expected figure and by at least one unit. A year lived in full health is a
share of a year, so QALYs matter as shares do; a figure in standard deviations by a tenth of one,
and departures per post by a twentieth, since one unit of either is more than can happen.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from txsim.outcomes.outcome import Array, Outcome

OF_A_SHARE = 0.02
OF_AN_AMOUNT = 0.05
OF_A_WAIT, DAYS_OF_A_WAIT = 0.10, 2.0
LEAST: Mapping[str, float] = {
    "proportion": OF_A_SHARE,
    "QALYs": OF_A_SHARE,
    "sd units": 0.1,
    "per post": 0.0,
}
"""The least margin by unit; one unit where none is named."""
FLAT = ("proportion", "QALYs", "sd units")
"""Units whose margin does not grow with the figure."""


def margin(outcome: Outcome, today: Array, own: Mapping[str, float]) -> Array:
    """The margin of an outcome where today's expected figures are these.

    `own` are margins by the names of outcomes that stand in place of the usual ones.
    """
    if outcome.name in own:
        return np.full(np.shape(today), own[outcome.name])
    level = np.abs(today)
    if outcome.unit in FLAT:
        return np.full(np.shape(today), LEAST[outcome.unit])
    if is_wait(outcome):
        return np.maximum(OF_A_WAIT * level, DAYS_OF_A_WAIT)
    return np.maximum(OF_AN_AMOUNT * level, LEAST.get(outcome.unit, 1.0))


def is_wait(outcome: Outcome) -> bool:
    """Whether it says how long people wait for care."""
    return outcome.family == "access" and outcome.unit == "days"
