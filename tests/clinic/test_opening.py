"""The clinic as it opens: who is there, how long they have been, and how everybody begins."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.catalogue.vocabulary import Hazard
from txsim.clinic import Clinic
from txsim.clinic import initial_caseload as opening
from txsim.clinic.initial_state import IN_THE_POST
from txsim.clinic.opening import SAMPLE, SAMPLED
from txsim.compiled.functions import readable
from txsim.parameters.case_mix import own_copy
from txsim.parameters.staff import days_in_first_year, hired_before_opening, usual_stay
from txsim.people.population import PRESENT, blank_people, draw_people, draw_person, give_keys
from txsim.randomness import day_key, joined, normal, uniform
from txsim.rules.medication import HELD_ON_LOW_DOSE, WHICH_MEDICATION
from txsim.scenario import Scenario
from txsim.state.events import EVENTS_A_DAY, NEVER, Home, Kind, Status
from txsim.state.layout import IN_PLAN, RECENT_USE

from ..model.small_clinics import small

BOTH = {
    "assign": {
        "methadone": 0.5, "buprenorphine": 0.3, "none_opioid": 0.2, "acamprosate": 0.6,
        "none_alcohol": 0.4,
    }
}  # fmt: skip


@cache
def design() -> Scenario:
    """Thirty people in care, with both substances."""
    return small().with_changes(
        name="opening",
        population={"mix": "dual diagnosis programme"},
        clinic={"places": 36, "caseload_at_start": 30 / 36},
        arrivals={"per_week": 6.0},
        medication=BOTH,
        services={"peer_group": {"offered": True}, "financial_aid": {"offered": True}},
        staff={"counsellor": {"posts": 2.5, "caseload": 9.0}, "nurse": {"posts": 1.0}},
    )


def plain(thing: Any) -> Any:
    """Records as plain rules read them; the memory is the same."""
    if isinstance(thing, tuple):
        return type(thing)(*(plain(one) for one in thing))
    return thing.view(np.recarray) if thing.dtype.names else thing


@cache
def opened() -> Clinic:
    clinic = Clinic(design())
    clinic.close()
    return clinic


@pytest.mark.parametrize("days", [0.0, 0.5, 1.0, 29.0, 30.0, 31.5, 200.0, 400.0, 1800.0])
@pytest.mark.parametrize("medication", ["methadone", "buprenorphine", "acamprosate"])
def test_the_hazard_of_leaving_adds_up_over_the_phases(medication: str, days: float) -> None:
    """By tenths of a day, each at the published rate of the phase that it lies in."""
    parameters = opened().parameters
    row = plain(parameters.medications)[parameters.medication_names.index(medication)]
    tenths = np.arange(round(days * 10)) / 10.0
    phase = (tenths[:, None] >= row["phase_from"]).sum(axis=1) - 1
    by_hand = row["phase_marginal"][phase].sum() / 10.0

    assert opening.cumulative_hazard(row, days) == pytest.approx(by_hand, rel=1e-9)


def test_everybody_begins_as_the_rules_of_their_first_day_have_it() -> None:
    """Work, home, recent use and mediators of people who have not asked yet."""
    clinic = opened()
    state, parameters = clinic.state, clinic.state.scalars[0]
    mean = float(parameters["housing_burden"])
    housing, unemployed = int(parameters["housing_barrier"]), int(parameters["unemployed"])
    mediators = int(parameters["mediators"])
    coming = np.flatnonzero(state.patients["asked_day"] == NEVER)

    assert coming.size > 30
    for i in coming:
        patient = state.patients[i]
        burden = state.drivers[i, housing]
        rung = Home.HOUSED if burden <= 0 else Home.UNSTABLE if burden < mean else Home.UNHOUSED
        assert patient["home"] == rung
        assert patient["works"] == (state.has[i, unemployed] == 0)
        assert state.drivers[i, RECENT_USE] == pytest.approx(patient["use_days_30"] / 30.0)
        for j in range(mediators):
            key = joined(joined(int(patient["key"]), int(clinic.parameters.driver_keys[j])),
                         opening.START_OF_DRIVER)  # fmt: skip
            spread = clinic.parameters.driver_spread[j]
            start = clinic.parameters.driver_start[j] + spread * normal(
                uniform(key, opening.START_OF_DRIVER)
            )
            if j != RECENT_USE:
                assert state.drivers[i, j] == pytest.approx(start)
        assert patient["status"] == Status.OUTSIDE
        assert patient["medication"] == 0
        assert patient["key_worker"] == -1
    assert len(set(state.patients["home"][coming])) == 3
    assert set(state.patients["works"][coming]) == {True, False}


def test_what_lasts_about_a_person_is_the_sum_of_all_they_have() -> None:
    """Base and stream by hazard, and features; a feature counts from half an sd unit on."""
    clinic = opened()
    parameters, state = clinic.parameters, clinic.state
    coming = np.flatnonzero(state.patients["asked_day"] == NEVER)
    people = blank_people(clinic.design, state.patients["person"][coming], np.zeros(coming.size))
    give_keys(readable(people), clinic.key)
    draw_people(readable(own_copy(parameters.mix)), readable(people))
    for row, i in enumerate(coming):
        patient, features = state.patients[i], people.features[row]
        fixed = parameters.base[patient["substance"]] + parameters.stream_effects[patient["stream"]]
        fixed = fixed + features @ parameters.feature_effects + parameters.clinic_effects[0]
        if patient["detoxified"] and not patient["substance"]:
            less = parameters.scalars[0]["regular_use_begins_after_detoxification"]
            fixed[Hazard.REGULAR_USE_BEGINS] += less
        assert state.fixed[i, : fixed.size] == pytest.approx(fixed)
        assert state.early[i] == pytest.approx(features @ parameters.early_effects)
        assert (state.has[i] == (features > 0.5)).all()
    assert not (people.features[:, 0] == 0.0).all() or people.features.any()


def candidates() -> list[dict[str, float]]:
    """Who is there, told again: candidates one after the other, until one would still be there."""
    clinic = opened()
    parameters, mix = clinic.parameters, own_copy(clinic.parameters.mix)
    sample = blank_people(clinic.design, SAMPLE + np.arange(SAMPLED), np.zeros(SAMPLED))
    give_keys(readable(sample), clinic.key)
    draw_people(readable(mix), readable(sample))
    dropout = parameters.feature_effects[:, Hazard.DROPOUT]
    usual = np.exp(sample.features @ dropout).mean()
    found, drugs = [], plain(parameters.medications)
    for place in range(clinic.present_at_opening):
        key = joined(int(clinic.key), PRESENT + place)
        for attempt in range(1, opening.TRIES + 1):
            own = joined(key, attempt)
            one = blank_people(clinic.design, np.array([PRESENT + place]), np.zeros(1))
            draw_person(plain(mix), plain(one), 0, np.uint64(own))
            patient = one.patients[0]
            shares = np.where(
                parameters.medications["substance"] == patient["substance"],
                parameters.medications["assigned"],
                0.0,
            )
            edges = np.cumsum(shares) / shares.sum()
            luck = uniform(own, WHICH_MEDICATION)
            medication = int(np.flatnonzero((luck < edges) & (shares > 0.0))[0])
            days = uniform(own, opening.ADMITTED_HOW_LONG_AGO) * 5 * 365
            fixed = (
                parameters.base[patient["substance"]]
                + parameters.stream_effects[patient["stream"]]
                + parameters.clinic_effects[0]
                + one.features[0] @ parameters.feature_effects
            )
            ratio = np.exp(fixed[Hazard.DROPOUT]) / usual
            gone = opening.cumulative_hazard(drugs[medication], days) * ratio
            if patient["substance"] == 1:
                late = max(days - parameters.medications[medication]["completion_after"], 0.0)
                rates = np.exp(fixed)
                gone += days * (rates[Hazard.TRANSFER] + rates[Hazard.JAIL])
                gone += late * rates[Hazard.COMPLETION]
            if uniform(own, opening.IS_STILL_THERE) < np.exp(-gone):
                break
        found.append(
            {
                "key": own,
                "ago": int(days),
                "medication": medication,
                "severity": float(patient["severity"]),
                "attempt": attempt,
            }
        )
    return found


def test_those_present_are_the_first_who_would_still_be_there() -> None:
    state = opened().state
    by_hand = candidates()
    present = np.flatnonzero(state.patients["asked_day"] != NEVER)

    assert present.size == len(by_hand) == 30
    for i, one in zip(present, by_hand, strict=True):
        patient = state.patients[i]
        assert int(patient["key"]) == one["key"]
        assert patient["since"] == opened().opening - 1 - one["ago"]
        assert patient["medication"] == one["medication"]
        assert patient["severity"] == pytest.approx(one["severity"])
    assert max(one["attempt"] for one in by_hand) > 10
    assert {int(one["medication"]) for one in by_hand} >= {1, 2}
    assert set(state.patients["substance"][present]) == {0, 1}


def test_those_present_are_seated_as_if_they_had_been_there() -> None:
    """Admitted so long ago, with a dose in force, half of each service's, and a review to come."""
    clinic = opened()
    state, start = clinic.state, clinic.opening
    present = np.flatnonzero(state.patients["asked_day"] != NEVER)
    parameters = state.scalars[0]
    for i in present:
        patient = state.patients[i]
        drug, days = state.medications[patient["medication"]], start - patient["since"]
        told = state.log[state.log["person"] == patient["person"]]
        kinds = [int(kind) for kind in told["kind"] if kind != Kind.TOOK_UP_SERVICE]
        settled = days - 1 >= drug["induction_days"]
        expected = [Kind.ASKED, Kind.ADMITTED, Kind.FIRST_DOSE]
        assert kinds == [*expected, Kind.STABILISED] if settled else kinds == expected
        assert patient["status"] == (Status.IN_TREATMENT if settled else Status.INDUCTION)
        assert patient["last_contact"] == start - 1
        assert 0 <= patient["review_day"] - start < parameters["review_every_days"]
        on_drug = drug["service"] >= 0
        assert patient["cover"] == float(on_drug)
        assert patient["dose_since"] == (patient["since"] if on_drug else NEVER)
        until = max(state.due[i, drug["service"]], start + 1) if on_drug else NEVER
        assert patient["supplied_until"] == until, "until the next visit that carries the dose"
        effect = state.medication_effects[patient["medication"]]
        begins = np.exp(state.fixed[i] + 0.0)[Hazard.REGULAR_USE_BEGINS]
        ends = np.exp(state.fixed[i])[Hazard.REGULAR_USE_ENDS]
        begins *= np.exp(effect[Hazard.REGULAR_USE_BEGINS])
        ends *= np.exp(effect[Hazard.REGULAR_USE_ENDS])
        luck = uniform(int(patient["key"]), opening.REGIME_AT_OPENING)
        assert patient["regular_use"] == (luck < begins / (begins + ends))
        assert 0 <= patient["negative_urines_in_a_row"] <= (0 if patient["regular_use"] else 4)
        low = uniform(day_key(int(patient["key"]), int(patient["since"])), HELD_ON_LOW_DOSE)
        assert patient["low_dose"] == (low < drug["low_dose_share"])
        assert patient["first_medication"] == patient["last_medication"] == patient["medication"]
        agenda_of(clinic, int(i))
    assert set(state.patients["regular_use"][present]) == {True, False}
    free = present[~state.patients["regular_use"][present]]
    assert (state.patients["negative_urines_in_a_row"][free] == 4).mean() > 0.5


