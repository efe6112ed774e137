"""A comparison as the report reads it: levels and differences by name, and what counts as clear.

Nothing is estimated here. The figures come from the comparison's tables; this page only finds
them, and holds the few rules of speech that the whole report follows: which design is named
first, which horizon is the headline, and how sure each word is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from txsim.compare.naming import labels, wording_of
from txsim.compare.summary import HORIZONS, horizon, records
from txsim.compare.verdicts import (
    DOES_NOT_MATTER,
    THE_SAME,
    TOO_SMALL,
    certainty,
    is_directed,
    perhaps_too_small,
)
from txsim.figures.glyph import glyph
from txsim.figures.style import Look, looks
from txsim.formatting import listed, more_or_fewer, one_more_or_fewer, plain
from txsim.outcomes.families.regular_use import MOST_DAYS, STEM
from txsim.outcomes.subgroups import EVERYONE, subgroups
from txsim.state.events import FOUR_WEEKS

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare import Comparison
    from txsim.scenario import Scenario


TOLD_BY_GROUP = ("people_asked", *(f"retained_{days}" for days, _ in HORIZONS))
"""Outcomes of groups of people that a report tells."""


@dataclass(frozen=True)
class Figure:
    """An expected value with its 90 % interval over parameter draws."""

    mean: float
    low: float
    high: float
    unit: str

    @property
    def of_100(self) -> tuple[float, float, float]:
        """The value and the limits in people of 100."""
        return 100 * self.mean, 100 * self.low, 100 * self.high


@dataclass(frozen=True)
class Level(Figure):
    """An outcome of one design."""

    @property
    def span(self) -> str:
        """The interval in people of 100: ``between 48 and 61``."""
        if math.isnan(self.low) or math.isnan(self.high):
            return "too few runs for a range"
        decimals = 1 if 100 * (self.high - self.low) < 2 else 0
        return f"between {plain(100 * self.low, decimals)} and {plain(100 * self.high, decimals)}"


@dataclass(frozen=True)
class Change(Figure):
    """A difference from the first design, with what can be said of it."""

    median: float
    higher_in: float
    margin: float
    verdict: str
    to_settle: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def directed(self) -> bool:
        """Whether its verdict states a direction."""
        return is_directed(self.verdict)

    @property
    def same(self) -> bool:
        """Whether the two designs gave exactly the same figure in every replication."""
        return self.verdict == THE_SAME

    @property
    def alike(self) -> bool:
        """Whether the difference is too small to matter."""
        return self.verdict == DOES_NOT_MATTER

    @property
    def is_more(self) -> bool:
        """Which way it goes, if it goes any."""
        return self.higher_in > 0.5

    @property
    def certainty(self) -> str:
        """The word for how sure the direction is."""
        return certainty(self.higher_in)

    @property
    def middle(self) -> str:
        """The median in people of 100: ``5 more``."""
        return one_more_or_fewer(100 * self.median)

    @property
    def too_small(self) -> str:
        """What is added where the difference may be too small to matter."""
        return f", {TOO_SMALL}" if perhaps_too_small(self.median, self.margin) else ""

    @property
    def in_people(self) -> str:
        """The interval in people of 100: ``3 to 8 more``."""
        return more_or_fewer(100 * self.low, 100 * self.high)


@dataclass(frozen=True)
class Design:
    """One design as the report names and draws it."""

    name: str
    label: str
    scenario: "Scenario"
    look: Look

    @property
    def sign(self) -> str:
        """Its line and marker, set beside its name as an ``svg`` element."""
        return glyph(self.look)


@dataclass(frozen=True)
class Verdicts:
    """What may be said of the designs beside the first, on an outcome.

    Those that differ surely enough to say which way, those of which nothing can be told yet, those
    alike but for what does not matter, and those that are the same.
    """

    directed: Sequence[tuple[Design, Change]]
    unclear: Sequence[tuple[Design, Change]]
    alike: Sequence[tuple[Design, Change]]
    same: Sequence[Design]


def called(designs: Sequence[Design], last: str = "and") -> str:
    """Return the designs as a list in a sentence: ``A, B and C``."""
    return listed([design.label for design in designs], last)


class View:
    """Find levels and differences of a comparison by design, outcome and subgroup."""

    def __init__(self, comparison: "Comparison", locale: str | None = None) -> None:
        self.comparison = comparison
        self.wording = wording_of(comparison.designs, locale)
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
        """The design with which the others are compared."""
        return self.designs[0]

    @property
    def others(self) -> Sequence[Design]:
        """The designs other than the first."""
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
                row["median"],
                row["higher_in"],
                row["margin"],
                row["verdict"],
                row["replications_to_settle"],
            )
            for row in records(table)
        }

    def level(self, design: Design, outcome: str, subgroup: str = EVERYONE) -> Level | None:
        """Return an outcome of a design, or ``None`` where it was withheld or never measured."""
        found = self._levels.get((design.name, subgroup, outcome))
        return None if found is None or math.isnan(found.mean) else found

    def levels(self, outcome: str, designs: Sequence[Design] | None = None) -> dict[str, Level]:
        """Return an outcome by the names of the designs that have it, of all or of some."""
        return {
            design.name: level
            for design in (self.designs if designs is None else designs)
            if (level := self.level(design, outcome)) is not None
        }

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
        """Whether a design has this group of people at all."""
        return any(group.name == subgroup for group in subgroups(design.scenario))

    @property
    def retained(self) -> str:
        """Name of the headline outcome: people still in care at the horizon."""
        return f"retained_{self.horizon[0]}"

    @property
    def free_of_regular_use(self) -> str:
        """Name of the headline outcome of relapse at the horizon."""
        return f"{STEM}_{self.horizon[0]}"

    @property
    def free(self) -> str:
        """The words for being free of regular use, for the substances of these people."""
        return "free of regular use" if self.opioids else "free of regular heavy drinking"

    @property
    def what_free_means(self) -> str:
        """What being free of regular use is, for the substances of these people."""
        did = "drank heavily" if self.alcohol else "used"
        if self.alcohol and self.opioids:
            did = "used, or where they came for alcohol drank heavily,"
        return f"they {did} on at most {MOST_DAYS} of the last {FOUR_WEEKS} days"

    @cached_property
    def in_order(self) -> Sequence[Design]:
        """The designs as the answer orders them.

        Those that keep more people come first, those of which no direction is told keep the order
        in which they were given, and those that keep fewer come last.
        """

        def place(design: Design) -> tuple[int, float]:
            change = self.change(design, self.retained)
            if change is None or not change.directed:
                return 1, 0.0
            return (0 if change.is_more else 2), -change.median

        return sorted(self.designs, key=place)

    def verdicts_on(self, outcome: str) -> Verdicts:
        """Return which designs differ from the first on an outcome, in the answer's order."""
        found = [
            (design, change)
            for design in self.in_order
            if (change := self.change(design, outcome)) is not None
        ]
        return Verdicts(
            [one for one in found if one[1].directed],
            [
                (design, change)
                for design, change in found
                if not (change.directed or change.alike or change.same)
            ],
            [one for one in found if one[1].alike],
            [design for design, change in found if change.same],
        )

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
        """Replications of each design."""
        return self.comparison.replications_each

    @property
    def draws(self) -> int:
        """Parameter draws over which they are spread; 0 where parameters were held fixed."""
        return self.comparison.draws


def _told(table: "DataFrame") -> "DataFrame":
    """Return the rows that a report may ask for: everyone's, and of groups who is still in care.

    The whole table is many times as long.
    """
    return table[(table["subgroup"] == EVERYONE) | table["outcome"].isin(TOLD_BY_GROUP)]
