"""The catalogue as a whole, and how it is read from its files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from txsim.catalogue.costs import Costs
from txsim.catalogue.entries import (
    Barrier,
    Diagnosis,
    Entry,
    HazardEntry,
    Mediator,
    Mix,
    Role,
    SecondSubstance,
    Stream,
    TakeHome,
    Trait,
)
from txsim.catalogue.evidence import EvidenceRow
from txsim.catalogue.medication import Medication
from txsim.catalogue.number import Number
from txsim.catalogue.service import Service
from txsim.catalogue.vocabulary import HAZARDS, MEDIATORS, TRAITS, nearest
from txsim.errors import CatalogueError, Problem

TABLES: dict[str, type[Entry]] = {
    "hazards": HazardEntry,
    "mediators": Mediator,
    "traits": Trait,
    "diagnoses": Diagnosis,
    "barriers": Barrier,
    "second_substances": SecondSubstance,
    "services": Service,
    "medications": Medication,
    "roles": Role,
    "take_home": TakeHome,
    "streams": Stream,
    "mixes": Mix,
}
"""Tables of named entries, with the class that checks each block."""

CLOSED = {"hazards": HAZARDS, "traits": TRAITS}
"""Tables whose names are all known beforehand."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Everything the model takes from publications and assumptions, by name, in file order."""

    hazards: dict[str, HazardEntry]
    mediators: dict[str, Mediator]
    traits: dict[str, Trait]
    diagnoses: dict[str, Diagnosis]
    barriers: dict[str, Barrier]
    second_substances: dict[str, SecondSubstance]
    services: dict[str, Service]
    medications: dict[str, Medication]
    roles: dict[str, Role]
    take_home: dict[str, TakeHome]
    streams: dict[str, Stream]
    mixes: dict[str, Mix]
    model: dict[str, Number]
    costs: Costs
    changed: frozenset[tuple[str, str]] = field(default=frozenset())
    """Table and name of the entries that are not the shipped ones."""

    @cached_property
    def evidence(self) -> dict[str, EvidenceRow]:
        """Published findings by id; read when they are first asked for."""
        return load_evidence()

    def with_entries(self, **tables: Mapping[str, Any]) -> Catalogue:
        """Return a catalogue with entries added or replaced, e.g. `services={"x": Service(...)}`.

        New names come after the present ones. Raises CatalogueError for a table that does not
        exist, a name that a closed table does not hold, and an entry of the wrong class.
        """
        changes: dict[str, Any] = {}
        changed = set(self.changed)
        for table, entries in tables.items():
            expected: type[BaseModel] | None = TABLES.get(table)
            if table == "model":
                expected = Number
            if expected is None:
                raise CatalogueError(
                    f"there is no table {table!r} (allowed: {', '.join((*TABLES, 'model'))})"
                )
            for name, entry in entries.items():
                if not isinstance(entry, expected):
                    raise CatalogueError(f"{table}.{name}: must be a {expected.__name__}")
                known = CLOSED.get(table) or (tuple(self.model) if table == "model" else ())
                if known and name not in known:
                    raise CatalogueError(
                        f"{table}.{name}: there is no such name (allowed: {', '.join(known)})"
                    )
            changes[table] = {**getattr(self, table), **entries}
            changed |= {(table, name) for name in entries}
        return replace(self, **changes, changed=frozenset(changed))

    def numbers(self) -> Iterator[tuple[str, Number]]:
        """Walk every number with its path, such as "services.cbt.targets.use"."""
        for table in (*TABLES, "model"):
            for name, entry in getattr(self, table).items():
                yield from numbers_within(f"{table}.{name}", entry)
        yield from numbers_within("costs", self.costs)

    def reference_problems(self) -> list[Problem]:
        """Names that an entry mentions and the catalogue does not hold, as problems."""
        from txsim.catalogue.references import reference_problems

        return reference_problems(self)


def numbers_within(path: str, thing: Any) -> Iterator[tuple[str, Number]]:
    """Walk every number in an entry, or in a part of one, with its path that begins with `path`."""
    if isinstance(thing, Number):
        yield path, thing
    elif isinstance(thing, BaseModel):
        for name in type(thing).model_fields:
            yield from numbers_within(f"{path}.{name}", getattr(thing, name))
    elif isinstance(thing, dict):
        for name, one in thing.items():
            yield from numbers_within(f"{path}.{name}", one)
    elif isinstance(thing, tuple):
        for position, one in enumerate(thing):
            yield from numbers_within(f"{path}.{position}", one)


@cache
def load_catalogue() -> Catalogue:
    """Read the shipped catalogue; the same object every time.

    Raises CatalogueError, naming every mistake, when a shipped file has been edited wrongly.
    """
    problems: list[str] = []
    tables: dict[str, Any] = {}
    for table, kind in TABLES.items():
        entries: dict[str, Entry] = {}
        for name, block in read_toml(table).items():
            try:
                entries[name] = kind.model_validate(block)
            except ValidationError as error:
                problems += _told(f"{table}.{name}", error)
        tables[table] = entries
    try:
        tables["model"] = TypeAdapter(dict[str, Number]).validate_python(read_toml("model"))
    except ValidationError as error:
        problems += _told("model", error)
    try:
        tables["costs"] = Costs.model_validate(read_toml("costs"))
    except ValidationError as error:
        problems += _told("costs", error)
    for table, known in (*CLOSED.items(), ("mediators", MEDIATORS)):
        problems += [f"{table}: {name} is missing" for name in known if name not in tables[table]]
    for table, known in CLOSED.items():
        for name in tables[table]:
            if name not in known:
                problems.append(f"{table}.{name}: unknown; nearest is {nearest(name, known)!r}")
    if problems:
        raise CatalogueError(*problems)
    return Catalogue(**tables)


@cache
def load_evidence() -> dict[str, EvidenceRow]:
    """Read the published findings behind the catalogue, by id."""
    rows = TypeAdapter(list[EvidenceRow]).validate_python(read_toml("evidence")["row"])
    return {row.id: row for row in rows}


def read_toml(table: str) -> dict[str, Any]:
    """Read one of the shipped files as plain tables."""
    text = files("txsim.catalogue").joinpath(f"{table}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _told(path: str, error: ValidationError) -> list[str]:
    """Mistakes of one block, one line each."""
    return [
        f"{'.'.join((path, *map(str, one['loc'])))}: {one['msg']}"
        for one in error.errors(include_url=False)
    ]


TABLE_NAMES: tuple[str, ...] = tuple(one.name for one in fields(Catalogue) if one.name != "changed")
"""Every table of the catalogue but the evidence."""
