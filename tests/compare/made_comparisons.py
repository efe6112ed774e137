"""Comparisons made by hand from made runs: replications of people who stay longer or shorter."""

from __future__ import annotations

from typing import Any

import numpy as np

from txsim.compare import Comparison
from txsim.compare.assemble import make_manifest
from txsim.outcomes import Measured, measure
from txsim.scenario import Scenario

from ..draws import draw_numbers
from ..outcomes.made_runs import MadeRun, Person, make_run, small_scenario

PEOPLE = 40


def made_run(scenario: Scenario, replication: int, longer: float) -> MadeRun:
    """Forty people with this replication's luck; `longer` days are added to everybody's stay."""
    luck = np.random.default_rng(100 + replication)
    people = []
    for _ in range(PEOPLE):
        wait, stay, sex = luck.integers(0, 12), luck.exponential(30), luck.random() < 0.4
        days = max(1, int(stay + longer))
        people.append(
            Person(
                "w" * int(wait) + "t" * min(days, 80) + "o",
                used=set(luck.integers(0, 80, 20).tolist()),
                fields={"female": sex, "age": luck.uniform(18, 70), "first_medication": 1},
            )
        )
    return make_run(people, scenario, replication)


def made_measures(scenario: Scenario, replications: int, longer: float) -> list[Measured]:
    """What each replication of a made design comes to; every draw of 4 has its own effect."""
    return [
        measure(made_run(scenario, r, longer * (1 + 0.2 * ((r // 4) % 3 - 1))))
        for r in range(replications)
    ]


def made_comparison(
    *longer: float,
    replications: int = 20,
    uncertainty: bool = True,
    designs: list[Scenario] | None = None,
    **scenario: Any,
) -> Comparison:
    """Compare designs under which people stay so many days longer; the first is called `today`."""
    if designs is None:
        first = small_scenario(**scenario).with_changes(name="today")
        names = [f"longer-{number}" for number in range(1, len(longer))]
        designs = [first, *(first.with_changes(name=name) for name in names)]
    measured = [
        made_measures(design, replications, days)
        for design, days in zip(designs, longer, strict=True)
    ]
    draws = draw_numbers(replications) if uncertainty else None
    how = {
        "replications": replications,
        "seed": 1,
        "draws": 0 if draws is None else int(draws.max()) + 1,
        "uncertainty": uncertainty,
        "equal_money": None,
    }
    return Comparison(designs, measured, draws, make_manifest(designs, how, "txsim compare"))
