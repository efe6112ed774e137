"""Figures that are allowed and hardly meant are told, with line, what is usual, and a guess."""

from collections.abc import Callable
from typing import Any

import pytest

from txsim.catalogue import load_catalogue
from txsim.scenario import Scenario, load
from txsim.scenario.design import BLOCK_TABLES
from txsim.scenario.mistakes import known_keys
from txsim.scenario.plausibility import number_at
from txsim.scenario.plausible import plausible
from txsim.scenario.shipped import shipped_names

Loaded = Callable[[str], Scenario]

SLIPS = {
    "a wage for an hour": (
        "[staff]\ncounsellor = { posts = 8.0, wage_per_year = 31.5 }",
        3,
        "staff.counsellor.wage_per_year: 31.5 USD a year; the catalogue has 43,971 to 79,165; "
        "is it for an hour or in thousands?",
    ),
    "a wage for a month": (
        "[staff.nurse]\nposts = 3.0\nwage_per_year = 6200",
        4,
        "staff.nurse.wage_per_year: 6,200 USD a year; the catalogue has 58,132 to 104,659; "
        "is it for a month?",
    ),
    "a wage in thousands": (
        "[staff]\nprescriber = { wage_per_year = 210 }",
        3,
        "is it for an hour or in thousands?",
    ),
    "a week in hours": (
        "[staff]\nnurse = { minutes_per_week = 36 }",
        3,
        "staff.nurse.minutes_per_week: 36 minutes a week; 900 to 3,600 are plausible; "
        "is it in hours?",
    ),
    "minutes of a day": (
        "[staff]\nnurse = { minutes_per_week = 450 }",
        3,
        "is it for a day?",
    ),
    "supervision in hours": (
        "[staff]\ncounsellor = { supervision_minutes_per_week = 2 }",
        3,
        "staff.counsellor.supervision_minutes_per_week: 2 minutes; the catalogue has 33.3 to 108; "
        "is it in hours?",
    ),
    "turnover in per cent": (
        "[staff]\ncounsellor = { turnover_per_year = 35 }",
        3,
        "staff.counsellor.turnover_per_year: 35 a year; the catalogue has 0.298 to 0.537; "
        "is it in per cent?",
    ),
    "turnover for a month": (
        "[staff]\ncounsellor = { turnover_per_year = 0.03 }",
        3,
        "is it for a month or for a week?",
    ),
    "hiring in weeks": (
        "[staff]\nnurse = { hiring_lag_days = 9 }",
        3,
        "staff.nurse.hiring_lag_days: 9 days; the catalogue has 27.4 to 131; is it in weeks",
    ),
    "leave in days": (
        "[staff]\nnurse = { leave_weeks_per_year = 25 }",
        3,
        "staff.nurse.leave_weeks_per_year: 25 weeks; the catalogue has 2.7 to 5.92; is it in days?",
    ),
    "posts for a patient": (
        "[staff]\ncounsellor = { caseload = 0.025 }",
        3,
        "staff.counsellor.caseload: 0.025 people; 5 to 300 are plausible; is it posts for a "
        "patient?",
    ),
    "the same in a block of the role": (
        '[roles.counsellor]\ncaseload = { value = 0.025, unit = "people" }',
        3,
        "roles.counsellor.caseload: 0.025 people; 5 to 300 are plausible",
    ),
    "posts in hours": (
        "[staff]\ncounsellor = { posts = 320 }",
        3,
        "staff.counsellor.posts: 320 posts; up to 38.4 is plausible with 320 places; is it in "
        "hours a week",
    ),
    "a session in hours": (
        "[services.individual_counselling]\nminutes = 0.75",
        3,
        "services.individual_counselling.minutes: 0.75 minutes; 2 to 240 are plausible; is it in "
        "hours?",
    ),
    "a group in hours": (
        "[services.therapy_group]\nminutes = 1.5",
        3,
        "services.therapy_group.minutes: 1.5 minutes; 15 to 480 are plausible; is it in hours?",
    ),
    "a session in seconds": (
        "[services.individual_counselling]\nminutes = 2700",
        3,
        "is it in seconds?",
    ),
    "a rhythm in weeks": (
        "[services.individual_counselling]\nevery_days = 2",
        3,
        "services.individual_counselling.every_days: 2 days; the catalogue has 14; is it in weeks "
        "or in months?",
    ),
    "seats for everybody": (
        "[services.therapy_group]\nseats = 120",
        3,
        "services.therapy_group.seats: 120 seats; 2 to 40 are plausible",
    ),
    "groups of a year": (
        "[services.therapy_group]\nsessions_per_week = 520",
        3,
        "services.therapy_group.sessions_per_week: 520 groups a week; up to 160 is plausible with "
        "320 places",
    ),
    "a budget for a year": (
        '[services.transport_aid]\noffered = true\nmode = "van"\nbudget_per_month = 33600',
        5,
        "services.transport_aid.budget_per_month: 33,600 USD a month; one person could use up 104, "
        "and all who may have it 13,358; is it for a year",
    ),
    "a budget in thousands": (
        '[services.transport_aid]\noffered = true\nmode = "van"\nbudget_per_month = 2.8',
        5,
        "is it in thousands?",
    ),
    "a price in cents": (
        "[economics.prices.medications]\nmethadone = { cost_per_day = 320 }",
        3,
        "economics.prices.medications.methadone.cost_per_day: 320 USD a day; the catalogue has "
        "2.03 to 4.44; is it for a month, for a year or in cents?",
    ),
    "a price by its path": (
        '[economics.prices]\n"costs.urine_test" = 1500',
        3,
        "economics.prices.costs.urine_test: 1,500 USD; the catalogue has 8.33 to 27; is it in "
        "cents?",
    ),
    "a price by its bare name": (
        "[economics.prices]\nhiring = 6",
        3,
        "economics.prices.hiring: 6 USD; the catalogue has 2,739 to 13,141; is it in thousands?",
    ),
    "a price of a session": (
        "[services.contingency_management]\ncost_per_session = 500",
        3,
        "services.contingency_management.cost_per_session: 500 USD; the catalogue has 2.78 to 9; "
        "is it in cents?",
    ),
    "a fee of a month": ("[clinic.fees]\nper_day = 400", 3, "clinic.fees.per_day: 400 a day; "),
    "metres": (
        "[population.distance_km]\nmedian = 9000\np90 = 24000",
        3,
        "population.distance_km.median: 9,000 km; 0.3 to 100 are plausible; is it in metres?",
    ),
    "a tenth very far away": (
        "[population.distance_km]\nmedian = 30\np90 = 700",
        4,
        "population.distance_km.p90: 700 km; 1 to 500 are plausible",
    ),
    "arrivals of a year": (
        "[arrivals]\nper_week = 350",
        3,
        "arrivals.per_week: 350 people a week; 0.96 to 25.6 are plausible with 320 places; is it "
        "for a year?",
    ),
    "arrivals of a month": ("[arrivals]\nper_week = 30", 3, "is it for a month?"),
    "a share of per cent": (
        "[population.shares]\nstimulant_use = 0.0039",
        3,
        "population.shares.stimulant_use: 0.0039; the catalogue has 0.39",
    ),
    "a year of one day": ("[horizon]\ndays = 1", 3, "is it in months or in years?"),
    "a share divided by a hundred twice": (
        "[clinic]\ncaseload_at_start = 0.0095",
        3,
        "clinic.caseload_at_start: 0.0095; 0.01 to 1 are plausible",
    ),
    "a year of twelve": ("[horizon]\nfollow_up_days = 12", 3, "is it in weeks or in months?"),
    "a review a month": (
        "[plan]\nreview_every_days = 1",
        3,
        "1 day; 5 to 366 are plausible; is it in weeks,",
    ),
    "a supply for a year": (
        "[medication]\ntake_home = [{ from_day = 0, days_per_visit = 365 }]",
        3,
        "medication.take_home[1].days_per_visit: 365 days; 1 to 31 are plausible",
    ),
    "a figure of the model": (
        "[model]\nlearning_days = 3",
        3,
        "model.learning_days: 3 days; the catalogue has 41.1 to 197; is it in weeks or in months?",
    ),
    "a rate in another unit": (
        '[medications.methadone]\nphases = [{ from_day = 0, dropout = { value = 2.0, unit = "per '
        'week" } }]',
        3,
        "medications.methadone.phases[1].dropout: 2 a week; the catalogue has 0.00263 to 0.00702 "
        "per day",
    ),
    "an effect of one's own": (
        "[effects.override.individual_counselling.use]\nodds_ratio = 0.2",
        3,
        "effects.override.individual_counselling.use.odds_ratio: odds ratio 0.2; the catalogue has "
        "0.671 to 1.21",
    ),
    "a new role": (
        '[roles.music_teacher]\nlabel = "Music teacher"\nwage_per_year = 24',
        4,
        "roles.music_teacher.wage_per_year: 24 USD a year; 15,000 to 600,000 are plausible; is it "
        "for an hour or in thousands?",
    ),
    "a new service": (
        '[services.choir]\nlabel = "Choir"\nkind = "group"\nseats = 20\nminutes = 1.5',
        6,
        "services.choir.minutes: 1.5 minutes; 15 to 480 are plausible; is it in hours?",
    ),
    "a new service's effect": (
        '[services.choir]\nlabel = "Choir"\nraises = { social_support = 5 }',
        4,
        "services.choir.raises.social_support: 5 sd units; -2 to 2 are plausible",
    ),
}


