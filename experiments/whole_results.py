"""What a small comparison leaves in its folder, old and new, and whether it is there whole."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DESIGN = """\
extends = "baseline"
horizon = {{ days = 21, follow_up_days = 10, burn_in_days = 7 }}
arrivals = {{ per_week = 3.0 }}
clinic = {{ places = {} }}
"""
DESIGNS = {"one.toml": 20, "other.toml": 25}
RESULTS = "results"
REPORT = "report.html"
OLD_SEED, NEW_SEED = 1, 2
REPLICATIONS = 8
CLOCK = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d|Z)?")

Files = dict[str, bytes]


def words(seed: int) -> list[str]:
    """The command, as words after `txsim`."""
    size = ["--replications", str(REPLICATIONS), "--seed", str(seed)]
    return ["compare", *DESIGNS, *size, "--out", RESULTS, "--force"]


def held(folder: Path) -> Files | None:
    """What a folder holds, the clock left out; None where there is no folder.

    A file that a killed run had begun lies in a hidden folder, which the next run clears away.
    """
    if not folder.is_dir():
        return None
    return {
        path.name: CLOCK.sub(b"", path.read_bytes())
        for path in folder.iterdir()
        if not (path.is_dir() and path.name.startswith(".txsim-"))
    }


@dataclass(frozen=True)
class Wanted:
    """The old and the new results, each as a whole run leaves them."""

    old: Files
    new: Files
    seconds: float
    """A whole run takes so long."""

    def fault(self, folder: Path, began_with: Files | None, *, in_between: bool = False) -> str:
        """What is wrong with a folder after a run that was broken; nothing when it is fine.

        With `in_between` the two folders may just have been changing places.
        """
        found = held(folder)
        tables = {name: text for name, text in self.new.items() if name != REPORT}
        if found == began_with or found in (self.new, tables):
            return ""
        if (
            found is None
            and in_between
            and any(
                (work / "old").is_dir() for work in folder.parent.glob(f".{folder.name}.txsim-*")
            )
        ):
            return ""
        if found is None:
            return "the folder is gone"
        names = sorted(set(found) ^ set(self.new)) or [
            name for name in found if found[name] != self.new[name]
        ]
        return f"the folder is neither old nor new ({', '.join(names)})"


@contextmanager
def place() -> Iterator[Path]:
    """A folder with two designs in it."""
    folder = Path(tempfile.mkdtemp(prefix="txsim-fuzz-"))
    try:
        for name, places in DESIGNS.items():
            (folder / name).write_text(DESIGN.format(places), encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def whole_run(folder: Path, seed: int, workers: int = 2) -> tuple[int, str]:
    """Run the command to its end: its exit code, and what it says of mistakes."""
    command = [sys.executable, "-m", "txsim", *words(seed), "--workers", str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, done.stderr


def wanted() -> Wanted:
    """Both results, made by whole runs."""
    found: list[Files] = []
    took = 0.0
    with place() as folder:
        for seed in (OLD_SEED, NEW_SEED):
            began = time.monotonic()
            code, said = whole_run(folder, seed)
            took = time.monotonic() - began
            if code != 0:
                raise SystemExit(f"a whole run fails: {said}")
            found.append(held(folder / RESULTS) or {})
    return Wanted(*found, took)


def put(folder: Path, files: Files) -> None:
    """Put results into a new folder."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text)


def next_run(folder: Path, wants: Wanted) -> str:
    """The next run is fine, and its results are whole."""
    code, said = whole_run(folder, NEW_SEED)
    if code != 0:
        return f"the next run ends with {code}: {said[-500:]}"
    if held(folder / RESULTS) != wants.new or set(os.listdir(folder / RESULTS)) != set(wants.new):
        return "the next run's results are not whole"
    return ""
