"""Arms simulated under many settings of the engine: what the emulator learns from and is tested on.

The work is done in blocks, each a file; a run that was interrupted goes on where it stopped. A
manifest beside them says what they are of: the numbers moved, the catalogue, the rules and the
arms. Blocks of anything else are thrown away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from arms import WHO, Setting, lived
from engine_numbers import NAMES, first_stage, prior_covariance, values_of
from scipy.stats import norm, qmc
from summaries import errors_of, summaries

import txsim

Array = np.ndarray[Any, Any]

MANIFEST = "manifest.json"
FORMAT = 1
BLOCK = 10
"""Settings in a block."""
DESIGN, CHECK = "design", "check"
WIDTH = 1.4
"""Spread of the design in those of the prior, so that the emulator is not asked beyond it."""
WHAT_COUNTS = ("rules", "state", "parameters", "catalogue", "people", "clinic")
"""Rooms of the package by which a simulated arm may change."""
WHAT_DOES_NOT = ("draw", "posterior")
"""How names of files begin in them that say where numbers are drawn from."""


@dataclass(frozen=True)
class Plan:
    """How much is simulated."""

    settings: int = 500
    checks: int = 40
    people: int = 300
    """In each arm of the design; arms of checks have the size of the trials' own."""
    seed: int = 1


def made_of(plan: Plan) -> dict[str, Any]:
    """What settles the simulated figures."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    files = [here / name for name in ("arms.py", "engine_numbers.py", "summaries.py")]
    package = Path(txsim.__file__).parent
    for room in WHAT_COUNTS:
        files += sorted(
            one
            for one in (package / room).rglob("*")
            if one.suffix in (".py", ".toml") and not one.name.startswith(WHAT_DOES_NOT)
        )
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return {
        "format": FORMAT,
        "plan": asdict(plan),
        "numbers": list(NAMES),
        "sources": digest.hexdigest(),
    }


def settings_of(plan: Plan, kind: str, covariance: Array) -> Array:
    """Settings x numbers moved: Sobol points of the widened prior, or draws of the prior."""
    root = np.linalg.cholesky(covariance)
    if kind == CHECK:
        luck = np.random.default_rng(plan.seed + 1)
        return luck.standard_normal((plan.checks, len(NAMES))) @ root.T
    sobol = qmc.Sobol(len(NAMES), seed=plan.seed)
    points = sobol.random_base2(max(plan.settings - 1, 1).bit_length())[: plan.settings]
    return WIDTH * norm.ppf(np.clip(points, 1e-4, 1.0 - 1e-4)) @ root.T


def block_of(kind: str, first: int, rows: Array, plan: Plan) -> dict[str, Array]:
    """The figures of some settings in all arms: settings x arms x figures, and their errors."""
    found, errors = [], []
    for place, moved in enumerate(rows, start=first):
        arms = [
            lived(
                arm,
                arm.size if kind == CHECK else plan.people,
                Setting(values_of(moved, arm)),
                place,
                plan.seed + (1000 if kind == CHECK else 0),
            )
            for arm in WHO
        ]
        found.append([summaries(one) for one in arms])
        if kind == CHECK:
            errors.append([errors_of(one, place, 200) for one in arms])
    return {"settings": rows, "found": np.array(found), "errors": np.array(errors)}


def simulate(
    folder: Path, plan: Plan, workers: int, progress: Callable[[int, int], None] | None = None
) -> dict[str, dict[str, Array]]:
    """All blocks of a plan, by kind; those that are there already are taken as they are."""
    covariance = prior_covariance(first_stage())
    made = made_of(plan)
    manifest = folder / MANIFEST
    if manifest.is_file() and json.loads(manifest.read_text(encoding="utf-8")) != made:
        for old in folder.glob("*.npz"):
            old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    rows = {kind: settings_of(plan, kind, covariance) for kind in (DESIGN, CHECK)}
    blocks = [(kind, first) for kind in rows for first in range(0, len(rows[kind]), BLOCK)]
    missing = [one for one in blocks if not file_of(folder, *one).is_file()]
    done = len(blocks) - len(missing)

    def keep(kind: str, first: int, block: dict[str, Array]) -> None:
        place = file_of(folder, kind, first)
        fresh = place.with_suffix(".new.npz")
        np.savez_compressed(fresh, **block)
        fresh.replace(place)

    jobs = [(kind, first, rows[kind][first : first + BLOCK], plan) for kind, first in missing]
    if workers > 1 and jobs:
        from concurrent.futures import as_completed

        from loky import get_reusable_executor

        executor = get_reusable_executor(max_workers=workers)
        waiting = {executor.submit(block_of, *job): job for job in jobs}
        for one in as_completed(waiting):
            keep(*waiting[one][:2], one.result())
            done += 1
            if progress:
                progress(done, len(blocks))
    else:
        for job in jobs:
            keep(*job[:2], block_of(*job))
            done += 1
            if progress:
                progress(done, len(blocks))
    return {kind: together(folder, kind, len(rows[kind])) for kind in rows}


def file_of(folder: Path, kind: str, first: int) -> Path:
    """Where a block is kept."""
    return folder / f"{kind}-{first:05d}.npz"


def together(folder: Path, kind: str, many: int) -> dict[str, Array]:
    """All blocks of a kind, one after another."""
    parts = [np.load(file_of(folder, kind, first)) for first in range(0, many, BLOCK)]
    return {name: np.concatenate([one[name] for one in parts]) for name in parts[0].files}
