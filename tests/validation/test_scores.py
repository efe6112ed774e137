"""Scores against values worked out by hand or by formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest, norm

from txsim.validation import naive_baselines
from txsim.validation.scores import (
    as_difference,
    crps,
    interval,
    median,
    on_scale,
    pit,
    pooled_log_ratio,
    unevenness,
    wilson,
)


def test_limits_of_a_share() -> None:
    """Wilson's own form, for 23 of 31."""
    low, high = wilson(23 / 31, 31)

    assert (low, high) == pytest.approx((0.5675, 0.8630), abs=5e-4)
    assert wilson(0.0, 10)[0] == 0.0
    assert wilson(1.0, 10)[1] == pytest.approx(1.0)


@pytest.mark.parametrize("observed", [-1.0, 0.0, 0.7, 2.5])
def test_crps_of_a_normal_sample_is_that_of_the_distribution(observed: float) -> None:
    """Gneiting and Raftery's formula; with 200,000 draws the error is below 0.01."""
    sample = np.random.default_rng(1).normal(size=200_000)
    expected = (
        observed * (2 * norm.cdf(observed) - 1) + 2 * norm.pdf(observed) - 1 / math.sqrt(math.pi)
    )

    assert crps(sample, observed) == pytest.approx(expected, abs=0.01)


def test_crps_by_hand() -> None:
    """Of 0, 1 and 4 against 2: mean distance 5/3, mean distance between members 8/3."""
    assert crps(np.array([0.0, 1.0, 4.0]), 2.0) == pytest.approx(5 / 3 - 8 / 6)
    assert crps(np.array([0.5]), 0.2) == pytest.approx(0.3)
    assert crps(np.array([0.0, np.nan, 1.0, 4.0]), 2.0) == pytest.approx(5 / 3 - 8 / 6)


def test_pit_is_even_where_what_is_observed_comes_from_the_prediction() -> None:
    """A thousand observations from the distribution itself: no test of evenness objects."""
    numbers = np.random.default_rng(2)
    pits = np.array([pit(numbers.normal(size=400), one) for one in numbers.normal(size=1_000)])

    assert kstest(pits, "uniform").pvalue > 0.05
    assert unevenness(pits) < 0.05


def test_pit_of_too_short_a_prediction_is_not() -> None:
    numbers = np.random.default_rng(3)
    pits = np.array([pit(numbers.normal(size=400) / 2, one) for one in numbers.normal(size=1_000)])

    assert kstest(pits, "uniform").pvalue < 1e-6
    assert unevenness(pits) > 0.1


def test_ties_count_half() -> None:
    assert pit(np.array([1.0, 2.0, 2.0, 3.0]), 2.0) == pytest.approx(0.5)
    assert pit(np.array([1.0, 1.0]), 1.0) == pytest.approx(0.5)


def test_unevenness_by_hand() -> None:
    assert unevenness(np.array([0.5])) == pytest.approx(0.5)
    assert unevenness(np.array([0.25, 0.75])) == pytest.approx(0.25)
    assert unevenness(np.array([0.9, 0.95])) == pytest.approx(0.9)


def test_an_interval_goes_by_ranks_of_one_more() -> None:
    """Of 99 members, the fifth and the 95th; what is not known is left out."""
    members = np.append(np.arange(1.0, 100.0), np.nan)

    assert interval(members) == pytest.approx((5.0, 95.0))
    assert interval(members, 0.5) == pytest.approx((25.0, 75.0))
    assert median(members) == 50.0
    assert np.isnan([*interval(np.array([np.nan])), median(np.array([np.nan]))]).all()


@pytest.mark.parametrize("size", [20, 100])
def test_one_more_member_falls_inside_as_often_as_said(size: int) -> None:
    """Nine in ten of 4,000 samples, give or take three standard errors."""
    numbers = np.random.default_rng(4)
    inside = 0
    for _ in range(4_000):
        low, high = interval(numbers.normal(size=size))
        inside += low <= numbers.normal() <= high

    assert inside / 4_000 == pytest.approx(0.90, abs=0.015)


@pytest.mark.parametrize(
    ("scale", "value"),
    [
        ("difference", 0.2),
        ("risk ratio", 1.5),
        ("odds ratio", 1.5 / (2 / 3)),
        ("hazard ratio", math.log(0.4) / math.log(0.6)),
    ],
)
def test_ratios_of_two_shares_and_back(scale: str, value: float) -> None:
    """0.6 against 0.4."""
    assert float(on_scale(scale, 0.6, 0.4)) == pytest.approx(value)
    assert as_difference(scale, value, 0.4) == pytest.approx(0.2)


def test_a_ratio_that_does_not_exist_is_not_known() -> None:
    assert math.isnan(float(on_scale("odds ratio", 0.5, 1.0)))
    assert math.isnan(float(on_scale("hazard ratio", 0.5, 1.0)))
    assert math.isnan(float(on_scale("rate ratio", 0.5, 0.0)))


def test_pooling_by_hand() -> None:
    """Two trials of one precision: the mean. With no spread: the weighted mean."""
    assert pooled_log_ratio(np.array([0.0, 1.0]), np.array([0.1, 0.1])) == pytest.approx(0.5)
    alike = pooled_log_ratio(np.array([0.1, 0.1]), np.array([0.1, 0.3]))
    assert alike == pytest.approx(0.1)
    # Q = 10 * (0.2 - 0.25)^2 * ... stays below its two degrees of freedom: weights 10, 5, 5
    logs, variances = np.array([0.2, 0.3, 0.1]), np.array([0.1, 0.2, 0.2])
    assert pooled_log_ratio(logs, variances) == pytest.approx((2.0 + 1.5 + 0.5) / 20)


def test_spread_between_trials_evens_out_their_weights() -> None:
    """Q = 26.7, tau squared = (26.7 - 1) / (40 - 1000 / 40) = 1.71 (DerSimonian and Laird)."""
    logs, variances = np.array([0.0, 2.0]), np.array([0.1, 1 / 30])
    weights = 1 / (variances + (30.0 - 1.0) / 15.0)

    assert pooled_log_ratio(logs, variances) == pytest.approx(
        float((weights * logs).sum() / weights.sum())
    )


def test_what_anybody_could_have_said() -> None:
    assert naive_baselines.no_effect() == 0.0
    assert naive_baselines.a_tenth_better(0.5, "higher") == pytest.approx(0.05)
    assert naive_baselines.a_tenth_better(0.95, "higher") == pytest.approx(0.05)
    assert naive_baselines.a_tenth_better(0.7, "lower") == pytest.approx(-0.03)
