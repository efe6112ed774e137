"""The people whom outcomes are about, each aligned on the day their follow-up begins.

Those who asked for treatment within the accrual window are followed from the day they asked; those
already in care when the run began are followed from day 0 and reported separately. Everybody is
followed for the same number of days, so "after 90 days" means the same for all: the end of the 90th
day, counting the first day as one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from txsim.economics import Cost, Prices, cost_of_run
from txsim.outcomes.day_counts import how_many
from txsim.outcomes.outcome import FAR, Array
from txsim.state import calendar
from txsim.state.events import (
    AFTERCARE,
    BOOKED,
    COMPLETED,
    DIED,
    FOUR_WEEKS,
    INDUCTION,
    NEVER,
    OVERDOSE,
    WAITING,
    Where,
)

if TYPE_CHECKING:
    from txsim.run import Run
    from txsim.scenario import Scenario

PLACES = [one for one in Where if one is not Where.NOWHERE]
SOME = 4096
"""People whose days are lined up at one time."""
MEDICATION_LOOK_BACK_DAYS = 7


class Columns:
    """Fields of some people's records, each looked up once, when it is first asked for."""

    def __init__(self, records: Array, people: Array) -> None:
        self._records = records
        self._people = people
        self._found: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._found:
            self._found[name] = self._records[name][self._people]
        return self._found[name]


class Followed:
    """A run seen person by person over their own follow-up; nothing here depends on other people.

    Arrays named for what a day was like are people x days of follow-up; numbers of days count from
    the day the follow-up began and are `FAR` for what did not happen within it.
    """

    def __init__(self, run: Run, people: Array, zero: Array, *, asked: bool) -> None:
        self.run = run
        self.people = people
        self.patients = Columns(run.patients, people)
        self.zero: Array = zero.astype(np.int64)
        self.asked = asked
        """Whether these people are followed from asking; otherwise from day 0, already in care."""
        latest = int(self.zero.max()) if self.zero.size else 0
        self.days: int = max(1, min(follow_up_days(run.scenario), run.calendar.shape[0] - latest))

    @classmethod
    def who_asked(cls, run: Run) -> Self:
        """The people who asked for treatment within the accrual window, from the day they asked."""
        people = np.flatnonzero(run.patients["counted"])
        return cls(run, people, run.patients["asked_day"][people], asked=True)

    @classmethod
    def already_in_care(cls, run: Run) -> Self:
        """The people in care when the run began, from day 0."""
        people = np.flatnonzero(run.patients["present_at_start"] & ~run.patients["counted"])
        return cls(run, people, np.zeros(len(people)), asked=False)

    def __len__(self) -> int:
        return len(self.people)

    @cached_property
    def prices(self) -> Prices:
        """The prices in force in the run."""
        return Prices.of_run(self.run)

    @cached_property
    def cost(self) -> Cost:
        """What the run cost a year."""
        return cost_of_run(self.run, self.prices)

    @cached_property
    def bytes(self) -> Array:
        """The calendar's byte of each person and day of follow-up."""
        width = self.run.calendar.shape[1]
        written = self.run.calendar.reshape(-1)
        first = self.zero * width + self.people
        steps = np.arange(self.days, dtype=np.int64) * width
        found = np.empty((len(self), self.days), dtype=np.uint8)
        # Some people at a time: positions take eight times the room of what they point to. A day's
        # people lie beside each other in the calendar, so they are looked up together.
        for start in range(0, len(self), SOME):
            some = slice(start, start + SOME)
            found[some] = written.take(first[some] + steps[:, None], mode="clip").T
        return found

    @cached_property
    def status(self) -> Array:
        """Care status (see `state.events.Status`)."""
        return np.asarray(calendar.status_of(self.bytes))

    @cached_property
    def in_care(self) -> Array:
        """In induction, treatment or aftercare."""
        # One comparison does for neighbouring statuses: smaller ones wrap round to large bytes.
        return np.asarray((self.status - np.uint8(INDUCTION)) <= AFTERCARE - INDUCTION)

    @cached_property
    def waiting(self) -> Array:
        """On the waiting list or booked for intake."""
        return np.asarray((self.status - np.uint8(WAITING)) <= BOOKED - WAITING)

    @cached_property
    def completed(self) -> Array:
        """Left care because treatment was completed."""
        return np.asarray(self.status == COMPLETED)

    @cached_property
    def alive(self) -> Array:
        """Not dead by the end of the day."""
        return np.asarray(self.status != DIED)

    @cached_property
    def used(self) -> Array:
        """Used the primary substance (opioids, or any drinking)."""
        return np.asarray(calendar.used(self.bytes))

    @cached_property
    def heavy(self) -> Array:
        """Drank heavily; for opioids the same as used."""
        return np.asarray(calendar.drank_heavily(self.bytes))

    @cached_property
    def medicated(self) -> Array:
        """Covered by medication."""
        return np.asarray(calendar.medicated(self.bytes))

    @cached_property
    def visited(self) -> Array:
        """Kept at least one visit."""
        return np.asarray(calendar.kept_visit(self.bytes))

    @cached_property
    def on_medication(self) -> Array:
        """In care and covered by medication on at least one of the last seven days."""
        return any_of_last(self.medicated, MEDICATION_LOOK_BACK_DAYS) & self.in_care

    @cached_property
    def opioid(self) -> Array:
        """Whose primary substance is an opioid."""
        return np.asarray(self.patients["substance"] == 0)

    @cached_property
    def days_in_care(self) -> Array:
        """Days of follow-up in care."""
        return how_many(self.in_care)

    @cached_property
    def days_used(self) -> Array:
        """Days of follow-up with use."""
        return how_many(self.used)

    @cached_property
    def days_alive(self) -> Array:
        """Days of follow-up alive."""
        return how_many(self.alive)

    def since(self, field: str) -> Array:
        """Days from the beginning of follow-up to the day a record names; before it is negative."""
        day = self.patients[field].astype(np.int64)
        passed = day - self.zero
        return np.where((day == NEVER) | (passed >= self.days), FAR, passed)

    @cached_property
    def admitted(self) -> Array:
        """Days to the first admission; 0 or less for those in care when the run began."""
        passed = self.since("first_admitted_day")
        return passed if self.asked else np.minimum(passed, 0)

    @cached_property
    def first_dose(self) -> Array:
        """Days to the first dose, or to the first session kept where there is no dose."""
        return self.since("first_dose_day")

    @cached_property
    def lost(self) -> Array:
        """Days to being lost from the waiting list before any admission."""
        passed = self.since("lost_waiting_day")
        return np.where(passed < self.admitted, passed, FAR)

    @cached_property
    def elsewhere(self) -> Array:
        """Days to beginning treatment in another clinic, before any admission here."""
        passed = self.since("elsewhere_day")
        return np.where(passed < self.admitted, passed, FAR)

    @cached_property
    def died(self) -> Array:
        """Days to death."""
        return self.since("died_day")

    @cached_property
    def left(self) -> Array:
        """Days to the first leaving of care after the first admission."""
        return self.since("exit_day")

    @cached_property
    def overdoses(self) -> Array:
        """Overdoses within follow-up, fatal ones too: people x places (`state.events.Where`)."""
        counts = np.zeros((len(self), len(PLACES)))
        row, passed = self.happenings(OVERDOSE)
        if len(row):
            np.add.at(counts, (row, self._whereabouts(row, passed) - 1), 1.0)
        return counts

    def happenings(self, kind: int) -> tuple[Array, Array]:
        """Each happening of a kind within the follow-up: the person's row, and days passed."""
        events = self.run.events[self.run.events["kind"] == kind]
        if not len(events) or not len(self):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        numbers = self.patients["person"]
        order = np.argsort(numbers, kind="stable")
        place = np.minimum(np.searchsorted(numbers[order], events["person"]), len(self) - 1)
        row = order[place]
        passed = events["day"] - self.zero[row]
        seen = (numbers[row] == events["person"]) & (passed >= 0) & (passed < self.days)
        return row[seen], passed[seen]

    def how_often(self, kind: int) -> Array:
        """How often something happened to each person within their follow-up."""
        row, _ = self.happenings(kind)
        return np.bincount(row, minlength=len(self)).astype(float)

    def _whereabouts(self, row: Array, day: Array) -> Array:
        """Where people were when something happened on a day, as the day's status shows it.

        Whoever died that day has no other status left; the record of the death says where.
        """
        days = np.arange(self.days)
        in_care_before = self.in_care[row] & (days <= day[:, None])
        latest = np.where(in_care_before, days, -FAR).max(axis=1)
        out = np.where(day - latest <= FOUR_WEEKS, Where.FIRST_FOUR_WEEKS_OUT, Where.LATER)
        place = np.where(self.in_care[row, day], Where.IN_CARE, out)
        place = np.where(self.waiting[row, day], Where.WAITING, place)
        return np.where(self.died[row] == day, self.patients["died_where"][row], place)


