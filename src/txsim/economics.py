"""What a design costs in a year, from the price table that its catalogue carries.

Two figures: what a simulated run spent (`cost_of_run`) by the posts, budgets and prices in force on
each day of the accrual window, and what the design sets aside before anybody comes (`fixed_cost`),
which is the part that can be made equal between designs by hand or by `equal_money`. Overhead is a
share of wages that a design of the same house does not change: it stands in totals, and where
designs are compared it is left out. Money is in the price table's currency and the prices of its
year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from txsim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from txsim.catalogue import Catalogue, Number, Service
    from txsim.catalogue.draw import Draw
    from txsim.clinic.accounts import Account
    from txsim.run import Run
    from txsim.scenario import Scenario

YEAR_DAYS = 365.0
WEEKS_A_YEAR = YEAR_DAYS / 7.0
MONTHS_A_YEAR = 12.0

WORTH_A_WARNING = 0.05
"""Designs whose yearly cost differs by more than this share are compared with a warning."""

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
    """Yearly cost of a programme by what it is spent on."""

    staff: float
    """Wages with fringe benefits and overhead, overtime, agency staff, and filling vacancies."""
    medication: float
    services: float
    """Rooms, urine tests, rides, vouchers, beds, inpatient days and what else sessions cost beyond
    staff."""
    overhead: float = 0.0
    """What of the staff cost is overhead."""

    @property
    def total(self) -> float:
        """Staff, medication and services."""
        return self.staff + self.medication + self.services

    @property
    def staff_before_overhead(self) -> float:
        """Staff without overhead."""
        return self.staff - self.overhead

    @property
    def before_overhead(self) -> float:
        """All but overhead, by which designs are compared."""
        return self.total - self.overhead

    def __add__(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(
            self.staff + other.staff,
            self.medication + other.medication,
            self.services + other.services,
            self.overhead + other.overhead,
        )

    def per(self, years: float) -> Cost:
        """The cost of each of so many years."""
        parts = (self.staff, self.medication, self.services, self.overhead)
        return Cost(*(part / years for part in parts))


class Prices:
    """The prices of a run: the scenario's price table, or one draw of it.

    A draw is keyed by the path of the price, so all designs of a replication pay the same prices. A
    price that the planner gave herself is never drawn.
    """

    def __init__(self, catalogue: Catalogue, draw: Draw | None = None) -> None:
        self.catalogue = catalogue
        self.draw = draw
        self._known: dict[str, float] = {}

    @classmethod
    def of_run(cls, run: Run) -> Self:
        """The prices in force in a run."""
        return cls(run.scenario.catalogue, run.drawn)

    def of(self, catalogue: Catalogue) -> Prices:
        """The prices of another design's catalogue, in the same draw."""
        return self if catalogue is self.catalogue else Prices(catalogue, self.draw)

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


def wages_of(scenario: Scenario, years: Mapping[str, float], prices: Prices) -> float:
    """Wages with fringe benefits for so many years of a whole post in each role."""
    roles = scenario.catalogue.roles
    wages = sum(
        worked * prices.value(f"roles.{role}.wage_per_year", roles[role].wage_per_year)
        for role, worked in years.items()
    )
    return float(wages * (1.0 + prices.cost("fringe")))


def staff_cost(scenario: Scenario) -> float:
    """A year's wages of all posts, filled all year, with fringe benefits, before overhead."""
    posts = {role: post.posts for role, post in scenario.staff.items()}
    return wages_of(scenario, posts, Prices(scenario.catalogue))


def years_paid(account: Account) -> dict[str, float]:
    """Years of whole posts that were paid, by role: those filled, and vacant ones where so said."""
    roles = account.used.roles
    days = roles["filled_days"].copy()
    if account.scenario.clinic.vacant_posts == "paid":
        days += roles["vacant_days"]
    names = account.scenario.catalogue.roles
    return {name: float(paid) / YEAR_DAYS for name, paid in zip(names, days, strict=True) if paid}


def overtime_cost(account: Account, prices: Prices) -> float:
    """Pay for all overtime of an account.

    A minute is paid as a role's other minutes times `overtime_pay`, without fringe benefits and
    overhead, which do not grow with it.
    """
    return prices.cost("overtime_pay") * wages_for(account, "minutes_overtime", prices)


def agency_cost(account: Account, prices: Prices) -> float:
    """Price of all agency staff of an account, who give doses for which no one else has time."""
    return prices.cost("agency_pay") * wages_for(account, "minutes_agency", prices)


def wages_for(account: Account, minutes: str, prices: Prices) -> float:
    """What the minutes of a kind, summed over roles, would cost at each role's wage."""
    paid = 0.0
    roles = account.scenario.catalogue.roles
    for (name, role), worked in zip(roles.items(), account.used.roles[minutes], strict=True):
        if worked > 0.0:
            wage = prices.value(f"roles.{name}.wage_per_year", role.wage_per_year)
            week = prices.value(f"roles.{name}.minutes_per_week", role.minutes_per_week)
            # Posts may be without minutes of their own; what others work for them has a price.
            week = week or minutes_of_a_usual_post()
            paid += float(worked) * wage / (week * WEEKS_A_YEAR)
    return paid


def minutes_of_a_usual_post() -> float:
    """Minutes a week of a whole post of a role that says nothing of them."""
    from txsim.catalogue import Role

    return float(Role.model_fields["minutes_per_week"].default.value)


