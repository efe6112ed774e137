"""One person's turn on one day, lived on a copy of the books and looked at on the way.

The clinic's morning and the turns of the people before run compiled; the person's own day then runs
as the plain Python that its rules are, one piece of `rules.day.live` after the other, so that what
is weighed can be seen. The clinic itself is left as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.errors import TxsimError
from txsim.events import DIED, EVENT, NEVER, room_for_a_person
from txsim.randomness import day_key
from txsim.rules.acting import HELP, add_up_help, weigh
from txsim.rules.books import Array, Books
from txsim.rules.day import (
    go_to_clinic,
    morning,
    patient_day,
    room_to_open,
    take_medication,
    use_or_not,
)
from txsim.rules.drift import feel_services

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
    """See `Books.felt`."""
    acting: Array
    """See `Books.acting`."""
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
    books: Books
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
    books = copy_with_room(clinic.books, day)
    morning(books, day)
    patient = books.patients[row]
    if row >= books.written[1] or patient["asked_day"] == NEVER:
        raise CannotHappen(f"asks for help for the first time on day {patient['arrives']}")
    if patient["status"] == DIED:
        raise CannotHappen(f"died on day {patient['died_day']}")
    for before in range(row):
        patient_day(books, before, day)
    books = books.plain()
    patient = books.patients[row]
    key = day_key(patient.key, day)
    visits = feel_services(books, row, day)
    weigh(books, row, visits)
    weighed, waking = as_weighed(clinic, books, row), patient.copy()
    due, booked = books.services["due"].copy(), books.services["booked"].copy()
    go_to_clinic(books, row, key, day)
    due, booked = books.services["due"] > due, books.services["booked"] > booked
    take_medication(books, row, key, day)
    dosed = patient.copy()
    use_or_not(books, row, key, day)
    return Turn(clinic, row, day, books, weighed, waking, dosed, patient.copy(), due, booked)


def copy_with_room(books: Books, day: int) -> Books:
    """The books in memory of their own, with a log that a day cannot fill."""
    written = int(books.written[0])
    people, services = books.patients.size, books.services.size
    room = room_to_open(books, day) + (people + 1) * room_for_a_person(services)
    log = np.zeros(written + room, EVENT)
    log[:written] = books.log[:written]
    copies = {one.name: getattr(books, one.name).copy() for one in fields(books)}
    return replace(books, **copies).with_log(log)


def as_weighed(clinic: Clinic, books: Books, row: int) -> Weighed:
    """What was just weighed, and what each service has in it."""
    patient = books.patients[row]
    felt, acting = books.felt.copy(), books.acting.copy()
    length, agenda = int(patient.agenda_length), books.agenda[row].copy()
    services = []
    for s in agenda[:length]:
        # what one service does is what the rule adds up when no other is on the agenda
        books.agenda[row, 0], patient.agenda_length = s, 1
        add_up_help(books, row)
        name = clinic.course.service_names[s]
        services.append((name, books.felt[HELP].copy(), books.paid.copy()))
    books.agenda[row], patient.agenda_length = agenda, length
    return Weighed(books.drivers[row].copy(), felt, acting, length > 0, tuple(services))
