"""Every day of a few tiny clinics is the day told again by hand (`by_hand`), person by person.

The clinics are small and short enough to run uncompiled; nearly everything that can happen does.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.events import NEVER, Kind, Status
from txsim.rules.books import COMPANY, GROUP, Books
from txsim.rules.day import evening, morning, patient_day, room_to_open
from txsim.scenario import Scenario

from .by_hand.clinic import ClinicByHand
from .by_hand.day import DayByHand
from .by_hand.evening import TiesByHand, company_by_hand, tables_by_hand
from .by_hand.standing import TALLIES
from .small_clinics import small

OFTEN = {
    "overdose": {"opioid": 6.0},
    "fatality": {"opioid": 0.3},
    "other_death": {"opioid": 0.6, "alcohol": 0.6},
    "suicide": {"opioid": 0.6, "alcohol": 0.6},
    "jail": {"opioid": 3.0, "alcohol": 3.0},
    "completion": {"opioid": 9.0, "alcohol": 0.05},
    "transfer": {"opioid": 1.5, "alcohol": 1.5},
    "return_to_care": {"opioid": 0.1, "alcohol": 0.1},
    "walk_away": {"opioid": 0.04, "alcohol": 0.04},
    "regular_use_begins": {"opioid": 0.1, "alcohol": 0.1},
    "regular_use_ends": {"opioid": 0.1, "alcohol": 0.1},
}
"""Rates of what is rare in life, so that all of it happens in a few weeks."""
OFTEN_IN_LIFE = {
    "home_found_per_year": 12.0,
    "home_lost_per_year": 8.0,
    "work_found_per_year": 12.0,
    "work_lost_per_year": 8.0,
    "jail_days": 4.0,
    "aftercare_days": 6.0,
    "early_days": 6.0,
    "assessment_sensitivity": 0.6,
    "assessment_specificity": 0.6,
    "learning_days": 9.0,
    "tie_per_session": 0.5,
    "overload_from": 0.5,
}
RULES = {
    "discharge_after_missed_days": 9,
    "positive_urines_in_a_row": 3,
    "lose_take_home_after_positive_urines": 1,
    "missed_sessions_in_a_row": 4,
    "put_out_for_behaviour_per_year": 2.0,
    "reinduction_after_missed_days": 3,
    "telehealth_share": 0.4,
    "readmission_gap_days": 4,
}


def busy(name: str, **changes: Any) -> Scenario:
    """Ten people in care, some more who ask, everything offered, everything happening often."""
    catalogue = small().catalogue
    drugs: dict[str, list[str]] = {"opioid": [], "alcohol": []}
    for one, drug in catalogue.medications.items():
        drugs[drug.substance].append(one)
    services: dict[str, Any] = {one: {"offered": True} for one in catalogue.services}
    services["sober_living"] |= {"places": 2, "expels_for_use": 0.4, "uptake": 0.9}
    services["transport_aid"] |= {"mode": "van", "uptake": 0.9}
    services["financial_aid"] |= {"budget_per_month": 90.0}
    services["psychiatric_medication"] |= {"mode": "referred", "every_days": 4.0}
    services["cbt"] |= {"course_sessions": 2, "every_days": 2.0, "until_day": 9}
    services["case_management"] |= {"from_day": 4, "quits": 0.3, "required": True}
    services["therapy_group"] |= {"seats": 3, "sessions_per_week": 9.0, "uptake": 0.95}
    base = small().with_changes(
        name=name,
        horizon={"days": 16, "follow_up_days": 9, "burn_in_days": 3},
        population={"mix": "dual diagnosis programme"},
        mixes={"dual diagnosis programme": {"detoxified_share": 0.5, "use_days": 8.0}},
        arrivals={"per_week": 7.0},
        clinic={"places": 12, "fees": {"per_day": 25.0}, "capacity": "elastic"},
        staff={role: {"posts": 0.7, "turnover_per_year": 12.0} for role in catalogue.roles},
        medication={
            "assign": {one: 1.0 / len(names) for names in drugs.values() for one in names},
            "kept_in_jail": 0.6,
            "dose": 0.3,
            "switch_after_positive_urines": 1,
        },
        medications={
            one: {"completion_after_days": 12.0, "induction_days": 4.0}
            for one in catalogue.medications
        },
        plan={"policy": "stepped", "review_every_days": 3},
        rules=RULES,
        hazards=OFTEN,
        services=services,
        model=OFTEN_IN_LIFE,
    )
    return base.with_changes(**changes)


CLINICS: dict[str, dict[str, Any]] = {
    "stepped": {
        "services": {
            "therapy_group": {"may_also": ["nurse", "driver"]},
            "individual_counselling": {"may_also": ["peer_worker", "driver"], "every_days": 2.0},
        },
        "staff": {"counsellor": {"posts": 0.2}, "driver": {"posts": 2.0}},
    },
    "matched": {
        "plan": {"policy": "matched", "review_every_days": 4},
        "clinic": {
            "capacity": "hard",
            "overtime_share": 0.2,
            "open_days": ["mon", "tue", "thu", "fri"],
            "waiting_list": {
                "interim_dosing": True,
                "same_day_start": 0.5,
                "priority": ["pregnant", "recent overdose", "jail release"],
            },
        },
        "medication": {"assign": "by preference", "taper": {"from_day": 5, "days": 6}},
        "rules": {"discharge_after_missed_days": 30, "readmission_gap_days": 0},
        "services": {"therapy_group": {"seated": "by recent use"}},
        "staff": {"counsellor": {"posts": 0.3}, "nurse": {"posts": 0.3}},
    },
    "cohort": {
        "plan": {"policy": "generic", "review_every_days": 5},
        "horizon": {"days": 22, "follow_up_days": 30},
        "arrivals": {"cohort": 16},
        "clinic": {
            "fees": {"per_day": 0.0},
            "caseload_limit": "exceeded",
            "capacity": "hard",
            "overbooking_share": 0.5,
            "waiting_list": {"order": "last come"},
        },
        "staff": {
            "counsellor": {"posts": 2.0, "caseload": 3.0, "turnover_per_year": 0.5},
            "case_manager": {"posts": 0.3, "caseload": 3.0},
        },
        "rules": dict.fromkeys(RULES, 0) | {"telehealth_share": 1.0},
        "services": {
            "individual_counselling": {"may_also": ["nurse", "peer_worker"], "priority": 1},
            "therapy_group": {"starts_every_days": 14},
        },
        "model": {"psychosocial_cap": 0.98},
        "mechanisms": {"changing_homes": False, "changing_work": False, "crises": False},
    },
}


class Lived:
    """A clinic lived through day by day, each day beside the day by hand."""

    def __init__(self, scenario: Scenario) -> None:
        self.clinic = Clinic(scenario)
        self.seen: set[int] = set()
        self.days_of_people = 0
        while self.clinic.day < self.clinic.horizon:
            if self.clinic.day == 0:
                self.clinic.start_counting()
            room = room_to_open(self.clinic.books, self.clinic.day)
            self.clinic._make_room(room + 200 * self.clinic.books.patients.size)
            self.day(self.clinic.books, self.clinic.day)
            self.clinic.day += 1
        self.clinic.close()

    def day(self, books: Books, day: int) -> None:
        by_hand = ClinicByHand(books, day)
        self.morning(books, day, by_hand)
        loads = books.roles.copy()
        for i in range(int(books.written[1])):
            asked, status = books.patients["asked_day"][i], books.patients["status"][i]
            if asked != NEVER and status != Status.DIED:
                self.person(books, i, day, by_hand)
            else:
                before = books.patients[i].copy()
                patient_day(books, i, day)
                assert books.patients[i] == before, "nothing happens to the dead"
        self.evening(books, day, loads)

    def morning(self, books: Books, day: int, by_hand: ClinicByHand) -> None:
        log, asking = int(books.written[0]), books.days["asking"][max(day, 0)]
        by_hand.staff_day()
        new = self.ask(books, day, by_hand)
        medicated = books.medications.copy()
        morning(books, day)
        by_hand.offer_places()
        by_hand.reserve_intakes()
        by_hand.share()
        by_hand.beds()
        assert int(books.written[1]) == by_hand.there
        assert (books.medications == medicated).all()
        told = [one for person in new for one in person.told]
        asked = (Kind.ASKED, Kind.TOOK_UP_SERVICE)
        found = [row[1:] for row in books.log[log : int(books.written[0])].tolist()]
        assert [row for row in found if row[1] in asked] == told
        found = books.log[log : int(books.written[0])].tolist()
        assert [row for row in found if row[2] not in asked] == by_hand.result.told
        assert books.days["asking"][max(day, 0)] - asking == len(new) * (day >= 0)
        assert (books.plan == by_hand.plan).all()
        for person in new:
            for name in ("drivers", "level", "has"):
                assert getattr(books, name)[person.i] == pytest.approx(getattr(person, name)), name
            assert books.due[person.i].tolist() == person.due.tolist()
            for name in ("counted", "medication", "since", "asked_day", "prefers", "low_dose"):
                assert books.patients[name][person.i] == getattr(person.p, name), name
        compare_tables(books.staff, by_hand.staff, books.staff.dtype.names)
        compare_tables(books.roles, by_hand.roles, books.roles.dtype.names, {"left_uncounted"})
        names = ("groups_held", "reserved", "minutes_put_by", "part_of_offer", "placed_now")
        compare_tables(books.services, by_hand.services, names)
        names = ("status", "offer_day", "key_worker", "alliances_broken", "in_bed")
        compare_tables(books.patients, by_hand.people, names)
        if day % 7 == 0:
            assert (books.services["pot"] == books.services["budget_per_week"]).all()

    def ask(self, books: Books, day: int, by_hand: ClinicByHand) -> list[DayByHand]:
        """Whoever's day has come asks, as they stand this morning."""
        new = []
        for i in range(by_hand.there, books.patients.size):
            if books.patients["arrives"][i] > day:
                break
            told = DayByHand(books, i, day)
            if told.p.status == Status.OUTSIDE and told.p.asked_day == NEVER:
                told.ask()
                new.append(told)
                self.seen |= {kind for _, kind, _ in told.told}
            by_hand.ask(i, told)
        return new

    def person(self, books: Books, i: int, day: int, clinic: ClinicByHand) -> None:
        told = DayByHand(books, i, day)
        services, log = books.services.copy(), int(books.written[0])
        doses = books.medications["days"].copy()
        before = books.days[max(day, 0)].copy()
        patient_day(books, i, day)
        booked = {s: one for (row, s), one in clinic.result.booked.items() if row == i}
        told.live(booked)
        compare_person(books, told, services, log, before)
        assert (books.medications["days"] - doses == told.doses).all()
        self.seen |= {kind for _, kind, _ in told.told}
        self.days_of_people += 1

    def evening(self, books: Books, day: int, loads: Any) -> None:
        ties = TiesByHand(books)
        if ties.most:
            for s in np.flatnonzero(books.services["kind"] == GROUP):
                for group in tables_by_hand(books, int(s)):
                    ties.sit(int(s), group)
        roles, staff = books.roles.copy(), books.staff
        drivers = books.drivers.copy()
        evening(books, day)
        assert not books.services["came_today"].any() or not ties.most
        sunday = day % 7 == 6
        kept = float(books.course[0]["tie_kept_a_week"]) if sunday else 1.0
        for i, row in enumerate(ties.ties):
            assert books.ties[i].tolist() == [other for other, _ in row]
            assert books.strength[i] == pytest.approx([kept * tie for _, tie in row])
        assert books.cohesion == pytest.approx(ties.cohesion)
        if sunday and ties.most:
            books.strength[:] /= kept
            for i in range(int(books.written[1])):
                drivers[i, COMPANY] = company_by_hand(books, i)
            books.strength[:] *= kept
        assert books.drivers == pytest.approx(drivers)
        self.loads(books, roles, staff, day)

    def loads(self, books: Books, before: Any, staff: Any, day: int) -> None:
        """Minutes are counted from day 0 on, and the load is asked over staffed, both fading."""
        course, is_open = books.course[0], bool(books.opening_week[day % 7])
        for r, role in enumerate(books.roles):
            was = before[r]
            beyond = max(was["used_today"] - was["staffed_today"], 0.0)
            for name, more in (
                ("minutes_staffed", was["staffed_today"]),
                ("minutes_used", was["used_today"]),
                ("minutes_overtime", beyond if beyond > 1e-6 else 0.0),
            ):
                assert role[name] == pytest.approx(was[name] + (more if day >= 0 else 0.0))
            mine = staff[staff["role"] == r]
            limit = role["caseload"] * mine["post"]
            over = mine["present"] & (mine["caseload"] > limit)
            counts = day >= 0 and role["key_worker"] and role["caseload"] > 0.0
            assert role["caseload_breaches"] - was["caseload_breaches"] == over.sum() * counts
            if not is_open:
                assert role["load"] == was["load"]
                continue
            means = {
                name: was[f"{name}_mean"]
                + course["load_weight"] * (was[f"{name}_today"] - was[f"{name}_mean"])
                for name in ("asked", "staffed")
            }
            load = means["asked"] / max(means["staffed"], 1e-9)
            assert role["load"] == pytest.approx(min(load, course["most_load"]))
            assert role["asked_mean"] == pytest.approx(means["asked"])
            assert role["staffed_mean"] == pytest.approx(means["staffed"])


