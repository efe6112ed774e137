"""What the catalogue says about a service."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from txsim.catalogue.entries import Entry, assumed, none_at_all
from txsim.catalogue.limits import (
    LONGEST_HORIZON,
    MOST_DAYS,
    MOST_MINUTES,
    MOST_MONEY,
    MOST_PEOPLE,
    MOST_SEATS,
    MOST_SESSIONS,
    EntryName,
    Few,
    Name,
    Names,
    Text,
)
from txsim.catalogue.number import Number
from txsim.catalogue.number_fields import (
    Chance,
    Chosen,
    Days,
    Dollars,
    DollarsPerDay,
    Effects,
    InUnits,
    Keyed,
    Sessions,
    Targets,
)
from txsim.catalogue.plain import Plain


class Mode(Plain):
    """One of several ways to deliver a service."""

    label: Text
    """Name for people."""
    factor: Annotated[Number, InUnits("ratio", "proportion")]
    """Multiplies what the service relieves, or its uptake where it relieves nothing."""
    cost_per_use: Dollars = none_at_all("USD")
    """Cost each time it is used, on top of what a session costs."""
    minutes: Annotated[float, Chosen("minutes")] = Field(default=0.0, ge=0.0, le=MOST_MINUTES)
    """Minutes of the service's role each time it is used, where this way takes any."""
    fewer_visits: Annotated[float, Chosen("proportion")] = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the required visits that it makes unnecessary."""


class Indication(Plain):
    """For whom a service is meant; a service without any list is for everyone.

    A person fits with any one of the named diagnoses, barriers and traits, provided that the
    substance and the medication are among those named (where any are).
    """

    diagnoses: Names = ()
    """Diagnoses of which any one is enough."""
    barriers: Names = ()
    """Barriers of which any one is enough."""
    traits: Names = ()
    """Traits of which any one is enough."""
    substances: Names = ()
    """Substances, of which the person's first or second must be one."""
    medications: Names = ()
    """Medications, of which the person's must be one."""


