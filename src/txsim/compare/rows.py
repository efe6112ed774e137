"""Rows of numbers, written once each as they come and read again by columns.

What is observed in thousands of runs does not fit into memory. Beyond a size rows are kept
in a file of the temporary folder that has no name: nobody else can open it, and nothing is left of
it however the process ends.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from txsim.errors import OutputError

Array = np.ndarray[Any, Any]

MOST_IN_MEMORY = 32 * 2**20
"""Bytes up to which rows stay in memory."""
AT_A_TIME = 8 * 2**20
"""Bytes of the columns that are worked on at a time."""


class Rows:
    """So many rows of floats of one width; each is written once, in any order.

    Raises OutputError when the temporary folder is full.
    """

    def __init__(self, count: int, width: int) -> None:
        self.count = count
        self.width = width
        self._bytes_of_a_row = width * np.dtype(float).itemsize
        self._kept: Array | None = None
        if count * self._bytes_of_a_row <= MOST_IN_MEMORY:
            self._kept = np.full((count, width), np.nan)
        else:
            try:
                self._file = tempfile.TemporaryFile(buffering=0, prefix="txsim-")  # noqa: SIM115
            except OSError as error:
                raise _no_room(error) from error
            weakref.finalize(self, self._file.close)

    def write(self, row: int, numbers: Array) -> None:
        """Keep the numbers of one row."""
        if self._kept is not None:
            self._kept[row] = numbers
            return
        left = np.ascontiguousarray(numbers, dtype=float).data.cast("B")
        try:
            self._file.seek(row * self._bytes_of_a_row)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise _no_room(error) from error

    def read(self, columns: slice, rows: slice = slice(None)) -> Array:
        """A copy of the numbers of some columns, next to each other, in some rows."""
        first, last, _ = columns.indices(self.width)
        wanted = range(*rows.indices(self.count))
        if self._kept is not None:
            return self._kept[rows, first:last].copy()
        found = np.empty((len(wanted), last - first))
        for place, row in enumerate(wanted):
            self._file.seek(row * self._bytes_of_a_row + first * found.itemsize)
            self._fill(memoryview(found[place]).cast("B"))
        return found

    def _fill(self, room: memoryview) -> None:
        while room:
            read = self._file.readinto(room)
            if not read:
                raise OutputError(f"{tempfile.gettempdir()}: what was kept there cannot be read")
            room = room[read:]


def some_at_a_time(rows: int, count: int, width: int = 1) -> Iterator[slice]:
    """Slices of `count` things that are worked on at one time, so that memory stays bounded.

    Each thing is `width` columns wide and has so many `rows`.
    """
    size = rows * width * np.dtype(float).itemsize
    step = max(1, AT_A_TIME // max(size, 1))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def _no_room(error: OSError) -> OutputError:
    return OutputError(
        f"{tempfile.gettempdir()}: runs cannot be kept there until they are analysed "
        f"({error.strerror or error}); set TMPDIR to a folder with more room, or ask for fewer "
        "replications"
    )
