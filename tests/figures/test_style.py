"""A design looks the same everywhere, and labels find room without changing places."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.figures.style import apart, around, looks


def lightness(colour: str) -> float:
    """Relative luminance of a colour, as contrast is reckoned."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_two_designs_look_alike_in_colour_or_without() -> None:
    given_looks = looks([f"design {place}" for place in range(6)])
    assert len({look.colour for look in given_looks.values()}) == 6
    assert len({look.dashes for look in given_looks.values()}) == 6
    assert len({look.marker for look in given_looks.values()}) == 6
    many = looks([f"design {place}" for place in range(12)])
    assert len({(look.colour, look.dashes, look.marker) for look in many.values()}) == 12


def test_the_first_design_is_solid_and_a_design_keeps_its_look() -> None:
    assert looks(["a", "b"])["a"].dashes == ()
    assert looks(["a", "b"])["b"] == looks(["a", "b", "c"])["b"]


def test_lines_can_be_seen_on_white() -> None:
    for look in looks([f"design {place}" for place in range(6)]).values():
        assert 1.05 / (lightness(look.colour) + 0.05) >= 3


@given(
    wanted=st.lists(st.floats(0, 100), min_size=1, max_size=9),
    gap=st.floats(0.5, 8),
)
def test_labels_stand_apart_in_order_and_inside(wanted: list[float], gap: float) -> None:
    placed = apart(wanted, gap, 0.0, 100.0)
    ordered = sorted(placed)
    assert ordered[0] >= -1e-9
    assert ordered[-1] <= 100 + 1e-9
    for lower, upper in itertools.pairwise(ordered):
        assert upper - lower >= gap - 1e-9
    for (one, at_one), (two, at_two) in itertools.combinations(zip(wanted, placed, strict=True), 2):
        if one != two:
            assert (one < two) == (at_one < at_two)


def test_labels_with_room_stay_where_they_are() -> None:
    assert apart([10.0, 50.0, 90.0], 5.0, 0.0, 100.0) == pytest.approx([10.0, 50.0, 90.0])


def test_of_equals_the_first_stands_highest() -> None:
    assert apart([50.0, 50.0], 10.0, 0.0, 100.0) == pytest.approx([55.0, 45.0])


def test_labels_without_room_are_spread_evenly() -> None:
    assert apart([1.0, 2.0, 3.0], 60.0, 0.0, 100.0) == pytest.approx([0.0, 50.0, 100.0])
    assert apart([], 1.0, 0.0, 1.0) == []


@given(st.lists(st.floats(-50, 50), max_size=6))
def test_limits_hold_every_value_and_the_middle(values: list[float]) -> None:
    low, high = around(0.0, [*values, math.nan])
    assert low < 0 < high
    assert all(low <= value <= high for value in values)
