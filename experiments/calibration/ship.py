"""Put what was fitted into the package: the posterior's draws, and the catalogue's own numbers.

What a dose does to use has two parts in the catalogue, an effect that is a guess and an offset
that is solved. Fitted is the sum: the offset takes the shift, the effect the spread. Every other
number moves to the middle of its draws. Ranges in the catalogue become those of the draws, so that
runs from the ranges alone are as wide, without the correlations.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
from engine_numbers import (
    SHIPPED,
    centres,
    has_offset,
    natural,
    prior_covariance,
    start,
    working,
)
from engine_numbers import first_stage as draws_of_first_stage
from trial_data import CITATION, MEDICATIONS, of_files

import txsim.catalogue
from txsim.parameters.posterior import ABOUT, FORMAT, TABLE

Array = np.ndarray[Any, Any]

ROWS = 512
"""A power of two, as the strata want it (`Posterior`)."""
PACKAGE = Path(txsim.__file__).parent / "parameters"
CATALOGUE = Path(txsim.catalogue.__file__).parent
SOURCE = "Balise et al., CTN-0094; START and X:BOT, half of the patients"
RANGE = "range as fitted to START and X:BOT"
TOLD = 0.6
"""Spread over the prior's below which the patients have told something of a number."""


def table_of(drawn: Array) -> dict[str, Array]:
    """Values by path, around the centres that the catalogue will have."""
    found = {}
    for k, path in enumerate(SHIPPED):
        if has_offset(path):
            middle = working(path, centres()[path].value) - drawn[:, k].mean()
        else:
            middle = start(path)
        found[path] = natural(path, middle + drawn[:, k])
    return found


def in_order(drawn: Array) -> Array:
    """Rows evenly from all, neighbours alike: sorted along what differs most between them."""
    rows = np.linspace(0, len(drawn) - 1, ROWS).round().astype(int)
    standard = (drawn[rows] - drawn.mean(axis=0)) / drawn.std(axis=0)
    first = np.linalg.svd(standard, full_matrices=False)[2][0]
    return rows[np.argsort(standard @ first)]


def ship(drawn: Array, patients: int, data: Path, seed: int) -> None:
    """Write `posterior.csv` and `posterior.toml`, and move the catalogue's numbers."""
    rows = in_order(drawn)
    table = table_of(drawn)
    lines = [",".join(table)]
    lines += [",".join(f"{table[path][row]:.6g}" for path in table) for row in rows]
    held = ("\n".join(lines) + "\n").encode("ascii")
    (PACKAGE / TABLE).write_bytes(held)
    about = tomlkit.document()
    about.add(tomlkit.comment("What the draws in posterior.csv rest on; experiments/calibration."))
    about.update(
        {
            "format": FORMAT,
            "txsim": version("txsim"),
            "made": datetime.now(UTC).date().isoformat(),
            "data": CITATION,
            "files": of_files(data),
            "patients": patients,
            "model": "engine, simulated arms of both trials; experiments/calibration/fit_engine.py",
            "method": "hidden Markov model of patients' weeks as prior, its spread doubled; "
            "emulator of simulated arms; NUTS with misfit",
            "draws": len(drawn),
            "rows": ROWS,
            "seed": seed,
            "sha256": hashlib.sha256(held).hexdigest(),
        }
    )
    (PACKAGE / ABOUT).write_text(tomlkit.dumps(about), encoding="utf-8")
    move_catalogue(drawn)


def move_catalogue(drawn: Array) -> None:
    """Centres and ranges of the fitted numbers, in the catalogue's files."""
    prior = np.sqrt(np.diag(prior_covariance(draws_of_first_stage())))
    documents: dict[str, Any] = {}
    for k, path in enumerate(SHIPPED):
        table, *steps = path.split(".")
        file = CATALOGUE / f"{table}.toml"
        if table not in documents:
            documents[table] = tomlkit.parse(file.read_text(encoding="utf-8"))
        holder = documents[table]
        for step in steps:
            holder = holder[step]
        mean, spread = float(drawn[:, k].mean()), float(drawn[:, k].std())
        for limit in ("low", "high"):
            if limit in holder:
                del holder[limit]
        holder["sd"] = round(spread, 3)
        if has_offset(path):
            solved = documents[table][steps[0]]["solved"]
            guess = float(working(path, float(holder["value"])))
            solved[steps[2]] = round(start(path) + mean - guess, 4)
        else:
            holder["value"] = float(f"{float(natural(path, start(path) + mean)):.3g}")
            if spread / prior[k] < TOLD:
                holder["grade"] = "B"
                holder["source"] = SOURCE
        note = str(holder.get("note", ""))
        if RANGE not in note:
            holder["note"] = f"{note}; {RANGE}" if note else RANGE
    for table, document in documents.items():
        (CATALOGUE / f"{table}.toml").write_text(tomlkit.dumps(document), encoding="utf-8")


def move_targets(people: int, seed: int) -> None:
    """Let the rates and shares that `solve_intercepts.py` aims at be those of the engine as fitted.

    In another process than `ship`: the catalogue is read once.
    """
    from txsim.reference import positive_share, reference_scenario, regime_rates
    from txsim.run import run

    file = CATALOGUE / "medications.toml"
    document: Any = tomlkit.parse(file.read_text(encoding="utf-8"))
    for name in MEDICATIONS:
        held = run(reference_scenario(name, people), seed=seed, uncertainty=False)
        begins, ends = regime_rates(held)
        document[name]["regular_use_begins_in_care"]["value"] = round(begins, 4)
        document[name]["regular_use_ends_in_care"]["value"] = round(ends, 4)
        document[name]["positive_share"]["value"] = round(positive_share(held), 3)
        print(f"{name}: regular use begins {begins:.4f}, ends {ends:.4f} a day in care")
    file.write_text(tomlkit.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    move_targets(3000, 20261121)
