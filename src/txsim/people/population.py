"""Who comes: people drawn one by one from a case mix, each from a key of their own.

Diagnoses and barriers go together through latent factors that are part of the person; a further
diagnosis reads a draw of its own and leaves all others alone.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from txsim.catalogue.vocabulary import CONTINUOUS_TRAITS, FACTORS, SUBSTANCES, TRAITS
from txsim.compiling import kernel, rule
from txsim.people.draws import ParameterDraw
from txsim.people.patients import PATIENT, Patient, blank_rows
from txsim.randomness import (
    decision,
    exponential,
    hash_of_name,
    joined,
    mix,
    normal,
    uniform,
)

if TYPE_CHECKING:
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

SUBSTANCE = decision("primary substance")
AGE = decision("age")
SEVERITY = decision("severity")
FRAILTY = decision("frailty")
DISTANCE = decision("distance to the clinic")
STREAM = decision("referral stream")
PREFERENCE = decision("preference of medication")
USE_DAYS = decision("days of use before asking")
DETOXIFIED = decision("is detoxified when asking")

BEFORE_DAY_0 = 1 << 39
"""Added to the number of somebody who first asks before day 0."""
PRESENT = 1 << 40
"""Added to the number of somebody who is in care when the simulation opens."""
DAYS_ASKED_ABOUT = 30.0
"""Days before asking whose days of use are counted, as intake questionnaires do."""
YOUNG = 25.0
"""Years of age below which somebody has the trait `under_25`."""
LEAST_KM = 1e-6
"""A distance has a logarithm; whoever lives in the clinic lives so far away."""
LEAST_SHARE = 1e-12
NOBODY = 7.0
"""A standard normal number that fewer than LEAST_SHARE exceed: no share of people is that small."""
NORMAL_P90 = 1.2815515655446004
"""The standard normal number that one in ten exceeds."""

WHO = np.dtype(
    [
        ("opioid_share", "f8"), ("age_mean", "f8"), ("age_sd", "f8"), ("age_min", "f8"),
        ("distance_log_median", "f8"), ("distance_log_sd", "f8"), ("use_days", "f8"),
        ("detoxified", "f8"), ("use_days_sd", "f8"), ("regular_days", "f8"), ("far_km", "f8"),
        ("burden_spread", "f8"), ("burden_by_distance", "f8"), ("traits", "i8"),
        ("diagnoses", "i8"), ("barriers", "i8"),
    ]
)  # fmt: skip

NUMBERS_OF_THE_MODEL = {
    "use_days_sd": "use_days_sd",
    "regular_days": "regular_use_days",
    "far_km": "far_from_clinic_km",
    "burden_spread": "burden_spread",
    "burden_by_distance": "burden_by_distance",
}
"""Fields of WHO, and the numbers of the model that they hold."""

AT = {name: position for position, name in enumerate(TRAITS)}
UNDER_25, FEMALE, STIMULANT, BENZODIAZEPINE = (
    AT["under_25"],
    AT["female"],
    AT["stimulant_use"],
    AT["benzodiazepine_use"],
)
INJECTING, FENTANYL, PRESCRIPTION = AT["injecting"], AT["fentanyl"], AT["prescription_opioids"]
SEVERITY_TRAIT, FRAILTY_TRAIT, PREGNANT = AT["severity"], AT["frailty"], AT["pregnant"]
FAR, COURT, JAIL_RELEASE, LOW_DOSE = (
    AT["far_from_clinic"],
    AT["court"],
    AT["jail_release"],
    AT["low_dose"],
)


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


class People(NamedTuple):
    """People drawn, one row each."""

    patients: Array
    """PATIENT records."""
    features: Array
    """Float N x C: trait values, 1 or 0 for diagnoses and barriers."""
    burdens: Array
    """Float N x barriers: burden before any help."""


def feature_names(scenario: Scenario) -> tuple[str, ...]:
    """The features of a scenario's people in order: traits, diagnoses, barriers."""
    catalogue = scenario.catalogue
    return (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)


def _upper_normal(share: float) -> float:
    return float(-normal(min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)))


def case_mix(scenario: Scenario, draw: ParameterDraw) -> CaseMix:
    """The arrays behind a scenario's case mix, in one draw of the numbers of the world."""
    catalogue = scenario.catalogue
    mix_name = scenario.population.mix or next(iter(catalogue.mixes))
    mixture = catalogue.mixes[mix_name]
    path = f"mixes.{mix_name}"
    entries = {**catalogue.traits, **catalogue.diagnoses, **catalogue.barriers}
    thresholds = np.empty((2, len(entries)))
    for c, (name, entry) in enumerate(entries.items()):
        for s, substance in enumerate(SUBSTANCES):
            number = getattr(entry, substance)
            if name in scenario.population.shares:
                share = scenario.population.shares[name]
            elif name in mixture.shares:
                share = draw.value(f"{path}.shares.{name}", mixture.shares[name])
            else:
                share = draw.value(f"{name}.{substance}", number) if number is not None else 0.0
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
    who["opioid_share"] = mixture.opioid_share.value
    who["age_mean"] = mixture.age_mean.value
    who["age_sd"] = mixture.age_sd.value
    who["age_min"] = mixture.age_min.value
    who["distance_log_median"] = log(max(median, LEAST_KM))
    who["distance_log_sd"] = max(spread, 0.0) / NORMAL_P90
    who["use_days"] = mixture.use_days.value
    who["detoxified"] = mixture.detoxified_share.value
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


