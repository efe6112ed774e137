"""What a roster says that is allowed and yet hardly true of people: a warning, never a refusal.

A warning tells of many people at once. It never says what stands in one cell, and figures that rest
on fewer than ten people are put into words, since warnings stand in reports beside the results.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from txsim.errors import Problem
from txsim.scenario.roster.columns import FEWEST_TOLD, KNOWN_OF_EVERYBODY, RosterRow
from txsim.scenario.roster.reading import Roster

CODES: dict[str, tuple[float, ...]] = {
    "age": (77, 88, 97, 98, 99),
    "distance_km": (77, 88, 97, 98, 99, 777, 888, 997, 998, 999),
    "use_days": (9,),
}
"""Numbers by which surveys and records write "not known", "refused" or "does not apply"."""

REPEATED, BESIDE = 3, 3.0
"""A number of the list is taken for a code when it stands in three rows or more, and in more than
all others up to 3 away from it together. People's own ages and distances do not stand out so."""

RARE = 0.005
"""What is odd in a smaller share of the rows is taken for people's own, and moves no result."""

WEEK = 7
"""Days of use that never exceed these are days of a week, or classes of frequency (1, 2, 3)."""

FEWEST_JUDGED = 3
"""People of whom a column must say something before all of it is judged."""

FEWEST_ROWS = 30
"""Rows below which those drawn from them are said to be much alike."""

MUCH_ALIKE = f"with fewer than {FEWEST_ROWS} rows they are much alike"

OLD, MANY_OLD = 90.0, 0.01
FAR, VERY_FAR = 100.0, 500.0
OF_AGE = 18.0


def doubts(roster: Roster) -> list[Problem]:
    """Warnings about a roster: columns that are not read, and figures that are hardly true."""
    found = list(roster.not_read)
    for column in CODES:
        if column in roster.columns:
            told = roster.columns[column]
            values = [value for row in roster.rows if (value := getattr(row, column)) is not None]
            found += [Problem(roster.file, 0, told, text) for text in _doubts_of(column, values)]
    return found


def drawn_from_few(rows: Sequence[RosterRow], asking: int) -> list[str]:
    """Warnings that a handful of rows stands for all `asking` people, or for all of a substance."""
    if asking <= len(rows):
        return []
    if len(rows) < FEWEST_ROWS:
        few = "one row" if len(rows) == 1 else f"{len(rows)} rows"
        return [f"about {asking:,} simulated people or more will be drawn from {few}; {MUCH_ALIKE}"]
    counts = Counter(row.substance for row in rows)
    return [
        f"all who come for {substance} will be drawn from a few rows; {MUCH_ALIKE}"
        for substance, count in sorted(counts.items())
        if count < FEWEST_ROWS
    ]


def _doubts_of(column: str, values: list[float]) -> Iterator[str]:
    counts = Counter(values)
    codes = _codes(column, counts)
    yield from _told_codes(column, codes)
    real = [value for value in values if value not in codes]
    if len(real) >= FEWEST_TOLD and len(set(real)) == 1:
        yield "this is the same number for everybody of whom it is known"
    elif len(real) < FEWEST_JUDGED:
        return
    elif column == "age":
        yield from _ages(real)
    elif column == "distance_km":
        yield from _distances(real)
    elif 0 < max(real) <= WEEK:
        yield (
            f"no number is above {WEEK}, which looks like days of a week or like classes; this "
            "column counts days of use in the last 30"
        )


def _ages(ages: list[float]) -> Iterator[str]:
    old = sum(age > OLD for age in ages)
    if old > 1 and old > MANY_OLD * len(ages):
        yield f"{_people(old)} are older than {OLD:g} years"
    if max(ages) < OF_AGE:
        yield f"nobody is {OF_AGE:g} or older; are these ages in years?"


def _distances(distances: list[float]) -> Iterator[str]:
    middle, far = median(distances), sum(distance > VERY_FAR for distance in distances)
    if middle > FAR:
        yield f"half of the people live more than {FAR:g} km away; is this in kilometres?"
    if far > RARE * len(distances):
        whose = "somebody lives" if far == 1 else f"{_people(far)} live"
        yield f"{whose} more than {VERY_FAR:g} km away; is this in kilometres?"


def _codes(column: str, counts: Mapping[float, int]) -> dict[float, int]:
    """Numbers that stand out as codes for what is not known, with the rows that hold them."""
    codes, rare = CODES[column], RARE * sum(counts.values())
    found = {}
    for code in codes:
        beside = sum(
            count
            for value, count in counts.items()
            if value not in codes and abs(value - code) <= BESIDE
        )
        if code < 10 and max(counts, default=0.0) > code:
            continue  # one digit stands for "not known" only where every answer has one digit
        if counts.get(code, 0) > max(REPEATED - 1, beside, rare):
            found[code] = counts[code]
    return found


def _told_codes(column: str, codes: Mapping[float, int]) -> Iterator[str]:
    """The codes that stand in ten rows or more by name, the others as some of the list."""
    then = "take these rows out" if column in KNOWN_OF_EVERYBODY else "leave these cells empty"
    often = [f"{code:g} in {count:,} rows" for code, count in codes.items() if _enough(count)]
    rare = any(not _enough(count) for count in codes.values())
    if often:
        yield f"{' and '.join(often)} may stand for what is not known; if so, {then}"
    if rare:
        *names, last = [f"{code:g}" for code in CODES[column]]
        listed = f"{', '.join(names)} or {last}" if names else last
        more = " other" if often else ""
        yield (
            f"a few{more} rows hold {listed}, which may stand for what is not known; if so, {then}"
        )


def _enough(count: int) -> bool:
    return count >= FEWEST_TOLD


def _people(count: int) -> str:
    return f"{count:,} people" if _enough(count) else "a few people"
