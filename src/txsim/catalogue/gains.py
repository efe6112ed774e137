"""The gains on a service's channels that meet what was published about it.

A published total effect is a target. The reference patient receives the service at its reference
dose (its own rhythm, sessions kept at the service's usual attendance, for the length of the
trials); the gains on its channels are such that the hazard, averaged over that time, shows the
published effect. A day's use is a mixture of two regimes, so the target on use is met by the
mixture.

Plain Python throughout: a scenario is checked with it before any heavy library is loaded, and the
clinic is built with the same lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import HAZARDS, Hazard
from txsim.units import log_odds

if TYPE_CHECKING:
    from txsim.catalogue.service import Service

Row = Sequence[float]
"""A figure for each hazard, on its working scale."""

STEPS = 40
NUDGE = 1e-4
LONGEST_STEP = 2.0
"""How a solution is looked for: Newton's steps, slopes over this far, sd units at most a step."""


def mean_dose(service: Service, attendance: float, builds: float, kept: float) -> float:
    """The reference patient's mean service dose, 0 to 1, over the length of the trials.

    The trials are those behind the targets. `builds` is the part of what is missing that one
    session makes up, `kept` what is left of the dose after a day.
    """
    if service.kind in ("support", "practice"):
        return 1.0
    level = 0.0
    total = 0.0
    held = 0.0
    until_next = 0.0
    for _ in range(service.reference_days):
        level *= kept
        until_next -= 1.0
        if until_next < 0.0 and (service.course_sessions == 0 or held < service.course_sessions):
            level += attendance * builds * (1.0 - level)
            held += attendance
            until_next += service.every_days
        total += level
    return max(total / service.reference_days, 1e-6)


def chance(odds: float) -> float:
    """The chance of these log odds, clipped just inside 0 and 1."""
    return 1.0 / (1.0 + exp(-min(max(odds, -30.0), 30.0)))


PEOPLE = (
    (-2.857, 0.011257),
    (-1.356, 0.222076),
    (0.0, 0.533333),
    (1.356, 0.222076),
    (2.857, 0.011257),
)
"""People who stand for all: how far from the mean, sd units, and their share (Gauss and Hermite).
"""
ALIKE = ((0.0, 1.0),)


@dataclass(frozen=True)
class Reference:
    """Reference patients' use of a substance: log odds by regime, log rates between them."""

    regular: float
    occasional: float
    begins: float
    ends: float
    window: int = 1
    """Days of which a sample tells: 1 where days with use are counted."""
    of: Hazard = Hazard.USE
    """The hazard that is a day's use of it."""
    spread: float = 0.0
    """How far people differ in the log odds of use on a day, sd: a published odds ratio is of the
    shares that differing people show together, and nearer to 1 than that of each."""

    def share_of_samples(self, shift: Row) -> float:
        """Long-run share of samples that show use when every hazard is shifted by this much."""
        # The regimes of a second substance are their own: no hazard of the first moves them.
        moves = 1.0 if self.of == Hazard.USE else 0.0
        # begins / (begins + ends), which does not overflow
        regular = chance(
            self.begins
            + moves * shift[Hazard.REGULAR_USE_BEGINS]
            - self.ends
            - moves * shift[Hazard.REGULAR_USE_ENDS]
        )
        share = 0.0
        for off, many in PEOPLE if self.spread > 0.0 else ALIKE:
            odds = shift[self.of] + off * self.spread
            free = (1.0 - chance(self.regular + odds)) ** self.window
            free_occasional = (1.0 - chance(self.occasional + odds)) ** self.window
            share += many * (regular * (1.0 - free) + (1.0 - regular) * (1.0 - free_occasional))
        return share

    def log_odds_ratio(self, shift: Row) -> float:
        """The log odds ratio of a sample's showing use that these shifts amount to."""
        return log_odds(self.share_of_samples(shift)) - log_odds(
            self.share_of_samples([0.0] * len(HAZARDS))
        )


def solve_gains(
    effects: Sequence[Row],
    hazards: Sequence[int],
    targets: Sequence[float],
    dose: float,
    given: Row,
    *references: Reference,
) -> list[float]:
    """Gains of the channels, in sd units at full dose, that meet the targets.

    `effects` are those of each channel, `hazards` the positions of the targeted hazards, `targets`
    log effects, `given` what the service does to each hazard through its other channels,
    `references` what the reference patient uses, where a target is on use. Raises
    ValueError when the channels cannot produce the targets (channels without effect on them, or
    with the same).
    """
    channels = range(len(effects))
    used = {int(one.of): one for one in references}

    def achieved(gains: Sequence[float]) -> list[float]:
        shift = [
            dose * sum(gains[c] * effects[c][h] for c in channels) + given[h]
            for h in range(len(HAZARDS))
        ]
        return [used[h].log_odds_ratio(shift) if h in used else shift[h] for h in hazards]

    gains = [0.0] * len(effects)
    for _ in range(STEPS):
        now = achieved(gains)
        miss = [target - reached for target, reached in zip(targets, now, strict=True)]
        if max(map(abs, miss), default=0.0) < 1e-10:
            break
        slopes = []
        for c in channels:
            moved = [gain + NUDGE if at == c else gain for at, gain in enumerate(gains)]
            slopes.append(
                [(then - before) / NUDGE for then, before in zip(achieved(moved), now, strict=True)]
            )
        rows = [[slopes[c][t] for c in channels] for t in range(len(hazards))]
        change = solve_linear(rows, miss)
        gains = [
            gain + min(max(step, -LONGEST_STEP), LONGEST_STEP)
            for gain, step in zip(gains, change, strict=True)
        ]
    return gains


def solve_linear(rows: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of a few linear equations, the largest pivot first.

    Raises ValueError when the determinant is smaller than 1e-12.
    """
    size = len(right)
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    determinant = 1.0
    for place in range(size):
        largest = max(range(place, size), key=lambda at: abs(table[at][place]))
        table[place], table[largest] = table[largest], table[place]
        pivot = table[place][place]
        determinant *= pivot
        if not abs(determinant) >= 1e-12:
            raise ValueError("the channels have no effect on the targets")
        for below in range(place + 1, size):
            factor = table[below][place] / pivot
            for at in range(place, size + 1):
                table[below][at] -= factor * table[place][at]
    solution = [0.0] * size
    for place in range(size - 1, -1, -1):
        known = sum(table[place][at] * solution[at] for at in range(place + 1, size))
        solution[place] = (table[place][size] - known) / table[place][place]
    return solution
