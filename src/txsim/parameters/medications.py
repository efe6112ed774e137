"""Medications as records: doses, induction, phases of leaving, overdose risks; take-home steps."""

from __future__ import annotations

from math import exp, log
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from txsim.catalogue.load import load_catalogue
from txsim.catalogue.strengths import medication_row
from txsim.catalogue.vocabulary import HAZARDS, SUBSTANCES
from txsim.parameters.reader import Reading
from txsim.randomness import hash_of_name
from txsim.state.layout import Array
from txsim.state.records import MEDICATION, TAKE_HOME
from txsim.state.sizes import LEAVING_PHASES
from txsim.units import DAYS_PER_MONTH, log_rate, per_day

if TYPE_CHECKING:
    from txsim.catalogue import Medication
    from txsim.catalogue.draw import Draw

LEAST_RATE = 1e-9
"""A rate has a logarithm; where nobody leaves it is so small."""
NOT_IN_A_LIFETIME = 100_000
"""Days after which a phase begins, or treatment is completed, that never is."""


OVERDOSES = {
    "overdose_first": "in_first_4_weeks",
    "overdose_later": "in_later",
    "overdose_out_first": "out_first_4_weeks",
    "overdose_out_later": "out_later",
}
"""Fields of MEDICATION, and what the catalogue calls them."""


def leaving_log_rate(draw: Draw, name: str, medication: Medication, phase: int) -> float:
    """Log daily rate of leaving in a phase of a medication.

    The phases of a medication are drawn together: faster or slower in all of them.
    """
    path, one = f"medications.{name}.phases", medication.phases[phase]
    log_rate = draw.figure(f"{path}.{phase}.solved", one.log_rate)
    deviate = draw.deviate(path)
    if deviate == 0.0 or one.dropout.spread == 0.0:
        return log_rate
    return log_rate + log(one.dropout.at(deviate) / one.dropout.value)


def published_log_rate(draw: Draw, name: str, medication: Medication, phase: int) -> float:
    """Log daily rate of leaving in a phase as it was published: of all kinds of people together."""
    number = medication.phases[phase].dropout
    value = number.at(draw.deviate(f"medications.{name}.phases"))
    return log_rate(per_day(value, number.unit))


def assigned_shares(reading: Reading) -> dict[str, float]:
    """The share of people that each medication is meant for; by preference, all equally."""
    assign = reading.scenario.medication.assign
    if assign == "by preference":
        return {name: 1.0 for name, one in reading.catalogue.medications.items() if one.service}
    return dict(assign)


def dose_effect(dose: float, saturation: float) -> float:
    """Effect of a steady dose, against that of the usual one: rising with the dose ever less.

    (1 - exp(-k dose)) / (1 - exp(-k)), the dose in usual doses.
    """
    return (1.0 - exp(-saturation * dose)) / (1.0 - exp(-saturation))


def share_on_low_dose(usual: float, dose: float, mark: float) -> float:
    """Share of people held on a low dose, where the clinic's doses are this many usual ones.

    People's doses lie log-normally around the clinic's, so widely that at the usual dose the usual
    share of them is below the mark.
    """
    if dose == 1.0 or not 0.0 < usual < 1.0:
        return usual
    return NormalDist().cdf(NormalDist().inv_cdf(usual) * (1.0 - log(dose) / log(mark)))


def usual_leaving() -> float:
    """Published daily rate of leaving methadone in its middle phase.

    Transfers and completions are shares of those who leave: their rates are told for this phase,
    and for others go by what was published, whatever a scenario says of dropping out.
    """
    methadone = load_catalogue().medications["methadone"]
    return rate_on(methadone, methadone.phases[1].from_day)


def rate_on(medication: Medication, day: int) -> float:
    """Marginal daily rate of leaving a medication on a day in care."""
    phase = [one for one in medication.phases if one.from_day <= day or one.from_day == 0][-1]
    return max(per_day(phase.dropout.value, phase.dropout.unit), LEAST_RATE)


