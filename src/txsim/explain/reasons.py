"""From a question about a patient and a day to the clinic on that morning, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.catalogue.vocabulary import HAZARDS, Hazard, unknown_name
from txsim.clinic import Clinic
from txsim.clinic.lineage import Lineage
from txsim.errors import TxsimError
from txsim.explain.chances import chance, visit_of
from txsim.explain.contributions import acting_on
from txsim.explain.explanation import LEAST, Explanation
from txsim.explain.patient_day import CannotHappen, Turn, turn_of
from txsim.parameters.draw import DrawSource, Luck
from txsim.parameters.draw_source import source_of
from txsim.people.population import PRESENT
from txsim.state.layout import Array

if TYPE_CHECKING:
    from txsim.scenario import Scenario


def explain(
    scenario: Scenario,
    patient: int,
    day: int,
    hazard: str,
    *,
    service: str = "",
    after: Scenario | None = None,
    known_before: bool = False,
    replication: int = 0,
    seed: int = 1,
    uncertainty: bool = False,
    draws: DrawSource | None = None,
) -> Explanation:
    """Why a hazard of one patient on one day is what it is, as a table of contributions.

    Patients are those counted, numbered from 1 in the order in which they first ask, or with
    `known_before` those whom the clinic knew before day 0, in the order of its books. Attendance is
    of the visit of a `service`; if none is named, of the one that carries the dose, or else of the
    first. With `after`, the design goes on from that one's opening, as in a comparison that names
    it first. Numbers are central values, or with `uncertainty` those drawn for the replication,
    from `draws` where they are given.

    Raises TxsimError for what is unknown, for a roster of real people, and for what cannot happen
    to this person on this day, with the reason.
    """
    kind = known_hazard(hazard)
    for design in (scenario, after):
        if design is not None:
            refuse_roster(design)
    luck = source_of(uncertainty, draws).luck(seed, replication)
    clinic = clinic_on(scenario, day, after, luck)
    try:
        row = row_of(clinic, patient, known_before)
        return explained(clinic, row, kind, service, f"patient {patient}")
    except CannotHappen as reason:
        raise TxsimError(
            f"{hazard} cannot happen to patient {patient} on day {day} of {scenario.name}: {reason}"
        ) from None
    finally:
        clinic.close()


def explained(
    clinic: Clinic, row: int, hazard: Hazard, service: str = "", person: str = ""
) -> Explanation:
    """The same for the person in a row of a clinic, on the day that the clinic has before it.

    The clinic is left as it stands. Raises CannotHappen with the reason.
    """
    return explained_turn(turn_of(clinic, row), hazard, service, person)


def explained_turn(turn: Turn, hazard: Hazard, service: str, person: str) -> Explanation:
    """The same for a turn that has been lived."""
    if hazard == Hazard.ATTENDANCE:
        service = turn.clinic.parameters.service_names[visit_of(turn, service)]
    elif service:
        raise TxsimError(f"a service is named for attendance only (got {hazard.word}, {service})")
    total, own_terms = chance(turn, hazard, service)
    rows = [*acting_on(turn, hazard), *own_terms]
    services = turn.clinic.design.catalogue.services
    return Explanation(
        design=turn.clinic.design.name,
        person=person or f"person {turn.waking.person}",
        day=turn.day,
        hazard=hazard,
        label=turn.clinic.design.catalogue.hazards[hazard.word].label,
        service=services[service].label if service else "",
        total=float(total),
        rows=tuple(row for row in rows if abs(row.amount) > LEAST),
    )


def known_hazard(word: str) -> Hazard:
    """The hazard of this name; TxsimError with the nearest when there is none."""
    try:
        return Hazard.named(word)
    except KeyError:
        raise TxsimError(unknown_name("hazard", word, HAZARDS)) from None


def refuse_roster(scenario: Scenario) -> None:
    """Refuse people of a roster, as whose lives these would be told; TxsimError."""
    if scenario.population.roster is not None:
        raise TxsimError(
            f"{scenario.name}: its people come from a roster, and a story would be one person's; "
            "take a design whose people come from a mix"
        )


def clinic_on(scenario: Scenario, day: int, after: Scenario | None, luck: Luck) -> Clinic:
    """The clinic on the morning of a day, lived as in a comparison; TxsimError outside the run."""
    if not 0 <= day < scenario.days_simulated:
        raise TxsimError(
            f"day {day} is outside the run (allowed 0 to {scenario.days_simulated - 1})"
        )
    designs = [scenario] if after is None else [after, scenario]
    return next(Lineage(designs, luck).days(first=day))


def rows_of(clinic: Clinic, known_before: bool = False) -> Array:
    """Rows of the people who are or will be counted, in the order in which they first ask.

    With `known_before`, of those whom the clinic knew before day 0: in care, waiting, or past.
    """
    people, end = clinic.state.patients, int(clinic.state.scalars[0]["accrual_end"])
    if known_before:
        return np.flatnonzero(people["arrives"] < 0)
    asks_in_time = (people["arrives"] >= 0) & (people["arrives"] < end)
    return np.flatnonzero(asks_in_time & (people["person"] < PRESENT))


def row_of(clinic: Clinic, patient: int, known_before: bool = False) -> int:
    """The row of a patient by number among those of `rows_of`; TxsimError when there is none."""
    rows = rows_of(clinic, known_before)
    name = clinic.design.name
    if not rows.size:
        if known_before:
            raise TxsimError(f"{name}: the clinic knows nobody before day 0")
        raise TxsimError(f"{name}: nobody asks for treatment while people are counted")
    if not 1 <= patient <= rows.size:
        order = "of its books" if known_before else "in which they first ask"
        raise TxsimError(
            f"{name}: there is no patient {patient} (allowed 1 to {rows.size}, in the order "
            f"{order})"
        )
    return int(rows[patient - 1])
