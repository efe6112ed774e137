"""A number with its unit, its uncertainty and what it rests on."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from txsim.catalogue.limits import LIMITS, MOST_SPREAD, Names, Text
from txsim.catalogue.plain import Plain
from txsim.units import RATE_UNITS, RATIO_UNITS

Unit = Literal[
    "hazard ratio",
    "rate ratio",
    "odds ratio",
    "risk ratio",
    "standardised mean difference",
    "per day",
    "per week",
    "per year",
    "probability",
    "proportion",
    "log odds",
    "sd units",
    "hours",
    "days",
    "weeks",
    "minutes",
    "sessions",
    "people",
    "USD",
    "USD per day",
    "USD per visit",
    "USD per year",
    "score",
    "ratio",
    "km",
    "kilometres",
    "years",
    "posts",
]
Grade = Literal["A", "B", "C", "D"]

CHANCE_UNITS = ("probability", "proportion")
AMOUNT_UNITS = (
    "hours",
    "days",
    "weeks",
    "minutes",
    "sessions",
    "people",
    "USD",
    "USD per day",
    "USD per visit",
    "USD per year",
    "ratio",
    "km",
    "kilometres",
    "years",
    "posts",
)
LOG_UNITS = frozenset((*RATIO_UNITS, *RATE_UNITS, *AMOUNT_UNITS))
"""Units whose uncertainty is normal on the log scale."""

GUESSES = ("assumption", "local assumption")
"""Sources that are nobody's measurement; a number resting on one has grade D."""

NINETY_FIVE_PER_CENT_WIDTH = 3.92
"""Standard deviations between the 95 % limits of a normal distribution."""

EFFECT_UNITS = (*RATIO_UNITS, "standardised mean difference", "sd units", "log odds")


