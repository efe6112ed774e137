"""Sentences that stand beside every comparison: what makes its figures less than they seem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.naming import label, told_of
from txsim.compare.numbers import counted
from txsim.compare.paired import FEWEST
from txsim.economics import cost_warning
from txsim.outcomes.measure import ROLE_FIELDS
from txsim.outcomes.subgroups import EVERYONE, SMALLEST_SHOWN

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.tables import Study
    from txsim.outcomes.measure import Measured
    from txsim.scenario import Scenario

FEW_DRAWS = 5
OPENING = (("horizon", "burn_in_days"), ("clinic", "caseload_at_start"))
"""Keys by which a clinic opens."""
WORTH_A_NOTE = 1.0
"""In 100 doses, or days a year: less is not told."""
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
            [label(design) for design in study.designs], costs["total"].tolist(), study.currency
        ),
        *known,
        _uncertainty(study),
        *_opening_of_the_first(study),
        *_booked_out(study),
        *_doses_beyond(study),
        _withheld(study),
        *(warning for design in study.designs for warning in design.warnings),
    ]
    return list(dict.fromkeys(note for note in found if note))


def _people(study: Study) -> str:
    if study.paired:
        return ""
    return (
        "The designs do not have the same people (their population, arrivals or horizon differ). "
        "What differs between them is partly who comes, so no difference is stated."
    )


def _opening_of_the_first(study: Study) -> list[str]:
    """Keys of later designs that say how they open, though they go on from the first one."""
    first, *others = study.designs
    if (
        first.arrivals.cohort is not None
        or first.horizon.start == "empty"
        or first.horizon.burn_in_days == 0
    ):
        return []
    found = [
        (
            design,
            f'{".".join(key)} has no effect with start = "shared": the caseload and the list on '
            f"day 0 are those of {label(first)}",
        )
        for design in others
        if design.arrivals.cohort is None and design.horizon.start == "shared"
        for key in OPENING
        if key in design.said and design.value(".".join(key)) != first.value(".".join(key))
    ]
    return told_of(found, study.designs)


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
    for design, replications in zip(study.designs, study.measured, strict=True):
        tallies = np.stack([one.roles for one in replications]).sum(axis=0)
        staffed = tallies[:, ROLE_FIELDS.index("minutes_staffed")]
        overtime = tallies[:, ROLE_FIELDS.index("minutes_overtime")]
        used = tallies[:, ROLE_FIELDS.index("minutes_used")] - overtime
        for position, role in enumerate(design.catalogue.roles.values()):
            if staffed[position] > 0 and used[position] >= FULLY_BOOKED * staffed[position]:
                share = 100.0 * used[position] / staffed[position]
                whose = f"the {role.label.lower()}'s minutes"
                found.append((design, f"{whose} are {share:.0f} % used, so sessions due wait"))
    return told_of(found, study.designs)


def _doses_beyond(study: Study) -> list[str]:
    """What doses cost for which staff had no time, and how often intake was closed for them."""
    found = []
    for design, replications in zip(study.designs, study.measured, strict=True):

        def mean(outcome: str, of: Sequence[Measured] = replications) -> float:
            return float(np.mean([one.value(outcome) for one in of]))

        share = 100.0 * mean("doses_beyond_minutes")
        if share >= WORTH_A_NOTE:
            by_whom = "by an agency" if mean("overtime") == 0.0 else "in overtime or by an agency"
            what = f"{share:.0f} of 100 doses under observation were given {by_whom}, for which "
            found.append((design, f"{what}there was no time otherwise"))
        closed = mean("intake_closed")
        if closed >= WORTH_A_NOTE:
            what = f"intake was closed on {closed:.0f} days a year, for want of time for doses"
            found.append((design, what))
    return told_of(found, study.designs)


def _withheld(study: Study) -> str:
    groups = study.stacked.withheld
    if not groups:
        return ""
    if EVERYONE in groups:
        return f"Nearly everything is withheld: fewer than {SMALLEST_SHOWN} people asked for help."
    return f"Withheld because they have fewer than {SMALLEST_SHOWN} people: {', '.join(groups)}."
