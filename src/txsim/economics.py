"""What a design costs in a year, from the price table that its catalogue carries.

Two figures: what a simulated run spent (`cost_of_run`), and what the design sets aside before
anybody comes (`planned_cost`), which is the part that can be made equal between designs by hand or
by `equal_money`. Money is in the price table's currency and the prices of its year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from txsim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from txsim.catalogue import Catalogue, Number, Service
    from txsim.people.draws import ParameterDraw
    from txsim.run import Run
    from txsim.scenario import Scenario

YEAR_DAYS = 365.0
WEEKS_A_YEAR = YEAR_DAYS / 7.0
MONTHS_A_YEAR = 12.0

WORTH_A_WARNING = 0.05
"""Designs whose yearly cost differs by more than this share are not compared without a word about
it."""

TO_THE_THOUSAND = 10_000.0
"""Amount from which money is told in whole thousands."""

CLOSE_ENOUGH = 1e-6
"""Share of the first design's cost within which equal money counts as equal."""

FIRST_STEP = 0.5
"""Share of a lever's amount by which it is moved to see what it costs."""

ROUNDS = 20
"""Corrections of a lever after which equal money is given up."""


@dataclass(frozen=True)
class Cost:
    """A year's cost of a programme by what it is spent on."""

    staff: float
    """Wages with fringe benefits and overhead, overtime, and filling vacancies."""
    medication: float
    services: float
    """Rooms, urine tests, rides, vouchers, beds and what else sessions cost beyond staff."""

    @property
    def total(self) -> float:
        """Staff, medication and services."""
        return self.staff + self.medication + self.services


class Prices:
    """The prices a run is paid at: the scenario's price table, or one draw of it.

    A draw is keyed by the path of the price, so all designs of a replication pay the same prices. A
    price that the planner gave herself is never drawn.
    """

    def __init__(self, catalogue: Catalogue, draw: ParameterDraw | None = None) -> None:
        self.catalogue = catalogue
        self.draw = draw
        self._known: dict[str, float] = {}

    @classmethod
    def of_run(cls, run: Run) -> Self:
        """The prices in force in a run."""
        from txsim.people.draws import ParameterDraw

        return cls(run.scenario.catalogue, ParameterDraw(run.seed, run.draw))

    def value(self, path: str, number: Number) -> float:
        """Value in force of the number at a path of the catalogue."""
        if self.draw is None:
            return number.value
        if path not in self._known:
            self._known[path] = self.draw.value(path, number)
        return self._known[path]

    def cost(self, name: str) -> float:
        """Value in force of an entry of the price table, such as "overdose_event"."""
        return self.value(f"costs.{name}", getattr(self.catalogue.costs, name))

    def quality(self, whose: str, state: str) -> float:
        """Quality weight in force of a state, by one of the utility sets."""
        return self.value(
            f"costs.quality.{whose}.{state}", self.catalogue.costs.quality[whose][state]
        )


def staff_cost(scenario: Scenario, prices: Prices | None = None) -> float:
    """A year's wages of all posts, with fringe benefits and overhead."""
    prices = prices or Prices(scenario.catalogue)
    wages = sum(
        post.posts
        * prices.value(f"roles.{role}.wage_per_year", scenario.catalogue.roles[role].wage_per_year)
        for role, post in scenario.staff.items()
    )
    return float(wages * (1.0 + prices.cost("fringe")) * (1.0 + prices.cost("overhead")))


def overtime_cost(run: Run, prices: Prices) -> float:
    """Pay for all overtime of a run.

    A minute is paid as a role's other minutes times `overtime_pay`, without fringe benefits and
    overhead, which do not grow with it.
    """
    paid = 0.0
    roles = run.scenario.catalogue.roles
    for (name, role), minutes in zip(roles.items(), run.roles["minutes_overtime"], strict=True):
        if minutes > 0.0:
            wage = prices.value(f"roles.{name}.wage_per_year", role.wage_per_year)
            week = prices.value(f"roles.{name}.minutes_per_week", role.minutes_per_week)
            paid += float(minutes) * wage / (week * WEEKS_A_YEAR)
    return paid * prices.cost("overtime_pay")


def fixed_cost(scenario: Scenario) -> float:
    """What a design sets aside for a year whoever comes: posts, budgets, beds, group rooms."""
    prices = Prices(scenario.catalogue)
    services = 0.0
    for service in scenario.catalogue.services.values():
        if service.offered:
            services += service.groups_per_week * WEEKS_A_YEAR * prices.cost("room_per_group")
            services += service.places * service.cost_per_place_day.value * YEAR_DAYS
            services += service.budget_per_month * MONTHS_A_YEAR
    return staff_cost(scenario, prices) + services


def cost_of_run(run: Run, prices: Prices | None = None) -> Cost:
    """A year's cost as this run spent it: posts as designed, everything else as it was used."""
    prices = prices or Prices.of_run(run)
    catalogue = run.scenario.catalogue
    years = run.calendar.shape[0] / YEAR_DAYS
    hiring = float(run.roles["departures"].sum()) * prices.cost("hiring")
    medication = sum(
        float(days)
        * (run.scenario.medication.dose if entry.agonist else 1.0)
        * prices.value(f"medications.{name}.cost_per_day", entry.cost_per_day)
        for days, (name, entry) in zip(
            run.medication_days, catalogue.medications.items(), strict=True
        )
        if days > 0
    )
    urines = float(run.patients["urines"].sum()) * prices.cost("urine_test")
    services = sum(
        spent_on(name, service, tallies, prices, years)
        for (name, service), tallies in zip(catalogue.services.items(), run.services, strict=True)
        if service.offered
    )
    return Cost(
        staff=staff_cost(run.scenario, prices) + (hiring + overtime_cost(run, prices)) / years,
        medication=medication / years,
        services=(services + urines) / years,
    )


