"""The replications of several designs as arrays of one shape, small cells taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.outcomes.definitions import OUTCOMES
from txsim.outcomes.measure import Measured
from txsim.outcomes.real_people import enough_real_people
from txsim.outcomes.subgroups import ALREADY_IN_CARE, EVERYONE, SMALLEST_SHOWN, shown, subgroups

if TYPE_CHECKING:
    from txsim.scenario import Scenario

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Stacked:
    """Values of every design: replications x groups x outcomes, nan where withheld."""

    groups: tuple[str, ...]
    """Groups of all designs together: everyone first, people already in care last."""
    compared: Array
    """Which groups hold the same people under every design."""
    values: tuple[Array, ...]
    """One array a design."""
    people: tuple[Array, ...]
    """Groups x outcomes: mean number of people each figure rests on, one array a design."""
    withheld: tuple[str, ...]
    """Groups with some people, but too few to be shown, in any design."""
    told: tuple[bool, ...]
    """Designs with enough people for figures about all of them."""
    closed: tuple[bool, ...]
    """Designs of whose own people there are too few to tell anything, not even of the clinic."""


def stacked(designs: Sequence[Scenario], measured: Sequence[Sequence[Measured]]) -> Stacked:
    """Line up all designs' replications on the same groups and withhold small cells."""
    names: dict[str, bool] = {}
    for design in designs:
        names |= {
            group.name: group.same_under_every_design
            for group in subgroups(design)
            if group.name not in names
        }
    # Designs that open on their own have people of their own in care on day 0.
    names[ALREADY_IN_CARE] = all(design.horizon.start == "shared" for design in designs[1:])
    groups = tuple(names)
    values, people, withheld = [], [], dict.fromkeys(groups, False)
    told, closed = [], []
    for design, replications in zip(designs, measured, strict=True):
        found, rests_on, small = _of_design(design, replications, groups)
        told.append(EVERYONE not in small)
        closed.append(design.population.roster is not None and EVERYONE in small)
        values.append(found)
        people.append(rests_on)
        for group in small:
            withheld[group] = True
    return Stacked(
        groups,
        np.array(list(names.values())),
        tuple(values),
        tuple(people),
        tuple(group for group, small in withheld.items() if small),
        tuple(told),
        tuple(closed),
    )


def _of_design(
    design: Scenario, replications: Sequence[Measured], groups: tuple[str, ...]
) -> tuple[Array, Array, list[str]]:
    own = replications[0].groups
    values = np.stack([one.values for one in replications])
    people = np.stack([one.people for one in replications]).astype(float)
    sizes = np.stack([one.sizes for one in replications]).astype(float)
    roster = design.population.roster is not None
    visible = np.append(shown(sizes[:, :-1], roster=roster), shown(sizes[:, -1:], roster=roster))
    real = enough_real_people(design, subgroups(design))
    everyone = own.index(EVERYONE)
    visible &= np.append(real, real[everyone])
    enough = people.min(axis=0) if roster else people.mean(axis=0)
    hidden = enough < SMALLEST_SHOWN
    hidden[~visible] = True
    if roster and not visible[everyone]:
        hidden[:] = True
    else:
        # Figures of the whole clinic are about no group of people.
        clinic = np.array([outcome.of == "clinic" for outcome in OUTCOMES])
        hidden[everyone, clinic] = False
    values[:, hidden] = np.nan
    place = [own.index(group) if group in own else -1 for group in groups]
    missing = np.array(place) < 0
    found, rests_on = values[:, place], people.mean(axis=0)[place]
    found[:, missing] = np.nan
    rests_on[missing] = 0.0
    small = [group for group, seen, size in zip(own, visible, sizes.max(axis=0), strict=True)
             if not seen and size > 0]  # fmt: skip
    return found, rests_on, small
