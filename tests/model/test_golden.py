"""One small baseline against figures kept in the repository.

The figures move when the model, its numbers or the shipped baseline are changed on purpose. Then
look at the difference, write them anew and say in the changelog that results moved, and why:

    python -m tests.model.test_golden

A golden file keeps mistakes as faithfully as truths: what must hold whatever the figures are is
tested in `test_any_clinic` and `test_laws`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txsim.run import Run, lived, record
from txsim.scenario import Scenario, load
from txsim.state.events import Kind, Reason

from .small_clinics import compiled_only, small

pytestmark = [pytest.mark.golden, compiled_only]

KEPT = Path(__file__).with_name("golden.json")
REPLICATIONS = 4


def designs() -> list[Scenario]:
    """The small baseline, and one with case managers and rides beside it."""
    helped = small().with_changes(
        name="helped",
        services={"case_management": {"offered": True}, "transport_aid": {"offered": True}},
        staff={"case_manager": {"posts": 1.0}},
    )
    return [small(), helped]


def figures_of(held: Run) -> dict[str, Any]:
    """What is kept of a run: counts, so that no last digit of a machine's arithmetic is in them."""
    left = held.events[held.events["kind"] == Kind.LEFT]
    patients, days = held.patients, held.days
    return {
        "people counted": int(patients["counted"].sum()),
        "asking": int(days["asking"].sum()),
        "admitted": int(days["admitted"].sum()),
        "lost while waiting": int(days["lost_waiting"].sum()),
        "exits": {
            reason.name.lower().replace("_", " "): int((left["detail"] == reason).sum())
            for reason in Reason
            if (left["detail"] == reason).any()
        },
        "overdoses": int(days["overdoses"].sum()),
        "deaths": int(days["died"].sum()),
        "days waiting": int(days["waiting"].sum()),
        "days in care": int(days["in_care"].sum()),
        "days of use": int(days["used"].sum()),
        "days medicated": int(days["medicated"].sum()),
        "visits booked": int(days["visits_booked"].sum()),
        "visits kept": int(days["visits_kept"].sum()),
        "staff departures": int(days["departures"].sum()),
        "events": len(held.events),
    }


def figures() -> dict[str, list[dict[str, Any]]]:
    """The figures of each design, replication by replication, under central values."""
    found: dict[str, list[dict[str, Any]]] = {design.name: [] for design in designs()}
    for replication in range(REPLICATIONS):
        for clinic in lived(designs(), replication, 1, None):
            clinic.close()
            found[clinic.design.name].append(figures_of(record(clinic)))
    return found


def test_the_small_baseline_is_as_it_was() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))

    assert figures() == kept, "results moved; see the head of this file"


def test_the_kept_figures_are_sane() -> None:
    """What would catch nonsense that was written down in good faith."""
    for replications in json.loads(KEPT.read_text(encoding="utf-8")).values():
        assert len(replications) == REPLICATIONS
        for one in replications:
            assert one["people counted"] <= one["asking"]
            assert one["admitted"] + one["lost while waiting"] <= one["asking"] + 60
            assert one["visits kept"] < one["visits booked"]
            assert one["deaths"] <= one["overdoses"] + 3
            assert sum(one["exits"].values()) > 0
        assert np.mean([one["days in care"] for one in replications]) < 60 * 90
        assert np.mean([one["days in care"] for one in replications]) > 0.6 * 60 * 90


def test_the_small_baseline_stands_on_the_shipped_one() -> None:
    assert small().medication == load("baseline").medication
    assert small().services == load("baseline").services


if __name__ == "__main__":
    KEPT.write_text(json.dumps(figures(), indent=1) + "\n", encoding="utf-8")
    print(f"written to {KEPT}")