def replication_key(seed: int, replication: int) -> int:
    """The key of all luck in one replication."""
    return joined(mix(seed), replication)


@rule
def draw_person(mix_of: CaseMix, people: People, i: int, key: Any) -> None:
    """Fill one person's row from the key: who they are when they ask for help."""
    who = mix_of.who[0]
    patient = people.patients[i]
    patient.key = key
    patient.substance = 0 if uniform(key, SUBSTANCE) < who.opioid_share else 1
    patient.age = max(who.age_min, who.age_mean + who.age_sd * normal(uniform(key, AGE)))
    patient.severity = normal(uniform(key, SEVERITY))
    patient.frailty = normal(uniform(key, FRAILTY))
    away = normal(uniform(key, DISTANCE))
    patient.distance_km = exponential(who.distance_log_median + who.distance_log_sd * away)
    patient.preference = uniform(key, PREFERENCE)
    patient.detoxified = uniform(key, DETOXIFIED) < who.detoxified
    patient.use_days_30 = min(
        DAYS_ASKED_ABOUT, max(0.0, who.use_days + who.use_days_sd * normal(uniform(key, USE_DAYS)))
    )
    patient.regular_use = patient.use_days_30 >= who.regular_days
    stream = 0
    luck = uniform(key, STREAM) * mix_of.streams[-1]
    while stream < mix_of.streams.size - 1 and luck >= mix_of.streams[stream]:
        stream += 1
    patient.stream = stream
    for f in range(mix_of.factors.size):
        mix_of.values[f] = normal(uniform(key, mix_of.factors[f]))
    for c in range(mix_of.keys.size):
        own = joined(key, mix_of.keys[c])
        people.features[i, c] = 0.0
        threshold = mix_of.thresholds[patient.substance, c]
        if threshold < NOBODY:
            latent = 0.0
            for f in range(mix_of.factors.size):
                latent += mix_of.loadings[c, f] * mix_of.values[f]
            latent += mix_of.own_parts[c] * normal(uniform(own, DISTANCE))
            if latent > threshold:
                people.features[i, c] = 1.0
        b = c - who.traits - who.diagnoses
        if b >= 0:
            burden = 0.0
            if people.features[i, c] > 0.0:
                least, width = 1.0 - who.burden_spread, 2.0 * who.burden_spread
                burden = mix_of.burdens[b] * (least + width * uniform(own, SEVERITY))
                if mix_of.far[b]:
                    burden *= exponential(who.burden_by_distance * who.distance_log_sd * away)
            people.burdens[i, b] = min(1.0, burden)
    features = people.features[i]
    features[UNDER_25] = 1.0 if patient.age < YOUNG else 0.0
    features[SEVERITY_TRAIT] = patient.severity
    features[FRAILTY_TRAIT] = patient.frailty
    features[FAR] = 1.0 if patient.distance_km > who.far_km else 0.0
    features[COURT] = 1.0 if stream == mix_of.court_and_jail[0] else 0.0
    features[JAIL_RELEASE] = 1.0 if stream == mix_of.court_and_jail[1] else 0.0
    features[LOW_DOSE] = 0.0
    if features[FEMALE] == 0.0:
        features[PREGNANT] = 0.0
    if features[FENTANYL] > 0.0 or patient.substance == 1:
        features[PRESCRIPTION] = 0.0
    patient.female = features[FEMALE] > 0.0
    patient.pregnant = features[PREGNANT] > 0.0
    patient.injecting = features[INJECTING] > 0.0
    patient.stimulant_use = features[STIMULANT] > 0.0
    patient.benzodiazepine_use = features[BENZODIAZEPINE] > 0.0
    patient.fentanyl = features[FENTANYL] > 0.0


@kernel
def give_keys(people: People, key: Any) -> None:
    """Give everybody the key of their luck, which follows from their number."""
    for i in range(people.patients.size):
        people.patients[i].key = joined(key, np.uint64(people.patients[i].person))


@kernel
def draw_people(mix_of: CaseMix, people: People) -> None:
    """Draw everybody whose key stands in the records."""
    for i in range(people.patients.size):
        draw_person(mix_of, people, i, people.patients[i].key)


def blank_people(scenario: Scenario, numbers: Array, days: Array) -> People:
    """Rows for people of these numbers who ask on these days; nothing else is known of them yet."""
    patients = blank_rows(Patient, numbers.size)
    patients["person"] = numbers
    patients["arrives"] = days
    catalogue = scenario.catalogue
    width = len(catalogue.traits) + len(catalogue.diagnoses) + len(catalogue.barriers)
    return People(
        patients, np.zeros((numbers.size, width)), np.zeros((numbers.size, len(catalogue.barriers)))
    )


def joined_people(first: People, then: People) -> People:
    """The people of both, the first before the others."""
    return People(*(np.concatenate(both) for both in zip(first, then, strict=True)))


__all__ = [
    "CONTINUOUS_TRAITS",
    "PATIENT",
    "CaseMix",
    "People",
    "blank_people",
    "case_mix",
    "draw_people",
    "give_keys",
    "joined_people",
]
