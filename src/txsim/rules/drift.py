"""What moves a little every day: services fade or act, craving and alliance drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, unsigned
from txsim.randomness import decision, normal, uniform
from txsim.rules.linear_predictor import add_up_help
from txsim.rules.sessions import give_support, share_of_recent
from txsim.state.events import BOOKED, WAITING, in_care
from txsim.state.layout import (
    CRAVING,
    IN_PLAN,
    PRACTICE,
    READINESS,
    RECENT_USE,
    SUPPORT,
    ClinicState,
)

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.scalars import Scalars

CRAVING_SHOCK = decision("craving's shock of the day")


@rule
def craving_tomorrow(
    craving: float, start: float, kept: float, severity: float, luck: float, p: Scalars
) -> float:
    """An autoregressive walk around the person's own level, which severity raises; sd units."""
    level = start + p.craving_severity * severity
    return level + kept * (craving - level) + p.craving_shock_sd * normal(luck)


@rule
def tolerance_tomorrow(tolerance: float, held: bool, p: Scalars) -> float:
    """Tolerance rises with a day of use or of an agonist, and is lost with a half-life without."""
    if held:
        return tolerance + (1.0 - tolerance) * p.tolerance_gain
    return tolerance * p.tolerance_kept


@rule
def weekly_visits(days_between: float) -> float:
    """Required visits a week."""
    return 7.0 / max(days_between, 1.0)


@rule
def in_person_share(supply_days: float, p: Scalars) -> float:
    """Share of the visits that carry the dose for which one must come.

    Visits at which a week's supply or more is prescribed can be held by telephone.
    """
    return 1.0 - p.telehealth_share if supply_days >= 7.0 else 1.0


@rule
def feel_services(state: ClinicState, i: int, day: int) -> float:
    """Fade what was received, let support act, add it all up by channel; required visits a week."""
    patient = state.patients[i]
    services, agenda, plan, levels = state.services, state.agenda, state.plan, state.level
    listening = in_care(patient.status) or patient.status == WAITING or patient.status == BOOKED
    visits = 0.0
    fewer = 0.0
    for place in range(patient.agenda_length):
        s = unsigned(agenda[i, place])
        service = services[s]
        planned = plan[i, s] & IN_PLAN
        if planned and listening and service.kind == SUPPORT:
            give_support(state, i, s, day)
            fewer = max(fewer, service.fewer_visits * levels[i, s])
        else:
            levels[i, s] *= service.kept
        if planned and listening:
            if service.kind == PRACTICE:
                staffed = service.role < 0 or state.roles[service.role].posts > 0.0
                levels[i, s] = service.given if staffed else 0.0
            elif service.carries_dose:
                in_person = in_person_share(patient.supply_days, state.scalars[0])
                visits = max(visits, weekly_visits(patient.supply_days) * in_person)
            elif service.required:
                visits = max(visits, weekly_visits(service.every_days))
    add_up_help(state, i)
    return visits * (1.0 - fewer)


@rule
def drift(state: ClinicState, i: int, key: Key, used: bool) -> None:
    """Move a person's own drivers to tomorrow."""
    p = state.scalars[0]
    patient = state.patients[i]
    own, own_starts = state.drivers, state.own_start
    starts, kept_of, raises = state.driver_start, state.driver_kept, state.use_raises
    has, drifting = state.has, state.drifting
    start, readiness = own_starts[i, READINESS], own[i, READINESS]
    for j in range(p.mediators):
        own[i, j] = own_starts[i, j] + drifting[j] * (own[i, j] - own_starts[i, j])
    if patient.status == WAITING or patient.status == BOOKED:
        own[i, READINESS] = start + p.readiness_kept_waiting * (readiness - start)
    lift = 1.0 if used else 0.0
    for d in range(p.first_barrier - p.first_symptom):
        j = p.first_symptom + d
        raised = has[i, p.first_diagnosis + d] * (lift * raises[j])
        own[i, j] = own[i, j] * kept_of[j] + raised
    own[i, CRAVING] = craving_tomorrow(
        own[i, CRAVING],
        starts[CRAVING],
        kept_of[CRAVING],
        patient.severity,
        uniform(key, CRAVING_SHOCK),
        p,
    )
    own[i, RECENT_USE] = share_of_recent(own[i, RECENT_USE], used, kept_of[RECENT_USE])
