"""The clinic as a Mesa model: staff, the waiting list, bookings, and a step a day for everybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from math import exp
from typing import Any

import mesa
import pandas as pd

from benchmarks.idiomatic_mesa.numbers import (
    CRAVING,
    MISSED_VISITS,
    POLICIES,
    READINESS,
    RECENT_USE,
    VISIT_BURDEN,
    Medication,
    Numbers,
    Service,
    numbers_of,
)
from benchmarks.idiomatic_mesa.patient import BOOKED, WAITING, Enrolment, Patient
from benchmarks.idiomatic_mesa.staff import Team, Worker
from txsim.scenario import Scenario

DAILY = (
    "asking", "waiting", "in_care", "aftercare", "admitted", "lost_waiting", "dropped_out", "discharged",
    "completed", "transferred", "jailed", "died", "overdoses", "departures", "alive", "used", "medicated",
    "visits_booked", "visits_kept", "visits_waiting",
)  # fmt: skip
LONGEST_OVERDUE = 31
"""Sessions overdue longer than this count as equally urgent."""
LONGEST_WAIT = 511
NEVER = -60.0
"""The log rate of what does not happen."""
DataCollector: Any = mesa.DataCollector  # without annotations in Mesa


class Clinic(mesa.Model):
    """One clinic with a closed cohort; a step is a day."""

    # the clinic's rules
    places: int
    enrolled: int
    policy: int
    priority_pregnant: int
    priority_overdose: int
    priority_jail: int
    last_come_first: int
    same_day_start: float
    interim_dosing: float
    by_preference: int
    taper_from_day: int
    taper_days: int
    fee_log_rate: float
    intake_within_days: int
    review_every_days: int
    discharge_after_missed_days: int
    positive_urines_in_a_row: int
    readmission_gap_days: int
    asks_again_days: int
    # numbers of the world
    intake_show_floor: float
    intake_show_extra: float
    intake_show_decay_days: float
    readiness_when_asking: float
    readiness_kept_waiting: float
    craving_shock_sd: float
    craving_severity: float
    tolerance_kept: float
    tolerance_gain: float
    low_tolerance_overdose: float
    alliance_per_session_kept: float
    alliance_per_session_missed: float
    alliance_left_at_handover: float
    psychosocial_cap: float
    early_days: int
    aftercare_days: int
    release_log_rate: float
    assessment_sensitivity: float
    assessment_specificity: float
    urine_window_days: int
    occasional_use: float
    cover_kept: float
    low_dose_dropout: float
    preference_match: float
    fentanyl_induction: float
    regular_use_dropout: float
    regular_use_dropout_after_detoxification: float
    regular_use_begins_after_detoxification: float
    other_death_just_out: float
    suicide_just_out: float
    turnover_overload: float
    overload_from: float

    def __init__(self, numbers: Numbers, people: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.numbers = numbers
        self.day = -1
        self.is_open = False
        self.today: dict[str, int] = {}
        self.datacollector: Any = DataCollector(
            model_reporters={name: _reporter(name) for name in DAILY}
        )
        vars(self).update(numbers.clinic)
        self.offers_all_to_all = POLICIES[self.policy] == "generic"
        self.is_stepped = POLICIES[self.policy] == "stepped"
        self.charges_fees = self.fee_log_rate > NEVER and "money" in numbers.barrier_names
        self.release_rate = exp(self.release_log_rate)
        # what drifts by itself: position, and the share of a deviation left after a day
        moved_by_events = (READINESS, CRAVING, RECENT_USE, MISSED_VISITS, VISIT_BURDEN)
        self.drifting = [
            (j, numbers.kept[j]) for j in range(numbers.mediator_count) if j not in moved_by_events
        ]
        self.readiness_kept = numbers.kept[READINESS]
        self.craving_kept = numbers.kept[CRAVING]
        self.recent_use_kept = numbers.kept[RECENT_USE]
        self.missed_visits_kept = numbers.kept[MISSED_VISITS]
        self.services = numbers.services
        self.offered = [one for one in numbers.services.values() if one.offered]
        self.intake = numbers.services["intake_assessment"]
        self.interim = numbers.services["interim_dosing"]
        self.has_aftercare = any(one.in_aftercare for one in self.offered)
        self.lifts_barriers = any(one.lifts for one in self.offered)
        # by substance
        medications = [
            [one for one in numbers.medications if one.substance == substance]
            for substance in range(2)
        ]
        self.no_medication = [next(m for m in some if m.service is None) for some in medications]
        self.wished_for = [[m for m in some if m.service is not None] for some in medications]
        self.assigned = [_cumulative([m for m in some if m.share > 0.0]) for some in medications]
        # places of support taken
        self.placed = dict.fromkeys(numbers.services, 0)
        self.teams = {name: Team(role) for name, role in numbers.roles.items()}
        self.practices = [
            (one, self.teams[one.role])
            for one in self.offered
            if one.is_practice and one.role is not None
        ]
        self.given = {one.name: 1.0 for one in self.offered if one.is_practice}
        staff = [Worker(self, self.teams[role], post) for role, post in numbers.posts]
        self.workers = self.agents.select(agent_type=Worker)
        self.key_workers = [one for one in staff if one.team.role.is_key_worker]
        self.patients = [Patient(self) for _ in range(people)]
        self.intakes_left = 0
        self.offers = 0.0
        self.put_by = 0.0

    def step(self) -> None:
        """One day: staff, askers, offers, bookings, then everybody in random order."""
        self.day += 1
        self.is_open = self.numbers.open_week[self.day % 7]
        self.today = dict.fromkeys(DAILY, 0)
        teams = self.teams.values()
        for team in teams:
            team.begin_day()
        self.workers.do("step")
        if self.day == 0:
            for patient in self.patients:
                patient.ask()
                if self.enrolled:
                    patient.admit()
        if self.is_open:
            self.offer_places()
            self.keep_minutes_for_intakes()
            self.book_sessions()
        self.agents_by_type[Patient].shuffle_do("step")
        for team in teams:
            team.end_day(self.is_open)
        self.datacollector.collect(self)

    def run_until(self, day: int) -> None:
        """Days up to the morning of this one."""
        while self.day < day - 1:
            self.step()

    def tables(self) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
        """The daily table and the patients' rows."""
        table = self.datacollector.get_model_vars_dataframe()
        return table, [patient.row() for patient in self.patients]

    # -- the waiting list

    def offer_places(self) -> None:
        """Book intake appointments against free places, as staff time allows: priority first, then
        who waited longest."""
        waiting = [one for one in self.patients if one.status == WAITING]
        if not waiting:
            return
        taken = sum(one.in_care or one.status == BOOKED for one in self.patients)
        free = self.places - taken
        if self.intake.role is not None and self.intake.minutes > 0.0:
            self.offers += self.teams[self.intake.role].staffed / self.intake.minutes
            free = min(free, int(self.offers))
            self.offers %= 1.0
        if free <= 0:
            return
        waiting.sort(key=self.place_in_line, reverse=True)
        for patient in waiting[:free]:
            patient.status = BOOKED
            same_day = self.random.random() < self.same_day_start
            patient.offer_day = self.day if same_day else self.next_appointment()

    def next_appointment(self) -> int:
        """The day of an intake: any open day in reach, or the next one where there is none."""
        if self.intake_within_days == 0:
            return self.day
        open_week = self.numbers.open_week
        ahead = [day for day in range(self.day + 1, self.day + 15) if open_week[day % 7]]
        in_reach = [day for day in ahead if day <= self.day + self.intake_within_days]
        return self.random.choice(in_reach) if in_reach else ahead[0]

    def place_in_line(self, patient: Patient) -> tuple[bool, int]:
        """What decides who goes before whom on the list."""
        first = (
            (self.priority_pregnant and patient.person.has["pregnant"])
            or (
                self.priority_overdose
                and patient.record.last_overdose_day is not None
                and self.day - patient.record.last_overdose_day <= 30
            )
            or (self.priority_jail and patient.person.stream == "jail_release")
        )
        waited = min(self.day - patient.since, LONGEST_WAIT)
        return bool(first), LONGEST_WAIT - waited if self.last_come_first else waited

    def keep_minutes_for_intakes(self) -> None:
        """Today's intake appointments come before every other booking."""
        due = sum(one.status == BOOKED and one.offer_day <= self.day for one in self.patients)
        if self.intake.role is not None and self.intake.minutes > 0.0:
            team = self.teams[self.intake.role]
            held = min(due, int((self.put_by + team.staffed) / self.intake.minutes))
            needed = held * self.intake.minutes
            team.used += max(needed - self.put_by, 0.0)
            self.put_by = max(self.put_by - needed, 0.0)
            if held < due:
                part = min(team.room, self.intake.minutes - self.put_by)
                self.put_by += part
                team.used += part
            due = held
        self.intakes_left = due

    # -- bookings

    def book_sessions(self) -> None:
        """Sessions that are due meet the minutes of a role or the seats of a group."""
        day = self.day
        wanted: dict[str, list[tuple[int, Patient, Enrolment]]] = {}
        groups: dict[str, list[tuple[int, Patient, Enrolment]]] = {}
        open_week = self.numbers.open_week
        since_open = next(back for back in range(1, 8) if open_week[(day - back) % 7])
        for patient in self.patients:
            if not patient.agenda or not patient.is_known or patient.has_intake_today:
                continue
            for one in patient.agenda:
                if not one.planned or one.due > day:
                    continue
                service = one.service
                if service.acts_daily:
                    continue
                overdue = min(day - one.due, LONGEST_OVERDUE)
                urgency = overdue + LONGEST_OVERDUE + 1 if service.booked_first else overdue
                if service.is_group:
                    pool, name = groups, service.name
                elif service.role is not None:
                    pool, name = wanted, service.role
                else:
                    patient.appointments.append(one)
                    continue
                if name in pool:
                    pool[name].append((urgency, patient, one))
                else:
                    pool[name] = [(urgency, patient, one)]
        for service, team in self.practices:
            minutes = service.minutes * 7.0 / (service.every_days * sum(self.numbers.open_week))
            given = min(minutes, team.room)
            team.used += given
            if minutes > 0.0:
                self.given[service.name] = given / minutes
        for name, asking in groups.items():
            self.book(asking, self.seats_today(self.services[name], len(asking)), seats=True)
        for name, team in self.teams.items():
            due = wanted.get(name, [])
            minutes = sum([one.service.minutes for _, _, one in due])
            first = sum([one.service.minutes for _, _, one in due if day - one.due < since_open])
            team.asked = team.used + first
            team.spare = max(team.room - minutes, 0.0)
            team.used += self.book(due, team.room, seats=False)

    def seats_today(self, service: Service, wanted: int) -> float:
        """Seats of the groups on today's timetable: as many as are wanted and the staff can hold."""
        open_week, weekday = self.numbers.open_week, self.day % 7
        before, open_days = sum(open_week[:weekday]), sum(open_week)
        weeks = self.day // 7 + before / open_days
        held = int(service.groups_a_week * (weeks + 1 / open_days) + 1e-9)
        held -= int(service.groups_a_week * weeks + 1e-9)
        while held > 0 and (held - 1) * service.seats >= wanted:
            held -= 1
        if service.role is not None:
            team = self.teams[service.role]
            while held > 0 and team.used + held * service.minutes > team.staffed:
                held -= 1
            team.used += held * service.minutes
        return held * service.seats

    def book(self, asking: list[tuple[int, Patient, Enrolment]], room: float, seats: bool) -> float:
        """Give appointments to the most urgent as long as there is room; the minutes or seats
        given."""
        sizes = float(len(asking)) if seats else sum([one.service.minutes for _, _, one in asking])
        if sizes <= room + 1e-9:
            for _, patient, one in asking:
                patient.appointments.append(one)
            return sizes
        given = 0.0
        last = -1
        asking.sort(key=_urgency, reverse=True)
        for urgency, patient, one in asking:
            size = 1.0 if seats else one.service.minutes
            if urgency >= last and given + size <= room + 1e-9:
                given += size
                patient.appointments.append(one)
            else:
                last = max(last, urgency)
                if patient.is_dosed_at(one):
                    # somebody stays on, or comes from an agency
                    patient.appointments.append(one)
                else:
                    patient.put_off += 1
        return given

    def lightest_key_worker(self) -> Worker | None:
        """The present primary counsellor with the smallest caseload for the post who has room for another."""
        free = [one for one in self.key_workers if one.has_room]
        return min(free, key=_burden) if free else None


