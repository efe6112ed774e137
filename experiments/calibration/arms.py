"""The four arms of the two trials as clinics of the engine, and what a trial would see of them.

Only facts of design and of who took part are here: people enrolled on the first day, weekly
research visits at which a urine is given, observed doses in START, people through withdrawal in
X:BOT. Shares of people are aggregates of half of the patients (Balise et al., CTN-0094).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from trial_data import ARMS, COVARIATES, COVERS_DAYS, LENGTH, MEDICATION_OF, MEDICATIONS, Trial

from txsim.catalogue.draw import CentralValues
from txsim.clinic import Clinic
from txsim.reference import reference_scenario
from txsim.scenario import Scenario
from txsim.state import calendar
from txsim.state.events import NEVER, Kind, in_care

if TYPE_CHECKING:
    from txsim.catalogue import Number

Array = np.ndarray[Any, Any]

VISIT = "research_visit"
TRAITS = ("under_25", "female", "stimulant_use", "housing")
"""What the engine calls the covariates of a trial; `female` is the other of `male`."""
URINE_SHOWS_DAYS = 3
COVER_LASTS_DAYS = 2
"""Days for which somebody counts as on medication after an injection has run out."""
DAYS = 7 * LENGTH


@dataclass(frozen=True)
class Arm:
    """Who was in an arm: mean age and its spread, shares with TRAITS, and through withdrawal."""

    name: str
    age: tuple[float, float]
    shares: tuple[float, float, float, float]
    detoxified: float
    size: int
    """Patients of the shared half who began the medication."""

    @property
    def number(self) -> int:
        """Its place in ARMS."""
        return ARMS.index(self.name)

    @property
    def medication(self) -> str:
        """What it gave."""
        return MEDICATIONS[MEDICATION_OF[self.number]]


WHO = (
    Arm("Methadone", (37.3, 11.0), (0.14, 0.29, 0.32, 0.0), 0.0, 266),
    Arm("Outpatient BUP", (36.5, 11.1), (0.16, 0.33, 0.34, 0.01), 0.0, 357),
    Arm("Inpatient BUP", (33.2, 9.7), (0.18, 0.30, 0.51, 0.26), 1.0, 137),
    Arm("Inpatient NR-NTX", (33.9, 9.9), (0.16, 0.30, 0.41, 0.31), 1.0, 103),
)


class Setting(CentralValues):
    """The catalogue's centres, but for some numbers and figures given by path."""

    name = "a setting"

    def __init__(self, values: Mapping[str, float]) -> None:
        """Values in the units of the numbers."""
        self.values = dict(values)
        self.digest = repr(sorted(self.values.items()))

    def value(self, path: str, number: Number) -> float:
        """The value given, else the centre."""
        return self.values.get(path, number.value)

    def figure(self, path: str, value: float) -> float:
        """The value given, else the figure as it is."""
        return self.values.get(path, value)


def fixed(value: float, unit: str) -> dict[str, Any]:
    """A number of a design, without a range."""
    return {"value": value, "unit": unit, "source": "design"}


@cache
def clinic_of(arm: Arm, people: int) -> Scenario:
    """An arm with so many people, enrolled on day 0, and followed for 24 weeks.

    Whoever left does not come back: a trial has one stay a person.
    """
    mix = "outpatient opioid programme"
    visits = {
        "label": "Research visit",
        "description": "Weekly visit of a trial, at which a urine is given.",
        "kind": "individual",
        "every_days": 7.0,
        "offered": True,
        "attendance": fixed(0.85, "probability"),
        "uptake": fixed(1.0, "probability"),
        "quits": fixed(0.0, "probability"),
    }
    changes: dict[str, Any] = {"services": {VISIT: visits}, "medications": {}}
    if arm.detoxified:
        changes["medications"]["buprenorphine"] = {"days_per_visit": 7.0}
    else:
        # in START doses were observed at the window, and taken home by rule, in both arms
        changes["services"]["dosing"] = {"indicated": {"medications": list(MEDICATIONS[:2])}}
        changes["medications"]["buprenorphine"] = {
            "service": "dosing", "days_per_visit": 1.0, "take_home": True,
            "adherence": fixed(0.97, "proportion"),
        }  # fmt: skip
    age, spread = arm.age
    return reference_scenario(arm.medication, people, DAYS + 28).with_changes(
        name=arm.name,
        arrivals={"cohort": people, "enrolled": True},
        population={"shares": dict(zip(TRAITS[1:], arm.shares[1:], strict=True))},
        mixes={
            mix: {
                "age_mean": fixed(age, "years"),
                "age_sd": fixed(spread, "years"),
                "detoxified_share": fixed(arm.detoxified, "proportion"),
            }
        },
        rules={"readmission_gap_days": 365},
        **changes,
    )


