"""What can happen to a person, and the one place that writes it down.

Rules only find out *that* something happens. `happen` puts it into the event log and moves the
person's care status: nothing else writes a status, so the log is complete by construction.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from txsim.compiled.functions import rule

NEVER = -9999
"""The day of something that has not happened."""


class Status(IntEnum):
    """Where a person stands in care; everybody is in exactly one."""

    OUTSIDE = 0
    """Not asking: before the first asking, or released from jail."""
    WAITING = 1
    """Asked, no intake appointment yet."""
    BOOKED = 2
    """Has an intake appointment and a place kept."""
    INDUCTION = 3
    """Admitted, dose not settled yet."""
    IN_TREATMENT = 4
    """In care."""
    AFTERCARE = 5
    """Treatment completed, still seen."""
    COMPLETED = 6
    """Left care with treatment completed."""
    DROPPED_OUT = 7
    """Left care by one's own choice."""
    DISCHARGED = 8
    """Discharged by a rule of the clinic."""
    TRANSFERRED = 9
    """Goes on in another clinic, or began there instead of waiting."""
    JAILED = 10
    """In jail."""
    DIED = 11
    """Dead."""
    LOST = 12
    """Left the waiting list, or missed the intake."""


class Reason(IntEnum):
    """Why somebody left care."""

    NONE = 0
    """Has not left."""
    COMPLETED = 1
    """Treatment (and aftercare, where there is any) ended as planned."""
    DROPPED_OUT = 2
    """Stopped coming."""
    MISSED_DAYS = 3
    """Discharged after so many days missed in a row."""
    POSITIVE_URINES = 4
    """Discharged after so many positive urines in a row."""
    TRANSFERRED = 5
    """Went to another clinic."""
    JAILED = 6
    """Went to jail."""
    DIED = 7
    """Died in care."""
    UNPAID_FEES = 8
    """Discharged because fees were not paid."""
    INDUCTION_FAILED = 9
    """Kept free: a failed induction goes on without medication, it is not an exit."""
    MISSED_SESSIONS = 10
    """Discharged after so many sessions missed one after the other."""
    BEHAVIOUR = 11
    """Discharged for behaviour."""


class Cause(IntEnum):
    """What somebody died of."""

    NONE = 0
    OVERDOSE = 1
    SUICIDE = 2
    OTHER = 3


class Where(IntEnum):
    """Where somebody stood when an overdose or a death came."""

    NOWHERE = 0
    WAITING = 1
    IN_CARE = 2
    FIRST_FOUR_WEEKS_OUT = 3
    LATER = 4


class Home(IntEnum):
    """Where a person lives, outside jail and the programme's own beds; each a rung lower."""

    HOUSED = 0
    UNSTABLE = 1
    UNHOUSED = 2


class Kind(IntEnum):
    """The kinds of happening.

    `detail` in the log says more: a reason, a cause, a service's position.
    """

    ASKED = 1
    """Asks for treatment, for the first time or again."""
    BOOKED_INTAKE = 2
    """Gets an intake appointment (detail: days ahead)."""
    MISSED_INTAKE = 3
    """Does not come to it, and is lost to the list."""
    WALKED_AWAY = 4
    """Stops waiting, and is lost to the list."""
    ADMITTED = 5
    """Taken into care."""
    FIRST_DOSE = 6
    """First dose of a stay, or first session kept where there is no dose."""
    INDUCTION_FAILED = 7
    """The first dose did not succeed."""
    STABILISED = 8
    """Induction is over."""
    AFTERCARE_BEGAN = 9
    """Treatment completed, aftercare begins."""
    LEFT = 10
    """Leaves care (detail: reason)."""
    RELEASED = 11
    """Leaves jail."""
    OVERDOSE = 12
    """An overdose, fatal or not."""
    DIED = 13
    """Dies (detail: cause)."""
    REGULAR_USE_BEGAN = 14
    """A spell of regular use begins."""
    REGULAR_USE_ENDED = 15
    """A spell of regular use ends."""
    TOOK_UP_SERVICE = 16
    """Takes a service up."""
    GAVE_UP_SERVICE = 17
    """Gives a service up before its end."""
    STEPPED_UP = 18
    """Stepped care: up."""
    STEPPED_DOWN = 19
    """Stepped care: down."""
    WORKER_LEFT = 20
    """The person's primary counsellor left the job."""
    JAILED_OUTSIDE = 21
    """Goes to jail while not in care."""
    INDUCED_ANEW = 22
    """Induction begins again after missed doses."""
    CRISIS = 23
    """A crisis that belongs to a diagnosis (detail: which)."""
    SWITCHED = 24
    """Changes to another medication (detail: which)."""
    MOVED = 25
    """Moves up or down the ladder of housing (detail: the rung)."""
    GOT_BED = 26
    """Gets one of the programme's beds (detail: the service)."""
    LOST_BED = 27
    """Loses it because of use (detail: the service)."""
    FOUND_WORK = 28
    """Finds work."""
    LOST_WORK = 29
    """Loses work."""
    WENT_ELSEWHERE = 30
    """Stops waiting, begins treatment in another clinic (detail: its medication, -1 for none)."""
    SECOND_USE_BEGAN = 31
    """A spell of regular use of the second substance begins (detail: which)."""
    SECOND_USE_ENDED = 32
    """A spell of regular use of the second substance ends (detail: which)."""


