"""The shipped catalogue: complete, sourced, and consistent with itself."""

import gzip
import json
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest

from txsim.catalogue import Hazard, load_catalogue
from txsim.catalogue.load import CLOSED, TABLES, read_toml
from txsim.catalogue.number import EFFECT_UNITS
from txsim.catalogue.references import channels_of
from txsim.catalogue.vocabulary import HAZARDS, MEDIATORS, SYMPTOMS, TRAITS

CALIBRATION = Path(__file__).parents[2] / "experiments" / "calibration"
CATALOGUE = load_catalogue()
NUMBERS = dict(CATALOGUE.numbers())

DIAGNOSES = [
    "depression",
    "anxiety",
    "ptsd",
    "bipolar",
    "adhd",
    "borderline_personality_disorder",
    "antisocial_personality_disorder",
    "psychosis",
]
BARRIERS = ["transport", "money", "housing", "stigma", "schedule", "legal"]
SERVICES = [
    "intake_assessment",
    "medical_management",
    "dosing",
    "individual_counselling",
    "therapy_group",
    "cbt",
    "dbt",
    "schema_therapy",
    "motivational_interviewing",
    "mindfulness_relapse_prevention",
    "trauma_informed_care",
    "trauma_focused_therapy",
    "family_therapy",
    "peer_recovery_worker",
    "peer_group",
    "mutual_aid_linkage",
    "online_community",
    "wellness_centre",
    "case_management",
    "transport_aid",
    "financial_aid",
    "housing_help",
    "sober_living",
    "employment_help",
    "psychiatric_medication",
    "dual_diagnosis_care",
    "contingency_management",
    "aftercare",
    "recovery_checkups",
    "case_conferences",
    "stigma_training",
    "young_peoples_track",
    "overdose_education_naloxone",
    "interim_dosing",
    "same_day_start",
    "reminders",
]
MEDICATIONS = [
    "none_opioid",
    "methadone",
    "buprenorphine",
    "xr_naltrexone_opioid",
    "none_alcohol",
    "oral_naltrexone",
    "xr_naltrexone_alcohol",
    "acamprosate",
    "disulfiram",
]
ROLES = [
    "prescriber",
    "nurse",
    "psychiatrist",
    "counsellor",
    "therapist",
    "case_manager",
    "peer_worker",
    "driver",
    "front_desk",
]

HELD_OUT = (
    "start-retention", "start-dropout", "start-opioid", "start-longterm", "xbot", "amato2011",
    "mclellan1993", "schwartz2006", "schwartz2007", "schwartz2011", "schwartz2012", "maddux1994",
    "peirce2006-negative", "peirce2006-retention", "hien2009", "bowen2014", "combine2006",
    "cornish2010-cmr",
)  # fmt: skip
"""Trials and levels that the model is compared with; no number may rest on them."""

NULLS = [
    ("contingency_management", "dropout"),
    ("peer_recovery_worker", "dropout"),
    ("peer_group", "dropout"),
    ("peer_group", "use"),
    ("schema_therapy", "use"),
    ("trauma_informed_care", "use"),
    ("trauma_focused_therapy", "use"),
    ("employment_help", "use"),
    ("dual_diagnosis_care", "dropout"),
    ("dual_diagnosis_care", "use"),
    ("therapy_group", "dropout"),
]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("hazards", list(HAZARDS)),
        ("traits", list(TRAITS)),
        ("diagnoses", DIAGNOSES),
        ("barriers", BARRIERS),
        ("services", SERVICES),
        ("medications", MEDICATIONS),
        ("roles", ROLES),
        ("streams", ["self", "court", "emergency_department", "jail_release"]),
        ("take_home", ["rules before 2024", "rules after 2024", "strict", "low threshold"]),
        (
            "mixes",
            [
                "outpatient opioid programme",
                "alcohol programme",
                "rural opioid programme",
                "dual diagnosis programme",
            ],
        ),
    ],
)
def test_everything_promised_is_there(table: str, names: list[str]) -> None:
    assert set(names) <= set(getattr(CATALOGUE, table))


def test_hazards_follow_the_enum() -> None:
    assert tuple(CATALOGUE.hazards) == HAZARDS
    for name, entry in CATALOGUE.hazards.items():
        assert (entry.kind == "log odds") == Hazard.named(name).is_log_odds


def test_traits_and_mediators_come_in_the_order_of_the_rules() -> None:
    assert tuple(CATALOGUE.traits) == TRAITS
    assert tuple(CATALOGUE.mediators)[: len(MEDIATORS)] == MEDIATORS


def test_names_that_entries_mention_exist() -> None:
    assert CATALOGUE.reference_problems() == []


def test_evidence_exists_and_is_all_used() -> None:
    used = {one for number in NUMBERS.values() for one in number.evidence}
    used |= {
        one for table in TABLES for e in getattr(CATALOGUE, table).values() for one in e.evidence
    }
    assert used == set(CATALOGUE.evidence)


def test_no_number_rests_on_what_the_model_is_compared_with() -> None:
    for row in read_toml("evidence")["row"]:
        assert row["use"] in ("parameter", "calibration-target"), row["id"]
        assert not row["id"].startswith(HELD_OUT), row["id"]


