"""Sentences that stand beside every comparison: what makes its figures less than they seem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.compare.naming import label, told_of
from txsim.compare.numbers import counted
from txsim.compare.paired import FEWEST
from txsim.compare.settling import not_settled
from txsim.compare.tables import differences_table
from txsim.economics import cost_warning
from txsim.outcomes.subgroups import EVERYONE, SMALLEST_SHOWN

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.tables import Study
    from txsim.scenario import Scenario

FEW_DRAWS = 5
FULLY_BOOKED = 0.95
"""Share of a role's minutes used from which it counts as booked out."""


def same_people(one: Scenario, other: Scenario) -> bool:
    """Whether two designs are asked for help by the same people and follow them for as long."""
    return _who(one) == _who(other)


def _who(scenario: Scenario) -> tuple[object, ...]:
    """All that settles who asks for help and when."""
    catalogue = scenario.catalogue
    horizon = scenario.horizon
    having = {
        table: {
            name: (entry.opioid, entry.alcohol, getattr(entry, "loadings", None))
            for name, entry in getattr(catalogue, table).items()
        }
        for table in ("traits", "diagnoses", "barriers")
    }
    return (
        scenario.population,
        str(scenario.roster_path),
        scenario.arrivals,
        (horizon.days, horizon.follow_up_days),
        having,
        catalogue.mixes.get(scenario.population.mix or ""),
    )


def what_to_know(study: Study, costs: DataFrame, known: Sequence[str] = ()) -> list[str]:
    """Every note that this study needs, the weightiest first, with those `known` beforehand."""
    found = [
        _people(study),
        cost_warning(
            [label(design) for design in study.designs], _yearly_costs(study, costs), study.currency
        ),
        *known,
        _uncertainty(study),
        *not_settled(study),
        *_booked_out(study),
        _withheld(study),
        *(warning for design in study.designs for warning in design.warnings),
    ]
    return list(dict.fromkeys(note for note in found if note))


def _yearly_costs(study: Study, costs: DataFrame) -> list[float]:
    """The first design's yearly cost, and the others' by what they differ from it."""
    first = float(costs["total"].iloc[0])
    if len(study.designs) == 1:
        return [first]
    more = differences_table(study, outcomes=["cost_per_year"])
    more = more[more["subgroup"] == EVERYONE]
    by_design = dict(zip(more["scenario"], more["mean"].tolist(), strict=True))
    return [first, *(first + by_design[design.name] for design in study.designs[1:])]


def _people(study: Study) -> str:
    if study.paired:
        return ""
    return (
        "The designs do not have the same people (their population, arrivals or horizon differ). "
        "What differs between them is partly who comes, so no difference is stated."
    )


def _uncertainty(study: Study) -> str:
    if study.draws is None:
        return (
            "Intervals hold luck only: the numbers of the world and the clinic were held at their "
            "central values."
        )
    draws = int(study.draws.max()) + 1
    if draws < FEW_DRAWS:
        return (
            f"{counted(study.replications, 'simulated year')}"
            f"{' of each design ' if len(study.designs) > 1 else ' '}"
            f"{'covers' if study.replications == 1 else 'cover'} "
            f"{counted(draws, 'simulated world')}: too few for good intervals. Use {FEWEST} "
            "replications or more."
        )
    return ""


def _booked_out(study: Study) -> list[str]:
    found = []
    for number, design in enumerate(study.designs):
        tallies = study.years[number].read("roles").sum(axis=0)
        used, staffed = tallies[:, 0], tallies[:, 1]
        for position, role in enumerate(design.catalogue.roles.values()):
            if staffed[position] > 0 and used[position] >= FULLY_BOOKED * staffed[position]:
                share = 100.0 * used[position] / staffed[position]
                whose = f"the {role.label.lower()}'s minutes"
                found.append((design, f"{whose} are {share:.0f} % used, so sessions due wait"))
    return told_of(found, study.designs)


def _withheld(study: Study) -> str:
    groups = study.stacked.withheld
    if not groups:
        return ""
    if EVERYONE in groups:
        return f"Nearly everything is withheld: fewer than {SMALLEST_SHOWN} people asked for help."
    return f"Withheld because they have fewer than {SMALLEST_SHOWN} people: {', '.join(groups)}."
