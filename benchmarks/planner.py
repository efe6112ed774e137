"""What a planner waits for: a comparison, the command line, compiled rules; and whether memory
stays where it is."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.record import Section
from benchmarks.timing import CHECKOUT, Failed, alone, child, median_took

DESIGNS = ("baseline", "case-management", "transport-aid")
TXSIM = (sys.executable, "-m", "txsim")
SETTLED = 300
"""Runs after which the tables of numbers that are kept between runs are as many as they will be."""


def cohort_of(design: str, people: int, days: int, folder: Path) -> str:
    """A file with a shipped design for so many people who all ask on the first day."""
    file = folder / f"{design}-cohort.toml"
    file.write_text(
        f'title = "{design}, {people} people x {days} days"\nextends = "{design}"\n\n'
        f"[horizon]\ndays = {days}\n\n[arrivals]\ncohort = {people}\n",
        encoding="utf-8",
    )
    return str(file)


def compare(
    people: int, days: int, replications: int, workers: int, repeats: int, as_shipped: bool
) -> Section:
    """`txsim compare` of three shipped designs with its report: with nothing compiled yet, and
    again."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        apart = alone("compiling", TXSIM_CACHE=str(folder / "apart"))
        designs = [one if as_shipped else cohort_of(one, people, days, folder) for one in DESIGNS]
        command = [*TXSIM, "compare", *designs, "--replications", str(replications)]
        command += ["--workers", str(workers), "--out", str(folder / "report"), "--force"]
        cache = str(folder / "cache")
        took = [child(command, CHECKOUT, TXSIM_CACHE=cache)[0] for _ in range(1 + repeats)]
    cold, warm = took[0], median_took(took[1:])
    size = "as shipped" if as_shipped else f"{people} people x {days} days"
    return Section(
        name=f"planner compare {'as shipped' if as_shipped else f'{people} x {days}'}",
        title=f"txsim compare: {len(DESIGNS)} shipped designs, {replications} replications, {size}, "
        f"{workers} processes, report included",
        headings=("run", "wall", "cpu"),
        rows=[
            ("cold: nothing compiled", f"{cold.wall:.2f}", f"{cold.cpu:.2f}"),
            (f"warm: median of {repeats}", f"{warm.wall:.2f}", f"{warm.cpu:.2f}"),
        ],
        figures={
            "cold": asdict(cold),
            "warm": asdict(warm),
            "compiling_apart": apart,
            "designs": list(DESIGNS),
            "replications": replications,
            "people": people,
            "days": days,
            "workers": workers,
            "as_shipped": as_shipped,
        },
        notes=(
            f"Compiling alone, measured apart in a process and folder of its own: "
            f"{apart['first_use']:.1f} s; so a cold comparison without it is about "
            f"{cold.wall - apart['first_use']:.1f} s.",
        ),
    )


def start(times: int) -> Section:
    """How long the command line takes to answer."""
    commands: dict[str, tuple[str, ...]] = {
        "python -c pass": (sys.executable, "-c", "pass"),
        "txsim --help": (*TXSIM, "--help"),
        "txsim check baseline": (*TXSIM, "check", "baseline"),
    }
    rows, figures = [], dict[str, Any]()
    for name, command in commands.items():
        child(command, CHECKOUT)
        took = [child(command, CHECKOUT)[0] for _ in range(times)]
        middle = median_took(took)
        walls = [one.wall for one in took]
        figures[name] = [asdict(one) for one in took]
        rows.append(
            (name, *(f"{x:.3f}" for x in (middle.wall, min(walls), max(walls), middle.cpu)))
        )
    return Section(
        name="planner start",
        title=f"The command line, median of {times}",
        headings=("command", "wall", "lowest", "highest", "cpu"),
        rows=rows,
        figures=figures,
    )


def cache(times: int) -> Section:
    """Compiling the rules into an empty folder, and loading them from it in later processes."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = alone("compiling", TXSIM_CACHE=folder)
        loaded = [alone("compiling", TXSIM_CACHE=folder) for _ in range(times)]
        size = sum(one.stat().st_size for one in Path(folder).rglob("*") if one.is_file()) / 1e6
    importing, first_use = (
        median(one[part] for one in loaded) for part in ("importing", "first_use")
    )
    return Section(
        name="planner cache",
        title="Compiled rules: made, and loaded again",
        headings=("process", "importing txsim", "first use of the rules"),
        rows=[
            (
                "cold: an empty folder",
                f"{compiled['importing']:.2f}",
                f"{compiled['first_use']:.2f}",
            ),
            (f"warm: median of {times}", f"{importing:.2f}", f"{first_use:.2f}"),
        ],
        figures={"cold": compiled, "warm": loaded, "folder_megabytes": size},
        notes=(f"The folder holds {size:.1f} MB.",),
    )


def memory(runs: int, every: int, people: int, days: int) -> Section:
    """Resident memory over many runs in one process, and how fast it grows.

    Raises Failed when there would be fewer than two looks at it.
    """
    if runs < 2 * every:
        raise Failed(f"memory needs two looks at least: {runs} runs, one look every {every}")
    found = alone("memory", runs, every, people, days)
    samples = np.array(found["resident_megabytes"], dtype=float)
    late = samples[samples[:, 0] >= SETTLED] if runs >= SETTLED + 2 * every else samples[1:]
    slope = float(np.polyfit(late[:, 0], late[:, 1], 1)[0]) * 1000
    return Section(
        name="planner memory",
        title=f"{runs:,} runs of {people} people x {days} days in one process, outcomes measured",
        headings=("after runs", "resident MB"),
        rows=[(f"{int(count)}", f"{size:.1f}") for count, size in samples],
        figures={**found, "kilobytes_a_run": slope},
        notes=(
            f"From run {int(late[0, 0])} on it grows by {slope:.2f} kB a run (least squares); "
            f"at most {found['peak_megabytes']:.0f} MB were held.",
            "Numbers of the world are drawn, so the tables kept for the last draws fill up first.",
        ),
    )
