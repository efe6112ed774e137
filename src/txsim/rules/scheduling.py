"""Bookings: due sessions meet the minutes of a role or the seats of a group.

Sessions booked first go first, then those overdue longest; what does not fit waits and grows older.
Capacity is hard (booked minutes never exceed minutes staffed and what overtime is allowed) or
elastic (sessions are shortened, down to a floor, and lose effect).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, unsigned
from txsim.rules.budgets import can_pay
from txsim.state.events import BOOKED, WAITING, in_care
from txsim.state.layout import BUCKETS, GROUP, IN_PLAN, INDIVIDUAL, PRACTICE, ClinicState
from txsim.state.sizes import TOLERANCE

if TYPE_CHECKING:
    from txsim.state.records import Array, ServiceRow

WEEKS_BEFORE = 1000
"""Weeks before day 0 from which groups are counted: more than any clinic is run in."""


@rule
def urgency(service: ServiceRow, overdue_days: int) -> int:
    """The bucket of a due session: days overdue, and above all others when it is booked first."""
    half = BUCKETS // 2
    return min(overdue_days, half - 1) + (half if service.priority > 0 else 0)


@rule
def is_visit(service: ServiceRow) -> bool:
    """Whether a service is delivered in sessions that have to be booked."""
    return service.kind == INDIVIDUAL or service.kind == GROUP


@rule
def can_be_given(service: ServiceRow) -> bool:
    """Whether the house is open for long enough, and there is money, for a session today."""
    return service.fits != 0 and can_pay(service, service.cost)


@rule
def size_of(service: ServiceRow) -> float:
    """What one session takes from its pool: minutes of the role, or one seat of the group."""
    return 1.0 if service.kind == GROUP else service.minutes


@rule
def groups_today(sessions_per_week: float, day: int, opening_week: Array) -> int:
    """Sessions on today's timetable: their number spread evenly over open days, parts added up.

    Half a session a week is one in every second week.
    """
    week, weekday = day // 7 + WEEKS_BEFORE, day % 7
    open_days = 0
    before = 0
    for d in range(7):
        if opening_week[d]:
            open_days += 1
            if d < weekday:
                before += 1
    if open_days == 0 or opening_week[weekday] == 0:
        return 0
    until_today = sessions_per_week * (week + before / open_days)
    return int(until_today + sessions_per_week / open_days + TOLERANCE) - int(
        until_today + TOLERANCE
    )


@rule
def days_since_open(opening_week: Array, day: int) -> int:
    """Days from the last open day before this one."""
    for back in range(7):
        if opening_week[(day - 1 - back) % 7]:
            return back + 1
    return 7


@rule
def count_demand(state: ClinicState, day: int) -> int:
    """Add up, by pool and urgency, the sessions of people in care that are due today.

    In the same walk through the books it is noted who is in line; returns how many places are
    taken, by people in care or with an intake appointment.
    """
    state.demand[:, :] = 0.0
    in_line, taken = 0, 0
    for i in range(state.written[1]):
        status = state.patients[i].status
        if in_care(status):
            taken += 1
            ask_for_sessions(state, i, day)
        elif status == WAITING or status == BOOKED:
            if status == BOOKED:
                taken += 1
            state.in_line[in_line] = i
            in_line += 1
    state.written[3] = in_line
    return taken


@rule
def count_demand_in_line(state: ClinicState, day: int) -> None:
    """Add up the due sessions of people in line.

    Whoever has an intake appointment today comes to that one alone.
    """
    for place in range(state.written[3]):
        i = state.in_line[place]
        patient = state.patients[i]
        if patient.status != BOOKED or patient.offer_day > day:
            ask_for_sessions(state, i, day)


@rule
def ask_for_sessions(state: ClinicState, i: int, day: int) -> None:
    """Ask, for one person, for what today's due sessions take from their pools."""
    for place in range(state.patients[i].agenda_length):
        s = unsigned(state.agenda[i, place])
        overdue = day - state.due[i, s]
        if overdue >= 0 and state.plan[i, s] & IN_PLAN and state.services[s].pool >= 0:
            service = state.services[s]
            if is_visit(service) and can_be_given(service):
                state.demand[service.pool, urgency(service, overdue)] += size_of(service)


