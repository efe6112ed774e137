"""How strong services are: how far each moves its channels, and whether these can carry it.

It reads the catalogue in one draw of its numbers; `gains` solves what has to be solved. Plain
Python, for the same reason as there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from math import copysign
from typing import TYPE_CHECKING

from txsim.catalogue.gains import Reference, mean_dose, solve_gains
from txsim.catalogue.load import load_catalogue
from txsim.catalogue.vocabulary import HAZARDS, SUBSTANCES, SYMPTOMS, Hazard
from txsim.units import (
    kept_after_a_day,
    log_effect,
    log_odds,
    log_rate,
    per_day,
    published_effect,
)

if TYPE_CHECKING:
    from txsim.catalogue.draw import Draw
    from txsim.catalogue.load import Catalogue
    from txsim.catalogue.number import Number
    from txsim.catalogue.service import Service

HALVINGS = 40
"""Steps in which the strongest effect that can be carried is closed in on."""


def effects_row(draw: Draw, path: str, effects: Mapping[str, Number]) -> list[float]:
    """Effects on hazards as one row."""
    row = [0.0] * len(HAZARDS)
    for hazard, number in effects.items():
        row[Hazard.named(hazard)] = draw.effect(f"{path}.{hazard}", number)
    return row


def driver_row(draw: Draw, catalogue: Catalogue, driver: str) -> list[float]:
    """What one sd unit more of a mediator, or of the symptoms of a diagnosis, does to hazards."""
    if driver.startswith(SYMPTOMS):
        name = driver.removeprefix(SYMPTOMS)
        effects = catalogue.diagnoses[name].symptom_effects
        return effects_row(draw, f"diagnoses.{name}.symptom_effects", effects)
    return effects_row(draw, f"mediators.{driver}.effects", catalogue.mediators[driver].effects)


def base_row(draw: Draw, catalogue: Catalogue, substance: str) -> list[float]:
    """The base of each hazard for the reference person; 0 where it stands elsewhere."""
    row = [0.0] * len(HAZARDS)
    for name, hazard in catalogue.hazards.items():
        number: Number | None = getattr(hazard, substance)
        if number is None:
            continue
        value = draw.value(f"hazards.{name}.{substance}", number)
        h = Hazard.named(name)
        row[h] = log_odds(value) if h.is_log_odds else log_rate(per_day(value, number.unit))
    return row


def medication_row(draw: Draw, catalogue: Catalogue, name: str) -> list[float]:
    """What a dose of a medication in force does to hazards, with what was solved for it."""
    medication = catalogue.medications[name]
    row = effects_row(draw, f"medications.{name}.effects", medication.effects)
    for hazard, offset in medication.solved.items():
        row[Hazard.named(hazard)] += draw.figure(f"medications.{name}.solved.{hazard}", offset)
    return row


def only(hazard: Hazard) -> list[float]:
    """One unit more of a hazard and nothing else, as one row."""
    return [1.0 if h == hazard else 0.0 for h in range(len(HAZARDS))]


def learning(draw: Draw, path: str, service: Service) -> tuple[float, float]:
    """What a session makes up of the missing dose, and what is left of the dose after a day."""
    sessions = draw.value(f"{path}.builds_over_sessions", service.builds_over_sessions)
    half_life = draw.value(f"{path}.fades_over_days", service.fades_over_days)
    return 1.0 - 0.5 ** (1.0 / max(sessions, 0.1)), kept_after_a_day(half_life)


@dataclass(frozen=True)
class Channel:
    """A mediator, or the symptoms of a diagnosis, and how far a service moves it."""

    driver: str
    """Empty where a target is reached on the hazard itself."""
    gain: float
    """Sd units at full dose; on the hazard's log scale where there is no driver."""
    target: str = ""
    """The published effect that the gain was solved for; empty when it was written down."""


@dataclass(frozen=True)
class Beyond:
    """A target that would take more of its channel than all services together may give."""

    target: str
    channel: str
    needed: float
    """Sd units at full dose."""
    ceiling: float
    """Sd units of the channel that all services together may give."""
    strongest: float | None
    """What can be reached, in the target's unit; None when no effect is out of reach too."""


