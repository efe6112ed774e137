"""What changes a life: home and work, beds, and the clocks of which the first to ring happens."""

from __future__ import annotations

from typing import Any

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.events import NEVER, Cause, Home, Kind, Reason, Status
from txsim.rules import beds, exits, home, jail, waiting, work
from txsim.rules.books import GIVEN_UP, PLACED, RECENT_USE
from txsim.units import IMPOSSIBLE

from .standing import IN_LINE, rings_at, sigmoid
from .visits import Visits


class Living(Visits):
    """A person's home, work and exits."""

    @property
    def covered(self) -> bool:
        return bool(self.p.cover > self.course.medicated_from)

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