def compare_tables(found: Any, by_hand: Any, names: Any, but: Any = ()) -> None:
    for name in names:
        if name not in but:
            told = [getattr(row, name) for row in by_hand]
            assert found[name] == pytest.approx(told, rel=1e-9, abs=1e-7), name


def compare_person(books: Books, told: DayByHand, before: Any, log: int, row: Any) -> None:
    """All that a day leaves of a person, against the day told by hand."""
    i, day = told.i, told.day
    happened = books.log[log : int(books.written[0])]
    assert [(d, kind, detail) for _, d, kind, detail in happened.tolist()] == told.told
    assert (happened["person"] == told.p.person).all()
    told.p.agenda_length = len(told.agenda)
    for name in books.patients.dtype.names:
        found, expected = books.patients[name][i], getattr(told.p, name)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), name
    assert books.acting == pytest.approx(told.acting, rel=1e-9, abs=1e-12)
    for name in ("drivers", "level", "fixed"):
        found, expected = getattr(books, name)[i], getattr(told, name)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), name
    for name in ("plan", "has", "received", "this_stay"):
        assert (getattr(books, name)[i] == getattr(told, name)).all(), name
    planned = [s for s in told.agenda if told.in_plan(s)]
    assert (books.due[i, planned] == told.due[planned]).all()
    assert [int(s) for s in books.agenda[i, : len(told.agenda)]] == told.agenda
    for name in TALLIES:
        assert books.services[name] - before[name] == pytest.approx(told.tally[name]), name
    assert books.services["placed_now"].tolist() == [one.placed_now for one in told.services]
    assert books.services["pot"] == pytest.approx([one.pot for one in told.services])
    assert (books.staff["caseload"] == told.caseload).all()
    for name in ("spare", "used_today", "asked_today"):
        assert books.roles[name] == pytest.approx(getattr(told, name), abs=1e-6), name
    if day >= 0:
        assert books.calendar[day, i] == told.byte
        for name, grew in told.row.items():
            assert books.days[name][day] - row[name] == grew, name


@cache
def lived(name: str) -> Lived:
    return Lived(busy(name, **CLINICS[name]))


@pytest.mark.parametrize("name", CLINICS)
def test_every_day_is_the_day_told_by_hand(name: str) -> None:
    assert lived(name).days_of_people > 200
    assert np.isfinite(lived(name).clinic.books.drivers).all()


def test_everything_that_can_happen_did() -> None:
    """Or these days would show nothing of what did not."""
    seen = set.union(*(lived(name).seen for name in CLINICS))

    assert {kind for kind in Kind if int(kind) not in seen} <= {
        Kind.BOOKED_INTAKE, Kind.WORKER_LEFT, Kind.GOT_BED,
    }  # fmt: skip
