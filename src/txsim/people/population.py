"""Who comes: people drawn one by one from a case mix, each from a key of their own.

Diagnoses and barriers go together through latent factors that are part of the person; a further
diagnosis reads a draw of its own and leaves all others alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from txsim.catalogue.vocabulary import CONTINUOUS_TRAITS, TRAITS
from txsim.compiled.functions import kernel, rule
from txsim.parameters.case_mix import CaseMix
from txsim.randomness import (
    decision,
    exponential,
    joined,
    logarithm,
    mix,
    normal,
    uniform,
)
from txsim.state.patient import PATIENT, Patient, blank_rows

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.scenario import Scenario
    from txsim.state.patient import PatientRow
    from txsim.state.records import Rows

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
REGULAR_AFTER_DETOX = decision("goes on in regular use after detoxification")
SITE = decision("site of a trial")

OPIOID = 0

BEFORE_DAY_0 = 1 << 39
"""Added to the number of somebody who first asks before day 0."""
PRESENT = 1 << 40
"""Added to the number of somebody who is in care when the simulation opens."""
DAYS_ASKED_ABOUT = 30.0
"""Days before asking whose days of use are counted, as intake questionnaires do."""
YOUNG = 25.0
"""Years of age below which somebody has the trait `under_25`."""
NOBODY = 7.0
"""A standard normal number above the threshold of the smallest share of people that is
distinguished from none (`parameters.case_mix.LEAST_SHARE`)."""

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


class People(NamedTuple):
    """People drawn, one row each."""

    patients: Array
    """PATIENT records."""
    features: Array
    """Float N x C: trait values, 1 or 0 for diagnoses and barriers."""
    burdens: Array
    """Float N x barriers: burden before any help."""


def replication_key(seed: int, replication: int) -> int:
    """The key of all random numbers of one replication."""
    return joined(mix(seed), replication)


@rule
def begin_use(who: Any, patient: PatientRow, key: Key) -> None:
    """The regime of use in which somebody comes, by the days of use before.

    Who is through withdrawal from opioids mostly comes out of regular use, and with less tolerance.
    What is known of drinking is known from the first visit on, after detoxification or not.
    """
    patient.regular_use = patient.use_days_30 >= who.regular_days
    if patient.detoxified and patient.substance == OPIOID:
        if uniform(key, REGULAR_AFTER_DETOX) >= who.regular_detoxified:
            patient.regular_use = False
        patient.tolerance = who.tolerance_detoxified


@kernel
def begin_use_of(who: Any, patients: Rows[PatientRow]) -> None:
    """The same for everybody, when days of use and detoxification are known otherwise."""
    for i in range(patients.size):
        begin_use(who[0], patients[i], patients[i].key)


@kernel
def begin_abstinent(who: Any, patients: Rows[PatientRow], days: int, tolerance_kept: float) -> None:
    """Everybody who comes for opioids has used none for so many days.

    Tolerance fades by the day; whoever was in regular use is mostly out of it, as after
    detoxification; after as many days as withdrawal lasts, people are detoxified.
    """
    for i in range(patients.size):
        patient = patients[i]
        if patient.substance != OPIOID:
            continue
        patient.use_days_30 = min(patient.use_days_30, max(DAYS_ASKED_ABOUT - days, 0.0))
        patient.tolerance = min(patient.tolerance, exponential(days * logarithm(tolerance_kept)))
        if days >= who[0].withdrawal_days:
            patient.detoxified = True
        if uniform(patient.key, REGULAR_AFTER_DETOX) >= who[0].regular_detoxified:
            patient.regular_use = False


@kernel
def begin_on_unit(who: Any, patients: Rows[PatientRow]) -> None:
    """Everybody who comes for opioids goes through withdrawal on an inpatient unit.

    Whoever was in regular use is mostly out of it then, as after detoxification elsewhere; the
    induction of a medication goes by how people were when they came.
    """
    for i in range(patients.size):
        patient = patients[i]
        luck = uniform(patient.key, REGULAR_AFTER_DETOX)
        if patient.substance == OPIOID and luck >= who[0].regular_detoxified:
            patient.regular_use = False


@kernel
def spread_over_sites(patients: Rows[PatientRow], sites: int) -> None:
    """Everybody belongs to a site, each as likely as another."""
    for i in range(patients.size):
        patients[i].site = int(uniform(patients[i].key, SITE) * sites)


@rule
def draw_person(mix_of: CaseMix, people: People, i: int, key: Key) -> None:
    """Fill one person's row from the key: who they are when they ask for treatment."""
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
    begin_use(who, patient, patient.key)
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
def give_keys(people: People, key: Key) -> None:
    """Give everybody their random key, which follows from their number."""
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
    "People",
    "blank_people",
    "draw_people",
    "give_keys",
    "joined_people",
]
