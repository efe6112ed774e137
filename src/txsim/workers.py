"""Worker processes: blocks of replications are spread over them, and none is left behind.

However the process that started them ends, its workers end with it: each looks twice a second
whether that process is still there. Then nobody holds the trackers' pipe any more, and the trackers
free the semaphores and end too.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from threading import Thread, current_thread, main_thread
from typing import TypeVar
from warnings import catch_warnings, filterwarnings

from txsim.errors import TxsimError

T = TypeVar("T")
Job = Callable[[Sequence[int]], list[list[T]]]
Collect = Callable[[Sequence[int], list[list[T]]], None]
Futures = dict[Future[list[list[T]]], range]
Progress = Callable[[int, int], None]

MOST_BROKEN_POOLS = 3
SECONDS_BETWEEN_LOOKS = 0.5
REQUESTS_TO_END = {
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
}


def spread(
    job: Job[T],
    blocks: Sequence[range],
    rows: Mapping[int, list[T]],
    collect: Collect[T],
    workers: int,
    executor: Executor | None,
    progress: Progress | None,
    replications: int,
) -> None:
    """Do a job for every block in another process, and have what it gives collected into `rows`.

    `rows` are by replication; those already there are not done again. Without an `executor`, in
    `workers` processes of our own, which are stopped when anything goes wrong; a pool that breaks
    is replaced, a few times. Raises TxsimError when workers keep dying.
    """
    if executor is None:
        _spread_over_our_own(job, blocks, rows, collect, workers, progress, replications)
        return
    futures: Futures[T] = {}
    try:
        _take_in(executor, job, blocks, rows, collect, futures, progress, replications)
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
    blocks: Sequence[range],
    rows: Mapping[int, list[T]],
    collect: Collect[T],
    workers: int,
    progress: Progress | None,
    replications: int,
) -> None:
    from loky import get_reusable_executor

    _let_workers_be_killed()
    pool: Executor | None = None
    try:
        for attempt in range(MOST_BROKEN_POOLS):
            with _deaf():
                _start_trackers()
            pool = get_reusable_executor(
                max_workers=workers,
                kill_workers=attempt > 0,
                initializer=end_with,
                initargs=(os.getpid(),),
            )
            with suppress(BrokenProcessPool):
                _take_in(pool, job, blocks, rows, collect, {}, progress, replications)
                return
    except BaseException:
        if pool is not None:
            with _uninterrupted():
                pool.shutdown(wait=True, kill_workers=True)  # type: ignore[call-arg]
        raise
    raise TxsimError(
        f"worker processes died {MOST_BROKEN_POOLS} times; is memory short? try fewer workers"
    )


def _take_in(
    pool: Executor,
    job: Job[T],
    blocks: Sequence[range],
    rows: Mapping[int, list[T]],
    collect: Collect[T],
    futures: Futures[T],
    progress: Progress | None,
    replications: int,
) -> None:
    with _deaf():
        for block in blocks:
            if block[0] not in rows:
                futures[pool.submit(job, block)] = block
    for future in as_completed(futures):
        # A future holds its results for as long as it is held itself.
        collect(futures.pop(future), future.result())
        if progress:
            progress(len(rows), replications)


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
    """Keep requests to end from all processes and threads that are started meanwhile.

    A terminal or a system that shuts down sends them to everybody, and a worker that stops in the
    middle of a message leaves its locks shut behind it. Whoever started them hears, and stops them.
    """
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
