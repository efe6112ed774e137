"""Compiled kernels kept in files that are trusted only when they are whole.

numba's own cache believes what it finds: an emptied file stops every later run, a garbled one the
process. Here each compiled signature has a file of its own, which begins with what it was compiled
for and a digest of what follows. What does not agree is compiled anew and written again. A file is
put in its place whole, so several processes may share a folder, and any of them may be killed.
"""

from __future__ import annotations

import hashlib
import inspect
import pickle
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from txsim.compiled.cache_folder import open_folder, read_private, write_private

MAGIC = b"txsim compiled kernel 1\n"
DIGEST_BYTES = hashlib.sha256().digest_size
HEAD = len(MAGIC) + 2 * DIGEST_BYTES

folder_of = cache(open_folder)
"""The folder of one version of all rules, looked for once."""


def sealed(purpose: bytes, content: bytes) -> bytes:
    """The bytes of a file: for what it was compiled, a digest of all that, and the content."""
    return MAGIC + purpose + hashlib.sha256(purpose + content).digest() + content


def unsealed(held: bytes, purpose: bytes | None = None) -> bytes | None:
    """The content of a file that is whole (and for this purpose); None of any other."""
    stated = held[len(MAGIC) : HEAD - DIGEST_BYTES]
    seal, content = held[HEAD - DIGEST_BYTES : HEAD], held[HEAD:]
    if not held.startswith(MAGIC) or hashlib.sha256(stated + content).digest() != seal:
        return None
    return content if purpose in (None, stated) else None


class KernelCache:
    """What a compiled function asks for a signature's machine code before it compiles.

    It stands where numba puts its own cache. A function is kept when it is written in a file and
    has no variables of an enclosing function.
    """

    def __init__(self, function: Callable[..., Any], version: str) -> None:
        """`version` names all that the function is compiled from beside its own file."""
        self.version = version
        self.name = re.sub(r"[^\w.]", "", f"{function.__module__}.{function.__qualname__}")[-80:]
        self.source = _digest_of_source(function)

    @property
    def cache_path(self) -> str:
        """The folder, for numba's own statistics."""
        return str(self.folder or "")

    @property
    def folder(self) -> Path | None:
        """Where the function is kept; None where nothing is."""
        return folder_of(self.version) if self.source else None

    def load_overload(self, signature: Any, target: Any) -> CompileResult | None:
        """The compiled signature; None when it has to be compiled."""
        target.refresh()
        purpose = self._purpose(signature, target.codegen())
        file = self._file(purpose)
        if file is None:
            return None
        try:
            content = unsealed(read_private(file), purpose)
            # A file may be whole and yet not fit what numba has become: compiling is always right.
            return content and CompileResult._rebuild(target, *pickle.loads(content))
        except Exception:
            return None

    def save_overload(self, signature: Any, compiled: CompileResult) -> None:
        """Keep a compiled signature, where there is room and nothing stands in the way."""
        purpose = self._purpose(signature, compiled.codegen)
        file = self._file(purpose)
        if file is None or compiled.lifted or compiled.library.has_dynamic_globals:
            return
        content = dumps(compiled._reduce())
        with suppress(OSError):
            write_private(file, sealed(purpose, content))

    def flush(self) -> None:
        """Forget nothing: what is compiled anew takes the place of what was kept."""

    def lies_ready(self) -> bool:
        """Whether some signature of the function is kept, whole."""
        if self.folder is None:
            return False
        try:
            kept = sorted(self.folder.glob(f"{self.name}-*.kernel"))
        except OSError:
            return False
        return any(_is_whole(one) for one in kept)

    def _purpose(self, signature: Any, codegen: Any) -> bytes:
        """A digest of the function, its types, and the processor."""
        told = (self.version, self.name, self.source, signature, codegen.magic_tuple())
        return hashlib.sha256(repr(told).encode()).digest()

    def _file(self, purpose: bytes) -> Path | None:
        folder = self.folder
        return folder and folder / f"{self.name}-{purpose.hex()[:32]}.kernel"


def _is_whole(file: Path) -> bool:
    try:
        return unsealed(read_private(file)) is not None
    except OSError:
        return False


def _digest_of_source(function: Callable[..., Any]) -> str:
    """What a function is made of in its own file; empty for one that cannot be kept."""
    if function.__closure__:
        return ""
    try:
        written = Path(inspect.getfile(function)).read_bytes()
    except (OSError, TypeError):
        return ""
    line = function.__code__.co_firstlineno
    return f"{line} {hashlib.sha256(written).hexdigest()}"
