"""The clinic's part of a day by hand: staff, offers of places, who gets which session, the evening.

Worked out from copies of the books as they stand before the morning, from `docs/model.md`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from txsim.events import Kind, Status
from txsim.randomness import day_key, uniform
from txsim.rules import staff_turnover, waiting
from txsim.rules.books import (
    ALLIANCE,
    GROUP,
    IN_PLAN,
    INDIVIDUAL,
    PLACED,
    PRACTICE,
    RECENT_USE,
    RUPTURE,
    SUPPORT,
    Books,
)

from .standing import IN_CARE, IN_LINE, Standing, rings_at

Array = np.ndarray[Any, Any]
OLDEST = 31
"""Sessions overdue for longer are as urgent as those."""


@dataclass
class Due:
    """A session that is due: whose, of which service, how urgent, and what it takes of its pool."""

    i: int
    s: int
    urgency: tuple[int, int]
    size: float


@dataclass
class Booking:
    """A session that is held: its share of full length, and the role that stands in, if any."""

    length: float = 1.0
    role: int = -1


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


class ClinicByHand:
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

    # --- the line

    def offer_places(self) -> None:
        """Free places, as far as there is time for intakes, to the first in line."""
        course, day = self.course, self.day
        taken = sum(p.status in (*IN_CARE, Status.BOOKED) for p in self.people[: self.there])
        waiting_ = [i for i in range(self.there) if self.people[i].status == Status.WAITING]
        free = course.places - taken
        if not self.is_open or free <= 0 or not waiting_:
            return
        service = self.services[course.intake_service]
        if service.role >= 0 and service.minutes > 0.0:
            parts = service.part_of_offer + self.roles[service.role].most_today / service.minutes
            whole = int(np.floor(parts + 1e-9))
            free, service.part_of_offer = min(free, whole), max(parts - whole, 0.0)
        order = sorted(waiting_, key=lambda i: (-self.standing(i), i))
        for i in sorted(order[:free]):
            p = self.people[i]
            luck = uniform(day_key(p.key, p.since), waiting.STARTS_SAME_DAY)
            lag = 0 if luck < course.same_day_start else course.intake_lag_days
            while not self.week[(day + lag) % 7]:
                lag += 1
            p.offer_day, p.status = day + lag, int(Status.BOOKED)
            self.happen(i, Kind.BOOKED_INTAKE, lag)

    def standing(self, i: int) -> tuple[bool, int]:
        """Priority, then days waited: the longest first, or the shortest where last come first."""
        p, course, day = self.people[i], self.course, self.day
        recent = day - p.last_overdose_day <= 30
        released = p.stream == course.jail_stream or day - p.released_day <= 30
        priority = (
            (course.priority_pregnant and p.pregnant)
            or (course.priority_overdose and recent)
            or (course.priority_jail and released)
        )
        waited = min(day - p.since, 511)
        waited = -waited if course.last_come_first else waited
        return (1 if priority else 0) * 10_000 + waited

    def reserve_intakes(self) -> None:
        """Minutes for today's intakes go before all; what does not make a whole one is kept."""
        service = self.services[self.course.intake_service]
        service.reserved = 0
        if not self.is_open:
            return
        today = [p for p in self.people[: self.there] if self.comes_to_intake(p)]
        service.reserved = len(today)
        if service.role < 0 or service.minutes <= 0.0:
            return
        role = self.roles[service.role]
        kept, most = service.minutes_put_by, role.most_today
        held = min(len(today), int(np.floor((kept + most) / service.minutes + 1e-9)))
        taken = min(max(held * service.minutes - kept, 0.0), most)
        kept = max(kept - held * service.minutes, 0.0)
        if held < len(today):
            more = min(most - taken, max(service.minutes - kept, 0.0))
            kept, taken = kept + more, taken + more
        service.reserved, service.minutes_put_by = held, kept
        role.used_today += taken

    def comes_to_intake(self, p: Any) -> bool:
        return bool(p.status == Status.BOOKED and p.offer_day <= self.day)

    # --- sessions

    def due(self) -> list[Due]:
        """Sessions due today of everybody in care or in line, but whoever comes to intake."""
        found = []
        for i in range(self.there):
            p = self.people[i]
            if p.status not in (*IN_CARE, *IN_LINE) or self.comes_to_intake(p):
                continue
            for s in self.agenda[i]:
                service = self.services[s]
                overdue = self.day - int(self.due_day[i, s])
                if overdue < 0 or not self.plan[i, s] & IN_PLAN:
                    continue
                if service.kind in (INDIVIDUAL, GROUP):
                    urgency = (int(service.priority > 0), min(overdue, OLDEST))
                    size = 1.0 if service.kind == GROUP else service.minutes
                    found.append(Due(i, s, urgency, size))
        return found

    def share(self) -> None:
        """Practices, groups and sessions take their minutes, in this order; then who stands in."""
        if not self.is_open:
            return
        course, open_days = self.course, sum(self.week)
        due = self.due()
        turned_away: list[Due] = []
        leaderless: dict[int, int] = {}
        for s, service in enumerate(self.services):
            if not service.offered:
                continue
            if service.kind == PRACTICE and service.role >= 0:
                role = self.roles[service.role]
                a_day = service.minutes * (7.0 / service.every_days) / open_days
                role.used_today += min(a_day, max(role.most_today - role.used_today, 0.0))
            elif service.kind == GROUP:
                leaderless[s] = self.hold_groups(s, [one for one in due if one.s == s])
        for r, role in enumerate(self.roles):
            mine = [
                one
                for one in due
                if self.services[one.s].kind == INDIVIDUAL and self.services[one.s].role == r
            ]
            wanted = sum(one.size for one in mine)
            room = max(role.most_today - role.used_today, 0.0)
            role.asked_today, stretch = role.used_today, 1.0
            if course.elastic and wanted > room:
                stretch = max(course.elastic_floor, room / wanted)
            served = whole_classes(mine, room, stretch)
            for one in served:
                self.result.booked[one.i, one.s] = Booking(stretch)
            turned_away += [one for one in mine if one not in served]
            role.spare = max(room - wanted * stretch, 0.0)
            role.stretch = stretch
        self.stand_in(leaderless, turned_away)
        for s, service in enumerate(self.services):
            if service.kind == GROUP and service.offered:
                mine = [one for one in due if one.s == s]
                for one in whole_classes(mine, service.held_today * service.seats, 1.0):
                    self.result.booked[one.i, one.s] = Booking()

    def hold_groups(self, s: int, due: list[Due]) -> int:
        """Groups on the timetable that have people and a leader; how many lack a leader only."""
        service = self.services[s]
        held = 0
        if self.week[self.day % 7]:
            held = self.timetable(service.sessions_per_week)
        seats = int(service.seats)
        held = min(held, -(-len(due) // seats) if seats else held)
        wanted = held
        if service.role >= 0:
            role = self.roles[service.role]
            while held and role.used_today + held * service.minutes > role.most_today:
                held -= 1
            role.used_today += held * service.minutes
        service.groups_held += held
        service.held_today = held
        return wanted - held

    def timetable(self, a_week: float) -> int:
        """The week's groups spread evenly over open days, parts of one added up."""
        open_days = sum(self.week)
        passed = (self.day // 7 + 1000) * open_days + sum(self.week[: self.day % 7])
        until = [int(np.floor(a_week * days / open_days + 1e-9)) for days in (passed, passed + 1)]
        return until[1] - until[0]

    # --- standing in

    def stand_in(self, leaderless: dict[int, int], turned_away: list[Due]) -> None:
        """Groups without a leader first, then sessions turned away, from the most urgent."""
        for s, missing in leaderless.items():
            for role in self.substitutes(s):
                minutes = self.minutes_of(s, role)
                while missing and self.has_time(role, minutes):
                    role.spare -= minutes
                    role.used_today += minutes
                    role.asked_today += minutes
                    missing -= 1
                    self.services[s].held_today += 1
                    self.services[s].groups_held += 1.0
        by_class: defaultdict[tuple[tuple[int, int], int], list[Due]] = defaultdict(list)
        for one in turned_away:
            if self.services[one.s].stand_ins > 0:
                by_class[one.urgency, one.s].append(one)
        over: set[int] = set()
        given: defaultdict[int, list[Due]] = defaultdict(list)
        numbers: defaultdict[int, list[list[float]]] = defaultdict(list)
        for urgency, s in sorted(by_class, key=lambda key: ([-part for part in key[0]], key[1])):
            if s in over:
                continue
            asked = by_class[urgency, s]
            taken = 0
            for k, role in enumerate(self.substitutes(s)):
                minutes, fit = self.minutes_of(s, role), 0
                if self.has_time(role, minutes):
                    fit = len(asked) - taken
                    if minutes > 0.0:
                        fit = min(fit, int(np.floor((self.to_spare(role) + 1e-9) / minutes)))
                role.spare -= fit * minutes
                numbers[s].append([k, fit])
                taken += fit
            given[s] += sorted(asked, key=lambda one: one.i)[:taken]
            if taken < len(asked):
                over.add(s)
        for s, sessions in given.items():
            roles = sorted(int(k) for k, fit in numbers[s] for _ in range(int(fit)))
            for one, k in zip(sorted(sessions, key=lambda one: one.i), roles, strict=True):
                role = int(self.books.may_also[s, k])
                self.result.booked[one.i, one.s] = Booking(1.0, role)

    def substitutes(self, s: int) -> list[Any]:
        count = self.services[s].stand_ins
        return [self.roles[int(r)] for r in self.books.may_also[s, :count]]

    def minutes_of(self, s: int, role: Any) -> float:
        own = self.services[s].without_notes
        return own + role.notes if own > 0.0 else 0.0

    def to_spare(self, role: Any) -> float:
        return max(role.spare - (role.most_today - role.staffed_today), 0.0)

    def has_time(self, role: Any, minutes: float) -> bool:
        return self.to_spare(role) > 0.0 and self.to_spare(role) >= minutes

    # --- places of support

    def beds(self) -> list[tuple[int, int]]:
        """Who gets which free place: whoever has waited longest, nobody two beds."""
        given = []
        plan = self.plan
        for s, service in enumerate(self.services):
            limited = service.offered and service.kind == SUPPORT and service.places > 0
            while limited and service.placed_now < service.places:
                line = [
                    i
                    for i in range(self.there)
                    if plan[i, s] & (IN_PLAN | PLACED) == IN_PLAN
                    and not (service.houses and (self.people[i].home == 0 or self.people[i].in_bed))
                ]
                if not line:
                    break
                first = min(line, key=lambda i: (self.due_day[i, s], i))
                plan[first, s] |= PLACED
                service.placed_now += 1
                given.append((first, s))
                if service.houses:
                    self.people[first].in_bed = True
                    self.happen(first, Kind.GOT_BED, service.number)
        return given


def whole_classes(due: list[Due], room: float, stretch: float) -> list[Due]:
    """Whole classes from the most urgent; in the one that no longer fits, the first who do."""
    served: list[Due] = []
    for urgency in sorted({one.urgency for one in due}, reverse=True):
        group = [one for one in due if one.urgency == urgency]
        wanted = sum(one.size for one in group) * stretch
        if wanted <= room + 1e-9:
            served += group
            room -= wanted
            continue
        for one in sorted(group, key=lambda one: one.i):
            if room >= one.size * stretch - 1e-9:
                served.append(one)
                room -= one.size * stretch
        break
    return served


# --- the evening


def company_by_hand(books: Books, i: int) -> float:
    """How far those one knows use more than is neutral, by the strength of ties; weak ones less."""
    known = books.strength[i] > 0.0
    others, strength = books.ties[i][known], books.strength[i][known]
    there = ~np.isin(books.patients["status"][others], (Status.DIED, Status.JAILED))
    more = books.drivers[others, RECENT_USE] - books.course[0]["company_neutral"]
    total = float((strength * more)[there].sum())
    return total / max(1.0, float(strength[there].sum()))


def tables_by_hand(books: Books, s: int) -> list[list[int]]:
    """Who sits with whom: group after group in the order of coming, or those who use apart."""
    came = [int(one) for one in books.table[s, : int(books.services[s]["came_today"])]]
    seats = max(int(books.services[s]["seats"]), 1)
    rooms = [came]
    if books.services[s]["apart"]:
        uses = {i: books.drivers[i, RECENT_USE] > books.course[0]["still_using"] for i in came}
        rooms = [[i for i in came if not uses[i]], [i for i in came if uses[i]]]
    return [room[at : at + seats] for room in rooms for at in range(0, len(room), seats)]


class TiesByHand:
    """Ties and cohesion as they are after the day's groups, worked out with a table of names."""

    def __init__(self, books: Books) -> None:
        self.most = books.ties.shape[1]
        self.part = float(books.course[0]["tie_per_session"])
        self.ties: list[list[list[float]]] = [
            [[int(other), float(tie)] for other, tie in zip(*row, strict=True)]
            for row in zip(books.ties, books.strength, strict=True)
        ]
        self.cohesion = books.cohesion.copy()

    def strength(self, i: int, other: int) -> float:
        return next((tie for one, tie in self.ties[i] if one == other), 0.0)

    def sit(self, s: int, group: list[int]) -> None:
        if self.cohesion.shape[1]:
            for i in group:
                total = sum(self.strength(i, other) for other in group if other != i)
                self.cohesion[i, s] = total / max(len(group) - 1, 1)
        for place, a in enumerate(group):
            for b in group[place + 1 :]:
                self.meet(a, b)
                self.meet(b, a)

    def meet(self, i: int, other: int) -> None:
        for tie in self.ties[i]:
            if tie[0] == other:
                tie[1] += (1.0 - tie[1]) * self.part
                return
        weakest = min(self.ties[i], key=lambda tie: tie[1])
        if weakest[1] < self.part:
            weakest[:] = [other, self.part]
