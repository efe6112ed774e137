"""Trial records by patient and week, read and checked.

The layout is that of the public data of START and X:BOT (Balise et al., CTN-0094): one file with a
row a patient, one with a row a patient and week. Nothing of a patient's row is ever told: mistakes
name file, line, column and what is allowed.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

PATIENTS, WEEKS = "patients.csv", "weeks.csv.gz"

CITATION = (
    "Balise RR, Hu MC, Odom GJ, Calderon A, et al. public.ctn0094data: patients of CTN-0027 "
    "(START) and CTN-0051 (X:BOT), NIDA Clinical Trials Network protocol CTN-0094; MIT licence."
)

ARMS = ("Methadone", "Outpatient BUP", "Inpatient BUP", "Inpatient NR-NTX")
MEDICATIONS = ("methadone", "buprenorphine", "xr_naltrexone_opioid")
MEDICATION_OF = (0, 1, 1, 2)
"""The medication of each arm."""
COVERS_DAYS = (1, 1, 1, 28)
"""Days for which a recorded dose of each arm lasts: an injection some four weeks."""
COVARIATES = ("under_25", "male", "stimulants", "homeless")
LENGTH = 24
"""Weeks followed."""
PHASES = (0, 4, 12)
"""Weeks in which a phase of leaving begins."""
PHASE_OF = tuple(sum(week >= start for start in PHASES) - 1 for week in range(LENGTH))
"""The phase of each week."""

OF_PATIENTS = (
    "who", "arm", "age", "is_male", "has_amphetamines_dx", "has_cocaine_dx", "is_homeless",
    "is_living_stable", "site_masked", "first_dose_day", "last_dose_day",
)  # fmt: skip
OF_WEEKS = ("who", "week", "attended", "opioid_urine")
USE_DAYS = "opioid_use_days"
"""A column of the weeks that may be left out."""
YES_NO = ("Yes", "No", "")
URINES = {"positive": 1, "negative": 0, "missing": -1}

Array = np.ndarray[Any, Any]


class WrongData(Exception):
    """The files are not in the layout; the message says where and what is allowed."""


@dataclass(frozen=True)
class Trial:
    """Patients who began their medication, N of them, followed for LENGTH weeks."""

    arm: Array
    """Int N: by position in ARMS."""
    site: Array
    """Int N: from 0 on."""
    covariates: Array
    """Float N x COVARIATES: 0 or 1."""
    weeks: Array
    """Int N: weeks in care, 1 to LENGTH."""
    left: Array
    """Bool N: whether care ended in the last of them, not the follow-up."""
    attended: Array
    """Bool N x LENGTH: the weekly visit was kept."""
    urine: Array
    """Int N x LENGTH: 1 positive, 0 negative, -1 missing."""
    use_days: Array
    """Float N x LENGTH: days of use, as told in a trial and as they were in the engine; nan where
    nothing is known."""

    @property
    def size(self) -> int:
        """Patients."""
        return len(self.arm)


def rows_of(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file with their lines. Raises WrongData for a missing file or column."""
    if not path.is_file():
        raise WrongData(f"{path.name} is not in {path.parent}")
    held = path.read_bytes()
    try:
        text = (gzip.decompress(held) if path.suffix == ".gz" else held).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as reason:
        raise WrongData(f"{path.name} cannot be read: {reason}") from None
    reader = csv.DictReader(StringIO(text))
    missing = [name for name in columns if name not in (reader.fieldnames or ())]
    if missing:
        raise WrongData(f"{path.name}:1: no column {', '.join(missing)}")
    return list(enumerate(reader, start=2))


def one_of(name: str, line: int, row: dict[str, str], column: str, allowed: Any) -> str:
    """A code that must be one of these."""
    value = row[column] or ""
    if value not in allowed:
        raise WrongData(
            f"{name}:{line}: {column} must be one of {', '.join(filter(None, allowed))}"
        )
    return value


def number_of(
    name: str, line: int, row: dict[str, str], column: str, least: float, most: float
) -> float | None:
    """A number between two limits, or None for an empty cell."""
    text = (row[column] or "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise WrongData(
            f"{name}:{line}: {column} must be a number from {least:g} to {most:g}, or empty"
        )
    return value


def read(folder: Path) -> Trial:
    """The trial of a folder. Raises WrongData."""
    numbers: dict[str, int] = {}
    sites: dict[str, int] = {}
    arm, site, covariates, weeks, left = [], [], [], [], []
    for line, row in rows_of(folder / PATIENTS, OF_PATIENTS):

        def code(column: str, line: int = line, row: dict[str, str] = row) -> bool:
            return one_of(PATIENTS, line, row, column, YES_NO) == "Yes"

        if row["who"] in numbers:
            raise WrongData(f"{PATIENTS}:{line}: who is in two rows, allowed is one")
        place = ARMS.index(one_of(PATIENTS, line, row, "arm", ARMS))
        age = number_of(PATIENTS, line, row, "age", 12, 110)
        first = number_of(PATIENTS, line, row, "first_dose_day", -30, 1000)
        last = number_of(PATIENTS, line, row, "last_dose_day", -30, 1000)
        stable = one_of(PATIENTS, line, row, "is_living_stable", YES_NO)
        if first is None or last is None or last < first:
            continue
        numbers[row["who"]] = len(numbers)
        arm.append(place)
        site.append(sites.setdefault(row["site_masked"], len(sites)))
        stimulants = code("has_amphetamines_dx") or code("has_cocaine_dx")
        homeless = code("is_homeless") or stable == "No"
        young = age is not None and age < 25
        covariates.append([young, code("is_male"), stimulants, homeless])
        until = int(max(last, 0.0)) + COVERS_DAYS[place]
        weeks.append(min(max(-(-until // 7), 1), LENGTH))
        left.append(until < 7 * (LENGTH - 1))
    size = len(numbers)
    if not size:
        raise WrongData(f"{PATIENTS}: nobody in it began a medication")
    attended = np.zeros((size, LENGTH), bool)
    urine = np.full((size, LENGTH), -1)
    use_days = np.full((size, LENGTH), np.nan)
    for line, row in rows_of(folder / WEEKS, OF_WEEKS):
        week = number_of(WEEKS, line, row, "week", 0, LENGTH - 1)
        came = one_of(WEEKS, line, row, "attended", ("True", "False"))
        found = one_of(WEEKS, line, row, "opioid_urine", tuple(URINES))
        days = None
        if row.get(USE_DAYS):
            days = number_of(WEEKS, line, row, USE_DAYS, 0, 7)
        if week is None or row["who"] not in numbers:
            continue
        if days is not None:
            use_days[numbers[row["who"]], int(week)] = days
        attended[numbers[row["who"]], int(week)] = came == "True"
        urine[numbers[row["who"]], int(week)] = URINES[found]
    ended = np.array(left)
    return Trial(
        np.array(arm),
        np.array(site),
        np.array(covariates, float),
        np.where(ended, np.array(weeks), LENGTH),
        ended,
        attended,
        urine,
        use_days,
    )


def of_files(folder: Path) -> dict[str, str]:
    """A digest of each file, so that others can see that they have the same."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (PATIENTS, WEEKS)
    }
