"""The numbers in force are the catalogue's and the scenario's, on the scales of the model.

Every table of a course is worked out anew from the scenario, at central values and in a draw, as
the baseline has it and under a design that decides otherwise wherever it can.
"""

from __future__ import annotations

import datetime
from functools import cache
from math import exp, log
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from txsim.catalogue import Number
from txsim.catalogue.strengths import Strengths
from txsim.catalogue.vocabulary import HAZARDS, SUBSTANCES, SYMPTOMS, Hazard
from txsim.parameters.draw import CENTRE
from txsim.parameters.draw_source import draw_of
from txsim.parameters.tables import Parameters, parameters_of
from txsim.randomness import hash_of_name
from txsim.scenario import Scenario
from txsim.state.layout import KINDS, PHASES
from txsim.units import IMPOSSIBLE, log_effect

from ..model.small_clinics import small

YEAR = 365.25
DAILY = {"per day": 1.0, "per week": 7.0, "per year": YEAR}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def otherwise() -> Scenario:
    """A design that decides what the baseline leaves as it is."""
    names = list(small().catalogue.services)
    return small().with_changes(
        name="otherwise",
        population={"mix": "dual diagnosis programme"},
        horizon={"days": 33, "follow_up_days": 21},
        clinic={
            "places": 17,
            "capacity": "elastic",
            "open_days": ["mon", "wed", "thu", "sat"],
            "hours": {"opens": datetime.time(6, 30), "closes": datetime.time(20, 15)},
            "fees": {"per_day": 4.0},
            "overtime_share": 0.15,
            "overbooking_share": 0.25,
            "caseload_limit": "exceeded",
            "waiting_list": {
                "order": "last come",
                "priority": ["pregnant", "recent overdose", "jail release"],
                "same_day_start": 0.35,
                "interim_dosing": True,
            },
        },
        services={name: {"offered": True} for name in names}
        | {
            "sober_living": {"offered": True, "places": 3, "expels_for_use": 0.3},
            "financial_aid": {"offered": True, "budget_per_month": 300.0},
            "transport_aid": {"offered": True, "mode": "van"},
            "psychiatric_medication": {"offered": True, "mode": "referred"},
            "therapy_group": {
                "offered": True, "seated": "by recent use", "starts_every_days": 28,
                "may_also": ["nurse", "driver"], "priority": 1, "from_day": 3, "until_day": 80,
                "course_sessions": 9, "links": {"cbt": 1.4, "case_management": 0.7},
            },
            "cbt": {
                "offered": True, "indicated": {"substances": ["alcohol"]}, "required": True,
                "only_for": ["depression"], "serves": "assessed need", "quits": 0.07,
            },
            "mutual_aid_linkage": {
                "offered": True, "indicated": {"medications": ["methadone", "disulfiram"]},
            },
        },
        staff={
            "counsellor": {
                "posts": 2.3, "caseload": 30.0, "supervision_minutes_per_week": 150.0,
                "notes_minutes_per_session": 7.0, "leave_weeks_per_year": 6.0,
            },
            "nurse": {"posts": 0.5, "turnover_per_year": 0.0, "hiring_lag_days": 31.0},
        },
        medication={
            "assign": {"methadone": 0.7, "buprenorphine": 0.3, "acamprosate": 1.0},
            "dose": 1.4,
            "kept_in_jail": 0.2,
            "taper": {"from_day": 90, "days": 40},
            "take_home": "low threshold",
            "switch_after_positive_urines": 3,
        },
        plan={"policy": "stepped", "review_every_days": 19},
        traits={
            "under_25": {
                "early_effects": {"dropout": {"value": 1.2, "unit": "hazard ratio", "sd": 0.1}}
            }
        },
        rules={
            "discharge_after_missed_days": 11,
            "positive_urines_in_a_row": 4,
            "lose_take_home_after_positive_urines": 2,
            "missed_sessions_in_a_row": 5,
            "reinduction_after_missed_days": 6,
            "put_out_for_behaviour_per_year": 0.4,
            "telehealth_share": 0.25,
            "readmission_gap_days": 13,
        },
    )  # fmt: skip


