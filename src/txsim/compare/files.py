"""Saving a comparison: every table, what its columns mean, and how to make it again.

All files are first written beside their places and then moved there, so that a full disk or an
interrupted run leaves nothing half-written.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.compare.single_years import COLUMNS
from txsim.errors import OutputError
from txsim.outcomes.definitions import CURVES, OUTCOMES

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
)  # fmt: skip
"""Tables written as CSV under their own names."""

MEANINGS: dict[str, tuple[str, str]] = {
    "scenario": ("", "Name of the design."),
    "baseline": ("", "Name of the design it is held against."),
    "subgroup": ("", "Group of people; everyone is all who asked for help in the accrual window."),
    "outcome": ("", "Name of the outcome; see the rows of this dictionary of kind outcome."),
    "unit": ("", "Unit of mean, low, high, standard_error, year_low, year_high and value."),
    "mean": ("as in unit", "Mean over replications."),
    "low": (
        "as in unit",
        "Lower 90 % limit of the expected value over what is not known; luck is averaged out.",
    ),
    "high": ("as in unit", "Upper 90 % limit of the expected value over what is not known."),
    "standard_error": ("as in unit", "Monte-Carlo error of the mean."),
    "year_low": ("as in unit", "Lower 90 % limit of a single replication."),
    "year_high": ("as in unit", "Upper 90 % limit of a single replication."),
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
        "better, worse (more, less where neither is good), cannot tell, no difference, or not "
        "paired.",
    ),
    "replications_to_settle": (
        "number",
        "Replications after which the interval would leave out zero; empty if none.",
    ),
    "settling": ("", "settled, more would (replications_to_settle), none would, or not paired."),
    "replication": ("number", "Number of the replication; the same luck in every design."),
    "draw": ("number", "Number of the draw of the numbers of the world and of the clinic."),
    "value": ("as in unit", "The outcome in one replication."),
    "definition": ("", "Definition of retention; see the rows of kind curve."),
    "curve": ("", "Name of the curve; see the rows of kind curve."),
    "day": ("days", "Days since asking, since admission, or of the run, as the curve's row says."),
    "role": ("", "Kind of staff."),
    "minutes_used": ("minutes a week", "Minutes of direct care used, with notes."),
    "minutes_staffed": ("minutes a week", "Minutes staffed for direct care and notes."),
    "minutes_overtime": ("minutes a week", "Minutes used beyond those staffed on a day."),
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
    "received": ("proportion", "Sessions kept over sessions due."),
    "reason": ("", "Why care was first left within the follow-up."),
    "share": ("proportion", "Share of all first exits."),
    "staff": ("currency a year", "Wages, fringe benefits, overhead, overtime, hiring."),
    "medication": ("currency a year", "Medication supplied."),
    "services": ("currency a year", "Rooms, tests, rides, beds and other costs of services."),
    "total": ("currency a year", "Programme cost."),
    "currency": ("", "Currency of the costs."),
    "prices_of": ("year", "Year of the price table."),
}
"""Unit and meaning of every column that a written table may have."""


def save(comparison: Comparison, directory: Path, *, force: bool) -> Path:
    """Write the comparison into the directory, made if need be; see `Comparison.save`."""
    writers = _writers(comparison)
    refuse_to_overwrite(directory, list(writers), force=force)
    write_all(directory, writers)
    return directory


def _writers(comparison: Comparison) -> dict[str, Callable[[Path], None]]:
    writers: dict[str, Callable[[Path], None]] = {
        f"{table}.csv": _csv(getattr(comparison, table)) for table in TABLES
    }
    writers["replications.parquet"] = _parquet(comparison)
    writers["data_dictionary.csv"] = _csv(data_dictionary(comparison))
    writers["manifest.json"] = _json(comparison.manifest)
    return writers


def refuse_to_overwrite(directory: Path, names: list[str], *, force: bool) -> None:
    """Raise OutputError when a file of these names is there already and may not be replaced."""
    if directory.exists() and not directory.is_dir():
        raise OutputError(f"{directory}: is a file, not a folder; name another place for results")
    there = [name for name in names if (directory / name).exists()]
    if there and not force:
        raise OutputError(
            f"{directory}: holds earlier results ({', '.join(there)}); name another folder, or use "
            "--force to replace them"
        )


def write_all(directory: Path, writers: dict[str, Callable[[Path], None]]) -> None:
    """Write every file or none: first all beside their places, then each moved there at once.

    Raises OutputError, with the reason, when the folder cannot be made or written to.
    """
    waiting: dict[str, Path] = {}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, write in writers.items():
            handle, place = tempfile.mkstemp(dir=directory, prefix=f".{name}.", suffix=".part")
            os.close(handle)
            waiting[name] = Path(place)
            write(waiting[name])
            waiting[name].chmod(0o666 & ~_umask())
        for name in list(waiting):
            os.replace(waiting[name], directory / name)
            del waiting[name]
    except OSError as error:
        raise OutputError(
            f"{directory}: cannot write results ({error.strerror or error})"
        ) from error
    finally:
        for part in waiting.values():
            part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _csv(table: DataFrame) -> Callable[[Path], None]:
    def write(place: Path) -> None:
        text = as_text(table).to_csv(index=False, lineterminator="\n")
        place.write_text(text, encoding="utf-8", newline="")

    return write


def as_text(table: DataFrame) -> DataFrame:
    """A table with its figures as they are written; what is not known is left empty.

    Several times quicker than leaving the format to pandas, which asks it cell by cell.
    """
    from pandas import Series

    figure = f"%.{DIGITS}g"
    written = {
        column: Series(
            ["" if value != value else figure % value for value in table[column].tolist()],
            index=table.index,
            dtype=object,
        )
        for column in table.columns
        if table[column].dtype.kind == "f"
    }
    return table.assign(**written)


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


def _json(content: dict[str, Any]) -> Callable[[Path], None]:
    def write(place: Path) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=False)
        place.write_text(text + "\n", encoding="utf-8")

    return write


def to_digits(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Figures rounded to the digits that are written."""
    several, place = np.unique(values, return_inverse=True)
    rounded = np.array([float(f"{value:.{DIGITS}g}") for value in several.tolist()])
    return np.asarray(rounded[place])


def data_dictionary(comparison: Comparison) -> DataFrame:
    """What every column, outcome and curve of the written tables means."""
    from pandas import DataFrame

    rows = []
    for table in (*TABLES, "replications"):
        columns = COLUMNS if table == "replications" else getattr(comparison, table).columns
        for column in columns:
            unit, meaning = MEANINGS[column]
            rows.append(("column", f"{table}.{column}", unit, "", meaning))
    currency = comparison.designs[0].economics.currency
    for outcome in OUTCOMES:
        unit = outcome.unit.replace("USD", currency)
        meaning = f"{outcome.label}. {outcome.definition}"
        rows.append(("outcome", outcome.name, unit, outcome.better, meaning))
    for curve in CURVES:
        meaning = f"{curve.label}. {curve.definition} Days are {curve.clock}."
        rows.append(("curve", curve.name, curve.unit, "", meaning))
    return DataFrame(rows, columns=["kind", "name", "unit", "better", "meaning"])
