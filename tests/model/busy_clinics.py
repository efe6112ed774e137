"""Clinics of a dozen people, of all kinds, in which nearly everything happens in a few weeks.

Small and short enough to live through uncompiled.
"""

from __future__ import annotations

from datetime import time
from typing import Any

from txsim.scenario import Scenario

from .small_clinics import small

OFTEN = {
    "overdose": {"opioid": 2.0},
    "fatality": {"opioid": 0.1},
    "other_death": {"opioid": 0.3, "alcohol": 0.3},
    "suicide": {"opioid": 0.3, "alcohol": 0.3},
    "jail": {"opioid": 3.0, "alcohol": 3.0},
    "completion": {"opioid": 9.0, "alcohol": 0.05},
    "transfer": {"opioid": 1.5, "alcohol": 1.5},
    "return_to_care": {"opioid": 0.1, "alcohol": 0.1},
    "walk_away": {"opioid": 0.04, "alcohol": 0.04},
    "regular_use_begins": {"opioid": 0.1, "alcohol": 0.1},
    "regular_use_ends": {"opioid": 0.1, "alcohol": 0.1},
}
"""Rates of what is rare in life, so that all of it happens in a few weeks."""
OFTEN_IN_LIFE = {
    "home_found_per_year": 12.0,
    "home_lost_per_year": 8.0,
    "work_found_per_year": 12.0,
    "work_lost_per_year": 8.0,
    "jail_days": 4.0,
    "aftercare_days": 6.0,
    "early_days": 6.0,
    "assessment_sensitivity": 0.6,
    "assessment_specificity": 0.6,
    "learning_days": 9.0,
    "tie_per_session": 0.5,
    "overload_from": 0.5,
    "still_using": 0.2,
}
RULES = {
    "discharge_after_missed_days": 9,
    "positive_urines_in_a_row": 3,
    "lose_take_home_after_positive_urines": 1,
    "missed_sessions_in_a_row": 4,
    "put_out_for_behaviour_per_year": 2.0,
    "reinduction_after_missed_days": 2,
    "telehealth_share": 0.4,
    "readmission_gap_days": 4,
}


def busy(name: str, **changes: Any) -> Scenario:
    """Ten people in care, some more who ask, everything offered, everything happening often."""
    catalogue = small().catalogue
    drugs: dict[str, list[str]] = {"opioid": [], "alcohol": []}
    for one, drug in catalogue.medications.items():
        drugs[drug.substance].append(one)
    services: dict[str, Any] = {one: {"offered": True} for one in catalogue.services}
    services["sober_living"] |= {"places": 2, "expels_for_use": 0.4, "uptake": 0.9}
    services["transport_aid"] |= {"mode": "van", "uptake": 0.9}
    services["financial_aid"] |= {"budget_per_month": 90.0}
    services["family_therapy"] |= {"targets": {"use": 0.9}}
    services["psychiatric_medication"] |= {"mode": "referred", "every_days": 4.0}
    services["cbt"] |= {"course_sessions": 2, "every_days": 2.0, "until_day": 9}
    services["case_management"] |= {"from_day": 4, "quits": 0.3, "required": True}
    services["therapy_group"] |= {"seats": 3, "sessions_per_week": 9.0, "uptake": 0.95}
    base = small().with_changes(
        name=name,
        horizon={"days": 20, "follow_up_days": 10, "burn_in_days": 3},
        population={"mix": "dual diagnosis programme"},
        mixes={"dual diagnosis programme": {"detoxified_share": 0.5, "use_days": 8.0}},
        arrivals={"per_week": 7.0},
        clinic={"places": 12, "fees": {"per_day": 25.0}, "capacity": "elastic"},
        staff={role: {"posts": 1.2, "turnover_per_year": 8.0} for role in catalogue.roles},
        medication={
            "assign": {one: 1.0 / len(names) for names in drugs.values() for one in names},
            "kept_in_jail": 0.6,
            "dose": 0.3,
            "switch_after_positive_urines": 1,
        },
        medications={
            one: {"completion_after_days": 12.0, "induction_days": 4.0}
            for one in catalogue.medications
        },
        diagnoses={"borderline_personality_disorder": {"crises_per_year": 12.0}},
        second_substances={
            "stimulants": {"regular_use_begins": 0.3, "regular_use_ends": 0.3},
        },
        plan={"policy": "stepped", "review_every_days": 3},
        rules=RULES,
        hazards=OFTEN,
        services=services,
        model=OFTEN_IN_LIFE,
    )
    return base.with_changes(**changes)


