"""Whatever call fails, and wherever it is killed: the old folder or the new one, and whole."""

from __future__ import annotations

import builtins
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from txsim.compare.files import write_all
from txsim.errors import OutputError
from txsim.saving import check_folder, write_whole

from ..systems import posix_only

CALLS: dict[str, tuple[Any, ...]] = {
    "open": (builtins, io),
    "mkdir": (os,),
    "rmdir": (os,),
    "unlink": (os,),
    "rename": (os,),
    "replace": (os,),
    "link": (os,),
}
"""Calls on files, and the modules that hold them."""

OLD = {"a.csv": "old a", "b.csv": "old b", "report.html": "old report", "notes.txt": "mine"}
NEW = {"a.csv": "new a", "b.csv": "new b", "notes.txt": "mine"}
OURS = {"a.csv", "b.csv", "report.html"}


class Killed(BaseException):
    """The process is gone: from here on it does nothing more."""


class Fault:
    """The n-th call of one name fails or kills; whoever is killed touches no file again."""

    def __init__(self, patch: pytest.MonkeyPatch, name: str, nth: int, *, kills: bool) -> None:
        self.name, self.nth, self.kills = name, nth, kills
        self.count, self.dead = 0, False
        for call, modules in CALLS.items():
            for module in modules:
                patch.setattr(module, call, self.around(call, getattr(module, call)))

    @property
    def struck(self) -> bool:
        return self.count >= self.nth

    def around(self, call: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*words: Any, **more: Any) -> Any:
            if self.dead:
                raise Killed
            if call == self.name:
                self.count += 1
                if self.count == self.nth:
                    self.dead = self.kills
                    raise Killed if self.kills else OSError(28, os.strerror(28))
            return real(*words, **more)

        return called


def files_in(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def earlier_results(folder: Path) -> Path:
    folder.mkdir()
    for name, text in OLD.items():
        (folder / name).write_text(text)
    return folder


def replace_results(folder: Path) -> None:
    def writer(text: str) -> Callable[[Path], None]:
        return lambda place: place.write_text(text) and None

    writers = {name: writer(NEW[name]) for name in ("a.csv", "b.csv")}
    write_all(folder, writers, beside=OURS)


def after_a_fault(
    act: Callable[[], None], monkeypatch: pytest.MonkeyPatch, name: str, nth: int, kills: bool
) -> bool:
    """Do it with a fault; return whether the fault struck."""
    with monkeypatch.context() as patch:
        fault = Fault(patch, name, nth, kills=kills)
        with suppress(OutputError, OSError, Killed):
            act()
    return fault.struck


@pytest.mark.parametrize("kills", [False, True], ids=["fails", "kills"])
@pytest.mark.parametrize("name", CALLS)
def test_a_folder_is_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kills: bool
) -> None:
    for nth in range(1, 100):
        place = tmp_path / str(nth)
        place.mkdir()
        folder = earlier_results(place / "results")

        if not after_a_fault(lambda: replace_results(folder), monkeypatch, name, nth, kills):  # noqa: B023
            break

        if kills and not folder.exists():
            # Between two renames there is neither; whoever looks next puts the new one there.
            assert name == "rename"
            check_folder(folder, OURS, force=True)
            assert files_in(folder) == NEW
        assert files_in(folder) in (OLD, NEW), (name, nth)
        check_folder(folder, OURS, force=True)
        replace_results(folder)
        assert files_in(folder) == NEW
    else:
        raise AssertionError("there was no end to the calls")
    assert nth > 1 or name == "replace", "every call but one is made"


@pytest.mark.parametrize("kills", [False, True], ids=["fails", "kills"])
@pytest.mark.parametrize("name", CALLS)
def test_a_new_folder_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kills: bool
) -> None:
    for nth in range(1, 100):
        folder = tmp_path / str(nth) / "deeper" / "results"
        if not after_a_fault(lambda: replace_results(folder), monkeypatch, name, nth, kills):  # noqa: B023
            return
        assert not folder.exists() or files_in(folder) == {n: NEW[n] for n in ("a.csv", "b.csv")}
    raise AssertionError("there was no end to the calls")


