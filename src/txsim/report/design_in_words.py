"""Two designs in plain words: what the second does that the first does not.

The words are made from the scenarios, never written by hand beside them, so a report cannot
describe another design than the one that was run. What this page knows no phrase for is named by
its key with the value before and after; nothing that differs is left out.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from txsim.compare.naming import label, with_article
from txsim.formatting import capital, counted, listed, lower, money, plain
from txsim.report.phrases import phrase, spelled, written
from txsim.scenario.design import ONLY_TOLD

if TYPE_CHECKING:
    from txsim.scenario import Scenario

_TOLD_ELSEWHERE = (*ONLY_TOLD, "services", "staff", "medication", "effects")
_KINDS_OF_ENTRY = {
    "roles": "role",
    "mediators": "mediator",
    "hazards": "hazard",
    "traits": "trait",
    "diagnoses": "diagnosis",
    "barriers": "barrier",
    "medications": "medication",
    "streams": "way of coming",
    "take_home": "set of take-home rules",
    "mixes": "case mix",
    "model": "figure of the model",
}
_WORDING = ("label", "description", "source", "note", "evidence", "grade")


def differences(first: "Scenario", other: "Scenario") -> list[str]:
    """Return what ``other`` does that ``first`` does not, one phrase for each difference."""
    return [
        *_services(first, other),
        *_staff(first, other),
        *_medication_changes(first, other),
        *_sections(first, other),
        *_effects(first, other),
        *_entries(first, other),
    ]


def in_one_line(first: "Scenario", other: "Scenario", called: str = "") -> str:
    """Return a sentence that says how ``other`` differs from ``first``, which is ``called`` so."""
    called = called or label(first)
    found = differences(first, other)
    if not found:
        return f"Exactly as {called}."
    return f"As {called}, but with {'; '.join(found)}."


def described(scenario: "Scenario") -> str:
    """Return a design in a sentence or two, for the first design, which differs from nothing."""
    clinic, arrivals = scenario.clinic, scenario.arrivals
    come = (
        f"{counted(arrivals.cohort, 'person', 'people')} who "
        f"{'are all enrolled' if arrivals.enrolled else 'all ask'} on the first day"
        f"{_beginning(scenario)}"
        if arrivals.cohort is not None
        else f"about {arrivals.per_week:g} people asking for treatment a week"
    )
    posts = [
        f"{_role(scenario, role)} {post.posts:g}"
        for role, post in scenario.staff.items()
        if post.posts > 0
    ]
    offered = [
        entry.label[:1].lower() + entry.label[1:]
        for entry in scenario.catalogue.services.values()
        if entry.offered
    ]
    staff = f" Full-time posts (FTE): {listed(posts)}." if posts else " No staff."
    services = f" Offered: {listed(offered)}." if offered else " No services."
    medication = capital(_medication(scenario))
    medication += ", with people leaving as in trials" if clinic.care == "trial" else ""
    return (
        f"{capital(clinic.kind)} with {clinic.places:,} treatment slots and {come}."
        f"{staff}{services} {medication}."
    )


def _beginning(scenario: "Scenario") -> str:
    """Return how the people of a cohort begin, where that is said."""
    arrivals, parts = scenario.arrivals, []
    if scenario.clinic.sites > 1:
        parts.append(f"at {scenario.clinic.sites:,} sites")
    if arrivals.abstinent_days:
        parts.append(f"after {counted(arrivals.abstinent_days, 'day')} without opioids")
    if arrivals.inpatient_days:
        parts.append(f"and live on an inpatient unit for {counted(arrivals.inpatient_days, 'day')}")
    return "".join(f", {part}" for part in parts)


def _services(first: "Scenario", other: "Scenario") -> Iterator[str]:
    before, after = first.catalogue.services, other.catalogue.services
    for name, service in after.items():
        earlier = before.get(name)
        if service.offered and (earlier is None or not earlier.offered):
            yield f"{lower(service.label)}{_dose(service)}"
        elif earlier is not None and earlier.offered and not service.offered:
            yield f"no {lower(service.label)}"
        elif earlier is not None and service.offered:
            # What differs because of effects of other grade, or figures of one's own, is told
            # once for the whole design: here only what the scenarios say about this service.
            said = {*first.services.get(name, {}), *other.services.get(name, {})}
            yield from _changed(lower(service.label), earlier, service, said - {"offered"})
    for name, earlier in before.items():
        if earlier.offered and name not in after:
            yield f"no {lower(earlier.label)}"


def _dose(service: Any) -> str:
    """Return what a newly offered service amounts to, in brackets."""
    parts = []
    if service.mode and service.mode in service.modes:
        parts.append(lower(service.modes[service.mode].label))
    if service.kind == "group" and service.sessions_per_week:
        parts.append(f"{counted(service.sessions_per_week, 'session')} a week")
        if service.seats:
            parts.append(counted(service.seats, "seat"))
    elif service.kind == "individual" and service.every_days:
        parts.append(f"{service.minutes:g} minutes every {counted(service.every_days, 'day')}")
    if service.places:
        parts.append(counted(service.places, "place"))
    if service.budget_per_month is not None:
        parts.append(f"{money(service.budget_per_month)} a month")
    return f" ({', '.join(parts)})" if parts else ""


def _staff(first: "Scenario", other: "Scenario") -> Iterator[str]:
    for role in dict.fromkeys([*first.staff, *other.staff]):
        before = first.staff[role].posts if role in first.staff else 0.0
        after = other.staff[role].posts if role in other.staff else 0.0
        name = _role(other if role in other.staff else first, role)
        if after != before:
            if before == 0:
                yield f"{counted(after, 'post')} for {with_article(name)}"
            elif after == 0:
                yield f"no {name} (instead of {counted(before, 'post')})"
            else:
                yield f"{counted(after, f'{name} post')} instead of {before:g}"
        if role in first.staff and role in other.staff:
            yield from _figures_of_a_post(name, role, first, other)


def _figures_of_a_post(name: str, role: str, first: "Scenario", other: "Scenario") -> Iterator[str]:
    """Name what two designs say differently of a role's posts, by the figures in force."""
    before, after = first.staff[role], other.staff[role]
    for field in type(after).model_fields:
        if field != "posts" and getattr(before, field) != getattr(after, field):
            old, new = (getattr(one.catalogue.roles[role], field) for one in (first, other))
            old, new = getattr(old, "value", old), getattr(new, "value", new)
            yield f"{name}: {spelled(field)} {written(new)} instead of {written(old)}"


