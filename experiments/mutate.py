"""Make small mistakes in the rules and what judges them, one at a time, and see whether tests fail.

Mutants are drawn by a seed from the rules, the branching of designs, the economics, the outcomes
and the comparisons (`mutants.py` says which mistakes there are). Each is made in a copy of the
package and faces the tests that reach the changed line, the quickest first, until one fails. Rules
are not compiled for that; what survives is compiled and faces the tests that need many people.
Results are added to a file, so that the experiment can be stopped and gone on with.

    python experiments/mutate.py                      # all mutants not looked at yet
    python experiments/mutate.py --minutes 30         # as many as there is time for
    python experiments/mutate.py --again              # survivors once more, after new tests
    python experiments/mutate.py --report             # how many were killed, and who survived
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from forked_tests import ROOT, Reach, Verdict, forked, import_what_is_heavy, reach_of, tried
from mutants import Mutant, drawn, files_of

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
COMPILED = (
    "rules/", "parameters/", "clinic/", "outcomes/day_counts.py", "outcomes/group_sums.py",
)  # fmt: skip
"""What is compiled, of which no tracer sees a line, and much of which takes long to compile: it
runs as plain Python for the quick tests."""

PLAIN, READY = "uncompiled", "compiled before"
TESTS = {
    PLAIN: (
        "tests/rules/test_rules.py",
        "tests/model/test_busy_clinics.py",
        "tests/rules/test_circumstances.py",
        "tests/clinic/test_own_people.py",
        "tests/rules/test_uncompiled.py",
        "tests/running/test_workload.py",
        "tests/parameters/test_tables.py",
        "tests/clinic/test_opening.py",
        "tests/parameters/test_opening_hours.py",
        "tests/rules/test_peer_network.py",
        "tests/outcomes/test_access_and_harm.py",
        "tests/outcomes/test_retention.py",
        "tests/outcomes/test_subgroups.py",
    ),
    READY: (
        "tests/outcomes",
        "tests/compare",
        "tests/clinic/test_branching.py",
        "tests/model/test_common_numbers.py",
        "tests/clinic/test_taking_over.py",
        "tests/rules/test_uncompiled.py",
        "tests/rules/test_waiting.py",
    ),
}
"""Tests that mutants face: where rules run as plain Python, and where they lie compiled ready."""

TOO_LONG = {PLAIN: 40.0, READY: 12.0}
"""Seconds of work after which a test is not among the quick ones."""

A_LITTLE = 0.5
"""Seconds by which tests that do not reach a statement themselves come later."""

MANY_PEOPLE = (
    "tests/model/test_golden.py",
    "tests/model/test_any_clinic.py",
    "tests/model/test_laws.py",
    "tests/model/test_common_numbers.py",
    "tests/model/test_directions.py",
)
"""Tests that need the rules compiled, for the mutants of rules that survive the quick ones."""


class Bench:
    """The folder of one experiment: a copy of the package, what tests reach, and results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        self.package = self.source / "txsim"
        self.results = folder / "results.jsonl"
        self.log = folder / "last_tests.txt"

    def copy_checkout(self) -> None:
        """Take package and tests as they stand, so that work may go on while tests run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for place, copy in (
            (ROOT / "src" / "txsim", self.package),
            (ROOT / "tests", self.source / "tests"),
            (ROOT / "docs", self.source / "docs"),
            (ROOT / "scenarios", self.folder / "scenarios"),
        ):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(place, copy, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy2(ROOT / "pyproject.toml", self.source)

    def known(self) -> dict[str, dict[str, Any]]:
        """The last result of each mutant, by its key."""
        if not self.results.exists():
            return {}
        rows = map(json.loads, self.results.read_text(encoding="utf-8").splitlines())
        return {row["key"]: row for row in rows}

    def write(self, mutant: Mutant, verdict: Verdict) -> None:
        row = {"key": mutant.key, "file": mutant.file, "line": mutant.line, "text": mutant.text}
        row |= {"change": mutant.change, **asdict(verdict)}
        with self.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def reach(self, where: str, again: bool) -> dict[str, Reach]:
        """What the tests reach; measured for new tests, and for all where the package changed."""
        kept = self.folder / f"reach {where}.jsonl"
        mark = digest_of(self.package)
        rows = list(map(json.loads, kept.read_text("utf-8").splitlines())) if kept.exists() else []
        known = [] if again else [row["test"] for row in rows if row["package"] == mark]
        print(f"looking at what the tests reach, {where} ...", flush=True)
        with kept.open("a", encoding="utf-8") as file:

            def write(test: str, one: Reach) -> None:
                row = {"package": mark, "test": test, **asdict(one)}
                file.write(json.dumps(row) + "\n")
                file.flush()

            reach_of(self.source, TESTS[where], known, write, self.log)
        rows = list(map(json.loads, kept.read_text("utf-8").splitlines()))
        return {
            row["test"]: Reach(row["seconds"], row["passed"], row["lines"])
            for row in rows
            if row["package"] == mark and row["passed"] and row["seconds"] < TOO_LONG[where]
        }

    def with_mutant(self, mutant: Mutant) -> Iterator[None]:
        """The package with one mistake in it, for as long as it is looked at."""
        place = self.package / mutant.file
        source, times = place.read_bytes(), place.stat()
        for stale in place.parent.glob(f"__pycache__/{place.stem}.*"):
            stale.unlink()
        place.write_bytes(mutant.applied_to(source))
        try:
            yield
        finally:
            place.write_bytes(source)
            os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))


def digest_of(package: Path) -> str:
    """A mark of everything that is mutated."""
    digest = hashlib.sha256()
    for file in files_of(package):
        digest.update((package / file).read_bytes())
    return digest.hexdigest()[:12]


def reaching(mutant: Mutant, reach: dict[str, Reach]) -> dict[str, float]:
    """The tests that a mutant is put to, the quickest first.

    Those that reach its statement, and the others of the same files, for which an earlier test may
    have reached it; all, where it runs only when the package is read.
    """
    first, last = mutant.reached_by
    lines = set(range(first, last + 1))
    ran = {name: set(one.lines.get(mutant.file, ())) & lines for name, one in reach.items()}
    nobody = not first or not any(ran.values())
    files = {name.split("::")[0] for name in reach if ran[name] or nobody}
    near = [name for name in reach if name.split("::")[0] in files]
    order = sorted(near, key=lambda name: reach[name].seconds + (0.0 if ran[name] else A_LITTLE))
    return {name: reach[name].seconds for name in order}


def look_at(bench: Bench, where: str, mutants: list[Mutant], given: Any, end: float) -> None:
    """Try mutants one after the other, in a process in which rules are compiled or are not."""
    os.environ["NUMBA_DISABLE_JIT"] = "1" if where == PLAIN else "0"
    os.environ["TXSIM_CACHE"] = str(bench.folder / "cache")
    import_what_is_heavy()
    reach = bench.reach(where, given.reach)
    for mutant in mutants:
        if time.monotonic() > end:
            return
        chosen = reaching(mutant, reach)
        for _ in bench.with_mutant(mutant):
            verdict = (
                tried(bench.source, chosen, given.limit, bench.log) if chosen else Verdict(False)
            )
        bench.write(mutant, verdict)
        say(mutant, verdict)


def look_compiled(bench: Bench, mutants: list[Mutant], given: Any, end: float) -> None:
    """Let mutants of rules that survived the quick tests face the tests that need many people."""
    os.environ["NUMBA_DISABLE_JIT"] = "0"
    os.environ["TXSIM_CACHE"] = str(bench.folder / "cache of mutants")
    import_what_is_heavy()
    for mutant in mutants:
        if time.monotonic() > end:
            return
        for _ in bench.with_mutant(mutant):
            verdict = tried_in_order(bench, given.compiled_limit)
        bench.write(mutant, verdict)
        say(mutant, verdict)


def tried_in_order(bench: Bench, seconds: float) -> Verdict:
    """What the tests that need many people say, file by file."""
    verdict = Verdict(False)
    for file in MANY_PEOPLE:
        if verdict.killed or seconds <= 0.0:
            break
        verdict = tried(bench.source, {}, seconds, bench.log, [file])
        seconds -= verdict.seconds
    return verdict


def say(mutant: Mutant, verdict: Verdict) -> None:
    """One line on a mutant."""
    word = "killed  " if verdict.killed else "SURVIVED"
    by = verdict.by.removeprefix("tests/") if verdict.killed else f"of {verdict.tests} tests"
    where = f"{mutant.file}:{mutant.line}"
    print(
        f"{word} {where}  {mutant.change}  |  {mutant.text}  ({by}, {verdict.seconds} s)",
        flush=True,
    )


def explained() -> dict[tuple[str, str, str], str]:
    """Why a mutant changes nothing that could be told, by file, line's text and change."""
    rows = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("equivalent", [])
    return {(row["file"], row["line"], row["change"]): row["why"] for row in rows}


