"""The weekly load told before a run is what the run then asks of its staff."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.run import run
from txsim.scenario import load
from txsim.scenario.shipped import shipped_names
from txsim.state.layout import IN_PLAN
from txsim.workload import (
    CASELOADS,
    PLACES,
    RoleLoad,
    bookings_a_day,
    groups_needed,
    usual_gap,
    weekly_load,
)

from ..model.small_clinics import baseline, compiled_only, small


def by_role(loads: list[RoleLoad]) -> dict[str, RoleLoad]:
    return {one.role: one for one in loads}


@compiled_only
def test_the_load_told_is_the_load_lived() -> None:
    """Minutes used and staffed a week, with staff for everybody; within 15 % over eight weeks.

    People come and go meanwhile, as many as before; nobody was there before who comes back.
    """
    scenario = baseline().with_changes(
        horizon={"days": 56, "follow_up_days": 1, "burn_in_days": 0},
        arrivals={"per_week": 6.5},
        mechanisms={"past_patients": False},
        clinic={"places": 300},
        staff={
            "counsellor": {"posts": 30.0, "caseload": 0},
            "nurse": {"posts": 20.0},
            "prescriber": {"posts": 10.0},
        },
    )
    told = by_role(weekly_load(scenario))
    held = [run(scenario, one, uncertainty=False) for one in range(4)]
    weeks = len(held[0].calendar) / 7.0

    for place, name in enumerate(scenario.catalogue.roles):
        if name not in scenario.staff:
            continue
        used, staffed, overtime = (
            np.mean([one.roles[field][place] for one in held]) / weeks
            for field in ("minutes_used", "minutes_staffed", "minutes_overtime")
        )
        # Doses on closed days are overtime, and no load of the days on which staff are there.
        used -= overtime
        assert used == pytest.approx(told[name].needed, rel=0.15), name
        assert staffed == pytest.approx(told[name].staffed, rel=0.08), name
    assert told[PLACES].share == pytest.approx(0.95, abs=0.01)


def test_the_baseline_can_meet_its_load() -> None:
    """The baseline is busy, as clinics are, and asks of nobody more than there is."""
    loads = by_role(weekly_load(load("baseline")))

    for role in ("counsellor", "nurse", PLACES):
        assert 0.8 < loads[role].share <= 1.0, role
    assert not any(one.is_too_much for one in loads.values())


def test_leave_and_learning_take_minutes_off() -> None:
    """Four weeks in 52; and what a beginner lacks in 90 days, for those who stay so long."""

    def staffed(**mechanisms: bool) -> float:
        loads = by_role(weekly_load(small().with_changes(mechanisms=mechanisms)))
        return loads["counsellor"].staffed

    without = staffed(leave=False, learning=False, tenure=False)
    leaving = 0.4 / 365.25
    stay = 1.0 / (1.0 - np.exp(-leaving))
    lost = sum(0.5 * (1.0 - day / 90) * np.exp(-leaving * day) for day in range(90))

    assert staffed(learning=False, tenure=False) == pytest.approx(without * 48 / 52)
    assert staffed(leave=False, tenure=False) == pytest.approx(without * (1 - lost / stay))
    assert staffed() < staffed(leave=False) < staffed(leave=False, learning=False)


LEAVING = [
    (0.0, 60.0),
    (0.4, 60.0),
    (1.0, 60.0),
    (3.0, 8.0),
    (10.0, 60.0),
    (38.0, 8.0),
    (38.0, 60.0),
]


@compiled_only
@pytest.mark.parametrize(("turnover", "lag"), LEAVING)
def test_the_minutes_told_are_the_minutes_staffed_however_fast_people_leave(
    turnover: float, lag: float
) -> None:
    """Three hundred posts for a year after a year of burn-in; within 3 %, leave and sickness too.

    Nothing is asked of them, so that nobody leaves for overload.
    """
    post = {"posts": 300.0, "turnover_per_year": turnover, "hiring_lag_days": lag}
    scenario = small().with_changes(
        horizon={"days": 364, "follow_up_days": 1, "burn_in_days": 364},
        clinic={"places": 5},
        arrivals={"per_week": 0.1},
        staff={"front_desk": post},
    )
    told = by_role(weekly_load(scenario))["front_desk"].staffed
    lived = run(scenario, 0, uncertainty=False)
    place = list(scenario.catalogue.roles).index("front_desk")
    staffed = lived.roles["minutes_staffed"][place] / (len(lived.calendar) / 7.0)

    assert told > 0.0
    assert told == pytest.approx(staffed, rel=0.03)


def test_a_post_that_is_always_filled_anew_still_has_minutes() -> None:
    """Turnover of 38 a year: ten days at work out of seventy, with half of full minutes."""

    def staffed(turnover: float) -> float:
        post = {"counsellor": {"turnover_per_year": turnover}}
        return by_role(weekly_load(small().with_changes(staff=post)))["counsellor"].staffed

    steady = staffed(0.0)
    shares = [staffed(turnover) / steady for turnover in (0.4, 3.0, 38.0, 400.0)]

    assert shares == sorted(shares, reverse=True)
    assert 0.05 < shares[2] < 0.1
    assert shares[3] > 0.0


def test_a_clinic_that_begins_empty_is_looked_at_with_its_caseload() -> None:
    """Otherwise nobody would seem to be asked for, in a trial above all."""
    as_it_is = by_role(weekly_load(small()))
    empty = by_role(weekly_load(small().with_changes(horizon={"start": "empty"})))
    trial = by_role(weekly_load(small().with_changes(arrivals={"cohort": 57})))

    assert empty["nurse"].needed == as_it_is["nurse"].needed
    assert empty[PLACES].needed == 57.0
    assert trial[PLACES].needed == 57.0
    assert trial["nurse"].needed == pytest.approx(as_it_is["nurse"].needed, rel=0.1)
    intakes = 4.0 * (60.0 + 5.0)
    assert as_it_is["counsellor"].needed - trial["counsellor"].needed == pytest.approx(
        intakes, rel=0.35
    )


def test_a_missed_dose_is_booked_again_the_next_day() -> None:
    """A week's supply at a visit kept with 0.8: a booking and a quarter in 7.25 days."""
    service = np.array([(float(np.log(4.0)),)], np.dtype([("attendance", "f8")]))[0]

    assert bookings_a_day(service, np.array([7.0, 1.0])) == pytest.approx([1.25 / 7.25, 1.0])


