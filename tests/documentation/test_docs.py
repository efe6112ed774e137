"""The pages below `docs` do what they say, link to what exists, and name what the code declares."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import txsim
from txsim.clinic import Clinic
from txsim.scenario import load
from txsim.scenario.shipped import shipped_names

from .snippets import Snippet, snippets, with_few_replications

pytestmark = pytest.mark.documentation

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
SOURCES = Path(txsim.__file__).parent
MODEL = (DOCS / "model.md").read_text(encoding="utf-8")
GUIDES = sorted(DOCS.glob("how-to-*.md"))
PAGES = sorted(
    page
    for folder in ("", "docs", "docs/decisions", "scenarios", "experiments")
    for page in (PROJECT / folder).glob("*.md")
)


def tables(page: str) -> Iterator[list[str]]:
    """The names in the first column of every table, where all of them are set as code."""
    for found in re.finditer(r"^\|(?:-+\|)+\n((?:\|.*\n)+)", page, re.MULTILINE):
        first = [row.split("|")[1].strip() for row in found.group(1).splitlines()]
        names = [re.fullmatch(r"`([^`]+)`", cell) for cell in first]
        if all(names):
            yield [name.group(1) for name in names if name]


def test_the_tables_of_the_model_page_are_made_from_what_is_declared() -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "model_tables.py"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_model_page_names_every_file_of_rules() -> None:
    files = [
        file.name
        for file in sorted((SOURCES / "rules").glob("*.py"))
        if re.search("^@rule$", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert "exits.py" in files
    assert [name for name in files if f"`rules/{name}`" not in MODEL] == []


def runnable() -> list[object]:
    return [
        pytest.param(guide, snippet, id=f"{guide.stem}-line-{snippet.line}")
        for guide in GUIDES
        for snippet in snippets(guide)
        if snippet.language in ("python", "console")
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("guide", "snippet"), runnable())
def test_snippet_of_a_guide_runs(guide: Path, snippet: Snippet, tmp_path: Path) -> None:
    for one in snippets(guide):
        if one.file_name:
            (tmp_path / one.file_name).write_text(one.text, encoding="utf-8")
    quick = with_few_replications(snippet)
    if quick.language == "python":
        # A file, as a reader would have it: processes that a pool starts read it again.
        (tmp_path / "guide.py").write_text(quick.text, encoding="utf-8")
        commands = [[sys.executable, "-W", "error", "guide.py"]]
    else:
        commands = [
            [sys.executable, "-m", program, *arguments] for program, *arguments in quick.commands
        ]
        assert commands, "a console block without a command"
    for command in commands:
        done = subprocess.run(
            command, cwd=tmp_path, text=True, capture_output=True, check=False, timeout=280
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_every_named_file_of_a_guide_is_a_scenario(tmp_path: Path) -> None:
    named = [one for guide in GUIDES for one in snippets(guide) if one.file_name]
    assert named
    for one in named:
        (tmp_path / str(one.file_name)).write_text(one.text, encoding="utf-8")
        assert load(tmp_path / str(one.file_name)).warnings == ()


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenario_lives_ten_days(name: str) -> None:
    clinic = Clinic(load(name))
    clinic.run_until(10)
    clinic.close()
    cared_for = clinic.state.days["in_care"][:10]
    assert (cared_for > 0.7 * clinic.design.clinic.places).all()
    assert (cared_for <= clinic.design.clinic.places).all()


def test_scenarios_page_names_every_shipped_scenario() -> None:
    page = (PROJECT / "scenarios" / "README.md").read_text(encoding="utf-8")
    named = next(names for names in tables(page) if "baseline" in names)
    assert sorted(named) == sorted(shipped_names())


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_resolve(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(there), f"{page.name}: {target}"


def test_index_of_the_documentation_names_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in DOCS.glob("*.md")} - {"README.md"}
    assert [name for name in sorted(pages) if f"({name})" not in index] == []
