"""The weak numbers named are those behind what differs, with what they rest on."""

import re

from txsim.report.sections import assumptions
from txsim.report.view import View
from txsim.scenario import Scenario, load

from .made_up import MadeUp, made_up


def test_only_what_differs_is_named(two: MadeUp) -> None:
    found = assumptions.weak_numbers(View(two))
    assert {one.of for one in found} == {"Transport aid"}
    assert {one.grade for one in found} <= {"C", "D"}
    assert found[0].main
    assert "barrier that it lifts" in found[0].says


def test_effects_come_before_delivery(five: MadeUp) -> None:
    found = assumptions.weak_numbers(View(five))
    assert [one.main for one in found] == sorted((one.main for one in found), reverse=True)
    assert any(one.rests_on == "Assumption" for one in found)


def test_only_so_many_weak_effects_are_shown_at_once() -> None:
    everything = load("baseline").with_changes(
        name="everything",
        services={name: {"offered": True} for name in load("baseline").catalogue.services},
    )
    found = assumptions.weak_numbers(View(made_up([load("baseline"), everything])))
    assert sum(one.main for one in found) == assumptions.MOST_SHOWN
    assert [one.main for one in found] == sorted((one.main for one in found), reverse=True)
    hidden = [one for one in found if not one.main and one.place < 0]
    assert min(one.place for one in hidden) >= max(one.place for one in found if one.main)


def test_a_ratio_and_its_limits_have_two_decimals(five: MadeUp) -> None:
    found = assumptions.weak_numbers(View(five))
    values = [one.value for one in found if "ratio" in one.value or "factor" in one.value]
    assert values
    for value in values:
        assert all(len(number) >= 4 for number in re.findall(r"[\d.]+", value)), value


def test_ways_of_delivery_not_in_force_are_left_out(two: MadeUp) -> None:
    says = " ".join(one.says for one in assumptions.weak_numbers(View(two)))
    assert "van" in says
    assert "telehealth" not in says


def test_designs_that_differ_in_places_alone_rest_on_no_weak_effect(baseline: Scenario) -> None:
    other = baseline.with_changes(name="larger", clinic={"places": 400})
    assert assumptions.weak_numbers(View(made_up([baseline, other]))) == []


def test_publications_are_cited_in_full_with_how_far_they_were_checked(five: MadeUp) -> None:
    sources = assumptions.sources(View(five))
    assert sources == sorted(set(sources))
    assert any("doi:" in source for source in sources)
    assert all(source.endswith(")") for source in sources)


def test_a_citation_is_shortened_to_author_and_year() -> None:
    short = assumptions.short_citation
    assert short("Hser YI, Saxon AJ, et al. 2014, Addiction 109(1):79-87") == "Hser 2014"
    assert short("A report without a year") == "A report without a year"


def test_local_figures_are_shown_as_such(baseline: Scenario) -> None:
    other = load("case-management").with_changes(
        name="optimist",
        effects={
            "override": {"case_management": {"dropout": {"hazard_ratio": 0.7, "range": [0.5, 0.9]}}}
        },
    )
    view = View(made_up([baseline, other]))
    [local] = assumptions.local_figures(view)
    assert (local.of, local.says) == ("Case management", "effect on dropping out")
    assert local.value == "hazard ratio 0.70 (0.50 to 0.90)"
    assert local.rests_on == "Local assumption (Optimist)"
    weak = assumptions.weak_numbers(view)
    assert "effect on dropping out" not in {one.says for one in weak if one.of == "Case management"}


def test_evidence_left_out_is_said(baseline: Scenario) -> None:
    strict = baseline.with_changes(name="strict", effects={"grades": "AB"})
    view = View(made_up([baseline, strict]))
    assert assumptions.evidence_in_force(view) == ["Strict counts only effects of grade A or B."]
    assert "grades" in assumptions.evidence_in_force(View(made_up([baseline])))[0]
