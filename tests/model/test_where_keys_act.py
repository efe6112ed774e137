"""Where a key acts something moves, and where it has none it is named, and nothing moves.

A key, a value in its range and a setting are drawn. Where the registry says that the key acts, the
events, the calendar or the costs of one of a few replications must change; where it says that it
does not, `check` must name it, and not a byte may.
"""

from __future__ import annotations

import hashlib
from datetime import time
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from txsim.clinic import Clinic
from txsim.economics import cost_of_run
from txsim.errors import ScenarioError
from txsim.outcomes.families.money import cost_to_others
from txsim.outcomes.follow_up import Followed
from txsim.run import record
from txsim.scenario import Scenario
from txsim.scenario.merging import leaves_of, set_at
from txsim.scenario.schema import Mechanisms
from txsim.scenario.setting import Setting
from txsim.scenario.without_effect import rules_for

from .small_clinics import compiled_only, field_bytes
from .test_nothing_inert import busy

pytestmark = [pytest.mark.direction, compiled_only]

REPLICATIONS = 6
EQUAL = 2
"""Replications that must be equal where a key has no effect."""

SETTINGS: dict[str, dict[str, Any]] = {
    "busy": {},
    "crowded": {"clinic": {"places": 15, "waiting_list": {"same_day_start": 0.0}}},
    "cohort": {"arrivals": {"cohort": 60}},
    "enrolled": {"arrivals": {"cohort": 60, "enrolled": True}},
    "empty": {"horizon": {"start": "empty", "burn_in_days": 0}},
    "generic": {"plan": {"policy": "generic"}},
    "without groups": {
        "services": {
            name: {"offered": False}
            for name, one in busy(0.25).catalogue.services.items()
            if one.kind == "group"
        }
    },
    "without doses": {"medication": {"assign": {"none_opioid": 1.0, "none_alcohol": 1.0}}},
    "by prescription": {
        "medication": {"assign": {"xr_naltrexone_opioid": 1.0, "acamprosate": 1.0}}
    },
    "steady": {"mechanisms": {"turnover": False}},
    "drinkers": {
        "population": {"mix": "alcohol programme"},
        "medication": {"assign": {"acamprosate": 0.5, "none_alcohol": 0.5}},
    },
    "plain": {
        "services": {
            name: {"offered": False}
            for name in busy(0.25).catalogue.services
            if name not in ("intake_assessment", "dosing", "medical_management")
        },
        "mechanisms": {name: False for name in ("ties", "crises", "leave", "visit_burden")},
        "clinic": {
            "capacity": "hard",
            "fees": {"per_day": 0.0},
            "waiting_list": {"interim_dosing": False, "same_day_start": 0.0},
        },
    },
}
"""What each setting changes of the busy clinic."""

