"""Plausible ranges of a planner's figures, and how they are applied."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Literal, Self

from pydantic import model_validator

from txsim.catalogue import Number
from txsim.catalogue.number import AMOUNT_UNITS, CHANCE_UNITS, digits
from txsim.catalogue.plain import Plain
from txsim.scenario.toml_lines import Path
from txsim.units import RATE_UNITS, RATIO_UNITS

FILE = FilePath(__file__).with_name("plausible.toml")

RATIO_SCALE = frozenset((*AMOUNT_UNITS, *CHANCE_UNITS, *RATE_UNITS, *RATIO_UNITS))
"""Units in which three times as much means something; in others distance from the centre counts."""


@dataclass(frozen=True)
class Bounds:
    """What is plausible for one figure, and the words in which that is told."""

    low: float
    high: float
    unit: str
    told: str
    """What it is compared with, as a part of a sentence."""

    def hold(self, figure: float) -> bool:
        """Whether the figure lies within."""
        return self.low <= figure <= self.high


class UnitRange(Plain):
    """What is plausible in a unit, for a figure to which the catalogue has none to compare."""

    low: float
    high: float
    zero: str = ""
    """What 0 stands for, where it is nothing odd."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        return self


class Range(UnitRange):
    """What is plausible at a key of a scenario or of an entry."""

    keys: tuple[str, ...]
    """Dotted paths; `*` stands for any name or number."""
    unit: str
    per: str = ""
    """A whole number elsewhere, for each of which the range holds."""
    always_up_to: float = 0.0
    """Never too much, whatever `per` is."""
    kind: Literal["individual", "group", "support", "practice", ""] = ""
    """The kind of service for which the range is meant; any without it."""

    def is_for(self, path: Path, kind: str) -> bool:
        """Whether this is the range for what stands at a path."""
        if self.kind and self.kind != kind:
            return False
        return any(_matches(key.split("."), path) for key in self.keys)

    def bounds(self, many: int = 1) -> Bounds:
        """The range, for so many of what it is `per`."""
        low, high, words = self.low, self.high, ""
        if self.per:
            low, high = low * many, max(high * many, self.always_up_to)
            words = f" with {many:,} {self.per.rpartition('.')[2]}"
        told = f"up to {digits(high)} is" if low == 0.0 else f"{digits(low)} to {digits(high)} are"
        return Bounds(low, high, self.unit, f"{told} plausible{words}")


class Slip(Plain):
    """A unit that may have been meant, and how a figure in it becomes what it should be."""

    meant: str
    """The unit, as the end of a question."""
    times: float = 0.0
    """What a figure in it has to be multiplied by; or else:"""
    over: float = 0.0
    """What has to be divided by the figure."""

    def put_right(self, figure: float) -> float:
        """The figure as it would have to be written."""
        return self.over / figure if self.over and figure else figure * self.times


class Plausible(Plain):
    """All that is declared in the file."""

    source: Literal["assumption"]
    beyond_limits: float
    """Times outside of 95 % limits that pass without a warning."""
    beyond_value: float
    """How many times as large, or as small, as one without limits a figure may be."""
    ranges: tuple[Range, ...]
    """What is plausible at a key."""
    units: dict[str, UnitRange]
    """What is plausible for entries that the catalogue does not have, by unit."""
    slips: dict[str, tuple[Slip, ...]]
    """What may have been meant instead, by unit."""

    def range_for(self, path: Path, kind: str) -> Range | None:
        """The range declared for a key, where there is one."""
        return next((one for one in self.ranges if one.is_for(path, kind)), None)

    def around(self, number: Number) -> Bounds | None:
        """What may take the place of a number with limits; None for one that has none."""
        if number.limits is None:
            return None
        (least, most), factor = number.limits, self.beyond_limits
        low, high = least / factor, most * factor
        if number.unit not in RATIO_SCALE:
            low = number.value - factor * (number.value - least)
            high = number.value + factor * (most - number.value)
        told = f"the catalogue has {digits(least)} to {digits(most)}"
        return Bounds(low, high, number.unit, told)

    def near(self, number: Number) -> Bounds | None:
        """What may take the place of a number without limits; None where that says nothing."""
        if number.value <= 0.0 or number.unit not in RATIO_SCALE:
            return None
        low, high = number.value / self.beyond_value, number.value * self.beyond_value
        return Bounds(low, high, number.unit, f"the catalogue has {digits(number.value)}")

    def in_unit(self, unit: str, figure: float) -> Bounds | None:
        """What is plausible in a unit wherever it stands; None where anything is, or nothing."""
        found = self.units.get(unit)
        if found is None or (figure == 0.0 and found.zero):
            return None
        told = f"{digits(found.low)} to {digits(found.high)} are plausible"
        return Bounds(found.low, found.high, unit, told)

    def meant(self, figure: float, bounds: Bounds) -> str:
        """The units in which the figure would be plausible, as a question; nothing without any."""
        slips = self.slips.get(bounds.unit, ())
        found = [slip.meant for slip in slips if bounds.hold(slip.put_right(figure))]
        *first, last = found or [""]
        return f"; is it {', '.join(first)}{' or ' if first else ''}{last}?" if found else ""


@cache
def plausible() -> Plausible:
    """The declared ranges."""
    return Plausible.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))


def _matches(key: list[str], path: Path) -> bool:
    return len(key) == len(path) and all(
        one in ("*", str(part)) for one, part in zip(key, path, strict=True)
    )
