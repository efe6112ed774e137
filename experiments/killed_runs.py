"""Runs that are killed at any moment.

The folder of results then holds the old ones or the new ones, whole; nobody of the run's session
lives on; and the next run puts everything in place.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from random import Random

from whole_results import NEW_SEED, RESULTS, ROOT, Wanted, next_run, place, put, words

sys.path.append(str(ROOT))
from tests.cli.processes import members, semaphores, session

LIVES_ON = 10.0
"""Seconds after which nobody of an ended run may live."""
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")


def killed_run(luck: Random, wants: Wanted) -> str:
    """Kill a run at a random moment; what is wrong afterwards, or nothing."""
    name, after = luck.choice(SIGNALS), luck.uniform(0.0, wants.seconds)
    with place() as folder:
        if starts_old := luck.random() < 0.7:
            put(folder / RESULTS, wants.old)
        command = ["-m", "txsim", *words(NEW_SEED), "--workers", "2"]
        process = session(command, folder)
        time.sleep(after)
        # Ctrl-C goes to all that a terminal runs, everything else to the one that is asked.
        to_all = name == "SIGINT"
        if process.poll() is None:
            (os.killpg if to_all else os.kill)(process.pid, getattr(signal, name))
        fault = _nobody_lives_on(process)
        fault = fault or wants.fault(
            folder / RESULTS, wants.old if starts_old else None, in_between=name != "SIGINT"
        )
        fault = fault or next_run(folder, wants)
    return f"{name} after {after:.1f} s: {fault}" if fault else ""


def _nobody_lives_on(process: subprocess.Popen[str]) -> str:
    began = time.monotonic()
    while members(process.pid):
        if time.monotonic() - began > LIVES_ON:
            left = members(process.pid)
            for one in left:
                os.kill(one, signal.SIGKILL)
            process.communicate()
            return f"{len(left)} processes live on"
        time.sleep(0.1)
    _, said = process.communicate(timeout=LIVES_ON)
    if "Traceback" in said:
        return f"a traceback: {said[-500:]}"
    held_on = semaphores(process.pid)
    return f"semaphores stay: {held_on}" if held_on else ""
