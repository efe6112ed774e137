"""A sensitivity analysis of one design, or of the difference between two.

Three steps, each on what the one before has left: entries of the catalogue are screened with all
their numbers moved at once, then the numbers of the entries that are left one by one, and of the
numbers that are left indices are estimated. All others are held at their central values meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.compare.assemble import check_designs
from txsim.compare.naming import labels
from txsim.compare.who_asks import Asking
from txsim.errors import ScenarioError, TxsimError
from txsim.formatting import listed
from txsim.outcomes.families.regular_use import STEM
from txsim.outcomes.follow_up import follow_up_days
from txsim.outcomes.outcome import HORIZONS
from txsim.sensitivity import indices as sobol
from txsim.sensitivity import screening as morris
from txsim.sensitivity.evaluations import Evaluations, model_version
from txsim.sensitivity.factors import Factor, by_entry, factors_of
from txsim.sensitivity.indices import Indices, indices
from txsim.sensitivity.salib import salib
from txsim.sensitivity.screening import Screened, screen

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

ENTRIES, NUMBERS = "entries", "numbers"

BY = (ENTRIES, NUMBERS)
"""What is screened first: entries with all their numbers, or the numbers one by one at once."""


@dataclass(frozen=True)
class How:
    """How large a study is."""

    trajectories: int = 8
    """Elementary effects of each factor in a screening."""
    base: int = 64
    """Points of the indices, a power of 2; each takes as many settings as there are numbers left,
    and two more."""
    replications: int = 4
    """Runs of each setting, of which the mean is taken; two at least, to see what luck does."""
    most: int = 8
    """Factors that a screening leaves at most."""
    by: str = ENTRIES
    seed: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for sizes that make no study."""
        if self.trajectories < 2 or self.replications < 2 or self.most < 1:
            raise ValueError("at least 2 trajectories, 2 replications and 1 factor are needed")
        if self.base < 2 or self.base & (self.base - 1):
            raise ValueError(f"the points of the indices must be a power of 2 (got {self.base})")
        if self.by not in BY:
            raise ValueError(f"screening is by {listed(list(BY), 'or')} (got {self.by!r})")


@dataclass(frozen=True)
class Output:
    """A figure whose movers are looked for: an outcome of a design, or its difference."""

    outcome: str
    design: str
    against: str
    """Name of the design from which it differs; empty for a level."""
    words: str


@dataclass
class Study:
    """What was found, step by step; a step after which nothing is left is the last."""

    designs: list[Scenario]
    how: How
    days: int
    outputs: list[Output]
    numbers: list[Factor]
    screened: dict[str, Screened] = field(default_factory=dict)
    """By what was screened: entries, numbers."""
    indices: Indices | None = None
    centre: Array | None = None
    """Outputs with all numbers at their centres."""
    runs: int = 0
    """Runs of a design in all, kept ones included."""
    run_anew: int = 0
    seconds: float = 0.0
    failed: int = 0
    digest: str = ""
    model: str = ""

    def carry(self, output: int) -> list[tuple[Factor, float, float]]:
        """The numbers that carry an output: total index and error, the largest first."""
        if self.indices is None:
            return []
        found = self.indices
        places = np.argsort(-found.total[:, output])
        return [
            (
                found.factors[one],
                float(found.total[one, output]),
                float(found.total_error[one, output]),
            )
            for one in places
            if found.told[one, output]
        ]


Tell = Callable[[str, int], Callable[[int, int], None] | None]
"""Told of each step, in words, and of its settings; answers with what is told of progress."""


