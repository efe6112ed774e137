"""Services are pooled exactly, from rows that may be used, and the catalogue holds the result."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from txsim.catalogue import load_catalogue

FOLDER = Path(__file__).parents[2] / "experiments" / "calibration"
if str(FOLDER) not in sys.path:
    sys.path.append(str(FOLDER))

import services  # noqa: E402
from services import ROWS, WITHOUT_FIGURES, Row, pool  # noqa: E402


def test_the_posterior_is_that_of_drawing_from_the_prior_and_weighing() -> None:
    """By importance: 400,000 draws of the mean, tau and three services, weighed by their rows."""
    rows = tuple(Row(name, "", *one, False) for name, one in zip("abc", ((-0.2, 0.1), (0.1, 0.15),
                 (0.0, 0.2)), strict=True))  # fmt: skip
    luck = np.random.default_rng(8)
    several = 400_000
    mean = services.SD_OF_MEAN * luck.normal(size=several)
    tau = services.SCALE_OF_TAU * np.abs(luck.normal(size=several))
    own = mean[:, None] + tau[:, None] * luck.normal(size=(several, 4))
    misfit = sum(((row.effect - own[:, place]) / row.error) ** 2 for place, row in enumerate(rows))
    weight = np.exp(-0.5 * misfit)
    weight /= weight.sum()
    found = pool(rows, others=("d",))
    assert found.mean == pytest.approx(weight @ mean, abs=0.004)
    assert found.tau == pytest.approx(weight @ tau, abs=0.004)
    for place, name in enumerate("abcd"):
        expected, sd, _ = found.services[name]
        by_weight = weight @ own[:, place]
        assert expected == pytest.approx(by_weight, abs=0.004)
        assert sd == pytest.approx(np.sqrt(weight @ (own[:, place] - by_weight) ** 2), abs=0.004)


def test_services_without_figures_share_the_mean_and_are_wider() -> None:
    found = pool(ROWS, others=WITHOUT_FIGURES)
    known = [found.services[row.service] for row in ROWS]
    for name in WITHOUT_FIGURES:
        mean, sd, shared = found.services[name]
        assert mean == pytest.approx(found.mean)
        assert sd > max(one[1] for one in known)
        assert 0.3 < shared < 0.8


def test_a_trial_tells_less_of_routine_care_than_patients_of_a_clinic_do() -> None:
    trial, clinic = (Row("a", "", 0.0, 0.1, one) for one in (True, False))
    assert trial.precision == pytest.approx(50.0)
    assert clinic.precision == pytest.approx(100.0)


def test_the_catalogue_holds_what_was_pooled() -> None:
    """Spreads and shares as solved; the centre too, but of services found to do nothing."""
    catalogue = load_catalogue()
    found = pool(ROWS, others=WITHOUT_FIGURES)
    pooled = {
        path.split(".")[1]: number
        for path, number in catalogue.numbers()
        if number.pool == "psychosocial_on_agonist"
    }
    unpooled = {"mindfulness_relapse_prevention"}
    assert set(pooled) == set(found.services) - unpooled
    for name, number in pooled.items():
        mean, sd, shared = found.services[name]
        assert number.sd == pytest.approx(sd, abs=0.0006), name
        assert number.shared == pytest.approx(shared, abs=0.006), name
        if not number.is_null:
            assert number.value == pytest.approx(np.exp(mean), abs=0.006), name


def test_rows_are_of_the_catalogue_and_none_is_kept_for_validation() -> None:
    evidence = load_catalogue().evidence
    assert {row.evidence for row in ROWS} <= set(evidence)
