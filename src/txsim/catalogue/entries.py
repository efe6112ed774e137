"""What the catalogue says about hazards, people, barriers, staff and case mixes.

The same classes check a block in the shipped files and a block that a scenario adds.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from txsim.catalogue.limits import (
    MOST_DAYS,
    MOST_HELP,
    MOST_NAMES,
    MOST_PEOPLE,
    Few,
    Name,
    Names,
    Text,
)
from txsim.catalogue.number import Grade, Number
from txsim.catalogue.number_fields import (
    Chance,
    Chosen,
    DailyRate,
    Days,
    DaysOfMonth,
    DollarsPerYear,
    Effects,
    InUnits,
    Keyed,
    Kilometres,
    Minutes,
    RateRatio,
    Score,
    Share,
    Spread,
    Units,
    WeeksOfAYear,
    YearlyRate,
    Years,
)
from txsim.catalogue.plain import Plain
from txsim.catalogue.vocabulary import FACTORS, unknown_name


def assumed(value: float, unit: str, note: str | None = None) -> Number:
    """Number that is a guess, used where a block leaves something out."""
    return Number.model_validate(
        {"value": value, "unit": unit, "grade": "D", "source": "assumption", "note": note}
    )


def as_usual() -> Number:
    """A hazard ratio of 1: nothing is known to differ."""
    return Number.model_validate({"value": 1.0, "unit": "hazard ratio", "source": "design"})


def none_at_all(unit: str) -> Number:
    """Zero of a unit: the thing does not happen, or costs nothing."""
    return Number.model_validate({"value": 0.0, "unit": unit, "source": "design"})


def _factor(name: str) -> str:
    if name not in FACTORS:
        raise ValueError(unknown_name("latent factor", name, FACTORS))
    return name


Loadings = dict[Annotated[str, AfterValidator(_factor)], Annotated[float, Field(ge=-1.0, le=1.0)]]


class Entry(Plain):
    """What every block has: words for people, and what its bare numbers rest on."""

    label: Text
    """Name for people, as it stands in reports."""
    description: Text = ""
    """What it is, in a sentence or two."""
    grade: Grade | None = None
    """Evidence grade of bare numbers in this block."""
    evidence: Names = ()
    """Evidence ids of bare numbers in this block."""
    source: Text | None = None
    """Source of bare numbers in this block, when they have no evidence ids."""
    note: Text | None = None
    """What else a reader should know."""


class Loaded(Entry):
    """Something people have or not, which goes together with other things."""

    loadings: Loadings = Field(default_factory=dict)
    """Correlation with each latent factor; what loads on the same factor goes together."""

    @model_validator(mode="after")
    def _loadings_fit(self) -> Self:
        if sum(loading**2 for loading in self.loadings.values()) > 1.0:
            raise ValueError("loadings: their squares add up to more than 1")
        return self


Base = Annotated[Number, InUnits("probability", "per day", "per week", "per year")]


class HazardEntry(Entry):
    """Something that can happen to a person on a day, and how often for the reference person."""

    kind: Literal["log odds", "rate"]
    """Scale on which effects add up."""
    better: Literal["lower", "higher"]
    """Which direction is good for the person."""
    opioid: Base | None = None
    """Base for the reference person with opioid use, chance or rate; none if it is elsewhere."""
    alcohol: Base | None = None
    """Base for the reference person with alcohol use, likewise."""

    @model_validator(mode="after")
    def _bases_fit_the_kind(self) -> Self:
        for number in (self.opioid, self.alcohol):
            if number is not None and (number.unit == "probability") != (self.kind == "log odds"):
                raise ValueError(f"a base in {number.unit!r} does not fit the kind {self.kind!r}")
        return self


class Mediator(Entry):
    """A changing state of a person through which services act."""

    start: Units = none_at_all("sd units")
    """Mean on the day care begins."""
    spread: Spread = none_at_all("sd units")
    """Standard deviation among people on that day."""
    half_life_days: Days | None = None
    """Days in which half of a deviation from a person's own start is lost; for shares of recent
    days or visits, how long one is remembered; none for what follows the plan."""
    ceiling: Annotated[float, Chosen("sd units")] = Field(default=0.0, ge=0.0, le=MOST_HELP)
    """Largest total help from all services together, in sd units."""
    effects: Effects = Field(default_factory=dict)
    """Ratio for each hazard, for one unit more."""


class Trait(Entry):
    """A property of a person at intake; all but being unemployed last."""

    opioid: Share | None = None
    """Share of people with opioid use who have it; none where it follows from other things."""
    alcohol: Share | None = None
    """Share of people with alcohol use who have it; none where it follows from other things."""
    effects: Effects = Field(default_factory=dict)
    """Ratio for each hazard, for having it (or for one standard deviation more)."""
    early_effects: Effects = Field(default_factory=dict)
    """Further ratio in the first days of care."""


class Diagnosis(Loaded):
    """A psychiatric diagnosis, with a symptom level that moves both ways with use."""

    opioid: Share = assumed(0.1, "proportion")
    """Prevalence among people with opioid use."""
    alcohol: Share = assumed(0.1, "proportion")
    """Prevalence among people with alcohol use."""
    effects: Effects = Field(default_factory=dict)
    """Ratio for each hazard, for having the diagnosis."""
    early_effects: Effects = Field(default_factory=dict)
    """Further ratio in the first days of care."""
    symptom_half_life_days: Days = assumed(60.0, "days")
    """Days in which half of a deviation of the symptoms is lost."""
    use_raises: Units = assumed(0.02, "sd units")
    """Rise of the symptoms for each day of use, in sd units."""
    crises_per_year: YearlyRate = none_at_all("per year")
    """Crises a year for somebody with the diagnosis at their usual symptoms."""
    symptom_ceiling: Annotated[float, Chosen("sd units")] = Field(default=1.5, ge=0.0, le=MOST_HELP)
    """Largest total relief of the symptoms from all services together, in sd units."""
    symptom_effects: Effects = Field(default_factory=dict)
    """Ratio for each hazard, for one sd of symptoms above the usual level of the diagnosis."""


class SecondSubstance(Entry):
    """What people use beside the substance they come for, in spells of regular use or not."""

    who: Name
    """The trait or diagnosis of the people who use it; who has several mainly uses one."""
    regular_when_asking: Share = assumed(0.5, "proportion")
    """Share of them in regular use on the day of asking."""
    regular_use_begins: DailyRate = assumed(0.004, "per day")
    """Rate at which a spell of regular use begins."""
    regular_use_ends: DailyRate = assumed(0.006, "per day")
    """Rate at which one ends."""
    use: Chance = assumed(0.5, "probability")
    """Chance of use on a day of regular use."""
    occasional_use: Annotated[Number, InUnits("odds ratio")] = assumed(0.02, "odds ratio")
    """Odds of use on a day outside regular use, against those within."""
    urine_window_days: Days = assumed(3.0, "days")
    """Days of use that a urine test shows."""
    crises: RateRatio = as_usual()
    """Crises of people whose diagnosis has any, on a day of use against another."""
    effects: Effects = Field(default_factory=dict)
    """Ratio for each hazard of the night (leaving, overdose, death, jail), for a day of use."""


class Barrier(Loaded):
    """Something that stands between a person and each visit."""

    opioid: Share = assumed(0.2, "proportion")
    """Share of people with opioid use who have it."""
    alcohol: Share = assumed(0.2, "proportion")
    """Share of people with alcohol use who have it."""
    burden: Share = assumed(0.5, "proportion")
    """Mean burden, 0 to 1, among those who have it."""
    per_visit: Score = assumed(0.0, "score")
    """How much of the burden each required visit costs the person."""
    effects: Effects = Field(default_factory=dict)
    """Ratio for each hazard, for a full unit of burden left after help."""
    distance: bool = False
    """Whether the burden grows with the distance from home to the clinic."""


class Role(Entry):
    """A kind of staff."""

    minutes_per_week: Minutes = assumed(2250.0, "minutes")
    """Paid minutes a week of a whole post."""
    direct_care_share: Share = assumed(0.6, "proportion")
    """Share of the minutes for patients, their notes and supervision: all but meetings and the
    rest of the house."""
    supervision_minutes_per_week: Minutes = none_at_all("minutes")
    """Minutes a week that a whole post is supervised; they come off the share for patients."""
    notes_minutes_per_session: Minutes = none_at_all("minutes")
    """Minutes of notes that each individual session or group takes on top of its own."""
    caseload: Annotated[float, Chosen("people")] = Field(default=0.0, ge=0.0, le=MOST_PEOPLE)
    """Most patients a whole post may carry; 0 means no limit."""
    turnover_per_year: YearlyRate = assumed(0.3, "per year")
    """Departures per post-year."""
    hiring_lag_days: Days = assumed(60.0, "days")
    """Days a post stays empty after a departure."""
    sick_share: Share = assumed(0.04, "proportion")
    """Share of working days lost to sickness."""
    leave_weeks_per_year: WeeksOfAYear = assumed(4.0, "weeks")
    """Weeks off a year, taken in whole weeks."""
    wage_per_year: DollarsPerYear = assumed(60000.0, "USD per year")
    """Yearly wage of a whole post, without fringe benefits."""
    key_worker: bool = False
    """Whether patients are given one of these as their own worker."""


class TakeHomeStep(Plain):
    """From a day in care on, doses for so many days may be given at one visit."""

    from_day: Annotated[int, Chosen("days")] = Field(ge=0, le=MOST_DAYS)
    """Day in care from which the step holds."""
    days_per_visit: Annotated[float, Chosen("days")] = Field(ge=0.5, le=MOST_DAYS)
    """Days covered by one visit, the visit's own day included."""
    clean: bool = False
    """Whether the step needs a month without a positive urine."""