def lived(
    arm: Arm,
    people: int,
    setting: Setting,
    replication: int,
    seed: int,
    scenario: Scenario | None = None,
) -> Trial:
    """What a trial would have on record of an arm that lived through a setting.

    In its own clinic, or that of a `scenario`.
    """
    clinic = Clinic(scenario or clinic_of(arm, people), replication, seed, setting)
    place = clinic.service_names.index(VISIT)
    came = np.zeros((DAYS, people), bool)
    before = clinic.state.received[:, place].copy()
    for day in range(DAYS):
        clinic.run_until(day + 1)
        now = clinic.state.received[:, place]
        came[day] = now > before
        before[:] = now
    clinic.run_until(DAYS + 28)
    clinic.close()
    return on_record(arm, clinic, came)


def on_record(arm: Arm, clinic: Clinic, came: Array) -> Trial:
    """Weeks in care, visits and urines, as `trial_data.read` finds them in a trial's files."""
    state, patients = clinic.state, clinic.state.patients
    first = patients["first_dose_day"]
    began = (first != NEVER) & (first < 28)
    if arm.detoxified:
        # in X:BOT who did not come through induction never had a dose; in START they had the first
        failed = clinic.events["person"][clinic.events["kind"] == Kind.INDUCTION_FAILED]
        began[np.isin(patients["person"], failed)] = False
    days = state.calendar[:DAYS]
    dosed = calendar.medicated(days).astype(bool)
    extra = COVER_LASTS_DAYS
    if COVERS_DAYS[arm.number] == 1:
        dosed &= in_care_on(calendar.status_of(days))
        extra = 0
    last = np.where(dosed.any(axis=0), DAYS - 1 - np.argmax(dosed[::-1], axis=0), 0)
    until = np.where(last < DAYS - 1, last + 1 - extra, DAYS)
    weeks = np.clip(-(-until // 7), 1, LENGTH)
    left = until < 7 * (LENGTH - 1)
    used = calendar.used(days).astype(bool)
    shown = used.copy()
    for back in range(1, URINE_SHOWS_DAYS):
        shown[back:] |= used[:-back]
    by_week = came.reshape(LENGTH, 7, -1)
    positive = (by_week & shown.reshape(LENGTH, 7, -1)).any(axis=1)
    attended = by_week.any(axis=1)
    urine = np.where(attended, positive, -1)
    names = (*clinic.design.catalogue.traits, *clinic.design.catalogue.diagnoses,
             *clinic.design.catalogue.barriers)  # fmt: skip
    has = np.stack([clinic.came_with[:, names.index(one)] > 0 for one in TRAITS], axis=1)
    has[:, COVARIATES.index("male")] = ~has[:, COVARIATES.index("male")]
    return Trial(
        arm=np.full(began.sum(), arm.number),
        site=np.zeros(began.sum(), int),
        covariates=has[began].astype(float),
        weeks=np.where(left, weeks, LENGTH)[began],
        left=left[began],
        attended=attended.T[began],
        urine=urine.T[began],
        use_days=used.reshape(LENGTH, 7, -1).sum(axis=1).T[began].astype(float),
    )


def in_care_on(status: Array) -> Array:
    """Whether these statuses are of care."""
    caring = np.array([in_care(one) for one in range(16)])
    return np.asarray(caring[status])
