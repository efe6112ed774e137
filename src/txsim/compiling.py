"""How a rule written in plain Python becomes fast.

Rules are small functions about one patient. numba compiles the few functions that run a whole day
once and keeps the result in the user's cache folder. A cached kernel does not notice that *another*
module changed, so the folder is named by a hash of everything the kernels are made of: a changed
rule is never served stale.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from numba.extending import overload

from txsim.inlining import IntoCallers

SOURCES = (
    "compiling.py",
    "inlining.py",
    "ledger.py",
    "randomness.py",
    "sums.py",
    "events.py",
    "units.py",
    "catalogue/vocabulary.py",
    "people",
    "rules",
    "outcomes/day_counts.py",
    "outcomes/group_sums.py",
)
"""What compiled code is made of, below the package's folder."""

KEPT_FOLDERS = 3
"""Caches of other versions that may stay beside the one in use; older ones are removed."""

IN_COMPILED_CODE = {
    "error_model": "numpy",
    "forceinline": True,
    "no_cfunc_wrapper": True,
    "no_cpython_wrapper": True,
    "_nrt": False,
    "pipeline_class": IntoCallers,
}
"""How rules are compiled: into their callers only."""

Function = TypeVar("Function", bound=Callable[..., Any])


def digest_of_sources(package: Path) -> str:
    """The first 16 hex digits of a hash over every source that compiled code is made of."""
    digest = hashlib.sha256()
    digest.update(f"{sys.version_info[:3]} {np.__version__} {numba.__version__}".encode())
    for name in SOURCES:
        place = package / name
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.relative_to(package).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """The folder of compiled rules: TXSIM_CACHE, or the user's cache folder, or a temporary one."""
    chosen = os.environ.get("TXSIM_CACHE")
    root = (
        Path(chosen)
        if chosen
        else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "txsim"
    )
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            return root
    except OSError:
        return (
            Path(tempfile.gettempdir())
            / f"txsim-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"
        )


def _prepare_cache() -> Path:
    folder = cache_root() / digest_of_sources(Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    others = sorted(
        (place for place in folder.parent.iterdir() if place.is_dir() and place != folder),
        key=lambda place: place.stat().st_mtime,
        reverse=True,
    )
    for stale in others[KEPT_FOLDERS:]:
        shutil.rmtree(stale, ignore_errors=True)
    return folder


CACHE = _prepare_cache()
numba.config.CACHE_DIR = str(CACHE)


def rule(function: Function) -> Function:
    """Let compiled code call a small function; it is compiled there and becomes part of the caller.

    Called from Python it stays the Python function it is. Calls alone took an eighth of a day, and
    what Python needs to call compiled code took a tenth of compiling.
    """
    overload(function, jit_options=IN_COMPILED_CODE, strict=False)(lambda *_, **__: function)
    return function


def seldom(function: Function) -> Function:
    """Let compiled code call a rule that few people meet on a day; it stays apart from its callers.

    What everybody goes through every day then lies close together in the processor's memory.
    """
    options = {**IN_COMPILED_CODE, "forceinline": False}
    overload(function, jit_options=options, strict=False)(lambda *_, **__: function)
    return function


@rule
def unsigned(i: int) -> Any:
    """A row as a number that cannot count from the end, which saves looking whether it does."""
    return np.uint64(i)


def kernel(function: Function) -> Function:
    """Compile a function called from Python; it is cached and releases the interpreter lock."""
    compiled: Function = numba.njit(error_model="numpy", cache=True, nogil=True, _nrt=False)(
        function
    )
    return compiled


def readable(thing: Any) -> Any:
    """What rules can read: the thing itself, or, when they run uncompiled, its record arrays.

    Compiled code reads fields of plain structured arrays fastest; Python reads them only from
    record arrays. Takes an array or a named tuple of arrays; the memory is the same.
    """
    if not numba.config.DISABLE_JIT:
        return thing
    if isinstance(thing, tuple):
        return type(thing)(*(readable(one) for one in thing))
    return thing.view(np.recarray) if thing.dtype.names else thing


def is_compiled(*kernels: Any) -> bool:
    """Whether all these kernels lie ready in the cache folder, so that nothing is compiled."""
    if numba.config.DISABLE_JIT:
        return True
    names = {file.name.split("-")[0].split(".")[-1] for file in CACHE.rglob("*.nbi")}
    return all(getattr(one, "__name__", "") in names for one in kernels)