SWITCHES = (
    "fading_readiness", "going_elsewhere", "lost_tolerance", "overload", "titration", "learning",
    "changing_homes", "changing_work", "relationships", "visit_burden", "symptoms_from_use",
    "crises", "turnover", "tenure", "supervision", "leave", "ties", "second_substance",
)  # fmt: skip


@cache
def switched_off() -> Scenario:
    return otherwise().with_changes(
        name="switched off",
        mechanisms=dict.fromkeys(SWITCHES, False),
        medication={"assign": "by preference", "dose": 1.0},
        clinic={"fees": {"per_day": 0.0}, "waiting_list": {"same_day_start": None}},
        rules={"put_out_for_behaviour_per_year": 0.0},
    )


DESIGNS = {"small": small, "otherwise": otherwise, "switched off": switched_off}


class Read:
    """A design in a draw: its course, and its numbers by their paths."""

    def __init__(self, scenario: Scenario, number: int | None) -> None:
        self.scenario, self.catalogue = scenario, scenario.catalogue
        self.draw = draw_of(number, 7)
        self.parameters: Parameters = parameters_of(scenario, self.draw)
        self.on = scenario.mechanisms
        self.strengths = Strengths(self.catalogue, self.draw, scenario.effects.override)

    def value(self, path: str, number: Number) -> float:
        """In the central draw the value, else the value so many deviates away."""
        return number.value if self.draw.number is None else self.draw.value(path, number)

    def effect(self, path: str, number: Number) -> float:
        return log_effect(self.value(path, number), number.unit)

    def model(self, name: str) -> float:
        return self.value(f"model.{name}", self.catalogue.model[name])

    def term(self, name: str) -> float:
        """A ratio of the model as what is added to a log."""
        return log(self.model(name))

    def row(self, path: str, effects: dict[str, Number]) -> np.ndarray:
        row = np.zeros(len(HAZARDS))
        for hazard, number in effects.items():
            row[Hazard.named(hazard)] = self.effect(f"{path}.{hazard}", number)
        return row


@pytest.fixture(params=[(name, draw) for name in DESIGNS for draw in (None, 3)], ids=str)
def read(request: Any) -> Read:
    name, number = request.param
    return Read(DESIGNS[name](), number)


def half_life(days: float) -> float:
    return float(0.5 ** (1.0 / days))


def logit(chance: float) -> float:
    chance = min(max(chance, 1e-12), 1.0 - 1e-12)
    return log(chance / (1.0 - chance))


def log_daily(value: float, unit: str) -> float:
    return log(value / DAILY[unit]) if value > 0.0 else IMPOSSIBLE


# --- numbers that hold for everybody


