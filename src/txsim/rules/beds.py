"""Beds and other limited places of support: who gets one, and who loses it.

Free places are given out in the morning to those who have waited longest for one. Some services'
places are beds that people live in (`houses`): nobody has two, a day of use may cost the bed, and
whoever finds a home of their own leaves it.
"""

from __future__ import annotations

from typing import Any

from txsim.compiling import rule, seldom, unsigned
from txsim.events import GOT_BED, HOUSED, LOST_BED, happen
from txsim.randomness import decision, joined, uniform
from txsim.rules.agenda import take_off_agenda
from txsim.rules.books import GIVEN_UP, IN_PLAN, PLACED, SUPPORT, Books

LOSES_BED = decision("a day of use costs the bed")


@rule
def waits_for_place(books: Books, i: int, s: int) -> bool:
    """Whether somebody has a limited support in the plan and no place yet."""
    if books.plan[i, s] & (IN_PLAN | PLACED) != IN_PLAN:
        return False
    patient = books.patients[i]
    return books.services[s].houses == 0 or (patient.home > HOUSED and not patient.in_bed)


@rule
def offer_support_places(books: Books, day: int) -> None:
    """Give free places of limited supports to those who have waited longest."""
    for s in range(books.course[0].services):
        service = books.services[s]
        if (
            service.offered
            and service.kind == SUPPORT
            and service.places > 0
            and service.placed_now < service.places
        ):
            fill_places(books, s, day)


@seldom
def fill_places(books: Books, s: int, day: int) -> None:
    """Fill the free places of one support; people who wait equally long in the books' order."""
    service = books.services[s]
    while service.placed_now < service.places:
        next_in_line = -1
        for i in range(books.written[1]):
            if waits_for_place(books, i, s) and (
                next_in_line < 0 or books.due[i, s] < books.due[next_in_line, s]
            ):
                next_in_line = i
        if next_in_line < 0:
            return
        books.plan[next_in_line, s] |= PLACED
        service.placed_now += 1
        if service.houses:
            patient = books.patients[next_in_line]
            patient.in_bed = True
            happen(books.log, books.written, patient, day, GOT_BED, service.number)


@seldom
def keep_or_leave_bed(books: Books, i: int, key: Any, day: int) -> None:
    """A day in a bed: it is left for a home of one's own, and use may cost it."""
    patient = books.patients[i]
    for place in range(patient.agenda_length):
        s = unsigned(books.agenda[i, place])
        service = books.services[s]
        if not service.houses or not books.plan[i, s] & PLACED:
            continue
        luck = uniform(joined(key, service.key), LOSES_BED)
        put_out = patient.used and luck < service.expels
        if put_out or patient.home == HOUSED:
            take_off_agenda(books, i, s)
            if put_out:
                books.plan[i, s] |= GIVEN_UP
                happen(books.log, books.written, patient, day, LOST_BED, service.number)
