"""From what was fitted by week to numbers of the catalogue.

The engine adds visits, doses and differences between people, so its own rates are solved until
the fitted ones come out (`solve_intercepts.py`). Around that centre a draw moves each number as it
moves the fitted parameter, on the log or logit scale, together with all others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from trial_data import COVARIATES, MEDICATIONS

from txsim.catalogue import load_catalogue
from txsim.catalogue.load import numbers_within

Array = np.ndarray[Any, Any]

DRAWS = 400
"""Rows of the table: every so many-th of the chains."""
REGULAR_BEFORE = 0.97
"""Share of outpatients in regular use when they asked: days of use in the month before."""
OUTPATIENTS = {"methadone": 0, "buprenorphine": 1}
"""Arm by which the share is told that settles with the first dose."""


def central(path: str) -> float:
    """A number of the shipped catalogue."""
    table = path.partition(".")[0]
    catalogue = load_catalogue()
    for name, entry in getattr(catalogue, table).items():
        for found, number in numbers_within(f"{table}.{name}", entry):
            if found == path:
                return number.value
    raise KeyError(f"{path} is no number of the catalogue")


def around(path: str, draws: Array) -> Array:
    """The catalogue's ratio, moved as draws of a logarithm move around their mean."""
    return np.asarray(central(path) * np.exp(draws - draws.mean()))


def table_of_draws(draws: dict[str, Array]) -> pd.DataFrame:
    """Columns named by the catalogue's paths, in the catalogue's units."""
    columns: dict[str, Array] = {}
    for name, arm in OUTPATIENTS.items():
        in_regular_use = 1.0 / (1.0 + np.exp(-draws["start"][:, arm]))
        settles = 1.0 - in_regular_use / REGULAR_BEFORE
        columns[f"medications.{name}.settles"] = np.clip(settles, 0.0, 1.0)
    for drug, name in enumerate(MEDICATIONS):
        for what, fitted in (("begins", "log_begins"), ("ends", "log_ends")):
            path = f"medications.{name}.effects.regular_use_{what}"
            columns[path] = around(path, draws[fitted][:, drug])
    columns["model.regular_use_dropout"] = around(
        "model.regular_use_dropout", draws["leaves_regular"]
    )
    path = "mediators.missed_visits.effects.dropout"
    columns[path] = around(path, draws["leaves_missed"])
    for name, trait, sign in (
        ("under_25", "under_25", 1.0),
        ("male", "female", -1.0),
        ("stimulants", "stimulant_use", 1.0),
    ):
        path = f"traits.{trait}.effects.dropout"
        columns[path] = around(path, sign * draws["leaves_by"][:, COVARIATES.index(name)])
    step = max(len(draws["start"]) // DRAWS, 1)
    return pd.DataFrame(columns)[::step].reset_index(drop=True)
