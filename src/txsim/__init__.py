"""Simulate addiction-treatment programmes and compare ways of running them.

Load a design, run it, or compare several on the same patients:

    import txsim

    today = txsim.load("baseline")
    bigger = today.with_changes(name="two-more", staff={"counsellor": {"posts": 9}})
    comparison = txsim.compare([today, bigger], replications=8)
    print(comparison.summary())

Importing txsim is cheap: what a name needs is loaded when the name is first used.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from txsim.compare import compare
    from txsim.demo import demo
    from txsim.explain import explain
    from txsim.run import run
    from txsim.scenario import Scenario, load
    from txsim.story import story

__version__ = "0.1.0"

__all__ = ["Scenario", "__version__", "compare", "demo", "explain", "load", "run", "story"]

# public name -> the module that defines it
_HOMES = {
    "Scenario": "txsim.scenario",
    "load": "txsim.scenario",
    "run": "txsim.run",
    "compare": "txsim.compare",
    "demo": "txsim.demo",
    "explain": "txsim.explain",
    "story": "txsim.story",
}


class _Front(ModuleType):
    """The package as users see it: `txsim.run` is the function, never the module of that name.

    Python binds each submodule to its package once it is imported, so importing the module
    `txsim.run` anywhere would replace the function `txsim.run`. That binding is left out for
    the public names; `from txsim.run import ...` works as ever.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'txsim' has no attribute {name!r}")
    found: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


sys.modules[__name__].__class__ = _Front
