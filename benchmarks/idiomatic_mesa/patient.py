"""A patient: one agent, one step a day, from the morning's visits to the clocks of the night."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log
from random import Random
from typing import TYPE_CHECKING, Any

import mesa

from benchmarks.idiomatic_mesa.numbers import (
    ALLIANCE,
    ATTENDANCE,
    COMPLETION,
    CRAVING,
    DROPOUT,
    ENTRY,
    FATALITY,
    JAIL,
    MISSED_VISITS,
    OTHER_DEATH,
    OVERDOSE,
    READINESS,
    RECENT_USE,
    REGULAR_USE_BEGINS,
    REGULAR_USE_ENDS,
    RETURN_TO_CARE,
    RUPTURE,
    SUICIDE,
    TRANSFER,
    USE,
    VISIT_BURDEN,
    WALK_AWAY,
    Medication,
    Service,
)
from benchmarks.idiomatic_mesa.person import draw_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.idiomatic_mesa.clinic import Clinic
    from benchmarks.idiomatic_mesa.staff import Worker

(
    OUTSIDE, WAITING, BOOKED, INDUCTION, IN_TREATMENT, AFTERCARE, COMPLETED, DROPPED_OUT, DISCHARGED, TRANSFERRED, JAILED, DIED,
    LOST,
) = (
    "outside", "waiting", "booked", "induction", "in treatment", "aftercare", "completed", "dropped out", "discharged",
    "transferred", "jailed", "died", "lost",
)  # fmt: skip
EARLY_WEEKS = 28
WEEKS_CLEAN = 4
BETWEEN_SESSIONS = {1: 0.5, 0: 1.0, -1: 1.5}
"""What the time between sessions is multiplied by, by step of care."""


@dataclass(slots=True)
class Record:
    """What is remembered of a patient: the row at the end."""

    asked_day: int | None = None
    first_admitted_day: int | None = None
    first_dose_day: int | None = None
    wait_days: int | None = None
    exit_day: int | None = None
    exit_reason: str | None = None
    lost_waiting_day: int | None = None
    gap5_day: int | None = None
    gap14_day: int | None = None
    gap30_day: int | None = None
    readmissions: int = 0
    died_day: int | None = None
    death_cause: str | None = None
    died_where: str | None = None
    last_overdose_day: int | None = None
    overdoses: int = 0
    overdoses_waiting: int = 0
    overdoses_in_care: int = 0
    overdoses_first_4_weeks: int = 0
    overdoses_later: int = 0
    visits_due: int = 0
    visits_kept: int = 0
    urines: int = 0
    urines_positive: int = 0
    days_in_care: int = 0
    alliances_broken: int = 0
    first_medication: int | None = None


class Enrolment:
    """One service for one patient: whether it is planned, when it is due, and its dose in force."""

    __slots__ = (
        "direct", "due", "given_up", "level", "lifts", "placed", "planned", "raises", "received",
        "service",
    )  # fmt: skip

    def __init__(self, service: Service, acts: bool) -> None:
        self.service = service
        self.raises = service.raises if acts else ()
        self.lifts = service.lifts if acts else ()
        self.direct = service.direct if acts else ()
        self.placed = False
        self.planned = False
        self.given_up = False
        self.due = 0
        self.level = 0.0
        self.received = 0


def happens(random: Random, log_odds: float) -> bool:
    """Whether something of these log odds happens."""
    return random.random() < 1.0 / (1.0 + exp(-log_odds))


def in_phase(phases: tuple[tuple[int, float], ...], days_in_care: int) -> float:
    """The value of the phase that holds after so many days in care."""
    value = 0.0
    for from_day, one in phases:
        if days_in_care < from_day:
            break
        value = one
    return value


class Patient(mesa.Agent):
    """Somebody who asks for treatment."""

    model: Clinic

    def __init__(self, model: Clinic) -> None:
        super().__init__(model)
        numbers, random = model.numbers, self.random
        self.person = person = draw_person(numbers, random)
        self.record = Record()
        self.status = OUTSIDE
        self.in_care = False
        self.since = self.assessed_since = -1
        self.left_day: int | None = None
        self.offer_day = -1
        self.last_contact = -1
        self.review_day = -1
        self.key_worker: Worker | None = None
        # use
        self.regular_use = person.use_days >= numbers.regular_use_from
        self.last_use = -1000
        self.tolerance = 1.0
        if person.detoxified and person.substance == 0:
            still_regular, left = numbers.after_detoxification
            self.regular_use = self.regular_use and random.random() < still_regular
            self.tolerance = left
        self.positive_urines = 0
        self.negative_urines = 0
        # medication
        self.medication: Medication = numbers.medications[0]
        self.last_medication: Medication = numbers.medications[0]
        self.dose_since: int | None = None
        self.supplied_until = -1
        self.supply_days = 1.0
        self.cover = 0.0
        self.missed_doses = 0
        self.low_dose = False
        self.prefers = False
        # services
        self.enrolments: dict[str, Enrolment] = {}
        self.agenda: list[Enrolment] = []
        self.appointments: list[Enrolment] = []
        self.put_off = 0
        self.found_needs: dict[str, bool] = {}
        self.step_of_care = 0
        self.aftercare_day = -1
        self.lifted: dict[int, float] = {}
        # what moves hazards
        self.fixed = self.lasting_effects()
        self.early_dropout = sum(
            value * one.early_dropout
            for value, one in zip(person.features, numbers.features, strict=True)
        )
        self.burden_of_a_visit = sum(
            each * burden
            for each, burden in zip(numbers.burden_per_visit, person.burdens, strict=True)
        )
        count = numbers.mediator_count
        self.drivers = [
            start + spread * random.gauss(0.0, 1.0) if spread > 0.0 else start
            for start, spread in numbers.starts
        ]
        self.drivers[RECENT_USE] = person.use_days / 30.0
        self.drifting = [(j, self.drivers[j], kept) for j, kept in model.drifting]
        self.usual_readiness = self.drivers[READINESS]
        self.drivers += [0.0] * numbers.diagnosis_count
        first = numbers.trait_count
        self.symptoms = [
            count + d for d in range(numbers.diagnosis_count) if person.features[first + d]
        ]
        self.moving = [
            (j, numbers.influences[j])
            for j in (*range(count), *self.symptoms)
            if numbers.influences[j]
        ]
        self.usual_craving = numbers.starts[CRAVING][0] + model.craving_severity * person.severity

    def lasting_effects(self) -> list[float]:
        """Base, stream, traits, diagnoses and barriers on every hazard, log scale."""
        numbers, person = self.model.numbers, self.person
        effects = [
            a + b
            for a, b in zip(
                numbers.base[person.substance], numbers.stream_effects[person.stream], strict=True
            )
        ]
        if person.detoxified and person.substance == 0:
            less = self.model.regular_use_begins_after_detoxification
            effects[REGULAR_USE_BEGINS] += less
        for value, one in zip(person.features, numbers.features, strict=True):
            if value:
                for hazard, size in one.effects:
                    effects[hazard] += value * size
        first = numbers.mediator_count + numbers.diagnosis_count
        for b, burden in enumerate(person.burdens):
            if burden:
                for hazard, size in numbers.influences[first + b]:
                    effects[hazard] += burden * size
        return effects

    # -- the day

    def step(self) -> None:
        """One day."""
        model = self.model
        day, today = model.day, model.today
        effects = self.weigh(self.fade_services())
        if self.has_intake_today and model.is_open:
            self.come_to_intake(effects)
        elif self.appointments or self.put_off:
            self.hold_sessions(effects)
        if self.cover > 0.0 or self.in_care or self.dose_since is not None:
            self.take_dose()
        used = self.use_today(effects)
        if used or (self.medication.agonist and self.cover > 0.5):
            self.tolerance += (1.0 - self.tolerance) * model.tolerance_gain
        else:
            self.tolerance *= model.tolerance_kept
        self.drift(used)
        if self.in_care:
            self.take_urine()
        self.race(effects, used)
        if self.in_care:
            self.end_phase()
            if self.in_care and self.status != AFTERCARE:
                self.apply_rules()
            if self.in_care and day >= self.review_day:
                self.review_plan()
        record = self.record
        if record.first_admitted_day is not None and record.gap30_day is None:
            self.note_gap(day - self.last_contact)
        if self.status == DIED:
            self.remove()
            return
        today["alive"] += 1
        if used:
            today["used"] += 1
        if self.cover > 0.5 and self.status != TRANSFERRED:
            today["medicated"] += 1
        if self.in_care:
            today["in_care"] += 1
            record.days_in_care += 1
            if self.status == AFTERCARE:
                today["aftercare"] += 1
        elif self.status == WAITING or self.status == BOOKED:
            today["waiting"] += 1

    def note_gap(self, gap: int) -> None:
        """Remember the first time contact was lost for so long."""
        record = self.record
        if gap > 5 and record.gap5_day is None:
            record.gap5_day = self.model.day
        if gap > 14 and record.gap14_day is None:
            record.gap14_day = self.model.day
        if gap > 30:
            record.gap30_day = self.model.day

    # -- services felt, hazards weighed

    def feels(self, driver: int) -> bool:
        """Symptoms are eased in those who have the diagnosis; everything else in everybody."""
        numbers = self.model.numbers
        diagnosis = driver - numbers.mediator_count
        if not 0 <= diagnosis < numbers.diagnosis_count:
            return True
        return self.person.features[numbers.trait_count + diagnosis] > 0.0

    @property
    def is_known(self) -> bool:
        """In care or on the list."""
        return self.in_care or self.status == WAITING or self.status == BOOKED

    @property
    def is_on_interim_doses(self) -> bool:
        """Covered by the clinic's doses while in line."""
        in_line = self.status == WAITING or self.status == BOOKED
        return in_line and self.dose_since is not None and self.cover > 0.5

    @property
    def has_intake_today(self) -> bool:
        """Whether an intake appointment is due, beside which there are no sessions that day."""
        return self.status == BOOKED and self.offer_day <= self.model.day

    def fade_services(self) -> float:
        """Every dose fades a little; the required visits a week."""
        if not self.agenda:
            return 0.0
        listening = self.is_known
        visits = fewer = 0.0
        for one in self.agenda:
            service = one.service
            if service.acts_daily and listening and one.planned:
                self.receive(one)
                fewer = max(fewer, service.fewer_visits * one.level)
                continue
            one.level *= service.kept
            if listening and one.planned:
                if service.carries_dose:
                    visits = max(visits, 7.0 / max(self.supply_days, 1.0))
                elif service.required:
                    visits = max(visits, 7.0 / max(service.every_days, 1.0))
        return visits * (1.0 - fewer)

    def receive(self, one: Enrolment) -> None:
        """A practice acts as far as its role had time for it; support while there is a place, money and
        somebody's time. Rides are for days with a visit; on other days support is as it was."""
        model, service = self.model, one.service
        team = model.teams[service.role] if service.role is not None else None
        if service.is_practice:
            staffed = team is None or team.role.has_posts
            one.level = model.given[service.name] if staffed else 0.0
            return
        if not one.placed:
            if service.places > 0 and model.placed[service.name] >= service.places:
                one.level *= service.kept
                return
            one.placed = True
            model.placed[service.name] += 1
        if service.rides and not (model.is_open and self.has_visit_due()):
            return
        if team is not None and service.minutes > 0.0:
            if not model.is_open:
                return
            if team.spare < service.minutes:
                one.level = 0.0
                return
            team.spare -= service.minutes
            team.used += service.minutes
        one.level = 1.0

    def is_dosed_at(self, one: Enrolment) -> bool:
        """Whether it is a visit with a dose under observation, which does not wait for staff."""
        return self.medication.take_home and one.service.name == self.medication.service

    def has_visit_due(self) -> bool:
        """Whether any session is due today, or the intake appointment."""
        return self.has_intake_today or any(
            one.planned and one.due <= self.model.day and not one.service.acts_daily
            for one in self.agenda
        )

    def weigh(self, visits: float) -> list[float]:
        """What everything comes to on each hazard today, log scale."""
        drivers = self.drivers
        drivers[VISIT_BURDEN] = visits * self.burden_of_a_visit
        effects = self.fixed.copy()
        for j, influences in self.moving:
            value = drivers[j]
            if value:
                for hazard, size in influences:
                    effects[hazard] += value * size
        if self.agenda:
            if self.model.lifts_barriers:
                self.lift_barriers(effects, visits)
            self.add_services(effects)
        return effects

    def lift_barriers(self, effects: list[float], visits: float) -> None:
        """Services lift shares of barriers, each a share of what the others leave."""
        numbers, burdens = self.model.numbers, self.person.burdens
        lifted = self.lifted
        lifted.clear()
        for one in self.agenda:
            for b, share in one.lifts:
                before = lifted.get(b, 0.0)
                lifted[b] = before + (1.0 - before) * share * one.level
        first = numbers.mediator_count + numbers.diagnosis_count
        of_a_visit = 0.0
        for b, share in lifted.items():
            relief = burdens[b] * min(share, 1.0)
            of_a_visit += numbers.burden_per_visit[b] * relief
            for hazard, size in numbers.influences[first + b]:
                effects[hazard] -= relief * size
        for hazard, size in numbers.influences[VISIT_BURDEN]:
            effects[hazard] -= visits * of_a_visit * size

    def add_services(self, effects: list[float]) -> None:
        """Services act through drivers, up to a ceiling each, and together on dropout up to a cap."""
        numbers = self.model.numbers
        influences, ceilings = numbers.influences, numbers.ceilings
        help_on: dict[int, float] = {}
        for one in self.agenda:
            level = one.level
            if level:
                for j, gain in one.raises:
                    if not self.feels(j):
                        continue
                    help_on[j] = help_on.get(j, 0.0) + gain * level
                for hazard, gain in one.direct:
                    effects[hazard] += gain * level
        on_dropout = 0.0
        for j, amount in help_on.items():
            ceiling = ceilings[j]
            if amount > ceiling:
                amount = ceiling
            elif amount < -ceiling:
                amount = -ceiling
            for hazard, size in influences[j]:
                if hazard == DROPOUT:
                    on_dropout += amount * size
                else:
                    effects[hazard] += amount * size
        effects[DROPOUT] += max(on_dropout, self.model.psychosocial_cap)

    def drift(self, used: bool) -> None:
        """Drivers move towards where they rest; craving wanders; use wears on symptoms and is
        remembered."""
        model, drivers = self.model, self.drivers
        waiting = self.status == WAITING or self.status == BOOKED
        for j, start, kept in self.drifting:
            drivers[j] = start + kept * (drivers[j] - start)
        start = self.usual_readiness
        kept = model.readiness_kept_waiting if waiting else model.readiness_kept
        drivers[READINESS] = start + kept * (drivers[READINESS] - start)
        if self.symptoms:
            kept_of, raises = model.numbers.kept, model.numbers.use_raises
            for j in self.symptoms:
                drivers[j] = drivers[j] * kept_of[j] + (raises[j] if used else 0.0)
        usual = self.usual_craving
        drivers[CRAVING] = (
            usual
            + model.craving_kept * (drivers[CRAVING] - usual)
            + self.random.gauss(0.0, model.craving_shock_sd)
        )
        kept = model.recent_use_kept
        drivers[RECENT_USE] = drivers[RECENT_USE] * kept + (1.0 - kept if used else 0.0)

    # -- asking and intake

    def may_return(self, day: int) -> bool:
        """Whether somebody who is gone may ask again: not at once, and not after many years."""
        if self.left_day is None:
            asked = self.record.asked_day
            return asked is None or day - asked < self.model.asks_again_days
        gone_for = day - self.left_day
        return self.model.readmission_gap_days <= gone_for < self.model.asks_again_days

    def ask(self) -> None:
        """Ask for treatment: onto the waiting list, ready as never again."""
        model, record = self.model, self.record
        if record.asked_day is None:
            record.asked_day = model.day
        model.today["asking"] += 1
        self.status = WAITING
        self.since = model.day
        self.drivers[READINESS] += model.readiness_when_asking
        self.drop_services()
        self.consider_services()
        if (
            model.interim_dosing
            and self.random.random() < model.interim_dosing
            and self.fits(model.interim)
        ):
            self.assign_medication()

    def come_to_intake(self, effects: list[float]) -> None:
        """Come to the intake appointment and be admitted, or be lost; without staff it moves to the
        next day."""
        model = self.model
        if model.intakes_left <= 0:
            self.offer_day = model.day + 1
            return
        model.intakes_left -= 1
        if self.is_on_interim_doses:
            carrier = model.services[self.medication.service or ""]
            if happens(self.random, carrier.attendance + effects[ATTENDANCE]):
                self.admit()
            else:
                self.offer_day = model.day + 1
            return
        days = max(model.day - self.since, 1)
        chance = model.intake_show_floor + model.intake_show_extra * exp(
            -(days - 1) / model.intake_show_decay_days
        )
        if happens(self.random, log(chance / (1.0 - chance)) + effects[ENTRY]):
            self.admit()
        else:
            self.status = LOST
            self.lose_while_waiting()

    def lose_while_waiting(self) -> None:
        if self.record.lost_waiting_day is None:
            self.record.lost_waiting_day = self.model.day
        self.model.today["lost_waiting"] += 1
        self.drop_services()

    def admit(self) -> None:
        """Into care: a primary counsellor, a medication, a plan."""
        model, record, day = self.model, self.record, self.model.day
        if record.first_admitted_day is None:
            record.first_admitted_day = day
            record.wait_days = day - self.since
        else:
            record.readmissions += 1
        model.today["admitted"] += 1
        self.status = INDUCTION
        self.in_care = True
        self.since = self.last_contact = day
        self.missed_doses = self.positive_urines = self.negative_urines = 0
        self.step_of_care = 0
        self.review_day = day + model.review_every_days
        self.give_key_worker()
        self.assign_medication()
        self.move_to_phase()

    def give_key_worker(self) -> None:
        self.key_worker = self.model.lightest_key_worker()
        if self.key_worker is not None:
            self.key_worker.caseload += 1

    def lose_key_worker(self) -> None:
        """The primary counsellor has left: part of the alliance is lost, and somebody else takes over."""
        self.drivers[ALLIANCE] *= self.model.alliance_left_at_handover
        self.drivers[RUPTURE] = 1.0
        self.record.alliances_broken += 1
        self.let_key_worker_go()
        self.give_key_worker()

    def let_key_worker_go(self) -> None:
        if self.key_worker is not None:
            self.key_worker.caseload -= 1
            self.key_worker = None

    # -- medication

    def assign_medication(self) -> None:
        """Which medication, once a stay, and the visits that carry it."""
        model, random, person = self.model, self.random, self.person
        if self.dose_since is None:
            luck = person.preference if model.by_preference else random.random()
            self.medication = model.no_medication[person.substance]
            for one, up_to in model.assigned[person.substance]:
                self.medication = one
                if luck < up_to:
                    break
        medication = self.medication
        wishes = model.wished_for[person.substance]
        self.prefers = medication is wishes[int(person.preference * len(wishes))]
        self.last_medication = medication
        self.supply_days = medication.days_per_visit
        self.low_dose = random.random() < medication.low_dose_share
        if self.record.first_medication is None and self.status != WAITING:
            self.record.first_medication = medication.index
        if medication.service is not None:
            self.plan(model.services[medication.service])

    def stop_medication(self) -> None:
        """No more visits for it; care goes on without."""
        if self.medication.service is not None:
            self.end(self.enrolments[self.medication.service])
        self.medication = self.model.no_medication[self.person.substance]

    def give_dose(self, enrolment: Enrolment) -> None:
        """The visit that carries the dose: induction the first time, then a supply until the next
        visit."""
        model, day, medication = self.model, self.model.day, self.medication
        if self.dose_since is None:
            chance = (
                medication.induction_detoxified if self.person.detoxified else medication.induction
            )
            if self.person.has["fentanyl"]:
                odds = chance / max(1.0 - chance, 1e-9) * exp(model.fentanyl_induction)
                chance = odds / (1.0 + odds)
            if self.random.random() >= chance:
                self.stop_medication()
                return
            if self.regular_use and self.random.random() < medication.settles:
                self.regular_use = False
            self.dose_since = day
            if self.record.first_dose_day is None:
                self.record.first_dose_day = day
        self.supply_days = self.days_until_next_visit()
        whole = int(self.supply_days)
        if self.random.random() < self.supply_days - whole:
            whole += 1
        until = day + max(whole, 1)
        if until - day < 7:
            open_week = model.numbers.open_week
            while not open_week[until % 7]:
                until += 1
        self.supplied_until = enrolment.due = until

    def days_until_next_visit(self) -> float:
        """The medication's own rhythm, or the take-home rules where they apply."""
        days = self.medication.days_per_visit
        if self.medication.take_home and self.status != WAITING:
            days_in_care = self.model.day - self.since
            for from_day, days_per_visit, clean in self.model.numbers.take_home:
                if days_in_care >= from_day and (not clean or self.negative_urines >= WEEKS_CLEAN):
                    days = days_per_visit
        return days

    def take_dose(self) -> None:
        """Today's dose acts in full when it is taken, and fades when it is not."""
        medication = self.medication
        if self.status == TRANSFERRED:
            # The other clinic goes on with it.
            self.cover = 1.0 if medication.service is not None else 0.0
        elif (
            self.dose_since is not None
            and medication.service is not None
            and self.model.day < self.supplied_until
            and self.random.random() < medication.adherence
        ):
            self.cover = 1.0
            self.missed_doses = 0
            self.last_contact = self.model.day
            if self.model.taper_days:
                self.taper(self.model.day - self.dose_since)
        else:
            self.cover *= self.model.cover_kept
            if medication.service is not None:
                self.missed_doses += 1

    def taper(self, days_on_dose: int) -> None:
        """A scheduled taper takes the dose down in a line, and the medication ends with it."""
        model = self.model
        if days_on_dose >= model.taper_from_day:
            gone = (days_on_dose - model.taper_from_day) / model.taper_days
            self.cover = max(0.0, 1.0 - gone)
            if self.cover <= 0.0:
                if self.medication.take_home:
                    self.stop_medication()
                # Who prescribes goes on seeing people.
                self.medication = model.no_medication[self.person.substance]
                self.supplied_until = -1

    # -- sessions

    def hold_sessions(self, effects: list[float]) -> None:
        """Keep or miss today's appointments: one draw decides how good a day it is for coming."""
        today = self.model.today
        today["visits_waiting"] += self.put_off
        self.put_off = 0
        if not self.appointments:
            return
        luck = self.random.random()
        came = False
        today["visits_booked"] += len(self.appointments)
        self.record.visits_due += len(self.appointments)
        for one in self.appointments:
            if luck < 1.0 / (1.0 + exp(-one.service.attendance - effects[ATTENDANCE])):
                came = True
                self.keep_session(one)
            else:
                self.miss_session(one)
        self.appointments.clear()
        if (
            came
            and self.in_care
            and self.record.first_dose_day is None
            and self.medication.service is None
        ):
            self.record.first_dose_day = self.model.day

    def keep_session(self, one: Enrolment) -> None:
        """A session raises the dose of its service and the alliance, or hands out medication."""
        model, drivers, service = self.model, self.drivers, one.service
        self.record.visits_kept += 1
        model.today["visits_kept"] += 1
        self.last_contact = model.day
        one.received += 1
        one.level += (1.0 - one.level) * service.builds
        drivers[MISSED_VISITS] *= model.missed_visits_kept
        if service.name == self.medication.service:
            self.give_dose(one)
            return
        if self.key_worker is not None:
            drivers[ALLIANCE] += model.alliance_per_session_kept
        days = service.every_days * BETWEEN_SESSIONS[self.step_of_care]
        one.due = model.day + max(1, int(days + 0.5))
        if (service.sessions and one.received >= service.sessions) or (
            service.quits > 0.0 and self.random.random() < service.quits
        ):
            self.end(one)
            one.given_up = True

    def miss_session(self, one: Enrolment) -> None:
        """A missed session wears on the alliance and is booked again."""
        model, drivers = self.model, self.drivers
        drivers[MISSED_VISITS] = 1.0 - (1.0 - drivers[MISSED_VISITS]) * model.missed_visits_kept
        if one.service.name == self.medication.service:
            one.due = model.day + 1
        else:
            drivers[ALLIANCE] -= model.alliance_per_session_missed
            one.due = model.day + max(1, min(int(one.service.every_days + 0.5), 7))

    # -- the plan

    def plan(self, service: Service) -> None:
        """Put a service on the agenda, its first session due at once."""
        one = self.enrolments.get(service.name)
        if one is None:
            acts = not service.only_for or self.has_any(service.only_for)
            one = self.enrolments[service.name] = Enrolment(service, acts)
        one.planned = True
        one.due = self.model.day
        if one not in self.agenda:
            self.agenda.append(one)

    def end(self, one: Enrolment) -> None:
        """A service ends for this person, and somebody else may have the place."""
        one.planned = False
        if one.placed:
            one.placed = False
            self.model.placed[one.service.name] -= 1

    def has_any(self, features: tuple[int, ...]) -> bool:
        """Whether this person has one of these features."""
        return any(self.person.features[c] > 0.5 for c in features)

    def fits(self, service: Service) -> bool:
        """Whether substance and medication allow the service."""
        if service.substances and self.person.substance not in service.substances:
            return False
        return not service.medications or self.medication.index in service.medications

    def is_for_now(self, service: Service) -> bool:
        """Whether a service is delivered to people where this one stands."""
        if self.status == WAITING:
            return service.while_waiting
        return service.in_aftercare if self.status == AFTERCARE else service.in_care

    def consider_services(self) -> None:
        """Offer what the policy means for this person, and see what is taken up."""
        model, waiting = self.model, self.status == WAITING
        days_in_care = model.day - self.since
        for service in model.offered:
            if service.carries_dose or not self.is_for_now(service):
                continue
            one = self.enrolments.get(service.name)
            if one is not None and (one.planned or one.given_up):
                continue
            if not self.fits(service):
                continue
            if not waiting and (
                days_in_care < service.from_day
                or (service.until_day and days_in_care >= service.until_day)
            ):
                continue
            if service.is_practice:
                self.plan(service)
                continue
            if not self.is_meant(service):
                continue
            log_odds = service.uptake
            for other in self.agenda:
                log_odds += other.service.links.get(service.name, 0.0) * other.level
            if happens(self.random, log_odds):
                self.plan(service)

    def is_meant(self, service: Service) -> bool:
        """Everybody's services are offered to all; the others where the assessment, which errs,
        finds the need."""
        model = self.model
        if model.offers_all_to_all:
            return True
        needs = not service.needs or self.has_any(service.needs)
        if service.for_everyone and needs:
            return True
        if model.is_stepped and self.step_of_care <= 0:
            return False
        if self.assessed_since != self.since:
            # Assessed anew when asking and when admitted.
            self.assessed_since = self.since
            self.found_needs.clear()
        if service.name not in self.found_needs:
            found = model.assessment_sensitivity if needs else 1.0 - model.assessment_specificity
            self.found_needs[service.name] = self.random.random() < found
        return self.found_needs[service.name]

    def review_plan(self) -> None:
        """Services past their end stop, and what is missing is offered again."""
        model = self.model
        self.review_day = model.day + model.review_every_days
        if self.key_worker is None:
            self.give_key_worker()
        days_in_care = model.day - self.since
        for one in self.agenda:
            if (
                one.service.until_day
                and days_in_care >= one.service.until_day
                and not one.service.carries_dose
            ):
                self.end(one)
        if model.is_stepped:
            self.change_step()
        self.consider_services()
        self.tidy_agenda()

    def change_step(self) -> None:
        """Stepped care: up for who struggles, down for who is settled."""
        use, missed = self.drivers[RECENT_USE], self.drivers[MISSED_VISITS]
        if (use > 0.5 or missed > 0.5) and self.step_of_care < 1:
            self.step_of_care += 1
        elif use < 0.1 and missed < 0.25 and self.step_of_care > -1:
            self.step_of_care -= 1

    def drop_services(self) -> None:
        """Everything planned and the medication end; a new stay may begin anything again."""
        for one in self.enrolments.values():
            self.end(one)
            one.given_up = False
            one.received = 0
        self.dose_since = None
        self.supplied_until = -1
        self.missed_doses = 0
        self.tidy_agenda()

    def move_to_phase(self) -> None:
        """Drop what is not for people who stand here, and offer what is."""
        for one in self.agenda:
            if not self.is_for_now(one.service) and not one.service.carries_dose:
                self.end(one)
        self.consider_services()

    def tidy_agenda(self) -> None:
        """Forget what is neither planned nor still felt."""
        if self.agenda:
            for one in self.agenda:
                if not one.planned and one.level <= 0.001:
                    one.level = 0.0
            self.agenda = [one for one in self.agenda if one.planned or one.level]
        if not self.agenda:
            self.lifted.clear()

    # -- use

    def use_today(self, effects: list[float]) -> bool:
        """Two regimes, regular use and not, and a draw each day within the regime."""
        if self.status == JAILED:
            return False
        random, medication, cover = self.random, self.medication, self.cover
        if self.regular_use:
            log_rate = effects[REGULAR_USE_ENDS] + cover * medication.regular_use_ends
        else:
            log_rate = effects[REGULAR_USE_BEGINS] + cover * medication.regular_use_begins
        if random.random() < -expm1(-exp(log_rate)):
            self.regular_use = not self.regular_use
        log_odds = effects[USE]
        log_odds += cover * medication.use if self.regular_use else self.model.occasional_use
        if random.random() < 1.0 / (1.0 + exp(-log_odds)):
            self.last_use = self.model.day
            return True
        return False

    def take_urine(self) -> None:
        """A urine test a week for opioids, on the weekday of admission, until aftercare."""
        days_in_care = self.model.day - self.since
        if days_in_care <= 0 or days_in_care % 7:
            return
        if self.person.substance != 0 or self.status == AFTERCARE:
            return
        self.record.urines += 1
        if self.model.day - self.last_use < self.model.urine_window_days:
            self.record.urines_positive += 1
            self.positive_urines += 1
            self.negative_urines = 0
        else:
            self.positive_urines = 0
            self.negative_urines += 1

    # -- clocks

    def race(self, effects: list[float], used: bool) -> None:
        """Competing exponential clocks: whether any rings today, and which rings first."""
        model, status = self.model, self.status
        day = model.day
        other_death = suicide = 0.0
        if self.is_newly_out:
            other_death, suicide = model.other_death_just_out, model.suicide_just_out
        clocks: list[tuple[float, Callable[..., None]]] = [
            (exp(effects[OTHER_DEATH] + other_death), self.die_of_another_cause),
            (exp(effects[SUICIDE] + suicide), self.die_by_suicide),
        ]
        if status == JAILED:
            clocks.append((model.release_rate, self.be_released))
        else:
            if self.person.substance == 0:
                clocks.append((exp(self.overdose_log_rate(effects, used)), self.overdose))
            clocks.append((exp(effects[JAIL]), self.go_to_jail))
            if self.in_care:
                days_in_care = day - self.since
                clocks.append((exp(self.dropout_log_rate(effects, days_in_care)), self.drop_out))
                if status != AFTERCARE:
                    others = in_phase(self.medication.other_exits, days_in_care)
                    clocks.append((exp(effects[TRANSFER] + others), self.be_transferred))
                    if days_in_care >= self.medication.completion_after:
                        clocks.append((exp(effects[COMPLETION] + others), self.complete))
            elif self.is_on_interim_doses:
                log_rate = self.dropout_log_rate(effects, day - self.since)
                clocks.append((exp(log_rate), self.walk_away))
            elif status == WAITING or status == BOOKED:
                clocks.append((exp(effects[WALK_AWAY]), self.walk_away))
            elif status != TRANSFERRED and self.may_return(day):
                clocks.append((exp(effects[RETURN_TO_CARE]), self.ask))
        total = 0.0
        for rate, _ in clocks:
            total += rate
        if self.random.random() >= -expm1(-total):
            return
        luck = self.random.random() * total
        for rate, happening in clocks:
            luck -= rate
            if luck < 0.0:
                break
        if happening == self.overdose:
            self.overdose(effects)
        else:
            happening()

    def dropout_log_rate(self, effects: list[float], days_in_care: int) -> float:
        """The medication's phase, effects, the first days, a low dose, the wish."""
        model = self.model
        log_rate = effects[DROPOUT]
        log_rate += in_phase(self.medication.phases, days_in_care)
        if self.regular_use:
            log_rate += model.regular_use_dropout
            if self.person.detoxified and self.person.substance == 0:
                log_rate += model.regular_use_dropout_after_detoxification
        if days_in_care < model.early_days:
            log_rate += self.early_dropout
        if self.low_dose:
            log_rate += model.low_dose_dropout
        if self.prefers:
            log_rate += model.preference_match
        return log_rate

    def overdose_log_rate(self, effects: list[float], used: bool) -> float:
        """By phase of care, recent use, and tolerance lost when use returns."""
        model, medication, day = self.model, self.medication, self.model.day
        began = self.dose_since if medication.service is not None else self.since
        if began is not None and (self.in_care or self.cover > 0.5):
            phase = (
                medication.overdose_first
                if day - began < EARLY_WEEKS
                else medication.overdose_later
            )
        elif self.status == TRANSFERRED:
            phase = self.last_medication.overdose_later
        elif self.left_day is not None and not self.in_care and day - self.left_day < EARLY_WEEKS:
            phase = self.last_medication.overdose_out_first
        else:
            phase = self.last_medication.overdose_out_later
        if used:
            return effects[OVERDOSE] + phase + model.low_tolerance_overdose * (1.0 - self.tolerance)
        return effects[OVERDOSE] + phase

    @property
    def is_newly_out(self) -> bool:
        """Left care in the last four weeks, and nowhere else."""
        if self.left_day is None or self.in_care or self.status in (JAILED, TRANSFERRED):
            return False
        return self.model.day - self.left_day < EARLY_WEEKS

    def whereabouts(self) -> str:
        if self.status == WAITING or self.status == BOOKED:
            return "waiting"
        if self.in_care:
            return "in_care"
        if self.left_day is not None and self.model.day - self.left_day < EARLY_WEEKS:
            return "first_4_weeks"
        return "later"

    def overdose(self, effects: list[float]) -> None:
        """An overdose, survived or not."""
        record = self.record
        record.overdoses += 1
        record.last_overdose_day = self.model.day
        self.model.today["overdoses"] += 1
        place = f"overdoses_{self.whereabouts()}"
        setattr(record, place, getattr(record, place) + 1)
        if happens(self.random, effects[FATALITY]):
            self.die("overdose")

    def die_of_another_cause(self) -> None:
        self.die("other")

    def die_by_suicide(self) -> None:
        self.die("suicide")

    def die(self, cause: str) -> None:
        record = self.record
        record.died_where = self.whereabouts()
        if self.in_care:
            self.leave(DIED)
        self.status = DIED
        record.died_day = self.model.day
        record.death_cause = cause
        self.model.today["died"] += 1
        self.drop_services()

    def be_released(self) -> None:
        self.status = OUTSIDE

    def go_to_jail(self) -> None:
        if self.in_care:
            self.leave(JAILED)
            self.model.today["jailed"] += 1
        else:
            self.status = JAILED
            self.drop_services()

    def drop_out(self) -> None:
        self.leave(DROPPED_OUT)
        self.model.today["dropped_out"] += 1

    def be_transferred(self) -> None:
        self.leave(TRANSFERRED)
        self.model.today["transferred"] += 1

    def complete(self) -> None:
        """Treatment is completed: on to aftercare where there is any."""
        if self.model.has_aftercare and self.status != AFTERCARE:
            self.status = AFTERCARE
            self.aftercare_day = self.model.day
            self.move_to_phase()
            return
        self.leave(COMPLETED)
        self.model.today["completed"] += 1

    def walk_away(self) -> None:
        self.status = LOST
        self.lose_while_waiting()

    def leave(self, status: str, reason: str | None = None) -> None:
        """Leave care, with everything that goes with it."""
        record = self.record
        self.status = status
        self.in_care = False
        self.left_day = self.model.day
        if record.exit_day is None:
            record.exit_day = self.model.day
            record.exit_reason = reason or status
        self.drop_services()
        self.let_key_worker_go()
        self.last_medication = self.medication

    # -- the clinic's rules

    def end_phase(self) -> None:
        """Induction ends when the dose is settled, aftercare after its length."""
        if self.status == INDUCTION:
            began = self.dose_since if self.medication.service is not None else self.since
            if began is not None and self.model.day - began >= self.medication.induction_days:
                self.status = IN_TREATMENT
        elif (
            self.status == AFTERCARE
            and self.model.day - self.aftercare_day >= self.model.aftercare_days
        ):
            self.complete()

    def apply_rules(self) -> None:
        """Discharge after days missed, after positive urines in a row, or for fees unpaid."""
        model = self.model
        missed, urines = model.discharge_after_missed_days, model.positive_urines_in_a_row
        away = max(self.missed_doses, model.day - self.last_contact)
        if missed and away >= missed and self.has_visits_planned():
            self.discharge("missed days")
        elif urines and self.positive_urines >= urines:
            self.discharge("positive urines")
        elif model.charges_fees:
            money = model.numbers.barrier_names.index("money")
            left = self.person.burdens[money] * (1.0 - min(self.lifted.get(money, 0.0), 1.0))
            if self.random.random() < -expm1(-exp(model.fee_log_rate) * left):
                self.discharge("unpaid fees")

    def has_visits_planned(self) -> bool:
        """Whether there are visits that can be missed."""
        return any(one.planned and not one.service.acts_daily for one in self.agenda)

    def discharge(self, reason: str) -> None:
        self.leave(DISCHARGED, reason)
        self.model.today["discharged"] += 1

    def row(self) -> dict[str, Any]:
        """What is known of this patient at the end."""
        person = self.person
        return {
            "person": self.unique_id,
            "stream": person.stream,
            **person.has,
            "age": person.age,
            "severity": person.severity,
            "frailty": person.frailty,
            "distance_km": person.distance_km,
            "status": self.status,
            "medication": self.medication.index,
            **{name: getattr(self.record, name) for name in Record.__slots__},
        }
