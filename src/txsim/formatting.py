"""Numbers as a planner reads them: people of 100, money, and intervals that say more or fewer.

Rounding never hides a finding: an interval that leaves out zero is not rounded so that it touches
zero, and one that holds zero is not rounded so that it seems to leave it out.
"""

import math

MINUS = "\u2212"
NO_BREAK = "\u00a0"
"""A space at which a line does not break, between a number and its unit."""
THOUSAND = 1000.0


def plain(value: float, decimals: int = 0) -> str:
    """Return a number with thousands separated by commas and a true minus sign."""
    if math.isnan(value):
        return "not known"
    rounded = round(value, decimals)
    return f"{rounded + 0.0:,.{decimals}f}".replace("-", MINUS)


def decimals_of(mean: float, low: float = math.nan, high: float = math.nan) -> int:
    """Return the decimals that a figure can carry, one number for it and its range.

    Ten and more are whole, one and more have one decimal; a range that would shrink to a point
    gets more.
    """
    size = abs(mean)
    decimals = 0 if size >= 9.95 or size == 0.0 else 1 if size >= 0.095 else 2
    while decimals < 2 and low != high and round(low, decimals) == round(high, decimals):
        decimals += 1
    return decimals


def with_range(
    mean: float,
    low: float,
    high: float,
    *,
    scale: float = 1.0,
    least: int = 0,
    most: int = 2,
    largest: float | None = None,
) -> tuple[str, str]:
    """Return a figure and its range as ``13 to 35``, in the same decimals.

    ``least`` and ``most`` bound the decimals; ``largest`` is the largest of the figures that stand
    beside it, so that all of them get as many. The range is empty where it is not known, and where
    as it is written it is a single point.
    """
    mean, low, high = mean * scale, low * scale, high * scale
    size = mean if largest is None else largest * scale
    decimals = min(most, max(least, decimals_of(size, low, high)))
    figure, least_of_all, most_of_all = (plain(one, decimals) for one in (mean, low, high))
    if math.isnan(low) or math.isnan(high) or least_of_all == most_of_all:
        return figure, ""
    return figure, f"{least_of_all} to {most_of_all}"


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
    if low >= 0 or high <= 0:
        small, large = sorted((abs(low), abs(high)))
        words = more if low >= 0 else fewer
        # What is less than a twentieth is told as next to nothing, not in more decimals.
        if round(small, 1) == 0.0 and round(large, 1) > 0.0:
            return f"up to {plain(large, decimals_of(large))} {words}"
        decimals = decimals_for(small, large)
        return f"{plain(small, decimals)} to {plain(large, decimals)} {words}"
    decimals = decimals_for(low, high)
    return f"{plain(-low, decimals)} {fewer} to {plain(high, decimals)} {more}"


def one_more_or_fewer(value: float, more: str = "more", fewer: str = "fewer") -> str:
    """Return a difference in words: ``3 more``, ``0.4 fewer``."""
    if math.isnan(value):
        return "not known"
    return f"{plain(abs(value), decimals_of(value))} {more if value >= 0 else fewer}"


def money(value: float, currency: str = "USD") -> str:
    """Return an amount of money as a budget tells it: ``USD 1,940,000``, ``USD 21,000``.

    Three figures are kept, and from 10,000 on nothing below a thousand.
    """
    if math.isnan(value):
        return "not known"
    return f"{currency}{NO_BREAK}{plain(budgeted(value))}".lstrip(NO_BREAK)


def budgeted(value: float) -> float:
    """Round an amount to three figures, and from 10,000 on to whole thousands."""
    if value == 0 or not math.isfinite(value):
        return value
    rounded = round(value, 2 - math.floor(math.log10(abs(value))))
    return round(rounded, -3) if abs(value) >= 10 * THOUSAND else round(rounded)


def amounts(low: float, high: float, currency: str = "USD", between: str = "") -> str:
    """Return a range of money: ``USD 2,000 to 43,000``; what is ``between`` follows the first.

    Where the larger is rounded to thousands, so is the smaller.
    """
    if max(abs(low), abs(high)) >= 10 * THOUSAND:
        low, high = round(low, -3), round(high, -3)
    return f"{money(low, currency)}{between} to {money(high, '')}"


def thousands(value: float) -> float:
    """Return an amount in thousands, in as many figures as budgets have use for."""
    return budgeted(value) / THOUSAND


def money_with_range(mean: float, low: float, high: float) -> tuple[str, str]:
    """Return an amount and its range in thousands, as `with_range` does."""
    return with_range(thousands(mean), thousands(low), thousands(high))


def listed(words: list[str], last: str = "and") -> str:
    """Return words as a list in a sentence: ``A, B and C``."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted(number: float, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 post``, ``2.5 posts``."""
    noun = one if number == 1 else (many or f"{one}s")
    return f"{number:,g} {noun}"


def lower(words: str) -> str:
    """Return a label inside a sentence; abbreviations keep their capitals."""
    abbreviation = words[:2].isupper() and not words[1:2].isspace()
    return words if abbreviation else words[:1].lower() + words[1:]


def capital(words: str) -> str:
    """Return words with a capital first letter and the rest as they are."""
    return words[:1].upper() + words[1:]
