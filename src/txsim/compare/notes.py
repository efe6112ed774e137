"""Notes of a comparison: limits on how its figures may be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.compare.estimate import FEWEST
from txsim.compare.naming import labels, told_of
from txsim.compare.settling import not_settled
from txsim.compare.tables import differences_table
from txsim.economics import cost_warning
from txsim.formatting import counted, listed
from txsim.outcomes.measure import ROLE_FIELDS
from txsim.outcomes.outcome import Array
from txsim.outcomes.registry import OUTCOMES, named
from txsim.outcomes.subgroups import EVERYONE, SMALLEST_SHOWN

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.compare.tables import Study

FEW_DRAWS = 5
OPENING = (("horizon", "burn_in_days"), ("clinic", "caseload_at_start"))
"""Keys by which a clinic opens."""
WORTH_A_NOTE = 1.0
"""In 100 doses, or days a year: less is not told."""
FULLY_BOOKED = 0.95
"""Utilisation from which a role counts as fully booked."""


def what_to_know(study: Study, costs: DataFrame, known: Sequence[str] = ()) -> list[str]:
    """Every note that this study needs, the most important first, with those `known` beforehand."""
    found = [
        *_people(study),
        _unequal_cost(study, costs),
        *known,
        _uncertainty(study),
        *not_settled(study),
        *_opening_of_the_first(study),
        *_told_as_the_first_says(study),
        *_booked_out(study),
        *_doses_beyond(study),
        *_withheld(study),
        *(warning for design in study.designs for warning in design.warnings),
    ]
    return list(dict.fromkeys(note for note in found if note))


def _people(study: Study) -> list[str]:
    """A note for each way in which designs are asked by other people than the first."""
    called = labels(study.designs)
    first = called[study.designs[0].name]
    whose: dict[tuple[str, ...], list[str]] = {}
    for number, design in enumerate(study.designs):
        if differs := study.differing[0][number]:
            whose.setdefault(differs, []).append(called[design.name])
    return [
        f"Other people ask under {listed(names)} than under {first}: {listed(list(differs))} "
        f"{'differs' if len(differs) == 1 else 'differ'}. Differences from {first} are between "
        "different people with the same parameter sets, by the chance of both, and are partly "
        "differences between those people; nothing is called better or worse for them."
        for differs, names in whose.items()
    ]


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
            f"day 0 are those of {labels(study.designs)[first.name]}",
        )
        for design in others
        if design.arrivals.cohort is None and design.horizon.start == "shared"
        for key in OPENING
        if key in design.said and design.value(".".join(key)) != first.value(".".join(key))
    ]
    return told_of(found, study.designs)


def _told_as_the_first_says(study: Study) -> list[str]:
    """Later designs with a locale or margins that are not those by which everything is told."""
    first, *others = study.designs
    as_told = f"has no effect: all is told as {labels(study.designs)[first.name]} says"
    found = [
        (design, f"report.locale {as_told} ({first.report.locale})")
        for design in others
        if design.report.locale != first.report.locale
    ]
    found += [
        (design, f"decision.margins {as_told}")
        for design in others
        if design.decision.margins != first.decision.margins
    ]
    return told_of(found, study.designs)


def _unequal_cost(study: Study, costs: DataFrame) -> str:
    """What designs cost beside the first, of those that may be told of."""
    if study.stacked.closed[0]:
        return ""
    called = labels(study.designs)
    totals = _yearly_costs(study, costs)
    return cost_warning([called[name] for name in totals], list(totals.values()), study.currency)


def _yearly_costs(study: Study, costs: DataFrame) -> dict[str, float]:
    """The first design's yearly cost, and the others' by what they differ from it."""
    first = study.designs[0].name
    found = {first: float(costs["total"].iloc[0])}
    if len(study.designs) > 1:
        more = differences_table(study, outcomes=["cost_per_year"])
        more = more[more["subgroup"] == EVERYONE]
        for name, difference in zip(more["scenario"], more["mean"].tolist(), strict=True):
            found[name] = found[first] + difference
    return found


def _uncertainty(study: Study) -> str:
    if study.draws is None:
        return "Intervals show chance only: all parameters were held at their central values."
    draws = len(set(study.draws.tolist()))
    if draws < FEW_DRAWS:
        return (
            f"{counted(study.replications, 'run')}"
            f"{' of each design ' if len(study.designs) > 1 else ' '}"
            f"{'covers' if study.replications == 1 else 'cover'} "
            f"{counted(draws, 'parameter set')}: too few for good intervals. Use {FEWEST} "
            "replications or more."
        )
    return ""


def _booked_out(study: Study) -> list[str]:
    found = []
    for design, years in study.open_designs():
        tallies = years.read("roles").sum(axis=0)
        staffed = tallies[:, ROLE_FIELDS.index("minutes_staffed")]
        overtime = tallies[:, ROLE_FIELDS.index("minutes_overtime")]
        used = tallies[:, ROLE_FIELDS.index("minutes_used")] - overtime
        for position, role in enumerate(design.catalogue.roles.values()):
            if staffed[position] > 0 and used[position] >= FULLY_BOOKED * staffed[position]:
                share = 100.0 * used[position] / staffed[position]
                whose = f"the {role.label.lower()}'s minutes"
                found.append((design, f"{whose} are {share:.0f} % used, so sessions wait"))
    return told_of(found, study.designs)


def _doses_beyond(study: Study) -> list[str]:
    """What doses cost for which staff had no time, and how often intake was closed for them."""
    found = []
    for design, years in study.open_designs():
        everyone = years.values(years.groups.index(EVERYONE)).mean(axis=0)

        def mean(outcome: str, of: Array = everyone) -> float:
            return float(of[OUTCOMES.index(named(outcome))])

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


def _withheld(study: Study) -> list[str]:
    found = [
        (
            design,
            f"everything is withheld, because fewer than {SMALLEST_SHOWN} people of a roster stand "
            "behind it",
        )
        for design, closed in zip(study.designs, study.stacked.closed, strict=True)
        if closed
    ]
    told = told_of(found, study.designs)
    groups = study.stacked.withheld
    if EVERYONE in groups and not told:
        told.append(
            f"Nearly everything is withheld: fewer than {SMALLEST_SHOWN} people asked for "
            "treatment."
        )
    elif groups and EVERYONE not in groups:
        told.append(
            f"Withheld because they have fewer than {SMALLEST_SHOWN} people: {', '.join(groups)}."
        )
    return told
