"""Where the model's own numbers act; rules as in `where_keys_act`."""

from txsim.scenario.setting import Rule, Setting, always, either, unless
from txsim.scenario.where_keys_act import (
    KEYS,
    with_groups,
    with_medication,
    with_ties,
)


def _with(mechanism: str) -> Rule:
    """Where a mechanism is on, and can occur."""
    off = unless(
        f"without mechanisms.{mechanism}",
        lambda one: not getattr(one.scenario.mechanisms, mechanism),
    )
    return either(off, KEYS[f"mechanisms.{mechanism}"])


def _in_jail(setting: Setting) -> str:
    if setting.scenario.medication.kept_in_jail == 0.0:
        return "because nobody goes on with medication in jail (medication.kept_in_jail)"
    return with_medication(setting)


def _gap(setting: Setting) -> str:
    gap = setting.scenario.rules.readmission_gap_days
    own = setting.catalogue.model["readmission_gap_days"].value
    return f"because rules.readmission_gap_days is {gap}" if gap > own else ""


with_homes, with_work = _with("changing_homes"), _with("changing_work")
with_assessment = either(
    unless(
        'with plan.policy = "generic", for which nobody is assessed',
        lambda one: one.scenario.plan.policy == "generic",
    ),
    unless("because no service on offer is for a need", lambda one: not one.meets_needs),
)
with_schedules = unless(
    "because nobody is bound by a schedule", lambda one: one.share_of("schedule") == 0.0
)
with_drinkers = unless(
    "because nobody comes for alcohol", lambda one: "alcohol" not in one.substances
)
with_hours_outside = unless(
    "because the clinic opens from nine to five at most",
    lambda one: (
        one.scenario.clinic.hours.minutes <= one.scenario.clinic.hours.minutes_in_working_hours
    ),
)

with_effects_on_use = unless(
    "because no service on offer has an effect on use that was published",
    lambda one: (
        not any(
            "use" in {**service.targets, **service.paid_for}
            for name, service in one.catalogue.services.items()
            if name in one.offered
        )
    ),
)
without_fee = unless("without a fee", lambda one: one.scenario.clinic.fees.per_day == 0.0)

NUMBERS: dict[str, Rule] = {
    "model.*": always,
    "model.readiness_half_life_waiting_days": _with("fading_readiness"),
    "model.elsewhere_share": unless(
        "without mechanisms.going_elsewhere",
        lambda one: not one.scenario.mechanisms.going_elsewhere,
    ),
    "model.heavy_day_share": with_drinkers,
    "model.first_dose_effect": _with("titration"),
    "model.dose_saturation": KEYS["medication.dose"],
    "model.low_dose_mark": KEYS["medication.dose"],
    "model.urine_window_days": unless(
        "because nobody comes for opioids, and no service pays for negative samples",
        lambda one: (
            "opioid" not in one.substances
            and not any("use" in service.paid_for for service in one.offered.values())
        ),
    ),
    "model.tolerance_half_life_days": _with("lost_tolerance"),
    "model.tolerance_gain_days": _with("lost_tolerance"),
    "model.low_tolerance_overdose": _with("lost_tolerance"),
    "model.crisis_symptoms": _with("crises"),
    "model.crisis_craving": _with("crises"),
    "model.crisis_alliance": _with("crises"),
    "model.tie_per_session": with_ties,
    "model.tie_half_life_days": with_ties,
    "model.ties_remembered": with_ties,
    "model.cohesion_attendance": either(with_groups, _with("cohesion")),
    "model.cohesion_quits": either(with_groups, _with("cohesion")),
    "model.preference_match": with_medication,
    "model.second_site": unless(
        "because no service is given elsewhere",
        lambda one: all(service.mode != "referred" for service in one.offered.values()),
    ),
    "model.assessment_sensitivity": with_assessment,
    "model.assessment_specificity": with_assessment,
    "model.schedule_relief_per_extra_hour": with_schedules,
    "model.most_schedule_relief": either(with_schedules, with_hours_outside),
    "model.people_per_worker_on_duty": either(with_schedules, with_hours_outside),
    "model.fee_effect": without_fee,
    "model.fee_solved": without_fee,
    "model.reference_use": with_effects_on_use,
    "model.reference_regular_use": with_effects_on_use,
    "model.reference_use_sd": with_effects_on_use,
    "model.elastic_floor": unless(
        'without capacity = "elastic"', lambda one: one.scenario.clinic.capacity != "elastic"
    ),
    "model.turnover_overload": _with("overload"),
    "model.overload_from": _with("overload"),
    "model.turnover_first_year": _with("tenure"),
    "model.turnover_supervision": _with("supervision"),
    "model.new_worker_share": _with("learning"),
    "model.learning_days": _with("learning"),
    **{f"model.home_{one}": with_homes for one in ("found_per_year", "found_use", "lost_per_year")},
    **{f"model.home_{one}": with_homes for one in ("lost_use", "lost_unemployed", "lost_in_jail")},
    **{f"model.work_{one}": with_work for one in ("found_per_year", "found_use", "lost_per_year")},
    **{f"model.work_{one}": with_work for one in ("lost_use", "found_unhoused", "lost_in_jail")},
    **{f"model.work_{one}": with_work for one in ("pays", "binds")},
    "model.asks_after_jail": _in_jail,
    "model.readmission_gap_days": _gap,
    "model.aftercare_days": unless(
        "because no aftercare is offered",
        lambda one: all(service.phase != "aftercare" for service in one.offered.values()),
    ),
}
"""The rule of every number that acts in some settings only; the others always do."""
