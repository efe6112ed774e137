"""Records as classes: each field is named once, with the type that rules know it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Generic, Self, TypeVar, get_type_hints, overload

import numpy as np

from txsim.state.sizes import LEAVING_PHASES

Array = np.ndarray[Any, Any]
F8 = Annotated[float, "f8"]
I8 = Annotated[int, "i8"]
U8 = Annotated[int, "u8"]
Floats = Annotated[Array, ("f8", LEAVING_PHASES)]
Wholes = Annotated[Array, ("i8", LEAVING_PHASES)]

Row = TypeVar("Row")

if TYPE_CHECKING:

    class Rows(np.ndarray[Any, Any], Generic[Row]):
        """An array of records: by its number a row, by a field's name a column."""

        @overload  # type: ignore[override, no-overload-impl]
        def __getitem__(self, key: int) -> Row: ...
        @overload
        def __getitem__(self, key: Any) -> Any: ...

    class Record:
        """A row outside rules: its fields by their names."""

        def __getitem__(self, field: str) -> Any: ...
        def __setitem__(self, field: str, value: Any) -> None: ...

        def copy(self) -> Self:
            """A row of its own with the same values."""

else:
    Record = object


def layout_of(row: type) -> np.dtype[Any]:
    """The layout of records with the fields that a class annotates, in that order."""
    hints = get_type_hints(row, include_extras=True)
    kinds = {name: hint.__metadata__[0] for name, hint in hints.items()}
    fields = [(name, *((kind,) if isinstance(kind, str) else kind)) for name, kind in kinds.items()]
    return np.dtype(fields, align=True)


class DayRow(Record):
    """A day of the daily table."""

    asking: F8
    """People who ask."""
    waiting: F8
    """People waiting or booked at its end."""
    in_care: F8
    """People in care at its end."""
    aftercare: F8
    """Of these, in aftercare."""
    admitted: F8
    """Admissions."""
    lost_waiting: F8
    """People lost while waiting."""
    went_elsewhere: F8
    """People who stop waiting and begin treatment in another clinic."""
    dropped_out: F8
    """Exits by dropping out."""
    discharged: F8
    """Exits by a rule of the clinic."""
    completed: F8
    """Exits with treatment completed."""
    transferred: F8
    """Exits to another clinic."""
    jailed: F8
    """Exits to jail."""
    died: F8
    """Deaths, in care or not."""
    overdoses: F8
    """Overdoses."""
    departures: F8
    """Staff who leave."""
    alive: F8
    """People alive who have asked (or were there at opening)."""
    used: F8
    """Of these, people who used."""
    medicated: F8
    """Of these, people covered by this clinic's medication."""
    visits_booked: F8
    """Sessions booked."""
    visits_kept: F8
    """Sessions kept."""
    visits_waiting: F8
    """Sessions due that did not fit."""
    intake_closed: F8
    """1 if places were free, people waited, and none was offered for want of time for doses."""


class MedicationRow(Record):
    """A medication, and the days of it that were taken."""

    substance: I8
    service: I8
    days_per_visit: F8
    take_home: I8
    agonist: I8
    induction_days: I8
    induction: F8
    induction_detoxified: F8
    adherence: F8
    settles: F8
    completion_after: I8
    phase_from: Wholes
    phase_dropout: Floats
    phase_marginal: Floats
    phase_other_exits: Floats
    overdose_first: F8
    overdose_later: F8
    overdose_out_first: F8
    overdose_out_later: F8
    low_dose_share: F8
    assigned: F8
    key: U8
    days: F8


class Service(Record):
    """A service as a design has it, and what stands of it today."""

    key: U8
    number: I8
    role: I8
    kind: I8
    minutes: F8
    without_notes: F8
    stand_ins: I8
    every_days: F8
    sessions: I8
    offered: I8
    everyone: I8
    phase: I8
    from_day: I8
    until_day: I8
    priority: I8
    required: I8
    attendance: F8
    uptake: F8
    quits: F8
    builds: F8
    kept: F8
    first_channel: U8
    after_channel: U8
    pool: I8
    seats: F8
    sessions_per_week: F8
    places: I8
    budget_per_day: F8
    cost: F8
    place_day_cost: F8
    fits: I8
    fewer_visits: F8
    second_site: I8
    only_for_some: I8
    substances: I8
    for_medications: I8
    named_need: I8
    rides: I8
    carries_dose: I8
    ramp_from: I8
    ramp_days: I8
    starts_every: I8
    apart: I8
    houses: I8
    expels: F8
    finds_home: F8
    finds_work: F8
    # of today
    placed_now: I8
    reserved: I8
    claimed: F8
    came_today: I8
    held_today: I8
    without_leader: I8


