"""How many times faster txsim is than the same model written as idiomatic Mesa.

Timed on both sides: from a loaded scenario to the daily table and the patients' rows, on one core,
every number at its central value. What the numbers of the world come to for a design is settled
once for all its runs, on both sides, and is not timed. Outcome tables, which only txsim makes, are
timed apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

from benchmarks.idiomatic_mesa import simulate
from benchmarks.idiomatic_mesa.clinic import numbers_in_force
from benchmarks.record import Section
from benchmarks.timing import Failed, Took, alone, median_took, timed
from benchmarks.workload import SMALL, frozen
from txsim.outcomes.measure import measure
from txsim.parameters.draw import HELD_AT_CENTRE
from txsim.run import Run, observed, replicate, run
from txsim.scenario import Scenario

SEED = 1
RUNS_MEASURED = 10
"""Runs on which the outcome tables are timed."""
LARGE_MEMORY = 1000.0
"""Megabytes that a large run must stay below."""
PARTS = ("opening", "first_half", "second_half")
CLOCKS = ("wall", "cpu")


@dataclass(frozen=True)
class Round:
    """Runs of both models beside each other in time; seconds for one run."""

    txsim: Took
    mesa: Took

    @property
    def wall(self) -> float:
        """How many times longer Mesa took."""
        return self.mesa.wall / self.txsim.wall

    @property
    def cpu(self) -> float:
        """The same in processor time."""
        return self.mesa.cpu / self.txsim.cpu


def rows_written(run: Run) -> int:
    """What is observed of a run that is only timed: the lengths of its two tables."""
    return len(run.days) + len(run.patients)


def a_round(scenario: Scenario, block: range, replications: int, mesa: int) -> Round:
    """One call of txsim for a block of replications, between Mesa runs before and after it."""
    designs = [scenario]
    if len(block) == replications:
        call: Callable[[], object] = partial(
            replicate, designs, replications, SEED, rows_written, uncertainty=False, workers=1
        )
    else:
        lucks = [HELD_AT_CENTRE.luck(SEED, one) for one in block]
        call = partial(observed, designs, rows_written, False, lucks)
    before = (mesa + 1) // 2
    seeds = [SEED + 10_000 * (block.start + 1) + one for one in range(mesa)]
    took = [timed(partial(simulate, scenario, seed)) for seed in seeds[:before]]
    ours = timed(call).over(len(block))
    took += [timed(partial(simulate, scenario, seed)) for seed in seeds[before:]]
    theirs = Took(sum(one.wall for one in took), sum(one.cpu for one in took)).over(mesa)
    return Round(ours, theirs)


def ratio(people: int, days: int, replications: int, rounds: int, mesa: int) -> Section:
    """The median over rounds of Mesa's time for a run over txsim's, and the outcome tables' share.

    With one round, all replications are one call. Raises Failed when a round would be empty.
    """
    if rounds > replications:
        raise Failed(f"{replications} replications cannot fill {rounds} rounds")
    scenario = frozen(people, days)
    # Before anything is timed: rules compiled or loaded, the design's numbers settled on both sides.
    run(frozen(*SMALL), uncertainty=False)
    simulate(frozen(*SMALL), SEED)
    numbers_in_force(scenario, SEED, None)
    runs = [
        run(scenario, one, uncertainty=False) for one in range(min(RUNS_MEASURED, replications))
    ]
    measure(runs[0])
    tables = median_took([timed(partial(measure, one)) for one in runs])
    del runs
    edges = [round(replications * one / rounds) for one in range(rounds + 1)]
    found = [a_round(scenario, range(*edge), replications, mesa) for edge in pairwise(edges)]
    ours = median_took([one.txsim for one in found])
    theirs = median_took([one.mesa for one in found])
    rows = [
        told_clock("processor", theirs.cpu, ours.cpu, [one.cpu for one in found], tables.cpu),
        told_clock("wall", theirs.wall, ours.wall, [one.wall for one in found], tables.wall),
    ]
    one_call = rounds == 1
    size = f"{people:,} people x {days} days"
    how = (
        f"one call of {replications} replications of txsim between {mesa} runs of Mesa"
        if one_call
        else f"{rounds} rounds of {replications} replications of txsim in all, {mesa} runs of Mesa each"
    )
    return Section(
        name=f"ratio {people:09d} x {days:04d} {'one call' if one_call else 'rounds'}",
        title=f"txsim and idiomatic Mesa: {size}, {how}",
        headings=(
            "clock",
            "Mesa, s a run",
            "txsim, s a run",
            "ratio, median",
            "lowest",
            "highest",
            "outcome tables, s",
            "of txsim's time",
        ),
        rows=rows,
        figures={
            "people": people,
            "days": days,
            "replications": replications,
            "mesa_runs": mesa * rounds,
            "ratio_cpu": median(one.cpu for one in found),
            "ratio_wall": median(one.wall for one in found),
            "rounds": [asdict(one) for one in found],
            "outcome_tables": asdict(tables),
        },
        notes=(
            "Seconds a run are medians over rounds; the ratio is the median of the rounds' own "
            "ratios, not the quotient of the medians.",
        ),
    )


def told_clock(
    clock: str, mesa: float, txsim: float, ratios: list[float], tables: float
) -> tuple[str, ...]:
    """A row of the table."""
    return (
        clock,
        f"{mesa:.3f}",
        f"{txsim:.5f}",
        f"{median(ratios):.1f}",
        f"{min(ratios):.1f}",
        f"{max(ratios):.1f}",
        f"{tables:.5f}",
        f"{tables / txsim:.0%}",
    )


def large(people: int, days: int, mesa_days: int) -> Section:
    """One long run of txsim on many people, and both models on the same for a few days.

    Every run has a process of its own, so the memory is its alone.
    """
    figures: dict[str, Any] = {
        "txsim": alone("txsim-once", people, days),
        "txsim_few_days": alone("txsim-once", people, mesa_days),
        "mesa_few_days": alone("mesa-once", people, mesa_days),
        "people": people,
        "days": days,
        "mesa_days": mesa_days,
    }
    rows = []
    for name, what, length in (
        ("txsim", "txsim", days),
        ("txsim_few_days", "txsim", mesa_days),
        ("mesa_few_days", "Mesa", mesa_days),
    ):
        one = figures[name]
        parts = [one[part] for part in PARTS]
        cells = [f"{part[clock]:.2f}" for part in parts for clock in CLOCKS]
        whole = [f"{sum(part[clock] for part in parts):.2f}" for clock in CLOCKS]
        rows.append((f"{what}, {length} days", *cells, *whole, f"{one['peak_megabytes']:.0f}"))
    ours, theirs = figures["txsim_few_days"], figures["mesa_few_days"]
    whole_ratio = {
        clock: sum(theirs[part][clock] for part in PARTS) / sum(ours[part][clock] for part in PARTS)
        for clock in CLOCKS
    }
    later_ratio = {
        clock: theirs["second_half"][clock] / ours["second_half"][clock] for clock in CLOCKS
    }
    figures |= {"ratio_whole": whole_ratio, "ratio_second_half": later_ratio}
    peak = figures["txsim"]["peak_megabytes"]
    headings = ["run"]
    for part in ("opening", "first half", "second half", "whole"):
        headings += [f"{part}, wall", "cpu"]
    return Section(
        name=f"large {people:09d}",
        title=f"{people:,} people: txsim for {days} days, and both models for {mesa_days} days",
        headings=(*headings, "most memory, MB"),
        rows=rows,
        figures=figures,
        notes=(
            f"Mesa was not run for {days} days but for {mesa_days}, so the ratio here is for those "
            "only. Opening and the first days are not a clinic's usual ones: everybody asks on "
            "the first day, and memory is touched for the first time.",
            f"In the second half of the {mesa_days} days Mesa took {later_ratio['cpu']:.1f} times "
            f"the processor time of txsim ({later_ratio['wall']:.1f} times by the wall clock); over "
            f"the whole, opening included, {whole_ratio['cpu']:.1f} times "
            f"({whole_ratio['wall']:.1f}).",
            f"txsim held at most {peak:.0f} MB over {days} days, "
            f"{'below' if peak < LARGE_MEMORY else 'NOT below'} {LARGE_MEMORY:.0f}.",
        ),
    )
