"""The published trials: their set-ups, what they found, and what counts as right.

Everything stands in `scenarios/validation`: a folder of scenarios for each trial, and
`observed.toml`.
Shares throughout: days of use are a share of days, deaths a share in a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from txsim.catalogue.number import Number
from txsim.catalogue.plain import Plain
from txsim.errors import ScenarioError
from txsim.scenario import Scenario, load
from txsim.scenario.files import read_scenario_file, read_text
from txsim.scenario.mistakes import Mistake, Origins, shown_value, unknown
from txsim.scenario.schema_errors import shaped
from txsim.scenario.shipped import shipped_folder
from txsim.scenario.toml_lines import Path as Place
from txsim.validation.measures import MEASURES
from txsim.validation.scores import wilson

ADDED = "added"
"""In a pool, the arm that has what is added in each of its trials."""

ENOUGH_FOR_AN_INTERVAL = 20
"""Replications of which the lowest and the highest are limits between which nine in ten lie."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Kind = Literal["retention", "use", "entry", "death"]
Scale = Literal["difference", "odds ratio", "risk ratio", "hazard ratio", "rate ratio"]
Sign = Literal["higher", "lower", "none"]


class Contrast(Plain):
    """One arm, or several taken together, against another, in one result."""

    of: tuple[str, ...]
    """The arm with more of what is tried."""
    against: str
    """The arm that it is compared with."""
    against_result: str = ""
    """Where the other figure is another result of the same arm: its name."""
    expected: Sign
    """What was found: higher, lower, or no difference."""
    scale: Scale = "difference"
    """How it was told."""
    value: float | None = None
    """What was observed; left out, it follows from what was observed of the arms."""
    low: float | None = None
    """Lower 95 % limit of it."""
    high: float | None = None
    """Upper 95 % limit of it."""
    margin: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.10
    """For `expected = "none"` of a difference: the largest that is still none."""
    within: tuple[float, float] | None = None
    """Limits between which the predicted figure has to lie."""
    decides: bool = True
    """Whether the trial is right only where this is."""
    evidence: str = ""
    """Id of the published finding."""

    @field_validator("of", mode="before")
    @classmethod
    def _one_arm(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Result(Plain):
    """One figure of every arm."""

    name: str
    """What it is, in words."""
    kind: Kind
    """Which kind of outcome it is."""
    measure: str = ""
    """How it is read off a run, by its name in `measures`."""
    day: Annotated[int, Field(ge=1)] | None = None
    """The day, counted from randomisation, at whose end it is read; left out, the last."""
    observed: dict[str, Share] = Field(default_factory=dict)
    """What was observed, by arm."""
    sizes: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """People it rests on, by arm, where it is not all of the arm."""
    limits: dict[str, Annotated[tuple[Share, ...], Field(max_length=2)]] = Field(
        default_factory=dict
    )
    """95 % limits by arm, none where none can be given; left out, Wilson's."""
    evidence: dict[str, str] = Field(default_factory=dict)
    """Id of the published finding, by arm."""
    told: Number | None = None
    """Share of days of use that people tell of, where they were asked and not tested."""
    missing: str = ""
    """Why no scenario can say it, if none can."""
    contrasts: tuple[Contrast, ...] = ()
    """Which arms are compared in it."""


class Trial(Plain):
    """A trial or cohort: its arms, what it found, and what counts as right."""

    number: int
    """Number of the experiment; two trials may share one."""
    label: str
    """Its name for people."""
    citation: str
    """Where it was published."""
    arms: Annotated[tuple[str, ...], Field(min_length=1)]
    """The scenarios of its folder that are its arms."""
    consistency: str = ""
    """Why it is a check of the fit and no prediction, if it is that."""
    share_of_replications: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """For what takes long: of the replications, how many it gets."""
    pool: tuple[tuple[int, int, str], ...] = ()
    """Trials that are pooled, each in a clinic of its own: people, days, and the arm added."""
    missing: tuple[str, ...] = ()
    """What it found that no scenario can say, each with the reason."""
    results: tuple[Result, ...] = ()
    """What it found."""
    explained: str = ""
    """Why the model misses where it does, written after its prediction was seen."""


class Experiment:
    """A trial with its name and the scenarios of its arms."""

    def __init__(
        self, name: str, trial: Trial, scenarios: dict[str, Scenario], set_ups: dict[str, str]
    ) -> None:
        """Take its arms, with what the file of each says of itself."""
        self.name = name
        self.trial = trial
        self.scenarios = scenarios
        self.set_ups = set_ups

    def result(self, name: str) -> Result:
        """The result of this name."""
        return next(one for one in self.trial.results if one.name == name)

    def arms_of(self, result: Result) -> Iterator[str]:
        """The arms of which a result is told: those observed, and those compared."""
        compared = (arm for one in result.contrasts for arm in (*one.of, one.against))
        yield from dict.fromkeys((*result.observed, *compared))

    def size(self, arm: str) -> int:
        """People in an arm."""
        return int(self.scenarios[arm].arrivals.cohort or 0)

    def limits(self, result: Result, arm: str) -> tuple[float, float] | None:
        """95 % limits of what was observed of an arm, None where there are none."""
        given = result.limits.get(arm)
        if given is not None:
            return (given[0], given[1]) if len(given) == 2 else None
        return wilson(result.observed[arm], result.sizes.get(arm) or self.size(arm))

    def replications(self, wanted: int) -> int:
        """How many of the replications it gets: its share, and enough for an interval."""
        share = round(wanted * self.trial.share_of_replications)
        return min(wanted, max(ENOUGH_FOR_AN_INTERVAL, share))


@cache
def folder_of_trials() -> Path:
    """The folder of the shipped trials."""
    return shipped_folder() / "validation"


def load_experiments(
    only: tuple[str, ...] = (), folder: Path | None = None
) -> tuple[Experiment, ...]:
    """The trials of a folder with the scenarios of their arms, or `only` those named.

    Raises ScenarioError with every mistake, by file and line.
    """
    folder = folder or folder_of_trials()
    file = read_scenario_file(folder / "observed.toml")
    places = {path: (file.shown, line) for path, line in file.lines.items()}
    origins = Origins(file.shown, places)
    mistakes: list[Mistake] = []
    for name in only:
        if name not in file.values:
            raise ScenarioError(
                Origins(file="").problem(unknown("trial", name, tuple(file.values), ()))
            )
    found: list[Experiment] = []
    problems = []
    for name, block in file.values.items():
        if only and name not in only:
            continue
        if not isinstance(block, dict):
            mistakes.append(Mistake((name,), "this must be a table", got=shown_value(block)))
            continue
        trial, wrong = shaped(Trial, block, Trial.model_validate)
        mistakes += [
            Mistake((name, *one.path), one.message, one.got, one.allowed, one.suggestion)
            for one in wrong
        ]
        if trial is None or wrong:
            continue
        scenarios, set_ups = {}, {}
        for arm in trial.arms:
            path = folder / name / f"{arm}.toml"
            try:
                scenarios[arm], set_ups[arm] = load(path), _head_of(path)
            except ScenarioError as error:
                problems += error.problems
        if len(scenarios) == len(trial.arms):
            experiment = Experiment(name, trial, scenarios, set_ups)
            mistakes += _mistakes_in(experiment)
            found.append(experiment)
    if mistakes or problems:
        told = origins.error(mistakes).problems if mistakes else []
        raise ScenarioError([*told, *problems])
    return tuple(found)


def _head_of(path: Path) -> str:
    """What a set-up says of itself in the comment at its head."""
    head = takewhile(lambda line: line.startswith("#"), read_text(path).splitlines())
    return " ".join(line.removeprefix("#").strip() for line in head)


def _mistakes_in(experiment: Experiment) -> Iterator[Mistake]:
    """What a trial says that does not fit its arms."""
    trial, name = experiment.trial, experiment.name
    names = tuple(one.name for one in trial.results)
    arms = (*trial.arms, ADDED) if trial.pool else trial.arms
    for arm, scenario in experiment.scenarios.items():
        if scenario.arrivals.cohort is None:
            message = f"the scenario of the arm {arm!r} has no arrivals.cohort, its real size"
            yield Mistake((name, "arms"), message)
    for place, (_, _, arm) in enumerate(trial.pool):
        if arm not in trial.arms:
            yield unknown("arm", arm, trial.arms, (name, "pool", place, 2))
    for place, result in enumerate(trial.results):
        here: Place = (name, "results", place)
        if not result.missing and result.measure not in MEASURES:
            yield unknown("measure", result.measure, MEASURES, (*here, "measure"))
        for key in ("observed", "sizes", "limits", "evidence"):
            for arm in getattr(result, key):
                if arm not in trial.arms:
                    yield unknown("arm", arm, trial.arms, (*here, key, arm))
        longest = min(one.horizon.days for one in experiment.scenarios.values())
        if result.day is not None and result.day > longest and not trial.pool:
            message = "the day is after the last one simulated"
            yield Mistake((*here, "day"), message, str(result.day), f"at most {longest}")
        for number, contrast in enumerate(result.contrasts):
            there: Place = (*here, "contrasts", number)
            for arm in (*contrast.of, contrast.against):
                if arm not in arms:
                    yield unknown("arm", arm, arms, there)
            other = contrast.against_result
            if other and other not in names:
                yield unknown("result", other, names, (*there, "against_result"))