AMOUNTS: dict[str, tuple[float, float]] = {
    "clinic.caseload_at_start": (0.9, 1.0),
    "clinic.waiting_list.same_day_start": (0.8, 1.0),
    "clinic.overbooking_share": (0.3, 0.5),
    "clinic.overtime_share": (0.3, 0.5),
    "clinic.fees.per_day": (40.0, 90.0),
    "arrivals.per_week": (2.0, 6.0),
    "population.shares.stigma": (0.8, 1.0),
    "population.shares.fentanyl": (0.8, 1.0),
    "population.shares.court": (0.5, 1.0),
    "population.shares.depression": (0.8, 1.0),
    "staff.counsellor.posts": (4.0, 9.0),
    "staff.counsellor.minutes_per_week": (300.0, 900.0),
    "staff.counsellor.direct_care_share": (0.05, 0.2),
    "staff.counsellor.supervision_minutes_per_week": (400.0, 700.0),
    "staff.counsellor.notes_minutes_per_session": (30.0, 60.0),
    "staff.counsellor.turnover_per_year": (0.0, 0.5),
    "staff.counsellor.hiring_lag_days": (60.0, 90.0),
    "staff.counsellor.wage_per_year": (9e4, 2e5),
    "staff.counsellor.caseload": (1.0, 3.0),
    "staff.nurse.caseload": (1.0, 3.0),
    "staff.driver.notes_minutes_per_session": (10.0, 20.0),
    "medication.kept_in_jail": (0.9, 1.0),
    "medication.dose": (0.25, 0.4),
    "rules.put_out_for_behaviour_per_year": (2.0, 9.0),
    "rules.telehealth_share": (0.8, 1.0),
    "services.individual_counselling.minutes": (5.0, 15.0),
    "services.individual_counselling.every_days": (1.0, 3.0),
    "services.individual_counselling.attendance": (0.05, 0.2),
    "services.individual_counselling.uptake": (0.02, 0.2),
    "services.individual_counselling.quits": (0.5, 0.9),
    "services.individual_counselling.budget_per_month": (10.0, 20.0),
    "services.individual_counselling.cost_per_session": (50.0, 90.0),
    "services.individual_counselling.cost_per_place_day": (50.0, 90.0),
    "services.individual_counselling.builds_over_sessions": (40.0, 90.0),
    "services.individual_counselling.fades_over_days": (1.0, 3.0),
    "services.therapy_group.minutes": (20.0, 40.0),
    "services.therapy_group.sessions_per_week": (0.5, 1.0),
    "services.cbt.sessions_per_week": (2.0, 9.0),
    "services.dosing.every_days": (2.0, 5.0),
    "services.dosing.attendance": (0.2, 0.4),
    "services.dosing.uptake": (0.2, 0.4),
    "services.dosing.quits": (0.2, 0.4),
    "services.intake_assessment.attendance": (0.2, 0.4),
    "services.intake_assessment.minutes": (300.0, 400.0),
    "services.contingency_management.budget_per_month": (1.0, 20.0),
    "services.financial_aid.budget_per_month": (1.0, 20.0),
    "services.financial_aid.cost_per_place_day": (50.0, 90.0),
    "services.financial_aid.every_days": (1.0, 3.0),
    "services.financial_aid.attendance": (0.1, 0.3),
    "services.transport_aid.modes.van.minutes": (60.0, 90.0),
    "services.transport_aid.modes.ride.cost_per_use": (60.0, 90.0),
    "services.transport_aid.modes.van.cost_per_use": (60.0, 90.0),
    "services.transport_aid.modes.van.fewer_visits": (0.7, 1.0),
    "services.transport_aid.minutes": (60.0, 90.0),
    "services.reminders.minutes": (4e4, 6e4),
    "services.reminders.attendance": (0.1, 0.3),
    "services.reminders.uptake": (0.1, 0.3),
    "services.reminders.cost_per_session": (50.0, 90.0),
    "roles.counsellor.sick_share": (0.5, 0.9),
    "roles.counsellor.caseload": (1.0, 3.0),
    "medications.methadone.adherence": (0.1, 0.3),
    "medications.acamprosate.adherence": (0.01, 0.1),
    "model.elastic_floor": (0.9, 1.0),
    "model.fee_effect": (2.0, 3.0),
    "model.fee_solved": (10.0, 100.0),
    "model.tie_per_session": (0.01, 0.05),
    "model.cohesion_attendance": (9.0, 20.0),
    "model.crisis_craving": (3.0, 9.0),
    "model.heavy_day_share": (0.05, 0.2),
    "model.urine_window_days": (12.0, 20.0),
    "model.assessment_sensitivity": (0.01, 0.2),
    "model.second_site": (0.01, 0.1),
    "model.learning_days": (400.0, 900.0),
    "model.asks_after_jail": (0.01, 0.1),
    "model.aftercare_days": (1.0, 3.0),
    "model.home_lost_per_year": (30.0, 60.0),
    "model.work_lost_per_year": (30.0, 60.0),
    "model.schedule_relief_per_extra_hour": (0.001, 0.01),
    "model.turnover_supervision": (0.1, 0.3),
    "model.first_dose_effect": (0.01, 0.1),
    "model.elsewhere_share": (0.8, 1.0),
}
"""The range in which an amount is drawn, far from what the busy clinic has."""
WHOLE: dict[str, tuple[int, int]] = {
    "horizon.days": (10, 30),
    "horizon.follow_up_days": (1, 9),
    "horizon.burn_in_days": (15, 30),
    "arrivals.abstinent_days": (5, 20),
    "arrivals.inpatient_days": (5, 20),
    "clinic.sites": (2, 9),
    "clinic.places": (5, 12),
    "clinic.waiting_list.promised_after_days": (1, 3),
    "medication.switch_after_positive_urines": (1, 1),
    "medication.taper.days": (5, 9),
    "medication.taper.from_day": (1, 5),
    "plan.review_every_days": (2, 4),
    "rules.discharge_after_missed_days": (2, 6),
    "rules.positive_urines_in_a_row": (1, 2),
    "rules.lose_take_home_after_positive_urines": (1, 1),
    "rules.missed_sessions_in_a_row": (1, 2),
    "rules.reinduction_after_missed_days": (1, 2),
    "rules.readmission_gap_days": (20, 60),
    "staff.counsellor.leave_weeks_per_year": (20, 45),
    "services.cbt.course_sessions": (1, 1),
    "services.individual_counselling.from_day": (20, 40),
    "services.individual_counselling.until_day": (2, 6),
    "services.individual_counselling.priority": (1, 1),
    "services.individual_counselling.seats": (2, 9),
    "services.individual_counselling.places": (2, 9),
    "services.motivational_interviewing.from_day": (20, 40),
    "services.dosing.course_sessions": (1, 2),
    "services.therapy_group.seats": (1, 2),
    "services.sober_living.places": (1, 1),
    "services.therapy_group.starts_every_days": (20, 40),
}
CHOICES: dict[str, tuple[Any, ...]] = {
    "horizon.start": ("empty",),
    "population.mix": ("outpatient opioid programme",),
    "population.distance_km": ({"median": 50.0, "p90": 90.0}, {"median": 0.1, "p90": 0.2}),
    "arrivals.streams": ({"court": 1.0}, {"jail_release": 1.0}),
    "clinic.kind": ("a van",),
    "clinic.care": ("trial",),
    "population.people": ("others",),
    "clinic.open_days": (["mon"], ["tue", "thu"]),
    "clinic.hours": (
        {"opens": time(8), "closes": time(9)},
        {"opens": time(0), "closes": "24:00"},
        {"opens": time(22), "closes": time(23)},
    ),
    "clinic.waiting_list.order": ("last come",),
    "clinic.waiting_list.priority": (["recent overdose", "jail release", "pregnant"],),
    "clinic.waiting_list.interim_dosing": (True,),
    "clinic.capacity": ("hard", "elastic"),
    "clinic.caseload_limit": ("exceeded",),
    "clinic.vacant_posts": ("paid",),
    "clinic.when_dosing_runs_short": ("agency", "close intake"),
    "clinic.fees.currency": ("EUR",),
    "medication.assign": (
        {"methadone": 1.0, "disulfiram": 1.0},
        {"buprenorphine": 1.0, "oral_naltrexone": 1.0},
    ),
    "medication.take_home": ("rules after 2024", "low threshold"),
    "plan.policy": ("stepped", "generic"),
    "rules.preset": ("strict",),
    "effects.grades": ("A", "AB"),
    "effects.override": ({"cbt": {"use": {"odds_ratio": 0.3}}},),
    "economics.prices": ({"costs.urine_test": 90.0}, {"costs.overdose_event": 9e4}),
    "economics.currency": ("EUR",),
    "services.individual_counselling.kind": ("practice",),
    "services.individual_counselling.phase": ("start",),
    "services.individual_counselling.required": (True,),
    "services.individual_counselling.role": ("front_desk",),
    "services.individual_counselling.may_also": (["front_desk", "driver"],),
    "services.individual_counselling.offered": (False,),
    "services.individual_counselling.indicated": ({"diagnoses": ["anxiety"]},),
    "services.individual_counselling.serves": ("assessed need",),
    "services.peer_group.seated": ("by recent use",),
    "services.individual_counselling.seated": ("by recent use",),
    "services.transport_aid.mode": ("ride", "telehealth"),
    "services.sober_living.houses": (False,),
    "services.case_management.links": ({"housing_help": 90.0}, {"employment_help": 90.0}),
    "mixes.alcohol programme": ({"age_mean": 60.0},),
    "mixes.dual diagnosis programme": ({"use_days": 3.0},),
    "take_home.rules before 2024": ({"closed_days": 3},),
    "take_home.strict": ({"closed_days": 2},),
    "diagnoses.depression": ({"opioid": 0.9}, {"use_raises": 0.9}),
    "barriers.transport": ({"alcohol": 0.01}, {"per_visit": 2.0}),
    "mediators.alliance": ({"half_life_days": 1.0},),
    "mediators.company": ({"effects": {"regular_use_begins": 90.0}},),
    "hazards.overdose": ({"opioid": 20.0},),
    "hazards.other_death": ({"alcohol": 5.0},),
    "second_substances.stimulants": ({"use": 0.99}, {"effects": {"overdose": 90.0}}),
    "services.contingency_management.rewards": ("first", "second"),
    "services.contingency_management.pays_for": ({"second_use": 0.01},),
    "streams.court": ({"effects": {"dropout": 9.0}},),
    "roles.counsellor.key_worker": (False,),
    **{f"mechanisms.{name}": (False,) for name in Mechanisms.model_fields},
}
ONLY_WORDS = ("clinic.kind", "clinic.fees.currency", "economics.currency")
"""What reports say: it acts, and moves nothing."""
RARE = (
    "mechanisms.tenure", "mechanisms.learning", "model.learning_days", "services.peer_group.seated",
    "clinic.sites", "model.schedule_relief_per_extra_hour",
)  # fmt: skip
"""What moves few of the staff in two months, sorts people who fit into one group, or needs people
on duty outside nine to five: tested in the large clinic of `test_nothing_inert`. Sites are alike
under central values: see `test_trials`."""

