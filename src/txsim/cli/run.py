"""`txsim run`: the outcomes of one design."""

import shlex
from pathlib import Path

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

HELP = """\
Run one design many times and tell its outcomes, with intervals.

SCENARIO is a scenario file or the name of a shipped scenario. Before the runs, the time that
the design needs from each role is compared with the time that is staffed.

\b
Examples:
  txsim run baseline --replications 20
  txsim run my-clinic.toml --seed 7 --out results
  txsim run my-clinic.toml --without-uncertainty --json | jq '.outcomes[0]'

Exit codes: 0 done, 1 tables without a report (a fault in txsim), 2 mistakes in the
scenario or the folder, 130 interrupted.
"""


@click.command(
    "run", cls=CommandOnFiles, help=HELP, short_help="Run one design and tell its outcomes."
)
@click.argument("design", metavar="SCENARIO")
@simulation_options
def command(
    design: str,
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
) -> None:
    """Run one design many times and tell its outcomes, with intervals."""
    check_draws(draws, without_uncertainty=without_uncertainty)
    scenarios = designs_from([design])
    if out is not None:
        check_folder(out, force=force)
    tell_load(scenarios, locale)
    from txsim.compare import compare

    words = words_again(replications, seed, without_uncertainty, draws, locale, grades)
    with progress_bar(scenarios[0].name) as progress:
        comparison = compare(
            scenarios,
            replications=replications,
            seed=seed,
            workers=workers,
            uncertainty=not without_uncertainty,
            progress=progress,
            command=shlex.join(["txsim", "run", design, *words]),
            draws=draws,
            grades=grades,
        )
    drawn = out is None or save(comparison, out, force=force, locale=locale)
    tell(comparison, out, drawn=drawn, as_json=as_json, locale=locale)
