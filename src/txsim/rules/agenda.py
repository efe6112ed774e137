"""A person's agenda: the services that concern them, packed to the left of their row.

A service stays on the agenda while it is planned and, after that, while its dose has not faded
away.
"""

from __future__ import annotations

from txsim.compiling import rule, seldom, unsigned
from txsim.rules.books import IN_PLAN, PLACED, SUPPORT, Books
from txsim.rules.sizes import ALL_BITS

FADED = 0.001
"""Dose of a service below which it is no longer felt."""


@rule
def first_session_day(starts_every: int, day: int) -> int:
    """The day from which a first session is due: today, or when the next closed group starts."""
    if starts_every <= 0:
        return day
    return -(-day // starts_every) * starts_every


@seldom
def put_on_agenda(books: Books, i: int, s: int, day: int) -> None:
    """Plan a service for a person, its first session due at once or when its group starts."""
    patient = books.patients[i]
    books.plan[i, s] |= IN_PLAN
    books.due[i, s] = first_session_day(books.services[s].starts_every, day)
    for place in range(patient.agenda_length):
        if books.agenda[i, place] == s:
            return
    books.agenda[i, patient.agenda_length] = s
    patient.agenda_length += 1


@seldom
def take_off_agenda(books: Books, i: int, s: int) -> None:
    """End a service for a person; its dose fades from now on."""
    service = books.services[s]
    if books.plan[i, s] & PLACED and service.kind == SUPPORT:
        service.placed_now -= 1
        if service.houses:
            books.patients[i].in_bed = False
    books.plan[i, s] &= ~(IN_PLAN | PLACED) & ALL_BITS


@seldom
def tidy_agenda(books: Books, i: int) -> None:
    """Forget services that are neither planned nor still felt."""
    patient = books.patients[i]
    kept = 0
    for place in range(patient.agenda_length):
        s = unsigned(books.agenda[i, place])
        if books.plan[i, s] & IN_PLAN or books.level[i, s] > FADED:
            books.agenda[i, kept] = s
            kept += 1
        else:
            books.level[i, s] = 0.0
    patient.agenda_length = kept
