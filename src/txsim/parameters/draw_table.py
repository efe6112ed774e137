"""A table of weighted draws, read from a file: a row for each draw, a column for each parameter.

So a posterior comes in, or the draws that stand beside earlier results (`draws.parquet`). A column
has the path of a number in the catalogue and values in the number's unit; `clinic` and
`medications.NAME.phases` are standard deviations from the centre. What has no column is drawn from
the catalogue's ranges, and so is a number that a scenario gives in place of the catalogue's.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from txsim.catalogue.draw import Draw
from txsim.catalogue.in_words import OF_THE_CLINIC
from txsim.catalogue.limits import LIMITS
from txsim.catalogue.load import Catalogue, load_catalogue
from txsim.catalogue.vocabulary import nearest
from txsim.errors import TxsimError
from txsim.parameters.draw import DrawSource, PriorDraw
from txsim.randomness import hash_of_name, mix, uniform

if TYPE_CHECKING:
    from pandas import DataFrame

    from txsim.catalogue import Number

Array = np.ndarray[Any, Any]

FORMAT = 1
METADATA = b"txsim"
DRAW, WEIGHT = "draw", "weight"
"""Columns that are no parameters: the number of a draw, and how much it counts."""
OF_A_DESIGN = "@"
"""In the names of columns that hold the numbers of one design alone."""
CLINIC, CLINIC_USE = OF_THE_CLINIC
"""Deviates of what a clinic does to leaving, and of how much is used where it is."""
AT_SITE = " at site "
"""Between these and the number of a site of a trial, each of which is a clinic of its own."""
ANYTHING = (-np.inf, np.inf)


class TabledDraw(Draw):
    """A row of a table; what has no column in it is drawn from the catalogue's ranges."""

    def __init__(self, values: Mapping[str, float], prior: PriorDraw, source: str, row: int):
        """Values by path, and where they come from."""
        self.values = values
        self.prior = prior
        self.number = prior.number
        self.row = row
        self._source = source

    @property
    def name(self) -> str:
        """Its row."""
        return f"draw {self.number}, row {self.row} of a table"

    @property
    def digest(self) -> str:
        """The table's, the row, and what the others are drawn by."""
        return f"{self._source}/{self.row}/{self.prior.digest}"

    def value(self, path: str, number: Number) -> float:
        """The table's value, but of a number that a scenario gives in place of the catalogue's."""
        if path in self.values and _shipped().get(path, number) == number:
            return self.values[path]
        return self.prior.value(path, number)

    def deviate(self, path: str) -> float:
        """The table's value, or a drawn one."""
        return self.values[path] if path in self.values else self.prior.deviate(path)

    def figure(self, path: str, value: float) -> float:
        """The table's value, or the figure as it is."""
        return self.values.get(path, value)


class TableOfDraws(DrawSource):
    """Weighted draws.

    Without weights, or with equal ones, the draws of a batch are the rows in order, and again from
    the first. With others they are taken in strata: however many draws a batch has, each row is in
    it about as often as its weight says.
    """

    def __init__(self, name: str, values: Mapping[str, Array], weights: Array | None = None):
        """Values by path, one for each draw; TxsimError when no row counts."""
        self.name = name
        self.values = dict(sorted(values.items()))
        self.size = len(next(iter(self.values.values()), ()))
        self.weights = np.ones(self.size) if weights is None else np.asarray(weights, float)
        if not self.weights.sum() > 0.0:
            raise TxsimError(f"{name}: no draw in it has any weight")
        self.weights = self.weights / self.weights.sum()
        digest = hashlib.sha256(self.weights.tobytes())
        for path, column in self.values.items():
            digest.update(path.encode())
            digest.update(np.asarray(column, float).tobytes())
        self.digest = digest.hexdigest()

    @classmethod
    def read(cls, path: str | Path, *catalogues: Catalogue) -> Self:
        """Read a Parquet or CSV file.

        Columns are numbers of the shipped catalogue, or of these `catalogues` of scenarios. Raises
        TxsimError for a file that cannot be read, a column that is no parameter, and a value that
        is none of its parameter.
        """
        place = Path(path)
        table = _frame(place)
        allowed: dict[str, tuple[float, float]] = {}
        for catalogue in (load_catalogue(), *catalogues):
            allowed |= dict(parameters_in(catalogue))
        values = {}
        for column in table.columns:
            if column not in (DRAW, WEIGHT) and OF_A_DESIGN not in column:
                limits = ANYTHING if _is_of_a_site(column) else allowed.get(column)
                if limits is None:
                    guess = nearest(column, tuple(allowed))
                    hint = f"; did you mean {guess!r}?" if guess else ""
                    raise TxsimError(f"{path}: there is no parameter {column!r}{hint}")
                values[column] = _figures(place, table, column, *limits)
        if not values or not len(table):
            raise TxsimError(
                f"{path}: holds no draws (allowed: a row a draw, a column a parameter)"
            )
        weighted = WEIGHT in table.columns
        weights = _figures(place, table, WEIGHT, 0.0, np.inf) if weighted else None
        return cls(place.name, values, weights)

    @property
    def effective_number(self) -> float:
        """Draws of equal weight that would tell as much (Kish)."""
        return float(1.0 / (self.weights**2).sum())

    def row(self, seed: int, number: int) -> int:
        """The row of the draw at a position."""
        if np.all(self.weights == self.weights[0]):
            return number % self.size
        shift = uniform(mix(seed), hash_of_name("strata of a table of draws"))
        point = (reversed_bits(number) + shift) % 1.0
        row = int(np.searchsorted(np.cumsum(self.weights), point, side="right"))
        return min(row, int(np.flatnonzero(self.weights)[-1]))

    def draw(self, seed: int, number: int) -> TabledDraw:
        """The draw at a position."""
        row = self.row(seed, number)
        values = {path: float(column[row]) for path, column in self.values.items()}
        return TabledDraw(values, PriorDraw(seed, number), self.digest, row)