def agenda_of(clinic: Clinic, i: int) -> None:
    """Each service planned is half in force, its next session due within its rhythm."""
    state, patient = clinic.state, clinic.state.patients[i]
    agenda = state.agenda[i, : patient["agenda_length"]]
    planned = np.flatnonzero(state.plan[i] & IN_PLAN)

    assert sorted(agenda.tolist()) == planned.tolist()
    for s in planned:
        service = state.services[s]
        gap = patient["supply_days"] if service["carries_dose"] else service["every_days"]
        luck = uniform(joined(int(patient["key"]), int(service["key"])), opening.FIRST_SESSION)
        assert state.due[i, s] == clinic.opening + int(luck * gap)
        assert state.level[i, s] == 0.5
    assert (state.level[i][state.plan[i] & IN_PLAN == 0] == 0.0).all()


def test_books_are_blank_but_for_who_is_there() -> None:
    clinic = opened()
    state, count = clinic.state, len(clinic.patients)
    services, drivers = len(clinic.parameters.service_names), len(clinic.parameters.driver_names)
    pools = len(clinic.role_names) + services

    assert (state.ties == -1).all()
    assert state.ties.shape == state.strength.shape == (count, clinic.parameters.ties)
    assert not state.strength.any()
    assert not state.cohesion.any()
    assert state.cohesion.shape == state.level.shape == state.due.shape == (count, services)
    assert state.drivers.shape == (count, drivers)
    assert state.demand.shape == (pools, 64)
    assert state.threshold.size == state.left.size == state.stretch.size == pools
    assert (state.stretch == 1.0).all()
    assert state.days.size == state.calendar.shape[0] == clinic.horizon
    assert state.calendar.shape[1] == state.in_line.size == count
    assert state.felt.shape == (2, drivers)
    assert state.table.shape == (services, clinic.parameters.seats_of_groups)
    assert state.seated.size == clinic.parameters.seats_of_groups
    rows = 1000 + 4 * count + clinic.present_at_opening * (EVENTS_A_DAY + 2 * services)
    assert state.log.size == rows
    assert state.written.tolist() == [int((state.log["kind"] > 0).sum()), 0, 0, 0]
    assert (state.scalars["opening"][0], state.scalars["horizon"][0]) == (
        clinic.opening, clinic.horizon,
    )  # fmt: skip


