"""Each hazard as its rule reads it: when it can happen at all, its value, and its own terms.

The value is the rule's own. What a term is worth is found by asking the rule again with that term
left out, so that no rule is written twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from txsim.catalogue.vocabulary import Hazard, unknown_name
from txsim.errors import TxsimError
from txsim.explain.contributions import features
from txsim.explain.explanation import Contribution
from txsim.explain.patient_day import CannotHappen, Turn
from txsim.formatting import counted, listed, lower
from txsim.rules.exits import (
    CAN,
    completion_log_rate,
    dropout_log_rate,
    is_out_of_care,
    other_death_log_rate,
    overdose_log_rate,
    suicide_log_rate,
    transfer_log_rate,
)
from txsim.rules.inpatient import leaving_of_unit, lives_on_unit, use_on_unit
from txsim.rules.medication import is_on_interim_doses, phase_of
from txsim.rules.peer_network import cohesion_of
from txsim.rules.second_substance import second_use_log_odds
from txsim.rules.sessions import attendance_log_odds
from txsim.rules.use import regime_log_rate, use_log_odds
from txsim.rules.waiting import entry_log_odds
from txsim.state.events import (
    BOOKED,
    JAILED,
    NEVER,
    TRANSFERRED,
    Status,
    in_care,
    is_in_line,
)
from txsim.units import IMPOSSIBLE

Value = tuple[float, list[Contribution]]
"""The log rate or log odds of a hazard, and those of its terms that are not weighed in advance."""

OVERDOSE_PHASES = {
    "overdose_first": "in the first four weeks on it",
    "overdose_later": "after the first four weeks on it",
    "overdose_out_first": "in the first four weeks after leaving",
    "overdose_out_later": "outside care",
}


def left_out(record: Any, *fields: str) -> Any:
    """A copy of a record of the state in which these fields are 0."""
    copy = record.copy()
    for field in fields:
        copy[field] = 0
    return copy


def label_of(turn: Turn, medication: int) -> str:
    """A medication in words."""
    name = turn.clinic.parameters.medication_names[medication]
    return lower(turn.clinic.design.catalogue.medications[name].label)


def standing(turn: Turn, record: Any) -> str:
    """Where a person stands, in words."""
    return Status(record.status).name.lower().replace("_", " ")


# --- daily chances


def attendance(turn: Turn, service: str) -> Value:
    """Of one visit: the service's own, a second site, the cohesion of its group."""
    s = visit_of(turn, service)
    p, record = turn.state.scalars[0], turn.state.services[s]
    effects = turn.weighed.acting[Hazard.ATTENDANCE]
    felt = cohesion_of(turn.state, turn.row, s)
    total = attendance_log_odds(record, effects, p, felt)
    own = attendance_log_odds(left_out(record, "attendance"), effects, p, felt)
    elsewhere = attendance_log_odds(record, effects, left_out(p, "second_site"), felt)
    strangers = attendance_log_odds(record, effects, p, 0.0)
    name = turn.clinic.parameters.service_names[s]
    label = lower(turn.clinic.design.catalogue.services[name].label)
    return total, [
        Contribution(f"base for {label}", "", total - own),
        Contribution("at a second site", "", total - elsewhere),
        Contribution("cohesion of the group", f"{felt:.2f} of the most", total - strangers),
    ]


def visit_of(turn: Turn, service: str) -> int:
    """The position of the service whose visit is meant: named, or else the dose's, or the first.

    Raises TxsimError for an unknown service, CannotHappen when there is no such visit today.
    """
    names = turn.clinic.parameters.service_names
    if not turn.state.opening_week[turn.day % 7]:
        raise CannotHappen("the clinic is closed")
    if lives_on_unit(turn.waking, turn.state.scalars[0], turn.day):
        raise CannotHappen("lives on the inpatient unit, where every visit is kept")
    today = [s for s in range(len(names)) if turn.booked[s] and s != intake(turn)]
    if not service:
        if not today:
            waits = turn.due.any() and not turn.booked.any()
            raise CannotHappen("no visit that is due fits in" if waits else "no visit is due")
        carried = int(turn.state.medications[turn.waking.medication].service)
        return carried if carried in today else today[0]
    known = tuple(turn.clinic.design.catalogue.services)
    if service not in known:
        raise TxsimError(unknown_name("service", service, known))
    if service not in [names[s] for s in today]:
        booked = listed([names[s] for s in today]) or "nothing"
        raise CannotHappen(f"no visit of {service} is held for this person (booked: {booked})")
    return names.index(service)


