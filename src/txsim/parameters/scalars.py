"""The numbers that hold for everybody: sizes, the clinic's rules, constants of the world."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, log1p
from typing import Any

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.parameters.medications import leaving_log_rate
from txsim.parameters.reader import INTAKE, INTERIM, Reading
from txsim.state.layout import POLICIES, SCALARS, WHEN_SHORT, Array
from txsim.units import IMPOSSIBLE, kept_after_a_day, log_odds, log_rate, per_day

A_QUARTER = 0.25
"""The load for which `turnover_overload` is told."""

ROUNDED = ("clean_weeks", "priority_days")
AS_THEY_STAND = (
    "burden_spread", "occasional_heavy", "medicated_from", "titration_pace", "still_using",
    "dose_at_opening", "marked_trait", "load_weight", "most_load", "step_up_use",
    "step_up_missed", "step_down_use", "step_down_missed", "stepped_up_interval",
    "stepped_down_interval",
)  # fmt: skip
"""Numbers of the model that rules read under their own names."""


def scalars_of(reading: Reading) -> Array:
    """The SCALARS record of a design in a draw."""
    scenario, model = reading.scenario, reading.model
    clinic, queue = scenario.clinic, scenario.clinic.waiting_list
    values_in_force = np.zeros(1, SCALARS)
    heavy = model("heavy_day_share")
    on = scenario.mechanisms
    readiness = reading.catalogue.mediators["readiness"]
    waiting_half_life = model("readiness_half_life_waiting_days")
    if not on.fading_readiness and readiness.half_life_days is not None:
        waiting_half_life = reading.draw.value(
            "mediators.readiness.half_life_days", readiness.half_life_days
        )
    values: dict[str, Any] = {
        "services": len(reading.services),
        "drivers": len(reading.drivers),
        "mediators": reading.mediators,
        "first_symptom": reading.mediators,
        "first_barrier": reading.first_barrier,
        "first_diagnosis": len(reading.catalogue.traits),
        "features": len(reading.features),
        "parts_of_day": 1,
        "accrual_end": 1 if scenario.arrivals.cohort else scenario.horizon.days,
        "places": clinic.places,
        "elastic": clinic.capacity == "elastic",
        "elastic_floor": model("elastic_floor"),
        "policy": POLICIES.index(scenario.plan.policy),
        "last_come_first": queue.order == "last come",
        "priority_pregnant": "pregnant" in queue.priority,
        "priority_overdose": "recent overdose" in queue.priority,
        "priority_jail": "jail release" in queue.priority,
        "jail_stream": list(reading.catalogue.streams).index("jail_release"),
        "interim_dosing": share_reached(reading, INTERIM),
        "interim_service": reading.service_at[INTERIM],
        "same_day_start": queue.same_day_start or share_reached(reading, "same_day_start"),
        "intake_within_days": max(0, round(2.0 * model("intake_lag_days") - 1.0)),
        "intake_service": reading.service_at[INTAKE],
        "money_barrier": reading.at.get("money", -1),
        "review_every_days": scenario.plan.review_every_days,
        "discharge_after_missed_days": scenario.rules.discharge_after_missed_days,
        "positive_urines_in_a_row": scenario.rules.positive_urines_in_a_row,
        "lose_take_home_after_positive_urines": (
            scenario.rules.lose_take_home_after_positive_urines
        ),
        "missed_sessions_in_a_row": scenario.rules.missed_sessions_in_a_row,
        "reinduction_after_missed_days": scenario.rules.reinduction_after_missed_days,
        "behaviour_log_rate": log_rate(
            per_day(scenario.rules.put_out_for_behaviour_per_year, "per year")
        ),
        "telehealth_share": scenario.rules.telehealth_share,
        "readmission_gap_days": max(
            scenario.rules.readmission_gap_days, round(model("readmission_gap_days"))
        ),
        "asks_again_days": round(365.0 * model("asks_again_years")),
        "taper_from_day": scenario.medication.taper.from_day,
        "taper_days": scenario.medication.taper.days,
        "switch_after_positive_urines": scenario.medication.switch_after_positive_urines,
        "by_preference": scenario.medication.assign == "by preference",
        "fee_log_rate": fee_log_rate(reading),
        "intake_show_floor": model("intake_show_floor"),
        "intake_show_extra": model("intake_show_extra"),
        "intake_show_decay_days": model("intake_show_decay_days"),
        "readiness_when_asking": model("readiness_when_asking"),
        "readiness_kept_waiting": kept_after_a_day(waiting_half_life),
        "elsewhere_share": model("elsewhere_share") if on.going_elsewhere else 0.0,
        "craving_shock_sd": model("craving_shock_sd"),
        "craving_severity": model("craving_severity"),
        "tolerance_kept": kept_after_a_day(model("tolerance_half_life_days")),
        "tolerance_gain": 1.0 - kept_after_a_day(model("tolerance_gain_days")),
        "low_tolerance_overdose": on.lost_tolerance
        * reading.model_effect("low_tolerance_overdose"),
        "alliance_per_session_kept": model("alliance_per_session_kept"),
        "alliance_per_session_missed": model("alliance_per_session_missed"),
        "alliance_left_at_handover": model("alliance_left_at_handover"),
        "psychosocial_cap": reading.model_effect("psychosocial_cap"),
        "early_days": round(model("early_days")),
        "release_log_rate": -log(model("jail_days")),
        "aftercare_days": round(model("aftercare_days")),
        "assessment_sensitivity": model("assessment_sensitivity"),
        "assessment_specificity": model("assessment_specificity"),
        "clinic_effect": model("clinic_sd") * reading.draw.deviate("clinic"),
        "urine_window_days": round(model("urine_window_days")),
        "heavy_log_odds": log_odds(heavy),
        "occasional_use": reading.model_effect("occasional_use"),
        "cover_kept": kept_after_a_day(model("blockade_half_life_days")),
        "second_site": reading.model_effect("second_site"),
        "low_dose_dropout": reading.row(
            "traits.low_dose.effects", reading.catalogue.traits["low_dose"].effects
        )[Hazard.DROPOUT],
        "preference_match": reading.model_effect("preference_match"),
        "turnover_overload": reading.model_effect("turnover_overload") / A_QUARTER
        if on.overload
        else 0.0,
        "overload_from": model("overload_from"),
        "crisis_symptoms": reading.model_effect("crisis_symptoms"),
        "first_dose_effect": model("first_dose_effect") if on.titration else 1.0,
        "crisis_craving": model("crisis_craving"),
        "crisis_alliance": model("crisis_alliance"),
        "tie_per_session": model("tie_per_session"),
        "tie_kept_a_week": kept_after_a_day(model("tie_half_life_days")) ** 7,
        "company_neutral": model("company_neutral"),
        "cohesion_attendance": reading.model_effect("cohesion_attendance"),
        "cohesion_quits": reading.model_effect("cohesion_quits"),
        "caseload_exceeded": clinic.caseload_limit == "exceeded",
        "overtime_share": clinic.overtime_share,
        "overbooking_share": clinic.overbooking_share,
        "minutes_open": clinic.hours.minutes,
        "closed_days_home": scenario.take_home_rules.closed_days,
        "when_dosing_runs_short": WHEN_SHORT.index(clinic.when_dosing_runs_short),
        "new_worker_share": model("new_worker_share") if on.learning else 1.0,
        "learning_days": model("learning_days"),
        **home_and_work(reading),
        **thresholds_and_rhythms(model),
        "kept_in_jail": scenario.medication.kept_in_jail,
        "asks_after_jail": model("asks_after_jail"),
    }
    for name, value in values.items():
        values_in_force[name] = value
    return values_in_force


def thresholds_and_rhythms(model: Callable[[str], float]) -> dict[str, float]:
    """The numbers of the model that rules read as they stand in the catalogue, or in whole days."""
    values: dict[str, float] = {name: model(name) for name in AS_THEY_STAND}
    return values | {name: round(model(name)) for name in ROUNDED}


def home_and_work(reading: Reading) -> dict[str, Any]:
    """What moves people between homes and in and out of work, and what that does to barriers."""
    model, effect, on = reading.model, reading.model_effect, reading.scenario.mechanisms
    horizon, closed = reading.scenario.horizon, reading.scenario.arrivals.cohort is not None
    barriers = reading.catalogue.barriers
    burden = reading.draw.value("barriers.housing.burden", barriers["housing"].burden)

    def rate(name: str) -> float:
        return log_rate(per_day(model(name), "per year"))

    return {
        "follow_up": horizon.days if closed else horizon.follow_up_days,
        "barrier_to_feature": len(reading.features) - len(barriers) - reading.first_barrier,
        "unemployed": reading.feature_at["unemployed"],
        "housing_barrier": reading.at["housing"],
        "schedule_barrier": reading.at["schedule"],
        "housing_burden": burden,
        "homes_change": on.changing_homes,
        "work_changes": on.changing_work,
        "home_found": rate("home_found_per_year"),
        "home_found_use": effect("home_found_use"),
        "home_lost": rate("home_lost_per_year"),
        "home_lost_use": effect("home_lost_use"),
        "home_lost_unemployed": effect("home_lost_unemployed"),
        "home_lost_in_jail": model("home_lost_in_jail"),
        "work_found": rate("work_found_per_year"),
        "work_found_use": effect("work_found_use"),
        "work_found_unhoused": effect("work_found_unhoused"),
        "work_lost": rate("work_lost_per_year"),
        "work_lost_use": effect("work_lost_use"),
        "work_lost_in_jail": model("work_lost_in_jail"),
        "work_pays": model("work_pays"),
        "work_binds": model("work_binds"),
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

    The published effect is a hazard ratio of leaving per USD a day; the rate that it adds is
    that share of methadone's own rate in its middle phase.
    """
    effect = reading.model_effect("fee_effect") * reading.scenario.clinic.fees.per_day
    if effect <= 0.0:
        return IMPOSSIBLE
    methadone = reading.catalogue.medications["methadone"]
    middle = min(1, len(methadone.phases) - 1)
    usual = leaving_log_rate(reading.draw, "methadone", methadone, middle)
    # log(exp(effect) - 1), for effects of any size
    return effect + log1p(-exp(-effect)) + usual
