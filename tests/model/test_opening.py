"""The clinic as it opens: who is there, how long they have been, and how everybody begins."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.catalogue.vocabulary import Hazard
from txsim.clinic import SAMPLE, SAMPLED, Clinic
from txsim.compiling import readable
from txsim.events import EVENTS_A_DAY, NEVER, Home, Kind, Status
from txsim.people.population import (
    PRESENT,
    blank_people,
    draw_people,
    draw_person,
    give_keys,
    own_copy,
)
from txsim.randomness import day_key, joined, normal, uniform
from txsim.rules import opening
from txsim.rules.blank_books import IN_THE_POST
from txsim.rules.books import IN_PLAN, RECENT_USE
from txsim.rules.medication import HELD_ON_LOW_DOSE, WHICH_MEDICATION
from txsim.rules.staff_tables import days_in_first_year, hired_before_opening, usual_stay
from txsim.scenario import Scenario

from .small_clinics import small

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
    course = opened().course
    row = plain(course.medications)[course.medication_names.index(medication)]
    tenths = np.arange(round(days * 10)) / 10.0
    phase = (tenths[:, None] >= row["phase_from"]).sum(axis=1) - 1
    by_hand = row["phase_marginal"][phase].sum() / 10.0

    assert opening.cumulative_hazard(row, days) == pytest.approx(by_hand, rel=1e-9)


def test_everybody_begins_as_the_rules_of_their_first_day_have_it() -> None:
    """Work, home, recent use and mediators of people who have not asked yet."""
    clinic = opened()
    books, course = clinic.books, clinic.books.course[0]
    mean = float(course["housing_burden"])
    housing, unemployed = int(course["housing_barrier"]), int(course["unemployed"])
    mediators = int(course["mediators"])
    coming = np.flatnonzero(books.patients["asked_day"] == NEVER)

    assert coming.size > 30
    for i in coming:
        patient = books.patients[i]
        burden = books.drivers[i, housing]
        rung = Home.HOUSED if burden <= 0 else Home.UNSTABLE if burden < mean else Home.UNHOUSED
        assert patient["home"] == rung
        assert patient["works"] == (books.has[i, unemployed] == 0)
        assert books.drivers[i, RECENT_USE] == pytest.approx(patient["use_days_30"] / 30.0)
        for j in range(mediators):
            key = joined(joined(int(patient["key"]), int(clinic.course.driver_keys[j])),
                         opening.START_OF_DRIVER)  # fmt: skip
            spread = clinic.course.driver_spread[j]
            start = clinic.course.driver_start[j] + spread * normal(
                uniform(key, opening.START_OF_DRIVER)
            )
            if j != RECENT_USE:
                assert books.drivers[i, j] == pytest.approx(start)
        assert patient["status"] == Status.OUTSIDE
        assert patient["medication"] == 0
        assert patient["key_worker"] == -1
    assert len(set(books.patients["home"][coming])) == 3
    assert set(books.patients["works"][coming]) == {True, False}


def test_what_lasts_about_a_person_is_the_sum_of_all_they_have() -> None:
    """Base and stream by hazard, and features; a feature counts from half an sd unit on."""
    clinic = opened()
    course, books = clinic.course, clinic.books
    coming = np.flatnonzero(books.patients["asked_day"] == NEVER)
    people = blank_people(clinic.design, books.patients["person"][coming], np.zeros(coming.size))
    give_keys(readable(people), clinic.key)
    draw_people(readable(own_copy(course.mix)), readable(people))
    for row, i in enumerate(coming):
        patient, features = books.patients[i], people.features[row]
        fixed = course.base[patient["substance"]] + course.stream_effects[patient["stream"]]
        fixed = fixed + features @ course.feature_effects
        assert books.fixed[i, : fixed.size] == pytest.approx(fixed)
        assert books.early[i] == pytest.approx(features @ course.early_effects)
        assert (books.has[i] == (features > 0.5)).all()
    assert not (people.features[:, 0] == 0.0).all() or people.features.any()


def candidates() -> list[dict[str, float]]:
    """Who is there, told again: candidates one after the other, until one would still be there."""
    clinic = opened()
    course, mix = clinic.course, own_copy(clinic.course.mix)
    sample = blank_people(clinic.design, SAMPLE + np.arange(SAMPLED), np.zeros(SAMPLED))
    give_keys(readable(sample), clinic.key)
    draw_people(readable(mix), readable(sample))
    dropout = course.feature_effects[:, Hazard.DROPOUT]
    usual = np.exp(sample.features @ dropout).mean()
    found, drugs = [], plain(course.medications)
    for place in range(clinic.present_at_opening):
        key = joined(int(clinic.key), PRESENT + place)
        for attempt in range(1, opening.TRIES + 1):
            own = joined(key, attempt)
            one = blank_people(clinic.design, np.array([PRESENT + place]), np.zeros(1))
            draw_person(plain(mix), plain(one), 0, np.uint64(own))
            patient = one.patients[0]
            shares = np.where(
                course.medications["substance"] == patient["substance"],
                course.medications["assigned"],
                0.0,
            )
            edges = np.cumsum(shares) / shares.sum()
            luck = uniform(own, WHICH_MEDICATION)
            medication = int(np.flatnonzero((luck < edges) & (shares > 0.0))[0])
            days = uniform(own, opening.ADMITTED_HOW_LONG_AGO) * 5 * 365
            fixed = (
                course.base[patient["substance"]]
                + course.stream_effects[patient["stream"]]
                + one.features[0] @ course.feature_effects
            )
            ratio = np.exp(fixed[Hazard.DROPOUT]) / usual
            gone = opening.cumulative_hazard(drugs[medication], days) * ratio
            if patient["substance"] == 1:
                late = max(days - course.medications[medication]["completion_after"], 0.0)
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
    books = opened().books
    by_hand = candidates()
    present = np.flatnonzero(books.patients["asked_day"] != NEVER)

    assert present.size == len(by_hand) == 30
    for i, one in zip(present, by_hand, strict=True):
        patient = books.patients[i]
        assert int(patient["key"]) == one["key"]
        assert patient["since"] == opened().opening - 1 - one["ago"]
        assert patient["medication"] == one["medication"]
        assert patient["severity"] == pytest.approx(one["severity"])
    assert max(one["attempt"] for one in by_hand) > 10
    assert {int(one["medication"]) for one in by_hand} >= {1, 2}
    assert set(books.patients["substance"][present]) == {0, 1}


def test_those_present_are_seated_as_if_they_had_been_there() -> None:
    """Admitted so long ago, with a dose in force, half of each service's, and a review to come."""
    clinic = opened()
    books, start = clinic.books, clinic.opening
    present = np.flatnonzero(books.patients["asked_day"] != NEVER)
    course = books.course[0]
    for i in present:
        patient = books.patients[i]
        drug, days = books.medications[patient["medication"]], start - patient["since"]
        told = books.log[books.log["person"] == patient["person"]]
        kinds = [int(kind) for kind in told["kind"] if kind != Kind.TOOK_UP_SERVICE]
        settled = days - 1 >= drug["induction_days"]
        expected = [Kind.ASKED, Kind.ADMITTED, Kind.FIRST_DOSE]
        assert kinds == [*expected, Kind.STABILISED] if settled else kinds == expected
        assert patient["status"] == (Status.IN_TREATMENT if settled else Status.INDUCTION)
        assert patient["last_contact"] == start - 1
        assert 0 <= patient["review_day"] - start < course["review_every_days"]
        on_drug = drug["service"] >= 0
        assert patient["cover"] == float(on_drug)
        assert patient["dose_since"] == (patient["since"] if on_drug else NEVER)
        assert patient["supplied_until"] == (start + 1 if on_drug else NEVER)
        effect = books.medication_effects[patient["medication"]]
        begins = np.exp(books.fixed[i] + 0.0)[Hazard.REGULAR_USE_BEGINS]
        ends = np.exp(books.fixed[i])[Hazard.REGULAR_USE_ENDS]
        begins *= np.exp(effect[Hazard.REGULAR_USE_BEGINS])
        ends *= np.exp(effect[Hazard.REGULAR_USE_ENDS])
        luck = uniform(int(patient["key"]), opening.REGIME_AT_OPENING)
        assert patient["regular_use"] == (luck < begins / (begins + ends))
        assert patient["negative_urines_in_a_row"] == (0 if patient["regular_use"] else 4)
        low = uniform(day_key(int(patient["key"]), int(patient["since"])), HELD_ON_LOW_DOSE)
        assert patient["low_dose"] == (low < drug["low_dose_share"])
        assert patient["first_medication"] == patient["last_medication"] == patient["medication"]
        agenda_of(clinic, int(i))
    assert set(books.patients["regular_use"][present]) == {True, False}


