"""What moves hazards: drivers, the base of each hazard, features of people, referral streams."""

from __future__ import annotations

import numpy as np

from txsim.catalogue.strengths import base_row
from txsim.catalogue.vocabulary import HAZARDS, SUBSTANCES, SYMPTOMS, Hazard
from txsim.parameters.draw_table import AT_SITE, CLINIC, CLINIC_USE
from txsim.parameters.opening_hours import schedule_relief
from txsim.parameters.reader import Reading
from txsim.randomness import hash_of_name
from txsim.state.layout import ALLIANCE, RUPTURE, Array
from txsim.state.records import CRISES
from txsim.state.sizes import LANES
from txsim.units import kept_after_a_day, log_rate, per_day

NO_CEILING = 9.0
"""Of drivers that nothing limits: more standard deviations than anybody is away from the mean."""


def driver_tables(reading: Reading) -> dict[str, Array]:
    """What each driver does to hazards and how it moves, by the names of the course's tables."""
    count = len(reading.drivers)
    tables = {
        "effects": np.zeros((count, LANES)),
        "per_visit": np.zeros(count),
        "driver_start": np.zeros(count),
        "driver_spread": np.zeros(count),
        "driver_kept": np.ones(count),
        "driver_ceiling": np.full(count, NO_CEILING),
        "use_raises": np.zeros(count),
    }
    on_hazards = tables["effects"][:, : len(HAZARDS)]
    for name, one in reading.catalogue.mediators.items():
        j, path = reading.at[name], f"mediators.{name}"
        on_hazards[j] = reading.strengths.effects(name)
        tables["driver_start"][j] = reading.draw.value(f"{path}.start", one.start)
        tables["driver_spread"][j] = reading.draw.value(f"{path}.spread", one.spread)
        if one.half_life_days is not None:
            half_life = reading.draw.value(f"{path}.half_life_days", one.half_life_days)
            tables["driver_kept"][j] = kept_after_a_day(half_life)
        tables["driver_ceiling"][j] = reading.strengths.ceiling(name)
    for name, ill in reading.catalogue.diagnoses.items():
        j, path = reading.at[SYMPTOMS + name], f"diagnoses.{name}"
        on_hazards[j] = reading.strengths.effects(SYMPTOMS + name)
        tables["driver_kept"][j] = kept_after_a_day(
            reading.draw.value(f"{path}.symptom_half_life_days", ill.symptom_half_life_days)
        )
        tables["driver_ceiling"][j] = reading.strengths.ceiling(SYMPTOMS + name)
        tables["use_raises"][j] = reading.draw.value(f"{path}.use_raises", ill.use_raises)
    for name, barrier in reading.catalogue.barriers.items():
        j, path = reading.at[name], f"barriers.{name}"
        on_hazards[j] = reading.row(f"{path}.effects", barrier.effects)
        tables["per_visit"][j] = reading.draw.value(f"{path}.per_visit", barrier.per_visit)
    on = reading.scenario.mechanisms
    if not on.relationships:
        on_hazards[[ALLIANCE, RUPTURE]] = 0.0
    if not on.visit_burden:
        tables["per_visit"][:] = 0.0
    if not on.symptoms_from_use:
        tables["use_raises"][:] = 0.0
    if "schedule" in reading.at:
        j = reading.at["schedule"]
        left = 1.0 - schedule_relief(reading)
        tables["effects"][j] *= left
        tables["per_visit"][j] *= left
    return tables


def base_table(reading: Reading) -> Array:
    """Float 2 x H: the base of each hazard by substance, log scale."""
    return np.array(
        [base_row(reading.draw, reading.catalogue, substance) for substance in SUBSTANCES]
    )


def feature_tables(reading: Reading) -> tuple[Array, Array]:
    """What each feature of a person does to hazards (C x H), and to early dropout (C)."""
    effects = np.zeros((len(reading.features), len(HAZARDS)))
    early = np.zeros(len(reading.features))
    for name, trait in reading.catalogue.traits.items():
        c, path = reading.feature_at[name], f"traits.{name}"
        if name != "low_dose":
            effects[c] = reading.row(f"{path}.effects", trait.effects)
            early[c] = reading.row(f"{path}.early_effects", trait.early_effects)[Hazard.DROPOUT]
    for name, ill in reading.catalogue.diagnoses.items():
        c, path = reading.feature_at[name], f"diagnoses.{name}"
        effects[c] = reading.row(f"{path}.effects", ill.effects)
        early[c] = reading.row(f"{path}.early_effects", ill.early_effects)[Hazard.DROPOUT]
    return effects, early


def crisis_table(reading: Reading) -> Array:
    """CRISES rows: the diagnoses that have any, where crises are switched on."""
    rows = []
    for number, (name, ill) in enumerate(reading.catalogue.diagnoses.items()):
        rate = reading.draw.value(f"diagnoses.{name}.crises_per_year", ill.crises_per_year)
        if rate > 0.0 and reading.scenario.mechanisms.crises:
            key = hash_of_name(f"crisis:{name}")
            log_of_rate = log_rate(per_day(rate, "per year"))
            rows.append(
                (reading.at[SYMPTOMS + name], reading.feature_at[name], log_of_rate, key, number)
            )
    return np.array(rows, CRISES)


def stream_table(reading: Reading) -> Array:
    """Float streams x H: what coming by a referral stream does to hazards."""
    return np.array(
        [
            reading.row(f"streams.{name}.effects", one.effects)
            for name, one in reading.catalogue.streams.items()
        ]
    ).reshape(-1, len(HAZARDS))


def clinic_table(reading: Reading) -> Array:
    """Float clinics x H: what a clinic does to hazards beside the mean one, log scale.

    A row for each site of a trial, or one. A clinic differs in how fast people leave, and in how
    much is used where it is: in the odds of use on a day, and of being in regular use in the long
    run, half of them by its beginning and half by its ending.
    """
    sites = reading.scenario.clinic.sites
    several = reading.scenario.arrivals.cohort is not None and sites > 1
    effects = np.zeros((sites if several else 1, len(HAZARDS)))
    for clinic in range(len(effects)):
        at = f"{AT_SITE}{clinic}" if several else ""
        use = reading.model("clinic_use_sd") * reading.draw.deviate(f"{CLINIC_USE}{at}")
        leaving = reading.model("clinic_sd") * reading.draw.deviate(f"{CLINIC}{at}")
        effects[clinic, Hazard.DROPOUT] = leaving
        effects[clinic, Hazard.USE] = use
        effects[clinic, Hazard.REGULAR_USE_BEGINS] = use / 2.0
        effects[clinic, Hazard.REGULAR_USE_ENDS] = -use / 2.0
    return effects
