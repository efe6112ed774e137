"""Curves of time to an event, against a published estimator and against arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.outcomes.survival import (
    cumulative_incidence,
    kaplan_meier,
    median_day,
    restricted_mean,
)


def test_kaplan_meier_agrees_with_scipy_on_right_censored_days():
    from scipy.stats import CensoredData, ecdf

    luck = np.random.default_rng(20)
    event = luck.geometric(0.02, 400)
    seen_until = luck.integers(1, 200, 400)
    days, happened = np.minimum(event, seen_until), event <= seen_until
    ours = kaplan_meier(days, happened, 199)
    data = CensoredData(uncensored=days[happened], right=days[~happened])
    theirs = ecdf(data).sf.evaluate(np.arange(int(days.max())))
    np.testing.assert_allclose(ours[: int(days.max())], theirs, rtol=1e-12)


def test_kaplan_meier_by_hand():
    # Five people: events on days 1, 2, 2; one last seen on day 1, one on day 4.
    days = np.array([1, 2, 2, 1, 4])
    happened = np.array([True, True, True, False, False])
    curve = kaplan_meier(days, happened, 5)
    np.testing.assert_allclose(curve[:5], [1, 4 / 5, 4 / 5 / 3, 4 / 15, 4 / 15])
    assert np.isnan(curve[5])  # nobody is seen on day 5, though not all have had the event


def test_a_curve_that_reached_zero_stays_there():
    curve = kaplan_meier(np.array([1, 2]), np.array([True, True]), 4)
    np.testing.assert_array_equal(curve, [1, 0.5, 0, 0, 0])


def test_cumulative_incidence_by_hand():
    # Six people: cause 1 on days 1, 3 and 3, cause 2 on day 2, last seen on days 2 and 5.
    days = np.array([1, 2, 2, 3, 3, 5])
    causes = np.array([1, 2, 0, 1, 1, 0])
    first, second = cumulative_incidence(days, causes, 2, 5)
    # Free before day 1: 1; day 2: 5/6; day 3: 5/6 * 4/5 = 2/3, with 3 at risk.
    np.testing.assert_allclose(first, [0, 1 / 6, 1 / 6, 1 / 6 + 2 / 3 * 2 / 3] + [11 / 18] * 2)
    np.testing.assert_allclose(second, [0, 0, 1 / 6, 1 / 6, 1 / 6, 1 / 6])


def test_cumulative_incidence_of_one_cause_is_the_rest_of_kaplan_meier():
    # With one cause it is one less the Kaplan-Meier curve.
    luck = np.random.default_rng(3)
    days, happened = luck.integers(0, 50, 300), luck.random(300) < 0.6
    alone = cumulative_incidence(days, happened.astype(int), 1, 40)[0]
    np.testing.assert_allclose(alone, 1 - kaplan_meier(days, happened, 40), rtol=1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), min_size=1, max_size=60),
)
def test_causes_and_the_free_sum_to_everybody(people):
    days = np.array([day for day, _ in people])
    causes = np.array([cause for _, cause in people])
    curves = cumulative_incidence(days, causes, 3, 30)
    free = kaplan_meier(days, causes > 0, 30)
    known = ~np.isnan(free)
    np.testing.assert_allclose(curves.sum(axis=0)[known] + free[known], 1.0, atol=1e-12)
    assert (np.diff(curves[:, known], axis=1) >= 0).all()


def test_restricted_mean_is_the_mean_of_days_cut_off_at_the_horizon():
    days = np.array([3, 10, 60, 200])
    curve = kaplan_meier(days, np.array([True, True, True, False]), 120)
    assert restricted_mean(curve, 90) == pytest.approx(np.mean([3, 10, 60, 90]))
    # 121 days, from 0 to 120, are the longest that the curve tells of.
    assert restricted_mean(curve, 121) == pytest.approx(np.mean([3, 10, 60, 121]))
    with pytest.raises(ValueError, match="no mean over 122 days"):
        restricted_mean(curve, 122)
    with pytest.raises(ValueError, match="no mean over 400 days"):
        restricted_mean(curve, 400)


def test_median_day():
    assert median_day(np.array([1, 0.8, 0.5, 0.2])) == 2
    assert np.isnan(median_day(np.array([1, 0.8])))


def test_nobody_gives_no_curve():
    empty = np.array([], dtype=int)
    assert np.isnan(kaplan_meier(empty, empty.astype(bool), 3)).all()
    assert np.isnan(cumulative_incidence(empty, empty, 2, 3)).all()
