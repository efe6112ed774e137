"""`txsim check`: are these scenario files right?"""

from dataclasses import asdict
from typing import Any

import click

from txsim.cli.terminal import CommandOnFiles, say, say_json

HELP = """\
Check scenario files and tell every mistake at once, with file and line.

FILE is a TOML file or the name of a shipped scenario. What is allowed but was perhaps not
meant, such as a role without posts, a key that has no effect in this setting, or a yearly wage
of 27.5, is a warning and does not count as a mistake. What a design asks of its staff is worked
out by run and compare, before they simulate; check tells only of roles that could never be
asked for a quarter of their time.

\b
Examples:
  txsim check my-clinic.toml
    my-clinic.toml:14: staff.counselor: there is no role of this name
      (got "counselor", did you mean "counsellor"?)
  txsim check scenarios/*.toml --json

\b
For completion in an editor, write the schema once,
  txsim check --schema > scenario.schema.json
and put this on the first line of each scenario beside it:
  #:schema ./scenario.schema.json

Exit codes: 0 no mistakes, 2 mistakes.
"""


@click.command(
    "check",
    cls=CommandOnFiles,
    help=HELP,
    short_help="Check scenario files; tell every mistake with file and line.",
)
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--schema", is_flag=True, help="Print the JSON Schema for editors instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(files: tuple[str, ...], schema: bool, as_json: bool) -> None:
    """Check scenario files and tell every mistake at once, with file and line."""
    if schema:
        from txsim.catalogue import load_catalogue
        from txsim.scenario.editor import json_schema

        say_json(json_schema(load_catalogue()))
        return
    if not files:
        raise click.UsageError("Name at least one scenario to check.")
    findings = [_finding(file) for file in files]
    if as_json:
        say_json(findings)
    else:
        for finding in findings:
            _tell(finding)
    if any(finding["problems"] for finding in findings):
        click.get_current_context().exit(2)


def _finding(file: str) -> dict[str, Any]:
    from txsim.errors import ScenarioError
    from txsim.scenario import load
    from txsim.scenario.idle import hardly_asked_for

    try:
        scenario = load(file)
    except ScenarioError as error:
        problems = [{**asdict(problem), "text": str(problem)} for problem in error.problems]
        return {"file": file, "problems": problems, "warnings": []}
    return {
        "file": file,
        "problems": [],
        "warnings": [*scenario.warnings, *map(str, hardly_asked_for(scenario))],
        "scenario": repr(scenario),
        "title": scenario.title,
        "question": scenario.question,
        "digest": scenario.digest,
    }


def _tell(finding: dict[str, Any]) -> None:
    for problem in finding["problems"]:
        say(problem["text"], err=True)
    for warning in finding["warnings"]:
        say(f"{warning} (warning)", err=True)
    count = len(finding["problems"])
    if count:
        mistakes = "1 mistake" if count == 1 else f"{count} mistakes"
        say(f"{finding['file']}: {mistakes}", err=True)
    else:
        say(f"{finding['file']}: fine. {finding['scenario']}")
