"""What an outcome is: a name, a unit, a direction and a definition, declared once beside its rule.

Everything that shows a figure (tables, pictures, the data dictionary, the documentation) takes its
words and units from these declarations and never from the name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from txsim.units import DAYS_PER_YEAR

if TYPE_CHECKING:
    from txsim.outcomes.follow_up import Followed

Array = np.ndarray[Any, Any]
Better = Literal["higher", "lower", "neither"]
Of = Literal["person", "clinic"]
Over = Literal["mean", "sum", "median"]
Clock = Literal["days since asking", "days since admission", "day of the run"]

HORIZONS = (30, 90, 180, 365)
"""Days after asking for treatment at which retention and relapse are read."""

PER_100_PEOPLE = "per 100 people"

FAR = 10**6
"""A number of days that is never reached: what has not happened within the follow-up."""


@dataclass(frozen=True)
class Shares:
    """A figure per person as a numerator and a denominator, both summed over a group.

    An entry whose denominator is 0 says that the person does not enter the figure.
    """

    numerator: Array
    denominator: Array


Rule = Callable[["Followed"], "Array | Shares | float"]


@dataclass(frozen=True)
class Outcome:
    """One outcome of a run.

    The rule of a person's outcome returns one number per person followed (nan where it does not
    apply) and is averaged over a group, or `Shares`; the rule of a clinic's outcome returns one
    number. `over` says whether the numbers of a group are averaged, summed, or put in order for
    the one in the middle.
    """

    name: str
    label: str
    unit: str
    better: Better
    definition: str
    family: str
    rule: Rule
    of: Of = "person"
    over: Over = "mean"
    present: bool = True
    """Whether it also makes sense for people already in care on day 0."""
    differs_by: str = ""
    """Name of the outcome whose difference between designs stands for this one's own."""
    most: float | None = None
    """The highest that is possible, where the unit does not say it."""

    def limits(self, days: int) -> tuple[float, float]:
        """Lowest and highest value that is possible where people are followed for so many days."""
        low, high = _limits_of(self.unit, days if self.of == "person" else None)
        return low, high if self.most is None else self.most

    @property
    def of_one(self) -> float | None:
        """What one happening to one of the people counted adds to the sum that is averaged.

        None where the figure is no count of people or happenings.
        """
        counts = {"proportion": 1.0, "people": 1.0, PER_100_PEOPLE: 100.0}
        return counts.get(self.unit) if self.of == "person" else None


def _limits_of(unit: str, days: int | None) -> tuple[float, float]:
    """Lowest and highest of a unit; `days` are those followed, for what is told per person."""
    if unit == "sd units":
        return -np.inf, np.inf
    if unit == "proportion":
        return 0.0, 1.0
    if unit == "days" and days is not None:
        return 0.0, float(days)
    if unit == "QALYs" and days is not None:
        return 0.0, days / DAYS_PER_YEAR
    return 0.0, np.inf


DECLARED: list[Outcome] = []
"""Outcomes in the order in which they were declared, each entered by its decorator."""


def outcome(
    name: str,
    *,
    label: str,
    unit: str,
    better: Better,
    definition: str,
    family: str,
    of: Of = "person",
    over: Over = "mean",
    present: bool = True,
    differs_by: str = "",
    most: float | None = None,
) -> Callable[[Rule], Outcome]:
    """Declare the function below as the rule of an outcome, and enter it among those declared."""

    def declared(rule: Rule) -> Outcome:
        found = Outcome(
            name, label, unit, better, definition, family, rule, of, over, present, differs_by, most
        )
        DECLARED.append(found)
        return found

    return declared


@dataclass(frozen=True)
class Curve:
    """One figure over days, per person who asked unless its definition says otherwise."""

    name: str
    label: str
    unit: str
    definition: str
    family: str
    rule: Callable[[Followed], Array]
    clock: Clock = "days since asking"

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value that is possible."""
        return _limits_of(self.unit, None)


DECLARED_CURVES: list[Curve] = []
"""Curves in the order in which they were declared."""


def curve(
    name: str,
    *,
    label: str,
    unit: str,
    definition: str,
    family: str,
    clock: Clock = "days since asking",
) -> Callable[[Callable[[Followed], Array]], Curve]:
    """Declare the function below as the rule of a curve, and enter it among those declared."""

    def declared(rule: Callable[[Followed], Array]) -> Curve:
        found = Curve(name, label, unit, definition, family, rule, clock)
        DECLARED_CURVES.append(found)
        return found

    return declared
