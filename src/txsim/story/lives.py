"""One person's life under one design or two, lived on the same luck and kept day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.clinic import Clinic
from txsim.errors import TxsimError
from txsim.events import Kind
from txsim.explain.asking import draw_in, row_of, rows_of
from txsim.rules.books import Array
from txsim.run import branch_day, goes_on_from

if TYPE_CHECKING:
    from txsim.scenario import Scenario

STATUS, USED, HEAVY = 15, 16, 32
"""Bits of the calendar, see `run.Run`."""


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
    """Byte T: see `run.Run`."""
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
        return int(self.calendar[day] & STATUS)

    def days(self, bit: int, first: int, after: int) -> int:
        """On how many days from `first` to before `after` a bit of the calendar is set."""
        return int(((self.calendar[first:after] & bit) != 0).sum())

    def on(self, day: int) -> tuple[Happening, ...]:
        """What happened on a day, in order."""
        return tuple(one for one in self.happenings if one.day == day)


def lives_of(
    designs: Sequence[Scenario],
    patient: int,
    replication: int,
    seed: int,
    uncertainty: bool,
    known_before: bool = False,
) -> tuple[list[Life], int]:
    """A patient's life under each of one or two designs, and how many there are in the first.

    The second design goes on from the first one's opening as in a comparison (`run.lived`), and the
    person is the same. Raises TxsimError when there is no such patient.
    """
    draw = draw_in(replication, uncertainty)
    first = Clinic(designs[0], replication, seed, draw)
    row = row_of(first, patient, known_before)
    count = rows_of(first, known_before).size
    person = int(first.books.patients["person"][row])
    tally = Tally(first, row, [])
    tallies = [tally]
    for design in designs[1:]:
        if goes_on_from(first, design):
            tally.live_until(branch_day(design))
            if first.day == 0:
                first.start_counting()
            clinic = Clinic(design, replication, seed, draw, origin=first)
        else:
            clinic = Clinic(design, replication, seed, draw)
        before = list(tally.visits) if clinic.day > 0 else []
        tallies.append(
            Tally(
                clinic, same_person(clinic, person, patient, known_before), before, tally.standing
            )
        )
    names = [design.name for design in designs]
    if len(set(names)) < len(names):
        names[1] += " (again)" if designs[0].digest == designs[1].digest else " (the other)"
    return [one.as_life(name) for one, name in zip(tallies, names, strict=True)], count


def same_person(clinic: Clinic, person: int, patient: int, known_before: bool) -> int:
    """The row of a person under another design; TxsimError when they do not ask there."""
    rows = rows_of(clinic, known_before)
    found = rows[clinic.books.patients["person"][rows] == person]
    if not found.size:
        raise TxsimError(
            f"patient {patient} does not ask for help under {clinic.design.name}: the two designs "
            "differ in who comes"
        )
    return int(found[0])


@dataclass
class Tally:
    """A clinic lived day by day, and one person's sessions booked and kept up to each evening."""

    clinic: Clinic
    row: int
    visits: list[tuple[int, int]]
    standing: Standing | None = None

    def live_until(self, day: int) -> None:
        """Live up to the morning of a day, looking in every evening."""
        self.clinic.run_until(0)
        record = self.clinic.books.patients[self.row]
        if self.clinic.day == 0 and int(record["arrives"]) < 0:
            self.standing = Standing(int(record["status"]), int(record["since"]))
        for evening in range(max(self.clinic.day, 0), min(day, self.clinic.horizon)):
            self.clinic.run_until(evening + 1)
            record = self.clinic.books.patients[self.row]
            self.visits.append((int(record["visits_due"]), int(record["visits_kept"])))

    def as_life(self, name: str) -> Life:
        """The person's life, lived to the horizon."""
        clinic, row = self.clinic, self.row
        self.live_until(clinic.horizon)
        clinic.close()
        record = clinic.books.patients[row].copy()
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
            calendar=clinic.books.calendar[:, row].copy(),
            visits=np.diff(np.array(self.visits), axis=0, prepend=np.zeros((1, 2), np.int64)),
            start=start,
            end=end,
            standing=self.standing,
        )
