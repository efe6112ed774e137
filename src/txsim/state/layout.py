"""The clinic's state: every array a day reads or writes, named, in one tuple.

Numbers of the world and of the design stand in small records and tables filled once before a run
(`parameters.tables`). People stand in one record each, with arrays of people x services (or
mediators, diagnoses, barriers) beside it, so that a new block in a catalogue or a scenario changes
no layout and compiles nothing anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from txsim.catalogue.vocabulary import MEDIATORS
from txsim.compiled.array_bundle import ArrayBundle
from txsim.compiled.functions import readable
from txsim.state.events import EVENT
from txsim.state.records import (
    DAY_ROW,
    ChannelRow,
    CrisesRow,
    DayRow,
    MedicationRow,
    RoleRow,
    SecondSubstanceRow,
    ServiceRow,
    TakeHomeRow,
)

if TYPE_CHECKING:
    from txsim.state.patient import PatientRow
    from txsim.state.records import Rows
    from txsim.state.scalars import Scalars
    from txsim.state.staff_member import StaffRow

Array = np.ndarray[Any, Any]

# The mediators every catalogue has, by their position among the drivers of the hazards.
(
    READINESS,
    COPING_SKILL,
    ALLIANCE,
    SOCIAL_SUPPORT,
    CRAVING,
    RECENT_USE,
    MISSED_VISITS,
    VISIT_BURDEN,
    RUPTURE,
    COMPANY,
) = range(10)
REQUIRED_MEDIATORS = MEDIATORS

BUCKETS = 64
"""Classes of how long a session is overdue; the upper half is for sessions booked first."""

# What a plan says of one service for one person (bits).
IN_PLAN, PLACED, WITHOUT_EFFECT, GIVEN_UP = 1, 2, 4, 8

# Kinds of service.
INDIVIDUAL, GROUP, SUPPORT, PRACTICE = range(4)
KINDS = ("individual", "group", "support", "practice")

# Phases in which a service is delivered.
PHASE_WAITING, PHASE_START, PHASE_CARE, PHASE_AFTERCARE = range(4)
PHASES = ("waiting", "start", "care", "aftercare")

# Kinds of channel.
ON_DRIVER, ON_BARRIER, ON_HAZARD = range(3)

GENERIC, MATCHED, STEPPED = range(3)
POLICIES = ("generic", "matched", "stepped")

OVERTIME, AGENCY, CLOSE_INTAKE = range(3)
WHEN_SHORT = ("overtime", "agency", "close intake")
"""What a clinic does when time for doses runs short, as `clinic.when_dosing_runs_short` says it."""

NO_LIMIT = -1.0
"""The budget of a service that may spend whatever it takes."""


@dataclass(frozen=True)
class Declared:
    """How an array of the clinic's state begins, and what becomes of it under another design."""

    kind: Any = None
    """What its entries are, where it begins blank; None for one that is given."""
    axes: tuple[str, ...] = ()
    """What it has a row, a column for, in order."""
    fill: float = 0
    """What it holds when it begins blank."""
    carried: bool = False
    """Whether a later design takes it over, entry by entry, by the names along its axes."""
    copied: bool = False
    """Whether it is one of the parameters' tables, of which every clinic has a copy to tally in."""
    follows: bool = False
    """Whether it is one of the parameters' tables as it is, to which no run writes."""


def blank(kind: Any, *axes: str, fill: float = 0, carried: bool = False) -> Any:
    """An array that a clinic opens with blank."""
    return field(metadata={"declared": Declared(kind, axes, fill, carried)})


def given(*axes: str, carried: bool = False) -> Any:
    """An array that a clinic is given when it opens."""
    return field(metadata={"declared": Declared(None, axes, 0, carried)})


def table(copied: bool = False) -> Any:
    """One of the parameters' tables; one that a clinic tallies in is `copied`."""
    return field(metadata={"declared": Declared(copied=copied, follows=not copied)})