@pytest.mark.parametrize("kills", [False, True], ids=["fails", "kills"])
@pytest.mark.parametrize("name", CALLS)
def test_a_file_is_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kills: bool
) -> None:
    file = tmp_path / "report.html"
    for nth in range(1, 100):
        file.write_text("old")

        def act() -> None:
            write_whole(file, "new", force=True)

        if not after_a_fault(act, monkeypatch, name, nth, kills):
            break
        assert file.read_text() in ("old", "new")
        if not kills and name != "rmdir":
            assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
    assert file.read_text() == "new"


def test_a_failed_folder_leaves_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = earlier_results(tmp_path / "results")
    for name in ("open", "mkdir", "link"):
        after_a_fault(lambda: replace_results(folder), monkeypatch, name, 1, False)
        assert [one.name for one in tmp_path.iterdir()] == ["results"]


def test_finished_results_are_kept_where_they_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may have taken hours; the message says where they are, and the old ones stand."""
    folder = earlier_results(tmp_path / "results")
    for nth in (1, 2):
        with monkeypatch.context() as patch:
            Fault(patch, "rename", nth, kills=False)
            with pytest.raises(OutputError, match="It is as it was; the new results are in") as why:
                replace_results(folder)
        assert files_in(folder) == OLD
        kept = Path(str(why.value).rpartition(" are in ")[2])
        assert files_in(kept) == NEW
        shutil.rmtree(kept.parent)


def test_a_user_is_told_where_both_are_when_nothing_can_be_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = earlier_results(tmp_path / "results")
    renamed = 0
    real = os.rename

    def only_once(*words: Any) -> None:
        nonlocal renamed
        renamed += 1
        if renamed > 1:
            raise OSError(30, "Read-only file system")
        real(*words)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", only_once)
        with pytest.raises(OutputError, match=r"The earlier results are in .*old, the new"):
            replace_results(folder)
    check_folder(folder, OURS, force=True)
    assert files_in(folder) == NEW


KILLED_AT = """
import os, signal, sys
from pathlib import Path
call, nth = sys.argv[1], int(sys.argv[2])
count, real = 0, getattr(os, call)
def called(*words, **more):
    global count
    count += 1
    if count == nth:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*words, **more)
setattr(os, call, called)
from txsim.saving import new_folder
with new_folder(Path("results"), {"a.csv", "b.csv", "report.html"}, force=True) as folder:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("new " + name[0])
"""


@posix_only
@pytest.mark.parametrize(
    ("call", "nth"), [("mkdir", 2), ("link", 1), ("rename", 1), ("rename", 2), ("unlink", 2)]
)
def test_a_process_that_is_killed_leaves_old_or_new(tmp_path: Path, call: str, nth: int) -> None:
    folder = earlier_results(tmp_path / "results")
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT, call, str(nth)], cwd=tmp_path, check=False, timeout=60
    )

    assert done.returncode == -signal.SIGKILL
    if (call, nth) != ("rename", 2):
        assert files_in(folder) in (OLD, NEW)
    check_folder(folder, OURS, force=True)
    assert files_in(folder) in (OLD, NEW)


def test_what_a_kill_left_is_not_touched_when_another_folder_took_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = earlier_results(tmp_path / "results")
    assert after_a_fault(lambda: replace_results(folder), monkeypatch, "rename", 2, True)
    (work,) = tmp_path.iterdir()
    folder.mkdir()
    (folder / "a.csv").write_text("by hand")

    check_folder(folder, OURS, force=True)

    assert files_in(folder) == {"a.csv": "by hand"}
    assert files_in(work / "old") == OLD
    assert files_in(work / "new") == NEW


def test_an_interruption_while_folders_change_places_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = earlier_results(tmp_path / "results")
    real = os.rename

    def interrupted(*words: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        real(*words)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "rename", interrupted)
            with pytest.raises(KeyboardInterrupt):
                replace_results(folder)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert files_in(folder) == NEW
    assert [one.name for one in tmp_path.iterdir()] == ["results"]
