"""Giving up the wait: priority does not bind, nobody behind loses by it, and some go elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.outcomes.families import access
from txsim.outcomes.follow_up import Followed
from txsim.run import Run, run
from txsim.scenario import Scenario
from txsim.state.events import JAILED, NEVER, Kind, Status
from txsim.state.layout import IN_PLAN

from ..model.small_clinics import Array, cohort, compiled_only, lived_through, small
from ..model.test_laws import beds

pytestmark = [pytest.mark.direction, compiled_only]

WITHOUT_PLACES: dict[str, Any] = {
    "clinic": {"places": 0, "waiting_list": {"priority": ["pregnant", "jail release"]}},
    "population": {"shares": {"female": 1.0, "pregnant": 0.4}},
    "hazards": {"walk_away": {"opioid": 0.02}},
    "streams": {"jail_release": {"effects": {"walk_away": 1.0}}},
}


@pytest.mark.parametrize("whom", ["pregnant", "jail_release"])
def test_who_has_priority_walks_away_as_others_do(whom: str) -> None:
    """Some 300 and 1400 who stop waiting: rates that differ by a quarter would fail.

    (People from jail walk away sooner by the catalogue, which is left out here.)
    """
    streams = {"self": 0.8, "court": 0.0, "emergency_department": 0.0, "jail_release": 0.2}
    held = run(
        cohort(2500, 60).with_changes(**WITHOUT_PLACES, arrivals={"streams": streams}),
        uncertainty=False,
    )
    names = (*held.scenario.catalogue.traits,)
    first = held.features[:, names.index(whom)].astype(bool)
    stopped = held.events[np.isin(held.events["kind"], (Kind.WALKED_AWAY, Kind.WENT_ELSEWHERE))]
    rows = {int(person): row for row, person in enumerate(held.patients["person"])}
    counts = np.bincount([int(first[rows[int(one)]]) for one in stopped["person"]], minlength=2)
    waiting = (held.calendar & 15) == Status.WAITING
    rates = counts / np.array([waiting[:, ~first].sum(), waiting[:, first].sum()])

    assert counts.min() > 250
    assert rates[1] == pytest.approx(rates[0], rel=4.0 * np.sqrt((1.0 / counts).sum()))


WALK_AWAY = (0.0, 0.01, 0.03, 0.1)
"""Rates of stopping to wait, per day."""


@cache
def queue(walk_away: float, replication: int) -> Run:
    """Six places, in each of which everybody stays for ten days, and more who ask than fit in.

    Nobody comes back, is lost between offer and intake, or differs from anybody, so that only the
    list decides.
    """
    phase = {"from_day": 0, "dropout": 1e-12, "solved": -27.0}
    scenario = beds(6, 6.0, 1e12, 120).with_changes(
        hazards={"walk_away": {"opioid": walk_away}, "completion": {"opioid": 3.6e5}},
        medications={
            "none_opioid": {
                "phases": [phase],
                "completion_after_days": 10.0,
                "source": "assumption",
            }
        },
    )
    return run(scenario, replication, uncertainty=False)


def first_offers(held: Run) -> dict[int, int]:
    """The day on which each person was first offered a place."""
    offered = held.events[held.events["kind"] == Kind.BOOKED_INTAKE]
    return {int(one["person"]): int(one["day"]) for one in offered[::-1]}


@pytest.mark.parametrize("replication", range(8))
def test_the_more_walk_away_the_shorter_the_queue_on_every_day(replication: int) -> None:
    runs = [queue(rate, replication) for rate in WALK_AWAY]
    lengths = np.array([one.days["waiting"] for one in runs])

    assert (np.diff(lengths, axis=0) <= 0.0).all()
    assert lengths[0, -30:].mean() > lengths[-1, -30:].mean() + 3.0
    stays = [one.patients["exit_day"] - one.patients["first_admitted_day"] for one in runs]
    gone = [one.patients["exit_day"] != NEVER for one in runs]
    assert {int(days) for one, left in zip(stays, gone, strict=True) for days in one[left]} == {10}


@pytest.mark.parametrize("replication", range(8))
def test_who_stays_in_line_behind_a_leaver_moves_up(replication: int) -> None:
    """No offer comes later for others' walking away, and some come sooner."""
    patient, impatient = (first_offers(queue(rate, replication)) for rate in WALK_AWAY[::3])
    walked = queue(WALK_AWAY[-1], replication).patients
    gone = set(walked["person"][walked["status"] != Status.COMPLETED].tolist())
    sooner = [impatient[one] - patient[one] for one in impatient if one in patient]

    assert max(sooner) <= 0
    assert min(sooner) < 0
    # Who had an offer when nobody walked away has one all the same, or has left the line.
    assert set(patient) - set(impatient) <= gone


