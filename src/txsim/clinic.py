"""The clinic as a Mesa model: it holds the books and turns the days; it knows no medicine.

A step is one compiled day; a batch runs the same day in one compiled loop. Patients and staff are
Mesa agents over rows of the books, so `AgentSet`, `DataCollector` and subclasses of `Patient` work
on the very model that a batch runs.
"""

from __future__ import annotations

import mesa
import numpy as np

from txsim.events import EVENT, NEVER, in_care, room_for_a_person
from txsim.people.draws import ParameterDraw
from txsim.people.own_people import own_people, resemble, rows_alike, with_shares_of_roster
from txsim.people.patients import Patient
from txsim.people.population import (
    PRESENT,
    CaseMix,
    People,
    askers,
    blank_people,
    case_mix,
    draw_people,
    replication_key,
)
from txsim.people.staff import STAFF, StaffMember
from txsim.randomness import hash_of_name, joined
from txsim.rules.books import BUCKETS, DAY_ROW, HAZARDS, IN_PLAN, PLACED, Array, Books
from txsim.rules.course import Course, course_of
from txsim.rules.day import evening, morning, patient_day, room_to_open, run_days
from txsim.rules.opening import draw_present, seat_present, settle_people
from txsim.rules.reviews import introduce
from txsim.rules.waiting import QUEUE_DAYS
from txsim.scenario import Scenario

COUNTED_FROM_DAY_0 = (
    "readmissions", "overdoses", "overdoses_waiting", "overdoses_in_care", "overdoses_first_4_weeks",
    "overdoses_later", "visits_due", "visits_kept", "urines", "urines_positive", "days_in_care", "alliances_broken",
)  # fmt: skip
"""Totals of a person that begin on day 0, whatever happened before."""
SERVICE_TALLIES = (
    "due", "booked", "kept_sessions", "missed", "waited", "taken_up", "uses", "place_days", "groups_held",
)  # fmt: skip
ROLE_TALLIES = ("minutes_staffed", "minutes_used", "departures", "vacant_days")
SAMPLE = 1 << 41
"""Added to the numbers of people who are drawn only to know what is usual."""
SAMPLED = 300
HOOKS = ("before_day", "step", "after_day")