def parameters_in(catalogue: Catalogue) -> Iterator[tuple[str, tuple[float, float]]]:
    """Every path that a draw is asked for, with the least and the most that may stand there."""
    for path in OF_THE_CLINIC:
        yield path, ANYTHING
    for path, number in catalogue.numbers():
        # The phases of a medication are drawn together, by one deviate.
        if ".phases." not in path:
            yield path, LIMITS[number.unit]
    for name in catalogue.roles:
        yield f"roles.{name}.caseload", (0.0, np.inf)
    for name, medication in catalogue.medications.items():
        path = f"medications.{name}"
        yield f"{path}.phases", ANYTHING
        for phase in range(len(medication.phases)):
            yield f"{path}.phases.{phase}.solved", ANYTHING
        for hazard in medication.solved:
            yield f"{path}.solved.{hazard}", ANYTHING


def _is_of_a_site(column: str) -> bool:
    whose, at_site, _ = column.partition(AT_SITE)
    return bool(at_site) and whose in OF_THE_CLINIC


def metadata_of(source: DrawSource) -> dict[bytes, bytes]:
    """What a Parquet file of draws from a source says of itself."""
    from txsim import __version__

    said = {"format": FORMAT, "txsim": __version__, "name": source.name, "digest": source.digest}
    return {METADATA: json.dumps(said).encode()}


def _frame(path: Path) -> DataFrame:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    try:
        if path.suffix.lower() == ".csv":
            return pd.read_csv(path)
        said = (parquet.read_schema(path).metadata or {}).get(METADATA)
        written = json.loads(said) if said else {"format": FORMAT}
        if written["format"] != FORMAT:
            raise TxsimError(
                f"{path}: has format {written['format']} and was written by txsim "
                f"{written.get('txsim')}, which reads it (here: format {FORMAT})"
            )
        table: DataFrame = parquet.read_table(path).to_pandas()
        return table
    except OSError as error:
        # pyarrow says the path once more, and puts it where others say the reason.
        reason = os.strerror(error.errno) if error.errno else error
        raise TxsimError(f"{path}: cannot be read ({reason})") from None
    except (pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise TxsimError(
            f"{path}: is no table of draws ({type(error).__name__}; allowed: Parquet, CSV)"
        ) from None


def _figures(path: Path, table: DataFrame, column: str, least: float, most: float) -> Array:
    """A column as figures, all of them possible."""
    import pandas as pd

    figures = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
    wrong = np.flatnonzero(~(np.isfinite(figures) & (figures >= least) & (figures <= most)))
    if wrong.size:
        got = table[column].iloc[int(wrong[0])]
        raise TxsimError(
            f"{path}: {column}, draw {wrong[0] + 1}: is no value of it (got {got!r:.40}, allowed "
            f"{least:g} to {most:g})"
        )
    return figures


def _shipped() -> dict[str, Number]:
    """The shipped catalogue's numbers by path."""
    if not _numbers:
        _numbers.update(load_catalogue().numbers())
    return _numbers


_numbers: dict[str, Number] = {}


def reversed_bits(number: int) -> float:
    """The van der Corput sequence in base 2: its first points are spread evenly, however many."""
    point, step = 0.0, 1.0
    while number:
        step /= 2.0
        point += step * (number & 1)
        number >>= 1
    return point
