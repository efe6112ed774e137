"""The clinic as a Mesa model: it holds the books and turns the days; it knows no medicine.

A step is one compiled day; a batch runs the same day in one compiled loop. Patients and staff are
Mesa agents over rows of the books, so `AgentSet`, `DataCollector` and subclasses of `Patient` work
on the very model that a batch runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from txsim.branching import askers_with_past, go_on_from
from txsim.catalogue.vocabulary import HAZARDS
from txsim.compiling import readable
from txsim.events import EVENT, NEVER, room_for_a_person
from txsim.people.arrivals import askers
from txsim.people.draws import ParameterDraw
from txsim.people.own_people import own_people, resemble, rows_alike, with_shares_of_roster
from txsim.people.patients import Patient
from txsim.people.population import (
    PRESENT,
    CaseMix,
    People,
    blank_people,
    draw_people,
    own_copy,
    replication_key,
)
from txsim.people.registering import RegistersTogether
from txsim.people.staff import StaffMember
from txsim.rules.acting import help_with
from txsim.rules.blank_books import blank_books
from txsim.rules.books import DAY_ROW, ROLE_TALLIES, SERVICE_TALLIES, Array, Books
from txsim.rules.course import Course, course_of
from txsim.rules.day import evening, morning, patient_day, room_to_open, run_days
from txsim.rules.opening import draw_present, seat_present
from txsim.scenario import Scenario

if TYPE_CHECKING:
    import networkx

COUNTED_FROM_DAY_0 = (
    "readmissions", "overdoses", "overdoses_waiting", "overdoses_in_care",
    "overdoses_first_4_weeks", "overdoses_later", "visits_due", "visits_kept", "urines",
    "urines_positive", "days_in_care", "alliances_broken", "crises", "mondays", "symptoms",
    "mondays_with_home", "mondays_without_home", "mondays_at_work",
)  # fmt: skip
"""Totals of a person that begin on day 0, whatever happened before."""
DAYS_FROM_DAY_0 = (
    "exit_day", "lost_waiting_day", "elsewhere_day", "gap5_day", "gap14_day", "gap30_day",
)  # fmt: skip
"""First days of something, from day 0 on."""
SAMPLE = 1 << 41
"""Added to the numbers of people who are drawn only to know what is usual."""
SAMPLED = 300
HOOKS = ("before_day", "step", "after_day")


class Clinic(RegistersTogether):
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
        self.design = scenario
        self.replication = replication
        self.seed = seed
        self.draw = ParameterDraw(seed, draw)
        self.key = np.uint64(replication_key(seed, replication))
        self.patient_class = patient_class
        still_felt = origin.course.service_names if origin else ()
        self.course: Course = course_of(scenario, self.draw, still_felt)
        cohort = scenario.arrivals.cohort is not None
        self.horizon = scenario.horizon.days + (0 if cohort else scenario.horizon.follow_up_days)
        self.opening = (
            0 if cohort or scenario.horizon.start == "empty" else -scenario.horizon.burn_in_days
        )
        self.day: int = origin.day if origin else self.opening
        self.role_names = self.course.role_names
        self.present_at_opening: int = (
            origin.present_at_opening if origin else seated_at_opening(scenario)
        )
        people, ago = self._people(origin)
        self.books: Books = blank_books(
            self.course, people, self.opening, self.horizon, self.present_at_opening, int(self.key)
        )
        self.came_with: Array = self.books.has.copy()
        """Byte people x features: what each person came with; needs may come and go later."""
        if origin is not None:
            go_on_from(self, origin)
        elif ago.size:
            seat_present(self.books, ago.size, self.opening, ago)
        rows = self.books.patients.size
        # A subclass may look at the agents while it is made, so it registers as Mesa has it.
        with self.registering(together=patient_class is Patient) as made:
            self.patients = [patient_class(self, row) for row in range(rows)]
            self.staff = [StaffMember(self, row) for row in range(self.books.staff.size)]
            made += [self.patients, self.staff]
        self.stepwise = any(
            getattr(patient_class, hook) is not getattr(Patient, hook) for hook in HOOKS
        )

    # -- opening

    def _people(self, origin: Clinic | None = None) -> tuple[People, Array]:
        """Everybody who is there or will ask, and how long ago those present were admitted."""
        scenario, course = self.design, self.course
        mix = own_copy(course.mix)
        own = own_people(scenario) if scenario.population.roster else None
        if own is not None:
            mix = with_shares_of_roster(mix, own)
        mix = readable(mix)
        if scenario.arrivals.cohort is not None:
            numbers = np.arange(scenario.arrivals.cohort, dtype=np.int64)
            days = np.zeros(numbers.size, np.int32)
        else:
            per_week = scenario.arrivals.per_week
            numbers, days = askers(int(self.key), per_week, self.opening, self.horizon)
            if origin is not None:
                numbers, days = askers_with_past(origin, self.day, numbers, days)
        coming = readable(blank_people(scenario, numbers, days))
        draw_people(mix, coming, self.key)
        if own is not None:
            cohort = scenario.arrivals.cohort is not None
            rows = rows_alike(own, coming, cohort)
            coming.patients["substance"] = own.substance[rows]
            resemble(coming, own, rows, mix)
        present = self.present_at_opening
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

    def _present(self, mix: CaseMix, course: Course, count: int) -> tuple[People, Array]:
        scenario = self.design
        numbers = PRESENT + np.arange(count, dtype=np.int64)
        admitted = np.full(count, self.opening - 1, np.int32)
        people = readable(blank_people(scenario, numbers, admitted))
        ago = np.zeros(count, np.int64)
        numbers = SAMPLE + np.arange(SAMPLED, dtype=np.int64)
        sample = readable(blank_people(scenario, numbers, np.zeros(SAMPLED, np.int32)))
        draw_people(mix, sample, self.key)
        effects = course.feature_effects[:, HAZARDS.index("dropout")]
        usual = float(np.exp((sample.features * effects).sum(axis=1)).mean())
        draw_present(
            mix,
            people,
            count,
            self.key,
            readable(course.medications),
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

    # -- days

    def start_counting(self) -> None:
        """Day 0: forget the burn-in's tallies; whoever is in care now is present at start."""
        books = self.books
        for name in COUNTED_FROM_DAY_0:
            books.patients[name] = 0
        caring = (books.patients["status"] >= 3) & (books.patients["status"] <= 5)
        books.patients["present_at_start"] = caring
        for name in DAYS_FROM_DAY_0:
            books.patients[name] = NEVER
        books.patients["exit_reason"] = 0
        for name in SERVICE_TALLIES:
            books.services[name] = 0.0
        for name in ROLE_TALLIES:
            books.roles[name] = 0.0
        books.medications["days"] = 0.0
        books.written[0] = 0

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
        used = int(self.books.written[0])
        log = np.zeros(2 * self.books.log.size, EVENT)
        # Only rows in use are copied: pages that are never written to take no time and no memory.
        log[:used] = self.books.log[:used]
        self.books = self.books.with_log(log)

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
        """Let go of the agents, which Mesa 3.3 otherwise keeps for the life of the process."""
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
        """Yesterday's row of the daily table, by column: what a DataCollector reports."""
        row = self.books.days[max(self.day - 1, 0)]
        return {name: float(row[name]) for name in DAY_ROW.names or ()}

    def names_of(self, kind: str, row: int, on_coming: bool = False) -> tuple[str, ...]:
        """Names of the diagnoses or barriers of the person in this row: today's, or first ones."""
        catalogue = self.design.catalogue
        names = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
        wanted = getattr(catalogue, kind)
        has = self.came_with[row] if on_coming else self.books.has[row]
        return tuple(name for c, name in enumerate(names) if name in wanted and has[c])

    def mediator(self, name: str, row: int) -> float:
        """Today's value of a mediator of the person in this row, services' help included."""
        if name not in self.design.catalogue.mediators:
            raise KeyError(name)
        j = self.course.driver_names.index(name)
        return float(self.books.drivers[row, j] + help_with(self.books, row, j))

    def ties(self) -> networkx.Graph[int]:
        """Who knows whom from groups: people's numbers, and each tie's mean strength.

        Mesa's and networkx's tools for networks work on it.
        """
        import networkx

        books = self.books
        people = books.patients["person"]
        graph: networkx.Graph[int] = networkx.Graph()
        for row, place in np.argwhere(books.strength > 0.0):
            one, other = int(people[row]), int(people[books.ties[row, place]])
            known = graph.get_edge_data(one, other, {"strength": 0.0})["strength"]
            graph.add_edge(one, other, strength=known + float(books.strength[row, place]) / 2.0)
        return graph

    def __repr__(self) -> str:
        days = f"day {self.day} of {self.horizon}"
        return f"Clinic({self.design.name}: {days}, {len(self.patients)} people)"


def seated_at_opening(scenario: Scenario) -> int:
    """How many people are in care when a clinic of this design opens by itself."""
    if scenario.arrivals.cohort is not None or scenario.horizon.start == "empty":
        return 0
    return round(scenario.clinic.places * scenario.clinic.caseload_at_start)
