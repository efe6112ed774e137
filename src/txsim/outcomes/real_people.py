"""How many real people stand behind figures, where a clinic's own people are simulated.

Many simulated people may be like one row of a roster. A group of them tells of as many real people
as have rows that may belong to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.outcomes.outcome import Array
from txsim.outcomes.subgroups import SMALLEST_SHOWN, Subgroup
from txsim.parameters.case_mix import feature_names
from txsim.people.own_people import OwnPeople, own_people

if TYPE_CHECKING:
    from txsim.scenario import Scenario

FIELDS = ("age", "distance_km", "substance", "stream")
"""Fields of a person's record that a roster may know by the same name."""


def enough_real_people(scenario: Scenario, groups: tuple[Subgroup, ...]) -> Array:
    """Which groups may be told of: ten rows may belong, and ten may not or all surely do.

    What a roster does not know of a row may be either. Everything may be told without a roster.
    """
    if scenario.population.roster is None:
        return np.ones(len(groups), dtype=bool)
    own = own_people(scenario)
    enough = np.empty(len(groups), dtype=bool)
    for place, group in enumerate(groups):
        known = _known(own, group.of, scenario)
        unknown = np.isnan(known)
        belong = np.ones(known.size, dtype=bool) if group.of is None else group.holds(known)
        inside, outside = (unknown | belong).sum(), (unknown | ~belong).sum()
        enough[place] = inside >= SMALLEST_SHOWN and (outside == 0 or outside >= SMALLEST_SHOWN)
    return enough


def _known(own: OwnPeople, of: str | int | None, scenario: Scenario) -> Array:
    """What the roster says of each row, NaN where it does not know."""
    if isinstance(of, int):
        return own.features[:, of]
    if of == "female":
        return own.features[:, feature_names(scenario).index("female")]
    if of in FIELDS:
        return np.asarray(getattr(own, of), dtype=float)
    if of is None:
        return np.zeros(own.age.size)
    return np.full(own.age.size, np.nan)
