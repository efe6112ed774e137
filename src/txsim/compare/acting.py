"""Which numbers of the world act in designs, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.catalogue.in_words import OF_THE_CLINIC, PHASES, InWords, in_words
from txsim.compare.drawn import asked_for
from txsim.scenario.setting import Setting
from txsim.scenario.without_effect import rules_for

if TYPE_CHECKING:
    from txsim.catalogue import Number
    from txsim.scenario import Scenario


def numbers_that_act(designs: Sequence[Scenario]) -> dict[str, InWords]:
    """Every number with a range that acts in one of the designs, by path; prices aside.

    Prices move costs alone. What a scenario has put in itself is among them where it has a range.
    """
    found: dict[str, InWords] = {}
    for design in designs:
        there = Setting(design, design.catalogue)
        noted = asked_for(design)
        for path, number in noted.numbers.items():
            if number.spread > 0.0 and not _is_a_price(path, number) and _acts(there, path):
                found.setdefault(path, in_words(design.catalogue, path, number))
        for path in dict.fromkeys(noted.deviates):
            if path in OF_THE_CLINIC or (_has_range(design, path) and _acts(there, path)):
                found.setdefault(path, in_words(design.catalogue, path))
    return dict(sorted(found.items()))


def _is_a_price(path: str, number: Number) -> bool:
    return path.startswith("costs.") or "USD" in number.unit


def _has_range(design: Scenario, path: str) -> bool:
    """Whether a medication leaves anything to its deviate; sites of a trial are no numbers."""
    if not path.endswith(PHASES):
        return False
    medication = design.catalogue.medications[path.split(".")[1]]
    return any(one.dropout.spread > 0.0 for one in medication.phases)


def _acts(there: Setting, path: str) -> bool:
    """Whether nothing in the scenario says that a number has nothing to act on."""
    return not any(rule(there, *names) for _, rule, names in rules_for(tuple(path.split("."))))
