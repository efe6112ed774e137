"""Small clinics in which nearly everything happens, byte for byte what they were.

Any change of a rule shows here, compiled or not, as the first person to whom something else
happens. The marks move when the model or its numbers are changed on purpose. Then write them anew,
and say in the changelog that results moved, and why:

    python -m tests.model.test_busy_clinics

Whole numbers are kept to the last byte, others as sums of eight digits, which stand on every
machine.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.run import lived, record
from txsim.state.events import Kind

from .busy_clinics import BUSY, busy
from .small_clinics import bytes_of

KEPT = Path(__file__).with_name("golden_busy_clinics.json")
TABLES = ("patients", "services", "roles", "staff", "medications", "days")
ARRAYS = ("drivers", "level", "received", "this_stay", "strength", "due", "plan")


@cache
def clinic_of(name: str) -> Clinic:
    """A busy clinic lived through under central values."""
    clinic = lived([busy(name, **BUSY[name])], 0, 1, None)[0]
    clinic.close()
    return clinic


def digits(value: Any) -> str:
    return f"{float(value):.8g}"


def columns(clinic: Clinic) -> dict[str, np.ndarray[Any, Any]]:
    """Everything that a clinic has in its arrays at the end, column by column."""
    found = {}
    for table in TABLES:
        array = getattr(clinic.state, table)
        found |= {f"{table}.{name}": array[name] for name in array.dtype.names}
    return found | {name: getattr(clinic.state, name) for name in ARRAYS}


def marks_of(clinic: Clinic) -> dict[str, str]:
    """What is kept: the events one by one as a hash, the calendar, and each column."""
    events = clinic.events
    marks = {"happenings": str(len(events))}
    for name in ("events", "calendar"):
        array = events if name == "events" else clinic.state.calendar
        names = array.dtype.names
        rows = array if names is None else np.stack([array[one].astype("i8") for one in names])
        marks[name] = hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()[:16]
    for name, column in columns(clinic).items():
        weighted = np.arange(1, column.size + 1) % 97
        if column.dtype.kind == "f":
            marks[name] = digits((column.ravel() * weighted).sum())
        else:
            marks[name] = str(int((column.ravel().astype("i8") * weighted).sum()))
    return marks


@pytest.mark.golden
@pytest.mark.parametrize("name", BUSY)
def test_a_busy_clinic_is_what_it_was(name: str) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))[name]
    found = marks_of(clinic_of(name))

    assert found == kept, "results moved; see the head of this file"


def test_everything_that_can_happen_did() -> None:
    """Or these clinics would show nothing of what did not."""
    seen = {int(kind) for name in BUSY for kind in clinic_of(name).events["kind"]}

    assert {kind for kind in Kind if int(kind) not in seen} == set()


@pytest.mark.parametrize("name", ["matched", "cohort"])
def test_days_run_in_one_go_are_the_days_lived_one_by_one(name: str) -> None:
    """Broken off and gone on with wherever the log was full, which it is at every size."""
    through = Clinic(busy(name, **BUSY[name]))
    written = int(through.state.written[0])
    through.state = through.state.with_log(through.state.log[: max(written, 1)].copy())
    through.run()
    one_by_one = Clinic(busy(name, **BUSY[name]))
    while one_by_one.day < one_by_one.horizon:
        one_by_one.step()
    for clinic in (through, one_by_one):
        clinic.close()

    assert through.events.tobytes() == one_by_one.events.tobytes()
    assert bytes_of(record(through)) == bytes_of(record(one_by_one))


if __name__ == "__main__":
    marks = {name: marks_of(clinic_of(name)) for name in BUSY}
    KEPT.write_text(json.dumps(marks, indent=1) + "\n", encoding="utf-8")
    print(f"written to {KEPT}")
