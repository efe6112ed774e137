"""What is told of one chance: its contributions, their sum, and both in words."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from textwrap import wrap
from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.errors import printable
from txsim.formatting import MINUS, NO_BREAK
from txsim.units import rate_to_chance

if TYPE_CHECKING:
    from pandas import DataFrame

WIDEST = 72
"""Letters of a contribution's words on one line of the table."""
LEAST = 1e-12
"""Smaller amounts are what is left of rounding, and are not told."""


@dataclass(frozen=True)
class Contribution:
    """What one thing adds to the log rate or the log odds of a hazard."""

    what: str
    """What it is, the same in every design and on every day."""
    detail: str
    """How it stands with this person today; empty when there is nothing to say."""
    amount: float
    """Log scale."""

    @property
    def ratio(self) -> float:
        """What it multiplies the rate or the odds by."""
        return exp(self.amount)

    @property
    def words(self) -> str:
        """What it is and how it stands."""
        return f"{self.what} ({self.detail})" if self.detail else self.what


@dataclass(frozen=True, repr=False)
class Explanation:
    """One hazard of one person on one day, taken apart.

    `rows` sum to `total`: the log rate per day of a hazard that is a rate, the log odds of one that
    is a daily chance (`Hazard.is_log_odds`). `service` is the visit that attendance is of.
    """

    design: str
    person: str
    day: int
    hazard: Hazard
    label: str
    service: str
    total: float
    rows: tuple[Contribution, ...]

    @property
    def rate(self) -> float:
        """The rate per day; for a daily chance, its odds."""
        return exp(self.total)

    @property
    def chance(self) -> float:
        """The chance that it happens today, if nothing else happens first."""
        if self.hazard.is_log_odds:
            return 1.0 / (1.0 + exp(-self.total))
        return rate_to_chance(self.rate)

    def to_df(self) -> DataFrame:
        """The contributions as a frame: what, detail, amount, ratio."""
        import pandas as pd

        columns = ("what", "detail", "amount", "ratio")
        return pd.DataFrame([[getattr(row, name) for name in columns] for row in self.rows],
                            columns=list(columns))  # fmt: skip

    def summary(self) -> str:
        """The contributions as a table for a terminal, the sum below."""
        scale = "odds" if self.hazard.is_log_odds else "rate a day"
        rows = [("", "log", scale)]
        for row in self.rows:
            words, *further = wrap(row.words, WIDEST, subsequent_indent="  ")
            rows.append((words, signed(row.amount), f"× {row.ratio:.3g}"))
            rows += [(line, "", "") for line in further]
        rows.append(("in all", signed(self.total), f"{self.rate:.3g}"))
        first, second, third = (max(len(row[column]) for row in rows) for column in range(3))
        table = [
            f"  {what.ljust(first)}  {log.rjust(second)}  {times.rjust(third)}".rstrip()
            for what, log, times in rows
        ]
        table.insert(-1, f"  {'-' * (first + second + third + 4)}")
        service = f" ({self.service})" if self.service else ""
        lines = [
            f"{self.label}{service}: {self.person}, day {self.day}, {self.design}",
            *table,
            f"A chance of {percent(self.chance)} on this day.",
        ]
        return "\n".join(map(printable, lines))

    def __repr__(self) -> str:
        return (
            f"Explanation({self.hazard.word} of {self.person} on day {self.day}, {self.design}: "
            f"a chance of {percent(self.chance)}, {len(self.rows)} contributions)"
        )


def signed(value: float) -> str:
    """An amount on the log scale, with its sign."""
    return f"{value:+.3f}".replace("-", MINUS)


def percent(chance: float) -> str:
    """A chance as people read it, small ones with the figures that matter."""
    value = 100 * chance
    told = "over 99" if value > 99 else f"{value:.0f}" if value >= 10 else f"{value:.2g}"
    return f"{told}{NO_BREAK}%"
