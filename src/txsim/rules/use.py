"""Use: two regimes, regular and not, and a draw each day within the regime.

Lapse, relapse and remission are not here: they are definitions that read the daily log (see
`outcomes.families.relapse`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import rule
from txsim.randomness import decision, happens, ringing_time, uniform
from txsim.rules.inpatient import use_on_unit
from txsim.state.events import JAILED, REGULAR_USE_BEGAN, REGULAR_USE_ENDED, happen
from txsim.state.layout import ClinicState

if TYPE_CHECKING:
    from txsim.randomness import Key
    from txsim.state.records import Array
    from txsim.state.scalars import Scalars

USES_TODAY = decision("uses today")
REGIME_CHANGES = decision("the regime of use changes")
DRINKS_HEAVILY = decision("drinks heavily today")

USE = int(Hazard.USE)
REGULAR_USE_BEGINS = int(Hazard.REGULAR_USE_BEGINS)
REGULAR_USE_ENDS = int(Hazard.REGULAR_USE_ENDS)


@rule
def regime_log_rate(regular: bool, effects: Array, cover: float, medication: Array) -> float:
    """Log rate, per day, of leaving the present regime: effects, and the dose by its cover."""
    h = REGULAR_USE_ENDS if regular else REGULAR_USE_BEGINS
    return effects[h] + cover * medication[h]


@rule
def use_log_odds(
    regular: bool, effects: Array, cover: float, medication: Array, p: Scalars
) -> float:
    """Log odds of use on a day: in regular use less under the dose, outside it rare in any case."""
    return effects[USE] + (cover * medication[USE] if regular else p.occasional_use)


@rule
def is_heavy(luck: float, regular: bool, cover: float, p: Scalars) -> bool:
    """Whether a drinking day is a heavy one: less often outside regular use.

    What makes a day of use rarer there does so in part to a heavy day, on the log odds.
    """
    occasional = 0.0 if regular else p.occasional_use * p.occasional_heavy
    return happens(luck, p.heavy_log_odds + occasional)


@rule
def use_today(state: ClinicState, i: int, key: Key, day: int) -> bool:
    """Change regime perhaps, then use or not (not in jail); whether the person used today."""
    p = state.scalars[0]
    patient = state.patients[i]
    if patient.status == JAILED:
        patient.used = False
        patient.heavy = False
        return False
    effects = state.acting
    medication = state.medication_effects[patient.medication]
    if (
        ringing_time(
            uniform(key, REGIME_CHANGES),
            regime_log_rate(patient.regular_use, effects, patient.cover, medication),
        )
        < 1
    ):
        patient.regular_use = not patient.regular_use
        kind = REGULAR_USE_BEGAN if patient.regular_use else REGULAR_USE_ENDED
        happen(state.log, state.written, patient, day, kind, 0)
    patient.used = happens(
        uniform(key, USES_TODAY),
        use_log_odds(patient.regular_use, effects, patient.cover, medication, p)
        + use_on_unit(patient, p, day),
    )
    patient.heavy = patient.used
    if patient.used:
        patient.last_use = day
        if patient.substance == 1:
            patient.heavy = is_heavy(
                uniform(key, DRINKS_HEAVILY), patient.regular_use, patient.cover, p
            )
    return patient.used