def test_groups_are_held_for_whoever_is_there() -> None:
    """Three people bring about two of three groups a week; forty fill half of twelve groups."""
    fields = [
        ("attendance", "f8"),
        ("every_days", "f8"),
        ("seats", "f8"),
        ("sessions_per_week", "f8"),
    ]
    weekly = np.array([(0.0, 7.0, 12.0, 3.0), (0.0, 7.0, 12.0, 12.0)], np.dtype(fields))

    assert groups_needed(weekly[0], 0, 6.0) == 0.0
    assert groups_needed(weekly[0], 3, 6.0) == pytest.approx(3 * (1 - np.exp(-1.0)))
    assert groups_needed(weekly[0], 300, 6.0) == pytest.approx(3.0, abs=1e-6)
    assert groups_needed(weekly[1], 40, 6.0) == pytest.approx(6.0, abs=0.3)
    assert groups_needed(weekly[1], 144, 6.0) == pytest.approx(12.0, abs=0.1)


@compiled_only
def test_the_groups_told_are_the_groups_held() -> None:
    """Where a few people come to many groups, and where many come to few; within 10 %."""
    for places, groups in ((20, 6.0), (300, 10.0)):
        scenario = baseline().with_changes(
            horizon={"days": 28, "follow_up_days": 1, "burn_in_days": 0},
            clinic={"places": places, "caseload_at_start": 1.0},
            arrivals={"per_week": 0.1},
            services={"therapy_group": {"sessions_per_week": groups}},
            staff={"counsellor": {"posts": 30.0}},
        )
        clinic = Clinic(scenario)
        place = clinic.parameters.service_names.index("therapy_group")
        planned = int(((clinic.state.plan[:, place] & IN_PLAN) != 0).sum())
        told = groups_needed(clinic.state.services[place], planned, 6.0)
        clinic.close()
        held = [run(scenario, one, uncertainty=False) for one in range(4)]
        number = list(scenario.catalogue.services).index("therapy_group")
        lived = np.mean([one.services["groups_held"][number] for one in held])

        assert told == pytest.approx(lived / (len(held[0].calendar) / 7.0), rel=0.1)


