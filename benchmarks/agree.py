"""Do txsim and the idiomatic Mesa model say the same? Means over replications, and how far apart in
standard errors.

Both run one scenario at the central values of all numbers; chance is theirs alone. With no
difference between the models z is about standard normal: its root mean square is near 1, and one in
twenty lies beyond 2.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.idiomatic_mesa import simulate
from benchmarks.idiomatic_mesa.clinic import DAILY
from benchmarks.record import Section
from benchmarks.workload import cohort, frozen
from txsim.run import Run, replicate
from txsim.state.events import Cause, Reason

SUMS = (
    "readmissions", "overdoses_waiting", "overdoses_in_care", "overdoses_first_4_weeks", "overdoses_later",
    "urines", "urines_positive", "alliances_broken",
)  # fmt: skip
EVER = ("first_dose_day", "gap5_day", "gap14_day", "gap30_day", "exit_day", "lost_waiting_day")
MOST_Z = 3.3
MOST_RMS = 1.5
"""The models disagree when one outcome, or the root mean square of all, is further apart than this.
Among fifty outcomes without a difference, one table in twenty has a z beyond 3.3.
"""


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
        "first exit: completed": (reasons == Reason.COMPLETED).sum(),
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


def of_mesa(table: pd.DataFrame, rows: list[dict[str, Any]]) -> dict[str, float]:
    """The figures of a run of the idiomatic model."""

    def count(name: str, value: Any) -> float:
        return float(sum(row[name] == value for row in rows))

    own = {
        "first exit: dropped out": count("exit_reason", "dropped out"),
        "first exit: missed days": count("exit_reason", "missed days"),
        "first exit: transferred": count("exit_reason", "transferred"),
        "first exit: completed": count("exit_reason", "completed"),
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
        lambda name: np.arange(len(table)) if name == "day" else table[name].to_numpy(),
        lambda name: float(sum(row[name] for row in rows)),
        lambda name: np.array([row[name] for row in rows if row[name] is not None]),
        own,
    )


def agree(
    design: str | None, people: int, days: int, replications: int, cheap: int, seed: int
) -> Section:
    """The outcomes of both models beside each other, on the frozen scenario or a shipped design."""
    scenario = cohort(design, people, days) if design else frozen(people, days)
    ours = replicate(
        [scenario], replications * cheap, seed, of_txsim, uncertainty=False, workers=1
    )[0]
    theirs = [of_mesa(*simulate(scenario, 1000 * seed + r)) for r in range(replications)]
    rows, scores = [], dict[str, float]()
    for name in ours[0]:
        a, b = np.array([one[name] for one in ours]), np.array([one[name] for one in theirs])
        error_a, error_b = a.std(ddof=1) / sqrt(len(a)), b.std(ddof=1) / sqrt(len(b))
        error = sqrt(error_a**2 + error_b**2)
        if error == 0.0:
            continue
        z = float((a.mean() - b.mean()) / error)
        scores[name] = z
        rows.append(
            (
                name,
                f"{a.mean():.4g}",
                f"{error_a:.2g}",
                f"{b.mean():.4g}",
                f"{error_b:.2g}",
                f"{z:+.2f}",
            )
        )
    sizes = np.abs(list(scores.values()))
    rms, largest = float(np.sqrt(np.mean(sizes**2))), float(sizes.max())
    return Section(
        name=f"agree {design or '(frozen)'} {people} x {days}",
        title=f"The same outcomes: {design or 'frozen scenario'}, {people} people x {days} days, {len(ours)} runs of txsim, "
        f"{len(theirs)} of idiomatic Mesa",
        headings=("outcome of a run", "txsim", "s.e.", "idiomatic Mesa", "s.e.", "z"),
        rows=rows,
        figures={
            "z": scores,
            "rms": rms,
            "largest": largest,
            "disagrees": rms > MOST_RMS or largest > MOST_Z,
        },
        notes=(
            f"{len(scores)} outcomes: root mean square of z {rms:.2f}, largest {largest:.2f}; "
            f"{sum(sizes > 2)} beyond 2. Many of them hang together, so they are not as many "
            "witnesses.",
        ),
    )
