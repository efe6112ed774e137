"""Two predictions that anybody could make without a model, against which it is measured."""

from __future__ import annotations

from typing import Literal

TENTH = 1.1


def no_effect() -> float:
    """Every service has no effect: the arms do not differ."""
    return 0.0


def a_tenth_better(level: float, better: Literal["higher", "lower"]) -> float:
    """Every service makes the good outcome a tenth more frequent than it is without, at most sure.

    Returned as a difference of shares, where `level` is the share without it.
    """
    good = level if better == "higher" else 1.0 - level
    gained = min(1.0, TENTH * good) - good
    return gained if better == "higher" else -gained
