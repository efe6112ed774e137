"""A design's figures beside published ones: in range or not, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txsim.economics import YEAR_DAYS
from txsim.formatting import decimals_of, plain
from txsim.outcomes.follow_up import follow_up_days
from txsim.published.benchmarks import Benchmark, load_benchmarks
from txsim.scenario.setting import Setting

if TYPE_CHECKING:
    from txsim.compare import Comparison
    from txsim.scenario import Scenario

IN_RANGE, ABOVE, BELOW = "in range", "above", "below"


@dataclass(frozen=True)
class Beside:
    """One of a design's figures and what was published."""

    benchmark: Benchmark
    mean: float
    low: float
    high: float
    """The figure and its 90 % limits (nan where they are not known), in the published unit."""

    @property
    def verdict(self) -> str:
        """Where the figure lies: in range, above or below.

        Beside a single published figure it is in range when the interval holds that.
        """
        low, high = self.benchmark.ends
        if self.benchmark.value is not None and self.low <= low <= self.high:
            return IN_RANGE
        if self.mean < low:
            return BELOW
        return ABOVE if self.mean > high else IN_RANGE

    @property
    def reaches(self) -> bool:
        """Whether the interval reaches the published range, where the figure lies outside."""
        low, high = self.benchmark.ends
        return self.verdict != IN_RANGE and self.low <= high and self.high >= low

    @property
    def why(self) -> str:
        """Why it lies outside; empty where it does not."""
        written = {IN_RANGE: "", ABOVE: self.benchmark.above, BELOW: self.benchmark.below}
        return written[self.verdict]

    @property
    def said(self) -> str:
        """The figure and its interval."""
        decimals = decimals_of(self.mean, self.low, self.high)
        mean = plain(self.mean, decimals)
        if math.isnan(self.low):
            return mean
        return f"{mean} ({plain(self.low, decimals)} to {plain(self.high, decimals)})"

    @property
    def published(self) -> str:
        """The published figure or range, with its unit."""
        ends = dict.fromkeys(map(_shown, self.benchmark.ends))
        return f"{' to '.join(ends)} {self.benchmark.unit}"

    @property
    def kept_for_checking(self) -> str:
        """Figures that nothing is fitted to, in words."""
        return "; ".join(f"{_shown(one.value)} ({one.says})" for one in self.benchmark.beside)


def beside(comparison: Comparison, design: str) -> list[Beside]:
    """Every published figure that fits a design and that it has a figure for."""
    scenario = _of(comparison, design)
    found = []
    for one in load_benchmarks():
        if not why_not(one, scenario):
            row = Beside(one, *(one.times * each for each in _figure(comparison, design, one)))
            if not math.isnan(row.mean):
                found.append(row)
    return found


def left_out(comparison: Comparison, design: str) -> list[tuple[str, str]]:
    """Labels of the published figures that do not fit a design, each with the reason."""
    scenario = _of(comparison, design)
    shown = {row.benchmark.name for row in beside(comparison, design)}
    return [
        (one.label, why_not(one, scenario) or "too few people, or too short a follow-up")
        for one in load_benchmarks()
        if one.name not in shown
    ]


def why_not(benchmark: Benchmark, scenario: Scenario) -> str:
    """Why a published figure is not of a setting like this; empty where it is."""
    there = Setting(scenario, scenario.catalogue)
    if benchmark.substance and benchmark.substance not in there.substances:
        return f"nobody comes for {_drug(benchmark.substance)}"
    if benchmark.substance and benchmark.group == "everyone" and len(there.substances) > 1:
        return f"not everybody comes for {_drug(benchmark.substance)}"
    if benchmark.medication and benchmark.medication not in there.given:
        return f"nobody is given {benchmark.medication}"
    if benchmark.kind and benchmark.kind != scenario.clinic.kind:
        return f"the clinic is no {benchmark.kind}"
    if benchmark.currency and benchmark.currency != scenario.economics.currency:
        return f"money is counted in {scenario.economics.currency}"
    if benchmark.year and follow_up_days(scenario) != YEAR_DAYS:
        return f"people are followed for {follow_up_days(scenario)} days"
    if benchmark.queue and there.closed:
        return "everybody asks on day 0"
    return ""


def _figure(comparison: Comparison, design: str, one: Benchmark) -> tuple[float, float, float]:
    if one.over:
        return comparison.ratio(design, one.outcome, one.over, one.group)
    table = comparison.outcomes
    found = table[
        (table["scenario"] == design)
        & (table["subgroup"] == one.group)
        & (table["outcome"] == one.outcome)
    ]
    if found.empty:
        return math.nan, math.nan, math.nan
    row = found.iloc[0]
    return float(row["mean"]), float(row["low"]), float(row["high"])


def _of(comparison: Comparison, design: str) -> Scenario:
    return next(one for one in comparison.designs if one.name == design)


def _drug(substance: str) -> str:
    return "opioids" if substance == "opioid" else substance


def _shown(value: float) -> str:
    return plain(value, 0 if value == round(value) else 1)
