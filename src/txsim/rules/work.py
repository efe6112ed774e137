"""Work: found and lost, what use and home do to it, and what it does to the way to care.

Once a week somebody without work may find some, and somebody with work may lose it. Use makes
losing likelier and finding rarer, having no home makes finding rarer; help in finding work does the
opposite. Work takes some burden of money off and puts some burden of schedule on, so it helps and
hinders; what unemployment itself does to leaving and use is in the trait (no effect found).
"""

from __future__ import annotations

from typing import Any

from txsim.compiling import rule, seldom
from txsim.events import FOUND_WORK, JAILED, LOST_WORK, UNHOUSED, happen
from txsim.randomness import decision, ringing_time, uniform
from txsim.rules.books import RECENT_USE, Books
from txsim.rules.home import WEEK, help_to_find, set_burden

FINDS_WORK = decision("finds work")
LOSES_WORK = decision("loses work")


@rule
def work_found_log_rate(recent_use: float, home: int, help_given: float, course: Any) -> float:
    """Log rate, per day, of finding work."""
    unhoused = course.work_found_unhoused if home == UNHOUSED else 0.0
    return course.work_found + course.work_found_use * recent_use + unhoused + help_given


@rule
def work_lost_log_rate(recent_use: float, help_given: float, course: Any) -> float:
    """Log rate, per day, of losing work."""
    return course.work_lost + course.work_lost_use * recent_use - help_given


@seldom
def begin_or_end_work(books: Books, i: int, works: bool, day: int) -> None:
    """Find or lose work, with what it pays and the time it takes."""
    course = books.course[0]
    more = 1.0 if works else -1.0
    happen(books.log, books.written, books.patients[i], day, FOUND_WORK if works else LOST_WORK, 0)
    books.has[i, course.unemployed] = 0 if works else 1
    for h in range(books.feature_effects.shape[1]):
        books.fixed[i, h] -= more * books.feature_effects[course.unemployed, h]
    money, schedule = course.money_barrier, course.schedule_barrier
    poor = books.drivers[i, money] - more * course.work_pays
    set_burden(books, i, money, min(1.0, max(0.0, poor)))
    bound = books.drivers[i, schedule] + more * course.work_binds
    set_burden(books, i, schedule, min(1.0, max(0.0, bound)))


@seldom
def change_work(books: Books, i: int, key: Any, day: int) -> None:
    """A week's chance of finding work, or of losing it."""
    course = books.course[0]
    patient = books.patients[i]
    if patient.status == JAILED:
        return
    use = books.drivers[i, RECENT_USE]
    given = help_to_find(books, i, True)
    if patient.works:
        rate = work_lost_log_rate(use, given, course) + WEEK
        rings = ringing_time(uniform(key, LOSES_WORK), rate)
    else:
        rate = work_found_log_rate(use, patient.home, given, course) + WEEK
        rings = ringing_time(uniform(key, FINDS_WORK), rate)
    if rings < 1.0:
        begin_or_end_work(books, i, not patient.works, day)
