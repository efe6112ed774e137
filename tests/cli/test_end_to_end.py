"""The commands with the real simulation behind them, on a tiny clinic."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

TINY = """\
title = "A tiny clinic"
extends = "baseline"
[arrivals]
cohort = 40
[horizon]
days = 60
[clinic]
places = 40
"""
SAVED = {
    "outcomes.csv",
    "differences.csv",
    "retention.csv",
    "draws.parquet",
    "replications.parquet",
    "data_dictionary.csv",
    "manifest.json",
    "report.html",
}


@pytest.fixture
def tiny(folder: Path) -> Path:
    (folder / "tiny.toml").write_text(TINY)
    (folder / "strict.toml").write_text(
        'title = "Strict"\nextends = "tiny.toml"\nrules.discharge_after_missed_days = 5\n'
    )
    return folder


def test_a_comparison_from_files_to_files(txsim, tiny: Path) -> None:
    words = ("compare", "tiny.toml", "strict.toml", "--replications", 4, "--workers", 1)

    told = txsim(*words, "--out", "results", "--json")

    assert told.exit_code == 0, told.output
    assert {file.name for file in (tiny / "results").iterdir()} >= SAVED
    outcomes = pd.read_csv(tiny / "results/outcomes.csv")
    assert set(outcomes["scenario"]) == {"tiny", "strict"}
    assert {"subgroup", "outcome", "unit", "mean", "low", "high"} <= set(outcomes.columns)
    found = json.loads(told.stdout)
    assert len(found["outcomes"]) == len(outcomes)
    assert {row["baseline"] for row in found["differences"]} == {"tiny"}
    manifest = json.loads((tiny / "results/manifest.json").read_text())
    assert manifest["command"] == ("txsim compare tiny.toml strict.toml --replications=4 --seed=1")
    assert "Treatment slots (people)" in told.stderr
    assert "<html" in (tiny / "results/report.html").read_text(encoding="utf-8")


def test_no_file_holds_a_row_of_a_roster(txsim, tiny: Path) -> None:
    """Neither results nor what is kept for the next run; and what is odd in it is noted."""
    person, age, distance = "Qzvxwj Ypqkzh", "47.31257", "83.71931"
    (tiny / "people.csv").write_text(
        "person,age,sex,substance,distance_km\n"
        f"{person},{age},female,opioid,{distance}\nother,99,male,opioid,5\nthird,99,,opioid,6\nfourth,99,,opioid,7\n"
    )
    (tiny / "own.toml").write_text('extends = "tiny.toml"\npopulation.roster = "people.csv"\n')

    told = txsim("run", "own.toml", "--replications", 2, "--workers", 1, "--out", "results")

    assert told.exit_code == 0, told.output
    kept = os.environ.get("TXSIM_CACHE")
    for folder in (tiny / "results", *([Path(kept)] if kept else [])):
        for file in folder.rglob("*"):
            if file.suffix == ".parquet":
                text = pd.read_parquet(file).to_csv().encode()
            else:
                text = file.read_bytes() if file.is_file() else b""
            for cell in (person, age, distance):
                assert cell.encode() not in text, file
                assert cell not in told.output
    assert {file.name for file in (tiny / "results").iterdir()} >= SAVED
    warnings = (
        "about 40 simulated people or more will be drawn from 4 rows",
        "a few rows hold 77, 88,",
    )
    notes = json.loads((tiny / "results/manifest.json").read_text()).get("notes", [])
    for warning in warnings:
        assert warning in told.stderr
        assert warning in told.stdout or any(warning in note for note in notes)


def test_one_design_is_told_in_words(txsim, tiny: Path) -> None:
    told = txsim("run", "tiny.toml", "--replications", 2, "--workers", 1, "--without-uncertainty")

    assert told.exit_code == 0, told.output
    assert "tiny" in told.stdout
    assert not (tiny / "results").exists()


def long_run(workers: int) -> subprocess.Popen[str]:
    """A run of many replications that has begun, in a process group of its own."""
    words = ["run", "tiny.toml", "--replications", "100000", "--out", "results"]
    process = subprocess.Popen(
        [sys.executable, "-m", "txsim", *words, "--workers", str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        # a shell that starts tests in the background lets them ignore interruptions
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    assert process.stderr is not None
    while "Treatment slots" not in process.stderr.readline():
        assert process.poll() is None
    return process


def assert_interrupted(process: subprocess.Popen[str], folder: Path) -> None:
    """It says so in one line, leaves no file and no process behind."""
    out, err = process.communicate(timeout=120)

    assert process.returncode == 130
    assert "Interrupted; nothing was left half-written." in err
    assert "Traceback" not in err
    assert out == ""
    assert {file.name for file in folder.iterdir()} == {"tiny.toml", "strict.toml"}
    gone = time.monotonic() + 30
    while is_anybody_left(process.pid):
        assert time.monotonic() < gone
        time.sleep(0.1)


def is_anybody_left(group: int) -> bool:
    """Whether a process of a group is still there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_an_interruption_from_the_keyboard(tiny: Path) -> None:
    process = long_run(workers=1)
    time.sleep(1)
    process.send_signal(signal.SIGINT)

    assert_interrupted(process, tiny)


@pytest.mark.slow
def test_an_impatient_interruption_from_a_terminal(tiny: Path) -> None:
    """Ctrl-C pressed twice, which every process of the terminal gets, workers too."""
    process = long_run(workers=2)
    time.sleep(5)
    for _ in range(2):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.05)

    assert_interrupted(process, tiny)