class Service(Entry):
    """Something the clinic offers; it acts only through named channels.

    The targets are published total effects against the usual comparison. How strongly the service
    moves its channels is solved from them; a target of no effect still has its uncertainty.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    role: Name = ""
    """Role whose minutes it takes; empty for none."""
    may_also: Names = ()
    """Other roles that may give its sessions or lead its groups when its own has no time left, with
    the time that their own work leaves them; in this order."""
    kind: Literal["individual", "group", "support", "practice"] = "individual"
    """Sessions with one person, a group, practical support, or a habit of the whole clinic."""
    minutes: Annotated[float, Chosen("minutes")] = Field(default=0.0, ge=0.0, le=MOST_MINUTES)
    """Minutes of the role for each session, group or use."""
    every_days: Annotated[float, Chosen("days")] = Field(default=7.0, ge=0.1, le=MOST_DAYS)
    """Days between sessions."""
    course_sessions: Annotated[int, Chosen("sessions")] = Field(default=0, ge=0, le=MOST_SESSIONS)
    """Sessions in a course; 0 means that it goes on."""
    seats: Annotated[int, Chosen("people")] = Field(default=0, ge=0, le=MOST_SEATS)
    """Seats of a group."""
    sessions_per_week: Annotated[float, Chosen("per week")] = Field(
        default=0.0, ge=0.0, le=MOST_SESSIONS
    )
    """Groups held each week."""
    starts_every_days: Annotated[int, Chosen("days")] = Field(default=0, ge=0, le=MOST_DAYS)
    """Days from one start of a closed group to the next; 0 is an open one, joined at any time."""
    seated: Literal["as they come", "by recent use"] = "as they come"
    """Who sits with whom in a group: whoever comes, or people who still use apart from others."""
    places: Annotated[int, Chosen("people")] = Field(default=0, ge=0, le=MOST_PEOPLE)
    """People who can have a support at one time; 0 means no limit."""
    budget_per_month: Annotated[float | None, Chosen("USD")] = Field(
        default=None, ge=0.0, le=MOST_MONEY
    )
    """Money that its sessions, uses and places may cost in a month; when it is spent they are not
    given, and what is left is kept, up to a month's. 0 buys nothing; left out, there is no
    limit."""
    modes: Annotated[dict[EntryName, Mode], Few] = Field(default_factory=dict)
    """Ways to deliver it."""
    mode: Name = ""
    """The way in force."""
    offered: bool = False
    """Whether the clinic offers it."""
    serves: Literal["everyone", "assessed need"] = Field(default="everyone", alias="for")
    """Everyone indicated, or those in whom assessment found the need."""
    indicated: Indication = Indication()
    """For whom it is meant."""
    from_day: Annotated[int, Chosen("days")] = Field(default=0, ge=0, le=MOST_DAYS)
    """First day in care on which it is given."""
    until_day: Annotated[int, Chosen("days")] = Field(default=0, ge=0, le=MOST_DAYS)
    """Last day in care on which it is given; 0 means no end."""
    phase: Literal["care", "aftercare", "waiting", "start"] = "care"
    """When it is given: in care, after it, while waiting, or from asking on (waiting and care)."""
    priority: int = Field(default=0, ge=0, le=1)
    """1 is booked before 0."""
    required: bool = False
    """Whether it is a condition of care, so that its visits are a burden."""
    attendance: Chance = assumed(
        0.70, "probability", "the usual outpatient show rate, for a person without barriers"
    )
    """Chance that the reference person keeps a booked session."""
    uptake: Chance = assumed(0.6, "probability")
    """Chance that an eligible person takes it up when it is offered."""
    quits: Chance = assumed(0.01, "probability")
    """Chance at each session of giving this service up."""
    through: Names = ()
    """Channels, one for each target in their order: a mediator, or "symptoms:" and a diagnosis."""
    targets: Targets = Field(default_factory=dict)
    """Published total effects, from which the strength on each channel is solved."""
    raises: Annotated[dict[Name, Number], Keyed("sd units"), Few] = Field(default_factory=dict)
    """Direct rise of a mediator at full dose, in sd units; negative to lower it."""
    relieves: Annotated[dict[Name, Number], Keyed("proportion", "probability"), Few] = Field(
        default_factory=dict
    )
    """Share of a barrier's burden that is lifted at full dose."""
    pays_for: Effects = Field(default_factory=dict)
    """Direct effect while it is delivered."""
    rewards: Literal["first", "second", "both"] = "first"
    """Of a service that pays for abstinence from the first substance and from the second one: whose
    negative samples are paid. Both are paid each by itself, at twice the cost of a session."""
    only_for: Names = ()
    """Traits, diagnoses or barriers, without any of which targets and direct effects do not act."""
    houses: bool = False
    """Whether a place of it is a bed that people live in, given to those who wait longest."""
    expels_for_use: Chance = none_at_all("probability")
    """Chance that a day of use costs the bed."""
    helps_find: Annotated[
        dict[Literal["home", "work"], Number], Keyed("rate ratio", "hazard ratio")
    ] = Field(default_factory=dict)
    """How much sooner a home or work is found at full dose; they are lost as much later."""
    links: Annotated[dict[Name, Number], Keyed("odds ratio"), Few] = Field(default_factory=dict)
    """Odds ratio for taking up another service."""
    builds_over_sessions: Sessions = assumed(4.0, "sessions")
    """Sessions in which half of the full dose is reached."""
    fades_over_days: Days = assumed(60.0, "days")
    """Days in which half of the effect is lost after the last session."""
    reference_days: Annotated[int, Chosen("days")] = Field(default=180, ge=1, le=LONGEST_HORIZON)
    """Length of the trials behind the targets, in days."""
    cost_per_session: Dollars = none_at_all("USD")
    """Cost of a session or use beyond staff time; of a practice, every `every_days` days."""
    cost_per_place_day: DollarsPerDay = none_at_all("USD per day")
    """Cost of a place for a day."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.targets and len(self.through) != len(self.targets):
            raise ValueError(
                f"through: needs one channel for each of the {len(self.targets)} targets "
                f"(got {len(self.through)})"
            )
        if self.through and not self.targets:
            raise ValueError("through: names channels, but there is no target to solve for")
        if len(set(self.through)) != len(self.through):
            raise ValueError("through: names a channel twice")
        if self.modes and self.mode not in self.modes:
            raise ValueError(f"mode: {self.mode!r} is none of {', '.join(self.modes)}")
        if self.mode and not self.modes:
            raise ValueError(f"mode: {self.mode!r} is given, but there are no modes")
        if self.may_also and not (self.role and self.kind in ("individual", "group")):
            raise ValueError("may_also: only sessions and groups that a role gives can be shared")
        if len(set(self.may_also)) != len(self.may_also):
            raise ValueError("may_also: names a role twice")
        if self.until_day and self.until_day < self.from_day:
            raise ValueError("until_day comes before from_day")
        if self.houses and self.kind != "support":
            raise ValueError("houses: only a support can be a bed")
        if self.houses and self.places == 0:
            raise ValueError("places: a house needs beds")
        if self.expels_for_use.value > 0.0 and not self.houses:
            raise ValueError("expels_for_use: there is no bed to lose (houses = true)")
        if self.kind == "group" and self.seats == 0:
            raise ValueError("seats: a group needs seats")
        return self

    @property
    def helps(self) -> bool:
        """Whether the catalogue claims any effect for it."""
        effects = (self.targets, self.raises, self.relieves, self.pays_for, self.links)
        mode = self.modes.get(self.mode)
        return (
            any(not number.is_null for one in effects for number in one.values())
            or any(not number.is_null for number in self.helps_find.values())
            or (mode is not None and mode.fewer_visits > 0.0)
        )

    @property
    def is_free(self) -> bool:
        """Whether it takes nobody's time and no money; sessions and groups cost their room."""
        mode = self.modes.get(self.mode)
        minutes = (mode.minutes if mode is not None else 0.0) or self.minutes
        money = (
            self.cost_per_session.value
            + self.cost_per_place_day.value
            + (mode.cost_per_use.value if mode is not None else 0.0)
        )
        takes_time = bool(self.role) and minutes > 0.0
        takes_a_room = self.kind == "group" or (self.kind == "individual" and minutes > 0.0)
        return not (takes_time or takes_a_room or money > 0.0)

    @property
    def paid_for(self) -> dict[str, Number]:
        """What it pays for as it is delivered: of use of both substances, what it rewards."""
        left_out = {"first": "second_use", "second": "use"}.get(self.rewards)
        if not self.pays_for_both:
            left_out = None
        return {hazard: one for hazard, one in self.pays_for.items() if hazard != left_out}

    @property
    def pays_for_both(self) -> bool:
        """Whether it can reward abstinence from the first substance and from the second."""
        return {"use", "second_use"} <= self.pays_for.keys()

    @property
    def rewards_a_session(self) -> int:
        """Rewards that a session costs."""
        return 2 if self.pays_for_both and self.rewards == "both" else 1

    @property
    def groups_per_week(self) -> float:
        """Groups held each week: as given, or one every `every_days` days."""
        if self.kind != "group":
            return 0.0
        return self.sessions_per_week or 7.0 / self.every_days