def fixed_cost(scenario: Scenario, before: Scenario | None = None) -> float:
    """What a design sets aside for a year whoever comes: posts, budgets, beds, group rooms.

    Before overhead. Where the design begins later, and the clinic is run as `before` until then,
    both count for their share of the days that are paid.
    """
    before = before or scenario.before
    share = share_in_force(scenario)
    whole = cost_of_a_whole_year(scenario)
    if share >= 1.0 or before is None:
        return whole
    return share * whole + (1.0 - share) * fixed_cost(before)


def cost_of_a_whole_year(scenario: Scenario) -> float:
    """What a design sets aside for a year in which it is in force from the first day."""
    prices = Prices(scenario.catalogue)
    services = 0.0
    for service in scenario.catalogue.services.values():
        if service.offered:
            services += service.groups_per_week * WEEKS_A_YEAR * prices.cost("room_per_group")
            if service.budget_per_month is None:
                services += service.places * service.cost_per_place_day.value * YEAR_DAYS
            else:
                services += service.budget_per_month * MONTHS_A_YEAR
            if service.kind == "practice":
                services += service.cost_per_session.value * YEAR_DAYS / service.every_days
    return staff_cost(scenario) + services


def share_in_force(scenario: Scenario) -> float:
    """Share of the days that are paid on which a design is in force; half of a ramp counts."""
    days = float(scenario.horizon.days)
    left = max(days - scenario.change.from_day, 0.0)
    ramp = 7.0 * scenario.change.ramp_weeks
    grown = left - ramp / 2.0 if ramp <= left else left * left / (2.0 * ramp)
    return grown / days


def cost_of_run(run: Run, prices: Prices | None = None) -> Cost:
    """A year's cost as this run spent it in the days that are paid, from day 0 on.

    Each day is paid by what was in force on it: posts filled (and vacant ones, where the clinic
    pays them), prices, budgets; everything else as it was used.
    """
    prices = prices or Prices.of_run(run)
    days = sum(account.days for account in run.accounts)
    spent = Cost(0.0, 0.0, 0.0)
    for account in run.accounts:
        spent += cost_of_account(account, prices.of(account.scenario.catalogue))
    return spent.per(days / YEAR_DAYS)


def cost_of_account(account: Account, prices: Prices) -> Cost:
    """What one design cost over the days of an account."""
    catalogue, used = account.scenario.catalogue, account.used
    years = account.days / YEAR_DAYS
    wages = wages_of(account.scenario, years_paid(account), prices)
    overhead = wages * prices.cost("overhead")
    hiring = float(used.roles["departures"].sum()) * prices.cost("hiring")
    beyond_posts = hiring + overtime_cost(account, prices) + agency_cost(account, prices)
    medication = sum(
        float(days)
        * (account.scenario.medication.dose if entry.agonist else 1.0)
        * prices.value(f"medications.{name}.cost_per_day", entry.cost_per_day)
        for days, (name, entry) in zip(
            used.medication_days, catalogue.medications.items(), strict=True
        )
        if days > 0
    )
    services = sum(
        spent_on(name, service, tallies, prices, years)
        for (name, service), tallies in zip(catalogue.services.items(), used.services, strict=True)
    )
    return Cost(
        staff=wages + overhead + beyond_posts,
        medication=medication,
        services=services
        + used.urines * prices.cost("urine_test")
        + used.inpatient_days * prices.cost("inpatient_day"),
        overhead=overhead,
    )


def spent_on(name: str, service: Service, tallies: Any, prices: Prices, years: float) -> float:
    """Money for one service over a run beyond staff, from what was delivered.

    What sessions, uses and places cost was counted on the day, at the prices in force there, and
    never exceeds a budget. A room is paid by the time a session takes, against the
    length that its price is for, a practice its price every
    `every_days` days.
    """
    spent = float(tallies["spent"])
    if service.kind == "practice" and service.offered:
        price = prices.value(f"services.{name}.cost_per_session", service.cost_per_session)
        spent += price * YEAR_DAYS * years / service.every_days
    if service.kind == "individual":
        lengths = float(tallies["kept"]) * service.minutes / prices.cost("room_session_minutes")
        spent += lengths * prices.cost("room_per_session")
    return spent + float(tallies["groups_held"]) * prices.cost("room_per_group")


def equal_money(
    scenarios: Sequence[Scenario], lever: str, other_cost: Sequence[float] | None = None
) -> list[Scenario]:
    """Return the designs with a lever of each later one set so that all cost a year the same.

    Overhead is left out.

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
            _with_cost(scenario, scenarios[0], lever, target - other, target)
            for scenario, other in zip(scenarios[1:], others[1:], strict=True)
        ),
    ]


def _with_cost(
    scenario: Scenario, first: Scenario, lever: str, wanted: float, target: float
) -> Scenario:
    """The design with the lever moved until its fixed cost is `wanted`.

    What comes in whole numbers is moved to the nearest.
    """
    present = _lever_value(scenario, lever)
    cost = fixed_cost(scenario, first)
    step = 1.0 if isinstance(present, int) else max(abs(present) * FIRST_STEP, 1.0)
    slope = (fixed_cost(_moved(scenario, lever, present + step), first) - cost) / step
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
            over = fixed_cost(_moved(scenario, lever, 0.0), first) - wanted
            why = f"even without any it costs {over:,.0f} a year more than the first design"
            raise _refused(scenario, lever, why)
        found = _moved(scenario, lever, amount)
        cost = fixed_cost(found, first)
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
    """Sentences on designs whose yearly cost is far from the first's; empty when all are close.

    `totals` are the first design's cost, and the others' as it is plus what they differ by.
    """
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