@dataclass(frozen=True, eq=False)
class ClinicState(ArrayBundle):
    """All that a day reads and writes.

    N people, S services, J drivers, H hazards, C features, P pools, T days. Tables that are summed
    over hazards have LANES columns, those beyond the hazards empty.
    """

    scalars: Rows[Scalars] = given()
    """`state.scalars.Scalars`, one row."""
    medications: Rows[MedicationRow] = table(copied=True)
    """MEDICATION, one row each."""
    services: Rows[ServiceRow] = table(copied=True)
    """SERVICE, one row each, with the run's tallies."""
    channels: Rows[ChannelRow] = table()
    """CHANNEL rows, a service's beside each other."""
    roles: Rows[RoleRow] = table(copied=True)
    """ROLE, one row each, with the run's tallies."""
    crises: Rows[CrisesRow] = table()
    """CRISES, one row for each diagnosis that has any."""
    second_substances: Rows[SecondSubstanceRow] = table()
    """SECOND_SUBSTANCE, one row each; none where the mechanism is off."""
    second_effects: Array = table()
    """Float second substances x LANES: what a day of its use adds to the hazards of the night."""
    take_home: Rows[TakeHomeRow] = table()
    """TAKE_HOME steps in order of time in care."""
    effects: Array = table()
    """Float J x LANES: what one unit of a driver adds to a hazard."""
    medication_effects: Array = table()
    """Float medications x H: what the dose in force adds."""
    per_visit: Array = table()
    """Float J: what a required visit costs per unit of each barrier left."""
    driver_start: Array = table()
    """Float J: where a driver drifts to."""
    driver_kept: Array = table()
    """Float J: what is left of a deviation after a day."""
    driver_ceiling: Array = table()
    """Float J: the most that services can add or take away."""
    use_raises: Array = table()
    """Float J: what a day of use adds to a symptom."""
    feature_effects: Array = table()
    """Float C x H: what a feature of a person does to hazards, log scale."""
    links: Array = table()
    """Float S x S: log odds of taking up the second service at full dose of the first."""
    wants: Array = table()
    """Byte S x C: which features make a service indicated."""
    may_also: Array = table()
    """Int S x roles: roles that may give a service in place of its own, in order; -1 after them."""
    standing_in: Array = blank("f8", "service", "role")
    """Float S x roles: sessions that each of them still gives today, in the same places."""
    acts_for: Array = table()
    """Byte S x C: which features a service acts for, where it acts only for some."""
    opening_week: Array = table()
    """Byte 7: days of the week on which the clinic is open."""
    dosing_week: Array = table()
    """Byte 7: days on which doses are given under observation: open days, and closed ones after as
    many closed days running as doses may be taken home for."""
    patients: Rows[PatientRow] = given()
    """PATIENT, one row a person."""
    has: Array = given("person", "feature", carried=True)
    """Byte N x C: the features (traits, diagnoses, barriers) a person has."""
    fixed: Array = given()
    """Float N x LANES: base and lasting effects of a person, log scale."""
    early: Array = given()
    """Float N: what the first days in care add to dropout."""
    drivers: Array = given("person", "driver", carried=True)
    """Float N x J: mediators, symptoms (above their usual level), barrier burdens."""
    own_start: Array = given()
    """Float N x mediators: where each of a person's mediators drifts back to by itself."""
    drifting: Array = given()
    """Float mediators: what a day leaves of a deviation; 1 for those that only events move."""
    level: Array = blank("f8", "person", "service", carried=True)
    """Float N x S: service dose in force, 0 to 1."""
    due: Array = blank("i4", "person", "service", carried=True)
    """Int N x S: day from which the next session is due."""
    plan: Array = blank("u1", "person", "service", carried=True)
    """Byte N x S: see IN_PLAN, PLACED, WITHOUT_EFFECT, GIVEN_UP."""
    received: Array = blank("i4", "person", "service", carried=True)
    """Int N x S: sessions kept."""
    this_stay: Array = blank("i4", "person", "service", carried=True)
    """Int N x S: sessions kept in this stay, by which a course is over."""
    agenda: Array = blank("u2", "person", "service")
    """Int N x S: the services that concern a person today, packed to the left."""
    ties: Array = blank("i8", "person", "tie", fill=-1)
    """Int N x ties: rows of the people somebody knows; -1 for nobody. No columns without ties."""
    strength: Array = blank("f8", "person", "tie")
    """Float N x ties: strength of each tie, 0 to 1."""
    cohesion: Array = blank("f8", "person", "group that is felt")
    """Float N x S: the cohesion felt when one last sat in a service's group, 0 to 1. No columns
    without ties."""
    table: Array = blank("u8", "service", "seat")
    """Int S x seats: rows of the people who came to today's groups, in the order of coming."""
    seated: Array = blank("u8", "seat")
    """Int seats: the people of one service, group by group."""
    staff: Rows[StaffRow] = given()
    """STAFF, one row a post."""
    demand_for_places: Array = blank("i8", "rank")
    """Int: people waiting, by rank in the order of offers."""
    demand: Array = blank("f8", "pool", "bucket")
    """Float P x BUCKETS: minutes (roles) or seats (groups) asked for today; in the pools of other
    services, sessions that others are asked to give."""
    threshold: Array = blank("i8", "pool")
    """Int P: buckets above it are served."""
    left: Array = blank("f8", "pool")
    """Float P: minutes, seats or sessions left for the bucket at the threshold."""
    stretch: Array = blank("f8", "pool", fill=1)
    """Float P: share of the full length that sessions have today."""
    days: Rows[DayRow] = blank(DAY_ROW, "day", carried=True)
    """DAY_ROW, one row a day since opening."""
    calendar: Array = blank("u1", "day", "person", carried=True)
    """Byte T x N: status, use, heavy drinking, medication and visits (see `state.calendar`)."""
    log: Array = blank(EVENT, "happening")
    """EVENT rows."""
    written: Array = blank("i8", "counter")
    """Int 4: log rows used; people who asked or were there; 1 + where a broken-off day goes on;
    people in line this morning."""
    in_line: Array = blank("u8", "person")
    """Int N: rows of the people who wait or have an intake appointment this morning, in order."""
    felt: Array = blank("f8", "account", "driver")
    """Float 2 x J, of the person whose day it is: drivers, all counted; what services add of it.

    Of barriers, once weighed: the burden that is left, and 0.
    """
    paid: Array = blank("f8", "lane")
    """Float LANES, of the person whose day it is: what services add to a hazard directly."""
    acting: Array = blank("f8", "lane")
    """Float LANES, of the person whose day it is: all that acts on each hazard today."""

    @classmethod
    def of(cls, arrays: dict[str, Any]) -> Self:
        """The state that consists of these arrays, by name."""
        return cls(**arrays)

    @classmethod
    def declared(cls) -> dict[str, Declared]:
        """The declaration of every array, by name."""
        return {one.name: one.metadata["declared"] for one in fields(cls)}

    def with_log(self, log: Array) -> ClinicState:
        """The same state with another event log."""
        return replace(self, log=readable(log))

    def plain(self) -> ClinicState:
        """The same memory as record arrays, for rules that run uncompiled."""
        return replace(
            self,
            **{
                one.name: getattr(self, one.name).view(np.recarray)
                for one in fields(self)
                if getattr(self, one.name).dtype.names
            },
        )
