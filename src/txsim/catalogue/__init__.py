"""What the model rests on: diagnoses, barriers, services, medications, roles, hazards, prices.

`load_catalogue()` reads the TOML files that stand beside this module. Every number in them has a
value, a unit, an uncertainty, a grade and the evidence or assumption it rests on.
"""

from txsim.catalogue.costs import Costs
from txsim.catalogue.entries import (
    Barrier,
    Diagnosis,
    Entry,
    HazardEntry,
    Mediator,
    Mix,
    Role,
    Stream,
    TakeHome,
    TakeHomeStep,
    Trait,
)
from txsim.catalogue.evidence import EvidenceRow
from txsim.catalogue.load import Catalogue, load_catalogue
from txsim.catalogue.medication import Medication, OverdoseRatios, Phase
from txsim.catalogue.number import Number
from txsim.catalogue.plain import field_descriptions
from txsim.catalogue.service import Indication, Mode, Service
from txsim.catalogue.vocabulary import Hazard

__all__ = [
    "Barrier",
    "Catalogue",
    "Costs",
    "Diagnosis",
    "Entry",
    "EvidenceRow",
    "Hazard",
    "HazardEntry",
    "Indication",
    "Mediator",
    "Medication",
    "Mix",
    "Mode",
    "Number",
    "OverdoseRatios",
    "Phase",
    "Role",
    "Service",
    "Stream",
    "TakeHome",
    "TakeHomeStep",
    "Trait",
    "field_descriptions",
    "load_catalogue",
]
