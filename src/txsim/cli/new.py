"""`txsim new`: a scenario file to begin with."""

from pathlib import Path

import click

SHORT = """# What is asked here, in plain words?

title    = "{title}"
question = "What changes if ...?"
extends  = "{base}"

# State below only what differs from what is extended, for example:
# [staff]
# counsellor = {{ posts = 6.0 }}
"""


HELP = """\
Write NAME.toml: a copy of a shipped scenario with its comments, to be edited.

\b
Examples:
  txsim new riverside
  txsim new riverside --from rural-clinic
  txsim new two-more-counsellors --short
  txsim check riverside.toml

Exit codes: 0 written, 2 no such scenario, or the file is there already.
"""


@click.command(
    "new", help=HELP, short_help="Copy a shipped scenario to edit, or begin one that extends it."
)
@click.argument("name", metavar="NAME")
@click.option("--from", "base", default="baseline", show_default=True, help="Shipped scenario.")
@click.option("--short", is_flag=True, help="Write a file that extends it and states little.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
def command(name: str, base: str, short: bool, force: bool) -> None:
    """Write NAME.toml: a copy of a shipped scenario with its comments, to be edited."""
    from txsim.errors import OutputError, ScenarioError
    from txsim.scenario.mistakes import nearest
    from txsim.scenario.shipped import shipped_names, shipped_path

    source = shipped_path(base)
    if source is None:
        names = shipped_names()
        hint = f", did you mean {found}?" if (found := nearest(base, names)) else ""
        allowed = ", ".join(names)
        raise ScenarioError(
            f'there is no shipped scenario of this name (got "{base}", allowed {allowed}{hint})'
        )
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    title = path.stem.replace("-", " ").replace("_", " ").capitalize().replace('"', "'")
    text = source.read_text(encoding="utf-8")
    if short:
        text = SHORT.format(title=title, base=base)
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise OutputError(f"{path} is there already; --force overwrites it") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"{path} written; edit it, then: txsim check {path}")