EVENT = np.dtype([("person", "i8"), ("day", "i4"), ("kind", "i2"), ("detail", "i2")])
"""One row of the event log, without gaps between fields; `person` is the person's number."""

# Plain integers, as compiled code takes them.
OUTSIDE, WAITING, BOOKED, INDUCTION, IN_TREATMENT = (int(one) for one in list(Status)[:5])
AFTERCARE, COMPLETED, DROPPED_OUT, DISCHARGED, TRANSFERRED, JAILED, DIED, LOST = (
    int(one) for one in list(Status)[5:]
)
ASKED = int(Kind.ASKED)
BOOKED_INTAKE = int(Kind.BOOKED_INTAKE)
MISSED_INTAKE = int(Kind.MISSED_INTAKE)
WALKED_AWAY = int(Kind.WALKED_AWAY)
WENT_ELSEWHERE = int(Kind.WENT_ELSEWHERE)
ADMITTED = int(Kind.ADMITTED)
FIRST_DOSE = int(Kind.FIRST_DOSE)
INDUCTION_FAILED = int(Kind.INDUCTION_FAILED)
STABILISED = int(Kind.STABILISED)
AFTERCARE_BEGAN = int(Kind.AFTERCARE_BEGAN)
LEFT = int(Kind.LEFT)
RELEASED = int(Kind.RELEASED)
OVERDOSE = int(Kind.OVERDOSE)
PERSON_DIED = int(Kind.DIED)
REGULAR_USE_BEGAN = int(Kind.REGULAR_USE_BEGAN)
REGULAR_USE_ENDED = int(Kind.REGULAR_USE_ENDED)
TOOK_UP_SERVICE = int(Kind.TOOK_UP_SERVICE)
GAVE_UP_SERVICE = int(Kind.GAVE_UP_SERVICE)
STEPPED_UP = int(Kind.STEPPED_UP)
STEPPED_DOWN = int(Kind.STEPPED_DOWN)
WORKER_LEFT = int(Kind.WORKER_LEFT)
JAILED_OUTSIDE = int(Kind.JAILED_OUTSIDE)
INDUCED_ANEW = int(Kind.INDUCED_ANEW)
CRISIS = int(Kind.CRISIS)
SWITCHED = int(Kind.SWITCHED)
MOVED = int(Kind.MOVED)
GOT_BED = int(Kind.GOT_BED)
LOST_BED = int(Kind.LOST_BED)
FOUND_WORK = int(Kind.FOUND_WORK)
LOST_WORK = int(Kind.LOST_WORK)
SECOND_USE_BEGAN = int(Kind.SECOND_USE_BEGAN)
SECOND_USE_ENDED = int(Kind.SECOND_USE_ENDED)

HOUSED, UNSTABLE, UNHOUSED = (int(one) for one in Home)

BECAUSE_COMPLETED = int(Reason.COMPLETED)
BECAUSE_DROPPED_OUT = int(Reason.DROPPED_OUT)
BECAUSE_MISSED_DAYS = int(Reason.MISSED_DAYS)
BECAUSE_POSITIVE_URINES = int(Reason.POSITIVE_URINES)
BECAUSE_TRANSFERRED = int(Reason.TRANSFERRED)
BECAUSE_JAILED = int(Reason.JAILED)
BECAUSE_DIED = int(Reason.DIED)
BECAUSE_UNPAID_FEES = int(Reason.UNPAID_FEES)
BECAUSE_MISSED_SESSIONS = int(Reason.MISSED_SESSIONS)
BECAUSE_OF_BEHAVIOUR = int(Reason.BEHAVIOUR)

BY_OVERDOSE = int(Cause.OVERDOSE)
BY_SUICIDE = int(Cause.SUICIDE)
BY_OTHER_CAUSE = int(Cause.OTHER)

