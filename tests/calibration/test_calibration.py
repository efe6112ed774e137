"""The calibration reads trial data with care, and finds again what synthetic patients were made of.

What needs the extra `fit` is left out where it is not installed.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from txsim.parameters.draw_table import TableOfDraws

FOLDER = Path(__file__).parents[2] / "experiments" / "calibration"
SYNTHETIC = FOLDER / "synthetic"
if str(FOLDER) not in sys.path:
    sys.path.append(str(FOLDER))

import synthetic_trial  # noqa: E402
import trial_care  # noqa: E402
import trial_data  # noqa: E402


def test_the_shipped_trial_is_made_again_from_its_seed(tmp_path: Path) -> None:
    synthetic_trial.make(tmp_path, 300, 11)

    for name in (trial_data.PATIENTS, trial_data.WEEKS):
        assert (tmp_path / name).read_bytes() == (SYNTHETIC / name).read_bytes()


def test_what_is_read_of_it() -> None:
    trial = trial_data.read(SYNTHETIC)

    assert trial.size == 300
    assert set(trial.arm) == {0, 1, 2, 3}
    assert trial.weeks.min() >= 1
    assert (trial.weeks[~trial.left] == trial_data.LENGTH).all()
    assert set(np.unique(trial.urine)) == {-1, 0, 1}
    assert not trial.attended[trial.urine < 0].any()
    assert trial.covariates.mean(axis=0) == pytest.approx(synthetic_trial.SHARES, abs=0.07)


PATIENT = {
    "who": "1", "arm": "Methadone", "age": "40", "is_male": "Yes", "has_amphetamines_dx": "",
    "has_cocaine_dx": "No", "is_homeless": "", "is_living_stable": "Yes", "site_masked": "3",
    "first_dose_day": "0", "last_dose_day": "30",
}  # fmt: skip
WEEK = {"who": "1", "week": "0", "attended": "True", "opioid_urine": "negative"}


def written(folder: Path, patient: dict[str, Any], week: dict[str, Any]) -> Path:
    """A trial of one patient and one week."""
    pd.DataFrame([patient]).to_csv(folder / trial_data.PATIENTS, index=False)
    text = pd.DataFrame([week]).to_csv(index=False)
    (folder / trial_data.WEEKS).write_bytes(gzip.compress(text.encode()))
    return folder


@pytest.mark.parametrize(
    ("patient", "week", "said"),
    [
        ({"arm": "Placebo"}, {}, "patients.csv:2: arm must be one of Methadone, "),
        ({"is_male": "m"}, {}, "patients.csv:2: is_male must be one of Yes, No"),
        ({"age": "old"}, {}, "patients.csv:2: age must be a number from 12 to 110, or empty"),
        ({"last_dose_day": "9999"}, {}, "patients.csv:2: last_dose_day must be a number from "),
        ({"first_dose_day": ""}, {}, "nobody in it began a medication"),
        ({}, {"opioid_urine": "1"}, "weeks.csv.gz:2: opioid_urine must be one of positive, "),
        ({}, {"week": "24"}, "weeks.csv.gz:2: week must be a number from 0 to 23"),
        ({}, {"attended": "yes"}, "weeks.csv.gz:2: attended must be one of True, False"),
    ],
)
def test_wrong_data_are_told_with_file_and_line(
    tmp_path: Path, patient: dict[str, str], week: dict[str, str], said: str
) -> None:
    folder = written(tmp_path, {**PATIENT, **patient}, {**WEEK, **week})

    with pytest.raises(trial_data.WrongData) as found:
        trial_data.read(folder)
    assert said in str(found.value)
    for value in ("Placebo", "9999", "old"):
        assert value not in str(found.value), "nothing of a row is told"


def test_a_patient_of_two_rows_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path, PATIENT, WEEK)
    file = folder / trial_data.PATIENTS
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")

    with pytest.raises(
        trial_data.WrongData, match=r"patients\.csv:3: who is in two rows, allowed is one"
    ):
        trial_data.read(folder)


def test_a_missing_file_or_column_is_told(tmp_path: Path) -> None:
    with pytest.raises(trial_data.WrongData, match=r"patients\.csv is not in "):
        trial_data.read(tmp_path)
    folder = written(tmp_path, {"who": "1", "arm": "Methadone"}, WEEK)
    with pytest.raises(trial_data.WrongData, match=r"patients\.csv:1: no column age, is_male"):
        trial_data.read(folder)
    (folder / trial_data.WEEKS).write_bytes(b"no archive")
    written(tmp_path, PATIENT, WEEK)
    (folder / trial_data.WEEKS).write_bytes(b"no archive")
    with pytest.raises(trial_data.WrongData, match=r"weeks\.csv\.gz cannot be read"):
        trial_data.read(folder)


def test_the_posterior_says_what_it_rests_on_and_can_be_drawn_from() -> None:
    told = json.loads((FOLDER / "posterior.json").read_text(encoding="utf-8"))
    draws = TableOfDraws.read(FOLDER / "posterior.csv")

    assert told["format"] == 1
    assert "MIT licence" in told["data"]
    assert set(told["files"]) == {trial_data.PATIENTS, trial_data.WEEKS}
    assert told["patients"] > 800
    assert draws.size >= 300
    assert "medications.methadone.settles" in draws.values
    assert draws.values["medications.methadone.settles"].mean() == pytest.approx(0.42, abs=0.04)


def test_known_parameters_are_found_again() -> None:
    """A short fit of 300 synthetic people: what was put in lies within four of its own errors."""
    pytest.importorskip("numpyro")
    import fit

    trial = trial_data.read(SYNTHETIC)
    sampler = fit.fitted(trial, 150, 1, 3, progress=False)
    told = fit.told(sampler)
    for name in ("start", "log_ends", "urine_regular", "leaves_regular", "leaves_missed"):
        known = np.atleast_1d(synthetic_trial.KNOWN[name])
        mean, sd = (np.atleast_1d(told[name][what]) for what in ("mean", "sd"))
        assert (np.abs(mean - known) < 4.0 * sd).all(), name
    assert fit.what_fails(sampler), "a chain alone, of so few draws, is not enough to be shipped"


def test_a_fit_that_fails_its_gates_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("numpyro")
    import fit

    out = tmp_path / "out"
    arguments = [str(SYNTHETIC), "--draws", "20", "--chains", "1", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["fit.py", *arguments])

    assert fit.main() == 1
    assert "the fit is refused" in capsys.readouterr().err
    assert not out.exists()


def test_leaving_in_trials_is_solved_and_wrong_data_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the synthetic arms; as many without a dose as wanted, in each span, within a tenth."""
    trial = trial_data.read(SYNTHETIC)
    ratios = trial_care.solve("methadone", trial, 400, 1)
    arm = next(one for one in trial_care.WHO if one.medication == "methadone")
    wanted = trial_care.hazards(trial_care.of_arm(trial, arm.number))
    found = trial_care.seen_in_engine(arm, ratios, 400, 1)

    assert np.exp(-np.array(found)) == pytest.approx(np.exp(-np.array(wanted)), abs=0.05)
    monkeypatch.setattr(sys, "argv", ["trial_care.py", str(tmp_path)])
    assert trial_care.main() == 2
    assert "error: " in capsys.readouterr().err