def intake(turn: Turn) -> int:
    """The position of the service that is the intake appointment."""
    return int(turn.state.scalars[0].intake_service)


def entry(turn: Turn, service: str) -> Value:
    """The curve of shows by days since asking."""
    patient, p = turn.waking, turn.state.scalars[0]
    if patient.status != BOOKED:
        raise CannotHappen(f"has no intake appointment ({standing(turn, patient)})")
    if not turn.booked[intake(turn)]:
        raise CannotHappen("the intake appointment is not held on this day")
    if is_on_interim_doses(patient, p):
        raise CannotHappen("is on interim doses, and comes to the intake as to a dose")
    days = float(turn.day - patient.since)
    total = entry_log_odds(days, turn.weighed.acting[Hazard.ENTRY], p)
    shown = entry_log_odds(days, 0.0, p)
    return total, [Contribution("days since asking", counted(days, "day"), shown)]


def use(turn: Turn, service: str) -> Value:
    """The medication in force; less outside regular use."""
    not_in_jail(turn)
    patient, p, acting = turn.dosed, turn.state.scalars[0], turn.weighed.acting
    effects = turn.state.medication_effects[patient.medication]
    regular = bool(turn.tonight.regular_use)

    def log_odds(cover: float = float(patient.cover), p: Any = p) -> float:
        return use_log_odds(regular, acting, cover, effects, p)

    occasional = log_odds() - log_odds(p=left_out(p, "occasional_use"))
    unit = use_on_unit(patient, p, turn.day)
    return log_odds() + unit, [
        in_force(turn, log_odds() - log_odds(cover=0.0)),
        Contribution("outside a spell of regular use", "", occasional),
        Contribution("on the inpatient unit", "", unit),
    ]


def in_force(turn: Turn, amount: float) -> Contribution:
    """What the dose in force is worth."""
    name = label_of(turn, turn.dosed.medication)
    return Contribution(f"medication: {name}", f"{turn.dosed.cover:.2f} of it in force", amount)


def second_use(turn: Turn, service: str) -> Value:
    """The substance's own, by regime; no medication."""
    not_in_jail(turn)
    patient, acting = turn.tonight, turn.weighed.acting
    if patient.second_substance < 0:
        raise CannotHappen("uses no second substance")
    one = turn.state.second_substances[patient.second_substance]
    regular = bool(patient.second_regular_use)
    total = float(second_use_log_odds(one, regular, acting))
    detail = "in regular use" if regular else "outside a spell of regular use"
    own = Contribution(f"base for {second_label(turn)}", detail, total - acting[Hazard.SECOND_USE])
    return total, [own]


def second_label(turn: Turn) -> str:
    """A person's second substance in words."""
    known = list(turn.clinic.design.catalogue.second_substances.values())
    return lower(known[turn.tonight.second_substance].label)


def regime(hazard: Hazard) -> Callable[[Turn, str], Value]:
    """A regime of use ends, or the other begins: the medication in force."""

    def value(turn: Turn, service: str) -> Value:
        not_in_jail(turn)
        patient, acting = turn.dosed, turn.weighed.acting
        regular = bool(patient.regular_use)
        if regular != (hazard == Hazard.REGULAR_USE_ENDS):
            spell = "is in a spell of regular use" if regular else "is in no spell of regular use"
            raise CannotHappen(spell)
        effects = turn.state.medication_effects[patient.medication]
        total = regime_log_rate(regular, acting, patient.cover, effects)
        without = regime_log_rate(regular, acting, 0.0, effects)
        return total, [in_force(turn, total - without)]

    return value


def fatality(turn: Turn, service: str) -> Value:
    """Of an overdose, should one come."""
    runs(turn, Hazard.OVERDOSE)
    return float(turn.state.acting[Hazard.FATALITY]), []


# --- clocks


