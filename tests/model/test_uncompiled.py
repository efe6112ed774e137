"""The rules are plain Python: uncompiled, they live the same days byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import txsim
from txsim.clinic import Clinic
from txsim.compiling import readable
from txsim.rules.books import COURSE, Books

from .small_clinics import compiled_only, small

SCRIPT = """
import hashlib
from txsim.clinic import Clinic
from txsim.run import lived, record
from txsim.scenario import load

baseline = load("baseline")
people = {
    "population": {"mix": "dual diagnosis programme"},
    "medication": {"assign": {"methadone": 0.5, "buprenorphine": 0.5, "acamprosate": 1.0}},
    "services": {name: {"offered": True} for name in baseline.catalogue.services},
    "staff": {role: {"posts": 1.0} for role in baseline.catalogue.roles},
    "plan": {"policy": "stepped", "review_every_days": 3},
    "hazards": {"return_to_care": {"opioid": 0.2}, "overdose": {"opioid": 9.0}},
}
first = baseline.with_changes(
    name="first", horizon={"days": 8, "follow_up_days": 2, "burn_in_days": 3},
    clinic={"places": 9, "fees": {"per_day": 9.0}}, arrivals={"per_week": 5.0}, **people,
)
second = first.with_changes(
    name="second", clinic={"capacity": "elastic", "waiting_list": {"interim_dosing": True}},
    change={"from_week": 1},
)
cohort = baseline.with_changes(
    name="cohort", horizon={"days": 9}, arrivals={"cohort": 12}, clinic={"places": 12},
    **{**people, "plan": {"policy": "generic"}},
)
digest = hashlib.sha256()
rows = 0
for clinic in (*lived([first, second], 0, 1, 0), *lived([cohort], 1, 1, None)):
    held = record(clinic)
    rows += len(held.events)
    for array in (held.events, held.calendar, held.days, held.services, held.roles):
        for name in array.dtype.names or [...]:
            digest.update(array[name].tobytes())
    for array in (clinic.books.drivers, clinic.books.level, clinic.books.plan):
        digest.update(array.tobytes())
print(rows, digest.hexdigest())
"""


def told(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(Path(txsim.__file__).parents[1]), **environment},
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@compiled_only
def test_uncompiled_days_are_the_compiled_ones() -> None:
    """Some twenty people for ten days, everything offered, hazards raised."""
    compiled, uncompiled = told(), told(NUMBA_DISABLE_JIT="1")

    assert int(compiled.split()[0]) > 200
    assert uncompiled == compiled


def test_a_tiny_clinic_lives_whichever_way_rules_run() -> None:
    """Reaches most rules, so that uncompiled runs show which lines the tests reach."""
    baseline = small()
    scenario = baseline.with_changes(
        horizon={"days": 12, "follow_up_days": 2, "burn_in_days": 2},
        clinic={"places": 12, "fees": {"per_day": 20.0}},
        arrivals={"per_week": 7.0},
        services={name: {"offered": True} for name in baseline.catalogue.services},
        staff={role: {"posts": 1.0, "turnover_per_year": 9.0} for role in baseline.catalogue.roles},
        plan={"policy": "stepped", "review_every_days": 3},
        rules={"discharge_after_missed_days": 3, "positive_urines_in_a_row": 1},
        hazards={
            "return_to_care": {"opioid": 0.3},
            "overdose": {"opioid": 20.0},
            "suicide": {"opioid": 1.0},
            "jail": {"opioid": 5.0},
            "transfer": {"opioid": 5.0},
        },
    )
    clinic = Clinic(scenario)
    clinic.run()
    clinic.close()

    assert len(clinic.events) > 100
    assert np.isfinite(clinic.books.drivers).all()


def test_plain_books_are_the_same_memory() -> None:
    clinic = Clinic(small())
    clinic.close()
    plain = clinic.books.plain()
    plain.patients[3].age = 77.0

    assert isinstance(plain, Books)
    assert clinic.books.patients["age"][3] == 77.0
    assert plain.course[0].places == clinic.books.course["places"][0]


@compiled_only
def test_compiled_rules_read_plain_arrays() -> None:
    array = np.zeros(1, COURSE)

    assert not numba.config.DISABLE_JIT
    assert readable(array) is array


def test_books_must_lie_in_one_piece() -> None:
    clinic = Clinic(small())
    clinic.close()

    with pytest.raises(ValueError, match="log is not contiguous"):
        clinic.books.with_log(clinic.books.log[::2])
