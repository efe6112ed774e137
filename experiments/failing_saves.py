"""Savings in which each operation on files fails, or kills, in turn.

The folder of results then holds the old ones or the new ones, whole, and the next run is fine.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from whole_results import NEW_SEED, RESULTS, ROOT, Wanted, held, place, put, words

FAILURES = ("killed", "ENOSPC", "EIO", "EACCES")
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


def failing_saves(luck: Random, wants: Wanted) -> list[str]:
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
                    put(folder / RESULTS, wants.old)
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
