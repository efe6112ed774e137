"""Crises: acute states that belong to some diagnoses and strain the bond with the key worker.

A person with such a diagnosis has them at a yearly rate, more often the higher the symptoms are
above their usual level; so a service that lowers symptoms spares crises. A crisis raises craving
and costs alliance. Sizes are assumptions (grade D).
"""

from __future__ import annotations

from typing import Any

from txsim.compiling import rule
from txsim.events import CRISIS, JAILED, happen
from txsim.randomness import decision, joined, ringing_time, uniform
from txsim.rules.acting import ALL
from txsim.rules.books import ALLIANCE, CRAVING, Books

HAS_A_CRISIS = decision("has a crisis")


@rule
def crisis_log_rate(base: float, symptoms: float, course: Any) -> float:
    """Log rate, per day, of a crisis: the diagnosis's, and symptoms above their usual level."""
    return base + course.crisis_symptoms * symptoms


@rule
def have_crises(books: Books, i: int, key: Any, day: int) -> None:
    """A crisis today, for each of a person's diagnoses that has any."""
    course = books.course[0]
    if books.patients[i].status == JAILED:
        return
    for c in range(books.crises.size):
        one = books.crises[c]
        if books.has[i, one.feature]:
            rate = crisis_log_rate(one.log_rate, books.felt[ALL, one.driver], course)
            if ringing_time(uniform(joined(key, one.key), HAS_A_CRISIS), rate) < 1.0:
                books.drivers[i, CRAVING] += course.crisis_craving
                books.drivers[i, ALLIANCE] -= course.crisis_alliance
                books.patients[i].crises += 1
                happen(books.log, books.written, books.patients[i], day, CRISIS, one.number)
