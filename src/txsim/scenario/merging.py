"""Put what differs over what is inherited.

Tables are merged key by key, except where parts of a whole or alternatives are meant: then what
is said later replaces what was there.
"""

from collections.abc import Mapping
from typing import Any

from txsim.scenario.rule_presets import with_preset
from txsim.scenario.toml_lines import Path

REPLACED_WHOLE: tuple[Path, ...] = (
    ("arrivals", "streams"),
    ("medication", "assign"),
    ("effects", "override", "*", "*"),
)
"""Tables that are one statement, such as shares which sum to 1: old parts mixed with new ones would
mean nothing. A figure with its unit and limits, `{ value = ... }`, is one statement anywhere."""

ALTERNATIVES: tuple[tuple[Path, Path], ...] = (
    (("population", "mix"), ("population", "roster")),
    (("arrivals", "per_week"), ("arrivals", "cohort")),
)
"""Pairs of keys of which a file sets one; that takes the inherited other one's place."""


def merge(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with `changes` put over them by the rules for files that extend others.

    None in `changes` takes a key back to its default.
    """
    result = _copy(values)
    merge_into(result, changes)
    return result


def merge_into(values: dict[str, Any], changes: Mapping[str, Any]) -> list[Path]:
    """Merge in place; returns the paths whose earlier values no longer count."""
    changes = with_preset(changes)
    forgotten: list[Path] = []
    for one, other in ALTERNATIVES:
        chosen = [path for path in (one, other) if _has(changes, path)]
        if len(chosen) == 1:
            forgotten.append(other if chosen == [one] else one)
    for path in forgotten:
        _remove(values, path)
    _merge_tables(values, changes, (), forgotten)
    return forgotten


def _merge_tables(
    values: dict[str, Any], changes: Mapping[str, Any], here: Path, forgotten: list[Path]
) -> None:
    for key, change in changes.items():
        path = (*here, key)
        if change is None:
            values.pop(key, None)
        elif (
            isinstance(change, Mapping)
            and isinstance(values.get(key), dict)
            and "value" not in change
            and not any(_is_at(path, whole) for whole in REPLACED_WHOLE)
        ):
            _merge_tables(values[key], change, path, forgotten)
        else:
            forgotten.append(path)
            values[key] = _without_none(change)


def _is_at(path: Path, pattern: Path) -> bool:
    return len(path) == len(pattern) and all(
        part in ("*", key) for key, part in zip(path, pattern, strict=True)
    )


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _copy(value) if isinstance(value, Mapping) else value for key, value in values.items()
    }


def _without_none(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: _without_none(inner) for key, inner in value.items() if inner is not None}


def _has(values: Mapping[str, Any], path: Path) -> bool:
    here: Any = values
    for part in path:
        if not isinstance(here, Mapping) or here.get(part) is None:
            return False
        here = here[part]
    return True


def _remove(values: dict[str, Any], path: Path) -> None:
    here: Any = values
    for part in path[:-1]:
        here = here.get(part) if isinstance(here, dict) else None
    if isinstance(here, dict):
        here.pop(path[-1], None)


def leaves_of(values: Mapping[str, Any], here: Path = ()) -> list[Path]:
    """Where the values of a table of tables stand."""
    return [
        path
        for key, value in values.items()
        for path in (
            leaves_of(value, (*here, key)) if isinstance(value, Mapping) else [(*here, key)]
        )
    ]


def set_at(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Put a value at a path, making the tables on the way to it."""
    for key in path[:-1]:
        values = values.setdefault(key, {})
    if isinstance(value, Mapping) and isinstance(values.get(path[-1]), dict):
        values[path[-1]].update(value)
    else:
        values[path[-1]] = value