def scalars_by_hand(read: Read) -> dict[str, float]:
    scenario, on, model, term = read.scenario, read.on, read.model, read.term
    catalogue, clinic, rules = read.catalogue, scenario.clinic, scenario.rules
    queue, drugs = clinic.waiting_list, scenario.medication
    services, names = catalogue.services, list(read.parameters.service_names)
    features = [*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers]
    drivers = list(read.parameters.driver_names)
    mediators, ill = len(catalogue.mediators), len(catalogue.diagnoses)
    barriers, homeless = list(catalogue.barriers), catalogue.barriers["housing"]

    def offered(name: str) -> float:
        uptake = read.value(f"services.{name}.uptake", services[name].uptake)
        return uptake if services[name].offered else 0.0

    def yearly(name: str) -> float:
        return log(model(name) / YEAR)

    waiting = model("readiness_half_life_waiting_days")
    half = catalogue.mediators["readiness"].half_life_days
    if not on.fading_readiness and half is not None:
        waiting = read.value("mediators.readiness.half_life_days", half)
    behaviour, fee = rules.put_out_for_behaviour_per_year, clinic.fees.per_day
    middle = catalogue.medications["methadone"].phases[1]
    money = catalogue.barriers["money"]
    assert money.opioid is not None
    usual = read.value("barriers.money.opioid", money.opioid)
    usual *= read.value("barriers.money.burden", money.burden)
    published = middle.dropout.value * phase_drawn(read, "medications.methadone", middle)
    unpaid = (exp(term("fee_effect") * fee) - 1.0) * model("fee_solved") * published / usual
    low = read.row("traits.low_dose.effects", catalogue.traits["low_dose"].effects)
    by_hand: dict[str, float] = {
        "services": len(names), "drivers": len(drivers), "mediators": mediators,
        "first_symptom": mediators, "first_barrier": mediators + ill,
        "first_diagnosis": len(catalogue.traits), "features": len(features), "parts_of_day": 1,
        "accrual_end": scenario.horizon.days, "places": clinic.places,
        "enrolled": scenario.arrivals.enrolled,
        "follow_up": scenario.horizon.follow_up_days, "inpatient_days": 0,
        "elastic": clinic.capacity == "elastic", "elastic_floor": model("elastic_floor"),
        "policy": ["generic", "matched", "stepped"].index(scenario.plan.policy),
        "last_come_first": queue.order == "last come",
        "priority_pregnant": "pregnant" in queue.priority,
        "priority_overdose": "recent overdose" in queue.priority,
        "priority_jail": "jail release" in queue.priority,
        "jail_stream": list(catalogue.streams).index("jail_release"),
        "interim_dosing": offered("interim_dosing"),
        "interim_service": names.index("interim_dosing"),
        "intake_service": names.index("intake_assessment"),
        "promised_after_days": queue.promised_after_days,
        "same_day_start": queue.same_day_start or offered("same_day_start"),
        "intake_within_days": max(0, round(2.0 * model("intake_lag_days") - 1.0)),
        "asks_again_days": round(365.0 * model("asks_again_years")),
        "minutes_open": clinic.hours.minutes,
        "closed_days_home": scenario.take_home_rules.closed_days,
        "when_dosing_runs_short": ["overtime", "agency", "close intake"].index(
            clinic.when_dosing_runs_short
        ),
        "money_barrier": drivers.index("money"),
        "housing_barrier": drivers.index("housing"),
        "schedule_barrier": drivers.index("schedule"),
        "unemployed": features.index("unemployed"),
        "barrier_to_feature": features.index(barriers[0]) - drivers.index(barriers[0]),
        "housing_burden": read.value("barriers.housing.burden", homeless.burden),
        "review_every_days": scenario.plan.review_every_days,
        "behaviour_log_rate": log(behaviour / YEAR) if behaviour > 0.0 else IMPOSSIBLE,
        "fee_log_rate": log(unpaid) if fee > 0.0 else IMPOSSIBLE,
        "readmission_gap_days": max(
            rules.readmission_gap_days, round(model("readmission_gap_days"))
        ),
        "taper_from_day": drugs.taper.from_day, "taper_days": drugs.taper.days,
        "switch_after_positive_urines": drugs.switch_after_positive_urines,
        "by_preference": drugs.assign == "by preference", "kept_in_jail": drugs.kept_in_jail,
        "readiness_kept_waiting": half_life(waiting),
        "elsewhere_share": model("elsewhere_share") * on.going_elsewhere,
        "tolerance_kept": half_life(model("tolerance_half_life_days")),
        "tolerance_gain": 1.0 - half_life(model("tolerance_gain_days")),
        "cover_kept": half_life(model("blockade_half_life_days")),
        "tie_kept_a_week": half_life(model("tie_half_life_days")) ** 7,
        "low_tolerance_overdose": term("low_tolerance_overdose") * on.lost_tolerance,
        "release_log_rate": -log(model("jail_days")),
        "heavy_log_odds": logit(model("heavy_day_share")),
        "low_dose_dropout": low[Hazard.DROPOUT],
        "turnover_overload": 4.0 * term("turnover_overload") * on.overload,
        "first_dose_effect": model("first_dose_effect") if on.titration else 1.0,
        "new_worker_share": model("new_worker_share") if on.learning else 1.0,
        "homes_change": on.changing_homes, "work_changes": on.changing_work,
        "home_found": yearly("home_found_per_year"), "home_lost": yearly("home_lost_per_year"),
        "work_found": yearly("work_found_per_year"), "work_lost": yearly("work_lost_per_year"),
        "caseload_exceeded": clinic.caseload_limit == "exceeded",
        "overtime_share": clinic.overtime_share, "overbooking_share": clinic.overbooking_share,
    }  # fmt: skip
    by_hand |= {
        name: getattr(rules, name)
        for name in (
            "discharge_after_missed_days", "positive_urines_in_a_row", "missed_sessions_in_a_row",
            "lose_take_home_after_positive_urines", "reinduction_after_missed_days",
            "telehealth_share",
        )
    }  # fmt: skip
    ratios = (
        "occasional_use", "second_site", "preference_match", "crisis_symptoms", "psychosocial_cap",
        "cohesion_attendance", "cohesion_quits", "home_found_use", "home_lost_use",
        "fentanyl_induction", "regular_use_dropout", "inpatient_dropout", "inpatient_use",
        "regular_use_dropout_after_detoxification",
        "other_death_just_out", "regular_use_begins_after_detoxification", "suicide_just_out",
        "home_lost_unemployed", "work_found_use", "work_found_unhoused", "work_lost_use",
    )  # fmt: skip
    by_hand |= {name: term(name) for name in ratios}
    as_written = set(catalogue.model) & set(read.parameters.scalars.dtype.names) - set(by_hand)
    return by_hand | {name: model(name) for name in as_written}


