"""The schema for editors accepts what txsim accepts and flags what it refuses."""

import re
import tomllib
from datetime import time
from typing import Any

import pytest

from txsim.catalogue import load_catalogue
from txsim.scenario import shipped_names
from txsim.scenario.editor import json_schema
from txsim.scenario.shipped import shipped_path

SCHEMA = json_schema(load_catalogue())
TYPES = {
    "object": dict,
    "array": list,
    "string": (str, time),
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def fits(value: Any, shape: dict[str, Any]) -> bool:
    """Whether a value fits a schema, by the keywords that the exported schema uses."""
    if "$ref" in shape:
        name = shape["$ref"].removeprefix("#/$defs/")
        return fits(value, SCHEMA["$defs"][name])
    for group in ("anyOf", "oneOf"):
        if group in shape and not any(fits(value, one) for one in shape[group]):
            return False
    if "enum" in shape and value not in shape["enum"]:
        return False
    if "const" in shape and value != shape["const"]:
        return False
    if "type" in shape and not isinstance(value, TYPES[shape["type"]]):
        return False
    if isinstance(value, bool) and shape.get("type") in ("integer", "number"):
        return False
    if isinstance(value, dict):
        return all(_key_fits(key, inner, shape) for key, inner in value.items())
    if isinstance(value, list):
        return all(fits(item, shape.get("items", {})) for item in value)
    if isinstance(value, int | float):
        low, high = shape.get("minimum", value), shape.get("maximum", value)
        return bool(low <= value <= high)
    return True


def _key_fits(key: str, value: Any, shape: dict[str, Any]) -> bool:
    if key in shape.get("properties", {}):
        return fits(value, shape["properties"][key])
    names = shape.get("propertyNames", {})
    if key not in names.get("enum", [key]) or not re.search(names.get("pattern", ""), key):
        return False
    rest = shape.get("additionalProperties", True)
    return rest if isinstance(rest, bool) else fits(value, rest)


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenarios_fit(name: str) -> None:
    path = shipped_path(name)
    assert path is not None

    assert fits(tomllib.loads(path.read_text(encoding="utf-8")), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "services.cbt.attendance = 0.7",
        "services.cbt.attendance = { value = 0.7 }",
        'services.cbt.for = ["ptsd"]',
        "services.new = { label = 'New', raises = { social_support = 0.1 } }",
        'medication.assign = "methadone"',
        'medication.assign = "by preference"',
        "economics.prices.roles.nurse.wage_per_year = 3",
        "effects.override.cbt.use.odds_ratio = 0.8",
        "model.clinic_sd = 0.3",
    ],
)
def test_every_way_of_saying_it_fits(text: str) -> None:
    assert fits(tomllib.loads(text), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "clinic.plcaes = 3",
        "clinic.places = -3",
        "horizon.days = 0",
        'plan.policy = "mached"',
        "services.cbt.minutess = 3",
        "services.cbt.targets.relapse = 0.5",
        "staff.nurse.posts = 'two'",
        "medication.assign = 'metadone'",
        "horizn.days = 3",
    ],
)
def test_mistakes_do_not_fit(text: str) -> None:
    assert not fits(tomllib.loads(text), SCHEMA)


def test_nothing_is_required_since_a_file_states_what_differs() -> None:
    assert "required" not in SCHEMA
    assert not any("required" in shape for shape in SCHEMA["$defs"].values())


def test_fields_and_shipped_names_are_explained() -> None:
    horizon = SCHEMA["$defs"]["Horizon"]["properties"]["days"]
    cbt = SCHEMA["properties"]["services"]["properties"]["cbt"]

    assert horizon["description"].startswith("Days during which people")
    assert cbt["description"].startswith("Cognitive behavioural therapy")
    assert set(SCHEMA["properties"]["staff"]["properties"]) == set(load_catalogue().roles)


def test_closing_at_midnight_may_be_written() -> None:
    closes = SCHEMA["$defs"]["Hours"]["properties"]["closes"]

    assert closes["anyOf"] == [{"type": "string", "format": "time"}, {"const": "24:00"}]
    assert "type" not in closes
