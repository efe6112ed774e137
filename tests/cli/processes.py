"""Sessions of processes, as the system sees them: who lives, and which semaphores are held."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SOURCES = str(Path(__file__).parents[2] / "src")
SECONDS = 5.0
"""How long a session may outlive the signal that ends its first process."""


def session(words: list[str], folder: Path, **variables: str) -> subprocess.Popen[str]:
    """Python with these words, as the first process of a session of its own."""
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": SOURCES, "PYTHONUNBUFFERED": "1", **variables},
        preexec_fn=_heeding,
    )


def _heeding() -> None:
    """Heed requests to end: a shell lets what it starts in the background ignore some."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def members(number: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state, _, _, of_session = (
                    (place / "stat").read_text().rpartition(")")[2].split()[:4]
                )
            except OSError:
                continue  # it has ended meanwhile
            if int(of_session) == number and state not in "ZX":
                found.append(int(place.name))
    return found


def semaphores(number: int) -> list[str]:
    """The semaphores that a process made and nobody has freed."""
    return [name for name in os.listdir("/dev/shm") if f"-{number}-" in name]


def wait_for(true: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait until something is true; it has to be within the seconds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def assert_nobody_is_left(process: subprocess.Popen[str], since: float) -> tuple[str, str]:
    """No process of the session lives 5 s later, and no semaphore stays; what was said till then.

    A process that lives holds the pipes of its session open, so their end is waited for too.
    """
    said = process.communicate(timeout=60)
    wait_for(lambda: not members(process.pid), 60)
    took = time.monotonic() - since
    assert took < SECONDS, f"{took:.1f} s"
    assert semaphores(process.pid) == []
    return said
