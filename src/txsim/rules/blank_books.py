"""New books for a course: tables copied, people and staff entered, nothing lived through yet."""

from __future__ import annotations

import numba
import numpy as np

from txsim.compiling import readable
from txsim.events import EVENT, NEVER, room_for_a_person
from txsim.people.population import People
from txsim.people.staff import STAFF
from txsim.randomness import decision, hash_of_name, joined, uniform
from txsim.rules.books import (
    BUCKETS,
    COMPANY,
    CRAVING,
    DAY_ROW,
    MISSED_VISITS,
    RECENT_USE,
    VISIT_BURDEN,
    Array,
    Books,
)
from txsim.rules.course import Course
from txsim.rules.opening import settle_people
from txsim.rules.staff_tables import hired_before_opening
from txsim.rules.waiting import QUEUE_DAYS
from txsim.sums import LANES

IN_THE_POST = decision("how long staff have been in their posts at opening")
MOVED_BY_EVENTS = [CRAVING, RECENT_USE, MISSED_VISITS, VISIT_BURDEN, COMPANY]
"""Mediators that the day's events move and nothing else."""
FIRST_LOG_ROWS, LOG_ROWS_EACH = 1000, 4
"""Rows of the log to begin with, in all and for each person; it grows when it is full."""
COUNTERS = 4
"""Length of `Books.written`."""


def blank_books(
    course: Course, people: People, opening: int, horizon: int, present: int, key: int
) -> Books:
    """Books of a clinic that opens on this day and closes on the morning of the horizon.

    The course is not written to. `present` people are in care when it opens; `key` is that of the
    replication's luck.
    """
    people = readable(people)
    count = people.patients.size
    services, drivers = len(course.service_names), len(course.driver_names)
    pools = len(course.role_names) + services
    fixed, early = np.zeros((count, LANES)), np.zeros(count)
    has = np.zeros((count, people.features.shape[1]), np.uint8)
    own = np.zeros((count, drivers))
    scalars = course.course.copy()
    scalars["opening"], scalars["horizon"] = opening, horizon
    settle_people(
        people, course.base, course.feature_effects, course.early_effects, course.stream_effects,
        fixed, early, has, own, course.driver_start, course.driver_spread, course.driver_keys,
        int(scalars[0]["mediators"]), int(scalars[0]["first_barrier"]),
        int(scalars[0]["housing_barrier"]), float(scalars[0]["housing_burden"]),
        int(scalars[0]["unemployed"]), float(scalars[0]["marked_trait"]),
    )  # fmt: skip
    own_start = own[:, : int(scalars[0]["mediators"])].copy()
    drifting = course.driver_kept[: own_start.shape[1]].copy()
    # Nothing pulls these back: a deviation from 0 stays as events have left it.
    own_start[:, MOVED_BY_EVENTS], drifting[MOVED_BY_EVENTS] = 0.0, 1.0
    ties, seats = course.ties, course.seats_of_groups if course.ties else 0
    books = Books(
        course=scalars,
        medications=course.medications.copy(),
        services=course.services.copy(),
        channels=course.channels,
        roles=course.roles.copy(),
        crises=course.crises,
        take_home=course.take_home,
        effects=course.effects,
        medication_effects=course.medication_effects,
        per_visit=course.per_visit,
        driver_start=course.driver_start,
        driver_kept=course.driver_kept,
        driver_ceiling=course.driver_ceiling,
        use_raises=course.use_raises,
        feature_effects=course.feature_effects,
        links=course.links,
        wants=course.wants,
        may_also=course.may_also,
        standing_in=np.zeros(course.may_also.shape),
        acts_for=course.acts_for,
        opening_week=course.opening_week,
        dosing_week=course.dosing_week,
        patients=people.patients,
        has=has,
        fixed=fixed,
        early=early,
        drivers=own,
        own_start=own_start,
        drifting=drifting,
        level=np.zeros((count, services)),
        due=np.zeros((count, services), np.int32),
        plan=np.zeros((count, services), np.uint8),
        received=np.zeros((count, services), np.int32),
        this_stay=np.zeros((count, services), np.int32),
        agenda=np.zeros((count, services), np.uint16),
        ties=np.full((count, ties), -1, np.int64),
        strength=np.zeros((count, ties)),
        cohesion=np.zeros((count, services if course.cohesion else 0)),
        table=np.zeros((services, seats), np.uint64),
        seated=np.zeros(seats, np.uint64),
        staff=staff_rows(course, key, opening),
        demand_for_places=np.zeros(2 * QUEUE_DAYS, np.int64),
        demand=np.zeros((pools, BUCKETS)),
        threshold=np.zeros(pools, np.int64),
        left=np.zeros(pools),
        stretch=np.ones(pools),
        days=np.zeros(horizon, DAY_ROW),
        calendar=np.zeros((horizon, count), np.uint8),
        log=np.zeros(log_rows(count, present, services), EVENT),
        written=np.zeros(COUNTERS, np.int64),
        in_line=np.zeros(count, np.uint64),
        felt=np.zeros((2, drivers)),
        paid=np.zeros(LANES),
        acting=np.zeros(LANES),
    )
    return books.plain() if numba.config.DISABLE_JIT else books


def log_rows(people: int, present: int, services: int) -> int:
    """Rows of a new log: with them nobody who is there at opening can overflow it."""
    return FIRST_LOG_ROWS + LOG_ROWS_EACH * people + present * room_for_a_person(services)


def staff_rows(course: Course, key: int, opening: int) -> Array:
    """STAFF records: every post filled, its luck keyed by its role and number.

    How long each has been in the post is drawn as posts usually stand.
    """
    names = [role for role, _ in course.posts]
    numbers = numbers_of_posts(names)
    keys = {role: joined(key, hash_of_name(f"post:{role}")) for role in set(names)}
    staff = np.zeros(len(names), STAFF)
    staff["key"] = [joined(keys[role], n + 1) for role, n in zip(names, numbers, strict=True)]
    staff["role"] = [course.role_names.index(role) for role in names]
    staff["number"] = numbers
    staff["post"] = [post for _, post in course.posts]
    staff["present"] = staff["at_work"] = True
    staff["hired_day"] = [
        opening - hired_before_opening(course.roles[row["role"]], uniform(row["key"], IN_THE_POST))
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