FOUR_WEEKS = 28
"""Days of the first four weeks, on a medication or out of care, for which studies give overdose
rates of their own."""

EVENTS_A_DAY = 16
"""Most happenings of one person in one day, beside one for each service taken up or given up."""


@rule
def room_for_a_person(services: int) -> int:
    """Rows of the log that one person's day needs at most; with them free it cannot overflow."""
    return EVENTS_A_DAY + 2 * services


@rule
def in_care(status: int) -> bool:
    """Whether this status is one of induction, treatment and aftercare."""
    return INDUCTION <= status <= AFTERCARE


@rule
def is_in_line(patient: Any) -> bool:
    """Whether somebody waits, or has an intake appointment."""
    return bool(patient.status == WAITING or patient.status == BOOKED)


@rule
def is_just_out(patient: Any, day: int) -> bool:
    """Whether somebody left care in the last four weeks, whatever came after."""
    left: int = patient.left_day
    return left != NEVER and day - left < FOUR_WEEKS


@rule
def whereabouts(patient: Any, day: int) -> int:
    """Waiting, in care, in the first four weeks after leaving, or later (see `Where`)."""
    if patient.status == WAITING or patient.status == BOOKED:
        return 1
    if in_care(patient.status):
        return 2
    if is_just_out(patient, day):
        return 3
    return 4


@rule
def status_after_leaving(reason: int) -> int:
    """The status that a reason for leaving care leads to."""
    if reason == BECAUSE_COMPLETED:
        return COMPLETED
    if reason == BECAUSE_DROPPED_OUT:
        return DROPPED_OUT
    if reason == BECAUSE_TRANSFERRED:
        return TRANSFERRED
    if reason == BECAUSE_JAILED:
        return JAILED
    if reason == BECAUSE_DIED:
        return DIED
    return DISCHARGED


@rule
def happen(log: Any, written: Any, patient: Any, day: int, kind: int, detail: int) -> None:
    """Write one happening down and move the person's care status with it.

    A death in care is two rows, LEFT because of death and DIED, so that reasons for leaving sum to
    all exits.
    """
    row = written[0]
    log[row].day = day
    log[row].person = patient.person
    log[row].kind = kind
    log[row].detail = detail
    written[0] = row + 1
    if kind == ASKED:
        patient.status = WAITING
        patient.since = day
        if patient.asked_day == NEVER:
            patient.asked_day = day
    elif kind == BOOKED_INTAKE:
        patient.status = BOOKED
    elif kind == MISSED_INTAKE or kind == WALKED_AWAY:
        patient.status = LOST
        if patient.lost_waiting_day == NEVER:
            patient.lost_waiting_day = day
    elif kind == WENT_ELSEWHERE:
        patient.status = TRANSFERRED
        if patient.elsewhere_day == NEVER:
            patient.elsewhere_day = day
    elif kind == ADMITTED:
        if patient.first_admitted_day == NEVER:
            patient.wait_days = day - patient.since
        patient.status = INDUCTION
        patient.since = day
        if patient.first_admitted_day == NEVER:
            patient.first_admitted_day = day
        else:
            patient.readmissions += 1
    elif kind == FIRST_DOSE:
        if patient.first_dose_day == NEVER:
            patient.first_dose_day = day
    elif kind == INDUCED_ANEW:
        patient.status = INDUCTION
        patient.reinductions += 1
    elif kind == SWITCHED:
        patient.status = INDUCTION
    elif kind == STABILISED:
        patient.status = IN_TREATMENT
    elif kind == AFTERCARE_BEGAN:
        patient.status = AFTERCARE
        patient.aftercare_day = day
    elif kind == LEFT:
        patient.status = status_after_leaving(detail)
        patient.left_day = day
        if patient.exit_day == NEVER:
            patient.exit_day = day
            patient.exit_reason = detail
    elif kind == JAILED_OUTSIDE:
        patient.status = JAILED
    elif kind == RELEASED:
        patient.status = OUTSIDE
        patient.released_day = day
    elif kind == MOVED:
        patient.home = detail
    elif kind == FOUND_WORK or kind == LOST_WORK:
        patient.works = kind == FOUND_WORK
    elif kind == OVERDOSE:
        patient.overdoses += 1
        patient.last_overdose_day = day
        place = whereabouts(patient, day)
        if place == 1:
            patient.overdoses_waiting += 1
        elif place == 2:
            patient.overdoses_in_care += 1
        elif place == 3:
            patient.overdoses_first_4_weeks += 1
        else:
            patient.overdoses_later += 1
    elif kind == PERSON_DIED:
        patient.died_day = day
        patient.death_cause = detail
        patient.status = DIED
