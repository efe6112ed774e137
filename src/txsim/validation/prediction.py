"""What the model predicts of a trial: every arm at its real size, many times.

A replication is a draw of parameters with the luck of each arm. Arms share the draw and the
clinics, and have different people, as in a trial; trials are held in clinics of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.catalogue.draw import Draw
from txsim.errors import TxsimError
from txsim.outcomes.follow_up import Followed
from txsim.parameters.draw import CENTRE, DrawSource, Luck
from txsim.randomness import hash_of_name, joined, mix
from txsim.run import BLOCK_SECONDS, Run, observed, usable_cores
from txsim.validation.measures import MEASURES
from txsim.validation.scores import pooled_log_ratio
from txsim.validation.trials import ADDED, Experiment, load_experiments
from txsim.workers import Failure, spread

if TYPE_CHECKING:
    from txsim.catalogue.number import Number
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]
Counts = dict[tuple[str, str], tuple[float, float]]
"""What was counted, and out of how much, by result and arm."""

CLINICS = "clinic"
"""How the deviates begin of what differs between clinics, and between the sites of a trial."""
MOST_IN_A_BLOCK = 8


@dataclass(frozen=True)
class AtClinic(Draw):
    """A draw with clinics of a trial's own in place of those that all scenarios share."""

    within: Draw
    clinic: str

    @property
    def number(self) -> int | None:  # type: ignore[override]
        """Its position among the draws of its source."""
        return self.within.number

    @property
    def name(self) -> str:
        """The draw, and the clinic."""
        return f"{self.within.name}, {self.clinic}"

    @property
    def digest(self) -> str:
        """All that settles it."""
        return f"{self.within.digest}/{self.clinic}"

    def value(self, path: str, number: Number) -> float:
        """The draw's value."""
        return self.within.value(path, number)

    def deviate(self, path: str) -> float:
        """The draw's deviate, and the trial's own of what differs between clinics."""
        own = path.startswith(CLINICS)
        return self.within.deviate(f"{path}: {self.clinic}" if own else path)

    def figure(self, path: str, value: float) -> float:
        """The draw's figure."""
        return self.within.figure(path, value)


@dataclass(frozen=True)
class Task(Luck):
    """One replication of one trial; `replication` is its place among all tasks."""

    trial: str
    repeat: int


@dataclass(frozen=True)
class Prediction:
    """What was predicted of a trial: for each result and arm a share in each replication."""

    shares: dict[tuple[str, str], Array]
    ratios: dict[str, Array]
    """Pooled risk ratios by result, of a trial that is a pool."""


def predict(
    experiments: Sequence[Experiment],
    replications: int,
    seed: int,
    source: DrawSource,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    folder: Path | None = None,
) -> dict[str, Prediction]:
    """Predict every trial of a folder; `replications` of each, or the share of them that it gets.

    The results do not depend on `workers`. Raises TxsimError when a run fails.
    """
    tasks = [
        Task(seed, 0, source.draw(seed, repeat), one.name, repeat)
        for one in experiments
        for repeat in range(one.replications(replications))
    ]
    # the longest first, so that no worker is left with one at the end
    tasks.sort(key=lambda one: -_person_days(_named(experiments, one.trial)))
    tasks = [
        Task(one.seed, place, one.draw, one.trial, one.repeat) for place, one in enumerate(tasks)
    ]
    found: dict[tuple[str, int], dict[str, Counts]] = {}
    job = partial(_all_of, folder)

    def collect(block: Sequence[Luck], parts: list[list[dict[str, Counts]] | Failure]) -> None:
        for task, part in zip(block, parts, strict=True):
            if isinstance(part, Failure) or not isinstance(task, Task):
                raise TxsimError(f"a trial could not be run ({part})")
            found[task.trial, task.repeat] = part[0]
        if progress:
            progress(len(found), len(tasks))

    if progress:
        progress(0, len(tasks))
    began = perf_counter()
    collect(tasks[-1:], job(tasks[-1:]))
    took = max(perf_counter() - began, 1e-3)
    size = max(1, min(int(BLOCK_SECONDS / took), MOST_IN_A_BLOCK))
    blocks = [
        tasks[start : min(start + size, len(tasks) - 1)] for start in range(0, len(tasks) - 1, size)
    ]
    hands = workers or usable_cores()
    if hands == 1 or len(tasks) == 1:
        for block in blocks:
            collect(block, job(block))
    else:
        spread(job, blocks, collect, hands, None, None)
    return {one.name: _gathered(one, found) for one in experiments}


def _named(experiments: Sequence[Experiment], name: str) -> Experiment:
    return next(one for one in experiments if one.name == name)


def _person_days(experiment: Experiment) -> float:
    """How much a replication of a trial has to live through."""
    if experiment.trial.pool:
        return float(sum(people * days for people, days, _ in experiment.trial.pool))
    return float(
        sum(experiment.size(arm) * one.horizon.days for arm, one in experiment.scenarios.items())
    )


