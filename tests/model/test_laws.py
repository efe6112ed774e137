"""What the model obeys by theory: exponential staying, queues, the mean of a two-state process.

Every test says how large an error it would have found. Seeds are fixed, so none fails by chance.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp, factorial, log
from typing import Any

import numpy as np
import pytest
import scipy.stats

from txsim.catalogue.vocabulary import RATE_HAZARDS, Hazard
from txsim.clinic import Clinic
from txsim.rules.waiting import show_chance
from txsim.run import run
from txsim.scenario import Scenario
from txsim.state.events import NEVER, Kind, Status
from txsim.state.layout import RECENT_USE

from ..conftest import Shown
from .small_clinics import Array, cohort, compiled_only, lived_through, small, without_differences

pytestmark = [pytest.mark.law, compiled_only]

LEAVE_A_DAY = 0.02


def no_events_but(*kept: str) -> dict[str, Any]:
    """All rates of the day at nothing, but for these."""
    return {
        name: {"opioid": 0.0}
        for name in RATE_HAZARDS
        if name not in (*kept, "dropout", "regular_use_begins", "regular_use_ends")
    }


def leaving_at(rate: float) -> dict[str, Any]:
    """Everybody without medication, leaving at one rate for ever."""
    phase = {"from_day": 0, "dropout": rate, "solved": log(rate)}
    return {
        "medication": {"assign": "none_opioid"},
        "medications": {"none_opioid": {"phases": [phase], "source": "assumption"}},
    }


def alike(scenario: Scenario, *kept: str, **changes: Any) -> Scenario:
    """The scenario with everybody alike, nothing acting on anybody, and no clocks but these."""
    return scenario.with_changes(
        **without_differences(scenario), hazards=no_events_but(*kept)
    ).with_changes(name="alike", **changes)


def test_constant_hazards_give_exponential_staying(shown: Shown) -> None:
    """3000 people: a rate off by 8 %, or one drifting by 20 % in a hundred days, would fail."""
    days = 150
    held = run(alike(cohort(3000, days), **leaving_at(LEAVE_A_DAY)), uncertainty=False)
    patients = held.patients
    admitted = patients[patients["first_admitted_day"] != NEVER]
    nights = admitted["exit_day"] - admitted["first_admitted_day"] + 1
    left = admitted["exit_day"] != NEVER
    seen = np.where(left, nights, days - admitted["first_admitted_day"])
    edges = np.arange(0, 101, 10)
    at_risk = seen >= 0
    observed = np.array([(left & (seen > a) & (seen <= a + 10)).sum() for a in edges[:-1]])
    survival = np.exp(-LEAVE_A_DAY * edges)
    expected = at_risk.sum() * -np.diff(survival)

    assert admitted.size > 2000
    rate = left.sum() / seen.sum()
    shown("chance of leaving on a day, at a rate of 0.02", 1 - exp(-LEAVE_A_DAY), rate)
    assert rate == pytest.approx(1 - exp(-LEAVE_A_DAY), rel=4 / np.sqrt(left.sum()))
    stayed = at_risk.sum() - observed.sum()
    assert (
        scipy.stats.chisquare([*observed, stayed], [*expected, at_risk.sum() * survival[-1]]).pvalue
        > 1e-3
    )


@pytest.mark.parametrize("order", ["first come", "last come"])
def test_the_waiting_list_obeys_littles_law(order: str, shown: Shown) -> None:
    """People waiting = people asking a day x days each waits, whatever the order of offers.

    The two sides come from different records, the daily table and the event log; over 3100 days
    only those waiting at the ends are missing from one of them (below 2 %).
    """
    scenario = small().with_changes(
        horizon={"days": 3000, "follow_up_days": 100, "burn_in_days": 200},
        clinic={"places": 40, "waiting_list": {"order": order}},
        arrivals={"per_week": 1.6},
    )
    held = run(scenario, uncertainty=False)
    waits = waiting_times(held.events)
    asked = (held.events["kind"] == Kind.ASKED).sum()
    asked_per_day = asked / len(held.calendar)

    shown(f"people waiting, {order}", asked_per_day * waits.mean(), held.days["waiting"].mean())
    assert asked > 500
    assert held.days["waiting"].mean() > 3.0
    assert held.days["waiting"].mean() == pytest.approx(asked_per_day * waits.mean(), rel=0.03)


def waiting_times(events: Array) -> Array:
    """Evenings from asking to leaving the list, for everybody whose wait ended."""
    ends = (
        Kind.ADMITTED, Kind.MISSED_INTAKE, Kind.WALKED_AWAY, Kind.WENT_ELSEWHERE,
        Kind.JAILED_OUTSIDE, Kind.DIED,
    )  # fmt: skip
    since: dict[int, int] = {}
    waits = []
    for event in events:
        person = int(event["person"])
        if event["kind"] == Kind.ASKED:
            since[person] = int(event["day"])
        elif event["kind"] in ends and person in since:
            waits.append(int(event["day"]) - since.pop(person))
    return np.array(waits, float)


def beds(places: int, per_week: float, mean_stay: float, days: int) -> Scenario:
    """A queue for a few places: everybody waits for as long as it takes and comes when called."""
    return alike(
        small(),
        horizon={"days": days, "follow_up_days": 1, "start": "empty"},
        clinic={
            "places": places,
            "open_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "waiting_list": {"same_day_start": 1.0, "priority": []},
        },
        staff={"counsellor": {"posts": 200.0, "turnover_per_year": 0.0}},
        arrivals={"per_week": per_week},
        model={"intake_show_floor": 1.0 - 1e-9, "intake_show_extra": 1e-12},
        **leaving_at(1.0 / mean_stay),
    )


def erlang_c_waiting(servers: int, load: float) -> float:
    """Mean number waiting in an M/M/c queue at this offered load."""
    busy = load / servers
    top = load**servers / factorial(servers) / (1.0 - busy)
    chance = top / (sum(load**k / factorial(k) for k in range(servers)) + top)
    return chance * busy / (1.0 - busy)


def evening_chain(
    servers: int, per_day: float, leave: float, most: int = 120
) -> tuple[float, float]:
    """Mean waiting and inside of an evening in the same queue by days, exactly.

    In the morning Poisson many come; as many as fit are inside, the rest wait; at night each
    inside leaves with a chance. The evening is counted after those have left.
    """
    arriving = scipy.stats.poisson.pmf(np.arange(most), per_day)
    move = np.zeros((most, most))
    for people in range(most):
        for coming in range(most - people):
            together = people + coming
            inside = min(together, servers)
            gone = scipy.stats.binom.pmf(np.arange(inside + 1), inside, leave)
            move[people, together - np.arange(inside + 1)] += arriving[coming] * gone
    move /= move.sum(axis=1, keepdims=True)
    share = np.full(most, 1.0 / most)
    for _ in range(4000):
        share = share @ move
    waiting = inside_mean = 0.0
    for people in range(most):
        for coming in range(most - people):
            together = people + coming
            chance = share[people] * arriving[coming]
            waiting += chance * max(0, together - servers)
            inside_mean += chance * min(together, servers) * (1.0 - leave)
    return waiting, inside_mean


def test_places_are_a_queue_of_erlang(shown: Shown) -> None:
    """Waiting and occupied places of an M/M/c queue; two fifths of waiting, or 5 % of places, off
    would fail.

    The exact means of the queue by days are compared with; they lie near Erlang's formula, since a
    day is short beside a stay of ten.
    """
    places, per_week, stay = 6, 2.8, 10.0
    per_day, leave = per_week / 7.0, 1.0 - exp(-1.0 / stay)
    waiting, inside = evening_chain(places, per_day, leave)
    scenario = beds(places, per_week, stay, 800)
    runs = [run(scenario, replication, uncertainty=False).days[100:] for replication in range(60)]

    for name, expected in (("waiting", waiting), ("in_care", inside)):
        means = np.array([days[name].mean() for days in runs])
        error = means.std(ddof=1) / np.sqrt(len(means))
        shown(f"{name.replace('_', ' ')}, mean of evenings", expected, means.mean())
        assert error < 0.1 * expected
        assert abs(means.mean() - expected) < 4.0 * error
    assert waiting == pytest.approx(erlang_c_waiting(places, per_day / leave), rel=0.2)


def halved(scenario: Scenario, parts: int) -> Clinic:
    clinic = Clinic(scenario)
    clinic.state.scalars["parts_of_day"] = parts
    clinic.run()
    clinic.close()
    return clinic


def test_halving_the_day_changes_nothing_but_luck(shown: Shown) -> None:
    """Some 1200 exits and 800 overdoses: a bias of 18 % in either would fail.

    Rates are far above life's, so that clocks do meet within a day.
    """
    scenario = cohort(2800, 120).with_changes(
        hazards={"overdose": {"opioid": 1.0}, "jail": {"opioid": 0.5}, "transfer": {"opioid": 0.5}}
    )
    whole, half = halved(scenario, 1), halved(scenario, 2)
    counts = {}
    for kind in (Kind.LEFT, Kind.OVERDOSE, Kind.DIED, Kind.WALKED_AWAY):
        one, other = ((clinic.events["kind"] == kind).sum() for clinic in (whole, half))
        assert abs(int(one) - int(other)) < 4.0 * np.sqrt(float(one + other) + 1.0)
        counts[kind] = one
        shown(f"{kind.name.lower().replace('_', ' ')}, whole days and half days", one, other)
    assert counts[Kind.LEFT] > 1000
    assert counts[Kind.OVERDOSE] > 400
    days_in_care = [clinic.state.days["in_care"].sum() for clinic in (whole, half)]
    assert days_in_care[0] == pytest.approx(days_in_care[1], rel=0.03)
    assert whole.events.tobytes() != half.events.tobytes()


def test_the_order_of_clocks_gives_none_an_advantage(shown: Shown) -> None:
    """Three clocks with one rate each win a third of the races, at rates of one a day.

    Without a medication 0.0111 a day leave, and transfers are told for 0.0017. 2000 people: a share
    off by 0.04 would fail.
    """
    rate = 365.25
    scenario = alike(
        cohort(2000, 20),
        "jail",
        "transfer",
        **leaving_at(1.0),
    ).with_changes(
        hazards={"jail": {"opioid": rate}, "transfer": {"opioid": rate * 0.0017 / 0.0111}}
    )
    held = run(scenario, uncertainty=False)
    reasons = held.patients["exit_reason"][held.patients["exit_day"] != NEVER]
    shares = np.bincount(reasons, minlength=7)[[2, 5, 6]] / reasons.size

    for name, share in zip(("dropout", "transfer", "jail"), shares, strict=True):
        shown(f"share of races won, {name}", 1 / 3, share)
    assert reasons.size > 1200
    assert shares == pytest.approx(np.full(3, 1 / 3), abs=0.045)


def test_use_follows_its_mean_field(shown: Shown) -> None:
    """Nobody differing, the share in regular use and the share using follow the two-state equation.

    3000 people for 120 days: shares off by 0.03 on any day would fail.
    """
    begins, ends, base, ratio = 0.03, 0.02, 0.6, 0.05
    days = 120
    scenario = alike(cohort(3000, days), **leaving_at(0.001)).with_changes(
        hazards={
            "use": {"opioid": base},
            "regular_use_begins": {"opioid": begins},
            "regular_use_ends": {"opioid": ends},
        },
        mixes={"outpatient opioid programme": {"use_days": 8.0}},
        model={"occasional_use": ratio},
    )
    clinic = Clinic(scenario)
    regular = float(clinic.state.patients["regular_use"].mean())
    clinic.run()
    clinic.close()
    occasional = base / (1 - base) * ratio
    occasional /= 1 + occasional
    expected = np.empty(days)
    for day in range(days):
        regular = regular * exp(-ends) + (1 - regular) * (1 - exp(-begins))
        expected[day] = regular * base + (1 - regular) * occasional
    used = ((clinic.state.calendar & 16) > 0).mean(axis=1)

    shown("share using, day 30", expected[30], used[30])
    shown("share using, last day", expected[-1], used[-1])
    assert (clinic.state.calendar & 15 != Status.DIED).all()
    assert abs(expected[0] - expected[-1]) > 0.05
    assert np.abs(used - expected).max() < 4.0 * np.sqrt(0.25 / 3000)
    assert used[-30:].mean() == pytest.approx(
        begins / (begins + ends) * (base - occasional) + occasional, abs=0.02
    )


def test_many_weak_ties_come_to_the_mean_field_of_two_circles(shown: Shown) -> None:
    """Everybody knowing everybody of their own circle, company is by how much its mean use is above
    that of all who are known, and regular use follows the two-state equations with it.

    Two circles of 800 people, of whom one begins regular use five times as soon: a share using off
    by 0.071 on any day would fail; without ties it is off by more.
    """
    people, days = 1600, 150
    begins, ends, base, ratio, sooner = 0.008, 0.02, 0.6, 0.05, 5.0
    effects = {"regular_use_begins": 100.0, "regular_use_ends": 0.01}
    scenario = alike(cohort(people, days), **leaving_at(0.001)).with_changes(
        hazards={
            "use": {"opioid": base},
            "regular_use_begins": {"opioid": begins},
            "regular_use_ends": {"opioid": ends},
        },
        mediators={"company": {"effects": effects}},
        mixes={"outpatient opioid programme": {"use_days": 8.0}},
        model={"occasional_use": ratio, "tie_half_life_days": 36500.0},
    )
    clinic = Clinic(scenario)
    everybody = np.arange(people)
    circle = everybody % 2
    known = np.array([everybody[(circle == circle[one]) & (everybody != one)] for one in everybody])
    clinic.state = replace(clinic.state, ties=known, strength=np.full(known.shape, 0.01))
    clinic.state.fixed[circle == 1, Hazard.REGULAR_USE_BEGINS] += log(sooner)
    regular = float(clinic.state.patients["regular_use"].mean())
    recent = float(clinic.state.drivers[:, RECENT_USE].mean())
    kept = float(clinic.state.driver_kept[RECENT_USE])
    clinic.run()
    clinic.close()
    used = (clinic.state.calendar & 16) > 0

    def expected(tied: bool) -> Array:
        share, seen, company = np.full(2, regular), np.full(2, recent), np.zeros(2)
        using = np.empty((days, 2))
        occasional = base / (1 - base) * ratio
        occasional /= 1 + occasional
        rates = begins * np.array([1.0, sooner])
        for day in range(days):
            starting = rates * np.exp(company * log(effects["regular_use_begins"]))
            ending = ends * np.exp(company * log(effects["regular_use_ends"]))
            share = share * np.exp(-ending) + (1 - share) * (1 - np.exp(-starting))
            using[day] = share * base + (1 - share) * occasional
            seen = seen * kept + (1 - kept) * using[day]
            if day % 7 == 6 and tied:
                company = seen - seen.mean()
        return using

    found = np.stack([used[:, circle == one].mean(axis=1) for one in (0, 1)], axis=1)
    for one in (0, 1):
        shown(f"share using, last day, circle {one + 1}", expected(True)[-1, one], found[-1, one])
    bound = 4.0 * np.sqrt(0.25 / (people / 2))
    assert np.abs(found - expected(True)).max() < bound
    assert np.abs(found - expected(False)).max() > bound


def test_the_share_coming_to_intake_is_the_published_curve(shown: Shown) -> None:
    """Who comes so many days after asking; appointments lie 1 to 7 days ahead, each as likely.

    8000 people, about 1140 a day: a share off by 0.06 would fail.
    """
    people = 8000
    scenario = alike(
        cohort(people, 9),
        clinic={
            "places": people,
            "open_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "waiting_list": {"same_day_start": 0.0},
        },
        staff={"counsellor": {"posts": 4000.0}},
        model={"intake_lag_days": 4.0},
        **leaving_at(0.001),
    )
    clinic = lived_through(scenario)
    booked = clinic.events[clinic.events["kind"] == Kind.BOOKED_INTAKE]
    ahead = np.zeros(people, int)
    ahead[booked["person"]] = booked["detail"]
    admitted = clinic.state.patients["first_admitted_day"]

    for lag, published in ((1, 0.72), (3, 0.41), (7, 0.38)):
        curve = show_chance(float(lag), clinic.state.plain().scalars[0])
        came = admitted[ahead == lag] == lag
        shown(f"share coming to an intake {lag} days ahead", published, came.mean())
        assert abs((ahead == lag).mean() - 1 / 7) < 4 * np.sqrt(1 / 7 / people)
        assert curve == pytest.approx(published, abs=0.015)
        assert came.mean() == pytest.approx(curve, abs=4 * np.sqrt(0.25 / came.size))


def test_attendance_of_the_reference_person_is_the_service_s(shown: Shown) -> None:
    """Dosing 0.93 and medical management 0.82 of booked visits kept, people of no burden.

    20,000 visits: a share off by 0.015 would fail.
    """
    scenario = alike(
        cohort(800, 90), medication={"assign": {"methadone": 0.5, "buprenorphine": 0.5}}
    )
    held = run(scenario, uncertainty=False)
    names = list(scenario.catalogue.services)

    for name, published in (("dosing", 0.93), ("medical_management", 0.82)):
        service = held.services[names.index(name)]
        shown(
            f"visits kept, {name.replace('_', ' ')}", published, service["kept"] / service["booked"]
        )
        assert service["booked"] > 1500
        assert service["kept"] / service["booked"] == pytest.approx(published, abs=0.02)


def test_staff_leave_and_are_replaced_at_their_rates(shown: Shown) -> None:
    """300 posts for a year and a half: a turnover or a share vacant off by a fifth would fail.

    Of those in post, a tenth is off sick, and 4 weeks in 52 are leave.
    """
    posts, turnover, lag = 300.0, 0.5, 60.0
    scenario = small().with_changes(
        horizon={"days": 500, "follow_up_days": 50, "start": "empty"},
        staff={
            "counsellor": {"posts": posts, "turnover_per_year": turnover, "hiring_lag_days": lag}
        },
        roles={"counsellor": {"sick_share": 0.1}},
        arrivals={"per_week": 1.0},
        mechanisms={"learning": False},
    )
    clinic = lived_through(scenario)
    role = clinic.state.roles[clinic.role_names.index("counsellor")]
    days = 550
    filled = 1.0 - role["vacant_days"] / (posts * days)
    yearly = role["departures"] / (posts * days * filled) * 365.25

    shown("departures a year for each post filled", turnover, yearly)
    assert yearly == pytest.approx(turnover, rel=4 / np.sqrt(role["departures"]))
    assert 1.0 - filled == pytest.approx(
        turnover / 365.25 * lag / (1 + turnover / 365.25 * lag), rel=0.25
    )
    open_days = sum(day % 7 != 6 for day in range(days))
    per_day = (2250 * 0.634 - 60) / 6
    staffed = role["minutes_staffed"] / (posts * filled * open_days * per_day)
    shown("share of minutes staffed, sick days and leave off", 0.9 * 48 / 52, staffed)
    assert staffed == pytest.approx(0.9 * 48 / 52, abs=0.02)
