"""An outcome is declared once, in one file, and is in every table without being listed anywhere."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import txsim
from txsim.outcomes import CURVES, OUTCOMES, registry

PACKAGE = Path(txsim.__file__).parent
FAMILIES = PACKAGE / "outcomes" / "families"
HERE = Path(__file__).parents[2]

NEW_FAMILY = '''"""How people sleep."""

from txsim.outcomes.follow_up import Followed
from txsim.outcomes.outcome import Array, curve, outcome


@outcome(
    "nights", label="Nights", unit="days", better="higher", definition="All.", family="sleep"
)
def nights(people: Followed) -> Array:
    return people.days_alive


@curve("asleep", label="Asleep", unit="proportion", definition="All the while.", family="sleep")
def asleep(people: Followed) -> Array:
    return people.alive.mean(axis=0)
'''
TABLES = """
from tests.compare.made_comparisons import made_comparison
made = made_comparison(0.0, 5.0, replications=4)
words = made.outcomes, made.differences, made.curves
for table, column in zip(words, ("outcome", "outcome", "curve")):
    print(*dict.fromkeys(table[column]), sep=",")
"""


def declared_in(file: Path) -> set[tuple[str, int]]:
    """Where a file has functions with the decorators of outcomes and curves: file and line."""
    return {
        (str(file), decorator.lineno)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in ("outcome", "curve")
    }


def test_whatever_is_declared_is_an_outcome_or_a_curve() -> None:
    """Also where a function makes several: somebody has to have called it."""
    rules = [one.rule.__code__ for one in (*OUTCOMES, *CURVES)]
    declared = set().union(*map(declared_in, PACKAGE.rglob("*.py")))

    assert declared == {(rule.co_filename, rule.co_firstlineno) for rule in rules}
    assert {Path(file).parent for file, _ in declared} == {FAMILIES}


def test_families_stand_in_the_order_of_the_tables() -> None:
    files = [file.stem for file in FAMILIES.glob("[!_]*.py")]
    assert sorted(registry.ORDER) == sorted(files)
    for declared in (OUTCOMES, CURVES):
        told = list(dict.fromkeys(Path(one.rule.__code__.co_filename).stem for one in declared))
        assert told == [family for family in registry.ORDER if family in told]


def test_no_two_have_one_name() -> None:
    assert len(registry.BY_NAME) == len(OUTCOMES)
    assert len(registry.CURVES_BY_NAME) == len(CURVES)


def test_a_new_file_is_all_that_a_new_outcome_needs(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "src" / "txsim", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copytree(HERE / "scenarios", tmp_path / "scenarios")
    new = tmp_path / "src" / "txsim" / "outcomes" / "families" / "sleep.py"
    new.write_text(NEW_FAMILY, encoding="utf-8")

    paths = os.pathsep.join([str(tmp_path / "src"), str(HERE)])
    told = subprocess.run(
        [sys.executable, "-c", TABLES],
        env={**os.environ, "PYTHONPATH": paths, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert [table.split(",")[-1] for table in told] == ["nights", "nights", "asleep"]
