"""Services as records, and the channels through which each acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.catalogue.strengths import learning
from txsim.catalogue.vocabulary import SUBSTANCES, Hazard
from txsim.parameters.reader import INTAKE, Reading
from txsim.randomness import hash_of_name
from txsim.state.layout import (
    GROUP,
    INDIVIDUAL,
    KINDS,
    NO_LIMIT,
    ON_BARRIER,
    ON_DRIVER,
    ON_HAZARD,
    PHASES,
    SUPPORT,
    Array,
)
from txsim.state.records import CHANNEL, SERVICE
from txsim.units import DAYS_PER_MONTH, log_odds

if TYPE_CHECKING:
    from txsim.catalogue import Service

RIDES = "transport"


def channels_of(reading: Reading, name: str, service: Service) -> list[tuple[int, int, float]]:
    """The channels of a service: kind, target and gain at full dose."""
    path = f"services.{name}"
    mode = service.modes.get(service.mode)
    factor = reading.draw.value(f"{path}.modes.{service.mode}.factor", mode.factor) if mode else 1.0
    channels = [
        (ON_DRIVER, reading.at[one.driver], one.gain)
        if one.driver
        else (ON_HAZARD, int(Hazard.named(one.target)), one.gain)
        for one in reading.strengths.carried(name, service)
    ]
    for barrier, number in service.relieves.items():
        lifted = reading.draw.value(f"{path}.relieves.{barrier}", number)
        channels.append((ON_BARRIER, reading.at[barrier], min(1.0, lifted * factor)))
    channels += [
        (ON_HAZARD, int(hazard), gain)
        for hazard, gain in reading.strengths.paid(name, service).items()
    ]
    return channels


def fill_row(reading: Reading, row: Array, name: str, service: Service) -> None:
    """One SERVICE record: everything but its channels."""
    path, draw = f"services.{name}", reading.draw
    mode, kind = service.modes.get(service.mode), KINDS.index(service.kind)
    indicated = service.indicated
    row["key"] = hash_of_name(f"service:{name}")
    row["role"] = reading.roles.index(service.role) if service.role else -1
    row["kind"] = kind
    row["minutes"] = service.minutes
    row["every_days"] = service.every_days
    row["sessions"] = service.course_sessions
    row["offered"] = service.offered and name != INTAKE
    row["everyone"] = service.serves == "everyone"
    row["phase"] = PHASES.index(service.phase)
    row["from_day"], row["until_day"] = service.from_day, service.until_day
    row["priority"], row["required"] = service.priority, service.required
    row["attendance"] = log_odds(draw.value(f"{path}.attendance", service.attendance))
    uptake = draw.value(f"{path}.uptake", service.uptake)
    if mode and not service.relieves:
        uptake *= draw.value(f"{path}.modes.{service.mode}.factor", mode.factor)
    row["uptake"] = log_odds(uptake)
    row["quits"] = draw.value(f"{path}.quits", service.quits)
    row["builds"], row["kept"] = learning(draw, path, service)
    own_pool = len(reading.roles) + reading.service_at[name]
    row["pool"] = {INDIVIDUAL: row["role"], GROUP: own_pool}.get(kind, -1)
    row["seats"], row["sessions_per_week"] = service.seats, service.groups_per_week
    row["starts_every"] = service.starts_every_days
    row["apart"] = service.seated == "by recent use"
    row["places"] = service.places
    row["houses"] = service.houses
    row["expels"] = draw.value(f"{path}.expels_for_use", service.expels_for_use)
    for what, number in service.helps_find.items():
        row[f"finds_{what}"] = draw.effect(f"{path}.helps_find.{what}", number)
    budget = service.budget_per_month
    row["budget_per_day"] = NO_LIMIT if budget is None else budget / DAYS_PER_MONTH
    row["cost"] = draw.value(f"{path}.cost_per_session", service.cost_per_session)
    row["cost"] *= service.rewards_a_session
    row["place_day_cost"] = draw.value(f"{path}.cost_per_place_day", service.cost_per_place_day)
    if mode:
        row["cost"] += draw.value(f"{path}.modes.{service.mode}.cost_per_use", mode.cost_per_use)
        row["fewer_visits"] = mode.fewer_visits
        row["minutes"] = mode.minutes or service.minutes
        row["role"] = row["role"] if row["minutes"] > 0 else -1
        row["second_site"] = service.mode == "referred"
    row["without_notes"] = row["minutes"]
    row["fits"] = row["role"] < 0 or row["minutes"] <= reading.scenario.clinic.hours.minutes
    if not row["fits"]:
        row["sessions_per_week"] = 0.0
    row["stand_ins"] = len(service.may_also) if row["role"] >= 0 else 0
    if row["role"] >= 0 and kind in (INDIVIDUAL, GROUP):
        row["minutes"] += notes_for(reading, service.role, float(row["minutes"]))
    row["given"] = 1.0
    row["rides"] = kind == SUPPORT and RIDES in service.relieves
    row["only_for_some"] = bool(service.only_for)
    substances = (*SUBSTANCES, *reading.catalogue.second_substances)
    row["substances"] = sum(1 << substances.index(one) for one in indicated.substances)
    row["for_medications"] = sum(
        1 << reading.medications.index(one) for one in indicated.medications
    )
    row["named_need"] = bool(needs_named(service))


def notes_for(reading: Reading, role: str, minutes: float) -> float:
    """Minutes of notes that a role keeps on a session; on one that takes no time, none."""
    notes = reading.catalogue.roles[role].notes_minutes_per_session
    return reading.draw.value(f"roles.{role}.notes_minutes_per_session", notes) if minutes else 0.0


def needs_named(service: Service) -> tuple[str, ...]:
    """The features any one of which makes the service indicated; none for a service for all."""
    indicated = service.indicated
    return (*indicated.diagnoses, *indicated.barriers, *indicated.traits)


def service_tables(reading: Reading) -> tuple[Array, Array, Array, Array, Array]:
    """SERVICE records, CHANNEL rows, links, wants and acts_for (see `state.layout.ClinicState`)."""
    count = len(reading.services)
    rows = np.zeros(count, SERVICE)
    channels: list[tuple[int, int, float]] = []
    links = np.zeros((count, count))
    wants = np.zeros((count, len(reading.features)), np.uint8)
    acts_for = np.zeros((count, len(reading.features)), np.uint8)
    carriers = {one.service for one in reading.catalogue.medications.values() if one.service}
    number = {name: place for place, name in enumerate(reading.catalogue.services)}
    for s, name in enumerate(reading.services):
        one, row = reading.catalogue.services[name], rows[s]
        row["number"] = number[name]
        fill_row(reading, row, name, one)
        row["carries_dose"] = name in carriers
        for feature in needs_named(one):
            wants[s, reading.feature_at[feature]] = 1
        for feature in one.only_for:
            acts_for[s, reading.feature_at[feature]] = 1
        for other, effect in one.links.items():
            if other in reading.service_at:
                odds = reading.draw.effect(f"services.{name}.links.{other}", effect)
                links[s, reading.service_at[other]] = odds
        row["first_channel"] = len(channels)
        if one.offered:
            channels += channels_of(reading, name, one)
        row["after_channel"] = len(channels)
    return rows, np.array(channels or [(0, 0, 0.0)], CHANNEL), links, wants, acts_for


def stand_in_table(reading: Reading, services: Array) -> Array:
    """Roles that may give each service in place of its own (see `ClinicState.may_also`)."""
    may_also = np.full((len(reading.services), len(reading.roles)), -1, np.int64)
    for s, name in enumerate(reading.services):
        for k in range(int(services[s]["stand_ins"])):
            role = reading.catalogue.services[name].may_also[k]
            may_also[s, k] = reading.roles.index(role)
    return may_also
