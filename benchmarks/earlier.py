"""Whether txsim has become slower since an earlier commit, measured beside it.

Runs of both take turns, each in a process of its own, so that a machine that slows down slows both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import PARTS
from benchmarks.record import Section
from benchmarks.timing import CHECKOUT, Failed, alone

SIZES = ((300, 365), (10_000, 60))
"""People and days of the runs."""

Seconds = Callable[[dict[str, Any]], float]


def earlier(folder: str, rounds: int) -> Section:
    """The frozen scenario and compiling, here and in the checkout of an earlier commit.

    Processor seconds; ratios are medians of the rounds' own ratios, this commit over the earlier.
    Raises Failed where the folder is no checkout with benchmarks of its own.
    """
    other = Path(folder).resolve()
    if not (other / "benchmarks" / "alone.py").is_file():
        raise Failed(
            f"{folder} is no checkout of txsim with benchmarks (git worktree add makes one)"
        )
    rows, figures = [], dict[str, Any]()
    with tempfile.TemporaryDirectory() as place:
        caches = {CHECKOUT: f"{place}/now", other: f"{place}/earlier"}

        def turns(
            name: str, count: int, seconds: Seconds, task: str, *size: int, cold: bool = False
        ) -> None:
            found: dict[Path, list[float]] = {CHECKOUT: [], other: []}
            for turn in range(count):
                for checkout in (CHECKOUT, other) if turn % 2 else (other, CHECKOUT):
                    cache = f"{caches[checkout]} {turn}" if cold else caches[checkout]
                    told = alone(task, *size, checkout=checkout, TXSIM_CACHE=cache)
                    found[checkout].append(seconds(told))
            pairs = zip(found[CHECKOUT], found[other], strict=True)
            ratios = sorted(now / before for now, before in pairs)
            rows.append(
                (
                    name,
                    *(f"{median(found[one]):.4g}" for one in (other, CHECKOUT)),
                    *(f"{min(found[one]):.4g}" for one in (other, CHECKOUT)),
                    *(f"{one:.3f}" for one in (median(ratios), ratios[0], ratios[-1])),
                )
            )
            figures[name] = {"earlier": found[other], "now": found[CHECKOUT]}

        turns("compiling", 3, lambda told: told["first_use"], "compiling", cold=True)
        for people, days in SIZES:
            name = f"{people:,} people x {days} days"
            turns(name, rounds, _processor_of_a_run, "txsim-once", people, days)
    return Section(
        name="earlier",
        title=f"This commit beside an earlier one, in turns: {rounds} runs of each",
        headings=(
            "what",
            "earlier, median",
            "now, median",
            "earlier, least",
            "now, least",
            "ratio, median",
            "lowest",
            "highest",
        ),
        rows=rows,
        figures=figures,
        notes=(
            "Processor seconds of a run, opening included; compiling by the wall, three times each.",
        ),
    )


def _processor_of_a_run(told: dict[str, Any]) -> float:
    """Processor seconds of a run, of all its parts."""
    return float(sum(told[part]["cpu"] for part in PARTS))
