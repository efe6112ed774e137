"""The state of a new clinic: tables copied, people and staff entered, nothing lived through yet."""

from __future__ import annotations

import numba
import numpy as np

from txsim.clinic.initial_caseload import lasting, settle_people
from txsim.compiled.functions import readable
from txsim.parameters.staff import hired_before_opening
from txsim.parameters.tables import Parameters
from txsim.people.population import People
from txsim.randomness import decision, hash_of_name, joined, uniform
from txsim.rules.waiting import QUEUE_DAYS
from txsim.state.events import NEVER, room_for_a_person
from txsim.state.layout import (
    BUCKETS,
    COMPANY,
    CRAVING,
    MISSED_VISITS,
    RECENT_USE,
    VISIT_BURDEN,
    Array,
    ClinicState,
    Declared,
)
from txsim.state.sizes import LANES
from txsim.state.staff_member import STAFF

IN_THE_POST = decision("how long staff have been in their posts at opening")
MOVED_BY_EVENTS = [CRAVING, RECENT_USE, MISSED_VISITS, VISIT_BURDEN, COMPANY]
"""Mediators that the day's events move and nothing else."""
FIRST_LOG_ROWS, LOG_ROWS_EACH = 1000, 4
"""Rows of the log to begin with, in all and for each person; it grows when it is full."""
COUNTERS = 4
"""Length of `ClinicState.written`."""


def blank_state(
    parameters: Parameters, people: People, opening: int, horizon: int, present: int, key: int
) -> ClinicState:
    """State of a clinic that opens on this day and closes on the morning of the horizon.

    The parameters are not written to. `present` people are in care when it opens; `key` is that of
    the replication's luck.
    """
    people = readable(people)
    count = people.patients.size
    services, drivers = len(parameters.service_names), len(parameters.driver_names)
    fixed, early = np.zeros((count, LANES)), np.zeros(count)
    has = np.zeros((count, people.features.shape[1]), np.uint8)
    own = np.zeros((count, drivers))
    scalars = parameters.scalars.copy()
    scalars["opening"], scalars["horizon"] = opening, horizon
    settle_people(
        people, readable(parameters.second_substances), lasting(parameters), fixed, early, has, own,
        parameters.driver_start, parameters.driver_spread, parameters.driver_keys,
        int(scalars[0]["mediators"]), int(scalars[0]["first_barrier"]),
        int(scalars[0]["housing_barrier"]), float(scalars[0]["housing_burden"]),
        int(scalars[0]["unemployed"]), float(scalars[0]["marked_trait"]),
    )  # fmt: skip
    own_start = own[:, : int(scalars[0]["mediators"])].copy()
    drifting = parameters.driver_kept[: own_start.shape[1]].copy()
    # Nothing pulls these back: a deviation from 0 stays as events have left it.
    own_start[:, MOVED_BY_EVENTS], drifting[MOVED_BY_EVENTS] = 0.0, 1.0
    seats = parameters.seats_of_groups if parameters.ties else 0
    sizes = {
        "person": count, "service": services, "driver": drivers, "role": len(parameters.role_names),
        "pool": len(parameters.role_names) + services, "bucket": BUCKETS, "lane": LANES,
        "tie": parameters.ties, "group that is felt": services if parameters.cohesion else 0,
        "seat": seats, "rank": 2 * QUEUE_DAYS, "day": horizon, "counter": COUNTERS, "account": 2,
        "happening": log_rows(count, present, services),
    }  # fmt: skip
    begun = {
        "scalars": scalars,
        "patients": people.patients,
        "has": has,
        "fixed": fixed,
        "early": early,
        "drivers": own,
        "own_start": own_start,
        "drifting": drifting,
        "staff": staff_rows(parameters, key, opening),
    }
    state = ClinicState.of(
        {
            name: begun[name] if name in begun else _begun(name, one, parameters, sizes)
            for name, one in ClinicState.declared().items()
        }
    )
    return state.plain() if numba.config.DISABLE_JIT else state


def _begun(name: str, one: Declared, parameters: Parameters, sizes: dict[str, int]) -> Array:
    """An array as it is declared: blank, or one of the parameters' tables."""
    if one.kind is not None:
        shape = tuple(sizes[axis] for axis in one.axes)
        if one.fill:
            return np.full(shape, one.fill, one.kind)
        return np.zeros(shape, one.kind)
    table: Array = getattr(parameters, name)
    return table.copy() if one.copied else table


def log_rows(people: int, present: int, services: int) -> int:
    """Rows of a new log: with them nobody who is there at opening can overflow it."""
    return FIRST_LOG_ROWS + LOG_ROWS_EACH * people + present * room_for_a_person(services)


def staff_rows(parameters: Parameters, key: int, opening: int) -> Array:
    """STAFF records: every post filled, its luck keyed by its role and number.

    How long each has been in the post is drawn as posts usually stand.
    """
    names = [role for role, _ in parameters.posts]
    numbers = numbers_of_posts(names)
    keys = {role: joined(key, hash_of_name(f"post:{role}")) for role in set(names)}
    staff = np.zeros(len(names), STAFF)
    staff["key"] = [joined(keys[role], n + 1) for role, n in zip(names, numbers, strict=True)]
    staff["role"] = [parameters.role_names.index(role) for role in names]
    staff["number"] = numbers
    staff["post"] = [post for _, post in parameters.posts]
    staff["present"] = staff["at_work"] = True
    staff["hired_day"] = [
        opening
        - hired_before_opening(parameters.roles[row["role"]], uniform(row["key"], IN_THE_POST))
        for row in staff
    ]
    staff["vacant_until"] = staff["from_day"] = NEVER
    return staff


def numbers_of_posts(names: list[str]) -> list[int]:
    """Which post of its role each is, from 0."""
    count: dict[str, int] = {}
    numbers = []
    for name in names:
        numbers.append(count.get(name, 0))
        count[name] = numbers[-1] + 1
    return numbers
