"""How much a design would simulate: people, days, posts and seats, and the most that is accepted.

Each figure of a scenario has limits of its own; their totals are limited here, before
anything is simulated, so that a slip in one of them is told instead of filling the memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from txsim.catalogue import Catalogue
from txsim.catalogue.limits import MOST_STAFF
from txsim.scenario.design import Scenario
from txsim.scenario.mistakes import Mistake
from txsim.scenario.toml_lines import Path

MOST_SIMULATED = 150_000
"""People in all; 100,000 beside those who were here before the clinic opens."""

MOST_DAYS_LIVED = 40_000_000
"""Days of people: 100,000 people for a year, or 10,000 for ten."""

LARGE = 10_000.0
"""People in care, in a cohort or asking in a year: with so many it is not for the days that a
design is too large."""

MOST_SEATS_A_WEEK = 100_000
"""Seats of the groups of one service."""

MOST_FIGURES = 11_000_000
"""Figures kept about people, which fill the memory: for each person four for each service offered,
two for each diagnosis and barrier, one for each trait and mediator."""


@dataclass(frozen=True)
class Extent:
    """How many people a design simulates, and for how long."""

    past: int
    """People who left, or gave up waiting, before the clinic opens: about as many as asked in the
    years in which they may ask again."""
    present: int
    """People in care when the clinic opens."""
    asking: int
    """People who ask for treatment until the end, on average; of a cohort, all."""
    days: int
    """Days from the opening to the end, those of the burn-in among them."""

    @property
    def living_here(self) -> int:
        """People in care at the opening, and all who ask."""
        return self.present + self.asking

    @property
    def people(self) -> int:
        """Everybody."""
        return self.past + self.living_here


def extent_of(scenario: Scenario, catalogue: Catalogue) -> Extent:
    """How many people a design would simulate by its figures, and for how many days."""
    horizon, arrivals, clinic = scenario.horizon, scenario.arrivals, scenario.clinic
    if arrivals.cohort is not None:
        return Extent(0, 0, arrivals.cohort, scenario.days_simulated)
    weekly = arrivals.per_week / 7.0
    if horizon.start == "empty":
        days = scenario.days_simulated
        return Extent(0, 0, ceil(weekly * days), days)
    days = scenario.days_simulated + horizon.burn_in_days
    years = catalogue.model["asks_again_years"].value if scenario.mechanisms.past_patients else 0.0
    return Extent(
        ceil(weekly * 365.0 * years),
        round(clinic.places * clinic.caseload_at_start),
        ceil(weekly * days),
        days,
    )


def beyond_size(scenario: Scenario, catalogue: Catalogue) -> Iterator[Mistake]:
    """What is too much about a design, each at the key that weighs most in it."""
    yield from _people(scenario, catalogue)
    yield from _figures(scenario, catalogue)
    posts = {role: section.posts for role, section in scenario.staff.items()}
    if sum(posts.values()) > MOST_STAFF:
        yield Mistake(
            ("staff", max(posts, key=posts.__getitem__), "posts"),
            "the posts of all roles together are too many",
            got=f"{sum(posts.values()):,g}",
            allowed=f"at most {MOST_STAFF:,}",
        )
    for name, service in catalogue.services.items():
        seats = service.seats * service.groups_per_week
        if seats > MOST_SEATS_A_WEEK:
            yield Mistake(
                ("services", name, "sessions_per_week"),
                "these groups have too many seats",
                got=f"{seats:,.0f} a week",
                allowed=f"at most {MOST_SEATS_A_WEEK:,}",
            )


def _people(scenario: Scenario, catalogue: Catalogue) -> Iterator[Mistake]:
    extent = extent_of(scenario, catalogue)
    if extent.people > MOST_SIMULATED:
        came = (
            f"{extent.past:,} who asked before, {extent.present:,} in care at the opening and "
            f"{extent.asking:,} asking"
        )
        yield Mistake(
            _key_of_people(scenario, extent),
            f"this would simulate {extent.people:,} people, {came} in {extent.days:,} days",
            allowed=f"at most {MOST_SIMULATED:,}",
        )
        return
    lived = extent.living_here * extent.days
    if lived > MOST_DAYS_LIVED:
        many = max(extent.present, scenario.arrivals.cohort or 52.0 * scenario.arrivals.per_week)
        yield Mistake(
            _key_of_people(scenario, extent) if many > LARGE else _longest(scenario),
            f"this would simulate {extent.living_here:,} people over {extent.days:,} days, "
            f"{lived:,} days of people",
            allowed=f"at most {MOST_DAYS_LIVED:,}",
        )


def _longest(scenario: Scenario) -> Path:
    """The key that most of the days come from."""
    cohort = scenario.arrivals.cohort is not None
    names = ("days",) if cohort else ("days", "follow_up_days", "burn_in_days")
    return ("horizon", max(names, key=lambda name: int(getattr(scenario.horizon, name))))


def _key_of_people(scenario: Scenario, extent: Extent) -> Path:
    """The key that most of the people come from."""
    if scenario.arrivals.cohort is not None:
        return ("arrivals", "cohort")
    mostly_present = extent.present > extent.past + extent.asking
    return ("clinic", "places") if mostly_present else ("arrivals", "per_week")


def _figures(scenario: Scenario, catalogue: Catalogue) -> Iterator[Mistake]:
    extent = extent_of(scenario, catalogue)
    needs = len(catalogue.diagnoses) + len(catalogue.barriers)
    offered = sum(service.offered for service in catalogue.services.values())
    each = 4 * offered + 2 * needs + len(catalogue.traits) + len(catalogue.mediators)
    figures = extent.living_here * each
    if extent.people <= MOST_SIMULATED and figures > MOST_FIGURES:
        yield Mistake(
            _key_of_people(scenario, extent),
            f"this would keep {figures:,} figures about people, {each} for each of "
            f"{extent.living_here:,}",
            allowed=f"at most {MOST_FIGURES:,}",
        )
