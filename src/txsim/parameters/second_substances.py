"""Second substances as records, and what a day of using each does."""

from __future__ import annotations

import numpy as np

from txsim.parameters.reader import Reading
from txsim.randomness import hash_of_name
from txsim.state.layout import Array
from txsim.state.records import SECOND_SUBSTANCE
from txsim.state.sizes import LANES


def second_names(reading: Reading) -> tuple[str, ...]:
    """The second substances that people use, in order; none where the mechanism is off."""
    on = reading.scenario.mechanisms.second_substance
    return tuple(reading.catalogue.second_substances) if on else ()


def second_substance_tables(reading: Reading) -> tuple[Array, Array]:
    """SECOND_SUBSTANCE rows, and what a day of use adds to hazards (K x LANES, log scale)."""
    names, draw = second_names(reading), reading.draw
    rows, effects = np.zeros(len(names), SECOND_SUBSTANCE), np.zeros((len(names), LANES))
    for row, added, name in zip(rows, effects, names, strict=True):
        one, path = reading.catalogue.second_substances[name], f"second_substances.{name}"
        used = reading.strengths.second_use(name)
        row["feature"] = reading.feature_at[one.who]
        row["key"] = hash_of_name(f"second substance:{name}")
        row["regular"] = draw.value(f"{path}.regular_when_asking", one.regular_when_asking)
        row["begins"], row["ends"] = used.begins, used.ends
        row["use"], row["occasional_use"] = used.regular, used.occasional
        row["urine_window_days"] = used.window
        row["crises"] = draw.effect(f"{path}.crises", one.crises)
        on_hazards = reading.row(f"{path}.effects", one.effects)
        added[: on_hazards.size] = on_hazards
    return rows, effects
