"""When the answer would be wrong: the weak numbers behind what differs, and local figures.

A difference between designs comes from the services, medications and staff in which they differ,
so the numbers that carry it are those of these entries. Named here are the ones of grade C or D,
each with its source, and every figure that a scenario put in place of the catalogue's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from txsim.catalogue.in_words import name_of, said_of
from txsim.compare.summary import on_grade_d_said
from txsim.formatting import capital, listed, with_range
from txsim.report.view import Design, View
from txsim.wording import Verbatim

if TYPE_CHECKING:
    from txsim.catalogue import Catalogue, Number

WEAK = ("C", "D")
NO_LIMITS = (float("nan"), float("nan"))

MOST_SHOWN = 12
"""Weak effects that are shown at once; the rest can be opened on a screen."""

GRADES: tuple[tuple[str, str], ...] = (
    ("A", "several good randomised trials, or a consistent meta-analysis"),
    ("B", "one good randomised trial, or large cohorts that agree"),
    ("C", "small, old, indirect or conflicting studies"),
    ("D", "an assumption, or evidence against"),
)

CANNOT_SAY: tuple[str, ...] = (
    "It compares designs for people like those described; it is no forecast for one clinic until "
    "it has been checked against that clinic's own records.",
    "Most of the trials behind the effects were run before fentanyl was common, and their "
    "comparison groups were already counselled.",
    "It knows posts and minutes, not the skill, kindness or quarrels of the people who fill them.",
    "It knows nothing of medication that is passed on or sold, of pain, or of physical illness "
    "apart from what ends in death.",
    "Effects were measured one service at a time; what several do together is capped, but not "
    "known.",
)

_SHORT_CITATION = re.compile(r"^([^\s,]+).*?\b((?:19|20)\d{2})\b")


@dataclass(frozen=True)
class Assumption:
    """One weak number: what it says, its value, its grade, and what it rests on.

    ``place`` orders the numbers of an entry; below 0 stand the effects, the others are about how
    a service is delivered.
    """

    of: str
    says: str
    value: str
    grade: str
    rests_on: str
    place: int

    main: bool = False
    """Whether the number is among those shown at once."""


def show(view: View) -> Mapping[str, object]:
    """Return the weak numbers behind what differs, local figures, and what cannot be said."""
    weak = weak_numbers(view)
    return {
        "main": [one for one in weak if one.main],
        "rest": [one for one in weak if not one.main],
        "sources": sources(view),
        "local": local_figures(view),
        "in_force": [*evidence_in_force(view), *on_grade_d(view)],
        "grades": GRADES,
        "cannot_say": CANNOT_SAY,
    }


def weak_numbers(view: View) -> list[Assumption]:
    """Return the numbers of grade C or D behind what differs between the designs.

    For one design alone these are the numbers of the services that it offers. The effects come
    before the numbers about delivery. Figures that a scenario put in itself are listed separately.
    """
    found: dict[tuple[str, str, str], Assumption] = {}
    for design, path, number_path, entry, number in _weak(view):
        says, place = said_of(design.scenario.catalogue, type(entry), number_path)
        value = _value(number)
        found[path, number_path, value] = Assumption(
            of=entry.label,
            says=says,
            value=value,
            grade=number.strength,
            rests_on=_source(design.scenario.catalogue, number),
            place=place,
        )
    # Published total effects come before what a service lifts or raises.
    in_order = sorted(found.values(), key=lambda one: (one.place, one.of))
    effects = [one for one in in_order if one.place < 0]
    shown = [replace(one, main=True) for one in effects[:MOST_SHOWN]]
    rest = [*effects[MOST_SHOWN:], *(one for one in in_order if one.place >= 0)]
    return [*sorted(shown, key=lambda one: one.of), *sorted(rest, key=lambda one: one.of)]


def sources(view: View) -> list[str]:
    """Return the publications behind the weak numbers in full, and how far each was checked."""
    found: dict[str, str] = {}
    for design, _, _, _, number in _weak(view):
        for row_id in number.evidence:
            row = design.scenario.catalogue.evidence.get(row_id)
            if row is not None:
                doi = f", doi:{row.doi}" if row.doi else ""
                said = Verbatim(f"{row.citation}{doi} ({row.verified})")
                found.setdefault(row.citation, said)
    return sorted(found.values())


def local_figures(view: View) -> list[Assumption]:
    """Return the effects that a scenario put in place of the catalogue's."""
    found: dict[tuple[str, str, str], Assumption] = {}
    for design in view.designs:
        catalogue = design.scenario.catalogue
        for service, hazards in design.scenario.effects.override.items():
            for hazard, effect in hazards.items():
                measure, amount = next(
                    (measure.replace("_", " "), amount)
                    for measure, amount in effect.model_dump().items()
                    if measure not in ("range", "source") and amount is not None
                )
                value = f"{measure} {_figure(amount, effect.range)}"
                known = catalogue.services.get(service)
                found[service, hazard, value] = Assumption(
                    of=service if known is None else known.label,
                    says=f"effect on {name_of(catalogue, hazard)}",
                    value=value,
                    grade="D",
                    rests_on=f"{capital(effect.source)} ({design.label})",
                    place=-1,
                )
    return list(found.values())


