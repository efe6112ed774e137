"""Estimates and intervals, by hand, against other software, and on draws of known variance."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.compare.estimate import (
    FEWEST,
    components,
    estimate,
    median,
    quantile,
    share_above,
    year_range,
)
from txsim.compare.expected import where_never_different
from txsim.compare.to_settle import replications_to_settle
from txsim.compare.verdicts import better_in, higher_in, verdicts, within
from txsim.parameters.draw import PRIOR

from ..draws import draw_numbers


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def simulated(draws: int, draw_sd: float, luck_sd: float, figures: int, mean: float = 0.0, seed=1):
    """Replications of many figures, four a draw, with the draw's own expected value of each."""
    luck = np.random.default_rng(seed)
    effect = mean + luck.normal(0, draw_sd, (draws, figures))
    each = np.repeat(np.arange(draws), 4)
    return effect[each] + luck.normal(0, luck_sd, (4 * draws, figures)), each


def test_every_four_replications_share_a_draw():
    np.testing.assert_array_equal(draw_numbers(3), [0, 0, 0])
    np.testing.assert_array_equal(draw_numbers(10), [0] * 4 + [1] * 4 + [2] * 2)


def test_draws_are_those_that_runs_are_made_with():
    made = [PRIOR.luck(1, one).draw.number for one in range(50)]
    assert made == draw_numbers(50).tolist()


def test_means_of_draws_and_of_replications_by_hand():
    values = column(1, 3, 2, 2, 5, 7, 6, 6)
    found = estimate(values, draw_numbers(8))
    assert found.mean[0] == 4
    np.testing.assert_array_equal(found.draw_means[:, 0], [2, 6])
    assert found.replications[0] == 8


def test_variance_components_against_numerical_integration():
    from scipy.integrate import quad

    values, draws = simulated(6, 1.0, 2.0, 1, seed=4)
    means = values.reshape(6, 4).mean(axis=1)
    between = means.var(ddof=1)
    within = ((values.reshape(6, 4) - means[:, None]) ** 2).sum()

    def weight(share: float) -> float:
        squares = 5 * 4 * between * share + within
        return share ** (5 / 2) * squares ** (-23 / 2)

    def luck(share: float) -> float:
        return (5 * 4 * between * share + within) / 21

    total = quad(weight, 0, 1)[0]
    expected_luck = quad(lambda s: weight(s) * luck(s), 0, 1)[0] / total
    expected_draw = quad(lambda s: weight(s) * luck(s) * (1 / s - 1) / 4, 0, 1)[0] / total
    found = estimate(values, draws)
    assert found.draw_variance[0] == pytest.approx(expected_draw, rel=1e-6)
    assert found.luck_variance[0] == pytest.approx(expected_luck, rel=1e-6)
    error = expected_draw / 6 + expected_luck / 24
    assert found.standard_error[0] == pytest.approx(np.sqrt(error), rel=1e-6)
    half = quantile(np.array(5)) * np.sqrt(expected_draw + error)
    assert found.high[0] - found.mean[0] == pytest.approx(half, rel=1e-6)
    assert found.mean[0] - found.low[0] == pytest.approx(half, rel=1e-6)


@pytest.mark.parametrize("luck", [3.0, 0.3, 0.01, 1e-4])
@pytest.mark.parametrize("draws", [2, 5, 40, 4000])
def test_variance_components_are_right_however_small_luck_is(draws, luck):
    from scipy.special import betainc

    values, number = simulated(draws, 1.0, luck, 20, seed=draws)
    found = estimate(values, number)
    means = values.reshape(draws, 4, -1).mean(axis=1)
    between = means.var(axis=0, ddof=1)
    within = ((values.reshape(draws, 4, -1) - means[:, None]) ** 2).sum(axis=(0, 1))
    # The share of luck is a truncated beta variable, whose moments are known (Tiao and Tan 1965).
    squares = (draws - 1) * 4 * between
    whole = betainc((draws + 1) / 2, 3 * draws / 2 - 1, squares / (squares + within))
    less = betainc((draws + 1) / 2, 3 * draws / 2 - 2, squares / (squares + within))
    more = betainc((draws - 1) / 2, 3 * draws / 2 - 1, squares / (squares + within))
    expected_luck = within / (3 * draws - 4) * less / whole
    assert found.luck_variance == pytest.approx(expected_luck, rel=1e-4)
    expected_draw = between * more / whole - expected_luck / 4
    assert found.draw_variance == pytest.approx(expected_draw, rel=1e-4)


