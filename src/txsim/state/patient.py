"""One person, as a Mesa agent over a row of the clinic's records.

Every trait is declared once, here: its kind, what it starts as, and a sentence. From these
declarations come the layout of the records, the documentation and the agent, which reads and writes
its own row through its own model. Whatever is per service, diagnosis, barrier or mediator stands in
arrays beside the records (see `state.layout`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

import mesa
import numpy as np

from txsim.state.events import NEVER, Reason, Status, in_care
from txsim.state.records import Record

if TYPE_CHECKING:
    from txsim.clinic import Clinic

Value = TypeVar("Value", float, bool, int)


class Trait(Generic[Value]):
    """A trait of every patient: one column of the records, seen through the agent's row.

    One that is `counted_from_day_0` begins anew on that day, whatever happened before.
    """

    name: str

    @overload
    def __init__(
        self: Trait[float], kind: Literal["f8"], default: float, sentence: str, *,
        counted_from_day_0: bool = False,
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Trait[bool], kind: Literal["?"], default: bool, sentence: str, *,
        counted_from_day_0: bool = False,
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Trait[int], kind: Literal["i4", "i8", "u8"], default: int, sentence: str, *,
        counted_from_day_0: bool = False,
    ) -> None: ...  # fmt: skip
    def __init__(
        self, kind: str, default: float, sentence: str, *, counted_from_day_0: bool = False
    ) -> None:
        self.kind = kind
        self.default = default
        self.sentence = sentence
        self.counted_from_day_0 = counted_from_day_0

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, agent: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, agent: Any, owner: type | None = None) -> Value: ...
    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        return agent.rows[self.name].item(agent.row)

    def __set__(self, agent: Any, value: Value) -> None:
        agent.rows[self.name][agent.row] = value


class Patient(mesa.Agent):
    """Somebody who asks, or once asked, for help.

    Override `before_day`, `after_day` or `step` in a subclass to add behaviour in Python; the
    clinic then takes the slower path that visits every agent (see `Clinic`).
    """

    model: Clinic

    key = Trait("u8", 0, "The key of this person's luck in this replication.")
    person = Trait("i8", 0, "The person's number, the same in every design.")
    arrives = Trait(
        "i4",
        0,
        "Day of first asking for treatment; the day before opening or earlier when already known.",
    )
    stream = Trait("i4", 0, "Referral stream, by position in the catalogue.")
    substance = Trait("i4", 0, "Primary substance: 0 opioid, 1 alcohol.")
    age = Trait("f8", 0, "Age in years.")
    female = Trait("?", False, "A woman.")
    injecting = Trait("?", False, "Injects.")
    stimulant_use = Trait("?", False, "Uses stimulants besides.")
    benzodiazepine_use = Trait("?", False, "Uses benzodiazepines besides.")
    fentanyl = Trait("?", False, "The usual opioid supply is fentanyl.")
    pregnant = Trait("?", False, "Pregnant when asking for treatment.")
    detoxified = Trait("?", False, "Already detoxified when asking for treatment.")
    severity = Trait("f8", 0, "Latent severity, standard normal.")
    frailty = Trait(
        "f8", 0, "Latent frailty, standard normal: what makes some leave sooner whatever is done."
    )
    distance_km = Trait("f8", 0, "Distance to the clinic in kilometres.")
    use_days_30 = Trait("f8", 0, "Days with use in the 30 days before asking.")
    site = Trait("i4", 0, "The site of a trial at which this person is, from 0.")
    preference = Trait("f8", 0, "A uniform number from which preferences are read.")
    present_at_start = Trait(
        "?", False, "In care on the opening day's books when the simulation begins."
    )
    counted = Trait("?", False, "First asked for treatment within the accrual window.")

    status = Trait("i4", int(Status.OUTSIDE), "Care status, see `state.events.Status`.")
    since = Trait(
        "i4",
        NEVER,
        "The day this status's spell began: of asking while waiting, of admission in care.",
    )
    asked_day = Trait("i4", NEVER, "First day of asking for treatment.")
    first_admitted_day = Trait("i4", NEVER, "Day of the first admission.")
    first_dose_day = Trait(
        "i4", NEVER, "Day of the first dose, or of the first session kept where there is no dose."
    )
    aftercare_day = Trait("i4", NEVER, "Day on which aftercare began.")
    wait_days = Trait(
        "i4", NEVER, "Days from the asking that led to the first admission until that admission."
    )
    exit_day = Trait("i4", NEVER, "First day of leaving care.", counted_from_day_0=True)
    exit_reason = Trait(
        "i4",
        0,
        "Why care was left that first time, see `state.events.Reason`.",
        counted_from_day_0=True,
    )
    left_day = Trait("i4", NEVER, "The latest day of leaving care.")
    lost_waiting_day = Trait(
        "i4", NEVER, "First day of being lost from the waiting list.", counted_from_day_0=True
    )
    elsewhere_day = Trait(
        "i4",
        NEVER,
        "First day of beginning treatment in another clinic instead of waiting.",
        counted_from_day_0=True,
    )
    offer_day = Trait("i4", NEVER, "Day of the intake appointment, when one is booked.")
    last_contact = Trait("i4", NEVER, "Last day of a visit or a supplied dose.")
    gap5_day = Trait(
        "i4",
        NEVER,
        "First day a gap in contact exceeded 5 days since the first admission.",
        counted_from_day_0=True,
    )
    gap14_day = Trait(
        "i4",
        NEVER,
        "First day a gap in contact exceeded 14 days since the first admission.",
        counted_from_day_0=True,
    )
    gap30_day = Trait(
        "i4",
        NEVER,
        "First day a gap in contact exceeded 30 days since the first admission.",
        counted_from_day_0=True,
    )
    readmissions = Trait("i4", 0, "Admissions after the first.", counted_from_day_0=True)

    medication = Trait("i4", 0, "Medication, by position in the catalogue.")
    first_medication = Trait("i4", -1, "Medication at the first admission, by position; -1 before.")
    last_medication = Trait(
        "i4", 0, "Medication of the latest stay, which sets the risks after leaving it."
    )
    dose_since = Trait("i4", NEVER, "Day of the first dose of this stay.")
    supplied_until = Trait("i4", NEVER, "The first day no longer covered by the supply at hand.")
    supply_days = Trait("f8", 1, "Days between the visits that carry the dose.")
    prefers = Trait("?", False, "On the medication this person would choose.")
    cover = Trait("f8", 0, "Share of the medication's effect in force today.")
    low_dose = Trait("?", False, "Held on a dose too low to be fully effective.")
    reinductions = Trait("i4", 0, "Inductions begun anew after missed doses.")
    missed_doses = Trait("i4", 0, "Days in a row without medication while in care.")

    regular_use = Trait("?", True, "In regular use rather than not.")
    used = Trait("?", False, "Used today.")
    heavy = Trait("?", False, "Drank heavily today.")
    last_use = Trait("i4", NEVER, "The last day of use.")
    tolerance = Trait("f8", 1, "Opioid tolerance, 0 none to 1 full.")
    positive_urines_in_a_row = Trait("i4", 0, "Positive urines in a row.")
    negative_urines_in_a_row = Trait("i4", 0, "Negative weekly urines in a row.")
    take_home_lost = Trait("?", False, "No doses are taken home, after too many positive urines.")
    last_overdose_day = Trait("i4", NEVER, "The last overdose.")

    second_substance = Trait(
        "i4", -1, "What is used beside the first substance, by position in the catalogue; or -1."
    )
    second_regular_use = Trait("?", False, "In regular use of it.")
    second_used = Trait("?", False, "Used it today.")
    second_last_use = Trait("i4", NEVER, "The last day of using it.")

    key_worker = Trait("i4", -1, "Row of the primary counsellor among the staff; -1 without.")
    step_of_care = Trait("i4", 0, "Stepped care: -1 stepped down, 0 ordinary, 1 stepped up.")
    review_day = Trait("i4", NEVER, "Day of the next plan review.")
    agenda_length = Trait("i4", 0, "How many services stand on this person's agenda.")

    home = Trait(
        "i4", 0, "Where the person lives, the programme's beds aside, see `state.events.Home`."
    )
    in_bed = Trait("?", False, "Has one of the programme's beds.")
    works = Trait("?", True, "In work, or not looking for any.")
    medicated_in_jail = Trait("?", False, "Goes on with the medication in jail.")
    released_day = Trait("i4", NEVER, "The last day of release from jail.")

    died_day = Trait("i4", NEVER, "Day of death.")
    death_cause = Trait("i4", 0, "Cause of death, see `state.events.Cause`.")
    died_where = Trait("i4", 0, "Where death came, see `state.events.Where`.")
    overdoses = Trait("i4", 0, "Overdoses, fatal ones included.", counted_from_day_0=True)
    overdoses_waiting = Trait("i4", 0, "Overdoses while waiting.", counted_from_day_0=True)
    overdoses_in_care = Trait("i4", 0, "Overdoses in care.", counted_from_day_0=True)
    overdoses_first_4_weeks = Trait(
        "i4", 0, "Overdoses in the first four weeks after leaving.", counted_from_day_0=True
    )
    overdoses_later = Trait(
        "i4", 0, "Overdoses at other times outside care.", counted_from_day_0=True
    )
    missed_in_a_row = Trait("i4", 0, "Booked sessions missed one after the other, dosing aside.")
    crises = Trait("i4", 0, "Crises that belong to a diagnosis.", counted_from_day_0=True)
    visits_due = Trait("i4", 0, "Sessions booked.", counted_from_day_0=True)
    visits_kept = Trait("i4", 0, "Sessions kept.", counted_from_day_0=True)
    urines = Trait("i4", 0, "Weekly urines taken in care.", counted_from_day_0=True)
    urines_positive = Trait(
        "i4", 0, "Weekly urines positive for the primary opioid.", counted_from_day_0=True
    )
    days_in_care = Trait("i4", 0, "Days in care.", counted_from_day_0=True)
    inpatient_days = Trait(
        "i4", 0, "Of these, days of living on an inpatient unit.", counted_from_day_0=True
    )
    second_days_used = Trait(
        "i4",
        0,
        "Days of follow-up, in care, on which the second substance was used.",
        counted_from_day_0=True,
    )
    second_urines = Trait(
        "i4",
        0,
        "Weekly urines of follow-up tested for the second substance.",
        counted_from_day_0=True,
    )
    second_urines_positive = Trait("i4", 0, "Of these, positive for it.", counted_from_day_0=True)
    mondays = Trait(
        "i4", 0, "Mondays of follow-up alive, on which stock is taken.", counted_from_day_0=True
    )
    symptoms = Trait(
        "f8",
        0,
        "Sum over them of the mean of symptoms above their usual level.",
        counted_from_day_0=True,
    )
    mondays_with_home = Trait(
        "i4", 0, "Of these, in a home of one's own or a programme's bed.", counted_from_day_0=True
    )
    mondays_without_home = Trait("i4", 0, "Of these, without any home.", counted_from_day_0=True)
    mondays_at_work = Trait(
        "i4", 0, "Of these, in work or not looking for any.", counted_from_day_0=True
    )
    alliances_broken = Trait(
        "i4", 0, "Primary counsellors lost by departure.", counted_from_day_0=True
    )

    def __init__(self, model: Clinic, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def rows(self) -> np.ndarray[Any, Any]:
        """The records of all patients of this agent's own model."""
        return self.model.state.patients

    def before_day(self) -> None:
        """Behaviour of a subclass before the compiled day of this person."""

    def step(self) -> None:
        """Live this person's day by the compiled rules."""
        self.model.patient_day(self.row)

    def after_day(self) -> None:
        """Behaviour of a subclass after the compiled day of this person."""

    @property
    def is_in_care(self) -> bool:
        """Whether this person is in induction, treatment or aftercare."""
        return in_care(int(self.status))

    @property
    def status_name(self) -> str:
        """The care status in words."""
        return Status(self.status).name.lower().replace("_", " ")

    @property
    def exit_reason_name(self) -> str:
        """Why care was first left, in words."""
        return Reason(self.exit_reason).name.lower().replace("_", " ")

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """Names of this person's diagnoses."""
        return self.model.names_of("diagnoses", self.row)

    @property
    def barriers(self) -> tuple[str, ...]:
        """Names of this person's barriers."""
        return self.model.names_of("barriers", self.row)

    def mediator(self, name: str) -> float:
        """Today's value of a mediator (sd units), services' help included.

        Raises KeyError for an unknown name.
        """
        return self.model.mediator(name, self.row)

    def __repr__(self) -> str:
        return f"Patient({self.person}: {self.status_name}, age {self.age:.0f})"


def traits_of(agent: type) -> dict[str, Trait[Any]]:
    """The traits an agent class declares, in order."""
    return {name: one for name, one in vars(agent).items() if isinstance(one, Trait)}


def record_of(agent: type) -> np.dtype[Any]:
    """The layout of one row: the declared traits, aligned."""
    return np.dtype([(name, one.kind) for name, one in traits_of(agent).items()], align=True)


def blank_rows(agent: type, count: int) -> np.ndarray[Any, Any]:
    """`count` rows in which every trait has its default."""
    one_row = np.zeros(1, record_of(agent))
    for name, one in traits_of(agent).items():
        one_row[name] = one.default
    return np.repeat(one_row, count)


PATIENT = record_of(Patient)

if TYPE_CHECKING:

    class PatientRow(Patient, Record):
        """A person as rules know them: a row of the records with the traits of an agent."""
