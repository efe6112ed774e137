"""How a rule written in plain Python becomes fast.

Rules are small functions about one patient. numba compiles the few functions that run a whole day
once; the result is kept in a folder of the user's (`cache_folder`, `kept_kernels`). A kept kernel
does not notice that *another* module changed, so its folder is named by a hash of everything the
kernels are made of: a changed rule is never served stale.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import numpy as np
from numba.extending import overload

from txsim.compiled.inlining import IntoCallers
from txsim.compiled.kept_kernels import KernelCache, folder_of

SOURCES = (
    "compiled",
    "randomness.py",
    "units.py",
    "catalogue/vocabulary.py",
    "state",
    "rules",
    "people",
    "clinic",
    "outcomes/day_counts.py",
    "outcomes/group_sums.py",
)
"""What compiled code is made of, below the package's folder."""

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
    libraries = (np.__version__, numba.__version__, llvmlite.__version__)
    digest.update(f"{sys.version_info[:3]} {' '.join(libraries)}".encode())
    for name in SOURCES:
        place = package / name
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.relative_to(package).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


RULES = digest_of_sources(Path(__file__).parents[1])
"""Which rules these are, taken when they are loaded: a file changed later is not what is compiled.
"""


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
    """Compile a function called from Python; it is kept and releases the interpreter lock."""
    compiled: Any = numba.njit(error_model="numpy", nogil=True, _nrt=False)(function)
    if not numba.config.DISABLE_JIT:
        compiled._cache = KernelCache(function, RULES)
    fast: Function = compiled
    return fast


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
    """Whether all these kernels are compiled or lie ready, so that nothing is to be compiled."""
    if numba.config.DISABLE_JIT:
        return True
    kept = [(one, getattr(one, "_cache", None)) for one in kernels]
    return all(
        isinstance(held, KernelCache) and (one.signatures or held.lies_ready())
        for one, held in kept
    )


def can_keep_kernels() -> bool:
    """Whether there is a folder in which compiled kernels are kept for the next time."""
    return folder_of(RULES) is not None