# --- going elsewhere


def crowded(**changes: Any) -> Scenario:
    """Three times as many people as places, and many who stop waiting; nobody comes back."""
    return small().with_changes(
        clinic={"places": 20},
        arrivals={"per_week": 14.0},
        hazards={"walk_away": {"opioid": 0.03}, "return_to_care": {"opioid": 0.0}},
        rules={"readmission_gap_days": 1000},
        **changes,
    )


def test_the_more_go_elsewhere_the_fewer_are_lost_and_use() -> None:
    """The same people stop waiting on the same days; only what becomes of them differs."""
    lost, gone, used, lists = [], [], [], []
    for share in (0.0, 0.3, 0.6, 1.0):
        held = run(crowded(model={"elsewhere_share": share}), uncertainty=False)
        lost.append((held.events["kind"] == Kind.WALKED_AWAY).sum())
        gone.append(held.days["went_elsewhere"].sum())
        used.append(held.days["used"].sum())
        lists.append(held.days["waiting"].tobytes() + held.days["in_care"].tobytes())

    assert lost == sorted(lost, reverse=True)
    assert gone == sorted(gone)
    assert gone[0] == lost[-1] == 0.0
    assert gone[-1] > 20
    assert used == sorted(used, reverse=True)
    assert len(set(lists)) == 1


def test_switched_off_nobody_goes_elsewhere() -> None:
    """The switch, and a share of nothing, are the same clinic."""
    never, off = (
        run(crowded(**change), uncertainty=False)
        for change in (
            {"model": {"elsewhere_share": 0.0}},
            {"mechanisms": {"going_elsewhere": False}},
        )
    )

    assert never.events.tobytes() == off.events.tobytes()
    assert never.calendar.tobytes() == off.calendar.tobytes()
    assert not (off.events["kind"] == Kind.WENT_ELSEWHERE).any()


def test_who_went_elsewhere_is_on_medication_there_and_has_nothing_here() -> None:
    clinic = lived_through(
        crowded(
            model={"elsewhere_share": 0.8},
            medication={"assign": {"methadone": 0.5, "none_opioid": 0.5}},
        )
    )
    state, events = clinic.state, clinic.events
    patients = state.patients
    went = events[events["kind"] == Kind.WENT_ELSEWHERE]
    rows = np.array([int(np.flatnonzero(patients["person"] == one)[0]) for one in went["person"]])
    there = patients["status"][rows] == Status.TRANSFERRED
    treated = went["detail"] >= 0

    assert there.sum() > 20
    assert set(patients["status"][rows[~there]]) <= {JAILED, Status.DIED, Status.OUTSIDE}
    assert (patients["cover"][rows[there & treated]] == 1.0).all()
    assert (patients["cover"][rows[there & ~treated]] == 0.0).all()
    assert (patients["medication"][rows[treated]] == went["detail"][treated]).all()
    assert 0.2 < treated.mean() < 0.8
    assert not (state.plan[rows] & IN_PLAN).any()
    assert (patients["lost_waiting_day"][rows] == NEVER).all()
    assert (patients["elsewhere_day"][rows] == went["day"]).all()


def test_interim_doses_are_gone_on_with_elsewhere() -> None:
    """Who is dosed while waiting keeps that medication in another clinic."""
    clinic = lived_through(
        crowded(model={"elsewhere_share": 1.0}).with_changes(
            clinic={"waiting_list": {"interim_dosing": True}}, staff={"nurse": {"posts": 3.0}}
        )
    )
    events, patients = clinic.events, clinic.state.patients
    dosed = {
        int(one["person"]): int(one["detail"]) for one in events[events["kind"] == Kind.FIRST_DOSE]
    }
    went = events[events["kind"] == Kind.WENT_ELSEWHERE]
    known = [one for one in went if int(one["person"]) in dosed]

    assert len(known) > 10
    assert all(dosed[int(one["person"])] == one["detail"] for one in known)
    assert patients["elsewhere_day"].max() > 0


