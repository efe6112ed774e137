"""From the name of a scenario, or its file, to a checked `Scenario`.

A file may extend another and state only what differs.
"""

import os
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any

from txsim.errors import ScenarioError
from txsim.scenario.design import Scenario, checked, with_before
from txsim.scenario.extent import MOST_VALUES
from txsim.scenario.files import ScenarioFile, read_scenario_file
from txsim.scenario.merging import merge_into
from txsim.scenario.mistakes import Mistake, Origins, nearest, shown_value
from txsim.scenario.paths import (
    Unreachable,
    below,
    exists,
    is_file,
    neighbours,
    resolved,
    shown,
    unusable,
)
from txsim.scenario.shipped import is_shipped, shipped_names, shipped_path

LONGEST_CHAIN = 20
"""Files that may extend each other; nobody can follow a longer chain."""


def load(name_or_path: str | os.PathLike[str]) -> Scenario:
    """The shipped scenario of this name, or the scenario in this file, with all it extends.

    Raises ScenarioError, which lists every mistake with file and line.
    """
    path = find(name_or_path)
    files = files_behind(path)
    scenario = _from_files(files)
    if not scenario.change.is_later:
        return scenario
    extended: list[Scenario] = []
    for length in range(1, len(files)):
        # A design that cannot stand by itself is nothing that a clinic could have been run as.
        with suppress(ScenarioError):
            extended.insert(0, with_before(_from_files(files[:length]), extended))
    return with_before(scenario, extended)


def _from_files(files: list[ScenarioFile]) -> Scenario:
    """The scenario in the last of these files, each of which extends the one before it."""
    path = files[-1].path
    values, origins = merged(files, shown(path))
    return checked(values, name=path.stem, folder=path.parent, origins=origins)


def find(name_or_path: str | os.PathLike[str]) -> FilePath:
    """The file meant by a shipped scenario's name or by a path.

    Raises ScenarioError, with the nearest shipped name, when there is neither.
    """
    text = os.fspath(name_or_path)
    path = FilePath(text)
    if path.suffix == "" and len(path.parts) == 1 and not is_file(path):
        found = shipped_path(text)
        if found is None:
            names = shipped_names()
            raise ScenarioError(
                Origins(file="").problem(
                    Mistake(
                        (),
                        "there is no shipped scenario and no file of this name",
                        got=shown_value(text),
                        allowed=f"{', '.join(names)}, or the path of a file",
                        suggestion=nearest(text, names),
                    )
                )
            )
        return found
    if len(path.parts) == 1 and shipped_path(path.stem) is not None and not exists(path):
        raise unusable(
            path, f'there is no such file; the shipped scenario is called "{path.stem}"', line=0
        )
    return path


def files_behind(path: FilePath) -> list[ScenarioFile]:
    """The scenario's file preceded by all it extends, the farthest first.

    Raises ScenarioError for loops and long chains, for paths that leave the folder of the file
    naming them, and when the files say too much in all.
    """
    files = [read_scenario_file(path)]
    places = {resolved(path)}
    values = files[0].size
    while "extends" in files[0].values:
        base = _extended(files[0])
        place = resolved(base)
        if place in places:
            chain = " -> ".join(shown(file.path) for file in reversed(files))
            raise _cannot_extend(
                files[0], f"the scenarios extend each other in a loop ({chain} -> {shown(base)})"
            )
        if len(files) == LONGEST_CHAIN:
            message = f"more than {LONGEST_CHAIN} scenarios extend each other"
            raise _cannot_extend(files[0], message)
        places.add(place)
        files.insert(0, read_scenario_file(base))
        values += files[0].size
        if values > MOST_VALUES:
            message = (
                f"with what it extends, the scenario holds {values:,} values "
                f"(allowed {MOST_VALUES:,})"
            )
            raise unusable(path, message)
    return files


def _extended(file: ScenarioFile) -> FilePath:
    """The file that `extends` names: a shipped scenario, or a neighbour ending in .toml."""
    base = file.values["extends"]
    names = shipped_names()
    if not isinstance(base, str) or not base:
        raise _cannot_extend(file, "this must be the name of a scenario in quotation marks")
    if not base.endswith(".toml"):
        found = shipped_path(base)
        if found is not None:
            return found
        raise _cannot_extend(
            file,
            "there is no shipped scenario of this name",
            allowed=f"{', '.join(names)}, or a file ending in .toml",
            suggestion=nearest(base, names),
        )
    folder = file.path.parent
    try:
        return below(folder, base)
    except Unreachable as refusal:
        stem = base.removesuffix(".toml")
        known = [name for name in neighbours(folder, "*.toml") if name != file.path.name]
        suggestion = f'"{stem}" (shipped)' if stem in names else nearest(base, known)
        raise _cannot_extend(file, str(refusal), suggestion=suggestion) from None


def _cannot_extend(
    file: ScenarioFile, message: str, *, allowed: str = "", suggestion: str = ""
) -> ScenarioError:
    base = file.values["extends"]
    origins = Origins(file.shown, {("extends",): (file.shown, file.lines["extends",])})
    got = shown_value(base) if isinstance(base, str) else ""
    return origins.error([Mistake(("extends",), message, got, allowed, suggestion)])


def merged(files: list[ScenarioFile], file: str) -> tuple[dict[str, Any], Origins]:
    """The values of several files, later ones winning, and where each value was set."""
    values: dict[str, Any] = {}
    origins = Origins(file=file)
    for source in files:
        own = {key: value for key, value in source.values.items() if key != "extends"}
        forgotten = set(merge_into(values, own))
        origins.places = {
            path: place
            for path, place in origins.places.items()
            if not any(path[:length] in forgotten for length in range(1, len(path) + 1))
        }
        origins.places |= {path: (source.shown, line) for path, line in source.lines.items()}
        if not is_shipped(source.path):
            origins.said |= set(source.lines)
    return values, origins
