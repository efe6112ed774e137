"""Doses under observation never wait for staff, and what that takes has its price."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from txsim.economics import Prices, agency_cost, cost_of_run, overtime_cost
from txsim.run import Run, run
from txsim.scenario import Scenario

from ..model.small_clinics import baseline, compiled_only, small

pytestmark = compiled_only

WAYS = ("overtime", "agency", "close intake")
REPLICATIONS = 3


def short(way: str, **changes: Any) -> Scenario:
    """The small clinic with a nurse for two days a week, on methadone alone."""
    return (
        small()
        .with_changes(
            name=way,
            clinic={"when_dosing_runs_short": way},
            staff={"nurse": {"posts": 0.3}},
            medication={"assign": {"methadone": 1.0}},
        )
        .with_changes(name=way, **changes)
    )


@cache
def held(way: str, posts: float = 0.3) -> list[Run]:
    scenario = short(way, staff={"nurse": {"posts": posts}})
    return [run(scenario, n, uncertainty=False) for n in range(REPLICATIONS)]


def of(runs: list[Run], service: str, tally: str) -> float:
    place = list(runs[0].scenario.catalogue.services).index(service)
    return float(sum(one.services[tally][place] for one in runs))


def nurses(runs: list[Run], tally: str) -> float:
    place = list(runs[0].scenario.catalogue.roles).index("nurse")
    return float(sum(one.roles[tally][place] for one in runs))


def cost(runs: list[Run]) -> float:
    return sum(cost_of_run(one).staff for one in runs)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("posts", [0.0, 0.3])
def test_no_dose_waits_for_staff(way: str, posts: float) -> None:
    runs = held(way, posts)

    assert of(runs, "dosing", "waited") == 0.0
    assert of(runs, "dosing", "kept") > 0.85 * of(runs, "dosing", "due") > 1000
    assert of(runs, "dosing", "beyond_minutes") > 0.0
    for one in runs:
        assert one.days["medicated"][30:].min() > 0


@pytest.mark.parametrize("way", WAYS)
def test_every_minute_beyond_those_staffed_is_overtime_or_an_agency_s(way: str) -> None:
    runs = held(way)
    minutes = runs[0].scenario.catalogue.services["dosing"].minutes
    beyond = minutes * of(runs, "dosing", "beyond_minutes")

    assert nurses(runs, "minutes_agency") > 0.0
    assert (nurses(runs, "minutes_overtime") == 0.0) == (way == "agency")
    # A nurse who stays on may use up a minute or two that were too few for a dose.
    assert nurses(runs, "minutes_overtime") + nurses(runs, "minutes_agency") == pytest.approx(
        beyond, rel=0.05
    )


def test_doses_beyond_minutes_cost_overtime_or_the_agency_s_price() -> None:
    ample = short("overtime", staff={"nurse": {"posts": 5.0, "turnover_per_year": 0.0}})
    enough = [run(ample, n, uncertainty=False) for n in range(REPLICATIONS)]
    posts = REPLICATIONS * (5.0 - 0.3) * nurse_post_cost(ample)
    overtime, agency = held("overtime"), held("agency")
    paid = {
        way: sum(
            365.0 / account.days * pay(account, Prices.of_run(one))
            for one in runs
            for account in one.accounts
            for pay in (overtime_cost, agency_cost)
        )
        for way, runs in (("overtime", overtime), ("agency", agency))
    }

    assert of(enough, "dosing", "beyond_minutes") == 0.0
    assert 0.0 < paid["overtime"] < paid["agency"]
    assert cost(overtime) - (cost(enough) - posts) == pytest.approx(paid["overtime"], rel=0.2)


def nurse_post_cost(scenario: Scenario) -> float:
    costs, nurse = scenario.catalogue.costs, scenario.catalogue.roles["nurse"]
    return nurse.wage_per_year.value * (1 + costs.fringe.value) * (1 + costs.overhead.value)


def test_people_are_the_same_whoever_gives_the_dose() -> None:
    for one, other in zip(held("overtime"), held("agency"), strict=True):
        assert one.calendar.tobytes() == other.calendar.tobytes()


def test_intake_closes_while_doses_ask_for_more_than_there_is() -> None:
    closed, open_ = held("close intake"), held("overtime")

    assert sum(one.days["intake_closed"].sum() for one in closed) > 60
    assert sum(one.days["intake_closed"].sum() for one in open_) == 0
    admitted = [sum(one.days["admitted"].sum() for one in runs) for runs in (closed, open_)]
    assert admitted[0] < 0.5 * admitted[1]
    assert cost(closed) < cost(open_)


def test_intake_stays_open_where_nurses_suffice() -> None:
    ample = short("close intake", staff={"nurse": {"posts": 5.0, "turnover_per_year": 0.0}})

    assert run(ample, uncertainty=False).days["intake_closed"].sum() == 0


def test_those_who_stay_on_go_home_when_the_house_closes() -> None:
    """Half a nurse, open for twelve hours: 720 minutes a day at most; an agency for the rest."""
    place = list(small().catalogue.roles).index("nurse")
    for one in held("overtime"):
        days = len(one.calendar)
        assert one.roles["minutes_used"][place] <= 720.0 * days
        assert one.roles["minutes_agency"][place] > 0.0, "when the nurse is away"


def test_whoever_comes_for_a_dose_is_not_sent_home() -> None:
    """Where more is booked than fits, the time of nurses may be up when somebody comes."""
    scenario = short("overtime", clinic={"overbooking_share": 0.5})
    runs = [run(scenario, n, uncertainty=False) for n in range(REPLICATIONS)]

    assert of(runs, "dosing", "waited") == 0.0
    assert of(runs, "dosing", "beyond_minutes") > 0.0


def test_other_sessions_of_a_nurse_still_wait() -> None:
    assert of(held("overtime"), "overdose_education_naloxone", "waited") > 0.0


def test_buprenorphine_is_prescribed_and_its_visits_wait() -> None:
    scenario = short(
        "overtime",
        medication={"assign": {"buprenorphine": 1.0}},
        staff={"prescriber": {"posts": 0.05}},
    )
    runs = [run(scenario, uncertainty=False)]

    assert of(runs, "medical_management", "waited") > 0.0
    assert of(runs, "medical_management", "beyond_minutes") == 0.0


def test_people_who_wait_on_interim_doses_are_not_turned_away() -> None:
    scenario = short("overtime", clinic={"places": 20, "waiting_list": {"interim_dosing": True}})
    runs = [run(scenario, uncertainty=False)]

    assert of(runs, "dosing", "waited") == 0.0
    assert runs[0].days["waiting"].max() > 5


def test_a_shortage_of_a_few_weeks_is_told_after_a_run() -> None:
    from txsim.compare import compare

    notes = compare([short("close intake")], replications=4, workers=1).notes

    assert any("doses under observation were given in overtime or by an agency" in n for n in notes)
    assert any(n.startswith("Intake was closed on ") for n in notes)
    assert any("doses take overtime or an agency" in n for n in notes)


def test_without_a_nurse_the_check_says_who_gives_the_doses() -> None:
    without = baseline().with_changes(staff={"nurse": {"posts": 0.0}})

    assert any(
        "offered, but there is no nurse post to give it; doses under observation are given by an "
        "agency" in warning
        for warning in without.warnings
    )
    assert np.isfinite(cost(held("agency", 0.0)))


def test_doses_have_their_price_where_posts_have_no_minutes() -> None:
    """An agency is then paid by the minutes of a usual post."""
    idle = run(short("agency", staff={"nurse": {"minutes_per_week": 0.0}}), uncertainty=False)
    place = list(idle.scenario.catalogue.roles).index("nurse")
    minutes = sum(float(one.used.roles["minutes_agency"][place]) for one in idle.accounts)
    wage = idle.scenario.catalogue.roles["nurse"].wage_per_year.value
    by_the_minute = idle.scenario.catalogue.costs.agency_pay.value * wage / (2250.0 * 365.0 / 7.0)

    paid = sum(agency_cost(one, Prices.of_run(idle)) for one in idle.accounts)

    assert minutes > 0.0
    assert paid == pytest.approx(minutes * by_the_minute)
