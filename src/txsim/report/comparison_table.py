"""Outcomes in rows and designs beside each other, in as many tables as fit on the page.

A cell whose difference has no direction is grey and says so; the others carry the
difference from the first design in words.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from txsim.compare.summary import difference_said, figure_said
from txsim.report.view import Change, Design, View

State = Literal["first", "clear", "unclear", "same", "none"]

DESIGNS_ABREAST = 5


@dataclass(frozen=True)
class Cell:
    """One figure of one design, and what is said of its difference from the first design."""

    value: str
    said: str
    state: State


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome under each design; ``heading`` stands above the first row of its kind."""

    label: str
    unit: str
    cells: Sequence[Cell]
    heading: str = ""


@dataclass(frozen=True)
class Block:
    """Designs that fit beside each other on a page, the first design always among them."""

    designs: Sequence[Design]
    rows: Sequence[OutcomeRow]


@dataclass(frozen=True)
class Wanted:
    """A row that is wanted: its outcome, its label, its unit and the heading it stands under."""

    outcome: str
    label: str
    unit: str = ""
    heading: str = ""


def blocks_of(
    view: View,
    wanted: Sequence[Wanted],
    last_row: Callable[[Sequence[Design]], OutcomeRow | None] = lambda designs: None,
) -> list[Block]:
    """Return the wanted rows of all designs, in blocks of so many designs as fit on the page."""
    others = [design for design in view.in_order if design is not view.first]
    step = DESIGNS_ABREAST - 1
    groups = [others[at : at + step] for at in range(0, len(others), step)] or [[]]
    blocks = []
    for group in groups:
        designs = [view.first, *group]
        rows = []
        before = ""
        for row in wanted:
            levels = view.levels(row.outcome, designs)
            means = [level.mean for level in levels.values()]
            if not means:
                continue
            cells = [_cell(view, design, row.outcome, max(means)) for design in designs]
            rows.append(
                OutcomeRow(row.label, row.unit, cells, row.heading if row.heading != before else "")
            )
            before = row.heading
        last = last_row(designs)
        if last is not None:
            rows.append(last)
        if rows:
            blocks.append(Block(designs, rows))
    return blocks


def _cell(view: View, design: Design, outcome: str, largest: float) -> Cell:
    level = view.level(design, outcome)
    if level is None:
        return Cell(view.no_figure(design), "", "none")
    value, limits = figure_said(outcome, level.unit, level.mean, level.low, level.high, largest)
    change = view.change(design, outcome)
    if change is None:
        beside = view.beside(design, outcome)
        if beside is not None and math.isfinite(beside.low):
            return Cell(value, f"other people ask: {change_said(outcome, beside)}", "unclear")
        return Cell(value, limits, "first")
    if change.same or change.alike:
        return Cell(value, change.verdict, "same")
    if not change.directed:
        return Cell(value, change.verdict, "unclear")
    return Cell(value, f"{change_said(outcome, change)}, {change.certainty}", "clear")


def change_said(outcome: str, change: Change) -> str:
    """Return a difference in words, people as people of 100 and money in thousands."""
    return difference_said(outcome, change.unit, change.low, change.high)