def follow_up_days(scenario: Scenario) -> int:
    """Days for which each person is followed: all of the run for a closed cohort."""
    if scenario.arrivals.cohort is not None:
        return int(scenario.horizon.days)
    return int(scenario.horizon.follow_up_days)


def any_of_last(days: Array, window: int) -> Array:
    """Whether something was so on at least one of the last `window` days, today included."""
    found = days.copy()
    reach = 1
    while reach < window:
        step = min(reach, window - reach)
        found[:, step:] |= found[:, :-step].copy()
        reach += step
    return found


def running(days: Array, length: int) -> Array:
    """Whether something was so on `length` days running, ending today."""
    found = days.copy()
    reach = 1
    while reach < length:
        step = min(reach, length - reach)
        found[:, step:] &= found[:, :-step].copy()
        reach += step
    found[:, : length - 1] = False
    return found


def first_day(days: Array) -> Array:
    """First day on which something was so, `FAR` where it never was."""
    first: Array = days.argmax(axis=1).astype(np.int64)
    met = days[np.arange(len(days)), first] if days.shape[1] else np.zeros(len(days), bool)
    return np.where(met, first, FAR)


def share_by_day(first: Array, days: int) -> Array:
    """Share of people with `first` before the end of day d, for d = 0 (the start) to `days`."""
    if not len(first):
        return np.full(days + 1, np.nan)
    clipped = np.clip(first, 0, days)
    counts = np.bincount(clipped, minlength=days + 1)[:days]
    return np.concatenate(([0.0], np.cumsum(counts) / len(first)))


def share_on_day(days: Array, before: float = 0.0) -> Array:
    """Share of people for whom something is so at the end of each day; `before` on the start."""
    if not len(days):
        return np.full(days.shape[1] + 1, np.nan)
    counted: Any = days.sum(axis=0, dtype=np.int64)
    return np.concatenate(([before], counted / len(days)))
