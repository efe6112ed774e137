"""The scorecard: every prediction beside what was observed, and the marks asked of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.errors import TxsimError
from txsim.parameters.draw import DrawSource
from txsim.parameters.draw_source import source_of
from txsim.parameters.draw_table import TableOfDraws
from txsim.validation.prediction import predict
from txsim.validation.scores import unevenness
from txsim.validation.trials import Experiment, load_experiments
from txsim.validation.verdicts import (
    ArmScore,
    ContrastScore,
    Verdict,
    score_arms,
    score_contrasts,
    verdict_of,
)

if TYPE_CHECKING:
    from pandas import DataFrame

REPLICATIONS = 100
"""Replications of each trial where nothing else is said."""
MOST_WRONG = 1
"""Experiments of the nine that may be wrong, or not be said."""
COVERED = (0.75, 0.97)
"""Share of arm-level results that 90 % intervals are to hold."""
HALF = 0.5
"""Part of the better baseline's median error below which the model's is to be."""


@dataclass(frozen=True)
class Mark:
    """One thing asked of the predictions, what was found, and whether that is enough."""

    asked: str
    found: str
    met: bool


@dataclass(frozen=True)
class Scorecard:
    """What was predicted of every trial, and how good it is."""

    experiments: tuple[Experiment, ...]
    arms: tuple[ArmScore, ...]
    contrasts: tuple[ContrastScore, ...]
    whole: bool
    """Whether all trials are in it; marks are asked of the whole."""
    manifest: dict[str, Any]

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the experiments, in order."""
        return tuple(sorted({one.trial.number for one in self.experiments}))

    def of_number(self, number: int) -> tuple[Experiment, ...]:
        """The trials under a number."""
        return tuple(one for one in self.experiments if one.trial.number == number)

    def is_consistency(self, number: int) -> bool:
        """Whether an experiment is a check of the fit and no prediction."""
        return any(one.trial.consistency for one in self.of_number(number))

    def verdict(self, number: int) -> Verdict:
        """Whether an experiment's signs and nulls are right."""
        return verdict_of([one for one in self.contrasts if one.experiment.trial.number == number])

    def arms_of(self, experiment: Experiment) -> list[ArmScore]:
        """The figures of a trial's arms."""
        return [one for one in self.arms if one.experiment is experiment]

    def contrasts_of(self, experiment: Experiment) -> list[ContrastScore]:
        """The contrasts of a trial."""
        return [one for one in self.contrasts if one.experiment is experiment]

    @cached_property
    def predicted_arms(self) -> list[ArmScore]:
        """Figures of arms that are predictions."""
        return [one for one in self.arms if not one.experiment.trial.consistency]

    @cached_property
    def predicted_contrasts(self) -> list[ContrastScore]:
        """Contrasts that are predictions."""
        return [one for one in self.contrasts if not one.experiment.trial.consistency]

    @cached_property
    def marks(self) -> list[Mark]:
        """What is asked of the whole; nothing of a part."""
        if not self.whole:
            return []
        asked = [number for number in self.numbers if not self.is_consistency(number)]
        right = [number for number in asked if self.verdict(number) == "right"]
        enough = len(asked) - MOST_WRONG
        everything = [one for one in self.arms]
        errors = median_errors(self.predicted_contrasts)
        better = min(errors[1:])
        return [
            Mark(
                f"signs and nulls right in {enough} of {len(asked)} experiments",
                f"{len(right)} of {len(asked)}",
                len(right) >= enough,
            ),
            _coverage_mark("of arms predicted", self.predicted_arms),
            _coverage_mark("of all arms, the consistency checks among them", everything),
            Mark(
                "median error of contrasts below half of the better baseline's",
                f"{100 * errors[0]:.1f} points, the baselines {100 * errors[1]:.1f} (no effect) "
                f"and {100 * errors[2]:.1f} (a tenth better)",
                errors[0] < HALF * better,
            ),
        ]

    @cached_property
    def table(self) -> DataFrame:
        """One row for each figure of an arm, and for each contrast."""
        from pandas import DataFrame

        return DataFrame([*map(_arm_row, self.arms), *map(_contrast_row, self.contrasts)])


def validate(
    replications: int = REPLICATIONS,
    seed: int = 1,
    workers: int | None = None,
    only: Sequence[str] = (),
    draws: DrawSource | str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    command: str = "",
    folder: Path | None = None,
) -> Scorecard:
    """Predict published trials at their real size and lay what was observed beside it.

    Args:
        replications: Of each trial, each with a draw of its own.
        seed: Another number, other random numbers.
        workers: Processes; results do not depend on it.
        only: Names of trials; all if left out.
        draws: Where parameters are drawn from, or a file of draws; the catalogue's ranges if left
            out.
        progress: Told how much is done.
        command: The command that made this, for the manifest.
        folder: Where the trials are; the shipped ones if left out.

    Raises:
        ScenarioError: A set-up or an observed figure has a mistake; it says where.
        TxsimError: There are too few replications, or a run fails.
    """
    if replications < 2:
        raise TxsimError(f"a prediction needs at least two replications (got {replications})")
    experiments = load_experiments(tuple(only), folder)
    table = TableOfDraws.read(draws) if isinstance(draws, str | Path) else draws
    source = source_of(True, table)
    found = predict(experiments, replications, seed, source, workers, progress, folder)
    return Scorecard(
        experiments=experiments,
        arms=tuple(row for one in experiments for row in score_arms(one, found[one.name])),
        contrasts=tuple(
            row for one in experiments for row in score_contrasts(one, found[one.name])
        ),
        whole=not only,
        manifest=_manifest(experiments, replications, seed, source, draws, command),
    )


