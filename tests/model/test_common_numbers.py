"""The same luck in every design: what changes nothing changes nobody, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from txsim.catalogue import Catalogue
from txsim.clinic import Clinic
from txsim.parameters import tables as tables_module
from txsim.people.population import PRESENT
from txsim.run import lived, record, run
from txsim.scenario import Scenario

from .small_clinics import (
    baseline,
    bytes_of,
    cohort,
    compiled_only,
    lived_through,
    lives_of,
    roomy,
    small,
)

pytestmark = [pytest.mark.common_numbers, compiled_only]

EMPTY_CIRCLE: dict[str, Any] = {
    "label": "Sewing circle",
    "role": "counsellor",
    "kind": "group",
    "minutes": 60.0,
    "seats": 10,
    "sessions_per_week": 3.0,
    "offered": True,
    "source": "assumption",
    "raises": {"social_support": 2.0},
}
"""A service that would matter a great deal to anybody who took it up."""

HARMLESS_DIAGNOSIS: dict[str, Any] = {
    "label": "Hay fever",
    "opioid": 0.4,
    "alcohol": 0.4,
    "loadings": {"internalising": 0.6},
    "use_raises": 0.5,
    "source": "assumption",
}


def events_and_days(run_of: Any) -> dict[str, bytes]:
    held = bytes_of(run_of)
    return {name: held[name] for name in ("days", "calendar", "patients", "roles")} | {
        f"events {name}": run_of.events[name].tobytes() for name in ("person", "day", "kind")
    }


@pytest.mark.parametrize("start", ["shared", "own steady state", "empty"])
def test_identical_designs_leave_identical_bytes(start: str) -> None:
    one = small().with_changes(name="one", horizon={"start": start})
    other = one.with_changes(name="other", title="Another", question="Is it the same?")

    first, second = (bytes_of(record(clinic)) for clinic in lived([one, other], 3, 1, 0))

    assert len(first["events"]) > 0
    assert first == second


def test_an_identical_cohort_leaves_identical_bytes() -> None:
    one = cohort(80, 60)

    first, second = (
        bytes_of(record(clinic)) for clinic in lived([one, one.with_changes(name="twin")], 0, 1, 0)
    )

    assert first == second


@pytest.mark.parametrize("from_week", [0, 1, 4])
def test_a_change_that_changes_nothing_leaves_the_first_design(from_week: int) -> None:
    """Branching off on any Monday is the same as staying, tallies included."""
    late = small().with_changes(name="late", change={"from_week": from_week})

    first, second = (bytes_of(record(clinic)) for clinic in lived([small(), late], 1, 1, None))

    assert [name for name in first if first[name] != second[name]] == []


def test_the_same_run_twice_leaves_the_same_bytes() -> None:
    assert bytes_of(run(small(), 2)) == bytes_of(run(small(), 2))


def test_another_replication_and_another_seed_are_other_luck() -> None:
    held = [bytes_of(run(small(), r, s))["events"] for r, s in ((0, 1), (1, 1), (0, 2))]

    assert len(set(held)) == 3


def test_people_are_the_same_in_every_design() -> None:
    """Person k is person k, however the clinic is staffed and whatever it offers."""
    other = small().with_changes(
        name="other",
        staff={"counsellor": {"posts": 9.0}},
        services={"case_management": {"offered": True}},
        plan={"policy": "generic"},
    )
    first, second = Clinic(small(), 5), Clinic(other, 5)
    traits = ("person", "key", "arrives", "age", "severity", "frailty", "distance_km", "stream")

    for name in traits:
        assert (first.state.patients[name] == second.state.patients[name]).all()
    assert (first.state.has == second.state.has).all()


@pytest.mark.parametrize("opened", ["apart", "together"])
@pytest.mark.parametrize(
    "unused",
    [
        {"uptake": 0.0},
        {"indicated": {"substances": ["alcohol"]}},
        {"indicated": {"medications": ["xr_naltrexone_opioid"]}},
        {"from_day": 4000},
        {"indicated": {"traits": ["pregnant"]}, "for": "assessed need"},
    ],
    ids=lambda unused: "-".join(map(str, unused)),
)
def test_a_service_that_nobody_uses_changes_nobody(unused: dict[str, Any], opened: str) -> None:
    """Nobody in this clinic drinks, has the injection, stays 4000 days or is pregnant."""
    before = small().with_changes(
        population={"shares": {"pregnant": 0.0}}, model={"assessment_specificity": 1.0}
    )
    after = before.with_changes(name="after", services={"circle": {**EMPTY_CIRCLE, **unused}})

    if opened == "apart":
        first, second = (run(one, 0, 1, uncertainty=False) for one in (before, after))
    else:
        first, second = (record(clinic) for clinic in lived([before, after], 0, 1, None))

    assert second.services["taken_up"][-1] == 0.0
    assert events_and_days(first) == events_and_days(second)


def test_a_service_that_is_not_offered_changes_nobody() -> None:
    after = small().with_changes(
        name="after", services={"circle": {**EMPTY_CIRCLE, "offered": False}}
    )

    first, second = (record(clinic) for clinic in lived([small(), after], 0, 1, None))

    assert events_and_days(first) == events_and_days(second)


def test_the_unused_service_would_have_mattered() -> None:
    after = small().with_changes(name="after", services={"circle": EMPTY_CIRCLE})

    first, second = (record(clinic) for clinic in lived([small(), after], 0, 1, None))

    assert events_and_days(first) != events_and_days(second)


def test_a_role_that_nobody_needs_changes_nobody() -> None:
    after = small().with_changes(
        name="after",
        roles={"gardener": {"label": "Gardener", "source": "assumption"}},
        staff={"gardener": {"posts": 3.0}},
    )

    first, second = (record(clinic) for clinic in lived([small(), after], 0, 1, None))

    held, also = events_and_days(first), events_and_days(second)
    assert held["calendar"] == also["calendar"]
    assert held["patients"] == also["patients"]
    assert all(held[name] == also[name] for name in held if name.startswith("events"))


def test_a_diagnosis_without_effect_leaves_all_lives_alone() -> None:
    """It goes together with depression, and yet nobody's depression is another's."""
    after = small().with_changes(name="after", diagnoses={"hay_fever": HARMLESS_DIAGNOSIS})

    first, second = (run(one, 0, 1, uncertainty=False) for one in (small(), after))

    assert second.diagnoses[:, -1].mean() == pytest.approx(0.4, abs=0.15)
    assert (first.diagnoses == second.diagnoses[:, :-1]).all()
    assert (first.burdens == second.burdens).all()
    for one in (first, second):
        # How people feel is the mean over all that they have, hay fever too.
        one.patients["symptoms"] = 0.0
    assert events_and_days(first) == events_and_days(second)


def test_a_barrier_without_effect_leaves_all_lives_alone() -> None:
    block = {"label": "Dislike of stairs", "opioid": 0.5, "alcohol": 0.5, "source": "assumption"}
    after = small().with_changes(name="after", barriers={"stairs": block})

    first, second = (run(one, 0, 1, uncertainty=False) for one in (small(), after))

    assert (second.burdens[:, -1] > 0.0).mean() == pytest.approx(0.5, abs=0.15)
    assert events_and_days(first) == events_and_days(second)


def test_a_mediator_that_nothing_moves_leaves_all_lives_alone() -> None:
    block = {
        "label": "Hope", "start": 0.3, "spread": 1.0, "half_life_days": 30.0, "ceiling": 1.0,
        "source": "assumption",
    }  # fmt: skip
    after = small().with_changes(name="after", mediators={"hope": block})

    assert events_and_days(run(small(), uncertainty=False)) == events_and_days(
        run(after, uncertainty=False)
    )


def in_other_order(catalogue: Catalogue, table: str) -> Catalogue:
    """The catalogue with one of its tables the other way round."""
    turned: dict[str, Any] = {table: dict(reversed(getattr(catalogue, table).items()))}
    return replace(catalogue, **turned)


def first_of_all(catalogue: Catalogue, table: str, name: str) -> Catalogue:
    """The catalogue with one entry moved to the head of its table."""
    entries = getattr(catalogue, table)
    moved: dict[str, Any] = {table: {name: entries[name], **entries}}
    return replace(catalogue, **moved)


def with_catalogue(scenario: Scenario, catalogue: Catalogue) -> Scenario:
    """The scenario resting on another arrangement of its catalogue."""
    changed = scenario.with_changes(name="rearranged")
    changed.__dict__["catalogue"] = catalogue
    return changed


@pytest.fixture
def fresh_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Courses are kept by a digest which does not know the order of the catalogue."""
    monkeypatch.setattr(tables_module, "_put_together", {})


