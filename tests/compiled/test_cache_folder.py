"""Whose folder compiled rules lie in, and that nothing of anybody else's is read or removed."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from txsim.compiled import cache_folder
from txsim.compiled.cache_folder import (
    KEPT_FOLDERS,
    LONG_AGO,
    MARK,
    MARKER,
    open_folder,
    own_name,
    read_private,
    write_private,
)

VERSION = "0123456789abcdef"
KERNEL = "rules.day.run_days-0123456789abcdef0123456789abcdef.kernel"

posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such owners")


@pytest.fixture(autouse=True)
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder chosen for compiled rules, and another for temporary files."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TXSIM_CACHE", str(tmp_path / "chosen"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "chosen"


def version_folder(own: Path, name: str, age: int) -> Path:
    """A folder as txsim makes it for a version, last used `age` seconds ago."""
    folder = own / name
    folder.mkdir(mode=0o700, parents=True)
    (folder / MARKER).write_bytes(MARK)
    (folder / KERNEL).write_bytes(b"machine code")
    for one in (folder / MARKER, folder / KERNEL):
        one.chmod(0o600)
    os.utime(folder, (1_000_000_000 - age, 1_000_000_000 - age))
    return folder


def everything(folder: Path) -> dict[str, bytes | None]:
    return {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() else None
        for one in folder.rglob("*")
    }


# -- where


def test_it_lies_in_a_folder_of_the_users_own_below_the_chosen_one(chosen: Path) -> None:
    assert open_folder(VERSION) == chosen / own_name() / VERSION


def test_without_a_choice_it_lies_in_the_users_caches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TXSIM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert open_folder(VERSION) == tmp_path / "user" / "txsim" / own_name() / VERSION
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert open_folder(VERSION) == tmp_path / "home/.cache/txsim" / own_name() / VERSION


@pytest.mark.parametrize("caches", ["", "caches"])
def test_caches_without_a_full_path_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caches: str
) -> None:
    monkeypatch.delenv("TXSIM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", caches)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")

    assert cache_folder.chosen_root() == tmp_path / "home/.cache/txsim"


def homeless() -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_without_a_home_the_users_caches_are_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TXSIM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(Path, "home", homeless)

    assert open_folder(VERSION) == tmp_path / "user" / "txsim" / own_name() / VERSION


def test_without_a_home_or_caches_it_lies_among_temporary_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("TXSIM_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)

    assert open_folder(VERSION) == tmp_path / "temporary" / own_name() / VERSION


def test_a_file_in_the_way_of_the_chosen_folder(chosen: Path, tmp_path: Path) -> None:
    chosen.write_text("in the way", encoding="utf-8")

    assert open_folder(VERSION) == tmp_path / "temporary" / own_name() / VERSION
    assert chosen.read_text(encoding="utf-8") == "in the way"


def test_without_any_place_there_is_none(
    chosen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen.write_text("in the way", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(chosen))

    assert open_folder(VERSION) is None


# -- whose


@posix
def test_folders_and_files_are_for_the_user_alone(chosen: Path) -> None:
    folder = open_folder(VERSION)

    assert folder is not None
    write_private(folder / KERNEL, b"machine code")
    for one in (folder, folder.parent):
        assert one.stat().st_mode & 0o777 == 0o700
    for one in (folder / MARKER, folder / KERNEL):
        assert one.stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
@pytest.mark.parametrize("depth", [0, 1])
def test_a_folder_that_others_may_write_to_is_refused(
    chosen: Path, tmp_path: Path, mode: int, depth: int
) -> None:
    folder = version_folder(chosen / own_name(), VERSION, 0)
    (folder, folder.parent)[depth].chmod(mode)

    assert open_folder(VERSION) == tmp_path / "temporary" / own_name() / VERSION


@posix
@pytest.mark.parametrize("depth", [0, 1])
def test_a_folder_of_somebody_else_is_refused(
    chosen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    """Under whatever name it waits: at the chosen place and among temporary files."""
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)  # so all that is made here is foreign
    for place in (chosen, tmp_path / "temporary"):
        version_folder(place / own_name(), VERSION, 0)

    assert open_folder(VERSION) is None
    for place in (chosen, tmp_path / "temporary"):
        with pytest.raises(PermissionError):
            read_private(place / own_name() / VERSION / KERNEL)


@posix
@pytest.mark.parametrize("depth", [0, 1])
def test_a_link_is_refused(chosen: Path, tmp_path: Path, depth: int) -> None:
    elsewhere = version_folder(tmp_path / "elsewhere", VERSION, 0)
    if depth == 0:
        (chosen / own_name()).mkdir(parents=True, mode=0o700)
        (chosen / own_name() / VERSION).symlink_to(elsewhere)
    else:
        chosen.mkdir()
        (chosen / own_name()).symlink_to(elsewhere.parent)

    assert open_folder(VERSION) == tmp_path / "temporary" / own_name() / VERSION


@posix
def test_several_users_may_choose_the_same_place(
    chosen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_folder(VERSION)
    mine = own_name()
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)

    assert first == chosen / mine / VERSION
    assert own_name() != mine


def as_pipe(file: Path) -> None:
    os.mkfifo(file, 0o600)


def as_link(file: Path) -> None:
    target = file.with_name("target")
    target.write_bytes(b"machine code")
    target.chmod(0o600)
    file.symlink_to(target)


def as_anybodys(file: Path) -> None:
    file.write_bytes(b"machine code")
    file.chmod(0o622)


def as_monster(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(cache_folder.MOST_BYTES + 1)
    file.chmod(0o600)


@posix
@pytest.mark.parametrize("made", [as_pipe, as_link, as_anybodys, as_monster, Path.mkdir])
def test_only_ordinary_files_of_the_users_alone_are_read(
    tmp_path: Path, made: Callable[[Path], object]
) -> None:
    made(tmp_path / "file")

    with pytest.raises(OSError):  # noqa: PT011 - each has words of its own
        read_private(tmp_path / "file")


# -- what is removed


def test_old_versions_are_cleared_away(chosen: Path) -> None:
    for age in range(KEPT_FOLDERS + 4):
        version_folder(chosen / own_name(), f"{age:016x}", age)

    folder = open_folder(VERSION)

    assert folder is not None
    left = {one.name for one in folder.parent.iterdir()}
    assert left == {VERSION, *(f"{age:016x}" for age in range(KEPT_FOLDERS))}


def test_nothing_but_what_txsim_made_is_ever_removed(chosen: Path, tmp_path: Path) -> None:
    """A chosen folder full of a user's own folders, some of which look like txsim's."""
    own = chosen / own_name()
    for place in (chosen, own):
        for name in ("data", "thesis", VERSION, "f" * 16, "0" * 16, "1" * 15, "A" * 16, "2" * 17):
            (place / name).mkdir(parents=True)
            (place / name / "figures.csv").write_text("1, 2, 3", encoding="utf-8")
    own.chmod(0o700)
    (own / VERSION).chmod(0o700)
    (own / ("3" * 16)).write_text("a file", encoding="utf-8")
    (own / ("4" * 16)).mkdir()
    with_notes = version_folder(own, "5" * 16, 10_000)
    (with_notes / "notes.txt").write_text("mine", encoding="utf-8")
    with_folder = version_folder(own, "6" * 16, 10_000)
    (with_folder / KERNEL.replace("run_days", "folder")).mkdir()
    other_mark = version_folder(own, "7" * 16, 10_000)
    (other_mark / MARKER).write_bytes(MARK[:60])
    for age in range(KEPT_FOLDERS):
        version_folder(own, f"8{age:015x}", age)
    if hasattr(os, "geteuid"):
        (own / ("9" * 16)).symlink_to(version_folder(tmp_path / "elsewhere", "9" * 16, 10_000))
        version_folder(own, "b" * 16, 10_000).chmod(0o777)
    before = everything(tmp_path)

    assert open_folder(VERSION) == own / VERSION

    after = everything(tmp_path)
    assert set(after) - set(before) == {str((own / VERSION / MARKER).relative_to(tmp_path))}
    assert {name: after[name] for name in before} == before


def test_folders_named_like_a_version_beside_ours_stay(chosen: Path) -> None:
    """The place itself is the user's, whatever lies there, marked or not."""
    for age in range(KEPT_FOLDERS + 4):
        version_folder(chosen, f"{age:016x}", age)
    before = everything(chosen)

    open_folder(VERSION)

    assert everything(chosen).items() >= before.items()


