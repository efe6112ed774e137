"""Solve the base rates of leaving care and the use offsets, and write them into the catalogue.

For each medication the reference cohort (see `txsim.reference`) is run again and again with the
same luck, and the log rates of its phases are moved until the cohort leaves as published; where the
catalogue gives a share of positive urines (or drinking days) in care, the log odds of use are moved
until it shows.

    python experiments/solve_intercepts.py                 # all medications, into the catalogue
    python experiments/solve_intercepts.py methadone --people 4000 --dry-run
"""

from __future__ import annotations

import argparse
from math import log
from pathlib import Path

import tomlkit

import txsim.catalogue
from txsim.catalogue import load_catalogue
from txsim.reference import (
    DAYS,
    hazards_by_phase,
    positive_share,
    reference_scenario,
    starters,
    stays,
    survival,
    target_survival,
)
from txsim.run import Run, run
from txsim.state.events import Reason
from txsim.units import per_day

CATALOGUE = Path(txsim.catalogue.__file__).parent / "medications.toml"

MOST_OFFSET = 4.0
"""A use offset beyond this (log odds) would mean that the target cannot be reached."""


def log_odds(share: float) -> float:
    """Log odds of a share."""
    return log(share / (1.0 - share))


def observed_hazards(
    one: Run, position: int, starts: list[int], alcohol: bool, until: int
) -> list[float]:
    """Rates of leaving by phase: at all for opioids, by dropping out for alcohol.

    A course of alcohol treatment is completed, so that other exits are no failure.
    """
    durations, left = stays(one, position)
    if alcohol:
        left = left & (
            one.patients["exit_reason"][starters(one, position)] == int(Reason.DROPPED_OUT)
        )
    return [float(rate) for rate in hazards_by_phase(durations, left, starts, until)]


def solve(name: str, people: int, rounds: int, seed: int) -> tuple[list[float], float | None]:
    """The log rate of each phase and the use offset (None without a target) for one medication."""
    last = load_catalogue().medications[name].phases[-1].from_day
    horizon = 365 if last < 365 else last + 730
    scenario = reference_scenario(name, people, horizon + 35)
    medication = scenario.catalogue.medications[name]
    position = list(scenario.catalogue.medications).index(name)
    starts = [phase.from_day for phase in medication.phases]
    published = [per_day(phase.dropout.value, phase.dropout.unit) for phase in medication.phases]
    solved = [phase.log_rate for phase in medication.phases]
    use = medication.solved.get("use", 0.0)
    target_use = medication.positive_share.value if medication.positive_share else None
    alcohol = medication.substance == "alcohol"
    for _ in range(rounds):
        phases = [
            phase.model_copy(update={"solved": rate})
            for phase, rate in zip(medication.phases, solved, strict=True)
        ]
        trial = medication.model_copy(
            update={
                "phases": tuple(phases),
                "solved": {**medication.solved, "use": use} if target_use else {},
            }
        )
        one = run(
            scenario.with_changes(
                medications={name: trial.model_dump(exclude_unset=True, exclude_none=True)}
            ),
            seed=seed,
            uncertainty=False,
        )
        seen = observed_hazards(one, position, starts, alcohol, horizon)
        moves = [log(published[k] / max(seen[k], 1e-6)) for k in range(len(starts))]
        for k in range(len(solved)):
            solved[k] += 0.9 * max(-1.0, min(1.0, moves[k]))
        if target_use:
            step = log_odds(target_use) - log_odds(positive_share(one))
            use = max(-MOST_OFFSET, min(MOST_OFFSET, use + max(-1.0, min(1.0, 0.9 * step))))
    durations, left = stays(one, position)
    line = " ".join(
        f"{survival(durations, left, day):.3f}/{target_survival(medication, day):.3f}"
        for day in DAYS
    )
    print(
        f"{name}: {len(durations)} people; in care at 30, 90, 180, 365 days, "
        f"found/published: {line}",
        end="",
    )
    print(f"; use {positive_share(one):.3f}/{target_use}" if target_use else "")
    return [round(rate, 4) for rate in solved], round(use, 4) if target_use else None


def main() -> None:
    """Solve the medications named on the command line, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "medications", nargs="*", help="names in the catalogue; all when none is given"
    )
    parser.add_argument("--people", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--dry-run", action="store_true", help="print only, write nothing")
    asked = parser.parse_args()
    document = tomlkit.parse(CATALOGUE.read_text(encoding="utf-8"))
    for name in asked.medications or [name for name in document]:
        rates, use = solve(str(name), asked.people, asked.rounds, asked.seed)
        block = document[name]
        for phase, rate in zip(block["phases"], rates, strict=True):
            phase["solved"] = rate
        if use is not None:
            block["solved"] = tomlkit.inline_table()
            block["solved"]["use"] = use
    if not asked.dry_run:
        CATALOGUE.write_text(tomlkit.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    main()
