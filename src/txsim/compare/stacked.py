"""The replications of several designs as arrays of one shape, small cells taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.gathered import Gathered, Years
from txsim.compare.who_asks import Asking
from txsim.outcomes.outcome import Array
from txsim.outcomes.real_people import enough_real_people
from txsim.outcomes.registry import OUTCOMES
from txsim.outcomes.subgroups import ALREADY_IN_CARE, EVERYONE, SMALLEST_SHOWN, shown, subgroups

if TYPE_CHECKING:
    from txsim.scenario import Scenario


@dataclass(frozen=True)
class Stacked:
    """Values of every design on the same groups, nan where withheld."""

    groups: tuple[str, ...]
    """Groups of all designs together: everyone first, people already in care last."""
    compared: Array
    """Which groups hold the same people under every design."""
    people: tuple[Array, ...]
    """Groups x outcomes: mean number of people each figure rests on, one array a design."""
    withheld: tuple[str, ...]
    """Groups with some people, but too few to be shown, in any design."""
    told: tuple[bool, ...]
    """Designs with enough people for figures about all of them."""
    closed: tuple[bool, ...]
    """Designs with too few people of a roster to show anything, even of the clinic."""
    years: Gathered
    places: tuple[Array, ...]
    """For each design, where each group stands among its own; -1 where it has no such group."""
    hidden: tuple[Array, ...]
    """For each design, groups x outcomes: what is withheld."""

    def values(self, design: int, groups: slice, replications: slice = slice(None)) -> Array:
        """Replications x groups x outcomes of a design, of some groups and replications."""
        wanted = self.places[design][groups]
        count = len(range(*replications.indices(self.years.replications)))
        found = np.full((count, len(wanted), len(OUTCOMES)), np.nan)
        for place, own in enumerate(wanted):
            if own >= 0:
                found[:, place] = self.years[design].values(int(own), replications)
        found[:, self.hidden[design][groups]] = np.nan
        return found


def stacked(designs: Sequence[Scenario], years: Gathered) -> Stacked:
    """Line up all designs' replications on the same groups and withhold small cells."""
    names: dict[str, bool] = {}
    for design in designs:
        names |= {
            group.name: group.same_under_every_design
            for group in subgroups(design)
            if group.name not in names
        }
    # Designs that open on their own have people of their own in care on day 0.
    asking = Asking(designs)
    names[ALREADY_IN_CARE] = all(asking.same_opening(0, one) for one in range(len(designs)))
    groups = tuple(names)
    people, places, hidden, withheld = [], [], [], dict.fromkeys(groups, False)
    told, closed = [], []
    for number, design in enumerate(designs):
        own = years[number]
        at = {group: place for place, group in enumerate(own.groups)}
        place = np.array([at.get(group, -1) for group in groups])
        too_few, small = _withheld(design, own)
        there = place >= 0
        places.append(place)
        hidden.append(too_few[place] & there[:, None])
        people.append(own.mean_people[place] * there[:, None])
        told.append(EVERYONE not in small)
        closed.append(design.population.roster is not None and EVERYONE in small)
        for group in small:
            withheld[group] = True
    return Stacked(
        groups,
        np.array(list(names.values())),
        tuple(people),
        tuple(group for group, small in withheld.items() if small),
        tuple(told),
        tuple(closed),
        years,
        tuple(places),
        tuple(hidden),
    )


def _withheld(design: Scenario, years: Years) -> tuple[Array, list[str]]:
    """Which figures of which groups rest on too few people, and groups that are not shown."""
    sizes = years.read("sizes")
    roster = design.population.roster is not None
    visible = np.append(shown(sizes[:, :-1], roster=roster), shown(sizes[:, -1:], roster=roster))
    real = enough_real_people(design, subgroups(design))
    everyone = years.groups.index(EVERYONE)
    visible &= np.append(real, real[everyone])
    enough = years.fewest_people if roster else years.mean_people
    hidden = np.asarray(enough < SMALLEST_SHOWN)
    hidden[~visible] = True
    if roster and not visible[everyone]:
        hidden[:] = True
    else:
        # Figures of the whole clinic are about no group of people.
        clinic = np.array([outcome.of == "clinic" for outcome in OUTCOMES])
        hidden[everyone, clinic] = False
    small = [
        group
        for group, seen, size in zip(years.groups, visible, sizes.max(axis=0), strict=True)
        if not seen and size > 0
    ]
    return hidden, small
