"""What goes to the terminal: lines that show every sign, and options that are no files."""

import os
import sys
from typing import Any

import click

from txsim.errors import printable


def say(*lines: str, err: bool = False) -> None:
    """Print each text as one line, whatever stands in it and whatever the terminal can show."""
    if not lines:
        return
    text = "\n".join(printable(line) for line in lines)
    encoding = getattr(sys.stderr if err else sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), err=err)


class CommandOnFiles(click.Command):
    """A command whose arguments are files: one that looks like an option gets a hint."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Say how to name a file that begins with a dash, where there is no such option."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            meant = next((one for one in given if one.startswith("-") and _is_file(one)), None)
            hint = f" To name a file that begins with a dash, write ./{meant}" if meant else ""
            raise click.UsageError(printable(f"{error.format_message()}{hint}"), ctx) from None


def _is_file(word: str) -> bool:
    return word.endswith((".toml", ".csv")) or os.path.exists(word)


def say_json(content: Any) -> None:
    """Print results for scripts; every sign beyond ASCII is an escape."""
    import json

    click.echo(json.dumps(content, indent=2, allow_nan=False))