class Number(Plain):
    """A value with unit, uncertainty, evidence grade and source.

    The uncertainty is normal on the working scale of the unit: the logarithm for ratios, rates and
    amounts, log odds for probabilities and proportions, the value itself otherwise.
    """

    value: float
    """Central value, in `unit`."""
    unit: Unit
    """Unit of the value and of the limits."""
    sd: Annotated[float, Field(ge=0.0, le=MOST_SPREAD)] | None = None
    """Standard deviation on the working scale (log, log odds or natural, by unit)."""
    low: float | None = None
    """Lower 95 % limit, in `unit`."""
    high: float | None = None
    """Upper 95 % limit, in `unit`."""
    grade: Grade | None = None
    """A (several good trials) to D (assumption, or evidence against)."""
    evidence: Names = ()
    """Ids of the rows of the evidence table it rests on."""
    source: Text | None = None
    """"assumption", "derived", "design", "local assumption" or a reference."""
    note: Text | None = None
    """How the value was reached, where that is not plain."""
    pool: Text | None = None
    """Name of a pool of numbers that were estimated together, and are uncertain together."""
    shared: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """Share of its variance that it has in common with the others of its pool."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        value, unit = self.value, self.unit
        if not math.isfinite(value):
            raise ValueError(f"the value must be a finite number (got {value})")
        if unit in LOG_UNITS:
            if value < 0.0 or (value == 0.0 and unit in RATIO_UNITS):
                limit = "must be above 0" if unit in RATIO_UNITS else "cannot be negative"
                raise ValueError(f"a value in {unit!r} {limit} (got {value})")
        elif unit in CHANCE_UNITS and not 0.0 <= value <= 1.0:
            raise ValueError(f"a {unit} must lie between 0 and 1 (got {value})")
        if not _is_possible(value, unit):
            least, most = LIMITS[unit]
            raise ValueError(
                f"a value in {unit!r} must lie between {least:,g} and {most:,g} (got {value:g})"
            )
        if (self.low is None) != (self.high is None):
            raise ValueError("give both limits, low and high, or neither")
        if self.low is not None and self.high is not None:
            if not self.low <= value <= self.high:
                raise ValueError(
                    f"the value must lie within its limits (got {self.low} to {self.high})"
                )
            limits = (self.low, self.high)
            if not all(_on_scale(one, unit) and _is_possible(one, unit) for one in limits):
                least, most = LIMITS[unit]
                raise ValueError(
                    f"limits of {self.low:g} to {self.high:g} are impossible in {unit!r} "
                    f"(allowed {least:,g} to {most:,g})"
                )
        if (self.pool is None) != (self.shared == 0.0):
            raise ValueError("give both a pool and the share that is shared in it, or neither")
        if not self.evidence and not self.source:
            raise ValueError('give the ids of its evidence, or a source such as "assumption"')
        if self.source in GUESSES and self.grade not in (None, "D"):
            raise ValueError(f"an assumption has grade D (got {self.grade!r})")
        if self.spread > 0.0 and not _on_scale(value, unit):
            raise ValueError(f"a value of {value} in {unit!r} cannot have an uncertainty")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the limits of each unit."""
        plain = super().__get_pydantic_json_schema__(schema, handler)
        shape = handler.resolve_ref_schema(plain)
        for name in ("value", "low", "high"):
            shape["properties"][name] |= within(
                min(least for least, _ in LIMITS.values()), max(most for _, most in LIMITS.values())
            )
        shape["allOf"] = [
            {
                "if": {"properties": {"unit": {"const": unit}}, "required": ["unit"]},
                "then": {
                    "properties": {name: within(*limits) for name in ("value", "low", "high")}
                },
            }
            for unit, limits in LIMITS.items()
        ]
        return plain

    @property
    def spread(self) -> float:
        """Standard deviation in force on the working scale; 0 when the number is held fixed."""
        if self.sd is not None:
            return self.sd
        if self.low is None or self.high is None:
            return 0.0
        width = _forward(self.high, self.unit) - _forward(self.low, self.unit)
        return width / NINETY_FIVE_PER_CENT_WIDTH

    @property
    def strength(self) -> Grade:
        """Grade in force: a number without a grade counts as D when it is a guess, else as C."""
        if self.grade is not None:
            return self.grade
        return "D" if self.source in GUESSES else "C"

    @property
    def is_null(self) -> bool:
        """Whether the value states no effect (a ratio of 1, a difference of 0)."""
        return self.value == self.no_effect

    @property
    def no_effect(self) -> float:
        """Value of this unit that stands for no effect: 1 for ratios, 0 otherwise."""
        return 1.0 if self.unit in RATIO_UNITS else 0.0

    @property
    def limits(self) -> tuple[float, float] | None:
        """Its 95 % limits in `unit`: as given, or from its spread; None when it is held fixed."""
        if self.low is not None and self.high is not None:
            return (self.low, self.high)
        half = 0.5 * NINETY_FIVE_PER_CENT_WIDTH
        return (self.at(-half), self.at(half)) if self.spread > 0.0 else None

    @property
    def in_words(self) -> str:
        """The value with its unit, and its 95 % limits where it is not held fixed."""
        text = f"{digits(self.value)} {self.unit}"
        if self.limits is None:
            return text
        return f"{text} ({' to '.join(digits(one) for one in self.limits)})"

    def at(self, z: float) -> float:
        """Value in `unit`, `z` standard deviations above the centre on the working scale.

        It stays within the limits of its unit.
        """
        spread = self.spread
        if spread == 0.0:
            return self.value
        drawn = _backward(_forward(self.value, self.unit) + spread * z, self.unit)
        least, most = LIMITS[self.unit]
        return min(max(drawn, least), most)


def within(least: float, most: float) -> dict[str, float]:
    """Limits as they stand in a JSON schema."""
    return {"minimum": least, "maximum": most}


def _is_possible(value: float, unit: str) -> bool:
    """Whether a value lies within the limits of its unit."""
    least, most = LIMITS[unit]
    return least <= value <= most


def digits(value: float) -> str:
    """A figure for people: three digits that count, or a whole number where it has more."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _on_scale(value: float, unit: str) -> bool:
    """Whether the working scale of `unit` holds `value`."""
    if not math.isfinite(value):
        return False
    if unit in LOG_UNITS:
        return value > 0.0
    if unit in CHANCE_UNITS:
        return 0.0 < value < 1.0
    return True


def _forward(value: float, unit: str) -> float:
    """Natural value to working scale."""
    if unit in LOG_UNITS:
        return math.log(value)
    if unit in CHANCE_UNITS:
        return math.log(value / (1.0 - value))
    return value


def _backward(value: float, unit: str) -> float:
    """Working scale to natural value."""
    if unit in LOG_UNITS:
        return math.exp(value)
    if unit in CHANCE_UNITS:
        return 0.5 * (1.0 + math.tanh(0.5 * value))
    return value