@pytest.mark.parametrize("replication", range(4))
def test_what_became_of_those_who_asked_adds_up_to_all_of_them(replication: int) -> None:
    """Served, lost, gone elsewhere, dead while waiting for the first place: nobody is two of them,
    and whoever is none is still in line (nobody goes to jail here).
    """
    held = run(
        small().with_changes(
            clinic={"places": 30},
            arrivals={"per_week": 9.0},
            model={"elsewhere_share": 0.4},
            hazards={
                "walk_away": {"opioid": 0.03},
                "jail": {"opioid": 0.0},
                "other_death": {"opioid": 2.0},
                "return_to_care": {"opioid": 0.05},
            },
            rules={"readmission_gap_days": 0},
        ),
        replication,
        uncertainty=False,
    )
    people = Followed.who_asked(held)
    fates: tuple[Array, ...] = (
        access.served(people),
        access.lost(people),
        access.went_elsewhere(people),
        access.died_waiting(people) & ~access.served(people),
    )
    told = np.sum(fates, axis=0)

    assert all(one.any() for one in fates)
    assert told.max() == 1
    assert people.waiting[:, -1][told == 0].all()
    day, how = access.end_of_waiting(people)
    assert ((how == 0) <= people.waiting[:, -1]).all()
    assert (day[how > 0] < people.days).all()


# --- places that are promised


@cache
def promised(after_days: int, interim: bool = True) -> Run:
    """Three hundred people before a clinic without free places, which promises some."""
    return run(
        cohort(300, 90).with_changes(
            name="promised",
            clinic={
                "places": 0,
                "waiting_list": {"interim_dosing": interim, "promised_after_days": after_days},
            },
        ),
        uncertainty=False,
    )


def test_a_promised_place_is_given_when_it_falls_due_and_to_nobody_before() -> None:
    """Day 45 is a Wednesday two weeks after the place of the first was due; day 0 is a Monday."""
    without, early, late = (promised(after) for after in (0, 31, 45))

    assert (without.patients["first_admitted_day"] == NEVER).all()
    for held, after in ((early, 31), (late, 45)):
        admitted = held.patients["first_admitted_day"]
        came = admitted[admitted != NEVER]
        assert came.min() == after
        assert len(came) > 120
    until = without.events["day"] < 31
    assert np.array_equal(without.events[until], early.events[early.events["day"] < 31])
    assert np.array_equal(without.calendar[:31], early.calendar[:31])
    # Those who are lost in the two weeks between them are those whom the earlier promise keeps.
    assert (early.patients["first_admitted_day"] != NEVER).sum() > (
        late.patients["first_admitted_day"] != NEVER
    ).sum()


def test_who_is_dosed_meanwhile_comes_to_the_promised_place() -> None:
    """Of 300, two thirds are there after a month of interim doses, and come as to a dose."""
    shares = [
        float((promised(31, interim).patients["first_admitted_day"] != NEVER).mean())
        for interim in (False, True)
    ]

    assert shares[0] < 0.45
    assert shares[1] > shares[0] + 0.2


def test_who_is_promised_nothing_finds_a_place_elsewhere_or_none() -> None:
    """As in the control arm of a trial of interim doses: entering elsewhere is counted."""
    held = promised(0, interim=False)
    elsewhere = Followed.who_asked(held).elsewhere < 90
    settled = run(
        held.scenario.with_changes(name="here or nowhere", mechanisms={"going_elsewhere": False}),
        uncertainty=False,
    )

    assert 0.05 < elsewhere.mean() < 0.6
    assert not (Followed.who_asked(settled).elsewhere < 90).any()


def test_a_promise_needs_staff_for_the_intake() -> None:
    held = run(
        promised(31).scenario.with_changes(name="unstaffed", staff={"counsellor": {"posts": 0.0}}),
        uncertainty=False,
    )

    assert (held.patients["first_admitted_day"] == NEVER).all()
