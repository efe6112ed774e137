"""Read one scenario file, or say in one sentence why it cannot be read."""

import tomllib
from dataclasses import dataclass
from pathlib import Path as FilePath
from stat import S_ISDIR, S_ISREG
from typing import Any

from txsim.errors import ScenarioError
from txsim.scenario.extent import TOO_DEEP, TooMuch, measure
from txsim.scenario.paths import asking, shown, unusable
from txsim.scenario.toml_lines import Path, lines_of_keys

LARGEST_FILE = 1_000_000
"""Bytes; a scenario is a few kilobytes, so a larger file is another sort of file."""

LARGEST_ROSTER = 50_000_000
"""The same for a list of people; about half a million of them."""

PIECE = 1_000_000
"""Bytes that are read at a time."""


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
    """The text of a UTF-8 file, of which no more than `largest` bytes are read.

    Raises ScenarioError when it is missing, unreadable, empty, too large, not text, or no regular
    file: a pipe might never end and a device may do more than answer, so neither is opened.
    """
    raw = bytes_of(path, largest)
    try:
        text = raw.decode("utf-8-sig")
        wrong = raw.find(b"\0")
    except UnicodeDecodeError as error:
        text, wrong = "", error.start
    if wrong >= 0:
        line = raw.count(b"\n", 0, wrong) + 1
        message = "the file is not UTF-8 text; save it as UTF-8 and try again"
        raise unusable(path, message, line=line)
    if not text.strip():
        raise unusable(path, "the file is empty")
    return text


def bytes_of(path: FilePath, largest: int) -> bytes:
    """What a regular file holds; ScenarioError when it cannot be read or holds more."""
    read = bytearray()
    with asking(path):
        about = path.stat()
        if S_ISDIR(about.st_mode):
            raise unusable(path, "this is a folder, not a file")
        if not S_ISREG(about.st_mode):
            raise unusable(path, "this is a pipe or a device, not a file")
        size = about.st_size
        if size <= largest:
            with path.open("rb") as file:
                # A file may grow while it is read.
                while len(read) <= largest and (more := file.read(PIECE)):
                    read += more
            size = len(read)
    if size > largest:
        raise unusable(path, f"the file is too large ({size:,} bytes, allowed {largest:,})")
    return bytes(read)


def read_scenario_file(path: FilePath) -> ScenarioFile:
    """Read a TOML file; ScenarioError with the line when it is not TOML or says too much."""
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
