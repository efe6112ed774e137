"""Saving a comparison: every table, what its columns mean, and how to make it again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.compare.single_years import COLUMNS
from txsim.errors import OutputError
from txsim.outcomes.registry import CURVES, OUTCOMES
from txsim.parameters.draw_table import DRAW, OF_A_DESIGN, metadata_of
from txsim.saving import new_folder

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.comparison import Comparison

ROWS_IN_A_GROUP = 2**20
"""Rows of the table of single replications that are written at a time."""
DIGITS = 10
"""Significant digits to which derived figures are written: as many as agree between kinds of
machine."""

TABLES = (
    "outcomes", "differences", "retention", "curves", "roles", "services", "exits", "costs",
    "variance",
)  # fmt: skip
"""Tables written as CSV under their own names."""

REPORT = "report.html"
"""The report, which belongs to the tables it was made from."""

RESULTS = frozenset(
    {f"{table}.csv" for table in TABLES}
    | {"replications.parquet", "draws.parquet", "failures.csv", "data_dictionary.csv"}
    | {"carriers.csv", "grade_share.csv"}
    | {"manifest.json", REPORT}
)
"""Every file that txsim writes into a folder of results."""

LIVE = re.compile(r"'*[=+\-@\t\n\uff1d\uff0b\uff0d\uff20]")
"""How a text begins that a spreadsheet would take for a formula, or that was marked as none."""

MEANINGS: dict[str, tuple[str, str]] = {
    "scenario": (
        "",
        "Name of the design. In CSV files a text that begins as a formula has an apostrophe before "
        "it.",
    ),
    "baseline": ("", "Name of the design it is compared with."),
    "subgroup": (
        "",
        "Group of people; everyone is all who asked for treatment in the accrual window.",
    ),
    "outcome": ("", "Name of the outcome; see the rows of this dictionary of kind outcome."),
    "unit": ("", "Unit of mean, low, high, standard_error, year_low, year_high and value."),
    "mean": ("as in unit", "Mean over replications."),
    "low": (
        "as in unit",
        "Lower 90 % limit of the expected value over the parameter draws; chance is averaged out.",
    ),
    "high": ("as in unit", "Upper 90 % limit of the expected value over what is not known."),
    "standard_error": ("as in unit", "Monte-Carlo error of the mean."),
    "year_low": ("as in unit", "Lower 90 % limit of a single replication."),
    "year_high": ("as in unit", "Upper 90 % limit of a single replication."),
    "median": (
        "as in unit",
        "Middle one of the draws' expected values; the mean lies towards the long side.",
    ),
    "year_sd": ("as in unit", "Standard deviation of a single year, for all reasons together."),
    "chance": ("proportion", "Share of a single year's variance that is the luck of that year."),
    "parameters": (
        "proportion",
        "Share of it that is the draw of parameters: effects, and what people are like.",
    ),
    "clinic": (
        "proportion",
        "Share of it that goes with the clinic's effects on leaving and use, in straight lines.",
    ),
    "higher_in": (
        "proportion",
        "Share of draws in which the expected difference is above zero, ties half.",
    ),
    "margin": ("as in unit", "How large a difference must be to matter."),
    "within_margin": (
        "proportion",
        "Share of draws in which the expected difference is no larger than the margin.",
    ),
    "better_in": (
        "proportion",
        "Share of draws in which the expected difference favours the design, ties half.",
    ),
    "replications": ("number", "Replications that the figure rests on."),
    "people": (
        "people",
        "Mean number of people a replication that the figure rests on; in exits, people who left.",
    ),
    "verdict": (
        "",
        "the same, no difference that matters, better, worse (more, less where neither is good), "
        "cannot tell yet, or not paired (other people ask).",
    ),
    "replications_to_settle": (
        "number",
        "Replications after which the interval would leave out zero; empty if none.",
    ),
    "settling": ("", "settled, more would (replications_to_settle), none would, or not paired."),
    "replication": (
        "number",
        "Number of the replication; the same random numbers in every design.",
    ),
    "draw": ("number", "Number of the draw of the numbers of the world and of the clinic."),
    "value": ("as in unit", "The outcome in one replication."),
    "definition": ("", "Definition of retention; see the rows of kind curve."),
    "curve": ("", "Name of the curve; see the rows of kind curve."),
    "day": ("days", "Days since asking, since admission, or of the run, as the curve's row says."),
    "role": ("", "Kind of staff."),
    "minutes_used": ("minutes a week", "Minutes of direct care used, with notes."),
    "minutes_staffed": ("minutes a week", "Minutes staffed for direct care and notes."),
    "minutes_overtime": ("minutes a week", "Minutes used beyond those staffed on a day."),
    "minutes_agency": (
        "minutes a week",
        "Minutes of an agency's staff, for doses for which the role had none left.",
    ),
    "share_used": ("proportion", "Minutes used over minutes staffed."),
    "departures_per_year": ("people", "Staff who left, a year of 365 days."),
    "vacant_days_per_year": ("days", "Days posts stood vacant, a year of 365 days."),
    "service": ("", "Name of the service."),
    "due_per_year": (
        "sessions",
        "Sessions due, a year of 365 days; a session that waits is due again each day.",
    ),
    "booked_per_year": ("sessions", "Sessions booked."),
    "kept_per_year": ("sessions", "Sessions kept."),
    "missed_per_year": ("sessions", "Sessions booked and missed."),
    "waited_per_year": ("session-days", "Times a due session did not fit."),
    "taken_up_per_year": ("people", "Times somebody took the service up."),
    "stood_in_per_year": (
        "sessions",
        "Sessions booked, or groups led, with another role than the service's own.",
    ),
    "place_days_per_year": ("days", "Days on which people had a support's place (ride, aid, bed)."),
    "days_without_place_per_year": (
        "days",
        "Days on which people had taken a support up and waited for one of its places.",
    ),
    "spent_per_year": (
        "currency a year",
        "Money for its sessions, uses and places; rooms and staff aside.",
    ),
    "without_money_per_year": (
        "session-days",
        "Times a session or use was due and its budget was spent.",
    ),
    "beyond_minutes_per_year": (
        "sessions",
        "Doses given in overtime or by an agency, because their role had no minutes left.",
    ),
    "received": ("proportion", "Sessions kept over sessions due."),
    "reason": ("", "Why care was first left within the follow-up."),
    "share": ("proportion", "Share of all first exits."),
    "staff": ("currency a year", "Wages, fringe benefits, overhead, overtime, agency, hiring."),
    "medication": ("currency a year", "Medication supplied."),
    "services": ("currency a year", "Rooms, tests, rides, beds and other costs of services."),
    "total": ("currency a year", "Programme cost."),
    "currency": ("", "Currency of the costs."),
    "prices_of": ("year", "Year of the price table."),
}
"""Unit and meaning of every column that a written table may have."""

FAILURES = {
    "replication": "Number of a replication that could not be run and is left out of all tables.",
    "draw": MEANINGS["draw"][1],
    "reason": "Why it could not be run.",
}
"""Meaning of the columns of failures.csv, which is there when a replication failed."""

CARRIERS = {
    "rank": "The closest number of each figure is first.",
    "parameter": "Path of the number in the catalogue; a column of draws.parquet.",
    "words": "The number in words.",
    "grade": "Grade of its evidence.",
    "correlation": "Rank correlation over draws of the figure with the number.",
    "chance": "How often the closest of all numbers is as close, if none mattered.",
    "draws": "Draws that it rests on.",
}
"""Meaning of the further columns of carriers.csv, which is there when there are enough draws."""

GRADE_SHARE = {
    "difference": "Difference from the first design, all effects counted.",
    "without_d": "The same without effects of grade D.",
    "on_d": "The one less the other: what rests on effects of grade D.",
    "low": "Lower 90 % limit of on_d.",
    "high": "Upper 90 % limit of on_d.",
    "share": "on_d over difference; empty where the difference is too small to be split.",
}
"""Meaning of the further columns of grade_share.csv, which is there when it was asked for."""


def save(comparison: Comparison, directory: Path, *, force: bool) -> Path:
    """Write the comparison into the directory, made if need be; see `Comparison.save`."""
    write_all(directory, _writers(comparison), beside=RESULTS if force else (), force=force)
    return directory


def _writers(comparison: Comparison) -> dict[str, Callable[[Path], None]]:
    writers: dict[str, Callable[[Path], None]] = {
        f"{table}.csv": csv_of(getattr(comparison, table)) for table in TABLES
    }
    writers["replications.parquet"] = _parquet(comparison)
    if comparison.draws:
        writers["draws.parquet"] = _draws(comparison)
    if len(comparison.carriers):
        writers["carriers.csv"] = csv_of(comparison.carriers)
    if comparison.on_grade_d:
        writers["grade_share.csv"] = csv_of(comparison.grade_share)
    if len(comparison.failures):
        writers["failures.csv"] = csv_of(comparison.failures)
    writers["data_dictionary.csv"] = csv_of(data_dictionary(comparison))
    writers["manifest.json"] = json_of(comparison.manifest)
    return writers


def write_all(
    directory: Path,
    writers: Mapping[str, Callable[[Path], None]],
    *,
    beside: Collection[str] = (),
    force: bool = True,
) -> None:
    """Write every file or none: the folder is the old one or the new one (see `saving`).

    Files of earlier results that stand `beside` these go with the old folder.

    Raises OutputError, with the reason, when a file is there already and `force` is not set, and
    when the folder cannot be made or written to.
    """
    try:
        with new_folder(directory, {*writers, *beside}, force=force) as folder:
            for name, write in writers.items():
                write(folder / name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{directory}: cannot write results ({reason})") from error


def csv_of(table: DataFrame) -> Callable[[Path], None]:
    """What writes a table, its figures to the digits that agree between kinds of machine."""

    def write(place: Path) -> None:
        text = as_text(table).to_csv(index=False, lineterminator="\n")
        # With the mark in front, spreadsheets read names with accents as they are.
        place.write_text(text, encoding="utf-8-sig", errors="backslashreplace", newline="")

    return write


def as_text(table: DataFrame) -> DataFrame:
    """A table with its cells as they are written; what is not known is left empty.

    Figures are several times quicker so than by leaving the format to pandas, which asks it cell by
    cell. A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    from pandas import Series

    figure = f"%.{DIGITS}g"
    written = {}
    for column in table.columns:
        kind, values = table[column].dtype.kind, table[column].tolist()
        if kind == "f":
            cells = ["" if value != value else figure % value for value in values]
        elif kind == "O":
            cells = [harmless(value) if isinstance(value, str) else value for value in values]
        else:
            continue
        written[column] = Series(cells, index=table.index, dtype=object)
    return table.assign(**written)


