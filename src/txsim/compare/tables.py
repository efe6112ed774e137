"""The tables of a comparison, made from its replications; one row is never about one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.compare.paired import Estimate, estimate, favoured, replications_to_settle
from txsim.compare.stacked import Stacked
from txsim.outcomes.declare import Outcome
from txsim.outcomes.definitions import CURVES, OUTCOMES, RETENTION
from txsim.outcomes.measure import Measured

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]

NO_DIFFERENCE = "no difference"
CANNOT_TELL = "cannot tell"
NOT_PAIRED = "not paired"
SETTLED, NONE_WOULD, MORE_WOULD = "settled", "none would", "more would"


@dataclass(frozen=True)
class Study:
    """What a comparison was made from."""

    designs: tuple[Scenario, ...]
    measured: tuple[tuple[Measured, ...], ...]
    draws: Array | None
    """The draw of each replication; None when only luck varied."""
    stacked: Stacked
    paired: bool
    currency: str

    @property
    def replications(self) -> int:
        """Replications of each design."""
        return len(self.measured[0])

    def unit(self, outcome: Outcome) -> str:
        """The outcome's unit, money in this study's currency."""
        return outcome.unit.replace("USD", self.currency)


def _flat(values: Array) -> Array:
    return values.reshape(len(values), -1)


def outcomes_table(study: Study) -> DataFrame:
    """Every outcome of every design and group, with its interval."""
    from pandas import concat

    lowest = np.tile([outcome.limits[0] for outcome in OUTCOMES], len(study.stacked.groups))
    highest = np.tile([outcome.limits[1] for outcome in OUTCOMES], len(study.stacked.groups))
    frames = []
    for number, design in enumerate(study.designs):
        shown = np.flatnonzero(_known(study.stacked.values[number]))
        found = estimate(_flat(study.stacked.values[number])[:, shown], study.draws)
        frame = _cells(study, design.name, shown)
        frame["mean"] = found.mean
        frame["low"] = np.clip(found.low, lowest[shown], highest[shown])
        frame["high"] = np.clip(found.high, lowest[shown], highest[shown])
        frame["replications"] = found.replications
        frame["standard_error"] = found.standard_error
        frame["year_low"], frame["year_high"] = found.year_low, found.year_high
        frame["people"] = _flat(study.stacked.people[number][None])[0, shown]
        frames.append(frame)
    return concat(frames, ignore_index=True)


def differences_table(
    study: Study, baseline: int = 0, outcomes: Sequence[str] | None = None
) -> DataFrame:
    """Every outcome of every design but one, less that one's in the same replication.

    `outcomes` leaves out all others.
    """
    from pandas import DataFrame, concat

    compared = np.repeat(study.stacked.compared, len(OUTCOMES))
    if outcomes is not None:
        wanted = np.array([outcome.name in outcomes for outcome in OUTCOMES])
        compared = compared & np.tile(wanted, len(study.stacked.groups))
    all_better = np.tile([outcome.better for outcome in OUTCOMES], len(study.stacked.groups))
    frames = []
    for number, design in enumerate(study.designs):
        if number == baseline:
            continue
        differences = _flat(study.stacked.values[number] - study.stacked.values[baseline])
        shown = np.flatnonzero(_known(differences) & compared)
        differences, better = differences[:, shown], all_better[shown]
        found = where_never_different(estimate(differences, study.draws), differences)
        frame = _cells(study, design.name, shown)
        frame.insert(1, "baseline", study.designs[baseline].name)
        frame["mean"], frame["low"], frame["high"] = found.mean, found.low, found.high
        frame["standard_error"] = found.standard_error
        frame["year_low"], frame["year_high"] = found.year_low, found.year_high
        frame["better_in"] = better_in(found, better, paired=study.paired)
        frame["replications"] = found.replications
        words = verdicts(found, better, paired=study.paired)
        frame["verdict"] = words
        to_settle = replications_to_settle(found)
        if not study.paired:
            to_settle[:] = np.nan
        frame["replications_to_settle"] = to_settle
        frame["settling"] = settling(words, to_settle)
        frames.append(frame)
    if not frames:
        return DataFrame(columns=list(DIFFERENCE_COLUMNS))
    return concat(frames, ignore_index=True)


def _known(values: Array) -> Array:
    """Which figures are known in any replication."""
    return np.asarray((~np.isnan(_flat(values))).any(axis=0))


DIFFERENCE_COLUMNS = (
    "scenario", "baseline", "subgroup", "outcome", "unit", "mean", "low", "high", "standard_error",
    "year_low", "year_high", "better_in", "replications", "verdict", "replications_to_settle",
    "settling",
)  # fmt: skip


def where_never_different(found: Estimate, differences: Array) -> Estimate:
    """Estimates with limits of exactly zero where no replication showed any difference."""
    never = (np.nan_to_num(differences) == 0.0).all(axis=0) & (found.replications > 0)
    return replace(
        found,
        low=np.where(never, 0.0, found.low),
        high=np.where(never, 0.0, found.high),
        standard_error=np.where(never, 0.0, found.standard_error),
    )


def better_in(found: Estimate, better: Array, *, paired: bool) -> Array:
    """Share of draws in which the expected difference favours the design; else nan."""
    if not paired:
        return np.full(len(found.mean), np.nan)
    above = favoured(found)
    share = np.where(better == "lower", 1.0 - above, above)
    return np.where(better == "neither", np.nan, share)


def verdicts(found: Estimate, better: Array, *, paired: bool) -> Array:
    """What may be said of each difference.

    "better" and "worse" (or "more" and "less", where neither direction is good) only when the
    interval leaves out zero; "no difference" when every replication gave exactly the same.
    """
    words = np.full(len(found.mean), CANNOT_TELL, dtype=object)
    if not paired:
        words[:] = NOT_PAIRED
        return words
    for sign, of_higher, of_lower, of_neither in (
        (found.low > 0, "better", "worse", "more"),
        (found.high < 0, "worse", "better", "less"),
    ):
        words[sign & (better == "higher")] = of_higher
        words[sign & (better == "lower")] = of_lower
        words[sign & (better == "neither")] = of_neither
    words[(found.low == 0) & (found.high == 0)] = NO_DIFFERENCE
    return words


def settling(words: Array, to_settle: Array) -> Array:
    """Whether more replications would settle what cannot be told."""
    open_ones = words == CANNOT_TELL
    result = np.full(len(words), SETTLED, dtype=object)
    result[words == NOT_PAIRED] = NOT_PAIRED
    result[open_ones] = np.where(np.isnan(to_settle[open_ones]), NONE_WOULD, MORE_WOULD)
    return result


def _cells(study: Study, name: str, shown: Array) -> DataFrame:
    """The first columns of a table with a row for each shown pair of group and outcome."""
    from pandas import DataFrame

    group, outcome = np.divmod(shown, len(OUTCOMES))
    return DataFrame(
        {
            "scenario": _repeated([name], np.zeros(len(shown), dtype=np.int64)),
            "subgroup": _repeated(study.stacked.groups, group),
            "outcome": _repeated([o.name for o in OUTCOMES], outcome),
            "unit": _repeated([study.unit(o) for o in OUTCOMES], outcome),
        }
    )


def replications_table(study: Study) -> DataFrame:
    """Every shown value of every replication, one row each."""
    from pandas import Categorical, DataFrame, Index, concat

    def named(names: Sequence[str], codes: Array) -> Any:
        # Names repeat a great many times: kept once each, in the order of all tables.
        several = list(dict.fromkeys(names))
        place = [several.index(name) for name in names]
        return Categorical.from_codes(np.array(place)[codes], categories=Index(several))

    names = [outcome.name for outcome in OUTCOMES]
    units = [study.unit(outcome) for outcome in OUTCOMES]
    designs = [design.name for design in study.designs]
    frames = []
    for number in range(len(designs)):
        values = study.stacked.values[number]
        replication, group, outcome = np.nonzero(~np.isnan(values))
        frame = DataFrame(
            {
                "scenario": named(designs, np.full(len(group), number)),
                "replication": replication,
                "draw": 0 if study.draws is None else study.draws[replication],
                "subgroup": named(study.stacked.groups, group),
                "outcome": named(names, outcome),
                "value": values[replication, group, outcome],
                "unit": named(units, outcome),
            }
        )
        frames.append(frame)
    return concat(frames, ignore_index=True)


def _repeated(names: Sequence[str], codes: Array) -> Any:
    """The names that the codes point to, as a column of text."""
    from pandas import Series

    return Series(list(names)).take(codes).array


def curves_table(study: Study, names: Sequence[str], column: str) -> DataFrame:
    """Curves by day with their intervals; `column` is what the curve's name is called."""
    from pandas import DataFrame, concat

    highest_of = {curve.name: 1.0 if curve.unit == "proportion" else np.inf for curve in CURVES}
    frames = []
    every = zip(study.designs, study.measured, study.stacked.told, strict=True)
    for design, replications, told in every:
        lengths = [len(replications[0].curves[name]) for name in names]
        curve = np.repeat(np.arange(len(names)), lengths)
        day = np.concatenate([np.arange(length) for length in lengths])
        values = np.stack(
            [np.concatenate([one.curves[name] for name in names]) for one in replications]
        )
        shown = np.flatnonzero(_known(values) & told)
        found = estimate(values[:, shown], study.draws, years=False)
        highest = np.array([highest_of[name] for name in names])[curve[shown]]
        frames.append(
            DataFrame(
                {
                    "scenario": _repeated([design.name], np.zeros(len(shown), dtype=np.int64)),
                    column: _repeated(names, curve[shown]),
                    "day": day[shown],
                    "mean": found.mean,
                    "low": np.clip(found.low, 0.0, highest),
                    "high": np.clip(found.high, 0.0, highest),
                }
            )
        )
    return concat(frames, ignore_index=True)


def retention_table(study: Study) -> DataFrame:
    """Retention by each definition and day."""
    return curves_table(study, RETENTION, "definition")


def other_curves_table(study: Study) -> DataFrame:
    """All curves that are not retention."""
    names = [curve.name for curve in CURVES if curve.name not in RETENTION]
    return curves_table(study, names, "curve")
