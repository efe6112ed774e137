"""The people who work in the clinic, as Mesa agents over rows of the staff records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from txsim.state.events import NEVER
from txsim.state.patient import Trait, record_of
from txsim.state.records import Record

if TYPE_CHECKING:
    from txsim.clinic import Clinic


class StaffMember(mesa.Agent):
    """One post and whoever fills it; when they leave, it is vacant until the next is hired."""

    model: Clinic

    key = Trait("u8", 0, "The key of this post's luck in this replication.")
    role = Trait("i8", 0, "Role, by position in the catalogue.")
    number = Trait("i8", 0, "Which post of the role this is.")
    post = Trait("f8", 1, "Share of a whole post.")
    present = Trait("?", True, "Somebody fills the post.")
    at_work = Trait("?", True, "At work today (neither vacant nor off sick nor on leave).")
    from_day = Trait("i8", NEVER, "Day from which the post exists; before it, it is not vacant.")
    hired_day = Trait("i8", NEVER, "Day the present worker began.")
    vacant_until = Trait("i8", NEVER, "Day a vacancy ends.")
    caseload = Trait("i8", 0, "Patients who have this worker as primary counsellor.")
    departures = Trait("i8", 0, "Workers who left this post.")

    def __init__(self, model: Clinic, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def rows(self) -> np.ndarray[Any, Any]:
        """The records of all staff of this agent's own model."""
        return self.model.state.staff

    @property
    def role_name(self) -> str:
        """The role's name in the catalogue."""
        return self.model.role_names[int(self.role)]

    def __repr__(self) -> str:
        return f"StaffMember({self.role_name} {self.number + 1}, {self.caseload} patients)"


STAFF = record_of(StaffMember)

if TYPE_CHECKING:

    class StaffRow(StaffMember, Record):
        """A post as rules know it: a row of the records with the traits of an agent."""
