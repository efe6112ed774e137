"""Nothing declared is inert: every number of the catalogue that speaks of the world moves a run.

Each number is changed by much, alone, in a clinic where everything is offered and everything
happens often; something in what the run leaves must change. What is left out is named here, with
its reason.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import exp, log
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from txsim.catalogue import Catalogue, Number
from txsim.catalogue.number import CHANCE_UNITS, LOG_UNITS
from txsim.catalogue.vocabulary import SUBSTANCES, Hazard
from txsim.clinic import Clinic
from txsim.parameters import tables as tables_module
from txsim.parameters.draw_source import draw_of
from txsim.run import lived, record, run
from txsim.scenario import Scenario
from txsim.scenario.schema import Mechanisms
from txsim.state.events import NEVER

from .small_clinics import (
    baseline,
    compiled_only,
    digest_of,
    everyone_shares,
    field_bytes,
    small,
)

pytestmark = [pytest.mark.direction, compiled_only]

OFTEN = {
    "overdose": {"opioid": 2.0},
    "fatality": {"opioid": 0.2},
    "other_death": {"opioid": 0.6, "alcohol": 0.6},
    "suicide": {"opioid": 0.08, "alcohol": 0.08},
    "jail": {"opioid": 0.6, "alcohol": 0.6},
    "completion": {"opioid": 3.0, "alcohol": 0.02},
    "transfer": {"opioid": 0.5, "alcohol": 0.5},
    "return_to_care": {"opioid": 0.03, "alcohol": 0.03},
    "walk_away": {"opioid": 0.02, "alcohol": 0.02},
    "regular_use_begins": {"opioid": 0.05, "alcohol": 0.03},
    "regular_use_ends": {"opioid": 0.03, "alcohol": 0.03},
}
"""Rates of what is rare in life, so that all of it happens in two months."""
OFTEN_IN_LIFE = {
    "home_found_per_year": 6.0,
    "home_lost_per_year": 3.0,
    "work_found_per_year": 6.0,
    "work_lost_per_year": 3.0,
    "jail_days": 7.0,
}
"""The same for homes and work."""


@cache
def busy(size: float) -> Scenario:
    """Everything offered and most things happening, to people with both substances.

    At size 1, some 700 people; at a quarter of it, runs of a few hundredths of a second. Targets of
    no effect are given one, so that how a service is learnt and forgotten matters too; ceilings are
    out of the way.
    """
    catalogue = baseline().catalogue
    medications: dict[str, list[str]] = {"opioid": [], "alcohol": []}
    for name, one in catalogue.medications.items():
        medications[one.substance].append(name)
    return baseline().with_changes(
        name="busy",
        horizon={"days": 50, "follow_up_days": 15, "burn_in_days": 5, "start": "own steady state"},
        population={
            "mix": "dual diagnosis programme",
            "shares": everyone_shares(baseline(), 0.4),
        },
        mixes={"dual diagnosis programme": {"detoxified_share": 0.5}},
        arrivals={"per_week": 45.0 * size},
        clinic={
            "places": round(400 * size),
            "caseload_at_start": 0.5,
            "capacity": "elastic",
            "fees": {"per_day": 8.0},
            "hours": {"opens": datetime.time(0), "closes": "24:00"},
            "waiting_list": {"interim_dosing": True, "same_day_start": 0.3},
        },
        staff={
            role: {"posts": size * (4.0 if role in OVERLOADED else 14.0), "caseload": 12}
            for role in catalogue.roles
        }
        | {"front_desk": {"posts": 14.0 * size, "supervision_minutes_per_week": 300.0}},
        medication={
            "assign": {name: 1.0 / len(names) for names in medications.values() for name in names},
            "kept_in_jail": 0.5,
            "dose": 0.8,
        },
        medications={
            name: {"completion_after_days": 25.0, "induction_days": 3.0}
            for name in catalogue.medications
        },
        plan={"policy": "matched", "review_every_days": 7},
        rules={"readmission_gap_days": 0},
        hazards=OFTEN,
        mechanisms={"past_patients": False},
        services={
            name: {
                "offered": True,
                "from_day": 0,
                "until_day": 0,
                "targets": {key: 0.9 for key, one in entry.targets.items() if one.is_null},
            }
            for name, entry in catalogue.services.items()
        }
        | {
            "psychiatric_medication": {"offered": True, "mode": "referred", "every_days": 5.0},
            "transport_aid": {"offered": True, "mode": "van"},
            "financial_aid": {"offered": True, "uptake": 0.2},
            "therapy_group": {"offered": True, "quits": 0.3, "targets": {"dropout": 0.9}},
            "contingency_management": {
                "offered": True,
                "rewards": "both",
                "targets": {"dropout": 0.9},
            },
            "employment_help": {
                "offered": True,
                "uptake": 0.9,
                "every_days": 4.0,
                "raises": {"symptoms:depression": -2.0},
            },
        },
        mediators={name: {"ceiling": 20.0} for name in catalogue.mediators},
        roles={
            role: {"turnover_per_year": 6.0, "hiring_lag_days": 10.0} for role in catalogue.roles
        },
        model={
            "aftercare_days": 15.0,
            "early_days": 20.0,
            "overload_from": 0.7,
            "people_per_worker_on_duty": 10.0,
            "schedule_relief_per_extra_hour": 0.15,
            **OFTEN_IN_LIFE,
            "tie_per_session": 0.5,
        },
    )


OVERLOADED = ("peer_worker", "driver", "nurse")


def replaced(thing: Any, path: list[str], number: Number) -> Any:
    """The catalogue, or a part of it, with the number at a path exchanged."""
    if not path:
        return number
    if isinstance(thing, Catalogue):
        table, *rest = path
        return replace(thing, **{table: replaced(getattr(thing, table), rest, number)})
    if isinstance(thing, BaseModel):
        field, *rest = path
        return thing.model_copy(update={field: replaced(getattr(thing, field), rest, number)})
    if isinstance(thing, dict):
        names = [name for name in thing if name == path[0]]
        return {**thing, names[0]: replaced(thing[names[0]], path[1:], number)}
    place = int(path[0])
    return (*thing[:place], replaced(thing[place], path[1:], number), *thing[place + 1 :])


def changed_much(number: Number) -> Number:
    """Far from where it is, and still possible."""
    value = number.value
    if number.unit in CHANCE_UNITS:
        away = -2.0 if value > 0.5 else 2.0
        moved = 0.5 if value in (0.0, 1.0) else 1.0 / (1.0 + exp(-log(value / (1 - value)) - away))
    elif number.unit in LOG_UNITS:
        moved = 3.0 * value if value else 30.0
    else:
        moved = value + 1.0
    return number.model_copy(update={"value": moved, "sd": None, "low": None, "high": None})


def digest_with(path: str, scenario: Scenario, replication: int = 0) -> str:
    """What a clinic leaves when the number at a path is another."""
    number = dict(scenario.catalogue.numbers())[path]
    other = scenario.with_changes(name="other")
    other.__dict__["catalogue"] = replaced(
        scenario.catalogue, path.split("."), changed_much(number)
    )
    return digest_without_cache(other, replication)


def digest_without_cache(scenario: Scenario, replication: int = 0) -> str:
    """A hash over what the clinic leaves: its records, its people's state and its services' dose.

    Courses are kept by the digest of a scenario, which knows nothing of a catalogue put in by hand.
    """
    tables_module._put_together.clear()
    clinic = Clinic(scenario, replication)
    clinic.run()
    clinic.close()
    tables_module._put_together.clear()
    state = clinic.state.drivers.tobytes() + clinic.state.level.tobytes()
    return digest_of(record(clinic)) + hashlib.sha256(state).hexdigest()


def declared(path: str, thing: Any) -> Iterator[str]:
    """Paths of the numbers that stand in a block itself, not left to their defaults."""
    if isinstance(thing, Number):
        yield path
    elif isinstance(thing, BaseModel):
        for field in type(thing).model_fields:
            if field in thing.model_fields_set:
                yield from declared(f"{path}.{field}", getattr(thing, field))
    elif isinstance(thing, dict):
        for name, one in thing.items():
            yield from declared(f"{path}.{name}", one)
    elif isinstance(thing, tuple):
        for place, one in enumerate(thing):
            yield from declared(f"{path}.{place}", one)


def declared_in(table: str) -> list[str]:
    entries = getattr(baseline().catalogue, table)
    return [path for name, entry in entries.items() for path in declared(f"{table}.{name}", entry)]


WORDS_FOR_MONEY = ("wage_per_year", "cost_per_session", "cost_per_place_day", "cost_per_day")
PRACTICES = ("reminders", "case_conferences", "stigma_training")


def exempt(path: str) -> str:
    """Why a number moves no run of the busy clinic; nothing when it must."""
    table, name, *rest = path.split(".")
    if any(word in rest for word in (*WORDS_FOR_MONEY, "cost_per_use")):
        return "a price: it moves what a run costs, which is tested with economics"
    if table == "mixes" and name != "dual diagnosis programme":
        return "another case mix; tested with its own"
    if table in ("traits", "diagnoses", "barriers") and rest[0] in SUBSTANCES:
        return "a prevalence, which the busy clinic overrides; tested without"
    if table == "mixes" and rest[0] == "shares":
        return "a prevalence, which the busy clinic overrides; tested without"
    if "modes" in rest:
        return "a way of delivery; tested with the way in force"
    if "phases" in rest:
        return "published rates of leaving stand beside solved ones; tested with the opening"
    if "positive_share" in rest or path.endswith("_in_care"):
        return "what the solved offset of use was solved to; held by a test"
    if path.startswith("services.intake_assessment."):
        return "the intake's own curve decides who comes; nobody takes it up or gives it up"
    if name in ("dosing", "medical_management") and rest[0] in ("uptake", "quits"):
        return "the visits come, and end, with the medication"
    if path in [f"services.{practice}.uptake" for practice in PRACTICES]:
        return "a practice of the clinic reaches everybody; 1 by design"
    if name in ("none_opioid", "none_alcohol") and rest[0] in (
        "induction_success", "induction_success_detoxified", "adherence", "low_dose_share",
    ):  # fmt: skip
        return "nothing to be induced or taken; 1 or 0 by design"
    if path in OF_A_CHOICE:
        return "read where a clinic chooses what the busy one does not; tested with that choice"
    if path in ("model.clinic_sd", "model.clinic_use_sd"):
        return "moves nothing under central values; tested under a draw"
    if path == "services.same_day_start.uptake":
        return "the waiting list's own share is in force; tested with the service"
    return ""


STEPPED = {"plan": {"policy": "stepped", "review_every_days": 4}}
IN_TRIALS = {"clinic": {"care": "trial"}}
BEGINNING = {"arrivals": {"cohort": 60, "enrolled": True, "abstinent_days": 9, "inpatient_days": 9}}
OF_A_CHOICE: dict[str, dict[str, Any]] = {
    "medications.methadone.leaving_at_first_in_trials": IN_TRIALS,
    "medications.buprenorphine.leaving_at_first_in_trials": IN_TRIALS,
    "medications.xr_naltrexone_opioid.leaving_at_first_in_trials": IN_TRIALS,
    "medications.methadone.leaving_in_trials": IN_TRIALS,
    "medications.buprenorphine.leaving_in_trials": IN_TRIALS,
    "medications.xr_naltrexone_opioid.leaving_in_trials": IN_TRIALS,
    "model.withdrawal_days": BEGINNING,
    "model.inpatient_dropout": BEGINNING,
    "model.inpatient_use": BEGINNING,
    "model.asks_again_years": {"mechanisms": {"past_patients": True}},
    "model.priority_days": {
        "clinic": {"waiting_list": {"priority": ["recent overdose", "jail release"]}}
    },
    "model.step_up_use": STEPPED,
    "model.step_up_missed": STEPPED,
    "model.step_down_use": STEPPED,
    "model.step_down_missed": STEPPED,
    "model.stepped_up_interval": STEPPED,
    "model.stepped_down_interval": STEPPED,
    "model.still_using": {"services": {"therapy_group": {"seated": "by recent use"}}},
    "model.marked_trait": {
        "services": {"individual_counselling": {"indicated": {"traits": ["severity"]}}}
    },
}
"""Numbers that are read only where a clinic makes a choice, and the choice."""


@cache
def as_it_is(size: float, replication: int = 0) -> str:
    return digest_without_cache(busy(size), replication)


def moves(path: str) -> bool:
    """Whether a number moves the busy clinic: a small one, else a large one, else other luck."""
    return any(
        digest_with(path, busy(size), replication) != as_it_is(size, replication)
        for size, replication in ((0.25, 0), *((1.0, one) for one in range(6)))
    )


TABLES = (
    "hazards", "mediators", "traits", "diagnoses", "barriers", "second_substances", "services",
    "medications", "roles", "streams", "mixes", "model",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_every_number_moves_something(table: str) -> None:
    paths = [path for path in declared_in(table) if not exempt(path)]
    inert = [path for path in paths if not moves(path)]

    assert paths
    assert inert == []


@pytest.mark.parametrize("path", OF_A_CHOICE)
def test_numbers_of_a_choice_move_those_who_choose_it(path: str) -> None:
    scenarios = [
        scenario.with_changes(name="chosen", **OF_A_CHOICE[path])
        for scenario in (busy(0.25), busy(1.0), crowded())
    ]

    assert any(
        digest_with(path, one, replication) != digest_without_cache(one, replication)
        for one in scenarios
        for replication in range(4)
    )


def test_every_table_of_numbers_is_looked_at() -> None:
    known = {path.split(".")[0] for path, _ in baseline().catalogue.numbers()}

    assert known == {*TABLES, "costs"}


def people_of(scenario: Scenario) -> str:
    """A hash over who is there and who will ask, when the clinic opens."""
    tables_module._put_together.clear()
    clinic = Clinic(scenario)
    clinic.close()
    tables_module._put_together.clear()
    state = clinic.state
    held = field_bytes(state.patients) + state.has.tobytes() + state.drivers.tobytes()
    return hashlib.sha256(held).hexdigest()


def with_number(scenario: Scenario, path: str) -> Scenario:
    """The scenario with the number at a path changed by much."""
    number = dict(scenario.catalogue.numbers())[path]
    other = scenario.with_changes(name="other")
    other.__dict__["catalogue"] = replaced(
        scenario.catalogue, path.split("."), changed_much(number)
    )
    return other


@cache
def asked_by_many(mix: str) -> Scenario:
    """A clinic that many will ask; only the mix and the catalogue say who they are."""
    substance = baseline().catalogue.mixes[mix].opioid_share.value
    assign = {"methadone": 1.0} if substance > 0.0 else {}
    assign |= {"acamprosate": 1.0} if substance < 1.0 else {}
    return baseline().with_changes(
        name="asked by many",
        horizon={"days": 40, "follow_up_days": 5, "start": "empty"},
        population={"mix": mix},
        arrivals={"per_week": 60.0},
        medication={"assign": assign},
    )


@pytest.mark.parametrize("mix", baseline().catalogue.mixes)
def test_every_number_of_a_mix_moves_who_asks(mix: str) -> None:
    scenario = asked_by_many(mix)
    as_now = people_of(scenario)
    paths = declared(f"mixes.{mix}", scenario.catalogue.mixes[mix])
    paths = [path for path in paths if not path.endswith(".leaving")]

    assert [path for path in paths if people_of(with_number(scenario, path)) == as_now] == []


def test_the_leaving_of_a_mix_moves_how_many_stay() -> None:
    """Three times the published rates of leaving methadone, as in programmes of another era."""
    stay = []
    for mix in ("outpatient opioid programme", "US opioid programme 2023"):
        held = run(asked_by_many(mix), uncertainty=False)
        admitted = held.patients["first_admitted_day"] != NEVER
        stay.append(float((held.patients["exit_day"][admitted] == NEVER).mean()))

    assert stay[1] < stay[0] - 0.05


@pytest.mark.parametrize("table", ["traits", "diagnoses", "barriers"])
def test_every_prevalence_moves_who_asks(table: str) -> None:
    """A share by substance counts wherever the mix has no share of its own.

    Nobody who drinks is on prescription opioids, by definition.
    """
    inert = []
    for mix, substance in (
        ("rural opioid programme", "opioid"),
        ("outpatient opioid programme", "opioid"),
        ("alcohol programme", "alcohol"),
    ):
        scenario = asked_by_many(mix)
        as_now = people_of(scenario)
        own = scenario.catalogue.mixes[mix].shares
        without = ("prescription_opioids",) if substance == "alcohol" else ()
        for name, entry in getattr(scenario.catalogue, table).items():
            if getattr(entry, substance) is not None and name not in (*own, *without):
                path = f"{table}.{name}.{substance}"
                if people_of(with_number(scenario, path)) == as_now:
                    inert.append(path)

    assert inert == []


@pytest.mark.parametrize(
    "medication",
    [name for name, one in baseline().catalogue.medications.items() if one.service],
)
def test_published_leaving_moves_who_is_there_at_opening(medication: str) -> None:
    """The shorter people stay on a medication, the shorter those present have been there."""
    substance = baseline().catalogue.medications[medication].substance
    mix = "outpatient opioid programme" if substance == "opioid" else "alcohol programme"
    scenario = baseline().with_changes(
        population={"mix": mix}, medication={"assign": {medication: 1.0}}
    )
    as_now = people_of(scenario)

    for place in range(min(len(scenario.catalogue.medications[medication].phases), 4)):
        path = f"medications.{medication}.phases.{place}.dropout"
        assert people_of(with_number(scenario, path)) != as_now


def modes() -> list[tuple[str, str]]:
    return [
        (service, mode)
        for service, entry in baseline().catalogue.services.items()
        for mode in entry.modes
    ]


@pytest.mark.parametrize(("service", "mode"), modes())
def test_every_way_of_delivery_matters(service: str, mode: str) -> None:
    scenario = busy(0.25).with_changes(services={service: {"mode": mode}})
    path = f"services.{service}.modes.{mode}.factor"
    now = digest_without_cache(scenario)

    assert digest_with(path, scenario) != now
    for other in baseline().catalogue.services[service].modes:
        if other != mode:
            elsewhere = scenario.with_changes(services={service: {"mode": other}})
            assert digest_without_cache(elsewhere) != now


def test_the_share_reached_by_same_day_start_matters() -> None:
    """Where the waiting list names no share of its own, the practice's uptake is the share."""
    digests = {
        digest_without_cache(
            busy(0.25).with_changes(
                name="other",
                clinic={"waiting_list": {"same_day_start": None}},
                services={"same_day_start": {"uptake": uptake}},
            )
        )
        for uptake in (0.2, 0.8)
    }

    assert len(digests) == 2


