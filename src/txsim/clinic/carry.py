"""Going on from another clinic: the same people, as they stand, under another design.

Everything is matched by name (people and posts by number), never by position, so that a design may
add, drop or reorder services, roles and medications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.catalogue.vocabulary import SUBSTANCES
from txsim.parameters.case_mix import feature_names
from txsim.people.population import People
from txsim.rules.reviews import introduce
from txsim.state.events import EVENT, NEVER, room_for_a_person
from txsim.state.layout import ALLIANCE, IN_PLAN, PLACED, RUPTURE, Array, ClinicState
from txsim.state.records import ROLE_MEANS, ROLE_TALLIES, SERVICE_PARTS, SERVICE_TALLIES
from txsim.state.sizes import ALL_BITS

if TYPE_CHECKING:
    from txsim.clinic.model import Clinic
    from txsim.scenario import Scenario

MEDICATIONS = ("medication", "first_medication", "last_medication")
"""Traits that hold the position of a medication."""


def known_to(origin: Clinic) -> People:
    """The people whom a clinic knows on this morning: in care, waiting, or gone, as they came.

    They stand first in its state, whoever has not asked yet behind them.
    """
    known = number_known(origin)
    return People(*(array[:known] for array in origin.people))


def number_known(origin: Clinic) -> int:
    """How many people asked before this morning, or were in care at the opening."""
    return int((origin.state.patients["arrives"] < origin.day).sum())


def as_they_came(people: People, before: People, design: Scenario, origin: Scenario) -> None:
    """Give people of one design the records, features and burdens that they have in another."""
    people.patients[:] = before.patients
    to, fro = _positions(feature_names(design), feature_names(origin))
    people.features[:, to] = before.features[:, fro]
    to, fro = _positions(tuple(design.catalogue.barriers), tuple(origin.catalogue.barriers))
    people.burdens[:, to] = before.burdens[:, fro]
    streams = _moves(tuple(origin.catalogue.streams), tuple(design.catalogue.streams))
    people.patients["stream"] = np.maximum(streams[before.patients["stream"]], 0)


def go_on_from(clinic: Clinic, origin: Clinic) -> None:
    """Take over the state of another design as it stands, into a clinic whose state is blank.

    The people whom the other clinic knows stand first in both, in the same order; all others are
    this design's own and are left as they are.
    """
    known = number_known(origin)
    _keep_people(clinic, origin, known)
    _keep_medication(clinic, origin, known)
    _keep_agendas(clinic, origin, known)
    _keep_ties(clinic, origin, known)
    moved = _keep_staff(clinic, origin)
    _keep_record(clinic, origin, known)
    now, before = clinic.state, origin.state
    room = before.patients.size * room_for_a_person(now.services.size)
    written = int(before.written[0])
    log = np.zeros(before.log.size + room, EVENT)
    log[:written] = before.log[:written]
    clinic.state = now.with_log(log)
    # A change after the last day changes nothing.
    if clinic.day < clinic.horizon:
        _hand_over(clinic, moved)
        introduce(clinic.state, _start_changes(clinic, origin), clinic.day)


def _keep_people(clinic: Clinic, origin: Clinic, known: int) -> None:
    """Who is known already stays as they are, and so does what was written of them."""
    now, before = clinic.state, origin.state
    drawn = now.patients[:known].copy()
    now.patients[:known] = before.patients[:known]
    now.patients["stream"][:known] = drawn["stream"]
    _keep_second_substances(clinic, origin, drawn)
    _keep_arrays(clinic, origin, known)
    _keep_circumstances(clinic, origin, known)


def _keep_arrays(clinic: Clinic, origin: Clinic, known: int) -> None:
    """All that is declared as carried, by the names of what stands along it, until today."""
    now, before = clinic.state, origin.state
    positions = {
        "person": (np.arange(known),) * 2,
        "day": (np.arange(max(clinic.day, 0)),) * 2,
        "driver": _positions(clinic.parameters.driver_names, origin.parameters.driver_names),
        "service": _positions(clinic.parameters.service_names, origin.parameters.service_names),
        "feature": _positions(feature_names(clinic.design), feature_names(origin.design)),
    }
    for name, one in ClinicState.declared().items():
        if one.carried:
            to, fro = zip(*(positions[axis] for axis in one.axes), strict=True)
            getattr(now, name)[np.ix_(*to)] = getattr(before, name)[np.ix_(*fro)]


def _keep_second_substances(clinic: Clinic, origin: Clinic, drawn: Array) -> None:
    """Second substances by name; who had none, or one unknown here, has what this design draws."""
    people = clinic.state.patients[: drawn.size]
    moves = _moves(origin.parameters.second_names, clinic.parameters.second_names)
    used = np.append(moves, -1)[people["second_substance"]]
    anew = used < 0
    people["second_substance"] = np.where(anew, drawn["second_substance"], used)
    for name in ("second_regular_use", "second_used", "second_last_use"):
        people[name] = np.where(anew, drawn[name], people[name])


def _keep_medication(clinic: Clinic, origin: Clinic, known: int) -> None:
    """Medications by name; one that this design does not know ends."""
    people = clinic.state.patients[:known]
    medications = clinic.parameters.medications
    without = [
        int(np.flatnonzero((medications["substance"] == s) & (medications["service"] < 0))[0])
        for s in range(len(SUBSTANCES))
    ]
    moves = _moves(origin.parameters.medication_names, clinic.parameters.medication_names)
    for name in MEDICATIONS:
        had = people[name] >= 0
        people[name] = np.where(had, moves[people[name]], people[name])
        ends = had & (people[name] < 0)
        people[name][ends] = np.array(without)[people["substance"][ends]]
        if name == "medication":
            people["dose_since"][ends] = people["supplied_until"][ends] = NEVER


def _keep_circumstances(clinic: Clinic, origin: Clinic, known: int) -> None:
    """Needs that came or went since asking: with homes, and with work and what it does to money."""
    now = clinic.state
    unemployed = now.scalars[0]["unemployed"]
    came_without_work = clinic.came_with[:known, unemployed].astype(float)
    since = now.has[:known, unemployed] - came_without_work
    effects = now.feature_effects[unemployed]
    now.fixed[:known, : effects.size] += since[:, None] * effects


def _keep_agendas(clinic: Clinic, origin: Clinic, known: int) -> None:
    """Agendas by name; services that are no longer offered end."""
    now, before = clinic.state, origin.state
    move = _moves(origin.parameters.service_names, clinic.parameters.service_names)
    carried = now.services["carries_dose"].astype(bool)
    stopped = (now.services["offered"] == 0) & ~carried
    now.plan[:, stopped] &= np.uint8(~(IN_PLAN | PLACED) & ALL_BITS)
    for row in range(known):
        length = int(before.patients["agenda_length"][row])
        if length:
            kept = move[before.agenda[row, :length]]
            kept = kept[kept >= 0]
            now.agenda[row, : kept.size] = kept
            now.patients["agenda_length"][row] = kept.size
    placed = (now.plan & PLACED) != 0
    now.services["placed_now"] = placed.sum(axis=0)
    now.patients["in_bed"] = placed[:, now.services["houses"] != 0].any(axis=1)


def _keep_ties(clinic: Clinic, origin: Clinic, known: int) -> None:
    """Ties lead to the same people, and groups feel as they did."""
    now, before = clinic.state, origin.state
    width = min(now.ties.shape[1], before.ties.shape[1])
    now.ties[:known, :width] = before.ties[:known, :width]
    now.strength[:known, :width] = before.strength[:known, :width]
    if now.cohesion.shape[1] and before.cohesion.shape[1]:
        to, fro = _positions(clinic.parameters.service_names, origin.parameters.service_names)
        now.cohesion[:known, to] = before.cohesion[:known, fro]


def _keep_staff(clinic: Clinic, origin: Clinic) -> dict[int, int]:
    """Workers stay in their posts; beginners fill new posts over the ramp of the change.

    Returns where each row of the staff before stands now; rows of posts that are gone are missing.
    """
    now, before = clinic.state, origin.state
    names, old_names = clinic.parameters.role_names, origin.parameters.role_names
    rows_before = {
        (old_names[row["role"]], int(row["number"])): w for w, row in enumerate(before.staff)
    }
    moved: dict[int, int] = {-1: -1}
    added = []
    for w, row in enumerate(now.staff):
        other = rows_before.get((names[row["role"]], int(row["number"])))
        if other is None:
            added.append(w)
            continue
        role, post = int(row["role"]), float(row["post"])
        now.staff[w] = before.staff[other]
        now.staff[w]["role"], now.staff[w]["post"] = role, post
        moved[other] = w
    for place_in_line, w in enumerate(added):
        begins = clinic.day + _ramp_days(clinic) * place_in_line // len(added)
        now.staff[w]["hired_day"] = now.staff[w]["from_day"] = begins
        if begins > clinic.day:
            now.staff[w]["present"] = False
            now.staff[w]["vacant_until"] = begins
    return moved


def _hand_over(clinic: Clinic, moved: dict[int, int]) -> None:
    """Patients follow their primary counsellors; those whose worker's post is gone lose one."""
    now = clinic.state
    had_worker = now.patients["key_worker"] >= 0
    now.patients["key_worker"] = [moved.get(int(w), -1) for w in now.patients["key_worker"]]
    left = np.flatnonzero(had_worker & (now.patients["key_worker"] < 0))
    now.drivers[left, ALLIANCE] *= float(now.scalars[0]["alliance_left_at_handover"])
    now.drivers[left, RUPTURE] = 1.0
    now.patients["alliances_broken"][left] += 1


