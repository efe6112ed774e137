"""Groups of people that outcomes are told for, and which of them are too small to show.

Groups fixed before the clinic does anything (diagnosis, barrier, age, sex, distance, substance,
referral) hold the same people under every design. The first medication does not, so it is shown for
each design and never compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import Array
from txsim.scenario.roster import FEWEST_TOLD

if TYPE_CHECKING:
    from txsim.scenario import Scenario

EVERYONE = "everyone"
ALREADY_IN_CARE = "in care on day 0"

SMALLEST_SHOWN = FEWEST_TOLD
"""Groups with fewer people a replication are withheld."""

YOUNG, MIDDLE = 25, 45
"""Years of age that part the young from the middle-aged, and those from the older."""
FAR_FROM_CLINIC_KM = 16.0
"""Ten miles: from there on people count as living far from the clinic."""


@dataclass(frozen=True)
class Subgroup:
    """Some of the people who asked; `kind` says how they are grouped.

    People belong by one figure of theirs, `of`: the name of a field of their record, or the
    position of a feature. Without one, everybody belongs.
    """

    name: str
    kind: str
    same_under_every_design: bool
    of: str | int | None
    holds: Callable[[Array], Array]

    def members(self, people: Followed) -> Array:
        """Which of these people belong."""
        if self.of is None:
            return np.ones(len(people), dtype=bool)
        if isinstance(self.of, int):
            return np.asarray(self.holds(people.run.features[people.people, self.of]))
        return np.asarray(self.holds(people.patients[self.of]))


def _feature(name: str, kind: str, position: int) -> Subgroup:
    return Subgroup(name, kind, True, position, lambda values: values > 0)


def _between(name: str, kind: str, field: str, low: float, high: float) -> Subgroup:
    return Subgroup(name, kind, True, field, lambda values: (values >= low) & (values < high))


def _equal(name: str, kind: str, field: str, value: int, *, fixed: bool = True) -> Subgroup:
    return Subgroup(name, kind, fixed, field, lambda values: values == value)


def subgroups(scenario: Scenario) -> tuple[Subgroup, ...]:
    """Every group that a scenario's catalogue gives rise to, everyone first."""
    catalogue = scenario.catalogue
    # A person's features stand in the order traits, diagnoses, barriers.
    first_diagnosis = len(catalogue.traits)
    first_barrier = first_diagnosis + len(catalogue.diagnoses)
    near, far = f"under {FAR_FROM_CLINIC_KM:g} km", f"{FAR_FROM_CLINIC_KM:g} km and more"
    return (
        Subgroup(EVERYONE, "everyone", True, None, lambda values: values),
        *(
            _feature(entry.label, "diagnosis", first_diagnosis + position)
            for position, entry in enumerate(catalogue.diagnoses.values())
        ),
        *(
            _feature(f"barrier: {_mid_sentence(entry.label)}", "barrier", first_barrier + position)
            for position, entry in enumerate(catalogue.barriers.values())
        ),
        _between(f"under {YOUNG}", "age", "age", -np.inf, YOUNG),
        _between(f"{YOUNG} to {MIDDLE - 1}", "age", "age", YOUNG, MIDDLE),
        _between(f"{MIDDLE} and over", "age", "age", MIDDLE, np.inf),
        _equal("women", "sex", "female", 1),
        _equal("men", "sex", "female", 0),
        _between(near, "distance", "distance_km", -np.inf, FAR_FROM_CLINIC_KM),
        _between(far, "distance", "distance_km", FAR_FROM_CLINIC_KM, np.inf),
        _equal("opioids", "substance", "substance", 0),
        _equal("alcohol", "substance", "substance", 1),
        *(
            _equal(f"came {_mid_sentence(entry.label)}", "referral", "stream", position)
            for position, entry in enumerate(catalogue.streams.values())
        ),
        *(
            _equal(
                f"began on {_mid_sentence(entry.label)}",
                "first medication",
                "first_medication",
                position,
                fixed=False,
            )
            for position, entry in enumerate(catalogue.medications.values())
        ),
    )


def _mid_sentence(label: str) -> str:
    """A label as it stands within a phrase: only an abbreviation keeps its capitals."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def membership(groups: tuple[Subgroup, ...], people: Followed) -> Array:
    """Groups x people: whether a person belongs."""
    found = np.empty((len(groups), len(people)), dtype=bool)
    for row, group in enumerate(groups):
        found[row] = group.members(people)
    return found


def shown(sizes: Array, *, roster: bool) -> Array:
    """Which groups may be shown, from their sizes (replications x groups; everyone first).

    Fewer than 10 people a replication on average are withheld. With a clinic's own people every
    replication must have at least 10 in the group and, unless nobody, 10 outside it: otherwise
    those left over could be worked out from the figure for everyone.
    """
    if not roster:
        return np.asarray(np.nan_to_num(np.mean(sizes, axis=0)) >= SMALLEST_SHOWN)
    outside = sizes[:, :1] - sizes
    enough = (sizes >= SMALLEST_SHOWN) & ((outside == 0) | (outside >= SMALLEST_SHOWN))
    return np.asarray(enough.all(axis=0))
