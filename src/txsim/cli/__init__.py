"""The command `txsim`: a thin face of the same functions that Python users call.

Exit codes: 0 all went well; 1 an unexpected fault in txsim; 2 a mistake in what was given;
130 interrupted from the keyboard; 143 told to end (SIGTERM), 129 by a terminal that
is gone (SIGHUP).
"""

import atexit
import gc
import os
from contextlib import suppress
from importlib import import_module

import click

from txsim import __version__
from txsim.cli.stopping import Stopped, stoppable
from txsim.errors import TxsimError, printable

COMMANDS = (
    "compare", "run", "story", "sensitivity", "check", "new", "catalogue", "roster", "validate",
)  # fmt: skip
"""The commands, each in the module of its name, in the order of the help."""

INTERRUPTED = 130
BAD_INPUT = 2


class Front(click.Group):
    """Loads a command when it is asked for, and turns known errors into one clear message."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which a planner meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"txsim.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of the given name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            found = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{found[0]}'?" if found else ""
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; 2 for a mistake of the user's, 130 when interrupted, 143 when ended."""
        # pydantic would search all installed packages for plugins, a sixth of the time of a check.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        # At its end Python would look through all it has loaded for garbage, half a second.
        atexit.register(gc.freeze)
        try:
            with stoppable():
                return super().invoke(ctx)
        except TxsimError as error:
            click.echo(error, err=True)
            ctx.exit(BAD_INPUT)
        except click.UsageError as error:
            raise click.UsageError(printable(error.format_message()), error.ctx) from None
        except KeyboardInterrupt:
            click.echo("\nInterrupted; nothing was left half-written.", err=True)
            ctx.exit(INTERRUPTED)
        except Stopped as stopped:
            with suppress(OSError):  # the terminal may be gone
                click.echo(f"\nEnded by {stopped}; nothing was left half-written.", err=True)
            ctx.exit(stopped.exit_code)


HELP = """\
Simulate addiction-treatment programmes and compare ways of running them.

A clinic design is a TOML file; shipped designs are known by their names.

\b
Examples:
  txsim compare case-management transport-aid peer-groups --out results
  txsim new my-clinic
  txsim check my-clinic.toml
  txsim catalogue services case_management
"""


@click.group(
    help=HELP,
    cls=Front,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 a fault in txsim, 2 a mistake in the input, 130 interrupted, "
    "143 or 129 told to end.",
)
@click.version_option(__version__, prog_name="txsim")
def main() -> None:
    """Simulate addiction-treatment programmes and compare ways of running them."""


__all__ = ["main"]