WHOLE = ("early_days", "aftercare_days", "urine_window_days", "clean_weeks", "priority_days")
SET_LATER = {"opening", "horizon", "days_since_open", "stand_ins"}


def test_scalars(read: Read) -> None:
    parameters, by_hand = read.parameters.scalars[0], scalars_by_hand(read)
    for name in WHOLE:
        by_hand[name] = round(by_hand[name])
    names = set(parameters.dtype.names) - SET_LATER - {"take_home_steps"}

    assert names - set(by_hand) == set()
    for name in sorted(names):
        assert parameters[name] == pytest.approx(float(by_hand[name]), rel=1e-12), name


# --- medications


def test_medications(read: Read) -> None:
    scenario, parameters = read.scenario, read.parameters
    chosen = scenario.medication.dose
    saturation, mark = read.model("dose_saturation"), read.model("low_dose_mark")
    assign = scenario.medication.assign
    for m, (name, one) in enumerate(read.catalogue.medications.items()):
        path, row = f"medications.{name}", parameters.medications[m]
        dose = chosen if one.agonist else 1.0
        strength = (1.0 - exp(-saturation * dose)) / (1.0 - exp(-saturation))
        effects = read.row(f"{path}.effects", one.effects)
        for hazard, offset in one.solved.items():
            effects[Hazard.named(hazard)] += offset
        low = read.value(f"{path}.low_dose_share", one.low_dose_share)
        if dose != 1.0 and 0.0 < low < 1.0:
            bell = NormalDist()
            low = bell.cdf(bell.inv_cdf(low) * (1.0 - log(dose) / log(mark)))
        by_hand = {
            "substance": SUBSTANCES.index(one.substance),
            "service": parameters.service_names.index(one.service) if one.service else -1,
            "days_per_visit": one.days_per_visit or 1.0,
            "take_home": one.take_home,
            "agonist": one.agonist,
            "induction_days": round(one.induction_days * max(dose, 1.0)),
            "induction": read.value(f"{path}.induction_success", one.induction_success),
            "induction_detoxified": read.value(
                f"{path}.induction_success_detoxified", one.induction_success_detoxified
            ),
            "adherence": read.value(f"{path}.adherence", one.adherence),
            "completion_after": round(one.completion_after_days) or 100_000,
            "low_dose_share": low,
            "assigned": (
                float(bool(one.service)) if assign == "by preference" else assign.get(name, 0.0)
            ),
            "days": 0.0,
        }
        assert int(row["key"]) == hash_of_name(f"medication:{name}")
        for field, value in by_hand.items():
            assert row[field] == pytest.approx(float(value), rel=1e-12), (name, field)
        assert parameters.medication_effects[m] == pytest.approx(strength * effects)
        phases_of(read, one, path, row)


def phase_drawn(read: Read, path: str, phase: Any) -> float:
    """The rate of leaving in a phase, over its central value."""
    if read.draw.number is None:
        return 1.0
    return float(phase.dropout.at(read.draw.deviate(f"{path}.phases")) / phase.dropout.value)