@pytest.mark.usefixtures("fresh_parameters")
@pytest.mark.parametrize("table", ["diagnoses", "barriers", "mixes", "take_home"])
def test_the_order_of_a_table_does_not_matter(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has the same diagnoses and barriers, under the draws of a parameter draw too.

    The features are the same people's in another order. (What they add up to on a hazard may
    differ in the last bit, since sums are taken in the order of the file.)
    """
    scenario = small()
    first = Clinic(scenario, 1, 1, 0)
    names = (*first.design.catalogue.diagnoses, *first.design.catalogue.barriers)
    held = {
        name: first.state.has[:, len(scenario.catalogue.traits) + place].tobytes()
        for place, name in enumerate(names)
    }
    monkeypatch.setattr(tables_module, "_put_together", {})
    turned = with_catalogue(scenario, in_other_order(scenario.catalogue, table))
    second = Clinic(turned, 1, 1, 0)
    names = (*turned.catalogue.diagnoses, *turned.catalogue.barriers)

    assert {
        name: second.state.has[:, len(scenario.catalogue.traits) + place].tobytes()
        for place, name in enumerate(names)
    } == held
    assert first.state.patients["age"].tobytes() == second.state.patients["age"].tobytes()


@pytest.mark.usefixtures("fresh_parameters")
@pytest.mark.parametrize(
    ("table", "name", "block"),
    [
        ("services", "circle", {**EMPTY_CIRCLE, "uptake": 0.0}),
        ("diagnoses", "hay_fever", HARMLESS_DIAGNOSIS),
        (
            "barriers",
            "stairs",
            {"label": "Stairs", "opioid": 0.5, "alcohol": 0.5, "source": "assumption"},
        ),
        ("roles", "gardener", {"label": "Gardener", "source": "assumption"}),
    ],
)
def test_a_new_name_may_stand_in_any_place(
    table: str, name: str, block: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put at the head of its table, where it shifts every other position, it changes nothing."""
    before = lived_through(small())
    added = small().with_changes(name="added", **{table: {name: block}})
    monkeypatch.setattr(tables_module, "_put_together", {})
    after = lived_through(with_catalogue(added, first_of_all(added.catalogue, table, name)))

    assert before.state.calendar.tobytes() == after.state.calendar.tobytes()
    for field in ("person", "day", "kind"):
        assert before.events[field].tobytes() == after.events[field].tobytes()


