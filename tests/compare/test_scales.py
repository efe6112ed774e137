"""No interval goes beyond what is possible, and as many hold the truth as before or more."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from txsim.compare import Comparison
from txsim.compare.estimate import estimate
from txsim.compare.scales import Scales
from txsim.compare.unseen import unseen_share
from txsim.outcomes import CURVES, OUTCOMES, named
from txsim.outcomes.outcome import PER_100_PEOPLE
from txsim.outcomes.registry import CURVES_BY_NAME

from ..draws import draw_numbers
from .made_comparisons import made_comparison, made_measures, small_scenario

SHARE, COUNT, OPEN = (0.0, 1.0), (0.0, np.inf), (-np.inf, np.inf)
FIGURES = 4000


@given(st.floats(-3, 3), st.floats(0.1, 50), st.floats(0.01, 0.99))
def test_a_scale_leads_back_and_its_slope_is_its_slope(lowest, width, way):
    for highest in (lowest + width, np.inf):
        scales = Scales.of(np.array([[lowest, highest]]))
        figure = np.array([lowest + width * way])
        assert scales.back(scales.put(figure))[0] == pytest.approx(figure[0], abs=1e-9)
        step = 1e-5 * width * min(way, 1 - way)
        slope = (scales.put(figure + step) - scales.put(figure - step)) / (2 * step)
        assert scales.stretch(figure)[0] == pytest.approx(slope[0] ** 2, rel=1e-4)


def test_points_beyond_a_scale_are_its_ends():
    scales = Scales.of(np.array([SHARE, COUNT]))
    np.testing.assert_array_equal(scales.back(np.array([-0.3, -0.3])), [0.0, 0.0])
    np.testing.assert_array_equal(scales.back(np.array([2.0, 2.0])), [1.0, 4.0])


def test_a_figure_without_an_end_is_told_as_it_was():
    values = np.random.default_rng(2).normal(size=(20, 30))
    for draws in (draw_numbers(20), None):
        usual = estimate(values, draws)
        found = estimate(values, draws, np.tile(OPEN, (30, 1)))
        for name in ("mean", "low", "high", "standard_error"):
            np.testing.assert_array_equal(getattr(found, name), getattr(usual, name))


def test_the_interval_of_a_share_by_hand():
    # Two draws of 0.1 and 0.4: each draw's figure is its mean, drawn towards 0.25 by what of it is
    # luck and by a ninth, and what that takes away is carried by the slopes.
    values = np.repeat([[0.1], [0.4]], 4, axis=0)
    found = estimate(values, draw_numbers(8), np.array([SHARE]))
    draw, luck = found.draw_variance[0], found.luck_variance[0]
    draws = 0.25 + np.array([-0.15, 0.15]) * draw / (draw + luck / 4) * 8 / 9
    left = draw - draws.var(ddof=1)
    points = np.arcsin(np.sqrt(draws))
    spread = points.var(ddof=1) + np.mean(left / (4 * draws * (1 - draws)))
    reach = 6.313752 * np.sqrt(1.5 * spread + luck / 8 / (4 * 0.25 * 0.75))
    centre = points.mean()
    assert found.low[0] == pytest.approx(np.sin(max(centre - reach, 0.0)) ** 2, abs=1e-6)
    assert found.high[0] == pytest.approx(np.sin(min(centre + reach, np.pi / 2)) ** 2, abs=1e-6)
    # From so few draws nothing follows; more of them tell more.
    more = estimate(np.tile(values, (3, 1)), draw_numbers(24), np.array([SHARE]))
    assert 0 < more.low[0] < 0.1
    assert 0.4 < more.high[0] < 0.8


Made = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray, tuple[float, float]]]


def share(people: int, of_100: float, spread: float) -> Made:
    """Shares of so many people; the log odds of the expected share differ between draws."""

    def made(luck, draws):
        odds = logit(of_100 / 100) + spread * luck.normal(size=(draws + 1, FIGURES))
        expected = expit(odds)
        values = luck.binomial(people, np.repeat(expected[:-1], 4, axis=0)) / people
        return values, expected[-1], SHARE

    return made


def count(mean: float, spread: float) -> Made:
    """Counts whose expected number differs between draws, skewed as a logarithm is."""

    def made(luck, draws):
        rates = spread * luck.normal(size=(draws + 1, FIGURES)) - spread**2 / 2
        expected = mean * np.exp(rates)
        return luck.poisson(np.repeat(expected[:-1], 4, axis=0)).astype(float), expected[-1], COUNT

    return made


def amount(spread: float, noise: float) -> Made:
    """Amounts of about 100, as far above as below."""

    def made(luck, draws):
        expected = 100 + spread * luck.normal(size=(draws + 1, FIGURES))
        values = np.repeat(expected[:-1], 4, axis=0) + noise * luck.normal(
            size=(4 * draws, FIGURES)
        )
        return values, expected[-1], COUNT

    return made


@pytest.mark.parametrize("draws", [5, 12, 50])
@pytest.mark.parametrize(
    "made",
    [
        share(20, 1, 0.7), share(20, 5, 0.3), share(20, 97, 0.7), share(20, 50, 0.7),
        share(340, 1, 0.7), share(340, 99, 0.3), count(0.2, 1.2), count(1, 0.7), count(5, 1.2),
        count(50, 0.7), amount(10, 5), amount(3, 20),
    ],
    ids=[
        "1 of 100, few people", "5 of 100, few people", "97 of 100, few people", "half",
        "1 of 100", "99 of 100", "hardly ever, very skewed", "once", "five, very skewed",
        "fifty, skewed", "symmetric", "mostly luck",
    ],
)  # fmt: skip
def test_as_many_intervals_hold_the_truth_as_when_made_on_the_figure_itself(made, draws):
    # Both sorts are made of the same 4,000 figures. The share that holds the truth is known to
    # 0.005, and their difference, since they part in at most 6 of 100, to less than 0.004: a sort
    # that lost 3 of 100 would be caught in practically every run, one that lost 2 in nearly all.
    values, truth, limits = made(np.random.default_rng(7), draws)
    number = draw_numbers(len(values))
    usual = estimate(values, number, years=False)
    found = estimate(values, number, np.tile(limits, (FIGURES, 1)), years=False)
    held_usually = np.mean((usual.low <= truth) & (truth <= usual.high))
    below, above = np.mean(truth < found.low), np.mean(truth > found.high)
    held = 1 - below - above
    assert held > 0.875
    assert held > min(held_usually, 0.915) - 0.01
    assert (found.low >= limits[0]).all()
    assert (found.high <= limits[1]).all()
    # What misses does not miss on one side only.
    usually_above = max(np.mean(truth > usual.high), np.mean(truth < usual.low))
    assert max(below, above) < max(usually_above + 0.005, 0.075)


@pytest.mark.parametrize(("people", "of_100"), [(10, 0.2), (10, 99.8), (40, 0.1), (340, 0.02)])
@pytest.mark.parametrize("draws", [5, 12, 50])
def test_what_was_never_seen_is_not_taken_to_be_impossible(people, of_100, draws):
    values, truth, limits = share(people, of_100, 0.3)(np.random.default_rng(8), draws)
    ends = np.tile(limits, (FIGURES, 1))
    found = estimate(values, draw_numbers(len(values)), ends, years=False)
    told = unseen_share(found, ends, np.full(FIGURES, people), np.ones(FIGURES))
    assert np.mean((told.low <= truth) & (truth <= told.high)) > 0.93
    never = (values == values[0]).all(axis=0)
    if draws == 5:
        # Many of these figures show nothing at all; their interval is a point beside the truth.
        assert never.mean() > 0.2
        assert np.mean((found.low <= truth) & (truth <= found.high)) < 0.8
    assert (told.low[~never] == found.low[~never]).all()
    seen = 1 - 0.05 ** (1 / (people * len(values)))
    assert (told.high - told.low)[never] == pytest.approx(seen)


numbers = st.one_of(
    st.just(0.0), st.just(1.0), st.floats(0, 1), st.just(float("nan")), st.floats(0.99, 1)
)


@given(
    st.lists(st.lists(numbers, min_size=4, max_size=4), min_size=1, max_size=12),
    st.sampled_from([SHARE, COUNT, (-1.0, 1.0), OPEN, (0.0, 3.5)]),
    st.booleans(),
)
def test_whatever_the_figures_no_interval_leaves_what_is_possible(rows, limits, drawn):
    values = np.array(rows).T.reshape(4, len(rows))
    values = np.concatenate([values, np.roll(values, 1, axis=0), values[::-1]])
    draws = draw_numbers(len(values)) if drawn else None
    ends = np.tile(limits, (values.shape[1], 1))
    found = estimate(values, draws, ends)
    told = unseen_share(found, ends, np.full(len(rows), 20.0), np.ones(len(rows)))
    for one in (found, told):
        known = ~np.isnan(one.low)
        assert (np.isnan(one.low) == np.isnan(one.high)).all()
        tiny = 1e-9
        assert (one.low[known] >= limits[0]).all()
        assert (one.high[known] <= limits[1]).all()
        assert (one.low <= one.mean + tiny)[known].all()
        assert (one.high >= one.mean - tiny)[known].all()


def test_one_replication_and_one_draw_give_no_interval():
    for values in (np.zeros((1, 1)), np.full((4, 1), 0.5), np.ones((2, 1))):
        found = estimate(values, draw_numbers(len(values)), np.array([SHARE]))
        assert np.isnan(found.low[0])
        assert np.isnan(found.high[0])
        told = unseen_share(found, np.array([SHARE]), np.array([20.0]), np.ones(1))
        assert np.isnan(told.high[0])
    assert np.isnan(estimate(np.zeros((1, 1)), None, np.array([SHARE])).low[0])


def test_what_is_possible_is_declared_with_the_outcome():
    assert named("retained_30").limits(365) == SHARE
    assert named("days_in_care").limits(200) == (0.0, 200.0)
    assert named("vacant_days").limits(200) == COUNT
    assert named("days_with_a_visit").limits(200) == (0.0, 30.0)
    assert named("deaths").limits(365) == (0.0, 100.0)
    assert named("overdoses").limits(365) == COUNT
    assert named("symptoms").limits(365) == OPEN
    assert named("qalys_public").limits(365)[1] == pytest.approx(365 / 365.25)
    assert CURVES_BY_NAME["alive"].limits == SHARE
    assert CURVES_BY_NAME["waiting list"].limits == COUNT
    assert named("deaths").of_one == 100.0
    assert named("cost_per_year").of_one is None
    for outcome in OUTCOMES:
        if outcome.unit == PER_100_PEOPLE and outcome.of == "person":
            assert outcome.of_one == 100.0


@pytest.fixture(scope="module", params=["drawn", "held fixed"])
def wild(request):
    """Two designs whose figures jump about as far as they can from replication to replication."""
    first = small_scenario().with_changes(name="today")
    designs = [first, first.with_changes(name="other")]
    luck = np.random.default_rng(11)
    measured = []
    for design in designs:
        measures = made_measures(design, 8, 0.0)
        limits = np.array([outcome.limits(60) for outcome in OUTCOMES])
        ends = np.where(np.isfinite(limits), limits, np.sign(limits) * 50.0)
        jumping = []
        for one in measures:
            way = luck.choice([0.0, 0.0, 0.5, 1.0, 1.0], one.values.shape)
            values = ends[:, 0] + way * (ends[:, 1] - ends[:, 0])
            curves = {
                curve.name: luck.choice([0.0, 1.0], len(one.curves[curve.name])) for curve in CURVES
            }
            jumping.append(replace(one, values=values, curves=curves))
        measured.append(jumping)
    draws = draw_numbers(8) if request.param == "drawn" else None
    return Comparison(designs, measured, draws, {})


def test_no_level_is_beyond_the_possible(wild):
    table = wild.outcomes
    for name, rows in table.groupby("outcome"):
        lowest, highest = named(name).limits(60)
        for column in ("mean", "low", "high", "year_low", "year_high"):
            assert (rows[column] >= lowest).all(), (name, column)
            assert (rows[column] <= highest).all(), (name, column)
        assert (rows["low"] <= rows["mean"]).all(), name
        assert (rows["high"] >= rows["mean"]).all(), name


def test_no_curve_is_beyond_the_possible(wild):
    for table in (wild.retention.rename(columns={"definition": "curve"}), wild.curves):
        for name, rows in table.groupby("curve"):
            lowest, highest = CURVES_BY_NAME[name].limits
            assert (rows["low"] >= lowest).all()
            assert (rows["high"] <= highest).all()


def test_no_difference_is_beyond_the_possible_nor_more_than_there_is(wild):
    table = wild.differences
    share = table[table["unit"] == "proportion"]
    assert len(share) > 100
    for column in ("mean", "low", "high", "year_low", "year_high"):
        assert (share[column].abs() <= 1).all(), column
    key = ["subgroup", "outcome"]
    levels = wild.outcomes.set_index(["scenario", *key])
    first, other = levels.loc["today"], levels.loc["other"]
    rows = table.set_index(key)
    for name in rows.index.unique():
        outcome = named(name[1])
        if outcome.differs_by:
            continue
        lowest, highest = outcome.limits(60)
        row = rows.loc[name]
        assert row["low"] >= lowest - first.loc[name, "high"] - 1e-9, name
        assert row["low"] >= other.loc[name, "low"] - highest - 1e-9, name
        assert row["high"] <= highest - first.loc[name, "low"] + 1e-9, name
        assert row["high"] <= other.loc[name, "high"] - lowest + 1e-9, name
        assert row["low"] <= row["mean"] <= row["high"], name


def test_told_from_either_side_a_difference_is_the_same(wild):
    there = wild.differences.set_index(["subgroup", "outcome"])
    back = wild.against("other").set_index(["subgroup", "outcome"])
    np.testing.assert_allclose(back["low"], -there["high"], atol=1e-9)
    np.testing.assert_allclose(back["high"], -there["low"], atol=1e-9)


def test_what_never_happens_is_told_with_what_could_have_gone_unseen():
    made = made_comparison(0.0, 0.0, replications=8)
    of_all = made.outcomes.query("subgroup == 'everyone' and scenario == 'today'")
    of_all = of_all.set_index("outcome")
    # Nobody of 40 people in 8 replications died; everybody was admitted.
    unseen = 1 - 0.05 ** (1 / 320)
    assert of_all.loc["share_dead_waiting", "mean"] == 0
    assert of_all.loc["share_dead_waiting", "high"] == pytest.approx(unseen)
    assert of_all.loc["people_dead_waiting", "high"] == pytest.approx(40 * unseen)
    assert of_all.loc["deaths", "high"] == pytest.approx(100 * unseen)
    assert of_all.loc["share_served", "low"] == pytest.approx(1 - unseen)
    assert of_all.loc["cost_per_year", "low"] == of_all.loc["cost_per_year", "high"]
    same = made.differences[made.differences["outcome"] == "deaths"]
    assert (same[["low", "high"]] == 0).all(axis=None)