def test_without_any_luck_all_is_the_draws():
    found = estimate(np.repeat([[1.0], [2.0], [4.0]], 4, axis=0), draw_numbers(12))
    assert found.draw_variance[0] == pytest.approx(np.var([1, 2, 4], ddof=1))
    assert found.luck_variance[0] == 0


def test_variance_components_are_found_again():
    # 60 draws, true variances 4 (draw) and 9 (luck), averaged over 2,000 figures.
    values, draws = simulated(60, 2.0, 3.0, 2000)
    found = estimate(values, draws)
    assert found.draw_variance.mean() == pytest.approx(4.0, rel=0.08)
    assert found.luck_variance.mean() == pytest.approx(9.0, rel=0.03)


@pytest.mark.parametrize("draws", [5, 12, 50])
@pytest.mark.parametrize("ratio", [0.0, 0.25, 1.0, 4.0, 20.0, 1e4, 1e6])
def test_the_interval_holds_the_expected_value_of_another_draw_in_nine_cases_of_ten(draws, ratio):
    # `ratio`: variance between draws over the variance of luck in a draw's mean. With 4,000
    # figures the Monte-Carlo error of a coverage of 0.9 is 0.005: a true coverage of 0.85 would
    # be caught in practically every run.
    luck_sd = 2.0
    draw_sd = np.sqrt(ratio) * luck_sd / 2
    values, each = simulated(draws, draw_sd, luck_sd, 4000)
    found = estimate(values, each)
    another = np.random.default_rng(9).normal(0, draw_sd, 4000)
    held = np.mean((found.low < another) & (another < found.high))
    assert held > 0.865
    if ratio >= 1:
        # Where the draws matter the interval is not needlessly wide either.
        assert held < 0.975


def test_luck_averages_out_and_ignorance_does_not():
    widths = {}
    for draws in (12, 48):
        for draw_sd in (0.0, 1.0):
            values, each = simulated(draws, draw_sd, 2.0, 800)
            found = estimate(values, each)
            widths[draws, draw_sd] = float(np.mean(found.high - found.low))
    assert widths[48, 0.0] < 0.65 * widths[12, 0.0]
    assert widths[48, 1.0] > 0.75 * widths[12, 1.0]
    assert widths[48, 1.0] == pytest.approx(2 * 1.645, rel=0.1)


def test_without_uncertainty_the_interval_is_the_t_interval_of_the_mean():
    from scipy.stats import t, ttest_1samp

    values = np.random.default_rng(5).normal(1.0, 2.0, (30, 1))
    found = estimate(values, None)
    expected = ttest_1samp(values[:, 0], 0.0).confidence_interval(0.90)
    assert found.low[0] == pytest.approx(expected.low)
    assert found.high[0] == pytest.approx(expected.high)
    assert quantile(np.array(29)) == pytest.approx(t.ppf(0.95, 29))


def test_too_few_draws_give_no_limits():
    found = estimate(column(1, 2, 3, 4), draw_numbers(4))
    assert found.mean[0] == 2.5
    assert np.isnan(found.low[0])
    assert np.isnan(share_above(found)[0])
    assert verdicts(found, np.array(["higher"]), np.ones(1), paired=True)[0] == "cannot tell yet"
    assert replications_to_settle(found)[0] == FEWEST
    assert np.isnan(estimate(column(1.0), None).low[0])