def _keep_record(clinic: Clinic, origin: Clinic, known: int) -> None:
    """What was written and counted until today stays written and counted."""
    now, before = clinic.state, origin.state
    now.written[:] = before.written
    to, fro = _positions(clinic.parameters.medication_names, origin.parameters.medication_names)
    now.medications["days"][to] = before.medications["days"][fro]
    to, fro = _positions(clinic.parameters.service_names, origin.parameters.service_names)
    for name in (*SERVICE_TALLIES, *SERVICE_PARTS):
        now.services[name][to] = before.services[name][fro]
    to, fro = _positions(clinic.parameters.role_names, origin.parameters.role_names)
    for name in (*ROLE_TALLIES, *ROLE_MEANS):
        now.roles[name][to] = before.roles[name][fro]


def _start_changes(clinic: Clinic, origin: Clinic) -> Array:
    """Services new in this design (a byte each): they reach the caseload over the change's ramp."""
    services, old = clinic.state.services, origin.parameters
    was_offered = dict(zip(old.service_names, old.services["offered"], strict=True))
    new = np.array(
        [not was_offered.get(name, 0) for name in clinic.parameters.service_names], np.uint8
    )
    services["ramp_from"][new != 0] = clinic.day
    services["ramp_days"][new != 0] = _ramp_days(clinic)
    return new


def _ramp_days(clinic: Clinic) -> int:
    return clinic.design.change.ramp_weeks * 7


def _moves(names: tuple[str, ...], others: tuple[str, ...]) -> Array:
    """Where each name of a list stands in another; -1 where it does not."""
    at = {name: position for position, name in enumerate(others)}
    return np.array([at.get(name, -1) for name in names], np.int64)


def _positions(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[Array, Array]:
    """Where the names that both lists hold stand in the one and in the other."""
    both = sorted(set(names) & set(others))
    at = {name: position for position, name in enumerate(names)}
    other_at = {name: position for position, name in enumerate(others)}
    return (
        np.array([at[name] for name in both], np.int64),
        np.array([other_at[name] for name in both], np.int64),
    )
