"""The JSON Schema by which an editor completes and checks a scenario while it is being written.

Put `#:schema ./scenario.schema.json` on the first line of a scenario beside the exported file.
Nothing is required in it, since a file states only what differs from what it extends.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from txsim.catalogue import Catalogue
from txsim.catalogue.limits import LONGEST_NAME, MONEY, limits_of_model
from txsim.catalogue.load import TABLES
from txsim.catalogue.number_fields import bare
from txsim.scenario.design import BLOCK_TABLES, Scenario
from txsim.scenario.shipped import shipped_names

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(catalogue: Catalogue) -> dict[str, Any]:
    """The schema of a scenario file, with the catalogue's names offered for completion."""
    kinds: list[type[BaseModel]] = [Scenario, *TABLES.values()]
    _, definitions = models_json_schema([(kind, "validation") for kind in kinds], by_alias=True)
    shapes: dict[str, Any] = definitions["$defs"]
    for shape in shapes.values():
        shape.pop("required", None)
    scenario = shapes.pop("Scenario")
    properties = scenario["properties"]
    properties["extends"] = {
        "type": "string",
        "description": "What this file extends: a shipped scenario by its name "
        f"({', '.join(shipped_names())}), or a neighbouring file ending in .toml.",
    }
    for table in BLOCK_TABLES:
        if table in TABLES:
            _offer(properties[table], catalogue, table, TABLES[table])
    _offer_names(properties["staff"], catalogue.roles)
    served = shapes["Service"]["properties"]["for"]
    names = {"type": "array", "items": {"type": "string"}}
    served.update({"anyOf": [{"type": "string"}, names]})
    for key in ("type", "enum"):
        served.pop(key, None)
    assign = shapes["MedicationSection"]["properties"]["assign"]
    shares, words = assign.pop("oneOf")
    assign["anyOf"] = [shares, {"enum": [words["const"], *catalogue.medications]}]
    closes = shapes["Hours"]["properties"]["closes"]
    clock = {key: closes.pop(key) for key in ("type", "format")}
    closes["anyOf"] = [clock, {"const": "24:00"}]
    prices = shapes["Economics"]["properties"]["prices"]
    prices["additionalProperties"] = {"anyOf": [bare(*MONEY), {"type": "object"}]}
    model = properties["model"]
    model["properties"] = {
        name: {
            "anyOf": [bare(*limits_of_model(name, one.unit)), {"$ref": "#/$defs/Number"}],
            "description": one.note or "",
        }
        for name, one in catalogue.model.items()
    }
    model["additionalProperties"] = False
    return {"$schema": DIALECT, **scenario, "title": "txsim scenario", "$defs": shapes}


def _offer(part: dict[str, Any], catalogue: Catalogue, table: str, kind: type[BaseModel]) -> None:
    """Blocks of a table: shipped names for completion, any name for a new entry."""
    ((pattern, _),) = part.pop("patternProperties").items()
    part["propertyNames"] = {"pattern": pattern, "maxLength": LONGEST_NAME}
    part["additionalProperties"] = {"$ref": f"#/$defs/{kind.__name__}"}
    _offer_names(part, getattr(catalogue, table))


def _offer_names(part: dict[str, Any], entries: dict[str, Any]) -> None:
    shape = part["additionalProperties"]
    part["properties"] = {
        name: {**shape, "description": _words(entry)} for name, entry in entries.items()
    }


def _words(entry: Any) -> str:
    return f"{entry.label}. {entry.description}".strip()
