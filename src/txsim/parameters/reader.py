"""A design read in one draw of the numbers of the world, and where each name stands.

Everything that is published on another scale is converted here and in the modules of tables beside
it, through `units`, and nowhere later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.catalogue import Number
from txsim.catalogue.limits import limits_of_model
from txsim.catalogue.strengths import Strengths, effects_row
from txsim.catalogue.vocabulary import SYMPTOMS
from txsim.state.layout import REQUIRED_MEDIATORS, Array

if TYPE_CHECKING:
    from txsim.catalogue import Catalogue
    from txsim.catalogue.draw import Draw
    from txsim.scenario import Scenario


INTAKE = "intake_assessment"
INTERIM = "interim_dosing"


def driver_names(catalogue: Catalogue) -> tuple[str, ...]:
    """Drivers of hazards in order: required mediators, others, symptoms by diagnosis, barriers."""
    others = [name for name in catalogue.mediators if name not in REQUIRED_MEDIATORS]
    return (
        *REQUIRED_MEDIATORS,
        *others,
        *(f"{SYMPTOMS}{name}" for name in catalogue.diagnoses),
        *catalogue.barriers,
    )


def services_in_play(catalogue: Catalogue, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The services that anybody can have, and those in `also`; only these stand in the state.

    Most of a catalogue is not offered in any one clinic, and a person's services are what fills
    most of the memory that a day has to walk through.
    """
    carriers = {one.service for one in catalogue.medications.values()}
    named = {INTAKE, INTERIM, *carriers, *also}
    return tuple(name for name, one in catalogue.services.items() if one.offered or name in named)


def model_number(scenario: Scenario, draw: Draw, name: str) -> float:
    """A scalar of model.toml in a draw; no draw of it leaves its limits."""
    number = scenario.catalogue.model[name]
    least, most = limits_of_model(name, number.unit)
    return min(max(draw.value(f"model.{name}", number), least), most)


class Reading:
    """A scenario in one draw: its numbers in force, and the positions of all names.

    `also` are services that the design does not offer but that people still feel.
    """

    def __init__(self, scenario: Scenario, draw: Draw, also: tuple[str, ...] = ()) -> None:
        self.scenario = scenario
        self.catalogue = scenario.catalogue
        self.draw = draw
        self.strengths = Strengths(self.catalogue, draw, scenario.effects.override)
        self.drivers = driver_names(self.catalogue)
        self.at = {name: position for position, name in enumerate(self.drivers)}
        self.mediators = len(self.catalogue.mediators)
        self.first_barrier = self.mediators + len(self.catalogue.diagnoses)
        self.features = (
            *self.catalogue.traits,
            *self.catalogue.diagnoses,
            *self.catalogue.barriers,
        )
        self.feature_at = {name: position for position, name in enumerate(self.features)}
        self.services = services_in_play(self.catalogue, also)
        self.service_at = {name: position for position, name in enumerate(self.services)}
        self.roles = tuple(self.catalogue.roles)
        self.medications = tuple(self.catalogue.medications)

    def model(self, name: str) -> float:
        """A scalar of model.toml."""
        return model_number(self.scenario, self.draw, name)

    def model_effect(self, name: str) -> float:
        """A scalar of model.toml that is an effect, as an additive term."""
        return self.draw.effect(f"model.{name}", self.catalogue.model[name])

    def row(self, path: str, effects: dict[str, Number]) -> Array:
        """Effects on hazards as one row, log scale."""
        return np.array(effects_row(self.draw, path, effects))
