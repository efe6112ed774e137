"""The clinic on a morning as plain copies, and its staff: who leaves, comes, and is at work."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from txsim.events import Kind
from txsim.randomness import day_key, uniform
from txsim.rules import staff_turnover
from txsim.rules.books import ALLIANCE, RUPTURE, Books

from .standing import IN_CARE, Booking, Standing, rings_at

Array = np.ndarray[Any, Any]


@dataclass
class Morning:
    """What a morning comes to."""

    told: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Person, day, kind and detail of what happens, in order."""
    booked: dict[tuple[int, int], Booking] = field(default_factory=dict)
    """Sessions held today, by row of the person and service."""


def rows_of(table: Array) -> list[SimpleNamespace]:
    names = table.dtype.names
    return [SimpleNamespace(**{name: row[name].item() for name in names}) for row in table]


class StaffByHand:
    """The clinic on one morning: copies of staff, roles, services, and of who stands where."""

    def __init__(self, books: Books, day: int) -> None:
        self.books, self.day = books, day
        self.course = rows_of(books.course)[0]
        self.staff, self.roles = rows_of(books.staff), rows_of(books.roles)
        self.services, self.people = rows_of(books.services), rows_of(books.patients)
        self.week = [bool(one) for one in books.opening_week]
        self.is_open = self.week[day % 7]
        self.alliance = books.drivers[:, ALLIANCE].copy()
        self.rupture = books.drivers[:, RUPTURE].copy()
        self.plan, self.due_day = books.plan.copy(), books.due.copy()
        self.agenda = [
            [int(s) for s in books.agenda[i, : p.agenda_length]] for i, p in enumerate(self.people)
        ]
        self.result = Morning()
        self.there = int(books.written[1])
        """People who asked by this morning, or were there."""

    def ask(self, i: int, told: Standing) -> None:
        """Somebody new, as they stand once they have asked."""
        self.there = i + 1
        self.people[i], self.agenda[i] = told.p, told.agenda
        self.plan[i], self.due_day[i] = told.plan, told.due

    def happen(self, i: int, kind: Kind, detail: int) -> None:
        self.result.told.append((self.people[i].person, self.day, int(kind), int(detail)))

    # --- staff

    def staff_day(self) -> None:
        """Who leaves, who is hired, who is at work, and the minutes there are of each role."""
        day = self.day
        for role in self.roles:
            role.staffed_today = role.used_today = role.spare = role.asked_today = 0.0
        for w, worker in enumerate(self.staff):
            role = self.roles[worker.role]
            key = day_key(worker.key, day)
            if not worker.present and day >= worker.vacant_until:
                worker.present, worker.hired_day = True, day
            elif worker.present and self.leaves(worker, role, key):
                worker.present, worker.vacant_until = False, day + role.hiring_lag
                worker.departures += 1
                role.departures += 1.0
                self.hand_over(w)
            role.worker_days += worker.present
            role.filled_days += worker.post if worker.present else 0.0
            role.vacant_days += 0.0 if worker.present else worker.post
            well = uniform(key, staff_turnover.OFF_SICK) >= role.sick
            worker.at_work = worker.present and well and not self.on_leave(worker, role)
            if worker.at_work and self.is_open:
                role.staffed_today += self.minutes(worker, role)
        for role in self.roles:
            role.most_today = role.staffed_today * (1.0 + self.course.overtime_share)

    def leaves(self, worker: Any, role: Any, key: int) -> bool:
        """Turnover, more in the first 365 days and with every quarter of load above the mark."""
        rate = role.turnover_log_rate
        rate += role.turnover_first_year if self.day - worker.hired_day < 365 else 0.0
        beyond = max(role.load - self.course.overload_from, 0.0)
        rate += self.course.turnover_overload * beyond
        return rings_at(uniform(key, staff_turnover.LEAVES_JOB), rate) < 1.0

    def on_leave(self, worker: Any, role: Any) -> bool:
        """Whole weeks, as many of any 52 as agreed, as far apart as they can be."""
        first = int(52 * uniform(worker.key, staff_turnover.WEEKS_OF_LEAVE))
        weeks = role.leave_weeks
        return bool(((self.day // 7 + first) * weeks) % 52 < weeks)

    def minutes(self, worker: Any, role: Any) -> float:
        full = worker.post * role.minutes_per_day
        days, learning = self.day - worker.hired_day, self.course.learning_days
        if worker.hired_day < self.course.opening or days >= learning:
            return full
        share = self.course.new_worker_share
        return full * (share + (1.0 - share) * days / learning)

    def hand_over(self, leaver: int) -> None:
        for i, p in enumerate(self.people):
            if p.key_worker == leaver and p.status in IN_CARE:
                self.alliance[i] *= self.course.alliance_left_at_handover
                self.rupture[i] = 1.0
                p.alliances_broken += 1
                self.staff[leaver].caseload -= 1
                p.key_worker = self.new_key_worker()
                self.happen(i, Kind.WORKER_LEFT, leaver)

    def new_key_worker(self) -> int:
        ranks = []
        for w, worker in enumerate(self.staff):
            role = self.roles[worker.role]
            if worker.present and worker.post > 0.0 and role.key_worker:
                most = role.caseload * worker.post if role.caseload > 0.0 else np.inf
                full = worker.caseload + 1 > most
                if not full or self.course.caseload_exceeded:
                    ranks.append((full, worker.caseload / worker.post, w))
        if not ranks:
            return -1
        chosen = min(ranks)[2]
        self.staff[chosen].caseload += 1
        return chosen
