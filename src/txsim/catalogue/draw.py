"""A draw: which value of every number of the world holds in one set of runs.

Whatever reads a number of the catalogue asks a draw for it, by the number's path in the catalogue
(`Catalogue.numbers`). Where draws come from is said in `parameters.draw`. Plain Python, since a
scenario is checked with central values before any heavy library is loaded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from txsim.units import log_effect

if TYPE_CHECKING:
    from txsim.catalogue.number import Number


class Draw(ABC):
    """One draw of everything that is not known. Two draws are equal when their digests are."""

    number: int | None = None
    """Its position among the draws of its source; None for central values."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called: its source and its position there."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """Settled by everything that its values depend on but the catalogue."""

    @abstractmethod
    def value(self, path: str, number: Number) -> float:
        """Value in force of the number at a path of the catalogue, in the number's own unit."""

    @abstractmethod
    def deviate(self, path: str) -> float:
        """Standard normal deviate of what is known by its spread alone, such as "clinic"."""

    @abstractmethod
    def figure(self, path: str, value: float) -> float:
        """Value in force of a figure without a range, such as one solved from others."""

    def effect(self, path: str, number: Number) -> float:
        """Value in force of the number, as a term that is added on the scale of its hazard."""
        return log_effect(self.value(path, number), number.unit)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Draw) and self.digest == other.digest

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"


class CentralValues(Draw):
    """The draw in which every number has its central value."""

    name = "central values"
    digest = "central values"

    def value(self, path: str, number: Number) -> float:
        """The central value."""
        return number.value

    def deviate(self, path: str) -> float:
        """None."""
        return 0.0

    def figure(self, path: str, value: float) -> float:
        """The figure as it is."""
        return value
