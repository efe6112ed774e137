"""What a design takes over from the one it branches from, and what is its own.

Everybody whom the clinic knows goes on as they stand; who has not asked yet is the later design's
own. Everything is matched by name, whatever the order of names in either design.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.scenario import Scenario
from txsim.state.events import NEVER, Kind
from txsim.state.layout import ALLIANCE, IN_PLAN, PLACED, RUPTURE, SUPPORT
from txsim.state.records import ROLE_TALLIES, SERVICE_TALLIES

from ..model.small_clinics import Array, field_bytes, small

DAY = 5
MOVED_WITH_THE_CHANGE = {"agenda_length", "key_worker", "alliances_broken", "in_bed"}
"""Fields of a record that the change of design may move on its first morning."""
BED = {
    "label": "A bed", "kind": "support", "places": 3, "houses": True, "uptake": 0.9,
    "raises": {"social_support": 0.2}, "offered": True, "source": "assumption",
}  # fmt: skip


@cache
def first() -> Scenario:
    return small().with_changes(
        name="first",
        horizon={"days": 12, "follow_up_days": 4, "burn_in_days": 9},
        clinic={"places": 16},
        arrivals={"per_week": 5.0},
        population={"shares": {"housing": 0.9}},
        services={
            "case_management": {"offered": True},
            "therapy_group": {
                "uptake": 0.95,
                "seats": 4,
                "every_days": 2.0,
                "sessions_per_week": 12.0,
            },
            "own_bed": BED,
        },
        staff={
            "case_manager": {"posts": 1.0},
            "counsellor": {"posts": 3.0, "turnover_per_year": 9.0},
            "nurse": {"turnover_per_year": 9.0},
        },
        model={"tie_per_session": 0.5},
    )


@cache
def second() -> Scenario:
    """More who ask, other staff, a service less and a service more, another order of names."""
    return first().with_changes(
        name="second",
        arrivals={"per_week": 9.0},
        services={
            "a_first_one": {**BED, "kind": "individual", "places": 0, "houses": False,
                            "label": "First", "role": "nurse", "minutes": 10.0},
            "case_management": {"offered": False},
            "peer_group": {"offered": True, "uptake": 0.9},
        },
        roles={"astrologer": {"label": "Astrologer", "wage_per_year": 1.0, "source": "assumption"}},
        staff={
            "counsellor": {"posts": 1.0},
            "peer_worker": {"posts": 2.0},
            "nurse": {"posts": 2.5},
        },
        diagnoses={"hay_fever": {"label": "Hay fever", "source": "assumption"}},
        change={"ramp_weeks": 2},
    )  # fmt: skip


@cache
def branched() -> tuple[Clinic, Clinic]:
    """The first design on the morning of a day, and the second that goes on from it."""
    origin = Clinic(first())
    origin.run_until(DAY)
    later = Clinic(second(), origin=origin)
    for clinic in (origin, later):
        clinic.close()
    return origin, later


def known() -> tuple[Array, Array]:
    """Rows, in both clinics, of the people whom the clinic knows."""
    origin, later = (clinic.state.patients for clinic in branched())
    rows = {int(person): row for row, person in enumerate(later["person"])}
    asked = np.flatnonzero(origin["asked_day"] != NEVER)
    return asked, np.array([rows[int(person)] for person in origin["person"][asked]])


def in_both(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Positions of the names that both have, in the one and in the other."""
    both = [name for name in names if name in others]
    return [names.index(name) for name in both], [others.index(name) for name in both]


def test_nobody_is_there_twice_and_all_who_are_known_are_there() -> None:
    origin, later = (clinic.state.patients for clinic in branched())
    before, _ = known()

    assert np.unique(later["person"]).size == later.size
    assert set(origin["person"][before]) <= set(later["person"])
    assert before.size > 16
    assert (later["arrives"][later["asked_day"] == NEVER] >= DAY).all()


def test_who_is_known_goes_on_as_they_stand() -> None:
    origin, later = branched()
    before, now = known()
    old, new = origin.state, later.state
    for name in old.patients.dtype.names:
        if name not in MOVED_WITH_THE_CHANGE:
            assert (new.patients[name][now] == old.patients[name][before]).all(), name
    fro, to = in_both(origin.parameters.driver_names, later.parameters.driver_names)
    lost = new.patients["key_worker"][now] < 0
    moved = [ALLIANCE, RUPTURE]
    for j, k in zip(fro, to, strict=True):
        whom = lost if j in moved else np.zeros(now.size, bool)
        same = new.drivers[now, k] == old.drivers[before, j]
        assert same[~whom].all(), origin.parameters.driver_names[j]
    fro, to = in_both(origin.parameters.service_names, later.parameters.service_names)
    for name in ("level", "received", "this_stay"):
        taken = getattr(new, name)[np.ix_(now, to)]
        assert (taken == getattr(old, name)[np.ix_(before, fro)]).all(), name


