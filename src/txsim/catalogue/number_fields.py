"""Where a number may stand in an entry, in which unit, and how a bare number is completed.

In a block of TOML a number may be written in full, `{ value = 0.8, unit = "odds ratio", ... }`, or
bare, `0.8`. A bare number takes the natural unit of its place and the grade, evidence and source
of its block. A figure that is a choice, such as the minutes of a session, is held fixed; it too may
be written either way, with nothing but a value and its unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from txsim.catalogue.limits import LIMITS, Few
from txsim.catalogue.number import Number, within
from txsim.catalogue.vocabulary import (
    HAZARDS,
    LOG_ODDS_HAZARDS,
    SYMPTOMS,
    unknown_name,
)

ADDITIVE_UNITS = ("standardised mean difference", "sd units")
LOG_ODDS_EFFECT_UNITS = ("odds ratio", "standardised mean difference", "log odds")
RATE_EFFECT_UNITS = ("hazard ratio", "rate ratio", "risk ratio")


def completed(value: Any, unit: str, block: Mapping[str, Any]) -> Any:
    """Number as a full table: what is missing comes from its place and its block."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Mapping)):
        return value
    table = dict(value) if isinstance(value, Mapping) else {"value": value}
    table.setdefault("unit", unit)
    if not table.get("evidence") and not table.get("source"):
        evidence, source = block.get("evidence") or (), block.get("source")
        table["evidence"] = evidence
        table["source"] = source or (None if evidence else "assumption")
        if table.get("grade") is None:
            table["grade"] = block.get("grade")
    return table


class Chosen:
    """Mark of a figure that is a choice and held fixed, with the unit that it has.

    It is written bare, or as `{ value = 45, unit = "minutes" }`.
    """

    def __init__(self, unit: str) -> None:
        """Keep the unit."""
        self.unit = unit

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Read the figure out of its table before the field itself is checked."""
        return core_schema.no_info_before_validator_function(self._bare, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors that a table of value and unit is allowed too."""
        plain = handler(schema)
        table = {
            "type": "object",
            "properties": {"value": plain, "unit": {"const": self.unit}},
            "required": ["value"],
            "additionalProperties": False,
        }
        return {"anyOf": [plain, table]}

    def _bare(self, value: Any) -> Any:
        if not isinstance(value, Mapping) or "value" not in value:
            return value
        more = [str(key) for key in value if key not in ("value", "unit")]
        if more:
            raise ValueError(
                f"a figure that is held fixed has a value and a unit, and nothing else "
                f"(got {', '.join(more)} besides)"
            )
        unit = value.get("unit", self.unit)
        if unit != self.unit:
            raise ValueError(_wrong_unit(str(unit), (self.unit,)))
        return value["value"]


class InUnits:
    """Mark of a `Number` field: the units it may have, the natural one first."""

    def __init__(self, *units: str, limits: tuple[float, float] | None = None) -> None:
        """Keep the allowed units, the first of which is what a bare number means.

        `limits` are the least and the most the value may be in any of them, where the place allows
        less than the unit.
        """
        self.units = units
        self.limits = limits
        self.bare_limits = limits or LIMITS[units[0]]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Wrap the checks of the field itself."""
        return core_schema.with_info_wrap_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors that a bare number is allowed too."""
        return {"anyOf": [bare(*self.bare_limits), handler(schema)]}

    def _check(
        self,
        value: Any,
        handler: core_schema.ValidatorFunctionWrapHandler,
        info: core_schema.ValidationInfo,
    ) -> Any:
        number = handler(completed(value, self.units[0], info.data or {}))
        if isinstance(number, Number) and (problem := self._problem(number)):
            raise ValueError(problem)
        return number

    def _problem(self, number: Number) -> str:
        """What is wrong with a number in this place; nothing when it may stand there."""
        if number.unit not in self.units:
            return _wrong_unit(number.unit, self.units)
        if self.limits is not None and not self.limits[0] <= number.value <= self.limits[1]:
            least, most = self.limits
            return f"the value must lie between {least:,g} and {most:,g} (got {number.value:g})"
        return ""


