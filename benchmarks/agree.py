"""Do txsim and the idiomatic Mesa model say the same? Means over replications, and how far apart in
standard errors.

    python benchmarks/agree.py                        # 40 replications of 300 people x 365 days each
    python benchmarks/agree.py --replications 100 --people 600 --days 200

Both run the frozen scenario at the central values of all numbers; chance is theirs alone. With no
difference between the models z is about standard normal: its root mean square is near 1, and one in
twenty lies beyond 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from idiomatic_mesa import simulate
from idiomatic_mesa.clinic import DAILY
from workload import frozen

from txsim.events import Cause, Reason
from txsim.run import Run, replicate

SUMS = (
    "readmissions", "overdoses_waiting", "overdoses_in_care", "overdoses_first_4_weeks", "overdoses_later",
    "urines", "urines_positive", "alliances_broken",
)  # fmt: skip
EVER = ("first_dose_day", "gap5_day", "gap14_day", "gap30_day", "exit_day", "lost_waiting_day")
BEYOND = 3.0
"""A difference of more standard errors than this is called a disagreement."""


def outcomes(
    days: Callable[[str], Any],
    total: Callable[[str], float],
    known: Callable[[str], Any],
    own: dict[str, float],
) -> dict[str, float]:
    """One run's figures: sums of the daily table, totals and first days of the patients' rows."""
    found = {f"daily: {name}": float(days(name)[1:].sum()) for name in DAILY}
    found |= {
        f"in care on day {day}": float(days("in_care")[day - 1])
        for day in (30, 90, 180, 365)
        if day <= len(days("day"))
    }
    found |= {f"rows: {name}": total(name) for name in SUMS}
    for name in EVER:
        when = known(name)
        found[f"rows: {name} known"] = float(len(when))
        found[f"rows: {name} mean"] = float(when.mean()) if len(when) else 0.0
    return found | own


def of_txsim(run: Run) -> dict[str, float]:
    """The figures of a run of txsim."""
    rows = run.patients
    reasons, causes = rows["exit_reason"], rows["death_cause"]
    own = {
        "first exit: dropped out": (reasons == Reason.DROPPED_OUT).sum(),
        "first exit: missed days": (reasons == Reason.MISSED_DAYS).sum(),
        "first exit: transferred": (reasons == Reason.TRANSFERRED).sum(),
        "first exit: jailed": (reasons == Reason.JAILED).sum(),
        "died: overdose": (causes == Cause.OVERDOSE).sum(),
        "died: other": (causes == Cause.OTHER).sum() + (causes == Cause.SUICIDE).sum(),
        "mean severity": rows["severity"].mean(),
        "women": rows["female"].sum(),
        "fentanyl": rows["fentanyl"].sum(),
        "mean distance": rows["distance_km"].mean(),
        "first on methadone": (rows["first_medication"] == 1).sum(),
    }
    return outcomes(
        lambda name: np.arange(len(run.days)) if name == "day" else run.days[name],
        lambda name: float(rows[name].sum()),
        lambda name: rows[name][rows[name] >= 0],
        {name: float(x) for name, x in own.items()},
    )


def of_mesa(table: list[dict[str, int]], rows: list[dict[str, Any]]) -> dict[str, float]:
    """The figures of a run of the idiomatic model."""

    def count(name: str, value: Any) -> float:
        return float(sum(row[name] == value for row in rows))

    own = {
        "first exit: dropped out": count("exit_reason", "dropped out"),
        "first exit: missed days": count("exit_reason", "missed days"),
        "first exit: transferred": count("exit_reason", "transferred"),
        "first exit: jailed": count("exit_reason", "jailed"),
        "died: overdose": count("death_cause", "overdose"),
        "died: other": count("death_cause", "other") + count("death_cause", "suicide"),
        "mean severity": float(np.mean([row["severity"] for row in rows])),
        "women": count("female", True),
        "fentanyl": count("fentanyl", True),
        "mean distance": float(np.mean([row["distance_km"] for row in rows])),
        "first on methadone": count("first_medication", 1),
    }
    return outcomes(
        lambda name: (
            np.arange(len(table)) if name == "day" else np.array([row[name] for row in table])
        ),
        lambda name: float(sum(row[name] for row in rows)),
        lambda name: np.array([row[name] for row in rows if row[name] is not None]),
        own,
    )


def main() -> None:
    """Run both and print the table; exit 1 when any figure is beyond three standard errors or rms z
    above 1.5."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument(
        "--cheap", type=int, default=4, help="runs of txsim for each run of the idiomatic model"
    )
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    scenario = frozen(chosen.people, chosen.days)
    ours = replicate(
        [scenario],
        chosen.replications * chosen.cheap,
        chosen.seed,
        of_txsim,
        uncertainty=False,
        workers=1,
    )[0]
    theirs = [
        of_mesa(*simulate(scenario, 1000 * chosen.seed + r)) for r in range(chosen.replications)
    ]
    print(
        f"{chosen.people} people x {chosen.days} days: {len(ours)} runs of txsim, {len(theirs)} of idiomatic Mesa\n"
    )
    print("| outcome | txsim | s.e. | idiomatic Mesa | s.e. | z |\n|---|---|---|---|---|---|")
    scores = []
    for name in ours[0]:
        a, b = np.array([one[name] for one in ours]), np.array([one[name] for one in theirs])
        error_a, error_b = a.std(ddof=1) / sqrt(len(a)), b.std(ddof=1) / sqrt(len(b))
        error = sqrt(error_a**2 + error_b**2)
        if error == 0.0:
            continue
        z = (a.mean() - b.mean()) / error
        scores.append(z)
        print(
            f"| {name} | {a.mean():.4g} | {error_a:.2g} | {b.mean():.4g} | {error_b:.2g} | {z:+.2f} |"
        )
    rms = sqrt(float(np.mean(np.square(scores))))
    largest = float(np.abs(scores).max())
    print(f"\n{len(scores)} outcomes: root mean square z {rms:.2f}, largest {largest:.2f}")
    if rms > 1.5 or largest > BEYOND + 0.7:
        sys.exit("the two models disagree")


if __name__ == "__main__":
    main()