def phases_of(read: Read, one: Any, path: str, row: Any) -> None:
    """Up to four phases; in a draw all of a medication's are shifted by one deviate."""
    for k in range(4):
        phase = one.phases[min(k, len(one.phases) - 1)]
        value = phase.dropout.value
        drawn = value * phase_drawn(read, path, phase)
        assert row["phase_from"][k] == (phase.from_day if k < len(one.phases) else 100_000)
        assert row["phase_dropout"][k] == pytest.approx(phase.log_rate + log(drawn / value))
        assert row["phase_marginal"][k] == pytest.approx(value / DAILY[phase.dropout.unit])
    ratios = {
        "overdose_first": "in_first_4_weeks", "overdose_later": "in_later",
        "overdose_out_first": "out_first_4_weeks", "overdose_out_later": "out_later",
    }  # fmt: skip
    for field, name in ratios.items():
        ratio = getattr(one.overdose, name) if one.overdose else None
        expected = read.effect(f"{path}.overdose.{name}", ratio) if ratio else 0.0
        assert row[field] == pytest.approx(expected), field


def test_take_home_steps(read: Read) -> None:
    steps = read.catalogue.take_home[str(read.scenario.medication.take_home)].steps
    table = read.parameters.take_home

    assert read.parameters.scalars["take_home_steps"][0] == len(steps) == table.size > 0
    for row, step in zip(table, steps, strict=True):
        assert tuple(row) == (step.from_day, step.days_per_visit, step.clean)


# --- services


def test_services(read: Read) -> None:
    parameters, catalogue = read.parameters, read.catalogue
    roles, drugs = list(catalogue.roles), list(catalogue.medications)
    carriers = {one.service for one in catalogue.medications.values()}
    for s, name in enumerate(parameters.service_names):
        one, row, path = catalogue.services[name], parameters.services[s], f"services.{name}"
        kind, mode = KINDS.index(one.kind), one.modes.get(one.mode)
        minutes = (mode.minutes if mode else 0.0) or one.minutes
        role = roles.index(one.role) if one.role and (not mode or minutes > 0.0) else -1
        notes = 0.0
        if role >= 0 and one.kind in ("individual", "group") and minutes > 0.0:
            number = catalogue.roles[one.role].notes_minutes_per_session
            notes = read.value(f"roles.{one.role}.notes_minutes_per_session", number)
        uptake = read.value(f"{path}.uptake", one.uptake)
        if mode and not one.relieves:
            uptake *= read.value(f"{path}.modes.{one.mode}.factor", mode.factor)
        builds = max(read.value(f"{path}.builds_over_sessions", one.builds_over_sessions), 0.1)
        named = (*one.indicated.diagnoses, *one.indicated.barriers, *one.indicated.traits)
        use = read.value(f"{path}.cost_per_session", one.cost_per_session)
        if mode:
            use += read.value(f"{path}.modes.{one.mode}.cost_per_use", mode.cost_per_use)
        budget = one.budget_per_month
        own_role = roles.index(one.role) if one.role else -1
        by_hand = {
            "number": list(catalogue.services).index(name), "role": role, "kind": kind,
            "minutes": minutes + notes, "without_notes": minutes, "every_days": one.every_days,
            "sessions": one.course_sessions,
            "offered": one.offered and name != "intake_assessment",
            "everyone": one.serves == "everyone", "phase": PHASES.index(one.phase),
            "from_day": one.from_day, "until_day": one.until_day, "priority": one.priority,
            "required": one.required, "stand_ins": len(one.may_also) if role >= 0 else 0,
            "attendance": logit(read.value(f"{path}.attendance", one.attendance)),
            "uptake": logit(uptake), "quits": read.value(f"{path}.quits", one.quits),
            "builds": 1.0 - 0.5 ** (1.0 / builds),
            "kept": half_life(read.value(f"{path}.fades_over_days", one.fades_over_days)),
            "pool": {"individual": own_role, "group": len(roles) + s}.get(one.kind, -1),
            "seats": one.seats, "sessions_per_week": one.groups_per_week,
            "starts_every": one.starts_every_days, "apart": one.seated == "by recent use",
            "places": one.places, "houses": one.houses,
            "expels": read.value(f"{path}.expels_for_use", one.expels_for_use),
            "budget_per_day": -1.0 if budget is None else budget * 12.0 / YEAR, "cost": use,
            "place_day_cost": read.value(f"{path}.cost_per_place_day", one.cost_per_place_day),
            "fewer_visits": mode.fewer_visits if mode else 0.0,
            "second_site": one.mode == "referred",
            "rides": one.kind == "support" and "transport" in one.relieves,
            "only_for_some": bool(one.only_for), "named_need": bool(named),
            "substances": sum(2 ** SUBSTANCES.index(what) for what in one.indicated.substances),
            "for_medications": sum(2 ** drugs.index(what) for what in one.indicated.medications),
            "carries_dose": name in carriers,
            "finds_home": 0.0, "finds_work": 0.0, "ramp_from": 0, "ramp_days": 0,
        }  # fmt: skip
        for what, number in one.helps_find.items():
            by_hand[f"finds_{what}"] = read.effect(f"{path}.helps_find.{what}", number)
        assert int(row["key"]) == hash_of_name(f"service:{name}")
        for field, value in by_hand.items():
            assert row[field] == pytest.approx(float(value), rel=1e-12), (name, field)
        also = [roles.index(other) for other in one.may_also] if role >= 0 else []
        left = [-1] * (len(roles) - len(also))
        assert parameters.may_also[s].tolist() == also + left
        features(read, s, named, one.only_for)
        channels(read, s, name)