def overdose(turn: Turn, service: str) -> Value:
    """The phase of care; on a day of use, the tolerance that was lost."""
    patient, p, acting = turn.tonight, turn.state.scalars[0], turn.state.acting
    medications = turn.state.medications

    def log_rate(*fields: str, p: Any = p) -> float:
        now, last = (
            left_out(medications[m], *fields) for m in (patient.medication, patient.last_medication)
        )
        return overdose_log_rate(patient, now, last, acting, p, turn.day)

    total = log_rate()
    phases = []
    for field, words in OVERDOSE_PHASES.items():
        outside = field.startswith("overdose_out") or patient.status == TRANSFERRED
        name = label_of(turn, patient.last_medication if outside else patient.medication)
        phases.append(Contribution(f"medication: {name}", words, total - log_rate(field)))
    lost = total - log_rate(p=left_out(p, "low_tolerance_overdose"))
    detail = f"used today, {patient.tolerance:.2f} of it left"
    return total, [*phases, Contribution("lost tolerance", detail, lost)]


def dropout(turn: Turn, service: str) -> Value:
    """The phase, regular use, the early days, a low dose, a preferred medication, the clinic."""
    patient, acting = turn.tonight, turn.state.acting
    medication = turn.state.medications[patient.medication]
    days = turn.day - patient.since

    def log_rate(
        medication: Any = medication,
        early: float = float(turn.state.early[turn.row]),
        p: Any = turn.state.scalars[0],
    ) -> float:
        own = dropout_log_rate(patient, medication, acting, early, p, days)
        return float(own + leaving_of_unit(patient, p, turn.day))

    def without(field: str) -> float:
        return total - log_rate(p=left_out(turn.state.scalars[0], field))

    total = log_rate()
    began = int(medication.phase_from[phase_of(medication, days)])
    early = turn.clinic.parameters.early_effects
    whose = [what.removeprefix("trait: ") for what, _, _, c in features(turn) if early[c]]
    phase = total - log_rate(medication=left_out(medication, "phase_dropout"))
    return total, [
        Contribution(
            f"medication: {label_of(turn, patient.medication)}", f"phase from day {began}", phase
        ),
        Contribution("early days", listed(whose), total - log_rate(early=0.0)),
        Contribution("in regular use", "", without("regular_use_dropout")),
        Contribution(
            "in regular use again after withdrawal",
            "",
            without("regular_use_dropout_after_detoxification"),
        ),
        Contribution("low dose", "", without("low_dose_dropout")),
        Contribution("on the medication wished for", "", without("preference_match")),
        Contribution("on the inpatient unit", "", without("inpatient_dropout")),
    ]


def death(log_rate: Callable[..., float], term: str) -> Callable[..., Value]:
    """A death that is more frequent in the first weeks after leaving care."""

    def value(turn: Turn, service: str) -> Value:
        patient, p, acting = turn.tonight, turn.state.scalars[0], turn.state.acting
        total = float(log_rate(patient, acting, p, turn.day))
        without = float(log_rate(patient, acting, left_out(p, term), turn.day))
        return total, [Contribution("in the first four weeks after leaving", "", total - without)]

    return value


def completion(turn: Turn, service: str) -> Value:
    """From the medication's usual length of treatment on."""
    medication = turn.state.medications[turn.tonight.medication]
    days = turn.day - turn.tonight.since
    total = float(completion_log_rate(medication, turn.state.acting, days))
    if total == IMPOSSIBLE:
        raise CannotHappen(
            f"treatment is completed after {medication.completion_after} days in care at the "
            f"earliest, this is day {days}"
        )
    return total, [of_the_phase(turn, completion_log_rate)]


def transfer(turn: Turn, service: str) -> Value:
    """By how many leave in this phase of the medication."""
    medication = turn.state.medications[turn.tonight.medication]
    days = turn.day - turn.tonight.since
    total = float(transfer_log_rate(medication, turn.state.acting, days))
    return total, [of_the_phase(turn, transfer_log_rate)]


def of_the_phase(turn: Turn, log_rate: Callable[..., float]) -> Contribution:
    """What the phase of the medication is worth, in which more or fewer leave than usual."""
    medication, acting = turn.state.medications[turn.tonight.medication], turn.state.acting
    days = turn.day - turn.tonight.since
    total = float(log_rate(medication, acting, days))
    alike = float(log_rate(left_out(medication, "phase_other_exits"), acting, days))
    began = int(medication.phase_from[phase_of(medication, days)])
    name = label_of(turn, turn.tonight.medication)
    return Contribution(f"medication: {name}", f"phase from day {began}", total - alike)


