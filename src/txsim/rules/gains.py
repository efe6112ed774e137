"""How strongly a service moves its channels, solved from what was published about it.

A published total effect is a target. The reference patient receives the service at its reference
dose (its own rhythm, sessions kept at the service's usual attendance, for the length of the
trials); the gains on its channels are such that the hazard, averaged over that time, shows the
published effect. A day's use is a mixture of two regimes, so the target on use is met by the
mixture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.rules.books import Array

if TYPE_CHECKING:
    from txsim.catalogue import Service


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


@dataclass(frozen=True)
class Reference:
    """The reference patient's use in care: log odds in each regime, log rates between them."""

    regular: float
    occasional: float
    begins: float
    ends: float

    def share_of_days(self, shift: Array) -> float:
        """Long-run share of days with use when every hazard is shifted by this much."""
        begins = exp(self.begins + shift[Hazard.REGULAR_USE_BEGINS])
        ends = exp(self.ends + shift[Hazard.REGULAR_USE_ENDS])
        regular = begins / (begins + ends)
        odds = shift[Hazard.USE]
        return regular / (1.0 + exp(-self.regular - odds)) + (1.0 - regular) / (
            1.0 + exp(-self.occasional - odds)
        )

    def log_odds_ratio(self, shift: Array) -> float:
        """The log odds ratio of a day's use that these shifts amount to."""
        before = self.share_of_days(np.zeros(len(Hazard)))
        after = self.share_of_days(shift)
        return log(after / (1.0 - after)) - log(before / (1.0 - before))


def solve_gains(
    effects: Array,
    hazards: list[int],
    targets: Array,
    dose: float,
    given: Array,
    reference: Reference,
) -> Array:
    """Gains of the channels, in sd units at full dose, that meet the targets.

    `effects` are those of the channels (channels x hazards), `hazards` the positions of the
    targeted hazards, `targets` log effects, `given` what the service does to each hazard through
    its other channels. Raises ValueError when the channels cannot produce the targets (a channel
    without effect on them).
    """

    def achieved(gains: Array) -> Array:
        shift = dose * (gains @ effects) + given
        return np.array(
            [reference.log_odds_ratio(shift) if h == Hazard.USE else shift[h] for h in hazards]
        )

    gains = np.zeros(len(effects))
    for _ in range(40):
        miss = targets - achieved(gains)
        if np.abs(miss).max(initial=0.0) < 1e-10:
            return gains
        step = 1e-4
        slope = np.empty((len(hazards), len(effects)))
        for c in range(len(effects)):
            moved = gains.copy()
            moved[c] += step
            slope[:, c] = (achieved(moved) - achieved(gains)) / step
        if abs(np.linalg.det(slope)) < 1e-12:
            raise ValueError("the channels have no effect on the targets")
        change = np.linalg.solve(slope, miss)
        gains = gains + np.clip(change, -2.0, 2.0)
    return gains
