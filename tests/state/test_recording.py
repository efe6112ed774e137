"""What is written down of a day is written in one place, and says the same everywhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import txsim
from txsim.clinic import Clinic
from txsim.run import lived, record
from txsim.state import calendar
from txsim.state.events import DIED, NEVER, Kind, Reason, Status, room_for_a_person
from txsim.state.layout import Array
from txsim.state.patient import Patient
from txsim.state.records import DAY_ROW

from ..model.small_clinics import cohort, compiled_only, small

PACKAGE = Path(txsim.__file__).parent
CALENDAR = "state/calendar.py"
BITS = ("STATUS", "USED", "HEAVY", "MEDICATED", "VISITED")
DISCHARGES = (
    Reason.MISSED_DAYS,
    Reason.POSITIVE_URINES,
    Reason.UNPAID_FEES,
    Reason.INDUCTION_FAILED,
    Reason.MISSED_SESSIONS,
    Reason.BEHAVIOUR,
)
KINDS: dict[str, tuple[Kind, ...]] = {
    "asking": (Kind.ASKED,),
    "admitted": (Kind.ADMITTED,),
    "lost_waiting": (Kind.MISSED_INTAKE, Kind.WALKED_AWAY),
    "went_elsewhere": (Kind.WENT_ELSEWHERE,),
    "died": (Kind.DIED,),
    "overdoses": (Kind.OVERDOSE,),
}
REASONS: dict[str, tuple[Reason, ...]] = {
    "completed": (Reason.COMPLETED,),
    "dropped_out": (Reason.DROPPED_OUT,),
    "transferred": (Reason.TRANSFERRED,),
    "jailed": (Reason.JAILED,),
    "discharged": DISCHARGES,
}
STATUSES: dict[str, tuple[Status, ...]] = {
    "waiting": (Status.WAITING, Status.BOOKED),
    "in_care": (Status.INDUCTION, Status.IN_TREATMENT, Status.AFTERCARE),
    "aftercare": (Status.AFTERCARE,),
}
AS_IT_COMES = ("departures", "visits_booked", "visits_kept", "visits_waiting", "intake_closed")


class Own(Patient):
    """With behaviour of its own, so that days are lived agent by agent."""

    def after_day(self) -> None:
        pass


def sources() -> Iterator[tuple[str, str]]:
    """Every file of the package, by its path in it."""
    for file in sorted(PACKAGE.rglob("*.py")):
        yield file.relative_to(PACKAGE).as_posix(), file.read_text(encoding="utf-8")


def looks_at_bits(source: str) -> bool:
    """Whether a file masks with a number that is a mark of the calendar, or takes one from it."""
    values = {getattr(calendar, name) for name in BITS}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "txsim.state.calendar":
            if {one.name for one in node.names} & set(BITS):
                return True
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "calendar" and node.attr in BITS:
                return True
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
            for side in (node.left, node.right):
                if isinstance(side, ast.Constant) and side.value in values:
                    return True
    return False


def test_only_the_calendar_knows_its_bits() -> None:
    assert [path for path, source in sources() if looks_at_bits(source)] == []
    assert looks_at_bits("caring = (run.calendar & 15) >= 3")
    assert looks_at_bits("from txsim.state.calendar import USED")


def test_only_the_state_writes_calendar_and_table() -> None:
    """Rules say what happens; whether a day counts is asked where it is written down."""
    writes = re.compile(r"calendar\[[^\]]*\] = |\bdays\[day\]|\brow\.\w+ \+= ")
    found = {path for path, source in sources() if writes.search(source)}
    guards = {
        path
        for path, source in sources()
        if path.startswith("rules/") and re.search(r"\bday (>=|<) 0", source)
    }

    assert found == {CALENDAR, "state/daily_table.py"}
    # A person is counted, and followed, from day 0 on: that is no matter of writing.
    assert guards == {"rules/waiting.py", "rules/weekly_assessment.py"}


@pytest.mark.parametrize("came", [False, True])
@pytest.mark.parametrize("covered", [False, True])
def test_what_is_written_is_read_again(covered: bool, came: bool) -> None:
    patient = np.zeros(1, [("status", "i4"), ("used", "?"), ("heavy", "?")]).view(np.recarray)[0]
    days = np.full((2, 2), 255, np.uint8)
    for status in Status:
        for used, heavy in ((False, False), (True, False), (True, True)):
            patient.status, patient.used, patient.heavy = int(status), used, heavy
            calendar.write_day(days, -1, 1, patient, covered, came)
            calendar.write_day(days, 1, 0, patient, covered, came)
            alive = status != DIED
            assert calendar.status_of(days)[1, 0] == status
            assert calendar.used(days)[1, 0] == (used and alive)
            assert calendar.drank_heavily(days)[1, 0] == (heavy and alive)
            assert calendar.medicated(days)[1, 0] == (covered and alive)
            assert calendar.kept_visit(days)[1, 0] == (came and alive)
    days[1, 0] = 255
    assert (days == 255).all(), "a day before day 0 is in no row"


def counted_anew(clinic: Clinic) -> dict[str, Array]:
    """The columns of the daily table that the log and the calendar tell, day by day."""
    held = record(clinic)
    count = len(held.days)
    happened, status = held.events, calendar.status_of(held.calendar)
    left = happened[happened["kind"] == Kind.LEFT]

    def by_day(rows: Array) -> Array:
        return np.bincount(rows["day"], minlength=count).astype(float)

    found = {name: by_day(happened[np.isin(happened["kind"], of)]) for name, of in KINDS.items()}
    found |= {name: by_day(left[np.isin(left["detail"], of)]) for name, of in REASONS.items()}
    found |= {name: np.isin(status, of).sum(axis=1) for name, of in STATUSES.items()}
    asked = held.patients["asked_day"]
    here = (asked != NEVER) & (asked <= np.arange(count)[:, None])
    return found | {
        "alive": (here & (status != Status.DIED)).sum(axis=1),
        "used": calendar.used(held.calendar).sum(axis=1),
        "medicated": calendar.medicated(held.calendar).sum(axis=1),
    }


def busy() -> list[txsim.Scenario]:
    """A clinic in which much happens, and one that goes on from it."""
    first = small().with_changes(
        name="busy",
        arrivals={"per_week": 9.0},
        clinic={"places": 20},
        rules={"preset": "strict"},
        model={"elsewhere_share": 0.5},
        hazards={
            name: {"opioid": rate}
            for name, rate in (
                ("jail", 2.0),
                ("overdose", 3.0),
                ("transfer", 1.0),
                ("completion", 3.0),
            )
        },
        medications={"methadone": {"completion_after_days": 20.0}},
    )
    return [first, first.with_changes(name="later", change={"from_week": 3}, clinic={"places": 30})]


@compiled_only
@pytest.mark.parametrize("patient_class", [Patient, Own])
def test_the_daily_table_is_what_log_and_calendar_tell(patient_class: type[Patient]) -> None:
    """Also where a clinic goes on from another, and where days are lived agent by agent."""
    clinics = [
        *lived(busy(), 0, 1, None, patient_class=patient_class),
        *lived([cohort(30, 40)], 0, 1, None, patient_class=patient_class),
    ]
    for clinic in clinics:
        clinic.close()
        told = counted_anew(clinic)
        assert {*told, *AS_IT_COMES} == set(DAY_ROW.names)
        for name, values in told.items():
            assert clinic.state.days[name].tolist() == values.tolist(), name
    for name in counted_anew(clinics[0]):
        assert name == "aftercare" or clinics[0].state.days[name].any(), name


@compiled_only
def test_a_day_that_the_log_broke_off_is_counted_whole() -> None:
    """A log with room for hardly a person grows again and again within a day."""
    plain, narrow = Clinic(small()), Clinic(small())
    for clinic in (plain, narrow):
        clinic.run_until(0)
        clinic.start_counting()
    room = room_for_a_person(narrow.state.services.size)
    narrow.state = narrow.state.with_log(narrow.state.log[:room].copy())
    for clinic in (plain, narrow):
        clinic._run_compiled(40)
        clinic.close()

    assert narrow.state.days.tobytes() == plain.state.days.tobytes()
    assert narrow.state.days["asking"].any()
