"""`txsim validate` on two trials, and what it leaves in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tests.model.small_clinics import compiled_only
from txsim.cli import main

TWO = ("--only", "maddux-1994", "--only", "mclellan-1993")


def txsim(*words: str) -> Result:
    return CliRunner().invoke(main, words, prog_name="txsim")


@compiled_only
def test_two_trials(tmp_path: Path) -> None:
    folder = tmp_path / "scorecard"
    told = txsim("validate", *TWO, "--replications", "3", "--workers", "1", "--out", str(folder))

    assert told.exit_code == 0, told.output
    assert "Maddux: methadone with or without a fee" in told.stdout
    assert "Marks are asked of all trials together." in told.stdout
    assert {path.name for path in folder.iterdir()} == {
        "scorecard.csv", "validation.html", "manifest.json",
    }  # fmt: skip
    table = pd.read_csv(folder / "scorecard.csv")
    assert set(table["trial"]) == {"maddux-1994", "mclellan-1993"}
    assert len(table[table["row"] == "arm"]) == 5
    assert table["predicted"].between(-1, 1).all()
    page = (folder / "validation.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "How its arms are set up" in page
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["replications"] == {"mclellan-1993": 3, "maddux-1994": 3}
    assert manifest["command"].startswith("txsim validate --only=maddux-1994")


@compiled_only
def test_as_json_and_again() -> None:
    words = ("validate", "--only", "maddux-1994", "--replications", "2", "--workers", "1", "--json")
    first, again = txsim(*words), txsim(*words)

    one, two = json.loads(first.stdout), json.loads(again.stdout)
    assert one["experiments"] == {"10": one["experiments"]["10"]}
    assert one["marks"] == []
    assert one["scorecard"] == two["scorecard"]


def test_an_unknown_trial_and_a_full_folder_are_refused(tmp_path: Path) -> None:
    told = txsim("validate", "--only", "maddux")

    assert told.exit_code == 2
    assert 'did you mean "maddux-1994"' in told.stderr
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    told = txsim("validate", "--out", str(tmp_path))
    assert told.exit_code == 2
    assert "the folder is not empty" in told.stderr


@pytest.mark.parametrize("words", [("--replications", "1"), ("--workers", "0")])
def test_too_few_are_refused(words: tuple[str, str]) -> None:
    assert txsim("validate", *words).exit_code == 2
