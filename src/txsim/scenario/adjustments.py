"""What a scenario changes in the catalogue beside its own blocks.

Weak evidence left out, the planner's own effects, and local figures for staff and prices all end
up in the catalogue that the scenario carries, so that nothing later need know of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from txsim.catalogue import Catalogue, Number, Service
from txsim.catalogue.references import channels_of
from txsim.scenario.blocks import LOCAL, overridden
from txsim.scenario.mistakes import Mistake, Nearest, shown_value, unknown
from txsim.scenario.schema import LocalEffect, Post, WaitingList
from txsim.scenario.toml_lines import Path

EFFECT_FIELDS: dict[str, tuple[str, ...]] = {
    "services": ("targets", "raises", "relieves", "pays_for", "links", "helps_find"),
    "diagnoses": ("effects", "early_effects", "symptom_effects"),
    "barriers": ("effects",),
}
"""Where the effects stand that `effects.grades` may leave out."""

FIGURES_OF_A_POST = (
    "caseload",
    "minutes_per_week",
    "direct_care_share",
    "supervision_minutes_per_week",
    "notes_minutes_per_session",
    "turnover_per_year",
    "leave_weeks_per_year",
    "hiring_lag_days",
    "wage_per_year",
)


def with_grades(catalogue: Catalogue, grades: str) -> Catalogue:
    """The catalogue with every effect of a grade not among `grades` set to no effect.

    The planner's own figures stay: she has decided to rest on them.
    """
    if grades == "ABCD":
        return catalogue
    changes: dict[str, dict[str, BaseModel]] = {}
    for table, fields in EFFECT_FIELDS.items():
        for name, entry in getattr(catalogue, table).items():
            update = {
                field: {
                    key: _without_effect(number) if _too_weak(number, grades) else number
                    for key, number in getattr(entry, field).items()
                }
                for field in fields
                if any(_too_weak(number, grades) for number in getattr(entry, field).values())
            }
            if update:
                changes.setdefault(table, {})[name] = entry.model_copy(update=update)
    return catalogue.with_entries(**changes)


def _too_weak(number: Number, grades: str) -> bool:
    return number.strength not in grades and number.source != LOCAL


def _without_effect(number: Number) -> Number:
    nothing = {"value": number.no_effect, "sd": None, "low": None, "high": None}
    note = f"left out: the evidence is of grade {number.strength}"
    return number.model_copy(update={**nothing, "note": note})


def with_local_effects(
    catalogue: Catalogue, effects: Mapping[str, Mapping[str, LocalEffect]]
) -> tuple[Catalogue, list[Mistake]]:
    """The catalogue with the planner's own figures as targets of her services."""
    mistakes: list[Mistake] = []
    services: dict[str, Service] = {}
    for name, by_target in effects.items():
        path: Path = ("effects", "override", name)
        service = catalogue.services.get(name)
        if service is None:
            mistakes.append(unknown("service", name, catalogue.services, path))
            continue
        for target, effect in by_target.items():
            found = _with_target(catalogue, service, target, effect, (*path, target))
            if isinstance(found, Mistake):
                mistakes.append(found)
            else:
                service = found
        services[name] = service
    return catalogue.with_entries(services=services), mistakes


def _with_target(
    catalogue: Catalogue, service: Service, target: str, effect: LocalEffect, path: Path
) -> Service | Mistake:
    """The service with one more target, or another figure for the one it has."""
    given = effect.figures()
    if len(given) != 1:
        allowed = "one of " + ", ".join(name for name in LocalEffect.FIGURES)
        return Mistake(path, "exactly one ratio or difference is needed", allowed=allowed)
    ((figure, value),) = given.items()
    if effect.range is not None and not effect.range[0] <= value <= effect.range[1]:
        low, high = effect.range
        return Mistake(
            (*path, "range"),
            "the limits must rise and hold the figure between them",
            got=f"{value:g} in {low:g} to {high:g}",
        )
    number: dict[str, Any] = {
        "value": value,
        "unit": figure.replace("_", " "),
        "source": effect.source,
    }
    if effect.range is not None:
        number |= {"low": effect.range[0], "high": effect.range[1]}
    change: dict[str, Any] = {"targets": {target: number}}
    if target not in service.targets:
        channel = _free_channel(catalogue, service, target)
        if channel is None:
            return Mistake(
                path,
                "the service has no way to act on this",
                got=shown_value(target),
                allowed=", ".join(service.targets) or "none",
                suggestion=Nearest(target, tuple(service.targets)),
            )
        change["through"] = [*service.through, channel]
        kept = {key: one for key, one in service.raises.items() if key != channel}
        service = service.model_copy(update={"raises": kept})
    try:
        return overridden(service, change)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = first["msg"].removeprefix("Value error, ").removeprefix(f"{target}: ")
        got = f"{figure.replace('_', ' ')} {value:g}"
        return Mistake((*path, figure) if figure in effect.figures() else path, message, got=got)