class ServiceTallies(Record):
    """What a run counts of a service, from day 0 on.

    Of sessions booked and groups held, those given by another role than the service's own stood in;
    money spent on sessions, uses and places, and sessions and uses for which there was none; doses
    given beyond the minutes of their role.
    """

    due: F8
    booked: F8
    kept_sessions: F8
    missed: F8
    waited: F8
    taken_up: F8
    uses: F8
    place_days: F8
    groups_held: F8
    stood_in: F8
    days_without_place: F8
    spent: F8
    without_money: F8
    beyond_minutes: F8


class ServiceParts(Record):
    """What a day leaves of a service for the next.

    Minutes set aside for intakes, part of an offer, the share of its minutes that a practice was
    given, and money.
    """

    minutes_put_by: F8
    part_of_offer: F8
    given: F8
    pot: F8


class ServiceRow(ServiceParts, ServiceTallies, Service):
    """A service with its tallies."""


class ChannelRow(Record):
    """What a service moves, and how far."""

    kind: I8
    target: U8
    gain: F8


class Role(Record):
    """A role as a design has it, and what stands of it today."""

    key: U8
    minutes_per_day: F8
    turnover_log_rate: F8
    hiring_lag: I8
    turnover_first_year: F8
    notes: F8
    day_at_work: F8
    most_of_a_post: F8
    sick: F8
    leave_weeks: I8
    caseload: F8
    key_worker: I8
    # of today
    used_today: F8
    staffed_today: F8
    spare: F8
    asked_today: F8
    posts: F8
    left_uncounted: F8
    stays_on: F8
    doses_today: F8
    most_today: F8


class RoleTallies(Record):
    """What a run counts of a role, from day 0 on.

    Minutes of overtime are among those used, those of an agency are not; days of workers in post,
    and the same by their share of a whole post; days on which a primary counsellor had more
    patients than the role's caseload.
    """

    minutes_staffed: F8
    minutes_used: F8
    departures: F8
    vacant_days: F8
    minutes_overtime: F8
    worker_days: F8
    filled_days: F8
    caseload_breaches: F8
    minutes_agency: F8


class RoleMeans(Record):
    """What is remembered of a role's last month."""

    load: F8
    asked_mean: F8
    staffed_mean: F8
    doses_mean: F8


class RoleRow(RoleMeans, RoleTallies, Role):
    """A role with its tallies."""


class CrisesRow(Record):
    """A diagnosis that has crises."""

    driver: U8
    feature: U8
    log_rate: F8
    key: U8
    number: I8


class SecondSubstanceRow(Record):
    """What some people use beside the first substance: log rates and log odds of its own."""

    feature: U8
    key: U8
    regular: F8
    begins: F8
    ends: F8
    use: F8
    occasional_use: F8
    urine_window_days: I8
    crises: F8


class TakeHomeRow(Record):
    """A step of the rules for doses taken home."""

    from_day: I8
    days_per_visit: F8
    clean: I8


SERVICE_TALLIES = tuple(ServiceTallies.__annotations__)
SERVICE_PARTS = tuple(ServiceParts.__annotations__)
ROLE_TALLIES = tuple(RoleTallies.__annotations__)
ROLE_MEANS = tuple(RoleMeans.__annotations__)

DAY_ROW = layout_of(DayRow)
MEDICATION = layout_of(MedicationRow)
SERVICE = layout_of(ServiceRow)
CHANNEL = layout_of(ChannelRow)
ROLE = layout_of(RoleRow)
CRISES = layout_of(CrisesRow)
SECOND_SUBSTANCE = layout_of(SecondSubstanceRow)
TAKE_HOME = layout_of(TakeHomeRow)