def test_replications_without_a_value_are_left_out():
    values = np.concatenate([column(1, 3, 2, 2, 5, 7, 6, 6), np.full((8, 1), np.nan)], axis=1)
    values[0, 0] = np.nan
    found = estimate(values, draw_numbers(8))
    assert found.replications.tolist() == [7, 0]
    assert found.mean[0] == pytest.approx(31 / 7)
    assert np.isnan(found.mean[1])
    assert np.isnan(found.low[1])


def test_one_replication_a_draw_puts_everything_down_to_the_draw():
    values = np.random.default_rng(6).normal(0, 3.0, (40, 1))
    found = estimate(values, np.arange(40))
    assert found.luck_variance[0] == 0
    assert found.draw_variance[0] == pytest.approx(values.var(ddof=1))


def test_a_draw_without_any_value_does_not_count():
    values = np.concatenate([column(1, 2, 3, 2), np.full((4, 1), np.nan), column(5, 6, 7, 6)])
    found = estimate(values, np.repeat([0, 1, 2], 4))
    without = estimate(values[[0, 1, 2, 3, 8, 9, 10, 11]], np.repeat([0, 1], 4))
    for name in ("mean", "low", "high", "standard_error", "draw_variance"):
        assert getattr(found, name)[0] == pytest.approx(getattr(without, name)[0]), name
    assert share_above(found)[0] == pytest.approx(share_above(without)[0])


def test_no_difference_at_all_is_exactly_zero():
    for replications in (1, 4, 50):
        zeros = np.zeros((replications, 3))
        for draws in (draw_numbers(replications), None):
            found = where_never_different(estimate(zeros, draws), zeros)
            assert (found.low == 0).all()
            assert (found.high == 0).all()
            assert (found.standard_error == 0).all()
            assert (share_above(found) == 0.5).all()
            words = verdicts(found, np.array(["higher"] * 3), np.zeros(3), paired=True)
            assert (words == "the same").all()
            assert np.isnan(replications_to_settle(found)).all()


def test_a_figure_that_never_varies_has_no_width():
    found = estimate(np.full((20, 1), 0.1), draw_numbers(20))
    assert found.mean[0] == found.low[0] == found.high[0] == 0.1


def test_the_share_of_draws_in_which_a_design_is_better():
    # The expected difference is above zero in 84.1 % of draws (mean 1, sd 1); luck is small.
    values, draws = simulated(200, 1.0, 0.2, 40, mean=1.0)
    found = share_above(estimate(values, draws))
    assert found.mean() == pytest.approx(0.841, abs=0.02)


def above_by_hand(draw_means: tuple[float, ...], standard_error: float) -> float:
    """The share of draws above zero, where draws vary by 1, and one's own mean by as much luck."""
    means = np.array(draw_means)[:, None]
    one = np.ones(1)
    found = estimate(np.repeat(means, 4, axis=0), draw_numbers(4 * len(means)))
    found = replace(
        found,
        draw_variance=one,
        luck_variance=4 * one,
        standard_error=standard_error * one,
        low=-one,
        high=one,
    )
    return float(share_above(found)[0])


def test_the_share_of_draws_by_hand():
    from scipy.stats import norm, t

    # Half of what a draw's mean differs from 0.5 is luck: -1.25, -1.25, 1.75 and 2.75 are expected,
    # each with a variance of a half.
    share = norm.cdf(np.array([-1.25, -1.25, 1.75, 2.75]) / np.sqrt(0.5)).mean()
    assert above_by_hand((-3, -3, 3, 5), 0.0) == pytest.approx(share)
    # Four draws are no surer of their sign than Student's t, of 0.5 with a variance of 1 + 2.
    bound = t.cdf(0.5 / np.sqrt(3), 3)
    assert above_by_hand((1, 1, 1, -1), np.sqrt(2)) == pytest.approx(bound)
    assert above_by_hand((-1, -1, -1, 1), np.sqrt(2)) == pytest.approx(1 - bound)