def test_events_move_some_mediators_and_others_drift_back() -> None:
    clinic = opened()
    state, names = clinic.state, clinic.parameters.driver_names
    moved = {"craving", "recent_use", "missed_visits", "visit_burden", "company"}
    mediators = int(state.scalars[0]["mediators"])
    coming = np.flatnonzero(state.patients["asked_day"] == NEVER)
    for j, name in enumerate(names[:mediators]):
        if name in moved:
            assert state.drifting[j] == 1.0
            assert not state.own_start[:, j].any()
        else:
            assert state.drifting[j] == state.driver_kept[j]
            assert (state.own_start[coming, j] == state.drivers[coming, j]).all()


def test_posts_are_filled_by_people_of_every_standing() -> None:
    clinic = opened()
    state = clinic.state
    numbers: dict[str, int] = {}
    for row, (role, size) in zip(state.staff, clinic.parameters.posts, strict=True):
        number = numbers.get(role, 0)
        numbers[role] = number + 1
        assert clinic.role_names[row["role"]] == role
        assert (row["post"], row["number"]) == (size, number)
        assert row["present"]
        assert row["at_work"]
        assert row["vacant_until"] == NEVER
        luck = uniform(int(row["key"]), IN_THE_POST)
        days = hired_before_opening(state.roles[row["role"]], luck)
        assert row["hired_day"] == clinic.opening - days
    assert np.unique(state.staff["key"]).size == state.staff.size