def report(mutants: Iterable[Mutant], known: dict[str, dict[str, Any]]) -> None:
    """Print how many were killed, file by file, and who survived."""
    why = explained()
    seen: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    survivors = []
    for one in mutants:
        row = known.get(one.key)
        if row is None:
            continue
        seen[one.file] += 1
        if row["killed"]:
            killed[one.file] += 1
        elif (one.file, one.text, one.change) in why:
            equal[one.file] += 1
        else:
            survivors.append(one)
    print(f"{'file':32} looked at  killed  equivalent  survived")
    for file in sorted(seen):
        left = seen[file] - killed[file] - equal[file]
        print(f"{file:32} {seen[file]:9} {killed[file]:7} {equal[file]:11} {left:9}")
    total = seen.total()
    print(
        f"{total} mutants: {killed.total()} killed ({100 * killed.total() / max(total, 1):.1f} in "
        f"100), {equal.total()} equivalent, {len(survivors)} survived without a word"
    )
    for one in survivors:
        print(f"  {one.file}:{one.line}  {one.change}  |  {one.text}")


def main() -> None:
    """Look at mutants, or report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--mutants", type=int, default=320)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutants")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so long")
    parser.add_argument("--limit", type=float, default=40.0, help="seconds of quick tests")
    parser.add_argument("--compiled-limit", type=float, default=120.0, help="seconds of the others")
    parser.add_argument("--only", nargs="+", default=[""], help="files that begin with these")
    parser.add_argument("--again", action="store_true", help="look at survivors once more")
    parser.add_argument("--compiled", action="store_true", help="survivors among rules, compiled")
    parser.add_argument("--reach", action="store_true", help="measure anew what tests reach")
    parser.add_argument("--report", action="store_true")
    given = parser.parse_args()
    bench = Bench(given.folder.resolve())
    known = bench.known()
    mutants = drawn(ROOT / "src" / "txsim", given.mutants, given.seed)
    mutants = [one for one in mutants if one.file.startswith(tuple(given.only))]
    if given.report:
        report(mutants, known)
        return
    bench.copy_checkout()
    end = time.monotonic() + 60.0 * given.minutes
    survived = {key for key, row in known.items() if not row["killed"]}
    survived -= {one.key for one in mutants if (one.file, one.text, one.change) in explained()}
    if given.compiled:
        left = [one for one in mutants if one.key in survived and one.file.startswith(COMPILED)]
        forked(lambda: look_compiled(bench, left, given, end))
        return
    left = [one for one in mutants if one.key not in known or (given.again and one.key in survived)]
    for where in (READY, PLAIN):
        mine = [one for one in left if one.file.startswith(COMPILED) == (where == PLAIN)]
        if mine:
            forked(lambda where=where, mine=mine: look_at(bench, where, mine, given, end))
    report(mutants, bench.known())


if __name__ == "__main__":
    main()
