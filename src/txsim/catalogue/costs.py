"""Prices and the quality of life of states."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from txsim.catalogue.number import Number
from txsim.catalogue.number_fields import Dollars, DollarsPerDay, Keyed, Minutes, Ratio, Share
from txsim.catalogue.plain import Plain

QUALITY_STATES = ("using", "using_in_care", "not_using_in_care", "not_using_out")
"""States with a quality weight; the dead have 0."""


class Costs(Plain):
    """The price table, in one currency and the prices of one year."""

    currency: str
    """Currency of all prices."""
    year: int = Field(ge=1990, le=2100)
    """Year of the prices."""
    fringe: Share
    """Fringe benefits as a share of wages."""
    overhead: Share
    """Administration and building as a share of wages with fringe benefits."""
    overtime_pay: Ratio
    """Pay of a minute of overtime over that of any other."""
    agency_pay: Ratio
    """Price of a minute of agency staff over the role's wage for it."""
    room_per_session: Dollars
    """Room and supplies for one individual session of `room_session_minutes`."""
    room_session_minutes: Minutes
    """Length of the session that the price of a room is for; others cost in proportion."""
    room_per_group: Dollars
    """Room and supplies for one group."""
    urine_test: Dollars
    """One urine test with its reading."""
    hiring: Dollars
    """Filling one vacancy."""
    overdose_event: Dollars
    """Ambulance, emergency department and hospital for one overdose."""
    inpatient_day: DollarsPerDay
    """One day of somebody who begins on an inpatient unit, staff and bed together."""
    jail_day: DollarsPerDay
    """One day in jail."""
    patient_visit: Dollars
    """A patient's own time and travel for one visit."""
    quality: dict[str, Annotated[dict[str, Number], Keyed("score")]]
    """Quality weights by utility set and state."""

    @model_validator(mode="after")
    def _every_state_is_weighed(self) -> Self:
        for name, weights in self.quality.items():
            if set(weights) != set(QUALITY_STATES):
                allowed = ", ".join(QUALITY_STATES)
                raise ValueError(f"quality.{name}: needs the states {allowed}")
        return self
