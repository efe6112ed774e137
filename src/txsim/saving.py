"""Files and folders of results that are the old ones or the new ones, whatever fails or is killed.

A folder is never written into. The new one is filled beside it, takes over what a user keeps of
their own in the old one, and the two change places; the old one goes last. A run that is killed in
between leaves both whole, and the next one that looks at the place finishes the change.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import current_thread, main_thread

from txsim.errors import OutputError

LONGEST_NAME = 255
"""Bytes that the name of a file or folder may have on the usual file systems."""

OLD, NEW = "old", "new"

BEGUN = ".txsim-"
"""How the names of the folders begin in which single files are made ready."""

ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals by which a program is asked to end."""


def check_folder(folder: Path, ours: Collection[str], *, force: bool) -> None:
    """Make sure, before there is anything to lose, that a folder can be put there as a whole.

    `ours` are the names of files that txsim writes; with `force` they may be there already. What
    else is there stays.

    Raises OutputError, with the reason, where it cannot.
    """
    try:
        place = _real(folder)
        _refuse_long_names(folder, place)
        _finish(place, ours)
        if os.path.lexists(place):
            _refuse(folder, place, ours, force=force)
            with tempfile.TemporaryFile(dir=place):
                pass
        with tempfile.TemporaryFile(dir=_existing(place.parent)):
            pass
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder}: cannot be written to ({_reason(error)})") from None


@contextmanager
def new_folder(folder: Path, ours: Collection[str], *, force: bool) -> Iterator[Path]:
    """Give an empty folder to fill, which takes the place of `folder` when all went well.

    Files of other names than `ours` go over into the new folder. When filling it fails or is
    interrupted, `folder` is as it was; when only the last step fails, the new folder is kept, and
    the error says where.

    Raises OutputError where the folder may not be replaced, and OSError where it cannot be written.
    """
    place = _real(folder)
    _refuse_long_names(folder, place)
    _finish(place, ours)
    if os.path.lexists(place):
        _refuse(folder, place, ours, force=force)
    place.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=place.parent, prefix=_prefix(place)))
    try:
        os.mkdir(work / NEW)
        yield work / NEW
        if place.exists():
            _take_over(place, work / NEW, ours)
    except BaseException:
        with undisturbed():
            shutil.rmtree(work, ignore_errors=True)
        raise
    with undisturbed():
        _change_places(folder, place, work, ours, force=force)
        with suppress(OSError):
            _clear(work, place, ours)


