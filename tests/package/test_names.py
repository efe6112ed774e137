"""What `import txsim` offers, what it costs, and that the project's papers agree with it."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import txsim

ROOT = Path(__file__).parents[2]
HEAVY = ("mesa", "numba", "numpy", "pandas", "scipy", "seaborn", "matplotlib", "pyarrow")


def fresh(code: str) -> str:
    """What a new interpreter prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_loads_nothing_heavy() -> None:
    loaded = fresh("import sys, txsim; print(*sys.modules)").split()
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("name", ["run", "compare", "story", "explain"])
def test_public_name_wins_over_the_module_of_that_name(name: str) -> None:
    import_module(f"txsim.{name}")
    public = getattr(txsim, name)
    assert callable(public)
    assert not isinstance(public, ModuleType)


def test_order_of_imports_does_not_matter() -> None:
    before = fresh(
        "import txsim; f = txsim.compare; import txsim.compare; print(txsim.compare is f)"
    )
    after = fresh(
        "import txsim.compare; from txsim.compare import compare; import txsim;"
        "print(txsim.compare is compare)"
    )
    assert (before, after) == ("True", "True")


def test_modules_without_a_public_name_are_reached_as_ever() -> None:
    assert fresh("import txsim.units; print(txsim.units.__name__)") == "txsim.units"


def test_every_public_name_is_there() -> None:
    assert set(dir(txsim)) == set(txsim.__all__)
    for name in txsim.__all__:
        assert getattr(txsim, name) is not None


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'comparison'"):
        _ = txsim.comparison


def test_citation_and_changelog_name_this_version() -> None:
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited is not None
    assert cited.group(1) == txsim.__version__
    assert f"\n## {txsim.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_dependency_is_pinned_for_the_checkout() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    names = {re.split(r"[^\w-]", one)[0].lower() for one in wanted} - {"txsim"}
    pinned = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert names <= {line.split("==")[0] for line in pinned}
    assert not [line for line in pinned if "://" in line or "@" in line]


PARTS = ("markupsafe", "pydantic_core")
"""Packages whose names belong to the interface of jinja2 and of pydantic."""


def third_parties_imported() -> set[str]:
    """The packages outside the standard library of which the sources import a name."""
    found: set[str] = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name.split(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"txsim", *PARTS}


def test_what_is_imported_is_what_is_declared_and_decided() -> None:
    """Nothing comes only because another package happens to bring it, and each has its reasons."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    ranges = {re.split(r"[^\w-]", one)[0]: one for one in project["dependencies"]}

    assert third_parties_imported() == set(ranges)
    decided = (ROOT / "docs/decisions/0020-what-txsim-stands-on.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (\w+) \| ([^|]+) \|", decided, re.MULTILINE))
    for name, declared in ranges.items():
        bounds = re.findall(r"[<>]=?([\d.]+)", declared)
        assert re.findall(r"[\d.]+", rows[name]) == bounds, name
    for name in ("numba", "llvmlite", "mesa", "loky"):
        assert "<" in ranges[name], f"the insides of {name} are used"
