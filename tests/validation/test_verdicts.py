"""What counts as right, and how a scorecard adds it up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from txsim.validation.prediction import Prediction
from txsim.validation.scorecard import Scorecard, calibration, coverage, median_errors
from txsim.validation.sentences import lines
from txsim.validation.trials import Contrast, Experiment, Result, Trial
from txsim.validation.verdicts import is_right, score_arms, score_contrasts, verdict_of


def contrast(**says: Any) -> Contrast:
    return Contrast.model_validate({"of": "new", "against": "old", "expected": "higher", **says})


@pytest.mark.parametrize(
    ("says", "predicted", "right"),
    [
        ({}, 0.05, True),
        ({}, 0.01, False),
        ({}, -0.05, False),
        ({"expected": "lower"}, -0.05, True),
        ({"expected": "none"}, 0.09, True),
        ({"expected": "none"}, -0.11, False),
        ({"expected": "none", "margin": 0.02}, 0.03, False),
        ({"within": (0.03, 0.07)}, 0.08, False),
        ({"within": (0.03, 0.07)}, 0.04, True),
        ({"scale": "odds ratio"}, 1.2, True),
        ({"scale": "odds ratio"}, 1.05, False),
        ({"scale": "odds ratio", "expected": "lower"}, 0.7, True),
        ({"scale": "risk ratio", "expected": "none"}, 1.05, True),
        ({"scale": "risk ratio", "expected": "none"}, 1.2, False),
        ({"scale": "risk ratio", "expected": "none", "within": (0.5, 1.5)}, 1.2, True),
    ],
)
def test_what_counts_as_right(says: dict[str, Any], predicted: float, right: bool) -> None:
    assert is_right(contrast(**says), predicted) is right


def experiment(*contrasts: Contrast, **says: Any) -> Experiment:
    """A trial of two arms of 100, of which 0.5 and 0.7 stayed."""
    result = Result(
        name="stayed", kind="retention", measure="stayed", sizes={"old": 100, "new": 100},
        observed={"old": 0.5, "new": 0.7}, contrasts=contrasts,
    )  # fmt: skip
    trial = Trial.model_validate(
        {"number": 7, "label": "A trial", "citation": "Nobody", "arms": ("old", "new")}
        | {"results": (result,)}
        | says
    )
    return Experiment("a-trial", trial, {}, {})


def prediction(old: float, new: float) -> Prediction:
    """Predictions that lie evenly, five points to each side."""
    around = np.linspace(-0.05, 0.05, 101)
    return Prediction({("stayed", "old"): old + around, ("stayed", "new"): new + around}, {})


def test_arms_by_hand() -> None:
    old, new = score_arms(experiment(), prediction(0.52, 0.60))

    assert old.predicted == pytest.approx(0.52)
    assert (old.low, old.high) == pytest.approx((0.4741, 0.5659))
    assert old.inside
    assert not new.inside
    assert new.error == pytest.approx(-0.10)
    assert new.pit == 1.0
    assert old.pit == pytest.approx(30.5 / 101)
    assert coverage([old, new]) == 0.5
    assert calibration([old, new])[0] == pytest.approx((old.crps + new.crps) / 2)


def test_contrasts_by_hand() -> None:
    both = experiment(contrast(), contrast(scale="risk ratio"))
    difference, ratio = score_contrasts(both, prediction(0.50, 0.60))

    assert difference.observed == pytest.approx(0.20)
    assert difference.predicted == pytest.approx(0.10)
    assert difference.verdict == "right"
    assert difference.error == pytest.approx(-0.10)
    assert difference.errors_of_baselines == pytest.approx((-0.20, -0.15))
    assert ratio.observed == pytest.approx(1.4)
    assert ratio.predicted == pytest.approx(1.2, abs=0.01)
    assert ratio.error == pytest.approx(-0.10, abs=0.001)
    assert median_errors([difference, ratio]) == pytest.approx((0.10, 0.20, 0.15))


def test_a_published_ratio_is_told_as_a_difference_at_the_level_of_the_other_arm() -> None:
    published = experiment(contrast(scale="odds ratio", value=2.0))
    published = Experiment(
        "a-trial",
        published.trial.model_copy(
            update={"results": (published.trial.results[0].model_copy(update={"observed": {}}),)}
        ),
        {},
        {},
    )
    (one,) = score_contrasts(published, prediction(0.50, 0.60))

    assert one.observed == 2.0
    assert one.observed_difference == pytest.approx(2 / 3 - 0.5)


def test_one_wrong_contrast_that_decides_makes_a_trial_wrong() -> None:
    right, beside = contrast(), contrast(expected="lower", decides=False)
    several = score_contrasts(experiment(right, beside), prediction(0.50, 0.60))
    assert verdict_of(several) == "right"

    several = score_contrasts(experiment(right, contrast(expected="lower")), prediction(0.5, 0.6))
    assert verdict_of(several) == "wrong"
    assert verdict_of([]) == "cannot be said"


def test_what_cannot_be_said_is_scored_as_missing() -> None:
    said = experiment(contrast(value=0.2))
    missing = said.trial.results[0].model_copy(update={"missing": "no such people", "observed": {}})
    silent = Experiment("a-trial", said.trial.model_copy(update={"results": (missing,)}), {}, {})

    assert score_arms(silent, prediction(0.5, 0.6)) == []
    (one,) = score_contrasts(silent, prediction(0.5, 0.6))
    assert verdict_of([one]) == "cannot be said"
    assert np.isnan(median_errors([one])).all()


def card(*experiments: Experiment, old: float = 0.50, new: float = 0.60) -> Scorecard:
    found = prediction(old, new)
    return Scorecard(
        experiments,
        tuple(row for one in experiments for row in score_arms(one, found)),
        tuple(row for one in experiments for row in score_contrasts(one, found)),
        True,
        {"command": "txsim validate"},
    )


def test_marks_leave_the_checks_of_the_fit_out() -> None:
    good = experiment(contrast(), number=3)
    check = experiment(contrast(expected="lower"), number=1, consistency="fitted to half of it")
    found = card(good, check)

    assert found.verdict(3) == "right"
    assert found.verdict(1) == "wrong"
    signs, predicted, everything, errors = found.marks
    assert signs.found == "1 of 1"
    assert signs.met
    assert predicted.found.startswith("50 % of 2")
    assert everything.found.startswith("50 % of 4")
    assert not predicted.met
    assert errors.found.startswith("10.0 points")
    assert not errors.met


def test_half_of_the_better_baselines_error_is_asked() -> None:
    errors = card(experiment(contrast(), number=3), new=0.64).marks[-1]

    assert errors.found.startswith("6.0 points")
    assert errors.met


def test_the_words_say_what_is_outside_and_what_is_wrong() -> None:
    told = "\n".join(lines(card(experiment(contrast(expected="lower"), number=3))))

    assert "3  A trial: wrong" in told
    assert "new: observed 70 (60 to 78), predicted 60 (5" in told
    assert " - outside" in told
    assert "stayed, new against old: lower, +20.0; predicted +10.0" in told
    assert "MISSED  90 % intervals hold 75 to 97 % of arms predicted" in told
