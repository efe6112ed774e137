"""A report on designs that were really run, however few the people and the years."""

import pytest

from txsim.compare import Comparison, compare
from txsim.report import html
from txsim.scenario import Scenario, load


@pytest.fixture(scope="module")
def run() -> Comparison:
    small = {"arrivals": {"cohort": 40}, "horizon": {"days": 60, "burn_in_days": 0}}
    designs: list[Scenario] = [
        load(name).with_changes(name=name, **small) for name in ("baseline", "transport-aid")
    ]
    return compare(designs, replications=4, seed=3, workers=1)


def test_a_comparison_of_a_few_years_is_told_without_claims(run: Comparison) -> None:
    page = html(run)
    assert "nan" not in page.replace("finance", "").lower().split()
    assert "virtually certain" not in page.partition("What the words mean")[0]
    assert "Of 100 people who ask for treatment" in page
    assert "a month later" in page
    assert html(run) == page
