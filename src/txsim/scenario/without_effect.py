"""Which keys of a scenario have no effect in the setting that it makes, each with the reason."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from txsim.catalogue import Catalogue
from txsim.scenario.design import Scenario
from txsim.scenario.mistakes import Mistake
from txsim.scenario.setting import Rule, Setting
from txsim.scenario.toml_lines import Path
from txsim.scenario.where_blocks_act import BLOCKS
from txsim.scenario.where_keys_act import HABITS, KEYS
from txsim.scenario.where_numbers_act import NUMBERS
from txsim.scenario.where_people_act import PEOPLE

REGISTRY: dict[Path, Rule] = {
    tuple(key.split(".")): rule for key, rule in {**KEYS, **BLOCKS, **PEOPLE, **NUMBERS}.items()
}
"""The rule of each key, a star for any name."""


def rules_for(path: Path) -> Iterator[tuple[Path, Rule, list[str]]]:
    """The rules that hold for a key and the tables it stands in, with names for their stars.

    The outermost come first; of two rules for one table or key, the one that names it holds.
    """
    for length in range(1, len(path) + 1):
        here = tuple(str(part) for part in path[:length])
        fitting = [pattern for pattern in REGISTRY if _fits(pattern, here)]
        if fitting:
            pattern = min(fitting, key=lambda one: one.count("*"))
            names = [part for part, star in zip(here, pattern, strict=True) if star == "*"]
            yield path[:length], REGISTRY[pattern], names


def _fits(pattern: Path, path: Path) -> bool:
    return len(pattern) == len(path) and all(
        star in ("*", part) for star, part in zip(pattern, path, strict=True)
    )


def without_effect(
    scenario: Scenario, catalogue: Catalogue, values: Mapping[str, Any], said: Iterable[Path]
) -> list[Mistake]:
    """A warning for each key that was said and has no effect; a table without any is told once.

    `values` is what was written and `said` the paths that a planner wrote of it. What is off (0,
    false, an empty list), and a mechanism that is on, needs nothing to act on and is left out.
    """
    setting = Setting(scenario, catalogue)
    found: dict[Path, str] = {}
    for path in sorted(said, key=lambda one: [str(part) for part in one]):
        value = _at(values, path)
        if isinstance(value, Mapping) or value is None:
            continue
        if bool(value) is (path[0] == "mechanisms"):
            continue
        if HABITS.get(".".join(map(str, path))) == value:
            continue
        for place, rule, names in rules_for(path):
            reason = rule(setting, *names)
            if reason:
                found.setdefault(place, reason)
                break
    return [Mistake(path, f"has no effect {reason}") for path, reason in found.items()]


def _at(values: Any, path: Path) -> Any:
    for part in path:
        if isinstance(values, Mapping):
            values = values.get(str(part))
        elif isinstance(values, list | tuple) and isinstance(part, int) and part < len(values):
            values = values[part]
        else:
            return None
    return values
