"""Who asks for treatment under a design, and how designs differ in that.

People are the same under two designs when everything that settles who asks on which day of those
counted is the same: how many ask and how they come, the case mix or the roster's content, shares of
traits, diagnoses and barriers with what they go together with, distance, the states in which people
ask, and the days counted and followed. What a trait, diagnosis or barrier does to people is no
property of theirs, and how the clinic opens changes nobody who asks from day 0 on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from txsim.errors import ScenarioError
from txsim.formatting import listed, lower

if TYPE_CHECKING:
    from txsim.catalogue import Number
    from txsim.catalogue.entries import Mix
    from txsim.clinic.lineage import Path
    from txsim.scenario import Scenario

Settled = dict[str, object]
"""What settles who asks, by the words for it."""

HOW_MANY, COUNTED, FOLLOWED = "how many ask", "the days counted", "the days followed"
WHO = "who they are"
ONE_BY_ONE = frozenset({HOW_MANY, COUNTED, FOLLOWED})
"""Where designs differ in nothing else, whoever asks under both is the same person in both."""

FEATURES = ("traits", "diagnoses", "barriers")
MOST_NAMED = 3
"""Traits, diagnoses and barriers that are named, if no more differ."""


class Asking:
    """Who asks under each of several designs, the first of which others may go on from."""

    def __init__(self, designs: Sequence[Scenario]) -> None:
        from txsim.clinic.lineage import paths_of

        self._designs = designs
        try:
            self._paths = paths_of(designs)
        except ScenarioError:
            # What cannot go on from the first design was not run so: each has its own people.
            self._paths = [((design, None),) for design in designs]

    def differing(self, design: int, other: int) -> tuple[str, ...]:
        """How the people who are counted differ between two designs, in words; none if not."""
        one, two = self._designs[design], self._designs[other]
        found: dict[str, None] = dict.fromkeys(_apart(_of_the_run(one), _of_the_run(two)))
        pair = self._paths[design], self._paths[other]
        last = max(one.horizon.days, two.horizon.days)
        for day in sorted({0, *(day for path in pair for _, day in path if day)}):
            if day < last:
                # People are of the design that holds on the day on which they first ask.
                found |= dict.fromkeys(_between(*(_in_force(path, day) for path in pair)))
        return tuple(found)

    def same_opening(self, design: int, other: int) -> bool:
        """Whether two designs have their people of day 0 from one clinic."""
        return self._paths[design][0][0] == self._paths[other][0][0]


def same_people(one: Scenario, other: Scenario) -> bool:
    """Whether the same people ask under two designs, and are followed for as long."""
    return not Asking([one, other]).differing(0, 1)


def _apart(one: Settled, other: Settled) -> Iterator[str]:
    return (words for words in one if one[words] != other[words])


def _in_force(path: Path, day: int) -> Scenario:
    """The design by which a clinic is run on a day."""
    return next(one for one, begins in reversed(path) if begins is None or begins <= day)


def _between(one: Scenario, other: Scenario) -> Iterator[str]:
    yield from _apart(_who(one), _who(other))
    before, after = _features(one), _features(other)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if len(names) > MOST_NAMED:
        yield "how many have which traits, diagnoses and barriers"
    elif names:
        called = [f'"{_called(name, one, other)}"' for name in names]
        yield f"the share{'s' if len(called) > 1 else ''} of {listed(called)}"


def _called(name: str, *designs: Scenario) -> str:
    entries = (
        entry
        for design in designs
        for table in FEATURES
        if (entry := getattr(design.catalogue, table).get(name)) is not None
    )
    return lower(next(entries).label)


def _of_the_run(scenario: Scenario) -> Settled:
    from txsim.outcomes.follow_up import follow_up_days

    return {
        COUNTED: scenario.horizon.days,
        FOLLOWED: follow_up_days(scenario),
    }


def _who(scenario: Scenario) -> Settled:
    catalogue, population, arrivals = scenario.catalogue, scenario.population, scenario.arrivals
    mix, name = _mix(scenario)
    cohort = arrivals.cohort
    distance = population.distance_km
    streams = [(one, arrivals.streams.get(one, 0.0)) for one in catalogue.streams]
    return {
        HOW_MANY: ("a week", arrivals.per_week) if cohort is None else ("at once", cohort),
        WHO: population.people,
        "how they come": [(one, share) for one, share in streams if share > 0.0],
        "the roster": scenario.roster_content,
        "their substance": None if population.roster else mix.opioid_share.value,
        "their age": (mix.age_mean.value, mix.age_sd.value, mix.age_min.value),
        "the distance to the clinic": (
            (distance.median, distance.p90)
            if distance
            else (
                _drawn(f"{name}.median", mix.distance_median_km),
                _drawn(f"{name}.p90", mix.distance_p90_km),
            )
        ),
        "their use before asking": (
            mix.use_days.value,
            mix.detoxified_share.value,
            _drawn("", catalogue.model["use_days_sd"]),
        ),
        "how they begin": (arrivals.abstinent_days,) if cohort is not None else (),
        "how soon they leave": _drawn(f"{name}.leaving", mix.leaving),
        "the states in which they ask": {
            one: states
            for one, entry in catalogue.mediators.items()
            if any(states := (_drawn("", entry.start), _drawn("", entry.spread)))
        },
    }


def _mix(scenario: Scenario) -> tuple[Mix, str]:
    """The case mix, which beside a roster settles what that leaves open, and its name."""
    mixes = scenario.catalogue.mixes
    name = scenario.population.mix or next(iter(mixes))
    return mixes[name], name


def _features(scenario: Scenario) -> dict[str, object]:
    """How many have each trait, diagnosis and barrier, and what it goes together with."""
    mix, mix_name = _mix(scenario)
    # Of a roster's people any substance may be wanted; of a mix, those that it has.
    of_opioids = 0.5 if scenario.population.roster else mix.opioid_share.value
    substances = [
        substance
        for substance, share in (("opioid", of_opioids), ("alcohol", 1.0 - of_opioids))
        if share > 0.0
    ]
    found: dict[str, object] = {}
    for table in FEATURES:
        for name, entry in getattr(scenario.catalogue, table).items():
            if name in scenario.population.shares:
                share: Any = scenario.population.shares[name]
            elif name in mix.shares:
                share = _drawn(mix_name, mix.shares[name])
            else:
                each = {one: getattr(entry, one) for one in substances}
                share = {one: _drawn("", number) for one, number in each.items() if number}
                share = {one: drawn for one, drawn in share.items() if drawn}
            if share:
                burden = getattr(entry, "burden", None)
                found[name] = (
                    share,
                    getattr(entry, "loadings", {}),
                    burden and _drawn("", burden),
                    getattr(entry, "distance", False),
                )
    return found


def _drawn(path: str, number: Number) -> tuple[str, float, str, float] | None:
    """All that settles the value of a number in each draw; None where it is nothing in all."""
    if number.value == 0.0 and number.spread == 0.0:
        return None
    return (path if number.spread else "", number.value, number.unit, number.spread)
