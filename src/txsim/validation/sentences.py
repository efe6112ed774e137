"""The scorecard in plain words: lines for the terminal, and the words that the page shares."""

from __future__ import annotations

import math
from collections.abc import Iterator

from txsim.formatting import listed, plain
from txsim.validation.scorecard import Scorecard, calibration, coverage, median_errors
from txsim.validation.trials import Experiment
from txsim.validation.verdicts import ArmScore, ContrastScore

NO_FIGURE = "no figure"
EXPECTED = {"higher": "higher", "lower": "lower", "none": "no difference"}


def share(value: float) -> str:
    """A share as so many of 100; small ones with decimals."""
    return plain(100 * value, 0 if abs(value) >= 0.095 else 1)


def figure(value: float, scale: str) -> str:
    """A difference in points of 100, or a ratio."""
    if math.isnan(value):
        return NO_FIGURE
    if scale == "difference":
        return f"{'+' if value >= 0.0005 else ''}{plain(100 * value, 1)}"
    return plain(value, 2)


def span(limits: tuple[float, float] | None, scale: str = "share") -> str:
    """Limits in brackets, or nothing."""
    if limits is None or math.isnan(limits[0]):
        return ""
    words = share if scale == "share" else lambda value: figure(value, scale)
    return f" ({words(limits[0])} to {words(limits[1])})"


def name_of_contrast(row: ContrastScore) -> str:
    """Which arm against which, in what."""
    if row.contrast.against_result:
        return f"{row.result.name}, against {row.contrast.against_result}"
    of = listed([words(one) for one in row.contrast.of])
    return f"{row.result.name}, {of} against {words(row.contrast.against)}"


def words(arm: str) -> str:
    """The name of an arm for people."""
    return arm.replace("-", " ")


def arm_line(row: ArmScore) -> str:
    """What was observed of an arm and what was predicted."""
    return (
        f"{words(row.arm)}: observed {share(row.observed)}{span(row.observed_limits)}, "
        f"predicted {share(row.predicted)}{span((row.low, row.high))}"
        f"{'' if row.inside else ' - outside'}"
    )


def contrast_line(row: ContrastScore) -> str:
    """What was found of a contrast and what was predicted."""
    scale = row.contrast.scale
    unit = "" if scale == "difference" else f"{scale} "
    expected = EXPECTED[row.contrast.expected]
    found = "" if math.isnan(row.observed) else f", {unit}{figure(row.observed, scale)}"
    if row.verdict == "cannot be said":
        return (
            f"{name_of_contrast(row)}: {expected}{found}{span(row.observed_limits, scale)}; "
            f"cannot be said: {row.result.missing}"
        )
    aside = "" if row.contrast.decides else ", beside"
    return (
        f"{name_of_contrast(row)}: {expected}{found}{span(row.observed_limits, scale)}; "
        f"predicted {unit}{figure(row.predicted, scale)}"
        f"{span((row.low, row.high), scale)}: {row.verdict}{aside}"
    )


def lines(card: Scorecard) -> Iterator[str]:
    """The whole scorecard for a terminal."""
    yield "Predicted beside observed, per 100 people (or days): predictions with 90 % intervals at"
    yield "the trials' real sizes, observations with 95 % limits."
    for number in card.numbers:
        for experiment in card.of_number(number):
            yield ""
            yield f"{number}  {experiment.trial.label}: {card.verdict(number)}{_aside(experiment)}"
            yield from (f"   {line}" for line in _of(card, experiment))
    yield ""
    yield from summary(card)


def _aside(experiment: Experiment) -> str:
    because = experiment.trial.consistency
    return f" (a check of the fit, no prediction: {because})" if because else ""


def _of(card: Scorecard, experiment: Experiment) -> Iterator[str]:
    before = ""
    for arm in card.arms_of(experiment):
        if arm.result.name != before:
            before = arm.result.name
            yield before
        yield f"  {arm_line(arm)}"
    for contrast in card.contrasts_of(experiment):
        yield contrast_line(contrast)
    yield from (f"Missing: {one}" for one in experiment.trial.missing)
    if experiment.trial.explained:
        yield f"Why: {experiment.trial.explained}"


def summary(card: Scorecard) -> Iterator[str]:
    """The marks, and how errors and intervals are without the checks of the fit and with them."""
    if card.whole:
        for mark in card.marks:
            yield f"{'met   ' if mark.met else 'MISSED'}  {mark.asked}: {mark.found}"
    else:
        yield "Marks are asked of all trials together."
    for whose, arms, contrasts in (
        ("Predictions", card.predicted_arms, card.predicted_contrasts),
        ("With the checks of the fit", list(card.arms), list(card.contrasts)),
    ):
        if not arms and not contrasts:
            continue
        score, uneven = calibration(arms)
        mine, none, tenth = median_errors(contrasts)
        said = []
        if arms:
            said.append(
                f"{100 * coverage(arms):.0f} % of {len(arms)} figures of arms inside, mean CRPS "
                f"{100 * score:.1f} points, PIT at most {uneven:.2f} from even"
            )
        if not math.isnan(mine):
            said.append(
                f"median error of contrasts {100 * mine:.1f} points against {100 * none:.1f} (no "
                f"effect) and {100 * tenth:.1f} (a tenth better)"
            )
        yield f"{whose}: {'; '.join(said)}."
