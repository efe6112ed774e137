"""Verdicts on differences, words of certainty, and what would settle a difference."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from txsim.compare.estimate import Estimate, favoured
from txsim.formatting import capital, counted, listed
from txsim.outcomes.outcome import Array

NO_DIFFERENCE = "no difference"
CANNOT_TELL = "cannot tell"
NOT_PAIRED = "not paired"
SETTLED, NONE_WOULD, MORE_WOULD = "settled", "none would", "more would"

CERTAINTY: tuple[tuple[float, str], ...] = (
    (0.99, "almost certainly"),
    (0.95, "very likely"),
    (0.0, "likely"),
)
"""Smallest share of draws in which the difference has this sign, and the word for it.

The words are used only where the interval leaves out zero; otherwise nothing is claimed.
"""

MOST_YEARS = 5_000
"""Runs beyond which nobody will wait for an answer."""


def better_in(found: Estimate, better: Array, *, paired: bool) -> Array:
    """Share of draws in which the expected difference favours the design; else nan."""
    if not paired:
        return np.full(len(found.mean), np.nan)
    above = favoured(found)
    share = np.where(better == "lower", 1.0 - above, above)
    return np.where(better == "neither", np.nan, share)


def verdicts(found: Estimate, better: Array, *, paired: bool) -> Array:
    """What may be said of each difference.

    "better" and "worse" (or "more" and "less", where neither direction is good) only when the
    interval leaves out zero; "no difference" when every replication gave exactly the same.
    """
    words = np.full(len(found.mean), CANNOT_TELL, dtype=object)
    if not paired:
        words[:] = NOT_PAIRED
        return words
    for sign, of_higher, of_lower, of_neither in (
        (found.low > 0, "better", "worse", "more"),
        (found.high < 0, "worse", "better", "less"),
    ):
        words[sign & (better == "higher")] = of_higher
        words[sign & (better == "lower")] = of_lower
        words[sign & (better == "neither")] = of_neither
    words[(found.low == 0) & (found.high == 0)] = NO_DIFFERENCE
    return words


def settling(words: Array, to_settle: Array) -> Array:
    """Whether more replications would settle an unclear difference."""
    open_ones = words == CANNOT_TELL
    result = np.full(len(words), SETTLED, dtype=object)
    result[words == NOT_PAIRED] = NOT_PAIRED
    result[open_ones] = np.where(np.isnan(to_settle[open_ones]), NONE_WOULD, MORE_WOULD)
    return result


def certainty(better_in: float) -> str:
    """Return the word for how sure a direction is, from the share of draws that go one way."""
    share = max(better_in, 1.0 - better_in)
    return next(word for least, word in CERTAINTY if not share < least)


def further_years(to_settle: float, replications: int) -> int | None:
    """Return how many more runs would settle a difference; None if none would.

    `to_settle` is the number of replications after which the interval would leave out zero; nan
    says that none would, because the evidence itself leaves the sign open.
    """
    if math.isnan(to_settle) or to_settle > MOST_YEARS:
        return None
    return _round_up(max(1, math.ceil(to_settle) - replications))


def why_none(to_settle: float) -> str:
    """Return why no number of runs would tell, as the end of a sentence."""
    if math.isnan(to_settle) or math.isinf(to_settle):
        return "no number of runs would tell, because the evidence itself is too thin"
    return (
        "no realistic number of runs would tell, because the difference, if any, is "
        "small beside chance"
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
        runs = counted(first, "more run")
        parts = [f"about {runs} would tell for {listed(enough[first])}"]
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