def harmless(text: str) -> str:
    """A text as it stands in a CSV file: no spreadsheet takes it for a formula.

    A carriage return is written as its escape, since readers take it for the end of a row.
    """
    text = text.replace("\r", "\\r")
    return f"'{text}" if LIVE.match(text) else text


def _parquet(comparison: Comparison) -> Callable[[Path], None]:
    """Write every value of every replication, a group of rows at a time: all are never together."""

    def write(place: Path) -> None:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        writer: ParquetWriter | None = None
        waiting: list[pa.Table] = []
        try:
            for part in comparison.replications_in_parts():
                rounded = part.assign(value=to_digits(part["value"].to_numpy()))
                waiting.append(pa.Table.from_pandas(rounded, preserve_index=False))
                if writer is None:
                    writer = ParquetWriter(place, waiting[0].schema, compression="zstd")
                while sum(len(table) for table in waiting) >= ROWS_IN_A_GROUP:
                    together = pa.concat_tables(waiting)
                    writer.write_table(together.slice(0, ROWS_IN_A_GROUP))
                    waiting = [together.slice(ROWS_IN_A_GROUP)]
            if writer is not None:
                writer.write_table(pa.concat_tables(waiting))
        finally:
            if writer is not None:
                writer.close()

    return write


def _draws(comparison: Comparison) -> Callable[[Path], None]:
    """Write the draws, to the last digit: they may be read again."""

    def write(place: Path) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        table = pa.Table.from_pandas(comparison.drawn, preserve_index=False)
        table = table.replace_schema_metadata(metadata_of(comparison.source))
        # Hundreds of columns of a few rows: what describes them would be most of the file.
        parquet.write_table(
            table, place, compression="zstd", use_dictionary=False, write_statistics=False
        )

    return write


