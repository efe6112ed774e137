"""Work: found and lost, what use and home do to it, and what it does to the way to care.

Once a week somebody without work may find some, and somebody with work may lose it. Use makes
losing likelier and finding rarer, having no home makes finding rarer; help in finding work does the
opposite. Work takes some burden of money off and puts some burden of schedule on, so it helps and
hinders; what unemployment itself does to leaving and use is in the trait (no effect found).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom
from txsim.randomness import decision, ringing_time, uniform
from txsim.rules.home import WEEK, help_to_find, set_burden
from txsim.state.events import FOUND_WORK, JAILED, LOST_WORK, UNHOUSED, happen
from txsim.state.layout import RECENT_USE, ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.scalars import Scalars

FINDS_WORK = decision("finds work")
LOSES_WORK = decision("loses work")


@rule
def work_found_log_rate(recent_use: float, home: int, help_given: float, p: Scalars) -> float:
    """Log rate, per day, of finding work."""
    unhoused = p.work_found_unhoused if home == UNHOUSED else 0.0
    return p.work_found + p.work_found_use * recent_use + unhoused + help_given


@rule
def work_lost_log_rate(recent_use: float, help_given: float, p: Scalars) -> float:
    """Log rate, per day, of losing work."""
    return p.work_lost + p.work_lost_use * recent_use - help_given


@seldom
def begin_or_end_work(state: ClinicState, i: int, works: bool, day: int) -> None:
    """Find or lose work, with what it pays and the time it takes."""
    p = state.scalars[0]
    more = 1.0 if works else -1.0
    happen(state.log, state.written, state.patients[i], day, FOUND_WORK if works else LOST_WORK, 0)
    state.has[i, p.unemployed] = 0 if works else 1
    for h in range(state.feature_effects.shape[1]):
        state.fixed[i, h] -= more * state.feature_effects[p.unemployed, h]
    money, schedule = p.money_barrier, p.schedule_barrier
    poor = state.drivers[i, money] - more * p.work_pays
    set_burden(state, i, money, min(1.0, max(0.0, poor)))
    bound = state.drivers[i, schedule] + more * p.work_binds
    set_burden(state, i, schedule, min(1.0, max(0.0, bound)))


@seldom
def change_work(state: ClinicState, i: int, key: Key, day: int) -> None:
    """A week's chance of finding work, or of losing it."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.status == JAILED:
        return
    use = state.drivers[i, RECENT_USE]
    given = help_to_find(state, i, True)
    if patient.works:
        rate = work_lost_log_rate(use, given, p) + WEEK
        rings = ringing_time(uniform(key, LOSES_WORK), rate)
    else:
        rate = work_found_log_rate(use, patient.home, given, p) + WEEK
        rings = ringing_time(uniform(key, FINDS_WORK), rate)
    if rings < 1.0:
        begin_or_end_work(state, i, not patient.works, day)
