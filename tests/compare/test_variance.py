"""What is uncertain is parted into chance, parameters and clinic, where the parts are known."""

import numpy as np
import pytest

from txsim.compare.variance import COLUMNS, FEWEST_DRAWS, parts

from ..draws import draw_numbers
from .made_comparisons import made_comparison

LUCK = 4
WEIGHTS = np.array([0.6, 0.8])
"""How the clinic's deviates of leaving and of use make up its part."""


def made(draws: int, chance: float, parameters: float, clinic: float, figures: int):
    """Figures with these standard deviations of each part: values, draws, the clinic's deviates."""
    luck = np.random.default_rng(3)
    deviates = luck.normal(size=(draws, 2))
    shape = (draws, figures)
    of_draw = 10.0 + parameters * luck.normal(size=shape) + clinic * deviates @ WEIGHTS[:, None]
    values = np.repeat(of_draw, LUCK, axis=0)
    values += chance * luck.normal(size=(draws * LUCK, figures))
    return values, draw_numbers(draws * LUCK), np.repeat(deviates, LUCK, axis=0)


@pytest.mark.parametrize(
    ("chance", "parameters", "clinic"),
    [(2.0, 1.0, 1.5), (3.0, 0.0, 1.0), (1.0, 2.0, 0.0), (1.0, 0.0, 0.0)],
)
def test_known_parts_are_found(chance, parameters, clinic):
    """Means over 2,000 figures in 40 draws; no cut at nothing raises them by more than a tenth."""
    values, draws, deviate = made(40, chance, parameters, clinic, 2000)
    found = parts(values, draws, deviate)
    spread = np.var(deviate[::LUCK] @ WEIGHTS, ddof=1)
    near = 0.05 * (chance**2 + parameters**2 + clinic**2)
    assert found.chance.mean() == pytest.approx(chance**2, abs=near)
    assert found.parameters.mean() == pytest.approx(parameters**2, abs=near)
    assert found.clinic.mean() == pytest.approx(clinic**2 * spread, abs=near)


def test_a_clinic_that_is_the_same_in_all_draws_has_no_part():
    values, draws, _ = made(20, 1.0, 2.0, 0.0, 50)
    found = parts(values, draws, np.zeros((len(draws), 2)))
    assert (found.clinic == 0.0).all()
    assert found.parameters.mean() == pytest.approx(4.0, rel=0.2)


def test_with_too_few_draws_nothing_is_parted():
    values, draws, deviate = made(FEWEST_DRAWS - 1, 1.0, 1.0, 1.0, 5)
    assert np.isnan(parts(values, draws, deviate).whole).all()


def test_the_table_tells_levels_and_differences_in_shares_of_one():
    table = made_comparison(0.0, 15.0, replications=40).variance
    assert tuple(table.columns) == COLUMNS
    assert set(table["baseline"]) == {"", "today"}
    assert (table.loc[table["baseline"] == "today", "scenario"] == "longer-1").all()
    varies = table[table["year_sd"] > 0]
    shares = varies[["chance", "parameters", "clinic"]].sum(axis=1)
    assert shares.to_numpy() == pytest.approx(np.ones(len(varies)))
    assert made_comparison(0.0, uncertainty=False).variance.empty
