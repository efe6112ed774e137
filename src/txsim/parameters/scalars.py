"""The numbers that hold for everybody, as `state.scalars` declares them."""

from __future__ import annotations

from math import exp, log, log1p

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.parameters.medications import published_log_rate
from txsim.parameters.reader import INTAKE, INTERIM, Reading
from txsim.state.layout import POLICIES, WHEN_SHORT, Array
from txsim.state.scalars import DECLARED, SCALARS, Declared
from txsim.units import IMPOSSIBLE, kept_after_a_day, log_odds, log_rate, per_day

LEAST_BURDEN = 1e-3
"""Mean burden of a barrier below which it is nobody's."""
A_QUARTER = 0.25
"""The load for which `turnover_overload` is told."""


def scalars_of(reading: Reading) -> Array:
    """The record of scalars of a design in a draw; a clinic that opens adds its own days."""
    values = {
        **{
            name: in_force(reading, name, one)
            for name, one in DECLARED.items()
            if one.how != "worked out"
        },
        **sizes_and_positions(reading),
        **of_the_clinic(reading),
        **of_the_world(reading),
    }
    record = np.zeros(1, SCALARS)
    for name, value in values.items():
        whole = SCALARS[name].kind in "iu"
        record[name] = round(value) if whole else value
    return record


def in_force(reading: Reading, name: str, one: Declared) -> float:
    """The value of a scalar that is declared with what it is."""
    if one.where and not getattr(reading.scenario.mechanisms, one.where):
        return one.otherwise
    of = one.of or name
    if one.how == "setting":
        return float(reading.scenario.value(of))
    if one.how == "effect":
        return reading.model_effect(of)
    value = reading.model(of)
    if one.how == "yearly rate":
        return log_rate(per_day(value, "per year"))
    return kept_after_a_day(value) if one.how == "half-life" else value


def sizes_and_positions(reading: Reading) -> dict[str, float]:
    """How many there are of what, and where names that rules know stand among others."""
    streams, barriers = list(reading.catalogue.streams), len(reading.catalogue.barriers)
    return {
        "services": len(reading.services),
        "drivers": len(reading.drivers),
        "mediators": reading.mediators,
        "first_symptom": reading.mediators,
        "first_barrier": reading.first_barrier,
        "first_diagnosis": len(reading.catalogue.traits),
        "features": len(reading.features),
        "barrier_to_feature": len(reading.features) - barriers - reading.first_barrier,
        "parts_of_day": 1,
        "jail_stream": streams.index("jail_release"),
        "unemployed": reading.feature_at["unemployed"],
        "money_barrier": reading.at.get("money", -1),
        "housing_barrier": reading.at["housing"],
        "schedule_barrier": reading.at["schedule"],
        "interim_service": reading.service_at[INTERIM],
        "intake_service": reading.service_at[INTAKE],
    }


def of_the_clinic(reading: Reading) -> dict[str, float]:
    """The design's own settings, where rules read them otherwise than they are written."""
    scenario, model = reading.scenario, reading.model
    clinic, rules, queue = scenario.clinic, scenario.rules, scenario.clinic.waiting_list
    horizon, cohort = scenario.horizon, scenario.arrivals.cohort
    behaviour = per_day(rules.put_out_for_behaviour_per_year, "per year")
    return {
        "accrual_end": 1 if cohort else horizon.days,
        "inpatient_days": scenario.arrivals.inpatient_days if cohort else 0,
        "follow_up": horizon.days if cohort is not None else horizon.follow_up_days,
        "elastic": clinic.capacity == "elastic",
        "caseload_exceeded": clinic.caseload_limit == "exceeded",
        "minutes_open": clinic.hours.minutes,
        "when_dosing_runs_short": WHEN_SHORT.index(clinic.when_dosing_runs_short),
        "last_come_first": queue.order == "last come",
        "priority_pregnant": "pregnant" in queue.priority,
        "priority_overdose": "recent overdose" in queue.priority,
        "priority_jail": "jail release" in queue.priority,
        "interim_dosing": share_reached(reading, INTERIM),
        "same_day_start": queue.same_day_start or share_reached(reading, "same_day_start"),
        "intake_within_days": max(0, round(2.0 * model("intake_lag_days") - 1.0)),
        "policy": POLICIES.index(scenario.plan.policy),
        "behaviour_log_rate": log_rate(behaviour),
        "readmission_gap_days": max(
            rules.readmission_gap_days, round(model("readmission_gap_days"))
        ),
        "by_preference": scenario.medication.assign == "by preference",
        "fee_log_rate": fee_log_rate(reading),
    }