def features(read: Read, s: int, named: tuple[str, ...], only_for: tuple[str, ...]) -> None:
    catalogue = read.catalogue
    all_ = [*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers]

    assert {all_[c] for c in np.flatnonzero(read.parameters.wants[s])} == set(named)
    assert {all_[c] for c in np.flatnonzero(read.parameters.acts_for[s])} == set(only_for)
    names = read.parameters.service_names
    links = catalogue.services[names[s]].links
    for other, name in enumerate(names):
        expected = (
            log(read.value(f"services.{names[s]}.links.{name}", links[name]))
            if (name in links)
            else 0.0
        )
        assert read.parameters.links[s, other] == pytest.approx(expected)


def channels(read: Read, s: int, name: str) -> None:
    """What a service moves: drivers by what was solved, barriers by what it lifts, hazards."""
    one, path, parameters = read.catalogue.services[name], f"services.{name}", read.parameters
    row, drivers = parameters.services[s], list(parameters.driver_names)
    expected: list[tuple[int, int, float]] = []
    if one.offered:
        for channel in read.strengths.carried(name, one):
            if channel.driver:
                expected.append((0, drivers.index(channel.driver), channel.gain))
            else:
                expected.append((2, int(Hazard.named(channel.target)), channel.gain))
        mode = one.modes.get(one.mode)
        factor = (
            read.value(f"{path}.modes.{one.mode}.factor", mode.factor) if mode is not None else 1.0
        )
        for barrier, number in one.relieves.items():
            lifted = read.value(f"{path}.relieves.{barrier}", number) * factor
            expected.append((1, drivers.index(barrier), min(lifted, 1.0)))
        for hazard, gain in read.strengths.paid(name, one).items():
            expected.append((2, int(hazard), gain))
    found = parameters.channels[int(row["first_channel"]) : int(row["after_channel"])]
    assert [(int(k), int(t)) for k, t, _ in found.tolist()] == [one[:2] for one in expected]
    assert found["gain"] == pytest.approx([gain for _, _, gain in expected])


# --- people's side


def test_drivers(read: Read) -> None:
    parameters, catalogue, on = read.parameters, read.catalogue, read.on
    # The hours that the posts can staff are held to a sum by hand in the tests of opening hours.
    outside, staffed = read.parameters.hours_outside
    assert 0.0 < staffed <= outside
    schedule = 1.0 - staffed * read.model("schedule_relief_per_extra_hour")
    width = parameters.effects.shape[1] - len(HAZARDS)
    for j, name in enumerate(parameters.driver_names):
        start, spread, kept, raises, per_visit = 0.0, 0.0, 1.0, 0.0, 0.0
        if name in catalogue.mediators:
            one, path = catalogue.mediators[name], f"mediators.{name}"
            effects = read.row(f"{path}.effects", one.effects)
            effects *= on.relationships or name not in ("alliance", "rupture")
            start = read.value(f"{path}.start", one.start)
            spread = read.value(f"{path}.spread", one.spread)
            if one.half_life_days is not None:
                kept = half_life(read.value(f"{path}.half_life_days", one.half_life_days))
        elif name in catalogue.barriers:
            barrier, path = catalogue.barriers[name], f"barriers.{name}"
            relief = schedule if name == "schedule" else 1.0
            effects = relief * read.row(f"{path}.effects", barrier.effects)
            per_visit = read.value(f"{path}.per_visit", barrier.per_visit) * relief
            per_visit *= on.visit_burden
        else:
            ill = catalogue.diagnoses[name.removeprefix(SYMPTOMS)]
            path = f"diagnoses.{name.removeprefix(SYMPTOMS)}"
            effects = read.row(f"{path}.symptom_effects", ill.symptom_effects)
            days = read.value(f"{path}.symptom_half_life_days", ill.symptom_half_life_days)
            kept = half_life(days)
            raises = read.value(f"{path}.use_raises", ill.use_raises) * on.symptoms_from_use
        assert parameters.effects[j] == pytest.approx([*effects, *[0.0] * width]), name
        assert parameters.driver_start[j] == pytest.approx(start), name
        assert parameters.driver_spread[j] == pytest.approx(spread), name
        assert parameters.driver_kept[j] == pytest.approx(kept), name
        assert parameters.use_raises[j] == pytest.approx(raises), name
        assert parameters.per_visit[j] == pytest.approx(per_visit), name
        if name not in catalogue.barriers:
            assert parameters.driver_ceiling[j] == read.strengths.ceiling(name), name
        assert int(parameters.driver_keys[j]) == hash_of_name(f"driver:{name}")


