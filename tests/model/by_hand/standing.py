"""Where a person stands on a morning, as plain copies, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from txsim.events import NEVER, Kind, Reason, Status
from txsim.randomness import day_key, joined, uniform
from txsim.rules.books import (
    GIVEN_UP,
    IN_PLAN,
    MISSED_VISITS,
    PLACED,
    RECENT_USE,
    SUPPORT,
    WITHOUT_EFFECT,
    Books,
)
from txsim.rules.reviews import IS_REACHED, NEED_IS_FOUND, TAKES_SERVICE_UP

Array = np.ndarray[Any, Any]

IN_CARE = (Status.INDUCTION, Status.IN_TREATMENT, Status.AFTERCARE)
IN_LINE = (Status.WAITING, Status.BOOKED)
AFTER_LEAVING = {
    Reason.COMPLETED: Status.COMPLETED,
    Reason.DROPPED_OUT: Status.DROPPED_OUT,
    Reason.TRANSFERRED: Status.TRANSFERRED,
    Reason.JAILED: Status.JAILED,
    Reason.DIED: Status.DIED,
}
AFTER = {
    Kind.ASKED: Status.WAITING,
    Kind.MISSED_INTAKE: Status.LOST,
    Kind.WALKED_AWAY: Status.LOST,
    Kind.WENT_ELSEWHERE: Status.TRANSFERRED,
    Kind.ADMITTED: Status.INDUCTION,
    Kind.INDUCED_ANEW: Status.INDUCTION,
    Kind.SWITCHED: Status.INDUCTION,
    Kind.STABILISED: Status.IN_TREATMENT,
    Kind.AFTERCARE_BEGAN: Status.AFTERCARE,
    Kind.RELEASED: Status.OUTSIDE,
    Kind.DIED: Status.DIED,
    Kind.JAILED_OUTSIDE: Status.JAILED,
}
TALLIES = ("due", "booked", "kept_sessions", "missed", "waited", "taken_up", "uses", "place_days")


def sigmoid(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-log_odds)))


def rings_at(luck: float, log_rate: float) -> float:
    """When within the day a clock of this log rate rings, as a share of it; beyond 1, not today.

    The chance of ringing within the day is the rate's: 1 - exp(-rate), by its inverse.
    """
    return float(-np.log1p(-luck) / np.exp(log_rate))


@dataclass
class Booking:
    """A session that is held: its share of full length, and the role that stands in, if any."""

    length: float = 1.0
    role: int = -1
    minutes: float = 0.0
    """What it takes of the role that gives it."""


class Standing:
    """A person on one morning: copies of all that is theirs, which the day then moves."""

    def __init__(self, books: Books, i: int, day: int) -> None:
        self.books, self.i, self.day = books, i, day
        self.course = SimpleNamespace(
            **{name: books.course[name][0].item() for name in books.course.dtype.names}
        )
        self.p = SimpleNamespace(
            **{name: books.patients[name][i].item() for name in books.patients.dtype.names}
        )
        self.drivers = books.drivers[i].copy()
        self.level, self.plan = books.level[i].copy(), books.plan[i].astype(int)
        self.due, self.has = books.due[i].astype(int), books.has[i].astype(int)
        self.received, self.this_stay = books.received[i].copy(), books.this_stay[i].copy()
        self.fixed = books.fixed[i].copy()
        self.agenda = [int(s) for s in books.agenda[i, : self.p.agenda_length]]
        self.services = [
            SimpleNamespace(**{name: row[name].item() for name in books.services.dtype.names})
            for row in books.services
        ]
        self.medications = books.medications
        self.caseload = books.staff["caseload"].copy()
        self.spare = books.roles["spare"].copy()
        self.used_today = books.roles["used_today"].copy()
        self.asked_today = books.roles["asked_today"].copy()
        self.tally = {name: np.zeros(len(self.services)) for name in TALLIES}
        self.doses = np.zeros(len(books.medications))
        self.key = day_key(self.p.key, day)
        self.is_open = bool(books.opening_week[day % 7])
        self.told: list[tuple[int, int, int]] = []
        self.row = dict.fromkeys(books.days.dtype.names, 0.0)

    def luck(self, purpose: Any, key: Any = None) -> float:
        return uniform(self.key if key is None else key, purpose)

    def luck_of(self, s: int, purpose: Any, key: Any = None) -> float:
        """The day's luck with one service."""
        return uniform(joined(self.key if key is None else key, self.services[s].key), purpose)

    @property
    def medication(self) -> Any:
        return self.medications[self.p.medication]

    @property
    def in_care(self) -> bool:
        return self.p.status in IN_CARE

    def count(self, column: str) -> None:
        if self.day >= 0:
            self.row[column] += 1.0

    # --- what happens

    def happen(self, kind: Kind, detail: int = 0) -> None:
        """Tell of something, and stand where it leads to."""
        p, day = self.p, self.day
        self.told.append((day, int(kind), int(detail)))
        if kind in (Kind.ASKED, Kind.ADMITTED):
            if kind is Kind.ASKED and p.asked_day == NEVER:
                p.asked_day = day
            if kind is Kind.ADMITTED and p.first_admitted_day == NEVER:
                p.first_admitted_day, p.wait_days = day, day - p.since
            elif kind is Kind.ADMITTED:
                p.readmissions += 1
            p.since = day
        if kind in (Kind.MISSED_INTAKE, Kind.WALKED_AWAY) and p.lost_waiting_day == NEVER:
            p.lost_waiting_day = day
        if kind is Kind.WENT_ELSEWHERE and p.elsewhere_day == NEVER:
            p.elsewhere_day = day
        if kind is Kind.FIRST_DOSE and p.first_dose_day == NEVER:
            p.first_dose_day = day
        p.reinductions += kind is Kind.INDUCED_ANEW
        if kind is Kind.AFTERCARE_BEGAN:
            p.aftercare_day = day
        if kind is Kind.LEFT:
            p.status, p.left_day = AFTER_LEAVING.get(Reason(detail), Status.DISCHARGED), day
            if p.exit_day == NEVER:
                p.exit_day, p.exit_reason = day, int(detail)
        if kind is Kind.RELEASED:
            p.released_day = day
        if kind is Kind.MOVED:
            p.home = detail
        if kind in (Kind.FOUND_WORK, Kind.LOST_WORK):
            p.works = kind is Kind.FOUND_WORK
        if kind is Kind.OVERDOSE:
            p.overdoses, p.last_overdose_day = p.overdoses + 1, day
            place = ("", "waiting", "in_care", "first_4_weeks", "later")[self.whereabouts()]
            setattr(p, f"overdoses_{place}", getattr(p, f"overdoses_{place}") + 1)
        if kind is Kind.DIED:
            p.died_day, p.death_cause = day, int(detail)
        p.status = int(AFTER.get(kind, p.status))

    def whereabouts(self) -> int:
        """1 waiting, 2 in care, 3 out for fewer than 28 days, 4 out for longer or never in."""
        if self.p.status in IN_LINE:
            return 1
        if self.in_care:
            return 2
        return 3 if self.p.left_day != NEVER and self.day - self.p.left_day < 28 else 4

    # --- the plan

    def in_plan(self, s: int) -> bool:
        return bool(self.plan[s] & IN_PLAN)

    def put_on_agenda(self, s: int) -> None:
        self.plan[s] |= IN_PLAN
        every = self.services[s].starts_every
        self.due[s] = self.day if every <= 0 else int(np.ceil(self.day / every)) * every
        if s not in self.agenda:
            self.agenda.append(s)

    def take_off_agenda(self, s: int) -> None:
        if self.plan[s] & PLACED and self.services[s].kind == SUPPORT:
            self.services[s].placed_now -= 1
            if self.services[s].houses:
                self.p.in_bed = False
        self.plan[s] &= ~(IN_PLAN | PLACED)

    def tidy_agenda(self) -> None:
        for s in self.agenda:
            if not self.in_plan(s) and self.level[s] <= 0.001:
                self.level[s] = 0.0
        self.agenda = [s for s in self.agenda if self.in_plan(s) or self.level[s] > 0.001]

    def drop_services(self) -> None:
        """Leaving ends all services and the medication; what was given up may be offered again."""
        for s in self.agenda:
            self.take_off_agenda(s)
        self.plan &= WITHOUT_EFFECT
        self.this_stay[:] = 0
        self.p.dose_since = self.p.supplied_until = NEVER
        self.p.missed_doses = 0
        self.tidy_agenda()

    def is_phase(self, s: int) -> bool:
        """Whether a service is for people of this status: waiting, start, care or aftercare."""
        phases = {Status.WAITING: (0, 1), Status.AFTERCARE: (3,)}.get(self.p.status, (1, 2))
        return self.services[s].phase in phases

    def has_any(self, features: Array) -> bool:
        """Whether a person has one of the features, or none is named."""
        return not features.any() or bool((features & self.has).any())

    def consider(self, s: int) -> None:
        """Offer a service, where it is to be offered now, and see whether it is taken up."""
        p, service = self.p, self.services[s]
        allowed = not service.substances or service.substances >> p.substance & 1
        given = not service.for_medications or service.for_medications >> p.medication & 1
        if not self.is_phase(s) or service.carries_dose or not (allowed and given):
            return
        if self.plan[s] & (IN_PLAN | GIVEN_UP):
            return
        days = self.day - p.since
        over = service.until_day > 0 and days >= service.until_day
        if p.status != Status.WAITING and (days < service.from_day or over):
            return
        if service.ramp_days > 0:
            reached = (self.day - service.ramp_from + 1) / service.ramp_days
            if self.luck_of(s, IS_REACHED, p.key) >= reached:
                return
        if service.kind != 3:
            if not self.is_meant(s):
                return
            links = sum(self.books.links[other, s] * self.level[other] for other in self.agenda)
            if self.luck_of(s, TAKES_SERVICE_UP) >= sigmoid(service.uptake + links):
                return
            self.happen(Kind.TOOK_UP_SERVICE, service.number)
        self.tally["taken_up"][s] += 1.0
        self.put_on_agenda(s)
        if service.only_for_some and not self.has_any(self.books.acts_for[s]):
            self.plan[s] |= WITHOUT_EFFECT

    def is_meant(self, s: int) -> bool:
        """Generic offers all to all; matched and stepped what is for all who need it, and more.

        Matched gives the rest to those in whom assessment finds the need, stepped only after a
        step up.
        """
        course, needs = self.course, self.has_any(self.books.wants[s])
        if course.policy == 0:
            return True
        if self.services[s].everyone and (needs or not self.services[s].named_need):
            return True
        if course.policy == 2 and self.p.step_of_care <= 0:
            return False
        found = course.assessment_sensitivity if needs else 1.0 - course.assessment_specificity
        return self.luck_of(s, NEED_IS_FOUND, self.p.key) < found

    def consider_all(self) -> None:
        for s, service in enumerate(self.services):
            if service.offered:
                self.consider(s)

    def move_to_phase(self) -> None:
        for s in self.agenda:
            if not self.is_phase(s) and not self.services[s].carries_dose:
                self.take_off_agenda(s)
        self.consider_all()

    def review(self) -> None:
        """End what is over, move stepped care, change the medication, offer what is not in plan."""
        p, course, day = self.p, self.course, self.day
        if not self.in_care or day < p.review_day:
            return
        p.review_day = day + course.review_every_days
        if p.key_worker < 0:
            p.key_worker = self.new_key_worker()
        for s in self.agenda:
            until = self.services[s].until_day
            if until > 0 and day - p.since >= until and not self.services[s].carries_dose:
                self.take_off_agenda(s)
        if course.policy == 2:
            use, missed = self.drivers[RECENT_USE], self.drivers[MISSED_VISITS]
            if (use > 0.5 or missed > 0.5) and p.step_of_care < 1:
                p.step_of_care += 1
                self.happen(Kind.STEPPED_UP, p.step_of_care)
            elif use < 0.1 and missed < 0.25 and p.step_of_care > -1:
                p.step_of_care -= 1
                self.happen(Kind.STEPPED_DOWN, p.step_of_care)
        self.consider_switch()
        self.consider_all()
        self.tidy_agenda()

    def consider_switch(self) -> None:
        raise NotImplementedError

    # --- key workers

    def new_key_worker(self) -> int:
        """Of those present with room (or all, where limits may be exceeded) the least loaded."""
        found: tuple[tuple[bool, float], int] | None = None
        for w, worker in enumerate(self.books.staff):
            role = self.books.roles[worker["role"]]
            if not (worker["present"] and worker["post"] > 0.0 and role["key_worker"]):
                continue
            most = role["caseload"] * worker["post"] if role["caseload"] > 0.0 else np.inf
            full = bool(self.caseload[w] + 1 > most)
            if full and not self.course.caseload_exceeded:
                continue
            rank = (full, float(self.caseload[w] / worker["post"]))
            if found is None or rank < found[0]:
                found = rank, w
        if found is None:
            return -1
        self.caseload[found[1]] += 1
        return found[1]

    def release_key_worker(self) -> None:
        if self.p.key_worker >= 0:
            self.caseload[self.p.key_worker] -= 1
            self.p.key_worker = -1
