"""The first days of somebody who begins on an inpatient unit, and is treated where they live.

Doses are not missed there, there is little to use, and few leave: in X:BOT, begun on detoxification
units, 2 in 100 of those started on buprenorphine had no dose after the first week, in START, begun
as outpatients, 12 in 100; from then on they left alike (Balise et al., CTN-0094).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule
from txsim.state.events import in_care

if TYPE_CHECKING:
    from txsim.state.patient import PatientRow
    from txsim.state.scalars import Scalars


OPIOID = 0
"""Position of the substance that people go through withdrawal from here."""


@rule
def came_through_withdrawal(patient: PatientRow, on_unit: bool) -> bool:
    """Whether somebody came for opioids, and through withdrawal, before or on a unit."""
    return patient.substance == OPIOID and (patient.detoxified or on_unit)


@rule
def lives_on_unit(patient: PatientRow, p: Scalars, day: int) -> bool:
    """Whether somebody is in the inpatient days of a first stay; who leaves does not come back."""
    if p.inpatient_days <= 0 or patient.readmissions > 0 or not in_care(patient.status):
        return False
    return day - patient.since < p.inpatient_days


@rule
def leaving_of_unit(patient: PatientRow, p: Scalars, day: int) -> float:
    """What living on the unit adds to the log rate of leaving."""
    return p.inpatient_dropout if lives_on_unit(patient, p, day) else 0.0


@rule
def use_on_unit(patient: PatientRow, p: Scalars, day: int) -> float:
    """What living on the unit adds to the log odds of use."""
    return p.inpatient_use if lives_on_unit(patient, p, day) else 0.0