def test_where_more_is_booked_than_fits_those_who_stay_away_take_no_time() -> None:
    usual = by_role(weekly_load(small()))["prescriber"]
    overbooked = by_role(weekly_load(small().with_changes(clinic={"overbooking_share": 0.1})))

    assert overbooked["prescriber"].needed == pytest.approx(0.82 * usual.needed)


def test_a_role_is_hardly_asked_for_below_a_quarter_of_its_time() -> None:
    """But for one that has to be there while doses are given, or that stands in for others."""

    def told(posts: float, **changes: Any) -> RoleLoad:
        more = {"counsellor": {"posts": posts}, "nurse": {"posts": 20.0}}
        return by_role(weekly_load(small().with_changes(staff=more, **changes)))["counsellor"]

    assert not told(1.5).is_little
    assert told(20.0).is_little
    shared = {"overdose_education_naloxone": {"may_also": ["counsellor"]}}
    assert not told(20.0, services=shared).is_little
    many = small().with_changes(staff={"nurse": {"posts": 20.0}})
    nurse = by_role(weekly_load(many))["nurse"]
    assert nurse.share < 0.25
    assert not nurse.is_little


@pytest.mark.parametrize("name", shipped_names())
def test_no_shipped_design_pays_for_time_that_nobody_asks_for(name: str) -> None:
    assert not [one.role for one in weekly_load(load(name)) if one.is_little]


def test_supervision_takes_minutes_off_and_notes_are_asked_for() -> None:
    """Two hours of supervision instead of one, and ten minutes of notes instead of five."""

    def told(**post: float) -> RoleLoad:
        changed = small().with_changes(
            staff={"counsellor": post}, mechanisms={"supervision": False}
        )
        return by_role(weekly_load(changed))["counsellor"]

    usual = told()
    supervised, noted = told(supervision_minutes_per_week=120), told(notes_minutes_per_session=10)
    week = 2250 * 0.634

    assert supervised.staffed == pytest.approx(usual.staffed * (week - 120) / (week - 60))
    assert supervised.needed == usual.needed
    assert noted.staffed == usual.staffed
    assert 1.08 < noted.needed / usual.needed < 1.11


def test_a_role_without_posts_is_told_as_impossible() -> None:
    loads = by_role(weekly_load(small().with_changes(staff={"nurse": {"posts": 0.0}})))

    assert loads["nurse"].staffed == 0.0
    assert loads["nurse"].share == float("inf")
    assert loads["nurse"].is_too_much


def test_half_the_posts_are_twice_the_load() -> None:
    whole = by_role(weekly_load(small()))["counsellor"]
    half = by_role(weekly_load(small().with_changes(staff={"counsellor": {"posts": 0.75}})))

    assert half["counsellor"].share == pytest.approx(2 * whole.share)


def test_a_role_that_nobody_needs_has_no_load() -> None:
    loads = by_role(weekly_load(small().with_changes(staff={"psychiatrist": {"posts": 1.0}})))

    assert loads["psychiatrist"].needed == 0.0
    assert loads["psychiatrist"].share == 0.0


