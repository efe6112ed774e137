"""A person's agenda: the services that concern them, packed to the left of their row.

A service stays on the agenda while it is planned and, after that, while its dose has not faded
away.
"""

from __future__ import annotations

from txsim.compiled.functions import rule, seldom, unsigned
from txsim.state.layout import IN_PLAN, PLACED, SUPPORT, ClinicState
from txsim.state.sizes import ALL_BITS

FADED = 0.001
"""Dose of a service below which it is no longer felt."""


@rule
def first_session_day(starts_every: int, day: int) -> int:
    """The day from which a first session is due: today, or when the next closed group starts."""
    if starts_every <= 0:
        return day
    return -(-day // starts_every) * starts_every


@seldom
def put_on_agenda(state: ClinicState, i: int, s: int, day: int) -> None:
    """Plan a service for a person, its first session due at once or when its group starts."""
    patient = state.patients[i]
    state.plan[i, s] |= IN_PLAN
    state.due[i, s] = first_session_day(state.services[s].starts_every, day)
    for place in range(patient.agenda_length):
        if state.agenda[i, place] == s:
            return
    state.agenda[i, patient.agenda_length] = s
    patient.agenda_length += 1


@seldom
def take_off_agenda(state: ClinicState, i: int, s: int) -> None:
    """End a service for a person; its dose fades from now on."""
    service = state.services[s]
    if state.plan[i, s] & PLACED and service.kind == SUPPORT:
        service.placed_now -= 1
        if service.houses:
            state.patients[i].in_bed = False
    state.plan[i, s] &= ~(IN_PLAN | PLACED) & ALL_BITS


@seldom
def tidy_agenda(state: ClinicState, i: int) -> None:
    """Forget services that are neither planned nor still felt."""
    patient = state.patients[i]
    kept = 0
    for place in range(patient.agenda_length):
        s = unsigned(state.agenda[i, place])
        if state.plan[i, s] & IN_PLAN or state.level[i, s] > FADED:
            state.agenda[i, kept] = s
            kept += 1
        else:
            state.level[i, s] = 0.0
    patient.agenda_length = kept
