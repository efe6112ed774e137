"""The report: one HTML file that a planner can read in ten minutes, mail and print."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from txsim.errors import OutputError
from txsim.report.page import html

if TYPE_CHECKING:
    from txsim.compare import Comparison

__all__ = ["html", "write"]

NAME = "report.html"


def write(comparison: "Comparison", directory: str | os.PathLike[str], force: bool = False) -> Path:
    """Write ``report.html`` on ``comparison`` into ``directory`` and return its path.

    The file appears whole or not at all, and the same comparison gives the same bytes.

    Args:
        comparison: What is to be told.
        directory: Where to; it is made where it does not exist.
        force: Whether a report that is already there may be replaced.

    Raises:
        OutputError: The folder cannot be written to, or holds a report and ``force`` is false.
    """
    folder = Path(directory)
    target = folder / NAME
    if target.exists() and not force:
        raise OutputError(f"{target}: a report is already there (use --force to replace it)")
    text = html(comparison)
    unfinished = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(prefix=f".{NAME}.", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, target)
    except OSError as error:
        if unfinished is not None:
            Path(unfinished).unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise OutputError(f"{target}: the report cannot be written ({reason})") from error
    return target
