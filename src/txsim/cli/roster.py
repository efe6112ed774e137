"""`txsim roster`: the clinic's own people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from txsim.cli.terminal import CommandOnFiles, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from txsim.scenario.roster import Roster, Told

HELP = """\
Print a CSV template for the clinic's own people, or check a filled-in FILE and tell what was read.

What FILE says is told of ten people or more together, never of one. What is allowed but hardly
true, such as many people aged 99, is a warning. A scenario uses a roster in place of a mix:
[population] roster = "intake.csv". The rows stay on this machine and never reach a result, and
no message repeats a cell.

\b
Examples:
  txsim roster --template > intake.csv
  txsim roster intake.csv
    intake.csv:7: column 2 (age): this must be a number in digits, without a unit; also on line 9
  txsim roster intake.csv --json

Exit codes: 0 fine, 2 mistakes.
"""


@click.command(
    "roster",
    cls=CommandOnFiles,
    help=HELP,
    short_help="Print a roster template, or check a roster of own people.",
)
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--template", is_flag=True, help="Print a roster to fill in, with its columns told.")
@click.option("--json", "as_json", is_flag=True, help="Print what was read as JSON.")
def command(file: str | None, template: bool, as_json: bool) -> None:
    """Print a CSV template for the clinic's own people, or check a filled-in FILE."""
    from txsim.catalogue import load_catalogue
    from txsim.errors import ScenarioError
    from txsim.scenario.roster import read_roster
    from txsim.scenario.roster import template as roster_template

    if template == (file is not None):
        raise click.UsageError("Give either --template or a file to check.")
    if file is None:
        click.echo(roster_template(), nl=False)
        return
    try:
        roster = read_roster(file, load_catalogue())
    except ScenarioError as error:
        if not as_json:
            raise
        problems = [{**asdict(problem), "text": str(problem)} for problem in error.problems]
        say_json({"file": file, "problems": problems})
        click.get_current_context().exit(2)
    _tell(file, roster, as_json=as_json)


def _tell(file: str, roster: Roster, *, as_json: bool) -> None:
    from txsim.scenario.roster import doubts, read_back

    warnings = [str(problem) for problem in doubts(roster)]
    told = read_back(roster)
    if as_json:
        columns = {name: asdict(one) for name, one in told.items()}
        found: dict[str, Any] = {
            "file": file,
            "problems": [],
            "warnings": warnings,
            "people": len(roster.rows),
            "columns": columns,
        }
        say_json(found)
        return
    say(*(f"{warning} (warning)" for warning in warnings), err=True)
    people = "1 person" if len(roster.rows) == 1 else f"{len(roster.rows):,} people"
    say(f"{file}: fine. {people}", *_lines(told, len(roster.rows)))
    say(f'To use it, write beside it in a scenario: population.roster = "{Path(file).name}"')


def _lines(told: Mapping[str, Told], people: int) -> Iterator[str]:
    """A table of what was read: the column, of how many it is known, and what it says of them."""
    from txsim.scenario.roster import FEWEST_TOLD

    if people < FEWEST_TOLD:
        names = ", ".join(told)
        yield f"  Columns read: {names}. What they say is withheld: fewer than {FEWEST_TOLD} people"
        return
    width = max(map(len, told))
    for name, one in told.items():
        yield f"  {name:{width}}  {_known(one):>10}  {_said(one)}".rstrip()


def _known(one: Told) -> str:
    match one.share_known:
        case None:
            return "nearly all" if one.median is not None or one.counts is not None else "few"
        case 0.0:
            return "nobody"
        case 1.0:
            return "everybody"
        case share:
            return f"{share:.0%}"


def _said(one: Told) -> str:
    if one.median is not None:
        share = "half of them" if one.within == 0.5 else "nine in ten"
        return f"median {one.median}, {share} from {one.low} to {one.high}"
    if one.counts is None:
        return "withheld" if one.withheld else ""
    said = [f"{name} {count:,}" for name, count in one.counts.items()]
    return ", ".join([*said, *(["small groups withheld"] if one.withheld else [])])
