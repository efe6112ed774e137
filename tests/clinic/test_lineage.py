"""One lineage: clinics run, looked at day by day, kept as they stand and gone on with elsewhere."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from txsim.clinic.lineage import Lineage, resumed
from txsim.clinic.snapshot import Snapshot, read_snapshot
from txsim.errors import TxsimError
from txsim.parameters.draw import HELD_AT_CENTRE, PRIOR, Luck
from txsim.run import record
from txsim.scenario import Scenario, load

from ..model.small_clinics import bytes_of, compiled_only, small

LUCK = PRIOR.luck(7, 2)


def later() -> Scenario:
    """A design that offers more from the fourth week on."""
    return small().with_changes(
        name="later",
        services={"case_management": {"offered": True}},
        staff={"case_manager": {"posts": 1.0}},
        change={"from_week": 4},
    )


def helped() -> Scenario:
    return small().with_changes(
        name="helped",
        services={"case_management": {"offered": True}},
        staff={"case_manager": {"posts": 1.0}},
    )


def results(designs: list[Scenario], **how: object) -> list[dict[str, bytes]]:
    return [bytes_of(record(one)) for one in Lineage(designs, LUCK, **how).run()]  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_looked_at_each_day_a_clinic_comes_to_the_same(place: int) -> None:
    designs = [small(), helped(), later()]
    seen = []
    for clinic in Lineage(designs, LUCK).days(place):
        seen.append(clinic.day)

    assert seen == list(range(clinic.horizon + 1))
    assert bytes_of(record(clinic)) == results(designs)[place]


def test_days_may_begin_anywhere_and_show_the_design_in_force() -> None:
    designs = [small(), later()]
    on = {day: next(Lineage(designs, LUCK).days(first=day)) for day in (0, 27, 28, 40)}

    assert {day: clinic.day for day, clinic in on.items()} == {day: day for day in on}
    assert [clinic.design.name for clinic in on.values()] == ["small", "small", "later", "later"]


@pytest.mark.parametrize("day", [-20, 0, 17])
def test_a_snapshot_gone_on_with_is_the_same_clinic(day: int, tmp_path: Path) -> None:
    """In memory, through a pipe, and from a file; and again, for it is not used up."""
    kept = Lineage([small()], LUCK).opening(day)
    kept.save(tmp_path / "opening.npz")
    through = [
        kept,
        pickle.loads(pickle.dumps(kept)),
        read_snapshot(tmp_path / "opening.npz", small(), LUCK),
        kept,
    ]
    (alone,) = results([small()])
    for one in through:
        assert one.digest == kept.digest
        clinic = resumed(one, small())
        assert clinic.day == day
        clinic.run()
        clinic.close()
        assert bytes_of(record(clinic)) == alone


def test_designs_go_on_from_an_opening_that_is_kept() -> None:
    """As from one that is lived; a snapshot too late for a design's beginning is not used."""
    designs = [small(), helped(), later()]
    lineage = Lineage(designs, LUCK)

    assert results(designs, opened=[lineage.opening()]) == results(designs)
    assert results(designs, opened=[lineage.opening(30)]) == results(designs)


ELSEWHERE = """
import sys
from txsim.clinic.lineage import Lineage
from txsim.clinic.snapshot import read_snapshot
from txsim.parameters.draw import PRIOR
from txsim.run import record
from txsim.scenario import load
import hashlib

first, second = load(sys.argv[2]), load(sys.argv[3])
luck = PRIOR.luck(7, 2)
kept = [read_snapshot(sys.argv[1], first, luck)] if sys.argv[1] else []
for clinic in Lineage([first, second], luck, opened=kept).run():
    held = record(clinic)
    patients = b"".join(held.patients[name].tobytes() for name in held.patients.dtype.names)
    print(hashlib.sha256(held.events.tobytes() + held.days.tobytes() + patients).hexdigest())
"""


@pytest.mark.common_numbers
@compiled_only
def test_an_opening_goes_on_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "first.toml").write_text(
        'extends = "baseline"\n[clinic]\nplaces = 40\n[arrivals]\nper_week = 2.0\n'
        "[horizon]\ndays = 90\nfollow_up_days = 30\n", encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "second.toml").write_text(
        'extends = "first.toml"\n[staff.counsellor]\nposts = 12.0\n', encoding="utf-8"
    )
    Lineage([load(tmp_path / "first.toml")], LUCK).opening().save(tmp_path / "opening.npz")

    def told(opening: str) -> str:
        files = [str(tmp_path / one) for one in ("first.toml", "second.toml")]
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, opening, *files],
            capture_output=True, text=True, check=True, timeout=200,
        )  # fmt: skip
        return done.stdout

    assert told(str(tmp_path / "opening.npz")) == told("")


def test_snapshots_of_something_else_are_refused(tmp_path: Path) -> None:
    kept = Lineage([small()], LUCK).opening()
    path = tmp_path / "opening.npz"
    kept.save(path)

    with pytest.raises(TxsimError, match="is not of helped"):
        resumed(kept, helped())
    with pytest.raises(TxsimError, match="another design"):
        read_snapshot(path, helped(), LUCK)
    for luck, what in (
        (PRIOR.luck(8, 2), "seed"),
        (PRIOR.luck(7, 3), "replication"),
        (Luck(7, 2, HELD_AT_CENTRE.luck(7, 2).draw), "draw"),
    ):
        with pytest.raises(TxsimError, match=f"another {what}"):
            read_snapshot(path, small(), luck)
    with pytest.raises(TxsimError, match="other luck"):
        Lineage([small()], PRIOR.luck(8, 2), opened=[kept])
    with pytest.raises(TxsimError, match=r"opening\.npz"):
        kept.save(path)


def test_damaged_snapshots_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "opening.npz"
    Lineage([small()], LUCK).opening().save(path)
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}

    def refused(match: str, **changed: np.ndarray) -> None:
        np.savez(path, **{**arrays, **changed})
        with pytest.raises(TxsimError, match=match):
            read_snapshot(path, small(), LUCK)

    drivers = arrays["state.drivers"].copy()
    drivers[0, 0] += 1.0
    refused("damaged", **{"state.drivers": drivers})
    header = json.loads(arrays["header"].tobytes()) | {"rules": "others"}
    refused("another rules", header=np.frombuffer(json.dumps(header).encode(), np.uint8))
    path.write_bytes(b"no archive")
    with pytest.raises(TxsimError, match="no snapshot"):
        read_snapshot(path, small(), LUCK)
    np.savez(path, header=np.array([{"a": 1}], object))
    with pytest.raises(TxsimError, match="no snapshot"):
        read_snapshot(path, small(), LUCK)


def test_people_of_a_roster_are_put_into_no_file(tmp_path: Path) -> None:
    kept = Lineage([small()], LUCK).opening()
    of_real_people = Snapshot(**{**vars(kept), "roster": True})

    with pytest.raises(TxsimError, match="roster is not put into a file"):
        of_real_people.save(tmp_path / "opening.npz")
    assert not list(tmp_path.iterdir())
