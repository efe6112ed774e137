"""Beds and other limited places of support: who gets one, and who loses it.

Free places are given out in the morning to those who have waited longest for one. Some services'
places are beds that people live in (`houses`): nobody has two, a day of use may cost the bed, and
whoever finds a home of their own leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom, unsigned
from txsim.randomness import decision, joined, uniform
from txsim.rules.agenda import take_off_agenda
from txsim.state.events import GOT_BED, HOUSED, LOST_BED, happen
from txsim.state.layout import GIVEN_UP, IN_PLAN, PLACED, SUPPORT, ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key

LOSES_BED = decision("a day of use costs the bed")


@rule
def waits_for_place(state: ClinicState, i: int, s: int) -> bool:
    """Whether somebody has a limited support in the plan and no place yet."""
    if state.plan[i, s] & (IN_PLAN | PLACED) != IN_PLAN:
        return False
    patient = state.patients[i]
    return state.services[s].houses == 0 or (patient.home > HOUSED and not patient.in_bed)


@rule
def offer_support_places(state: ClinicState, day: int) -> None:
    """Give free places of limited supports to those who have waited longest."""
    for s in range(state.scalars[0].services):
        service = state.services[s]
        if (
            service.offered
            and service.kind == SUPPORT
            and service.places > 0
            and service.placed_now < service.places
        ):
            fill_places(state, s, day)


@seldom
def fill_places(state: ClinicState, s: int, day: int) -> None:
    """Fill the free places of one support; people who wait equally long in the books' order."""
    service = state.services[s]
    while service.placed_now < service.places:
        next_in_line = -1
        for i in range(state.written[1]):
            if waits_for_place(state, i, s) and (
                next_in_line < 0 or state.due[i, s] < state.due[next_in_line, s]
            ):
                next_in_line = i
        if next_in_line < 0:
            return
        state.plan[next_in_line, s] |= PLACED
        service.placed_now += 1
        if service.houses:
            patient = state.patients[next_in_line]
            patient.in_bed = True
            happen(state.log, state.written, patient, day, GOT_BED, service.number)


@seldom
def keep_or_leave_bed(state: ClinicState, i: int, key: Key, day: int) -> None:
    """A day in a bed: it is left for a home of one's own, and use may cost it."""
    patient = state.patients[i]
    for place in range(patient.agenda_length):
        s = unsigned(state.agenda[i, place])
        service = state.services[s]
        if not service.houses or not state.plan[i, s] & PLACED:
            continue
        luck = uniform(joined(key, service.key), LOSES_BED)
        put_out = patient.used and luck < service.expels
        if put_out or patient.home == HOUSED:
            take_off_agenda(state, i, s)
            if put_out:
                state.plan[i, s] |= GIVEN_UP
                happen(state.log, state.written, patient, day, LOST_BED, service.number)
