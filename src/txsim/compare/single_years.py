"""Every shown value of every replication, in parts that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.compare.rows import some_at_a_time
from txsim.compare.tables import Study
from txsim.outcomes.outcome import Array
from txsim.outcomes.registry import OUTCOMES

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = ("scenario", "replication", "draw", "subgroup", "outcome", "value", "unit")


def replications_table(study: Study) -> DataFrame:
    """Every shown value of every replication, one row each."""
    from pandas import concat

    return concat(parts(study), ignore_index=True)


def parts(study: Study) -> Iterator[DataFrame]:
    """The table of every value, some replications of a design at a time."""
    from pandas import Categorical, DataFrame, Index

    def named(names: Sequence[str], codes: Array) -> Any:
        # Names repeat a great many times: kept once each, in the order of all tables.
        several = list(dict.fromkeys(names))
        place = [several.index(name) for name in names]
        return Categorical.from_codes(np.array(place)[codes], categories=Index(several))

    names = [outcome.name for outcome in OUTCOMES]
    units = [study.unit(outcome) for outcome in OUTCOMES]
    designs = [design.name for design in study.designs]
    groups = study.stacked.groups
    for number in range(len(designs)):
        for some in some_at_a_time(len(groups) * len(OUTCOMES), study.replications):
            values = study.stacked.values(number, slice(0, len(groups)), some)
            place, group, outcome = np.nonzero(~np.isnan(values))
            position = some.start + place
            columns = (
                named(designs, np.full(len(group), number)),
                study.years.kept[position],
                0 if study.draws is None else study.draws[position],
                named(groups, group),
                named(names, outcome),
                values[place, group, outcome],
                named(units, outcome),
            )
            yield DataFrame(dict(zip(COLUMNS, columns, strict=True)))
