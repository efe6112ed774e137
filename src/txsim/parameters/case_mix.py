"""Who comes, as arrays: shares of traits, diagnoses and barriers, distances, referral streams."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from txsim.catalogue.vocabulary import FACTORS, SUBSTANCES
from txsim.randomness import hash_of_name, normal

if TYPE_CHECKING:
    from txsim.catalogue.draw import Draw
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

LEAST_KM = 1e-6
"""A distance has a logarithm; whoever lives in the clinic lives so far away."""
LEAST_SHARE = 1e-12
NORMAL_P90 = 1.2815515655446004
"""The standard normal number that one in ten exceeds."""

WHO = np.dtype(
    [
        ("opioid_share", "f8"), ("age_mean", "f8"), ("age_sd", "f8"), ("age_min", "f8"),
        ("distance_log_median", "f8"), ("distance_log_sd", "f8"), ("use_days", "f8"),
        ("detoxified", "f8"), ("use_days_sd", "f8"), ("regular_days", "f8"), ("far_km", "f8"),
        ("regular_detoxified", "f8"), ("tolerance_detoxified", "f8"), ("withdrawal_days", "f8"),
        ("burden_spread", "f8"), ("burden_by_distance", "f8"), ("traits", "i8"),
        ("diagnoses", "i8"), ("barriers", "i8"),
    ]
)  # fmt: skip

FEATURES = ("traits", "diagnoses", "barriers")
"""Tables of the catalogue whose entries people may have, in order."""

NUMBERS_OF_THE_MIX = ("opioid_share", "age_mean", "age_sd", "age_min", "use_days")
"""Fields of WHO that a mix has under the same names."""

NUMBERS_OF_THE_MODEL = {
    "use_days_sd": "use_days_sd",
    "regular_days": "regular_use_days",
    "far_km": "far_from_clinic_km",
    "regular_detoxified": "regular_after_detoxification",
    "tolerance_detoxified": "tolerance_after_detoxification",
    "withdrawal_days": "withdrawal_days",
    "burden_spread": "burden_spread",
    "burden_by_distance": "burden_by_distance",
}
"""Fields of WHO, and the numbers of the model that they hold."""


class CaseMix(NamedTuple):
    """A case mix as arrays. C features: traits, then diagnoses, then barriers."""

    who: Array
    """WHO, one row."""
    keys: Array
    """Int C: hash of each feature's name."""
    thresholds: Array
    """Float 2 x C: the standard normal number above which a person of a substance has the feature.
    """
    loadings: Array
    """Float C x factors."""
    own_parts: Array
    """Float C: what of a feature's latent number is the feature's own, beside the factors."""
    burdens: Array
    """Float barriers: mean burden among those who have the barrier."""
    far: Array
    """Byte barriers: whether the burden grows with distance."""
    factors: Array
    """Int: hash of each latent factor's name."""
    values: Array
    """Float factors, of the person who is drawn: each factor's standard normal number."""
    streams: Array
    """Float: cumulative share of each referral stream."""
    court_and_jail: Array
    """Int 2: positions of the streams "court" and "jail_release"."""


def feature_names(scenario: Scenario) -> tuple[str, ...]:
    """The features of a scenario's people in order: traits, diagnoses, barriers."""
    catalogue = scenario.catalogue
    return (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)


def _upper_normal(share: float) -> float:
    return float(-normal(min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)))


def case_mix(scenario: Scenario, draw: Draw) -> CaseMix:
    """The arrays behind a scenario's case mix, in one draw of the numbers of the world."""
    catalogue = scenario.catalogue
    mix_name = scenario.population.mix or next(iter(catalogue.mixes))
    mixture = catalogue.mixes[mix_name]
    path = f"mixes.{mix_name}"
    entries = {**catalogue.traits, **catalogue.diagnoses, **catalogue.barriers}
    table_of = {name: table for table in FEATURES for name in getattr(catalogue, table)}
    thresholds = np.empty((2, len(entries)))
    for c, (name, entry) in enumerate(entries.items()):
        for s, substance in enumerate(SUBSTANCES):
            number = getattr(entry, substance)
            if name in scenario.population.shares:
                share = scenario.population.shares[name]
            elif name in mixture.shares:
                share = draw.value(f"{path}.shares.{name}", mixture.shares[name])
            else:
                share = (
                    draw.value(f"{table_of[name]}.{name}.{substance}", number)
                    if number is not None
                    else 0.0
                )
            thresholds[s, c] = _upper_normal(share)
    factors = {name: position for position, name in enumerate(FACTORS)}
    loadings = np.zeros((len(entries), len(factors)))
    for c, entry in enumerate(entries.values()):
        for factor, loading in getattr(entry, "loadings", {}).items():
            loadings[c, factors[factor]] = loading
    own_parts = np.sqrt(np.maximum(1.0 - (loadings**2).sum(axis=1), 0.0))
    distance = scenario.population.distance_km
    median = (
        distance.median
        if distance
        else draw.value(f"{path}.distance_median_km", mixture.distance_median_km)
    )
    p90 = (
        distance.p90 if distance else draw.value(f"{path}.distance_p90_km", mixture.distance_p90_km)
    )
    spread = log(max(p90, LEAST_KM) / max(median, LEAST_KM))
    who = np.zeros(1, WHO)
    for field in NUMBERS_OF_THE_MIX:
        who[field] = draw.value(f"{path}.{field}", getattr(mixture, field))
    who["distance_log_median"] = log(max(median, LEAST_KM))
    who["distance_log_sd"] = max(spread, 0.0) / NORMAL_P90
    who["detoxified"] = draw.value(f"{path}.detoxified_share", mixture.detoxified_share)
    for field, number in NUMBERS_OF_THE_MODEL.items():
        who[field] = draw.value(f"model.{number}", catalogue.model[number])
    who["traits"] = len(catalogue.traits)
    who["diagnoses"] = len(catalogue.diagnoses)
    who["barriers"] = len(catalogue.barriers)
    shares = [scenario.arrivals.streams.get(name, 0.0) for name in catalogue.streams]
    streams = list(catalogue.streams)
    return CaseMix(
        who,
        np.array([hash_of_name(f"feature:{name}") for name in entries], np.uint64),
        thresholds,
        loadings,
        own_parts,
        np.array(
            [
                draw.value(f"barriers.{name}.burden", one.burden)
                for name, one in catalogue.barriers.items()
            ],
            float,
        ),
        np.array([one.distance for one in catalogue.barriers.values()], np.uint8),
        np.array([hash_of_name(f"factor:{name}") for name in FACTORS], np.uint64),
        np.zeros(len(FACTORS)),
        np.cumsum(np.array(shares, float)),
        np.array(
            [streams.index(name) if name in streams else -1 for name in ("court", "jail_release")]
        ),
    )


def own_copy(mix_of: CaseMix) -> CaseMix:
    """The same mix with a place of its own for what a draw of people writes to."""
    return mix_of._replace(values=np.zeros_like(mix_of.values))
