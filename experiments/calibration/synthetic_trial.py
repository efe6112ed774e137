"""Patients who never were, in the layout of the trial data: what a fit must find again.

Made by the model that `patient_layer.py` fits, from parameters that are known. The files say in
their first column that they are synthetic.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
from trial_data import (
    ARMS,
    COVARIATES,
    COVERS_DAYS,
    LENGTH,
    MEDICATION_OF,
    OF_PATIENTS,
    OF_WEEKS,
    PATIENTS,
    PHASE_OF,
    WEEKS,
)

Array = np.ndarray[Any, Any]

KNOWN: dict[str, Any] = {
    "start": [0.25, -0.25, -1.8, -1.5],
    "log_begins": [-5.45, -5.35, -6.0],
    "log_ends": [-4.9, -5.3, -4.3],
    "urine_regular": [1.6, 1.2, -0.4],
    "urine_gap": [4.0, 4.2, 4.0],
    "comes": [2.2, 2.0, 2.0, 1.5],
    "comes_later": -0.5,
    "comes_regular": -0.5,
    "leaves": [[-6.6, -7.3, -7.2], [-5.4, -6.0, -6.7], [-5.3, -5.6, -6.0], [-6.4, -5.6, -6.3]],
    "leaves_regular": 1.0,
    "leaves_missed": 1.2,
    "leaves_by": [0.2, -0.2, -0.1, 0.0],
    "site_sd": 0.1,
}
"""Parameters near those of the trials."""
SITES = 8
SHARES = (0.2, 0.69, 0.4, 0.12)
"""How many have each covariate."""


def chance(log_odds: float) -> float:
    """The chance of these log odds."""
    return float(1.0 / (1.0 + np.exp(-log_odds)))


def make(folder: Path, people: int, seed: int, known: dict[str, Any] = KNOWN) -> None:
    """Write the two files of a trial of so many people into a folder."""
    luck = np.random.default_rng(seed)
    of_site = known["site_sd"] * luck.standard_normal(SITES)
    patients, weeks = [], []
    for one in range(people):
        who = f"synthetic {one + 1}"
        arm = int(luck.choice(len(ARMS), p=[0.31, 0.41, 0.16, 0.12]))
        has = [bool(luck.random() < share) for share in SHARES]
        site = int(luck.integers(SITES))
        row, seen = life(known, luck, arm, has, of_site[site])
        last_dose = max(7 * row["weeks"] - COVERS_DAYS[arm], 0) if row["left"] else 7 * LENGTH
        yes = {name: "Yes" if value else "No" for name, value in zip(COVARIATES, has, strict=True)}
        patients.append(
            {
                "who": who, "arm": ARMS[arm], "age": 22 if has[0] else 38,
                "is_male": yes["male"], "has_amphetamines_dx": "No",
                "has_cocaine_dx": yes["stimulants"], "is_homeless": yes["homeless"],
                "is_living_stable": "", "site_masked": site, "first_dose_day": 0,
                "last_dose_day": last_dose,
            }
        )  # fmt: skip
        weeks += [{"who": who, **week} for week in seen]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / PATIENTS).open("w", encoding="utf-8", newline="") as file:
        write(file, OF_PATIENTS, patients)
    # without the time of writing, so that the same seed makes the same bytes
    with (folder / WEEKS).open("wb") as held, gzip.GzipFile("", "wb", 9, held, 0) as packed:
        lines: list[str] = []
        write(Lines(lines), OF_WEEKS, weeks)
        packed.write("".join(lines).encode())


class Lines:
    """A file of which only the lines are wanted."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def write(self, text: str) -> int:
        """Keep a line."""
        self.lines.append(text)
        return len(text)


def write(file: Any, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """A table with these columns."""
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def life(
    known: dict[str, Any], luck: Any, arm: int, has: list[bool], of_site: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One person: weeks in care, whether care ended, and what was seen each week."""
    drug = MEDICATION_OF[arm]
    regular = luck.random() < chance(known["start"][arm])
    lasting = of_site + float(np.dot(known["leaves_by"], has))
    begins, ends = np.exp(known["log_begins"][drug]), np.exp(known["log_ends"][drug])
    seen: list[dict[str, Any]] = []
    weeks, left = LENGTH, False
    for week in range(LENGTH):
        if left:
            seen.append({"week": week, "attended": False, "opioid_urine": "missing"})
            continue
        coming = known["comes"][arm] + known["comes_later"] * week / LENGTH
        came = luck.random() < chance(coming + known["comes_regular"] * regular)
        urine = known["urine_regular"][drug] - (0.0 if regular else known["urine_gap"][drug])
        positive = luck.random() < chance(urine)
        shown = ("positive" if positive else "negative") if came else "missing"
        seen.append({"week": week, "attended": bool(came), "opioid_urine": shown})
        log_rate = known["leaves"][arm][PHASE_OF[week]] + lasting
        log_rate += known["leaves_regular"] * regular + known["leaves_missed"] * (not came)
        if week < LENGTH - 1 and luck.random() < 1.0 - np.exp(-7.0 * np.exp(log_rate)):
            weeks, left = week + 1, True
        rate = ends if regular else begins
        if luck.random() < 1.0 - np.exp(-7.0 * rate):
            regular = not regular
    return {"weeks": weeks, "left": left}, seen
