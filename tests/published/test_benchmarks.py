"""Published figures: what they refer to exists, whom they fit, and that reasons are written."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from txsim.catalogue.load import load_evidence
from txsim.compare import Comparison, compare
from txsim.outcomes.registry import BY_NAME
from txsim.outcomes.subgroups import subgroups
from txsim.published import Beside, beside, left_out, load_benchmarks
from txsim.published.benchmarks import Benchmark, sources
from txsim.published.beside import ABOVE, BELOW, IN_RANGE, why_not
from txsim.scenario import load

from ..model.small_clinics import small

PAGE = Path(__file__).parents[2] / "docs" / "published-figures.md"
TOPICS = {"retention", "entry", "show rates", "use", "mortality", "overdose", "staff", "cost"}


def one(name: str) -> Benchmark:
    return next(each for each in load_benchmarks() if each.name == name)


def test_every_benchmark_refers_to_what_there_is() -> None:
    groups = {
        group.name for name in ("baseline", "alcohol-clinic") for group in subgroups(load(name))
    }
    medications = load("baseline").catalogue.medications

    assert {each.topic for each in load_benchmarks()} == TOPICS
    assert not [
        name for name, often in Counter(b.name for b in load_benchmarks()).items() if often > 1
    ]
    for each in load_benchmarks():
        assert {each.outcome, *each.over} <= set(BY_NAME), each.name
        assert each.group in groups, each.name
        assert each.medication in ("", *medications), each.name
        assert set(each.evidence) <= set(sources()), each.name
        assert all(why.endswith(".") for why in (each.above, each.below)), each.name


def test_no_range_rests_on_what_is_kept_for_checking() -> None:
    for each in load_benchmarks():
        assert all(sources()[id_].use != "validation-target" for id_ in each.evidence), each.name
        assert all(sources()[kept.id].use == "validation-target" for kept in each.beside), each.name
    kept = {kept.id for each in load_benchmarks() for kept in each.beside}
    assert kept
    assert not kept & set(load_evidence())


def row(name: str, mean: float, low: float, high: float) -> Beside:
    return Beside(one(name), mean, low, high)


@pytest.mark.parametrize(
    ("name", "figures", "verdict", "reaches"),
    [
        ("caseload", (50.0, 40.0, 60.0), IN_RANGE, False),
        ("caseload", (80.0, 60.0, 90.0), ABOVE, True),
        ("caseload", (80.0, 75.0, 90.0), ABOVE, False),
        ("caseload", (20.0, 10.0, 30.0), BELOW, False),
        ("came_back", (12.0, 0.0, 60.0), IN_RANGE, False),
        ("came_back", (12.0, 5.0, 20.0), BELOW, False),
    ],
)
def test_a_figure_is_in_range_above_or_below(
    name: str, figures: tuple[float, float, float], verdict: str, reaches: bool
) -> None:
    found = row(name, *figures)

    assert (found.verdict, found.reaches) == (verdict, reaches)
    assert bool(found.why) == (verdict != IN_RANGE)
    assert found.said.startswith(f"{figures[0]:.0f} (")
    assert found.published.endswith(found.benchmark.unit)


def test_figures_of_another_setting_do_not_apply() -> None:
    baseline, alcohol = load("baseline"), load("alcohol-clinic")
    abroad = baseline.with_changes(name="abroad", economics={"currency": "EUR"})
    trial = baseline.with_changes(name="trial", arrivals={"cohort": 50})
    alone = baseline.with_changes(name="alone", medication={"assign": {"methadone": 1.0}})

    assert why_not(one("fatal_overdoses"), alcohol) == "nobody comes for opioids"
    assert why_not(one("days_abstinent"), baseline) == "nobody comes for alcohol"
    assert why_not(one("cost_per_week"), abroad) == "money is counted in EUR"
    assert why_not(one("wait"), trial) == "everybody asks on day 0"
    office = baseline.with_changes(name="office", clinic={"kind": "office-based programme"})
    assert why_not(one("caseload"), office) == "the clinic is no opioid treatment programme"
    assert not why_not(one("methadone_retention_180"), office)
    short = baseline.with_changes(name="short", horizon={"follow_up_days": 180})
    assert why_not(one("deaths"), short) == "people are followed for 180 days"
    assert why_not(one("buprenorphine_retention_30"), alone) == "nobody is given buprenorphine"
    assert not any(why_not(one(name), baseline) for name in ("wait", "urines", "cost_per_week"))
    assert not why_not(one("attendance"), alcohol)


@pytest.fixture(scope="module")
def run() -> Comparison:
    return compare([small()], 8, 3, workers=1)


def test_a_run_has_its_figures_in_the_published_units(run: Comparison) -> None:
    found = {each.benchmark.name: each for each in beside(run, "small")}
    outcomes = run.outcomes.set_index(["subgroup", "outcome"])["mean"]

    kept = 100.0 * outcomes["everyone", "attendance"]
    assert found["attendance"].mean == pytest.approx(kept)
    assert found["attendance"].low <= kept <= found["attendance"].high
    weeks = 365.0 / 7.0 * outcomes["everyone", "people_in_care_a_day"]
    cost = outcomes["everyone", "cost_per_year"] / weeks
    assert found["cost_per_week"].mean == pytest.approx(cost, rel=1e-5)
    told = {label for label, _ in left_out(run, "small")}
    assert {each.benchmark.label for each in found.values()} | told == {
        each.label for each in load_benchmarks()
    }


def test_a_rate_of_two_outcomes_is_that_of_their_expected_values(run: Comparison) -> None:
    mean, low, high = run.ratio("small", "share_served", ["share_served"])
    assert (mean, low, high) == pytest.approx((1.0, 1.0, 1.0))
    mean, low, high = run.ratio("small", "fatal_overdoses_in_care", ["days_in_care"])
    assert 0.0 <= low <= mean < high, "what was never seen could have been missed"
    assert np.isnan(run.ratio("small", "deaths", ["days_in_care"], "no such group")).all()
    with pytest.raises(ValueError, match="no design"):
        run.ratio("large", "deaths", ["days_in_care"])


def test_the_page_shows_every_benchmark_and_has_a_reason_for_what_lies_outside() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = re.findall(
        r"^\| (?:[^|]*) \| ([^|]*) \| [^|]* \| [^|]* \| ([^|]*) \|([^|]*)\|$", page, re.M
    )
    rows = [cells for cells in shown if cells[0] != "what is counted"]
    by_label = {each.label: each for each in load_benchmarks()}

    assert {label for label, _, _ in rows} == set(by_label)
    for label, verdict, why in rows:
        inside = verdict.strip() == IN_RANGE
        assert bool(why.strip()) != inside, label
        if not inside:
            assert why.strip() in (by_label[label].above, by_label[label].below), label
    for each in load_benchmarks():
        assert f"- {each.label}: {each.note}" in page
