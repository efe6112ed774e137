"""Verdicts on differences, words of certainty, and what would settle a difference."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from txsim.compare.estimate import Estimate, share_above
from txsim.formatting import capital, counted, listed
from txsim.outcomes.outcome import Array

THE_SAME = "the same"
DOES_NOT_MATTER = "no difference that matters"
CANNOT_TELL = "cannot tell yet"
NOT_PAIRED = "not paired"
DIRECTIONS = ("better", "worse", "more", "less")
"""What is said of a difference that has a direction; the last two where neither is good."""
SETTLED, NONE_WOULD, MORE_WOULD = "settled", "none would", "more would"

CERTAINTY: tuple[tuple[float, str], ...] = (
    (0.99, "virtually certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
)
"""Share of draws above which the difference has this sign, and the word for it."""
UNLIKELY = 0.33
"""Share of draws below which the difference has the other sign, likely at least."""

ENOUGH_WITHIN = 0.90
"""Share of draws whose difference is within the margin, for it not to matter."""
TOO_SMALL = "though perhaps too small to matter"
"""What is added to a direction whose median is within the margin."""

MOST_YEARS = 5_000
"""Runs beyond which nobody will wait for an answer."""


def better_in(higher_in: Array, better: Array) -> Array:
    """Share of draws in which the expected difference favours the design; nan where neither can."""
    share = np.where(better == "lower", 1.0 - higher_in, higher_in)
    return np.where(better == "neither", np.nan, share)


def higher_in(found: Estimate, *, paired: bool) -> Array:
    """Share of draws in which the expected difference is above zero; nan for other people."""
    return share_above(found) if paired else np.full(len(found.mean), np.nan)


def within(found: Estimate, margin: Array) -> Array:
    """Share of draws in which the expected difference is no larger than its margin."""
    between = share_above(found, -margin) - share_above(found, margin)
    return np.asarray(np.clip(between, 0.0, 1.0))


def verdicts(found: Estimate, better: Array, margin: Array, *, paired: bool) -> Array:
    """What may be said of each difference; the first of these that holds.

    "the same": not one replication differed. "no difference that matters": in nine draws of ten or
    more the expected difference is within the margin. "better" or "worse" ("more" or "less", where
    neither direction is good): the difference has this sign in more than about two draws of three,
    and `certainty` has the word. Otherwise "cannot tell yet".
    """
    words = np.full(len(found.mean), CANNOT_TELL, dtype=object)
    if not paired:
        words[:] = NOT_PAIRED
        return words
    above = higher_in(found, paired=True)
    with np.errstate(invalid="ignore"):
        for sign, of_higher, of_lower, of_neither in (
            (above > CERTAINTY[-1][0], "better", "worse", "more"),
            (above < UNLIKELY, "worse", "better", "less"),
        ):
            words[sign & (better == "higher")] = of_higher
            words[sign & (better == "lower")] = of_lower
            words[sign & (better == "neither")] = of_neither
        words[within(found, margin) >= ENOUGH_WITHIN] = DOES_NOT_MATTER
    words[(found.low == 0) & (found.high == 0)] = THE_SAME
    return words


def is_directed(verdict: str) -> bool:
    """Whether a verdict says which way a difference goes."""
    return verdict in DIRECTIONS


def settling(words: Array, to_settle: Array) -> Array:
    """Whether more replications would settle an unclear difference."""
    open_ones = words == CANNOT_TELL
    result = np.full(len(words), SETTLED, dtype=object)
    result[words == NOT_PAIRED] = NOT_PAIRED
    result[open_ones] = np.where(np.isnan(to_settle[open_ones]), NONE_WOULD, MORE_WOULD)
    return result


def certainty(share: float) -> str:
    """Return the word for how sure a direction is, from the share of draws that go one way.

    Empty where either way is about as likely as the other.
    """
    surer = max(share, 1.0 - share)
    return next((word for least, word in CERTAINTY if surer > least), "")


def perhaps_too_small(median: float, margin: float) -> bool:
    """Whether a difference that has a direction may be too small to matter."""
    return abs(median) < margin


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
