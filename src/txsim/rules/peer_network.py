"""Ties: people who sit in the same groups get to know each other, and use or recovery travels.

Whoever comes to the same group on the same day strengthens the tie to everybody there. Ties fade
when people do not meet, and outlast the group. Once a week everybody hears how those they know are
doing; by how much those use more, or less, than the others whom people know, weighed by the
strength of the ties, is the company that the person keeps. Company draws towards regular use or
away from it, so a group can help or hurt by who sits in it; that there are groups does neither by
this. How strongly a person is tied to those at the table is the cohesion that they feel in a
service's groups; who feels more keeps its sessions more firmly and gives it up less readily. Sizes
are assumptions (grade D): no estimate was found.
"""

from __future__ import annotations

from txsim.compiled.functions import rule, seldom, unsigned
from txsim.state.events import DIED, JAILED
from txsim.state.layout import COMPANY, GROUP, RECENT_USE, ClinicState

SUNDAY = 6
"""The last day of a week that begins on day 0, a Monday."""


@rule
def sit_down(state: ClinicState, i: int, s: int) -> None:
    """Note that a person came to today's group, where ties are told at all."""
    service = state.services[s]
    if service.kind == GROUP and service.came_today < state.table.shape[1]:
        state.table[s, service.came_today] = i
        service.came_today += 1


@rule
def meet(state: ClinicState) -> None:
    """In the evening, whoever sat in the same group knows each other a little better."""
    if state.ties.shape[1] == 0:
        return
    for s in range(state.services.size):
        if state.services[s].came_today > 0:
            seat(state, unsigned(s))
            state.services[s].came_today = 0


@seldom
def seat(state: ClinicState, s: int) -> None:
    """Fill one group after the other, in the order of coming, or those who still use apart."""
    service, table, seated = state.services[s], state.table, state.seated
    settled = 0
    for place in range(service.came_today):
        if not sits_apart(state, s, table[s, place]):
            seated[settled] = table[s, place]
            settled += 1
    others = settled
    for place in range(service.came_today):
        if sits_apart(state, s, table[s, place]):
            seated[others] = table[s, place]
            others += 1
    get_to_know(state, s, 0, settled)
    get_to_know(state, s, settled, others)


@rule
def sits_apart(state: ClinicState, s: int, i: int) -> bool:
    """Whether the service's groups are arranged by recent use and this person still uses."""
    still_using = state.drivers[i, RECENT_USE] > state.scalars[0].still_using
    return state.services[s].apart != 0 and still_using


@rule
def get_to_know(state: ClinicState, s: int, first: int, after: int) -> None:
    """Everybody seated between two places, by groups of the service's seats, meets their group."""
    seats = max(int(state.services[s].seats), 1)
    for start in range(first, after, seats):
        end = min(start + seats, after)
        if state.cohesion.shape[1] > 0:
            feel_cohesion(state, s, start, end)
        for a in range(start, end):
            for b in range(a + 1, end):
                strengthen(state, state.seated[a], state.seated[b])
                strengthen(state, state.seated[b], state.seated[a])


@rule
def feel_cohesion(state: ClinicState, s: int, start: int, end: int) -> None:
    """How strongly each person at a table is tied to the others when they sit down, on average.

    Nothing for a stranger among strangers, or for whoever sits alone; 1 among the closest.
    """
    for a in range(start, end):
        total = 0.0
        for b in range(start, end):
            if b != a:
                total += strength_of(state, state.seated[a], state.seated[b])
        state.cohesion[state.seated[a], s] = total / max(end - start - 1, 1)


@rule
def strength_of(state: ClinicState, i: int, other: int) -> float:
    """How strongly one person is tied to another; 0 for a stranger."""
    for k in range(state.ties.shape[1]):
        if state.ties[i, k] == other:
            return state.strength[i, k]
    return 0.0


@rule
def cohesion_of(state: ClinicState, i: int, s: int) -> float:
    """The cohesion that a person felt when they last sat in a service's group, 0 to 1."""
    if state.cohesion.shape[1] == 0 or state.services[s].kind != GROUP:
        return 0.0
    return state.cohesion[i, s]


@rule
def strengthen(state: ClinicState, i: int, other: int) -> None:
    """A tie grows by its part of what is missing to a full one; a new one replaces the weakest."""
    part = state.scalars[0].tie_per_session
    weakest = 0
    for k in range(state.ties.shape[1]):
        if state.ties[i, k] == other:
            state.strength[i, k] += (1.0 - state.strength[i, k]) * part
            return
        if state.strength[i, k] < state.strength[i, weakest]:
            weakest = k
    if state.strength[i, weakest] < part:
        state.ties[i, weakest] = other
        state.strength[i, weakest] = part


@rule
def known_of(state: ClinicState, i: int) -> tuple[float, float]:
    """Strength of a person's ties to people alive and not in jail, and times these' recent use."""
    weight, amount = 0.0, 0.0
    for k in range(state.ties.shape[1]):
        strength = state.strength[i, k]
        if strength > 0.0:
            other = unsigned(state.ties[i, k])
            status = state.patients[other].status
            if status != DIED and status != JAILED:
                weight += strength
                amount += strength * state.drivers[other, RECENT_USE]
    return weight, amount


@rule
def company_of(state: ClinicState, i: int, usual: float) -> float:
    """The company a person keeps: how far those they know use more (above 0) or less than usual.

    sum of strength * (recent use of the other - usual) / max(1, sum of strength): many weak ties
    come to the mean of all, a single weak one to little.
    """
    weight, amount = known_of(state, i)
    return (amount - usual * weight) / max(1.0, weight)


@rule
def usual_company(state: ClinicState) -> float:
    """Mean recent use of those whom people know, over all ties by their strength."""
    weight, amount = 0.0, 0.0
    for i in range(state.written[1]):
        strength, use = known_of(state, unsigned(i))
        weight += strength
        amount += use
    return amount / weight if weight > 0.0 else 0.0


@rule
def spread_along_ties(state: ClinicState, day: int) -> None:
    """Once a week ties fade a little, and everybody hears how those they know are doing.

    Company is told against what is usual among all who are known, so that only the mix of people
    acts: a service's published effect holds whatever its groups do.
    """
    if state.ties.shape[1] == 0 or day % 7 != SUNDAY:
        return
    usual = usual_company(state)
    for i in range(state.written[1]):
        state.drivers[i, COMPANY] = company_of(state, unsigned(i), usual)
        for k in range(state.ties.shape[1]):
            state.strength[i, k] *= state.scalars[0].tie_kept_a_week