def test_features_streams_and_bases(read: Read) -> None:
    parameters, catalogue = read.parameters, read.catalogue
    entries = {f"traits.{name}": one for name, one in catalogue.traits.items()}
    entries |= {f"diagnoses.{name}": one for name, one in catalogue.diagnoses.items()}
    for c, (path, one) in enumerate(entries.items()):
        effects = read.row(f"{path}.effects", one.effects)
        early = read.row(f"{path}.early_effects", one.early_effects)[Hazard.DROPOUT]
        on_low = path == "traits.low_dose"
        assert parameters.feature_effects[c] == pytest.approx(0.0 * effects if on_low else effects)
        assert parameters.early_effects[c] == pytest.approx(0.0 if on_low else early), path
    assert not parameters.feature_effects[len(entries) :].any()
    assert not parameters.early_effects[len(entries) :].any()
    assert parameters.early_effects.any()
    for s, (name, stream) in enumerate(catalogue.streams.items()):
        expected = read.row(f"streams.{name}.effects", stream.effects)
        assert parameters.stream_effects[s] == pytest.approx(expected), name
    for s, substance in enumerate(SUBSTANCES):
        for name, hazard in catalogue.hazards.items():
            base = getattr(hazard, substance)
            expected_base = 0.0
            if base is not None:
                value = read.value(f"hazards.{name}.{substance}", base)
                odds = base.unit == "probability"
                expected_base = logit(value) if odds else log_daily(value, base.unit)
            assert parameters.base[s, Hazard.named(name)] == pytest.approx(expected_base), name


def test_crises(read: Read) -> None:
    by_hand = []
    names = [*read.catalogue.traits, *read.catalogue.diagnoses]
    for number, (name, ill) in enumerate(read.catalogue.diagnoses.items()):
        rate = read.value(f"diagnoses.{name}.crises_per_year", ill.crises_per_year)
        if rate > 0.0 and read.on.crises:
            driver = read.parameters.driver_names.index(SYMPTOMS + name)
            feature, key = names.index(name), hash_of_name(f"crisis:{name}")
            by_hand.append((driver, feature, pytest.approx(log(rate / YEAR)), key, number))

    assert read.parameters.crises.tolist() == by_hand
    assert bool(by_hand) == read.on.crises


# --- staff


