"""Try to break txsim with wrong files, killed runs and disks that fail; nothing may come of it.

A scenario is loaded or refused with a message, exit code 0 or 2, within 5 seconds of processor time
and 300 MB; a roster likewise, and no message holds what it says of people; a scenario that is
accepted runs as a small clinic within 10 seconds and 1 GB; results are the old ones or the new ones
whatever is killed or fails, and the next run is fine.

    python experiments/fuzz.py                      # all of it: hours
    python experiments/fuzz.py --part 1/20          # every twentieth trial
    python experiments/fuzz.py --only scenario:205 --keep broken    # one trial, its files kept

Each trial is settled by the seed, its kind and its number. Results are added to a file, one line of
JSON each, and a second run goes on where the first was stopped.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from failing_saves import failing_saves
from inputs import Inputs, chance
from killed_runs import killed_run
from mutated_rosters import roster
from mutated_scenarios import runnable, scenario
from watched_child import Answer, WatchedChild
from whole_results import ROOT, Wanted, wanted

import txsim

STORE = ROOT / "build" / "fuzz" / "results.jsonl"
READ_SECONDS, READ_MEGABYTES = 5.0, 300.0
RUN_SECONDS, RUN_MEGABYTES = 10.0, 1024.0
LONGEST_MESSAGE = 60_000
"""Characters that may be told of one file: a hundred mistakes, each with what is allowed."""

KINDS = {
    "scenario": ("scenarios", 10_000, "scenario files with something wrong in them"),
    "roster": ("rosters", 5_000, "rosters with something wrong in them"),
    "run": ("runs", 500, "changed small clinics that are accepted and run"),
    "kill": ("kills", 40, "runs killed at a random moment"),
    "file": ("file-faults", 20, "savings in which each operation on files fails in turn"),
}
"""Kinds of trial: the option that says how many, how many as a rule, and what they are."""

TRIES = 40
"""Clinics that are changed until one is accepted."""


@dataclass
class Result:
    """One line of the store."""

    trial: str
    """Its kind and number."""
    fault: str = ""
    """What went wrong; nothing where all was as it should be."""
    ended: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0


@dataclass
class Trials:
    """Does trials, each by its kind and number; what several need is made once."""

    seed: int
    keep: Path | None = None
    """Where the files of trials with a fault are kept."""
    child: WatchedChild = field(default_factory=WatchedChild)

    @cached_property
    def wants(self) -> Wanted:
        """Whole results, against which those of broken runs are held."""
        return wanted()

    def of(self, kind: str, number: int) -> Result:
        """One trial."""
        began = time.monotonic()
        result = getattr(self, kind)(number)
        result.trial = f"{kind}:{number}"
        result.seconds = result.seconds or round(time.monotonic() - began, 1)
        return result  # type: ignore[no-any-return]

    def scenario(self, number: int) -> Result:
        """`txsim check` of a scenario."""
        inputs = scenario(self.seed, number)
        return self._read("check", inputs, f"scenario-{number}")

    def roster(self, number: int) -> Result:
        """`txsim roster`, and `txsim check` of a scenario that uses it."""
        inputs = roster(self.seed, number)
        return self._read("roster", inputs, f"roster-{number}")

    def run(self, number: int) -> Result:
        """A small clinic, changed until it is accepted, and run."""
        for place in range(TRIES):
            inputs = runnable(self.seed, number * TRIES + place)
            answer, fault = self._asked("small", inputs, f"run-{number}", RUN_SECONDS)
            if not fault and answer.in_all > RUN_MEGABYTES:
                fault = f"{answer.in_all:.0f} MB"
            if fault or answer.ended == "accepted":
                return Result("", fault, answer.ended, answer.seconds, answer.in_all)
        return Result("", "", "refused each time")

    def kill(self, number: int) -> Result:
        """A run killed at a random moment."""
        return Result("", killed_run(chance("kill", self.seed, number), self.wants))

    def file(self, number: int) -> Result:
        """A saving in which one operation after another fails."""
        found = failing_saves(chance("file", self.seed, number), self.wants)
        return Result("", "; ".join(found))

    def _read(self, job: str, inputs: Inputs, name: str) -> Result:
        answer, fault = self._asked(job, inputs, name, READ_SECONDS)
        if not fault and answer.megabytes > READ_MEGABYTES:
            fault = f"{answer.megabytes:.0f} MB"
        return Result("", fault, answer.ended, answer.seconds, answer.megabytes)

    def _asked(self, job: str, inputs: Inputs, name: str, seconds: float) -> tuple[Answer, str]:
        """What comes of a job, and what is wrong with that."""
        folder = Path(tempfile.mkdtemp(prefix="txsim-fuzz-"))
        try:
            answer = self.child.asked(job, seconds, path=inputs.written_into(folder))
            fault = fault_of(answer, inputs)
            if fault and self.keep is not None:
                shutil.copytree(folder, self.keep / name, symlinks=True, dirs_exist_ok=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return answer, fault


def fault_of(answer: Answer, inputs: Inputs) -> str:
    """What is wrong with an answer; nothing where it is as it should be."""
    told = answer.told.lower()
    if answer.ended not in ("accepted", "refused"):
        return f"{answer.ended}: {answer.told[-2_000:]}"
    if "traceback (most recent" in told:
        return f"a traceback: {answer.told[-2_000:]}"
    shown = [secret for secret in inputs.secrets if secret in told]
    if shown:
        return f"shown of a person: {', '.join(shown)}"
    if not told.strip():
        return "not a word"
    return f"{len(told):,} characters told" if len(told) > LONGEST_MESSAGE else ""


# --- what was done, and what is left ------------------------------------------------------------


def manifest(seed: int) -> dict[str, Any]:
    """On what the results of a store rest."""
    return {"seed": seed, "txsim": txsim.__version__, "python": platform.python_version()}


def done_in(store: Path, seed: int) -> set[str]:
    """Trials whose results are in a store; its first line says on what they rest.

    Raises SystemExit when that is something else.
    """
    if not store.exists():
        store.parent.mkdir(parents=True, exist_ok=True)
        store.write_text(json.dumps({"manifest": manifest(seed)}) + "\n", encoding="utf-8")
        return set()
    text = store.read_text(encoding="utf-8")
    if not text.endswith("\n"):  # it was stopped in the middle of a line
        store.write_text(f"{text}\n", encoding="utf-8")
    first, *lines = text.splitlines()
    held = json.loads(first)["manifest"]
    if held != manifest(seed):
        raise SystemExit(f"{store} is of {held}, not of {manifest(seed)}; name another --store")
    return {result.trial for result in _results(lines)}


def _results(lines: list[str]) -> Iterator[Result]:
    """The results in lines of a store, but for one during which a run was stopped."""
    for line in lines:
        with suppress(ValueError, TypeError):
            yield Result(**json.loads(line))


def wished(given: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """The trials asked for."""
    if given.only:
        kind, _, number = given.only.partition(":")
        yield kind, int(number)
        return
    part, parts = map(int, given.part.split("/"))
    for kind, (option, _, _) in KINDS.items():
        for number in range(part - 1, getattr(given, option.replace("-", "_")), parts):
            yield kind, number


def options() -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for option, many, what in KINDS.values():
        parser.add_argument(f"--{option}", type=int, default=many, metavar="N", help=what)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1", metavar="K/N", help="every Nth trial from the Kth")
    parser.add_argument("--store", type=Path, default=STORE, metavar="FILE")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the files of faults there")
    parser.add_argument("--only", metavar="KIND:NUMBER", help="do one trial again, and tell it")
    return parser.parse_args()


def main() -> None:
    """Do what is left of the trials, then tell all that is in the store."""
    given = options()
    trials = Trials(given.seed, given.keep)
    with trials.child:
        if given.only:
            kind, number = next(wished(given))
            print(json.dumps(asdict(trials.of(kind, number)), indent=2))
            return
        done = done_in(given.store, given.seed)
        with given.store.open("a", encoding="utf-8") as store:
            for kind, number in wished(given):
                if f"{kind}:{number}" not in done:
                    result = trials.of(kind, number)
                    store.write(json.dumps(asdict(result)) + "\n")
                    store.flush()
                    if result.fault:
                        print(f"{result.trial}: {result.fault}", file=sys.stderr, flush=True)
    sys.exit(summary(given.store))


def summary(store: Path) -> int:
    """Tell how many trials of each kind there were and each fault; 1 when there was any."""
    results = list(_results(store.read_text("utf-8").splitlines()[1:]))
    counts = Counter(result.trial.partition(":")[0] for result in results)
    faults = [result for result in results if result.fault]
    for kind, count in counts.items():
        mine = [result for result in results if result.trial.startswith(f"{kind}:")]
        wrong = sum(bool(result.fault) for result in mine)
        slowest = max(result.seconds for result in mine)
        accepted = sum(result.ended == "accepted" for result in mine)
        told = f", {accepted:,} accepted" if accepted else ""
        print(f"{kind}: {count:,} trials{told}, {wrong} faults, the longest {slowest:.1f} s")
    for fault in faults:
        print(f"{fault.trial}: {fault.fault[:300]}")
    return 1 if faults else 0


if __name__ == "__main__":
    main()
