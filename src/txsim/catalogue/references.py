"""Whether the names that entries mention exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from txsim.catalogue.service import Service
from txsim.catalogue.vocabulary import SUBSTANCES, SYMPTOMS, nearest
from txsim.errors import Problem

if TYPE_CHECKING:
    from txsim.catalogue.load import Catalogue


def reference_problems(catalogue: Catalogue) -> list[Problem]:
    """Every mention of something the catalogue does not hold."""
    return list(_problems(catalogue))


def _problems(catalogue: Catalogue) -> Iterator[Problem]:
    needs = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
    for name, mix in catalogue.mixes.items():
        yield from _missing(f"mixes.{name}.shares", mix.shares, needs)
    for name, medication in catalogue.medications.items():
        if medication.service:
            path = f"medications.{name}.service"
            yield from _missing(path, [medication.service], catalogue.services)
    for name, second in catalogue.second_substances.items():
        known = (*catalogue.traits, *catalogue.diagnoses)
        yield from _missing(f"second_substances.{name}.who", [second.who], known)
    for name, service in catalogue.services.items():
        yield from _of_service(f"services.{name}", service, catalogue)
    for path, number in catalogue.numbers():
        table, name = path.split(".")[:2]
        if number.evidence and (table, name) in catalogue.changed:
            yield from _missing(f"{path}.evidence", number.evidence, catalogue.evidence)


def _of_service(path: str, service: Service, catalogue: Catalogue) -> Iterator[Problem]:
    traits, diagnoses = tuple(catalogue.traits), tuple(catalogue.diagnoses)
    if service.role:
        yield from _missing(f"{path}.role", [service.role], catalogue.roles)
        others = tuple(name for name in catalogue.roles if name != service.role)
        if service.role in service.may_also:
            yield Problem(
                path=f"{path}.may_also",
                message="this is the role that gives it anyway",
                got=repr(service.role),
                allowed=", ".join(others),
            )
        named = [name for name in service.may_also if name != service.role]
        yield from _missing(f"{path}.may_also", named, others)
    symptoms = tuple(SYMPTOMS + name for name in diagnoses)
    channels = (*catalogue.mediators, *symptoms)
    yield from _missing(f"{path}.through", service.through, channels)
    named = [key for key in service.targets if key.startswith(SYMPTOMS)]
    yield from _missing(f"{path}.targets", named, symptoms)
    yield from _missing(f"{path}.raises", service.raises, channels)
    yield from _missing(f"{path}.relieves", service.relieves, catalogue.barriers)
    yield from _missing(f"{path}.links", service.links, catalogue.services)
    yield from _missing(
        f"{path}.only_for", service.only_for, (*traits, *diagnoses, *catalogue.barriers)
    )
    fit = service.indicated
    yield from _missing(f"{path}.indicated.diagnoses", fit.diagnoses, diagnoses)
    yield from _missing(f"{path}.indicated.barriers", fit.barriers, catalogue.barriers)
    yield from _missing(f"{path}.indicated.traits", fit.traits, traits)
    substances = (*SUBSTANCES, *catalogue.second_substances)
    yield from _missing(f"{path}.indicated.substances", fit.substances, substances)
    yield from _missing(f"{path}.indicated.medications", fit.medications, catalogue.medications)
    yield from _channels_without_effect(path, service, catalogue)


def _channels_without_effect(
    path: str, service: Service, catalogue: Catalogue
) -> Iterator[Problem]:
    """A target can only be solved when one of the channels moves it."""
    for target in service.targets:
        if not any(_moves(channel, target, catalogue) for channel in service.through):
            yield Problem(
                path=f"{path}.through",
                message=f"none of these channels moves the target {target!r}",
                got=", ".join(service.through),
                allowed=", ".join(channels_of(target, catalogue)),
            )


def channels_of(target: str, catalogue: Catalogue) -> list[str]:
    """Channels through which a target can be reached."""
    if target.startswith(SYMPTOMS):
        return [target]
    known = (*catalogue.mediators, *(SYMPTOMS + name for name in catalogue.diagnoses))
    return [channel for channel in known if _moves(channel, target, catalogue)]


def _moves(channel: str, target: str, catalogue: Catalogue) -> bool:
    if channel == target:
        return True
    if channel.startswith(SYMPTOMS):
        diagnosis = catalogue.diagnoses.get(channel.removeprefix(SYMPTOMS))
        return diagnosis is not None and target in diagnosis.symptom_effects
    mediator = catalogue.mediators.get(channel)
    return mediator is not None and target in mediator.effects


def _missing(path: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    allowed = tuple(known)
    for name in names:
        if name not in allowed:
            yield Problem(
                path=path,
                message="there is no such name",
                got=repr(name),
                allowed=", ".join(allowed) if len(allowed) <= 40 else "",
                suggestion=nearest(name, allowed),
            )