FAINT = (
    "services.individual_counselling.builds_over_sessions",
    "services.transport_aid.modes.van.fewer_visits",
)
"""What a few sessions in two months change in people's numbers, and not yet in their days."""


def values() -> st.SearchStrategy[tuple[str, Any]]:
    """A key and a value for it."""
    drawn: list[st.SearchStrategy[tuple[str, Any]]] = []
    for key, (low, high) in AMOUNTS.items():
        drawn.append(st.tuples(st.just(key), st.floats(low, high).map(lambda one: round(one, 3))))
    for key, (first, last) in WHOLE.items():
        drawn.append(st.tuples(st.just(key), st.integers(first, last)))
    for key, choices in CHOICES.items():
        drawn.append(st.tuples(st.just(key), st.sampled_from(choices)))
    return st.one_of(drawn)


@cache
def setting(name: str) -> Scenario:
    """A small busy clinic that is short of nurses and primary counsellors, changed as it says.

    Required visits burden people by much, so that a few of them tell.
    """
    short = busy(0.25).with_changes(
        staff={
            "nurse": {"posts": 0.02},
            "counsellor": {"posts": 0.5 if name == "crowded" else 1.5},
        },
        mediators={"visit_burden": {"effects": {"dropout": 20.0}}},
    )
    return short.with_changes(name=name, **SETTINGS[name])


