"""When people ask: a Poisson process, made of strips of one person a week each.

People are numbered by strip of the arrival rate, so that a clinic asked by nine a week meets
everyone that a clinic asked by eight meets, and some more.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from txsim.compiled.functions import kernel
from txsim.people.population import BEFORE_DAY_0, STREAM
from txsim.randomness import decision, joined, logarithm, uniform

Array = np.ndarray[Any, Any]

ARRIVAL = decision("time between two people asking")

STRIP = 1 << 20
"""People are numbered strip x STRIP + place within the strip."""
ROOM_TO_SPARE, LEAST_ROOM = 1.5, 100
"""Size of the arrays at first: a multiple of the expected number, and a margin."""


@kernel
def arrival_days(
    key: Any, per_week: float, first: int, last: int, numbers: Array, days: Array
) -> int:
    """Fill in who asks between two days at this weekly rate, and when; return how many do.

    Strip j holds a Poisson process of one person a week; the last strip is thinned to the fraction
    that is left. From day 0 the process runs on to `last`, and from there back to `first` with
    random numbers of its own, so that who asks after day 0 does not depend on how long before it
    the clinic opens. What does not fit into the arrays is counted only.
    """
    count = 0
    strips = int(np.ceil(per_week))
    for strip in range(strips):
        share = min(1.0, per_week - strip)
        for back in range(2):
            strip_key = joined(key, np.uint64(strip + 1))
            if back:
                strip_key = joined(strip_key, np.uint64(BEFORE_DAY_0))
            time = 0.0
            place = 0
            while True:
                own = joined(strip_key, np.uint64(place))
                gap = -7.0 * logarithm(1.0 - uniform(own, ARRIVAL))
                time += -gap if back else gap
                if time >= last or time < first:
                    break
                if share >= 1.0 or uniform(own, STREAM) < share:
                    if count < numbers.size:
                        numbers[count] = strip * STRIP + place + back * BEFORE_DAY_0
                        days[count] = int(np.floor(time))
                    count += 1
                place += 1
    return count


def askers(key: int, per_week: float, first: int, last: int) -> tuple[Array, Array]:
    """Numbers and days of everybody who asks between two days, in order of day and number.

    `first` is at most 0, `last` at least 0.
    """
    room = int(per_week * (last - first) / 7 * ROOM_TO_SPARE + LEAST_ROOM)
    while True:
        numbers, days = np.empty(room, np.int64), np.empty(room, np.int32)
        count = arrival_days(np.uint64(key), float(per_week), first, last, numbers, days)
        if count <= room:
            order = np.lexsort((numbers[:count], days[:count]))
            return numbers[:count][order], days[:count][order]
        room = count