def test_the_fit_reads_nothing_that_the_model_is_compared_with() -> None:
    """Neither the catalogue's files nor the inputs and code of the calibration name such a row."""
    shipped = [
        text for text in (resources.files("txsim.catalogue")).iterdir() if text.name[0] != "_"
    ]
    inputs = [path for path in CALIBRATION.rglob("*") if path.suffix != ".pyc"]
    solving = [CALIBRATION.parent / name for name in ("solve_intercepts.py", "inputs.py")]
    read = [one for one in (*shipped, *inputs, *solving) if one.is_file()]

    assert len(read) > 30
    for one in read:
        raw = one.read_bytes()
        text = (gzip.decompress(raw) if one.name.endswith(".gz") else raw).decode()
        named = [name for name in HELD_OUT if name in text]
        assert not named, one.name
        assert "observed.toml" not in text, one.name


def test_what_was_fitted_is_patients_alone() -> None:
    """The posterior says what it rests on: two files of patients, and no published result."""
    posterior = json.loads((CALIBRATION / "posterior.json").read_text(encoding="utf-8"))

    assert set(posterior["files"]) == {"patients.csv", "weeks.csv.gz"}


def test_evidence_can_be_looked_up() -> None:
    for row in CATALOGUE.evidence.values():
        assert row.citation
        assert row.verified in ("abstract or excerpt read", "secondary, unchecked"), row.id
        if row.ci_low is not None and row.ci_high is not None and row.value is not None:
            assert row.ci_low <= row.value <= row.ci_high, row.id


def test_every_number_says_what_it_rests_on() -> None:
    for path, number in NUMBERS.items():
        assert number.evidence or number.source, path
        assert number.source != "assumption" or number.strength == "D", path


def test_files_state_the_unit_of_every_number() -> None:
    def walk(path: str, thing: object) -> None:
        if isinstance(thing, dict):
            assert "value" not in thing or "unit" in thing or path.startswith("evidence"), path
            for name, one in thing.items():
                walk(f"{path}.{name}", one)
        elif isinstance(thing, list):
            for position, one in enumerate(thing):
                walk(f"{path}.{position}", one)

    for table in (*TABLES, "costs", "model"):
        walk(table, read_toml(table))


def test_effects_have_a_grade_and_an_uncertainty() -> None:
    kinds = (
        ".targets.",
        ".effects.",
        ".early_effects.",
        ".symptom_effects.",
        ".pays_for.",
        ".links.",
    )
    effects = {p: n for p, n in NUMBERS.items() if any(kind in p for kind in kinds)}
    assert len(effects) > 150
    for path, number in effects.items():
        assert number.unit in EFFECT_UNITS, path
        assert number.grade is not None, path
        assert number.spread > 0.0 or path.endswith("rupture.effects.dropout"), path
    assert {number.grade for number in effects.values()} == {"A", "B", "C", "D"}


@pytest.mark.parametrize(("service", "target"), NULLS)
def test_what_trials_did_not_find_stays_without_effect(service: str, target: str) -> None:
    number = CATALOGUE.services[service].targets[target]
    assert number.is_null
    # What is pooled is as wide as was solved, which tests/calibration/test_services.py holds.
    assert number.spread >= (0.1 if number.pool is None else 0.08)


def test_case_management_has_no_direct_effect_on_use() -> None:
    service = CATALOGUE.services["case_management"]
    assert "use" not in service.targets
    assert not service.pays_for


@pytest.mark.parametrize("service", SERVICES)
def test_each_target_has_a_channel_that_moves_it(service: str) -> None:
    entry = CATALOGUE.services[service]
    assert len(entry.through) == len(entry.targets)
    for channel, target in zip(entry.through, entry.targets, strict=True):
        assert channel in channels_of(target, CATALOGUE)


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_changes_something(service: str) -> None:
    entry = CATALOGUE.services[service]
    acts = entry.targets or entry.raises or entry.relieves or entry.pays_for or entry.links
    carries_a_dose = any(one.service == service for one in CATALOGUE.medications.values())
    own_rule = service in ("intake_assessment", "interim_dosing", "same_day_start")
    assert acts or carries_a_dose or own_rule


def test_only_the_way_in_and_the_doses_are_offered_by_default() -> None:
    offered = {name for name, one in CATALOGUE.services.items() if one.offered}
    assert offered == {"intake_assessment", "dosing", "medical_management"}


def test_rule_sets_supply_more_with_time() -> None:
    for rules in CATALOGUE.take_home.values():
        supplies = [step.days_per_visit for step in rules.steps]
        assert supplies == sorted(supplies)


def test_quality_is_lower_in_use_in_both_sets() -> None:
    for weights in CATALOGUE.costs.quality.values():
        assert weights["using"].value < weights["using_in_care"].value
        assert weights["using_in_care"].value < weights["not_using_in_care"].value


def test_symptom_targets_are_of_known_diagnoses() -> None:
    for service in CATALOGUE.services.values():
        for target in service.targets:
            if target.startswith(SYMPTOMS):
                assert target.removeprefix(SYMPTOMS) in CATALOGUE.diagnoses


def test_the_same_object_every_time() -> None:
    assert load_catalogue() is CATALOGUE
    assert set(CLOSED) == {"hazards", "traits"}


def test_loading_is_quick_and_light() -> None:
    code = (
        "import sys, pydantic, time; began = time.perf_counter();"
        "from txsim.catalogue import load_catalogue; load_catalogue();"
        "print(time.perf_counter() - began);"
        "heavy = {'numpy', 'pandas', 'mesa', 'scipy', 'numba'} & set(sys.modules); assert not heavy"
    )
    took = []
    for _ in range(3):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        took.append(min(float(done.stdout), time.perf_counter() - began))
    assert min(took) < 1.0