def test_who_asks_later_is_the_later_design_s_own() -> None:
    """As in the second design run alone, when it opens and nothing has happened to them yet."""
    _, later = branched()
    alone = Clinic(second().with_changes(name="alone"))
    alone.close()
    rows = {int(person): row for row, person in enumerate(alone.state.patients["person"])}
    coming = np.flatnonzero(later.state.patients["asked_day"] == NEVER)
    own = [rows.get(int(person), -1) for person in later.state.patients["person"][coming]]

    assert len(own) > 7
    assert min(own) >= 0
    for name in ("drivers", "has", "fixed", "early"):
        assert (getattr(later.state, name)[coming] == getattr(alone.state, name)[own]).all(), name
    for name in ("age", "severity", "key", "substance", "regular_use", "home", "works"):
        assert (later.state.patients[name][coming] == alone.state.patients[name][own]).all(), name
    assert (later.state.patients["status"][coming] == 0).all()
    assert not later.state.plan[coming].any()
    assert not later.state.level[coming].any()


def test_agendas_lead_to_the_same_services_by_name() -> None:
    origin, later = branched()
    before, now = known()
    old_names, names = origin.parameters.service_names, later.parameters.service_names
    ended = {
        name
        for s, name in enumerate(names)
        if not later.state.services["offered"][s] and not later.state.services["carries_dose"][s]
    }
    new = {
        name
        for name, offered in zip(names, later.state.services["offered"], strict=True)
        if offered and name not in old_names
    }
    seen = 0
    for row, other in zip(now, before, strict=True):
        length = int(origin.state.patients["agenda_length"][other])
        then = [old_names[s] for s in origin.state.agenda[other, :length]]
        length = int(later.state.patients["agenda_length"][row])
        today = [names[s] for s in later.state.agenda[row, :length]]
        assert [name for name in today if name not in new] == [one for one in then if one in names]
        for name in then:
            was = int(origin.state.plan[other, old_names.index(name)])
            bits = int(later.state.plan[row, names.index(name)])
            assert bits == (was & ~(IN_PLAN | PLACED) if name in ended else was), name
            seen += name in ended and bool(was & IN_PLAN)
    assert "case_management" in ended
    assert seen > 0


def test_places_that_people_hold_are_taken() -> None:
    _, later = branched()
    placed = (later.state.plan & PLACED) != 0
    supports = later.state.services["kind"] == SUPPORT
    houses = later.state.services["houses"] != 0

    assert (later.state.services["placed_now"] == placed.sum(axis=0))[supports].all()
    assert (later.state.patients["in_bed"] == placed[:, houses].any(axis=1)).all()
    assert later.state.patients["in_bed"].any()


def test_ties_lead_to_the_same_people() -> None:
    origin, later = branched()
    before, now = known()
    person, old = later.state.patients["person"], origin.state
    met = 0
    for row, other in zip(now, before, strict=True):
        then = {
            int(old.patients["person"][one]): float(tie)
            for one, tie in zip(old.ties[other], old.strength[other], strict=True)
            if tie > 0.0
        }
        today = {
            int(person[one]): float(tie)
            for one, tie in zip(later.state.ties[row], later.state.strength[row], strict=True)
            if tie > 0.0
        }
        assert today == then
        met += len(then)
    assert met > 5


def test_groups_feel_as_they_did() -> None:
    origin, later = branched()
    before, now = known()
    fro, to = in_both(origin.parameters.service_names, later.parameters.service_names)
    felt = origin.state.cohesion[np.ix_(before, fro)]

    assert (later.state.cohesion[np.ix_(now, to)] == felt).all()
    assert felt.any()


def posts_of(clinic: Clinic) -> dict[tuple[str, int], int]:
    return {
        (clinic.role_names[int(row["role"])], int(row["number"])): w
        for w, row in enumerate(clinic.state.staff)
    }