def test_rides_are_in_the_driver_s_load() -> None:
    loads = by_role(
        weekly_load(
            small().with_changes(
                services={"transport_aid": {"offered": True, "mode": "van"}},
                staff={"driver": {"posts": 1.0}},
            )
        )
    )

    assert loads["driver"].needed > 100.0


VAN = {"offered": True, "mode": "van", "uptake": 1.0}


@compiled_only
def test_the_rides_told_are_the_rides_given() -> None:
    """Rides a week with money and drivers for all, over four weeks in a full clinic, within 15 %.

    The budget pays for them at four dollars each. What is told is of the people present in the
    first replication; others' needs differ by a third.
    """
    scenario = baseline().with_changes(
        horizon={"days": 28, "follow_up_days": 1, "burn_in_days": 0},
        staff={"driver": {"posts": 5.0, "turnover_per_year": 0.0}},
        services={"transport_aid": {**VAN, "budget_per_month": 20000.0}},
    )
    told = by_role(weekly_load(scenario))["transport_aid"]
    place = list(scenario.catalogue.services).index("transport_aid")
    held = run(scenario, uncertainty=False)
    spent = 4.0 * held.services["uses"][place] / (len(held.calendar) / 7.0)

    assert told.label == "Budget: Transport aid"
    assert told.unit == "USD a week"
    assert told.staffed == pytest.approx(20000.0 * 7.0 / (365.25 / 12.0))
    assert spent == pytest.approx(told.needed, rel=0.15)
    assert not told.is_too_much


def test_a_budget_too_small_for_the_plans_is_told_as_such() -> None:
    van = {"transport_aid": {**VAN, "budget_per_month": 30.0}}
    driver = {"driver": {"posts": 1.0}}
    loads = by_role(weekly_load(small().with_changes(services=van, staff=driver)))
    unlimited = by_role(
        weekly_load(small().with_changes(services={"transport_aid": VAN}, staff=driver))
    )

    assert loads["transport_aid"].is_too_much
    assert loads["transport_aid"].needed == pytest.approx(4.0 / 8.0 * loads["driver"].needed), (
        "four dollars and eight minutes a ride"
    )
    assert "transport_aid" not in unlimited


def test_a_bed_costs_its_budget_every_day_for_as_many_as_there_are_places() -> None:
    """Sixty dollars a night for no more than three people."""
    beds = {
        "offered": True,
        "uptake": 1.0,
        "places": 3,
        "budget_per_month": 9000.0,
        "for": "everyone",
    }
    load = by_role(
        weekly_load(
            small().with_changes(
                services={"sober_living": beds}, population={"shares": {"housing": 1.0}}
            )
        )
    )["sober_living"]

    assert load.needed == pytest.approx(3 * 7 * 60.0)


def test_missed_sessions_are_booked_again_within_the_week() -> None:
    """Kept with 0.7, every 14 days or after 7: 11.9 days on average; weekly ones are weekly."""
    odds = float(np.log(0.7 / 0.3))
    kind = np.dtype([("attendance", "f8"), ("every_days", "f8")])

    assert usual_gap(np.array([(odds, 14.0)], kind)[0]) == pytest.approx(0.7 * 14 + 0.3 * 7)
    assert usual_gap(np.array([(odds, 7.0)], kind)[0]) == pytest.approx(7.0)


def test_caseloads_are_told_where_every_key_worker_has_a_limit() -> None:
    """Two posts of 20 may have 40 people; where caseloads have no limit there is nothing to say."""
    two = {"counsellor": {"posts": 2.0, "caseload": 20.0}}
    told = by_role(weekly_load(small().with_changes(staff=two)))[CASELOADS]
    without = {"counsellor": {"posts": 2.0, "caseload": 0.0}}

    assert told.staffed == 40.0
    assert told.needed == pytest.approx(0.95 * 60)
    assert told.is_too_much
    assert CASELOADS not in by_role(weekly_load(small().with_changes(staff=without)))
