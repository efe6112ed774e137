"""One person's life under one design or two, with the same random numbers, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from txsim.clinic import Clinic
from txsim.clinic.lineage import Lineage
from txsim.errors import TxsimError
from txsim.explain.reasons import row_of, rows_of
from txsim.parameters.draw import Luck
from txsim.state.calendar import status_of
from txsim.state.events import Kind
from txsim.state.layout import Array

if TYPE_CHECKING:
    from txsim.scenario import Scenario


@dataclass(frozen=True)
class Happening:
    """A row of the event log, of the person whose life it is."""

    day: int
    kind: Kind
    detail: int


@dataclass(frozen=True)
class Standing:
    """How somebody stood on the morning of day 0 whom the clinic knew before."""

    status: int
    since: int
    """The day on which the spell of waiting or of care began."""


@dataclass(frozen=True, eq=False)
class Life:
    """All that is known of one person under one design, from the day of asking on.

    Of whom the clinic knew before day 0, from day 0 on.
    """

    design: Scenario
    name: str
    """What the design is called here."""
    row: int
    record: Any
    """The person's record at the end of the run."""
    diagnoses: tuple[str, ...]
    barriers: tuple[str, ...]
    happenings: tuple[Happening, ...]
    calendar: Array
    """Byte T: see `state.calendar`."""
    visits: Array
    """Int T x 2: sessions booked and kept on each day."""
    start: int
    """The day of asking, or day 0."""
    end: int
    """The first day that is not told: the person is followed no longer."""
    standing: Standing | None = None
    """Of whom the clinic knew before day 0."""

    def status(self, day: int) -> int:
        """Where the person stands in the evening of a day."""
        return int(status_of(self.calendar[day]))

    def days(self, mark: Callable[[Array], Array], first: int, after: int) -> int:
        """On how many days from `first` to before `after` the calendar has a mark."""
        return int(mark(self.calendar[first:after]).sum())

    def on(self, day: int) -> tuple[Happening, ...]:
        """What happened on a day, in order."""
        return tuple(one for one in self.happenings if one.day == day)


def lives_of(
    designs: Sequence[Scenario], patient: int, luck: Luck, known_before: bool = False
) -> tuple[list[Life], int]:
    """A patient's life under each of one or two designs, and how many there are in the first.

    Each is lived as in a comparison (`clinic.lineage`), and the person is the same. Raises
    TxsimError when there is no such patient.
    """
    lineage = Lineage(designs, luck)
    diaries = [Diary.of(lineage.days(place)) for place in range(len(designs))]
    first = diaries[0].clinic
    row = row_of(first, patient, known_before)
    count = rows_of(first, known_before).size
    person = int(first.state.patients["person"][row])
    rows = [row]
    rows += [same_person(one.clinic, person, patient, known_before) for one in diaries[1:]]
    names = [design.name for design in designs]
    if len(set(names)) < len(names):
        names[1] += " (again)" if designs[0].digest == designs[1].digest else " (the other)"
    told = zip(diaries, rows, names, strict=True)
    return [diary.as_life(row, name) for diary, row, name in told], count


def same_person(clinic: Clinic, person: int, patient: int, known_before: bool) -> int:
    """The row of a person under another design; TxsimError when they do not ask there."""
    rows = rows_of(clinic, known_before)
    found = rows[clinic.state.patients["person"][rows] == person]
    if not found.size:
        raise TxsimError(
            f"patient {patient} does not ask for treatment under {clinic.design.name}: the two "
            "designs differ in who comes"
        )
    return int(found[0])


@dataclass
class Diary:
    """A clinic at its horizon, and everybody's sessions booked and kept up to each evening.

    A clinic that goes on from another keeps the rows of those who have asked by then; all others
    had no sessions before.
    """

    clinic: Clinic
    visits: list[tuple[Array, Array]]
    at_first: Array | None
    """Everybody's record on the morning of day 0, in a clinic that was open before."""

    @classmethod
    def of(cls, days: Iterator[Clinic]) -> Self:
        """Live through all days, looking in every evening."""
        clinic = next(days)
        at_first = clinic.state.patients.copy() if clinic.opening < 0 else None
        visits = []
        for clinic in days:
            people = clinic.state.patients
            visits.append((people["visits_due"].copy(), people["visits_kept"].copy()))
        return cls(clinic, visits, at_first)

    def visits_of(self, row: int) -> Array:
        """Int T x 2: sessions of the person in a row booked and kept on each day."""
        so_far = [
            (int(due[row]), int(kept[row])) if row < due.size else (0, 0)
            for due, kept in self.visits
        ]
        return np.diff(np.array(so_far), axis=0, prepend=np.zeros((1, 2), np.int64))

    def standing_of(self, row: int) -> Standing | None:
        """How the person in a row stood on the morning of day 0, if the clinic knew them."""
        if self.at_first is None or row >= self.at_first.size:
            return None
        record = self.at_first[row]
        if int(record["arrives"]) >= 0:
            return None
        return Standing(int(record["status"]), int(record["since"]))

    def as_life(self, row: int, name: str) -> Life:
        """The life of the person in a row."""
        clinic = self.clinic
        record = clinic.state.patients[row].copy()
        start, horizon = max(int(record["asked_day"]), 0), clinic.design.horizon
        cohort = clinic.design.arrivals.cohort is not None
        end = clinic.horizon if cohort else min(start + horizon.follow_up_days, clinic.horizon)
        mine = clinic.events[clinic.events["person"] == record["person"]]
        happenings = tuple(
            Happening(int(one["day"]), Kind(one["kind"]), int(one["detail"]))
            for one in mine
            if one["day"] < end
        )
        return Life(
            design=clinic.design,
            name=name,
            row=row,
            record=record,
            diagnoses=clinic.names_of("diagnoses", row),
            barriers=clinic.names_of("barriers", row, on_coming=True),
            happenings=happenings,
            calendar=clinic.state.calendar[:, row].copy(),
            visits=self.visits_of(row),
            start=start,
            end=end,
            standing=self.standing_of(row),
        )
