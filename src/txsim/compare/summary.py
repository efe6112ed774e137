"""A comparison in plain words, for a terminal; the report has the long version."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from txsim.compare.naming import labels, wording_of
from txsim.compare.people import whose_people
from txsim.compare.verdicts import (
    CANNOT_TELL,
    DOES_NOT_MATTER,
    NOT_PAIRED,
    THE_SAME,
    TOO_SMALL,
    certainty,
    perhaps_too_small,
    what_would_settle,
)
from txsim.errors import printable
from txsim.formatting import (
    counted,
    listed,
    money_with_range,
    more_or_fewer,
    one_more_or_fewer,
    thousands,
    with_range,
)
from txsim.outcomes.families.regular_use import MOST_DAYS, STEM
from txsim.outcomes.subgroups import EVERYONE
from txsim.state.events import FOUR_WEEKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import DataFrame

    from txsim.compare.comparison import Comparison
    from txsim.compare.grade_share import GradeShare

HORIZONS: tuple[tuple[int, str], ...] = (
    (365, "a year"),
    (180, "six months"),
    (90, "three months"),
    (30, "a month"),
)
"""Days after asking at which the headline may be read, the longest first, and their words."""

PEOPLE = "Of 100 people who asked for treatment"
EVENTS = "Per 100 people who asked for treatment"
WAITS = "Days from asking to admission, of those admitted"
MONEY = "Cost, thousand {}"


@dataclass(frozen=True)
class Told:
    """A figure of the short table: its outcome, the heading it stands under, and its words."""

    outcome: str
    heading: str
    words: str


def horizon(comparison: Comparison) -> tuple[int, str]:
    """The longest horizon for which every design has a figure: its days, and its words.

    Designs that are followed for fewer days are read where they end; a design with no figure at all
    is passed over.
    """
    table = comparison.outcomes
    told = table[(table["subgroup"] == EVERYONE) & table["mean"].notna()]
    by_design = [
        set(told.loc[told["scenario"] == one.name, "outcome"]) for one in comparison.designs
    ]
    for needed in (all, any):
        for days, words in HORIZONS:
            if needed(f"retained_{days}" in outcomes for outcomes in by_design if outcomes):
                return days, words
    return HORIZONS[-1]


def headline_outcomes(comparison: Comparison) -> tuple[str, str]:
    """The two outcomes that an answer is about: staying in care, and being free of regular use."""
    days, _ = horizon(comparison)
    return f"retained_{days}", f"{STEM}_{days}"


def headlines(comparison: Comparison) -> list[Told]:
    """The figures of the short table, those that this comparison has."""
    there = set(comparison.outcomes.loc[comparison.outcomes["subgroup"] == EVERYONE, "outcome"])
    days, later = horizon(comparison)
    found = (
        Told(f"retained_{days}", PEOPLE, f"still in care {later} later"),
        Told(f"{STEM}_{days}", PEOPLE, f"alive and free of regular use {later} later"),
        Told("share_served", PEOPLE, "admitted"),
        Told("share_left_list", PEOPLE, "left the waiting list"),
        Told("share_missed_intake", PEOPLE, "missed the intake appointment"),
        Told("share_went_elsewhere", PEOPLE, "gone to another clinic instead"),
        Told("share_dead_waiting", PEOPLE, "dead while waiting"),
        Told("nonfatal_overdoses", EVENTS, "overdoses survived"),
        Told("fatal_overdoses", EVENTS, "deaths of overdose"),
        Told("wait_to_admission", WAITS, "mean"),
        Told("median_wait_to_admission", WAITS, "median"),
        Told("wait_to_first_dose", WAITS, "to the first dose, mean"),
        Told("cost_per_year", MONEY, "a year"),
    )
    return [one for one in found if one.outcome in there]


def headline_table(comparison: Comparison) -> DataFrame:
    """One row an outcome, one column a design, with intervals."""
    from pandas import DataFrame

    shown = headlines(comparison)
    called = labels(comparison.designs)
    levels = _rows(comparison.outcomes, shown)
    rows = []
    for told in shown:
        row = {"": f"{_heading(told, comparison)}: {told.words}"}
        for design in comparison.designs:
            found = levels.get((told.outcome, design.name))
            row[called[design.name]] = (
                "withheld"
                if found is None
                else " ".join(_level(found, _largest(levels, told))).strip()
            )
        rows.append(row)
    return DataFrame(rows)


def summary(comparison: Comparison, locale: str | None = None) -> str:
    """Outcomes of each design, verdicts on the differences, and the notes."""
    wording = wording_of(comparison.designs, locale)
    names = [design.name for design in comparison.designs]
    which = f"{names[0]} against {listed(names[1:])}" if names[1:] else names[0]
    lines = [
        f"{which}: {_basis(comparison)}.",
        *whose_people(comparison.designs),
        *_what_ranges_are(comparison),
    ]
    called = labels(comparison.designs)
    shown = headlines(comparison)
    levels, changes = _rows(comparison.outcomes, shown), _rows(comparison.differences, shown)
    # Where nobody can overdose there is nothing to tell of it.
    shown = [one for one in shown if one.heading != EVENTS or _largest(levels, one) > 0.0]
    wide = max(map(len, called.values()))
    heading = ""
    for told in shown:
        if heading != told.heading:
            heading = told.heading
            lines += ["", f"{_heading(told, comparison)}:"]
        lines.append(f"  {told.words}")
        for design in comparison.designs:
            level = levels.get((told.outcome, design.name))
            if level is not None:
                figure, said = _level(level, _largest(levels, told))
                change = changes.get((told.outcome, design.name))
                if change is not None:
                    said = _against_first(comparison, change) or f"{said} {_beside(change)}"
                lines.append(f"    {called[design.name]:<{wide}}  {figure:>6}  {said}".rstrip())
    lines += _left_open(comparison, shown[:2], changes)
    lines += _on_grade_d(comparison, shown[:2])
    lines += ["", _what_regular_use_is()]
    if comparison.notes:
        lines += ["", "Note:", *(f"  {note}" for note in comparison.notes)]
    return "\n".join(printable(wording(line)) for line in lines)


def _basis(comparison: Comparison) -> str:
    runs = counted(comparison.replications_each, "run")
    sets = (
        f" over {counted(comparison.draws, 'parameter set')}"
        if comparison.draws > 1
        else " with all parameters held fixed"
        if comparison.draws == 0
        else ""
    )
    return f"{runs}{' of each design' if len(comparison.designs) > 1 else ''}{sets}"


def _what_ranges_are(comparison: Comparison) -> list[str]:
    if comparison.draws < 2:
        return []
    return [
        "Parameter sets differ in what the evidence leaves open: the size of effects, and the "
        "clinic. A",
        "range holds the expected value 9 times in 10. Levels are means over the sets; where a few "
        "sets lie",
        "far above the others, so does the mean. Differences are those of the middle set.",
    ]


def _what_regular_use_is() -> str:
    return (
        f"Free of regular use: used on at most {MOST_DAYS} of the last {FOUR_WEEKS} days "
        "(alcohol: drank heavily on at most so many)."
    )


def _heading(told: Told, comparison: Comparison) -> str:
    return told.heading.format(comparison.designs[0].economics.currency)


def _rows(table: DataFrame, shown: list[Told]) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows for everyone of the outcomes shown, by outcome and design."""
    wanted = table["outcome"].isin([told.outcome for told in shown])
    found = table[(table["subgroup"] == EVERYONE) & wanted]
    return {(row["outcome"], row["scenario"]): row for row in records(found)}


