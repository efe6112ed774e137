"""Opening hours bound what can be done in a day, and longer ones need staff."""

from __future__ import annotations

from datetime import time
from typing import Any

import numpy as np
import pytest

from txsim.catalogue import load_catalogue
from txsim.economics import cost_of_run
from txsim.parameters.draw import CENTRE as CENTRAL
from txsim.parameters.opening_hours import hours_on_duty, hours_outside, schedule_relief
from txsim.parameters.reader import Reading
from txsim.parameters.tables import dosing_week, parameters_of
from txsim.run import Run, run
from txsim.scenario import Scenario
from txsim.scenario.schema import Hours
from txsim.workload import HOURS, weekly_load

from ..model.small_clinics import baseline, compiled_only, small

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def opened(clinic: Scenario, opens: time, closes: Any, **more: Any) -> Scenario:
    return clinic.with_changes(
        name="other", clinic={"hours": {"opens": opens, "closes": closes}, **more}
    )


def minutes_of(clinic: Scenario) -> dict[str, float]:
    """Minutes that posts have for patients in a week, by role."""
    return {
        one.role: one.staffed
        for one in weekly_load(clinic)
        if one.role in clinic.catalogue.roles and one.staffed > 0.0
    }


def relief_of(clinic: Scenario) -> float:
    return schedule_relief(Reading(clinic, CENTRAL))


def kept(held: Run) -> float:
    return float(held.services["kept"].sum())


# --- the clock


@pytest.mark.parametrize(
    ("opens", "closes", "minutes", "in_working_hours"),
    [
        (time(5, 30), time(17, 30), 720.0, 480.0),
        (time(9), time(17), 480.0, 480.0),
        (time(8), time(8, 1), 1.0, 0.0),
        (time(22), time(6), 480.0, 0.0),
        (time(22), time(10), 720.0, 60.0),
        (time(16), time(10), 1080.0, 120.0),
        (time(0), "24:00", 1440.0, 480.0),
        (time(18), "24:00", 360.0, 0.0),
        (time(0), time(23, 59), 1439.0, 480.0),
    ],
)
def test_hours_may_end_at_midnight_or_go_beyond_it(
    opens: time, closes: Any, minutes: float, in_working_hours: float
) -> None:
    hours = Hours(opens=opens, closes=closes)

    assert hours.minutes == minutes
    assert hours.minutes_in_working_hours == in_working_hours


def test_hours_over_midnight_are_lived_through_and_sent_as_they_are() -> None:
    import pickle

    for opens, closes in ((time(22), time(6)), (time(0), "24:00")):
        night = opened(small(), opens, closes)
        assert pickle.loads(pickle.dumps(night)) == night
        assert Scenario.model_validate(night.values()).clinic.hours == night.clinic.hours
        assert kept(run(night, uncertainty=False)) > 1000


# --- minutes of a day


def test_posts_work_no_longer_than_the_house_is_open() -> None:
    """A whole post's week of 37.5 hours fits twelve hours a day, and a third of it two hours."""
    whole = minutes_of(small())
    two_hours = minutes_of(opened(small(), time(8), time(10)))
    mondays = minutes_of(small().with_changes(clinic={"open_days": ["mon"]}))

    # One whole post and a half one work 720 minutes each.
    assert two_hours["counsellor"] == pytest.approx(whole["counsellor"] * 1440 / (1.5 * 2250))
    assert mondays["counsellor"] == pytest.approx(two_hours["counsellor"])
    # A fifth of a post works as long on a Monday as in a week, and not in two hours a day of six.
    assert mondays["prescriber"] == two_hours["prescriber"] == pytest.approx(whole["prescriber"])


def test_more_open_hours_never_give_more_minutes_than_the_posts_have() -> None:
    before: dict[str, float] = {}
    for hours in (1, 2, 4, 8, 12, 18, 24):
        closes = "24:00" if hours == 24 else time(hours)
        now = minutes_of(opened(small(), time(0), closes, open_days=WEEK))
        assert all(now[role] >= before.get(role, 0.0) for role in now)
        before = now
        if hours == 8:
            usual = now

    assert before == usual == pytest.approx(minutes_of(small()))