def evidence_in_force(view: View) -> list[str]:
    """Return sentences on designs that leave out weak evidence, or how to leave it out."""
    sentences = [
        f"{design.label} counts only effects of grade "
        f"{listed(list(design.scenario.effects.grades), 'or')}."
        for design in view.designs
        if design.scenario.effects.grades != "ABCD"
    ]
    return sentences or [
        "To see what is left without the weak effects, add --grades AB to the command and run "
        'again, or set grades = "AB" under [effects] in the scenario files.'
    ]


def on_grade_d(view: View) -> list[str]:
    """Return how much of each headline difference rests on grade D, where that was asked for."""
    later = f"{view.horizon[1]} later"
    words = {
        view.retained: f"still in care {later}",
        view.free_of_regular_use: f"{view.free} {later}",
    }
    called = {design.name: design.label for design in view.designs}
    return [
        f"With all effects and without those of grade D: "
        f"{on_grade_d_said(one, words[one.outcome], called)}"
        for one in view.comparison.on_grade_d
        if one.outcome in words
    ]


def _weak(view: View) -> Iterator[tuple[Design, str, str, Any, "Number"]]:
    """Yield the weak numbers in force: design, entry's path, number's path, entry and number."""
    for design, path, entry in _what_differs(view):
        local = design.scenario.effects.override.get(path.partition(".")[2], {})
        mode_in_force = f"modes.{getattr(entry, 'mode', '')}."
        for number_path, number in _numbers(entry):
            field, _, rest = number_path.partition(".")
            if field == "modes" and not number_path.startswith(mode_in_force):
                continue
            if field == "targets" and rest in local:
                continue
            if number.strength in WEAK and number.value != 0.0:
                yield design, path, number_path, entry, number


def _what_differs(view: View) -> Iterator[tuple[Design, str, Any]]:
    """Yield the catalogue entries that some design uses in another way than the first."""
    first = view.first.scenario.catalogue
    if not view.others:
        for name, service in first.services.items():
            if service.offered:
                yield view.first, f"services.{name}", service
        return
    for design in view.others:
        catalogue = design.scenario.catalogue
        for name, service in catalogue.services.items():
            before = first.services.get(name)
            if service != before and (service.offered or (before is not None and before.offered)):
                yield design, f"services.{name}", service
        for kind in ("medications", "diagnoses", "barriers"):
            before_all = getattr(first, kind)
            for name, entry in getattr(catalogue, kind).items():
                if entry != before_all.get(name):
                    yield design, f"{kind}.{name}", entry


def _numbers(entry: Any, path: str = "") -> Iterator[tuple[str, "Number"]]:
    from txsim.catalogue import Number

    if isinstance(entry, Number):
        yield path, entry
    elif isinstance(entry, dict):
        for name, inside in entry.items():
            yield from _numbers(inside, f"{path}.{name}")
    elif isinstance(entry, tuple):
        for place, inside in enumerate(entry):
            yield from _numbers(inside, f"{path}.{place + 1}")
    elif hasattr(type(entry), "model_fields"):
        for name in type(entry).model_fields:
            yield from _numbers(getattr(entry, name), f"{path}.{name}" if path else name)


def _value(number: "Number") -> str:
    """Return a number with its unit and the 95 % limits it is drawn within."""
    limits = (number.at(-1.96), number.at(1.96)) if number.spread > 0 else None
    if number.unit in ("probability", "proportion"):
        figure, between = with_range(number.value, *(limits or NO_LIMITS), scale=100.0)
        return f"{figure} of 100 ({between})" if between else f"{figure} of 100"
    if number.unit.endswith("ratio"):
        called = "factor" if number.unit == "ratio" else number.unit
        return f"{called} {_figure(number.value, limits)}"
    figure, between = with_range(number.value, *(limits or NO_LIMITS))
    return f"{figure} {number.unit} ({between})" if between else f"{figure} {number.unit}"


def _figure(value: float, limits: tuple[float, float] | None) -> str:
    """Return a ratio and its limits, all with two decimals."""
    figure, between = with_range(value, *(limits or NO_LIMITS), least=2)
    return f"{figure} ({between})" if between else figure


def _source(catalogue: "Catalogue", number: "Number") -> str:
    """Return what a number rests on: publications by first author and year, or a source."""
    parts = []
    for row_id in number.evidence:
        row = catalogue.evidence.get(row_id)
        parts.append(row_id if row is None else short_citation(row.citation))
    if number.source:
        parts.append(capital(number.source))
    return "; ".join(dict.fromkeys(parts))


def short_citation(citation: str) -> str:
    """Return a citation as its first author and year; as it is where it does not begin so."""
    found = _SHORT_CITATION.match(citation)
    return f"{found[1]} {found[2]}" if found else citation
