"""Saving: what is written, that it is whole or not there, and that it repeats byte for byte."""

import errno
import json
import os
import re

import numpy as np
import pytest

from txsim.compare.files import MEANINGS, RESULTS, TABLES, harmless, to_digits, write_all
from txsim.errors import OutputError

from ..outcomes.made_runs import small_scenario
from ..systems import posix_only
from .made_comparisons import made_comparison

FILES = {f"{table}.csv" for table in TABLES} | {
    "draws.parquet",
    "replications.parquet",
    "data_dictionary.csv",
    "manifest.json",
}


@pytest.fixture(scope="module")
def comparison():
    return made_comparison(0.0, 8.0, replications=12)


def test_everything_is_written(comparison, tmp_path):
    place = comparison.save(tmp_path / "a" / "b")
    assert {file.name for file in place.iterdir()} == FILES
    manifest = json.loads((place / "manifest.json").read_text())
    assert manifest["seed"] == 1
    assert manifest["replications"] == 12
    assert manifest["command"]
    assert [design["name"] for design in manifest["designs"]] == ["today", "longer-1"]
    assert manifest["designs"][0]["digest"] == comparison.designs[0].digest
    assert {"txsim", "python", "numpy", "mesa"} <= set(manifest["versions"])


def test_tables_read_back_as_they_were(comparison, tmp_path):
    from pandas import read_csv, read_parquet
    from pyarrow.parquet import ParquetFile

    place = comparison.save(tmp_path)
    back = read_csv(place / "differences.csv")
    np.testing.assert_allclose(back["mean"], comparison.differences["mean"], rtol=1e-9)
    assert back["verdict"].tolist() == comparison.differences["verdict"].tolist()
    rows = read_parquet(place / "replications.parquet")
    assert ParquetFile(place / "replications.parquet").num_row_groups == 1
    np.testing.assert_allclose(rows["value"], comparison.replications["value"], rtol=1e-9)
    assert rows["outcome"].tolist() == comparison.replications["outcome"].tolist()


def test_figures_are_written_to_ten_digits(comparison, tmp_path):
    text = (comparison.save(tmp_path) / "outcomes.csv").read_text()
    cells = [cell for line in text.splitlines()[1:] for cell in line.split(",") if "." in cell]
    figures = [cell for cell in cells if cell.replace(".", "").replace("-", "").isdigit()]
    assert len(figures) > 1000
    assert max(len(cell.replace(".", "").replace("-", "").lstrip("0")) for cell in figures) <= 10
    np.testing.assert_array_equal(
        to_digits(np.array([1 / 3, 123456789012.0, 0.0, 1 / 3])),
        [0.3333333333, 123456789000.0, 0.0, 0.3333333333],
    )


def test_the_same_comparison_gives_the_same_bytes(tmp_path):
    one = made_comparison(0.0, 8.0, replications=8).save(tmp_path / "one")
    other = made_comparison(0.0, 8.0, replications=8).save(tmp_path / "other")
    for name in FILES - {"manifest.json"}:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    first, second = (json.loads((place / "manifest.json").read_text()) for place in (one, other))
    for manifest in (first, second):
        del manifest["clock_and_machine"]
    assert first == second


def test_earlier_results_are_not_replaced_unless_told_to(comparison, tmp_path):
    (tmp_path / "outcomes.csv").write_text("mine")
    with pytest.raises(OutputError, match=r"holds earlier results \(outcomes.csv\)"):
        comparison.save(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"outcomes.csv"}
    assert (tmp_path / "outcomes.csv").read_text() == "mine"
    comparison.save(tmp_path, force=True)
    assert (tmp_path / "outcomes.csv").read_text(encoding="utf-8-sig").startswith("scenario,")


def test_a_file_in_the_place_of_the_folder_is_refused(comparison, tmp_path):
    (tmp_path / "results").write_text("mine")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        comparison.save(tmp_path / "results")
    with pytest.raises(OutputError, match="cannot write results"):
        comparison.save(tmp_path / "results" / "deeper", force=True)
    assert (tmp_path / "results").read_text() == "mine"


NAMES = (
    "=HYPERLINK(1)", "+1", "-2 nurses", "@cmd", "\ttab", "\nline", "'=quoted", "'plain", "Clínica",
)  # fmt: skip


