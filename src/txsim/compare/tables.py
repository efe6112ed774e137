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
        found = estimate(_flat(study.stacked.values[number]), study.draws)
        frame = _cells(study, design.name)
        frame["mean"] = found.mean
        frame["low"] = np.clip(found.low, lowest, highest)
        frame["high"] = np.clip(found.high, lowest, highest)
        frame["replications"] = found.replications
        frame["standard_error"] = found.standard_error
        frame["year_low"], frame["year_high"] = found.year_low, found.year_high
        frame["people"] = _flat(study.stacked.people[number][None])[0]
        frames.append(frame[frame["replications"] > 0])
    return concat(frames, ignore_index=True)


def differences_table(study: Study, baseline: int = 0) -> DataFrame:
    """Every outcome of every design but one, less that one's in the same replication."""
    from pandas import DataFrame, concat

    compared = np.repeat(study.stacked.compared, len(OUTCOMES))
    better = np.tile([outcome.better for outcome in OUTCOMES], len(study.stacked.groups))
    frames = []
    for number, design in enumerate(study.designs):
        if number == baseline:
            continue
        difference = study.stacked.values[number] - study.stacked.values[baseline]
        found = estimate(_flat(difference), study.draws)
        found = where_never_different(found, _flat(difference))
        frame = _cells(study, design.name)
        frame.insert(1, "baseline", study.designs[baseline].name)
        frame["mean"], frame["low"], frame["high"] = found.mean, found.low, found.high
        frame["standard_error"] = found.standard_error
        frame["year_low"], frame["year_high"] = found.year_low, found.year_high
        frame["better_in"] = better_in(found, better, paired=study.paired)
        frame["replications"] = found.replications
        frame["verdict"] = verdicts(found, better, paired=study.paired)
        to_settle = replications_to_settle(found)
        if not study.paired:
            to_settle[:] = np.nan
        frame["replications_to_settle"] = to_settle
        frame["settling"] = settling(frame["verdict"].to_numpy(), to_settle)
        frames.append(frame[(frame["replications"] > 0) & compared])
    if not frames:
        return DataFrame(columns=list(DIFFERENCE_COLUMNS))
    return concat(frames, ignore_index=True)


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


def _cells(study: Study, name: str) -> DataFrame:
    """The first columns of a table with a row for each group and outcome."""
    from pandas import DataFrame

    groups = study.stacked.groups
    return DataFrame(
        {
            "scenario": name,
            "subgroup": np.repeat(np.array(groups, dtype=object), len(OUTCOMES)),
            "outcome": np.tile(np.array([o.name for o in OUTCOMES], dtype=object), len(groups)),
            "unit": np.tile(np.array([study.unit(o) for o in OUTCOMES], dtype=object), len(groups)),
        }
    )


def replications_table(study: Study) -> DataFrame:
    """Every shown value of every replication, one row each."""
    from pandas import DataFrame, concat

    names = [outcome.name for outcome in OUTCOMES]
    units = [study.unit(outcome) for outcome in OUTCOMES]
    frames = []
    for number, design in enumerate(study.designs):
        values = study.stacked.values[number]
        replication, group, outcome = np.nonzero(~np.isnan(values))
        frame = DataFrame(
            {
                "scenario": _repeated([design.name], np.zeros(len(group), dtype=np.int64)),
                "replication": replication,
                "draw": 0 if study.draws is None else study.draws[replication],
                "subgroup": _repeated(study.stacked.groups, group),
                "outcome": _repeated(names, outcome),
                "value": values[replication, group, outcome],
                "unit": _repeated(units, outcome),
            }
        )
        frames.append(frame)
    whole = concat(frames, ignore_index=True)
    # Names repeat a great many times: kept once each, in the order of their first row.
    for column in ("scenario", "subgroup", "outcome", "unit"):
        whole[column] = whole[column].astype("category")
    return whole


def _repeated(names: Sequence[str], codes: Array) -> Array:
    return np.asarray(np.array(names, dtype=object)[codes])


def curves_table(study: Study, names: Sequence[str], column: str) -> DataFrame:
    """Curves by day with their intervals; `column` is what the curve's name is called."""
    from pandas import DataFrame, concat

    bounded = {curve.name: curve.unit == "proportion" for curve in CURVES}
    frames = []
    for design, replications in zip(study.designs, study.measured, strict=True):
        for name in names:
            found = estimate(np.stack([one.curves[name] for one in replications]), study.draws)
            highest = 1.0 if bounded[name] else np.inf
            frames.append(
                DataFrame(
                    {
                        "scenario": design.name,
                        column: name,
                        "day": np.arange(len(found.mean)),
                        "mean": found.mean,
                        "low": np.clip(found.low, 0.0, highest),
                        "high": np.clip(found.high, 0.0, highest),
                    }
                )
            )
    whole = concat(frames, ignore_index=True)
    shown = whole["mean"].notna() & study.stacked.everyone_shown
    known: DataFrame = whole[shown].reset_index(drop=True)
    return known


def retention_table(study: Study) -> DataFrame:
    """Retention by each definition and day."""
    return curves_table(study, RETENTION, "definition")


def other_curves_table(study: Study) -> DataFrame:
    """All curves that are not retention."""
    names = [curve.name for curve in CURVES if curve.name not in RETENTION]
    return curves_table(study, names, "curve")