def test_roles(read: Read) -> None:
    scenario, catalogue, on = read.scenario, read.catalogue, read.on
    open_days = len(scenario.clinic.open_days)
    first_year = read.term("turnover_first_year") if on.tenure else 0.0
    usual = small().catalogue.roles
    for r, (name, role) in enumerate(catalogue.roles.items()):
        row, path = read.parameters.roles[r], f"roles.{name}"

        def figure(field: str, path: str = path, role: Any = role) -> float:
            return read.value(f"{path}.{field}", getattr(role, field))

        supervised = figure("supervision_minutes_per_week")
        week = figure("minutes_per_week") * figure("direct_care_share") - supervised
        as_usual = read.value(
            f"{path}.supervision_minutes_per_week", usual[name].supervision_minutes_per_week
        )
        turnover = figure("turnover_per_year") / YEAR * on.turnover
        if on.supervision:
            turnover *= read.model("turnover_supervision") ** ((supervised - as_usual) / 60.0)
        posts = scenario.staff[name].posts if name in scenario.staff else 0.0
        by_hand = {
            "minutes_per_day": max(week, 0.0) / open_days,
            "notes": figure("notes_minutes_per_session"),
            "turnover_first_year": first_year,
            "hiring_lag": round(figure("hiring_lag_days")),
            "sick": figure("sick_share"),
            "leave_weeks": min(round(figure("leave_weeks_per_year")), 52) * on.leave,
            "caseload": role.caseload,
            "key_worker": role.key_worker,
            "posts": posts,
        }
        assert int(row["key"]) == hash_of_name(f"role:{name}")
        for field, value in by_hand.items():
            assert row[field] == pytest.approx(float(value), abs=1e-9), (name, field)
        later = row["turnover_log_rate"]
        if turnover == 0.0:
            assert later == IMPOSSIBLE
        else:
            assert turnover_of(exp(later), exp(first_year)) == pytest.approx(turnover, rel=1e-6)


def turnover_of(later: float, ratio: float) -> float:
    """Departures a day of a post whose workers leave at these rates, by the mean stay."""
    first = later * ratio
    gone = exp(-first * 365.0)
    return 1.0 / ((1.0 - gone) / first + gone / later)


def test_posts_are_whole_but_for_the_last(read: Read) -> None:
    by_hand: list[tuple[str, float]] = []
    for role, section in read.scenario.staff.items():
        whole = int(section.posts)
        by_hand += [(role, 1.0)] * whole
        if section.posts - whole > 1e-9:
            by_hand.append((role, pytest.approx(section.posts - whole)))

    assert list(read.parameters.posts) == by_hand


def test_the_week_and_the_groups(read: Read) -> None:
    parameters, scenario = read.parameters, read.scenario
    groups = [one for one in read.catalogue.services.values() if one.kind == "group"]
    offered = [one for one in groups if one.offered]
    ties = round(read.model("ties_remembered")) if offered and read.on.ties else 0
    in_play = [read.catalogue.services[name] for name in parameters.service_names]
    seats = max(int(np.ceil(one.groups_per_week)) * one.seats for one in in_play)

    assert parameters.opening_week.tolist() == [
        day in scenario.clinic.open_days for day in WEEKDAYS
    ]
    assert parameters.ties == ties
    assert parameters.cohesion == (ties > 0 and read.on.cohesion)
    assert parameters.seats_of_groups == seats
    assert parameters.scalars["stand_ins"][0] == any(one.may_also and one.role for one in in_play)


def test_a_group_that_takes_longer_than_the_house_is_open_is_never_held() -> None:
    """One of 90 minutes, in a house that is open for an hour; one of 40 minutes is held."""
    hour = {"opens": datetime.time(9), "closes": datetime.time(10)}
    groups = {
        name: {"offered": True, "sessions_per_week": 3.0, "minutes": minutes}
        for name, minutes in (("therapy_group", 90.0), ("peer_group", 40.0))
    }
    parameters = parameters_of(
        small().with_changes(name="short", clinic={"hours": hour}, services=groups),
        CENTRE,
    )
    held = dict(
        zip(parameters.service_names, parameters.services["sessions_per_week"], strict=True)
    )

    assert (held["therapy_group"], held["peer_group"]) == (0.0, 3.0)


def test_a_cohort_is_counted_on_its_first_day_and_followed_to_the_end() -> None:
    scenario = small().with_changes(name="cohort", horizon={"days": 50}, arrivals={"cohort": 9})
    parameters = parameters_of(scenario, CENTRE).scalars[0]

    assert (parameters["accrual_end"], parameters["follow_up"]) == (1, 50)


def test_services_that_people_still_feel_are_in_the_books() -> None:
    still = parameters_of(small(), CENTRE, ("dbt",))
    without = parameters_of(small(), CENTRE)

    assert "dbt" in still.service_names
    assert "dbt" not in without.service_names
    assert parameters_of(small(), CENTRE) is without, "a course is made once"
    s = still.service_names.index("dbt")
    assert still.services["first_channel"][s] == still.services["after_channel"][s]
