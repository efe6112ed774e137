"""What a design is called wherever people read of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.compare.numbers import capital, listed

if TYPE_CHECKING:
    from txsim.scenario import Scenario


def label(scenario: Scenario) -> str:
    """Return the design's name as a reader meets it: ``case-management`` is Case management."""
    return capital(scenario.name.replace("-", " ").replace("_", " ").strip()) or "Unnamed"


def told_of(found: Sequence[tuple[Scenario, str]], designs: Sequence[Scenario]) -> list[str]:
    """Return what was found of designs as sentences, each beginning with those it is true of.

    What is true of several designs is said once; of one design alone its name is left out.
    """
    whose: dict[str, list[str]] = {}
    for design, words in found:
        whose.setdefault(words, []).append(label(design))
    return [
        f"{capital(words)}."
        if len(designs) == 1
        else f"{'All designs' if len(names) == len(designs) else listed(names)}: {words}."
        for words, names in whose.items()
    ]
