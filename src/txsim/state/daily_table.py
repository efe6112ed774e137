"""The daily table: a row for each day from day 0 on, counted when the day is over.

Happenings are counted from the event log, people from the calendar. What neither of them holds
(sessions, staff who leave, days on which no places are offered) is counted here as it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from txsim.compiled.functions import rule
from txsim.state.calendar import medicated, status_of, used
from txsim.state.events import (
    ADMITTED,
    AFTERCARE,
    ASKED,
    BOOKED,
    COMPLETED,
    DIED,
    DISCHARGED,
    DROPPED_OUT,
    JAILED,
    LEFT,
    MISSED_INTAKE,
    OVERDOSE,
    PERSON_DIED,
    TRANSFERRED,
    WAITING,
    WALKED_AWAY,
    WENT_ELSEWHERE,
    in_care,
    status_after_leaving,
)

if TYPE_CHECKING:
    from txsim.state.records import Array, DayRow, Rows


# --- when the day is over


@rule
def count_day(
    days: Rows[DayRow], day: int, calendar: Array, known: int, log: Any, written: int
) -> None:
    """Count a day: of `known` people who asked or were there, and `written` rows of the log."""
    if day < 0:
        return
    row = days[day]
    count_people(row, calendar[day], known)
    while written > 0 and log[written - 1].day == day:
        written -= 1
        count_happening(row, log[written].kind, log[written].detail)


@rule
def count_people(row: DayRow, tonight: Array, known: int) -> None:
    """Count people by what the calendar says of the day."""
    waiting, caring, aftercare, dead, users, covered = 0, 0, 0, 0, 0, 0
    for i in range(known):
        byte = tonight[i]
        status = status_of(byte)
        waiting += status == WAITING or status == BOOKED
        caring += in_care(status)
        aftercare += status == AFTERCARE
        dead += status == DIED
        users += used(byte)
        covered += medicated(byte)
    row.waiting, row.in_care, row.aftercare = waiting, caring, aftercare
    row.alive, row.used, row.medicated = known - dead, users, covered


@rule
def count_happening(row: DayRow, kind: int, detail: int) -> None:
    """Count one happening of the log in its column, if it has one."""
    if kind == ASKED:
        row.asking += 1.0
    elif kind == ADMITTED:
        row.admitted += 1.0
    elif kind == MISSED_INTAKE or kind == WALKED_AWAY:
        row.lost_waiting += 1.0
    elif kind == WENT_ELSEWHERE:
        row.went_elsewhere += 1.0
    elif kind == OVERDOSE:
        row.overdoses += 1.0
    elif kind == PERSON_DIED:
        row.died += 1.0
    elif kind == LEFT:
        status = status_after_leaving(detail)
        if status == COMPLETED:
            row.completed += 1.0
        elif status == DROPPED_OUT:
            row.dropped_out += 1.0
        elif status == DISCHARGED:
            row.discharged += 1.0
        elif status == TRANSFERRED:
            row.transferred += 1.0
        elif status == JAILED:
            row.jailed += 1.0


# --- as it comes


@rule
def count_session(days: Rows[DayRow], day: int, is_held: bool, comes: bool) -> None:
    """Count a session that is due: it waits, or is booked and kept or missed."""
    if day < 0:
        return
    if not is_held:
        days[day].visits_waiting += 1.0
        return
    days[day].visits_booked += 1.0
    if comes:
        days[day].visits_kept += 1.0


@rule
def count_departure(days: Rows[DayRow], day: int) -> None:
    """Count a worker who leaves."""
    if day >= 0:
        days[day].departures += 1.0


@rule
def note_closed_intake(days: Rows[DayRow], day: int) -> None:
    """Note that no places are offered today for want of time for doses."""
    if day >= 0:
        days[day].intake_closed = 1.0
