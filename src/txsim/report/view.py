"""A comparison as the report reads it: levels and differences by name, and what counts as clear.

Nothing is estimated here. The figures come from the comparison's tables; this page only finds
them, and holds the few rules of speech that the whole report follows: which design is named
first, which horizon is the headline, and how sure each word is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from txsim.compare.certainty import certainty
from txsim.compare.naming import labels
from txsim.compare.summary import HORIZONS, horizon
from txsim.figures.style import Look, looks
from txsim.outcomes.subgroups import EVERYONE, subgroups

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare import Comparison
    from txsim.scenario import Scenario


TOLD_BY_GROUP = ("people_asked", *(f"retained_{days}" for days, _ in HORIZONS))
"""Outcomes of groups of people that a report tells."""


@dataclass(frozen=True)
class Level:
    """An outcome of one design: its expected value and the 90 % interval of what is not known."""

    mean: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Change:
    """A difference from the first design, with what can be said of it."""

    mean: float
    low: float
    high: float
    unit: str
    better_in: float
    to_settle: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero, so that a direction may be stated."""
        return self.low > 0 or self.high < 0

    @property
    def same(self) -> bool:
        """Whether the two designs gave exactly the same figure in every replication."""
        return self.low == self.high == 0.0

    @property
    def certainty(self) -> str:
        """The word for how sure the direction is."""
        return certainty(self.better_in)


@dataclass(frozen=True)
class Design:
    """One design as the report names and draws it."""

    name: str
    label: str
    scenario: "Scenario"
    look: Look