def agenda_of(clinic: Clinic, i: int) -> None:
    """Each service planned is half in force, its next session due within its rhythm."""
    books, patient = clinic.books, clinic.books.patients[i]
    agenda = books.agenda[i, : patient["agenda_length"]]
    planned = np.flatnonzero(books.plan[i] & IN_PLAN)

    assert sorted(agenda.tolist()) == planned.tolist()
    for s in planned:
        service = books.services[s]
        gap = patient["supply_days"] if service["carries_dose"] else service["every_days"]
        luck = uniform(joined(int(patient["key"]), int(service["key"])), opening.FIRST_SESSION)
        assert books.due[i, s] == clinic.opening + int(luck * gap)
        assert books.level[i, s] == 0.5
    assert (books.level[i][books.plan[i] & IN_PLAN == 0] == 0.0).all()


def test_books_are_blank_but_for_who_is_there() -> None:
    clinic = opened()
    books, count = clinic.books, len(clinic.patients)
    services, drivers = len(clinic.course.service_names), len(clinic.course.driver_names)
    pools = len(clinic.role_names) + services

    assert (books.ties == -1).all()
    assert books.ties.shape == books.strength.shape == (count, clinic.course.ties)
    assert not books.strength.any()
    assert not books.cohesion.any()
    assert books.cohesion.shape == books.level.shape == books.due.shape == (count, services)
    assert books.drivers.shape == (count, drivers)
    assert books.demand.shape == (pools, 64)
    assert books.threshold.size == books.left.size == books.stretch.size == pools
    assert (books.stretch == 1.0).all()
    assert books.days.size == books.calendar.shape[0] == clinic.horizon
    assert books.calendar.shape[1] == books.in_line.size == count
    assert books.felt.shape == (2, drivers)
    assert books.table.shape == (services, clinic.course.seats_of_groups)
    assert books.seated.size == clinic.course.seats_of_groups
    rows = 1000 + 4 * count + clinic.present_at_opening * (EVENTS_A_DAY + 2 * services)
    assert books.log.size == rows
    assert books.written.tolist() == [int((books.log["kind"] > 0).sum()), 0, 0, 0]
    assert (books.course["opening"][0], books.course["horizon"][0]) == (
        clinic.opening, clinic.horizon,
    )  # fmt: skip


