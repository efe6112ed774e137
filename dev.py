#!/usr/bin/env python3
"""Everything a checkout needs, with nothing but Python 3.11 or newer.

`python3 dev.py demo` makes an environment in .venv, compares three shipped clinic designs and
writes a report. `python3 dev.py test` runs every check the project has; the automatic checks run
the same. `python3 dev.py --help` lists the rest. It uses uv where that is installed, else pip.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
OLDEST = (3, 11)
OTHER_PYTHONS = ("3.12", "3.13")
DEMO_DESIGNS = ("baseline", "case-management", "transport-aid")
DEMO_REPLICATIONS = 40
DEMO_REPORT = HERE / "demo-report"
CHECKED = ("src", "tests", "benchmarks", "experiments", "docs", "dev.py")
FAST = ("-m", "not slow and not fuzz")
PARALLEL = ("--numprocesses", "auto", "--dist", "worksteal")
TRACED = ("--cov", "--cov-report=", "--cov-fail-under=0")
MODEL_TESTS = ("model", "rules", "parameters", "clinic", "state", "compiled", "running")
"""Rooms of tests that run clinics, of which only some are small enough for plain Python."""
UNCOMPILED = (
    *(
        f"tests/rules/test_{name}.py"
        for name in (
            "budgets", "circumstances", "dosing", "peer_network", "rules", "scheduling",
            "substitution", "uncompiled", "waiting",
        )
    ),
    "tests/clinic/test_opening.py",
    "tests/clinic/test_own_people.py",
    "tests/compiled/test_lanes.py",
    "tests/model/test_busy_clinics.py",
    "tests/model/test_randomness.py",
    "tests/parameters/test_opening_hours.py",
    "tests/parameters/test_tables.py",
    "tests/running/test_workload.py",
)  # fmt: skip
"""Tests whose clinics are small enough for plain Python; together they reach every rule."""
SMOKE = (
    "tests/compiled/test_kept_kernels.py",
    "tests/model/test_common_numbers.py",
    "tests/model/test_any_clinic.py",
    "tests/compare",
    "tests/outcomes",
    "tests/scenario",
    "tests/package",
)


class Stop(Exception):
    """A step could not be done; the message is for the person at the keyboard."""


class Environment:
    """A virtual environment in this folder and the extras it holds.

    It is made or refreshed only when what it depends on has changed: a stamp inside it holds a
    digest of pyproject.toml, the pinned versions and its own place.
    """

    def __init__(self, name: str = ".venv", python: str = sys.executable, pinned: bool = True):
        self.folder = HERE / name
        self.made_by = python
        self.pinned = pinned
        self.stamp = self.folder / "txsim-stamp.json"

    def program(self, name: str) -> str:
        """The path of a program in the environment."""
        windows = os.name == "nt"
        path = self.folder / ("Scripts" if windows else "bin") / name
        return str(path.with_suffix(".exe") if windows else path)

    @property
    def python(self) -> str:
        """The environment's interpreter."""
        return self.program("python")

    def ready(self, *extras: str) -> Environment:
        """Make the environment hold txsim and these extras; quick when it already does."""
        digest = self._digest()
        held = self._stamped()
        have = set(held.get("extras", []))
        if held.get("digest") == digest and have.issuperset(extras):
            return self
        if not self._usable():
            self._make()
        wanted = sorted(have.union(extras))
        self._install(wanted)
        fresh = self.stamp.with_suffix(".new")
        fresh.write_text(json.dumps({"digest": digest, "extras": wanted}), encoding="utf-8")
        fresh.replace(self.stamp)
        return self

    def _digest(self) -> str:
        digest = hashlib.sha256(f"{self.folder}|{self.pinned}".encode())
        for name in ("pyproject.toml", "constraints.txt"):
            digest.update((HERE / name).read_bytes())
        return digest.hexdigest()

    def _stamped(self) -> dict[str, list[str] | str]:
        try:
            held = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return held if isinstance(held, dict) else {}

    def _usable(self) -> bool:
        if not self.folder.exists():
            return False
        if not (self.folder / "pyvenv.cfg").exists():
            raise Stop(f"{self.folder} is in the way: it is not a Python environment.")
        return runs(self.python)

    def _make(self) -> None:
        say(f"making the environment {self.folder.name} with {self.made_by}")
        uv = shutil.which("uv")
        if uv:
            call([uv, "venv", "--quiet", "--clear", "--python", self.made_by, self.folder])
            return
        if self.made_by == sys.executable and importlib.util.find_spec("ensurepip") is None:
            raise Stop(
                "this Python cannot make environments: its module ensurepip is missing. On Debian"
                " or Ubuntu run 'apt install python3-venv'; elsewhere install uv or a full Python."
            )
        call([self.made_by, "-m", "venv", "--clear", self.folder])

    def _install(self, extras: Sequence[str]) -> None:
        target = f".[{','.join(extras)}]" if extras else "."
        versions = "the pinned versions" if self.pinned else "the newest versions"
        say(f"installing txsim{target[1:]} with {versions} (a few minutes the first time)")
        options: list[str | Path] = ["--editable", target]
        options += ["--constraint", "constraints.txt"] if self.pinned else ["--upgrade"]
        uv = shutil.which("uv")
        if uv:
            call([uv, "pip", "install", "--quiet", "--python", self.python, *options])
            return
        if not succeeds([self.python, "-m", "pip", "--version"]):
            call([self.python, "-m", "ensurepip", "--upgrade"])
        if not self.pinned:
            options += ["--upgrade-strategy", "eager"]
        pip = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        call([*pip, *options])


