"""Before the first day: what lasts about people is summed up, the caseload is seated.

A clinic's present patients are its long-stayers. Candidates are drawn with a day of admission
uniform over the years before and kept with the chance that they would still be there; so time in
care, medication and frailty of those present come out length-biased without a formula for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import kernel, rule, unsigned
from txsim.parameters.case_mix import CaseMix
from txsim.people.population import DAYS_ASKED_ABOUT, People, draw_person
from txsim.randomness import (
    chance_of,
    decision,
    exponential,
    joined,
    logarithm,
    normal,
    uniform,
)
from txsim.rules.home import rung_at_start
from txsim.rules.inpatient import came_through_withdrawal
from txsim.rules.medication import (
    WHICH_MEDICATION,
    choose_medication,
    days_until_next_visit,
    phase_of,
    put_on_medication,
)
from txsim.rules.reviews import consider_services
from txsim.rules.staff_turnover import assign_key_worker
from txsim.rules.waiting import ask
from txsim.state.events import (
    ADMITTED,
    ASKED,
    BECAUSE_DROPPED_OUT,
    FIRST_DOSE,
    LEFT,
    STABILISED,
    WALKED_AWAY,
    happen,
)
from txsim.state.layout import RECENT_USE, Array, ClinicState
from txsim.state.sizes import LEAVING_PHASES, TOLERANCE

if TYPE_CHECKING:
    from txsim.parameters.tables import Parameters
    from txsim.randomness import Key
    from txsim.state.patient import PatientRow
    from txsim.state.records import MedicationRow, Rows, SecondSubstanceRow
    from txsim.state.scalars import Scalars

YEARS_BACK = 5
"""Nobody is looked for who has been in care for longer."""
DAYS_BACK = 365 * YEARS_BACK
"""Candidates for the opening caseload were admitted at any time within so many days before."""
TRIES = 120
"""Candidates looked at for one place before the last is taken as is."""

ADMITTED_HOW_LONG_AGO = decision("how long ago a present patient was admitted")
IS_STILL_THERE = decision("a present patient is still there")
FIRST_SESSION = decision("when the first session after opening is due")
REGIME_AT_OPENING = decision("the regime of use of a present patient")
CLEAN_AT_OPENING = decision("for how long a present patient has been without a positive urine")
START_OF_DRIVER = decision("a driver's starting value")

DROPOUT = int(Hazard.DROPOUT)
TRANSFER = int(Hazard.TRANSFER)
JAIL = int(Hazard.JAIL)
COMPLETION = int(Hazard.COMPLETION)
WHICH_SECOND = decision("which of several second substances is used")
SECOND_REGIME = decision("regular use of the second substance when asking, or at opening")

OPIOID = 0
"""Its published rates are of leaving for any reason; those for alcohol are of dropping out."""
BEGINS = int(Hazard.REGULAR_USE_BEGINS)
ENDS = int(Hazard.REGULAR_USE_ENDS)
USE = int(Hazard.USE)


class Lasting(NamedTuple):
    """What lasts about people, on log scales: by what they come with, and where."""

    base: Array
    """Float 2 x H, by substance."""
    features: Array
    """Float C x H."""
    early: Array
    """Float C: on dropout in the first days."""
    streams: Array
    """Float streams x H."""
    clinics: Array
    """Float clinics x H."""
    after_withdrawal: float
    """On the beginning of regular use, of who came for opioids through withdrawal."""
    on_unit: bool
    """Whether everybody goes through withdrawal on an inpatient unit."""


def lasting(parameters: Parameters) -> Lasting:
    """What lasts about the people of a clinic."""
    p = parameters.scalars[0]
    return Lasting(
        parameters.base,
        parameters.feature_effects,
        parameters.early_effects,
        parameters.stream_effects,
        parameters.clinic_effects,
        float(p["regular_use_begins_after_detoxification"]),
        bool(p["inpatient_days"] > 0),
    )


@rule
def sum_up(people: People, i: int, lasts: Lasting, fixed: Array, first: Array) -> None:
    """What lasts about a person, on every hazard (`fixed`) and on early dropout (`first`)."""
    patient = people.patients[i]
    for h in range(lasts.base.shape[1]):
        fixed[i, h] = lasts.base[patient.substance, h] + lasts.streams[patient.stream, h]
        fixed[i, h] += lasts.clinics[patient.site, h]
    if came_through_withdrawal(patient, lasts.on_unit):
        fixed[i, BEGINS] += lasts.after_withdrawal
    first[i] = 0.0
    for c in range(lasts.features.shape[0]):
        value = people.features[i, c]
        if value != 0.0:
            first[i] += value * lasts.early[c]
            for h in range(lasts.base.shape[1]):
                fixed[i, h] += value * lasts.features[c, h]


@rule
def cumulative_hazard(medication: MedicationRow, days: float) -> float:
    """The marginal cumulative hazard of leaving after so many days on a medication."""
    total = 0.0
    for k in range(LEAVING_PHASES):
        if days > medication.phase_from[k]:
            last = k == LEAVING_PHASES - 1
            end = days if last else min(days, float(medication.phase_from[k + 1]))
            total += (end - medication.phase_from[k]) * medication.phase_marginal[k]
    return total


@rule
def give_second_substance(
    patient: PatientRow, seconds: Rows[SecondSubstanceRow], has: Array, i: int
) -> None:
    """What a person uses besides, if anything; of several that they could, each is as likely."""
    most = -1.0
    for k in range(seconds.size):
        if has[i, seconds[k].feature]:
            luck = uniform(joined(patient.key, seconds[k].key), WHICH_SECOND)
            if luck > most:
                most = luck
                patient.second_substance = k
    if patient.second_substance >= 0:
        one = seconds[patient.second_substance]
        luck = uniform(joined(patient.key, one.key), SECOND_REGIME)
        patient.second_regular_use = luck < one.regular


@kernel
def settle_people(
    people: People,
    seconds: Rows[SecondSubstanceRow],
    lasts: Lasting,
    fixed: Array,
    first: Array,
    has: Array,
    drivers: Array,
    start: Array,
    spread: Array,
    keys: Array,
    mediators: int,
    first_barrier: int,
    housing: int,
    housing_burden: float,
    unemployed: int,
    marked_trait: float,
) -> None:
    """Lasting effects, features, second substance, home, work, starting drivers of everybody.

    A trait that is a matter of more or less counts as there from `marked_trait` on.
    """
    for i in range(people.patients.size):
        sum_up(people, i, lasts, fixed, first)
        for c in range(has.shape[1]):
            has[i, c] = 1 if people.features[i, c] > marked_trait else 0
        people.patients[i].second_substance = -1
        people.patients[i].second_regular_use = False
        give_second_substance(people.patients[i], seconds, has, i)
        key = people.patients[i].key
        for j in range(mediators):
            own = joined(joined(key, keys[j]), START_OF_DRIVER)
            drivers[i, j] = start[j] + (
                spread[j] * normal(uniform(own, START_OF_DRIVER)) if spread[j] > 0.0 else 0.0
            )
        drivers[i, RECENT_USE] = people.patients[i].use_days_30 / DAYS_ASKED_ABOUT
        for b in range(people.burdens.shape[1]):
            drivers[i, first_barrier + b] = people.burdens[i, b]
        people.patients[i].home = rung_at_start(drivers[i, housing], housing_burden)
        people.patients[i].works = has[i, unemployed] == 0


@rule
def days_stayed(medication: MedicationRow, hazard: float) -> float:
    """Days on a medication after which the cumulative hazard of leaving has come to this much."""
    days = 0.0
    last = LEAVING_PHASES - 1
    for k in range(LEAVING_PHASES):
        rate = medication.phase_marginal[k]
        length = float(medication.phase_from[k + 1]) - days if k < last else 0.0
        if k == last or hazard < rate * length:
            return days + hazard / max(rate, TOLERANCE)
        hazard -= rate * length
        days += length
    return days


@kernel
def draw_present(
    mix_of: CaseMix,
    people: People,
    count: int,
    key: Key,
    medications: Rows[MedicationRow],
    lasts: Lasting,
    usual: float,
    fixed: Array,
    first: Array,
    ago: Array,
    leaving: Array,
) -> None:
    """Draw the first `count` people as patients present at opening; how long ago each was admitted.

    `usual` is the mean hazard ratio of leaving among people who ask, against which a candidate's
    own is set; `fixed` (N x H) and `first` (N) are work space. `leaving` receives each one's rate
    of leaving, a day.
    """
    for i in range(count):
        own = joined(key, np.uint64(people.patients[i].person))
        for attempt in range(TRIES):
            candidate = joined(own, np.uint64(attempt + 1))
            draw_person(mix_of, people, i, candidate)
            sum_up(people, i, lasts, fixed, first)
            patient = people.patients[i]
            medication = choose_medication(
                medications, patient.substance, uniform(candidate, WHICH_MEDICATION)
            )
            days = uniform(candidate, ADMITTED_HOW_LONG_AGO) * DAYS_BACK
            other_exits = 0.0
            if patient.substance != OPIOID:
                beyond = max(0.0, days - medications[medication].completion_after)
                other_exits = days * exponential(fixed[i, TRANSFER])
                other_exits += days * exponential(fixed[i, JAIL])
                other_exits += beyond * exponential(fixed[i, COMPLETION])
            ratio = exponential(fixed[i, DROPOUT]) / usual
            ago[i] = int(days)
            patient.medication = medication
            now = medications[medication].phase_marginal[phase_of(medications[medication], ago[i])]
            leaving[i] = now * ratio + (other_exits / days if days > 0.0 else 0.0)
            if uniform(candidate, IS_STILL_THERE) < exponential(
                -cumulative_hazard(medications[medication], days) * ratio - other_exits
            ):
                break


@rule
def weeks_clean(rare: float, p: Scalars, luck: float) -> int:
    """Weekly urines without use in a row, of somebody who uses on some days outside regular use.

    No more than count for anything.
    """
    without = (1.0 - rare) ** p.urine_window_days
    most = float(p.clean_weeks)
    if without >= 1.0 - TOLERANCE:
        return int(most)
    return int(min(logarithm(luck) / logarithm(max(without, TOLERANCE)), most))


@kernel
def seat_present(state: ClinicState, count: int, opening: int, ago: Array) -> None:
    """Seat the first `count` people on the opening day, in care since `ago` days."""
    p = state.scalars[0]
    for i in range(count):
        patient = state.patients[i]
        since = opening - 1 - ago[i]
        happen(state.log, state.written, patient, since, ASKED, 0)
        happen(state.log, state.written, patient, since, ADMITTED, 0)
        medication = state.medications[patient.medication]
        if medication.service >= 0:
            patient.dose_since = since
            patient.supplied_until = opening + 1
            patient.cover = 1.0
        happen(state.log, state.written, patient, since, FIRST_DOSE, patient.medication)
        if ago[i] >= medication.induction_days:
            happen(state.log, state.written, patient, since, STABILISED, 0)
        patient.last_contact = opening - 1
        patient.key_worker = assign_key_worker(state)
        patient.review_day = opening + int(
            uniform(patient.key, FIRST_SESSION) * p.review_every_days
        )
        effect = state.medication_effects[patient.medication]
        begins = exponential(state.fixed[i, BEGINS] + effect[BEGINS])
        ends = exponential(state.fixed[i, ENDS] + effect[ENDS])
        patient.regular_use = uniform(patient.key, REGIME_AT_OPENING) < begins / (begins + ends)
        patient.negative_urines_in_a_row = 0
        if not patient.regular_use:
            rare = chance_of(state.fixed[i, USE] + p.occasional_use)
            luck = uniform(patient.key, CLEAN_AT_OPENING)
            patient.negative_urines_in_a_row = weeks_clean(rare, p, luck)
        if patient.second_substance >= 0:
            one = state.second_substances[patient.second_substance]
            # As many as are in regular use in the long run, by the same luck as when asking.
            regular = chance_of(one.begins - one.ends)
            luck = uniform(joined(patient.key, one.key), SECOND_REGIME)
            patient.second_regular_use = luck < regular
        put_on_medication(state, i, since)
        patient.supply_days = days_until_next_visit(state, patient, opening)
        consider_services(state, i, opening)
        for place in range(patient.agenda_length):
            s = unsigned(state.agenda[i, place])
            gap = state.services[s].every_days
            if state.services[s].carries_dose:
                gap = patient.supply_days
            state.due[i, s] = opening + int(
                uniform(joined(patient.key, state.services[s].key), FIRST_SESSION) * gap
            )
            if state.services[s].carries_dose:
                # The supply at hand lasts until the next visit.
                patient.supplied_until = max(state.due[i, s], opening + 1)
            state.level[i, s] = p.dose_at_opening


@kernel
def seat_past(
    state: ClinicState,
    first: int,
    opening: int,
    left: Array,
    waits: Array,
    days_ago: Array,
    waited: Array,
    stayed: Array,
) -> None:
    """Enter the people who were here before, from row `first` on: gone, or waiting anew."""
    for place in range(left.size):
        i = unsigned(first + place)
        patient = state.patients[i]
        began = opening - days_ago[place]
        luck = uniform(patient.key, WHICH_MEDICATION)
        patient.last_medication = choose_medication(state.medications, patient.substance, luck)
        if left[place]:
            medication = state.medications[patient.last_medication]
            days = int(days_stayed(medication, -logarithm(stayed[place])))
            happen(state.log, state.written, patient, began - days, ASKED, 0)
            happen(state.log, state.written, patient, began - days, ADMITTED, 0)
            patient.first_medication = patient.last_medication
            patient.last_contact = began
            happen(state.log, state.written, patient, began, LEFT, BECAUSE_DROPPED_OUT)
        else:
            happen(state.log, state.written, patient, began, ASKED, 0)
        if waits[place]:
            ask(state, i, opening - 1 - waited[place])
        elif not left[place]:
            happen(state.log, state.written, patient, began, WALKED_AWAY, 0)
