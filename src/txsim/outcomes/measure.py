"""All outcomes of one run, as a small object of arrays.

A run's log is large and stays where it was made; what leaves is `Measured`: every outcome for every
group, and the curves. No row of it is about one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.outcomes.follow_up import Followed
from txsim.outcomes.group_sums import sums_by_group
from txsim.outcomes.outcome import FAR, Array, Outcome, Shares
from txsim.outcomes.registry import CURVES, OUTCOMES
from txsim.outcomes.subgroups import ALREADY_IN_CARE, membership, subgroups
from txsim.state.events import Reason

if TYPE_CHECKING:
    from txsim.run import Run

TOTALS = np.array([outcome.over == "sum" for outcome in OUTCOMES])
MEDIANS = np.flatnonzero([outcome.over == "median" for outcome in OUTCOMES])

ROLE_FIELDS = (
    "minutes_used", "minutes_staffed", "departures", "vacant_days", "minutes_overtime",
    "minutes_agency",
)  # fmt: skip
SERVICE_FIELDS = (
    "due", "booked", "kept", "missed", "waited", "taken_up", "stood_in", "place_days",
    "days_without_place", "spent", "without_money", "beyond_minutes",
)  # fmt: skip
COST_FIELDS = ("staff", "medication", "services")


@dataclass(frozen=True)
class Measured:
    """Outcomes of one replication of one design.

    `values` are groups x outcomes (nan where an outcome says nothing about a group) and `people`
    the numbers of people each rests on; `sizes` are the groups' sizes. Groups are those of
    `subgroups`, with the people already in care on day 0 last; outcomes are those of
    `registry.OUTCOMES`.
    """

    replication: int
    groups: tuple[str, ...]
    values: Array
    people: Array
    sizes: Array
    curves: dict[str, Array]
    exits: Array
    """First exits within follow-up by reason 1, 2, ...: people who asked."""
    roles: Array
    """Roles x `ROLE_FIELDS`, over the run."""
    services: Array
    """Services x `SERVICE_FIELDS`, over the run."""
    served: Array
    """Services: people who received any of it."""
    costs: Array
    """A year's cost by `COST_FIELDS`."""
    days: int
    """Days of the run."""

    def value(self, outcome: str, group: str = "everyone") -> float:
        """One outcome of one group."""
        names = [one.name for one in OUTCOMES]
        return float(self.values[self.groups.index(group), names.index(outcome)])


def measure(run: Run) -> Measured:
    """Evaluate a run: outcomes by group, curves, use of staff and services, cost."""
    asked = Followed.who_asked(run)
    present = Followed.already_in_care(run)
    groups = subgroups(run.scenario)
    belongs = membership(groups, asked)
    values, people = _by_group(asked, belongs)
    at_start, at_start_people = _by_group(present, np.ones((1, len(present)), dtype=bool))
    sizes = np.append(belongs.sum(axis=1), len(present)).astype(np.int64)
    left = asked.patients["exit_reason"][asked.left < FAR]
    return Measured(
        replication=run.replication,
        groups=(*(group.name for group in groups), ALREADY_IN_CARE),
        values=np.concatenate([values, at_start]),
        people=np.concatenate([people, at_start_people]),
        sizes=sizes,
        curves={curve.name: np.asarray(curve.rule(asked), dtype=float) for curve in CURVES},
        exits=np.bincount(left, minlength=len(Reason))[1:],
        roles=_columns(run.roles, ROLE_FIELDS),
        services=_columns(run.services, SERVICE_FIELDS),
        served=(run.received > 0).sum(axis=0),
        costs=np.array([getattr(asked.cost, part) for part in COST_FIELDS]),
        days=int(run.calendar.shape[0]),
    )


def _columns(table: Array, names: tuple[str, ...]) -> Array:
    return np.stack([table[name].astype(float) for name in names], axis=1)


def _by_group(people: Followed, belongs: Array) -> tuple[Array, Array]:
    """Outcomes of each group (rows of `belongs`), and how many people each figure rests on."""
    count = len(OUTCOMES)
    if not len(people) and not people.asked:
        return np.full((len(belongs), count), np.nan), np.zeros((len(belongs), count))
    numerators, denominators = np.zeros((2, count, len(people)))
    clinic: dict[int, float] = {}
    for row, outcome in enumerate(OUTCOMES):
        if outcome.of == "clinic":
            if people.asked:
                clinic[row] = _number(outcome.rule(people))
        elif people.asked or outcome.present:
            _fill(numerators[row], denominators[row], outcome, people)
    counted = denominators > 0.0
    # Most outcomes count everybody once, or once or not at all: then one sum does for two.
    once = (denominators == counted).all(axis=1)
    everybody = once & counted.all(axis=1)
    sums = sums_by_group(belongs, numerators)
    weights = np.repeat(belongs.sum(axis=1, dtype=float)[:, None], count, axis=1)
    weights[:, ~everybody] = sums_by_group(belongs, denominators[~everybody])
    counts = weights.copy()
    counts[:, ~once] = sums_by_group(belongs, counted[~once].astype(float))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(weights > 0, sums / weights, np.nan)
    values[:, TOTALS] = np.where(counts[:, TOTALS] > 0, sums[:, TOTALS], np.nan)
    for place in MEDIANS:
        values[:, place] = _medians(numerators[place], belongs & counted[place])
    for row, value in clinic.items():
        values[0, row] = value
        counts[0, row] = len(people)
    return values, counts


def _medians(numbers: Array, belongs: Array) -> Array:
    """Median of the numbers of each group's members (rows of `belongs`); nan without members."""
    order = np.argsort(numbers, kind="stable")
    in_order, belongs_in_order = numbers[order], belongs[:, order]
    medians = np.full(len(belongs), np.nan)
    for group, belonging in enumerate(belongs_in_order):
        members = in_order[belonging]
        if members.size:
            # The two in the middle, which are one and the same where the number is odd.
            low, high = members[(members.size - 1) // 2], members[members.size // 2]
            medians[group] = (low + high) / 2.0
    return medians


def _fill(numerator: Array, denominator: Array, outcome: Outcome, people: Followed) -> None:
    found: Any = outcome.rule(people)
    if isinstance(found, Shares):
        numerator[:] = found.numerator
        denominator[:] = found.denominator
        return
    numerator[:] = found
    if found.dtype.kind == "f":
        unknown = np.isnan(numerator)
        denominator[:] = ~unknown
        numerator[unknown] = 0.0
    else:
        denominator[:] = 1.0


def _number(found: object) -> float:
    if not isinstance(found, float):
        raise TypeError(f"a clinic's outcome must be a float (got {type(found).__name__})")
    return found