def clinic_effect(scenario: Scenario, draw: int | None, hazard: Hazard) -> float:
    """What one clinic adds to a log rate, beside the mean clinic."""
    drawn = tables_module.parameters_of(scenario, draw_of(draw, 1))
    return float(drawn.clinic_effects[0, hazard])


@pytest.mark.parametrize(
    ("number", "hazard"),
    [("clinic_sd", Hazard.DROPOUT), ("clinic_use_sd", Hazard.REGULAR_USE_BEGINS)],
)
def test_clinics_differ_by_more_where_their_spread_is_larger(number: str, hazard: Hazard) -> None:
    """Under a draw; under central values every clinic is the mean one."""
    drawn = []
    whole = 1.0 if hazard == Hazard.DROPOUT else 2.0
    for spread in (0.1, 1.0):
        scenario = busy(0.25).with_changes(model={number: spread})
        effects = [whole * clinic_effect(scenario, draw, hazard) for draw in range(20)]
        drawn.append(effects)
        assert clinic_effect(scenario, None, hazard) == 0.0

    assert [10 * one for one in drawn[0]] == pytest.approx(drawn[1])
    assert 0.5 < np.std(drawn[1]) < 1.6


CHOICES: dict[str, Any] = {
    "horizon.days": 40,
    "horizon.follow_up_days": 9,
    "horizon.burn_in_days": 12,
    "horizon.start": "empty",
    "population.shares": {"stigma": 0.9},
    "population.distance_km": {"median": 40.0, "p90": 90.0},
    "arrivals.per_week": 14.0,
    "arrivals.streams": {
        "self": 1.0,
        "court": 0.0,
        "emergency_department": 0.0,
        "jail_release": 0.0,
    },
    "clinic.places": 60,
    "clinic.caseload_at_start": 0.7,
    "clinic.care": "trial",
    "population.people": "others",
    "clinic.open_days": ["mon", "wed", "fri"],
    "clinic.hours": {"opens": datetime.time(8, 0), "closes": datetime.time(10, 0)},
    "clinic.waiting_list.order": "last come",
    "clinic.waiting_list.priority": ["recent overdose", "jail release", "pregnant"],
    "clinic.waiting_list.same_day_start": 0.9,
    "clinic.waiting_list.promised_after_days": 3,
    "clinic.capacity": "hard",
    "clinic.overtime_share": 0.3,
    "clinic.overbooking_share": 0.4,
    "clinic.caseload_limit": "exceeded",
    "clinic.fees.per_day": 30.0,
    "staff.counsellor.posts": 1.0,
    "staff.counsellor.caseload": 2.0,
    "staff.counsellor.minutes_per_week": 1200.0,
    "staff.counsellor.direct_care_share": 0.2,
    "staff.counsellor.supervision_minutes_per_week": 200.0,
    "staff.counsellor.notes_minutes_per_session": 20.0,
    "staff.counsellor.turnover_per_year": 0.0,
    "staff.counsellor.hiring_lag_days": 1.0,
    "staff.counsellor.leave_weeks_per_year": 20.0,
    "medication.assign": {"methadone": 1.0, "acamprosate": 1.0},
    "medication.dose": 1.6,
    "medication.taper": {"from_day": 10, "days": 10},
    "medication.take_home": "low threshold",
    "medication.switch_after_positive_urines": 1,
    "medication.kept_in_jail": 0.9,
    "plan.policy": "stepped",
    "plan.review_every_days": 3,
    "rules.discharge_after_missed_days": 4,
    "rules.positive_urines_in_a_row": 2,
    "rules.lose_take_home_after_positive_urines": 1,
    "rules.readmission_gap_days": 40,
    "rules.preset": "strict",
    "rules.missed_sessions_in_a_row": 2,
    "rules.put_out_for_behaviour_per_year": 3.0,
    "rules.reinduction_after_missed_days": 2,
    "rules.telehealth_share": 0.9,
    "services.therapy_group.starts_every_days": 28,
    "services.therapy_group.seated": "by recent use",
    "effects.grades": "AB",
    "effects.override": {"cbt": {"use": {"odds_ratio": 0.6}}},
    "services.therapy_group.offered": False,
    "services.therapy_group.minutes": 20.0,
    "services.therapy_group.seats": 2,
    "services.therapy_group.sessions_per_week": 1.0,
    "services.individual_counselling.priority": 1,
    "services.individual_counselling.every_days": 2.0,
    "services.individual_counselling.required": True,
    "services.individual_counselling.from_day": 20,
    "services.individual_counselling.until_day": 5,
    "services.individual_counselling.phase": "start",
    "services.individual_counselling.role": "front_desk",
    "services.individual_counselling.may_also": ["front_desk"],
    "services.therapy_group.may_also": ["front_desk", "driver"],
    "services.mutual_aid_linkage.course_sessions": 1,
    "services.cbt.serves": "assessed need",
    "services.cbt.indicated": {"diagnoses": ["anxiety"]},
    "services.trauma_focused_therapy.only_for": ["depression"],
    "services.psychiatric_medication.only_for": [],
    "services.sober_living.places": 2,
    "services.sober_living": {"houses": False, "expels_for_use": 0.0},
    "services.financial_aid.budget_per_month": 20.0,
    "services.transport_aid.modes.van.minutes": 60.0,
    "services.individual_counselling.kind": "practice",
    "mediators.alliance.ceiling": 2.2,
    "diagnoses.depression.loadings": {"internalising": 0.0},
    "diagnoses.depression.symptom_ceiling": 0.9,
    "barriers.transport.distance": False,
    "barriers.money.loadings": {"externalising": 0.9},
    "roles.counsellor.key_worker": False,
    "medications.methadone.agonist": False,
    "medications.methadone.take_home": False,
    "medications.methadone.days_per_visit": 3.0,
    "medications.methadone.induction_days": 9.0,
    "medications.methadone.completion_after_days": 400.0,
    "medications.methadone.service": "medical_management",
}
"""What else a planner can decide, and another decision than the busy clinic's."""


