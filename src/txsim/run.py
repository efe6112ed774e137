"""Replications: one design or many, each replication a Mesa model, spread over processes.

All designs of a replication share its luck and, unless they say otherwise, its opening: the first
design's clinic is run to day 0 and every other goes on from there. Runs never travel between
processes: what is wanted of a run is observed where it was made.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from txsim.clinic import Clinic
from txsim.clinic.accounts import Account, count_up
from txsim.clinic.initial_caseload import settle_people
from txsim.clinic.lineage import Lineage, lived
from txsim.compiled.functions import is_compiled
from txsim.errors import TxsimError, fault_in_words
from txsim.parameters.draw import DrawSource, Luck
from txsim.parameters.draw_source import source_of
from txsim.people.population import draw_people
from txsim.rules.day import run_days
from txsim.state.patient import Patient
from txsim.workers import Failure, Progress, refuse_what_cannot_travel, spread

if TYPE_CHECKING:
    from txsim.catalogue.draw import Draw
    from txsim.scenario import Scenario

__all__ = [
    "Failure", "Run", "lived", "record", "replicate", "run",
]  # fmt: skip

Array = np.ndarray[Any, Any]
T = TypeVar("T")

BLOCK_SECONDS = 2.0
"""Worth of work that is sent to a worker at a time."""
MOST_IN_A_BLOCK = 32
"""Replications in a block, however short: what is observed of a block is in memory at once."""


@dataclass(frozen=True)
class Run:
    """One year of one design, as it was recorded.

    `calendar` has a byte for each day and person, which the functions of `state.calendar` read.
    `patients` has one row a person (see `state.patient.Patient`), `diagnoses` a column for each
    diagnosis, `features` for traits, diagnoses and barriers. `services`, `roles` and
    `medication_days` are tallies of the whole run, `accounts` of the days that are paid for.
    """

    scenario: Scenario
    replication: int
    seed: int
    drawn: Draw
    """The draw of the numbers of the world that held."""
    patients: Array
    features: Array
    diagnoses: Array
    burdens: Array
    calendar: Array
    days: Array
    services: Array
    received: Array
    roles: Array
    medication_days: Array
    accounts: tuple[Account, ...]
    events: Array

    @property
    def draw(self) -> int | None:
        """The draw's position in its source; None for central values."""
        return self.drawn.number

    def __repr__(self) -> str:
        counted = int(self.patients["counted"].sum())
        return (
            f"Run({self.scenario.name}: replication {self.replication}, {counted} people counted, "
            f"{len(self.calendar)} days)"
        )


def record(clinic: Clinic) -> Run:
    """What a clinic that has been run leaves behind."""
    state, catalogue = clinic.state, clinic.design.catalogue
    traits, diagnoses = len(catalogue.traits), len(catalogue.diagnoses)
    first_barrier = int(state.scalars[0]["first_barrier"])
    tallies = count_up(state, clinic.design)
    received = np.zeros((state.patients.size, len(catalogue.services)), state.received.dtype)
    received[:, state.services["number"]] = state.received
    return Run(
        scenario=clinic.design,
        replication=clinic.replication,
        seed=clinic.seed,
        drawn=clinic.draw,
        patients=state.patients,
        features=clinic.came_with,
        diagnoses=clinic.came_with[:, traits : traits + diagnoses].astype(bool),
        burdens=state.drivers[:, first_barrier:],
        calendar=state.calendar,
        days=state.days,
        services=tallies.services,
        received=received,
        roles=tallies.roles,
        medication_days=tallies.medication_days,
        accounts=clinic.accounts,
        events=clinic.events,
    )


def needs_compiling() -> bool:
    """Whether the rules of the day are still to be compiled here: some twenty seconds."""
    return not is_compiled(run_days, draw_people, settle_people)


def run(
    scenario: Scenario,
    replication: int = 0,
    seed: int = 1,
    uncertainty: bool = True,
    patient_class: type[Patient] = Patient,
    draws: DrawSource | None = None,
) -> Run:
    """One replication of one design.

    With `uncertainty`, under the draw of numbers that belongs to it: from the posterior and the
    catalogue's ranges, or from `draws`. A design that changes later is run as what it changes from
    until then; raises ScenarioError when nothing says what that is.
    """
    luck = source_of(uncertainty, draws).luck(seed, replication)
    with _garbage_by_hand():
        clinic = Lineage([scenario], luck, patient_class).run()[0]
        clinic.close()
        held = record(clinic)
        del clinic
        gc.collect()
    return held