@pytest.mark.parametrize("luck", [1e-9, 0.1, 0.3, 0.5, 0.9, 1.0 - 1e-9])
def test_how_long_staff_have_been_there_is_the_share_of_stays_that_last_so_long(
    luck: float,
) -> None:
    """Of all days in posts, the share lived by people in them for fewer days is the luck."""
    role = opened().state.roles[3]
    days = hired_before_opening(role, luck)
    later = np.exp(role["turnover_log_rate"])
    first = later * np.exp(role["turnover_first_year"])
    if days == -NEVER:
        assert luck >= days_in_first_year(role) / usual_stay(role)
        return
    lived = (1.0 - np.exp(-first * np.array([days - 1, days]))) / first

    assert lived[0] <= luck * usual_stay(role) <= lived[1]


def test_key_workers_are_given_to_those_present_as_far_as_there_is_room() -> None:
    """Two whole counsellors with room for nine each, and half a post with room for four."""
    state = opened().state
    counsellors = state.staff[state.roles["key_worker"][state.staff["role"]] != 0]
    on_caseload = np.bincount(
        state.patients["key_worker"][state.patients["key_worker"] >= 0],
        minlength=state.staff.size,
    )

    assert (on_caseload == state.staff["caseload"]).all()
    assert (counsellors["caseload"] <= np.floor(9.0 * counsellors["post"])).all()
    assert counsellors["caseload"].sum() == min(30, 9 + 9 + 4)
