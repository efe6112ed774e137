"""The rest of a person's day: use, drift, home and work, clocks, the clinic's rules, the note."""

from __future__ import annotations

from typing import Any

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.events import NEVER, Cause, Home, Kind, Reason, Status
from txsim.randomness import joined, normal, uniform
from txsim.rules import beds, crises, discharge, drift, exits, home, jail, use, waiting, work
from txsim.rules.books import (
    ALLIANCE,
    CRAVING,
    GIVEN_UP,
    PLACED,
    READINESS,
    RECENT_USE,
)
from txsim.units import IMPOSSIBLE

from .standing import IN_LINE, rings_at, sigmoid
from .visits import Visits


class DayByHand(Visits):
    """A whole day: `live` moves everything to the evening."""

    def live(self, booked: dict[int, tuple[bool, float]]) -> None:
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

    @property
    def covered(self) -> bool:
        return bool(self.p.cover > self.course.medicated_from)

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

    # --- home and work

    def monday(self) -> None:
        p, course = self.p, self.course
        if course.homes_change and p.status != Status.JAILED:
            self.change_home()
        if course.work_changes and p.status != Status.JAILED:
            self.change_work()
        if not 0 <= self.day < max(p.asked_day, 0) + course.follow_up:
            return
        ill = self.has[course.first_diagnosis :][: course.first_barrier - course.first_symptom]
        felt = self.felt[course.first_symptom : course.first_barrier][ill > 0]
        p.mondays += 1
        p.symptoms += float(felt.mean()) if felt.size else 0.0
        if p.status != Status.JAILED:
            housed = p.home == Home.HOUSED or p.in_bed
            p.mondays_with_home += housed
            p.mondays_without_home += p.home == Home.UNHOUSED and not housed
            p.mondays_at_work += p.works

    def help_to(self, what: str) -> float:
        finds = f"finds_{what}"
        return sum(getattr(self.services[s], finds) * self.level[s] for s in self.agenda)

    def change_home(self) -> None:
        p, course, recent = self.p, self.course, self.drivers[RECENT_USE]
        week, help_ = np.log(7.0), self.help_to("home")
        found = lost = 2.0
        if p.home != Home.HOUSED:
            rate = course.home_found + course.home_found_use * recent + help_
            found = rings_at(self.luck(home.FINDS_A_HOME), rate + week)
        if p.home != Home.UNHOUSED:
            rate = course.home_lost + course.home_lost_use * recent - help_
            rate += 0.0 if p.works else course.home_lost_unemployed
            lost = rings_at(self.luck(home.LOSES_A_HOME), rate + week)
        if min(found, lost) < 1.0:
            self.move(p.home + (-1 if found <= lost else 1))

    def move(self, rung: int) -> None:
        """To another rung: burdens of 0, 3/4 and 5/4 of the mean, at most 1."""
        self.happen(Kind.MOVED, rung)
        burden = min(1.0, (0.0, 0.75, 1.25)[rung] * self.course.housing_burden)
        self.set_burden(self.course.housing_barrier, burden)

    def set_burden(self, barrier: int, burden: float) -> None:
        self.drivers[barrier] = burden
        self.has[barrier + self.course.barrier_to_feature] = int(burden > 0.0)

    def change_work(self) -> None:
        p, course, recent = self.p, self.course, self.drivers[RECENT_USE]
        help_ = self.help_to("work")
        if p.works:
            rate = course.work_lost + course.work_lost_use * recent - help_
            luck = self.luck(work.LOSES_WORK)
        else:
            rate = course.work_found + course.work_found_use * recent + help_
            rate += course.work_found_unhoused if p.home == Home.UNHOUSED else 0.0
            luck = self.luck(work.FINDS_WORK)
        if rings_at(luck, rate + np.log(7.0)) < 1.0:
            self.begin_or_end_work(not p.works)

    def begin_or_end_work(self, works: bool) -> None:
        """Work pays and binds, and what unemployment does to hazards begins or ends with it."""
        course, sign = self.course, 1.0 if works else -1.0
        self.happen(Kind.FOUND_WORK if works else Kind.LOST_WORK)
        self.has[course.unemployed] = int(not works)
        effects = self.books.feature_effects[course.unemployed]
        self.fixed[: effects.size] -= sign * effects
        for barrier, change in (
            (course.money_barrier, -course.work_pays),
            (course.schedule_barrier, course.work_binds),
        ):
            self.set_burden(barrier, float(np.clip(self.drivers[barrier] + sign * change, 0, 1)))

    def bed(self) -> None:
        for s in self.agenda:
            service = self.services[s]
            if not (service.houses and self.plan[s] & PLACED):
                continue
            put_out = self.p.used and self.luck_of(s, beds.LOSES_BED) < service.expels
            if put_out or self.p.home == Home.HOUSED:
                self.take_off_agenda(s)
            if put_out:
                self.plan[s] |= GIVEN_UP
                self.happen(Kind.LOST_BED, service.number)

    # --- the clocks

    def clocks(self) -> dict[str, tuple[Any, float]]:
        """What may happen to somebody who stands so: its luck and its log rate (7.9)."""
        p, x = self.p, self.acting
        found: dict[str, tuple[Any, float]] = {
            "die": (exits.DIES_OTHERWISE, x[Hazard.OTHER_DEATH]),
            "kill oneself": (exits.DIES_BY_SUICIDE, x[Hazard.SUICIDE]),
        }
        if p.status == Status.JAILED:
            found["be released"] = exits.LEAVES_JAIL, self.course.release_log_rate
            return found
        found["go to jail"] = exits.GOES_TO_JAIL, x[Hazard.JAIL]
        if p.substance == 0:
            found["overdose"] = exits.OVERDOSES, self.overdose_rate()
        days = self.day - p.since
        if self.in_care:
            found["drop out"] = exits.DROPS_OUT, self.dropout_rate(days)
            if p.status != Status.AFTERCARE:
                found["be transferred"] = exits.TRANSFERS, x[Hazard.TRANSFER]
                if days >= self.medication["completion_after"]:
                    found["complete"] = exits.COMPLETES, x[Hazard.COMPLETION]
        elif p.status in IN_LINE:
            found["stop waiting"] = exits.WALKS_AWAY, x[Hazard.WALK_AWAY]
        elif p.status != Status.TRANSFERRED and (
            p.left_day == NEVER or self.day - p.left_day >= self.course.readmission_gap_days
        ):
            found["come back"] = exits.RETURNS, x[Hazard.RETURN_TO_CARE]
        return found

    def overdose_rate(self) -> float:
        """By phase: the first 28 days on it and later, the first 28 days out and later."""
        p, now = self.p, self.medication
        last = self.medications[p.last_medication]
        began = p.dose_since if now["service"] >= 0 else p.since
        if began != NEVER and (self.in_care or self.covered):
            phase = now["overdose_first" if self.day - began < 28 else "overdose_later"]
        elif p.status == Status.TRANSFERRED:
            phase = last["overdose_later"]
        else:
            just_out = p.left_day != NEVER and not self.in_care and self.day - p.left_day < 28
            phase = last["overdose_out_first" if just_out else "overdose_out_later"]
        lost = self.course.low_tolerance_overdose * (1.0 - p.tolerance) if p.used else 0.0
        return float(self.acting[Hazard.OVERDOSE] + phase + lost)

    def dropout_rate(self, days: int) -> float:
        p, course, drug = self.p, self.course, self.medication
        phase = np.flatnonzero(days >= drug["phase_from"])[-1] if days >= 0 else 0
        rate = self.acting[Hazard.DROPOUT] + drug["phase_dropout"][phase] + course.clinic_effect
        rate += self.books.early[self.i] if days < course.early_days else 0.0
        rate += course.low_dose_dropout if p.low_dose else 0.0
        return float(rate + (course.preference_match if p.prefers else 0.0))

    def race(self) -> None:
        times = {
            what: rings_at(self.luck(purpose), rate)
            for what, (purpose, rate) in self.clocks().items()
            if rate > IMPOSSIBLE
        }
        first = min(times, key=lambda what: times[what])
        if times[first] < 1.0:
            self.befall(first)

    def befall(self, what: str) -> None:
        p = self.p
        if what == "overdose":
            self.happen(Kind.OVERDOSE)
            self.count("overdoses")
            if self.luck(exits.OVERDOSE_KILLS) < sigmoid(self.acting[Hazard.FATALITY]):
                self.die(Cause.OVERDOSE)
        elif what == "die":
            self.die(Cause.OTHER)
        elif what == "kill oneself":
            self.die(Cause.SUICIDE)
        elif what == "be released":
            self.happen(Kind.RELEASED)
            if p.medicated_in_jail:
                p.medicated_in_jail = False
                if self.luck(jail.ASKS_ON_RELEASE) < self.course.asks_after_jail:
                    self.ask()
        elif what == "go to jail":
            self.go_to_jail()
        elif what == "complete":
            aftercare = any(one.offered and one.phase == 3 for one in self.services)
            if aftercare:
                self.happen(Kind.AFTERCARE_BEGAN)
                self.move_to_phase()
            else:
                self.leave(Reason.COMPLETED)
        elif what == "be transferred":
            self.leave(Reason.TRANSFERRED)
            p.cover = float(self.medication["service"] >= 0)
        elif what == "drop out":
            self.leave(Reason.DROPPED_OUT)
        elif what == "stop waiting":
            self.stop_waiting()
        else:
            self.ask()

    def stop_waiting(self) -> None:
        p = self.p
        if self.luck(waiting.GOES_ELSEWHERE) < self.course.elsewhere_share:
            self.decide_medication()
            p.last_medication = p.medication
            treated = bool(self.medication["service"] >= 0)
            p.cover = float(treated)
            self.happen(Kind.WENT_ELSEWHERE, p.medication if treated else -1)
            self.count("went_elsewhere")
        else:
            self.happen(Kind.WALKED_AWAY)
            self.count("lost_waiting")
        self.drop_services()

    def go_to_jail(self) -> None:
        p, course = self.p, self.course
        on_it = bool(self.medication["service"] >= 0 and self.covered)
        keeps = on_it and self.luck(jail.KEEPS_MEDICATION_IN_JAIL) < course.kept_in_jail
        if self.in_care:
            self.leave(Reason.JAILED)
        else:
            self.happen(Kind.JAILED_OUTSIDE)
            self.drop_services()
        p.medicated_in_jail = keeps
        loses = self.luck(jail.LOSES_HOME_IN_JAIL) < course.home_lost_in_jail
        if course.homes_change and p.home != Home.UNHOUSED and loses:
            self.move(p.home + 1)
        loses = self.luck(jail.LOSES_WORK_IN_JAIL) < course.work_lost_in_jail
        if course.work_changes and p.works and loses:
            self.begin_or_end_work(False)

    def leave(self, reason: Reason) -> None:
        self.happen(Kind.LEFT, reason)
        self.drop_services()
        self.release_key_worker()
        self.p.last_medication = self.p.medication
        columns = {
            Reason.COMPLETED: "completed",
            Reason.DROPPED_OUT: "dropped_out",
            Reason.TRANSFERRED: "transferred",
            Reason.JAILED: "jailed",
        }
        if reason is not Reason.DIED:
            self.count(columns.get(reason, "discharged"))

    def die(self, cause: Cause) -> None:
        self.p.died_where = self.whereabouts()
        if self.in_care:
            self.leave(Reason.DIED)
        self.happen(Kind.DIED, cause)
        self.drop_services()
        self.count("died")

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