@rule
def share_capacity(state: ClinicState, day: int, is_open: bool) -> None:
    """Set, for every pool, which sessions are booked today and how long they last."""
    p = state.scalars[0]
    roles = state.roles.size
    state.threshold[:] = BUCKETS
    state.left[:] = 0.0
    state.stretch[:] = 1.0
    if not is_open:
        return
    p.days_since_open = days_since_open(state.opening_week, day)
    open_days = 0
    for d in range(7):
        open_days += state.opening_week[d]
    for s in range(p.services):
        service = state.services[s]
        if not service.offered:
            continue
        if service.kind == PRACTICE and service.role >= 0:
            role = state.roles[service.role]
            minutes = service.minutes * 7.0 / (service.every_days * open_days)
            given = min(minutes, max(role.most_today - role.used_today, 0.0))
            role.used_today += given
            if minutes > 0.0:
                service.given = given / minutes
        elif service.kind == GROUP:
            held = hold_groups(state, s, day)
            service.groups_held += held
            cut(state, service.pool, held * service.seats)
    for r in range(roles):
        role = state.roles[r]
        wanted = state.demand[r, :].sum()
        room = max(role.most_today - role.used_today, 0.0)
        role.asked_today = role.used_today
        if p.elastic and wanted > room:
            state.stretch[r] = max(p.elastic_floor, room / wanted)
            for bucket in range(BUCKETS):
                state.demand[r, bucket] *= state.stretch[r]
        cut(state, r, room * (1.0 + p.overbooking_share))
        role.spare = max(room - state.demand[r, :].sum(), 0.0)


@rule
def hold_groups(state: ClinicState, s: int, day: int) -> int:
    """How many of today's groups are held: as many as have people, and leaders with time."""
    service = state.services[s]
    seats_wanted = state.demand[service.pool, :].sum()
    held = groups_today(service.sessions_per_week, day, state.opening_week)
    while held > 0 and (held - 1) * service.seats >= seats_wanted:
        held -= 1
    service.held_today, service.without_leader = held, 0
    if service.role < 0:
        return held
    role = state.roles[service.role]
    while held > 0 and role.used_today + held * service.minutes > role.most_today:
        held -= 1
    role.used_today += held * service.minutes
    service.without_leader = service.held_today - held
    service.held_today = held
    return held


@rule
def cut(state: ClinicState, pool: int, room: float) -> None:
    """The bucket above which all is served, and what is left for it, the most urgent first."""
    state.left[pool] = 0.0
    state.threshold[pool] = -1
    for bucket in range(BUCKETS - 1, -1, -1):
        wanted = state.demand[pool, bucket]
        if wanted > room + TOLERANCE:
            state.threshold[pool] = bucket
            state.left[pool] = room
            return
        room -= wanted


@rule
def gets_session(state: ClinicState, service: ServiceRow, overdue_days: int) -> bool:
    """Whether this due session is booked today.

    It takes its share of what is left, and its minutes are counted unless more is booked than fits.
    """
    pool = service.pool
    if not can_be_given(service):
        return False
    if pool < 0:
        return True
    bucket = urgency(service, overdue_days)
    size = size_of(service) * state.stretch[pool]
    if bucket < state.threshold[pool]:
        return False
    if bucket == state.threshold[pool]:
        if state.left[pool] < size - TOLERANCE:
            return False
        state.left[pool] -= size
    if service.kind == INDIVIDUAL and state.scalars[0].overbooking_share == 0.0:
        state.roles[service.role].used_today += size
    return True


@rule
def is_seen(state: ClinicState, service: ServiceRow) -> bool:
    """Whether there is time for somebody who came: not for all where more is booked than fits.

    There, minutes are used by those who come, and not by those who stay away. What takes nobody's
    time is for all who come.
    """
    takes_time = service.kind == INDIVIDUAL and service.pool >= 0
    if not takes_time or state.scalars[0].overbooking_share == 0.0:
        return True
    role = state.roles[service.role]
    size = service.minutes * state.stretch[service.pool]
    if role.used_today + size > role.most_today + TOLERANCE:
        return False
    role.used_today += size
    return True
