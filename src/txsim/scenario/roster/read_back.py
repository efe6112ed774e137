"""Tell what was read from a roster, so that a planner sees whether it was read as it was meant.

No figure rests on fewer than ten people, and none is the least or the most of all, which would be
one person's: a range is that of the middle half of the people, or from 100 people on of the middle
nine tenths, in whole numbers. A group is withheld when it, or those left over, are fewer than ten.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from txsim.scenario.roster.columns import FEWEST_TOLD, LISTS, RANGES, RosterRow
from txsim.scenario.roster.reading import Roster

WIDE_FROM = 100
"""People from whom on the range is that of the middle nine tenths."""


@dataclass(frozen=True)
class Told:
    """What a column says of all people together; None where it is withheld."""

    known: int | None
    """People of whom it is known."""
    share_known: float | None
    """The same as a share of all."""
    median: int | None = None
    low: int | None = None
    high: int | None = None
    within: float | None = None
    """Share of those known who are between `low` and `high`: a half, or from 100 people on 0.9."""
    counts: Mapping[str, int] | None = None
    """People by what the column says."""
    withheld: bool = False
    """Whether groups or figures are left out because they rest on fewer than ten people."""


def read_back(roster: Roster) -> dict[str, Told]:
    """Each column of a roster but the person, with what it says of all people together."""
    columns = [name for name in roster.columns if name != "person"]
    return {name: _told(name, roster.rows) for name in columns}


def _told(column: str, rows: Sequence[RosterRow]) -> Told:
    field = "female" if column == "sex" else column
    values = [value for row in rows if (value := getattr(row, field)) is not None]
    known, people = len(values), len(rows)
    if people < FEWEST_TOLD or 0 < known < FEWEST_TOLD:
        return Told(None, None, withheld=True)
    tellable = known in (0, people) or people - known >= FEWEST_TOLD
    count, share = (known, known / people) if tellable else (None, None)
    if known == 0:
        return Told(0, 0.0)
    if column in RANGES:
        return Told(count, share, *_median_and_range(sorted(values)), withheld=not tellable)
    if column in LISTS:
        groups = Counter(name for names in values for name in names)
        shown = _shown_of_many(groups, known)
    else:
        groups = Counter(_word(column, value) for value in values)
        shown = _shown_of_one(groups, people)
    return Told(
        count, share, counts=shown, withheld=not tellable or sum(shown.values()) < groups.total()
    )


def _median_and_range(values: Sequence[float]) -> tuple[int, int, int, float]:
    """The median of some numbers in order, and the range that holds a share of them."""
    within = 0.9 if len(values) >= WIDE_FROM else 0.5
    left_out = ceil((1.0 - within) / 2.0 * len(values))
    middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2.0
    return round(middle), round(values[left_out]), round(values[-1 - left_out]), within


def _word(column: str, value: object) -> str:
    if isinstance(value, bool):
        words = ("male", "female") if column == "sex" else ("no", "yes")
        return words[value]
    return str(value)


def _shown_of_one(groups: Counter[str], people: int) -> dict[str, int]:
    """Groups of people, each in one at most: all others are ten or more together, or nobody."""
    shown = [(name, count) for name, count in groups.most_common() if count >= FEWEST_TOLD]
    while shown and 0 < people - sum(count for _, count in shown) < FEWEST_TOLD:
        shown.pop()
    return dict(shown)


def _shown_of_many(groups: Counter[str], known: int) -> dict[str, int]:
    """Groups to which the same person may belong: each leaves ten others, or nobody."""
    return {
        name: count
        for name, count in groups.most_common()
        if count >= FEWEST_TOLD and (count == known or known - count >= FEWEST_TOLD)
    }
