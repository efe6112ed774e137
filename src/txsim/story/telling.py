"""A life as lines: a line for each day on which something happened, and one for quiet weeks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from txsim.formatting import capital, counted
from txsim.state import calendar
from txsim.state.events import BOOKED, DIED, JAILED, TRANSFERRED, WAITING, in_care
from txsim.story.sentences import WEEKDAYS, Past, phrases_of
from txsim.story.trajectory import Life

SHORTEST_QUIET = 4
"""Days without news that are worth a line of their own."""

WAITS, CARED_FOR, IN_JAIL, ELSEWHERE, OUT, DEAD = (
    "Waiting", "In care", "In jail", "In another clinic", "Out of care", "Died",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What is told of one day, or of a quiet stretch of days."""

    first: int
    last: int
    text: str

    @property
    def when(self) -> str:
        """The day with its weekday, or the days."""
        if self.first == self.last:
            return f"Day {self.first}, {WEEKDAYS[self.first % 7]}."
        return f"Days {self.first}-{self.last}."


@dataclass(frozen=True)
class Spell:
    """A stretch of a life in one place: waiting, in care, out of it."""

    title: str
    first: int
    last: int
    lines: tuple[Line, ...]


def place_of(status: int) -> str:
    """Where somebody of this status is, as spells are told."""
    if status in (WAITING, BOOKED):
        return WAITS
    if in_care(status):
        return CARED_FOR
    return {JAILED: IN_JAIL, TRANSFERRED: ELSEWHERE, DIED: DEAD}.get(status, OUT)


def places(life: Life) -> list[str]:
    """Where the person was on each day told; a day of leaving belongs to what is left."""
    found: list[str] = []
    at_first = place_of(life.standing.status) if life.standing else WAITS
    for day in range(life.start, life.end):
        place = place_of(life.status(day))
        before = found[-1] if found else at_first
        arriving = place in (WAITS, CARED_FOR)
        found.append(place if arriving or not life.on(day) else before)
    return found


def spells(life: Life, first: int, after: int) -> list[Spell]:
    """The life from `first` to before `after`, spell by spell."""
    first, after = max(first, life.start), min(after, life.end)
    where = places(life)[first - life.start : after - life.start]
    told = []
    for title, days in groupby(range(first, after), key=lambda day: where[day - first]):
        if title == DEAD:
            break
        stretch = list(days)
        lines = tuple(_lines(life, title, stretch[0], stretch[-1] + 1))
        told.append(Spell(title, stretch[0], stretch[-1], lines))
    return told


def _lines(life: Life, place: str, first: int, after: int) -> Iterator[Line]:
    quiet_since = first
    for day in sorted({one.day for one in life.happenings if first <= one.day < after}):
        yield from _quiet(life, place, quiet_since, day)
        yield Line(day, day, f"{capital('; '.join(news(life, day)))}.")
        quiet_since = day + 1
    yield from _quiet(life, place, quiet_since, after)


def news(life: Life, day: int) -> list[str]:
    """What happened on a day, in phrases."""
    past = Past(life.design.catalogue, day, life.record["substance"] == 1)
    if life.standing is not None:
        since = life.standing.since
        admitted = since if in_care(life.standing.status) else None
        past = replace(past, asked=since, admitted=admitted)
    for one in life.happenings:
        if one.day < day:
            past = past.after(one)
    return phrases_of(life.on(day), past)


def _quiet(life: Life, place: str, first: int, after: int) -> Iterator[Line]:
    if after - first >= SHORTEST_QUIET:
        yield Line(first, after - 1, f"{place}; {'; '.join(how(life, place, first, after))}.")


def how(life: Life, place: str, first: int, after: int) -> list[str]:
    """How days without news went: use, and visits where there were any."""
    if place == IN_JAIL:
        return ["no news"]
    days, used = after - first, life.days(calendar.used, first, after)
    drinks = life.record["substance"] == 1
    verb, not_at_all = ("drank", "did not drink") if drinks else ("used", "did not use")
    if used == 0:
        told = [not_at_all]
    elif days == 1:
        told = [verb]
    else:
        told = [f"{verb} on {used} of {days} days"]
    if drinks and used:
        told[0] += f", heavily on {life.days(calendar.drank_heavily, first, after)}"
    due, kept = life.visits[first:after].sum(axis=0)
    if due:
        told.append(f"kept {kept} of {counted(int(due), 'visit')}")
    return told
