"""The calendar: a byte for each day and person, and the only place that knows its bits.

Bits 0-3 are the care status in the evening (`state.events.Status`), bit 4 says that the person
used, bit 5 drank heavily (opioids: used), bit 6 was medicated, bit 7 kept a visit. What reads a
byte reads arrays of them alike.
"""

from __future__ import annotations

from typing import Any

from txsim.compiled.functions import rule
from txsim.state.events import DIED

STATUS, USED, HEAVY, MEDICATED, VISITED = 0b1111, 16, 32, 64, 128


@rule
def write_day(
    calendar: Any, day: int, i: int, patient: Any, medicated_today: bool, came: bool
) -> None:
    """Write down how the person in a row stands tonight and what the day was like, from day 0 on.

    Of the dead there is nothing but that they are.
    """
    if day < 0:
        return
    byte = patient.status
    if byte != DIED:
        if patient.used:
            byte |= USED
            if patient.heavy:
                byte |= HEAVY
        if medicated_today:
            byte |= MEDICATED
        if came:
            byte |= VISITED
    calendar[day, i] = byte


@rule
def status_of(days: Any) -> Any:
    """Care status (see `state.events.Status`)."""
    return days & STATUS


@rule
def used(days: Any) -> Any:
    """Whether the primary substance was used (opioids, or any drinking)."""
    return (days & USED) != 0


@rule
def drank_heavily(days: Any) -> Any:
    """Whether the person drank heavily; for opioids the same as used."""
    return (days & HEAVY) != 0


@rule
def medicated(days: Any) -> Any:
    """Whether this clinic's medication covered the person."""
    return (days & MEDICATED) != 0


@rule
def kept_visit(days: Any) -> Any:
    """Whether at least one visit was kept."""
    return days >= VISITED
