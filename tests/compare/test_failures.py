"""A replication that fails is a row with its reason; the others are judged without it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from txsim.compare import assemble, compare
from txsim.compare.comparison import Comparison
from txsim.errors import TxsimError
from txsim.outcomes import measure
from txsim.outcomes.measure import Measured
from txsim.run import Failure, Run, replicate

from ..outcomes.made_runs import small_scenario


def fails_in(*replications: int):
    """What is measured of a run, but of these replications of the second design."""

    def look(run: Run) -> Measured:
        if run.replication in replications and run.scenario.name == "more":
            raise ZeroDivisionError("nothing to divide by")
        return measure(run)

    return look


def designs():
    first = small_scenario().with_changes(name="today")
    return [first, first.with_changes(name="more", **{"staff.counsellor.posts": 9.0})]


@pytest.fixture
def two_failed(monkeypatch: pytest.MonkeyPatch) -> Comparison:
    monkeypatch.setattr(assemble, "measure", fails_in(0, 5))
    return compare(designs(), replications=8, workers=1)


def test_a_failed_replication_is_a_row_with_its_reason(
    two_failed: Comparison, tmp_path: Path
) -> None:
    failures = two_failed.failures
    assert failures[["replication", "draw"]].to_numpy().tolist() == [[0, 0], [5, 1]]
    for reason in failures["reason"]:
        assert reason.startswith("ZeroDivisionError: nothing to divide by, test_failures.py:")
    assert two_failed.replications_each == 6
    assert two_failed.draws == 2
    assert two_failed.manifest["failed"] == 2
    told = (
        "2 of 8 replications could not be run and are left out of everything (replication 0: Zero"
    )
    assert any(note.startswith(told) for note in two_failed.notes)

    two_failed.save(tmp_path / "results")
    kept = pd.read_csv(tmp_path / "results" / "failures.csv")
    assert kept["replication"].tolist() == [0, 5]
    meanings = pd.read_csv(tmp_path / "results" / "data_dictionary.csv")
    assert {f"failures.{column}" for column in kept.columns} <= set(meanings["name"])


def test_the_others_are_judged_as_if_it_had_never_been(two_failed: Comparison) -> None:
    whole = [[], []]
    replicate(designs(), 8, 1, measure, workers=1, keep=lambda _, each: [
        mine.append(one) for mine, one in zip(whole, each, strict=True)
    ])  # fmt: skip
    kept = [1, 2, 3, 4, 6, 7]
    alone = Comparison(
        designs(),
        [[mine[one] for one in kept] for mine in whole],
        np.array(kept) // 4,
        two_failed.manifest,
    )
    for name in ("outcomes", "differences", "curves", "roles", "services", "costs", "exits"):
        pd.testing.assert_frame_equal(getattr(two_failed, name), getattr(alone, name))
    held = two_failed.replications
    assert sorted(set(held["replication"])) == kept
    assert (held["draw"] == held["replication"] // 4).all()


def test_where_everything_fails_there_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "measure", fails_in(*range(4)))
    with pytest.raises(TxsimError, match=r"no replication could be run \(ZeroDivisionError"):
        compare(designs(), replications=4, workers=1)


def test_nobody_who_wants_to_be_told_means_the_error_itself() -> None:
    with pytest.raises(ZeroDivisionError):
        replicate(designs(), 4, 1, fails_in(2), workers=1)
    told: list[Failure] = []
    found = replicate(designs(), 4, 1, fails_in(2), workers=1, failed=told.append)
    assert [len(mine) for mine in found] == [3, 3]
    assert [one.replication for one in told] == [2]


def test_a_mistake_in_a_scenario_is_no_failure_of_a_replication() -> None:
    def refuse(run: Run) -> int:
        raise TxsimError("cannot be")

    with pytest.raises(TxsimError, match="cannot be"):
        replicate(designs(), 4, 1, refuse, workers=1, failed=lambda one: None)


def test_an_executor_of_ones_own_gives_the_same_results() -> None:
    ours = compare(designs(), replications=8, workers=1)
    with ThreadPoolExecutor(2) as pool:
        theirs = compare(designs(), replications=8, executor=pool)

    for name in ("outcomes", "differences", "drawn"):
        pd.testing.assert_frame_equal(getattr(ours, name), getattr(theirs, name))
