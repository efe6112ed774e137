"""One person's turn on one day, lived on a copy of the state and looked at on the way.

The clinic's morning and the turns of the people before run compiled; the person's own day then runs
as the plain Python that its rules are, one piece of `rules.day.live` after the other, so that what
is weighed can be seen. The clinic itself is left as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.errors import TxsimError
from txsim.randomness import day_key
from txsim.rules.day import (
    go_to_clinic,
    morning,
    patient_day,
    room_to_open,
    take_medication,
    use_or_not,
)
from txsim.rules.drift import feel_services
from txsim.rules.linear_predictor import HELP, add_up_help, weigh
from txsim.state.events import DIED, EVENT, NEVER, room_for_a_person
from txsim.state.layout import Array, ClinicState

if TYPE_CHECKING:
    from txsim.clinic import Clinic


class CannotHappen(TxsimError):
    """What was asked about cannot happen to this person on this day; the message says why."""


@dataclass(frozen=True)
class Weighed:
    """What acts on a person on a day, as it stood when everything was weighed."""

    own: Array
    """Drivers as they are without services."""
    felt: Array
    """See `ClinicState.felt`."""
    acting: Array
    """See `ClinicState.acting`."""
    helped: bool
    """Whether any service is felt."""
    services: tuple[tuple[str, Array, Array], ...]
    """Of each service felt: its name, what it adds to drivers, and to hazards directly."""


@dataclass(frozen=True)
class Turn:
    """One person's day up to the clocks of the night, with the record as it stood on the way."""

    clinic: Clinic
    row: int
    day: int
    state: ClinicState
    """As it stands before the clocks race; its `acting` holds what a day's use added."""
    weighed: Weighed
    waking: Any
    """The record when everything was weighed."""
    dosed: Any
    """The record before use."""
    tonight: Any
    """The record when the clocks race."""
    due: Array
    """Bool S: services that were due, and for which the person could have come."""
    booked: Array
    """Bool S: those of them for which there was time."""


def turn_of(clinic: Clinic, row: int) -> Turn:
    """Live the day that the clinic has before it, up to this person's clocks of the night.

    Raises CannotHappen for somebody who has not asked yet or is dead.
    """
    day = clinic.day
    state = copy_with_room(clinic.state, day)
    morning(state, day)
    patient = state.patients[row]
    if row >= state.written[1] or patient["asked_day"] == NEVER:
        raise CannotHappen(f"asks for treatment for the first time on day {patient['arrives']}")
    if patient["status"] == DIED:
        raise CannotHappen(f"died on day {patient['died_day']}")
    for before in range(row):
        patient_day(state, before, day)
    state = state.plain()
    patient = state.patients[row]
    key = day_key(patient.key, day)
    visits = feel_services(state, row, day)
    weigh(state, row, visits)
    weighed, waking = as_weighed(clinic, state, row), patient.copy()
    due, booked = state.services["due"].copy(), state.services["booked"].copy()
    go_to_clinic(state, row, key, day)
    due, booked = state.services["due"] > due, state.services["booked"] > booked
    take_medication(state, row, key, day)
    dosed = patient.copy()
    use_or_not(state, row, key, day)
    return Turn(clinic, row, day, state, weighed, waking, dosed, patient.copy(), due, booked)


def copy_with_room(state: ClinicState, day: int) -> ClinicState:
    """The state in memory of their own, with a log that a day cannot fill."""
    written = int(state.written[0])
    people, services = state.patients.size, state.services.size
    room = room_to_open(state, day) + (people + 1) * room_for_a_person(services)
    log = np.zeros(written + room, EVENT)
    log[:written] = state.log[:written]
    copies = {one.name: getattr(state, one.name).copy() for one in fields(state)}
    return replace(state, **copies).with_log(log)


def as_weighed(clinic: Clinic, state: ClinicState, row: int) -> Weighed:
    """What was just weighed, and what each service has in it."""
    patient = state.patients[row]
    felt, acting = state.felt.copy(), state.acting.copy()
    length, agenda = int(patient.agenda_length), state.agenda[row].copy()
    services = []
    for s in agenda[:length]:
        # what one service does is what the rule adds up when no other is on the agenda
        state.agenda[row, 0], patient.agenda_length = s, 1
        add_up_help(state, row)
        name = clinic.parameters.service_names[s]
        services.append((name, state.felt[HELP].copy(), state.paid.copy()))
    state.agenda[row], patient.agenda_length = agenda, length
    return Weighed(state.drivers[row].copy(), felt, acting, length > 0, tuple(services))
