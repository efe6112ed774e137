"""Crises: acute states of some diagnoses, which strain the bond with the primary counsellor.

A person with such a diagnosis has them at a yearly rate, more often the higher the symptoms are
above their usual level, and on days on which a second substance is used; so a service that lowers
symptoms spares crises. A crisis raises craving and costs alliance. Sizes are assumptions (grade D).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule
from txsim.randomness import decision, joined, ringing_time, uniform
from txsim.rules.linear_predictor import ALL
from txsim.state.events import CRISIS, JAILED, happen
from txsim.state.layout import ALLIANCE, CRAVING, ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.scalars import Scalars

HAS_A_CRISIS = decision("has a crisis")


@rule
def crisis_log_rate(base: float, symptoms: float, second_use: float, p: Scalars) -> float:
    """Log rate, per day, of a crisis.

    The diagnosis's, symptoms above their usual level, and use of a second substance that day.
    """
    return base + p.crisis_symptoms * symptoms + second_use


@rule
def have_crises(state: ClinicState, i: int, key: Key, day: int) -> None:
    """A crisis today, for each of a person's diagnoses that has any."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.status == JAILED:
        return
    second_use = 0.0
    if patient.second_used:
        second_use = state.second_substances[patient.second_substance].crises
    for c in range(state.crises.size):
        one = state.crises[c]
        if state.has[i, one.feature]:
            rate = crisis_log_rate(one.log_rate, state.felt[ALL, one.driver], second_use, p)
            if ringing_time(uniform(joined(key, one.key), HAS_A_CRISIS), rate) < 1.0:
                state.drivers[i, CRAVING] += p.crisis_craving
                state.drivers[i, ALLIANCE] -= p.crisis_alliance
                patient.crises += 1
                happen(state.log, state.written, patient, day, CRISIS, one.number)
