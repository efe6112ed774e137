"""Every kind of happening in plain words, and the hazard whose draw brings it.

The words are phrases that a day's sentence is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from txsim.catalogue.vocabulary import Hazard
from txsim.formatting import counted, listed, lower
from txsim.state.events import Cause, Home, Kind, Reason
from txsim.story.trajectory import Happening

if TYPE_CHECKING:
    from txsim.catalogue import Catalogue

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

LEAVING: dict[Reason, str] = {
    Reason.NONE: "leaves care",
    Reason.COMPLETED: "leaves care as planned",
    Reason.DROPPED_OUT: "drops out",
    Reason.MISSED_DAYS: "is discharged by the clinic for days missed in a row",
    Reason.POSITIVE_URINES: "is discharged by the clinic for positive urines in a row",
    Reason.TRANSFERRED: "goes on in another clinic",
    Reason.JAILED: "goes to jail",
    Reason.DIED: "care ends with death",
    Reason.UNPAID_FEES: "is discharged by the clinic because fees are not paid",
    Reason.INDUCTION_FAILED: "leaves care because induction failed",
    Reason.MISSED_SESSIONS: "is discharged by the clinic for sessions missed in a row",
    Reason.BEHAVIOUR: "is discharged by the clinic for behaviour",
}

DYING: dict[Cause, str] = {
    Cause.NONE: "dies",
    Cause.OVERDOSE: "dies of an overdose",
    Cause.SUICIDE: "dies by suicide",
    Cause.OTHER: "dies of another cause",
}

MOVING: dict[Home, str] = {
    Home.HOUSED: "has a home again",
    Home.UNSTABLE: "is in unstable housing now",
    Home.UNHOUSED: "has no home any more",
}


@dataclass(frozen=True)
class Past:
    """What a sentence needs to know of the day and of what came before it."""

    catalogue: Catalogue
    day: int
    drinks: bool
    asked: int | None = None
    """The day of the latest asking."""
    admitted: int | None = None
    """The day of the latest admission."""

    def after(self, happening: Happening) -> Past:
        """The past of what comes next."""
        if happening.kind == Kind.ASKED:
            return replace(self, asked=happening.day)
        if happening.kind == Kind.ADMITTED:
            return replace(self, admitted=happening.day)
        return self

    def days_since(self, day: int | None) -> int:
        """Days from a day of the past until today."""
        return 0 if day is None else self.day - day

    def services(self, positions: Sequence[int]) -> str:
        """Services by their positions in the catalogue, as a list."""
        names = list(self.catalogue.services.values())
        return listed([lower(names[position].label) for position in positions])

    def diagnoses(self, positions: Sequence[int]) -> str:
        """Diagnoses by their positions in the catalogue, as a list."""
        names = list(self.catalogue.diagnoses.values())
        return listed([lower(names[position].label) for position in positions])

    def seconds(self, positions: Sequence[int]) -> str:
        """Second substances by their positions in the catalogue, as a list."""
        names = list(self.catalogue.second_substances.values())
        return listed([lower(names[position].label) for position in positions])

    def medication(self, position: int) -> str:
        """A medication by its position in the catalogue."""
        return lower(list(self.catalogue.medications.values())[position].label)


def _asked(past: Past, details: Sequence[int]) -> str:
    return "asks for treatment" if past.asked is None else "asks for treatment again"


def _booked_intake(past: Past, details: Sequence[int]) -> str:
    if details[0] == 0:
        return "gets an intake appointment for the same day"
    day = past.day + details[0]
    return f"gets an intake appointment for {WEEKDAYS[day % 7]}, day {day}"


def _went_elsewhere(past: Past, details: Sequence[int]) -> str:
    on = "without medication" if details[0] < 0 else f"on {past.medication(details[0])}"
    return f"leaves the waiting list and begins treatment in another clinic, {on}"


def _admitted(past: Past, details: Sequence[int]) -> str:
    days = past.days_since(past.asked)
    return f"admitted, {counted(days, 'day')} after asking" if days else "admitted on the same day"


def _first_dose(past: Past, details: Sequence[int]) -> str:
    return "keeps the first session" if details[0] < 0 else f"starts {past.medication(details[0])}"


def _left(past: Past, details: Sequence[int]) -> str:
    stay = counted(past.days_since(past.admitted), "day")
    return f"{LEAVING[Reason(details[0])]}, after {stay} in care"


def _use(past: Past) -> str:
    return "drinking" if past.drinks else "use"


SENTENCES: dict[Kind, Callable[[Past, Sequence[int]], str]] = {
    Kind.ASKED: _asked,
    Kind.BOOKED_INTAKE: _booked_intake,
    Kind.MISSED_INTAKE: lambda past, _: "misses the intake appointment",
    Kind.WALKED_AWAY: lambda past, _: "leaves the waiting list",
    Kind.WENT_ELSEWHERE: _went_elsewhere,
    Kind.ADMITTED: _admitted,
    Kind.FIRST_DOSE: _first_dose,
    Kind.INDUCTION_FAILED: lambda past, details: (
        f"the first dose of {past.medication(details[0])} does not succeed; goes on without"
    ),
    Kind.INDUCED_ANEW: lambda past, details: (
        f"starts {past.medication(details[0])} anew after doses missed"
    ),
    Kind.STABILISED: lambda past, _: "induction is over",
    Kind.AFTERCARE_BEGAN: lambda past, _: "completes treatment and goes on to aftercare",
    Kind.LEFT: _left,
    Kind.RELEASED: lambda past, _: "is released from jail",
    Kind.OVERDOSE: lambda past, _: "overdoses",
    Kind.DIED: lambda past, details: DYING[Cause(details[0])],
    Kind.REGULAR_USE_BEGAN: lambda past, _: f"a spell of regular {_use(past)} begins",
    Kind.REGULAR_USE_ENDED: lambda past, _: f"the spell of regular {_use(past)} ends",
    Kind.SECOND_USE_BEGAN: lambda past, details: (
        f"a spell of regular use of {past.seconds(details)} begins"
    ),
    Kind.SECOND_USE_ENDED: lambda past, details: (
        f"the spell of regular use of {past.seconds(details)} ends"
    ),
    Kind.TOOK_UP_SERVICE: lambda past, details: f"takes up {past.services(details)}",
    Kind.GAVE_UP_SERVICE: lambda past, details: f"gives up {past.services(details)}",
    Kind.STEPPED_UP: lambda past, _: "care is stepped up",
    Kind.STEPPED_DOWN: lambda past, _: "care is stepped down",
    Kind.WORKER_LEFT: lambda past, _: "the person's own counsellor leaves the job",
    Kind.JAILED_OUTSIDE: lambda past, _: "goes to jail",
    Kind.MOVED: lambda past, details: MOVING[Home(details[0])],
    Kind.GOT_BED: lambda past, details: f"gets a bed ({past.services(details)})",
    Kind.LOST_BED: lambda past, details: f"loses the bed because of {_use(past)}",
    Kind.FOUND_WORK: lambda past, _: "finds work",
    Kind.LOST_WORK: lambda past, _: "loses work",
    Kind.SWITCHED: lambda past, details: f"changes to {past.medication(details[0])}",
    Kind.CRISIS: lambda past, details: f"has a crisis ({past.diagnoses(details)})",
}
"""A phrase for each kind of happening, from what came before and the details of as many of them as
come one after the other."""


# The hazard whose draw brings a happening, where one does.
BEHIND: dict[Kind, Hazard] = {
    Kind.MISSED_INTAKE: Hazard.ENTRY,
    Kind.ADMITTED: Hazard.ENTRY,
    Kind.WALKED_AWAY: Hazard.WALK_AWAY,
    Kind.WENT_ELSEWHERE: Hazard.WALK_AWAY,
    Kind.AFTERCARE_BEGAN: Hazard.COMPLETION,
    Kind.OVERDOSE: Hazard.OVERDOSE,
    Kind.REGULAR_USE_BEGAN: Hazard.REGULAR_USE_BEGINS,
    Kind.REGULAR_USE_ENDED: Hazard.REGULAR_USE_ENDS,
    Kind.JAILED_OUTSIDE: Hazard.JAIL,
    Kind.ASKED: Hazard.RETURN_TO_CARE,
}
BEHIND_LEAVING: dict[int, Hazard] = {
    Reason.DROPPED_OUT: Hazard.DROPOUT,
    Reason.COMPLETED: Hazard.COMPLETION,
    Reason.TRANSFERRED: Hazard.TRANSFER,
    Reason.JAILED: Hazard.JAIL,
}
BEHIND_DEATH: dict[int, Hazard] = {
    Cause.OVERDOSE: Hazard.FATALITY,
    Cause.SUICIDE: Hazard.SUICIDE,
    Cause.OTHER: Hazard.OTHER_DEATH,
}


def hazard_of(happening: Happening) -> Hazard | None:
    """The hazard whose draw brought a happening; None where it was a rule of the clinic's."""
    if happening.kind == Kind.LEFT:
        return BEHIND_LEAVING.get(happening.detail)
    if happening.kind == Kind.DIED:
        return BEHIND_DEATH.get(happening.detail)
    return BEHIND.get(happening.kind)


def phrases_of(happenings: Sequence[Happening], past: Past) -> list[str]:
    """One day's happenings as phrases, what is of one kind told together."""
    told = []
    for kind, several in groupby(happenings, key=lambda one: one.kind):
        same = list(several)
        told.append(SENTENCES[kind](past, [one.detail for one in same]))
        past = past.after(same[0])
    return told
