"""The rest of a person's day: use, drift, home and work, clocks, the clinic's rules, the note."""

from __future__ import annotations

from typing import Any

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.events import NEVER, Kind, Reason, Status
from txsim.randomness import joined, normal, uniform
from txsim.rules import crises, discharge, drift, use
from txsim.rules.books import (
    ALLIANCE,
    CRAVING,
    READINESS,
    RECENT_USE,
)
from txsim.units import IMPOSSIBLE

from .life import Living
from .standing import IN_LINE, Booking, rings_at, sigmoid


class DayByHand(Living):
    """A whole day: `live` moves everything to the evening."""

    def live(self, booked: dict[int, Booking]) -> None:
        """The order of a day, as `rules.DAY` tells it."""
        p = self.p
        self.weigh(self.feel_services())
        came = False
        if p.status == Status.BOOKED and self.day >= p.offer_day and self.is_open:
            self.intake()
        elif self.in_care or p.status in IN_LINE:
            came = self.sessions(booked)
        self.take_dose()
        self.use()
        self.tolerance()
        self.drift()
        self.crises()
        if self.day % 7 == 0:
            self.monday()
        if p.in_bed:
            self.bed()
        if self.in_care:
            self.urine()
        self.race()
        if self.in_care:
            self.end_of_phase()
            self.rules()
            self.review()
        self.note(came)

    # --- use

    def use(self) -> None:
        p, dose = self.p, self.books.medication_effects[self.p.medication]
        if p.status == Status.JAILED:
            p.used = p.heavy = False
            return
        out = Hazard.REGULAR_USE_ENDS if p.regular_use else Hazard.REGULAR_USE_BEGINS
        rate = self.acting[out] + p.cover * dose[out]
        if rings_at(self.luck(use.REGIME_CHANGES), rate) < 1.0:
            p.regular_use = not p.regular_use
            kind = Kind.REGULAR_USE_BEGAN if p.regular_use else Kind.REGULAR_USE_ENDED
            self.happen(kind)
        rare = 0.0 if p.regular_use else self.course.occasional_use
        odds = self.acting[Hazard.USE] + p.cover * dose[Hazard.USE] + rare
        p.used = p.heavy = self.luck(use.USES_TODAY) < sigmoid(odds)
        if p.used:
            p.last_use = self.day
            if p.substance == 1:
                heavy = self.course.heavy_log_odds + self.course.occasional_heavy * rare
                p.heavy = self.luck(use.DRINKS_HEAVILY) < sigmoid(heavy)

    def tolerance(self) -> None:
        p, course = self.p, self.course
        if p.used or (self.covered and self.medication["agonist"]):
            p.tolerance += (1.0 - p.tolerance) * course.tolerance_gain
        else:
            p.tolerance *= course.tolerance_kept

    # --- what moves every day

    def drift(self) -> None:
        books, course, p = self.books, self.course, self.p
        own, start = self.drivers, books.own_start[self.i]
        kept, first = books.driver_kept, course.first_symptom
        shock = self.luck(drift.CRAVING_SHOCK)
        readiness, before = own[READINESS] - start[READINESS], own.copy()
        for j in range(course.mediators):
            own[j] = start[j] + books.drifting[j] * (before[j] - start[j])
        if p.status in IN_LINE:
            own[READINESS] = start[READINESS] + course.readiness_kept_waiting * readiness
        for d in range(course.first_barrier - first):
            ill = self.has[course.first_diagnosis + d]
            own[first + d] = own[first + d] * kept[first + d] + (
                books.use_raises[first + d] if p.used and ill else 0.0
            )
        level = books.driver_start[CRAVING] + course.craving_severity * p.severity
        own[CRAVING] = level + kept[CRAVING] * (before[CRAVING] - level)
        own[CRAVING] += course.craving_shock_sd * normal(shock)
        own[RECENT_USE] = before[RECENT_USE] * kept[RECENT_USE] + (1 - kept[RECENT_USE]) * p.used

    def crises(self) -> None:
        if self.p.status == Status.JAILED:
            return
        for one in self.books.crises:
            if self.has[one["feature"]]:
                rate = one["log_rate"] + self.course.crisis_symptoms * self.felt[one["driver"]]
                luck = uniform(joined(self.key, one["key"]), crises.HAS_A_CRISIS)
                if rings_at(luck, rate) < 1.0:
                    self.drivers[CRAVING] += self.course.crisis_craving
                    self.drivers[ALLIANCE] -= self.course.crisis_alliance
                    self.p.crises += 1
                    self.happen(Kind.CRISIS, int(one["number"]))

    # --- the clinic's evening

    def urine(self) -> None:
        p, days = self.p, self.day - self.p.since
        if p.substance != 0 or p.status == Status.AFTERCARE or days <= 0 or days % 7:
            return
        positive = self.day - p.last_use < self.course.urine_window_days
        if self.day >= 0:
            p.urines += 1
            p.urines_positive += positive
        p.positive_urines_in_a_row = p.positive_urines_in_a_row + 1 if positive else 0
        p.negative_urines_in_a_row = 0 if positive else p.negative_urines_in_a_row + 1
        limit = self.course.lose_take_home_after_positive_urines
        if limit > 0:
            held = p.take_home_lost and p.negative_urines_in_a_row < 4
            p.take_home_lost = p.positive_urines_in_a_row >= limit or held

    def end_of_phase(self) -> None:
        p, drug = self.p, self.medication
        if p.status == Status.INDUCTION:
            began = p.dose_since if drug["service"] >= 0 else p.since
            if began != NEVER and self.day - began >= drug["induction_days"]:
                self.happen(Kind.STABILISED)
            return
        days = self.day - p.aftercare_day
        if p.status == Status.AFTERCARE and days >= self.course.aftercare_days:
            self.leave(Reason.COMPLETED)

    def rules(self) -> None:
        p, course = self.p, self.course
        if not self.in_care or p.status == Status.AFTERCARE:
            return
        without = max(p.missed_doses, self.day - p.last_contact)
        money = self.felt[course.money_barrier] if course.money_barrier >= 0 else 0.0
        fee = course.fee_log_rate + np.log(max(money, 1e-12))
        limits = (
            (Reason.MISSED_DAYS, 0 < course.discharge_after_missed_days <= without),
            (
                Reason.POSITIVE_URINES,
                0 < course.positive_urines_in_a_row <= p.positive_urines_in_a_row,
            ),
            (Reason.MISSED_SESSIONS, 0 < course.missed_sessions_in_a_row <= p.missed_in_a_row),
            (Reason.BEHAVIOUR, self.put_out(discharge.IS_PUT_OUT, course.behaviour_log_rate)),
            (Reason.UNPAID_FEES, self.put_out(discharge.CANNOT_PAY, fee)),
        )
        reason = next((reason for reason, applies in limits if applies), None)
        if reason is not None:
            self.leave(reason)

    def put_out(self, purpose: Any, rate: float) -> bool:
        return rate > IMPOSSIBLE and rings_at(self.luck(purpose), rate) < 1.0

    def note(self, came: bool) -> None:
        """One byte, and a row of the day: who is alive, where, and what they did."""
        p, day = self.p, self.day
        self.byte = 0
        if day < 0:
            return
        died = p.status == Status.DIED
        elsewhere = p.status == Status.TRANSFERRED or p.medicated_in_jail
        medicated = self.covered and not elsewhere and not died
        self.byte = p.status
        if not died:
            self.byte += 16 * p.used + 32 * p.heavy + 64 * medicated + 128 * came
        for column, is_so in (
            ("alive", not died),
            ("used", p.used and not died),
            ("medicated", medicated),
            ("in_care", self.in_care),
            ("aftercare", p.status == Status.AFTERCARE),
            ("waiting", p.status in IN_LINE),
        ):
            self.row[column] += float(is_so)
        p.days_in_care += self.in_care
        if p.first_admitted_day != NEVER:
            gap = day - p.last_contact
            for longest in (5, 14, 30):
                if (
                    gap > longest
                    and getattr(p, f"gap{longest}_day") == NEVER
                    and p.gap30_day
                    in (
                        NEVER,
                        day,
                    )
                ):
                    setattr(p, f"gap{longest}_day", day)
