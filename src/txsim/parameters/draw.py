"""Where draws come from: the ranges of the catalogue, or central values; tables stand beside.

A replication's draw is settled by its source, the seed and the replication, in one place
(`DrawSource.luck`). All designs share it, and a new parameter leaves all others' draws alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from txsim.catalogue.draw import CentralValues, Draw
from txsim.randomness import hash_of_name, joined, mix, normal, uniform

if TYPE_CHECKING:
    from txsim.catalogue import Number

LUCK_PER_DRAW = 4
"""Replications in each draw of parameters and clinic (the least that tells chance from the draw).
"""


def draw_number(replication: Any) -> Any:
    """The position of the draw of a replication, or of several: every `LUCK_PER_DRAW` share one."""
    return replication // LUCK_PER_DRAW


PARTS = 4
"""Equal parts of a range of which every so many draws take one each, in a chance order."""


def spread_evenly(key: int, number: int) -> float:
    """The point between 0 and 1 of a position in a sequence that fills evenly.

    Of each 4 draws from a multiple of 4 on, one lies in each quarter, and of each 16 one in each
    sixteenth; in which order is chance. So sequences of different keys are as independent as if all
    were chance (a nested Latin hypercube; McKay, Beckman and Conover 1979, Technometrics
    21:239-245), and each point is what it is however long the sequence becomes.
    """
    group, place = divmod(number, PARTS)
    whole, which = divmod(group, PARTS)
    quarter = _shuffled(joined(joined(key, QUARTERS), group), place)
    part = _shuffled(joined(joined(key, SIXTEENTHS), PARTS * whole + quarter), which)
    return (quarter + (part + uniform(key, number)) / PARTS) / PARTS


def _shuffled(key: int, place: int) -> int:
    """What stands at a place of the parts' numbers in the order of a key."""
    return sorted(range(PARTS), key=lambda one: joined(key, one))[place]


QUARTERS, SIXTEENTHS = hash_of_name("quarters"), hash_of_name("sixteenths")


class PriorDraw(Draw):
    """A draw from the range of each number, keyed by the seed, its position and the path.

    By position each number's draws are spread evenly over its range, and each draw is what it is
    whatever others there are.
    """

    def __init__(self, seed: int, number: int) -> None:
        """Draw nothing yet."""
        self.seed = seed
        self.number: int = number
        self._key = joined(mix(seed), hash_of_name("parameters"))

    @property
    def name(self) -> str:
        """Its position, and the seed."""
        return f"draw {self.number} from the catalogue's ranges, seed {self.seed}"

    @property
    def digest(self) -> str:
        """All that settles it."""
        return f"prior/{self.seed}/{self.number}"

    def value(self, path: str, number: Number) -> float:
        """The number at its deviate, within the limits of its unit; fixed ones as they are."""
        if number.spread == 0.0:
            return number.value
        own = self.deviate(path)
        if not number.pool:
            return number.at(own)
        common = self.deviate(f"pools.{number.pool}")
        return number.at(sqrt(number.shared) * common + sqrt(1.0 - number.shared) * own)

    def deviate(self, path: str) -> float:
        """The standard normal deviate of the parameter at this path."""
        return float(normal(spread_evenly(joined(self._key, hash_of_name(path)), self.number)))

    def figure(self, path: str, value: float) -> float:
        """The figure as it is."""
        return value


@dataclass(frozen=True)
class Luck:
    """All that settles one replication of a scenario: chance, and the numbers of the world."""

    seed: int
    replication: int
    draw: Draw

    @property
    def place(self) -> int:
        """Where it stands among what is run: its replication, unless a source runs it often."""
        return self.replication


class DrawSource(ABC):
    """Where the draws of a batch come from."""

    name: str
    """What it is called in manifests."""
    digest: str
    """Settled by what its draws depend on but the seed and the catalogue."""
    draws_differ = True
    """Whether what is not known is drawn at all."""

    @abstractmethod
    def draw(self, seed: int, number: int) -> Draw:
        """The draw at a position, for a seed."""

    def luck(self, seed: int, replication: int) -> Luck:
        """The luck of a replication; every `LUCK_PER_DRAW` share a draw."""
        return Luck(seed, replication, self.draw(seed, draw_number(replication)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DrawSource) and self.digest == other.digest


class PriorDraws(DrawSource):
    """Draws from the ranges that the numbers of a scenario's catalogue have."""

    name = "the catalogue's ranges"
    digest = "prior"

    def draw(self, seed: int, number: int) -> PriorDraw:
        """Any position has one."""
        return PriorDraw(seed, number)


class HeldAtCentre(DrawSource):
    """Every number at its central value, in every replication."""

    name = "central values"
    digest = CentralValues.digest
    draws_differ = False

    def draw(self, seed: int, number: int) -> CentralValues:
        """The same at every position."""
        return CENTRE


CENTRE = CentralValues()
PRIOR = PriorDraws()
HELD_AT_CENTRE = HeldAtCentre()