@cache
def crowded() -> Scenario:
    """The busy clinic with a long list before it."""
    return busy(1.0).with_changes(
        name="crowded", clinic={"places": 60, "waiting_list": {"same_day_start": 0.0}}
    )


@pytest.mark.parametrize("path", CHOICES)
def test_every_choice_of_a_planner_matters(path: str) -> None:
    """(`clinic.kind` and the currency are words for the report.)"""
    change = {path: CHOICES[path]}
    changed = [
        digest_without_cache(busy(0.25).with_changes(name="other", **change)) != as_it_is(0.25),
        digest_without_cache(crowded().with_changes(name="other", **change))
        != digest_without_cache(crowded()),
    ]

    assert any(changed)


@pytest.mark.parametrize("mechanism", Mechanisms.model_fields)
def test_every_mechanism_can_be_switched_off(mechanism: str) -> None:
    """In one of a few replications: tenure, for one, moves few of the staff in two months."""
    on = busy(1.0).with_changes(name="on", mechanisms={mechanism: True})
    off = on.with_changes(name="off", mechanisms={mechanism: False})

    assert any(digest_without_cache(off, one) != digest_without_cache(on, one) for one in range(4))


def test_a_change_matters_from_its_week_on() -> None:
    """The week and the ramp of a change, which need a first design to branch from."""
    first = small()
    digests = set()
    for week, ramp in ((0, 0), (3, 0), (3, 4)):
        other = first.with_changes(
            name="other",
            services={"case_management": {"offered": True}},
            staff={"case_manager": {"posts": 2.0}},
            change={"from_week": week, "ramp_weeks": ramp},
        )
        digests.add(digest_of(record(lived([first, other], 0, 1, None)[1])))

    assert len(digests) == 3
