"""Where two lives with the same random numbers diverge, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import exp

from txsim.catalogue.vocabulary import Hazard
from txsim.explain.explanation import Explanation, percent
from txsim.explain.patient_day import CannotHappen
from txsim.explain.reasons import clinic_on, explained
from txsim.formatting import counted, listed, lower
from txsim.parameters.draw import Luck
from txsim.state.calendar import used
from txsim.state.events import Kind
from txsim.story.sentences import Past, hazard_of, phrases_of
from txsim.story.telling import how, news, place_of
from txsim.story.trajectory import Happening, Life

MOST_REASONS = 3
SMALLEST_REASON = 0.005
"""On the log scale: contributions that differ by half a per cent explain nothing."""


@dataclass(frozen=True)
class Parting:
    """A day on which two lives differ."""

    day: int
    days: tuple[str, str]
    """That day in each life, in words."""
    because: str
    """Why, in a sentence; empty where neither a chance nor what the clinics do tells."""


def partings_of(one: Life, other: Life, luck: Luck) -> list[Parting]:
    """The day on which the lives diverge, and that on which they are first in different places."""
    days = [day for day in (parting_day(one, other), separation_day(one, other)) if day is not None]
    return [parting_on(day, one, other, luck) for day in dict.fromkeys(days)]


def parting_day(one: Life, other: Life) -> int | None:
    """The first day that differs in anything told or noted; None when none does."""
    return _first_day(one, other, _noted)


def separation_day(one: Life, other: Life) -> int | None:
    """The first evening in different places: waiting, in care, out of it, in jail, dead."""
    return _first_day(one, other, lambda life, day: place_of(life.status(day)))


def _first_day(one: Life, other: Life, look: Callable[[Life, int], object]) -> int | None:
    days = range(min(one.start, other.start), min(one.end, other.end))
    return next((day for day in days if look(one, day) != look(other, day)), None)


def _noted(life: Life, day: int) -> tuple[object, ...]:
    # In words, because positions of services differ between catalogues.
    return (news(life, day), int(life.calendar[day]), *life.visits[day].tolist())


def parting_on(day: int, one: Life, other: Life, luck: Luck) -> Parting:
    """A day of both lives in words, with the reason where there is one."""
    days = (day_in_words(one, day), day_in_words(other, day))
    hazard = hazard_behind(one, other, day)
    if hazard is None:
        return Parting(day, days, other_reason(one, other, day))
    answers = []
    for life in (one, other):
        after = None if life is one else one.design
        clinic = clinic_on(life.design, day, after, luck)
        try:
            answers.append(explained(clinic, life.row, hazard))
        except CannotHappen as reason:
            because = f"Under {life.name} {hazard.noun} is not possible then: {reason}."
            return Parting(day, days, because)
        finally:
            clinic.close()
    return Parting(day, days, reasons(answers[0], answers[1], one.name, other.name))


def day_in_words(life: Life, day: int) -> str:
    """A day with news in its phrases, a day without as it went."""
    told = news(life, day)
    if told:
        return "; ".join(told)
    place = place_of(life.status(day))
    return "; ".join([lower(place), *how(life, place, day, day + 1)])


def only_in(one: Life, other: Life, day: int) -> list[Happening]:
    """What happened on a day in one life only."""
    mine, theirs = (
        {
            phrases_of([happening], Past(life.design.catalogue, day, drinks=False))[0]: happening
            for happening in life.on(day)
        }
        for life in (one, other)
    )
    return [happening for words, happening in mine.items() if words not in theirs]


def hazard_behind(one: Life, other: Life, day: int) -> Hazard | None:
    """The hazard whose draw came out differently; None when a rule or the staff made the day."""
    differing = [*only_in(one, other, day), *only_in(other, one, day)]
    for happening in differing:
        found = hazard_of(happening)
        if found is not None:
            return found
    if differing:
        return None
    due, other_due = int(one.visits[day, 0]), int(other.visits[day, 0])
    if due == other_due and (one.visits[day] != other.visits[day]).any():
        return Hazard.ATTENDANCE
    if due == other_due and used(one.calendar[day]) != used(other.calendar[day]):
        return Hazard.USE
    return None


def reasons(one: Explanation, other: Explanation, name: str, other_name: str) -> str:
    """How much likelier it was under one design, and what of it differs most."""
    amounts: dict[str, float] = defaultdict(float)
    for explanation, sign in ((one, 1.0), (other, -1.0)):
        for row in explanation.rows:
            amounts[row.what] += sign * row.amount
    likelier, less = (name, other_name) if one.total >= other.total else (other_name, name)
    up = 1.0 if one.total >= other.total else -1.0
    most = sorted(amounts.items(), key=lambda item: -abs(item[1]))[:MOST_REASONS]
    told = [
        f"{what.removeprefix('mediator: ')} (× {exp(up * by):.2f})"
        for what, by in most
        if abs(by) > SMALLEST_REASON
    ]
    chances = sorted((one.chance, other.chance), reverse=True)
    doing = one.hazard.noun
    if not told:
        return f"The chance of {doing} was all but the same ({percent(chances[0])})."
    return (
        f"Under {likelier} {doing} was likelier than under {less} ({percent(chances[0])} against "
        f"{percent(chances[1])} on that day). What differs most: {listed(told)}."
    )


def other_reason(one: Life, other: Life, day: int) -> str:
    """Why a day differs in which no hazard was drawn: what is on offer, slots, staff, bookings."""
    for life, without in ((one, other), (other, one)):
        for happening in only_in(life, without, day):
            if happening.kind == Kind.TOOK_UP_SERVICE:
                name = list(life.design.catalogue.services)[happening.detail]
                service = without.design.catalogue.services.get(name)
                if service is None or not service.offered:
                    label = lower(life.design.catalogue.services[name].label)
                    return f"Only {life.name} offers {label}."
            if happening.kind == Kind.BOOKED_INTAKE:
                free = "a treatment slot and time for an intake are free"
                return f"Under {life.name} {free} on that day."
            if happening.kind == Kind.LEFT:
                return f"A rule of the clinic is met under {life.name} only."
            if happening.kind == Kind.WORKER_LEFT:
                return f"Under {life.name} somebody leaves the staff."
    if int(one.visits[day, 0]) != int(other.visits[day, 0]):
        more, less = (one, other) if one.visits[day, 0] > other.visits[day, 0] else (other, one)
        booked = int(more.visits[day, 0])
        visits = f"{counted(booked, 'visit')} {'is' if booked == 1 else 'are'}"
        return (
            f"Under {more.name} {visits} booked on that day, under {less.name} "
            f"{int(less.visits[day, 0])}."
        )
    return ""
