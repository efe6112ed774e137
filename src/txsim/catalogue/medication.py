"""What the catalogue says about a medication."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from txsim.catalogue.entries import Entry, as_usual, none_at_all
from txsim.catalogue.limits import MOST_DAYS, Name
from txsim.catalogue.number_fields import (
    Chance,
    Chosen,
    DailyRate,
    DollarsPerDay,
    Effects,
    RateRatio,
    Share,
)
from txsim.catalogue.plain import Plain
from txsim.catalogue.vocabulary import HAZARDS, unknown_name
from txsim.units import log_rate, per_day

MOST_PHASES = 4
"""Phases of leaving care that the clinic's rules know."""


def _hazard(name: str) -> str:
    if name not in HAZARDS:
        raise ValueError(unknown_name("hazard", name, HAZARDS))
    return name


HazardName = Annotated[str, AfterValidator(_hazard), Field(json_schema_extra={"enum": [*HAZARDS]})]
SolvedRate = Annotated[float, Field(ge=-60.0, le=10.0)]
SolvedTerm = Annotated[float, Field(ge=-20.0, le=20.0)]


class Phase(Plain):
    """Leaving care between one day in care and the next phase."""

    from_day: Annotated[int, Chosen("days")] = Field(ge=0, le=MOST_DAYS)
    """Day in care on which the phase begins."""
    dropout: DailyRate
    """Marginal rate of leaving, per day, as published."""
    solved: SolvedRate | None = None
    """Log daily rate of the reference person that gives the marginal curve."""

    @property
    def log_rate(self) -> float:
        """Solved log daily rate; the published marginal rate until it has been solved."""
        if self.solved is not None:
            return self.solved
        return log_rate(per_day(self.dropout.value, self.dropout.unit))


class OverdoseRatios(Plain):
    """Overdoses against methadone after the fourth week in treatment."""

    in_first_4_weeks: RateRatio
    """In the first four weeks of treatment."""
    in_later: RateRatio
    """Later in treatment."""
    out_first_4_weeks: RateRatio
    """In the first four weeks after leaving."""
    out_later: RateRatio
    """Later out of treatment."""


class Medication(Entry):
    """A medication, or care without one."""

    substance: Literal["opioid", "alcohol"]
    """Substance it treats."""
    service: Name = ""
    """Service whose visits carry the dose; empty for none."""
    days_per_visit: Annotated[float, Chosen("days")] = Field(default=0.0, ge=0.0, le=MOST_DAYS)
    """Days of doses given at one visit; 0 where there is no dose."""
    take_home: bool = False
    """Whether the days per visit follow the clinic's take-home rules."""
    agonist: bool = False
    """Whether it keeps up the tolerance to opioids; its dose is the clinic's to choose."""
    induction_days: Annotated[float, Chosen("days")] = Field(default=0.0, ge=0.0, le=MOST_DAYS)
    """Days from the first dose to a steady one."""
    induction_success: Chance
    """Chance of coming through induction."""
    induction_success_detoxified: Chance
    """The same for people already through withdrawal."""
    adherence: Share
    """Share of supplied days on which it is taken."""
    low_dose_share: Share
    """Share of people kept on a low dose in usual practice."""
    phases: tuple[Phase, ...] = Field(min_length=1, max_length=MOST_PHASES)
    """Leaving care, by time in care."""
    leaving_at_first_in_trials: RateRatio = as_usual()
    """Leaving in trials in the first month of care, against routine care."""
    leaving_in_trials: RateRatio = as_usual()
    """Leaving in trials after the first month, against routine care."""
    effects: Effects = Field(default_factory=dict)
    """Direct effect on a day on which it acts."""
    solved: dict[HazardName, SolvedTerm] = Field(default_factory=dict)
    """Additive terms, by hazard, that bring use to its published share."""
    settles: Share = none_at_all("proportion")
    """Share of people in regular use who leave it with the first dose of a stay."""
    regular_use_begins_in_care: DailyRate | None = None
    """Rate at which regular use begins anew among people in care who have the medication."""
    regular_use_ends_in_care: DailyRate | None = None
    """Rate at which regular use ends among people in care who have the medication."""
    positive_share: Share | None = None
    """Share of weekly urines positive while retained (opioids), of drinking days (alcohol)."""
    overdose: OverdoseRatios | None = None
    """Overdose rates in and out of treatment; none for alcohol."""
    completion_after_days: Annotated[float, Chosen("days")] = Field(
        default=0.0, ge=0.0, le=MOST_DAYS
    )
    """Day in care from which people may complete; 0 for never."""
    cost_per_day: DollarsPerDay
    """Cost of the drug for each day supplied."""

    @model_validator(mode="after")
    def _phases_rise(self) -> Self:
        days = [phase.from_day for phase in self.phases]
        if days[0] != 0 or days != sorted(set(days)):
            raise ValueError("phases: the first must start on day 0 and each later than the last")
        return self