def of_the_world(reading: Reading) -> dict[str, float]:
    """Numbers of the world that follow from several, or from one in another way."""
    model, on = reading.model, reading.scenario.mechanisms
    barriers, traits = reading.catalogue.barriers, reading.catalogue.traits
    readiness = reading.catalogue.mediators["readiness"].half_life_days
    while_waiting = model("readiness_half_life_waiting_days")
    if not on.fading_readiness and readiness is not None:
        while_waiting = reading.draw.value("mediators.readiness.half_life_days", readiness)
    low_dose = reading.row("traits.low_dose.effects", traits["low_dose"].effects)
    overload = reading.model_effect("turnover_overload") if on.overload else 0.0
    housing = reading.draw.value("barriers.housing.burden", barriers["housing"].burden)
    return {
        "asks_again_days": round(365.0 * model("asks_again_years")),
        "readiness_kept_waiting": kept_after_a_day(while_waiting),
        "tolerance_gain": 1.0 - kept_after_a_day(model("tolerance_gain_days")),
        "low_dose_dropout": low_dose[Hazard.DROPOUT],
        "heavy_log_odds": log_odds(model("heavy_day_share")),
        "tie_kept_a_week": kept_after_a_day(model("tie_half_life_days")) ** 7,
        "turnover_overload": overload / A_QUARTER,
        "housing_burden": housing,
        "release_log_rate": -log(model("jail_days")),
    }


def share_reached(reading: Reading, practice: str) -> float:
    """Share of people whom a practice at the door reaches: its uptake where it is offered."""
    service = reading.catalogue.services[practice]
    return (
        reading.draw.value(f"services.{practice}.uptake", service.uptake)
        if service.offered
        else 0.0
    )


def fee_log_rate(reading: Reading) -> float:
    """Being put out for unpaid fees, log rate per day at a full burden of money.

    The published effect is a hazard ratio of leaving per USD a day, of all who pay. The rate that
    it adds to methadone's published rate in its middle phase is borne by those short of money, each
    by their burden over the mean of everybody in the catalogue's mix. `fee_solved` is such that all
    together show the ratio.
    """
    effect = reading.model_effect("fee_effect") * reading.scenario.clinic.fees.per_day
    solved = reading.model("fee_solved")
    if effect <= 0.0 or solved <= 0.0 or "money" not in reading.catalogue.barriers:
        return IMPOSSIBLE
    methadone = reading.catalogue.medications["methadone"]
    middle = min(1, len(methadone.phases) - 1)
    usual = published_log_rate(reading.draw, "methadone", methadone, middle)
    # log(exp(effect) - 1), for effects of any size
    added = effect + log1p(-exp(-effect)) + usual + log(solved)
    return added - log(usual_burden(reading, "money"))


def usual_burden(reading: Reading, barrier: str) -> float:
    """Mean burden of a barrier among all who ask about opioids, those without it included."""
    one, value = reading.catalogue.barriers[barrier], reading.draw.value
    share = value(f"barriers.{barrier}.opioid", one.opioid) if one.opioid else 0.0
    return max(share * value(f"barriers.{barrier}.burden", one.burden), LEAST_BURDEN)