def _reporter(name: str) -> Callable[[Clinic], int]:
    """What the data collector asks for one column of the daily table."""
    return lambda clinic: clinic.today[name]


def _urgency(request: tuple[int, Patient, Enrolment]) -> int:
    return request[0]


def _burden(worker: Worker) -> float:
    return worker.caseload / worker.post


def _cumulative(medications: list[Medication]) -> list[tuple[Medication, float]]:
    """Medications with the share of people who are given them or one before them."""
    total = sum(one.share for one in medications)
    return list(zip(medications, accumulate(one.share / total for one in medications), strict=True))


@lru_cache(maxsize=64)
def numbers_in_force(scenario: Scenario, seed: int, draw: int | None) -> Numbers:
    """The numbers of a scenario in one draw; the last few are kept."""
    return numbers_of(scenario, seed, draw)


def simulate(
    scenario: Scenario, seed: int, draw: int | None = None, draw_seed: int = 1
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """One run: the daily table and the patients' rows. `draw` is a draw of the numbers of the
    world, None the centre."""
    numbers = numbers_in_force(scenario, draw_seed, draw)
    clinic = Clinic(numbers, scenario.arrivals.cohort or 0, seed)
    clinic.run_until(scenario.horizon.days)
    tables = clinic.tables()
    # Mesa 3.3 keeps every model alive through this class attribute.
    ids = getattr(mesa.Agent, "_ids", None)
    if isinstance(ids, dict):
        ids.pop(clinic, None)
    return tables
