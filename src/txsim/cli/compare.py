"""`txsim compare`: designs compared on the same people."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from txsim.cli.simulate import (
    check_draws,
    check_folder,
    designs_from,
    progress_bar,
    save,
    simulation_options,
    tell,
    tell_load,
    words_again,
)
from txsim.cli.terminal import CommandOnFiles

if TYPE_CHECKING:
    from txsim.scenario import Scenario


HELP = """\
Run designs on the same people with the same random numbers; compare each with the first.

A, B, C are scenario files or names of shipped scenarios. DIR receives outcomes.csv,
differences.csv, retention.csv, replications.parquet, draws.parquet, a data dictionary,
manifest.json with the command to run again, and report.html. Low and high are the 90 %
interval of the expected value over the parameter draws.

\b
Examples:
  txsim compare case-management transport-aid peer-groups --out results
  txsim compare today.toml two-more.toml --replications 100 --seed 7 --out results
  txsim compare baseline case-management --equal-money staff.counsellor.posts
  txsim compare baseline case-management --grades AB --out strong-evidence
  txsim compare baseline all-three --json | jq '.differences[0]'

Exit codes: 0 done, 1 tables without a report (a fault in txsim), 2 mistakes in the
scenarios or the folder, 130 interrupted.
"""


@click.command(
    "compare",
    cls=CommandOnFiles,
    help=HELP,
    short_help="Compare designs on the same people, with intervals.",
)
@click.argument("designs", nargs=-1, metavar="A B [C ...]")
@simulation_options
@click.option(
    "--equal-money",
    metavar="LEVER",
    help="Move this figure, such as staff.counsellor.posts, until all designs cost the same.",
)
@click.option(
    "--grades-share",
    is_flag=True,
    help="Run all once more without effects of grade D; tell what part of the differences rests "
    "on them.",
)
def command(
    designs: tuple[str, ...],
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    force: bool,
    without_uncertainty: bool,
    draws: Path | None,
    grades: str | None,
    locale: str | None,
    as_json: bool,
    equal_money: str | None,
    grades_share: bool,
) -> None:
    """Run designs on the same people with the same random numbers; compare each with the first."""
    if len(designs) < 2:
        raise click.UsageError("Name at least two designs; txsim run takes one.")
    check_draws(draws, without_uncertainty=without_uncertainty)
    if grades_share and grades not in (None, "ABCD"):
        raise click.UsageError(f"--grades-share and --grades={grades} exclude each other.")
    scenarios = designs_from(designs)
    if out is not None:
        check_folder(out, force=force)
    if equal_money is not None:
        _check_lever(scenarios, equal_money)
    tell_load(scenarios, locale)
    from txsim.compare import compare

    words = words_again(replications, seed, without_uncertainty, draws, locale, grades)
    words += [] if equal_money is None else [f"--equal-money={equal_money}"]
    words += ["--grades-share"] if grades_share else []
    with progress_bar(f"{len(scenarios)} designs") as progress:
        comparison = compare(
            scenarios,
            replications=replications,
            seed=seed,
            workers=workers,
            uncertainty=not without_uncertainty,
            equal_money=equal_money,
            progress=progress,
            command=shlex.join(["txsim", "compare", *designs, *words]),
            draws=draws,
            grades=grades,
            grades_share=grades_share,
        )
    drawn = out is None or save(comparison, out, force=force, locale=locale)
    tell(comparison, out, drawn=drawn, as_json=as_json, locale=locale)


def _check_lever(scenarios: "list[Scenario]", lever: str) -> None:
    """Raise ScenarioError unless the lever is a figure of every design."""
    from txsim.errors import ScenarioError

    for scenario in scenarios:
        try:
            value = scenario.value(lever)
        except KeyError:
            value = None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ScenarioError(
                f"--equal-money: {scenario.name} has no figure at {lever} "
                "(a lever is the path of a number, such as staff.counsellor.posts)"
            )
