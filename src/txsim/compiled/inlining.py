"""Rules as parts of the kernels that call them, and as nothing else.

numba makes of every compiled function a library with machine code of its own, and optimises it each
time another library takes it in. A rule is only ever run inside a kernel, so here it is translated
and handed on as it is; the kernel is optimised once, with all its rules in it. That takes a third
off the time of compiling and changes no result.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


class _WithoutMachineCode:
    """A code generator as seen from a rule: there is no machine code to tie Python objects to."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, name: str, environment: Any) -> None:
        """Nothing to set: a rule keeps no Python objects."""


class RuleLibrary(JITCodeLibrary):
    """The translation of a rule, for kernels to take in; it is neither optimised nor run."""

    @property
    def codegen(self) -> Any:
        """The code generator, without machine code."""
        return _WithoutMachineCode(self._codegen)

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """0, numba's word for a function without machine code."""
        self._ensure_finalized()
        return 0


class IntoCallers(Compiler):
    """numba's compiler, with a `RuleLibrary` for what it makes."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, args: Any, *rest: Any) -> None:
        library = library or RuleLibrary(targetctx.codegen(), f"a rule of {args}")
        super().__init__(typingctx, targetctx, library, args, *rest)
