"""The clinic as a Mesa model: it holds the state and turns the days; it knows no medicine.

A step is one compiled day; a batch runs the same day in one compiled loop. Patients and staff are
Mesa agents over rows of the state, so `AgentSet`, `DataCollector` and subclasses of `Patient` work
on the very model that a batch runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from txsim.catalogue.vocabulary import HAZARDS
from txsim.clinic.accounts import Account, Tallies, count_up
from txsim.clinic.carry import as_they_came, go_on_from, known_to
from txsim.clinic.initial_caseload import draw_present, seat_past, seat_present
from txsim.clinic.initial_state import blank_state
from txsim.clinic.past_patients import (
    LEFT,
    MOST_LOOKED_BACK_ON,
    NOBODY,
    WAITS,
    PastPeople,
    at_most,
    draw_past,
    flows_of,
    past_of,
)
from txsim.clinic.registering import RegistersTogether
from txsim.compiled.functions import readable
from txsim.parameters.case_mix import CaseMix, own_copy
from txsim.parameters.draw import ParameterDraw
from txsim.parameters.tables import Parameters, parameters_of
from txsim.people.arrivals import askers
from txsim.people.own_people import (
    OwnPeople,
    own_people,
    resemble,
    rows_alike,
    with_shares_of_roster,
)
from txsim.people.population import (
    PRESENT,
    People,
    blank_people,
    draw_people,
    give_keys,
    joined_people,
    replication_key,
)
from txsim.rules.day import evening, morning, patient_day, room_to_open, run_days
from txsim.rules.linear_predictor import help_with
from txsim.scenario import Scenario
from txsim.state.events import EVENT, room_for_a_person
from txsim.state.layout import DAY_ROW, ROLE_TALLIES, SERVICE_TALLIES, Array, ClinicState
from txsim.state.patient import Patient, traits_of
from txsim.state.staff_member import StaffMember

if TYPE_CHECKING:
    import networkx

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
        """Draw the people and open the clinic.

        `draw` is the number of the parameter-and-clinic draw (None: central values). With `origin`,
        its state goes on from that clinic's as it stands: the people whom it knows, in the state
        they are in, under this scenario; who has not asked yet is drawn by this scenario.
        """
        super().__init__(rng=seed)
        self.design = scenario
        self.replication = replication
        self.seed = seed
        self.draw = ParameterDraw(seed, draw)
        self.key = np.uint64(replication_key(seed, replication))
        self.patient_class = patient_class
        still_felt = origin.parameters.service_names if origin else ()
        self.parameters: Parameters = parameters_of(scenario, self.draw, still_felt)
        self.horizon = scenario.days_simulated
        self.opening: int = origin.opening if origin else opening_day(scenario)
        self.day: int = origin.day if origin else self.opening
        self.role_names = self.parameters.role_names
        self.present_at_opening: int = (
            origin.present_at_opening if origin else seated_at_opening(scenario)
        )
        self.past: PastPeople = origin.past if origin else draw_past(NOBODY, 0)
        """Who left or gave up waiting before the opening."""
        self.people, ago = self._people(origin)
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
        self._closed: tuple[Account, ...] = origin.accounts if origin is not None else ()
        self._opened: tuple[int, Tallies] | None = None
        """Since when, and from which tallies on, what is used up is paid for; None when not now."""
        if origin is not None:
            go_on_from(self, origin)
            self._open_account()
        elif self.opening < 0 or ago.size:
            seat_present(self.state, ago.size, self.opening, ago)
            past = self.past
            seat_past(
                self.state,
                ago.size,
                self.opening,
                past.began == LEFT,
                past.stands == WAITS,
                past.days_ago,
                past.waited,
                past.stayed,
            )
        rows = self.state.patients.size
        # A subclass may look at the agents while it is made, so it registers as Mesa has it.
        with self.registering(together=patient_class is Patient) as made:
            self.patients = [patient_class(self, row) for row in range(rows)]
            self.staff = [StaffMember(self, row) for row in range(self.state.staff.size)]
            made += [self.patients, self.staff]
        self.stepwise = any(
            getattr(patient_class, hook) is not getattr(Patient, hook) for hook in HOOKS
        )

    # -- opening

    def _people(self, origin: Clinic | None = None) -> tuple[People, Array]:
        """Everybody who is there or will ask, and how long ago those present were admitted."""
        mix = own_copy(self.parameters.mix)
        own = own_people(self.design) if self.design.population.roster else None
        if own is not None:
            mix = with_shares_of_roster(mix, own)
        mix = readable(mix)
        coming = self._coming(mix, own)
        if origin is not None:
            return joined_people(self._known(mix, origin), coming), np.zeros(0, np.int64)
        if self.opening == 0 and self.present_at_opening == 0:
            return coming, np.zeros(0, np.int64)
        people, ago, leaving = self._present(mix, own)
        self.past = self._past(mix, people, leaving)
        return joined_people(joined_people(people, self._gone(mix, own)), coming), ago

    def gone_on_with(self, scenario: Scenario) -> Clinic:
        """A clinic that goes on from this one, as it stands, under another design."""
        return Clinic(
            scenario,
            self.replication,
            self.seed,
            self.draw.number,
            self.patient_class,
            origin=self,
        )

    def _coming(self, mix: CaseMix, own: OwnPeople | None) -> People:
        """Everybody who asks under this design from today on."""
        scenario = self.design
        if scenario.arrivals.cohort is not None:
            numbers = np.arange(scenario.arrivals.cohort, dtype=np.int64)
            days = np.zeros(numbers.size, np.int32)
        else:
            numbers, days = askers(
                int(self.key), scenario.arrivals.per_week, self.opening, self.horizon
            )
        numbers, days = numbers[days >= self.day], days[days >= self.day]
        coming: People = readable(blank_people(scenario, numbers, days))
        give_keys(coming, self.key)
        draw_people(mix, coming)
        if own is not None:
            rows = rows_alike(own, coming, scenario.arrivals.cohort is not None)
            coming.patients["substance"] = own.substance[rows]
            resemble(coming, own, rows, mix)
        return coming

    def _known(self, mix: CaseMix, origin: Clinic) -> People:
        """Everybody whom another clinic knows by today, as they came to it.

        What only this design names of people, such as a further diagnosis, is drawn here.
        """
        before = known_to(origin)
        numbers, days = before.patients["person"], before.patients["arrives"]
        people: People = readable(blank_people(self.design, numbers, days))
        people.patients["key"] = before.patients["key"]
        draw_people(mix, people)
        as_they_came(people, before, self.design, origin.design)
        return people

    def _past(self, mix: CaseMix, present: People, leaving: Array) -> PastPeople:
        """Who left or gave up waiting before the opening, given who is present."""
        if not self.design.mechanisms.past_patients or self.design.arrivals.cohort is not None:
            return draw_past(NOBODY, int(self.key))
        p = self.parameters.scalars.view(np.recarray)[0]
        lag = 0.5 * (1.0 + max(float(p.intake_within_days), 1.0))
        asking = self.design.arrivals.per_week / 7.0
        flows = flows_of(self.parameters, asking, self._sample(mix), present, leaving)
        days = float(p.asks_again_days)
        most = MOST_LOOKED_BACK_ON * (asking * days + present.patients.size)
        return draw_past(at_most(past_of(flows, days, lag, p), most), int(self.key))

    def _sample(self, mix: CaseMix) -> People:
        """People who are drawn only to know what is usual."""
        numbers = SAMPLE + np.arange(SAMPLED, dtype=np.int64)
        sample: People = readable(blank_people(self.design, numbers, np.zeros(SAMPLED, np.int32)))
        give_keys(sample, self.key)
        draw_people(mix, sample)
        return sample

    def _gone(self, mix: CaseMix, own: OwnPeople | None) -> People:
        """The same people as they come."""
        numbers = self.past.numbers
        days = np.full(numbers.size, self.opening - 1, np.int32)
        people: People = readable(blank_people(self.design, numbers, days))
        give_keys(people, self.key)
        draw_people(mix, people)
        people.patients["substance"] = self.past.substance
        if own is not None:
            resemble(people, own, rows_alike(own, people, False), mix)
        return people

    def _present(self, mix: CaseMix, own: OwnPeople | None) -> tuple[People, Array, Array]:
        scenario, p, count = self.design, self.parameters, self.present_at_opening
        numbers = PRESENT + np.arange(count, dtype=np.int64)
        admitted = np.full(count, self.opening - 1, np.int32)
        people = readable(blank_people(scenario, numbers, admitted))
        ago, leaving = np.zeros(count, np.int64), np.zeros(count)
        sample = self._sample(mix)
        effects = p.feature_effects[:, HAZARDS.index("dropout")]
        usual = float(np.exp((sample.features * effects).sum(axis=1)).mean())
        draw_present(
            mix,
            people,
            count,
            self.key,
            readable(p.medications),
            p.base,
            p.feature_effects,
            p.early_effects,
            p.stream_effects,
            usual,
            np.zeros((count, len(HAZARDS))),
            np.zeros(count),
            ago,
            leaving,
        )
        if own is not None:
            resemble(people, own, rows_alike(own, people, False), mix)
        return people, ago, leaving

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
