"""Numbers as a planner reads them: people of 100, money, and intervals that say more or fewer.

Rounding never hides a finding: an interval that leaves out zero is not rounded so that it touches
zero, and one that holds zero is not rounded so that it seems to leave it out.
"""

import math

MINUS = "\u2212"
NO_BREAK = "\u00a0"
"""A space at which a line does not break, between a number and its unit."""


def plain(value: float, decimals: int = 0) -> str:
    """Return a number with thousands separated by commas and a true minus sign."""
    if math.isnan(value):
        return "not known"
    rounded = round(value, decimals)
    return f"{rounded + 0.0:,.{decimals}f}".replace("-", MINUS)


def sensible(value: float) -> str:
    """Return a number with as many decimals as its size can carry, for tables of mixed figures."""
    size = abs(value)
    if math.isnan(value) or size >= 100 or size == int(size):
        return plain(value)
    return plain(value, 1 if size >= 1 else 2)


def of_100(share: float, decimals: int = 0) -> str:
    """Return a share of people as a number of 100 people."""
    value = 100 * share
    if 0 < value < 0.95 and decimals == 0:
        return plain(value, 1) if value >= 0.05 else "fewer than 0.1"
    return plain(value, decimals)


def decimals_for(low: float, high: float) -> int:
    """Return the decimals that keep an interval from touching or leaving zero by rounding."""
    for decimals in (0, 1, 2):
        down, up = round(low, decimals), round(high, decimals)
        as_before = _sign(down) == _sign(low) and _sign(up) == _sign(high)
        if as_before and down != up:
            return decimals
    return 2


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def more_or_fewer(low: float, high: float, more: str = "more", fewer: str = "fewer") -> str:
    """Return an interval of a difference in words: ``3 to 8 more``, ``2 fewer to 6 more``."""
    if math.isnan(low) or math.isnan(high):
        return "not known"
    decimals = decimals_for(low, high)
    if low >= 0:
        return f"{plain(low, decimals)} to {plain(high, decimals)} {more}"
    if high <= 0:
        return f"{plain(-high, decimals)} to {plain(-low, decimals)} {fewer}"
    return f"{plain(-low, decimals)} {fewer} to {plain(high, decimals)} {more}"


def money(value: float, currency: str = "USD") -> str:
    """Return an amount of money rounded to three figures, in words a budget uses."""
    if math.isnan(value):
        return "not known"
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if size >= 999_500:
        return f"{currency}{NO_BREAK}{sign}{three_figures(size / 1e6)}{NO_BREAK}million"
    return f"{currency}{NO_BREAK}{sign}{three_figures(size)}"


def amounts(low: float, high: float) -> str:
    """Return a range of money without its currency, the word million said once."""
    lower, higher = money(low, "").strip(), money(high, "").strip()
    ending = f"{NO_BREAK}million"
    if lower.endswith(ending) and higher.endswith(ending):
        lower = lower.removesuffix(ending)
    return f"{lower} to {higher}"


def three_figures(value: float) -> str:
    """Return a number rounded to three figures."""
    if value == 0:
        return "0"
    decimals = 2 - math.floor(math.log10(abs(value)))
    return plain(round(value, decimals), max(0, decimals) if abs(value) < 100 else 0)


def listed(words: list[str], last: str = "and") -> str:
    """Return words as a list in a sentence: ``A, B and C``."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted(number: float, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 post``, ``2.5 posts``."""
    noun = one if number == 1 else (many or f"{one}s")
    return f"{number:,g} {noun}"


def capital(words: str) -> str:
    """Return words with a capital first letter and the rest as they are."""
    return words[:1].upper() + words[1:]
