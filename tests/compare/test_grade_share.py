"""Effects of some grades alone, and how much of a difference rests on those of grade D."""

from __future__ import annotations

import math

import numpy as np
import pytest

from txsim.compare import compare
from txsim.compare.grade_share import LEAST, GradeShare
from txsim.compare.summary import on_grade_d_said
from txsim.scenario import Scenario, load
from txsim.scenario.grades import GRADES, resting_on

from ..model.small_clinics import small


def test_weak_effects_are_left_out_whatever_the_design_says() -> None:
    design = load("case-management")
    strong = resting_on(design, "AB")

    assert GRADES == ("A", "AB", "ABC", "ABCD")
    assert strong.effects.grades == "AB"
    assert strong.name == design.name
    assert strong.digest != design.digest
    assert resting_on(strong, "ABCD").digest == design.digest
    effects = strong.catalogue.services["case_management"].targets
    assert all(one.is_null or one.strength in "AB" for one in effects.values())


def test_a_change_goes_on_from_a_clinic_of_the_same_grades() -> None:
    later = small().with_changes(
        name="later", change={"from_week": 4}, staff={"counsellor": {"posts": 3.0}}
    )
    strong = resting_on(later, "AB")

    assert strong.before is not None
    assert strong.before.effects.grades == "AB"
    assert strong.before.staff["counsellor"].posts == small().staff["counsellor"].posts


@pytest.fixture(scope="module")
def designs() -> list[Scenario]:
    """A design whose services have effects of grade D alone, and one without the service."""
    return [
        small(),
        small().with_changes(
            name="peers",
            staff={"peer_worker": {"posts": 3.0}},
            services={"peer_recovery_worker": {"offered": True}},
        ),
    ]


def test_the_share_is_of_the_same_people_and_luck(designs: list[Scenario]) -> None:
    comparison = compare(designs, 8, 3, workers=1, grades_share=True)
    without = compare([resting_on(one, "ABC") for one in designs], 8, 3, workers=1)
    found = {one.outcome: one for one in comparison.on_grade_d}

    assert set(found) == {"retained_30", "free_of_regular_use_30"}
    for outcome, one in found.items():
        whole, less = (
            float(table.loc[rows, "mean"].iloc[0])
            for table in (comparison.differences, without.differences)
            for rows in [(table["outcome"] == outcome) & (table["subgroup"] == "everyone")]
        )
        assert one.difference == pytest.approx(whole)
        assert one.without_d == pytest.approx(less)
        assert one.on_d == pytest.approx(whole - less)
        if not math.isnan(one.share):
            assert abs(one.difference) >= LEAST
            assert one.share == pytest.approx(1.0 - less / whole)
    assert comparison.manifest["grades_share"]
    assert "--grades-share" in comparison.manifest["command"]
    assert "What rests on effects of grade D" in comparison.summary()
    assert list(comparison.grade_share["outcome"]) == list(found)
    assert not without.on_grade_d


def test_grades_stand_in_the_manifest_and_in_what_was_run(designs: list[Scenario]) -> None:
    strong = compare(designs, 4, 3, workers=1, grades="AB")

    assert strong.manifest["grades"] == "AB"
    assert strong.manifest["command"].endswith("--grades AB")
    assert [one.effects.grades for one in strong.designs] == ["AB", "AB"]
    whole = compare(designs, 4, 3, workers=1)
    keys = ["scenario", "subgroup", "outcome"]
    both = strong.differences.merge(whole.differences, on=keys)
    assert not np.allclose(both["mean_x"], both["mean_y"], equal_nan=True)


@pytest.mark.parametrize(
    ("whole", "without", "share", "said"),
    [
        (0.02, 0.005, 0.75, "75 % rests on them."),
        (0.001, 0.001, math.nan, "too small to split."),
        (0.02, 0.03, -0.5, "they take away from it."),
        (0.02, -0.01, 1.5, "all of it rests on them."),
    ],
)
def test_a_share_is_told_in_words(whole: float, without: float, share: float, said: str) -> None:
    one = GradeShare("peers", "retained_30", whole, without, whole - without, 0.0, 0.1, share)

    told = on_grade_d_said(one, "still in care a month later", {"peers": "Peers"})
    assert told.startswith(f"Peers, still in care a month later: {100 * whole:+.1f} of 100, ")
    assert told.endswith(said)
