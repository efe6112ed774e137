"""Every mechanism can be switched off, and without it the result moves the way it must."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txsim.catalogue.plain import field_descriptions
from txsim.run import Run, run
from txsim.scenario import load
from txsim.scenario.schema import Mechanisms
from txsim.state.events import NEVER, Kind

from .small_clinics import cohort, compiled_only, small

CHECKOUT = Path(__file__).resolve().parents[2]
REPLICATIONS = 6


def departures(held: Run) -> float:
    return float(held.roles["departures"].sum())


def minutes_staffed(held: Run) -> float:
    return float(held.roles["minutes_staffed"].sum())


def dropped_out(held: Run) -> float:
    return float(held.days["dropped_out"].sum())


def lost_waiting(held: Run) -> float:
    return float(held.days["lost_waiting"].sum())


def people_waiting(held: Run) -> float:
    return float(held.days["waiting"].sum())


def came_to_intake(held: Run) -> float:
    booked, missed = (
        (held.events["kind"] == kind).sum() for kind in (Kind.ADMITTED, Kind.MISSED_INTAKE)
    )
    return float(booked / (booked + missed))


def kept_visits(held: Run) -> float:
    return float(held.services["kept"].sum() / held.services["booked"].sum())


def overdoses(held: Run) -> float:
    return float(held.days["overdoses"].sum())


def days_of_use(held: Run) -> float:
    return float((held.calendar & 16).astype(bool).mean())


def one_group(mix: dict[str, float]) -> dict[str, Any]:
    return {"population": {"shares": mix}}


BUSY_STAFF = {"counsellor": {"posts": 1.0, "turnover_per_year": 3.0}}
GROUPS = {"therapy_group": {"uptake": 0.99, "every_days": 7, "sessions_per_week": 12, "seats": 8}}
EVIDENT: dict[str, tuple[dict[str, Any], Callable[[Run], float], int]] = {
    "turnover": ({}, departures, +1),
    "overload": (
        {"staff": BUSY_STAFF, "model": {"turnover_overload": 4.0}}, departures, +1,
    ),
    "learning": (
        {
            "staff": {
                "counsellor": {"posts": 6.0, "turnover_per_year": 3.0, "hiring_lag_days": 0.0}
            },
            "model": {"turnover_overload": 1.0},
        },
        minutes_staffed, -1,
    ),
    "supervision": (
        {
            "staff": {
                "counsellor": {
                    "posts": 20.0, "turnover_per_year": 3.0, "hiring_lag_days": 0.0,
                    "supervision_minutes_per_week": 300.0,
                }
            },
            "model": {"turnover_supervision": 0.5},
        },
        departures, -1,
    ),
    "leave": ({"model": {"turnover_overload": 1.0}}, minutes_staffed, -1),
    "relationships": (
        {"staff": BUSY_STAFF, "mediators": {"rupture": {"effects": {"dropout": 20.0}}}},
        dropped_out, +1,
    ),
    "ties": (
        {
            "services": GROUPS, "model": {"tie_per_session": 0.9},
            "mediators": {"company": {"effects": {"regular_use_begins": 500.0}}},
        },
        days_of_use, +1,
    ),
    "cohesion": (
        {
            "services": GROUPS, "model": {"cohesion_attendance": 20.0, "tie_per_session": 0.9},
        },
        kept_visits, +1,
    ),
    "fading_readiness": (
        {
            "model": {"readiness_half_life_waiting_days": 1.0, "readiness_when_asking": 3.0},
            "mediators": {"readiness": {"half_life_days": 300.0}},
        },
        came_to_intake, -1,
    ),
    "past_patients": ({"mechanisms": {"past_patients": True}}, people_waiting, +1),
    "going_elsewhere": ({"model": {"elsewhere_share": 0.9}}, lost_waiting, -1),
    "visit_burden": (
        {
            **one_group({"transport": 1.0}),
            "mediators": {"visit_burden": {"effects": {"attendance": 0.2}}},
        },
        kept_visits, -1,
    ),
    "titration": (
        {
            "horizon": {"start": "empty"},
            "model": {"first_dose_effect": 0.0},
            "medications": {"methadone": {"induction_days": 60.0}},
        },
        days_of_use, +1,
    ),
    "lost_tolerance": (
        {"hazards": {"overdose": {"opioid": 1.0}}, "model": {"low_tolerance_overdose": 40.0}},
        overdoses, +1,
    ),
    "crises": (
        {
            **one_group({"borderline_personality_disorder": 1.0}),
            "diagnoses": {"borderline_personality_disorder": {"crises_per_year": 60.0}},
        },
        days_of_use, +1,
    ),
    "second_substance": (
        {
            **one_group({"stimulant_use": 1.0}),
            "hazards": {"overdose": {"opioid": 0.3}},
            "second_substances": {"stimulants": {"effects": {"overdose": 10.0}}},
        },
        overdoses, +1,
    ),
    "changing_homes": (
        {
            "horizon": {"days": 400},
            "model": {"home_lost_per_year": 8.0},
            "barriers": {"housing": {"effects": {"dropout": 60.0}}},
        },
        dropped_out, +1,
    ),
    "changing_work": (
        {
            "horizon": {"days": 400},
            "model": {"work_lost_per_year": 8.0, "work_pays": 0.9},
            "barriers": {"money": {"effects": {"dropout": 60.0}}},
        },
        dropped_out, +1,
    ),
    "symptoms_from_use": (
        {
            **one_group({"depression": 1.0}),
            "diagnoses": {
                "depression": {
                    "use_raises": 0.1,
                    "symptom_effects": {"use": 3.0, "suicide": 1.0, "dropout": 1.0},
                }
            },
        },
        days_of_use, +1,
    ),
}  # fmt: skip
"""A small clinic in which a mechanism shows, what shows it, and the sign of on less off."""


@compiled_only
@pytest.mark.direction
@pytest.mark.parametrize("mechanism", EVIDENT)
def test_without_it_the_result_moves_as_it_must(mechanism: str) -> None:
    """Six replications of a small clinic, effects far above life's; the sum has the sign."""
    changes, measured, sign = EVIDENT[mechanism]
    on = small().with_changes(name="on", **changes)
    off = on.with_changes(name="off", mechanisms={mechanism: False})
    differences = [
        measured(run(on, one, uncertainty=False)) - measured(run(off, one, uncertainty=False))
        for one in range(REPLICATIONS)
    ]

    assert sign * np.mean(differences) > 0.0
    assert sign * np.median(differences) >= 0.0


