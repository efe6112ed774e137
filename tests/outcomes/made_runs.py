"""Runs made by hand: people whose every day is written down, so that answers can be counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from txsim.catalogue.draw import Draw
from txsim.clinic.accounts import Account, Tallies
from txsim.parameters.draw import CENTRE
from txsim.scenario import Scenario, load
from txsim.state.events import EVENT, MISSED_INTAKE, NEVER, OVERDOSE, Status

PATIENT = np.dtype(
    [
        ("person", "i8"), ("stream", "i1"), ("substance", "i1"), ("age", "f8"), ("female", "?"),
        ("distance_km", "f8"), ("present_at_start", "?"), ("asked_day", "i4"), ("counted", "?"),
        ("first_admitted_day", "i4"), ("wait_days", "i4"), ("first_dose_day", "i4"),
        ("exit_day", "i4"), ("exit_reason", "i1"),
        ("first_medication", "i1"), ("died_day", "i4"), ("death_cause", "i1"), ("died_where", "i1"),
        ("lost_waiting_day", "i4"), ("elsewhere_day", "i4"),
        ("gap5_day", "i4"), ("gap14_day", "i4"), ("gap30_day", "i4"),
        ("visits_due", "i4"), ("visits_kept", "i4"), ("urines", "i4"), ("alliances_broken", "i4"),
        ("second_substance", "i1"), ("second_days_used", "i4"), ("second_urines", "i4"),
        ("second_urines_positive", "i4"),
        ("mondays", "i4"), ("mondays_with_home", "i4"), ("mondays_without_home", "i4"),
        ("mondays_at_work", "i4"), ("symptoms", "f8"),
    ]
)  # fmt: skip
"""The fields of a person's record that outcomes read."""

DAYS = ("asking", "waiting", "in_care", "aftercare", "admitted", "died", "intake_closed")
SERVICE_TALLIES = (
    "due", "booked", "kept", "missed", "waited", "taken_up", "uses", "place_days", "groups_held",
    "stood_in", "days_without_place", "spent", "without_money", "beyond_minutes",
)  # fmt: skip
ROLE_TALLIES = (
    "minutes_staffed", "minutes_used", "departures", "vacant_days", "minutes_overtime",
    "worker_days", "filled_days", "caseload_breaches", "minutes_agency",
)  # fmt: skip
LETTERS = {
    ".": Status.OUTSIDE,
    "w": Status.WAITING,
    "b": Status.BOOKED,
    "i": Status.INDUCTION,
    "t": Status.IN_TREATMENT,
    "a": Status.AFTERCARE,
    "c": Status.COMPLETED,
    "o": Status.DROPPED_OUT,
    "d": Status.DISCHARGED,
    "j": Status.JAILED,
    "x": Status.DIED,
    "l": Status.LOST,
    "e": Status.TRANSFERRED,
}
"""One letter a day for where a person stands."""


