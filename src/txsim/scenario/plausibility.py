"""Are the figures that a planner gives likely ones?

A wage for an hour where one for a year is meant, metres for kilometres, cents for dollars: such a
figure is allowed and never changed, but it is told, with file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from txsim.catalogue import Catalogue, Number, Service, load_catalogue
from txsim.catalogue.number import CHANCE_UNITS, EFFECT_UNITS, digits
from txsim.catalogue.number_fields import Chosen
from txsim.scenario.adjustments import FIGURES_OF_A_POST, price_paths
from txsim.scenario.design import Scenario
from txsim.scenario.mistakes import Mistake
from txsim.scenario.plausible import Bounds, plausible
from txsim.scenario.schema import LocalEffect
from txsim.scenario.spending import month_of_one, people_who_may_have, share_number
from txsim.scenario.toml_lines import Path
from txsim.units import RATE_UNITS

MONTHLY = "USD a month"


def implausible(
    scenario: Scenario, catalogue: Catalogue, values: Mapping[str, Any]
) -> list[Mistake]:
    """A warning for each figure in `values` that lies far from what is plausible there.

    `scenario` and its `catalogue` are what was made of the values, without mistakes.
    """
    judge = _Judge(scenario, catalogue)
    return [
        Mistake(path, message)
        for path, figure, unit in _figures(values, ())
        if (message := judge.told(path, figure, unit))
    ]


def _figures(values: Any, path: Path) -> Iterator[tuple[Path, float, str]]:
    """Every figure that was written, with its path and the unit that was written beside it."""
    if isinstance(values, Mapping):
        figure: Any = values.get("value")
        if _is_figure(figure):
            yield path, float(figure), str(values.get("unit", ""))
            return
        for key, inner in values.items():
            yield from _figures(inner, (*path, key))
    elif isinstance(values, list | tuple):
        for place, inner in enumerate(values):
            yield from _figures(inner, (*path, place))
    elif _is_figure(values):
        yield path, float(values), ""


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class _Judge:
    """Checks one figure after the other against what is plausible in its place."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        self.scenario = scenario
        self.catalogue = catalogue
        self.shipped = load_catalogue()
        self.declared = plausible()

    def told(self, path: Path, figure: float, unit: str) -> str:
        """What is odd about a figure; nothing when it is plausible, or when anything is."""
        place = self._in_catalogue(path)
        bounds = self._bounds(place, figure, unit)
        if bounds is None:
            return ""
        told, rate = bounds.told, RATE_UNITS.get(bounds.unit)
        if rate and unit in RATE_UNITS and unit != bounds.unit:
            told, rate = f"{told} {bounds.unit}", rate / RATE_UNITS[unit]
        else:
            unit, rate = bounds.unit, 1.0
        if bounds.hold(figure * rate):
            return ""
        return f"{shown(figure, unit)}; {told}{self.declared.meant(figure * rate, bounds)}"

    def _in_catalogue(self, path: Path) -> Path:
        """Where in the catalogue stands what is said at a path; the path itself when nowhere."""
        match path:
            case ("staff", role, figure) if figure in FIGURES_OF_A_POST:
                return ("roles", role, figure)
            case ("effects", "override", service, target, figure) if figure in LocalEffect.FIGURES:
                return ("services", service, "targets", target)
            case ("economics", "prices", *keys):
                written = ".".join(map(str, keys))
                path = tuple(written.split("."))
                return path if written in self._prices else ("costs", *path)
        return path

    @cached_property
    def _prices(self) -> list[str]:
        return price_paths(self.catalogue)

    def _bounds(self, place: Path, figure: float, unit: str) -> Bounds | None:
        """What is plausible for a figure in a place; None where anything is."""
        kind = ""
        if place[0] == "services":
            service = self.catalogue.services[str(place[1])]
            kind = service.kind
            if place[2:] == ("budget_per_month",):
                return self._spending(service) if figure else None
        declared = self.declared.range_for(place, kind)
        if figure == 0.0 and declared is not None and declared.zero:
            return None
        before = self._before(place)
        if before is not None and (around := self.declared.around(before)) is not None:
            return around
        if declared is not None:
            many = int(self.scenario.value(declared.per)) if declared.per else 1
            return declared.bounds(many) if many else None
        if before is not None and (near := self.declared.near(before)) is not None:
            return near
        now = number_at(self.catalogue, place)
        return self.declared.in_unit(unit or (now.unit if now is not None else ""), figure)

    def _before(self, place: Path) -> Number | None:
        """What the shipped catalogue has there."""
        if place[:2] == ("population", "shares"):
            return share_number(self.scenario, self.shipped, str(place[2]))
        return number_at(self.shipped, place)

    def _spending(self, service: Service) -> Bounds | None:
        """Between what one person could use up in a month and what all who may have it could."""
        one = month_of_one(self.scenario, service)
        most = one * people_who_may_have(self.scenario, self.catalogue, service)
        if most <= 0.0:
            return None
        told = f"one person could use up {digits(one)}, and all who may have it {digits(most)}"
        return Bounds(one, most, MONTHLY, told)


def shown(figure: float, unit: str) -> str:
    """A figure with its unit: `4,900 USD a year`, `odds ratio 0.2`; a share has none."""
    if unit in CHANCE_UNITS:
        return digits(figure)
    if unit in EFFECT_UNITS and unit != "sd units":
        return f"{unit} {digits(figure)}"
    words = f" {unit}".replace(" per ", " a ")
    return f"{digits(figure)}{words.removesuffix('s') if figure == 1.0 else words}"


def number_at(catalogue: Catalogue, place: Path) -> Number | None:
    """The number in a place of the catalogue; a figure that is held fixed is one without limits."""
    here: Any = catalogue
    unit = ""
    for part in place:
        if isinstance(here, Mapping):
            unit, here = "", here.get(part)
        elif isinstance(here, tuple):
            unit, here = "", here[part] if isinstance(part, int) and part < len(here) else None
        else:
            unit, here = _unit_of(here, str(part)), getattr(here, str(part), None)
    if isinstance(here, Number):
        return here
    if not unit or not _is_figure(here):
        return None
    return Number(value=float(here), unit=unit, source="design")


def _unit_of(entry: Any, field: str) -> Any:
    """The unit of a figure of an entry that is held fixed."""
    described = getattr(type(entry), "model_fields", {}).get(field)
    marks = () if described is None else described.metadata
    return next((mark.unit for mark in marks if isinstance(mark, Chosen)), "")
