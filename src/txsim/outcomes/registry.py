"""All outcomes and curves there are, in the order in which tables show them.

Nobody keeps a list of them: whatever a file of the folder `families` declares is here, in the order
of declaration.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from txsim.outcomes import families
from txsim.outcomes.families import regular_use, relapse, retention
from txsim.outcomes.outcome import DECLARED, DECLARED_CURVES, Curve, Outcome

ORDER = (
    "retention", "exits", "regular_use", "relapse", "use", "second_substance", "access", "waits",
    "harm", "life", "care", "money",
)  # fmt: skip
"""The files of `families` as tables show them; a file that is not named here comes last."""


def _places() -> dict[str, int]:
    """The place of each family's module, once all of them have been imported."""
    there = {found.name for found in iter_modules(families.__path__)}
    names = [f"{families.__name__}.{name}" for name in (*ORDER, *sorted(there - set(ORDER)))]
    return {import_module(name).__name__: place for place, name in enumerate(names)}


_PLACES = _places()


def _place(declared: Outcome | Curve) -> int:
    return _PLACES[declared.rule.__module__]


OUTCOMES: tuple[Outcome, ...] = tuple(
    sorted((one for one in DECLARED if one.rule.__module__ in _PLACES), key=_place)
)
"""Every declared outcome."""

CURVES: tuple[Curve, ...] = tuple(
    sorted((one for one in DECLARED_CURVES if one.rule.__module__ in _PLACES), key=_place)
)
"""Every declared curve."""

RETENTION: tuple[str, ...] = tuple(definition.name for definition in retention.DEFINITIONS)
"""Definitions of retention by name; the first is the headline."""

RELAPSE: tuple[str, ...] = (
    regular_use.NAME,
    *(definition.name for definition in relapse.DEFINITIONS),
)
"""Definitions of relapse by name; the first, which is about how people stand on a day and not about
an event, is the headline."""

RELAPSE_STEMS: dict[str, str] = {
    regular_use.NAME: regular_use.STEM,
    **{definition.name: definition.stem for definition in relapse.DEFINITIONS},
}
"""What the outcomes of each definition of relapse begin with; a day follows."""

RELAPSE_CURVES: dict[str, str] = {
    regular_use.NAME: regular_use.NAME,
    **{definition.name: definition.curve for definition in relapse.DEFINITIONS},
}
"""Name of the curve of each definition of relapse."""

BY_NAME: dict[str, Outcome] = {outcome.name: outcome for outcome in OUTCOMES}
CURVES_BY_NAME: dict[str, Curve] = {curve.name: curve for curve in CURVES}


def named(name: str) -> Outcome:
    """Return the outcome of this name.

    Raises ValueError, with the nearest name, when there is none.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    from difflib import get_close_matches

    near = get_close_matches(name, BY_NAME, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"there is no outcome {name!r}{hint}")
