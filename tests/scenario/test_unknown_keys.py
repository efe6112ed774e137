"""A key that nobody knows, anywhere in a scenario, is a mistake on its line, or it does no harm."""

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from txsim.catalogue.load import TABLES, load_catalogue
from txsim.errors import Problem, ScenarioError
from txsim.run import run
from txsim.scenario import Scenario, load

sys.path.append(str(Path(__file__).resolve().parents[2] / "experiments"))
from mutated_scenarios import SMALL_CLINIC

Keys = tuple[str, ...]

VALUES = ("0.5", '"x"', "{}", "{ value = 0.5 }", "[1]")


def tables(values: dict[str, Any], keys: Keys = ()) -> Iterator[Keys]:
    """Every table of the small clinic."""
    yield keys
    for key, inner in values.items():
        if isinstance(inner, dict):
            yield from tables(inner, (*keys, key))


def tables_of_a_class(kind: type[BaseModel]) -> Iterator[str]:
    """The keys of a class that hold tables with keys of their own."""
    for name, field in kind.model_fields.items():
        if "dict[" in str(field.annotation):
            yield field.alias or name


def places() -> list[Keys]:
    values = tomllib.loads(SMALL_CLINIC.read_text("utf-8"))
    written = list(tables(values))
    classes = [
        (table, next(iter(values.get(table) or getattr(load_catalogue(), table))), key)
        for table, kind in TABLES.items()
        for key in tables_of_a_class(kind)
    ]
    sections = [(name,) for name in Scenario.model_fields if name not in ("title", "question")]
    inner = [("economics", "prices"), ("arrivals", "streams"), ("population", "shares")]
    return list(dict.fromkeys([*written, *classes, *sections, *inner]))


PLACES = places()


def test_tables_are_found_in_every_class_that_has_any() -> None:
    assert {"modes", "targets", "raises", "relieves", "links", "helps_find", "solved"} <= {
        keys[-1] for keys in PLACES if keys
    }
    assert len(PLACES) > 70


def loaded_or_refused(path: Path) -> Scenario | list[Problem]:
    try:
        return load(path)
    except ScenarioError as error:
        return error.problems


@pytest.mark.parametrize("keys", PLACES, ids=".".join)
def test_an_unknown_key_is_a_mistake_on_its_line_or_does_no_harm(write: Any, keys: Keys) -> None:
    write(SMALL_CLINIC.read_text("utf-8"), "small.toml")
    accepted: list[Scenario] = []
    for value in VALUES:
        key = ".".join(json.dumps(key) for key in (*keys, "surprise"))
        path = write(f'extends = "small.toml"\n\n\n{key} = {value}\n')
        found = loaded_or_refused(path)
        if isinstance(found, Scenario):
            accepted.append(found)
            continue
        here = [str(problem) for problem in found if problem.line == 4]
        assert here, f"{key} = {value}: {found}"
        assert all("surprise" in one or keys[-1] in one for one in here)
    for scenario in accepted:
        assert len(run(scenario, uncertainty=False).patients) > 0
