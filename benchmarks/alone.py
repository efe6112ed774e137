"""What is measured in a process of its own, so that nothing else has warmed it up or filled its
memory.

    python -m benchmarks.alone TASK ...

The last line printed is JSON. `timing.alone` starts these; a reader starts `python -m benchmarks`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.timing import Took, timed

MEGABYTE = 1_000_000

# Windows has no such module, and its memory is then told as not known.
resource = import_module("resource") if find_spec("resource") else None


def peak_megabytes() -> float:
    """The most memory this process has held; not a number where the system does not say."""
    if resource is None:
        return math.nan
    most: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / MEGABYTE


def resident_megabytes() -> float:
    """Memory this process holds now; the most it has held where the system does not say."""
    told = Path("/proc/self/statm")
    if resource is None or not told.exists():
        return peak_megabytes()
    pages, page = int(told.read_text(encoding="ascii").split()[1]), int(resource.getpagesize())
    return pages * page / MEGABYTE


def told(opening: Took, first_half: Took, second_half: Took) -> dict[str, Any]:
    """The parts of a run and the memory it needed."""
    return {
        "opening": asdict(opening),
        "first_half": asdict(first_half),
        "second_half": asdict(second_half),
        "peak_megabytes": peak_megabytes(),
    }


def txsim_once(people: int, days: int) -> dict[str, Any]:
    """One run of txsim on the frozen scenario, from the loaded scenario to the recorded run."""
    from benchmarks.workload import SMALL, frozen
    from txsim.clinic import Clinic
    from txsim.run import Run, record, run

    run(frozen(*SMALL), uncertainty=False)
    scenario = frozen(people, days)
    clinics: list[Clinic] = []
    runs: list[Run] = []
    opening = timed(lambda: clinics.append(Clinic(scenario, 0, 1, None)))

    def live() -> None:
        clinics[0].run()
        clinics[0].close()
        runs.append(record(clinics[0]))

    first_half = timed(lambda: clinics[0].run_until(days // 2))
    second_half = timed(live)
    counted = len(runs[0].patients), len(runs[0].days)
    if counted != (people, days):
        raise SystemExit(f"the run has {counted} people and days, not {(people, days)}")
    return told(opening, first_half, second_half)


def mesa_once(people: int, days: int) -> dict[str, Any]:
    """One run of the idiomatic model on the frozen scenario, likewise."""
    from benchmarks.idiomatic_mesa import Clinic, numbers_of, simulate
    from benchmarks.workload import SMALL, frozen

    simulate(frozen(*SMALL), 1)
    scenario = frozen(people, days)
    clinics: list[Clinic] = []
    opening = timed(lambda: clinics.append(Clinic(numbers_of(scenario), people, 1)))

    def live() -> None:
        clinics[0].run_until(days)
        clinics[0].tables()

    first_half = timed(lambda: clinics[0].run_until(days // 2))
    return told(opening, first_half, timed(live))


def compiling() -> dict[str, float]:
    """Importing txsim, and what the first comparison of two designs costs beyond a second one like
    it: compiling all rules, or loading them when they lie in the cache folder."""
    began = perf_counter()
    from txsim.clinic.lineage import lived
    from txsim.scenario import load

    imported = perf_counter() - began
    designs = [load(name) for name in ("baseline", "case-management")]
    first = timed(lambda: lived(designs, 0, 1, None))
    second = timed(lambda: lived(designs, 1, 1, None))
    return {"importing": imported, "first_use": first.wall - second.wall}


def memory(runs: int, every: int, people: int, days: int) -> dict[str, Any]:
    """Resident megabytes after every so many of many runs, each measured and let go."""
    from benchmarks.workload import frozen
    from txsim.outcomes.measure import measure
    from txsim.run import run

    scenario = frozen(people, days)
    found = [(0, resident_megabytes())]
    for replication in range(runs):
        measure(run(scenario, replication))
        if (replication + 1) % every == 0:
            found.append((replication + 1, resident_megabytes()))
    return {"resident_megabytes": found, "peak_megabytes": peak_megabytes()}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "txsim-once": txsim_once,
    "mesa-once": mesa_once,
    "compiling": compiling,
    "memory": memory,
}


if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*(int(one) for one in sys.argv[2:]))))