@dataclass
class MadeRun:
    """What outcomes read of a run."""

    scenario: Scenario
    patients: np.ndarray
    calendar: np.ndarray
    features: np.ndarray
    days: np.ndarray
    services: np.ndarray
    received: np.ndarray
    roles: np.ndarray
    medication_days: np.ndarray
    events: np.ndarray
    replication: int = 0
    seed: int = 1
    drawn: Draw = field(default_factory=lambda: CENTRE)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All days of the run, as if all were paid for."""
        urines = float(self.patients["urines"].sum())
        used = Tallies(self.services, self.roles, self.medication_days, urines)
        return (Account(self.scenario, len(self.calendar), used),)


@dataclass
class Person:
    """One person of a made run; `life` has a letter a day, the sets hold days of the run."""

    life: str
    used: set[int] = field(default_factory=set)
    heavy: set[int] = field(default_factory=set)
    medicated: set[int] = field(default_factory=set)
    visited: set[int] = field(default_factory=set)
    overdoses: tuple[int, ...] = ()
    missed_intake: tuple[int, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    features: tuple[str, ...] = ()


def small_scenario(days: int = 30, follow_up: int = 60, **changes: Any) -> Scenario:
    """The shipped baseline with a short horizon."""
    horizon = {"days": days, "follow_up_days": follow_up}
    return load("baseline").with_changes(name="small", **({"horizon": horizon} | changes))


def make_run(
    people: list[Person], scenario: Scenario | None = None, replication: int = 0
) -> MadeRun:
    """Put people into a run; asking, admission, leaving and death are read off their lives."""
    scenario = scenario or small_scenario()
    length = scenario.days_simulated
    catalogue = scenario.catalogue
    patients = np.zeros(len(people), dtype=PATIENT)
    for name in patients.dtype.names:
        if name.endswith("_day") or name == "wait_days":
            patients[name] = NEVER
    patients["second_substance"] = -1
    calendar = np.zeros((length, len(people)), dtype=np.uint8)
    names = [*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers]
    features = np.zeros((len(people), len(names)), dtype=np.uint8)
    events = []
    for row, person in enumerate(people):
        # The last letter goes on to the end.
        statuses = [int(LETTERS[letter]) for letter in person.life]
        statuses += [statuses[-1]] * (length - len(statuses))
        calendar[:, row] = statuses[:length]
        for bit, marked in (
            (16, person.used),
            (32, person.heavy),
            (64, person.medicated),
            (128, person.visited),
        ):
            for day in (day for day in marked if day < length):
                calendar[day, row] |= bit
        patients[row]["person"] = 1000 - row
        _read_off(patients[row], statuses[:length])
        for name, value in person.fields.items():
            patients[row][name] = value
        for name in person.features:
            features[row, names.index(name)] = 1
        events += [(day, 1000 - row, OVERDOSE) for day in person.overdoses]
        events += [(day, 1000 - row, MISSED_INTAKE) for day in person.missed_intake]
    daily = np.zeros(length, dtype=[(name, "f8") for name in DAYS])
    for name, statuses_of in (("waiting", (1, 2)), ("in_care", (3, 4, 5))):
        daily[name] = np.isin(calendar & 15, statuses_of).sum(axis=1)
    log = np.zeros(len(events), dtype=EVENT)
    for row, (day, person_number, kind) in enumerate(sorted(events)):
        log[row]["day"], log[row]["person"], log[row]["kind"] = day, person_number, kind
    return MadeRun(
        scenario,
        patients,
        calendar,
        features,
        daily,
        np.zeros(len(catalogue.services), dtype=[(name, "f8") for name in SERVICE_TALLIES]),
        np.zeros((len(people), len(catalogue.services))),
        _filled_posts(scenario, length),
        np.zeros(len(catalogue.medications)),
        log,
        replication,
    )


def _filled_posts(scenario: Scenario, days: int) -> Any:
    """Tallies of roles whose posts were filled on every day."""
    roles = np.zeros(len(scenario.catalogue.roles), dtype=[(name, "f8") for name in ROLE_TALLIES])
    for row, name in enumerate(scenario.catalogue.roles):
        if name in scenario.staff:
            roles["filled_days"][row] = days * scenario.staff[name].posts
    return roles


def _read_off(patient: Any, statuses: list[int]) -> None:
    asked = next((day for day, status in enumerate(statuses) if status != 0), NEVER)
    patient["asked_day"] = asked
    patient["counted"] = asked != NEVER
    in_care = [day for day, status in enumerate(statuses) if 3 <= status <= 5]
    if in_care:
        patient["first_admitted_day"] = in_care[0]
        outside = [day for day in range(in_care[0]) if statuses[day] not in (1, 2)]
        patient["wait_days"] = in_care[0] - (outside[-1] + 1 if outside else 0)
        left = [day for day in range(in_care[0], len(statuses)) if not 3 <= statuses[day] <= 5]
        if left:
            patient["exit_day"] = left[0]
            patient["exit_reason"] = {6: 1, 7: 2, 8: 3, 9: 5, 10: 6, 11: 7}.get(
                statuses[left[0]], 2
            )
    lost = [day for day, status in enumerate(statuses) if status == int(Status.LOST)]
    if lost:
        patient["lost_waiting_day"] = lost[0]
    elsewhere = [
        day
        for day, status in enumerate(statuses)
        if status == int(Status.TRANSFERRED) and day and statuses[day - 1] in (1, 2)
    ]
    if elsewhere:
        patient["elsewhere_day"] = elsewhere[0]
    died = [day for day, status in enumerate(statuses) if status == int(Status.DIED)]
    if died:
        patient["died_day"] = died[0]
        before = statuses[died[0] - 1] if died[0] else 0
        patient["death_cause"] = 3
        patient["died_where"] = 1 if before in (1, 2) else 2 if 3 <= before <= 5 else 4
