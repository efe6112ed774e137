"""What a study found, as tables and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from txsim.compare.assemble import make_manifest
from txsim.compare.files import csv_of, json_of, write_all

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.sensitivity.study import Study

FILES = ("screening.csv", "indices.csv", "data_dictionary.csv", "manifest.json")

MEANINGS: dict[str, tuple[str, str]] = {
    "step": ("", "What was screened: entries with all their numbers moved at once, or numbers."),
    "scenario": ("", "Design that the figure is about."),
    "baseline": ("", "Design from which it differs; empty for a level."),
    "outcome": ("", "Name of the outcome."),
    "factor": ("", "Path of the number in the catalogue, or of the entry."),
    "words": ("", "The same in words."),
    "grade": ("", "Grade of the evidence, the weakest of an entry's numbers."),
    "moves": (
        "proportion",
        "By how much the outcome changes, on average, when the number is moved by two thirds of "
        "its 95 % range (mu*).",
    ),
    "moves_error": ("proportion", "Half the width of its 90 % interval over trajectories."),
    "luck": (
        "as in the column before it",
        "What luck alone makes of the figure: of moves if the number did nothing, of total what "
        "has been taken off.",
    ),
    "told_from_luck": ("", "Whether the figure is told from luck."),
    "first": ("proportion", "First Sobol index: share of the variance that knowing it would take."),
    "first_error": ("proportion", "Half the width of its 90 % interval."),
    "total": (
        "proportion",
        "Total Sobol index: share that would be left if all others were known, luck taken off.",
    ),
    "total_error": ("proportion", "Half the width of its 90 % interval."),
    "spread": (
        "proportion",
        "Standard deviation that the numbers together give the outcome, luck taken off.",
    ),
    "luck_spread": ("proportion", "Standard deviation that luck gives a setting's mean."),
}
"""Unit and meaning of every column."""


def screening_table(study: Study) -> DataFrame:
    """Every factor of every screening by output."""
    from pandas import DataFrame

    rows = [
        {
            "step": step,
            "scenario": output.design,
            "baseline": output.against,
            "outcome": output.outcome,
            "factor": factor.name,
            "words": factor.words,
            "grade": factor.grade,
            "moves": found.moves[row, column],
            "moves_error": found.error[row, column],
            "luck": found.luck[row, column],
            "told_from_luck": bool(found.told[row, column]),
        }
        for step, found in study.screened.items()
        for column, output in enumerate(study.outputs)
        for row, factor in enumerate(found.factors)
    ]
    return DataFrame(rows)


def indices_table(study: Study) -> DataFrame:
    """Indices of the numbers that were left by output; no row where none was left."""
    from pandas import DataFrame

    found = study.indices
    columns = [
        "scenario", "baseline", "outcome", "factor", "words", "grade", "first", "first_error",
        "total", "total_error", "luck", "told_from_luck", "spread", "luck_spread",
    ]  # fmt: skip
    if found is None:
        return DataFrame(columns=columns)
    rows = [
        (
            output.design,
            output.against,
            output.outcome,
            factor.name,
            factor.words,
            factor.grade,
            found.first[row, column],
            found.first_error[row, column],
            found.total[row, column],
            found.total_error[row, column],
            found.luck[row, column],
            bool(found.told[row, column]),
            found.spread[column],
            found.luck_spread[column],
        )
        for column, output in enumerate(study.outputs)
        for row, factor in enumerate(found.factors)
    ]
    return DataFrame(rows, columns=columns)


def manifest_of(study: Study, command: str) -> dict[str, Any]:
    """How a study was made; all but clock and machine repeats byte for byte."""
    how = {
        "trajectories": study.how.trajectories,
        "base": study.how.base,
        "replications": study.how.replications,
        "most": study.how.most,
        "by": study.how.by,
        "seed": study.how.seed,
        "outcomes": [one.outcome for one in study.outputs],
        "numbers_that_act": len(study.numbers),
        "runs": study.runs,
        "failed": study.failed,
        "study": study.digest,
        "model": study.model,
    }
    found = make_manifest(study.designs, how, command)
    found["clock_and_machine"] |= {"seconds": round(study.seconds, 1), "run_anew": study.run_anew}
    return found


def save(study: Study, folder: Path, command: str) -> None:
    """Write the tables and the manifest beside the runs that are kept, all or nothing."""
    tables = {"screening.csv": screening_table(study), "indices.csv": indices_table(study)}
    writers = {name: csv_of(table) for name, table in tables.items()}
    writers["data_dictionary.csv"] = csv_of(_dictionary(tables))
    writers["manifest.json"] = json_of(manifest_of(study, command))
    write_all(folder, writers)


def _dictionary(tables: dict[str, DataFrame]) -> DataFrame:
    from pandas import DataFrame

    rows = [
        (f"{name.removesuffix('.csv')}.{column}", *MEANINGS[column])
        for name, table in tables.items()
        for column in table.columns
    ]
    return DataFrame(rows, columns=["name", "unit", "meaning"])
