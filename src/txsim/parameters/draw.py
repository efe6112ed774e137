"""Draws of the numbers of the world: which values hold in one parameter-and-clinic draw.

A draw is keyed by its number and the path of the parameter, so that all designs share it and a new
parameter leaves all others' draws alone. Draw None holds every number at its central value.
"""

from __future__ import annotations

from dataclasses import dataclass

from txsim.catalogue import Number
from txsim.randomness import hash_of_name, joined, mix, normal, uniform
from txsim.units import log_effect


@dataclass(frozen=True)
class ParameterDraw:
    """One draw of everything that is not known."""

    seed: int
    number: int | None
    """Which draw; None for central values."""

    def deviate(self, path: str) -> float:
        """The standard normal deviate of the parameter at this path; 0 in the central draw."""
        if self.number is None:
            return 0.0
        key = joined(joined(mix(self.seed), hash_of_name("parameters")), self.number)
        return float(normal(uniform(key, hash_of_name(path))))

    def value(self, path: str, number: Number) -> float:
        """The number's value in this draw, in its own unit."""
        if self.number is None or number.spread == 0.0:
            return number.value
        return number.at(self.deviate(path))

    def effect(self, path: str, number: Number) -> float:
        """The number as an additive term on the scale of the hazard it acts on."""
        return log_effect(self.value(path, number), number.unit)
