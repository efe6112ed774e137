"""The numbers of the engine that its fit moves, and what is believed of them beforehand.

Each is moved on the working scale of its unit (logarithm, log odds) away from what was held of it
before (`before_the_engine.toml`; what is not there, from the catalogue's centre). What the
likelihood of patients' weeks has told is the prior of what it told about, correlated as it was, but
with twice its spread: the same patients are looked at again, through other figures, and should not
count twice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from arms import VISIT, WHO, Arm
from trial_data import MEDICATIONS

from txsim.catalogue import Number, load_catalogue

Array = np.ndarray[Any, Any]

HERE = Path(__file__).resolve().parent
FIRST_STAGE = HERE / "posterior.csv"
"""Draws of the first stage, by path."""
BEFORE = HERE / "before_the_engine.toml"
"""Centres of the prior."""
WIDER = 2.0
"""Spread of the prior in those of the first stage."""
OUTPATIENTS, INPATIENTS = WHO[:2], WHO[2:]
LEAVING = {"methadone": 0.7, "buprenorphine": 0.7, "xr_naltrexone_opioid": 1.2}
"""How far leaving may lie from routine care's: injections are kept to in trials far more often."""
EARLY = 31
"""Days in care from which on a trial has another level of leaving."""


@dataclass(frozen=True)
class Moved:
    """A number that is moved, or something about the trials alone (a nuisance)."""

    name: str
    """The path of the catalogue's number, or what it is called here."""
    spread: float
    """Standard deviation beforehand, on the working scale, where the first stage tells none."""
    arms: tuple[Arm, ...]
    """The arms that it acts in."""
    shipped: bool = True
    """Whether it is a number of the world, and not of these trials alone."""


def on(medication: str) -> tuple[Arm, ...]:
    """The arms with a medication."""
    return tuple(arm for arm in WHO if arm.medication == medication)


def all_moved() -> tuple[Moved, ...]:
    """Numbers of the world first, then what is of the trials alone."""
    world = [
        Moved(f"medications.{name}.{what}", spread, on(name))
        for name in MEDICATIONS
        for what, spread in (
            ("settles", 0.4),
            ("effects.use", 0.4),
            ("effects.regular_use_begins", 0.4),
            ("effects.regular_use_ends", 0.4),
        )
    ]
    world += [
        Moved("model.regular_after_detoxification", 0.4, INPATIENTS),
        Moved("model.regular_use_begins_after_detoxification", 0.7, INPATIENTS),
        Moved("model.regular_use_dropout_after_detoxification", 0.7, INPATIENTS),
        Moved("model.occasional_use", 0.4, WHO),
        Moved("model.regular_use_dropout", 0.3, WHO),
        Moved("mediators.missed_visits.effects.dropout", 0.3, WHO),
        Moved("traits.frailty.effects.attendance", 0.35, WHO),
        Moved("traits.frailty.effects.dropout", 0.3, WHO),
    ]
    # told by records too, which the catalogue has weighed against these trials
    trial = [
        Moved(f"traits.{name}.effects.dropout", 0.2, WHO, shipped=False)
        for name in ("under_25", "female", "stimulant_use")
    ]
    trial += [
        Moved(f"{arm.name}: leaving, {when}", LEAVING[arm.medication], (arm,), shipped=False)
        for arm in WHO
        for when in ("first month", "later")
    ]
    trial += [Moved(f"{arm.name}: coming", 0.4, (arm,), shipped=False) for arm in WHO]
    return (*world, *trial)


MOVED = all_moved()
NAMES = tuple(one.name for one in MOVED)
SHIPPED = tuple(one.name for one in MOVED if one.shipped)
"""They come first."""
OF_CATALOGUE = tuple(name for name in NAMES if ": " not in name)
"""Those that are numbers of the catalogue."""
RATIO_OF_COMING = 0.85
"""Chance of a research visit at the centre (see `arms.clinic_of`)."""


@cache
def centres() -> dict[str, Number]:
    """The catalogue's numbers by path."""
    return dict(load_catalogue().numbers())


def is_share(path: str) -> bool:
    """Whether a number moves on log odds."""
    return centres()[path].unit in ("probability", "proportion")


def working(path: str, value: Any) -> Any:
    """Values of a number on its working scale."""
    value = np.asarray(value, float)
    return np.log(value / (1.0 - value)) if is_share(path) else np.log(value)


@cache
def believed() -> dict[str, float]:
    """Values held before the fit, by path; those of the effects of a dose are whole."""
    return {**tomllib.loads(BEFORE.read_text(encoding="utf-8"))}


def has_offset(path: str) -> bool:
    """Whether an offset is solved beside the number, so that only their sum means anything."""
    parts = path.split(".")
    return parts[0] == "medications" and parts[2] == "effects"


def offset_of(path: str) -> float:
    """What is solved beside a number in the catalogue as it stands."""
    if not has_offset(path):
        return 0.0
    _, medication, _, hazard = path.split(".")
    return load_catalogue().medications[medication].solved.get(hazard, 0.0)


def start(path: str) -> float:
    """Where the prior of a number is centred, on the working scale, its offset with it."""
    held = believed().get(path, centres()[path].value)
    return float(working(path, held))


def natural(path: str, at: Any) -> Any:
    """Values of a number from those on its working scale."""
    at = np.asarray(at, float)
    return 1.0 / (1.0 + np.exp(-at)) if is_share(path) else np.exp(at)


def of_arm(arm: Arm) -> Array:
    """The places in MOVED of what acts in an arm."""
    return np.array([place for place, one in enumerate(MOVED) if arm in one.arms])


def values_of(moved: Sequence[float] | Array, arm: Arm) -> dict[str, float]:
    """What a setting says to the engine in an arm: values by path."""
    at = dict(zip(NAMES, map(float, moved), strict=True))
    values = {
        path: float(natural(path, start(path) - offset_of(path) + at[path]))
        for path in OF_CATALOGUE
    }
    log_odds = np.log(RATIO_OF_COMING / (1.0 - RATIO_OF_COMING)) + at[f"{arm.name}: coming"]
    values[f"services.{VISIT}.attendance"] = float(1.0 / (1.0 + np.exp(-log_odds)))
    phases = load_catalogue().medications[arm.medication].phases
    for k, phase in enumerate(phases):
        when = "first month" if phase.from_day < EARLY else "later"
        values[f"medications.{arm.medication}.phases.{k}.solved"] = (
            phase.log_rate + at[f"{arm.name}: leaving, {when}"]
        )
    return values


def prior_covariance(first_stage: Mapping[str, Any] | pd.DataFrame) -> Array:
    """Covariance of all that is moved, on working scales, before the engine is looked at."""
    covariance = np.diag([one.spread**2 for one in MOVED])
    told = [place for place, name in enumerate(NAMES) if name in first_stage]
    draws = np.stack(
        [
            working(NAMES[place], np.clip(first_stage[NAMES[place]], 1e-4, None))
            for place in told
        ]
    )  # fmt: skip
    covariance[np.ix_(told, told)] = WIDER**2 * np.cov(draws)
    return covariance


def first_stage(path: Path = FIRST_STAGE) -> pd.DataFrame:
    """The draws of the first stage."""
    return pd.read_csv(path)
