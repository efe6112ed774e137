"""Doses under observation: none waits for staff, whatever that costs.

A dose of a medication that take-home rules govern is due on its day. When the minutes of its role
are used up, those at work stay longer, while the house is open, or somebody comes from an agency;
so too on closed days beyond those for which a dose may be taken home. Where the clinic says so,
nobody new is offered a place while there are more such doses than time for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom
from txsim.state.layout import AGENCY, CLOSE_INTAKE, ClinicState

if TYPE_CHECKING:
    from txsim.state.patient import PatientRow
    from txsim.state.records import RoleRow
    from txsim.state.scalars import Scalars


@rule
def is_observed(state: ClinicState, patient: PatientRow, s: int) -> bool:
    """Whether a person's session of this service is a dose under observation that staff can give.

    None can be where the house is open for less time than it takes.
    """
    medication = state.medications[patient.medication]
    service = state.services[s]
    governed = s == medication.service and medication.take_home != 0
    return governed and service.fits != 0 and service.role >= 0


@rule
def stays_for_it(role: RoleRow, minutes: float, p: Scalars) -> bool:
    """Whether those at work stay on for a dose; otherwise it is an agency's."""
    return p.when_dosing_runs_short != AGENCY and role.stays_on >= minutes


@seldom
def dose_beyond_minutes(state: ClinicState, s: int) -> None:
    """Give a dose for which its role has no minutes left: in overtime, or by an agency."""
    service = state.services[s]
    role = state.roles[service.role]
    service.beyond_minutes += 1.0
    if stays_for_it(role, service.minutes, state.scalars[0]):
        role.stays_on -= service.minutes
        role.used_today += service.minutes
    else:
        role.minutes_agency += service.minutes


@rule
def closes_intake(state: ClinicState) -> bool:
    """Whether no places are offered: doses ask for more minutes than are staffed.

    Both are averaged over about a month.
    """
    if state.scalars[0].when_dosing_runs_short != CLOSE_INTAKE:
        return False
    for r in range(state.roles.size):
        if state.roles[r].doses_mean > state.roles[r].staffed_mean:
            return True
    return False
