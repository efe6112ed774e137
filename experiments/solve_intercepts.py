"""Solve the base rates of leaving care and the offsets of use, and write them into the catalogue.

For each medication the reference cohort (see `txsim.reference`) is run again and again with the
same luck, and the log rates of its phases are moved until the cohort leaves as published; where the
catalogue gives a share of positive urines (or drinking days) in care, the log odds of use are moved
until it shows, and where it gives rates at which regular use begins and ends in care, so are these.

    python experiments/solve_intercepts.py                 # all medications, into the catalogue
    python experiments/solve_intercepts.py methadone --people 4000 --dry-run
"""

from __future__ import annotations

import argparse
from math import log
from pathlib import Path
from typing import Any

import tomlkit

import txsim.catalogue
from txsim.catalogue import load_catalogue
from txsim.reference import (
    DAYS,
    hazards_by_phase,
    positive_share,
    reference_scenario,
    regime_rates,
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


def solve(name: str, people: int, rounds: int, seed: int) -> tuple[list[float], dict[str, float]]:
    """The log rate of each phase, and the offsets of use and its regimes, for one medication."""
    last = load_catalogue().medications[name].phases[-1].from_day
    horizon = 365 if last < 365 else last + 730
    scenario = reference_scenario(name, people, horizon + 35)
    medication = scenario.catalogue.medications[name]
    position = list(scenario.catalogue.medications).index(name)
    starts = [phase.from_day for phase in medication.phases]
    published = [per_day(phase.dropout.value, phase.dropout.unit) for phase in medication.phases]
    solved = [phase.log_rate for phase in medication.phases]
    share = medication.positive_share.value if medication.positive_share else None
    begins, ends = medication.regular_use_begins_in_care, medication.regular_use_ends_in_care
    offsets: dict[str, float] = {
        **({"use": 0.0} if share else {}),
        **({"regular_use_begins": 0.0, "regular_use_ends": 0.0} if begins and ends else {}),
    }
    offsets |= {one: value for one, value in medication.solved.items() if one in offsets}
    alcohol = medication.substance == "alcohol"
    for _ in range(rounds):
        phases = [
            phase.model_copy(update={"solved": rate})
            for phase, rate in zip(medication.phases, solved, strict=True)
        ]
        trial = medication.model_copy(
            update={
                "phases": tuple(phases),
                "solved": offsets,
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
        steps = {}
        if share:
            steps["use"] = log_odds(share) - log_odds(positive_share(one))
        if begins and ends:
            found = regime_rates(one)
            steps["regular_use_begins"] = log(begins.value / found[0])
            steps["regular_use_ends"] = log(ends.value / found[1])
        for what, step in steps.items():
            moved = offsets[what] + max(-1.0, min(1.0, 0.9 * step))
            offsets[what] = max(-MOST_OFFSET, min(MOST_OFFSET, moved))
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
    print(f"; use {positive_share(one):.3f}/{share}" if share else "", end="")
    if begins and ends:
        found = regime_rates(one)
        print(f"; regular use begins {found[0]:.4f}/{begins.value}, ", end="")
        print(f"ends {found[1]:.4f}/{ends.value}", end="")
    print()
    return [round(rate, 4) for rate in solved], {one: round(x, 4) for one, x in offsets.items()}


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
    names = asked.medications or list(load_catalogue().medications)
    found = {name: solve(name, asked.people, asked.rounds, asked.seed) for name in names}
    if asked.dry_run:
        return
    # read only now: several of these may be at work, each on medications of its own
    document: Any = tomlkit.parse(CATALOGUE.read_text(encoding="utf-8"))
    for name, (rates, offsets) in found.items():
        block = document[name]
        for phase, rate in zip(block["phases"], rates, strict=True):
            phase["solved"] = rate
        if offsets:
            block["solved"] = tomlkit.inline_table()
            block["solved"].update(offsets)
    CATALOGUE.write_text(tomlkit.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    main()
