"""The tables of a comparison, made from its replications; one row is never about one person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.compare.estimate import estimate, median
from txsim.compare.expected import differences, levels, stands_for
from txsim.compare.gathered import Gathered, Years
from txsim.compare.margins import margin
from txsim.compare.rows import some_at_a_time
from txsim.compare.stacked import Stacked
from txsim.compare.to_settle import replications_to_settle
from txsim.compare.verdicts import better_in, higher_in, settling, verdicts, within
from txsim.outcomes.follow_up import follow_up_days
from txsim.outcomes.outcome import Array, Outcome
from txsim.outcomes.registry import CURVES, CURVES_BY_NAME, OUTCOMES, RETENTION

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.scenario import Scenario


@dataclass(frozen=True)
class Study:
    """What a comparison was made from."""

    designs: tuple[Scenario, ...]
    years: Gathered
    draws: Array | None
    """The draw of each replication; None when only chance varied."""
    stacked: Stacked
    differing: tuple[tuple[tuple[str, ...], ...], ...]
    """For each pair of designs, how the people who ask differ; empty if they are the same."""
    currency: str

    @property
    def replications(self) -> int:
        """Replications of each design."""
        return self.years.replications

    def unit(self, outcome: Outcome) -> str:
        """The outcome's unit, money in this study's currency."""
        return outcome.unit.replace("USD", self.currency)

    def open_designs(self) -> Iterator[tuple[Scenario, Years]]:
        """The designs whose figures may be shown, with their replications."""
        for number, design in enumerate(self.designs):
            if not self.stacked.closed[number]:
                yield design, self.years[number]

    def figures(self, design: int, groups: slice) -> Array:
        """Replications x figures of a design: the outcomes of some groups, one after the other."""
        values = self.stacked.values(design, groups)
        return values.reshape(len(values), -1)

    def limits(self, design: int) -> Array:
        """Outcomes x 2: the lowest and the highest that is possible under a design."""
        days = follow_up_days(self.designs[design])
        return np.array([outcome.limits(days) for outcome in OUTCOMES])

    def margins(self, today: Array, places: Array) -> Array:
        """How large differences must be to matter, where replications today have these figures.

        `places` say which outcomes they are, counted through the groups one after the other.
        """
        own = self.designs[0].decision.margins
        level = np.nanmean(today, axis=0)
        outcome = places % len(OUTCOMES)
        found = np.empty(len(places))
        for one in np.unique(outcome):
            of_it = outcome == one
            found[of_it] = margin(OUTCOMES[one], level[of_it], own)
        return found

    def groups_at_a_time(self) -> Iterator[slice]:
        """Slices of the groups whose figures are worked on at one time."""
        return some_at_a_time(self.replications, len(self.stacked.groups), len(OUTCOMES))


def outcomes_table(study: Study) -> DataFrame:
    """Every outcome of every design and group, with its interval."""
    frames = []
    for number, design in enumerate(study.designs):
        for groups in study.groups_at_a_time():
            values = study.figures(number, groups)
            shown = np.flatnonzero(_known(values))
            found = levels(study, number, groups, shown, values[:, shown])
            frame = _cells(study, design.name, groups, shown)
            frame["mean"], frame["low"], frame["high"] = found.mean, found.low, found.high
            frame["replications"] = found.replications
            frame["median"] = median(found)
            frame["standard_error"] = found.standard_error
            frame["year_low"], frame["year_high"] = found.year_low, found.year_high
            frame["people"] = study.stacked.people[number][groups].ravel()[shown]
            frames.append(frame)
    return _joined(frames)


def differences_table(
    study: Study, baseline: int = 0, outcomes: Sequence[str] | None = None
) -> DataFrame:
    """Every outcome of every design but one, less that one's.

    Designs with the same people are compared replication by replication; others with another
    replication of the same draw. `outcomes` leaves out all others.
    """
    from pandas import DataFrame

    wanted = np.array([outcomes is None or one.name in outcomes for one in OUTCOMES])
    all_better = np.array([outcome.better for outcome in OUTCOMES])
    frames = []
    for number, design in enumerate(study.designs):
        if number == baseline:
            continue
        for groups in study.groups_at_a_time():
            both = np.stack([study.figures(one, groups) for one in (number, baseline)], axis=1)
            compared = (study.stacked.compared[groups, None] & wanted).ravel()
            places = stands_for(np.arange(compared.size))
            shown = np.flatnonzero(_known(both[:, 0, places] - both[:, 1, places]) & compared)
            places, better = places[shown], all_better[shown % len(OUTCOMES)]
            found = differences(study, number, baseline, groups, places, both[:, :, places])
            frame = _cells(study, design.name, groups, shown)
            frame.insert(1, "baseline", study.designs[baseline].name)
            frame["mean"], frame["low"], frame["high"] = found.mean, found.low, found.high
            frame["standard_error"] = found.standard_error
            frame["year_low"], frame["year_high"] = found.year_low, found.year_high
            frame["median"] = median(found)
            paired = not study.differing[baseline][number]
            above = higher_in(found, paired=paired)
            frame["better_in"], frame["higher_in"] = better_in(above, better), above
            frame["replications"] = found.replications
            frame["margin"] = margins = study.margins(both[:, 1, places], shown)
            frame["within_margin"] = within(found, margins) if paired else np.nan
            words = verdicts(found, better, margins, paired=paired)
            frame["verdict"] = words
            to_settle = replications_to_settle(found)
            if not paired:
                to_settle[:] = np.nan
            frame["replications_to_settle"] = to_settle
            frame["settling"] = settling(words, to_settle)
            frames.append(frame)
    if not frames:
        return DataFrame(columns=list(DIFFERENCE_COLUMNS))
    return _joined(frames)


def _known(values: Array) -> Array:
    """Which figures are known in any replication."""
    return np.asarray((~np.isnan(values)).any(axis=0))


DIFFERENCE_COLUMNS = (
    "scenario", "baseline", "subgroup", "outcome", "unit", "mean", "low", "high", "standard_error",
    "year_low", "year_high", "median", "better_in", "higher_in", "replications", "margin",
    "within_margin", "verdict", "replications_to_settle", "settling",
)  # fmt: skip


def _cells(study: Study, name: str, groups: slice, shown: Array) -> DataFrame:
    """The first columns of a table with a row for each shown pair of group and outcome."""
    from pandas import DataFrame

    group, outcome = np.divmod(shown, len(OUTCOMES))
    return DataFrame(
        {
            "scenario": _repeated([name], np.zeros(len(shown), dtype=np.int64)),
            "subgroup": _repeated(study.stacked.groups[groups], group),
            "outcome": _repeated([o.name for o in OUTCOMES], outcome),
            "unit": _repeated([study.unit(o) for o in OUTCOMES], outcome),
        }
    )


def _repeated(names: Sequence[str], codes: Array) -> Any:
    """The names that the codes point to, as a column of text."""
    from pandas import Series

    return Series(list(names)).take(codes).array


def curves_table(study: Study, names: Sequence[str], column: str) -> DataFrame:
    """Curves by day with their intervals; `column` is what the curve's name is called."""
    from pandas import DataFrame

    frames = []
    for number, design in enumerate(study.designs):
        for name in names:
            length = study.years[number].curve_lengths[name]
            for days in some_at_a_time(study.replications, length):
                values = study.years[number].curve(name, days)
                shown = np.flatnonzero(_known(values) & study.stacked.told[number])
                limits = np.tile(CURVES_BY_NAME[name].limits, (len(shown), 1))
                found = estimate(values[:, shown], study.draws, limits, years=False)
                once = np.zeros(len(shown), dtype=np.int64)
                frame = {
                    "scenario": _repeated([design.name], once),
                    column: _repeated([name], once),
                    "day": days.start + shown,
                    "mean": found.mean,
                    "low": found.low,
                    "high": found.high,
                }
                frames.append(DataFrame(frame))
    return _joined(frames)


def _joined(frames: list[DataFrame]) -> DataFrame:
    """The frames one below the other; empty ones count only where there is nothing else."""
    from pandas import concat

    return concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def retention_table(study: Study) -> DataFrame:
    """Retention by each definition and day."""
    return curves_table(study, RETENTION, "definition")


def other_curves_table(study: Study) -> DataFrame:
    """All curves that are not retention."""
    names = [curve.name for curve in CURVES if curve.name not in RETENTION]
    return curves_table(study, names, "curve")
