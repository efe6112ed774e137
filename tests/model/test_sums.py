"""Sums of rows in wide registers are those of the plain loop, to the last bit."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from txsim.compiled.lanes import LANES, add_weighted_rows


@numba.njit
def compiled(sums: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> None:
    add_weighted_rows(sums, weights, rows)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 23, 40])
def test_compiled_sums_are_the_plain_ones(count: int) -> None:
    random = np.random.default_rng(count)
    rows, weights = random.normal(size=(count, LANES)), random.normal(size=count)
    start = random.normal(size=LANES)
    plain, fast = start.copy(), start.copy()

    add_weighted_rows(plain, weights, rows)
    compiled(fast, weights, rows)

    assert fast.tobytes() == plain.tobytes()
    assert plain == pytest.approx(start + weights @ rows)


def test_weights_beyond_the_rows_are_not_read() -> None:
    sums = np.zeros(LANES)

    compiled(sums, np.array([2.0, 5.0, np.nan]), np.ones((2, LANES)))

    assert (sums == 7.0).all()