def records(table: DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries by column."""
    columns = [table[column].tolist() for column in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _largest(levels: dict[tuple[str, str], dict[str, Any]], told: Told) -> float:
    """The largest of the designs' figures of one outcome."""
    return max(
        float(row["mean"]) for (outcome, _), row in levels.items() if outcome == told.outcome
    )


def figure_said(
    outcome: str, unit: str, mean: float, low: float, high: float, largest: float
) -> tuple[str, str]:
    """A figure and its range, people as people of 100 and money in thousands.

    The largest of the figures beside it settles the decimals.
    """
    if _is_money(outcome):
        return money_with_range(mean, low, high)
    return with_range(mean, low, high, scale=_scale(unit), most=1, largest=largest)


def difference_said(outcome: str, unit: str, low: float, high: float) -> str:
    """A difference in words, told as the figure is; nothing where it is not known."""
    if math.isnan(low) or math.isnan(high):
        return ""
    if _is_money(outcome):
        return more_or_fewer(thousands(low), thousands(high), fewer="less")
    scale, fewer = _scale(unit), "less" if unit == "days" else "fewer"
    return more_or_fewer(low * scale, high * scale, fewer=fewer)


def amount_said(outcome: str, unit: str, amount: float) -> str:
    """One difference in words, such as the median, told as its range is."""
    if _is_money(outcome):
        return one_more_or_fewer(thousands(amount), fewer="less")
    return one_more_or_fewer(amount * _scale(unit), fewer="less" if unit == "days" else "fewer")


def _scale(unit: str) -> float:
    return 100.0 if unit == "proportion" else 1.0


def _is_money(outcome: str) -> bool:
    return outcome.startswith("cost_")


def _level(row: dict[str, Any], largest: float) -> tuple[str, str]:
    """A figure, and its range in brackets."""
    mean, low, high = row["mean"], row["low"], row["high"]
    figure, limits = figure_said(row["outcome"], row["unit"], mean, low, high, largest)
    return figure, f"({limits})" if limits else ""


def _against_first(comparison: Comparison, row: dict[str, Any]) -> str:
    """What may be said of a difference from the first design; empty where people differ."""
    verdict = row["verdict"]
    if verdict == NOT_PAIRED:
        return ""
    if verdict == THE_SAME:
        return f"exactly as {labels(comparison.designs)[comparison.designs[0].name]}"
    change = _change(row)
    if verdict in (CANNOT_TELL, DOES_NOT_MATTER):
        return f"{verdict} ({change})" if change else verdict
    middle = amount_said(row["outcome"], row["unit"], row["median"])
    small = perhaps_too_small(row["median"], row["margin"])
    return (
        f"{verdict}, {certainty(row['higher_in'])}: {middle} ({change})"
        f"{f', {TOO_SMALL}' if small else ''}"
    )


def _beside(row: dict[str, Any]) -> str:
    """By how much a figure of other people differs from the first design's."""
    change = _change(row)
    return f"other people ask: {change}" if change else "other people ask"


def _change(row: dict[str, Any]) -> str:
    return difference_said(row["outcome"], row["unit"], row["low"], row["high"])


def _on_grade_d(comparison: Comparison, shown: list[Told]) -> list[str]:
    """How much of each headline rests on effects of grade D, where that was asked for."""
    words = {told.outcome: told.words for told in shown}
    lines = [
        f"  {sentence}"
        for one in comparison.on_grade_d
        if one.outcome in words
        for sentence in [on_grade_d_said(one, words[one.outcome], labels(comparison.designs))]
    ]
    return [
        "",
        "What rests on effects of grade D (assumptions, or evidence against):",
        *lines,
    ] * bool(lines)


def on_grade_d_said(one: GradeShare, words: str, called: Mapping[str, str]) -> str:
    """How much of a difference rests on grade D, in a sentence."""
    whole, without = (f"{100 * value:+.1f}" for value in (one.difference, one.without_d))
    said = f"{called[one.scenario]}, {words}: {whole} of 100, {without} without them"
    if math.isnan(one.share):
        return f"{said}; too small to split."
    if one.share < 0.0:
        return f"{said}; they take away from it."
    if one.share > 1.0:
        return f"{said}; all of it rests on them."
    return f"{said}; {100 * one.share:.0f} % rests on them."


def _left_open(
    comparison: Comparison, shown: list[Told], changes: dict[tuple[str, str], dict[str, Any]]
) -> list[str]:
    """What would settle the headlines of designs whose difference is unclear."""
    lines: list[str] = []
    called = labels(comparison.designs)
    for told in shown:
        unclear = [
            (called[design.name], float(row["replications_to_settle"]))
            for design in comparison.designs[1:]
            if (row := changes.get((told.outcome, design.name))) is not None
            and row["verdict"] == CANNOT_TELL
        ]
        remedies = what_would_settle(unclear, comparison.replications_each)
        if remedies:
            lines += [f"  {told.words}", *(f"    {sentence}" for sentence in remedies)]
    return ["", "Would more runs tell?", *lines] if lines else []
