"""The numbers that hold for everybody in one run, each declared once: its kind, and what it is.

A number of `model.toml`, an effect or a setting that rules read as it stands is one line here and
nothing else. What has to be worked out says so, and `parameters.scalars` does it under the same
name. Effects stand on the log scale; `_kept` is what is left after a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from txsim.state.records import F8, I8, U8, Record, layout_of


@dataclass(frozen=True)
class Declared:
    """Where the value of a scalar comes from."""

    how: Literal["number", "effect", "yearly rate", "half-life", "setting", "worked out"]
    of: str = ""
    """Number of the model, or path of the setting; that of its own name if left out."""
    where: str = ""
    """The mechanism without which it is `otherwise`."""
    otherwise: float = 0.0


def number(of: str = "", *, where: str = "", otherwise: float = 0.0) -> Any:
    """A number of the model as it stands; in a field of whole numbers, rounded."""
    return Declared("number", of, where, otherwise)


def effect(of: str = "", *, where: str = "") -> Any:
    """An effect of the model, as an additive term."""
    return Declared("effect", of, where)


def yearly_rate(of: str) -> Any:
    """A rate a year of the model, as a log rate a day."""
    return Declared("yearly rate", of)


def half_life(of: str) -> Any:
    """A half-life of the model in days, as what is left after a day."""
    return Declared("half-life", of)


def setting(path: str) -> Any:
    """A key of the scenario as it stands."""
    return Declared("setting", path)


def worked_out() -> Any:
    """Worked out from several, in `parameters.scalars` or when a clinic opens."""
    return Declared("worked out")


class Scalars(Record):
    """Scalars in force in one run."""

    # sizes and positions
    services: U8 = worked_out()
    drivers: U8 = worked_out()
    mediators: U8 = worked_out()
    first_symptom: U8 = worked_out()
    first_barrier: U8 = worked_out()
    first_diagnosis: U8 = worked_out()
    features: I8 = worked_out()
    barrier_to_feature: I8 = worked_out()
    take_home_steps: I8 = worked_out()
    stand_ins: I8 = worked_out()
    parts_of_day: I8 = worked_out()
    jail_stream: I8 = worked_out()
    unemployed: I8 = worked_out()
    money_barrier: I8 = worked_out()
    housing_barrier: I8 = worked_out()
    schedule_barrier: I8 = worked_out()
    interim_service: I8 = worked_out()
    intake_service: I8 = worked_out()
    # time
    opening: I8 = worked_out()
    horizon: I8 = worked_out()
    days_since_open: I8 = worked_out()
    accrual_end: I8 = worked_out()
    follow_up: I8 = worked_out()
    # the clinic and its door
    places: I8 = setting("clinic.places")
    enrolled: I8 = setting("arrivals.enrolled")
    inpatient_days: I8 = worked_out()
    inpatient_dropout: F8 = effect()
    inpatient_use: F8 = effect()
    elastic: I8 = worked_out()
    elastic_floor: F8 = number()
    overtime_share: F8 = setting("clinic.overtime_share")
    overbooking_share: F8 = setting("clinic.overbooking_share")
    caseload_exceeded: I8 = worked_out()
    minutes_open: F8 = worked_out()
    closed_days_home: I8 = setting("take_home_rules.closed_days")
    when_dosing_runs_short: I8 = worked_out()
    last_come_first: I8 = worked_out()
    priority_pregnant: I8 = worked_out()
    priority_overdose: I8 = worked_out()
    priority_jail: I8 = worked_out()
    priority_days: I8 = number()
    interim_dosing: F8 = worked_out()
    same_day_start: F8 = worked_out()
    promised_after_days: I8 = setting("clinic.waiting_list.promised_after_days")
    intake_within_days: I8 = worked_out()
    intake_show_floor: F8 = number()
    intake_show_extra: F8 = number()
    intake_show_decay_days: F8 = number()
    elsewhere_share: F8 = number(where="going_elsewhere")
    readmission_gap_days: I8 = worked_out()
    asks_again_days: I8 = worked_out()
    dose_at_opening: F8 = number()
    # plans and reviews
    policy: I8 = worked_out()
    review_every_days: I8 = setting("plan.review_every_days")
    assessment_sensitivity: F8 = number()
    assessment_specificity: F8 = number()
    marked_trait: F8 = number()
    step_up_use: F8 = number()
    step_up_missed: F8 = number()
    step_down_use: F8 = number()
    step_down_missed: F8 = number()
    stepped_up_interval: F8 = number()
    stepped_down_interval: F8 = number()
    second_site: F8 = effect()
    aftercare_days: I8 = number()
    # rules of the clinic
    discharge_after_missed_days: I8 = setting("rules.discharge_after_missed_days")
    positive_urines_in_a_row: I8 = setting("rules.positive_urines_in_a_row")
    missed_sessions_in_a_row: I8 = setting("rules.missed_sessions_in_a_row")
    lose_take_home_after_positive_urines: I8 = setting("rules.lose_take_home_after_positive_urines")
    reinduction_after_missed_days: I8 = setting("rules.reinduction_after_missed_days")
    behaviour_log_rate: F8 = worked_out()
    telehealth_share: F8 = setting("rules.telehealth_share")
    fee_log_rate: F8 = worked_out()
    urine_window_days: I8 = number()
    clean_weeks: I8 = number()
    # medication
    taper_from_day: I8 = setting("medication.taper.from_day")
    taper_days: I8 = setting("medication.taper.days")
    by_preference: I8 = worked_out()
    switch_after_positive_urines: I8 = setting("medication.switch_after_positive_urines")
    preference_match: F8 = effect()
    fentanyl_induction: F8 = effect()
    regular_use_dropout: F8 = effect()
    low_dose_dropout: F8 = worked_out()
    first_dose_effect: F8 = number(where="titration", otherwise=1.0)
    titration_pace: F8 = number()
    still_using: F8 = number()
    cover_kept: F8 = half_life("blockade_half_life_days")
    medicated_from: F8 = number()
    kept_in_jail: F8 = setting("medication.kept_in_jail")
    # what acts on people
    readiness_when_asking: F8 = number()
    readiness_kept_waiting: F8 = worked_out()
    craving_shock_sd: F8 = number()
    craving_severity: F8 = number()
    tolerance_kept: F8 = half_life("tolerance_half_life_days")
    tolerance_gain: F8 = worked_out()
    low_tolerance_overdose: F8 = effect(where="lost_tolerance")
    alliance_per_session_kept: F8 = number()
    alliance_per_session_missed: F8 = number()
    alliance_left_at_handover: F8 = number()
    psychosocial_cap: F8 = effect()
    early_days: I8 = number()
    other_death_just_out: F8 = effect()
    suicide_just_out: F8 = effect()
    regular_use_begins_after_detoxification: F8 = effect()
    regular_use_dropout_after_detoxification: F8 = effect()
    heavy_log_odds: F8 = worked_out()
    occasional_use: F8 = effect()
    occasional_heavy: F8 = number()
    burden_spread: F8 = number()
    # crises
    crisis_symptoms: F8 = effect()
    crisis_craving: F8 = number()
    crisis_alliance: F8 = number()
    # ties
    tie_per_session: F8 = number()
    tie_kept_a_week: F8 = worked_out()
    cohesion_attendance: F8 = effect()
    cohesion_quits: F8 = effect()
    # staff
    turnover_overload: F8 = worked_out()
    overload_from: F8 = number()
    load_weight: F8 = number()
    most_load: F8 = number()
    new_worker_share: F8 = number(where="learning", otherwise=1.0)
    learning_days: F8 = number()
    # home, work, jail
    housing_burden: F8 = worked_out()
    homes_change: I8 = setting("mechanisms.changing_homes")
    work_changes: I8 = setting("mechanisms.changing_work")
    home_found: F8 = yearly_rate("home_found_per_year")
    home_found_use: F8 = effect()
    home_lost: F8 = yearly_rate("home_lost_per_year")
    home_lost_use: F8 = effect()
    home_lost_unemployed: F8 = effect()
    home_lost_in_jail: F8 = number()
    work_found: F8 = yearly_rate("work_found_per_year")
    work_found_use: F8 = effect()
    work_found_unhoused: F8 = effect()
    work_lost: F8 = yearly_rate("work_lost_per_year")
    work_lost_use: F8 = effect()
    work_lost_in_jail: F8 = number()
    work_pays: F8 = number()
    work_binds: F8 = number()
    release_log_rate: F8 = worked_out()
    asks_after_jail: F8 = number()


SCALARS = layout_of(Scalars)
"""The layout of the one record of scalars."""
DECLARED: dict[str, Declared] = {name: getattr(Scalars, name) for name in SCALARS.names or ()}
"""What each of them is."""
