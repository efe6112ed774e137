"""`txsim new`: a scenario file to begin with."""

from pathlib import Path

import click

from txsim.cli.terminal import say

ALLOWED = "a name in this folder, such as riverside"
LONGEST = 200
"""Bytes of a name that fit everywhere, with what is put before and behind it."""
SEPARATORS = "/\\"
"""Signs that lead into another folder on some machine."""
RESERVED = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10)),
}

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

Exit codes: 0 written, 2 no such scenario, no fit name, or the file is there already.
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
    from txsim.saving import write_whole
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
    stem = name.removesuffix(".toml")
    if why := _unfit(stem):
        raise OutputError(f'this cannot name a scenario: {why} (got "{name}", allowed {ALLOWED})')
    path = Path(f"{stem}.toml")
    text = source.read_text(encoding="utf-8")
    if short:
        title = stem.replace("-", " ").replace("_", " ").capitalize().replace('"', "'")
        text = SHORT.format(title=title, base=base)
    try:
        if path.exists() and not path.is_file():
            raise OutputError(f"{path} is there already and is no file; take another name")
        write_whole(path, text, force=force)
    except FileExistsError:
        raise OutputError(f"{path} is there already; --force overwrites it") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None
    say(f"{path} written; edit it, then: txsim check {path}")


def _unfit(stem: str) -> str:
    """Say why a file of this name would be a nuisance on some machine; empty when it is fit."""
    if not stem.strip():
        return "it is empty"
    if len(stem.encode("utf-8", "replace")) > LONGEST:
        return f"it is longer than {LONGEST} letters"
    if stem.startswith("-"):
        return "it begins with a dash, as options do"
    if stem != stem.strip() or stem.strip(".") != stem:
        return "it begins or ends with a blank or a dot"
    if found := next((sign for sign in stem if sign in SEPARATORS or not sign.isprintable()), ""):
        return f"it holds {found if found.isprintable() else ascii(found)[1:-1]}"
    if stem.split(".")[0].upper() in RESERVED:
        return "Windows keeps this name for itself"
    return ""
