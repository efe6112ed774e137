"""SALib, imported when it is needed, and how its unit cube becomes deviates of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.errors import TxsimError

if TYPE_CHECKING:
    from txsim.sensitivity.factors import Factor

Array = np.ndarray[Any, Any]

LEVEL = 0.90
"""Level of every interval here, as in comparisons."""

MIDDLE = 0.95
"""Share of each number's range over which screening moves it: its 95 % limits."""

INSIDE = 1e-6
"""The ends of the cube are no deviates; points are kept this far from them."""


def salib(module: str) -> Any:
    """A module of SALib; TxsimError, with what to type, where it is not installed."""
    try:
        return import_module(f"SALib.{module}")
    except ImportError:
        raise TxsimError(
            "txsim sensitivity needs the library SALib, which is not installed here; "
            "type: pip install 'txsim[sensitivity]'"
        ) from None


def problem_of(factors: Sequence[Factor]) -> dict[str, Any]:
    """The factors as SALib is told of them: each number a side of the unit cube."""
    paths = [path for factor in factors for path in factor.paths]
    problem: dict[str, Any] = {
        "num_vars": len(paths),
        "names": paths,
        "bounds": [[0.0, 1.0]] * len(paths),
    }
    if len(paths) > len(factors):
        problem["groups"] = [factor.name for factor in factors for _ in factor.paths]
    else:
        problem["names"] = [factor.name for factor in factors]
    return problem


def deviates(points: Array, middle: float = 1.0) -> Array:
    """Standard normal deviates of points of the unit cube, all within the middle of the normal."""
    from scipy.special import ndtri

    inside = 0.5 + middle * (points - 0.5)
    return np.asarray(ndtri(np.clip(inside, INSIDE, 1.0 - INSIDE)))


def settings_of(points: Array, factors: Sequence[Factor]) -> list[dict[str, float]]:
    """A setting for each row of deviates: a column for each number of each factor in turn."""
    paths = [path for factor in factors for path in factor.paths]
    return [dict(zip(paths, row, strict=True)) for row in points.tolist()]