@compiled_only
def test_minutes_worked_are_those_told() -> None:
    """Staff who never leave and are never away, on Mondays from eight to ten."""
    steady = {
        role: {"turnover_per_year": 0.0, "leave_weeks_per_year": 0.0}
        for role in ("counsellor", "nurse", "prescriber")
    }
    clinic = opened(small(), time(8), time(10), open_days=["mon"]).with_changes(
        staff=steady, roles={role: {"sick_share": 0.0} for role in steady}
    )
    held = run(clinic, uncertainty=False)
    told = minutes_of(clinic)
    mondays = -(-len(held.calendar) // 7)
    for role, tally in zip(clinic.catalogue.roles, held.roles, strict=True):
        assert tally["minutes_staffed"] == pytest.approx(mondays * told.get(role, 0.0))
        assert tally["minutes_used"] - tally["minutes_overtime"] <= tally["minutes_staffed"] + 1e-6


@compiled_only
def test_overtime_ends_when_the_house_closes() -> None:
    """No post works longer than the house is open, overtime included."""
    clinic = opened(small(), time(8), time(11), overtime_share=0.5)
    held = run(clinic, uncertainty=False)
    open_days = sum(day % 7 < 6 for day in range(len(held.calendar)))
    for role, tally in zip(clinic.catalogue.roles, held.roles, strict=True):
        posts = clinic.staff[role].posts if role in clinic.staff else 0.0
        assert tally["minutes_used"] <= open_days * 180.0 * np.ceil(posts) + 1e-6


@compiled_only
def test_a_clinic_of_one_minute_does_nothing() -> None:
    clinic = opened(small(), time(8), time(8, 1), open_days=["mon"])
    held = run(clinic, uncertainty=False)

    assert kept(held) == 0.0
    assert held.days["admitted"].sum() == 0
    assert held.days["in_care"][-1] == 0
    assert len(clinic.warnings) == 4
    assert (
        "clinic.hours: posts (counsellor) would have to work 37.5 hours on one day of 1 minute; "
        "what does not fit into these is lost" in clinic.warnings[0]
    )
    assert clinic.warnings[3].endswith(
        "the clinic is open for 1 minute a day, so what takes longer is never held: "
        "intake_assessment (1 hour), dosing (4 minutes), medical_management (17.5 minutes), "
        "individual_counselling (45 minutes), therapy_group (1.5 hours), "
        "overdose_education_naloxone (8 minutes)"
    )


@compiled_only
def test_two_hours_a_day_hold_fewer_sessions_than_twelve() -> None:
    counselling = list(small().catalogue.services).index("individual_counselling")
    held = [
        run(opened(small(), time(8), closes), uncertainty=False) for closes in (time(10), time(20))
    ]

    assert held[0].services["kept"][counselling] < 0.6 * held[1].services["kept"][counselling]


def test_what_does_not_fit_is_told_and_what_fits_is_not() -> None:
    assert small().warnings == ()
    mondays = small().with_changes(clinic={"open_days": ["mon"]}).warnings
    assert [one.partition(": ")[2] for one in mondays] == [
        "clinic.open_days: posts (counsellor) would have to work 37.5 hours on one day of 12 "
        "hours; what does not fit into these is lost",
        "clinic.open_days: posts (nurse) would have to work 18.8 hours on one day of 12 hours; "
        "what does not fit into these is lost",
    ]
    all_day = opened(small(), time(8), time(8), open_days=["mon", "tue"]).warnings
    assert "open round the clock" in all_day[0]
    assert all_day[1].endswith("posts (counsellor) would have to work 18.8 hours on each of 2 days")


# --- hours outside nine to five


def test_hours_relieve_as_far_as_they_are_staffed() -> None:
    """At 50 places a worker on duty, 320 places take 6.4 at any time; 13 posts work 488 hours."""
    on_duty = hours_on_duty(Reading(baseline(), CENTRAL))
    late = opened(baseline(), time(5, 30), time(20))
    more = late.with_changes(staff={"nurse": {"posts": 5.0}})

    assert on_duty == pytest.approx(13.0 * 37.5)
    assert hours_outside(Reading(baseline(), CENTRAL)) == (4.0, 4.0)
    assert hours_outside(Reading(late, CENTRAL)) == pytest.approx(
        (6.5, (on_duty - 6.4 * 48) / (6.4 * 6))
    )
    assert relief_of(baseline()) == pytest.approx(4.0 * 0.06)
    assert relief_of(baseline()) < relief_of(late) < relief_of(more)
    assert relief_of(more) == pytest.approx(6.5 * 0.06)


def test_hours_beyond_those_staffed_gain_nothing() -> None:
    reliefs = [
        relief_of(opened(baseline(), time(5, 30), closes))
        for closes in (time(20), time(22), time(3))
    ]

    assert reliefs == pytest.approx([reliefs[0]] * 3)
    round_the_clock = opened(baseline(), time(0), "24:00", open_days=WEEK)
    assert relief_of(round_the_clock) < relief_of(baseline())
    (told,) = [one for one in weekly_load(round_the_clock) if one.role == HOURS]
    assert told.needed == 16.0
    assert told.is_too_much
    rich = {role: {"posts": 40.0} for role in ("counsellor", "nurse", "prescriber")}
    assert relief_of(round_the_clock.with_changes(staff=rich)) == 0.9


def test_hours_closed_between_nine_and_five_burden_as_much() -> None:
    nine_to_five = opened(baseline(), time(9), time(17))
    mornings = opened(baseline(), time(9), time(12))
    nobody = nine_to_five.with_changes(staff={role: {"posts": 0.0} for role in baseline().staff})

    assert relief_of(nine_to_five) == relief_of(nobody) == 0.0
    assert relief_of(mornings) == pytest.approx(-5.0 * 0.06)
    night = opened(baseline(), time(22), time(6))
    assert relief_of(night) == pytest.approx(0.0)
    few = {role: {"posts": 1.0} for role in baseline().staff}
    assert relief_of(night.with_changes(staff=few)) < -0.3


def test_staff_who_see_nobody_staff_no_hours() -> None:
    late = opened(baseline(), time(5, 30), time(20))

    assert relief_of(late.with_changes(staff={"driver": {"posts": 9.0}})) == relief_of(late)


# --- closed days


@pytest.mark.parametrize(
    ("open_days", "closed_days", "dosing"),
    [
        (WEEK[:6], 1, [1, 1, 1, 1, 1, 1, 0]),
        (WEEK[:6], 0, [1] * 7),
        (WEEK[:5], 1, [1, 1, 1, 1, 1, 0, 1]),
        (WEEK[:5], 2, [1, 1, 1, 1, 1, 0, 0]),
        (["mon"], 1, [1, 0, 1, 1, 1, 1, 1]),
        (["mon"], 6, [1, 0, 0, 0, 0, 0, 0]),
        (["mon", "thu"], 1, [1, 0, 1, 1, 0, 1, 1]),
    ],
)
def test_doses_are_given_on_closed_days_for_which_none_may_be_taken_home(
    open_days: list[str], closed_days: int, dosing: list[int]
) -> None:
    opening = np.array([day in open_days for day in WEEK], np.uint8)

    assert dosing_week(opening, closed_days).tolist() == dosing


@compiled_only
@pytest.mark.parametrize("rules", [*load_catalogue().take_home, "two closed days"])
@pytest.mark.parametrize("open_days", [WEEK[:6], WEEK[:5], ["mon", "thu"], ["mon"]])
def test_no_more_doses_are_taken_home_than_the_rules_allow(
    rules: str, open_days: list[str]
) -> None:
    """Nobody new is supplied for longer than the first step and the closed days say."""
    from txsim.clinic import Clinic

    own = {"label": "x", "closed_days": 2, "steps": [{"from_day": 0, "days_per_visit": 1.0}]}
    clinic = Clinic(
        small().with_changes(
            horizon={"start": "empty"},
            clinic={"open_days": open_days},
            take_home={"two closed days": own},
            medication={"take_home": rules, "assign": {"methadone": 1.0}},
        )
    )
    steps = clinic.design.take_home_rules.steps
    most = int(np.ceil(steps[0].days_per_visit)) + clinic.design.take_home_rules.closed_days
    longest = 0
    while clinic.day < 50:
        clinic.step()
        patients = clinic.state.patients
        new = (clinic.day - patients["since"] <= 7) & (patients["dose_since"] >= 0)
        if new.any():
            longest = max(longest, int((patients["supplied_until"][new] - clinic.day + 1).max()))
    clinic.close()

    assert 1 <= longest <= most
    assert clinic.state.days["medicated"][40:50].min() > 0


@compiled_only
def test_closing_four_days_costs() -> None:
    """The doses of closed days are given all the same, beyond what anybody is staffed for."""
    closed = baseline().with_changes(clinic={"open_days": ["mon", "thu"]})
    held = {
        one.name: [run(one, n, uncertainty=False) for n in range(3)]
        for one in (baseline(), closed.with_changes(name="x"))
    }
    today, four = held["baseline"], held["x"]
    staff = [np.mean([cost_of_run(one).staff for one in some]) for some in (today, four)]
    beyond = [sum(one.services["beyond_minutes"].sum() for one in some) for some in (today, four)]

    assert staff[1] > 1.03 * staff[0]
    assert beyond[1] > 3.0 * beyond[0]


@compiled_only
def test_what_is_prescribed_bridges_every_closed_day() -> None:
    held = run(
        small().with_changes(
            clinic={"open_days": ["mon"]},
            medication={"assign": {"buprenorphine": 1.0}},
            medications={"buprenorphine": {"days_per_visit": 3.0}},
        ),
        uncertainty=False,
    )
    ends = held.patients["supplied_until"][held.patients["supplied_until"] > 0]

    assert held.services["beyond_minutes"].sum() == 0.0
    assert ends.size > 10
    assert set(ends % 7) == {0}


def test_parameters_hold_the_hours_that_are_staffed() -> None:
    assert parameters_of(baseline(), CENTRAL).hours_outside == (4.0, 4.0)
