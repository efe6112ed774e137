"""Read one scenario file, or say in one sentence why it cannot be read."""

import tomllib
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from txsim.errors import ScenarioError
from txsim.scenario.extent import TOO_DEEP, TooMuch, measure
from txsim.scenario.paths import asking, shown, unusable
from txsim.scenario.positions import Path, lines_of_keys

LARGEST_FILE = 1_000_000
"""Bytes; a scenario is a few kilobytes, so a larger file is another sort of file."""


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario file as it was written: its values, and the line on which each stands."""

    path: FilePath
    values: dict[str, Any]
    lines: dict[Path, int]

    @property
    def shown(self) -> str:
        """The file's name as a planner in this folder would write it."""
        return shown(self.path)

    @property
    def size(self) -> int:
        """How many values it holds, items of lists and tables around others among them."""
        return len(self.lines)


def read_text(path: FilePath, *, largest: int = LARGEST_FILE) -> str:
    """The text of a UTF-8 file; ScenarioError when missing, unreadable, empty, huge or not text."""
    try:
        if path.is_dir():
            raise unusable(path, "this is a folder, not a file")
        size = path.stat().st_size
        if size > largest:
            raise unusable(path, f"the file is too large ({size:,} bytes, allowed {largest:,})")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise unusable(path, "there is no such file") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise unusable(path, f"the file cannot be read ({reason})") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = "the file is not UTF-8 text; save it as UTF-8 and try again"
        raise unusable(path, message, line=line) from None
    if not text.strip():
        raise unusable(path, "the file is empty")
    return text


def read_scenario_file(path: FilePath) -> ScenarioFile:
    """Read a TOML file; ScenarioError with the line when it is not TOML or says too much."""
    with asking(path):
        text = read_text(path)
    try:
        measure(text)
        values = tomllib.loads(text)
        lines = lines_of_keys(text)
    except TooMuch as error:
        raise unusable(path, str(error), line=error.line) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, str(error)) from None
    except (RecursionError, MemoryError):
        raise unusable(path, TOO_DEEP) from None
    except (ValueError, OverflowError) as error:
        raise unusable(path, f"a value cannot be read ({error})") from None
    return ScenarioFile(path=path, values=values, lines=lines)


def _syntax_error(path: FilePath, text: str, reason: str) -> ScenarioError:
    """The reader's reason ends in "(at line 3, column 8)" or "(at end of document)"."""
    what, _, where = reason.rpartition(" (at ")
    digits = where.removeprefix("line ").split(",")[0]
    line = int(digits) if digits.isdigit() else text.count("\n") + 1
    return unusable(path, f"this is not valid TOML: {(what or reason).lower()}", line=line)