BUSY: dict[str, dict[str, Any]] = {
    "stepped": {
        "services": {
            "therapy_group": {"may_also": ["nurse", "driver"]},
            "individual_counselling": {"may_also": ["peer_worker", "driver"], "every_days": 2.0},
        },
        "staff": {"counsellor": {"posts": 1.0}, "driver": {"posts": 2.0}},
    },
    "matched": {
        "plan": {"policy": "matched", "review_every_days": 4},
        "clinic": {
            "capacity": "hard",
            "overtime_share": 0.2,
            "open_days": ["mon", "tue", "thu", "fri"],
            "waiting_list": {
                "interim_dosing": True,
                "same_day_start": 0.5,
                "priority": ["pregnant", "recent overdose", "jail release"],
            },
        },
        "medication": {"assign": "by preference", "taper": {"from_day": 5, "days": 6}},
        "rules": {"discharge_after_missed_days": 30, "readmission_gap_days": 0},
        "services": {"therapy_group": {"seated": "by recent use"}},
        "staff": {"counsellor": {"posts": 0.6}, "nurse": {"posts": 0.5}},
    },
    "cohort": {
        "plan": {"policy": "generic", "review_every_days": 5},
        "horizon": {"days": 22, "follow_up_days": 30},
        "arrivals": {"cohort": 16},
        "clinic": {
            "fees": {"per_day": 0.0},
            "caseload_limit": "exceeded",
            "capacity": "hard",
            "overbooking_share": 0.5,
            "waiting_list": {"order": "last come"},
        },
        "staff": {
            "counsellor": {"posts": 2.0, "caseload": 3.0, "turnover_per_year": 0.5},
            "case_manager": {"posts": 0.3, "caseload": 3.0},
        },
        "rules": dict.fromkeys(RULES, 0) | {"telehealth_share": 1.0},
        "services": {
            "individual_counselling": {"may_also": ["nurse", "peer_worker"], "priority": 1},
            "therapy_group": {"starts_every_days": 14},
        },
        "model": {"psychosocial_cap": 0.98},
        "mechanisms": {"changing_homes": False, "changing_work": False, "crises": False},
    },
    "short hours": {
        "plan": {"policy": "matched", "review_every_days": 6},
        "horizon": {"days": 20, "follow_up_days": 10, "burn_in_days": 3, "start": "empty"},
        "arrivals": {"per_week": 14.0},
        "clinic": {
            "capacity": "hard",
            "hours": {"opens": time(9), "closes": time(15)},
            "when_dosing_runs_short": "close intake",
            "waiting_list": {"order": "last come"},
        },
        "staff": {"nurse": {"posts": 0.1}},
        "rules": {"discharge_after_missed_days": 0, "telehealth_share": 0.0},
        "services": {"contingency_management": {"budget_per_month": 60.0}},
    },
    "returning": {
        "plan": {"policy": "generic", "review_every_days": 6},
        "horizon": {"days": 12, "follow_up_days": 5, "burn_in_days": 2},
        "clinic": {"capacity": "hard", "when_dosing_runs_short": "agency"},
        "mechanisms": {"past_patients": True},
        "model": {"asks_again_years": 1.0},
        "hazards": {"return_to_care": {"opioid": 0.01, "alcohol": 0.01}},
    },
}
