"""The clinic's part of a day by hand: staff, offers of places, who gets which session, the evening.

Worked out from copies of the books as they stand before the morning, from `docs/model.md`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from txsim.events import Kind, Status
from txsim.randomness import day_key, uniform
from txsim.rules import waiting
from txsim.rules.books import (
    GROUP,
    IN_PLAN,
    INDIVIDUAL,
    PLACED,
    PRACTICE,
    SUPPORT,
)

from .staff import StaffByHand
from .standing import IN_CARE, IN_LINE, Booking

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


class ClinicByHand(StaffByHand):
    """The clinic's morning: who is offered a place, a session, a bed."""

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
            served = whole_classes(mine, room * (1.0 + course.overbooking_share), stretch)
            for one in served:
                self.result.booked[one.i, one.s] = Booking(stretch, minutes=one.size * stretch)
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
                minutes = self.minutes_of(s, self.roles[role])
                self.result.booked[one.i, one.s] = Booking(1.0, role, minutes)

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