def test_workers_stay_in_their_posts_and_beginners_come_one_by_one() -> None:
    origin, later = branched()
    then, today = posts_of(origin), posts_of(later)
    old, new = origin.state.staff, later.state.staff
    stayed = [post for post in today if post in then]
    added = [post for post in today if post not in then]
    for post in stayed:
        for name in ("key", "present", "hired_day", "vacant_until", "departures", "number"):
            assert new[name][today[post]] == old[name][then[post]], (post, name)
    waits = [int(new["vacant_until"][today[post]]) - DAY for post in added]

    assert len(stayed) == 4
    assert len(added) == 4, "two peer workers, and nurses for two more posts and a half of one"
    begins = [int(new["from_day"][today[post]]) - DAY for post in added]
    assert begins == [0, *waits[1:]]
    assert all(new["hired_day"][today[post]] == new["from_day"][today[post]] for post in added)
    assert [new["present"][today[post]] for post in added] == [True, False, False, False]
    assert waits[1:] == [14 * place // 4 for place in (1, 2, 3)]
    assert new["post"][today["nurse", 2]] == 0.5


def test_who_loses_the_key_worker_s_post_loses_the_key_worker() -> None:
    origin, later = branched()
    before, now = known()
    then, today = posts_of(origin), posts_of(later)
    moved = {w: today.get(post, -1) for post, w in then.items()} | {-1: -1}
    old = origin.state.patients["key_worker"][before]
    lost = np.array([w >= 0 and moved[int(w)] < 0 for w in old])
    left = float(later.state.scalars[0]["alliance_left_at_handover"])
    alliance = later.state.drivers[now, ALLIANCE]
    broken = later.state.patients["alliances_broken"][now]

    assert lost.any()
    assert not lost.all()
    assert later.state.patients["key_worker"][now].tolist() == [moved[int(w)] for w in old]
    assert alliance == pytest.approx(
        origin.state.drivers[before, ALLIANCE] * np.where(lost, left, 1.0)
    )
    assert (later.state.drivers[now[lost], RUPTURE] == 1.0).all()
    assert (broken - origin.state.patients["alliances_broken"][before] == lost).all()


def test_what_was_counted_and_written_stays() -> None:
    origin, later = branched()
    before, now = known()
    old, new = origin.state, later.state
    written = int(old.written[0])
    for names, others, field, tallies in (
        (
            origin.parameters.service_names,
            later.parameters.service_names,
            "services",
            SERVICE_TALLIES,
        ),
        (origin.role_names, later.role_names, "roles", (*ROLE_TALLIES, "load", "asked_mean")),
    ):
        fro, to = in_both(names, others)
        for name in tallies:
            was = getattr(old, field)[name][fro]
            now_ = getattr(new, field)[name][to]
            if name == "taken_up":
                assert (now_ >= was).all()
            else:
                assert (now_ == was).all(), name
    assert (new.medications["days"] == old.medications["days"]).all()
    assert field_bytes(new.days[:DAY]) == field_bytes(old.days[:DAY])
    assert not field_bytes(new.days[DAY:]).strip(b"\0")
    assert (new.calendar[:DAY, now] == old.calendar[:DAY, before]).all()
    assert new.calendar[:DAY, now].any()
    assert (new.log[:written] == old.log[:written]).all()
    more = new.log[written : int(new.written[0])]
    assert set(more["kind"].tolist()) <= {Kind.TOOK_UP_SERVICE}
    assert (more["day"] == DAY).all()


def test_new_services_come_to_the_caseload_over_the_ramp() -> None:
    later = branched()[1]
    names = later.parameters.service_names
    new = [names.index(name) for name in ("a_first_one", "peer_group")]
    origin = branched()[0]
    offered = dict(
        zip(origin.parameters.service_names, origin.state.services["offered"], strict=True)
    )
    old = [s for s, name in enumerate(names) if offered.get(name)]

    assert (later.state.services["ramp_from"][new] == DAY).all()
    assert (later.state.services["ramp_days"][new] == 14).all()
    assert not later.state.services["ramp_days"][old].any()
    planned = (later.state.plan[:, new] & IN_PLAN).sum(axis=0)
    known_now = np.isin(later.state.patients["status"], (1, 2, 3, 4, 5)).sum()
    assert (planned < 0.3 * known_now).all(), "a fourteenth of them on the first day"


def test_a_need_that_came_or_went_since_asking_goes_along() -> None:
    """Work lost or found in the meantime stays lost or found, with what it does to hazards."""
    origin = Clinic(first())
    origin.run_until(DAY)
    state = origin.state
    unemployed = int(state.scalars[0]["unemployed"])
    row = int(np.flatnonzero(state.patients["asked_day"] != NEVER)[0])
    person = int(state.patients["person"][row])
    state.has[row, unemployed] ^= 1
    sign = 1.0 if state.has[row, unemployed] else -1.0
    state.fixed[row, : state.feature_effects.shape[1]] += sign * state.feature_effects[unemployed]
    later = Clinic(second().with_changes(name="third", diagnoses={}), origin=origin)
    for clinic in (origin, later):
        clinic.close()
    now = int(np.flatnonzero(later.state.patients["person"] == person)[0])

    assert later.state.has[now, unemployed] == state.has[row, unemployed]
    assert later.state.fixed[now] == pytest.approx(state.fixed[row])