def test_pure_luck_is_better_in_about_half_of_the_draws():
    values, draws = simulated(50, 0.0, 1.0, 500)
    found = share_above(estimate(values, draws))
    assert found.mean() == pytest.approx(0.5, abs=0.03)
    # Hardly ever does nothing look like something.
    assert np.mean((found > 0.95) | (found < 0.05)) < 0.05


def test_better_follows_the_direction_of_the_outcome():
    values = np.tile(column(1, 2, 3, 2, 2, 1, 2, 3), (3, 3))
    found = estimate(values, draw_numbers(24))
    better = np.array(["higher", "lower", "neither"])
    share = better_in(higher_in(found, paired=True), better)
    assert share[0] == pytest.approx(1 - share[1])
    assert share[0] > 0.9
    assert np.isnan(share[2])
    assert np.isnan(better_in(higher_in(found, paired=False), better)).all()


def drawn_at(mean: float, sd: float) -> np.ndarray:
    """A figure whose expected differences over 400 draws are normal, evenly so, without luck."""
    from scipy.stats import norm

    return mean + sd * norm.ppf((np.arange(400) + 0.5) / 400)[:, None]


@pytest.mark.parametrize(
    ("mean", "sd", "margin", "verdict"),
    [
        # P(|d| <= m) is 0.90 where m is 1.645 sd: below it the sign is not asked for.
        (0.0, 1.0, 1.70, "no difference that matters"),
        (0.0, 1.0, 1.60, "cannot tell yet"),
        (0.9, 1.0, 2.40, "no difference that matters"),
        # P(d > 0) is 0.66 where the mean is 0.412 sd, and 0.33 where it is -0.440 sd.
        (0.44, 1.0, 0.10, "better"),
        (0.38, 1.0, 0.10, "cannot tell yet"),
        (-0.47, 1.0, 0.10, "worse"),
        (-0.41, 1.0, 0.10, "cannot tell yet"),
        # A sure sign does not matter where the difference does not.
        (1.0, 0.1, 1.50, "no difference that matters"),
        (1.0, 0.1, 0.50, "better"),
    ],
)
def test_the_verdict_is_the_first_that_holds(mean, sd, margin, verdict):
    found = estimate(drawn_at(mean, sd), np.arange(400))
    words = verdicts(found, np.array(["higher"]), np.array([margin]), paired=True)
    assert words.tolist() == [verdict]


def test_a_margin_that_few_draws_cannot_fill_is_not_told_as_filled():
    """Four draws within the margin are no nine in ten."""
    found = estimate(np.repeat(column(0.1, -0.2, 0.2, -0.1), 4, axis=0), draw_numbers(16))
    higher, margin = np.array(["higher"]), np.array([0.25])
    assert within(found, margin)[0] < 0.8
    assert verdicts(found, higher, margin, paired=True)[0] == "cannot tell yet"


def test_verdicts_follow_the_direction_of_the_outcome():
    luck = np.random.default_rng(1).normal(0, 0.1, (40, 1))
    clear = estimate(np.concatenate([luck + 1, luck - 1, luck - luck.mean()], axis=1), None)
    higher, lower, neither = (np.array([word] * 3) for word in ("higher", "lower", "neither"))
    none, unclear = np.zeros(3), "cannot tell yet"
    assert verdicts(clear, higher, none, paired=True).tolist() == ["better", "worse", unclear]
    assert verdicts(clear, lower, none, paired=True).tolist() == ["worse", "better", unclear]
    assert verdicts(clear, neither, none, paired=True).tolist() == ["more", "less", unclear]
    assert verdicts(clear, higher, none, paired=False).tolist() == ["not paired"] * 3