def test_a_clinic_asked_by_more_meets_everybody_it_met_before() -> None:
    fewer, more = (Clinic(small().with_changes(arrivals={"per_week": n})) for n in (4.0, 5.0))
    place = {int(person): row for row, person in enumerate(more.state.patients["person"])}
    rows = [place[int(person)] for person in fewer.state.patients["person"]]

    assert len(place) > len(rows)
    for name in ("key", "arrives", "age", "frailty"):
        assert (more.state.patients[name][rows] == fewer.state.patients[name]).all()


def test_a_fraction_more_brings_a_fraction_of_the_next_strip() -> None:
    asked = [small().with_changes(arrivals={"per_week": n}) for n in (4.0, 4.3, 4.7, 5.0)]
    counts = [set(Clinic(one).state.patients["person"].tolist()) for one in asked]

    assert counts[0] < counts[1] < counts[2] < counts[3]


def test_one_more_asking_leaves_the_others_alone_where_there_is_room_for_all() -> None:
    """Places and staff without end: nobody waits for anybody, so nobody touches anybody.

    Key workers are shared, and a departure concerns those on the worker's caseload: staff stay.
    """
    stay = {role: {"turnover_per_year": 0.0} for role in ("counsellor", "nurse", "prescriber")}
    steady = roomy().with_changes(staff=stay)
    more = steady.with_changes(arrivals={"per_week": 5.0})
    first, second = (run(one, 4, uncertainty=False) for one in (steady, more))
    people = first.patients["person"]

    alone, together = lives_of(first, people), lives_of(second, people)

    assert len(second.patients) > len(people) > 20
    assert alone["calendar"] == together["calendar"]
    assert alone["events"] == together["events"]


