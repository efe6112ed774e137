"""Compiled rules are kept between sessions and never served stale."""

from __future__ import annotations

import ast
import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import txsim
from txsim.compiled import functions
from txsim.compiled.functions import SOURCES, digest_of_sources, is_compiled
from txsim.people.arrivals import arrival_days
from txsim.rules.day import run_days
from txsim.state.events import in_care

from ..model.small_clinics import compiled_only

PACKAGE = Path(txsim.__file__).parent

ASKING = """
from txsim.compiled.functions import is_compiled
from txsim.people import arrivals
ready = is_compiled(arrivals.arrival_days)
numbers, days = arrivals.askers(7, 3.0, 0, 300)
print(ready, int(days.sum()))
"""
"""One small kernel, which draws (randomness.py) the days on which people ask."""


def sources() -> list[Path]:
    found: list[Path] = []
    for name in SOURCES:
        place = PACKAGE / name
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The package, copied where it may be changed."""
    shutil.copytree(PACKAGE, tmp_path / "txsim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def asked(folder: Path) -> tuple[bool, int]:
    """Whether the kernel lay ready, and what it found, in a session of its own."""
    told = subprocess.run(
        [sys.executable, "-c", ASKING],
        env={**os.environ, "PYTHONPATH": str(folder), "TXSIM_CACHE": str(folder / "cache")},
        cwd=folder, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    ready, total = told.stdout.split()
    return ready == "True", int(total)


@compiled_only
def test_a_changed_rule_is_never_served_stale(copied: Path) -> None:
    """The kernel's own file stays as it is: what changes is a function it calls, elsewhere."""
    ready, before = asked(copied)
    assert not ready
    chance = copied / "txsim" / "randomness.py"
    text = chance.read_text(encoding="utf-8")
    changed = text.replace("return 2.0 * ratio * series", "return 4.0 * ratio * series")
    assert changed != text
    chance.write_text(changed, encoding="utf-8")

    ready, after = asked(copied)

    assert not ready
    assert after != before
    chance.write_text(text, encoding="utf-8")
    assert asked(copied) == (True, before), "the older version was kept beside the newer"


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_of_compiled_code_counts(name: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "txsim", ignore=shutil.ignore_patterns("*.toml"))
    package = tmp_path / "txsim"
    place = package / name
    file = place if place.is_file() else sorted(place.rglob("*.py"))[-1]
    before = digest_of_sources(package)
    file.write_text(file.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")

    assert digest_of_sources(package) != before


def test_other_sources_do_not_count(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "txsim", ignore=shutil.ignore_patterns("*.toml"))
    before = digest_of_sources(tmp_path / "txsim")
    (tmp_path / "txsim" / "run.py").write_text("# another model\n", encoding="utf-8")

    assert digest_of_sources(tmp_path / "txsim") == before == digest_of_sources(PACKAGE)


def names_from_elsewhere(file: Path) -> list[str]:
    """Names of this package that compiled functions of a file use and SOURCES does not hold."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("txsim"):
            imported |= {one.asname or one.name: node.module or "" for one in node.names}
    held = {str(one.relative_to(PACKAGE.parent).with_suffix("")) for one in sources()}
    stray = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        marks = {ast.unparse(one).split("(")[0] for one in node.decorator_list}
        if marks & {"rule", "kernel", "overload"}:
            body = [name for one in node.body for name in ast.walk(one)]
            used = {name.id for name in body if isinstance(name, ast.Name)}
            stray += [
                f"{file.name}: {name} from {imported[name]}"
                for name in used
                if name in imported and imported[name].replace(".", os.sep) not in held
            ]
    return stray


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_compiled_code_is_made_of_nothing_else(file: Path) -> None:
    """Else a change there would be missed by the digest."""
    assert names_from_elsewhere(file) == []


def test_the_search_for_strays_finds_them(tmp_path: Path) -> None:
    guilty = tmp_path / "guilty.py"
    guilty.write_text(
        "from txsim.errors import per_day\nfrom txsim.state.events import in_care\n"
        "@rule\ndef leave(rate):\n    return per_day(rate) if in_care(3) else 0\n",
        encoding="utf-8",
    )

    assert names_from_elsewhere(guilty) == ["guilty.py: per_day from txsim.errors"]


@compiled_only
def test_what_lies_ready_is_known() -> None:
    numbers, days = np.empty(4, np.int64), np.empty(4, np.int32)
    arrival_days(np.uint64(1), 1.0, 0, 7, numbers, days)

    assert is_compiled(arrival_days)
    assert not is_compiled(arrival_days, test_what_lies_ready_is_known)
    assert not is_compiled(lambda: None)


@compiled_only
def test_kernels_are_kept_and_rules_are_not() -> None:
    """A rule is part of the kernels that call it; kept by itself it would only take time."""
    kernel: Any = run_days

    assert Path(kernel._cache.cache_path).name == functions.RULES
    assert inspect.isfunction(in_care), "from Python, a rule is the function it was written as"
    assert not is_compiled(in_care)
