"""A folder of one's own in which scenario files are written, and their mistakes read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from txsim.errors import ScenarioError
from txsim.scenario import Scenario, load

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Write:
    def to_file(text: str, name: str = "mine.toml") -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return Path(name)

    return to_file


@pytest.fixture
def loaded(write: Write) -> Callable[[str], Scenario]:
    """The scenario in a text."""
    return lambda text: load(write(text))


@pytest.fixture
def mistakes(write: Write) -> Callable[[str], list[str]]:
    """The mistakes in a text, as they are printed."""

    def of(text: str) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            load(write(text))
        return [str(problem) for problem in caught.value.problems]

    return of