def _free_channel(catalogue: Catalogue, service: Service, target: str) -> str | None:
    """A channel on which the target can be reached and which the service does not use yet.

    One that the service raises anyway comes first; the solved effect then takes its place.
    """
    free = [one for one in channels_of(target, catalogue) if one not in service.through]
    return next((one for one in free if one in service.raises), free[0] if free else None)


def with_waiting_list(catalogue: Catalogue, waiting_list: WaitingList) -> Catalogue:
    """The catalogue in which what the waiting list promises is offered."""
    promised = {
        "interim_dosing": waiting_list.interim_dosing,
        "same_day_start": waiting_list.same_day_start > 0,
    }
    services = {
        name: catalogue.services[name].model_copy(update={"offered": True})
        for name, is_promised in promised.items()
        if is_promised and name in catalogue.services
    }
    return catalogue.with_entries(services=services) if services else catalogue


def with_posts(catalogue: Catalogue, staff: Mapping[str, Post]) -> Catalogue:
    """The catalogue with the scenario's own figures for its roles."""
    roles = {}
    for name, post in staff.items():
        figures = {
            figure: value
            for figure in FIGURES_OF_A_POST
            if (value := getattr(post, figure)) is not None
        }
        if figures and name in catalogue.roles:
            roles[name] = overridden(catalogue.roles[name], figures)
    return catalogue.with_entries(roles=roles) if roles else catalogue


def with_prices(
    catalogue: Catalogue, prices: Mapping[str, float]
) -> tuple[Catalogue, list[Mistake]]:
    """The catalogue with the scenario's own prices."""
    known = dict.fromkeys(price_paths(catalogue) if prices else ())
    mistakes = []
    for written, price in prices.items():
        place: Path = ("economics", "prices", written)
        path = written if written in known else f"costs.{written}"
        if path not in known:
            mistakes.append(_unknown_price(written, tuple(known), place))
            continue
        try:
            catalogue = _with_price(catalogue, path, price)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            message = first["msg"].removeprefix("Value error, ")
            mistakes.append(Mistake(place, message))
    return catalogue, mistakes


def price_paths(catalogue: Catalogue) -> list[str]:
    """The paths of all prices: money anywhere, and the surcharges of the price table."""
    return [
        path
        for path, number in catalogue.numbers()
        if number.unit.startswith("USD")
        or (path.startswith("costs.") and not path.startswith("costs.quality."))
    ]


def _unknown_price(written: str, known: tuple[str, ...], place: Path) -> Mistake:
    names = tuple(name.removeprefix("costs.") for name in known)
    table = ", ".join(name for name in names if "." not in name)
    return Mistake(
        place,
        "there is no price of this name",
        got=shown_value(written),
        allowed=f"{table}, or a price elsewhere by its path, such as roles.nurse.wage_per_year",
        suggestion=Nearest(written.removeprefix("costs."), names),
    )


def _with_price(catalogue: Catalogue, path: str, price: float) -> Catalogue:
    table, *keys = path.split(".")
    own = {"value": price, "source": LOCAL}
    if table == "costs":
        return replace(catalogue, costs=overridden(catalogue.costs, {keys[0]: own}))
    if table == "model":
        number = catalogue.model[keys[0]]
        new = Number.model_validate({**own, "unit": number.unit})
        return catalogue.with_entries(model={keys[0]: new})
    name, *inner = keys
    change: dict[str, Any] = {inner[-1]: own}
    for key in reversed(inner[:-1]):
        change = {key: change}
    entry = overridden(getattr(catalogue, table)[name], change)
    return catalogue.with_entries(**{table: {name: entry}})