class ByHazard:
    """Mark of a `dict[str, Number]` field keyed by hazard, and by symptoms where `symptoms`."""

    def __init__(self, *, symptoms: bool = False) -> None:
        """Say whether keys such as "symptoms:depression" may stand beside hazards."""
        self.symptoms = symptoms

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Wrap the checks of the field itself."""
        return core_schema.with_info_wrap_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors which hazards may be named and that bare numbers are allowed."""
        plain = handler(schema)
        number = plain.get("additionalProperties", {})
        keys = (SYMPTOMS, *HAZARDS) if self.symptoms else HAZARDS
        limits = [LIMITS[effect_units(key)[0]] for key in keys]
        least, most = min(low for low, _ in limits), max(high for _, high in limits)
        plain["additionalProperties"] = {"anyOf": [bare(least, most), number]}
        names = list(HAZARDS)
        if self.symptoms:
            pattern = f"^({'|'.join(names)}|{SYMPTOMS}.+)$"
            plain["propertyNames"] = {"pattern": pattern}
        else:
            plain["propertyNames"] = {"enum": names}
        return plain

    def _check(
        self,
        value: Any,
        handler: core_schema.ValidatorFunctionWrapHandler,
        info: core_schema.ValidationInfo,
    ) -> Any:
        if not isinstance(value, Mapping):
            return handler(value)
        block = info.data or {}
        problems = [message for key in value if (message := self._unknown(str(key)))]
        if problems:
            raise ValueError("; ".join(problems))
        table = {key: completed(one, effect_units(key)[0], block) for key, one in value.items()}
        effects: dict[str, Number] = handler(table)
        for key, number in effects.items():
            if number.unit not in effect_units(key):
                problems.append(f"{key}: {_wrong_unit(number.unit, effect_units(key))}")
        if problems:
            raise ValueError("; ".join(problems))
        return effects

    def _unknown(self, key: str) -> str:
        if key in HAZARDS:
            return ""
        if self.symptoms and key.startswith(SYMPTOMS) and len(key) > len(SYMPTOMS):
            return ""
        return unknown_name("hazard", key, HAZARDS)


class Keyed(InUnits):
    """Mark of a `dict[str, Number]` field with open keys, every number in the same units."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors that bare numbers are allowed as values."""
        plain = handler(schema)
        number = plain.get("additionalProperties", {})
        plain["additionalProperties"] = {"anyOf": [bare(*self.bare_limits), number]}
        return plain

    def _check(
        self,
        value: Any,
        handler: core_schema.ValidatorFunctionWrapHandler,
        info: core_schema.ValidationInfo,
    ) -> Any:
        if not isinstance(value, Mapping):
            return handler(value)
        block = info.data or {}
        numbers = handler({key: completed(one, self.units[0], block) for key, one in value.items()})
        problems = [
            f"{key}: {problem}"
            for key, number in numbers.items()
            if (problem := self._problem(number))
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return numbers


def effect_units(key: str) -> tuple[str, ...]:
    """Units an effect on a hazard or symptom level may have, the natural one first."""
    if key.startswith(SYMPTOMS):
        return ADDITIVE_UNITS
    return LOG_ODDS_EFFECT_UNITS if key in LOG_ODDS_HAZARDS else RATE_EFFECT_UNITS


def bare(least: float, most: float) -> dict[str, Any]:
    """The JSON schema of a bare number between two limits."""
    return {"type": "number", **within(least, most)}


def _wrong_unit(unit: str, allowed: tuple[str, ...]) -> str:
    return f"unit {unit!r} does not fit here (allowed: {', '.join(allowed)})"


Share = Annotated[Number, InUnits("proportion", "probability")]
Chance = Annotated[Number, InUnits("probability", "proportion")]
Units = Annotated[Number, InUnits("sd units")]
Spread = Annotated[Number, InUnits("sd units", limits=(0.0, LIMITS["sd units"][1]))]
Days = Annotated[Number, InUnits("days")]
DaysOfMonth = Annotated[Number, InUnits("days", limits=(0.0, 30.0))]
WeeksOfAYear = Annotated[Number, InUnits("weeks", limits=(0.0, 52.0))]
Sessions = Annotated[Number, InUnits("sessions")]
Minutes = Annotated[Number, InUnits("minutes")]
Dollars = Annotated[Number, InUnits("USD", "USD per visit")]
DollarsPerDay = Annotated[Number, InUnits("USD per day")]
DollarsPerYear = Annotated[Number, InUnits("USD per year")]
DailyRate = Annotated[Number, InUnits("per day", "per week", "per year")]
YearlyRate = Annotated[Number, InUnits("per year")]
RateRatio = Annotated[Number, InUnits("rate ratio", "hazard ratio", "risk ratio")]
Ratio = Annotated[Number, InUnits("ratio")]
Score = Annotated[Number, InUnits("score", "proportion")]
Years = Annotated[Number, InUnits("years")]
Kilometres = Annotated[Number, InUnits("km", "kilometres")]
Effects = Annotated[dict[str, Number], ByHazard()]
Targets = Annotated[dict[str, Number], ByHazard(symptoms=True), Few]
