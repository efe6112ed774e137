"""Named sets of rules: what `rules.preset` stands for in a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("rule_presets.toml")
SECTIONS = ("rules", "medication")
"""The tables of a scenario that a preset fills."""


@cache
def rule_presets() -> dict[str, dict[str, Any]]:
    """Every preset by name: label, description, source, and what it fills in."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def with_preset(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes with what their `rules.preset` stands for; what they say themselves stays.

    Unknown presets are left for the schema to refuse.
    """
    rules = changes.get("rules")
    name = rules.get("preset") if isinstance(rules, Mapping) else None
    preset = rule_presets().get(name) if isinstance(name, str) else None
    if preset is None:
        return changes
    filled = dict(changes)
    for section in SECTIONS:
        said = changes.get(section, {})
        if isinstance(said, Mapping):
            filled[section] = {**preset[section], **said}
    return filled
