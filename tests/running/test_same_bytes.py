"""The same bytes from every way of running: workers, blocks, order, threads, hash seeds."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

import txsim
from txsim import run as run_function
from txsim.parameters.draw import LUCK_PER_DRAW, PRIOR, draw_number
from txsim.run import Run, lived, record, replicate, run
from txsim.scenario import Scenario

from ..model import small_clinics
from ..model.small_clinics import compiled_only, digest_of, small

pytestmark = [pytest.mark.common_numbers, compiled_only]

REPLICATIONS = 9
SOURCES = str(Path(txsim.__file__).parents[1])


def designs() -> list[Scenario]:
    return [
        small(),
        small().with_changes(name="more-counsellors", staff={"counsellor": {"posts": 4.0}}),
        small().with_changes(name="later", plan={"policy": "stepped"}, change={"from_week": 2}),
    ]


def digests(executor: Executor | None = None, workers: int = 1) -> list[list[str]]:
    return replicate(designs(), REPLICATIONS, 11, digest_of, workers=workers, executor=executor)


@pytest.fixture(scope="module")
def alone() -> list[list[str]]:
    """One process, one replication after the other."""
    return digests()


@pytest.fixture
def processes() -> Iterator[Executor]:
    """Two fresh processes, to which this folder's functions travel by value."""
    cloudpickle = importlib.import_module("cloudpickle")  # it comes with loky
    from loky import ProcessPoolExecutor

    cloudpickle.register_pickle_by_value(small_clinics)
    with ProcessPoolExecutor(max_workers=2) as pool:
        yield pool
    cloudpickle.unregister_pickle_by_value(small_clinics)


def test_every_run_of_the_batch_is_another(alone: list[list[str]]) -> None:
    assert len({one for design in alone for one in design}) == 3 * REPLICATIONS


def test_the_number_of_workers_changes_nothing(alone: list[list[str]], processes: Executor) -> None:
    assert digests(processes, workers=2) == alone


def test_threads_change_nothing(alone: list[list[str]]) -> None:
    with ThreadPoolExecutor(3) as threads:
        assert digests(threads, workers=3) == alone


@pytest.mark.parametrize("seconds", [0.0, 1e9])
def test_the_size_of_blocks_changes_nothing(
    alone: list[list[str]], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["txsim.run"], "BLOCK_SECONDS", seconds)

    assert digests() == alone


def test_a_batch_is_its_replications_run_by_themselves(alone: list[list[str]]) -> None:
    """In any order, each replication by itself, under the draw that belongs to it."""
    for replication in (7, 2, 5):
        clinics = lived(designs(), replication, 11, draw_number(replication))
        for clinic in clinics:
            clinic.close()
        assert [digest_of(record(one)) for one in clinics] == [
            design[replication] for design in alone
        ]


def test_the_order_of_further_designs_changes_nothing(alone: list[list[str]]) -> None:
    first, second, third = designs()
    turned = replicate([first, third, second], 3, 11, digest_of, workers=1)

    short = replicate([first, second, third], 3, 11, digest_of, workers=1)
    assert turned == [short[0], short[2], short[1]]
    assert run_function is run


def test_every_way_of_running_a_replication_takes_the_same_draw() -> None:
    """However many replications there are: the last ones of 9 are in a draw of their own."""
    scenario = designs()[0]
    draws = replicate([scenario], 9, 11, draw_of_run, workers=1)[0]

    assert draws == [replication // LUCK_PER_DRAW for replication in range(9)]
    assert draws[8] == run(scenario, 8, 11).draw == PRIOR.luck(11, 8).draw.number == draw_number(8)


def draw_of_run(held: Run) -> int | None:
    return held.draw


SCRIPT = """
import hashlib
from txsim.run import lived, record
from txsim.scenario import load

first = load("baseline").with_changes(
    name="small", horizon={"days": 40, "follow_up_days": 10, "burn_in_days": 10},
    clinic={"places": 40}, arrivals={"per_week": 4.0},
)
second = first.with_changes(
    name="other", services={"case_management": {"offered": True}}, diagnoses={
        "hay_fever": {"label": "Hay fever", "effects": {"dropout": 1.2}, "source": "assumption"}},
)
digest = hashlib.sha256()
for clinic in lived([first, second], 3, 5, 1):
    held = record(clinic)
    for array in (held.events, held.calendar, held.days, held.services, held.roles):
        digest.update(array.tobytes())
print(second.digest, digest.hexdigest())
"""


def test_the_hash_seed_changes_nothing() -> None:
    """Nothing iterates over a set or leans on Python's own hash.

    (When this fails: look for a loop over a set, or `hash()`, where order reaches a result.)
    """
    told = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONPATH": SOURCES, "PYTHONHASHSEED": seed},
            text=True, capture_output=True, check=True,
        ).stdout
        for seed in ("1", "4242")
    }  # fmt: skip

    assert len(told) == 1
    assert len(told.pop().split()) == 2


def test_progress_counts_every_replication() -> None:
    seen: list[tuple[int, int]] = []
    replicate([small()], 5, 1, digest_of, workers=1, progress=lambda *at: seen.append(at))

    assert seen[0] == (0, 5)
    assert seen[-1] == (5, 5)
    assert seen == sorted(seen)
