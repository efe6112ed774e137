"""Which numbers are moved: those with a range that act in a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txsim.catalogue.in_words import CLINIC, PHASES, in_words
from txsim.compare.drawn import asked_for
from txsim.scenario.setting import Setting as WhatThereIs
from txsim.scenario.without_effect import rules_for

if TYPE_CHECKING:
    from txsim.catalogue import Number
    from txsim.scenario import Scenario

GATHERED = ("model",)
"""Tables that are no entries: their numbers stand together by the first word of their names."""


@dataclass(frozen=True)
class Factor:
    """A number that is moved, or several that are moved together, each by a deviate of its own."""

    name: str
    """Path of the number, or of the entry whose numbers they are."""
    paths: tuple[str, ...]
    words: str
    grade: str
    """Grade of the number; the weakest of several."""


def numbers_that_act(designs: Sequence[Scenario]) -> list[Factor]:
    """Every number with a range that acts in one of the designs, apart from prices.

    Prices move costs alone. What a scenario has put in itself is moved where it has a range.
    """
    found: dict[str, Factor] = {}
    for design in designs:
        there = WhatThereIs(design, design.catalogue)
        noted = asked_for(design)
        for path, number in noted.numbers.items():
            if number.spread > 0.0 and not _is_a_price(path, number) and _acts(there, path):
                words = in_words(design.catalogue, path, number)
                found.setdefault(path, Factor(path, (path,), str(words), words.grade))
        for path in dict.fromkeys(noted.deviates):
            if path == CLINIC or (_has_range(design, path) and _acts(there, path)):
                words = in_words(design.catalogue, path)
                found.setdefault(path, Factor(path, (path,), str(words), words.grade))
    return sorted(found.values(), key=lambda one: one.name)


def by_entry(numbers: Sequence[Factor], designs: Sequence[Scenario]) -> list[Factor]:
    """Numbers put together by the entry of the catalogue in which they stand."""
    entries: dict[str, list[Factor]] = {}
    for one in numbers:
        entries.setdefault(entry_of(one.name), []).append(one)
    return [
        Factor(
            name,
            tuple(one.name for one in members),
            members[0].words if len(members) == 1 else _label(name, designs, len(members)),
            max(one.grade for one in members),
        )
        for name, members in entries.items()
    ]


def entry_of(path: str) -> str:
    """The entry a number stands in: `services.case_management`; of the model, `model.crisis`."""
    table, _, rest = path.partition(".")
    if table in GATHERED:
        return f"{table}.{rest.split('_')[0]}"
    return f"{table}.{rest.split('.')[0]}" if rest else path


def _label(entry: str, designs: Sequence[Scenario], count: int) -> str:
    table, _, name = entry.partition(".")
    if table in GATHERED:
        return f"The model: {name} ({count} numbers)"
    for design in designs:
        found = getattr(design.catalogue, table).get(name)
        if found is not None:
            return f"{found.label} ({count} numbers)"
    return entry


def _is_a_price(path: str, number: Number) -> bool:
    return path.startswith("costs.") or "USD" in number.unit


def _has_range(design: Scenario, path: str) -> bool:
    """Whether a medication leaves anything to its deviate."""
    name = path.split(".")[1]
    medication = design.catalogue.medications[name]
    return path.endswith(PHASES) and any(one.dropout.spread > 0.0 for one in medication.phases)


def _acts(there: WhatThereIs, path: str) -> bool:
    """Whether nothing in the scenario says that a number has nothing to act on."""
    return not any(rule(there, *names) for _, rule, names in rules_for(tuple(path.split("."))))
