"""Sums of rows in wide registers are those of the plain loop, to the last bit."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.lanes import WIDEST, adder_of_rows, lanes_for
from txsim.state.sizes import LANES

WIDTHS = (8, LANES, 24)
"""A number of columns that is no power of two among them."""
ADDERS = {lanes: adder_of_rows(lanes) for lanes in WIDTHS}


def in_compiled_code(lanes: int) -> Any:
    add_weighted_rows = ADDERS[lanes]

    @numba.njit
    def compiled(sums: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> None:
        add_weighted_rows(sums, weights, rows)

    return compiled


COMPILED = {lanes: in_compiled_code(lanes) for lanes in WIDTHS}


@pytest.mark.parametrize(("columns", "lanes"), [(1, 8), (8, 8), (9, 16), (16, 16), (17, 24)])
def test_there_are_as_many_lanes_as_fill_whole_registers(columns: int, lanes: int) -> None:
    assert lanes_for(columns) == lanes


def test_every_hazard_has_a_lane() -> None:
    assert len(Hazard) <= LANES < len(Hazard) + WIDEST


@pytest.mark.parametrize("count", [0, 1, 2, 7, 23, 40])
@pytest.mark.parametrize("lanes", WIDTHS)
def test_compiled_sums_are_the_plain_ones(count: int, lanes: int) -> None:
    random = np.random.default_rng(count)
    rows, weights = random.normal(size=(count, lanes)), random.normal(size=count)
    start = random.normal(size=lanes)
    plain, fast = start.copy(), start.copy()

    ADDERS[lanes](plain, weights, rows)
    COMPILED[lanes](fast, weights, rows)

    assert fast.tobytes() == plain.tobytes()
    assert plain == pytest.approx(start + weights @ rows)


def test_weights_beyond_the_rows_are_not_read() -> None:
    sums = np.zeros(LANES)

    COMPILED[LANES](sums, np.array([2.0, 5.0, np.nan]), np.ones((2, LANES)))

    assert (sums == 7.0).all()
