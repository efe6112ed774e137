"""Going on from another clinic: the same people, as they stand, under another design.

Everything is matched by name (people and posts by number), never by position, so that a design may
add, drop or reorder services, roles and medications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.events import EVENT, room_for_a_person
from txsim.people.population import PRESENT, feature_names
from txsim.rules.books import (
    ALLIANCE,
    IN_PLAN,
    PLACED,
    ROLE_TALLIES,
    RUPTURE,
    SERVICE_PARTS,
    SERVICE_TALLIES,
    Array,
)
from txsim.rules.reviews import introduce
from txsim.rules.sizes import ALL_BITS

if TYPE_CHECKING:
    from txsim.clinic import Clinic

BY_SERVICE = ("level", "due", "plan", "received", "this_stay")
"""Arrays of people x services that are taken over as they stand; agendas hold positions."""


def askers_with_past(origin: Clinic, day: int, numbers: Array, days: Array) -> tuple[Array, Array]:
    """Numbers and days of those who asked under the first design, then of those who ask under this.

    `numbers` and `days` are of everybody who would ask under this design; it holds from `day` on.
    """
    first = origin.books.patients
    before = (first["person"] < PRESENT) & (first["arrives"] < day)
    after = days >= day
    return (
        np.concatenate([first["person"][before], numbers[after]]),
        np.concatenate([first["arrives"][before], days[after]]),
    )


def go_on_from(clinic: Clinic, origin: Clinic) -> None:
    """Take over the books of another design as they stand, into a clinic whose books are blank."""
    now, before = clinic.books, origin.books
    rows_before = {int(person): row for row, person in enumerate(before.patients["person"])}
    rows = np.array([rows_before.get(int(person), -1) for person in now.patients["person"]])
    mine = np.flatnonzero(rows >= 0)
    theirs = rows[mine]
    _keep_people(clinic, origin, mine, theirs)
    _keep_agendas(clinic, origin, mine, theirs)
    _keep_ties(clinic, origin, mine, theirs)
    _keep_staff(clinic, origin)
    _keep_record(clinic, origin, mine, theirs)
    new_services = _start_changes(clinic, origin)
    room = before.patients.size * room_for_a_person(now.services.size)
    written = int(before.written[0])
    log = np.zeros(before.log.size + room, EVENT)
    log[:written] = before.log[:written]
    clinic.books = now.with_log(log)
    introduce(clinic.books, new_services, clinic.day)


def _keep_people(clinic: Clinic, origin: Clinic, mine: Array, theirs: Array) -> None:
    """Who is known already stays as they are: records, drivers, service doses and plans."""
    now, before = clinic.books, origin.books
    now.patients[mine] = before.patients[theirs]
    to, fro = _positions(clinic.course.driver_names, origin.course.driver_names)
    now.drivers[np.ix_(mine, to)] = before.drivers[np.ix_(theirs, fro)]
    to, fro = _positions(clinic.course.service_names, origin.course.service_names)
    for name in BY_SERVICE:
        getattr(now, name)[np.ix_(mine, to)] = getattr(before, name)[np.ix_(theirs, fro)]
    _keep_circumstances(clinic, origin, mine, theirs)


def _keep_circumstances(clinic: Clinic, origin: Clinic, mine: Array, theirs: Array) -> None:
    """Needs that came or went since asking: with homes, and with work and what it does to money."""
    now, before = clinic.books, origin.books
    to, fro = _positions(feature_names(clinic.design), feature_names(origin.design))
    now.has[np.ix_(mine, to)] = before.has[np.ix_(theirs, fro)]
    unemployed = now.course[0]["unemployed"]
    came_without_work = clinic.came_with[mine, unemployed].astype(float)
    since = now.has[mine, unemployed] - came_without_work
    effects = now.feature_effects[unemployed]
    now.fixed[mine, : effects.size] += since[:, None] * effects


def _keep_agendas(clinic: Clinic, origin: Clinic, mine: Array, theirs: Array) -> None:
    """Agendas by name; services that are no longer offered end."""
    now, before = clinic.books, origin.books
    at = {name: position for position, name in enumerate(clinic.course.service_names)}
    move = np.array([at.get(name, -1) for name in origin.course.service_names])
    now.agenda[mine] = 0
    carried = now.services["carries_dose"].astype(bool)
    stopped = (now.services["offered"] == 0) & ~carried
    now.plan[:, stopped] &= np.uint8(~(IN_PLAN | PLACED) & ALL_BITS)
    for row, other in zip(mine, theirs, strict=True):
        length = int(before.patients["agenda_length"][other])
        if length:
            kept = move[before.agenda[other, :length]]
            kept = kept[kept >= 0]
            now.agenda[row, : kept.size] = kept
            now.patients["agenda_length"][row] = kept.size
    placed = (now.plan & PLACED) != 0
    now.services["placed_now"] = placed.sum(axis=0)
    now.patients["in_bed"] = placed[:, now.services["houses"] != 0].any(axis=1)


def _keep_ties(clinic: Clinic, origin: Clinic, mine: Array, theirs: Array) -> None:
    """Ties lead to the same people, and groups feel as they did; ties to others are lost."""
    now, before = clinic.books, origin.books
    width = min(now.ties.shape[1], before.ties.shape[1])
    moved = np.full(before.patients.size + 1, -1)
    moved[theirs] = mine
    ties = moved[before.ties[theirs, :width]]
    now.ties[mine, :width] = ties
    if now.cohesion.shape[1] and before.cohesion.shape[1]:
        to, fro = _positions(clinic.course.service_names, origin.course.service_names)
        now.cohesion[np.ix_(mine, to)] = before.cohesion[np.ix_(theirs, fro)]
    now.strength[mine, :width] = np.where(ties >= 0, before.strength[theirs, :width], 0.0)


def _keep_staff(clinic: Clinic, origin: Clinic) -> None:
    """Workers stay in their posts; beginners fill new posts over the ramp of the change."""
    now, before = clinic.books, origin.books
    names, old_names = clinic.course.role_names, origin.course.role_names
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
        wait = _ramp_days(clinic) * place_in_line // len(added)
        now.staff[w]["hired_day"] = clinic.day
        if wait > 0:
            now.staff[w]["present"] = False
            now.staff[w]["vacant_until"] = clinic.day + wait
    had_worker = now.patients["key_worker"] >= 0
    now.patients["key_worker"] = [moved.get(int(w), -1) for w in now.patients["key_worker"]]
    left = np.flatnonzero(had_worker & (now.patients["key_worker"] < 0))
    now.drivers[left, ALLIANCE] *= float(now.course[0]["alliance_left_at_handover"])
    now.drivers[left, RUPTURE] = 1.0
    now.patients["alliances_broken"][left] += 1


def _keep_record(clinic: Clinic, origin: Clinic, mine: Array, theirs: Array) -> None:
    """What was written and counted until today stays written and counted."""
    now, before = clinic.books, origin.books
    now.written[:] = before.written
    if clinic.day > 0:
        now.days[: clinic.day] = before.days[: clinic.day]
        now.calendar[: clinic.day, mine] = before.calendar[: clinic.day, theirs]
    to, fro = _positions(clinic.course.medication_names, origin.course.medication_names)
    now.medications["days"][to] = before.medications["days"][fro]
    to, fro = _positions(clinic.course.service_names, origin.course.service_names)
    for name in (*SERVICE_TALLIES, *SERVICE_PARTS):
        now.services[name][to] = before.services[name][fro]
    to, fro = _positions(clinic.course.role_names, origin.course.role_names)
    for name in (*ROLE_TALLIES, "load", "asked_mean", "staffed_mean"):
        now.roles[name][to] = before.roles[name][fro]


def _start_changes(clinic: Clinic, origin: Clinic) -> Array:
    """Services new in this design (a byte each): they reach the caseload over the change's ramp."""
    services, old = clinic.books.services, origin.course
    was_offered = dict(zip(old.service_names, old.services["offered"], strict=True))
    new = np.array([not was_offered.get(name, 0) for name in clinic.course.service_names], np.uint8)
    services["ramp_from"][new != 0] = clinic.day
    services["ramp_days"][new != 0] = _ramp_days(clinic)
    return new


def _ramp_days(clinic: Clinic) -> int:
    return clinic.design.change.ramp_weeks * 7


def _positions(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[Array, Array]:
    """Where the names that both lists hold stand in the one and in the other."""
    both = sorted(set(names) & set(others))
    at = {name: position for position, name in enumerate(names)}
    other_at = {name: position for position, name in enumerate(others)}
    return (
        np.array([at[name] for name in both], np.int64),
        np.array([other_at[name] for name in both], np.int64),
    )
