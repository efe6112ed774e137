"""Where people live: a ladder of three rungs, and what use, work and help do to it.

Housed, in unstable housing, without a home. Once a week a person may climb a rung or slip one. Use
and unemployment make slipping likelier, use makes climbing rarer; services that help to find a home
make it likelier and slipping rarer. The rung sets the burden of the housing barrier, which keeps
people from visits and care, so use costs homes and a lost home costs care. Sizes are assumptions
but for the rate of finding a home (alford2007-failure-homeless).
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom, unsigned
from txsim.randomness import decision, ringing_time, uniform
from txsim.state.events import HOUSED, JAILED, MOVED, UNHOUSED, happen
from txsim.state.layout import RECENT_USE, ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.scalars import Scalars

FINDS_A_HOME = decision("finds a better home")
LOSES_A_HOME = decision("loses the home")

WEEK = log(7.0)
"""Log of the days from one look at home and work to the next: turns a rate a day into one a week.
"""


@rule
def rung_at_start(burden: float, mean: float) -> int:
    """Where somebody lives who asks with this burden of housing: the upper half has no home."""
    if burden <= 0.0:
        return 0
    return 2 if burden >= mean else 1


@rule
def burden_of(rung: int, mean: float, spread: float) -> float:
    """Burden of the housing barrier on a rung.

    Without a home the middle of the upper half of those whom the case mix draws around the mean, in
    unstable housing that of the lower half.
    """
    if rung == HOUSED:
        return 0.0
    half = spread / 2.0
    return min(1.0, mean * (1.0 + half if rung == UNHOUSED else 1.0 - half))


@rule
def home_found_log_rate(recent_use: float, help_given: float, p: Scalars) -> float:
    """Log rate, per day, of climbing a rung."""
    return p.home_found + p.home_found_use * recent_use + help_given


@rule
def home_lost_log_rate(recent_use: float, works: bool, help_given: float, p: Scalars) -> float:
    """Log rate, per day, of slipping a rung."""
    unemployed = 0.0 if works else p.home_lost_unemployed
    return p.home_lost + p.home_lost_use * recent_use + unemployed - help_given


@rule
def help_to_find(state: ClinicState, i: int, work: bool) -> float:
    """What services do to finding work, or a home: log ratios at full dose, times their doses."""
    total = 0.0
    for place in range(state.patients[i].agenda_length):
        s = unsigned(state.agenda[i, place])
        service = state.services[s]
        total += (service.finds_work if work else service.finds_home) * state.level[i, s]
    return total


@seldom
def set_burden(state: ClinicState, i: int, barrier: int, burden: float) -> None:
    """Give a person this burden of a barrier; whoever has any has the need that goes with it."""
    p = state.scalars[0]
    state.drivers[i, barrier] = burden
    state.has[i, barrier + p.barrier_to_feature] = 1 if burden > 0.0 else 0


@seldom
def move_home(state: ClinicState, i: int, rung: int, day: int) -> None:
    """Move to another rung, with the burden it brings."""
    p = state.scalars[0]
    happen(state.log, state.written, state.patients[i], day, MOVED, rung)
    burden = burden_of(rung, p.housing_burden, p.burden_spread)
    set_burden(state, i, p.housing_barrier, burden)


@seldom
def change_home(state: ClinicState, i: int, key: Key, day: int) -> None:
    """A week's chance of a better home and of losing the one there is; the first clock decides."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.status == JAILED:
        return
    use = state.drivers[i, RECENT_USE]
    given = help_to_find(state, i, False)
    found, lost = 1.0, 1.0
    if patient.home > HOUSED:
        rate = home_found_log_rate(use, given, p) + WEEK
        found = ringing_time(uniform(key, FINDS_A_HOME), rate)
    if patient.home < UNHOUSED:
        rate = home_lost_log_rate(use, patient.works, given, p) + WEEK
        lost = ringing_time(uniform(key, LOSES_A_HOME), rate)
    if found < 1.0 and found <= lost:
        move_home(state, i, patient.home - 1, day)
    elif lost < 1.0:
        move_home(state, i, patient.home + 1, day)
