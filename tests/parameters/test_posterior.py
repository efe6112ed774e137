"""Runs draw from the posterior that comes with the package, correlated as it was fitted."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from txsim.catalogue import load_catalogue
from txsim.compare import compare
from txsim.errors import TxsimError
from txsim.parameters.draw import LUCK_PER_DRAW, PRIOR, PriorDraw
from txsim.parameters.draw_source import CATALOGUE, draw_of, source_from, source_of
from txsim.parameters.posterior import ABOUT, SHIPPED, TABLE, Posterior, posterior
from txsim.run import run

from ..model.small_clinics import small

USE_DROPOUT = "model.regular_use_dropout"
NUMBERS = dict(load_catalogue().numbers())


def table() -> tuple[list[str], np.ndarray]:
    head, *lines = (SHIPPED / TABLE).read_text(encoding="ascii").splitlines()
    return head.split(","), np.array([line.split(",") for line in lines], float)


def test_default_draws_are_rows_of_the_file() -> None:
    paths, rows = table()
    source = source_of(uncertainty=True)

    for number in range(5):
        draw = source.luck(3, LUCK_PER_DRAW * number).draw
        row = posterior().row(3, number)
        assert draw == draw_of(number, 3)
        assert [draw.value(path, NUMBERS[path]) for path in paths] == list(rows[row])
    assert run(small(), 2 * LUCK_PER_DRAW, 3).drawn == source.draw(3, 2)


def test_what_the_file_does_not_hold_is_drawn_from_its_range() -> None:
    path = "services.individual_counselling.attendance"
    draw = posterior().draw(3, 1)

    assert draw.value(path, NUMBERS[path]) == PriorDraw(3, 1).value(path, NUMBERS[path])
    assert draw.deviate("clinic") == PriorDraw(3, 1).deviate("clinic")


def test_a_number_of_a_scenario_is_drawn_from_the_scenarios_range() -> None:
    own = NUMBERS[USE_DROPOUT].model_copy(update={"value": 1.5, "sd": 0.0})

    assert posterior().draw(3, 1).value(USE_DROPOUT, own) == 1.5


def test_draws_are_spread_over_the_rows_and_correlated_as_they_are() -> None:
    """As many draws as rows take each once; few of them leave no stretch of rows out."""
    paths, rows = table()
    source = posterior()

    for seed in (1, 2):
        taken = [source.row(seed, number) for number in range(source.size)]
        assert sorted(taken) == list(range(source.size))
        assert max(np.diff(sorted(taken[:16]))) <= 2 * source.size / 16
    assert source.row(1, 0) != source.row(2, 0)

    drawn = np.array(
        [
            [source.draw(1, number).values[path] for path in paths]
            for number in range(source.size)
        ]
    )  # fmt: skip
    found, fitted = (np.corrcoef(np.log(one), rowvar=False) for one in (drawn, rows))
    assert found == pytest.approx(fitted, abs=1e-9)
    strongest = np.abs(fitted - np.eye(len(paths))).max()
    assert strongest > 0.3, "numbers are told together"


def test_the_catalogues_ranges_are_those_of_the_posterior() -> None:
    """Middle and spread on the scale of each unit, so that a range alone is as wide."""
    for path, column in posterior().values.items():
        number = NUMBERS[path]
        moved = np.log(column / (1.0 - column)) if number.unit == "proportion" else np.log(column)
        middle = np.log(number.value)
        if number.unit == "proportion":
            middle -= np.log(1.0 - number.value)
        assert moved.mean() == pytest.approx(middle, abs=0.03 + 0.1 * moved.std()), path
        assert moved.std() == pytest.approx(number.spread, rel=0.1), path


def test_the_catalogues_ranges_alone_are_a_word_away() -> None:
    assert source_from(CATALOGUE) is PRIOR

    comparison = compare([small()], 4, draws=CATALOGUE, workers=1)
    assert comparison.manifest["draws_from"] == {"name": PRIOR.name, "digest": PRIOR.digest}
    assert "--draws catalogue" in comparison.manifest["command"]

    usual = compare([small()], 4, workers=1)
    assert usual.manifest["draws_from"]["name"] == posterior().name
    assert "--draws" not in usual.manifest["command"]
    assert not any("Nothing in these designs reads" in note for note in usual.notes)


def copied(folder: Path) -> Path:
    for name in (ABOUT, TABLE):
        shutil.copy(SHIPPED / name, folder)
    return folder


def test_what_it_rests_on_is_told() -> None:
    about = posterior().about

    assert "MIT licence" in about["data"]
    assert "Balise" in about["data"]
    assert about["patients"] > 800
    assert set(about["files"]) == {"patients.csv", "weeks.csv.gz"}
    assert len(posterior().values["model.occasional_use"]) == about["rows"]


@pytest.mark.parametrize("other", [0, 2])
def test_another_format_is_refused_with_the_version_that_reads_it(
    tmp_path: Path, other: int
) -> None:
    about = copied(tmp_path) / ABOUT
    text = about.read_text(encoding="utf-8").replace("format = 1", f"format = {other}")
    about.write_text(text.replace('txsim = "', 'txsim = "9.'), encoding="utf-8")

    with pytest.raises(
        TxsimError, match=rf"has format {other} and was written by txsim 9\..*\(here: format 1\)"
    ):
        Posterior.shipped(tmp_path)


def test_damaged_files_are_told(tmp_path: Path) -> None:
    copied(tmp_path)
    held = (tmp_path / TABLE).read_bytes()
    (tmp_path / TABLE).write_bytes(held[:-20])
    with pytest.raises(TxsimError, match=r"posterior\.csv: is not the file that posterior\.toml"):
        Posterior.shipped(tmp_path)

    strange = held.replace(USE_DROPOUT.encode() + b",", b"model.no_such_number,")
    (tmp_path / TABLE).write_bytes(strange)
    about = (tmp_path / ABOUT).read_text(encoding="utf-8")
    digests = [hashlib.sha256(one).hexdigest() for one in (held, strange)]
    (tmp_path / ABOUT).write_text(about.replace(*digests), encoding="utf-8")
    with pytest.raises(TxsimError, match=r"model\.no_such_number is no number of this catalogue"):
        Posterior.shipped(tmp_path)

    (tmp_path / ABOUT).write_text("format = ", encoding="utf-8")
    with pytest.raises(TxsimError, match=r"posterior\.toml: is no TOML"):
        Posterior.shipped(tmp_path)
    (tmp_path / ABOUT).unlink()
    with pytest.raises(TxsimError, match=r"posterior\.toml: cannot be read"):
        Posterior.shipped(tmp_path)