def test_every_mechanism_has_such_a_test() -> None:
    """Tenure keeps the mean turnover, so its own test looks at when people leave."""
    assert set(EVIDENT) | {"tenure"} == set(Mechanisms.model_fields)


@compiled_only
def test_without_turnover_nobody_leaves_and_no_bond_breaks() -> None:
    held = run(small().with_changes(mechanisms={"turnover": False}), uncertainty=False)

    assert departures(held) == 0.0
    assert held.roles["vacant_days"].sum() == 0.0
    assert held.patients["alliances_broken"].sum() == 0
    assert (held.patients["asked_day"] != NEVER).any()


@compiled_only
def test_what_lowers_symptoms_spares_crises_of_those_who_have_the_diagnosis() -> None:
    """A service that lowers symptoms; 300 people, and nobody without the diagnosis has a crisis."""
    crises = []
    for offered in (False, True):
        held = run(
            cohort(300, 300).with_changes(
                population={"shares": {"borderline_personality_disorder": 0.5}},
                staff={"therapist": {"posts": 500.0}},
                model={"crisis_symptoms": 1.5},
                diagnoses={"borderline_personality_disorder": {"crises_per_year": 3.0}},
                services={
                    "calming": {
                        "label": "Calming", "source": "assumption", "role": "therapist",
                        "offered": offered, "uptake": 0.99, "quits": 0.0,
                        "raises": {"symptoms:borderline_personality_disorder": -1.4},
                    }
                },
            ),
            uncertainty=False,
        )  # fmt: skip
        place = list(held.scenario.catalogue.diagnoses).index("borderline_personality_disorder")
        assert held.patients["crises"][~held.diagnoses[:, place]].sum() == 0
        crises.append(held.patients["crises"].sum())
        assert crises[-1] == (held.events["kind"] == Kind.CRISIS).sum()

    assert crises[0] > 300
    assert crises[1] < 0.92 * crises[0]


def experiment(name: str) -> Any:
    """A script that makes figures of the documentation, found as when it is run."""
    path = CHECKOUT / "experiments" / f"{name}.py"
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


PAGE = CHECKOUT / "docs" / "mechanisms.md"


@pytest.mark.documentation
def test_the_page_of_mechanisms_has_a_row_for_each() -> None:
    ablate = experiment("ablate")
    described, measured = PAGE.read_text(encoding="utf-8").split(ablate.BEGINS)

    assert set(ablate.SHOWN_IN) == set(Mechanisms.model_fields)
    for mechanism in Mechanisms.model_fields:
        assert f"| `{mechanism}` |" in described
        assert f"| `{mechanism}` |" in measured
        assert field_descriptions(Mechanisms)[mechanism]


@pytest.mark.documentation
def test_the_page_of_mechanisms_has_a_row_for_each_lever() -> None:
    """And each is pulled in the design that it is shown in."""
    levers = experiment("levers")
    begins, ends = levers.MARKERS
    figures = PAGE.read_text(encoding="utf-8").split(begins)[1].split(ends)[0]

    for lever in levers.LEVERS:
        assert f"| `{lever.key}` | `{lever.design}`" in figures
        on = load(lever.design).with_changes(**lever.pulled)
        off = on.with_changes(**{lever.key: lever.back_to})
        assert on.digest != off.digest, lever.key


@pytest.mark.documentation
def test_the_page_of_mechanisms_has_a_row_for_each_assessment() -> None:
    matching = experiment("matching")
    begins, ends = matching.MARKERS
    figures = PAGE.read_text(encoding="utf-8").split(begins)[1].split(ends)[0]

    assert f"| {' | '.join(matching.HEADINGS)} |" in figures
    for assessment in matching.ASSESSMENTS:
        assert f"| {assessment} |" in figures


def test_figures_are_written_between_their_markers_and_nowhere_else(tmp_path: Path) -> None:
    pages = experiment("pages")
    page = tmp_path / "page.md"
    page.write_text("before <!-- a --> old <!-- b --> after <!-- c -->", encoding="utf-8")
    given = pages.options("Words.", page).parse_args(["--replications", "3"])
    for figures in ("1", "2"):
        pages.write_between(page, ("<!-- a -->", "<!-- b -->"), figures, given)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before <!-- a -->\n\n2\n\n3 replications, seed 1, ")
    assert text.endswith("<!-- b --> after <!-- c -->")