def sensitivity(
    scenario: Scenario,
    other: Scenario | None = None,
    how: How | None = None,
    folder: str | Path | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    tell: Tell | None = None,
    force: bool = False,
) -> Study:
    """Which numbers of the world move retention and relapse of a design, or of a difference.

    Args:
        scenario: The design; with `other`, the one that the other is held against.
        other: A second design. The outputs then are the levels of the first and the differences.
        how: How large the study is.
        folder: Where runs are kept as they are made. A study that was interrupted goes on from
            there, and comes to the same.
        workers: Processes to run in; None uses every core.
        executor: Something of one's own that runs the replications.
        tell: Told of each step before it is run.
        force: Whether runs of another study in the folder may be thrown away.

    Raises TxsimError without SALib, ScenarioError for designs that other people ask, OutputError
    where runs cannot be kept or belong to another study.
    """
    how = how or How()
    designs = [scenario] if other is None else [scenario, other]
    check_designs(designs)
    _refuse_other_people(designs)
    salib("sample.morris")
    days = longest_horizon(designs)
    outcomes = (f"retained_{days}", f"{STEM}_{days}")
    kept = Evaluations(
        designs,
        outcomes,
        how.replications,
        how.seed,
        None if folder is None else Path(folder),
        workers,
        executor,
        force,
    )
    numbers = factors_of(designs)
    study = Study(designs, how, days, _outputs(designs, outcomes, days), numbers)
    study.digest, study.model = kept.digest, model_version()
    started = perf_counter()

    def evaluate(words: str) -> Callable[[Sequence[dict[str, float]]], Array]:
        def of(settings: Sequence[dict[str, float]]) -> Array:
            progress = None if tell is None else tell(words, len(settings))
            study.runs += len(settings) * how.replications * len(designs)
            return _as_outputs(kept.of(settings, progress))

        return of

    try:
        study.centre = evaluate("All numbers at their centres")([{}])[0].mean(axis=0)
        left: Sequence[Factor] = numbers
        if how.by == ENTRIES:
            entries = by_entry(numbers, designs)
            words = f"Screening {len(entries)} entries of the catalogue"
            found = screen(entries, how.trajectories, how.seed, evaluate(words))
            study.screened[ENTRIES] = found
            inside = {path for one in found.left(how.most) for path in one.paths}
            left = [one for one in numbers if one.name in inside]
        if left:
            words = f"Screening {len(left)} numbers one by one"
            found = screen(left, how.trajectories, how.seed + 1, evaluate(words))
            study.screened[NUMBERS] = found
            left = found.left(how.most)
        if left:
            words = f"Indices of {len(left)} numbers"
            study.indices = indices(left, how.base, how.seed + 2, evaluate(words))
    finally:
        study.seconds = perf_counter() - started
        study.run_anew, study.failed = kept.run_anew, len(kept.failures)
    return study


def most_runs(designs: Sequence[Scenario], how: How) -> int:
    """Runs of a design that a study takes at most, which the first step is known of exactly."""
    numbers = factors_of(designs)
    entries = by_entry(numbers, designs)
    settings = 1 + sobol.settings_needed(min(how.most, len(numbers)), how.base)
    if how.by == ENTRIES:
        sizes = sorted((len(one.paths) for one in entries), reverse=True)
        settings += morris.settings_needed(len(entries), how.trajectories)
        settings += morris.settings_needed(sum(sizes[: how.most]), how.trajectories)
    else:
        settings += morris.settings_needed(len(numbers), how.trajectories)
    return settings * how.replications * len(designs)


def longest_horizon(designs: Sequence[Scenario]) -> int:
    """The longest horizon within the follow-up of every design; TxsimError where there is none."""
    followed = min(map(follow_up_days, designs))
    within = [days for days in HORIZONS if days <= followed]
    if not within:
        raise TxsimError(
            f"people are followed for {followed} days, and outcomes are read after {HORIZONS[0]} "
            "days at the earliest (horizon.follow_up_days)"
        )
    return max(within)


def _refuse_other_people(designs: Sequence[Scenario]) -> None:
    if len(designs) < 2:
        return
    differing = Asking(designs).differing(0, 1)
    if differing:
        raise ScenarioError(
            f"{designs[1].name} is asked by other people than {designs[0].name} "
            f"({listed(list(differing))}), so their difference has no one cause"
        )


def _outputs(designs: Sequence[Scenario], outcomes: Sequence[str], days: int) -> list[Output]:
    called = labels(designs)
    first = designs[0].name
    words = (f"still in care after {days} days", f"free of regular use after {days} days")
    found = [
        Output(outcome, first, "", f"{called[first]}: {said}")
        for outcome, said in zip(outcomes, words, strict=True)
    ]
    for design in designs[1:]:
        found += [
            Output(
                outcome, design.name, first, f"{called[design.name]} less {called[first]}: {said}"
            )
            for outcome, said in zip(outcomes, words, strict=True)
        ]
    return found


def _as_outputs(found: Array) -> Array:
    """Settings x replications x outputs: levels of the first design, then differences from it."""
    levels = found[:, :, 0]
    later = [found[:, :, place] - levels for place in range(1, found.shape[2])]
    return np.concatenate([levels, *later], axis=2)
