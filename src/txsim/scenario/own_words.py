"""The words of a scenario that a planner wrote herself, which nobody may spell otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any

from txsim.catalogue import load_catalogue
from txsim.scenario.design import BLOCK_TABLES, Scenario

WORDS = ("title", "question", "label", "description", "source", "note")
"""Keys at whose end words stand; others hold names and choices."""
WORDS_OF_ONE_TABLE = (("clinic", "kind"), ("clinic", "fees", "currency"), ("economics", "currency"))


def own_words(scenario: Scenario) -> Iterator[str]:
    """Yield texts set in files of her own or by `with_changes`, and the names of new entries."""
    values = scenario.values()
    shipped = load_catalogue()
    for path in scenario.said:
        found = _at(values, path)
        if isinstance(found, str) and (path[-1] in WORDS or path in WORDS_OF_ONE_TABLE):
            yield found
        table, name, *_ = (*path, "", "")
        if table in BLOCK_TABLES and isinstance(name, str) and name not in getattr(shipped, table):
            yield name.replace("_", " ")


def _at(values: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        values = values.get(part) if isinstance(values, Mapping) else None
    return values
