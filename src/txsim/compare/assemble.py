"""Running designs against each other: the same people, the same luck, and what each comes to."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.catalogue.vocabulary import nearest
from txsim.compare.comparison import Comparison
from txsim.compare.drawn import asked_for
from txsim.compare.gathered import Gathered
from txsim.compare.grade_share import WITHOUT_D
from txsim.compare.naming import label, labels
from txsim.compare.people import people_of, start_of
from txsim.compare.workload_notes import little_to_do, too_much_to_do
from txsim.economics import cost_of_run, equal_money, fixed_cost
from txsim.errors import ScenarioError, TxsimError
from txsim.formatting import counted, listed
from txsim.outcomes.measure import measure
from txsim.outcomes.registry import BY_NAME
from txsim.parameters.draw import LUCK_PER_DRAW, DrawSource, draw_number
from txsim.parameters.draw_source import source_from, source_of
from txsim.parameters.draw_table import TableOfDraws
from txsim.parameters.posterior import Posterior
from txsim.scenario.grades import resting_on

if TYPE_CHECKING:
    from txsim.run import Run
    from txsim.scenario import Scenario
    from txsim.workers import Failure

ENOUGH_DRAWS = 200
"""Draws of equal weight below which an ensemble is too thin for good intervals."""

MOST_COLUMNS = 5
"""Columns of a table of draws that are named where nothing reads them."""

PILOT_REPLICATIONS = 4
"""Replications run beforehand to learn what designs spend beyond their fixed cost."""

PILOT_ROUNDS = 3
"""Times a lever is moved at most: what is spent beyond the fixed cost changes with it."""

EQUAL_ENOUGH = 0.005
"""Share of the first design's cost within which the pilot's costs count as equal."""

LIBRARIES = ("mesa", "numba", "numpy", "scipy", "pandas", "pyarrow")


def compare(
    scenarios: Sequence[Scenario],
    replications: int = 50,
    seed: int = 1,
    workers: int | None = None,
    uncertainty: bool = True,
    equal_money: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    command: str | None = None,
    executor: Executor | None = None,
    draws: DrawSource | str | Path | None = None,
    grades: str | None = None,
    grades_share: bool = False,
) -> Comparison:
    """Run designs on the same people and compare each with the first.

    Args:
        scenarios: The designs; the first is what the others are held against.
        replications: Simulated lives of each design; every 4 share a draw of what is not known, so
            with `uncertainty` their number is rounded up to a multiple of 4.
        seed: Settles all chance.
        workers: Processes to run in; None uses every core.
        uncertainty: Whether the numbers of the world and the clinic are drawn, or held at central
            values.
        equal_money: Path of a lever, such as "staff.counsellor.posts", that is moved in every later
            design until
            its yearly cost is the first's.
        progress: Called with runs done and runs in all.
        command: The command that made this, for the manifest; made up from the arguments when left
            out.
        executor: Something of one's own that runs the replications, in place of `workers`.
        draws: Where numbers are drawn from with `uncertainty`, a file of weighted draws (see
            `parameters.draw_table`), or "catalogue" for the ranges of the designs' catalogues
            alone. Left out, what the posterior of trial patients holds is drawn from it (see
            `parameters.posterior`), and the rest from those ranges.
        grades: Grades of the effects that count, such as "AB", in all designs; as each design says
            if left out.
        grades_share: Whether the designs are run once more without effects of grade D, to tell how
            much of the differences rests on them.

    A replication that cannot be run is left out, told in a note, and stands in `failures`.

    Raises ScenarioError when two designs have one name, when there is none, when a design cannot
    change into another, and when money cannot be made equal; ValueError when there are no
    replications.
    """
    from txsim.run import replicate

    designs = list(scenarios)
    if grades is not None:
        designs = [resting_on(design, grades) for design in designs]
    check_designs(designs)
    if replications < 1:
        raise ValueError(f"at least one replication is needed (got {replications})")
    hands = workers or os.cpu_count() or 1
    notes = what_they_ask_of(designs)
    if uncertainty:
        replications, rounded = whole_draws(replications)
        notes = [rounded, *notes] if rounded else notes
    if equal_money is not None:
        designs, note = _with_equal_money(designs, equal_money, seed, hands)
        notes = [note, *what_they_ask_of(designs)]
    catalogues = [design.catalogue for design in designs]
    source = source_of(uncertainty, source_from(draws, *catalogues))
    years = Gathered(replications)
    failures: list[Failure] = []

    def failed(failure: Failure) -> None:
        failures.append(failure)
        years.miss(failure.replication)

    replicate(
        designs,
        replications=replications,
        seed=seed,
        observe=measure,
        uncertainty=uncertainty,
        workers=hands,
        progress=progress,
        keep=years.add,
        executor=executor,
        draws=source,
        failed=failed,
    )
    if not len(years):
        raise TxsimError(f"no replication could be run ({failures[0].reason})")
    without_d = None
    if grades_share:
        without_d = compare(
            [resting_on(design, WITHOUT_D) for design in designs],
            replications,
            seed,
            workers,
            uncertainty,
            progress=progress,
            executor=executor,
            draws=source,
        )
    numbers = draw_number(years.kept) if source.draws_differ else None
    how = {
        "replications": replications,
        "seed": seed,
        "draws": 0 if numbers is None else len(set(numbers.tolist())),
        "draws_from": {"name": source.name, "digest": source.digest},
        "draws_file": str(draws) if isinstance(draws, str | Path) else None,
        "uncertainty": uncertainty,
        "equal_money": equal_money,
        "grades": grades,
        "grades_share": grades_share,
        "failed": len(failures),
    }
    notes = [*_told_failures(failures, replications), *_told_source(source, designs), *notes]
    manifest = make_manifest(designs, how, command or make_command(list(scenarios), how))
    return Comparison(designs, years, numbers, manifest, notes, source, failures, without_d)


def _told_failures(failures: Sequence[Failure], replications: int) -> list[str]:
    """A sentence on replications that are left out."""
    if not failures:
        return []
    first = min(failures, key=lambda one: one.replication)
    were = "could not be run and is" if len(failures) == 1 else "could not be run and are"
    return [
        f"{len(failures)} of {counted(replications, 'replication')} {were} left out of everything "
        f"(replication {first.replication}: {first.reason})."
    ]


def _told_source(source: DrawSource, designs: Sequence[Scenario]) -> list[str]:
    """Sentences on a table of draws: whether it is thin, and what of it acts on nothing here."""
    if not isinstance(source, TableOfDraws) or isinstance(source, Posterior):
        return []
    asked = {path for design in designs for path in asked_for(design).paths}
    unread = [path for path in source.values if path not in asked]
    idle = [
        f"Nothing in these designs reads {counted(len(unread), 'column')} of {source.name}: "
        f"{listed(unread[:MOST_COLUMNS])}{' and others' if len(unread) > MOST_COLUMNS else ''}."
    ] * bool(unread)
    told = f"What is not known is drawn from {source.name}, {counted(source.size, 'draw')}"
    effective = source.effective_number
    if effective > 0.99 * source.size:
        return [f"{told}.", *idle]
    few = "; so few that intervals are rough" if effective < ENOUGH_DRAWS else ""
    return [f"{told} that tell as much as {effective:.0f} of equal weight{few}.", *idle]


def summarise(
    scenario: Scenario,
    replications: int = 20,
    seed: int = 1,
    workers: int | None = None,
    uncertainty: bool = True,
    progress: Callable[[int, int], None] | None = None,
    command: str | None = None,
) -> Comparison:
    """Run one design and say what it comes to; a comparison without anything to compare with."""
    return compare(
        [scenario],
        replications=replications,
        seed=seed,
        workers=workers,
        uncertainty=uncertainty,
        progress=progress,
        command=command,
    )


def check_designs(designs: Sequence[Scenario]) -> None:
    """Raise ScenarioError for no designs, names that are no text or not distinct, and odd margins.

    A margin is odd where there is no outcome of its name.
    """
    if not designs:
        raise ScenarioError("there is no design to run")
    names = [design.name for design in designs]
    for name in names:
        if name != name.encode("utf-8", "replace").decode("utf-8"):
            raise ScenarioError(f'the name "{name}" is not text in UTF-8; rename the file')
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ScenarioError(
            f"two designs have the name {', '.join(twice)}; every design needs its own, since "
            "results are told by name"
        )
    for design in designs:
        for name in design.decision.margins:
            if name not in BY_NAME:
                guess = nearest(name, tuple(BY_NAME))
                hint = f" (did you mean {guess!r}?)" if guess else ""
                where = f"{design.name}: decision.margins.{name}"
                raise ScenarioError(f"{where}: there is no outcome of this name{hint}")


def what_they_ask_of(designs: Sequence[Scenario]) -> list[str]:
    """What is known of designs before they are run."""
    return [*changes_of_its_own(designs), *too_much_to_do(designs), *little_to_do(designs)]


def whole_draws(replications: int) -> tuple[int, str]:
    """The replications that fill their draws, and a sentence where they are more than wanted."""
    whole = -(-replications // LUCK_PER_DRAW) * LUCK_PER_DRAW
    if whole == replications:
        return whole, ""
    return whole, (
        f"{counted(replications, 'replication')} {'was' if replications == 1 else 'were'} asked "
        f"for and {whole} run: every {LUCK_PER_DRAW} share a draw of what is not known."
    )


def changes_of_its_own(designs: Sequence[Scenario]) -> list[str]:
    """A sentence when the first design changes later, on what it is run as until then."""
    first = designs[0]
    if first.before is None:
        return []
    when = f"Until week {first.change.from_week}" if first.change.from_week else "Before day 0"
    return [f"{when}, {labels(designs)[first.name]} is run as {label(first.before)}."]


def spent_before_overhead(run: Run) -> float:
    """What a run spent in a year, by which designs are made equal."""
    return cost_of_run(run).before_overhead


def _with_equal_money(
    designs: list[Scenario], lever: str, seed: int, workers: int
) -> tuple[list[Scenario], str]:
    """The designs at equal yearly cost, and a sentence on how far the lever was moved."""
    from txsim.run import replicate

    moved = designs
    for _ in range(PILOT_ROUNDS):
        pilot = replicate(
            moved,
            replications=PILOT_REPLICATIONS,
            seed=seed,
            observe=spent_before_overhead,
            uncertainty=False,
            workers=workers,
            progress=None,
        )
        totals = [float(np.mean(each)) for each in pilot]
        fixed = [fixed_cost(moved[0]), *(fixed_cost(one, moved[0]) for one in moved[1:])]
        beyond = [total - planned for total, planned in zip(totals, fixed, strict=True)]
        if all(abs(total - totals[0]) <= EQUAL_ENOUGH * totals[0] for total in totals):
            break
        moved = equal_money(moved, lever, beyond)
    called = labels(designs)
    told = [
        f"{called[after.name]} from {before.value(lever):,.6g} to {after.value(lever):,.6g}"
        for before, after in zip(designs[1:], moved[1:], strict=True)
    ]
    return moved, (
        f"To cost as much as {called[designs[0].name]}, {lever} was changed: {'; '.join(told)}."
    )


def make_command(designs: Sequence[Scenario], how: dict[str, Any]) -> str:
    """The command that runs the same again, with designs by name."""
    names = [design.name for design in designs]
    words = ["txsim", "compare" if len(names) > 1 else "run", *names]
    words += ["--replications", str(how["replications"]), "--seed", str(how["seed"])]
    if not how["uncertainty"]:
        words.append("--without-uncertainty")
    if how.get("draws_file"):
        words += ["--draws", how["draws_file"]]
    if how["equal_money"]:
        words += ["--equal-money", how["equal_money"]]
    if how.get("grades"):
        words += ["--grades", how["grades"]]
    if how.get("grades_share"):
        words.append("--grades-share")
    return shlex.join(words)


def make_manifest(designs: Sequence[Scenario], how: dict[str, Any], command: str) -> dict[str, Any]:
    """How a comparison was made; all but clock and machine repeats byte for byte."""
    import txsim

    return {
        "command": command,
        **how,
        "designs": [
            {
                "name": design.name,
                "title": design.title,
                "digest": design.digest,
                "people": people_of(design),
                "start": start_of(design, designs[0]),
                "burn_in_days": design.horizon.burn_in_days,
                "days_simulated": design.days_simulated,
            }
            for design in designs
        ],
        "versions": {
            "txsim": txsim.__version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in LIBRARIES},
        },
        "clock_and_machine": {
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "system": platform.system(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
        },
    }


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
