"""Tables about the clinic as a whole: staff, services, exits, costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.estimate import estimate
from txsim.outcomes.families.exits import REASONS
from txsim.outcomes.measure import COST_FIELDS, SERVICE_FIELDS
from txsim.outcomes.outcome import Array
from txsim.outcomes.subgroups import SMALLEST_SHOWN

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.gathered import Years
    from txsim.compare.tables import Study
    from txsim.scenario import Scenario

AMOUNT, SHARE = np.array([[0.0, np.inf]]), np.array([[0.0, 1.0]])
"""The lowest and the highest that is possible of amounts and of shares."""

DAYS_OF_A_WEEK, DAYS_OF_A_YEAR = 7.0, 365.0

ROLE_COLUMNS = (
    "scenario", "role", "minutes_used", "minutes_staffed", "minutes_overtime", "minutes_agency",
    "share_used", "low", "high", "departures_per_year", "vacant_days_per_year",
)  # fmt: skip
SERVICE_COLUMNS = (
    "scenario", "service", *(f"{field}_per_year" for field in SERVICE_FIELDS), "received", "low",
    "high",
)  # fmt: skip
EXIT_COLUMNS = ("scenario", "reason", "people", "share")
COST_COLUMNS = ("scenario", *COST_FIELDS, "total", "low", "high", "currency", "prices_of")


def roles_table(study: Study) -> DataFrame:
    """Minutes used, staffed, of overtime and of an agency by role, a week.

    Departures and vacancies are of a year.
    """
    from pandas import DataFrame, concat

    frames: list[DataFrame] = []
    for design, years_of in study.open_designs():
        weeks = years_of.days / DAYS_OF_A_WEEK
        years = years_of.days / DAYS_OF_A_YEAR
        tallies = years_of.read("roles")
        used, staffed, departures, vacant, overtime, agency = np.moveaxis(tallies, 2, 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = estimate(np.where(staffed > 0, used / staffed, np.nan), study.draws, AMOUNT)
        frame = DataFrame(
            {
                "scenario": design.name,
                "role": list(design.catalogue.roles),
                "minutes_used": used.mean(axis=0) / weeks,
                "minutes_staffed": staffed.mean(axis=0) / weeks,
                "minutes_overtime": overtime.mean(axis=0) / weeks,
                "minutes_agency": agency.mean(axis=0) / weeks,
                "share_used": share.mean,
                "low": share.low,
                "high": share.high,
                "departures_per_year": departures.mean(axis=0) / years,
                "vacant_days_per_year": vacant.mean(axis=0) / years,
            }
        )
        there = frame["minutes_staffed"] + frame["minutes_used"] + frame["minutes_agency"]
        frames.append(frame[there > 0])
    return concat(frames, ignore_index=True) if frames else DataFrame(columns=list(ROLE_COLUMNS))


def services_table(study: Study) -> DataFrame:
    """Sessions of each service a year, and the share of those due that was received."""
    from pandas import DataFrame, concat

    frames: list[DataFrame] = []
    for design, years_of in study.open_designs():
        years = years_of.days / DAYS_OF_A_YEAR
        tallies = years_of.read("services")
        due, kept = tallies[:, :, 0], tallies[:, :, 2]
        with np.errstate(invalid="ignore", divide="ignore"):
            received = estimate(np.where(due > 0, kept / due, np.nan), study.draws, SHARE)
        means = tallies.mean(axis=0) / years
        frame = DataFrame({"service": list(design.catalogue.services)})
        frame.insert(0, "scenario", design.name)
        for position, field in enumerate(SERVICE_FIELDS):
            frame[f"{field}_per_year"] = means[:, position]
        frame["received"] = received.mean
        frame["low"], frame["high"] = received.low, received.high
        frames.append(frame.loc[means.any(axis=1) & _enough_served(design, years_of)])
    return concat(frames, ignore_index=True) if frames else DataFrame(columns=list(SERVICE_COLUMNS))


def _enough_served(design: Scenario, years: Years) -> Array:
    """Which services may be shown: ten of a roster's people have had them, or nobody."""
    served = years.read("served")
    enough = (served == 0) | (served >= SMALLEST_SHOWN)
    return np.asarray(enough.all(axis=0) | (design.population.roster is None))


def exits_table(study: Study) -> DataFrame:
    """People who first left care for each reason, a run, and their share of all who left."""
    from pandas import DataFrame, concat

    frames: list[DataFrame] = []
    for number, design in enumerate(study.designs):
        if not study.stacked.told[number]:
            continue
        counts = study.years[number].read("exits").mean(axis=0)
        people = np.array([counts[int(reason) - 1] for reason, _, _ in REASONS])
        total = people.sum()
        frames.append(
            DataFrame(
                {
                    "scenario": design.name,
                    "reason": [label for _, _, label in REASONS],
                    "people": people,
                    "share": people / total if total > 0 else np.nan,
                }
            )
        )
    return concat(frames, ignore_index=True) if frames else DataFrame(columns=list(EXIT_COLUMNS))


def costs_table(study: Study) -> DataFrame:
    """A year's cost of each design by what it is spent on."""
    from pandas import DataFrame

    rows = []
    for design, years_of in study.open_designs():
        costs = years_of.read("costs")
        total = estimate(costs.sum(axis=1, keepdims=True), study.draws, AMOUNT)
        rows.append(
            {
                "scenario": design.name,
                **dict(zip(COST_FIELDS, costs.mean(axis=0).tolist(), strict=True)),
                "total": float(total.mean[0]),
                "low": float(total.low[0]),
                "high": float(total.high[0]),
                "currency": study.currency,
                "prices_of": design.catalogue.costs.year,
            }
        )
    return DataFrame(rows, columns=list(COST_COLUMNS))
