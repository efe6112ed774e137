"""Everything the README tells the reader to type works, in the order in which it stands there."""

import subprocess
import sys
from pathlib import Path

import pytest

from txsim.scenario import load
from txsim.scenario.idle import hardly_asked_for

from .snippets import Snippet, snippets, with_few_replications

pytestmark = pytest.mark.documentation

README = Path(__file__).parents[2] / "README.md"
BESIDE_PYTHON = Path(sys.executable).parent


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole page: a later snippet may use what an earlier one wrote."""
    folder = tmp_path_factory.mktemp("readme")
    for snippet in snippets(README):
        if snippet.file_name:
            (folder / snippet.file_name).write_text(snippet.text, encoding="utf-8")
    return folder


def runnable() -> list[object]:
    return [
        pytest.param(snippet, id=f"line-{snippet.line}-{snippet.language}")
        for snippet in snippets(README)
        if snippet.language in ("python", "console")
    ]


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, text=True, capture_output=True, check=False, timeout=280
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("snippet", runnable())
def test_snippet_runs(snippet: Snippet, desk: Path) -> None:
    quick = with_few_replications(snippet)
    if quick.language == "python":
        run([sys.executable, "-W", "error", "-c", quick.text], desk)
        return
    assert quick.commands, "a console block without a command"
    for program, *arguments in quick.commands:
        assert program == "txsim", f"the README may only tell the reader to type txsim: {program}"
        run([str(BESIDE_PYTHON / program), *arguments], desk)


def test_readme_has_snippets_of_each_kind() -> None:
    languages = {snippet.language for snippet in snippets(README)}
    assert {"python", "console", "toml"} <= languages


def test_the_reader_s_first_design_says_nothing_odd(desk: Path) -> None:
    """Neither of its figures, nor of its staff."""
    files = [snippet.file_name for snippet in snippets(README) if snippet.file_name]
    assert files
    for file in files:
        design = load(desk / file)
        assert design.warnings == ()
        assert hardly_asked_for(design) == []
