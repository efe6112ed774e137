"""The designs side by side, and the way from a change to its result.

A cell whose difference cannot be told from none is grey and says so; the others carry the
difference from the first design in words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from txsim.catalogue.vocabulary import SYMPTOMS
from txsim.formatting import (
    listed,
    money_with_range,
    more_or_fewer,
    thousands,
    with_range,
)
from txsim.report.answer import free, free_of_regular_use
from txsim.report.money import COST_A_YEAR, COST_PER_RETAINED
from txsim.report.view import Change, Design, Level, View

State = Literal["first", "clear", "unclear", "same", "none"]

DESIGNS_ABREAST = 5

STEPS: tuple[tuple[str, str, str], ...] = (
    (
        "sessions_not_fitting",
        "Due sessions that find no time or seat",
        "of 100 due sessions find no time or seat",
    ),
    ("attendance", "Booked sessions kept", "of 100 booked sessions are kept"),
    ("sessions_received", "Due sessions received", "of 100 due sessions are received"),
    ("alliances_broken", "Key workers lost", "key workers per 100 people are lost"),
    (
        "covered_by_medication",
        "Days in care covered by medication",
        "of 100 days in care are covered by medication",
    ),
    ("left_dropped_out", "Dropped out", "of 100 people drop out"),
)
"""Outcomes in the order in which a change works its way to staying or leaving: their name, their
label, and how they are spoken of in a sentence."""


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


def side_by_side(view: View) -> list[Block]:
    """Return the table of designs, in blocks where there are many."""
    days, words = view.horizon
    thousand = f"thousand {view.currency}"
    use, door, harm, means = "Staying, and use", "Getting in", "Harm", "Staff and money"
    living = "How people live"
    home_and_work = [
        Wanted("with_a_home", "With a home or a bed", "of 100 days alive", living),
        Wanted("without_a_home", "Without any home", "of 100 days alive", living),
        Wanted("at_work", "In work or not looking for any", "of 100 days alive", living),
    ]
    symptoms = Wanted("symptoms", "Psychiatric symptoms", "sd above usual, of those ill", living)
    overdoses = Wanted("overdoses", "Overdoses", "per 100 people", harm)
    return _blocks(
        view,
        (
            Wanted(f"retained_{days}", f"In care {words} after asking", "", use),
            Wanted(free_of_regular_use(view), f"Alive and {free(view)}", "", use),
            Wanted(
                "used_again_after_stopping",
                "Used again, of those who had stopped for 30 days",
                "",
                use,
            ),
            Wanted("heavy_drinking_days", "Heavy drinking, of those who drink", "of 100 days", use),
            Wanted("share_served", "Admitted", "", door),
            Wanted("wait_to_admission", "From asking to admission", "days, mean", door),
            Wanted("median_wait_to_admission", "From asking to admission", "days, median", door),
            Wanted("wait_to_first_dose", "From asking to first dose", "days, mean", door),
            Wanted("share_lost_waiting", "Lost while waiting", "", door),
            Wanted("share_went_elsewhere", "Gone to another clinic instead", "", door),
            Wanted("share_harmed_waiting", "Lost, overdosed or dead while waiting", "", door),
            Wanted("share_dead_waiting", "Dead while waiting", "", door),
            *([overdoses] if view.opioids else []),
            Wanted("deaths", "Deaths", "per 100 people", harm),
            *(home_and_work if _helps_to_live(view) else []),
            *([symptoms] if _treats_symptoms(view) else []),
            Wanted("staff_time_used", "Staff minutes used", "of 100 staffed", means),
            Wanted(COST_A_YEAR, "Cost a year", thousand, means),
            Wanted(COST_PER_RETAINED, "Cost per person in care at the end", thousand, means),
        ),
        extra=True,
    )


def _helps_to_live(view: View) -> bool:
    """Return whether a design offers help with homes or work, so that they belong on the page."""
    return any(
        service.offered and (service.houses or service.helps_find)
        for design in view.in_order
        for service in design.scenario.catalogue.services.values()
    )


def _treats_symptoms(view: View) -> bool:
    """Return whether a design offers anything that acts on psychiatric symptoms."""
    return any(
        service.offered
        and any(one.startswith(SYMPTOMS) for one in (*service.through, *service.raises))
        for design in view.in_order
        for service in design.scenario.catalogue.services.values()
    )


def way_to_the_result(view: View) -> list[Block]:
    """Return the strip from visits to leaving: what each design changes on the way."""
    wanted = (
        Wanted(outcome, label, "per 100 people" if outcome == "alliances_broken" else "")
        for outcome, label, _ in STEPS
    )
    return _blocks(view, tuple(wanted))


def what_moves(view: View) -> list[str]:
    """Return for each design the steps on the way that clearly change, in one sentence."""
    sentences = []
    still = []
    for design in view.compared:
        moved = [
            f"{_difference(change, view.currency)} {spoken}"
            for outcome, _, spoken in STEPS
            if (change := view.change(design, outcome)) is not None and change.clear
        ]
        if moved:
            sentences.append(f"Under {design.label} {listed(moved)}.")
        else:
            still.append(design.label)
    if still:
        sentences.append(
            f"Under {listed(still)} no step on the way can be told from {view.first.label}."
        )
    return sentences


def _blocks(view: View, wanted: Sequence[Wanted], extra: bool = False) -> list[Block]:
    others = [design for design in view.in_order if design is not view.first]
    step = DESIGNS_ABREAST - 1
    groups = [others[at : at + step] for at in range(0, len(others), step)] or [[]]
    blocks = []
    for group in groups:
        designs = [view.first, *group]
        rows = []
        before = ""
        for row in wanted:
            levels = [view.level(design, row.outcome) for design in designs]
            means = [level.mean for level in levels if level is not None]
            if not means:
                continue
            cells = [_cell(view, design, row.outcome, max(means)) for design in designs]
            rows.append(
                OutcomeRow(row.label, row.unit, cells, row.heading if row.heading != before else "")
            )
            before = row.heading
        if extra and view.paired:
            more = _one_more_in_care(view, designs)
            if more is not None:
                rows.append(more)
        if rows:
            blocks.append(Block(designs, rows))
    return blocks


def _cell(view: View, design: Design, outcome: str, largest: float) -> Cell:
    level = view.level(design, outcome)
    if level is None:
        return Cell(view.no_figure(design), "", "none")
    value, limits = _figure(level, view.currency, largest)
    change = view.change(design, outcome)
    if change is None:
        beside = view.beside(design, outcome)
        if beside is not None and math.isfinite(beside.low):
            said = f"other people ask: {_difference(beside, view.currency)}"
            return Cell(value, said, "unclear")
        return Cell(value, limits, "first")
    if change.same:
        return Cell(value, "the same", "same")
    if not change.clear:
        return Cell(value, "cannot tell", "unclear")
    return Cell(value, _difference(change, view.currency), "clear")


def _figure(level: Level, currency: str, largest: float) -> tuple[str, str]:
    """Return a figure and its range, people as people of 100 and money in thousands."""
    if level.unit.startswith(currency):
        return money_with_range(level.mean, level.low, level.high)
    scale = 100.0 if level.unit == "proportion" else 1.0
    return with_range(level.mean, level.low, level.high, scale=scale, most=1, largest=largest)


def _difference(change: Change, currency: str) -> str:
    if change.unit.startswith(currency):
        return more_or_fewer(thousands(change.low), thousands(change.high), fewer="less")
    scale = 100.0 if change.unit == "proportion" else 1.0
    fewer = "less" if change.unit == "days" else "fewer"
    return more_or_fewer(change.low * scale, change.high * scale, fewer=fewer)


def _one_more_in_care(view: View, designs: Sequence[Design]) -> OutcomeRow | None:
    """Return what one more person in care costs, where a design clearly keeps more."""
    asked = view.level(view.first, "people_asked")
    if asked is None:
        return None
    years = view.first.scenario.horizon.days / 365
    cells = [Cell("", "", "first")]
    for design in designs[1:]:
        kept = view.change(design, view.retained)
        cost = view.change(design, COST_A_YEAR)
        if kept is None or cost is None:
            cells.append(Cell("", "", "none"))
        elif not kept.clear:
            cells.append(Cell("", "cannot tell", "unclear"))
        elif kept.mean < 0:
            cells.append(Cell("", "keeps fewer", "clear"))
        elif not cost.clear and not cost.same:
            cells.append(Cell("", "cannot tell", "unclear"))
        elif cost.mean <= 0:
            cells.append(Cell("", "costs no more", "clear"))
        else:
            amount = cost.mean * years / (asked.mean * kept.mean)
            figure, _ = money_with_range(amount, math.nan, math.nan)
            cells.append(Cell(f"about {figure}", "", "clear"))
    if all(cell.state != "clear" for cell in cells):
        return None
    return OutcomeRow("Cost of one more person in care", f"thousand {view.currency}", cells)
