"""How sure a difference is, in words tied to numbers, and what would make it surer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from txsim.formatting import capital, counted, listed

CERTAINTY: tuple[tuple[float, str], ...] = (
    (0.99, "almost certainly"),
    (0.95, "very likely"),
    (0.0, "likely"),
)
"""Smallest share of draws in which the difference has this sign, and the word for it.

The words are used only where the interval leaves out zero; otherwise nothing is claimed.
"""

MOST_YEARS = 5_000
"""Simulated years beyond which nobody will wait for an answer."""


def certainty(better_in: float) -> str:
    """Return the word for how sure a direction is, from the share of draws that go one way."""
    share = max(better_in, 1.0 - better_in)
    return next(word for least, word in CERTAINTY if not share < least)


def further_years(to_settle: float, replications: int) -> int | None:
    """Return how many more simulated years would tell a difference from none; None if none would.

    `to_settle` is the number of replications after which the interval would leave out zero; nan
    says that none would, because the evidence itself leaves the sign open.
    """
    if math.isnan(to_settle) or to_settle > MOST_YEARS:
        return None
    return _round_up(max(1, math.ceil(to_settle) - replications))


def why_none(to_settle: float) -> str:
    """Return why no number of simulated years would tell, as the end of a sentence."""
    if math.isnan(to_settle) or math.isinf(to_settle):
        return "no number of simulated years would tell, because the evidence itself is too thin"
    return (
        "no realistic number of simulated years would tell, because the difference, if any, is "
        "small beside luck"
    )


def what_would_settle(changes: Sequence[tuple[str, float]], replications: int) -> list[str]:
    """Return sentences on what it would take to tell designs from the first.

    `changes` are the designs that cannot be told, each with its number of replications to settle.
    """
    enough: dict[int, list[str]] = {}
    never: dict[str, list[str]] = {}
    for name, to_settle in changes:
        further = further_years(to_settle, replications)
        if further is None:
            never.setdefault(why_none(to_settle), []).append(name)
        else:
            enough.setdefault(further, []).append(name)
    sentences = []
    if enough:
        first, *rest = sorted(enough)
        years = counted(first, "more simulated year")
        parts = [f"about {years} would tell for {listed(enough[first])}"]
        parts += [f"about {further:,} for {listed(enough[further])}" for further in rest]
        sentences.append(f"{capital(listed(parts))}.")
    sentences += [f"For {listed(names)} {why}." for why, names in never.items()]
    return sentences


def _round_up(number: int) -> int:
    """Round a count up to one or two figures, so that it does not feign precision."""
    if number <= 20:
        return number
    unit = 10 ** (len(str(number)) - 2)
    return int(math.ceil(number / unit) * unit)
