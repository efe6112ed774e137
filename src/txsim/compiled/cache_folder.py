"""The folder in which compiled rules are kept: where it is, whose it is, and what is cleared away.

What lies in it is run as code, so it must belong to the user who runs it, and nobody else may be
able to write to it. What it deletes is only what txsim made itself.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

KEPT_FOLDERS = 3
"""Folders of other versions that may stay beside the one in use; older ones are removed."""
VERSION = re.compile(r"[0-9a-f]{16}")
"""What the folder of one version is called."""
MARKER = "CACHEDIR.TAG"
OURS = re.compile(r"(CACHEDIR\.TAG|[\w.-]+-[0-9a-f]{32}\.kernel)(\.[0-9a-f]{16}\.unfinished)?")
"""What the files in it are called."""
MARK = b"""\
Signature: 8a477f597d28d172789f06886806bc55
# Made by txsim, which keeps compiled rules here. It may be deleted at any time.
# What the first line means: https://bford.info/cachedir/
"""
"""What the marker says: txsim's own words, after the line by which backups know a cache."""
LONG_AGO = 24 * 3600.0
"""Seconds after which a file that was never finished will not be."""
MOST_BYTES = 1 << 28
"""A larger file is not read; the largest kernel takes some fifteen million."""


def open_folder(version: str) -> Path | None:
    """The private folder for what this version has compiled; older versions' are cleared away.

    None where there is no place for one: no home, a full disk, a folder of somebody else.
    """
    for root in roots():
        try:
            root.mkdir(parents=True, exist_ok=True)
            own = root / own_name()
            make_private(own)
            folder = own / version
            make_private(folder)
            if not (_takes_files(folder) or _holds_kernels(folder)):
                continue
        except OSError:
            continue
        with suppress(OSError):
            _mark(folder)
        with suppress(OSError):
            _clear_away(folder)
        return folder
    return None


def roots() -> Iterator[Path]:
    """Folders below which rules may be kept, the best first; they need not be there.

    TXSIM_CACHE or the user's cache folder, then the one for temporary files.
    """
    with suppress(OSError, RuntimeError):  # no working folder; no home
        yield chosen_root()
    with suppress(OSError):
        yield Path(tempfile.gettempdir())


def chosen_root() -> Path:
    """TXSIM_CACHE, or else the folder `txsim` in the user's cache folder.

    Raises RuntimeError where the user has no home.
    """
    chosen = os.environ.get("TXSIM_CACHE")
    if chosen:
        return Path(chosen).absolute()
    # The standard of XDG_CACHE_HOME: what is no full path does not count.
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (caches if caches.is_absolute() else Path.home() / ".cache") / "txsim"


def own_name() -> str:
    """The name of this user's folder, so that several users may choose the same place."""
    return f"txsim-compiled-{os.geteuid()}" if hasattr(os, "geteuid") else "txsim-compiled"


def make_private(folder: Path) -> None:
    """Make a folder that only this user may enter, or see that the one there is this user's alone.

    Raises OSError where it cannot be made, is no folder (a link is none), belongs to somebody else,
    or may be written to by others.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    held = folder.lstat()
    if not (stat.S_ISDIR(held.st_mode) and is_private(held)):
        raise PermissionError(f"{folder}: not a folder of this user's alone")


def is_private(held: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user and nobody else may write to it."""
    if not hasattr(os, "geteuid"):
        return True  # Windows: folders of a user's profile are the user's
    return held.st_uid == os.geteuid() and not held.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def read_private(file: Path) -> bytes:
    """What is in an ordinary file of this user's that nobody else may write to.

    Raises OSError for anything else. What is looked at is what is read: a file put in its place
    meanwhile does not count.
    """
    # Without waiting: opening a pipe would otherwise last until somebody writes to it.
    options = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
    flags = os.O_RDONLY | sum(getattr(os, one, 0) for one in options)
    with open(os.open(file, flags), "rb") as opened:
        held = os.fstat(opened.fileno())
        if not (stat.S_ISREG(held.st_mode) and is_private(held) and held.st_size <= MOST_BYTES):
            raise PermissionError(f"{file}: not a file of this user's alone")
        return opened.read()


def write_private(file: Path, content: bytes) -> None:
    """Put a file in its place whole, or leave what was there: whatever stops it, and whoever reads.

    Raises OSError where that cannot be done.
    """
    unfinished = file.with_name(f"{file.name}.{token_hex(8)}.unfinished")
    options = ("O_NOFOLLOW", "O_BINARY")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | sum(getattr(os, one, 0) for one in options)
    try:
        with open(os.open(unfinished, flags, 0o600), "wb") as opened:
            opened.write(content)
        with suppress(OSError):
            file.rmdir()  # an empty folder in its place goes, nothing else
        os.replace(unfinished, file)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


def _takes_files(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _holds_kernels(folder: Path) -> bool:
    return any(one.suffix == ".kernel" for one in folder.iterdir())


def _mark(folder: Path) -> None:
    os.utime(folder)
    marker = folder / MARKER
    if not _is_marked(folder):
        write_private(marker, MARK)


def _is_marked(folder: Path) -> bool:
    try:
        return read_private(folder / MARKER) == MARK
    except OSError:
        return False


def _clear_away(mine: Path) -> None:
    """Remove what was never finished here, and all but the latest folders of other versions."""
    now = mine.stat().st_mtime
    for file in mine.glob("*.unfinished"):
        if _is_ours(file) and now - file.lstat().st_mtime > LONG_AGO:
            file.unlink()
    others = [one for one in mine.parent.iterdir() if one != mine and _is_of_a_version(one)]
    others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
    for stale in others[KEPT_FOLDERS:]:
        for file in sorted(stale.iterdir(), key=lambda one: one.name == MARKER):  # the marker last
            file.unlink()
        stale.rmdir()


def _is_of_a_version(folder: Path) -> bool:
    """Whether txsim made this folder and everything in it."""
    held = folder.lstat()
    if not (VERSION.fullmatch(folder.name) and stat.S_ISDIR(held.st_mode) and is_private(held)):
        return False
    return _is_marked(folder) and all(_is_ours(one) for one in folder.iterdir())


def _is_ours(file: Path) -> bool:
    """Whether a file of a marked folder is one that txsim writes there."""
    return stat.S_ISREG(file.lstat().st_mode) and OURS.fullmatch(file.name) is not None
