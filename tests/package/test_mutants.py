"""The small mistakes that the mutation experiment makes are mistakes, each of one place."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import txsim

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = Path(txsim.__file__).parent


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    place = CHECKOUT / "experiments" / "mutants.py"
    specification = importlib.util.spec_from_file_location("experiments_mutants", place)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def changed(mutants: ModuleType, tmp_path: Path, line: str) -> set[str]:
    """What becomes of one line of a function."""
    source = f"def f(x, y, z):\n    {line}\n"
    (tmp_path / "file.py").write_text(source, encoding="utf-8")
    found = [
        one.applied_to(source.encode()).decode() for one in mutants.mutants_of(tmp_path, "file.py")
    ]
    assert len(set(found)) == len(found)
    return {text.splitlines()[1].strip() for text in found}


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("return x < y", {"return x <= y", "return x >= y"}),
        ("return x + y * 2.0", {"return x - y * 2.0", "return x + y / 2.0", "return x + y * 4.0",
                                "return x + y * 3.0"}),
        ("return x and not y", {"return x or not y", "return x and y"}),
        ("return -x", {"return +x"}),
        ("return x[y:z]", {"return x[y + 1:z]", "return x[y:z + 1]"}),
        ("return max(x, 3)", {"return min(x, 3)", "return max(x, 4)", "return max(x, 2)"}),
        ("return x if y else z", {"return x if not (y) else z"}),
        ("return x in y", {"return x not in y"}),
        ("x.y += z", {"pass", "x.y -= z"}),
        ("f(x, y, z)", {"pass"}),
        ("return True", {"return False"}),
        ("return f'{x + 1}' + 'text'", set()),
        ("raise ValueError(x + 1)", set()),
        ("'''A docstring of 7.'''", set()),
    ],
)  # fmt: skip
def test_each_place_becomes_its_mistakes(
    mutants: ModuleType, tmp_path: Path, line: str, becomes: set[str]
) -> None:
    assert changed(mutants, tmp_path, line) == becomes


def test_a_mutant_is_known_again_when_other_functions_change(
    mutants: ModuleType, tmp_path: Path
) -> None:
    place = tmp_path / "file.py"
    place.write_text("def f(x):\n    return x + 1\n", encoding="utf-8")
    before = {one.key for one in mutants.mutants_of(tmp_path, "file.py")}
    place.write_text(
        "# a remark\ndef g(x):\n    return x - 2\n\n\ndef f(x):\n    return x + 1\n",
        encoding="utf-8",
    )
    after = {one.key for one in mutants.mutants_of(tmp_path, "file.py")}

    assert before < after


def test_what_runs_when_a_file_is_read_is_reached_by_whatever_reads_it(
    mutants: ModuleType, tmp_path: Path
) -> None:
    """A constant, a default and a decorator; the default of a function within another is not."""
    lines = ["A = 1", "@g(2)", "def f(x=3):", "    def h(y=4):", "        return 5", "    return h"]
    (tmp_path / "file.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    reached = {one.line: one.reached_by for one in mutants.mutants_of(tmp_path, "file.py")}

    assert reached == {1: (0, 0), 2: (0, 0), 3: (0, 0), 4: (4, 4), 5: (5, 5)}


def test_mutants_are_drawn_by_seed_from_every_file(mutants: ModuleType) -> None:
    drawn = mutants.drawn(PACKAGE, 300, 5)
    files = {one.file for one in drawn}
    nothing_to_change = {file for file in mutants.files_of(PACKAGE) if file.endswith("__init__.py")}

    assert len(drawn) == len({one.key for one in drawn}) == 300
    assert set(mutants.files_of(PACKAGE)) - files <= nothing_to_change
    assert [one.key for one in mutants.drawn(PACKAGE, 300, 5)] == [one.key for one in drawn]
    for one in drawn[:60]:
        ast.parse(one.applied_to((PACKAGE / one.file).read_bytes()))