def say(text: str) -> None:
    """One line on what is being done."""
    print(f"== {text}", flush=True)


def call(command: Sequence[str | Path]) -> None:
    """Run something whose output matters only if it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=HERE, text=True, capture_output=True, check=False
    )
    if done.returncode:
        print(done.stdout, done.stderr, sep="", file=sys.stderr)
        raise Stop(f"failed: {' '.join(map(str, command))}")


def succeeds(command: Sequence[str]) -> bool:
    """Whether a command can be run and ends well."""
    try:
        return subprocess.run(command, cwd=HERE, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def runs(python: str) -> bool:
    """Whether this interpreter starts and is new enough (a shim may stand for nothing)."""
    return succeeds([python, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"])


def find_python(version: str) -> str | None:
    """An interpreter of this version on the machine, or None."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [name, *(str(path) for path in sorted(pyenv.glob(f"{version}*/bin/{name}")))]
    return next((candidate for candidate in candidates if runs(candidate)), None)


def step(what: str, command: Sequence[str], **variables: str) -> bool:
    """Say what is done, do it, tell how long it took and whether it went well."""
    say(what)
    began = time.monotonic()
    environment = {**os.environ, **variables}
    well = subprocess.run(command, cwd=HERE, env=environment, check=False).returncode == 0
    say(f"{what}: {'done' if well else 'FAILED'} in {time.monotonic() - began:.0f} s")
    return well


def everything(steps: Iterable[Callable[[], bool]]) -> bool:
    """Do all steps, also after one has failed, so that one run shows every fault."""
    return all([one() for one in steps])


def present(names: Iterable[str]) -> list[str]:
    """Those of the checked folders that exist."""
    return [name for name in names if (HERE / name).exists()]


def demo(_: Sequence[str]) -> bool:
    """Compare three shipped designs and write the report (the main job)."""
    environment = Environment().ready()
    command = [environment.program("txsim"), "compare", *DEMO_DESIGNS]
    command += ["--replications", str(DEMO_REPLICATIONS), "--out", str(DEMO_REPORT), "--force"]
    if not step(f"comparing {', '.join(DEMO_DESIGNS)}", command):
        return False
    say(f"open {DEMO_REPORT / 'report.html'}")
    return True


def test(_: Sequence[str]) -> bool:
    """Format, lint, types, layers and the fast tests: what the automatic checks run."""
    Environment().ready("test", "lint")
    return everything(
        [
            lambda: format_check([]),
            lambda: lint([]),
            lambda: types([]),
            lambda: layers([]),
            lambda: tests([*FAST, *PARALLEL]),
        ]
    )


def format_code(_: Sequence[str]) -> bool:
    """Put the code into the project's format, imports in order."""
    environment = Environment().ready("lint")
    ruff = environment.program("ruff")
    return everything(
        [
            lambda: step("sorting imports", [ruff, "check", "--select", "I", "--fix", "--quiet"]),
            lambda: step("formatting", [ruff, "format", *present(CHECKED)]),
        ]
    )


def format_check(_: Sequence[str]) -> bool:
    """See that the code is in the project's format."""
    ruff = Environment().ready("lint").program("ruff")
    command = [ruff, "format", "--check", "--output-format", "concise", *present(CHECKED)]
    return step("format", command)


def lint(arguments: Sequence[str]) -> bool:
    """Look for faults a reader would find (ruff)."""
    ruff = Environment().ready("lint").program("ruff")
    command = [ruff, "check", "--output-format", "concise", *(arguments or present(CHECKED))]
    return step("lint", command)


def types(arguments: Sequence[str]) -> bool:
    """Check the types, strictly (mypy)."""
    mypy = Environment().ready("lint").program("mypy")
    return step("types", [mypy, *arguments])


def layers(_: Sequence[str]) -> bool:
    """See that every room imports only from the rooms below it (import-linter)."""
    linter = Environment().ready("lint").program("lint-imports")
    return step("layers", [linter, "--no-logo"])