@pytest.mark.parametrize(("text", "line", "told"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_with_its_line_and_what_is_usual(
    loaded: Loaded, text: str, line: int, told: str
) -> None:
    (warning, *more) = [
        one for one in loaded(f'extends = "baseline"\n{text}\n').warnings if told in one
    ]

    assert warning.startswith(f"mine.toml:{line}: ")
    assert more == []


@pytest.mark.parametrize(
    "text",
    [
        "[staff]\ncounsellor = { wage_per_year = 15000, turnover_per_year = 1.6 }",
        "[staff]\ncounsellor = { wage_per_year = 237000, turnover_per_year = 0.1 }",
        "[staff]\ncounsellor = { caseload = 0, hiring_lag_days = 350 }",
        "[services.individual_counselling]\nminutes = 20\nevery_days = 60",
        "[services.therapy_group]\nsessions_per_week = 1\nseats = 25",
        '[services.transport_aid]\noffered = true\nmode = "ride"\nbudget_per_month = 12000',
        "[services.transport_aid]\noffered = true\nbudget_per_month = 0",
        "[economics.prices.medications]\nmethadone = { cost_per_day = 12 }",
        "[population.distance_km]\nmedian = 90\np90 = 400",
        "[population.shares]\nfentanyl = 0.9\nhousing = 0.3",
        "[arrivals]\nper_week = 20",
        "[clinic]\nplaces = 12\n[arrivals]\nper_week = 2\n[staff]\ncounsellor = { posts = 2 }",
        "[model]\nlearning_days = 180",
        '[plan]\npolicy = "generic"\n[services.transport_aid]\noffered = true\n'
        "budget_per_month = 33000",
    ],
)
def test_what_some_clinic_may_be_like_is_not_remarked_on(loaded: Loaded, text: str) -> None:
    assert loaded(f'extends = "baseline"\n{text}\n').warnings == ()


def test_three_times_the_limits_is_the_last_figure_that_passes(loaded: Loaded) -> None:
    low, high = load_catalogue().roles["nurse"].wage_per_year.limits or (0.0, 0.0)

    def warned(wage: float) -> bool:
        text = f'extends = "baseline"\n[staff]\nnurse = {{ wage_per_year = {wage} }}\n'
        return bool(loaded(text).warnings)

    assert not warned(low / 3.0 * 1.001)
    assert warned(low / 3.0 * 0.999)
    assert not warned(high * 3.0 * 0.999)
    assert warned(high * 3.0 * 1.001)


def test_a_figure_is_held_against_the_places_of_its_own_clinic(loaded: Loaded) -> None:
    small = 'extends = "baseline"\nclinic.places = 60\narrivals.per_week = 20\n'

    (told,) = [one for one in loaded(small).warnings if "per_week" in one]

    assert "up to" not in told
    assert "0.18 to 4.8 are plausible with 60 places" in told


def test_what_is_inherited_is_told_in_the_file_that_says_it(
    write: Callable[..., Any],
) -> None:
    write('extends = "baseline"\n[staff]\nnurse = { wage_per_year = 40 }\n', "ours.toml")

    (told,) = load(write('extends = "ours.toml"\ntitle = "More"\n', "more.toml")).warnings

    assert told.startswith("ours.toml:3: staff.nurse.wage_per_year: 40 USD a year; ")


def test_a_change_made_in_python_is_held_to_the_same(loaded: Loaded) -> None:
    design = load("baseline").with_changes(staff={"nurse": {"wage_per_year": 40}})

    assert [one for one in design.warnings if "wage_per_year: 40 USD a year" in one]


@pytest.mark.parametrize("name", shipped_names())
def test_everything_that_a_shipped_design_says_is_plausible(name: str) -> None:
    everything = load(name).with_changes(name="all")

    assert everything.warnings == ()


def test_every_range_is_for_something_that_can_be_said() -> None:
    catalogue = load_catalogue()
    for declared in plausible().ranges:
        for key in declared.keys:
            table, *rest = key.split(".")
            if table in BLOCK_TABLES and "*" in rest:
                places = [place for place in _places(catalogue, (table, *rest))]
                assert any(number_at(catalogue, place) is not None for place in places), key
            else:
                parent = tuple(part for part in (table, *rest)[:-1] if part != "*")
                assert rest[-1] in _keys(parent), key
        if declared.per:
            assert isinstance(load("baseline").value(declared.per), int)


def _keys(parent: tuple[str, ...]) -> list[str]:
    if parent == ("medication", "take_home"):
        return ["from_day", "days_per_visit", "clean"]
    return known_keys(Scenario, parent)


def _places(catalogue: Any, pattern: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Every place that a pattern stands for in the shipped catalogue."""
    found: list[tuple[Any, Any]] = [((), catalogue)]
    for part in pattern:
        step: list[tuple[Any, Any]] = []
        for place, here in found:
            if isinstance(here, dict):
                step += [((*place, key), one) for key, one in here.items() if part in ("*", key)]
            elif isinstance(here, tuple):
                step += [((*place, number), one) for number, one in enumerate(here)]
            else:
                step.append(((*place, part), getattr(here, part, None)))
        found = step
    return [place for place, _ in found]