def leaving_of_the_mix(reading: Reading) -> float:
    """Log hazard ratio of leaving in the era, or kind of programme, that the case mix is of."""
    mixes = reading.catalogue.mixes
    name = reading.scenario.population.mix or next(iter(mixes))
    return reading.draw.effect(f"mixes.{name}.leaving", mixes[name].leaving)


def leaving_of_care(reading: Reading, name: str, medication: Medication, day: int) -> float:
    """Log hazard ratio of leaving a medication in trial care, where the clinic's is that.

    It has one size in phases that begin within the first month, and one later.
    """
    if reading.scenario.clinic.care == "routine":
        return 0.0
    field = "leaving_at_first_in_trials" if day < DAYS_PER_MONTH else "leaving_in_trials"
    return reading.draw.effect(f"medications.{name}.{field}", getattr(medication, field))


def medication_tables(reading: Reading) -> tuple[Array, Array]:
    """MEDICATION records, and what the dose in force does to hazards (medications x H)."""
    rows = np.zeros(len(reading.medications), MEDICATION)
    effects = np.zeros((len(reading.medications), len(HAZARDS)))
    assigned = assigned_shares(reading)
    usual, of_the_mix = usual_leaving(), leaving_of_the_mix(reading)
    saturation, mark = reading.model("dose_saturation"), reading.model("low_dose_mark")
    for m, (name, one) in enumerate(reading.catalogue.medications.items()):
        path = f"medications.{name}"
        row = rows[m]
        dose = reading.scenario.medication.dose if one.agonist else 1.0
        effects[m] = medication_row(reading.draw, reading.catalogue, name)
        effects[m] *= dose_effect(dose, saturation)
        row["substance"] = SUBSTANCES.index(one.substance)
        row["service"] = reading.service_at[one.service] if one.service else -1
        row["days_per_visit"] = one.days_per_visit or 1.0
        row["take_home"] = one.take_home
        row["agonist"] = one.agonist
        row["induction_days"] = round(one.induction_days * max(dose, 1.0))
        row["induction"] = reading.draw.value(f"{path}.induction_success", one.induction_success)
        row["induction_detoxified"] = reading.draw.value(
            f"{path}.induction_success_detoxified", one.induction_success_detoxified
        )
        row["adherence"] = reading.draw.value(f"{path}.adherence", one.adherence)
        row["settles"] = reading.draw.value(f"{path}.settles", one.settles)
        row["completion_after"] = round(one.completion_after_days) or NOT_IN_A_LIFETIME
        for k in range(LEAVING_PHASES):
            last = min(k, len(one.phases) - 1)
            phase = one.phases[last]
            leaving = of_the_mix + leaving_of_care(reading, name, one, phase.from_day)
            row["phase_from"][k] = phase.from_day if k < len(one.phases) else NOT_IN_A_LIFETIME
            row["phase_dropout"][k] = leaving_log_rate(reading.draw, name, one, last) + leaving
            row["phase_marginal"][k] = per_day(phase.dropout.value, phase.dropout.unit)
            row["phase_marginal"][k] *= exp(leaving)
            if one.substance == "opioid":
                shipped = load_catalogue().medications.get(name, one)
                row["phase_other_exits"][k] = leaving + log(
                    rate_on(shipped, phase.from_day) / usual
                )
        if one.overdose is not None:
            for field, when in OVERDOSES.items():
                number = getattr(one.overdose, when)
                row[field] = reading.draw.effect(f"{path}.overdose.{when}", number)
        low = reading.draw.value(f"{path}.low_dose_share", one.low_dose_share)
        row["low_dose_share"] = share_on_low_dose(low, dose, mark)
        row["assigned"] = assigned.get(name, 0.0)
        row["key"] = hash_of_name(f"medication:{name}")
    return rows, effects


def take_home_steps(reading: Reading) -> Array:
    """TAKE_HOME steps of the rule set in force, or the design's own."""
    rules = reading.scenario.medication.take_home
    steps = reading.catalogue.take_home[rules].steps if isinstance(rules, str) else rules
    return np.array([(one.from_day, one.days_per_visit, one.clean) for one in steps], TAKE_HOME)
