"""A second substance: what some people use beside the one they come for, and its weekly urine.

Regular use of it begins and ends by itself, whatever is done about the first substance, and
services act on a day's use. A day of use raises the hazards of that night (overdose above all).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import rule, unsigned
from txsim.randomness import decision, happens, ringing_time, uniform
from txsim.rules.clinic_rules import OPIOID, is_urine_due
from txsim.rules.weekly_assessment import is_followed
from txsim.state.events import JAILED, SECOND_USE_BEGAN, SECOND_USE_ENDED, happen, in_care
from txsim.state.layout import ClinicState
from txsim.state.sizes import LANES

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.records import Array, SecondSubstanceRow

USES_SECOND = decision("uses the second substance today")
SECOND_REGIME_CHANGES = decision("regular use of the second substance begins or ends")

SECOND_USE = int(Hazard.SECOND_USE)


@rule
def second_regime_log_rate(one: SecondSubstanceRow, regular: bool) -> float:
    """Log rate, per day, of leaving the present regime: the substance's own."""
    return one.ends if regular else one.begins


@rule
def second_use_log_odds(one: SecondSubstanceRow, regular: bool, effects: Array) -> float:
    """Log odds of use on a day, by regime, and what acts on it; no medication does."""
    return effects[SECOND_USE] + (one.use if regular else one.occasional_use)


@rule
def use_second_substance(state: ClinicState, i: int, key: Key, day: int) -> None:
    """Regular use may begin or end, then use or not (not in jail); what a day of use adds."""
    patient = state.patients[i]
    patient.second_used = False
    if patient.status == JAILED:
        return
    k = unsigned(patient.second_substance)
    one = state.second_substances[k]
    rate = second_regime_log_rate(one, patient.second_regular_use)
    if ringing_time(uniform(key, SECOND_REGIME_CHANGES), rate) < 1:
        patient.second_regular_use = not patient.second_regular_use
        kind = SECOND_USE_BEGAN if patient.second_regular_use else SECOND_USE_ENDED
        happen(state.log, state.written, patient, day, kind, patient.second_substance)
    odds = second_use_log_odds(one, patient.second_regular_use, state.acting)
    if not happens(uniform(key, USES_SECOND), odds):
        return
    patient.second_used = True
    patient.second_last_use = day
    for h in range(LANES):
        state.acting[h] += state.second_effects[k, h]
    if in_care(patient.status) and is_followed(patient, day, state.scalars[0]):
        patient.second_days_used += 1


@rule
def take_second_urine(state: ClinicState, i: int, day: int) -> None:
    """Test the weekly urine for the second substance too; of people who drink, it is taken for it.

    Counted within a person's follow-up.
    """
    patient = state.patients[i]
    if not is_urine_due(patient, day):
        return
    if patient.substance != OPIOID:
        patient.urines += 1
    if is_followed(patient, day, state.scalars[0]):
        patient.second_urines += 1
        k = unsigned(patient.second_substance)
        window = state.second_substances[k].urine_window_days
        if day - patient.second_last_use < window:
            patient.second_urines_positive += 1
