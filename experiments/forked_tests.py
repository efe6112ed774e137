"""Tests run in processes that are forked when everything heavy is imported already.

A fork per mutant needs no second to start, starts from clean caches, and may hang, leak or die
without harm to what is asked next.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import resource
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "numba", "numpy", "pandas", "mesa", "pydantic", "scipy.stats", "hypothesis", "pytest",
    "pytest_timeout", "loky", "tomlkit", "pyarrow", "coverage", "rich.console", "tqdm", "jinja2",
    "numba.extending", "numba.np.ufunc", "pandas.testing", "hypothesis.strategies",
)  # fmt: skip
"""Imported once, before any fork; nothing of the package is among them."""

SLOWER = 10.0
"""A test hangs when it takes so many times as long as it did on the unchanged package."""
AT_LEAST = 10.0
"""Seconds every test is allowed."""
IDLE = 12.0
"""Times the seconds of work that a process may take by the clock, on a busy machine."""


@dataclass
class Reach:
    """What one test does on the unchanged package."""

    seconds: float
    """Seconds of work, which do not hang on what else the machine does."""
    passed: bool
    lines: dict[str, list[int]] = field(default_factory=dict)
    """Lines that ran, by file below the package's folder."""


@dataclass
class Verdict:
    """What a choice of tests says of a mutant."""

    killed: bool
    by: str = ""
    """The first test that failed, or what else went wrong."""
    tests: int = 0
    """How many tests were begun."""
    seconds: float = 0.0
    out_of_time: bool = False
    """Whether tests were left that there was no time for."""


def import_what_is_heavy() -> None:
    """Import every library that tests need, so that forks have them."""
    for name in HEAVY:
        importlib.import_module(name)


def forked(task: Callable[[], Any], seconds: float | None = None) -> Any:
    """What a task returns (as JSON has it), run in a fork of so many seconds of work.

    None when it dies or takes longer.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.close(reader)
        if seconds is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
        try:
            told = json.dumps(task()).encode()
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(told)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writer)
    end = math.inf if seconds is None else time.monotonic() + IDLE * seconds
    told = read_until(reader, end)
    os.close(reader)
    if told is None:
        for whom in (child, -child):
            try:
                os.kill(whom, signal.SIGKILL)
            except ProcessLookupError:
                continue
    os.waitpid(child, 0)
    return json.loads(told) if told else None


def read_until(reader: int, end: float) -> bytes | None:
    """All that is written to a pipe; None when it is not closed in time."""
    told = b""
    while (left := end - time.monotonic()) > 0:
        if select.select([reader], [], [], min(left, 60.0))[0]:
            more = os.read(reader, 1 << 16)
            if not more:
                return told
            told += more
    return None


class Traced:
    """Runs each test under a tracer: what it takes, and what it reaches.

    What an earlier test worked out and kept is not reached again: see `mutate.reaching`.
    """

    def __init__(
        self, package: Path, known: Collection[str], write: Callable[[str, Reach], None]
    ) -> None:
        self.package = package
        self.known = set(known)
        self.write = write

    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> bool:
        if item.nodeid in self.known:
            return True
        one = self.traced(item)
        self.write(item.nodeid, one)
        print(f"{item.nodeid}: {one.seconds:.1f} s", "" if one.passed else "not used", flush=True)
        return True

    def traced(self, item: Any) -> Reach:
        from _pytest.runner import runtestprotocol
        from coverage import Coverage

        begin = time.process_time()
        coverage = Coverage(data_file=None, include=[f"{self.package}/*"], config_file=False)
        coverage.start()
        reports = runtestprotocol(item, log=False, nextitem=None)
        coverage.stop()
        with warnings.catch_warnings(action="ignore"):
            data = coverage.get_data()
        lines = {
            Path(file).relative_to(self.package).as_posix(): sorted(data.lines(file) or ())
            for file in data.measured_files()
        }
        passed = all(report.passed for report in reports)
        return Reach(time.process_time() - begin, passed, lines)


def stop_hanging(*_: object) -> None:
    """Let a test fail that takes far longer than it did."""
    raise TimeoutError("the test hangs")


class UntilOneFails:
    """Runs chosen tests in their order, or all, until one fails or no time is left."""

    def __init__(self, chosen: dict[str, float], seconds: float) -> None:
        self.chosen = chosen
        self.seconds = seconds
        self.verdict = Verdict(False)

    def pytest_sessionstart(self) -> None:
        from hypothesis import HealthCheck, Phase, settings

        # What kills a mutant need not be made small first.
        unshrunk = settings(
            phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
        )
        settings.register_profile("unshrunk", unshrunk)
        settings.load_profile("unshrunk")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self.chosen:
            mine = [item for item in items if item.nodeid in self.chosen]
            order = {name: place for place, name in enumerate(self.chosen)}
            items[:] = sorted(mine, key=lambda item: order[item.nodeid])

    def pytest_runtest_protocol(self, item: Any) -> None:
        if time.process_time() > self.seconds:
            item.session.shouldstop = "no time left"
            self.verdict.out_of_time = True
        else:
            self.verdict.tests += 1

    def pytest_runtest_setup(self, item: Any) -> None:
        seconds = max(AT_LEAST, SLOWER * self.chosen.get(item.nodeid, AT_LEAST))
        signal.signal(signal.SIGVTALRM, stop_hanging)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)

    def pytest_runtest_teardown(self) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.verdict.killed:
            self.verdict.killed, self.verdict.by = True, report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.verdict.killed:
            self.verdict.killed, self.verdict.by = True, f"{report.nodeid} cannot be read"


def run_pytest(source: Path, tests: Sequence[str], plugin: Any, log: Path) -> int:
    """Run pytest on the tests beside the package in a folder, in this process."""
    import pytest

    os.chdir(source)
    os.environ["PYTHONPATH"] = str(source)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(source / "hypothesis")
    sys.path.insert(0, str(source))
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(written, stream)
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    arguments = ["-x", "-q", "-o", "timeout=0", *quiet, "-p", "no:cacheprovider", "-p", "no:xdist"]
    return int(pytest.main([*arguments, *tests], plugins=[plugin]))


def reach_of(
    source: Path,
    tests: Sequence[str],
    known: Collection[str],
    write: Callable[[str, Reach], None],
    log: Path,
) -> None:
    """Write what every test of some files or folders reaches in the package of a folder."""
    plugin = Traced(source / "txsim", known, write)
    if forked(lambda: run_pytest(source, tests, plugin, log)) not in (0, 5):
        raise SystemExit(f"the tests could not be run; see {log}")


def tried(
    source: Path, chosen: dict[str, float], seconds: float, log: Path, files: Sequence[str] = ()
) -> Verdict:
    """What these tests, or all of some files, say of the package in a folder in so many seconds."""

    def task() -> dict[str, Any]:
        sys.dont_write_bytecode = True
        plugin = UntilOneFails(chosen, seconds)
        asked = files or sorted({name.split("::")[0] for name in chosen})
        status = run_pytest(source, asked, plugin, log)
        if status not in (0, 1, 2, 5) and not plugin.verdict.killed:
            plugin.verdict.killed, plugin.verdict.by = True, f"pytest ends with {status}"
        return asdict(plugin.verdict)

    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = forked(task, 2.0 * seconds + AT_LEAST + max(chosen.values(), default=0.0) * SLOWER)
    verdict = Verdict(**told) if told else Verdict(True, "the process died or hung")
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    verdict.seconds = round(end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime, 1)
    return verdict
