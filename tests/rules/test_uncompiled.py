"""The rules are plain Python: uncompiled, they live the same days byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

import txsim
from txsim.clinic import Clinic
from txsim.compiled.functions import readable
from txsim.run import lived, record
from txsim.state.events import Kind
from txsim.state.layout import IN_PLAN, ClinicState
from txsim.state.scalars import SCALARS

from ..model.small_clinics import compiled_only, small

SCRIPT = """
import hashlib
from txsim.clinic import Clinic
from txsim.run import lived, record
from txsim.scenario import load

baseline = load("baseline")
people = {
    "population": {"mix": "dual diagnosis programme"},
    "medication": {"assign": {"methadone": 0.5, "buprenorphine": 0.5, "acamprosate": 1.0}},
    "services": {name: {"offered": True} for name in baseline.catalogue.services} | {
        name: {"offered": True, "may_also": ["therapist", "prescriber"]}
        for name in ("individual_counselling", "therapy_group", "dosing")
    },
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
    for array in (clinic.state.drivers, clinic.state.level, clinic.state.plan):
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
        rules={
            "discharge_after_missed_days": 5,
            "positive_urines_in_a_row": 1,
            "missed_sessions_in_a_row": 2,
            "put_out_for_behaviour_per_year": 9.0,
            "reinduction_after_missed_days": 1,
            "telehealth_share": 0.5,
        },
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
    assert np.isfinite(clinic.state.drivers).all()


def test_a_tiny_cohort_tapers_completes_and_goes_on_to_aftercare() -> None:
    """The rules that the clinic above does not reach: elastic hours, places, budgets, the ends."""
    baseline = small()
    services: dict[str, Any] = {name: {"offered": True} for name in baseline.catalogue.services}
    services["wellness_centre"] |= {"places": 2, "budget_per_month": 60.0}
    services["transport_aid"] |= {"mode": "van"}
    services["cbt"] |= {"course_sessions": 1, "uptake": 1.0, "until_day": 9}
    services["circle"] = {
        "label": "Circle", "kind": "group", "seats": 2, "sessions_per_week": 3.0, "offered": True,
        "raises": {"social_support": 0.1}, "source": "assumption",
    }  # fmt: skip
    first = baseline.with_changes(
        name="first",
        horizon={"days": 34},
        population={"mix": "dual diagnosis programme"},
        arrivals={"cohort": 10},
        clinic={
            "places": 6,
            "capacity": "elastic",
            "waiting_list": {"order": "last come", "interim_dosing": True, "same_day_start": 0.5},
        },
        services=services,
        staff={role: {"posts": 0.5} for role in baseline.catalogue.roles},
        medication={
            "assign": {"xr_naltrexone_opioid": 0.5, "methadone": 0.5, "disulfiram": 1.0},
            "taper": {"from_day": 5, "days": 5},
        },
        medications={
            name: {"completion_after_days": 6.0}
            for name in ("methadone", "xr_naltrexone_opioid", "disulfiram", "none_opioid")
        },
        plan={"policy": "generic", "review_every_days": 4},
        hazards={
            "completion": {"opioid": 60.0, "alcohol": 0.2},
            "walk_away": {"opioid": 0.05, "alcohol": 0.05},
        },
        model={"aftercare_days": 5.0, "jail_days": 3.0},
    )
    clinic = Clinic(first)
    clinic.run()
    clinic.close()
    kinds = set(clinic.events["kind"].tolist())

    assert {Kind.AFTERCARE_BEGAN, Kind.LEFT, Kind.TOOK_UP_SERVICE} <= kinds
    assert np.isfinite(clinic.state.drivers).all()


def test_a_tiny_clinic_branches_in_its_second_week() -> None:
    """Staff who stay, posts that come one by one, services that end and that begin."""
    first = small().with_changes(
        horizon={"days": 14, "follow_up_days": 2, "burn_in_days": 3},
        clinic={"places": 10},
        services={"case_management": {"offered": True}},
        staff={"case_manager": {"posts": 1.0}},
    )
    second = first.with_changes(
        name="second",
        services={"case_management": {"offered": False}, "peer_group": {"offered": True}},
        staff={"counsellor": {"posts": 3.5}, "peer_worker": {"posts": 1.0}},
        diagnoses={"hay_fever": {"label": "Hay fever", "source": "assumption"}},
        change={"from_week": 1, "ramp_weeks": 1},
    )
    clinics = lived([first, second], 0, 1, 3)
    for clinic in clinics:
        clinic.close()
    one, other = (record(clinic) for clinic in clinics)

    assert (one.calendar[:7] == other.calendar[:7]).all()
    ended = clinics[1].parameters.service_names.index("case_management")
    assert not (clinics[1].state.plan[:, ended] & IN_PLAN).any()
    assert clinics[1].state.staff["present"].sum() > clinics[0].state.staff["present"].sum()


def test_plain_books_are_the_same_memory() -> None:
    clinic = Clinic(small())
    clinic.close()
    plain = clinic.state.plain()
    plain.patients[3].age = 77.0

    assert isinstance(plain, ClinicState)
    assert clinic.state.patients["age"][3] == 77.0
    assert plain.scalars[0].places == clinic.state.scalars["places"][0]


@compiled_only
def test_compiled_rules_read_plain_arrays() -> None:
    array = np.zeros(1, SCALARS)

    assert not numba.config.DISABLE_JIT
    assert readable(array) is array


def test_books_must_lie_in_one_piece() -> None:
    clinic = Clinic(small())
    clinic.close()

    with pytest.raises(ValueError, match="log is not contiguous"):
        clinic.state.with_log(clinic.state.log[::2])
