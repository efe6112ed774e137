"""Named sets of rules: what `rules.preset` stands for in a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from txsim.catalogue.plain import Plain

FILE = Path(__file__).with_name("rule_presets.toml")
SECTIONS = ("rules", "medication")
"""The tables of a scenario that a preset fills."""


class RulePreset(Plain):
    """A named set of rules; what it fills in is checked with the scenario that names it."""

    label: str
    """Name for people."""
    description: str
    """What it asks of people, in a sentence."""
    source: str
    """The regulation, or that it is an assumption."""
    note: str | None = None
    """What of it is in no regulation."""
    rules: dict[str, int | float]
    """Keys of a scenario's `rules`; 0 is never."""
    medication: dict[str, str]
    """Keys of a scenario's `medication`."""


@cache
def rule_presets() -> dict[str, RulePreset]:
    """Every preset by name."""
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: RulePreset.model_validate(block) for name, block in read.items()}


def with_preset(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes with what their `rules.preset` stands for; what they say themselves stays.

    Unknown presets are left for the schema to refuse.
    """
    rules = changes.get("rules")
    name = rules.get("preset") if isinstance(rules, Mapping) else None
    preset = rule_presets().get(name) if isinstance(name, str) else None
    if preset is None:
        return changes
    fills = preset.model_dump()
    filled = dict(changes)
    for section in SECTIONS:
        said = changes.get(section, {})
        if isinstance(said, Mapping):
            filled[section] = {**fills[section], **said}
    return filled