def spent_on(name: str, service: Service, tallies: Any, prices: Prices, years: float) -> float:
    """Money for one service over a run beyond staff, from what was delivered.

    A room is paid by the time a session takes, against the length that its price is for. Beds are
    paid for whether taken or not. Rides and places under a budget never cost more than it; a budget
    that none of them draws on is spent whole.
    """
    path = f"services.{name}"
    mode = service.modes.get(service.mode)
    each_use = 0.0
    if mode is not None:
        each_use = prices.value(f"{path}.modes.{service.mode}.cost_per_use", mode.cost_per_use)
    each_place_day = prices.value(f"{path}.cost_per_place_day", service.cost_per_place_day)
    kept = float(tallies["kept"])
    spent = kept * prices.value(f"{path}.cost_per_session", service.cost_per_session)
    if service.kind == "individual":
        lengths = kept * service.minutes / prices.cost("room_session_minutes")
        spent += lengths * prices.cost("room_per_session")
    spent += float(tallies["groups_held"]) * prices.cost("room_per_group")
    place_days = service.places * YEAR_DAYS * years or float(tallies["place_days"])
    support = float(tallies["uses"]) * each_use + place_days * each_place_day
    budget = service.budget_per_month * MONTHS_A_YEAR * years
    if budget > 0.0:
        drawn_on = each_use > 0.0 or each_place_day > 0.0
        support = min(support, budget) if drawn_on else budget
    return spent + support


def equal_money(
    scenarios: Sequence[Scenario], lever: str, other_cost: Sequence[float] | None = None
) -> list[Scenario]:
    """Return the designs with a lever of each later one set so that all cost a year the same.

    The lever is a path such as "staff.counsellor.posts" or
    "services.transport_aid.budget_per_month". `other_cost` is what each design is known to spend
    beyond its fixed cost (from a trial run); left out, only fixed costs are made equal. Raises
    ScenarioError, saying which design and why, when no amount of the lever will do.
    """
    others = list(other_cost) if other_cost is not None else [0.0] * len(scenarios)
    target = fixed_cost(scenarios[0]) + others[0]
    return [
        scenarios[0],
        *(
            _with_cost(scenario, lever, target - other, target)
            for scenario, other in zip(scenarios[1:], others[1:], strict=True)
        ),
    ]


def _with_cost(scenario: Scenario, lever: str, wanted: float, target: float) -> Scenario:
    """The design with the lever moved until its fixed cost is `wanted`.

    What comes in whole numbers is moved to the nearest.
    """
    present = _lever_value(scenario, lever)
    cost = fixed_cost(scenario)
    step = 1.0 if isinstance(present, int) else max(abs(present) * FIRST_STEP, 1.0)
    slope = (fixed_cost(_moved(scenario, lever, present + step)) - cost) / step
    if slope == 0.0:
        raise _refused(scenario, lever, "it does not change what the design sets aside")
    tolerance = CLOSE_ENOUGH * max(target, 1.0)
    if isinstance(present, int):
        tolerance = max(tolerance, abs(slope))
    found, amount = scenario, float(present)
    # Every lever's cost rises in a straight line, so one correction is enough but for rounding.
    for _ in range(ROUNDS):
        if abs(cost - wanted) <= tolerance:
            return found
        amount += (wanted - cost) / slope
        if amount < 0.0:
            over = fixed_cost(_moved(scenario, lever, 0.0)) - wanted
            why = f"even without any it costs {over:,.0f} a year more than the first design"
            raise _refused(scenario, lever, why)
        found = _moved(scenario, lever, amount)
        cost = fixed_cost(found)
    raise _refused(scenario, lever, "no amount makes the costs equal")


def _lever_value(scenario: Scenario, lever: str) -> float | int:
    try:
        found: object = scenario.value(lever)
    except KeyError:
        raise _refused(scenario, lever, "there is nothing of this name in the design") from None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise _refused(scenario, lever, "it is not an amount")
    return found


def _moved(scenario: Scenario, lever: str, amount: float) -> Scenario:
    whole = isinstance(_lever_value(scenario, lever), int)
    changes: dict[str, Any] = {lever: max(round(amount), 0) if whole else amount}
    return scenario.with_changes(name=None, **changes)


def _refused(scenario: Scenario, lever: str, why: str) -> ScenarioError:
    return ScenarioError(
        Problem(path=lever, message=f"cannot make the yearly cost of {scenario.name} equal: {why}")
    )


def cost_warning(names: Sequence[str], totals: Sequence[float], currency: str) -> str:
    """Sentences on designs whose yearly cost is far from the first's; empty when all are close."""
    if not totals or totals[0] <= 0.0:
        return ""
    apart = []
    for name, total in zip(names[1:], totals[1:], strict=True):
        share = total / totals[0] - 1.0
        if abs(share) > WORTH_A_WARNING:
            gap = abs(total - totals[0])
            amount = f"{round(gap, -3) if gap >= TO_THE_THOUSAND else gap:,.0f}"
            more = "more" if share > 0.0 else "less"
            apart.append(f"{name} costs {currency} {amount} {more} a year ({100 * share:+.0f} %)")
    if not apart:
        return ""
    return (
        f"The designs do not cost the same. Against {names[0]}, {'; '.join(apart)}. "
        "Part of what differs may be what money buys anywhere."
    )
