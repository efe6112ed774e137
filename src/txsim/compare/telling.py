"""A comparison in plain words, for a terminal; the report has the long version."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from txsim.compare.notes import labels
from txsim.compare.tables import CANNOT_TELL, NO_DIFFERENCE
from txsim.outcomes.subgroups import EVERYONE

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.comparison import Comparison

HEADLINES = (
    "retained_365",
    "retained_180",
    "retained_90",
    "retained_30",
    "relapse_free_365",
    "relapse_free_180",
    "relapse_free_90",
    "relapse_free_30",
    "nonfatal_overdoses",
    "fatal_overdoses",
    "wait_to_first_dose",
    "people_served",
    "people_lost_waiting",
    "people_dead_waiting",
    "cost_per_year",
)
"""Outcomes of the short table, in order; of retention and relapse only the longest time."""


def headline_names(comparison: Comparison) -> list[str]:
    """The headline outcomes that this comparison has."""
    there = set(comparison.outcomes.loc[comparison.outcomes["subgroup"] == EVERYONE, "outcome"])
    names: list[str] = []
    told: set[str] = set()
    for name in HEADLINES:
        stem = name.rstrip("0123456789")
        if name in there and stem not in told:
            names.append(name)
            told.add(stem)
    return names


def headline_table(comparison: Comparison) -> DataFrame:
    """One row an outcome, one column a design, with intervals."""
    from pandas import DataFrame

    words, cells = labels(), _cells(comparison)
    rows = []
    for name in headline_names(comparison):
        row = {"outcome": words[name]}
        row |= {design.name: cells.get((name, design.name), "") for design in comparison.designs}
        rows.append(row)
    return DataFrame(rows)


def summary(comparison: Comparison) -> str:
    """What each design comes to, what may be said of the differences, and the notes."""
    lines = []
    words, cells = labels(), _cells(comparison)
    for name in headline_names(comparison):
        lines.append(f"{words[name]}:")
        for design in comparison.designs:
            if (name, design.name) in cells:
                told = cells[name, design.name]
                against = _against_first(comparison, name, design.name)
                lines.append(f"  {design.name}: {told}{against}")
    if comparison.notes:
        lines += ["", "Note:", *(f"  {note}" for note in comparison.notes)]
    return "\n".join(lines)


def _cells(comparison: Comparison) -> dict[tuple[str, str], str]:
    """Outcome and design to the figure in words, for everyone."""
    found = comparison.outcomes
    found = found[found["subgroup"] == EVERYONE]
    columns = ("outcome", "scenario", "mean", "low", "high", "unit")
    return {
        (outcome, design): _with_limits(mean, low, high, unit)
        for outcome, design, mean, low, high, unit in zip(
            *(found[column].tolist() for column in columns), strict=True
        )
    }


def _against_first(comparison: Comparison, outcome: str, design: str) -> str:
    first = comparison.designs[0].name
    if design == first:
        return ""
    rows = comparison.differences
    rows = rows[
        (rows["outcome"] == outcome) & (rows["scenario"] == design) & (rows["subgroup"] == EVERYONE)
    ]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    verdict = str(row["verdict"])
    if verdict == NO_DIFFERENCE:
        return f"; exactly as {first}"
    change = _with_limits(row["mean"], row["low"], row["high"], str(row["unit"]), signed=True)
    if not comparison.paired:
        return f"; {change} against {first}, who are other people"
    if verdict == CANNOT_TELL:
        return f"; {change}: cannot tell from {first}, {_settling(row['replications_to_settle'])}"
    return f"; {verdict} than {first} by {change}{_often(verdict, row['better_in'])}"


def _often(verdict: str, better_in: float) -> str:
    if math.isnan(better_in):
        return ""
    share = better_in if verdict == "better" else 1.0 - better_in
    return f", {verdict} in {round(100 * share)} of 100 draws of what is not known"


def _settling(replications: float) -> str:
    if math.isnan(replications):
        return "and no number of replications would settle it"
    return f"about {replications:,.0f} replications would settle it"


def _with_limits(mean: float, low: float, high: float, unit: str, *, signed: bool = False) -> str:
    scale, suffix = (100.0, " %") if unit == "proportion" else (1.0, f" {unit}")
    if signed and unit == "proportion":
        suffix = " percentage points"
    digits = 0 if abs(mean * scale) >= 1000 else 1
    told = [_figure(value * scale, digits, signed=signed) for value in (mean, low, high)]
    if math.isnan(low):
        return f"{told[0]}{suffix}"
    return f"{told[0]}{suffix} ({told[1]} to {told[2]})"


def _figure(value: float, digits: int, *, signed: bool) -> str:
    # What rounds to nothing has no sign.
    rounded = round(value, digits) + 0.0
    return f"{rounded:{'+' if signed and rounded else ''},.{digits}f}"
