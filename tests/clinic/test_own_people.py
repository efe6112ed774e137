"""A clinic's own people: what the roster says holds, and the rest is drawn as for anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.scenario import Scenario, load

HEADER = "person,age,sex,substance,stream,distance_km,use_days,detoxified,medication,injecting,"
HEADER += "pregnant,diagnoses,barriers"
ROWS = (
    "a,21,female,opioid,court,30,28,no,methadone,yes,yes,depression | ptsd,transport",
    "b,51,male,alcohol,self,2,12,yes,acamprosate,,no,none,none",
    "c,38,,opioid,,,3,,,no,,,",
)

CLINIC = """
title = "Our own people"
question = "How do the people on our list fare?"
extends = "baseline"
[population]
roster = "people.csv"
[horizon]
days = 30
follow_up_days = 5
burn_in_days = 5
[medication]
assign = { methadone = 1.0, acamprosate = 1.0 }
"""


@pytest.fixture
def own(tmp_path: Path) -> Scenario:
    """An open clinic asked by people who are like three rows."""
    text = "\n".join((HEADER, *ROWS, ""))
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    (tmp_path / "own.toml").write_text(CLINIC, encoding="utf-8")
    return load(tmp_path / "own.toml")


def opened(scenario: Scenario, **changes: Any) -> Clinic:
    clinic = Clinic(scenario.with_changes(**changes) if changes else scenario)
    clinic.close()
    return clinic


def test_person_k_of_a_cohort_is_row_k(own: Scenario) -> None:
    clinic = opened(own, arrivals={"cohort": 3}, clinic={"places": 3})
    first, second, third = clinic.state.patients

    assert (first["age"], first["distance_km"], first["use_days_30"]) == (21.0, 30.0, 28.0)
    assert (second["age"], second["distance_km"], second["use_days_30"]) == (51.0, 2.0, 12.0)
    assert (third["age"], third["use_days_30"]) == (38.0, 3.0)
    assert [int(one["substance"]) for one in clinic.state.patients] == [0, 1, 0]
    assert (first["regular_use"], second["regular_use"], third["regular_use"]) == (
        True, True, False,
    )  # fmt: skip
    assert (first["female"], second["female"]) == (True, False)
    assert (first["injecting"], third["injecting"]) == (True, False)
    assert (first["pregnant"], second["detoxified"]) == (True, True)
    streams = list(own.catalogue.streams)
    assert [streams[int(one["stream"])] for one in (first, second)] == ["court", "self"]


def test_diagnoses_and_barriers_are_those_of_the_row(own: Scenario) -> None:
    clinic = opened(own, arrivals={"cohort": 3}, clinic={"places": 3})

    assert set(clinic.patients[0].diagnoses) == {"depression", "ptsd"}
    assert clinic.patients[0].barriers == ("transport",)
    assert clinic.patients[1].diagnoses == clinic.patients[1].barriers == ()
    first = int(clinic.state.scalars[0]["first_barrier"])
    burdens = clinic.state.drivers[:, first:]
    transport = list(own.catalogue.barriers).index("transport")
    assert burdens[0, transport] > 0.0
    assert np.count_nonzero(burdens[0]) == 1
    assert np.count_nonzero(burdens[1]) == 0


def test_traits_that_follow_are_those_of_the_row(own: Scenario) -> None:
    """Under 25, far from the clinic, sent by a court: the first row is all three."""
    clinic = opened(own, arrivals={"cohort": 3}, clinic={"places": 3})
    traits = list(own.catalogue.traits)

    for name, expected in (("under_25", [1, 0, 0]), ("court", [1, 0]), ("far_from_clinic", [1, 0])):
        found = clinic.state.has[: len(expected), traits.index(name)]
        assert found.tolist() == expected


def test_what_a_row_leaves_open_is_drawn(own: Scenario) -> None:
    """Thirty people like the third row differ in sex, distance, diagnoses and barriers."""
    clinic = opened(own, arrivals={"cohort": 90}, clinic={"places": 90})
    patients = clinic.state.patients[2::3]

    assert set(patients["age"].tolist()) == {38.0}
    assert {True, False} == set(patients["female"].tolist())
    assert len(set(patients["distance_km"].tolist())) == 30
    assert len({one.diagnoses for one in clinic.patients[2::3]}) > 5


def test_an_open_clinic_is_asked_by_people_like_the_rows(own: Scenario) -> None:
    """Everybody is like one of the rows of their substance; a third comes for alcohol."""
    clinic = opened(own, arrivals={"per_week": 60.0})
    patients = clinic.state.patients
    alcohol = patients["substance"] == 1

    assert set(patients["age"][~alcohol].tolist()) == {21.0, 38.0}
    assert set(patients["age"][alcohol].tolist()) == {51.0}
    assert alcohol[patients["person"] < 1 << 40].mean() == pytest.approx(1 / 3, abs=0.12)


def test_the_roster_s_people_are_the_same_in_every_design(own: Scenario) -> None:
    other = own.with_changes(name="other", staff={"counsellor": {"posts": 3.0}})
    first, second = opened(own), opened(other)

    assert (first.state.patients["key"] == second.state.patients["key"]).all()
    assert (first.state.has == second.state.has).all()
