"""Everything that can go wrong for a user: one clear message each, never a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Signs that move a cursor, colour a terminal, begin a line, turn the order of letters round, or
are no letters at all."""


def printable(text: str) -> str:
    """Return a text as one line that shows all its signs: a line's end as a backslash and an n.

    Whatever comes from a file or a name goes through this before it is printed or drawn.
    """
    return _UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode("ascii"), text)


class TxsimError(Exception):
    """A mistake the user can put right; the command line prints it and leaves with code 2.

    Each argument is a line of the message.
    """

    def __str__(self) -> str:
        """Write a line for each argument."""
        return "\n".join(printable(str(line)) for line in self.args)


@dataclass(frozen=True)
class Problem:
    """One mistake of meaning in a file, with where it stands and what was expected there.

    `line` counts from 1; 0 means that the place in the file is not known. Empty texts are left
    out when the problem is written.
    """

    file: str = ""
    line: int = 0
    path: str = ""
    message: str = ""
    got: str = ""
    allowed: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        """Write `file:line: path: message (got ..., allowed ..., did you mean ...)`."""
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file
        front = ": ".join(part for part in (place, self.path, self.message) if part)
        details = []
        if self.got:
            details.append(f"got {self.got}")
        if self.allowed:
            details.append(f"allowed {self.allowed}")
        if self.suggestion:
            details.append(f"did you mean {self.suggestion}?")
        return printable(f"{front} ({', '.join(details)})" if details else front)


class ScenarioError(TxsimError):
    """One or more mistakes in a scenario, all of them reported together."""

    def __init__(self, problems: Iterable[Problem] | Problem | str) -> None:
        """Keep the problems; a plain text becomes a problem without a place."""
        if isinstance(problems, str):
            problems = Problem(message=problems)
        if isinstance(problems, Problem):
            problems = [problems]
        self.problems: list[Problem] = list(problems)
        super().__init__(*map(str, self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[list[Problem]]]:
        """Travel between processes with the problems, not only their text."""
        return (type(self), (self.problems,))


class CatalogueError(TxsimError):
    """The catalogue contradicts itself, or a name or number in it cannot be used."""


class OutputError(TxsimError):
    """Results cannot be written where they were asked for."""


def fault_in_words(error: BaseException) -> str:
    """What went wrong in a program, and where, in one line."""
    from pathlib import Path
    from traceback import extract_tb

    said = f"{type(error).__name__}: {error}".removesuffix(": ")
    frames = extract_tb(error.__traceback__)
    return f"{said}, {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else said
