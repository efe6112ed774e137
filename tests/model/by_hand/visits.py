"""The part of a person's day that is spent with the clinic: help, sessions, doses."""

from __future__ import annotations

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.events import NEVER, Kind
from txsim.rules import waiting
from txsim.rules.books import (
    ALLIANCE,
    GIVEN_UP,
    GROUP,
    INDIVIDUAL,
    MISSED_VISITS,
    ON_BARRIER,
    ON_DRIVER,
    PLACED,
    PRACTICE,
    READINESS,
    SUPPORT,
    VISIT_BURDEN,
    WITHOUT_EFFECT,
)
from txsim.rules.sessions import COMES_TODAY, GIVES_SERVICE_UP

from .medication import Medicated
from .standing import IN_LINE, Booking, sigmoid

VISITS = (INDIVIDUAL, GROUP)


class Visits(Medicated):
    """A person's mornings: what services do, who comes, what the visit leaves."""

    # --- help

    def feel_services(self) -> float:
        """Fade or act, by service; the visits a week that are required."""
        listening = self.in_care or self.p.status in IN_LINE
        visits, fewer = 0.0, 0.0
        for s in self.agenda:
            service, planned = self.services[s], self.in_plan(s) and listening
            if planned and service.kind == SUPPORT:
                self.support(s)
                fewer = max(fewer, service.fewer_visits * self.level[s])
            else:
                self.level[s] *= service.kept
            if not planned:
                continue
            if service.kind == PRACTICE:
                posts = self.books.roles["posts"]
                self.level[s] = float(service.role < 0 or posts[service.role] > 0.0)
            elif service.carries_dose:
                by_telephone = self.course.telehealth_share if self.p.supply_days >= 7.0 else 0.0
                a_week = 7.0 / max(self.p.supply_days, 1.0)
                visits = max(visits, a_week * (1.0 - by_telephone))
            elif service.required:
                visits = max(visits, 7.0 / max(service.every_days, 1.0))
        return visits * (1.0 - fewer)

    def support(self, s: int) -> None:
        """A ride, aid or bed: full where there is a place, money and time, else nothing today."""
        service = self.services[s]
        if service.places <= 0 and not self.plan[s] & PLACED:
            self.plan[s] |= PLACED
            service.placed_now += 1
        if not self.plan[s] & PLACED:
            self.level[s] *= service.kept
            return
        cost = service.cost_per_use if service.rides else service.place_day_cost
        if service.rides and not (self.is_open and any(map(self.is_due, self.agenda))):
            return
        if service.budget_per_week > 0.0 and service.pot < cost:
            self.level[s] = 0.0
            return
        if service.role >= 0 and service.minutes > 0.0:
            if not self.is_open:
                return
            self.asked_today[service.role] += service.minutes
            if self.spare[service.role] < service.minutes:
                self.level[s] = 0.0
                return
            self.spare[service.role] -= service.minutes
            self.used_today[service.role] += service.minutes
        service.pot -= cost
        self.tally["uses"][s] += 1.0
        self.tally["place_days"][s] += 1.0
        self.level[s] = 1.0

    def is_due(self, s: int) -> bool:
        due = self.in_plan(s) and self.due[s] <= self.day
        return due and self.services[s].kind in VISITS

    def weigh(self, visits: float) -> None:
        """All that acts on each hazard today, on its log scale (7.7)."""
        books, first = self.books, self.course.first_barrier
        help_, paid = np.zeros(self.course.drivers), np.zeros(books.fixed.shape[1])
        for s in self.agenda:
            if self.plan[s] & WITHOUT_EFFECT:
                continue
            row = self.services[s]
            for channel in books.channels[int(row.first_channel) : int(row.after_channel)]:
                target, acts = int(channel["target"]), channel["gain"] * self.level[s]
                if channel["kind"] == ON_DRIVER:
                    help_[target] += acts
                elif channel["kind"] == ON_BARRIER:
                    help_[target] = 1.0 - (1.0 - help_[target]) * (1.0 - acts)
                else:
                    paid[target] += acts
        help_[:first] = np.clip(
            help_[:first], -books.driver_ceiling[:first], books.driver_ceiling[:first]
        )
        felt = self.drivers + help_
        felt[first:] = self.drivers[first:] * (1.0 - np.minimum(help_[first:], 1.0))
        left = felt[first:] if self.agenda else 0.0 * felt[first:]
        self.drivers[VISIT_BURDEN] = visits * float(books.per_visit[first:] @ left)
        felt[VISIT_BURDEN] = self.drivers[VISIT_BURDEN] + help_[VISIT_BURDEN]
        self.felt = felt
        self.acting = self.fixed + paid + felt @ books.effects
        if self.agenda:
            aid = float(help_[:first] @ books.effects[:first, Hazard.DROPOUT])
            self.acting[Hazard.DROPOUT] += max(self.course.psychosocial_cap - aid, 0.0)

    # --- intake

    def intake(self) -> None:
        """The appointment is held, moves to tomorrow, or is missed."""
        p, course, s = self.p, self.course, self.course.intake_service
        if self.services[s].reserved <= 0:
            p.offer_day = self.day + 1
            self.tally["waited"][s] += 1.0
            return
        days = max(self.day - p.since, 1.0)
        extra = course.intake_show_extra * np.exp(-(days - 1.0) / course.intake_show_decay_days)
        show = course.intake_show_floor + extra
        comes = sigmoid(np.log(show / (1.0 - show)) + self.acting[Hazard.ENTRY])
        self.tally["due"][s] += 1.0
        self.tally["booked"][s] += 1.0
        if self.luck(waiting.COMES_TO_INTAKE) < comes:
            self.tally["kept_sessions"][s] += 1.0
            self.admit()
        else:
            self.tally["missed"][s] += 1.0
            self.happen(Kind.MISSED_INTAKE)
            self.drop_services()
            self.count("lost_waiting")

    def admit(self) -> None:
        p, day = self.p, self.day
        self.happen(Kind.ADMITTED)
        self.count("admitted")
        p.last_contact, p.review_day = day, day + self.course.review_every_days
        p.missed_doses = p.missed_in_a_row = p.step_of_care = 0
        p.positive_urines_in_a_row = p.negative_urines_in_a_row = 0
        p.take_home_lost = False
        p.key_worker = self.new_key_worker()
        self.assign_medication()
        self.move_to_phase()

    def ask(self) -> None:
        """Onto the list, readier than ever; interim doses for those who take them."""
        p, course = self.p, self.course
        if p.asked_day == NEVER:
            p.counted = 0 <= self.day < course.accrual_end
        self.happen(Kind.ASKED)
        self.count("asking")
        self.drivers[READINESS] += course.readiness_when_asking
        self.drop_services()
        self.consider_all()
        interim = self.services[course.interim_service]
        allowed = not interim.substances or interim.substances >> p.substance & 1
        given = not interim.for_medications or interim.for_medications >> p.medication & 1
        takes = self.luck(waiting.TAKES_INTERIM_DOSING) < course.interim_dosing
        if takes and allowed and given:
            self.assign_medication()

    # --- sessions

    def sessions(self, booked: dict[int, Booking]) -> bool:
        """Sessions due: those booked are kept on a day good enough; whether any was."""
        came = False
        if not self.is_open:
            return came
        luck = self.luck(COMES_TODAY)
        for s in list(self.agenda):
            if not self.is_due(s):
                continue
            self.tally["due"][s] += 1.0
            one = booked.get(s)
            comes = luck < sigmoid(self.attendance(s))
            if self.services[s].kind == INDIVIDUAL:
                one = self.take_minutes(s, one, comes)
            if one is None:
                self.tally["waited"][s] += 1.0
                self.count("visits_waiting")
                continue
            self.tally["booked"][s] += 1.0
            self.p.visits_due += 1
            self.count("visits_booked")
            if comes:
                came = True
                self.keep(s, one.length)
            else:
                self.miss(s)
        undosed = self.medication["service"] < 0
        if came and undosed and self.p.first_dose_day == NEVER and self.in_care:
            self.happen(Kind.FIRST_DOSE, -1)
        return came

    def take_minutes(self, s: int, one: Booking | None, comes: bool) -> Booking | None:
        """Minutes of whoever gives the session, and what counts as asked of a role.

        Where more is booked than fits, minutes go to those who come while there are any; whoever
        comes later is sent home.
        """
        service, week = self.services[s], self.books.opening_week
        since = next(back for back in range(1, 8) if week[(self.day - back) % 7])
        if self.day - self.due[s] < since:
            self.asked_today[service.role] += service.minutes
        if one is None:
            return None
        if one.role >= 0:
            self.used_today[one.role] += one.minutes
            self.asked_today[one.role] += one.minutes
            self.asked_today[service.role] -= service.minutes
        elif self.course.overbooking_share == 0.0:
            self.used_today[service.role] += one.minutes
        elif comes:
            most = self.books.roles["most_today"][service.role]
            if self.used_today[service.role] + one.minutes > most + 1e-9:
                self.drivers[ALLIANCE] -= self.course.alliance_per_session_missed
                return None
            self.used_today[service.role] += one.minutes
        return one

    def cohesion(self, s: int) -> float:
        felt = self.books.cohesion
        return float(felt[self.i, s]) if felt.shape[1] and self.services[s].kind == GROUP else 0.0

    def attendance(self, s: int) -> float:
        service = self.services[s]
        second = self.course.second_site if service.second_site else 0.0
        close = self.course.cohesion_attendance * self.cohesion(s)
        return float(service.attendance + self.acting[Hazard.ATTENDANCE] + second + close)

    def keep(self, s: int, length: float) -> None:
        p, course, service, day = self.p, self.course, self.services[s], self.day
        self.tally["kept_sessions"][s] += 1.0
        self.count("visits_kept")
        p.visits_kept += 1
        p.last_contact = day
        self.received[s] += 1
        self.this_stay[s] += 1
        self.level[s] += (1.0 - self.level[s]) * service.builds * length
        self.drivers[MISSED_VISITS] *= self.books.driver_kept[MISSED_VISITS]
        if s == self.medication["service"]:
            self.give_dose()
            return
        p.missed_in_a_row = 0
        if p.key_worker >= 0:
            self.drivers[ALLIANCE] += course.alliance_per_session_kept
        rhythm = {1: 0.5, 0: 1.0, -1: 1.5}[p.step_of_care]
        self.due[s] = day + max(1, int(np.floor(service.every_days * rhythm + 0.5)))
        finished = 0 < service.sessions <= self.this_stay[s]
        quits = min(service.quits * np.exp(course.cohesion_quits * self.cohesion(s)), 1.0)
        if finished or self.luck_of(s, GIVES_SERVICE_UP) < quits:
            self.take_off_agenda(s)
            self.plan[s] |= GIVEN_UP
            if not finished:
                self.happen(Kind.GAVE_UP_SERVICE, service.number)

    def miss(self, s: int) -> None:
        kept = self.books.driver_kept[MISSED_VISITS]
        self.tally["missed"][s] += 1.0
        self.drivers[MISSED_VISITS] = self.drivers[MISSED_VISITS] * kept + 1.0 - kept
        if s == self.medication["service"]:
            self.due[s] = self.day + 1
        else:
            self.p.missed_in_a_row += 1
            self.drivers[ALLIANCE] -= self.course.alliance_per_session_missed
            wait = int(np.floor(self.services[s].every_days + 0.5))
            self.due[s] = self.day + min(max(wait, 1), 7)
