"""`txsim story`: one patient's life in plain words."""

import click

from txsim.cli.simulate import LOCALE, SEED, announce_compiling
from txsim.cli.terminal import CommandOnFiles, say, say_json

HELP = """\
Tell one patient's life, a line for each day on which something happened.

SCENARIO and OTHER are scenario files or names of shipped scenarios. Patients are the people who ask
for treatment while people are counted, numbered from 1 in the order in which they ask, or with
--known-before those whom the clinic knew before day 0, who are told of from then on. With
--against, the same person lives under both designs with the same random numbers: both lives are
told, with the day on which they part and what made the difference. Numbers are held at central
values.

\b
Examples:
  txsim story baseline --patient 7
  txsim story baseline --patient 7 --against transport-aid
  txsim story baseline --patient 20 --known-before
  txsim story my-clinic.toml --patient 12 --replication 3 --json | jq '.lives[0].sums'

People of a roster are not told of: a story would be one person's.

Exit codes: 0 told, 2 mistakes in the scenarios or no such patient, 130 interrupted.
"""


@click.command(
    "story",
    cls=CommandOnFiles,
    help=HELP,
    short_help="Tell one patient's life, under one design or two.",
)
@click.argument("design", metavar="SCENARIO")
@click.option("--patient", type=int, required=True, metavar="K", help="Which patient, from 1.")
@click.option("--against", metavar="OTHER", help="The same person under another design.")
@click.option("--known-before", is_flag=True, help="A patient whom the clinic knew before day 0.")
@click.option(
    "--replication",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="R",
    help="Which of the simulated runs.",
)
@SEED
@LOCALE
@click.option("--json", "as_json", is_flag=True, help="Print the story as JSON.")
def command(
    design: str,
    patient: int,
    against: str | None,
    known_before: bool,
    replication: int,
    seed: int,
    locale: str | None,
    as_json: bool,
) -> None:
    """Tell one patient's life, a line for each day on which something happened."""
    from txsim.scenario import load

    scenario = load(design)
    other = None if against is None else load(against)
    from txsim.story import story

    announce_compiling()
    told = story(
        scenario,
        patient,
        against=other,
        known_before=known_before,
        replication=replication,
        seed=seed,
        locale=locale,
    )
    if as_json:
        say_json(told.to_dict())
    else:
        say(*told.summary().split("\n"))