def test_events_move_some_mediators_and_others_drift_back() -> None:
    clinic = opened()
    books, names = clinic.books, clinic.course.driver_names
    moved = {"craving", "recent_use", "missed_visits", "visit_burden", "company"}
    mediators = int(books.course[0]["mediators"])
    coming = np.flatnonzero(books.patients["asked_day"] == NEVER)
    for j, name in enumerate(names[:mediators]):
        if name in moved:
            assert books.drifting[j] == 1.0
            assert not books.own_start[:, j].any()
        else:
            assert books.drifting[j] == books.driver_kept[j]
            assert (books.own_start[coming, j] == books.drivers[coming, j]).all()


def test_posts_are_filled_by_people_of_every_standing() -> None:
    clinic = opened()
    books = clinic.books
    numbers: dict[str, int] = {}
    for row, (role, size) in zip(books.staff, clinic.course.posts, strict=True):
        number = numbers.get(role, 0)
        numbers[role] = number + 1
        assert clinic.role_names[row["role"]] == role
        assert (row["post"], row["number"]) == (size, number)
        assert row["present"]
        assert row["at_work"]
        assert row["vacant_until"] == NEVER
        luck = uniform(int(row["key"]), IN_THE_POST)
        days = hired_before_opening(books.roles[row["role"]], luck)
        assert row["hired_day"] == clinic.opening - days
    assert np.unique(books.staff["key"]).size == books.staff.size


@pytest.mark.parametrize("luck", [1e-9, 0.1, 0.3, 0.5, 0.9, 1.0 - 1e-9])
def test_how_long_staff_have_been_there_is_the_share_of_stays_that_last_so_long(
    luck: float,
) -> None:
    """Of all days in posts, the share lived by people in them for fewer days is the luck."""
    role = opened().books.roles[3]
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
    books = opened().books
    counsellors = books.staff[books.roles["key_worker"][books.staff["role"]] != 0]
    on_caseload = np.bincount(
        books.patients["key_worker"][books.patients["key_worker"] >= 0],
        minlength=books.staff.size,
    )

    assert (on_caseload == books.staff["caseload"]).all()
    assert (counsellors["caseload"] <= np.floor(9.0 * counsellors["post"])).all()
    assert counsellors["caseload"].sum() == min(30, 9 + 9 + 4)