def _all_of(folder: Path | None, block: Sequence[Luck]) -> list[list[dict[str, Counts]] | Failure]:
    # Scenarios are larger than what they are read from, so workers read them themselves.
    return [
        [_counted(_known(folder, task.trial), task)] for task in block if isinstance(task, Task)
    ]


@cache
def _known(folder: Path | None, name: str) -> Experiment:
    (found,) = load_experiments((name,), folder)
    return found


def _counted(experiment: Experiment, task: Task) -> dict[str, Counts]:
    """What one replication of a trial counts; of a pool, by the trial in it."""
    if not experiment.trial.pool:
        counts: Counts = {}
        for arm, scenario in experiment.scenarios.items():
            _add(counts, _of_run(experiment, arm, scenario, task, "its clinics"))
        return {"": counts}
    pooled = {}
    for place, (people, days, added) in enumerate(experiment.trial.pool):
        several: Counts = {}
        for arm, half in (("control", people // 2), (added, people - people // 2)):
            scenario = _resized(experiment, arm, half, days)
            told = ADDED if arm == added else arm
            _add(several, _of_run(experiment, told, scenario, task, f"trial {place}"))
        pooled[str(place)] = several
    return pooled


@cache
def _resized(experiment: Experiment, arm: str, people: int, days: int) -> Scenario:
    """The scenario of an arm for so many people and days."""
    return experiment.scenarios[arm].with_changes(
        arrivals={"cohort": people}, horizon={"days": days}
    )


def _of_run(
    experiment: Experiment, arm: str, scenario: Scenario, task: Task, clinics: str
) -> Counts:
    """What one arm counts in its clinics."""
    place = f"{experiment.name}, {clinics}"
    key = joined(mix(task.seed), hash_of_name(f"{place}, {arm}"))
    draw = task.draw if task.draw is CENTRE else AtClinic(task.draw, place)
    luck = Luck(key >> 33, task.repeat, draw)
    wanted = [
        (
            one.name,
            one.measure,
            one.day,
            draw.value(f"validation.{experiment.name}.{one.name}", one.told) if one.told else 1.0,
        )
        for one in experiment.trial.results
        if not one.missing
    ]
    (found,) = observed([scenario], partial(_measured, arm, wanted), False, [luck])
    if isinstance(found, Failure):
        raise TxsimError(f"{experiment.name}: {found.reason}")
    return found[0]


def _measured(arm: str, wanted: Sequence[tuple[str, str, int | None, float]], run: Run) -> Counts:
    people = Followed.who_asked(run)
    counts = {}
    for name, rule, day, told in wanted:
        part, whole = MEASURES[rule].rule(people, people.days if day is None else day)
        counts[name, arm] = (told * part, whole)
    return counts


def _add(counts: Counts, more: Counts) -> None:
    for key, (part, whole) in more.items():
        before = counts.get(key, (0.0, 0.0))
        counts[key] = (before[0] + part, before[1] + whole)


def _gathered(
    experiment: Experiment, found: dict[tuple[str, int], dict[str, Counts]]
) -> Prediction:
    """Shares by replication, and of a pool its ratios."""
    parts = [
        counts
        for (trial, _), counts in sorted(found.items(), key=lambda one: one[0])
        if trial == experiment.name
    ]
    whole: list[Counts] = []
    for part in parts:
        several: Counts = {}
        for counts in part.values():
            _add(several, counts)
        whole.append(several)
    shares = {
        (name, arm): np.array([_share_of(experiment, name, one[name, arm]) for one in whole])
        for name, arm in whole[0]
    }
    ratios = {}
    if experiment.trial.pool:
        for result in experiment.trial.results:
            if not result.missing:
                ratios[result.name] = np.array([_pooled(result.name, part) for part in parts])
    return Prediction(shares, ratios)


def _share_of(experiment: Experiment, name: str, counted: tuple[float, float]) -> float:
    result = experiment.result(name)
    days = result.day or min(one.horizon.days for one in experiment.scenarios.values())
    return MEASURES[result.measure].share(counted, days)


def _pooled(result: str, trials: dict[str, Counts]) -> float:
    """The risk ratio of a pool; half a person is added where nobody, or everybody, counts."""
    table = np.array([[*one[result, ADDED], *one[result, "control"]] for one in trials.values()])
    a, n, c, m = table.T
    odd = (a == 0) | (c == 0) | (a == n) | (c == m)
    a, n, c, m = (one + odd * more for one, more in ((a, 0.5), (n, 1.0), (c, 0.5), (m, 1.0)))
    return float(np.exp(pooled_log_ratio(np.log(a / n / (c / m)), 1 / a - 1 / n + 1 / c - 1 / m)))
