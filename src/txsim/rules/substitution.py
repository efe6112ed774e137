"""Standing in: who gives a session, or leads a group, when its own role has no time left.

A service names other roles that may give it. Their own groups and sessions come first; with the
minutes that they have to spare on a day, overtime left out, they lead groups that found no leader
and give sessions that did not fit, the most urgent first. Minutes, notes and load are those of the
role that gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom, unsigned
from txsim.rules.scheduling import can_be_given, cut, urgency
from txsim.state.events import BOOKED, WAITING, in_care
from txsim.state.layout import BUCKETS, GROUP, IN_PLAN, INDIVIDUAL, ClinicState
from txsim.state.sizes import TOLERANCE

if TYPE_CHECKING:
    from txsim.state.records import RoleRow, ServiceRow


@rule
def minutes_of_another(service: ServiceRow, role: RoleRow) -> float:
    """Minutes that a session or group takes of another role: its own, and that role's notes."""
    return service.without_notes + role.notes if service.without_notes > 0.0 else 0.0


@rule
def to_spare(role: RoleRow) -> float:
    """Minutes staffed today that a role's own bookings leave over; nobody stands in overtime."""
    return max(role.spare - (role.most_today - role.staffed_today), 0.0)


@rule
def has_time_for(role: RoleRow, minutes: float) -> bool:
    """Whether a role has so many minutes to spare; who has none gives nothing, however short."""
    return to_spare(role) > 0.0 and to_spare(role) >= minutes


@rule
def arrange_stand_ins(state: ClinicState, day: int, is_open: bool) -> None:
    """Share out among others what roles cannot do today, where any service may be shared."""
    if is_open and state.scalars[0].stand_ins:
        find_stand_ins(state, day)


@seldom
def find_stand_ins(state: ClinicState, day: int) -> None:
    """Find others for what roles cannot do today: for groups first, then for sessions."""
    state.standing_in[:, :] = 0.0
    for s in range(state.services.size):
        service = state.services[s]
        if service.stand_ins > 0 and service.kind == GROUP:
            lead_groups(state, s)
    if any_turned_away(state):
        count_turned_away(state, day)
        share_spare_time(state)


@rule
def lead_groups(state: ClinicState, s: int) -> None:
    """Lead today's groups that have people and no leader, as far as there is time."""
    service = state.services[s]
    for k in range(service.stand_ins):
        role = state.roles[state.may_also[s, k]]
        minutes = minutes_of_another(service, role)
        while service.without_leader > 0 and has_time_for(role, minutes):
            role.spare -= minutes
            role.used_today += minutes
            role.asked_today += minutes
            service.without_leader -= 1
            service.held_today += 1
            service.groups_held += 1.0
            service.stood_in += 1.0
            cut(state, service.pool, service.held_today * service.seats)


@rule
def any_turned_away(state: ClinicState) -> bool:
    """Whether a role that others may stand in for is asked for more than it has time for."""
    for s in range(state.services.size):
        service = state.services[s]
        shared = service.stand_ins > 0 and service.kind == INDIVIDUAL
        if shared and state.threshold[service.pool] >= 0:
            return True
    return False


@rule
def count_turned_away(state: ClinicState, day: int) -> None:
    """Count, by service and urgency, today's sessions for which the own role has no time.

    In the order in which people will come, so that nobody is counted who will find a place.
    """
    for r in range(state.roles.size):
        state.roles[r].left_uncounted = state.left[r]
    for i in range(state.written[1]):
        patient = state.patients[i]
        status = patient.status
        if in_care(status) or status == WAITING or (status == BOOKED and patient.offer_day > day):
            count_sessions_turned_away(state, unsigned(i), day)


@rule
def count_sessions_turned_away(state: ClinicState, i: int, day: int) -> None:
    """Count those of one person."""
    for place in range(state.patients[i].agenda_length):
        s = unsigned(state.agenda[i, place])
        service = state.services[s]
        overdue = day - state.due[i, s]
        if overdue < 0 or not state.plan[i, s] & IN_PLAN or service.kind != INDIVIDUAL:
            continue
        if service.pool < 0 or not can_be_given(service):
            continue
        bucket = urgency(service, overdue)
        if bucket > state.threshold[service.pool]:
            continue
        if bucket == state.threshold[service.pool]:
            role = state.roles[service.role]
            size = service.minutes * state.stretch[service.pool]
            if role.left_uncounted >= size - TOLERANCE:
                role.left_uncounted -= size
                continue
        if service.stand_ins > 0:
            state.demand[state.roles.size + s, bucket] += 1.0


@rule
def share_spare_time(state: ClinicState) -> None:
    """Give the time to spare to sessions turned away, whole classes of urgency from the top.

    In the class in which a service's sessions no longer fit all, people earlier in the day's order
    go first, and less urgent ones of the service wait.
    """
    roles = state.roles.size
    for s in range(state.services.size):
        if state.services[s].stand_ins > 0 and state.services[s].kind == INDIVIDUAL:
            state.threshold[roles + s] = -1
    for bucket in range(BUCKETS - 1, -1, -1):
        for s in range(state.services.size):
            service = state.services[s]
            wanted = state.demand[roles + s, bucket]
            if service.stand_ins == 0 or service.kind != INDIVIDUAL or wanted == 0.0:
                continue
            if state.threshold[roles + s] >= 0:
                continue
            taken = taken_over(state, s, wanted)
            if taken < wanted:
                state.threshold[roles + s] = bucket
                state.left[roles + s] = taken


@rule
def taken_over(state: ClinicState, s: int, wanted: float) -> float:
    """How many of so many sessions of a service others take over, by the order it names them in."""
    service = state.services[s]
    taken = 0.0
    for k in range(service.stand_ins):
        role = state.roles[state.may_also[s, k]]
        minutes = minutes_of_another(service, role)
        fit = 0.0
        if has_time_for(role, minutes):
            fit = wanted - taken
            if minutes > 0.0:
                fit = min(fit, float(int((to_spare(role) + TOLERANCE) / minutes)))
        role.spare -= fit * minutes
        state.standing_in[s, k] += fit
        taken += fit
    return taken


@seldom
def stands_in(state: ClinicState, s: int, overdue_days: int) -> bool:
    """Whether somebody of another role gives this session, for which the own one has no time."""
    service = state.services[s]
    pool = state.roles.size + s
    bucket = urgency(service, overdue_days)
    if bucket < state.threshold[pool]:
        return False
    if bucket == state.threshold[pool]:
        if state.left[pool] < 1.0:
            return False
        state.left[pool] -= 1.0
    for k in range(service.stand_ins):
        if state.standing_in[s, k] >= 1.0:
            state.standing_in[s, k] -= 1.0
            role = state.roles[state.may_also[s, k]]
            minutes = minutes_of_another(service, role)
            role.used_today += minutes
            # The session was asked of its own role, today or when it was first due.
            role.asked_today += minutes
            state.roles[service.role].asked_today -= service.minutes
            service.stood_in += 1.0
            return True
    return False
