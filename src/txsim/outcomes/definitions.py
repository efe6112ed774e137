"""All outcomes and curves there are, in the order in which tables show them."""

from __future__ import annotations

from txsim.outcomes import (
    access,
    care,
    exits,
    harm,
    life,
    money,
    regular_use,
    relapse,
    retention,
    use,
    waits,
)
from txsim.outcomes.declare import Curve, Outcome

OUTCOMES: tuple[Outcome, ...] = (
    *retention.OUTCOMES,
    *exits.OUTCOMES,
    *regular_use.OUTCOMES,
    *relapse.OUTCOMES,
    *use.OUTCOMES,
    *access.OUTCOMES,
    *waits.OUTCOMES,
    *harm.OUTCOMES,
    *life.OUTCOMES,
    *care.OUTCOMES,
    *money.OUTCOMES,
)
"""Every declared outcome."""

CURVES: tuple[Curve, ...] = (
    *retention.CURVES,
    *exits.CURVES,
    *regular_use.CURVES,
    *relapse.CURVES,
    *access.CURVES,
    *harm.CURVES,
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