def tests(arguments: Sequence[str]) -> bool:
    """Run pytest with the arguments given, all tests without any."""
    environment = Environment().ready("test")
    return pytest(environment, f"tests {' '.join(arguments)}".rstrip(), arguments)


def pytest(environment: Environment, what: str, arguments: Sequence[str]) -> bool:
    """Run pytest in one of the environments."""
    return step(what, [environment.python, "-m", "pytest", *arguments])


def coverage(_: Sequence[str]) -> bool:
    """Tell which lines the tests reach: the rules as plain Python, all else by its own tests."""
    environment = Environment().ready("test")
    traced = [environment.python, "-m", "pytest", *FAST, *PARALLEL, *TRACED]
    # compiled rules leave no trace, so lines of the model are reached only uncompiled
    ignored = [f"--ignore=tests/{room}" for room in MODEL_TESTS]
    return everything(
        [
            lambda: step("rules uncompiled", [*traced, *UNCOMPILED], NUMBA_DISABLE_JIT="1"),
            lambda: step("other rooms", [*traced, "--cov-append", *ignored]),
            lambda: step("coverage", [environment.python, "-m", "coverage", "report"]),
        ]
    )


def benchmark(arguments: Sequence[str]) -> bool:
    """Measure speed against the same model written as idiomatic Mesa."""
    python = Environment().ready("test").python
    return step("benchmark", [python, "-m", "benchmarks", *arguments])


def site(_: Sequence[str]) -> bool:
    """Build the documentation site in site/, tutorials executed, links checked."""
    environment = Environment().ready("docs")
    return step("site", [environment.python, "docs/site/build.py"])


def fit(_: Sequence[str]) -> bool:
    """Fit the shipped synthetic trial, quickly, in both stages, and run their tests."""
    environment = Environment(".venv-fit").ready("fit", "test")
    folder = "experiments/calibration"
    quick = [f"{folder}/synthetic", "--quick", "--out"]
    first = [environment.python, f"{folder}/fit.py", *quick, "build/fit"]
    second = [environment.python, f"{folder}/fit_engine.py", *quick, "build/fit/engine"]
    return everything(
        [
            lambda: step("fit of the synthetic trial", first),
            lambda: step("fit of the engine to it", second),
            lambda: pytest(environment, "tests of the calibration", ["tests/calibration"]),
        ]
    )


def habits(arguments: Sequence[str]) -> bool:
    """Run the pre-commit hooks on every file, or with the arguments given."""
    hooks = Environment().ready("habits").program("pre-commit")
    chosen = arguments or ["run", "--all-files", "--show-diff-on-failure"]
    return step(f"habits {' '.join(arguments)}".rstrip(), [hooks, *chosen])


def smoke(arguments: Sequence[str]) -> bool:
    """Run the smoke tests with the pinned versions: what other systems than Linux run."""
    environment = Environment().ready("test")
    return pytest(environment, "smoke tests", arguments or [*SMOKE, *FAST, *PARALLEL])


def newest(arguments: Sequence[str]) -> bool:
    """Run the smoke tests against the newest versions of everything txsim stands on."""
    environment = Environment(".venv-newest", pinned=False)
    environment.stamp.unlink(missing_ok=True)
    environment.ready("test")
    what = "smoke tests, newest versions"
    return pytest(environment, what, arguments or [*SMOKE, *FAST, *PARALLEL])


def others(arguments: Sequence[str]) -> bool:
    """Run the smoke tests on each newer Python found on this machine."""

    def smoke_on(version: str) -> bool:
        python = find_python(version)
        if python is None:
            say(f"Python {version}: none on this machine, left out")
            return True
        environment = Environment(f".venv-{version}", python).ready("test")
        what = f"smoke tests, Python {version}"
        return pytest(environment, what, arguments or [*SMOKE, *FAST, *PARALLEL])

    return everything([partial(smoke_on, version) for version in OTHER_PYTHONS])


COMMANDS: dict[str, Callable[[Sequence[str]], bool]] = {
    "demo": demo,
    "test": test,
    "format": format_code,
    "lint": lint,
    "types": types,
    "layers": layers,
    "tests": tests,
    "coverage": coverage,
    "benchmark": benchmark,
    "smoke": smoke,
    "site": site,
    "fit": fit,
    "habits": habits,
    "newest": newest,
    "others": others,
}


def main() -> int:
    """Run the command named; 0 if all went well, else 1."""
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        have = sys.version.split()[0]
        print(f"txsim needs Python {wanted} or newer; {sys.executable} is {have}.")
        return 1
    parser = argparse.ArgumentParser(
        prog="dev.py",
        description="Run the demo or the checks; makes the environment it needs.",
        epilog="\n".join(f"  {name:<10} {job.__doc__}" for name, job in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the tool behind")
    given = parser.parse_args()
    try:
        return 0 if COMMANDS[given.command](given.arguments) else 1
    except Stop as reason:
        print(f"dev.py: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
