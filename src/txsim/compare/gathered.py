"""Outcomes of every replication of every design, stored as they arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from txsim.compare.rows import Rows
from txsim.outcomes.measure import Measured
from txsim.outcomes.outcome import Array

FIELDS = ("values", "exits", "roles", "services", "served", "costs", "sizes")
"""What is kept of each replication besides its curves, which are kept one after the other."""


class Years:
    """The replications of one design, a row for each replication."""

    def __init__(self, first: Measured, replications: int) -> None:
        self.kept: Array = np.arange(replications)
        """The replications that there are, in order; the others failed."""
        self.groups: tuple[str, ...] = first.groups
        self.days: int = first.days
        self._shapes = {name: np.shape(getattr(first, name)) for name in FIELDS}
        self.curve_lengths: dict[str, int] = {name: len(one) for name, one in first.curves.items()}
        places: dict[str, slice] = {}
        end = 0
        lengths = {name: int(np.prod(shape)) for name, shape in self._shapes.items()}
        for name, length in (*lengths.items(), *self.curve_lengths.items()):
            places[name] = slice(end, end + length)
            end += length
        self._places: Mapping[str, slice] = places
        self._rows = Rows(replications, end)
        self._people = np.zeros(np.shape(first.people))
        self.fewest_people: Array = np.full(np.shape(first.people), np.inf)
        """Groups x outcomes: the fewest people that a figure rests on in any replication."""

    def add(self, replication: int, measured: Measured) -> None:
        """Store the outcomes of one replication."""
        parts = [np.ravel(getattr(measured, name)) for name in FIELDS]
        parts += [measured.curves[name] for name in self.curve_lengths]
        self._rows.write(replication, np.concatenate(parts, dtype=float))
        # Numbers of people are whole, so that their sum is the same in any order.
        self._people += measured.people
        self.fewest_people = np.minimum(self.fewest_people, measured.people)

    @property
    def replications(self) -> int:
        """How many replications there are."""
        return len(self.kept)

    @property
    def mean_people(self) -> Array:
        """Groups x outcomes: the mean number of people that a figure rests on."""
        return self._people / self.replications

    def read(self, name: str) -> Array:
        """Replications x the shape of one of `FIELDS`."""
        return self._rows.read(self._places[name])[self.kept].reshape(-1, *self._shapes[name])

    def values(self, group: int, replications: slice = slice(None)) -> Array:
        """Replications x outcomes of one group, of some of the replications that there are."""
        outcomes = self._shapes["values"][1]
        first = self._places["values"].start + group * outcomes
        wanted = self.kept[replications]
        if not len(wanted):
            return np.empty((0, outcomes))
        start = int(wanted[0])
        rows = self._rows.read(slice(first, first + outcomes), slice(start, int(wanted[-1]) + 1))
        return np.asarray(rows[wanted - start])

    def curve(self, name: str, days: slice) -> Array:
        """Replications x days of some days of one curve."""
        first = self._places[name].start
        return self._rows.read(slice(first + days.start, first + days.stop))[self.kept]


class Gathered:
    """The replications of several designs."""

    def __init__(self, replications: int) -> None:
        self._wanted = replications
        self._missing: set[int] = set()
        self._years: list[Years] = []

    @classmethod
    def of(cls, measured: Sequence[Sequence[Measured]]) -> Self:
        """Gather what has been measured already: one list a design, in order of replication."""
        found = cls(len(measured[0]))
        for replication, each in enumerate(zip(*measured, strict=True)):
            found.add(replication, each)
        return found

    def add(self, replication: int, measured: Sequence[Measured]) -> None:
        """Store the outcomes of one replication of each design."""
        if not self._years:
            self._years = [Years(one, self._wanted) for one in measured]
            self._leave_out()
        for years, one in zip(self._years, measured, strict=True):
            years.add(replication, one)

    def miss(self, replication: int) -> None:
        """Leave out a replication of which nothing is known."""
        self._missing.add(replication)
        self._leave_out()

    def _leave_out(self) -> None:
        for years in self._years:
            years.kept = self.kept

    @property
    def kept(self) -> Array:
        """The replications that there are, in order."""
        return np.array([one for one in range(self._wanted) if one not in self._missing], int)

    @property
    def replications(self) -> int:
        """How many replications there are."""
        return self._wanted - len(self._missing)

    def __getitem__(self, design: int) -> Years:
        return self._years[design]

    def __len__(self) -> int:
        return len(self._years)
