"""Runs that are killed at any moment, and savings in which any one operation on files fails.

Whatever happens, the folder of results holds the old ones or the new ones, whole; nobody of the
run's session lives on; and the next run puts everything in place.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))
from tests.cli.processes import members, semaphores, session  # noqa: E402

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
LIVES_ON = 10.0
"""Seconds after which nobody of an ended run may live."""
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
FAILURES = ("killed", "ENOSPC", "EIO", "EACCES")
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


# --- killed at any moment ----------------------------------------------------------------------


def killed_run(luck: Random, wants: Wanted) -> str:
    """Kill a run at a random moment; what is wrong afterwards, or nothing."""
    name, after = luck.choice(SIGNALS), luck.uniform(0.0, wants.seconds)
    with place() as folder:
        if starts_old := luck.random() < 0.7:
            _put(folder / RESULTS, wants.old)
        command = ["-m", "txsim", *words(NEW_SEED), "--workers", "2"]
        process = session(command, folder)
        time.sleep(after)
        # Ctrl-C goes to all that a terminal runs, everything else to the one that is asked.
        to_all = name == "SIGINT"
        if process.poll() is None:
            (os.killpg if to_all else os.kill)(process.pid, getattr(signal, name))
        fault = _nobody_lives_on(process)
        fault = fault or wants.fault(
            folder / RESULTS, wants.old if starts_old else None, in_between=name == "SIGKILL"
        )
        fault = fault or _next_run(folder, wants)
    return f"{name} after {after:.1f} s: {fault}" if fault else ""


def _put(folder: Path, files: Files) -> None:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text)


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


def _next_run(folder: Path, wants: Wanted) -> str:
    """The next run is fine, and its results are whole."""
    code, said = whole_run(folder, NEW_SEED)
    if code != 0:
        return f"the next run ends with {code}: {said[-500:]}"
    if held(folder / RESULTS) != wants.new or set(os.listdir(folder / RESULTS)) != set(wants.new):
        return "the next run's results are not whole"
    return ""


# --- any operation on files fails --------------------------------------------------------------

OPERATIONS = ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link", "os.chmod",
              "os.chown", "os.scandir", "os.listdir", "os.truncate")  # fmt: skip
"""What Python says before it asks the system to change or look at files."""


class SavingServer:
    """A process that has simulated once, and saves what came of it as often as it is asked.

    Each saving happens in a fork of it, so that it may be killed.
    """

    def __init__(self, folder: Path) -> None:
        """Start it in a folder with the designs."""
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        self._answer()

    def save(self, operation: int = 0, failure: str = "") -> dict[str, Any]:
        """Save; the operation of this number, from 1, fails or kills. How it ended, and how many.

        Without a number all go well.
        """
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"operation": operation, "failure": failure}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


def broken_savings(luck: Random, wants: Wanted) -> list[str]:
    """Let every operation of a saving fail in one way; what is wrong afterwards, for each."""
    failure = luck.choice(FAILURES)
    starts_old = luck.random() < 0.7
    faults = []
    with place() as folder:
        server = SavingServer(folder)
        try:
            operations = server.save()["operations"]
            for operation in range(1, operations + 1):
                _clear(folder)
                if starts_old:
                    _put(folder / RESULTS, wants.old)
                fault = _broken_saving(server, folder, wants, operation, failure, starts_old)
                if fault:
                    faults.append(f"{failure} at operation {operation} of {operations}: {fault}")
        finally:
            server.close()
    return faults


def _broken_saving(
    server: SavingServer,
    folder: Path,
    wants: Wanted,
    operation: int,
    failure: str,
    starts_old: bool,
) -> str:
    ended = server.save(operation, failure)
    killed = failure == "killed"
    if not killed and (ended["code"] not in (0, 2) or "Traceback" in ended["said"]):
        return f"{ended['at']} ends with {ended['code']}: {ended['said'][-500:]}"
    began_with = wants.old if starts_old else None
    fault = wants.fault(folder / RESULTS, began_with, in_between=killed)
    if not fault and ended["code"] == 0 and held(folder / RESULTS) != wants.new:
        fault = "it says that all went well, but the results are not the new ones"
    if not fault and killed:
        after = server.save()
        if after["code"] != 0 or held(folder / RESULTS) != wants.new:
            fault = f"the next run ends with {after['code']}: {after['said'][-500:]}"
        elif set(os.listdir(folder / RESULTS)) != set(wants.new):
            fault = f"the next run leaves {os.listdir(folder / RESULTS)}"
    return f"{ended['at']}: {fault}" if fault else ""


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def serve() -> None:
    """Be the server: simulate once, then save in forks."""
    from txsim.cli import main

    comparing: Any = import_module("txsim.compare")
    folder = Path.cwd()
    simulate = comparing.compare
    known: list[Any] = []

    def simulated_once(*given: Any, **how: Any) -> Any:
        if not known:
            known.append(simulate(*given, **how))
        return known[0]

    comparing.compare = simulated_once
    arguments = [*words(NEW_SEED), "--workers", "1"]
    with open(os.devnull, "w") as nowhere:
        keep, standard = os.dup(1), (os.dup(1), os.dup(2))
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            main(arguments, standalone_mode=False)
        finally:
            os.dup2(standard[0], 1)
            os.dup2(standard[1], 2)
    answers = os.fdopen(keep, "w")
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_saved(folder, arguments, **asked)), file=answers, flush=True)


def _saved(folder: Path, arguments: list[str], operation: int, failure: str) -> dict[str, Any]:
    from txsim.cli import main

    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as counted:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                _break(folder, operation, failure, counted.fileno())
                main(arguments)
            except SystemExit as leaving:
                code = leaving.code if isinstance(leaving.code, int) else 1
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        counted.seek(0)
        *_, last = counted.read().decode().split("\n")[:-1] or ["nothing"]
        counted.seek(0)
        return {
            "code": status,
            "said": said.read().decode("utf-8", "replace"),
            "operations": counted.read().count(b"\n"),
            "at": last,
        }


def _break(folder: Path, operation: int, failure: str, counted: int) -> None:
    """Count the operations below a folder, and let one of them fail or kill."""
    done = 0

    def before(event: str, given: tuple[Any, ...]) -> None:
        nonlocal done
        if (
            event not in OPERATIONS
            or not given
            or not isinstance(given[0], str | bytes | os.PathLike)
        ):
            return
        path = Path(os.fsdecode(given[0]))
        path = path if path.is_absolute() else folder / path
        if folder not in path.parents or path.suffix == ".toml":
            return
        done += 1
        if operation and done > operation:
            return
        os.write(counted, f"{event} {path.relative_to(folder)}\n".encode())
        if done == operation:
            if failure == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            number = getattr(errno, failure)
            raise OSError(number, os.strerror(number), str(path))

    sys.addaudithook(before)


if __name__ == "__main__":
    serve()
