"""Days counted for each person, compiled: NumPy counts along rows ten times slower."""

from __future__ import annotations

import numpy as np

from txsim.compiled.functions import kernel
from txsim.outcomes.outcome import Array


@kernel
def count_days(days: Array, counts: Array) -> None:
    """Add up each row of `days` (bytes, people x days, 0 or 1) into `counts`."""
    for person in range(days.shape[0]):
        total = 0
        for day in range(days.shape[1]):
            total += days[person, day]
        counts[person] = total


def how_many(days: Array) -> Array:
    """Number of days on which something was so, for each person."""
    counts = np.zeros(len(days), np.int64)
    count_days(np.ascontiguousarray(days).view(np.uint8), counts)
    return counts