def test_no_text_in_a_table_is_a_live_formula(tmp_path):
    """Whichever table and column: designs, and groups and reasons with labels of a user's own."""
    from pandas import read_csv, read_parquet

    first = small_scenario(diagnoses={"depression": {"label": "@SUM(A1)"}})
    first = first.with_changes(name="=first", **{"economics.currency": "=USD"})
    designs = [first, *(first.with_changes(name=name) for name in ("\rreturn", *NAMES))]
    made = made_comparison(*range(len(designs)), replications=4, designs=designs)
    place = made.save(tmp_path / "results")

    for file in place.glob("*.csv"):
        assert file.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets see that it is UTF-8"
        table = read_csv(file, dtype=str, keep_default_na=False)
        for column in table.columns:
            for cell in table[column].unique():
                number = re.fullmatch(r"-?\d[\d.e+-]*", cell)
                assert number or not cell.startswith(tuple("=+-@\t\r")), (file.name, cell)

    back = read_csv(place / "outcomes.csv")
    names = back["scenario"].str.replace(r"^'(?='*[=+\-@\t\r\n])", "", regex=True)
    assert set(names) == {"=first", r"\rreturn", *NAMES}
    assert (read_csv(place / "differences.csv")["mean"] < 0).any(), "figures stay figures"
    raw = read_parquet(place / "replications.parquet")
    assert set(raw["scenario"]) == {"=first", "\rreturn", *NAMES}, "parquet is as it is"


def test_what_is_marked_can_be_told_from_what_was_marked():
    mark = "\N{APOSTROPHE}"
    for sign in "=+-@\t\n\uff1d":
        for marks in range(4):
            text = mark * marks + sign + "1"
            assert harmless(text) == mark + text
    for text in ("", mark, mark + "plain", "a=", "1-2", "é"):
        assert harmless(text) == text


def full_disk(place):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_earlier_report_goes_with_the_tables_it_was_made_from(comparison, tmp_path):
    comparison.save(tmp_path)
    (tmp_path / "report.html").write_text("of earlier tables")
    (tmp_path / "notes.txt").write_text("mine")
    comparison.save(tmp_path, force=True)
    assert {file.name for file in tmp_path.iterdir()} == FILES | {"notes.txt"}


def test_tables_may_join_a_report(comparison, tmp_path):
    (tmp_path / "report.html").write_text("of this comparison")
    comparison.save(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == FILES | {"report.html"}
    assert FILES | {"report.html", "failures.csv", "carriers.csv", "grade_share.csv"} == RESULTS


@posix_only
def test_a_private_folder_holds_private_files(comparison, tmp_path):
    from txsim.report import write

    mask = os.umask(0o077)
    try:
        place = comparison.save(tmp_path / "deep" / "results")
        write(comparison, place)
    finally:
        os.umask(mask)
    assert {file.stat().st_mode & 0o777 for file in place.iterdir()} == {0o600}
    assert {one.stat().st_mode & 0o777 for one in (place, place.parent)} == {0o700}


def test_a_full_disk_leaves_everything_as_it_was(tmp_path):
    (tmp_path / "first.csv").write_text("earlier")
    with pytest.raises(OutputError, match="No space left on device"):
        write_all(
            tmp_path, {"first.csv": lambda place: place.write_text("x"), "second.csv": full_disk}
        )
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"first.csv": "earlier"}


def test_an_interruption_leaves_nothing_half_written(tmp_path):
    def interrupted(place):
        place.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, {"one.csv": interrupted})
    assert list(tmp_path.iterdir()) == []


@posix_only
def test_files_can_be_read_by_whoever_may_read_the_folder(tmp_path):
    mask = os.umask(0o022)
    try:
        write_all(tmp_path, {"one.csv": lambda place: place.write_text("x")})
    finally:
        os.umask(mask)
    assert (tmp_path / "one.csv").stat().st_mode & 0o777 == 0o644


def test_the_dictionary_explains_every_column_outcome_and_curve(comparison, tmp_path):
    from pandas import read_csv

    place = comparison.save(tmp_path)
    words = read_csv(place / "data_dictionary.csv", keep_default_na=False)
    columns = set(words.loc[words["kind"] == "column", "name"])
    for table in (*TABLES, "replications"):
        for column in getattr(comparison, table).columns:
            assert f"{table}.{column}" in columns
            assert column in MEANINGS
    outcomes = set(words.loc[words["kind"] == "outcome", "name"])
    assert set(comparison.outcomes["outcome"]) <= outcomes
    curves = set(words.loc[words["kind"] == "curve", "name"])
    assert set(comparison.curves["curve"]) | set(comparison.retention["definition"]) <= curves
    assert (words["meaning"].str.len() > 10).all()