def test_the_median_is_the_middle_one_of_skewed_draws():
    """Of log-normal draws of sd 1 the mean is 1.65 times the median."""
    skewed = np.exp(drawn_at(0.0, 1.0))
    found = estimate(np.repeat(skewed, 4, axis=0), draw_numbers(1600), np.array([[0.0, np.inf]]))
    assert found.mean[0] == pytest.approx(np.exp(0.5), rel=0.05)
    assert median(found)[0] == pytest.approx(1.0, rel=0.05)
    alone = estimate(skewed, None)
    assert median(alone)[0] == alone.mean[0]


def test_how_many_replications_would_settle_it_without_uncertainty():
    # Mean 0.1, standard deviation 1: 1.645 / sqrt(n) < 0.1 from n = 271 on.
    values = np.tile([1.1, -0.9], 20)[:, None]
    values = (values - values.mean()) / values.std(ddof=1) + 0.1
    found = estimate(values, None)
    assert replications_to_settle(found)[0] == pytest.approx(272, rel=0.03)


def test_no_number_settles_what_the_evidence_leaves_open():
    # Draws differ by more than the mean difference: sd 1, mean 0.5; luck is small.
    values, draws = simulated(40, 1.0, 0.3, 50, mean=0.5)
    found = estimate(values, draws)
    assert np.isnan(replications_to_settle(found)).all()


def exactly(draws: int, mean: float, between: float, luck: float) -> np.ndarray:
    """Replications whose draw means vary by exactly `between` and within draws by `luck`."""
    means = np.where(np.arange(draws) % 2, 1.0, -1.0)
    means = (means - means.mean()) / means.std(ddof=1) * np.sqrt(between) + mean
    within = np.array([1, -1, 1, -1]) * np.sqrt(luck * 3 / 4)
    return (means[:, None] + within).reshape(-1, 1)


def test_the_number_that_would_settle_it_does():
    now = estimate(exactly(12, 0.9, 2.3, 8.0), draw_numbers(48))
    assert now.low[0] < 0
    needed = replications_to_settle(now)[0]
    assert needed > 48
    luck = float(now.luck_variance[0])
    enough, short = round(needed * 1.05 / 4), round(needed * 0.95 / 4)
    assert estimate(exactly(enough, 0.9, 2.3, luck), draw_numbers(4 * enough)).low[0] > 0
    assert estimate(exactly(short, 0.9, 2.3, luck), draw_numbers(4 * short)).low[0] < 0


def test_the_range_of_single_years_is_not_that_of_the_mean():
    values = np.random.default_rng(0).normal(0, 1, (4000, 1))
    low, high = year_range(values)
    assert low[0] == pytest.approx(-1.645, abs=0.08)
    assert high[0] == pytest.approx(1.645, abs=0.08)
    few = year_range(column(3, 1, 2))
    assert (few[0][0], few[1][0]) == (1, 3)
    some = year_range(column(3, np.nan, 1, 2))
    assert (some[0][0], some[1][0]) == (1, 3)
    assert np.isnan(year_range(column(np.nan, np.nan))[0][0])


@given(
    st.lists(st.floats(-100, 100), min_size=8, max_size=24),
    st.floats(-50, 50),
    st.floats(0.1, 10),
)
def test_shifting_and_scaling_carry_over(numbers, shift, scale):
    values = np.array(numbers)[:, None]
    draws = draw_numbers(len(numbers))
    plain, moved = estimate(values, draws), estimate(values * scale + shift, draws)
    tolerance = {"rel": 1e-6, "abs": 1e-6}
    assert moved.mean[0] == pytest.approx(plain.mean[0] * scale + shift, **tolerance)
    width = plain.high[0] - plain.low[0]
    assert moved.high[0] - moved.low[0] == pytest.approx(width * scale, **tolerance)


def test_components_need_two_draws():
    one = np.ones((1, 1))
    draw, luck = components(one, one * 4, np.ones(1), np.array([4]), np.array([1]))
    assert np.isnan(draw[0])
    assert np.isnan(luck[0])
