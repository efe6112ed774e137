"""`txsim roster`: the clinic's own people."""

import click

HELP = """\
Print a CSV template for the clinic's own people, or check a filled-in FILE.

A scenario uses a roster in place of a mix: [population] roster = "intake.csv". The rows stay
on this machine and never reach a result.

\b
Examples:
  txsim roster --template > intake.csv
  txsim roster intake.csv
    intake.csv:7: column age: this must be a number (got "abc")

Exit codes: 0 fine, 2 mistakes.
"""


@click.command(
    "roster", help=HELP, short_help="Print a roster template, or check a roster of own people."
)
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--template", is_flag=True, help="Print a roster to fill in, with its columns told.")
def command(file: str | None, template: bool) -> None:
    """Print a CSV template for the clinic's own people, or check a filled-in FILE."""
    from txsim.catalogue import load_catalogue
    from txsim.scenario.roster import load_roster
    from txsim.scenario.roster import template as roster_template

    if template == (file is not None):
        raise click.UsageError("Give either --template or a file to check.")
    if file is None:
        click.echo(roster_template(), nl=False)
        return
    rows = load_roster(file, load_catalogue())
    click.echo(f"{file}: fine. {len(rows):,} people")