class View:
    """Find levels and differences of a comparison by design, outcome and subgroup."""

    def __init__(self, comparison: "Comparison") -> None:
        self.comparison = comparison
        names = [scenario.name for scenario in comparison.designs]
        drawn = looks(names)
        called = labels(comparison.designs)
        self.designs: Sequence[Design] = [
            Design(scenario.name, called[scenario.name], scenario, drawn[scenario.name])
            for scenario in comparison.designs
        ]
        self.looks: Mapping[str, Look] = drawn

    @property
    def first(self) -> Design:
        """The design that the others are held against."""
        return self.designs[0]

    @property
    def others(self) -> Sequence[Design]:
        """The designs held against the first."""
        return self.designs[1:]

    @cached_property
    def alcohol(self) -> bool:
        """Whether enough people come for alcohol to be told of."""
        return self.level(self.first, "people_asked", "alcohol") is not None

    @cached_property
    def opioids(self) -> bool:
        """Whether people come for opioids, or nobody knows what for."""
        known = self.level(self.first, "people_asked", "opioids") is not None
        return known or not self.alcohol

    def under(self, design: Design) -> str:
        """Return `` under X`` for a sentence; nothing where there is one design alone."""
        return f" under {design.label}" if self.others else ""

    @cached_property
    def compared(self) -> Sequence[Design]:
        """The designs asked by the first one's people, of which differences may be stated."""
        return [one for one in self.others if one.name not in self.comparison.other_people]

    @cached_property
    def apart(self) -> Sequence[Design]:
        """The designs asked by other people than the first."""
        return [one for one in self.others if one.name in self.comparison.other_people]

    @property
    def paired(self) -> bool:
        """Whether any design shares its people with the first, so that differences are stated."""
        return bool(self.compared)

    def who_differs(self, design: Design) -> Sequence[str]:
        """Return in what the people who ask differ from the first design's, in words."""
        return self.comparison.other_people.get(design.name, ())

    @cached_property
    def _levels(self) -> dict[tuple[str, str, str], Level]:
        return {
            (row["scenario"], row["subgroup"], row["outcome"]): Level(
                row["mean"], row["low"], row["high"], row["unit"]
            )
            for row in records(_told(self.comparison.outcomes))
        }

    @cached_property
    def _changes(self) -> dict[tuple[str, str, str], Change]:
        return self._changes_in(_told(self.comparison.differences))

    @staticmethod
    def _changes_in(table: "DataFrame") -> dict[tuple[str, str, str], Change]:
        return {
            (row["scenario"], row["subgroup"], row["outcome"]): Change(
                row["mean"],
                row["low"],
                row["high"],
                row["unit"],
                row["better_in"],
                row["replications_to_settle"],
            )
            for row in records(table)
        }

    def level(self, design: Design, outcome: str, subgroup: str = EVERYONE) -> Level | None:
        """Return an outcome of a design, or ``None`` where it was withheld or never measured."""
        found = self._levels.get((design.name, subgroup, outcome))
        return None if found is None or math.isnan(found.mean) else found

    def change(self, design: Design, outcome: str, subgroup: str = EVERYONE) -> Change | None:
        """Return a difference from the first design, or ``None`` where there is none to state."""
        if design not in self.compared:
            return None
        return self._difference(design, outcome, subgroup)

    def beside(self, design: Design, outcome: str) -> Change | None:
        """Return by how much the figure of a design asked by other people differs, if known.

        It is a difference between different people, of which no direction is stated.
        """
        return self._difference(design, outcome, EVERYONE) if design in self.apart else None

    def _difference(self, design: Design, outcome: str, subgroup: str) -> Change | None:
        found = self._changes.get((design.name, subgroup, outcome))
        return None if found is None or math.isnan(found.mean) else found

    def between(self, design: Design, other: Design, outcome: str) -> Change | None:
        """Return the difference of ``design`` from ``other``, or ``None`` where none is stated."""
        if not {design, other} <= {self.first, *self.compared}:
            return None
        table = self.comparison.against(other.name, [outcome])
        chosen = table[
            (table["scenario"] == design.name)
            & (table["subgroup"] == EVERYONE)
            & (table["outcome"] == outcome)
        ]
        return next(iter(self._changes_in(chosen).values()), None)

    @cached_property
    def horizon(self) -> tuple[int, str]:
        """The longest horizon for which every design has a figure: its days, and its words."""
        return horizon(self.comparison)

    def no_figure(self, design: Design, subgroup: str = EVERYONE) -> str:
        """Return why a design has no figure: withheld, or there is nothing to have one of."""
        if subgroup in self.comparison.withheld and self._has(design, subgroup):
            return "withheld"
        return "no figure"

    @staticmethod
    def _has(design: Design, subgroup: str) -> bool:
        """Whether a design's people are told apart by this group at all."""
        return any(group.name == subgroup for group in subgroups(design.scenario))

    @property
    def retained(self) -> str:
        """Name of the headline outcome: people still in care at the horizon."""
        return f"retained_{self.horizon[0]}"

    @cached_property
    def in_order(self) -> Sequence[Design]:
        """The designs as the answer orders them.

        Those that keep clearly more people come first, those that cannot be told apart keep the
        order in which they were given, and those that keep clearly fewer come last.
        """

        def place(design: Design) -> tuple[int, float]:
            change = self.change(design, self.retained)
            if change is None or not change.clear:
                return 1, 0.0
            return (0 if change.mean > 0 else 2), -change.mean

        return sorted(self.designs, key=place)

    def people_of_100(self, curve: str, of: "DataFrame", column: str) -> "DataFrame":
        """Return the rows of one curve with its shares as people of 100."""
        rows = of[of[column] == curve].copy()
        rows[["mean", "low", "high"]] *= 100
        return rows

    @property
    def currency(self) -> str:
        """Currency of every amount of money."""
        return self.first.scenario.economics.currency

    @property
    def replications(self) -> int:
        """How many simulated years each design was given."""
        return self.comparison.replications_each

    @property
    def draws(self) -> int:
        """How many sets of the unknown figures those years were spread over; 0 where held fixed."""
        return self.comparison.draws


def _told(table: "DataFrame") -> "DataFrame":
    """Return the rows that a report may ask for: everyone's, and of groups who is still in care.

    The whole table is many times as long.
    """
    return table[(table["subgroup"] == EVERYONE) | table["outcome"].isin(TOLD_BY_GROUP)]


def records(table: "DataFrame") -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries by column."""
    columns = [table[column].tolist() for column in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]
