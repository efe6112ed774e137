"""A life made by hand, for sentences that are to be known word by word."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.model.small_clinics import small
from txsim.state.calendar import HEAVY, USED
from txsim.state.events import NEVER, Kind, Status
from txsim.state.patient import Patient, blank_rows
from txsim.story.trajectory import Happening, Life


def made_life(
    happenings: list[tuple[int, Kind, int]],
    statuses: dict[int, Status],
    *,
    name: str = "small",
    end: int = 30,
    used: tuple[int, ...] = (),
    visits: dict[int, tuple[int, int]] | None = None,
    **record: Any,
) -> Life:
    """Somebody who stands as `statuses` say from these days on, until the next of them."""
    row = blank_rows(Patient, 1)[0]
    start = happenings[0][0]
    values = {"asked_day": start, "age": 34.0, "female": True, "died_day": NEVER, **record}
    for field, value in values.items():
        row[field] = value
    calendar = np.zeros(end, np.uint8)
    for day, status in statuses.items():
        calendar[day:] = status
    for day in used:
        calendar[day] |= USED | (HEAVY if row["substance"] else 0)
    sessions = np.zeros((end, 2), np.int64)
    for day, both in (visits or {}).items():
        sessions[day] = both
    return Life(
        design=small(),
        name=name,
        row=0,
        record=row,
        diagnoses=("depression",),
        barriers=("transport",),
        happenings=tuple(Happening(*one) for one in happenings),
        calendar=calendar,
        visits=sessions,
        start=start,
        end=end,
    )