def _entries(first: "Scenario", other: "Scenario") -> Iterator[str]:
    """Name the entries of the catalogue besides services that a design adds or changes."""
    for table, kind in _KINDS_OF_ENTRY.items():
        before, after = getattr(first, table), getattr(other, table)
        for name in dict.fromkeys([*after, *before]):
            if before.get(name) == after.get(name):
                continue
            entry = getattr(other.catalogue, table).get(name)
            words = f'"{getattr(entry, "label", spelled(name))}"'
            if name in getattr(first.catalogue, table):
                yield f"other figures for the {kind} {words}"
            else:
                yield f"{with_article(kind)} of its own, {words}"


def _effects(first: "Scenario", other: "Scenario") -> Iterator[str]:
    """Name which evidence counts, and the effects that a design states itself."""
    if first.effects.grades != other.effects.grades:
        yield f"only effects of grade {listed(list(other.effects.grades), 'or')}"
    known = other.catalogue
    for service in dict.fromkeys([*other.effects.override, *first.effects.override]):
        before = first.effects.override.get(service, {})
        after = other.effects.override.get(service, {})
        label = known.services[service].label if service in known.services else service
        for hazard in dict.fromkeys([*after, *before]):
            if before.get(hazard) == after.get(hazard):
                continue
            on = known.hazards[hazard].label if hazard in known.hazards else spelled(hazard)
            what = f"the effect of {lower(label)} on {lower(on)}"
            yield f"{'its own figure' if hazard in after else 'the published figure'} for {what}"


def _sections(first: "Scenario", other: "Scenario") -> Iterator[str]:
    for section in type(other).model_fields:
        if section in _TOLD_ELSEWHERE or section in _KINDS_OF_ENTRY:
            continue
        before, after = getattr(first, section), getattr(other, section)
        if before == after:
            continue
        old, new = dict(_leaves(section, _dumped(before))), dict(_leaves(section, _dumped(after)))
        for path in dict.fromkeys([*new, *old]):
            if old.get(path) != new.get(path):
                words = phrase(path, old.get(path), new.get(path))
                yield from [words] if words else []


def _medication_changes(first: "Scenario", other: "Scenario") -> Iterator[str]:
    before, after = first.medication, other.medication
    if before.assign != after.assign:
        yield _medication(other)
    if before.taper != after.taper:
        if after.taper.days:
            yield (
                f"medication tapered off from day {after.taper.from_day} "
                f"over {counted(after.taper.days, 'day')}"
            )
        else:
            yield "no taper"
    if before.take_home != after.take_home:
        rules = after.take_home
        yield (
            f"take-home doses by {rules!r}".replace("'", '"')
            if isinstance(rules, str)
            else "take-home doses by the clinic's own steps"
        )


def _medication(scenario: "Scenario") -> str:
    assign = scenario.medication.assign
    if isinstance(assign, str):
        return f"medication {assign}"
    known = scenario.catalogue.medications
    by_substance: dict[str, list[str]] = {}
    for name, share in assign.items():
        if share > 0:
            # A label such as "No medication, alcohol" says its substance, which is said here once.
            called = lower(known[name].label.partition(",")[0] if name in known else name)
            opioid = name not in known or known[name].substance == "opioid"
            substance = "opioids" if opioid else "alcohol"
            by_substance.setdefault(substance, []).append(
                f"{called} for {plain(100 * share)} of 100"
            )
    if len(by_substance) == 1:
        return f"medication: {listed(next(iter(by_substance.values())))}"
    parts = [f"for {substance} {listed(shares)}" for substance, shares in by_substance.items()]
    return f"medication: {'; '.join(parts)}"


def _changed(of: str, before: Any, after: Any, fields: set[str]) -> Iterator[str]:
    """Name those of ``fields`` in which an entry or a post differs."""
    for field in type(after).model_fields:
        alias = type(after).model_fields[field].alias
        if field in _WORDING or not fields & {field, alias}:
            continue
        old, new = _dumped(getattr(before, field)), _dumped(getattr(after, field))
        if old != new and field == "may_also":
            others = listed([spelled(role) for role in new], "or")
            who = f"{with_article(others)} may stand in" if others else "nobody stands in"
            yield f"{of}: {who}"
        elif old != new:
            yield f"{of}: {spelled(field)} {written(new)} instead of {written(old)}"


def _role(scenario: "Scenario", role: str) -> str:
    known = scenario.catalogue.roles
    return lower(known[role].label) if role in known else spelled(role)


def _dumped(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _leaves(f"{path}.{key}", inside)
    else:
        yield path, value