def json_of(content: dict[str, Any]) -> Callable[[Path], None]:
    """What writes something as JSON."""

    def write(place: Path) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=False)
        place.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")

    return write


def to_digits(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Figures rounded to the digits that are written."""
    several, place = np.unique(values, return_inverse=True)
    rounded = np.array([float(f"{value:.{DIGITS}g}") for value in several.tolist()])
    return np.asarray(rounded[place])


def _drawn_units(comparison: Comparison) -> dict[str, str]:
    """The unit of every column of the draws."""
    units = {
        path: number.unit
        for design in comparison.designs
        for path, number in design.catalogue.numbers()
    }
    return {
        column: units.get(column.split(OF_A_DESIGN)[0], "standard deviations from the centre")
        for column in (comparison.drawn.columns if comparison.draws else ())
        if column != DRAW
    }


def data_dictionary(comparison: Comparison) -> DataFrame:
    """What every column, outcome and curve of the written tables means."""
    from pandas import DataFrame

    rows = []
    for table in (*TABLES, "replications"):
        columns = COLUMNS if table == "replications" else getattr(comparison, table).columns
        for column in columns:
            unit, meaning = MEANINGS[column]
            rows.append(("column", f"{table}.{column}", unit, "", meaning))
    further = {
        "carriers": CARRIERS if len(comparison.carriers) else {},
        "grade_share": GRADE_SHARE if comparison.on_grade_d else {},
        "failures": FAILURES if len(comparison.failures) else {},
    }
    for table, meanings in further.items():
        for column, meaning in meanings.items():
            rows.append(("column", f"{table}.{column}", "", "", meaning))
    currency = comparison.designs[0].economics.currency
    for path, unit in _drawn_units(comparison).items():
        rows.append(("parameter", path, unit, "", "Value in force in each draw (draws.parquet)."))
    for outcome in OUTCOMES:
        unit = outcome.unit.replace("USD", currency)
        meaning = f"{outcome.label}. {outcome.definition}"
        rows.append(("outcome", outcome.name, unit, outcome.better, meaning))
    for curve in CURVES:
        meaning = f"{curve.label}. {curve.definition} Days are {curve.clock}."
        rows.append(("curve", curve.name, curve.unit, "", meaning))
    return DataFrame(rows, columns=["kind", "name", "unit", "better", "meaning"])