def test_files_that_were_never_finished_go_in_time(chosen: Path) -> None:
    folder = open_folder(VERSION)
    assert folder is not None
    old, new = (folder / f"{KERNEL}.{digit * 16}.unfinished" for digit in "12")
    foreign = folder / "letter.unfinished"
    for one in (old, new, foreign):
        one.write_bytes(b"half")
    now = folder.stat().st_mtime
    for one in (old, foreign):
        os.utime(one, (now - 2 * LONG_AGO, now - 2 * LONG_AGO))

    open_folder(VERSION)

    assert not old.exists()
    assert new.exists()
    assert foreign.exists()


# -- whole files, whatever stops the writing


def test_an_empty_folder_in_the_place_of_a_file_goes_and_a_full_one_stays(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").touch()

    write_private(tmp_path / "empty", b"whole")
    with pytest.raises(OSError):  # noqa: PT011 - each system has words of its own
        write_private(tmp_path / "full", b"whole")

    assert read_private(tmp_path / "empty") == b"whole"
    left = {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*")}
    assert left == {"temporary", "empty", "full", os.path.join("full", "letter")}


CALLS = ("open", "mkdir", "replace", "utime", "rmdir", "unlink", "lstat", "stat", "listdir",
         "scandir")  # fmt: skip
"""What the folder asks of the system."""


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_whatever_call_fails_there_is_a_private_folder_or_none(
    chosen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    """The first, second, third ... call fails and no other, or none works from there on."""
    real: Callable[..., Any] = getattr(os, name)
    for lasting in (False, True):
        for failing in range(1, 100):
            calls = 0
            monkeypatch.setenv("TXSIM_CACHE", str(tmp_path / f"{lasting}{failing}"))

            def call(*given: Any, failing: int = failing, lasting: bool = lasting, **named: Any):
                nonlocal calls
                calls += 1
                if calls == failing or (lasting and calls > failing):
                    raise OSError(number, os.strerror(number))
                return real(*given, **named)

            with monkeypatch.context() as patched:
                patched.setattr(os, name, call)
                folder = open_folder(VERSION)
                if folder is not None:
                    try:
                        write_private(folder / KERNEL, b"whole")
                    except OSError:
                        assert not (folder / KERNEL).exists()
            if folder is not None:
                assert re.search(rf"{own_name()}.{VERSION}$", str(folder))
                assert not (folder / KERNEL).exists() or read_private(folder / KERNEL) == b"whole"
            if calls < failing:
                break
        else:
            pytest.fail(f"{name} is called without end")
