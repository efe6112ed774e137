"""One process in which txsim does small jobs while time, memory and exceptions are watched.

The parent asks, the child answers a line of JSON for each job; a child that dies, hangs or takes
too much memory is replaced. Jobs are functions of `JOBS`, by name.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

MEGABYTE = 1 << 20
MEMORY = 3 << 30
"""Bytes that a job may add to what the child holds before it is refused any more."""
FULL = 3 * MEMORY // 4
"""Bytes that a child may hold between jobs: libraries, and what they keep."""
PATIENCE = 12.0
"""Times the seconds of processor time it has until a child that does not answer is killed: the
machine may be busy, and whoever waits for a pipe uses none."""
WARMING_UP = 300.0
"""Seconds more for the first answer of a child, which may have to compile the rules."""


@dataclass(frozen=True)
class Answer:
    """How a job went."""

    ended: str
    """"accepted", "refused" (with a TxsimError), "failed" (any other exception), "slow" or
    "died"."""
    told: str = ""
    """The messages, or the exception with the place it came from."""
    seconds: float = 0.0
    """Processor time."""
    megabytes: float = 0.0
    """Most memory held meanwhile, beyond what was held before."""
    in_all: float = 0.0
    """Most memory held meanwhile, megabytes, all that was loaded before among it."""


class TimeIsUp(BaseException):
    """Raised in the child when a job has taken too long."""


class WatchedChild:
    """A child process, started when it is first needed."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self.process: subprocess.Popen[str] | None = None
        self.is_new = True

    def asked(self, job: str, seconds: float, **given: Any) -> Answer:
        """What comes of a job within so many seconds."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        began = time.monotonic()
        line = ""
        try:
            process.stdin.write(json.dumps({"job": job, "seconds": seconds, "given": given}) + "\n")
            process.stdin.flush()
            wait = seconds * PATIENCE + (WARMING_UP if self.is_new else 0.0)
            self.is_new = False
            if select.select([process.stdout], [], [], wait)[0]:
                line = process.stdout.readline()
        except BrokenPipeError:
            pass
        if line:
            found = Answer(**json.loads(line))
            if found.ended not in ("accepted", "refused") or _held(process.pid) > FULL:
                self.close()  # what a job left behind must not count for the next one
            return found
        took = time.monotonic() - began
        ended = process.poll()
        self.close()
        if ended is None and took >= seconds:
            return Answer("slow", f"no answer after {took:.1f} seconds", took)
        return Answer("died", f"the process ended with {process.returncode}", took)

    def close(self) -> None:
        """End the child."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()
            self.process = None

    def __enter__(self) -> WatchedChild:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[str]:
        if self.process is not None and self.process.poll() is None:
            return self.process
        self.close()
        self.is_new = True
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=tempfile.gettempdir(),
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()  # it is ready
        return self.process


# --- in the child ------------------------------------------------------------------------------


Outcome = tuple[str, str]
"""How a job ended, accepted or refused, and what was told."""


def check(path: str) -> Outcome:
    """`txsim check FILE`."""
    return _told_by_command("check", path)


def roster(path: str) -> Outcome:
    """`txsim roster FILE`, and `txsim check` of a scenario beside it that uses the roster."""
    ended, told = _told_by_command("roster", path)
    using, more = _told_by_command("check", str(Path(path).with_name("mine.toml")))
    return (ended if ended == using else "failed"), told + more


def _told_by_command(*words: str) -> Outcome:
    """What a command prints, by its exit code; the exception where it is neither 0 nor 2."""
    from click.testing import CliRunner

    from txsim.cli import main

    done = CliRunner().invoke(main, words)
    if isinstance(done.exception, Exception):
        raise done.exception
    ended = {0: "accepted", 2: "refused"}.get(done.exit_code, "failed")
    return ended, f"{done.output}\n[exit code {done.exit_code}]"


def small(path: str) -> Outcome:
    """Load a scenario and, where it is accepted, run it as a small clinic for some weeks."""
    import txsim

    scenario = txsim.load(path)
    size: dict[str, Any] = {
        "horizon": {"days": 21, "follow_up_days": 10, "burn_in_days": 7},
        "clinic": {"places": min(scenario.clinic.places, 20)},
    }
    if scenario.arrivals.cohort is None:
        size["arrivals"] = {"per_week": min(scenario.arrivals.per_week, 3.0)}
    else:
        size["arrivals"] = {"cohort": min(scenario.arrivals.cohort, 20)}
    return _ran(scenario.with_changes(**size))


def changed(path: str, changes: dict[str, Any]) -> Outcome:
    """Put changes over a scenario and run it: once and, when that is soon done, in a comparison."""
    import txsim
    from txsim.outcomes.measure import measure

    scenario = txsim.load(path).with_changes(name="changed", **changes)
    began = time.process_time()
    measured = measure(txsim.run(scenario))
    if time.process_time() - began < SOON:
        return _ran(scenario)
    return "accepted", f"{measured.people.sum()} people measured"


def _ran(scenario: Any) -> Outcome:
    import txsim

    found = txsim.compare([scenario], replications=1, workers=1)
    return "accepted", str(found.summary())


JOBS: dict[str, Callable[..., Outcome]] = {
    "check": check, "roster": roster, "small": small, "changed": changed,
}  # fmt: skip
SOON = 1.0
"""Seconds."""
READING = ("check", "roster")
"""Jobs that simulate nothing."""


@cache
def ready_to_run() -> None:
    """Have the rules compiled and the libraries loaded, so that no job has to wait for them."""
    import txsim

    days = {"days": 7, "follow_up_days": 7, "burn_in_days": 7}
    clinic = txsim.load("baseline").with_changes(horizon=days, clinic={"places": 10})
    txsim.compare([clinic], replications=1, workers=1).summary()


def answer(job: str, seconds: float, given: dict[str, Any]) -> Answer:
    """Do a job and watch it."""
    from txsim.errors import TxsimError

    if job not in READING:
        ready_to_run()
        gc.collect()
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # forget the most that was held
    before, started = _held(), time.process_time()
    ended, told = "accepted", ""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        ended, told = JOBS[job](**given)
    except TxsimError as error:
        ended, told = "refused", str(error)
    except TimeIsUp as error:
        ended, told = "slow", _where(error)
    except BaseException as error:
        ended, told = "failed", _where(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    took = time.process_time() - started
    most = _status("VmHWM:")
    megabytes = [round(max(one, 0.0) / MEGABYTE, 1) for one in (most - before, most)]
    return Answer(ended, told[:100_000], round(took, 3), *megabytes)


def _where(error: BaseException) -> str:
    """The exception and the last places it came through."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{type(error).__name__}: {str(error)[:500]} [{' < '.join(places[:-6:-1])}]"


def _status(name: str, process: int | str = "self") -> int:
    """A figure of a process's memory, bytes."""
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    raise LookupError(name)


def _held(process: int | str = "self") -> int:
    """Memory held now, bytes."""
    return _status("VmRSS:", process)


def main() -> None:
    """Answer one line after another until there are no more."""

    def time_is_up(_: int, __: FrameType | None) -> None:
        raise TimeIsUp

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever is printed must not mix with the answers
    signal.signal(signal.SIGPROF, time_is_up)
    check("baseline")
    limit = _status("VmData:") + MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write(json.dumps(asdict(answer(asked["job"], asked["seconds"], asked["given"]))))
        answers.write("\n")
        answers.flush()


if __name__ == "__main__":
    main()
