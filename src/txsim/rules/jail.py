"""Jail: what it takes from people, and what they may keep there.

Whoever goes to jail leaves care, may lose the home and work, and goes on with the medication only
where the scenario says so. With it tolerance is kept, and on release most ask for care at once;
without it tolerance is lost in jail, which makes the first use after release dangerous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import seldom
from txsim.randomness import decision, uniform
from txsim.rules.home import move_home
from txsim.rules.medication import is_covered
from txsim.rules.reviews import drop_services
from txsim.rules.waiting import ask
from txsim.rules.work import begin_or_end_work
from txsim.state.events import JAILED_OUTSIDE, RELEASED, UNHOUSED, happen
from txsim.state.layout import ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key

KEEPS_MEDICATION_IN_JAIL = decision("goes on with the medication in jail")
LOSES_HOME_IN_JAIL = decision("loses the home in jail")
LOSES_WORK_IN_JAIL = decision("loses work in jail")
ASKS_ON_RELEASE = decision("asks for care when released on medication")


@seldom
def take_to_jail(state: ClinicState, i: int, key: Key, day: int) -> None:
    """What goes with a stay in jail, of somebody who has left care for it or was in none."""
    p = state.scalars[0]
    patient = state.patients[i]
    if (
        p.homes_change
        and patient.home < UNHOUSED
        and uniform(key, LOSES_HOME_IN_JAIL) < p.home_lost_in_jail
    ):
        move_home(state, i, patient.home + 1, day)
    if p.work_changes and patient.works and uniform(key, LOSES_WORK_IN_JAIL) < p.work_lost_in_jail:
        begin_or_end_work(state, i, False, day)


@seldom
def keeps_medication(state: ClinicState, i: int, key: Key) -> bool:
    """Whether somebody who goes to jail now goes on with the medication there."""
    medication = state.medications[state.patients[i].medication]
    on_it = medication.service >= 0 and is_covered(state.patients[i], state.scalars[0])
    return on_it and uniform(key, KEEPS_MEDICATION_IN_JAIL) < state.scalars[0].kept_in_jail


@seldom
def jail_outside_care(state: ClinicState, i: int, day: int) -> None:
    """Go to jail while not in care; what was given to people waiting ends."""
    happen(state.log, state.written, state.patients[i], day, JAILED_OUTSIDE, 0)
    drop_services(state, i)


@seldom
def leave_jail(state: ClinicState, i: int, key: Key, day: int) -> None:
    """Be released; whoever was on medication to the last may ask for care on the same day."""
    patient = state.patients[i]
    happen(state.log, state.written, patient, day, RELEASED, 0)
    if patient.medicated_in_jail:
        patient.medicated_in_jail = False
        if uniform(key, ASKS_ON_RELEASE) < state.scalars[0].asks_after_jail:
            ask(state, i, day)
