"""Everything that can go wrong for a user: one clear message each, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class TxsimError(Exception):
    """A mistake the user can put right; the command line prints it and leaves with code 2."""


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
        return f"{front} ({', '.join(details)})" if details else front


class ScenarioError(TxsimError):
    """One or more mistakes in a scenario, all of them reported together."""

    def __init__(self, problems: Iterable[Problem] | Problem | str) -> None:
        """Keep the problems; a plain text becomes a problem without a place."""
        if isinstance(problems, str):
            problems = Problem(message=problems)
        if isinstance(problems, Problem):
            problems = [problems]
        self.problems: list[Problem] = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[list[Problem]]]:
        """Travel between processes with the problems, not only their text."""
        return (type(self), (self.problems,))


class CatalogueError(TxsimError):
    """The catalogue contradicts itself, or a name or number in it cannot be used."""


class OutputError(TxsimError):
    """Results cannot be written where they were asked for."""
