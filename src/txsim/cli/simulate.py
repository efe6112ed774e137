"""What `txsim run` and `txsim compare` share: options, checks before, progress, and saving."""

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from txsim.cli.stopping import Stopped
from txsim.cli.terminal import say, say_json
from txsim.errors import OutputError, ScenarioError, fault_in_words, printable

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare import Comparison
    from txsim.scenario import Scenario

Function = TypeVar("Function", bound=Callable[..., Any])

TABLES = ("outcomes", "differences", "costs", "roles", "exits", "carriers", "grade_share")
"""The tables that --json prints; --out saves all of them."""

SEED = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="S",
    help="Another number, other random numbers.",
)


def _known(context: click.Context, option: click.Parameter, locale: str | None) -> str | None:
    from txsim.wording import known_locale

    return None if locale is None else known_locale(locale)


LOCALE = click.option(
    "--locale",
    callback=_known,
    metavar="en-GB|en-US",
    help="Spelling and distances of what is told.  [default: as the first scenario says]",
)

WORKERS = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="W",
    help="Processes to run in; results do not depend on it.  [default: all cores]",
)
FORCE = click.option("--force", is_flag=True, help="Replace earlier results in that folder.")
DRAWS = click.option(
    "--draws",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw parameters from this table (draws.parquet of earlier results is one), or, with "
    "the word catalogue, from its ranges; else from the posterior.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")


def out(help: str) -> Callable[[Function], Function]:
    """The option that names a folder for results."""
    return click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help=help)


OPTIONS = (
    click.option(
        "--replications",
        type=click.IntRange(min=1),
        default=50,
        show_default=True,
        metavar="N",
        help="Runs of each design, with the same random numbers in each.",
    ),
    SEED,
    WORKERS,
    out("Folder for the tables and report.html."),
    FORCE,
    click.option(
        "--without-uncertainty",
        is_flag=True,
        help="Hold all parameters at their central values; chance alone varies.",
    ),
    DRAWS,
    click.option(
        "--grades",
        type=click.Choice(["A", "AB", "ABC", "ABCD"]),
        help="Count only effects of these grades of evidence; whatever the scenarios say.",
    ),
    LOCALE,
    AS_JSON,
)