class TakeHome(Entry):
    """A named set of rules on take-home doses."""

    steps: tuple[TakeHomeStep, ...] = Field(min_length=1, max_length=MOST_NAMES)
    """Steps in order of time in care, the first from day 0."""
    closed_days: int = Field(default=1, ge=0, le=6)
    """Closed days running for which anybody may take doses home, whatever the step."""

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        days = [step.from_day for step in self.steps]
        if days[0] != 0 or days != sorted(set(days)):
            raise ValueError("steps: the first must start on day 0 and each later than the last")
        if self.steps[0].clean:
            raise ValueError("steps: the first step cannot ask for a month of clean urines")
        return self


class Stream(Entry):
    """A way in which people come to ask for treatment."""

    effects: Effects = Field(default_factory=dict)
    """Ratio for each hazard, for people who came this way."""


class Mix(Entry):
    """Who comes: a named case mix."""

    opioid_share: Share
    """Share of people whose first problem is opioids; the others' is alcohol."""
    age_mean: Years
    """Mean age."""
    age_sd: Years
    """Standard deviation of age among people."""
    age_min: Years = assumed(18.0, "years")
    """Youngest age."""
    shares: Annotated[dict[Name, Number], Keyed("proportion", "probability"), Few] = Field(
        default_factory=dict
    )
    """Prevalence of a trait, diagnosis or barrier where it differs from the catalogue's."""
    distance_median_km: Kilometres
    """Median distance from home to the clinic."""
    distance_p90_km: Kilometres
    """Distance exceeded by one person in ten."""
    use_days: DaysOfMonth
    """Mean days of use in the 30 days before asking."""
    detoxified_share: Share
    """Share of people already through withdrawal when care begins."""
    leaving: RateRatio = as_usual()
    """Leaving in this era or kind of programme, against the published rates of the medications."""

    @model_validator(mode="after")
    def _distances_rise(self) -> Self:
        if self.distance_p90_km.value <= self.distance_median_km.value:
            raise ValueError("distance_p90_km must be larger than distance_median_km")
        return self

    @model_validator(mode="after")
    def _ages_fit(self) -> Self:
        if self.age_mean.value < self.age_min.value:
            raise ValueError(
                f"age_mean ({self.age_mean.value:g}) must not be below age_min "
                f"({self.age_min.value:g}), below which nobody is"
            )
        return self
