"""From a scenario to the numbers in force: the records and tables that a day reads.

One set of parameters belongs to one design and one draw of the numbers of the world. The tables are
made in the modules named for them; here they are put together and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txsim.parameters.case_mix import CaseMix, case_mix
from txsim.parameters.hazards import (
    base_table,
    clinic_table,
    crisis_table,
    driver_tables,
    feature_tables,
    stream_table,
)
from txsim.parameters.medications import medication_tables, take_home_steps
from txsim.parameters.opening_hours import hours_outside
from txsim.parameters.reader import Reading
from txsim.parameters.scalars import scalars_of
from txsim.parameters.second_substances import second_names, second_substance_tables
from txsim.parameters.services import service_tables, stand_in_table
from txsim.parameters.staff import posts_of, role_table
from txsim.randomness import hash_of_name
from txsim.state.layout import GROUP, Array

if TYPE_CHECKING:
    from txsim.catalogue.draw import Draw
    from txsim.scenario import Scenario

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Parameters:
    """The tables of one design in one draw.

    A run never writes to them: a clinic copies those that it tallies in.
    """

    scalars: Array
    medications: Array
    services: Array
    channels: Array
    roles: Array
    crises: Array
    second_substances: Array
    second_effects: Array
    take_home: Array
    effects: Array
    medication_effects: Array
    per_visit: Array
    driver_start: Array
    driver_spread: Array
    driver_keys: Array
    driver_kept: Array
    driver_ceiling: Array
    use_raises: Array
    links: Array
    wants: Array
    may_also: Array
    acts_for: Array
    opening_week: Array
    dosing_week: Array
    mix: CaseMix
    """Who comes."""
    base: Array
    """Float 2 x H: base of each hazard by substance, log scale; 0 where the base stands elsewhere
    (attendance with the service, entry in the intake curve, dropout with the medication)."""
    feature_effects: Array
    """Float C x H."""
    early_effects: Array
    """Float C: what a feature adds to dropout in the first days."""
    stream_effects: Array
    """Float streams x H."""
    clinic_effects: Array
    """Float clinics x H: what the clinic does, or each site of a trial."""
    driver_names: tuple[str, ...]
    service_names: tuple[str, ...]
    role_names: tuple[str, ...]
    medication_names: tuple[str, ...]
    second_names: tuple[str, ...]
    ties: int
    """Ties a person can have; 0 where no group is offered or ties are switched off."""
    cohesion: bool
    """Whether people feel how close a group is: where there are ties and it is not switched off."""
    seats_of_groups: int
    """The most seats that the groups of one service have on a day."""
    posts: tuple[tuple[str, float], ...]
    """Role and size of each post, in order."""
    hours_outside: tuple[float, float]
    """Hours a day open outside nine to five, and how many of them the posts can staff."""


def put_together(reading: Reading) -> Parameters:
    """All tables of a design in a draw."""
    tables = driver_tables(reading)
    base = base_table(reading)
    medications, medication_effects = medication_tables(reading)
    services, channels, links, wants, acts_for = service_tables(reading)
    may_also = stand_in_table(reading, services)
    feature_effects, early = feature_tables(reading)
    second_substances, second_effects = second_substance_tables(reading)
    opening_week = np.array(
        [day in reading.scenario.clinic.open_days for day in WEEKDAYS], np.uint8
    )
    take_home = take_home_steps(reading)
    scalars = scalars_of(reading)
    scalars["take_home_steps"] = take_home.size
    ties = ties_of(reading, services)
    scalars["stand_ins"] = (services["stand_ins"] > 0).any()
    return Parameters(
        scalars=scalars,
        medications=medications,
        services=services,
        channels=channels,
        roles=role_table(reading, int(opening_week.sum())),
        crises=crisis_table(reading),
        second_substances=second_substances,
        second_effects=second_effects,
        take_home=take_home,
        medication_effects=medication_effects,
        links=links,
        wants=wants,
        may_also=may_also,
        acts_for=acts_for,
        opening_week=opening_week,
        dosing_week=dosing_week(opening_week, reading.scenario.take_home_rules.closed_days),
        mix=case_mix(reading.scenario, reading.draw),
        base=base,
        feature_effects=feature_effects,
        early_effects=early,
        stream_effects=stream_table(reading),
        clinic_effects=clinic_table(reading),
        driver_keys=np.array(
            [hash_of_name(f"driver:{name}") for name in reading.drivers], np.uint64
        ),
        driver_names=reading.drivers,
        service_names=reading.services,
        role_names=reading.roles,
        medication_names=reading.medications,
        second_names=second_names(reading),
        ties=ties,
        cohesion=ties > 0 and reading.scenario.mechanisms.cohesion,
        seats_of_groups=int((np.ceil(services["sessions_per_week"]) * services["seats"]).max()),
        posts=posts_of(reading.scenario),
        hours_outside=hours_outside(reading),
        **tables,
    )


def dosing_week(opening_week: Array, closed_days: int) -> Array:
    """Days on which doses are given: open ones, and those after so many closed ones running."""
    closed_for = [
        next((back for back in range(7) if opening_week[(day - back) % 7]), 7) for day in range(7)
    ]
    return np.array([days == 0 or days > closed_days for days in closed_for], np.uint8)


def ties_of(reading: Reading, services: Array) -> int:
    """How many ties a person can have in this design."""
    groups = (services["kind"] == GROUP) & (services["offered"] != 0)
    if not reading.scenario.mechanisms.ties or not groups.any():
        return 0
    return round(reading.model("ties_remembered"))


_put_together: dict[tuple[str, str, tuple[str, ...]], Parameters] = {}
MOST_KEPT = 64
"""Sets of parameters that are kept; a run needs one of each design and draw."""


def parameters_of(scenario: Scenario, draw: Draw, also: tuple[str, ...] = ()) -> Parameters:
    """The parameters of a design in a draw; the last few are kept for replications that share one.

    `also` are services that the design does not offer but that people still feel.
    """
    key = (scenario.digest, draw.digest, also)
    if key not in _put_together:
        while len(_put_together) >= MOST_KEPT:
            del _put_together[next(iter(_put_together))]
        _put_together[key] = put_together(Reading(scenario, draw, also))
    return _put_together[key]
