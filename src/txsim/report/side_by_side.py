"""The designs side by side, and the way from a change to its result.

A cell whose difference cannot be told from none is grey and says so; the others carry the
difference from the first design in words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from txsim.report.answer import COST_A_YEAR, relapse_free
from txsim.report.numbers import amounts, money, more_or_fewer, of_100, plain, sensible
from txsim.report.reading import Change, Design, Level, Reading

State = Literal["first", "clear", "unclear", "same", "none"]

DESIGNS_ABREAST = 5

STEPS: tuple[tuple[str, str], ...] = (
    ("sessions_not_fitting", "Due sessions that find no time or seat"),
    ("attendance", "Booked sessions kept"),
    ("sessions_received", "Sessions received of those due"),
    ("alliances_broken", "Key workers lost"),
    ("covered_by_medication", "Days in care covered by medication"),
    ("left_dropped_out", "Dropped out"),
)
"""Outcomes in the order in which a change works its way to staying or leaving."""


@dataclass(frozen=True)
class Cell:
    """One figure of one design, and what is said of its difference from the first design."""

    value: str
    said: str
    state: State


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome under each design."""

    label: str
    unit: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Block:
    """Designs that fit beside each other on a page, the first design always among them."""

    designs: Sequence[Design]
    rows: Sequence[OutcomeRow]


def side_by_side(reading: Reading) -> list[Block]:
    """Return the table of designs, in blocks where there are many."""
    days, words = reading.horizon
    return _blocks(
        reading,
        (
            (f"retained_{days}", f"In care {words} after asking"),
            (relapse_free(reading), "Alive and free of relapse"),
            ("share_served", "Admitted"),
            ("wait_to_first_dose", "Wait for the first dose, of those who got it"),
            ("share_lost_waiting", "Lost while waiting"),
            ("share_harmed_waiting", "Harmed while waiting"),
            ("share_dead_waiting", "Dead while waiting"),
            ("overdoses", "Overdoses"),
            ("deaths", "Deaths"),
            ("staff_time_used", "Staff minutes used, of 100 staffed"),
            (COST_A_YEAR, "Cost a year"),
            ("cost_per_retained", "Cost per person in care at the end"),
        ),
        extra=True,
    )


def way_to_the_result(reading: Reading) -> list[Block]:
    """Return the strip from visits to leaving: what each design changes on the way."""
    return _blocks(reading, STEPS)


def what_moves(reading: Reading) -> list[str]:
    """Return for each design the steps on the way that clearly change, in one sentence."""
    sentences = []
    for design in reading.others if reading.paired else ():
        moved = [
            f"{label[:1].lower()}{label[1:]} ({_difference(change, reading.currency)})"
            for outcome, label in STEPS
            if (change := reading.change(design, outcome)) is not None and change.clear
        ]
        if moved:
            sentences.append(f"Under {design.label}: {'; '.join(moved)}.")
        else:
            sentences.append(
                f"Under {design.label} no step differs by an amount that can be told from nothing."
            )
    return sentences


def _blocks(
    reading: Reading, outcomes: Sequence[tuple[str, str]], extra: bool = False
) -> list[Block]:
    others = [design for design in reading.in_order if design is not reading.first]
    step = DESIGNS_ABREAST - 1
    groups = [others[at : at + step] for at in range(0, len(others), step)] or [[]]
    blocks = []
    for group in groups:
        designs = [reading.first, *group]
        rows = [
            OutcomeRow(
                label,
                _unit(level.unit),
                [_cell(reading, design, outcome) for design in designs],
            )
            for outcome, label in outcomes
            if (level := reading.level(reading.first, outcome)) is not None
        ]
        if extra and reading.paired:
            row = _one_more_in_care(reading, designs)
            if row is not None:
                rows.append(row)
        if rows:
            blocks.append(Block(designs, rows))
    return blocks


def _unit(unit: str) -> str:
    return "" if unit == "proportion" else unit


def _cell(reading: Reading, design: Design, outcome: str) -> Cell:
    level = reading.level(design, outcome)
    if level is None:
        return Cell("withheld", "", "none")
    value = _figure(level, reading.currency)
    change = reading.change(design, outcome)
    if change is None:
        return Cell(value, _interval(level, reading.currency), "first")
    if change.same:
        return Cell(value, "the same", "same")
    if not change.clear:
        return Cell(value, "cannot tell", "unclear")
    return Cell(value, _difference(change, reading.currency), "clear")


def _figure(level: Level, currency: str) -> str:
    if level.unit == "proportion":
        return of_100(level.mean, 1 if abs(level.mean) < 0.0995 else 0)
    if level.unit.startswith(currency):
        return money(level.mean, "").strip()
    return sensible(level.mean)


def _interval(level: Level, currency: str) -> str:
    if math.isnan(level.low) or level.low == level.high:
        return ""
    if level.unit == "proportion":
        decimals = 1 if abs(level.mean) < 0.0995 else 0
        return f"{plain(100 * level.low, decimals)} to {plain(100 * level.high, decimals)}"
    if level.unit.startswith(currency):
        return amounts(level.low, level.high)
    return f"{sensible(level.low)} to {sensible(level.high)}"


def _difference(change: Change, currency: str) -> str:
    if change.unit == "proportion":
        return more_or_fewer(100 * change.low, 100 * change.high)
    if change.unit.startswith(currency):
        low, high = sorted((abs(change.low), abs(change.high)))
        words = "more" if change.low > 0 else "less"
        return f"{amounts(low, high)} {words}"
    return more_or_fewer(change.low, change.high)


def _one_more_in_care(reading: Reading, designs: Sequence[Design]) -> OutcomeRow | None:
    """Return what one more person in care costs, where a design clearly keeps more."""
    asked = reading.level(reading.first, "people_asked")
    if asked is None:
        return None
    years = reading.first.scenario.horizon.days / 365
    cells = [Cell("", "", "first")]
    for design in designs[1:]:
        kept = reading.change(design, reading.retained)
        cost = reading.change(design, COST_A_YEAR)
        if kept is None or cost is None:
            cells.append(Cell("", "", "none"))
        elif not kept.clear:
            cells.append(Cell("", "cannot tell", "unclear"))
        elif kept.mean < 0:
            cells.append(Cell("", "keeps fewer", "clear"))
        elif cost.mean <= 0:
            cells.append(Cell("", "costs no more", "clear"))
        else:
            amount = cost.mean * years / (asked.mean * kept.mean)
            cells.append(Cell(f"about {money(amount, '').strip()}", "", "clear"))
    return OutcomeRow("Cost of one more person in care", reading.currency, cells)