def simulation_options(function: Function) -> Function:
    """Give a command the options that every simulation has."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def designs_from(files: Sequence[str]) -> "list[Scenario]":
    """Load all designs; ScenarioError with the mistakes of all of them, or for two of one name."""
    from txsim.scenario import load

    designs, problems = [], []
    for file in files:
        try:
            designs.append(load(file))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(dict.fromkeys(problems))
    files_by_name: dict[str, str] = {}
    for file, design in zip(files, designs, strict=True):
        if design.name in files_by_name:
            both = f"{files_by_name[design.name]}, {file}"
            raise ScenarioError(
                f'two designs have the name "{design.name}" ({both}); rename a file'
            )
        files_by_name[design.name] = file
    return designs


def check_draws(draws: Path | None, *, without_uncertainty: bool) -> None:
    """Raise UsageError where a table of draws is given and nothing is drawn."""
    if draws is not None and without_uncertainty:
        raise click.UsageError("--draws and --without-uncertainty exclude each other.")


def words_again(
    replications: int,
    seed: int,
    without_uncertainty: bool,
    draws: Path | None,
    locale: str | None,
    grades: str | None = None,
) -> list[str]:
    """The options with which a command gives the same results again."""
    words = [f"--replications={replications}", f"--seed={seed}"]
    if without_uncertainty:
        words.append("--without-uncertainty")
    if draws is not None:
        words.append(f"--draws={draws}")
    if grades is not None:
        words.append(f"--grades={grades}")
    if locale is not None:
        words.append(f"--locale={locale}")
    return words


def check_folder(folder: Path, *, force: bool, ours: Collection[str] = ()) -> None:
    """Make sure, before anything is simulated, that results can be put into a folder.

    `ours` are the names of the files that will be written; those of a comparison if left out.

    Raises OutputError when it is a file, holds something and `force` is not given, or cannot be
    written to or replaced.
    """
    from txsim.compare.files import RESULTS
    from txsim.saving import check_folder as check_place

    check_place(folder, ours or RESULTS, force=True)
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise OutputError(
            f"{folder}: the folder is not empty; name another, or use --force to replace "
            "earlier results in it"
        )


def announce_compiling() -> None:
    """Say on stderr that the rules are compiled first, where they are."""
    from txsim.compiled.functions import can_keep_kernels
    from txsim.run import needs_compiling

    if not needs_compiling():
        return
    often = (
        "once on this machine"
        if can_keep_kernels()
        else "each time, for want of a folder to keep them in (TXSIM_CACHE may name one)"
    )
    say(f"Compiling the rules: {often}, about twenty seconds.", err=True)


def tell_load(designs: "Sequence[Scenario]", locale: str | None = None) -> None:
    """Say on stderr how much of each role's time the designs need, before they are run."""
    from txsim.compare.naming import with_article, wording_of
    from txsim.formatting import listed, lower
    from txsim.workload import weekly_load

    announce_compiling()
    wording = wording_of(designs, locale)
    for design in designs:
        rows: list[tuple[str, ...]] = [("", "needed", "capacity", "of capacity", "")]
        for load in weekly_load(design):
            flag = "too much" if load.is_too_much else "hardly needed" if load.is_little else ""
            if load.is_too_much and load.stand_ins:
                others = listed([lower(one) for one in load.stand_ins], "or")
                flag += f"; {with_article(others)} may stand in"
            share = f"{load.share:.0%}" if load.share != float("inf") else "none there"
            label = f"{load.label} ({load.unit})"
            cells = (label, f"{load.needed:,.0f}", f"{load.staffed:,.0f}", share, flag)
            rows.append(tuple(map(wording, cells)))
        title = f": {wording(design.title)}" if design.title else ""
        say(f"{design.name}{title}", err=True)
        say(*(f"  {warning} (warning)" for warning in design.warnings), err=True)
        say(*(f"  {line}" for line in _aligned(rows)), err=True)


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Rows of a table: words to the left, figures to the right."""
    rows = [tuple(map(printable, row)) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *figures, last = row
        cells = [first.ljust(widths[0])]
        cells += [one.rjust(width) for one, width in zip(figures, widths[1:], strict=False)]
        yield "  ".join([*cells, last]).rstrip()


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr which a simulation moves; None when stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(
        desc=printable(what), unit=" replications", file=sys.stderr, leave=False, dynamic_ncols=True
    ) as bar:

        def move(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        yield move


def save(comparison: "Comparison", folder: Path, *, force: bool, locale: str | None = None) -> bool:
    """Put all tables into a folder, then draw the report; return whether it could be drawn.

    The tables are there before the report is begun, and stay there whatever becomes of it. Raises
    OutputError when the folder cannot be written to.
    """
    try:
        comparison.save(folder, force=force)
    except (KeyboardInterrupt, Stopped):
        if _stands(comparison, folder):
            _tables_alone(folder)
        raise
    try:
        from txsim.report import write

        write(comparison, folder, force=True, locale=locale)
    except (KeyboardInterrupt, Stopped, OSError, OutputError) as error:
        _tables_alone(folder)
        if isinstance(error, OSError):
            reason = error.strerror or error
            raise OutputError(f"{folder}: cannot be written to ({reason})") from None
        raise
    except Exception as error:
        say(
            f"{folder}: the tables are complete, but the report could not be drawn because of a "
            f"fault in txsim ({fault_in_words(error)}); please report it",
            err=True,
        )
        return False
    return True


def _tables_alone(folder: Path) -> None:
    with suppress(OSError):  # the terminal may be gone
        say(f"{folder}: the tables are complete, the report is not written", err=True)


def _stands(comparison: "Comparison", folder: Path) -> bool:
    """Whether this comparison's tables are what is in a folder."""
    import json

    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == json.loads(json.dumps(comparison.manifest)))


def tell(
    comparison: "Comparison",
    folder: Path | None,
    *,
    drawn: bool = True,
    as_json: bool,
    locale: str | None = None,
) -> None:
    """Print what came out, as sentences or as JSON; leave with code 1 without a report `drawn`."""
    if as_json:
        say_json(_for_scripts(comparison, folder))
    else:
        say(*comparison.summary(locale).split("\n"))
        if folder is not None and drawn:
            say("", f"Tables and report: {folder / 'report.html'}")
        elif folder is not None:
            say("", f"Tables: {folder}")
    if not drawn:
        click.get_current_context().exit(1)


def _for_scripts(comparison: "Comparison", folder: Path | None) -> dict[str, Any]:
    tables = {name: records(getattr(comparison, name)) for name in TABLES}
    return {
        "manifest": comparison.manifest,
        "notes": list(comparison.notes),
        "paired": comparison.paired,
        "other_people": {name: list(words) for name, words in comparison.other_people.items()},
        "out": None if folder is None else str(folder),
        **tables,
    }


def records(table: "DataFrame") -> list[dict[str, Any]]:
    """Rows as JSON knows them: what is not known is null."""
    known = table.astype(object).where(table.notna(), None)
    return [
        {str(key): _finite(value) for key, value in row.items()}
        for row in known.to_dict(orient="records")
    ]


def _finite(value: Any) -> Any:
    item = getattr(value, "item", None)
    plain = item() if callable(item) else value
    return None if isinstance(plain, float) and plain in (float("inf"), float("-inf")) else plain
