"""Home, work and symptoms, looked at once a week: some change, and how things stand is counted."""

from __future__ import annotations

from typing import Any

from txsim.compiling import rule, seldom
from txsim.events import HOUSED, JAILED, UNHOUSED
from txsim.rules.acting import ALL
from txsim.rules.books import Books
from txsim.rules.home import change_home
from txsim.rules.work import change_work


@rule
def is_followed(patient: Any, day: int, course: Any) -> bool:
    """Whether a day belongs to a person's follow-up: from asking, or from day 0 if known then."""
    return day >= 0 and day - max(patient.asked_day, 0) < course.follow_up


@rule
def symptoms_felt(books: Books, i: int) -> float:
    """Symptoms above their usual level today, help included: the mean over a person's diagnoses.

    In sd units; 0 for people without any.
    """
    course = books.course[0]
    total, count = 0.0, 0
    for d in range(course.first_barrier - course.first_symptom):
        if books.has[i, course.first_diagnosis + d]:
            total += books.felt[ALL, course.first_symptom + d]
            count += 1
    return total / count if count > 0 else 0.0


@seldom
def take_stock(books: Books, i: int, key: Any, day: int) -> None:
    """A Monday: home and work may change, and how the person lives and feels is counted."""
    course = books.course[0]
    patient = books.patients[i]
    if course.homes_change:
        change_home(books, i, key, day)
    if course.work_changes:
        change_work(books, i, key, day)
    if not is_followed(patient, day, course):
        return
    patient.mondays += 1
    patient.symptoms += symptoms_felt(books, i)
    if patient.status == JAILED:
        return
    if patient.home == HOUSED or patient.in_bed:
        patient.mondays_with_home += 1
    elif patient.home == UNHOUSED:
        patient.mondays_without_home += 1
    if patient.works:
        patient.mondays_at_work += 1
