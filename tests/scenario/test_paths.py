"""Whatever the file system says about a path, a planner reads one sentence."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from txsim.errors import ScenarioError
from txsim.scenario import Scenario, load

from ..systems import posix_only

LONG = "a" * 300
ROSTER = "person,age,sex,substance\n1,30,f,opioid\n"


def told(action: Callable[[], object]) -> str:
    with pytest.raises(ScenarioError) as caught:
        action()
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize("name", [LONG, f"{LONG}.toml", f"{LONG}/x.toml"])
def test_a_name_longer_than_any_file_may_have(folder: Path, name: str) -> None:
    assert told(lambda: load(name)).endswith("the file cannot be read (file name too long)")


def test_a_name_with_a_character_that_no_file_may_have(folder: Path) -> None:
    assert "no file can have this name" in told(lambda: load("a\0b.toml"))
    assert "there is no shipped scenario" in told(lambda: load("a\0b"))


@posix_only
@pytest.mark.parametrize(
    ("name", "why"),
    [
        (LONG, "the file cannot be read (file name too long)"),
        ("a\\u0000b", "no file can have this name"),
        ("circle", "the file cannot be read (links lead in a circle)"),
        ("folder", "there is no such file beside the scenario"),
    ],
)
@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("mine.toml:2: extends", '\nextends = "{}.toml"\n'),
        ("mine.toml:3: population.roster", '\n[population]\nroster = "{}.toml"\n'),
    ],
)
def test_files_named_in_a_scenario(
    write, folder: Path, name: str, why: str, place: str, text: str
) -> None:
    (folder / "circle.toml").symlink_to("circle.toml")
    (folder / "folder.toml").mkdir()
    path = write(text.format(name))

    assert told(lambda: load(path)).startswith(f"{place}: {why} (got ")


@posix_only
def test_links_in_a_circle(folder: Path) -> None:
    (folder / "one.toml").symlink_to("two.toml")
    (folder / "two.toml").symlink_to("one.toml")

    assert told(lambda: load("one.toml")).startswith("one.toml: ")


def test_a_working_folder_that_is_gone(
    write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / write("[clinic]\nplaces = -1\n")
    inner = folder / "gone"
    inner.mkdir()
    monkeypatch.chdir(inner)
    inner.rmdir()
    try:
        assert load("baseline").name == "baseline"
        assert told(lambda: load("mine.toml")) == "mine.toml: there is no such file"
        assert told(lambda: load(path)).startswith(f"{path}:2: clinic.places: ")
    finally:
        os.chdir(folder)  # a folder that is gone cannot be gone back to


REFUSALS = [
    PermissionError(13, "Permission denied"),
    OSError(5, "Input/output error"),
    OSError(40, "Too many levels of symbolic links"),
    RuntimeError("Symlink loop from 'x'"),
    ValueError("embedded null byte"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=repr)
@pytest.mark.parametrize(
    "question", ["exists", "is_file", "is_dir", "resolve", "stat", "glob", "open"]
)
@pytest.mark.parametrize(
    "name", ["mine.toml", "mine", "baseline", "baseline.toml", "other.toml", "inner/mine.toml"]
)
def test_no_question_about_a_path_is_asked_without_a_guard(
    write, monkeypatch: pytest.MonkeyPatch, name: str, question: str, refusal: Exception
) -> None:
    write('extends = "base.toml"\n[population]\nroster = "people.csv"\n')
    write('extends = "baseline"\n', "base.toml")
    write(ROSTER, "people.csv")

    def refuse(*_: object, **__: object) -> None:
        raise refusal

    monkeypatch.setattr(Path, question, refuse)

    found: object
    try:
        found = load(name)
    except ScenarioError as error:
        found = error.problems
    assert found


@pytest.mark.parametrize("gone", ["taken away", "closed"])
def test_a_roster_that_is_gone_after_loading(
    write, folder: Path, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    write(ROSTER, "people.csv")
    scenario: Scenario = load(write('[population]\nroster = "people.csv"\n'))

    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    if gone == "closed":
        monkeypatch.setattr(Path, "open", refuse)
    else:
        (folder / "people.csv").unlink()

    assert told(lambda: scenario.roster_rows()).startswith("people.csv: ")


@posix_only
@pytest.mark.parametrize("mode", [0, stat.S_IRUSR, stat.S_IXUSR])
def test_a_folder_closed_to_the_reader(folder: Path, write, mode: int) -> None:
    write('extends = "base.toml"\n', "closed/mine.toml")
    write("title = 'x'\n", "closed/base.toml")
    os.chmod(folder / "closed", mode)
    try:
        # root may look everywhere, so somebody else is asked
        found = _told_or_title() if os.geteuid() else _as_nobody()
    finally:
        os.chmod(folder / "closed", 0o700)
        shutil.rmtree(folder / "closed")
    assert found == "x" if mode == stat.S_IXUSR and os.geteuid() else "denied" in found


def _told_or_title() -> str:
    try:
        return load("closed/mine.toml").title
    except ScenarioError as error:
        return str(error)


def _as_nobody() -> str:
    """What somebody without any rights is told, in a process of their own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            load("baseline")  # while the modules can still be read
            os.setgid(65534)
            os.setuid(65534)
            answer = _told_or_title()
        except BaseException as error:
            answer = repr(error)
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read().decode()