def observed(
    scenarios: Sequence[Scenario],
    observe: Callable[[Run], T],
    go_on: bool,
    block: Sequence[Luck],
) -> list[list[T] | Failure]:
    """What is observed of a block of replications: a list of designs for each replication.

    With `go_on`, one that fails is told of and the others are run all the same; a mistake in a
    scenario is raised in any case, since it is none of a replication.
    """
    results: list[list[T] | Failure] = []
    with _garbage_by_hand():
        for luck in block:
            try:
                results.append(_observed_once(scenarios, observe, luck))
            except TxsimError:
                raise
            except Exception as error:
                if not go_on:
                    raise
                reason = fault_in_words(error)
                results.append(Failure(luck.place, luck.draw.number, reason))
            gc.collect()
    return results


def _observed_once(
    scenarios: Sequence[Scenario], observe: Callable[[Run], T], luck: Luck
) -> list[T]:
    clinics = Lineage(scenarios, luck).run()
    try:
        return [observe(record(clinic)) for clinic in clinics]
    finally:
        for clinic in clinics:
            clinic.close()


@contextmanager
def _garbage_by_hand() -> Iterator[None]:
    """No automatic garbage collection meanwhile, and what lives already is left out of any.

    A clinic and its agents refer to each other, so only the collector frees them; looking through
    libraries and a user's data for each clinic would take as long as some of its months.
    """
    was_on, frozen_before = gc.isenabled(), gc.get_freeze_count()
    gc.disable()
    if not frozen_before:
        gc.freeze()
    try:
        yield
    finally:
        if not frozen_before:
            gc.unfreeze()
        if was_on:
            gc.enable()


def replicate(
    scenarios: Sequence[Scenario],
    replications: int,
    seed: int,
    observe: Callable[[Run], T],
    uncertainty: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    keep: Callable[[int, list[T]], None] | None = None,
    draws: DrawSource | None = None,
    failed: Callable[[Failure], None] | None = None,
) -> list[list[T]]:
    """Observe every replication of every design: one list a design, in order of replication.

    `draws` says where numbers are drawn from, with `uncertainty`; the posterior and the
    catalogue's ranges if it is left out.

    `keep` is for more than has room in memory: it is called with each replication, in any order,
    and what was observed of each design in it; nothing is kept here then, and lists are empty.

    `failed` is called with each replication that could not be run or observed; it is missing from
    the lists then. Left out, the first that fails ends everything with its error.

    `workers` (default: the cores at hand) or an `executor` of one's own spread blocks of
    replications; the results are the same bytes however they are spread. A pool that breaks is
    replaced, a few times. Raises TxsimError when there is no design or no replication, or when
    workers keep dying, or what is to be observed cannot be sent to them, and ScenarioError when a
    design cannot change into another.
    """
    if not scenarios or replications < 1:
        raise TxsimError("nothing to run: at least one design and one replication are needed")
    job = partial(observed, list(scenarios), observe, failed is not None)
    source = source_of(uncertainty, draws)
    lucks = [source.luck(seed, replication) for replication in range(replications)]
    workers = workers or usable_cores()
    if progress:
        progress(0, replications)
    started = perf_counter()
    rows: dict[int, list[T]] = {}
    missing: set[int] = set()

    def collect(block: Sequence[Luck], found: list[list[T] | Failure]) -> None:
        for luck, observations in zip(block, found, strict=True):
            if isinstance(observations, Failure):
                miss(observations)
                continue
            if keep:
                keep(luck.place, observations)
            rows[luck.place] = [] if keep else observations
        if progress:
            progress(len(rows) + len(missing), replications)

    def miss(failure: Failure) -> None:
        missing.add(failure.replication)
        if failed:
            failed(failure)

    collect(lucks[:1], job(lucks[:1]))
    took = perf_counter() - started
    enough = int(BLOCK_SECONDS / max(took, 1e-3))
    size = max(1, min(enough, MOST_IN_A_BLOCK, (replications - 1) // (2 * workers) or 1))
    blocks = [lucks[start : start + size] for start in range(1, replications, size)]
    if executor is None and (workers == 1 or took * (replications - 1) < 4.0):
        for block in blocks:
            collect(block, job(block))
    else:
        refuse_what_cannot_travel(observe, executor)
        spread(job, blocks, collect, workers, executor, miss if failed else None)
    if keep:
        return [[] for _ in scenarios]
    return [[rows[one][place] for one in sorted(rows)] for place in range(len(scenarios))]


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
