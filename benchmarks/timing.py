"""Clocks: the wall's and the processor's, in this process and in one started for the purpose."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent


@dataclass(frozen=True)
class Took:
    """Seconds of the wall clock, and of the processor (all threads of the process)."""

    wall: float
    cpu: float

    def over(self, count: int) -> Took:
        """Seconds for each of so many."""
        return Took(self.wall / count, self.cpu / count)


def timed(action: Callable[[], Any]) -> Took:
    """What one call takes. What others have left behind is collected first; while the call runs,
    garbage is collected as Python does it by itself."""
    gc.collect()
    wall, cpu = perf_counter(), process_time()
    action()
    return Took(perf_counter() - wall, process_time() - cpu)


def median_took(several: Sequence[Took]) -> Took:
    """The median of each clock."""
    return Took(median(one.wall for one in several), median(one.cpu for one in several))


class Failed(Exception):
    """Something cannot be measured; the message says why, or is the last words of a process."""


def child(
    command: Sequence[str], cwd: Path | None = None, **variables: str
) -> tuple[Took, str, str]:
    """Run a command to its end: what it and the processes it waited for took, and what it said on
    both outputs.

    Raises Failed when its exit code is not 0.
    """
    before = os.times()
    began = perf_counter()
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    wall = perf_counter() - began
    after = os.times()
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Took(wall, cpu), done.stdout, done.stderr


def alone(
    task: str, *arguments: object, checkout: Path = CHECKOUT, **variables: str
) -> dict[str, Any]:
    """What a task of `benchmarks.alone` finds out in a fresh process; of another checkout of txsim,
    with that checkout's own `benchmarks.alone`.

    Raises Failed when the process does not end well.
    """
    command = [sys.executable, "-m", "benchmarks.alone", task, *(str(one) for one in arguments)]
    if checkout != CHECKOUT:
        variables["PYTHONPATH"] = str(checkout / "src")
    _, said, _ = child(command, cwd=checkout, **variables)
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
