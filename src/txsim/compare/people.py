"""Whose people were simulated, and how the clinic stood when they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.clinic.lineage import branch_day, goes_on_from
from txsim.clinic.model import opening_day
from txsim.compare.naming import labels
from txsim.formatting import counted, listed

if TYPE_CHECKING:
    from txsim.scenario import Scenario


def roster_size(scenario: Scenario) -> int | None:
    """Rows of the roster that the people come from; None where they come from a mix."""
    from txsim.people.own_people import own_people

    return None if scenario.population.roster is None else int(own_people(scenario).age.size)


def people_of(scenario: Scenario) -> str:
    """Return whose people ask for treatment: ``a roster of 412 rows``, ``mix "rural programme"``.

    Of a roster nothing is told but how many rows it has.
    """
    rows = roster_size(scenario)
    if rows is None:
        return f'mix "{scenario.population.mix}"'
    return f"a roster of {counted(rows, 'row')}"


def start_of(scenario: Scenario, first: Scenario, called: str = "") -> str:
    """Return how a design begins beside the `first`, which is `called` so."""
    if scenario is not first and goes_on_from(first, scenario):
        day = max(0, branch_day(scenario))
        return f"from day {day} of {called or first.name}"
    if scenario.arrivals.cohort is not None:
        return "an empty clinic, which everybody asks on day 0"
    if scenario.horizon.start == "empty":
        return "an empty clinic"
    days = -opening_day(scenario)
    return f"after {counted(days, 'day')} of burn-in" if days else "without any burn-in"


def whose_people(designs: Sequence[Scenario]) -> list[str]:
    """Return a sentence on whose people the designs serve, and one on how each begins."""
    first = designs[0]
    called = labels(designs)[first.name]
    return [
        _by_words("People", [people_of(design) for design in designs], designs),
        _by_words("Start", [start_of(design, first, called) for design in designs], designs),
    ]


def _by_words(heading: str, words: Sequence[str], designs: Sequence[Scenario]) -> str:
    """A sentence with what is true of designs, which are named where not all are alike."""
    called = labels(designs)
    whose: dict[str, list[str]] = {}
    for design, said in zip(designs, words, strict=True):
        whose.setdefault(said, []).append(called[design.name])
    if len(whose) == 1:
        return f"{heading}: {words[0]}."
    return f"{heading}: {'; '.join(f'{said} ({listed(who)})' for said, who in whose.items())}."