# --- when something can happen


def not_in_jail(turn: Turn) -> None:
    """Raise CannotHappen for somebody in jail."""
    if turn.tonight.status == JAILED:
        raise CannotHappen("is in jail")


def runs(turn: Turn, hazard: Hazard) -> None:
    """Raise CannotHappen with the reason where the rules of the night let no such clock run."""
    can = CAN.get(hazard)
    if can is not None and not can(turn.tonight, turn.state.scalars[0], turn.day):
        raise CannotHappen(WHY_NOT.get(hazard, not_here)(turn))


def not_here(turn: Turn) -> str:
    """What is said where nothing is said of the hazard."""
    return f"does not happen to somebody who is {standing(turn, turn.tonight)}"


def no_overdose(turn: Turn) -> str:
    """Overdoses are of opioids, and outside jail."""
    not_in_jail(turn)
    return "overdoses are of people who use opioids; this person drinks"


def not_in_care(turn: Turn) -> str:
    """Out of care, or in the last part of it."""
    if in_care(turn.tonight.status):
        return "is in aftercare"
    return f"is not in care ({standing(turn, turn.tonight)})"


def not_waiting(turn: Turn) -> str:
    """Not in line, or dosed there."""
    if is_in_line(turn.tonight):
        return "is on interim doses, and leaves the line as people in care drop out"
    return f"is not waiting ({standing(turn, turn.tonight)})"


def not_again(turn: Turn) -> str:
    """Not out of care, or out of it for a wrong length of time."""
    patient, p = turn.tonight, turn.state.scalars[0]
    if not is_out_of_care(patient):
        return f"does not ask again now ({standing(turn, patient)})"
    left = 0 if patient.left_day == NEVER else turn.day - patient.left_day
    return f"the clinic takes leavers back after {p.readmission_gap_days} days, this is day {left}"


WHY_NOT: dict[Hazard, Callable[[Turn], str]] = {
    Hazard.OVERDOSE: no_overdose,
    Hazard.JAIL: lambda turn: "is in jail",
    Hazard.DROPOUT: not_in_care,
    Hazard.COMPLETION: not_in_care,
    Hazard.TRANSFER: not_in_care,
    Hazard.WALK_AWAY: not_waiting,
    Hazard.RETURN_TO_CARE: not_again,
}
"""Why a clock does not run tonight, of those that do not run for everybody."""

OWN_TERMS: dict[Hazard, Callable[[Turn, str], Value]] = {
    Hazard.ATTENDANCE: attendance,
    Hazard.ENTRY: entry,
    Hazard.USE: use,
    Hazard.SECOND_USE: second_use,
    Hazard.FATALITY: fatality,
    Hazard.DROPOUT: dropout,
    Hazard.REGULAR_USE_BEGINS: regime(Hazard.REGULAR_USE_BEGINS),
    Hazard.REGULAR_USE_ENDS: regime(Hazard.REGULAR_USE_ENDS),
    Hazard.OVERDOSE: overdose,
    Hazard.COMPLETION: completion,
    Hazard.TRANSFER: transfer,
    Hazard.OTHER_DEATH: death(other_death_log_rate, "other_death_just_out"),
    Hazard.SUICIDE: death(suicide_log_rate, "suicide_just_out"),
}
"""Hazards whose rule reads more than what was weighed, or at another time than the night."""

BY_DAY = (
    Hazard.ATTENDANCE, Hazard.ENTRY, Hazard.USE, Hazard.SECOND_USE, Hazard.REGULAR_USE_BEGINS,
    Hazard.REGULAR_USE_ENDS,
)  # fmt: skip
"""Hazards that are settled before a day's use of a second substance can act on them."""


def chance(turn: Turn, hazard: Hazard, service: str) -> Value:
    """A hazard on somebody's turn: its value and the terms of its own rule, or CannotHappen."""
    runs(turn, hazard)
    if hazard in OWN_TERMS:
        total, terms = OWN_TERMS[hazard](turn, service)
    else:
        total, terms = float(turn.state.acting[hazard]), []
    if turn.tonight.second_used and hazard not in BY_DAY:
        added = float(turn.state.second_effects[turn.tonight.second_substance, hazard])
        terms = [*terms, Contribution(f"used {second_label(turn)} today", "", added)]
    return total, terms
