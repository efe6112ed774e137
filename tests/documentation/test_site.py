"""The site has every page in its lists, its links are moved rightly, and its own checks can fail.

Nothing is built here: `python3 dev.py site` does that, strictly.
"""

import ast
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import txsim
from txsim.catalogue import load_catalogue
from txsim.cli import COMMANDS

pytestmark = pytest.mark.documentation

PROJECT = Path(__file__).parents[2]
PARTS = PROJECT / "docs" / "site"
WRITTEN = sorted((PARTS / "pages").glob("*.md"))
TUTORIALS = sorted((PROJECT / "docs" / "tutorials").glob("*.ipynb"))


def part(name: str) -> ModuleType:
    """One of the site's own scripts, which are no package."""
    spec = importlib.util.spec_from_file_location(f"site_{name}", PARTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


gathering, checking, notebooks = part("gather"), part("check"), part("notebooks")


def listed() -> list[str]:
    """The pages in the lists of the home page, which are the site's navigation."""
    home = (PARTS / "pages" / "index.md").read_text(encoding="utf-8")
    lists = re.findall(r"^```\{toctree\}\n(.*?)^```$", home, re.MULTILINE | re.DOTALL)
    lines = [line for one in lists for line in one.splitlines()]
    return [line for line in lines if line and not line.startswith(":")]


def places() -> set[str]:
    """Where pages lie in the site, without endings."""
    found = {*gathering.sources().values(), *(page.name for page in WRITTEN)}
    return {place.rpartition(".")[0] for place in found}


def test_every_page_of_the_navigation_exists_and_stands_there_once() -> None:
    entries = listed()
    assert len(entries) > 20
    assert sorted(entries) == sorted(set(entries))
    assert set(entries) <= places()


def test_every_page_is_in_the_navigation() -> None:
    decisions = {place for place in places() if re.match(r"decisions/\d", place)}
    assert decisions, "they are listed by a pattern, under their own index"
    assert places() - decisions - {"index"} == set(listed())


def test_every_page_of_docs_is_gathered() -> None:
    docs = PROJECT / "docs"
    pages = [page for page in docs.rglob("*.md") if not page.is_relative_to(PARTS)]
    gathered = {PROJECT / path for path in gathering.sources()}
    assert set(pages) - gathered == {docs / "README.md"}


def test_gathered_pages_have_no_dead_link_and_what_is_made_is_made(tmp_path: Path) -> None:
    gathering.gather(tmp_path)
    evidence = (tmp_path / "evidence.md").read_text(encoding="utf-8")
    assert all(f'<tr id="{one}">' in evidence for one in load_catalogue().evidence)
    assert "services.cbt" in evidence
    parameters = (tmp_path / "parameters.md").read_text(encoding="utf-8")
    assert all(f"<code>{path}</code>" in parameters for path, _ in load_catalogue().numbers())
    commands = (tmp_path / "commands.md").read_text(encoding="utf-8")
    assert all(f"## `txsim {name}`" in commands for name in COMMANDS)
    home = (tmp_path / "index.md").read_text(encoding="utf-8")
    start = (tmp_path / "getting-started.md").read_text(encoding="utf-8")
    assert "how sure can we be?" in home
    assert "how sure can we be?" not in start
    assert start.startswith("# Getting started\n\n## Two commands\n")
    made = ("index.md", "evidence.md", "parameters.md", "commands.md")
    assert not any("<!-- " in (tmp_path / name).read_text(encoding="utf-8") for name in made)


@pytest.mark.parametrize(
    ("page", "place", "text", "moved"),
    [
        ("docs/README.md", "index.md", "[a](../README.md)", "[a](getting-started.md)"),
        ("README.md", "getting-started.md", "[a](docs/README.md)", "[a](index.md)"),
        ("README.md", "getting-started.md", "[a](docs/model.md#b)", "[a](model.md#b)"),
        ("README.md", "getting-started.md", "[a](scenarios)", "[a](scenarios.md)"),
        ("docs/decisions/0001-x.md", "decisions/0001-x.md", "[a](../model.md)", "[a](../model.md)"),
        ("docs/decisions/0001-x.md", "decisions/0001-x.md", "[a](README.md)", "[a](index.md)"),
        ("docs/intervals.md", "intervals.md", "[script](../dev.py)", "script (`dev.py`)"),
        ("docs/intervals.md", "intervals.md", "[`dev.py`](../dev.py)", "`dev.py`"),
        ("docs/releases.md", "releases.md", "[a](site/pages/api.md)", "[a](api.md)"),
        ("docs/model.md", "model.md", "[a](#b) [c](https://example.org/d)", None),
        ("docs/model.md", "model.md", "```\n[a](nowhere.md)\n```", None),
    ],
)  # fmt: skip
def test_links_lead_to_places_of_the_site(
    page: str, place: str, text: str, moved: str | None
) -> None:
    assert gathering.relinked(text, page, place) == (text if moved is None else moved)


def test_a_dead_link_of_a_page_is_told() -> None:
    with pytest.raises(gathering.DeadLink, match=r"docs/model\.md: nowhere\.md"):
        gathering.relinked("[a](nowhere.md)", "docs/model.md", "model.md")


def test_python_page_names_everything_public() -> None:
    page = (PARTS / "pages" / "api.md").read_text(encoding="utf-8")
    assert [name for name in txsim.__all__ if f"txsim.{name}" not in page] == []
    named = re.findall(r"^\.\. auto\w+:: ([\w.]+)$", page, re.MULTILINE)
    for path in named:
        home, _, name = path.rpartition(".")
        assert getattr(importlib.import_module(home), name).__doc__, path


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_tutorial_is_committed_without_outputs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert notebooks.cleared(text) == text
    code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert len(code) > 3
    for cell in code:
        ast.parse("".join(cell["source"]))


def test_outputs_of_a_notebook_are_taken_out(tmp_path: Path) -> None:
    shown = json.loads(TUTORIALS[0].read_text(encoding="utf-8"))
    cell = next(cell for cell in shown["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "a figure"}]
    cell["execution_count"] = 7
    path = tmp_path / "shown.ipynb"
    path.write_text(json.dumps(shown), encoding="utf-8")
    assert notebooks.main([str(path)]) == 1
    assert path.read_text(encoding="utf-8") == TUTORIALS[0].read_text(encoding="utf-8")
    assert notebooks.main([str(path)]) == 0


@pytest.mark.parametrize(
    ("head", "body", "fault"),
    [
        ("", '<a href="other.html#there">a</a> <a href="#here" id="here">b</a>', None),
        ("", '<a href="https://example.org">a</a>', None),
        ("", '<img src="data:image/png;base64,AAAA">', None),
        ("", '<a href="gone.html">a</a>', "page.html: gone.html leads nowhere"),
        ("", '<a href="#gone">a</a>', "page.html: #gone has no such place in its page"),
        ("", '<a href="other.html#gone">a</a>', "page.html: other.html#gone has no such place"),
        ("", '<img src="gone.png">', "page.html: gone.png leads nowhere"),
        ('<script src="https://example.org/a.js"></script>', "", "loads https://example.org/a.js"),
        ('<link rel="stylesheet" href="//example.org/a.css">', "", "loads //example.org/a.css"),
        ('<link rel="preconnect" href="https://example.org">', "", "loads https://example.org"),
    ],
)
def test_faults_of_a_built_site_are_found(
    tmp_path: Path, head: str, body: str, fault: str | None
) -> None:
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "other.html").write_text('<p id="there">b</p>', encoding="utf-8")
    found = list(checking.faults(tmp_path))
    assert len(found) == (fault is not None)
    assert all(fault in one for one in found if fault)


def test_a_style_that_loads_from_elsewhere_is_found(tmp_path: Path) -> None:
    style = "@font-face { src: url(https://example.org/a.woff2) }"
    (tmp_path / "a.css").write_text(style, encoding="utf-8")
    assert list(checking.faults(tmp_path)) == ["a.css: loads from elsewhere"]
