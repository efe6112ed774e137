"""`txsim validate`: published trials predicted, and how well."""

import shlex
from pathlib import Path

import click

from txsim.cli.simulate import (
    AS_JSON,
    DRAWS,
    FORCE,
    SEED,
    WORKERS,
    announce_compiling,
    check_folder,
    out,
    progress_bar,
    records,
)
from txsim.cli.terminal import say, say_json

HELP = """\
Predict published trials at their real size and lay what was observed beside it.

None of the trials was used to set a number of the model, but for two of whose patients half were,
which are scored apart. Their set-ups are scenarios of their own, written from design facts alone.
DIR receives scorecard.csv, manifest.json with the command to run again, and validation.html.

\b
Examples:
  txsim validate --out scorecard
  txsim validate --only maddux-1994 --replications 400
  txsim validate --draws experiments/calibration/posterior.csv --json | jq '.marks'

Exit codes: 0 done, whether marks are met or missed; 2 mistakes in the set-ups or the folder,
130 interrupted.
"""


@click.command("validate", help=HELP, short_help="Predict published trials, and tell how well.")
@click.option(
    "--only",
    multiple=True,
    metavar="TRIAL",
    help="This trial alone; may be given more than once.",
)
@click.option(
    "--replications",
    type=click.IntRange(min=2),
    default=100,
    show_default=True,
    metavar="N",
    help="Runs of each trial, each with a draw of its own; large ones get fewer.",
)
@SEED
@WORKERS
@out("Folder for the scorecard and validation.html.")
@FORCE
@DRAWS
@AS_JSON
def command(
    only: tuple[str, ...],
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    force: bool,
    draws: Path | None,
    as_json: bool,
) -> None:
    """Predict published trials at their real size and lay what was observed beside it."""
    from txsim.validation.files import RESULTS, save

    if out is not None:
        check_folder(out, force=force, ours=RESULTS)
    announce_compiling()
    from txsim.validation import validate
    from txsim.validation.sentences import lines

    words = [f"--only={one}" for one in only]
    words += [f"--replications={replications}", f"--seed={seed}"]
    words += [] if draws is None else [f"--draws={draws}"]
    with progress_bar("trials") as progress:
        card = validate(
            replications=replications,
            seed=seed,
            workers=workers,
            only=only,
            draws=draws,
            progress=progress,
            command=shlex.join(["txsim", "validate", *words]),
        )
    if out is not None:
        save(card, out, force=force)
    if as_json:
        marks = [{"asked": one.asked, "found": one.found, "met": one.met} for one in card.marks]
        verdicts = {str(number): card.verdict(number) for number in card.numbers}
        say_json(
            {
                "manifest": card.manifest,
                "marks": marks,
                "experiments": verdicts,
                "scorecard": records(card.table),
            }
        )
        return
    say(*lines(card))
    if out is not None:
        say("", f"Scorecard: {out / 'validation.html'}")