def test_those_present_at_opening_do_not_depend_on_who_will_ask() -> None:
    """Length-biased candidates are accepted by their own luck, not by the arrivals to come."""
    wide = small().with_changes(clinic={"places": 400, "caseload_at_start": 0.5})
    busy = wide.with_changes(arrivals={"per_week": 9.0})
    first, second = (Clinic(one, 2).state.patients for one in (wide, busy))

    for name in ("key", "medication", "since"):
        assert (
            first[name][first["person"] >= PRESENT] == second[name][second["person"] >= PRESENT]
        ).all()


def test_a_draw_of_the_numbers_is_the_same_for_every_design() -> None:
    """A scenario that adds a block draws every shipped number as before."""
    other = baseline().with_changes(
        name="other",
        services={"circle": EMPTY_CIRCLE},
        diagnoses={"hay_fever": HARMLESS_DIAGNOSIS},
    )
    first, second = Clinic(baseline(), 0, 1, 7).parameters, Clinic(other, 0, 1, 7).parameters
    drivers = [second.driver_names.index(name) for name in first.driver_names]
    services = [second.service_names.index(name) for name in first.service_names]

    assert (first.effects == second.effects[drivers]).all()
    assert (first.medication_effects == second.medication_effects).all()
    assert first.base.tobytes() == second.base.tobytes()
    for name in ("attendance", "uptake", "quits", "builds", "kept"):
        assert (first.services[name] == second.services[name][services]).all()
    assert (
        Clinic(baseline(), 0, 1, 7).parameters.medication_effects
        != Clinic(baseline(), 0, 1, 8).parameters.medication_effects
    ).any()


def test_those_who_never_ask_leave_no_events() -> None:
    held = run(roomy(), uncertainty=False)
    asked = set(held.patients["person"][held.patients["asked_day"] >= 0].tolist())

    assert set(np.unique(held.events["person"]).tolist()) <= asked


@compiled_only
@pytest.mark.parametrize("places", [10, 55, 60, 90])
def test_designs_with_other_places_begin_with_the_same_people(places: int) -> None:
    """Who is in care at a shared opening is in care whatever the other design's places."""
    first, other = lived([small(), small().with_changes(clinic={"places": places})], 0, 1, None)
    for clinic in (first, other):
        clinic.close()
    mine, theirs = (record(clinic).patients for clinic in (first, other))

    assert (theirs["person"] == mine["person"]).all()
    assert (theirs["counted"] == mine["counted"]).all()
    assert (theirs["present_at_start"] == mine["present_at_start"]).all()
    if places == 60:
        assert other.events.tobytes() == first.events.tobytes()
    if places == 10:
        late = other.state.days["admitted"][10:].sum()
        assert late < first.state.days["admitted"][10:].sum()
