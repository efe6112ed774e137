"""Tables about the clinic as a whole: staff, services, exits, costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.paired import estimate
from txsim.outcomes.exits import REASONS
from txsim.outcomes.measure import COST_FIELDS, SERVICE_FIELDS

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.tables import Study

DAYS_OF_A_WEEK, DAYS_OF_A_YEAR = 7.0, 365.0


def roles_table(study: Study) -> DataFrame:
    """Minutes used, staffed and of overtime by role, a week; departures and vacancies, a year."""
    from pandas import DataFrame, concat

    frames: list[DataFrame] = []
    for number, design in enumerate(study.designs):
        weeks = study.years[number].days / DAYS_OF_A_WEEK
        years = study.years[number].days / DAYS_OF_A_YEAR
        tallies = study.years[number].read("roles")
        used, staffed, departures, vacant, overtime = np.moveaxis(tallies, 2, 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = estimate(np.where(staffed > 0, used / staffed, np.nan), study.draws)
        frame = DataFrame(
            {
                "scenario": design.name,
                "role": list(design.catalogue.roles),
                "minutes_used": used.mean(axis=0) / weeks,
                "minutes_staffed": staffed.mean(axis=0) / weeks,
                "minutes_overtime": overtime.mean(axis=0) / weeks,
                "share_used": share.mean,
                "low": np.clip(share.low, 0.0, None),
                "high": share.high,
                "departures_per_year": departures.mean(axis=0) / years,
                "vacant_days_per_year": vacant.mean(axis=0) / years,
            }
        )
        frames.append(frame[(frame["minutes_staffed"] > 0) | (frame["minutes_used"] > 0)])
    return concat(frames, ignore_index=True)


def services_table(study: Study) -> DataFrame:
    """Sessions of each service a year, and the share of those due that was received."""
    from pandas import DataFrame, concat

    frames: list[DataFrame] = []
    for number, design in enumerate(study.designs):
        years = study.years[number].days / DAYS_OF_A_YEAR
        tallies = study.years[number].read("services")
        due, kept = tallies[:, :, 0], tallies[:, :, 2]
        with np.errstate(invalid="ignore", divide="ignore"):
            received = estimate(np.where(due > 0, kept / due, np.nan), study.draws)
        means = tallies.mean(axis=0) / years
        frame = DataFrame({"service": list(design.catalogue.services)})
        frame.insert(0, "scenario", design.name)
        for position, field in enumerate(SERVICE_FIELDS):
            frame[f"{field}_per_year"] = means[:, position]
        frame["received"] = received.mean
        frame["low"], frame["high"] = np.clip(received.low, 0, 1), np.clip(received.high, 0, 1)
        frames.append(frame.loc[means.any(axis=1)])
    return concat(frames, ignore_index=True)


def exits_table(study: Study) -> DataFrame:
    """People who first left care for each reason, a run, and their share of all who left."""
    from pandas import DataFrame, concat

    frames: list[DataFrame] = []
    for number, design in enumerate(study.designs):
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
    whole = concat(frames, ignore_index=True)
    return whole if study.stacked.everyone_shown else whole.head(0)


def costs_table(study: Study) -> DataFrame:
    """A year's cost of each design by what it is spent on."""
    from pandas import DataFrame

    rows = []
    for number, design in enumerate(study.designs):
        costs = study.years[number].read("costs")
        total = estimate(costs.sum(axis=1, keepdims=True), study.draws)
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
    return DataFrame(rows)
