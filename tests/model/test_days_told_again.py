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
from .by_hand.clinics import CLINICS, busy
from .by_hand.day import DayByHand
from .by_hand.evening import TiesByHand, company_by_hand, tables_by_hand
from .by_hand.standing import TALLIES
from .small_clinics import field_bytes


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


@pytest.mark.parametrize("name", ["matched", "cohort"])
def test_days_run_in_one_go_are_the_days_lived_one_by_one(name: str) -> None:
    """Broken off and gone on with wherever the log was full, which it is at every size."""
    through = Clinic(busy(name, **CLINICS[name]))
    written = int(through.books.written[0])
    through.books = through.books.with_log(through.books.log[: max(written, 1)].copy())
    through.run()
    through.close()
    one_by_one = lived(name).clinic

    assert through.events.tobytes() == one_by_one.events.tobytes()
    for field in ("calendar", "drivers", "level", "due", "plan", "received", "strength"):
        assert (getattr(through.books, field) == getattr(one_by_one.books, field)).all(), field
    for field in ("patients", "services", "roles", "staff", "days"):
        here, there = getattr(through.books, field), getattr(one_by_one.books, field)
        assert field_bytes(here) == field_bytes(there), field


def test_everything_that_can_happen_did() -> None:
    """Or these days would show nothing of what did not."""
    seen = set.union(*(lived(name).seen for name in CLINICS))

    assert {kind for kind in Kind if int(kind) not in seen} <= {
        Kind.BOOKED_INTAKE, Kind.WORKER_LEFT, Kind.GOT_BED,
    }  # fmt: skip
