"""The clinic as a Mesa model: it holds the state and turns the days; it knows no medicine.

A step is one compiled day; a batch runs the same day in one compiled loop. Patients and staff are
Mesa agents over rows of the state, so `AgentSet`, `DataCollector` and subclasses of `Patient` work
on the very model that a batch runs.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import mesa
import numpy as np

from txsim.clinic.accounts import Account, Tallies, count_up
from txsim.clinic.carry import go_on_from
from txsim.clinic.initial_caseload import seat_past, seat_present
from txsim.clinic.initial_state import blank_state
from txsim.clinic.opening import Opening
from txsim.clinic.past_patients import LEFT, WAITS, PastPeople
from txsim.clinic.registering import RegistersTogether
from txsim.parameters.draw_source import draw_of
from txsim.parameters.tables import Parameters, parameters_of
from txsim.people.population import People, replication_key
from txsim.rules.day import evening, morning, patient_day, room_to_open, run_days
from txsim.rules.linear_predictor import help_with
from txsim.scenario import Scenario
from txsim.state.events import EVENT, room_for_a_person
from txsim.state.layout import Array, ClinicState
from txsim.state.patient import Patient, traits_of
from txsim.state.records import DAY_ROW, ROLE_TALLIES, SERVICE_TALLIES
from txsim.state.staff_member import StaffMember

if TYPE_CHECKING:
    import networkx

    from txsim.catalogue.draw import Draw
    from txsim.clinic.snapshot import Snapshot

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
        draw: Draw | int | None = None,
        patient_class: type[Patient] = Patient,
        origin: Clinic | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        """Draw the people and open the clinic.

        `draw` says which numbers of the world hold: a draw, the number of one from the posterior
        that comes with the package, or None for central values. With `origin`, its state goes on
        from that clinic's as it stands: the people whom it knows, in the state they are in, under
        this scenario; who has not asked yet is drawn by this scenario. With a `snapshot` of a
        clinic of this scenario
        (see `lineage.resumed`) it is that clinic again.
        """
        super().__init__(rng=seed)
        self.design = scenario
        self.replication = replication
        self.seed = seed
        self.draw: Draw = draw_of(draw, seed)
        self.key = np.uint64(replication_key(seed, replication))
        self.patient_class = patient_class
        before: Clinic | Snapshot | None = origin or snapshot
        still_felt = before.service_names if before else ()
        self.parameters: Parameters = parameters_of(scenario, self.draw, still_felt)
        self.service_names: tuple[str, ...] = self.parameters.service_names
        self.role_names = self.parameters.role_names
        self.horizon = scenario.days_simulated
        self.opening: int = before.opening if before else opening_day(scenario)
        self.day: int = before.day if before else self.opening
        self.present_at_opening: int = (
            before.present_at_opening if before else seated_at_opening(scenario)
        )
        self._closed: tuple[Account, ...] = ()
        self._opened: tuple[int, Tallies] | None = None
        """Since when, and from which tallies on, what is used up is paid for; None when not now."""
        if snapshot is not None:
            self._go_on_as(snapshot)
        else:
            self._open(origin)
        rows = self.state.patients.size
        # A subclass may look at the agents while it is made, so it registers as Mesa has it.
        with self.registering(together=patient_class is Patient) as made:
            self.patients = [patient_class(self, row) for row in range(rows)]
            self.staff = [StaffMember(self, row) for row in range(self.state.staff.size)]
            made += [self.patients, self.staff]
        self.stepwise = any(
            getattr(patient_class, hook) is not getattr(Patient, hook) for hook in HOOKS
        )

    def _open(self, origin: Clinic | None) -> None:
        """Draw everybody who is there or will ask, and begin with a blank state or another's."""
        there = Opening(self).people(origin)
        self.past: PastPeople = there.past
        """Who left or gave up waiting before the opening."""
        self.people: People = there.people
        """Everybody as they came: records (which the days write to), features, burdens."""
        self.state: ClinicState = blank_state(
            self.parameters,
            self.people,
            self.opening,
            self.horizon,
            self.present_at_opening + self.past.numbers.size,
            int(self.key),
        )
        self.came_with: Array = self.state.has.copy()
        """Byte people x features: what each person came with; needs may come and go later."""
        if origin is not None:
            self._closed = origin.accounts
            go_on_from(self, origin)
            self._open_account()
        elif self.opening < 0 or there.ago.size:
            seat_present(self.state, there.ago.size, self.opening, there.ago)
            past = self.past
            seat_past(
                self.state,
                there.ago.size,
                self.opening,
                past.began == LEFT,
                past.stands == WAITS,
                past.days_ago,
                past.waited,
                past.stayed,
            )

    def _go_on_as(self, snapshot: Snapshot) -> None:
        """Be the clinic of which this is a snapshot."""
        self.past, self.came_with = snapshot.past, snapshot.came_with
        self.state = deepcopy(snapshot.state)
        self.people = People(self.state.patients, snapshot.features, snapshot.burdens)
        self._closed, self._opened = snapshot.closed, snapshot.opened

    def gone_on_with(self, scenario: Scenario) -> Clinic:
        """A clinic that goes on from this one, as it stands, under another design."""
        return Clinic(
            scenario, self.replication, self.seed, self.draw, self.patient_class, origin=self
        )

    # -- days

    def start_counting(self) -> None:
        """Day 0: forget the burn-in's tallies; whoever is in care now is present at start."""
        state = self.state
        caring = (state.patients["status"] >= 3) & (state.patients["status"] <= 5)
        state.patients["present_at_start"] = caring
        for name, trait in traits_of(Patient).items():
            if trait.counted_from_day_0:
                state.patients[name] = trait.default
        for name in SERVICE_TALLIES:
            state.services[name] = 0.0
        for name in ROLE_TALLIES:
            state.roles[name] = 0.0
        state.medications["days"] = 0.0
        state.written[0] = 0
        self._open_account()

    # -- what is paid for

    @property
    def paid_until(self) -> int:
        """The day from which on what is used up is not paid for: the end of the accrual window."""
        return self.design.horizon.days

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What has been used up so far in the days that are paid for, by each design in force."""
        if self._opened is None:
            return self._closed
        since, before = self._opened
        used = count_up(self.state, self.design).since(before)
        return (*self._closed, Account(self.design, self.day - since, used))

    def _open_account(self) -> None:
        if 0 <= self.day < self.paid_until:
            self._opened = (self.day, count_up(self.state, self.design))

    def _close_account(self) -> None:
        self._closed, self._opened = self.accounts, None

    def step(self) -> None:
        """One day."""
        if self.day == 0:
            self.start_counting()
        if self.day == self.paid_until:
            self._close_account()
        if self.stepwise:
            self._live_agent_by_agent()
        else:
            self._run_compiled(self.day + 1)

    def run_until(self, day: int) -> None:
        """Run up to the morning of this day (at most the horizon)."""
        day = min(day, self.horizon)
        if self.stepwise:
            while self.day < day:
                self.step()
            return
        if self.day <= 0 < day:
            self._run_compiled(0)
            self.start_counting()
        if self._opened is not None and self.day <= self.paid_until < day:
            self._run_compiled(self.paid_until)
            self._close_account()
        self._run_compiled(day)

    def run(self) -> None:
        """Run to the horizon."""
        self.run_until(self.horizon)

    def _run_compiled(self, until: int) -> None:
        while self.day < until:
            self.day = run_days(self.state, self.day, until)
            if self.day < until:
                self._grow_log()

    def _grow_log(self) -> None:
        used = int(self.state.written[0])
        log = np.zeros(2 * self.state.log.size, EVENT)
        # Only rows in use are copied: pages that are never written to take no time and no memory.
        log[:used] = self.state.log[:used]
        self.state = self.state.with_log(log)

    def _make_room(self, rows: int) -> None:
        while self.state.written[0] + rows > self.state.log.size:
            self._grow_log()

    def _live_agent_by_agent(self) -> None:
        self._make_room(room_to_open(self.state, self.day))
        morning(self.state, self.day)
        for agent in self.patients[: int(self.state.written[1])]:
            self._make_room(room_for_a_person(self.state.services.size))
            agent.before_day()
            agent.step()
            agent.after_day()
        evening(self.state, self.day)
        self.day += 1

    def patient_day(self, row: int) -> None:
        """The compiled day of the person in this row."""
        patient_day(self.state, row, self.day)

    def close(self) -> None:
        """Let go of the agents, which Mesa 3.3 otherwise keeps for the life of the process."""
        ids = getattr(mesa.Agent, "_ids", None)
        if isinstance(ids, dict):
            ids.pop(self, None)

    # -- looking

    @property
    def events(self) -> Array:
        """The event log so far (see `txsim.state.events.EVENT`)."""
        return self.state.log[: int(self.state.written[0])]

    @property
    def today(self) -> dict[str, float]:
        """Yesterday's row of the daily table, by column: what a DataCollector reports."""
        row = self.state.days[max(self.day - 1, 0)]
        return {name: float(row[name]) for name in DAY_ROW.names or ()}

    def names_of(self, kind: str, row: int, on_coming: bool = False) -> tuple[str, ...]:
        """Names of the diagnoses or barriers of the person in this row: today's, or first ones."""
        catalogue = self.design.catalogue
        names = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
        wanted = getattr(catalogue, kind)
        has = self.came_with[row] if on_coming else self.state.has[row]
        return tuple(name for c, name in enumerate(names) if name in wanted and has[c])

    def mediator(self, name: str, row: int) -> float:
        """Today's value of a mediator of the person in this row, services' help included."""
        if name not in self.design.catalogue.mediators:
            raise KeyError(name)
        j = self.parameters.driver_names.index(name)
        return float(self.state.drivers[row, j] + help_with(self.state, row, j))

    def ties(self) -> networkx.Graph[int]:
        """Who knows whom from groups: people's numbers, and each tie's mean strength.

        Mesa's and networkx's tools for networks work on it.
        """
        import networkx

        state = self.state
        people = state.patients["person"]
        graph: networkx.Graph[int] = networkx.Graph()
        for row, place in np.argwhere(state.strength > 0.0):
            one, other = int(people[row]), int(people[state.ties[row, place]])
            known = graph.get_edge_data(one, other, {"strength": 0.0})["strength"]
            graph.add_edge(one, other, strength=known + float(state.strength[row, place]) / 2.0)
        return graph

    def __repr__(self) -> str:
        days = f"day {self.day} of {self.horizon}"
        return f"Clinic({self.design.name}: {days}, {len(self.patients)} people)"


def opening_day(scenario: Scenario) -> int:
    """The day on which a clinic of this design opens by itself: 0, or a burn-in before it."""
    if scenario.arrivals.cohort is not None or scenario.horizon.start == "empty":
        return 0
    return -scenario.horizon.burn_in_days


def seated_at_opening(scenario: Scenario) -> int:
    """How many people are in care when a clinic of this design opens by itself."""
    if scenario.arrivals.cohort is not None or scenario.horizon.start == "empty":
        return 0
    return round(scenario.clinic.places * scenario.clinic.caseload_at_start)