def bytes_of(scenario: Scenario, replication: int, numbers: bool = False) -> str:
    """What happened, to whom and when, and what it cost the programme and others.

    With `numbers`, also what services have done to people, whether or not it has told yet.
    """
    clinic = Clinic(scenario, replication)
    clinic.run()
    clinic.close()
    held = record(clinic)
    cost = cost_of_run(held)
    others = cost_to_others.rule(Followed.who_asked(held)).sum()
    counted = ("urines_positive", "second_urines_positive", "second_days_used")
    positive = [int(held.patients[name].sum()) for name in counted]
    digest = hashlib.sha256(field_bytes(held.events) + held.calendar.tobytes())
    if numbers:
        digest.update(clinic.state.level.tobytes() + clinic.state.drivers.tobytes())
    digest.update(repr((cost.staff, cost.medication, cost.services, others, positive)).encode())
    return digest.hexdigest()


@cache
def as_it_is(name: str, replication: int, numbers: bool = False) -> str:
    return bytes_of(setting(name), replication, numbers)


def reason_of(scenario: Scenario, key: str, value: Any) -> str:
    """Why a key, or all that stands in it, has no effect; nothing where some of it acts."""
    change: dict[str, Any] = {}
    set_at(change, tuple(key.split(".")), value)
    looked_at = Setting(scenario, scenario.catalogue)
    reasons = [
        next(filter(None, (rule(looked_at, *names) for _, rule, names in rules_for(leaf))), "")
        for leaf in leaves_of(change)
    ]
    return "" if "" in reasons else reasons[0]


def look_at(name: str, key: str, value: Any) -> None:
    """Hold the registry to what happens when a key is set in a setting."""
    try:
        other = setting(name).with_changes(name="other", **{key: value})
    except ScenarioError:
        assume(False)
    assume(other.digest != setting(name).digest)
    reason = reason_of(other, key, value)
    if reason and (value or key.startswith("mechanisms.")):
        assert any(f": has no effect {reason}" in one for one in other.warnings)
        for replication in range(EQUAL):
            assert bytes_of(other, replication) == as_it_is(name, replication)
    elif key in ONLY_WORDS:
        assert bytes_of(other, 0) == as_it_is(name, 0)
    elif not reason and key not in RARE:
        faint = key in FAINT
        assert any(
            bytes_of(other, n, faint) != as_it_is(name, n, faint) for n in range(REPLICATIONS)
        )


@settings(max_examples=60)
@given(name=st.sampled_from(list(SETTINGS)), key_and_value=values())
def test_a_key_acts_where_the_registry_says_so(name: str, key_and_value: tuple[str, Any]) -> None:
    look_at(name, *key_and_value)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
@settings(max_examples=80)
@given(key_and_value=values())
def test_many_keys_act_where_the_registry_says_so(
    name: str, key_and_value: tuple[str, Any]
) -> None:
    look_at(name, *key_and_value)


def test_posts_that_nothing_asks_for_cost_money_and_do_nothing_else() -> None:
    """What `check` says of them; it names the key all the same."""
    plain = setting("plain")
    more = plain.with_changes(name="more", staff={"psychiatrist": {"posts": 9.0}})
    held = []
    for scenario in (plain, more):
        clinic = Clinic(scenario, 0)
        clinic.run()
        clinic.close()
        held.append(record(clinic))

    assert any(
        "staff.psychiatrist.posts: has no effect beyond its cost" in w for w in more.warnings
    )
    assert held[0].calendar.tobytes() == held[1].calendar.tobytes()
    assert field_bytes(held[0].events) == field_bytes(held[1].events)
    assert cost_of_run(held[1]).staff > cost_of_run(held[0]).staff
