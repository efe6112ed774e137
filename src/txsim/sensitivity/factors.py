"""Which numbers are moved: those with a range that act in a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txsim.compare.acting import numbers_that_act

if TYPE_CHECKING:
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


def factors_of(designs: Sequence[Scenario]) -> list[Factor]:
    """Every number that acts in one of the designs, each a factor of its own."""
    return [
        Factor(path, (path,), str(words), words.grade)
        for path, words in numbers_that_act(designs).items()
    ]


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
