"""`story`: a life told, or one clear message."""

import json
from pathlib import Path

import pytest

SMALL = """\
extends = "baseline"
[horizon]
days = 40
follow_up_days = 20
burn_in_days = 5
[clinic]
places = 30
[arrivals]
per_week = 3.0
"""


@pytest.fixture
def small(folder: Path) -> str:
    (folder / "small.toml").write_text(SMALL)
    return "small.toml"


def test_a_life_is_told(txsim, small: str) -> None:
    told = txsim("story", small, "--patient", 2)

    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("Patient 2 of ")
    assert "Asks for treatment" in told.stdout
    assert "\nIn all\n" in told.stdout
    assert told.stdout == txsim("story", small, "--patient", 2, "--seed", 1).stdout
    assert told.stdout != txsim("story", small, "--patient", 2, "--replication", 3).stdout


def test_a_life_against_the_same_design_is_the_same(txsim, small: str) -> None:
    told = txsim("story", small, "--patient", 2, "--against", small)

    assert told.exit_code == 0, told.output
    assert "Both lives are the same" in told.stdout


def test_somebody_known_before_day_0_is_told_of(txsim, small: str) -> None:
    told = txsim("story", small, "--patient", 2, "--known-before")

    assert told.exit_code == 0, told.output
    assert "whom the clinic knew before day 0" in " ".join(told.stdout.split())


def test_a_life_for_the_us_is_told_in_miles(txsim, small: str) -> None:
    british, american = (
        txsim("story", small, "--patient", 2, "--locale", locale).stdout
        for locale in ("en-GB", "en-US")
    )

    read = json.loads(txsim("story", small, "--patient", 2, "--locale", "en-US", "--json").stdout)
    far = read["who"]["distance_km"]
    assert f"{far:g} km away. Came: " in " ".join(british.split())
    assert f"{far / 1.609344:.0f} miles away. Came: " in " ".join(american.split())
    assert american.split("\n\n", 1)[1] == british.split("\n\n", 1)[1]


def test_a_life_for_scripts(txsim, small: str) -> None:
    told = txsim("story", small, "--patient", 2, "--against", small, "--json")
    read = json.loads(told.stdout)

    assert read["patient"] == 2
    assert len(read["lives"]) == 2
    assert read["partings"] == []


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("small.toml", "--patient", 9999), "there is no patient 9999 (allowed 1 to "),
        (("nowhere.toml", "--patient", 1), "nowhere.toml: there is no such file"),
        (("small.toml", "--patient", 1, "--against", "nowhere.toml"), "there is no such file"),
        (("small.toml",), "--patient"),
        (("own.toml", "--patient", 1), "a story would be one person's"),
    ],
)
def test_mistakes_exit_with_2(txsim, small: str, folder: Path, words, answer: str) -> None:
    rows = ("person,sex,substance,age", "1,female,opioid,30", "2,male,opioid,40")
    (folder / "people.csv").write_text("\n".join(rows))
    (folder / "own.toml").write_text('extends = "baseline"\n[population]\nroster = "people.csv"\n')
    told = txsim("story", *words)

    assert told.exit_code == 2
    assert answer in told.stderr
    assert told.stdout == ""
