"""A comparison with made-up figures, shaped like a real one, so that words and pictures can be
tested in a moment and for cases that a simulation gives only by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from txsim.compare.carriers import COLUMNS
from txsim.outcomes import named
from txsim.outcomes.subgroups import EVERYONE, subgroups

NOT_KNOWN = float("nan")

SHARES_LEAVING = {
    "completed": 0.02,
    "dropped_out": 0.26,
    "missed_days": 0.07,
    "transferred": 0.05,
    "jailed": 0.04,
    "died": 0.01,
}


@dataclass(frozen=True)
class Gain:
    """How a design differs from the first on one outcome, and what would settle it."""

    mean: float = 0.0
    low: float = 0.0
    high: float = 0.0
    to_settle: float = NOT_KNOWN

    def moved(self, by: float) -> "Gain":
        return Gain(self.mean + by, self.low + by, self.high + by, self.to_settle)

    @property
    def verdict(self) -> str:
        if self.low == self.high == 0.0:
            return "the same"
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "cannot tell yet"


@dataclass
class MadeUp:
    """The attributes of a comparison that a report reads."""

    designs: list[Any]
    outcomes: pd.DataFrame
    differences: pd.DataFrame
    replications: pd.DataFrame
    retention: pd.DataFrame
    curves: pd.DataFrame
    roles: pd.DataFrame
    costs: pd.DataFrame
    exits: pd.DataFrame
    variance: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: list[str] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)
    paired: bool = True
    other_people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    replications_each: int = 40
    draws: int = 10
    withheld: Sequence[str] = ()
    on_grade_d: Sequence[Any] = ()
    carriers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))

    def ratio(
        self, design: str, outcome: str, over: Sequence[str], subgroup: str = EVERYONE
    ) -> tuple[float, float, float]:
        """Of rates that are made of two outcomes none is made up."""
        return NOT_KNOWN, NOT_KNOWN, NOT_KNOWN

    def against(self, design: str, outcomes: Sequence[str] | None = None) -> pd.DataFrame:
        """Differences from another design than the first: those from the first, subtracted."""
        own = self.differences[self.differences["scenario"] == design]
        rest = self.differences[self.differences["scenario"] != design]
        both = rest.merge(own, on=["subgroup", "outcome"], suffixes=("", "_of_it"))
        both["mean"] -= both["mean_of_it"]
        half = (both["high"] - both["low"]) / 2
        both["low"], both["high"] = both["mean"] - half, both["mean"] + half
        both["median"] = both["mean"]
        both["verdict"] = [
            "better" if low > 0 else "worse" if high < 0 else "cannot tell yet"
            for low, high in zip(both["low"], both["high"], strict=True)
        ]
        words = {"better": 0.995, "worse": 0.005, "cannot tell yet": 0.5}
        both["higher_in"] = [words[verdict] for verdict in both["verdict"]]
        if outcomes is not None:
            both = both[both["outcome"].isin(outcomes)]
        return both.assign(baseline=design)[self.differences.columns]


LEVELS = {
    "retained_30": 0.74,
    "retained_90": 0.66,
    "retained_180": 0.59,
    "retained_365": 0.54,
    "free_of_regular_use_365": 0.33,
    "used_again_after_stopping": 0.71,
    "people_asked": 468.0,
    "share_served": 0.86,
    "share_lost_waiting": 0.12,
    "share_left_list": 0.09,
    "share_missed_intake": 0.03,
    "share_went_elsewhere": 0.016,
    "share_dead_waiting": 0.004,
    "share_harmed_waiting": 0.13,
    "wait_to_admission": 7.2,
    "median_wait_to_admission": 5.0,
    "wait_to_first_dose": 9.4,
    "first_dose_within_30_days": 0.84,
    "overdoses": 6.1,
    "deaths": 1.1,
    "attendance": 0.64,
    "sessions_received": 0.58,
    "sessions_not_fitting": 0.07,
    "alliances_broken": 31.0,
    "covered_by_medication": 0.83,
    "staff_time_used": 0.88,
    "cost_per_year": 1_904_000.0,
    "cost_per_retained": 7_450.0,
    **{f"left_{stem}": share for stem, share in SHARES_LEAVING.items()},
}


def variance_of(names: Sequence[str]) -> pd.DataFrame:
    """Parts of what is uncertain in the headline under each design."""
    row = {"baseline": "", "outcome": "retained_365", "unit": "proportion", "year_sd": 0.06}
    parts = {"chance": 0.3, "parameters": 0.5, "clinic": 0.2}
    return pd.DataFrame([{"scenario": name, **row, **parts} for name in names])


def made_up(
    designs: Sequence[Any],
    gains: Mapping[str, Mapping[str, Gain]] | None = None,
    *,
    other_people: Mapping[str, tuple[str, ...]] | None = None,
    replications: int = 40,
    notes: Sequence[str] = (),
    withheld: Sequence[str] = ("Psychosis",),
) -> MadeUp:
    """Return a comparison of ``designs``; ``gains`` by design and outcome, none means the same."""
    gains = gains or {}
    luck = np.random.default_rng(7)
    names = [design.name for design in designs]
    groups = [group.name for group in subgroups(designs[0])]
    outcomes, differences, curves, exits, roles, single = [], [], [], [], [], []
    for name in names:
        own = gains.get(name, {})
        for place, subgroup in enumerate(groups):
            for outcome, level in LEVELS.items():
                unit = named(outcome).unit
                gain = own.get(outcome, Gain())
                if place:
                    gain = gain.moved(0.6 * luck.normal() * (gain.high - gain.low))
                mean = level + gain.mean
                hidden = subgroup in withheld
                wide = 0.12 * abs(mean)
                outcomes.append(
                    {
                        "scenario": name,
                        "subgroup": subgroup,
                        "outcome": outcome,
                        "unit": unit,
                        "mean": NOT_KNOWN if hidden else mean,
                        "low": NOT_KNOWN if hidden else mean - wide,
                        "high": NOT_KNOWN if hidden else mean + wide,
                        "replications": replications,
                    }
                )
                if name != names[0]:
                    sign = -1.0 if named(outcome).better == "lower" else 1.0
                    above = {"better": 0.995, "worse": 0.005}.get(gain.verdict, 0.6)
                    differences.append(
                        {
                            "scenario": name,
                            "baseline": names[0],
                            "subgroup": subgroup,
                            "outcome": outcome,
                            "unit": unit,
                            "mean": NOT_KNOWN if hidden else gain.mean,
                            "low": NOT_KNOWN if hidden else gain.low,
                            "high": NOT_KNOWN if hidden else gain.high,
                            "median": NOT_KNOWN if hidden else gain.mean,
                            "better_in": above if sign > 0 else 1 - above,
                            "higher_in": above,
                            "margin": 0.02 if unit == "proportion" else 0.0,
                            "replications": replications,
                            "verdict": {1.0: gain.verdict}.get(
                                sign,
                                {"better": "worse", "worse": "better"}.get(
                                    gain.verdict, gain.verdict
                                ),
                            ),
                            "replications_to_settle": gain.to_settle,
                        }
                    )
        days = np.arange(366)
        kept = 0.54 + own.get("retained_365", Gain()).mean
        shapes = {
            "on the books": np.where(
                days < 10, 0.08 * days, kept + (0.86 - kept) * np.exp(-(days - 10) / 80)
            ),
            "free of regular use": np.where(
                days < 28,
                NOT_KNOWN,
                0.33 + own.get("free_of_regular_use_365", Gain()).mean - 0.3 * np.exp(-days / 90),
            ),
            "first dose": 0.86 * (1 - np.exp(-days / 8.0)),
            "lost while waiting": 0.12 * (1 - np.exp(-days / 12.0)),
        }
        for curve, shape in shapes.items():
            wide = 0.09 * np.sqrt(days / 365)
            curves.append(
                pd.DataFrame(
                    {
                        "scenario": name,
                        "curve": curve,
                        "day": days,
                        "mean": shape,
                        "low": np.clip(shape - wide, 0, 1),
                        "high": np.clip(shape + wide, 0, 1),
                    }
                )
            )
        for stem, share in SHARES_LEAVING.items():
            exits.append({"scenario": name, "reason": stem, "people": 468 * share})
        for role, used in {
            "counsellor": 0.97,
            "nurse": 0.81,
            "prescriber": 0.9,
            "case_manager": 0.6,
        }.items():
            roles.append(
                {
                    "scenario": name,
                    "role": role,
                    "minutes_used": 100_000 * used * (1 + 0.02 * luck.normal()),
                    "minutes_staffed": 100_000.0,
                }
            )
        single.append(
            pd.DataFrame(
                {
                    "scenario": name,
                    "replication": range(replications),
                    "draw": [place // 4 for place in range(replications)],
                    "subgroup": EVERYONE,
                    "outcome": "retained_365",
                    "value": 0.54 + 0.05 * luck.normal(size=replications),
                    "unit": "proportion",
                }
            )
        )
    table = pd.concat(curves, ignore_index=True)
    retention = table[table["curve"] == "on the books"].rename(columns={"curve": "definition"})
    columns = ["scenario", "baseline", "subgroup", "outcome", "unit", "mean", "low", "high"]
    return MadeUp(
        designs=list(designs),
        outcomes=pd.DataFrame(outcomes),
        differences=pd.DataFrame(
            differences,
            columns=[
                *columns,
                "median",
                "better_in",
                "higher_in",
                "margin",
                "replications",
                "verdict",
                "replications_to_settle",
            ],
        ),
        replications=pd.concat(single, ignore_index=True),
        retention=retention,
        curves=table,
        roles=pd.DataFrame(roles),
        costs=pd.DataFrame(),
        exits=pd.DataFrame(exits),
        variance=variance_of(names),
        notes=list(notes),
        manifest={
            "command": f"txsim compare {' '.join(names)} --replications {replications} --seed 1",
            "seed": 1,
            "versions": {"txsim": "0.1.0", "python": "3.11.7", "numpy": "2.4.6"},
            "designs": [{"name": name, "title": "", "digest": "ab" * 32} for name in names],
            "clock_and_machine": {"finished": "2026-01-01T00:00:00"},
        },
        paired=not other_people,
        other_people=dict(other_people or {}),
        replications_each=replications,
        draws=replications // 4,
        withheld=tuple(withheld),
    )
