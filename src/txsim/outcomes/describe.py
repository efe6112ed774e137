"""The page of outcomes, written from their declarations: `python -m txsim.outcomes.describe`.

The page in `docs/` is this text; a test holds the two together.
"""

from __future__ import annotations

import math

from txsim.outcomes.families.regular_use import MOST_DAYS
from txsim.outcomes.outcome import Outcome
from txsim.outcomes.registry import CURVES, OUTCOMES, RELAPSE, RETENTION
from txsim.outcomes.subgroups import FAR_FROM_CLINIC_KM, MIDDLE, SMALLEST_SHOWN, YOUNG
from txsim.state.events import FOUR_WEEKS

HEAD = f"""# Outcomes

Every figure is declared once, with its unit, its direction and its definition, and worked out for
every replication by `txsim.outcomes.measure`. This page is written by
`python -m txsim.outcomes.describe`.

Figures are per person who *asked for treatment* in the accrual window, each followed for the same
number of days: the same people under every design, those never admitted included. "After 90 days"
is the end of the 90th day, counting the day of asking as the first. People already in care on day 0
are followed from then and reported separately, as the group "in care on day 0".

Groups: everyone; each diagnosis; each barrier; age under {YOUNG}, {YOUNG} to {MIDDLE - 1}, {MIDDLE}
and over; women and men; less than {FAR_FROM_CLINIC_KM:g} km from the clinic or farther; substance;
way of coming; first medication (not compared between designs, since they settle it). Groups and
figures that rest on fewer than {SMALLEST_SHOWN} people a replication on average are withheld; with
a roster of real people, whenever any replication has fewer than {SMALLEST_SHOWN} in the group or,
unless nobody, outside it, or fewer than {SMALLEST_SHOWN} rows of the roster may stand behind it.
Where that is so of everyone, nothing is told of the design, not of its staff or money either.

Retention by definition: {"; ".join(RETENTION)}.
Relapse by definition: {"; ".join(RELAPSE)}.
The first of each is the headline.

Most people are in regular use when they ask for treatment. So the headline of relapse asks how they
stand on a day (at most {MOST_DAYS} days of use in the last {FOUR_WEEKS}; for alcohol, of heavy
drinking), and not whether they have relapsed since asking, which within weeks is true of nearly
all. First relapse after stopping is told by "use after 30 clean days" and by
`used_again_after_stopping`.

Waits are counted from the asking that ended in admission. Time from the very first asking,
whatever came in between, is an outcome of its own (`admission_after_first_asking`).
"""


def page() -> str:
    """The whole page as Markdown."""
    lines = [HEAD]
    for family in dict.fromkeys(outcome.family for outcome in OUTCOMES):
        members = [outcome for outcome in OUTCOMES if outcome.family == family]
        lines += [f"## {family.capitalize()}", "", *_table(members), ""]
    lines += ["## Curves", "", "| curve | unit | days | definition |", "|---|---|---|---|"]
    lines += [
        f"| {curve.name} | {curve.unit} | {curve.clock} | {curve.definition} |" for curve in CURVES
    ]
    return "\n".join(lines) + "\n"


def _table(outcomes: list[Outcome]) -> list[str]:
    rows = [
        "| outcome | what it is | unit | possible | better | definition |",
        "|---|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        whose = " Of the whole clinic, for everyone only." if outcome.of == "clinic" else ""
        rows.append(
            f"| `{outcome.name}` | {outcome.label} | {outcome.unit} | {_possible(outcome)} | "
            f"{outcome.better} | {outcome.definition}{whose} |"
        )
    return rows


def _possible(outcome: Outcome) -> str:
    """What values an outcome may have, in words."""
    low, high = outcome.limits(365)
    if outcome.limits(2 * 365) != (low, high):
        return f"{low:g} to all {'days' if outcome.unit == 'days' else 'years'} followed"
    if math.isinf(low):
        return "any"
    return f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"


if __name__ == "__main__":
    print(page(), end="")