def _manifest(
    experiments: Sequence[Experiment],
    replications: int,
    seed: int,
    source: DrawSource,
    draws: object,
    command: str,
) -> dict[str, Any]:
    from txsim.compare.assemble import make_manifest

    designs = [scenario for one in experiments for scenario in one.scenarios.values()]
    how = {
        "replications": {one.name: one.replications(replications) for one in experiments},
        "seed": seed,
        "draws_from": {"name": source.name, "digest": source.digest},
        "draws_file": str(draws) if isinstance(draws, str | Path) else None,
        "trials": {one.name: list(one.scenarios) for one in experiments},
    }
    return make_manifest(designs, how, command)


def coverage(rows: Sequence[ArmScore]) -> float:
    """Share of figures that their 90 % interval holds."""
    return float(np.mean([one.inside for one in rows])) if rows else math.nan


def _coverage_mark(whose: str, rows: Sequence[ArmScore]) -> Mark:
    found = coverage(rows)
    use = [one for one in rows if one.result.kind == "use"]
    return Mark(
        f"90 % intervals hold {100 * COVERED[0]:.0f} to {100 * COVERED[1]:.0f} % {whose}",
        f"{100 * found:.0f} % of {len(rows)}; "
        f"of use alone {100 * coverage(use):.0f} % of {len(use)}",
        COVERED[0] <= found <= COVERED[1],
    )


def median_errors(rows: Sequence[ContrastScore]) -> tuple[float, float, float]:
    """Median absolute error of contrasts with a figure: the model's, and the two baselines'."""
    known = [one for one in rows if not math.isnan(one.error)]
    if not known:
        return math.nan, math.nan, math.nan
    table = np.abs([[one.error, *one.errors_of_baselines] for one in known])
    mine, none, tenth = np.median(table, axis=0)
    return float(mine), float(none), float(tenth)


def calibration(rows: Sequence[ArmScore]) -> tuple[float, float]:
    """Mean CRPS, and the largest distance of the PIT values from an even distribution."""
    if not rows:
        return math.nan, math.nan
    return float(np.mean([one.crps for one in rows])), unevenness(
        np.array([one.pit for one in rows])
    )


def _about(row: ArmScore | ContrastScore) -> dict[str, Any]:
    trial = row.experiment.trial
    return {
        "experiment": trial.number,
        "trial": row.experiment.name,
        "result": row.result.name,
        "kind": row.result.kind,
        "prediction": not trial.consistency,
        "measure": row.result.measure,
        "day": row.result.day,
    }


def _ends(limits: tuple[float, float] | None) -> tuple[float, float]:
    return limits or (math.nan, math.nan)


def _arm_row(row: ArmScore) -> dict[str, Any]:
    low, high = _ends(row.observed_limits)
    return {
        "row": "arm",
        **_about(row),
        "arm": row.arm,
        "against": "",
        "scale": "share",
        "observed": row.observed,
        "observed_low": low,
        "observed_high": high,
        "predicted": row.predicted,
        "predicted_low": row.low,
        "predicted_high": row.high,
        "inside": row.inside,
        "pit": row.pit,
        "crps": row.crps,
        "error": row.error,
        "error_of_no_effect": math.nan,
        "error_of_a_tenth_better": math.nan,
        "expected": "",
        "verdict": "",
        "decides": False,
        "evidence": row.result.evidence.get(row.arm, ""),
    }


def _contrast_row(row: ContrastScore) -> dict[str, Any]:
    low, high = _ends(row.observed_limits)
    none, tenth = row.errors_of_baselines
    return {
        "row": "contrast",
        **_about(row),
        "arm": " and ".join(row.contrast.of),
        "against": row.contrast.against_result or row.contrast.against,
        "scale": row.contrast.scale,
        "observed": row.observed,
        "observed_low": low,
        "observed_high": high,
        "predicted": row.predicted,
        "predicted_low": row.low,
        "predicted_high": row.high,
        "inside": row.inside,
        "pit": math.nan,
        "crps": math.nan,
        "error": row.error,
        "error_of_no_effect": none,
        "error_of_a_tenth_better": tenth,
        "expected": row.contrast.expected,
        "verdict": row.verdict,
        "decides": row.contrast.decides,
        "evidence": row.contrast.evidence,
    }
