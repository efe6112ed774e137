"""Any two shipped designs, each with a horizon, follow-up and start of its own, can be told of."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any

import pytest

from txsim.compare import Comparison
from txsim.compare.assemble import make_manifest
from txsim.outcomes.measure import Measured
from txsim.report import html
from txsim.scenario import Scenario, load, shipped_names

from ..compare.made_comparisons import made_measures
from ..draws import draw_numbers
from .test_page import Tree

REPLICATIONS = 4

VARIATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"horizon.follow_up_days": 180},
    {"horizon.follow_up_days": 40},
    {"horizon.follow_up_days": 10},
    {"horizon.follow_up_days": 500},
    {"horizon.days": 30},
    {"horizon.days": 500, "horizon.follow_up_days": 90},
    {"arrivals": {"cohort": 60}},
    {"arrivals": {"cohort": 60}, "horizon.days": 20},
    {"horizon.start": "own steady state", "horizon.burn_in_days": 7},
    {"horizon.start": "empty"},
    {"horizon.burn_in_days": 0, "horizon.follow_up_days": 29},
    {"arrivals.per_week": 1.0, "horizon.follow_up_days": 364},
    {"diagnoses": {"grief": {"label": "Prolonged grief", "source": "assumption"}}},
    {"effects.grades": "AB", "change.from_week": 8, "horizon.follow_up_days": 31},
)
PAIRS = [(one, other) for one, other in product(shipped_names(), repeat=2) if one != other]


@cache
def measured(name: str, variation: int, longer: float) -> tuple[Scenario, tuple[Measured, ...]]:
    design = load(name).with_changes(name=name, **VARIATIONS[variation])
    return design, tuple(made_measures(design, REPLICATIONS, longer))


def compared(pair: tuple[str, str], variations: tuple[int, int]) -> Comparison:
    found = [
        measured(name, variation, longer)
        for name, variation, longer in zip(pair, variations, (0.0, 6.0), strict=True)
    ]
    designs = [design for design, _ in found]
    how = {"replications": REPLICATIONS, "seed": 1, "draws": 1, "uncertainty": True}
    manifest = make_manifest(designs, how, "txsim compare")
    return Comparison(designs, [each for _, each in found], draw_numbers(REPLICATIONS), manifest)


def assert_told(comparison: Comparison, what: str) -> None:
    page, summary = html(comparison), comparison.summary()
    assert Tree(page).open == [], what
    for design in comparison.designs:
        assert design.name in summary, what
    for text in (re.sub(r"<svg.*?</svg>|<style.*?</style>", "", page, flags=re.DOTALL), summary):
        assert not re.search(r"\bnan\b|\binf\b", text), what
    lead = re.search(r'<p class="lead">(.*?)</p>', page)
    assert lead is not None, what
    assert lead[1].strip(), what


def variations_of(place: int) -> tuple[int, int]:
    """Two variations for the pair at a place; all pairs of variations come round."""
    return divmod(place % len(VARIATIONS) ** 2, len(VARIATIONS))


@pytest.mark.parametrize("later", range(1, len(VARIATIONS)))
def test_a_later_design_may_differ_in_any_way(later: int) -> None:
    pair = PAIRS[later * len(PAIRS) // len(VARIATIONS)]
    both = (0, later) if later % 2 else (later, 0)
    assert_told(compared(pair, both), f"{pair} {both}")


@pytest.mark.slow
@pytest.mark.parametrize("first", shipped_names())
def test_every_pair_of_designs_and_every_pair_of_variations(first: str) -> None:
    assert len(PAIRS) >= len(VARIATIONS) ** 2
    for place, pair in enumerate(PAIRS):
        if pair[0] == first:
            both = variations_of(place)
            assert_told(compared(pair, both), f"{pair} {both}")


def test_a_design_that_is_followed_for_fewer_days_is_read_where_it_ends(tmp_path) -> None:
    """The first of two is followed for a year and the other for six months."""
    comparison = compared(("baseline", "transport-aid"), (0, 1))
    page = html(comparison)

    assert "six months later" in page
    assert "a year later" not in page
    assert "still in care six months later" in comparison.summary()
    for order in (("baseline", "transport-aid"), ("transport-aid", "baseline")):
        both = (0, 3) if order[0] == "baseline" else (3, 0)
        page = html(compared(order, both))
        assert "Of 100 people who ask for treatment" in page
        assert 'id="figure-staying"' in page
    comparison.save(tmp_path / "o")
    assert (tmp_path / "o" / "differences.csv").exists()
