"""Named sets of rules: what a file that names one says, and what it may say besides."""

from __future__ import annotations

import pytest

from txsim.errors import ScenarioError
from txsim.scenario import load
from txsim.scenario.rule_presets import SECTIONS, rule_presets
from txsim.scenario.schema import Rules

BASELINE = load("baseline")


@pytest.mark.parametrize("name", rule_presets())
def test_each_says_where_it_comes_from_and_is_what_a_scenario_could_say(name: str) -> None:
    preset = rule_presets()[name]
    scenario = BASELINE.with_changes(rules={"preset": name})

    assert preset.label
    assert preset.description.endswith(".")
    assert preset.source
    assert set(preset.rules) == set(Rules.model_fields) - {"preset", "readmission_gap_days"}
    for section in SECTIONS:
        for key, value in getattr(preset, section).items():
            assert scenario.value(f"{section}.{key}") == value
    assert scenario.rules.readmission_gap_days == BASELINE.rules.readmission_gap_days


def test_what_a_file_says_itself_goes_before() -> None:
    scenario = BASELINE.with_changes(
        rules={"preset": "strict", "missed_sessions_in_a_row": 9},
        medication={"take_home": "low threshold"},
    )

    assert scenario.rules.missed_sessions_in_a_row == 9
    assert scenario.rules.discharge_after_missed_days == 14
    assert scenario.medication.take_home == "low threshold"


def test_a_preset_goes_before_what_is_inherited_and_survives_saving() -> None:
    strict = load("strict-rules")

    assert strict.medication.take_home == "strict"
    assert strict.with_changes(clinic={"places": 9}).medication.take_home == "strict"
    assert strict.with_changes(rules={"preset": "since 2024"}).rules.telehealth_share == 0.3


def test_an_unknown_preset_is_told_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="low threshold"):
        BASELINE.with_changes(rules={"preset": "low treshold"})