class Strengths:
    """How strong services are by a catalogue, in one draw of its numbers.

    `believed` are services for which somebody put figures of their own: a ceiling is never lower
    than what one of these does alone.
    """

    def __init__(self, catalogue: Catalogue, draw: Draw, believed: Collection[str] = ()) -> None:
        """Read nothing yet."""
        self.catalogue = catalogue
        self.draw = draw
        self.believed = [name for name in believed if name in catalogue.services]
        self._rows: dict[str, list[float]] = {}

    def effects(self, driver: str) -> list[float]:
        """What one sd unit more of a driver does to hazards."""
        if driver not in self._rows:
            self._rows[driver] = driver_row(self.draw, self.catalogue, driver)
        return self._rows[driver]

    def ceiling(self, driver: str) -> float:
        """Sd units that all services together may add to a driver, or take off it."""
        if driver.startswith(SYMPTOMS):
            written = self.catalogue.diagnoses[driver.removeprefix(SYMPTOMS)].symptom_ceiling
        else:
            written = self.catalogue.mediators[driver].ceiling
        return max(written, self._believed_of.get(driver, 0.0))

    @cached_property
    def _believed_of(self) -> dict[str, float]:
        """The most that one service with figures of somebody's own moves each driver, sd units."""
        most: dict[str, float] = {}
        for name in self.believed:
            with suppress(ValueError):
                for one in self.channels(name, self.catalogue.services[name]):
                    most[one.driver] = max(most.get(one.driver, 0.0), abs(one.gain))
        return most

    def carries(self, channel: Channel) -> bool:
        """Whether a gain lies within the ceiling of its driver, but for rounding."""
        return abs(channel.gain) <= self.ceiling(channel.driver) * (1.0 + 1e-6)

    @cached_property
    def on_methadone(self) -> Reference:
        """The reference patients of most services: a cohort whose people differ."""
        alone = self._reference(SUBSTANCES[0], "methadone")
        more = self.model("reference_use")
        return replace(
            alone,
            regular=alone.regular + more,
            occasional=alone.occasional + more,
            begins=alone.begins + self.model("reference_regular_use"),
            spread=self.model("reference_use_sd"),
        )

    def model(self, name: str) -> float:
        """A number of the model in this draw."""
        return self.draw.value(f"model.{name}", self.catalogue.model[name])

    @cached_property
    def drinking(self) -> Reference:
        """The reference patient of services for alcohol only, who takes no medication."""
        return self._reference(SUBSTANCES[1], "none_alcohol")

    def _reference(self, substance: str, medication: str) -> Reference:
        base = base_row(self.draw, self.catalogue, substance)
        dose = medication_row(self.draw, self.catalogue, medication)
        level = [one + other for one, other in zip(base, dose, strict=True)]
        for name, mediator in self.catalogue.mediators.items():
            start = self.draw.value(f"mediators.{name}.start", mediator.start)
            level = [one + start * by for one, by in zip(level, self.effects(name), strict=True)]
        occasional = self.catalogue.model["occasional_use"]
        return Reference(
            level[Hazard.USE],
            level[Hazard.USE]
            - dose[Hazard.USE]
            + self.draw.effect("model.occasional_use", occasional),
            level[Hazard.REGULAR_USE_BEGINS],
            level[Hazard.REGULAR_USE_ENDS],
        )

    def second_use(self, name: str) -> Reference:
        """Use of a second substance by the people who use it, whatever they take for the first."""
        one, path = self.catalogue.second_substances[name], f"second_substances.{name}"
        regular = log_odds(self.draw.value(f"{path}.use", one.use))
        begins, ends = (
            log_rate(per_day(self.draw.value(f"{path}.{field}", number), number.unit))
            for field, number in (
                ("regular_use_begins", one.regular_use_begins),
                ("regular_use_ends", one.regular_use_ends),
            )
        )
        occasional = self.draw.effect(f"{path}.occasional_use", one.occasional_use)
        days = self.draw.value(f"{path}.urine_window_days", one.urine_window_days)
        return Reference(
            regular, regular + occasional, begins, ends, max(round(days), 1), Hazard.SECOND_USE
        )

    def reference_dose(self, name: str, service: Service) -> float:
        """Mean dose in the trials behind the targets: at the shipped rhythm.

        So a design that thins a service out weakens it. A service of the design's own is its own
        trial.
        """
        path = f"services.{name}"
        trial = load_catalogue().services.get(name, service)
        attendance = self.draw.value(f"{path}.attendance", trial.attendance)
        builds, kept = learning(self.draw, path, trial)
        return mean_dose(trial, attendance, builds, kept)

    def channels(self, name: str, service: Service) -> list[Channel]:
        """The mediators and symptoms that a service moves, each with its gain.

        Raises ValueError when the channels cannot produce the targets.
        """
        return self._solved(name, service, {})

    def carried(self, name: str, service: Service) -> list[Channel]:
        """The channels with gains held within their ceilings, and what is left, on hazards.

        So a draw in which a service is stronger than its mediator can carry has the drawn effect
        all the same. Raises ValueError when the channels cannot produce the targets.
        """
        full: dict[str, float] = {}
        while True:
            found = self._solved(name, service, full)
            beyond = [one for one in found if one.driver and one.target and not self.carries(one)]
            beyond = [one for one in beyond if one.target not in full]
            if not beyond:
                return found
            for one in beyond:
                full[one.target] = copysign(self.ceiling(one.driver), one.gain)

    def _solved(self, name: str, service: Service, full: Mapping[str, float]) -> list[Channel]:
        """Channels and gains; targets in `full` fill their channel so far, the rest is direct."""
        path = f"services.{name}"
        found: list[Channel] = []
        if not service.raises and not service.targets:
            return found
        dose = self.reference_dose(name, service)
        given = [0.0] * len(HAZARDS)

        def move(channel: Channel) -> None:
            found.append(channel)
            for h, effect in enumerate(self.effects(channel.driver)):
                given[h] += channel.gain * dose * effect

        for mediator, number in service.raises.items():
            move(Channel(mediator, self.draw.value(f"{path}.raises.{mediator}", number)))
        solved: list[tuple[str, str, float]] = []
        for driver, (target, number) in zip(service.through, service.targets.items(), strict=True):
            if target.startswith(SYMPTOMS):
                size = self.draw.value(f"{path}.targets.{target}", number)
                move(Channel(driver, full.get(target, size / dose), target))
                continue
            effect = self.draw.effect(f"{path}.targets.{target}", number)
            if target in full:
                move(Channel(driver, full[target], target))
            solved.append(("" if target in full else driver, target, effect))
        if solved:
            gains = solve_gains(
                [
                    self.effects(driver) if driver else only(Hazard.named(target))
                    for driver, target, _ in solved
                ],
                [Hazard.named(target) for _, target, _ in solved],
                [effect for _, _, effect in solved],
                dose,
                given,
                *self._references_of(service),
            )
            found += [
                Channel(driver, gain, target)
                for (driver, target, _), gain in zip(solved, gains, strict=True)
            ]
        return found

    def paid(self, name: str, service: Service) -> dict[Hazard, float]:
        """What a service does to hazards directly at full dose, on their log scales.

        Published effects are of the trials' mean dose; those on use are of the samples of all
        people, in regular use and out of it.
        """
        found: dict[Hazard, float] = {}
        if not service.pays_for:
            return found
        dose = self.reference_dose(name, service)
        references = self._references_of(service, in_samples=True)
        for written, number in service.paid_for.items():
            hazard = Hazard.named(written)
            effect = self.draw.effect(f"services.{name}.pays_for.{written}", number)
            nothing = [0.0] * len(HAZARDS)
            found[hazard] = effect / dose
            # Where all samples show use, or none, only the odds of a day can be told.
            with suppress(ValueError):
                solved = solve_gains([only(hazard)], [hazard], [effect], dose, nothing, *references)
                found[hazard] = solved[0]
        return found

    def _references_of(self, service: Service, in_samples: bool = False) -> list[Reference]:
        """What the reference patient of a service uses, told in days or in urine samples.

        A second substance is the one that the service is for, or else the catalogue's first.
        """
        only_alcohol = service.indicated.substances == ("alcohol",)
        first = self.drinking if only_alcohol else self.on_methadone
        days = self.model("urine_window_days")
        found = [replace(first, window=max(round(days), 1) if in_samples else 1)]
        known = self.catalogue.second_substances
        for name in [*(one for one in service.indicated.substances if one in known), *known][:1]:
            second = self.second_use(name)
            found.append(second if in_samples else replace(second, window=1))
        return found

    def beyond(self, name: str, service: Service) -> list[Beyond]:
        """The targets of a service that its channels cannot carry.

        Raises ValueError when the channels cannot produce the targets at all.
        """
        return [
            Beyond(
                one.target,
                one.driver,
                abs(one.gain),
                self.ceiling(one.driver),
                self._strongest(name, service, one.target),
            )
            for one in self.channels(name, service)
            if one.target and not self.carries(one)
        ]

    def _strongest(self, name: str, service: Service, target: str) -> float | None:
        """The strongest effect on one target, the others as they are, that can be carried."""
        number = service.targets[target]
        full = log_effect(number.value, number.unit)

        def weakened(share: float) -> float:
            return published_effect(share * full, number.unit)

        def can_be_carried(share: float) -> bool:
            weaker = {"value": weakened(share), "sd": None, "low": None, "high": None}
            targets = {**service.targets, target: number.model_copy(update=weaker)}
            try:
                found = self.channels(name, service.model_copy(update={"targets": targets}))
            except ValueError:
                return False
            return all(self.carries(one) for one in found if one.target == target)

        if not can_be_carried(0.0):
            return None
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            low, high = (middle, high) if can_be_carried(middle) else (low, middle)
        return weakened(low)
