"""Ask the file system about a path, or say in one sentence why it gives no answer.

A name may be too long or hold a character that no file name has, a folder may be closed to the
reader, links may lead in a circle, and the working folder may be gone. Each of these is a mistake
in what was given, so nothing asks about a path outside this module without its guard.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath

from txsim.errors import Problem, ScenarioError

REFUSALS = (OSError, RuntimeError, ValueError)
"""What asking about a path may raise: links in a circle are a RuntimeError in older Pythons, a
character that no name may hold is a ValueError."""


class Unreachable(Exception):
    """A file that a scenario names cannot be used; the text says why."""


def shown(path: FilePath) -> str:
    """A path below the working folder without the folder's own name."""
    try:
        absolute = os.path.abspath(path)
        relative = os.path.relpath(absolute)
    except REFUSALS:  # the working folder is gone, or the file is on another drive
        return os.fspath(path)
    return absolute if relative.startswith(os.pardir) else relative


def unusable(path: FilePath, message: str, *, line: int = 0) -> ScenarioError:
    """The error for a file which cannot be used at all."""
    return ScenarioError([Problem(file=shown(path), line=line, path="", message=message)])


def refused(refusal: Exception) -> str:
    """What the file system said, in a few plain words."""
    if isinstance(refusal, FileNotFoundError):
        return "there is no such file"
    if isinstance(refusal, RuntimeError) or getattr(refusal, "errno", 0) == errno.ELOOP:
        return "the file cannot be read (links lead in a circle)"
    if isinstance(refusal, OSError):
        return f"the file cannot be read ({(refusal.strerror or str(refusal)).lower()})"
    return "no file can have this name"


def refuse_circles(path: FilePath) -> None:
    """Raise OSError where links lead in a circle: newer Pythons say that nothing is there."""
    try:
        path.stat()
    except OSError as refusal:
        if refusal.errno == errno.ELOOP:
            raise
    except ValueError:
        return  # no file can have this name, which those who ask find out


@contextmanager
def asking(path: FilePath) -> Iterator[None]:
    """Turn what the file system refuses meanwhile into a ScenarioError about the path."""
    try:
        yield
    except REFUSALS as refusal:
        raise unusable(path, refused(refusal)) from None


def exists(path: FilePath) -> bool:
    """Whether something is there; ScenarioError when that cannot be told."""
    with asking(path):
        refuse_circles(path)
        return path.exists()


def is_file(path: FilePath) -> bool:
    """Whether a file is there; ScenarioError when that cannot be told."""
    with asking(path):
        refuse_circles(path)
        return path.is_file()


def resolved(path: FilePath) -> FilePath:
    """The path without links; ScenarioError when it has none."""
    with asking(path):
        return path.resolve()


def below(folder: FilePath, name: str) -> FilePath:
    """The file which a scenario in `folder` names: beside the scenario, or in a folder there.

    Raises Unreachable when there is no such file, when the path leaves the folder, and when the
    file system does not answer.
    """
    path = folder / name
    try:
        refuse_circles(path)
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unreachable("the path leaves the folder of the scenario")
        if not path.is_file():
            raise Unreachable("there is no such file beside the scenario")
    except REFUSALS as refusal:
        raise Unreachable(refused(refusal)) from None
    return path


def neighbours(folder: FilePath, pattern: str) -> list[str]:
    """Names of the files in a folder that fit a pattern; none when one may not look into it."""
    try:
        return sorted(path.name for path in folder.glob(pattern))
    except REFUSALS:
        return []
