"""Care for two disorders at once: by referral, by indication, and in the same house or another."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.catalogue import Service
from txsim.clinic import Clinic
from txsim.parameters.draw import CENTRE
from txsim.parameters.tables import parameters_of
from txsim.rules.linear_predictor import help_with
from txsim.rules.sessions import attendance_log_odds
from txsim.run import Run, run
from txsim.scenario import Scenario

from ..model.small_clinics import baseline, bytes_of, cohort, compiled_only, lived_through

pytestmark = pytest.mark.direction

SERVICES = baseline().catalogue.services
TEAM = {
    role: {"posts": 500.0, "turnover_per_year": 0.0}
    for role in ("therapist", "psychiatrist", "case_manager")
}
"""Steady staff with time for everybody."""
TARGETED = ("dbt", "schema_therapy", "trauma_informed_care", "trauma_focused_therapy")
WITH_WAYS = tuple(name for name, one in SERVICES.items() if "referred" in one.modes)


# --- case conferences and shared records


def channels_named(service: Service) -> dict[str, Any]:
    """Everything by which a service can act, that is written down."""
    fields = ("targets", "raises", "relieves", "pays_for", "links", "through")
    return {name: getattr(service, name) for name in fields if getattr(service, name)}


def test_case_conferences_act_by_links_and_by_nothing_else() -> None:
    assert set(channels_named(SERVICES["case_conferences"])) == {"links"}
    assert SERVICES["case_conferences"].kind == "practice"


def with_conferences(offered: bool, *others: str) -> Run:
    return run(
        cohort(250, 150).with_changes(
            services={name: {"offered": True} for name in others}
            | {"case_conferences": {"offered": offered}},
            staff=TEAM,
            population={"shares": {"depression": 0.5, "housing": 0.5}},
        ),
        uncertainty=False,
    )


@compiled_only
def test_case_conferences_without_anybody_to_refer_to_cost_minutes_and_change_nothing() -> None:
    """Everybody lives the same life to the last byte; only counsellors' minutes are used.

    (That the conferences concern them stands in their agenda, and nowhere else.)
    """
    without, held = (with_conferences(offered) for offered in (False, True))
    before, after = bytes_of(without), bytes_of(held)
    role = list(held.scenario.catalogue.roles).index("counsellor")

    assert {name for name in before if before[name] != after[name]} <= {
        "patients", "roles", "services",
    }  # fmt: skip
    assert {
        name
        for name in held.patients.dtype.names
        if held.patients[name].tobytes() != without.patients[name].tobytes()
    } == {"agenda_length"}
    used = [one.roles["minutes_used"] for one in (without, held)]
    assert used[1][role] > used[0][role]
    assert (np.delete(used[0], role) == np.delete(used[1], role)).all()


@compiled_only
def test_case_conferences_miss_fewer_referrals() -> None:
    """Of the services they are linked with, more is taken up, and of others as much."""
    linked = tuple(SERVICES["case_conferences"].links)
    others = ("employment_help", "dbt")
    without, held = (with_conferences(offered, *linked, *others) for offered in (False, True))
    names = list(held.scenario.catalogue.services)
    taken = {
        name: [one.services["taken_up"][names.index(name)] for one in (without, held)]
        for name in (*linked, *others)
    }

    assert sum(taken[name][1] for name in linked) > sum(taken[name][0] for name in linked)
    assert all(taken[name][1] >= taken[name][0] for name in linked)


# --- services for a disorder


@pytest.mark.parametrize("name", [*TARGETED, "mindfulness_relapse_prevention"])
def test_each_has_an_indication_and_people_who_quit(name: str) -> None:
    """Mindfulness is for any disorder of use, but for later: its indication is time in care."""
    service = SERVICES[name]
    indicated = (*service.indicated.diagnoses, *service.indicated.traits)

    assert 0.0 < service.quits.value < 0.1
    assert service.quits.evidence
    if name == "mindfulness_relapse_prevention":
        assert service.from_day >= 30
    else:
        assert set(service.only_for) == set(indicated) != set()


@cache
def one_service(name: str) -> Clinic:
    """Everybody in the service for half a year, those with its disorder and those without."""
    needed = ("intake_assessment", "dosing", "medical_management")
    others = {one: {"offered": one in needed} for one, entry in SERVICES.items() if entry.offered}
    groups = 20.0 if SERVICES[name].kind == "group" else 0.0
    own: dict[str, Any] = {
        "offered": True, "uptake": 0.99, "quits": 0.0, "sessions_per_week": groups,
    }  # fmt: skip
    if name in TARGETED:
        own["targets"] = {"use": 0.85}
    return lived_through(
        cohort(200, 180).with_changes(
            plan={"policy": "generic"},
            population={"shares": dict.fromkeys(baseline().catalogue.diagnoses, 0.4)},
            staff=TEAM,
            services=others | {name: own},
        )
    )


@compiled_only
@pytest.mark.parametrize("name", TARGETED)
def test_for_people_without_the_disorder_it_does_nothing_to_any_hazard(name: str) -> None:
    """They come as others do; no mediator or symptom of theirs is moved by it."""
    clinic = one_service(name)
    state, names = clinic.state, clinic.parameters.service_names
    s = names.index(name)
    catalogue = clinic.design.catalogue
    features = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
    wanted = [features.index(one) for one in SERVICES[name].only_for]
    meant = (state.has[:, wanted] > 0).any(axis=1)
    came = state.level[:, s] > 0.1
    drivers = range(int(state.scalars[0]["first_barrier"]))
    helped = np.array(
        [any(help_with(state, i, j) != 0.0 for j in drivers) for i in range(len(came))]
    )

    assert (came & meant).sum() > 20
    assert (came & ~meant).sum() > 20
    assert helped[came & meant].all()
    assert not helped[~meant].any()
    channels = state.channels[
        state.services[s]["first_channel"] : state.services[s]["after_channel"]
    ]
    assert len(channels) > 0


@compiled_only
def test_mindfulness_begins_when_the_first_weeks_are_over() -> None:
    clinic = one_service("mindfulness_relapse_prevention")
    patients = clinic.state.patients
    s = clinic.parameters.service_names.index("mindfulness_relapse_prevention")
    received = clinic.state.received[:, s] > 0
    stayed = patients["days_in_care"] >= SERVICES["mindfulness_relapse_prevention"].from_day

    assert received.sum() > 20
    assert (received <= stayed).all()


# --- one team, one house, or elsewhere


def row_of(scenario: Scenario, name: str) -> tuple[Any, Any]:
    parameters = parameters_of(scenario, CENTRE)
    return parameters.services[parameters.service_names.index(name)], parameters.scalars[0]


@pytest.mark.parametrize("name", WITH_WAYS)
def test_care_elsewhere_is_taken_up_and_kept_less(name: str) -> None:
    """Uptake falls from one team to another house; the way to a second site costs visits."""
    rows = [
        row_of(baseline().with_changes(services={name: {"offered": True, "mode": mode}}), name)
        for mode in ("integrated", "co-located", "referred")
    ]
    uptake = [float(row["uptake"]) for row, _ in rows]
    kept = [
        float(attendance_log_odds(row.view(np.recarray), 0.0, parameters.view(np.recarray), 0.0))
        for row, parameters in rows
    ]

    assert uptake[0] > uptake[1] > uptake[2]
    assert kept[0] == kept[1] > kept[2]
    assert [bool(row["second_site"]) for row, _ in rows] == [False, False, True]


def test_all_kinds_of_psychiatric_care_can_be_elsewhere() -> None:
    assert set(WITH_WAYS) == {
        "psychiatric_medication",
        "other_psychiatric_medication",
        "dual_diagnosis_care",
    }
