"""Budgets: what a service costs comes out of its money, and without money it is not given.

Money comes by the week, a day's share for each day of it that the run has left. What is not spent
is kept, up to a month's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule
from txsim.state.layout import SUPPORT, ClinicState
from txsim.state.sizes import TOLERANCE
from txsim.units import DAYS_PER_MONTH

if TYPE_CHECKING:
    from txsim.state.records import ServiceRow


@rule
def has_budget(service: ServiceRow) -> bool:
    """Whether a service may spend only so much."""
    return service.budget_per_day >= 0.0


@rule
def can_pay(service: ServiceRow, cost: float) -> bool:
    """Whether there is money for a session, or for a day's use."""
    return not has_budget(service) or service.pot >= cost - TOLERANCE


@rule
def pay(service: ServiceRow, cost: float) -> None:
    """Spend money on a session, or on a day's use."""
    service.spent += cost
    if has_budget(service):
        service.pot = max(service.pot - cost, 0.0)


@rule
def money_of_the_week(service: ServiceRow, day: int, horizon: int) -> float:
    """The pot on the first day of a week, or of the run; on day 0 nothing is left from before."""
    kept = service.pot if day != 0 else 0.0
    days = min(7 - day % 7, horizon - day)
    return min(kept + days * service.budget_per_day, DAYS_PER_MONTH * service.budget_per_day)


@rule
def renew_budgets(state: ClinicState, day: int) -> None:
    """On the first day of a week, and on the first of all, services get their money."""
    p = state.scalars[0]
    for s in range(state.services.size):
        service = state.services[s]
        service.claimed = 0.0
        if has_budget(service) and (day % 7 == 0 or day == p.opening):
            service.pot = money_of_the_week(service, day, p.horizon)


@rule
def pay_for_places(state: ClinicState) -> None:
    """Pay for all places of supports that have no budget, taken or not."""
    for s in range(state.services.size):
        service = state.services[s]
        if service.offered and service.kind == SUPPORT and not has_budget(service):
            service.spent += service.places * service.place_day_cost


@rule
def cost_of_a_use(service: ServiceRow) -> float:
    """What a support costs for a day's use: a place that is paid for anyway comes without."""
    paid_for = service.places > 0 and not has_budget(service)
    cost: float = service.cost + (0.0 if paid_for else service.place_day_cost)
    return cost
