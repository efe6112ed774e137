"""The report: one HTML file that a planner can read in ten minutes, mail and print."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from txsim.compare.files import REPORT as NAME
from txsim.errors import OutputError
from txsim.report.page import html
from txsim.saving import write_whole

if TYPE_CHECKING:
    from txsim.compare import Comparison

__all__ = ["html", "write"]


def write(
    comparison: "Comparison",
    directory: str | os.PathLike[str],
    force: bool = False,
    locale: str | None = None,
) -> Path:
    """Write ``report.html`` on ``comparison`` into ``directory`` and return its path.

    The file appears whole or not at all, and the same comparison gives the same bytes.

    Args:
        comparison: What is to be told.
        directory: Where to; it is made where it does not exist.
        force: Whether a report that is already there may be replaced.
        locale: ``en-GB`` or ``en-US``; left out, that of the first design.

    Raises:
        OutputError: The folder cannot be written to, or holds a report and ``force`` is false.
        TxsimError: There is no such locale.
    """
    folder = Path(directory)
    target = folder / NAME
    text = html(comparison, locale)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(target, text, force=force)
    except FileExistsError:
        if not folder.is_dir():
            raise OutputError(f"{target}: the report cannot be written (not a folder)") from None
        raise OutputError(
            f"{target}: a report is already there (use --force to replace it)"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{target}: the report cannot be written ({reason})") from error
    return target
