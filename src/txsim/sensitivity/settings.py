"""Settings: numbers moved from their centres, each run with the same luck."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txsim.catalogue.draw import Draw
from txsim.parameters.draw import DrawSource, Luck

if TYPE_CHECKING:
    from txsim.catalogue import Number


class Setting(Draw):
    """Numbers moved by standard deviations, by path; all others at their central values."""

    def __init__(self, deviates: Mapping[str, float], number: int | None = None) -> None:
        """Deviates on the working scale of each number."""
        self.deviates = dict(sorted(deviates.items()))
        self.number = number
        said = "\n".join(f"{path} {z!r}" for path, z in self.deviates.items())
        self._digest = hashlib.sha256(said.encode()).hexdigest()

    @property
    def name(self) -> str:
        """Its place."""
        return f"setting {self.number}"

    @property
    def digest(self) -> str:
        """Settled by the deviates."""
        return self._digest

    def value(self, path: str, number: Number) -> float:
        """The number, moved within the limits of its unit."""
        z = self.deviate(path)
        return number.at(z) if z else number.value

    def deviate(self, path: str) -> float:
        """How far it is moved."""
        return self.deviates.get(path, 0.0)

    def figure(self, path: str, value: float) -> float:
        """The figure as it is."""
        return value


@dataclass(frozen=True)
class Trial(Luck):
    """A setting in the luck of a replication, one of `each`."""

    each: int

    @property
    def place(self) -> int:
        """Settings one after the other, each with all its replications."""
        return (self.draw.number or 0) * self.each + self.replication


class Settings(DrawSource):
    """Settings in order; every one is run with the luck of the same replications.

    So two settings differ by what was moved, and by as little chance as can be.
    """

    name = "settings of a sensitivity analysis"

    def __init__(self, settings: Sequence[Mapping[str, float]], each: int) -> None:
        """`settings` say what is moved; each is run `each` times."""
        self.settings = [Setting(one, place) for place, one in enumerate(settings)]
        self.each = each
        said = "".join(one.digest for one in self.settings)
        self.digest = hashlib.sha256(f"{each} {said}".encode()).hexdigest()

    def draw(self, seed: int, number: int) -> Setting:
        """The setting at a place, whatever the seed."""
        return self.settings[number]

    def luck(self, seed: int, replication: int) -> Trial:
        """The trial at a place."""
        setting, again = divmod(replication, self.each)
        return Trial(seed, again, self.draw(seed, setting), self.each)
