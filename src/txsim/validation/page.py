"""The scorecard as one self-contained HTML page, in the look of the reports."""

from __future__ import annotations

from typing import Any

from txsim.report.page import environment_of, style
from txsim.validation.pictures import LOOKS, OBSERVED, PREDICTED, pictures
from txsim.validation.scorecard import Scorecard
from txsim.validation.sentences import arm_line, contrast_line, summary
from txsim.validation.trials import Experiment
from txsim.wording import AS_WRITTEN

TITLE = "What the model predicts of published trials"


def html(card: Scorecard) -> str:
    """The page; the same scorecard gives the same text."""
    return (
        environment_of(AS_WRITTEN, "txsim.validation")
        .get_template("scorecard.html")
        .render(
            title=TITLE,
            style=style(),
            whole=card.whole,
            marks=card.marks,
            summary=[line for line in summary(card) if not line.startswith(("met ", "MISSED"))],
            pictures=pictures(card),
            trials=[_shown(card, one) for number in card.numbers for one in card.of_number(number)],
            command=card.manifest["command"],
            signs=[(OBSERVED, LOOKS[OBSERVED].colour), (PREDICTED, LOOKS[PREDICTED].colour)],
        )
    )


def _shown(card: Scorecard, experiment: Experiment) -> dict[str, Any]:
    trial = experiment.trial
    return {
        "number": trial.number,
        "label": trial.label,
        "citation": trial.citation,
        "verdict": card.verdict(trial.number),
        "consistency": trial.consistency,
        "arms": [f"{one.result.name}, {arm_line(one)}" for one in card.arms_of(experiment)],
        "contrasts": [contrast_line(one) for one in card.contrasts_of(experiment)],
        "missing": trial.missing,
        "explained": trial.explained,
        "set_ups": list(experiment.set_ups.items()),
    }
