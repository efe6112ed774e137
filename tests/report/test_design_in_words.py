"""What differs between two designs is said in words, all of it and nothing else."""

import pytest

from txsim.report.design_in_words import described, differences, in_one_line, label
from txsim.scenario import Scenario, load, shipped_names


def test_a_design_is_called_by_its_file(baseline: Scenario) -> None:
    assert label(load("case-management")) == "Case management"
    assert label(baseline.with_changes(name="van_2027")) == "Van 2027"


def test_the_same_design_differs_in_nothing(baseline: Scenario) -> None:
    assert differences(baseline, baseline) == []
    assert in_one_line(baseline, baseline) == "Exactly as Baseline."


def test_a_service_a_post_and_its_price_are_named(baseline: Scenario) -> None:
    van = baseline.with_changes(
        name="van",
        services={"transport_aid": {"offered": True, "mode": "van", "budget_per_month": 7000.0}},
        staff={"counsellor": {"posts": 6.0}},
    )
    found = differences(baseline, van)
    assert found == [
        "transport aid (the clinic's van, USD\u00a07,000 a month)",
        "6 counsellor posts instead of 7",
    ]
    assert in_one_line(baseline, van) == f"As Baseline, but with {'; '.join(found)}."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"clinic": {"places": 400}}, "400 treatment slots instead of 320"),
        ({"arrivals": {"per_week": 12.5}}, "12.5 people asking for treatment a week instead of 9"),
        ({"staff": {"nurse": {"posts": 0.0}}}, "no nurse (instead of 3 posts)"),
        ({"staff": {"peer_worker": {"posts": 1.0}}}, "1 post for a peer worker"),
        (
            {"staff": {"counsellor": {"caseload": 35.0}}},
            "counsellor: caseload 35 instead of 50",
        ),
        (
            {"staff": {"counsellor": {"supervision_minutes_per_week": 120.0}}},
            "counsellor: supervision minutes per week 120 instead of 60",
        ),
        (
            {"services": {"individual_counselling": {"may_also": ["therapist", "case_manager"]}}},
            "individual counselling: a therapist or case manager may stand in",
        ),
        ({"services": {"therapy_group": {"offered": False}}}, "no therapy group"),
        (
            {"services": {"individual_counselling": {"minutes": 30.0}}},
            "individual counselling: minutes 30 instead of 45",
        ),
        ({"plan": {"policy": "matched"}}, "plans matched to assessed need"),
        (
            {"medication": {"assign": {"buprenorphine": 1.0, "methadone": 0.0}}},
            "medication: buprenorphine for 100 of 100",
        ),
        (
            {"medication": {"taper": {"from_day": 90, "days": 30}}},
            "medication tapered off from day 90 over 30 days",
        ),
        ({"medication": {"assign": "by preference"}}, "medication by preference"),
        ({"clinic": {"waiting_list": {"interim_dosing": True}}}, "medication while people wait"),
        (
            {"clinic": {"waiting_list": {"same_day_start": 0.5}}},
            "intake on the same day for 50 of 100 people instead of 0",
        ),
        (
            {"clinic": {"open_days": ["mon", "tue", "wed", "thu", "fri"]}},
            "open Monday to Friday instead of Monday to Saturday",
        ),
        (
            {"clinic": {"open_days": ["mon", "wed"]}},
            "open Monday and Wednesday instead of Monday to Saturday",
        ),
        ({"clinic": {"fees": {"per_day": 5.0}}}, "5 a day in fees instead of 0"),
        (
            {"rules": {"discharge_after_missed_days": 0}},
            "never discharge after 30 missed days",
        ),
        (
            {"rules": {"positive_urines_in_a_row": 3}},
            "discharge after 3 positive urines in a row instead of never",
        ),
        ({"effects": {"grades": "AB"}}, "only effects of grade A or B"),
        ({"change": {"from_week": 8}}, "the change beginning in week 8"),
        (
            {"clinic": {"caseload_at_start": 0.5}},
            "caseload at start 0.5 instead of 0.95",
        ),
        (
            {"services": {"cbt": {"offered": True}}, "staff": {"therapist": {"posts": 1.0}}},
            "1 post for a therapist",
        ),
    ],
)
def test_every_kind_of_change_has_its_words(
    baseline: Scenario, changes: dict[str, object], said: str
) -> None:
    assert said in differences(baseline, baseline.with_changes(name="other", **changes))


def test_one_change_is_one_phrase(baseline: Scenario) -> None:
    for changes in (
        {"clinic": {"places": 400}},
        {"staff": {"counsellor": {"posts": 8.0}}},
        {"effects": {"grades": "AB"}},
        {"services": {"cbt": {"offered": True}}},
    ):
        other = baseline.with_changes(name="other", **changes)
        assert len(differences(baseline, other)) == 1


def test_own_services_entries_and_figures_are_named(baseline: Scenario) -> None:
    other = baseline.with_changes(
        name="other",
        services={
            "music": {
                "label": "Music therapy",
                "role": "counsellor",
                "kind": "group",
                "minutes": 60.0,
                "seats": 10,
                "offered": True,
                "raises": {"social_support": 0.03},
                "source": "assumption",
            }
        },
        diagnoses={"grief": {"label": "Prolonged grief", "source": "assumption"}},
        effects={
            "override": {"therapy_group": {"dropout": {"hazard_ratio": 0.9}}},
        },
    )
    found = differences(baseline, other)
    assert "music therapy (10 seats)" in found or any("music therapy" in one for one in found)
    assert 'a diagnosis of its own, "Prolonged grief"' in found
    assert any(one.startswith("its own figure for the effect of therapy group") for one in found)
    assert len(found) == 3


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_design_can_be_described(name: str, baseline: Scenario) -> None:
    scenario = load(name)
    assert described(scenario).endswith(".")
    assert "treatment slots" in described(scenario)
    if scenario.digest != baseline.digest:
        assert differences(baseline, scenario)
        assert differences(scenario, baseline)


def test_words_go_both_ways(baseline: Scenario) -> None:
    other = baseline.with_changes(
        name="other",
        services={"case_management": {"offered": True}},
        staff={"counsellor": {"posts": 6.0}},
    )
    assert differences(other, baseline) == [
        "no case management",
        "7 counsellor posts instead of 6",
    ]


def test_a_cohort_is_described_as_one(baseline: Scenario) -> None:
    cohort = baseline.with_changes(name="trial", arrivals={"cohort": 300})
    assert "300 people who all ask on the first day" in described(cohort)


def test_medication_is_told_for_each_substance() -> None:
    said = described(load("dual-diagnosis"))
    assert (
        "for opioids methadone for 50 of 100 and buprenorphine for 50 of 100; for alcohol" in said
    )
    assert "no medication for 50 of 100" in said
    assert "for opioids" not in described(load("baseline"))
