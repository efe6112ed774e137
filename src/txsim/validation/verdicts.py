"""Whether a prediction is right: of one arm, of one contrast, of a trial."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from txsim.validation import naive_baselines
from txsim.validation.measures import MEASURES
from txsim.validation.prediction import Prediction
from txsim.validation.scores import as_difference, crps, interval, median, on_scale, pit
from txsim.validation.trials import ADDED, Contrast, Experiment, Result

Verdict = Literal["right", "wrong", "cannot be said"]

SHARE_THAT_MATTERS = 0.02
"""A difference of shares below which no sign counts (the margin that reports use)."""
RATIO_THAT_MATTERS = 1.1
"""Likewise a ratio."""


@dataclass(frozen=True)
class ArmScore:
    """What was predicted of one figure of one arm, beside what was observed; shares."""

    experiment: Experiment
    result: Result
    arm: str
    observed: float
    observed_limits: tuple[float, float] | None
    predicted: float
    low: float
    high: float
    pit: float
    crps: float

    @property
    def inside(self) -> bool:
        """Whether the 90 % interval holds what was observed."""
        return self.low <= self.observed <= self.high

    @property
    def error(self) -> float:
        """Predicted less observed."""
        return self.predicted - self.observed


@dataclass(frozen=True)
class ContrastScore:
    """What was predicted of one contrast, beside what was observed.

    `observed`, `predicted` and limits are on the contrast's scale; errors are differences of
    shares, nan where no figure was published.
    """

    experiment: Experiment
    result: Result
    contrast: Contrast
    observed: float
    observed_limits: tuple[float, float] | None
    predicted: float
    low: float
    high: float
    verdict: Verdict
    observed_difference: float
    predicted_difference: float
    no_effect: float
    """What a prediction of no effect would say."""
    tenth: float
    """What a prediction of a tenth better would say."""

    @property
    def inside(self) -> bool:
        """Whether the 90 % interval holds what was observed."""
        return self.low <= self.observed <= self.high

    @property
    def error(self) -> float:
        """Predicted less observed, as a difference of shares."""
        return self.predicted_difference - self.observed_difference

    @property
    def errors_of_baselines(self) -> tuple[float, float]:
        """The same for no effect, and for a tenth better."""
        return self.no_effect - self.observed_difference, self.tenth - self.observed_difference


def score_arms(experiment: Experiment, prediction: Prediction) -> list[ArmScore]:
    """Every figure observed of an arm."""
    return [
        _score_arm(experiment, result, arm, prediction)
        for result in experiment.trial.results
        if not result.missing
        for arm in result.observed
    ]


def _score_arm(
    experiment: Experiment, result: Result, arm: str, prediction: Prediction
) -> ArmScore:
    sample, observed = prediction.shares[result.name, arm], result.observed[arm]
    low, high = interval(sample)
    return ArmScore(
        experiment, result, arm, observed, experiment.limits(result, arm),
        median(sample), low, high, pit(sample, observed), crps(sample, observed),
    )  # fmt: skip


def score_contrasts(experiment: Experiment, prediction: Prediction) -> list[ContrastScore]:
    """Every contrast of a trial."""
    return [
        _score_contrast(experiment, result, contrast, prediction)
        for result in experiment.trial.results
        for contrast in result.contrasts
    ]


def _score_contrast(
    experiment: Experiment, result: Result, contrast: Contrast, prediction: Prediction
) -> ContrastScore:
    limits = (
        None if contrast.low is None or contrast.high is None else (contrast.low, contrast.high)
    )
    if result.missing:
        unknown = math.nan
        value = unknown if contrast.value is None else contrast.value
        return ContrastScore(
            experiment, result, contrast, value, limits, unknown, unknown, unknown,
            "cannot be said", unknown, unknown, unknown, unknown,
        )  # fmt: skip
    other = experiment.result(contrast.against_result) if contrast.against_result else result
    reference = prediction.shares[other.name, contrast.against]
    mine = np.mean([prediction.shares[result.name, arm] for arm in contrast.of], axis=0)
    if contrast.of == (ADDED,):
        sample = prediction.ratios[result.name]
    else:
        sample = on_scale(contrast.scale, mine, reference)
    low, high = interval(sample)
    predicted = median(sample)
    level = other.observed.get(contrast.against, median(reference))
    observed, difference = _observed(result, other, contrast, level)
    better = MEASURES[result.measure].better
    return ContrastScore(
        experiment=experiment,
        result=result,
        contrast=contrast,
        observed=observed,
        observed_limits=limits,
        predicted=predicted,
        low=low,
        high=high,
        verdict="right" if is_right(contrast, predicted) else "wrong",
        observed_difference=difference,
        predicted_difference=(
            as_difference(contrast.scale, predicted, level)
            if contrast.of == (ADDED,)
            else median(mine - reference)
        ),
        no_effect=naive_baselines.no_effect(),
        tenth=naive_baselines.a_tenth_better(level, better),
    )


def _observed(
    result: Result, other: Result, contrast: Contrast, level: float
) -> tuple[float, float]:
    """What was observed on the contrast's scale, and as a difference of shares."""
    arms = [result.observed.get(arm, math.nan) for arm in contrast.of]
    mine, its = sum(arms) / len(arms), other.observed.get(contrast.against, math.nan)
    value = contrast.value
    if value is None:
        value = float(on_scale(contrast.scale, mine, its))
    difference = mine - its
    if math.isnan(difference) and not math.isnan(value):
        difference = as_difference(contrast.scale, value, level)
    return value, difference


def is_right(contrast: Contrast, predicted: float) -> bool:
    """Whether a predicted figure has the sign, or is as small, as was found."""
    if contrast.within is not None and not contrast.within[0] <= predicted <= contrast.within[1]:
        return False
    if contrast.scale == "difference":
        least, most = -SHARE_THAT_MATTERS, SHARE_THAT_MATTERS
        none = abs(predicted) <= contrast.margin
    else:
        least, most = 1.0 / RATIO_THAT_MATTERS, RATIO_THAT_MATTERS
        none = contrast.within is not None or least <= predicted <= most
    if contrast.expected == "none":
        return none
    return predicted >= most if contrast.expected == "higher" else predicted <= least


def verdict_of(contrasts: list[ContrastScore]) -> Verdict:
    """Of a trial, or of several under one number: right where every contrast that decides is."""
    deciding = [one.verdict for one in contrasts if one.contrast.decides]
    if "wrong" in deciding:
        return "wrong"
    return "cannot be said" if "cannot be said" in deciding or not deciding else "right"
