"""Scales on which a figure's draws lie evenly, and whose every point is a figure that is possible.

A share cannot leave 0 and 1, a count cannot fall below 0, and near such an end the draws of an
expected figure lie unevenly: far on the one side, close together on the other. An interval that is
made on the figure itself reaches beyond the end, and too little far on the other side. So the
interval is made on

    the arcsine of the root of the share of the way from lowest to highest, where there are both,
    the root of the distance from the lowest, where there is no highest,

and carried back (Bartlett 1947, Biometrics 3:39-52). The logarithm and the log odds would even out
more, but are lost where a draw has nothing at all: there the roots still hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Scales:
    """The scales of several figures: the lowest and highest that is possible of each."""

    lowest: Array
    highest: Array

    @classmethod
    def of(cls, limits: Array) -> Self:
        """Scales of figures whose lowest and highest are the two columns of `limits`."""
        return cls(*np.asarray(limits, dtype=float).T)

    @property
    def ends(self) -> Array:
        """Which figures have an end."""
        return np.isfinite(self.lowest)

    @property
    def _both(self) -> Array:
        return np.isfinite(self.lowest) & np.isfinite(self.highest)

    @property
    def _width(self) -> Array:
        return np.where(self._both, self.highest - self.lowest, 1.0)

    def _way(self, figures: Array) -> Array:
        way = np.maximum((figures - self.lowest) / self._width, 0.0)
        return np.where(self._both, np.minimum(way, 1.0), way)

    def put(self, figures: Array) -> Array:
        """Figures on their scales."""
        way = self._way(figures)
        with np.errstate(invalid="ignore"):
            return np.where(self._both, np.arcsin(np.sqrt(way)), np.sqrt(way))

    def back(self, points: Array) -> Array:
        """Points of the scales as figures; what lies beyond a scale's end is the end."""
        inside = np.maximum(points, 0.0)
        shares = np.sin(np.minimum(inside, np.pi / 2.0)) ** 2
        way = np.where(self._both, shares, inside**2)
        return np.asarray(self.lowest + self._width * way)

    def stretch(self, figures: Array) -> Array:
        """By how much a small variance about a figure is larger on its scale."""
        way = self._way(figures)
        slope = np.where(self._both, 4.0 * way * (1.0 - way), 4.0 * way)
        with np.errstate(divide="ignore"):
            return np.asarray(1.0 / (slope * self._width**2))

    def within(self, figures: Array) -> Array:
        """Figures brought back to where they are possible."""
        return np.clip(figures, self.lowest, self.highest)
