"""`txsim sensitivity`: which numbers of the world an answer rests on."""

import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from txsim.cli.simulate import LOCALE, SEED, announce_compiling, designs_from, progress_bar
from txsim.cli.terminal import CommandOnFiles, say, say_json

if TYPE_CHECKING:
    from txsim.sensitivity import Study

HELP = """\
Find the numbers of the world that retention and relapse rest on.

Every number with a range that acts in SCENARIO (and OTHER, with the differences) is moved: by the
entry of the catalogue it stands in, then, in the entries that matter, on its own (Morris
screening). Of the numbers that are left Sobol indices are estimated: each one's share of what is
not known. All settings are run with the same luck, and what luck alone would show is told.

DIR receives screening.csv, indices.csv, a data dictionary, manifest.json, and evaluations.jsonl
with the runs as they are made: type the same again to go on after an interruption.

\b
Examples:
  txsim sensitivity baseline --out baseline-numbers
  txsim sensitivity baseline case-management --out numbers --workers 8

Needs the library SALib: pip install 'txsim[sensitivity]'

Exit codes: 0 done, 2 mistakes in the scenarios or the folder, 130 interrupted.
"""


def _power_of_two(context: click.Context, option: click.Parameter, value: int) -> int:
    if value & (value - 1):
        raise click.BadParameter(f"{value} is no power of 2 (allowed: 2, 4, 8, 16, 32, 64, ...)")
    return value


@click.command(
    "sensitivity",
    cls=CommandOnFiles,
    help=HELP,
    short_help="Find the numbers that an answer rests on.",
)
@click.argument("design", metavar="SCENARIO")
@click.argument("other", metavar="[OTHER]", required=False)
@click.option(
    "--trajectories",
    type=click.IntRange(min=2),
    default=8,
    show_default=True,
    metavar="T",
    help="Times that each number is moved in a screening.",
)
@click.option(
    "--base",
    type=click.IntRange(min=2),
    callback=_power_of_two,
    default=64,
    show_default=True,
    metavar="B",
    help="Points of the indices, a power of 2.",
)
@click.option(
    "--replications",
    type=click.IntRange(min=2),
    default=4,
    show_default=True,
    metavar="N",
    help="Runs of each setting; more of them take out more luck.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="K",
    help="Entries, and numbers, that a screening leaves at most.",
)
@click.option(
    "--by",
    type=click.Choice(["entries", "numbers"]),
    default="entries",
    show_default=True,
    help="Screen entries of the catalogue first, or all numbers one by one at once.",
)
@SEED
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="W",
    help="Processes to run in; results do not depend on it.  [default: all cores]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the tables, and for runs to go on from.",
)
@click.option("--force", is_flag=True, help="Throw away earlier runs in that folder.")
@LOCALE
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(
    design: str,
    other: str | None,
    trajectories: int,
    base: int,
    replications: int,
    most: int,
    by: str,
    seed: int,
    workers: int | None,
    out: Path | None,
    force: bool,
    locale: str | None,
    as_json: bool,
) -> None:
    """Find the numbers of the world that retention and relapse rest on."""
    scenarios = designs_from([design] if other is None else [design, other])
    if out is not None:
        _check_folder(out, force=force)
    from txsim.sensitivity import How, sensitivity
    from txsim.sensitivity.study import most_runs
    from txsim.sensitivity.tables import save
    from txsim.sensitivity.telling import summary

    how = How(trajectories, base, replications, most, by, seed)
    say(f"At most {most_runs(scenarios, how):,} runs of a design.", err=True)
    announce_compiling()
    with ExitStack() as bars:
        study = sensitivity(
            scenarios[0],
            scenarios[1] if other is not None else None,
            how,
            folder=out,
            workers=workers,
            tell=_steps(bars),
            force=force,
        )
    words = ["txsim", "sensitivity", design, *([] if other is None else [other])]
    words += [f"--trajectories={trajectories}", f"--base={base}", f"--replications={replications}"]
    words += [f"--most={most}", f"--by={by}", f"--seed={seed}"]
    again = shlex.join(words)
    if out is not None:
        save(study, out, again)
    if as_json:
        say_json(_for_scripts(study, out, again))
        return
    say(*summary(study, locale).split("\n"))
    if out is not None:
        say("", f"Tables: {out}")


def _steps(bars: ExitStack) -> Callable[[str, int], Callable[[int, int], None] | None]:
    """Each step as a line and, on a terminal, a bar that takes the place of the last one."""

    def tell(words: str, settings: int) -> Callable[[int, int], None] | None:
        bars.close()
        if not sys.stderr.isatty():
            say(f"{words}: {settings:,} settings", err=True)
        return bars.enter_context(progress_bar(words))

    return tell


def _check_folder(folder: Path, *, force: bool) -> None:
    """Make sure that a study can be kept in a folder, and goes on in one that holds a study."""
    from txsim.errors import OutputError
    from txsim.saving import check_folder
    from txsim.sensitivity.evaluations import EVALUATIONS
    from txsim.sensitivity.tables import FILES

    check_folder(folder, FILES, force=True)
    taken_up = (folder / EVALUATIONS).exists()
    if not force and not taken_up and folder.is_dir() and any(folder.iterdir()):
        raise OutputError(
            f"{folder}: the folder is not empty and holds no study to go on with; name another, or "
            "use --force"
        )


def _for_scripts(study: "Study", folder: Path | None, again: str) -> dict[str, Any]:
    from txsim.cli.simulate import records
    from txsim.sensitivity.tables import indices_table, manifest_of, screening_table

    return {
        "manifest": manifest_of(study, again),
        "out": None if folder is None else str(folder),
        "screening": records(screening_table(study)),
        "indices": records(indices_table(study)),
    }
