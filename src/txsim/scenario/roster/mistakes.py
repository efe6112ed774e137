"""What is wrong with a roster, told once for each cause and without a word of what it holds.

A message names the column by its position (and by its name when txsim gave it), the lines and what
is allowed. Cells and headers may hold names and illnesses of people, so none is ever repeated.
"""

from dataclasses import dataclass

from txsim.errors import Problem

EMPTY_WHEN_NOT_KNOWN = "leave the cell empty when it is not known"
NEEDED_OF_EVERYBODY = "it must be known of everybody, so take out rows without it"

LINES_TOLD = 3
"""How many further lines with the same mistake are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, in words that hold nothing of the cell."""

    message: str
    allowed: str = ""
    suggestion: str = ""
    """A name of the catalogue, or of a column, spelled much like the cell."""
    got: str = ""
    """A count, never a cell; that of the first line where the mistake stands."""
    again: str = "also"
    """How the further lines are introduced."""
    cause: str = ""
    """What makes it the same mistake on another line; empty: the message."""


@dataclass(slots=True)
class _Found:
    line: int
    path: str
    fault: Fault
    suggestions: dict[str, None]
    further: list[int]
    count: int = 1


class Mistakes:
    """The mistakes of one roster: one for each column and cause, with the lines counted.

    What is kept does not grow with the length of the roster.
    """

    def __init__(self, file: str) -> None:
        """Keep mistakes of the file shown as `file`."""
        self.file = file
        self._found: dict[tuple[str, str], _Found] = {}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._found)

    def add(self, line: int, path: str, fault: Fault) -> None:
        """Add one mistake, on a line of the file, in what `path` calls the column."""
        key = (path, fault.cause or fault.message)
        found = self._found.get(key)
        if found is None:
            self._found[key] = found = _Found(line, path, fault, {}, [])
        else:
            found.count += 1
            if len(found.further) < LINES_TOLD and line not in (found.line, *found.further):
                found.further.append(line)
        if fault.suggestion:
            found.suggestions[fault.suggestion] = None

    def problems(self) -> list[Problem]:
        """The mistakes in the order of the lines on which each first stands."""
        return [
            Problem(
                file=self.file,
                line=found.line,
                path=found.path,
                message=found.fault.message + _and_on(found),
                got=found.fault.got,
                allowed=found.fault.allowed,
                suggestion=" or ".join(found.suggestions),
            )
            for found in sorted(self._found.values(), key=lambda one: one.line)
        ]


def _and_on(found: _Found) -> str:
    """`; also on lines 7, 9 and 121 more`, or nothing when one line is wrong."""
    if not found.further:
        return ""
    listed = counted_list(found.further, found.count - 1)
    return f"; {found.fault.again} on {'line' if found.count == 2 else 'lines'} {listed}"


def counted_list(first: list[int], count: int) -> str:
    """`3, 7, 9 and 121 more`: the first of `count` numbers, and how many are left."""
    words = [str(number) for number in first]
    if count > len(first):
        words.append(f"{count - len(first):,} more")
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