def write_whole(path: Path, content: str | bytes, *, force: bool) -> None:
    """Write a file whole or not at all; text as UTF-8.

    Raises FileExistsError where it is there and `force` is not set, and OSError where it cannot be
    written.
    """
    place = _real(path)
    if os.path.lexists(place) and not force:
        raise FileExistsError(f"{path} is there already")
    work = Path(tempfile.mkdtemp(dir=place.parent, prefix=BEGUN))
    try:
        if isinstance(content, str):
            content = content.encode("utf-8", "backslashreplace")
        with open(work / NEW, "xb") as file:
            file.write(content)
        if place.exists():
            shutil.copymode(place, work / NEW)
        os.replace(work / NEW, place)
    finally:
        with undisturbed():
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off what asks the program to end until this is done: it takes moments.

    Only the main thread is asked.
    """
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before = {one: signal.signal(one, lambda number, _: came.append(number)) for one in ENDING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if handler is None else handler)
        for one in came:
            signal.raise_signal(one)


def _real(path: Path) -> Path:
    """Where a path leads: what is behind a link is replaced, not the link."""
    return Path(os.path.realpath(path))


def _prefix(place: Path) -> str:
    """How the names of the folders begin in which a new one is made ready."""
    return f".{place.name}.txsim-"


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    return next(one for one in (folder, *folder.parents) if os.path.lexists(one))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _refuse_long_names(folder: Path, place: Path) -> None:
    longest = LONGEST_NAME - len(os.fsencode(_prefix(place))) - 8 + len(os.fsencode(place.name))
    if len(os.fsencode(place.name)) > longest or any(
        len(os.fsencode(part)) > LONGEST_NAME for part in place.parts
    ):
        raise OutputError(f"{folder}: the name is too long for a folder; name a shorter one")


def _refuse(folder: Path, place: Path, ours: Collection[str], *, force: bool) -> None:
    """Raise OutputError for what may not or cannot be replaced as a whole."""
    if not place.is_dir():
        raise OutputError(f"{folder}: is a file, not a folder; name another place for results")
    inside = os.path.join(folder, "results")
    if os.path.ismount(place) or Path.cwd().is_relative_to(place):
        why = "you are in it" if Path.cwd().is_relative_to(place) else "it is a disk of its own"
        raise OutputError(
            f"{folder}: this folder cannot be replaced as a whole, since {why}; name a folder "
            f"inside it, such as {inside}"
        )
    with os.scandir(place) as entries:
        there = sorted(entries, key=lambda entry: entry.name)
    earlier = [entry.name for entry in there if entry.name in ours]
    if earlier and not force:
        raise OutputError(
            f"{folder}: holds earlier results ({', '.join(earlier)}); name another folder, or use "
            "--force to replace them"
        )
    folders = [entry.name for entry in there if entry.is_dir(follow_symlinks=False)]
    if folders:
        raise OutputError(
            f"{folder}: holds folders of your own ({', '.join(folders[:5])}), and results are "
            f"replaced as a whole; name another folder, or one inside it, such as {inside}"
        )


def _take_over(place: Path, new: Path, ours: Collection[str]) -> None:
    """Give the new folder what the old one has beside results, and its rights."""
    with os.scandir(place) as entries:
        own = [entry.name for entry in entries if entry.name not in ours]
    for name in own:
        if os.path.lexists(new / name):
            continue
        try:
            os.link(place / name, new / name, follow_symlinks=False)
        except (OSError, NotImplementedError):
            # Some file systems know no second name for a file.
            shutil.copy2(place / name, new / name, follow_symlinks=False)
    if hasattr(os, "chown"):  # Windows has no groups of files
        with suppress(OSError):
            os.chown(new, -1, place.stat().st_gid)
    shutil.copymode(place, new)


def _change_places(
    folder: Path, place: Path, work: Path, ours: Collection[str], *, force: bool
) -> None:
    """Put the new folder where the old one is; undone when it fails."""
    try:
        if os.path.lexists(place):
            _refuse(folder, place, ours, force=force)
            os.rename(place, work / OLD)
        os.rename(work / NEW, place)
    except (OSError, OutputError) as error:
        why = error if isinstance(error, OutputError) else f"{folder}: {_reason(error)}"
        where = f"the new results are in {work / NEW}"
        if (work / OLD).is_dir():
            try:
                os.rename(work / OLD, place)
            except OSError:
                raise OutputError(
                    f"{why}. The earlier results are in {work / OLD}, {where}"
                ) from None
        raise OutputError(f"{why}. It is as it was; {where}") from None


def _finish(place: Path, ours: Collection[str]) -> None:
    """Bring to its end what was killed while two folders changed places.

    Files that were begun in the folder and never finished are taken away.
    """
    if not place.parent.is_dir():
        return
    if place.is_dir():
        _take_away_begun(place)
    ready = re.compile(rf"{re.escape(_prefix(place))}\w{{8}}")
    with os.scandir(place.parent) as entries:
        begun = [entry.path for entry in entries if ready.fullmatch(entry.name)]
    for work in map(Path, begun):
        if not (work / OLD).is_dir():
            continue
        if not os.path.lexists(place):
            # The old folder is moved only when the new one is complete.
            os.rename(work / NEW if (work / NEW).is_dir() else work / OLD, place)
        if not (work / NEW).exists():
            with suppress(OSError):
                _clear(work, place, ours)


def _take_away_begun(place: Path) -> None:
    """Take away the folders in which a killed run was making a single file ready."""
    ready = re.compile(rf"{re.escape(BEGUN)}\w{{8}}")
    with os.scandir(place) as entries:
        begun = [
            Path(entry.path)
            for entry in entries
            if ready.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
        ]
    for work in begun:
        if os.listdir(work) in ([], [NEW]):  # else it is somebody else's
            with suppress(OSError):
                (work / NEW).unlink(missing_ok=True)
                work.rmdir()


def _clear(work: Path, place: Path, ours: Collection[str]) -> None:
    """Take away the old folder; a file of the user's that is not in the new one goes there."""
    if (work / OLD).is_dir():
        with os.scandir(work / OLD) as entries:
            for entry in list(entries):
                now = place / entry.name
                if entry.name in ours or _is_same(entry, now):
                    os.unlink(entry.path)
                elif not os.path.lexists(now):
                    os.rename(entry.path, now)
        os.rmdir(work / OLD)
    os.rmdir(work)


def _is_same(entry: os.DirEntry[str], other: Path) -> bool:
    """Whether a file is the other by another name, or was copied to it."""
    if not os.path.lexists(other):
        return False
    one, two = entry.stat(follow_symlinks=False), os.lstat(other)
    return os.path.samestat(one, two) or (one.st_size, one.st_mtime_ns) == (
        two.st_size,
        two.st_mtime_ns,
    )
