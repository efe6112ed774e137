"""Worker processes: blocks of replications are spread over them, and none is left behind.

However the process that started them ends, its workers end with it: each looks twice a second
whether that process is still there. Then nobody holds the trackers' pipe any more, and the trackers
free the semaphores and end too.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, TypeVar
from warnings import catch_warnings, filterwarnings

from txsim.errors import TxsimError
from txsim.saving import undisturbed


@dataclass(frozen=True)
class Failure:
    """A replication that could not be run to its end, or observed, and why."""

    replication: int
    draw: int | None
    reason: str


T = TypeVar("T")
Progress = Callable[[int, int], None]

if TYPE_CHECKING:
    from txsim.parameters.draw import Luck

    Block = Sequence[Luck]
    Job = Callable[[Block], list[list[T] | Failure]]
    Collect = Callable[[Block, list[list[T] | Failure]], None]
    Missed = Callable[[Failure], None]
    Futures = dict[Future[list[list[T] | Failure]], Block]

MOST_BROKEN_POOLS = 3
MOST_DEATHS = 3
"""Replications that may be missed because their processes died."""
DIED = "the process that ran it died; is memory short?"
SECONDS_BETWEEN_LOOKS = 0.5
REQUESTS_TO_END = {
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
}


def spread(
    job: Job[T],
    blocks: Sequence[Block],
    collect: Collect[T],
    workers: int,
    executor: Executor | None,
    missed: Missed | None,
) -> None:
    """Do a job for every block of replications in another process, and have its results collected.

    Without an `executor`, in `workers` processes of our own, which are stopped when anything goes
    wrong; a pool that breaks is replaced, a few times. Then what is left is done one replication at
    a time, and one whose process dies even so is `missed`. Raises TxsimError when workers keep
    dying, or die and nobody is there to be told of it.
    """
    if executor is None:
        _spread_over_our_own(job, blocks, collect, workers, missed)
        return
    futures: Futures[T] = {}
    try:
        _take_in(executor, job, blocks, collect, futures)
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def refuse_what_cannot_travel(observe: Callable[..., object], executor: Executor | None) -> None:
    """Raise TxsimError when other processes cannot be told what is to be observed."""
    if executor is None or type(executor).__module__.startswith("loky"):
        from loky.backend.reduction import dumps
    elif isinstance(executor, ProcessPoolExecutor):
        from pickle import dumps
    else:
        return
    try:
        dumps(observe)
    except Exception as error:
        raise TxsimError(
            f"what is to be observed cannot be sent to other processes ({error}); give a function "
            "that stands in a module of its own with def, no lambda and none inside another "
            "function, or use workers=1"
        ) from error


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Without `pgrep` loky warns of what workers may have started; ours start nothing."""
    with catch_warnings():
        filterwarnings("ignore", "Failed to kill subprocesses", UserWarning)
        yield


@_without_warnings()
def _spread_over_our_own(
    job: Job[T],
    blocks: Sequence[Block],
    collect: Collect[T],
    workers: int,
    missed: Missed | None,
) -> None:
    _let_workers_be_killed()
    left = {block[0].place: block for block in blocks}

    def taken_in(block: Block, found: list[list[T] | Failure]) -> None:
        del left[block[0].place]
        collect(block, found)

    for attempt in range(MOST_BROKEN_POOLS):
        if _in_a_pool(job, list(left.values()), taken_in, workers, attempt > 0):
            return
    deaths = 0
    for luck in [luck for block in left.values() for luck in block]:
        if missed is None or deaths == MOST_DEATHS:
            raise TxsimError(
                f"worker processes died {MOST_BROKEN_POOLS + deaths} times; is memory short? try "
                "fewer workers"
            )
        if not _in_a_pool(job, [[luck]], collect, 1, True):
            deaths += 1
            missed(Failure(luck.place, luck.draw.number, DIED))


def _in_a_pool(
    job: Job[T], blocks: Sequence[Block], collect: Collect[T], workers: int, kill: bool
) -> bool:
    """Do a job for every block in processes of our own; whether all of them lived through it."""
    from loky import get_reusable_executor

    pool: Executor | None = None
    try:
        with _deaf():
            _start_trackers()
        pool = get_reusable_executor(
            max_workers=workers, kill_workers=kill, initializer=end_with, initargs=(os.getpid(),)
        )
        with suppress(BrokenProcessPool):
            _take_in(pool, job, blocks, collect, {})
            return True
        return False
    except BaseException:
        if pool is not None:
            with _uninterrupted():
                pool.shutdown(wait=True, kill_workers=True)  # type: ignore[call-arg]
        raise


def _take_in(
    pool: Executor,
    job: Job[T],
    blocks: Sequence[Block],
    collect: Collect[T],
    futures: Futures[T],
) -> None:
    with _deaf():
        for block in blocks:
            futures[pool.submit(job, block)] = block
    for future in as_completed(futures):
        # A future holds its results for as long as it is held itself.
        collect(futures.pop(future), future.result())


def end_with(parent: int) -> None:
    """In a worker: end this process soon after the one that started it has ended, however it did.

    A thread looks, which compiled rules do not keep from running. Linux could send a signal, but
    does so when the thread that started a worker ends.
    """

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        os._exit(1)

    Thread(target=look, name="ends with its parent", daemon=True).start()


def _start_trackers() -> None:
    """Start the processes that free semaphores when the last of us has ended, before all others."""
    from multiprocessing import resource_tracker

    from loky.backend import resource_tracker as lokys_tracker

    resource_tracker.ensure_running()
    lokys_tracker.ensure_running()


def _let_workers_be_killed() -> None:
    """Give loky's processes what they lack where the program `pgrep` is missing.

    So it is in slim containers. loky 3.7 then asks each worker's handle to kill it; the handle
    cannot, and nobody would ever stop waiting for that worker.
    """
    if os.name == "posix":
        from loky.backend.popen_loky_posix import Popen

        if not hasattr(Popen, "kill"):
            Popen.kill = lambda worker: os.kill(worker.pid, signal.SIGKILL)


@contextmanager
def _deaf() -> Iterator[None]:
    """Keep requests to end from this and from all processes and threads that are started meanwhile.

    A terminal or a system that shuts down sends them to everybody, and a worker that stops in the
    middle of a message leaves its locks shut behind it; one whose starter stops in the middle of
    telling it what to do says so at length. Whoever started them hears afterwards, and stops them.
    """
    # A mask holds for one thread: another one may hear, and Python then stops the main one.
    with undisturbed():
        if not hasattr(signal, "pthread_sigmask"):
            yield
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS_TO_END)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C pass meanwhile: workers are being stopped, and a second one would leave them.

    Only the main thread may say so.
    """
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
