"""What was published, by outcome: its range, whom it is of, and where it stands."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import TypeAdapter, model_validator

from txsim.catalogue.load import load_evidence
from txsim.catalogue.plain import Plain

Topic = Literal[
    "retention", "entry", "show rates", "use", "mortality", "overdose", "staff", "cost"
]  # fmt: skip


class Source(Plain):
    """A publication."""

    id: str
    """Name by which benchmarks refer to it."""
    use: Literal["parameter", "calibration-target", "validation-target"]
    """What it may be used for; nothing in the model rests on a validation target."""
    citation: str
    """Where it was published."""
    doi: str = ""
    """Digital object identifier."""
    verified: str
    """How far the row was checked against its publication."""


class KeptForChecking(Plain):
    """A figure kept for checking the model, which is shown and never fitted to."""

    id: str
    """Its source."""
    value: float
    """The figure, in the unit of the benchmark."""
    says: str
    """Whom it is of."""


class Benchmark(Plain):
    """A published figure, and the outcome of a run that it is set beside."""

    name: str
    """Name of the benchmark."""
    topic: Topic
    """What it is about."""
    label: str
    """What is counted."""
    outcome: str
    """Outcome of a run."""
    over: tuple[str, ...] = ()
    """Outcomes whose sum it is divided by."""
    group: str = "everyone"
    """Group of people."""
    times: float = 1.0
    """Factor that turns it into `unit`."""
    unit: str
    """Unit of the published figure."""
    value: float | None = None
    """The published figure, where there is one alone."""
    low: float | None = None
    """The lowest that was found."""
    high: float | None = None
    """The highest that was found."""
    substance: Literal["opioid", "alcohol", ""] = ""
    """Substance of the people it is of; empty where it is of any."""
    medication: str = ""
    """Medication of the people it is of."""
    kind: str = ""
    """Kind of clinic that it is of, as `clinic.kind` of scenarios has it; empty where of any."""
    currency: str = ""
    """Currency of money."""
    year: bool = False
    """Whether it is of a year, so that people must be followed for one."""
    queue: bool = False
    """Whether it is of clinics that people come to one after the other."""
    evidence: tuple[str, ...]
    """Sources of its range."""
    beside: tuple[KeptForChecking, ...] = ()
    """Figures of sources kept for checking the model."""
    note: str
    """What was published, in a sentence."""
    above: str
    """Why a run's figure may lie above."""
    below: str
    """Why a run's figure may lie below."""

    @model_validator(mode="after")
    def _has_a_figure_or_a_range(self) -> Self:
        ends = (self.low, self.high)
        if (self.value is None) == (None in ends) or (self.value is not None and any(ends)):
            raise ValueError(f"{self.name}: give a value, or low and high")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"{self.name}: low must be below high")
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest that was found; both the same where there is one figure."""
        low, high = (self.low, self.high) if self.value is None else (self.value, self.value)
        return float(low or 0.0), float(high or 0.0)


@cache
def load_benchmarks() -> tuple[Benchmark, ...]:
    """Every benchmark, in the order of the file."""
    return tuple(TypeAdapter(list[Benchmark]).validate_python(_read()["benchmark"]))


@cache
def sources() -> dict[str, Source]:
    """Publications by id: those of the catalogue's evidence, and those that stand here."""
    found = {
        row.id: Source(
            id=row.id, use=row.use, citation=row.citation, doi=row.doi, verified=row.verified
        )
        for row in load_evidence().values()
    }
    own = TypeAdapter(list[Source]).validate_python(_read()["source"])
    return found | {one.id: one for one in own}


def _read() -> dict[str, object]:
    text = files("txsim.published").joinpath("figures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
