"""Small clinics in which the model is tested, and what of a run must stay the same bytes."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import numba
import numpy as np
import pytest

from txsim.catalogue.vocabulary import CONTINUOUS_TRAITS
from txsim.clinic import Clinic
from txsim.run import Run
from txsim.scenario import Scenario, load

Array = np.ndarray[Any, Any]

compiled_only = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="thousands of person-days take minutes uncompiled"
)
"""For tests that need many people; the uncompiled rules are covered by smaller ones."""

BURN_IN, OPEN_DAYS, FOLLOW_UP = 20, 60, 30


@cache
def baseline() -> Scenario:
    return load("baseline")


@cache
def small() -> Scenario:
    """The baseline at a fifth of its size for three months, in which staff and places are short.

    Nobody was here before it opened.
    """
    return baseline().with_changes(
        name="small",
        horizon={"days": OPEN_DAYS, "follow_up_days": FOLLOW_UP, "burn_in_days": BURN_IN},
        clinic={"places": 60},
        arrivals={"per_week": 4.0},
        mechanisms={"past_patients": False},
        staff={
            "counsellor": {"posts": 1.5},
            "nurse": {"posts": 0.5},
            "prescriber": {"posts": 0.2},
        },
    )


@cache
def roomy() -> Scenario:
    """The small clinic opening empty, with places and staff for everybody who could ever ask."""
    return small().with_changes(
        name="roomy",
        horizon={"start": "empty"},
        clinic={"places": 5000},
        staff={role: {"posts": 60.0} for role in ("counsellor", "nurse", "prescriber")},
    )


def cohort(people: int, days: int) -> Scenario:
    """That many people on day 0, with room and steady staff for all of them."""
    roles = ("counsellor", "nurse", "prescriber")
    return baseline().with_changes(
        name="cohort",
        horizon={"days": days},
        arrivals={"cohort": people},
        clinic={"places": people, "waiting_list": {"same_day_start": 1.0}},
        staff={role: {"posts": 1000.0, "turnover_per_year": 0.0} for role in roles},
    )


def without_differences(scenario: Scenario) -> dict[str, Any]:
    """Changes after which nobody differs from the reference person, and nothing changes them."""
    catalogue = scenario.catalogue

    def nothing(effects: dict[str, Any]) -> dict[str, float]:
        return dict.fromkeys(effects, 1.0)

    return {
        "traits": {
            name: {
                "effects": nothing(one.effects),
                "early_effects": nothing(one.early_effects),
            }
            for name, one in catalogue.traits.items()
        },
        "diagnoses": {
            name: {
                "effects": nothing(one.effects),
                "early_effects": nothing(one.early_effects),
                "symptom_effects": nothing(one.symptom_effects),
            }
            for name, one in catalogue.diagnoses.items()
        },
        "barriers": {
            name: {"effects": nothing(one.effects), "per_visit": 0.0}
            for name, one in catalogue.barriers.items()
        },
        "mediators": {
            name: {"effects": nothing(one.effects)} for name, one in catalogue.mediators.items()
        },
        "streams": {
            name: {"effects": nothing(one.effects)} for name, one in catalogue.streams.items()
        },
        "services": {
            name: {"offered": False}
            for name, one in catalogue.services.items()
            if one.offered and name not in ("intake_assessment", "dosing", "medical_management")
        },
        "model": {
            "preference_match": 1.0,
            "regular_use_dropout": 1.0,
            "regular_use_dropout_after_detoxification": 1.0,
            "regular_use_begins_after_detoxification": 1.0,
            "fentanyl_induction": 1.0,
            "readmission_gap_days": 36500.0,
        },
        "rules": {"discharge_after_missed_days": 0, "put_out_for_behaviour_per_year": 0.0},
    }


def everyone_shares(scenario: Scenario, share: float) -> dict[str, float]:
    """The same share of people for every trait, diagnosis and barrier that is there or not."""
    catalogue = scenario.catalogue
    drawn = [
        name
        for name, one in catalogue.traits.items()
        if name not in CONTINUOUS_TRAITS and one.opioid is not None
    ]
    return dict.fromkeys([*drawn, *catalogue.diagnoses, *catalogue.barriers], share)


def field_bytes(array: Array) -> bytes:
    """An array's values, without the gaps between the fields of its records."""
    if array.dtype.names is None:
        return array.tobytes()
    return b"".join(np.ascontiguousarray(array[name]).tobytes() for name in array.dtype.names)


def bytes_of(run: Run) -> dict[str, bytes]:
    """Everything that a run leaves, by name."""
    names = (
        "events", "days", "calendar", "patients", "features", "diagnoses", "burdens",
        "services", "received", "roles", "medication_days",
    )  # fmt: skip
    return {name: field_bytes(getattr(run, name)) for name in names}


def digest_of(run: Run) -> str:
    """One hash over everything that a run leaves."""
    digest = hashlib.sha256()
    for name, held in bytes_of(run).items():
        digest.update(name.encode() + held)
    return digest.hexdigest()


def lives_of(run: Run, people: Array) -> dict[str, bytes]:
    """All that happened to these people (by number), in their order, details of services left out.

    A service's position differs between catalogues of different size, so the details of taking a
    service up or giving it up are not compared; nor is who of the staff is the primary counsellor,
    which follows from who else is there.
    """
    rows = {int(person): row for row, person in enumerate(run.patients["person"])}
    mine = np.array([rows[int(person)] for person in people])
    events = run.events[np.isin(run.events["person"], people)]
    return {
        "events": b"".join(events[name].tobytes() for name in ("person", "day", "kind")),
        "calendar": np.ascontiguousarray(run.calendar[:, mine]).tobytes(),
        "patients": b"".join(
            run.patients[name][mine].tobytes()
            for name in run.patients.dtype.names
            if name != "key_worker"
        ),
    }


def lived_through(scenario: Scenario, replication: int = 0, seed: int = 1) -> Clinic:
    """A clinic run to its horizon under central values, let go of by Mesa."""
    clinic = Clinic(scenario, replication, seed)
    clinic.run()
    clinic.close()
    return clinic
