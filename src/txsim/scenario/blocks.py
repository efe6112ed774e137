"""A scenario's own blocks: new entries of the catalogue, and changes to shipped ones.

A block under a shipped name states only what differs; under any other name it is a new entry.
What a planner writes herself rests on her: its source is "local assumption" unless she names one.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from txsim.catalogue import Catalogue, Entry, Number
from txsim.catalogue.limits import limits_of_model
from txsim.catalogue.load import CLOSED, TABLES
from txsim.catalogue.vocabulary import SUBSTANCES
from txsim.errors import ScenarioError
from txsim.scenario.extent import MOST_LEVELS, TOO_DEEP
from txsim.scenario.mistakes import Mistake, Nearest, from_pydantic, shown_value, unknown
from txsim.scenario.schema_errors import shaped
from txsim.scenario.toml_lines import Path

ABOUT_THE_BLOCK = ("grade", "evidence", "source")
"""What an entry says of the bare figures in it."""

LOCAL = "local assumption"
PHASES = ("care", "aftercare", "waiting", "start")
SERVED = ("everyone", "assessed need")

Blocks = Mapping[str, Any]
"""Blocks by name, as they stand in one table of a scenario (in `model`, figures by name)."""


Kind = TypeVar("Kind", bound=BaseModel)


def with_blocks(
    catalogue: Catalogue, tables: Mapping[str, Blocks]
) -> tuple[Catalogue, list[Mistake]]:
    """The catalogue with a scenario's blocks in it, and what is wrong with them.

    A block with a mistake is left as the catalogue has it, so that all blocks are checked.
    """
    mistakes: list[Mistake] = []
    for table, blocks in tables.items():
        entries: dict[str, BaseModel] = {}
        for name, block in blocks.items():
            entry = _entry(catalogue, table, name, block, mistakes)
            if entry is not None:
                entries[name] = entry
        if entries:
            catalogue = catalogue.with_entries(**{table: entries})
    return catalogue, mistakes


def _entry(
    catalogue: Catalogue, table: str, name: str, block: Any, mistakes: list[Mistake]
) -> BaseModel | None:
    """The checked entry of one block, or None after noting what is wrong with it."""
    path: Path = (table, name)
    known: Mapping[str, Entry | Number] = getattr(catalogue, table)
    base = known.get(name)
    kind = TABLES.get(table, Number)
    if base is None and table in (*CLOSED, "model"):
        mistakes.append(unknown("entry", name, known, path))
        return None
    if isinstance(base, Number):
        return _figure(base, block, path, mistakes)
    if not isinstance(block, Mapping):
        mistakes.append(Mistake(path, "this must be a table", got=shown_value(block)))
        return None
    if base is None and not block.get("label"):
        message = 'there is no entry of this name; a new one needs at least a label = "..."'
        mistakes.append(Mistake(path, message, suggestion=Nearest(name, tuple(known))))
        return None
    if table == "services" and "for" in block:
        known_before = len(mistakes)
        block = _served(block, catalogue, (*path, "for"), mistakes)
        if len(mistakes) > known_before:
            return None
    if base is None and "evidence" not in block:
        block = {"source": LOCAL, **block}

    def fit(values: dict[str, Any]) -> BaseModel:
        return kind.model_validate(values) if base is None else overridden(base, values)

    entry, found = shaped(kind, plain(block), fit)
    for mistake in found:
        mistakes.append(replace(mistake, path=(*path, *mistake.path)))
    return entry


def _figure(base: Number, figure: Any, path: Path, mistakes: list[Mistake]) -> Number | None:
    """A figure of the model itself: bare, or a table."""
    try:
        number = Number.model_validate(new_number(figure, base.unit))
    except ValidationError as error:
        for one in error.errors(include_url=False):
            mistake = from_pydantic(one, figure, Number)
            mistakes.append(replace(mistake, path=(*path, *mistake.path)))
        return None
    least, most = limits_of_model(str(path[-1]), number.unit)
    if number.unit != base.unit:
        message = f"the unit must be that of the figure it replaces, {base.unit!r}"
        mistakes.append(Mistake((*path, "unit"), message, got=shown_value(number.unit)))
        return None
    if not least <= number.value <= most:
        message, allowed = "this number is out of range", f"{least:g} to {most:,g}"
        mistakes.append(Mistake(path, message, got=f"{number.value:g}", allowed=allowed))
        return None
    return number


def _served(
    block: Mapping[str, Any], catalogue: Catalogue, path: Path, mistakes: list[Mistake]
) -> dict[str, Any]:
    """`for` may name diagnoses, barriers, traits, substances, medications or a phase of care."""
    said = block["for"]
    if isinstance(said, str) and said in SERVED:
        return dict(block)
    names = said if isinstance(said, list | tuple) else [said]
    groups: dict[str, tuple[str, ...]] = {
        "diagnoses": tuple(catalogue.diagnoses),
        "barriers": tuple(catalogue.barriers),
        "traits": tuple(catalogue.traits),
        "substances": (*SUBSTANCES, *catalogue.second_substances),
        "medications": tuple(catalogue.medications),
    }
    result = {**block, "for": "everyone"}
    indicated: dict[str, list[str]] = {}
    for name in names:
        group = next((group for group, known in groups.items() if name in known), None)
        if group is not None:
            indicated.setdefault(group, []).append(name)
        elif name in PHASES:
            result["phase"] = name
        else:
            allowed = [*SERVED, *PHASES, *(one for known in groups.values() for one in known)]
            mistakes.append(unknown("group of people or phase of care", name, allowed, path))
    return {**result, "indicated": indicated} if indicated else result


def plain(value: Any, levels: int = MOST_LEVELS) -> Any:
    """A value as TOML knows it: sections become tables, tuples lists, NumPy figures Python's.

    Raises ScenarioError when it holds more than so many levels of tables and lists.
    """
    if isinstance(value, BaseModel):
        return plain(value.model_dump(exclude_unset=True, by_alias=True), levels)
    if levels < 0:
        raise ScenarioError(TOO_DEEP)
    if isinstance(value, Mapping):
        return {str(key): plain(inner, levels - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, levels - 1) for inner in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def overridden(base: Kind, changes: Mapping[str, Any]) -> Kind:
    """An entry with `changes` over it; raises ValidationError when they do not fit.

    A bare figure takes the unit of the figure it replaces, and the planner as its source; what
    the entry itself rests on stays as it was.
    """
    before = base.model_dump(by_alias=True, exclude_unset=True)
    for key in ABOUT_THE_BLOCK:
        before.pop(key, None)
    if "indicated" in changes:
        before.pop("indicated", None)
    merged = _laid_over(before, changes, changes.get("source", LOCAL))
    if isinstance(base, Entry):
        merged.setdefault("source", LOCAL)
    entry = type(base).model_validate(merged)
    about = [key for key in ABOUT_THE_BLOCK if key in type(base).model_fields]
    kept: dict[str, Any] = {key: getattr(base, key) for key in about if key not in changes}
    return entry.model_copy(update=kept)


def _laid_over(
    before: Mapping[str, Any], changes: Mapping[str, Any], source: str
) -> dict[str, Any]:
    after = dict(before)
    for key, change in changes.items():
        old = before.get(key)
        if not isinstance(old, Mapping):
            after[key] = change
        elif "value" in old and "unit" in old:
            after[key] = new_number(change, old["unit"], source)
        elif isinstance(change, Mapping):
            after[key] = _laid_over(old, change, source)
        else:
            after[key] = change
    return after


def new_number(change: Any, unit: str, source: str = LOCAL) -> Any:
    """A figure in place of another: a bare one keeps the unit; a table may name its own."""
    if isinstance(change, bool) or not isinstance(change, int | float | Mapping):
        return change
    table = dict(change) if isinstance(change, Mapping) else {"value": change}
    table.setdefault("unit", unit)
    if not table.get("evidence"):
        table.setdefault("source", source)
    return table