class Clinic(mesa.Model):  # type: ignore[misc]
    """One clinic, its people and its calendar; a step is a day.

    Give a subclass of `Patient` as `patient_class` to add behaviour in Python: when it overrides
    `before_day`, `step` or `after_day`, days are lived agent by agent (slower, with the same
    rules).
    """

    def __init__(
        self,
        scenario: Scenario,
        replication: int = 0,
        seed: int = 1,
        draw: int | None = None,
        patient_class: type[Patient] = Patient,
        origin: Clinic | None = None,
    ) -> None:
        """Draw the people and open the books.

        `draw` is the number of the parameter-and-clinic draw (None: central values). With `origin`,
        the books go on from that clinic's as they stand: the same people, in the state they are in,
        under this scenario.
        """
        super().__init__(rng=seed)
        self.scenario = scenario
        self.replication = replication
        self.seed = seed
        self.draw = ParameterDraw(seed, draw)
        self.key = np.uint64(replication_key(seed, replication))
        self.patient_class = patient_class
        self.course: Course = course_of(scenario, self.draw)
        cohort = scenario.arrivals.cohort is not None
        self.horizon = scenario.horizon.days + (0 if cohort else scenario.horizon.follow_up_days)
        self.opening = (
            0 if cohort or scenario.horizon.start == "empty" else -scenario.horizon.burn_in_days
        )
        self.day = origin.day if origin else self.opening
        self.role_names = self.course.role_names
        if origin is None:
            self._open()
        else:
            self._go_on_from(origin)
        rows = self.books.patients.size
        self.patients = [patient_class(self, row) for row in range(rows)]
        self.staff = [StaffMember(self, row) for row in range(self.books.staff.size)]
        self.stepwise = any(
            getattr(patient_class, hook) is not getattr(Patient, hook) for hook in HOOKS
        )

    # -- opening

    def _people(self, origin: Clinic | None = None) -> tuple[People, Array]:
        """Everybody who is there or will ask, and how long ago those present were admitted."""
        scenario, course = self.scenario, self.course
        mix = case_mix(scenario, self.draw)
        own = own_people(scenario) if scenario.population.roster else None
        if own is not None:
            mix = with_shares_of_roster(mix, own)
        if scenario.arrivals.cohort is not None:
            numbers = np.arange(scenario.arrivals.cohort, dtype=np.int64)
            days = np.zeros(numbers.size, np.int32)
        else:
            per_week = scenario.arrivals.per_week
            numbers, days = askers(int(self.key), per_week, self.opening, self.horizon)
            if origin is not None:
                numbers, days = self._askers_with_past(origin, numbers, days)
        coming = blank_people(scenario, numbers, days)
        draw_people(mix, coming, self.key)
        if own is not None:
            cohort = scenario.arrivals.cohort is not None
            rows = rows_alike(own, coming, cohort)
            coming.patients["substance"] = own.substance[rows]
            resemble(coming, own, rows, mix)
        present = self._present_count()
        if present == 0:
            return coming, np.zeros(0, np.int64)
        people, ago = self._present(mix, course, present)
        return (
            People(
                np.concatenate([people.patients, coming.patients]),
                np.concatenate([people.features, coming.features]),
                np.concatenate([people.burdens, coming.burdens]),
            ),
            ago,
        )

    def _askers_with_past(self, origin: Clinic, numbers: Array, days: Array) -> tuple[Array, Array]:
        """Those who asked before the branching day under the first design, then those who ask under
        this one."""
        first = origin.books.patients
        before = (first["person"] < PRESENT) & (first["arrives"] < self.day)
        after = days >= self.day
        return (
            np.concatenate([first["person"][before], numbers[after]]),
            np.concatenate([first["arrives"][before], days[after]]),
        )

    def _present_count(self) -> int:
        scenario = self.scenario
        if scenario.arrivals.cohort is not None or scenario.horizon.start == "empty":
            return 0
        return round(scenario.clinic.places * scenario.clinic.caseload_at_start)

    def _present(self, mix: CaseMix, course: Course, count: int) -> tuple[People, Array]:
        scenario = self.scenario
        numbers = PRESENT + np.arange(count, dtype=np.int64)
        people = blank_people(scenario, numbers, np.full(count, self.opening - 1, np.int32))
        ago = np.zeros(count, np.int64)
        sample = blank_people(
            scenario, SAMPLE + np.arange(SAMPLED, dtype=np.int64), np.zeros(SAMPLED, np.int32)
        )
        draw_people(mix, sample, self.key)
        effects = course.feature_effects[:, HAZARDS.index("dropout")]
        usual = float(np.exp((sample.features * effects).sum(axis=1)).mean())
        draw_present(
            mix,
            people,
            count,
            self.key,
            course.medications,
            course.base,
            course.feature_effects,
            course.early_effects,
            course.stream_effects,
            usual,
            np.zeros((count, len(HAZARDS))),
            np.zeros(count),
            ago,
        )
        if scenario.population.roster:
            own = own_people(scenario)
            resemble(people, own, rows_alike(own, people, False), mix)
        return people, ago

    def _open(self) -> None:
        people, ago = self._people()
        self.books = self._blank_books(people)
        if ago.size:
            seat_present(self.books, ago.size, self.opening, ago)

    def _blank_books(self, people: People) -> Books:
        course = self.course
        count = people.patients.size
        services, drivers = len(course.service_names), len(course.driver_names)
        pools = len(course.role_names) + services
        fixed, early = np.zeros((count, len(HAZARDS))), np.zeros(count)
        has = np.zeros((count, people.features.shape[1]), np.uint8)
        own = np.zeros((count, drivers))
        scalars = course.course.copy()
        scalars["opening"], scalars["horizon"] = self.opening, self.horizon
        first = scalars[0]
        settle_people(
            people, course.base, course.feature_effects, course.early_effects,
            course.stream_effects, fixed, early,
            has, own, course.driver_start, course.driver_spread, course.driver_keys,
            int(first["mediators"]), int(first["first_barrier"]),
        )  # fmt: skip
        return Books(
            course=scalars,
            medications=course.medications.copy(),
            services=course.services.copy(),
            channels=course.channels,
            roles=course.roles.copy(),
            take_home=course.take_home,
            effects=course.effects,
            influences=course.influences,
            influences_from=course.influences_from,
            medication_effects=course.medication_effects,
            per_visit=course.per_visit,
            driver_start=course.driver_start,
            driver_kept=course.driver_kept,
            driver_ceiling=course.driver_ceiling,
            use_raises=course.use_raises,
            links=course.links,
            wants=course.wants,
            acts_for=course.acts_for,
            opening_week=course.opening_week,
            patients=people.patients,
            has=has,
            fixed=fixed,
            early=early,
            drivers=own,
            help=np.zeros((count, drivers)),
            level=np.zeros((count, services)),
            due=np.zeros((count, services), np.int32),
            plan=np.zeros((count, services), np.uint8),
            received=np.zeros((count, services), np.int32),
            agenda=np.zeros((count, services), np.int16),
            staff=self._staff(),
            demand_for_places=np.zeros(2 * QUEUE_DAYS, np.int64),
            demand=np.zeros((pools, BUCKETS)),
            threshold=np.zeros(pools, np.int64),
            left=np.zeros(pools),
            stretch=np.ones(pools),
            days=np.zeros(self.horizon, DAY_ROW),
            calendar=np.zeros((self.horizon, count), np.uint8),
            log=np.zeros(
                1000 + 4 * count + self._present_count() * room_for_a_person(services), EVENT
            ),
            written=np.zeros(3, np.int64),
            scratch=np.zeros((3, len(HAZARDS))),
        )

    def _staff(self) -> Array:
        staff = np.zeros(len(self.course.posts), STAFF)
        number: dict[str, int] = {}
        for row, (role, post) in zip(staff, self.course.posts, strict=True):
            place = number[role] = number.get(role, -1) + 1
            row["key"] = joined(joined(int(self.key), hash_of_name(f"post:{role}")), place + 1)
            row["role"] = self.course.role_names.index(role)
            row["number"] = place
            row["post"] = post
            row["present"] = row["at_work"] = True
            row["hired_day"] = row["vacant_until"] = NEVER
        return staff

    # -- going on from another clinic

    def _go_on_from(self, origin: Clinic) -> None:
        """Take over the books of another design as they stand, matching everything by name."""
        before, old = origin.books, origin.course
        people, _ = self._people(origin)
        self.books = self._blank_books(people)
        now, new = self.books, self.course
        place = {int(person): row for row, person in enumerate(before.patients["person"])}
        rows = np.array([place.get(int(person), -1) for person in now.patients["person"]])
        mine = np.flatnonzero(rows >= 0)
        theirs = rows[mine]
        now.patients[mine] = before.patients[theirs]
        now.drivers[np.ix_(mine, _positions(new.driver_names, old.driver_names))] = before.drivers[
            np.ix_(theirs, _positions(old.driver_names, new.driver_names))
        ]
        to, fro = (
            _positions(new.service_names, old.service_names),
            _positions(old.service_names, new.service_names),
        )
        for name in ("level", "due", "plan", "received"):
            getattr(now, name)[np.ix_(mine, to)] = getattr(before, name)[np.ix_(theirs, fro)]
        self._keep_agendas(origin, mine, theirs)
        self._keep_staff(before, old)
        self._start_changes(old)
        now.written[:] = before.written
        now.days[: self.day] = before.days[: self.day] if self.day > 0 else 0
        if self.day > 0:
            now.calendar[: self.day, mine] = before.calendar[: self.day, theirs]
        room = np.zeros(before.patients.size * room_for_a_person(now.services.size), EVENT)
        self.books = now = now.with_log(np.concatenate([before.log, room]))
        to_drug, from_drug = (
            _positions(new.medication_names, old.medication_names),
            _positions(old.medication_names, new.medication_names),
        )
        now.medications["days"][to_drug] = before.medications["days"][from_drug]
        for name in SERVICE_TALLIES:
            now.services[name][to] = before.services[name][fro]
        for name in (*ROLE_TALLIES, "load"):
            now.roles[name][_positions(new.role_names, old.role_names)] = before.roles[name][
                _positions(old.role_names, new.role_names)
            ]
        introduce(now, self.new_services, self.day)

    def _keep_agendas(self, origin: Clinic, mine: Array, theirs: Array) -> None:
        """Agendas by name; services that are no longer offered end, new ones are considered at the
        next review."""
        now, before = self.books, origin.books
        at = {name: position for position, name in enumerate(self.course.service_names)}
        move = np.array([at.get(name, -1) for name in origin.course.service_names])
        now.agenda[mine] = 0
        carried = now.services["carries_dose"].astype(bool)
        stopped = (now.services["offered"] == 0) & ~carried
        now.plan[:, stopped] &= np.uint8(~(IN_PLAN | PLACED) & 0xFF)
        for row, other in zip(mine, theirs, strict=True):
            length = int(before.patients["agenda_length"][other])
            if length:
                kept = move[before.agenda[other, :length]]
                kept = kept[kept >= 0]
                now.agenda[row, : kept.size] = kept
                now.patients["agenda_length"][row] = kept.size
        now.services["placed_now"] = ((now.plan & PLACED) != 0).sum(axis=0)

    def _keep_staff(self, before: Books, old: Course) -> None:
        """Workers stay in their posts; new posts are filled when the change begins, spread over its
        ramp."""
        now = self.books
        roles = {name: position for position, name in enumerate(self.course.role_names)}
        place = {
            (old.role_names[row["role"]], int(row["number"])): w
            for w, row in enumerate(before.staff)
        }
        moved: dict[int, int] = {-1: -1}
        added = []
        for w, row in enumerate(now.staff):
            other = place.get((self.course.role_names[row["role"]], int(row["number"])))
            if other is None:
                added.append(w)
                continue
            post = row["post"]
            now.staff[w] = before.staff[other]
            now.staff[w]["post"] = post
            now.staff[w]["role"] = roles[old.role_names[before.staff[other]["role"]]]
            moved[other] = w
        ramp = self.scenario.change.ramp_weeks * 7
        for place_in_line, w in enumerate(added):
            wait = ramp * place_in_line // max(len(added), 1)
            if wait > 0:
                now.staff[w]["present"] = False
                now.staff[w]["vacant_until"] = self.day + wait
        now.patients["key_worker"] = [moved.get(int(w), -1) for w in now.patients["key_worker"]]

    def _start_changes(self, old: Course) -> None:
        """Services new in this design reach the caseload over the ramp of the change."""
        was_offered = dict(zip(old.service_names, old.services["offered"], strict=True))
        ramp = self.scenario.change.ramp_weeks * 7
        new = [
            s for s, name in enumerate(self.course.service_names) if not was_offered.get(name, 0)
        ]
        self.books.services["ramp_from"][new] = self.day
        self.books.services["ramp_days"][new] = ramp
        self.new_services = np.zeros(len(self.course.service_names), np.uint8)
        self.new_services[new] = 1

    def start_counting(self) -> None:
        """Day 0: forget the burn-in's tallies; whoever is in care now is present at start."""
        books = self.books
        for name in COUNTED_FROM_DAY_0:
            books.patients[name] = 0
        caring = (books.patients["status"] >= 3) & (books.patients["status"] <= 5)
        books.patients["present_at_start"] = caring
        for name in ("exit_day", "lost_waiting_day", "gap5_day", "gap14_day", "gap30_day"):
            books.patients[name] = NEVER
        books.patients["exit_reason"] = 0
        for name in SERVICE_TALLIES:
            books.services[name] = 0.0
        for name in ROLE_TALLIES:
            books.roles[name] = 0.0
        books.medications["days"] = 0.0
        books.written[0] = 0

    # -- days

    def step(self) -> None:
        """One day."""
        if self.day == 0:
            self.start_counting()
        if self.stepwise:
            self._live_agent_by_agent()
        else:
            self._run_compiled(self.day + 1)
        self.day += 1

    def run_until(self, day: int) -> None:
        """Run up to the morning of this day (at most the horizon)."""
        day = min(day, self.horizon)
        if self.stepwise:
            while self.day < day:
                self.step()
            return
        if self.day <= 0 < day:
            self._run_compiled(0)
            self.day = 0
            self.start_counting()
        self._run_compiled(day)
        self.day = max(self.day, day)

    def run(self) -> None:
        """Run to the horizon."""
        self.run_until(self.horizon)

    def _run_compiled(self, until: int) -> None:
        day = self.day
        while day < until:
            day = run_days(self.books, day, until)
            if day < until:
                self._grow_log()

    def _grow_log(self) -> None:
        log = self.books.log
        self.books = self.books.with_log(np.concatenate([log, np.zeros(log.size, EVENT)]))

    def _make_room(self, rows: int) -> None:
        while self.books.written[0] + rows > self.books.log.size:
            self._grow_log()

    def _live_agent_by_agent(self) -> None:
        self._make_room(room_to_open(self.books, self.day))
        morning(self.books, self.day)
        for agent in self.patients[: int(self.books.written[1])]:
            self._make_room(room_for_a_person(self.books.services.size))
            agent.before_day()
            agent.step()
            agent.after_day()
        evening(self.books, self.day)

    def patient_day(self, row: int) -> None:
        """The compiled day of the person in this row."""
        patient_day(self.books, row, self.day)

    def close(self) -> None:
        """Let go of the agents: Mesa 3.3 otherwise keeps every model alive for the life of the
        process."""
        ids = getattr(mesa.Agent, "_ids", None)
        if isinstance(ids, dict):
            ids.pop(self, None)

    # -- looking

    @property
    def events(self) -> Array:
        """The event log so far (see `txsim.events.EVENT`)."""
        return self.books.log[: int(self.books.written[0])]

    @property
    def today(self) -> dict[str, float]:
        """Yesterday's row of the daily table, by column: what a DataCollector reports of a day just
        lived."""
        row = self.books.days[max(self.day - 1, 0)]
        return {name: float(row[name]) for name in DAY_ROW.names or ()}

    def names_of(self, kind: str, row: int) -> tuple[str, ...]:
        """Names of the diagnoses or barriers of the person in this row."""
        catalogue = self.scenario.catalogue
        names = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
        wanted = getattr(catalogue, kind)
        return tuple(
            name for c, name in enumerate(names) if name in wanted and self.books.has[row, c]
        )

    def mediator(self, name: str, row: int) -> float:
        """Today's value of a mediator of the person in this row, services' help included."""
        if name not in self.scenario.catalogue.mediators:
            raise KeyError(name)
        j = self.course.driver_names.index(name)
        return float(self.books.drivers[row, j] + self.books.help[row, j])

    def __repr__(self) -> str:
        return f"Clinic({self.scenario.name}: day {self.day} of {self.horizon}, {len(self.patients)} people)"


def _positions(names: tuple[str, ...], others: tuple[str, ...]) -> Array:
    """Positions, in `names`, of the names that both hold, in the order of `names` for both to
    agree."""
    both = sorted(set(names) & set(others))
    at = {name: position for position, name in enumerate(names)}
    return np.array([at[name] for name in both], np.int64)
