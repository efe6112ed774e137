"""Roles that could never be asked for a quarter of their time are told before anything is run."""

from collections.abc import Callable

import pytest

from txsim.scenario import Scenario, load
from txsim.scenario.idle import hardly_asked_for, minutes_for_patients, most_asked_for
from txsim.scenario.shipped import shipped_names

Loaded = Callable[[str], Scenario]


@pytest.mark.parametrize("name", shipped_names())
def test_nothing_is_said_of_a_shipped_design(name: str) -> None:
    assert hardly_asked_for(load(name)) == []


def test_sessions_of_a_minute_leave_their_counsellors_idle(loaded: Loaded) -> None:
    """Six minutes with notes, for 320 people every 11.9 days; ten groups of 95 minutes; intakes."""
    design = loaded(
        'extends = "baseline"\n[services.individual_counselling]\nminutes = 1.0\n'
        "[staff]\ncounsellor = { posts = 9.5 }\n"
    )
    (told,) = hardly_asked_for(design)
    gap = 0.7 * 14 + 0.3 * 7
    asked = 6 * 320 * 7 / gap + 10 * 95 + design.arrivals.per_week * 65

    assert most_asked_for(design, "counsellor") == pytest.approx(asked)
    assert (told.file, told.line, told.path) == ("mine.toml", 5, "staff.counsellor")
    assert f"{asked:,.0f} minutes a week would be asked for of the 12,982" in told.message


def test_minutes_for_patients_are_what_meetings_and_supervision_leave() -> None:
    roles = load("baseline").catalogue.roles

    assert minutes_for_patients(roles["counsellor"]) == pytest.approx(2250 * 0.634 - 60)
    assert minutes_for_patients(roles["nurse"]) == pytest.approx(2250 * 0.75)


@pytest.mark.parametrize(
    "text",
    [
        "[staff]\nnurse = { posts = 40 }",  # must be there while doses are given
        "[staff]\nfront_desk = { posts = 0.5 }\n[services.reminders]\noffered = true",
        '[services.therapy_group]\nmay_also = ["therapist"]\n[staff]\ntherapist = { posts = 1 }',
        "[clinic]\ncaseload_at_start = 0.1\n[services.individual_counselling]\nminutes = 2",
        "[staff]\ntherapist = { posts = 0 }",
    ],
)
def test_who_is_there_for_another_reason_is_not_idle(loaded: Loaded, text: str) -> None:
    assert hardly_asked_for(loaded(f'extends = "baseline"\n{text}\n')) == []


def test_posts_that_nothing_asks_for_are_idle(loaded: Loaded) -> None:
    (told,) = hardly_asked_for(loaded('extends = "baseline"\n[staff]\ndriver = { posts = 1 }\n'))

    assert told.path == "staff.driver"
    assert "0 minutes a week" in told.message
