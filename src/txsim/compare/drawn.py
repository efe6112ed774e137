"""Which numbers of the world held in each draw of a comparison, as a table to be kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.catalogue.draw import CentralValues
from txsim.parameters.draw import DrawSource
from txsim.parameters.draw_table import DRAW, OF_A_DESIGN
from txsim.parameters.reader import Reading
from txsim.parameters.tables import put_together

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.catalogue import Number
    from txsim.scenario import Scenario


class Noting(CentralValues):
    """Central values, with a note of what is asked for."""

    def __init__(self) -> None:
        """Nothing has been asked for."""
        self.numbers: dict[str, Number] = {}
        self.deviates: list[str] = []
        self.figures: list[str] = []

    def value(self, path: str, number: Number) -> float:
        """The central value."""
        self.numbers[path] = number
        return number.value

    def deviate(self, path: str) -> float:
        """None."""
        self.deviates.append(path)
        return 0.0

    def figure(self, path: str, value: float) -> float:
        """The figure as it is."""
        self.figures.append(path)
        return value

    @property
    def paths(self) -> set[str]:
        """The paths of everything that was asked for."""
        return {*self.numbers, *self.deviates, *self.figures}


def asked_for(design: Scenario) -> Noting:
    """What a design asks a draw for: what its rules read, and every price."""
    noting = Noting()
    put_together(Reading(design, noting))
    for path, number in design.catalogue.numbers():
        # Services are also read as they are shipped, since those are what trials were about.
        if path in noting.numbers or path.startswith("costs.") or "USD" in number.unit:
            noting.value(path, number)
    return noting


def drawn_parameters(
    designs: Sequence[Scenario], source: DrawSource, seed: int, draws: Sequence[int]
) -> DataFrame:
    """A row for each draw, a column for each number that is not held fixed, by its path.

    Numbers are in their own unit; deviates (the clinic, the phases of a medication) in standard
    deviations. Where a later design has a number of its own, it has a column of its own,
    `path@design`.
    """
    from pandas import DataFrame

    found = [source.draw(seed, one) for one in draws]
    columns: dict[str, list[float]] = {}
    known: dict[str, Number] = {}
    for design in designs:
        noted = asked_for(design)
        for path in noted.deviates:
            columns[path] = [draw.deviate(path) for draw in found]
        for path, number in noted.numbers.items():
            if number.spread == 0.0 and len({draw.value(path, number) for draw in found}) < 2:
                continue
            if known.setdefault(path, number) == number:
                columns[path] = [draw.value(path, number) for draw in found]
            else:
                own = f"{path}{OF_A_DESIGN}{design.name}"
                columns[own] = [draw.value(path, number) for draw in found]
    return DataFrame({DRAW: list(draws), **dict(sorted(columns.items()))})
