"""A clinic's own people: a roster in place of a named case mix.

What the roster says of somebody holds; what it leaves open is drawn as for anybody else. In an open
clinic everybody who asks is like one row, drawn from those with the same substance; in a cohort
person k is row k. Rows never enter a result: nothing that is recorded says which row somebody is
like.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.catalogue.vocabulary import SUBSTANCES
from txsim.compiled.functions import readable
from txsim.parameters.case_mix import CaseMix, feature_names
from txsim.people.population import AT, YOUNG, People, begin_use_of
from txsim.randomness import decision, uniform

if TYPE_CHECKING:
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

YES_OR_NO = (
    "female",
    "injecting",
    "fentanyl",
    "prescription_opioids",
    "stimulant_use",
    "benzodiazepine_use",
    "unemployed",
    "pregnant",
    "family_involved",
    "earlier_episodes",
)
"""Traits that stand in a roster as columns of their own."""

WHICH_ROW = decision("which row of the roster a person is like")


@dataclass(frozen=True, repr=False)
class OwnPeople:
    """A roster as arrays; NaN where it does not know. R rows, C features."""

    substance: Array
    age: Array
    distance_km: Array
    use_days: Array
    detoxified: Array
    stream: Array
    preference: Array
    features: Array
    """Float R x C."""


@lru_cache(maxsize=8)
def own_people(scenario: Scenario) -> OwnPeople:
    """The scenario's roster as arrays."""
    rows = scenario.roster_rows()
    catalogue = scenario.catalogue
    names = feature_names(scenario)
    at = {name: position for position, name in enumerate(names)}
    features = np.full((len(rows), len(names)), np.nan)
    streams = list(catalogue.streams)

    def column(name: str) -> Array:
        return np.array(
            [np.nan if (value := getattr(row, name)) is None else float(value) for row in rows]
        )

    for name in YES_OR_NO:
        features[:, at[name]] = column(name)
    for r, row in enumerate(rows):
        for known, table in (
            (row.diagnoses, catalogue.diagnoses),
            (row.barriers, catalogue.barriers),
        ):
            if known is not None:
                for name in table:
                    features[r, at[name]] = float(name in known)
    preference = np.full(len(rows), np.nan)
    for r, row in enumerate(rows):
        if row.medication is not None:
            same = [
                name
                for name, one in catalogue.medications.items()
                if one.substance == row.substance and one.service
            ]
            if row.medication in same:
                preference[r] = (same.index(row.medication) + 0.5) / len(same)
    return OwnPeople(
        substance=np.array([SUBSTANCES.index(row.substance) for row in rows]),
        age=column("age"),
        distance_km=column("distance_km"),
        use_days=column("use_days"),
        detoxified=column("detoxified"),
        stream=np.array(
            [np.nan if row.stream is None else float(streams.index(row.stream)) for row in rows]
        ),
        preference=preference,
        features=features,
    )


def with_shares_of_roster(mix: CaseMix, own: OwnPeople) -> CaseMix:
    """The case mix with the roster's share of opioid patients."""
    who = mix.who.copy()
    who["opioid_share"] = float((own.substance == 0).mean())
    return mix._replace(who=who)


def rows_alike(own: OwnPeople, people: People, one_to_one: bool) -> Array:
    """The roster row that each person is like."""
    patients = people.patients
    if one_to_one:
        return np.arange(patients.size) % own.age.size
    rows = np.empty(patients.size, np.int64)
    choices = [np.flatnonzero(own.substance == s) for s in range(len(SUBSTANCES))]
    for i, patient in enumerate(patients):
        same = choices[int(patient["substance"])]
        rows[i] = same[int(uniform(int(patient["key"]), int(WHICH_ROW)) * same.size)]
    return rows


def resemble(people: People, own: OwnPeople, rows: Array, mix: CaseMix) -> None:
    """Give people what the roster knows of the rows they are like."""
    patients = people.patients
    for name in ("age", "distance_km", "preference"):
        said = getattr(own, name)[rows]
        patients[name] = np.where(np.isnan(said), patients[name], said)
    for name, known in (
        ("use_days_30", own.use_days),
        ("detoxified", own.detoxified),
        ("stream", own.stream),
    ):
        said = known[rows]
        patients[name] = np.where(np.isnan(said), patients[name], said)
    patients["tolerance"] = 1.0
    begin_use_of(readable(mix.who), readable(patients))
    said = own.features[rows]
    people.features[:] = np.where(np.isnan(said), people.features, said)
    first = int(mix.who["traits"][0] + mix.who["diagnoses"][0])
    has = people.features[:, first:] > 0.5
    people.burdens[:] = np.where(
        has, np.where(people.burdens > 0.0, people.burdens, mix.burdens), 0.0
    )
    features = people.features
    features[:, AT["under_25"]] = patients["age"] < YOUNG
    features[:, AT["far_from_clinic"]] = patients["distance_km"] > mix.who["far_km"]
    features[:, AT["court"]] = patients["stream"] == mix.court_and_jail[0]
    features[:, AT["jail_release"]] = patients["stream"] == mix.court_and_jail[1]
    features[:, AT["pregnant"]] *= features[:, AT["female"]]
    for name in (
        "female",
        "pregnant",
        "injecting",
        "stimulant_use",
        "benzodiazepine_use",
        "fentanyl",
    ):
        patients[name] = features[:, AT[name]] > 0.5
