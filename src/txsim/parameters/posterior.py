"""The posterior that runs draw from: what patients of trials tell of the catalogue's numbers.

A small table that comes with the package, a row for each draw, and beside it what it rests on. Its
numbers are drawn together, as they were fitted; all others from the catalogue's ranges. It is made
by `experiments/calibration/fit_engine.py`.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from txsim.catalogue.load import load_catalogue
from txsim.errors import TxsimError
from txsim.parameters.draw_table import TableOfDraws, parameters_in, reversed_bits
from txsim.randomness import hash_of_name, mix, uniform

FORMAT = 1
ABOUT, TABLE = "posterior.toml", "posterior.csv"
SHIPPED = Path(__file__).parent
NAME = "patients of trials, else the catalogue's ranges"


class Posterior(TableOfDraws):
    """Draws of equal weight, in an order in which neighbours are alike.

    They are taken in strata of that order, so that few draws are spread over all of them, and a
    power of two of draws, up to the rows there are, has no row twice.
    """

    about: dict[str, Any]
    """What it rests on, as the file says."""

    @classmethod
    def shipped(cls, folder: Path = SHIPPED) -> Self:
        """The posterior of a folder; TxsimError for files that are damaged or of another format."""
        about = _about(folder / ABOUT)
        place = folder / TABLE
        try:
            held = place.read_bytes()
        except OSError as error:
            raise TxsimError(f"{place}: cannot be read ({error.strerror})") from None
        if hashlib.sha256(held).hexdigest() != about.get("sha256"):
            raise TxsimError(
                f"{place}: is not the file that {ABOUT} tells of (another digest); install txsim "
                "anew, or run with --draws catalogue"
            )
        head, *lines = held.decode("ascii").splitlines()
        rows = np.array([line.split(",") for line in lines], float)
        values = dict(zip(head.split(","), rows.T, strict=True))
        allowed = dict(parameters_in(load_catalogue()))
        for path, column in values.items():
            least, most = allowed.get(path, (np.inf, -np.inf))
            if not ((column >= least) & (column <= most)).all():
                raise TxsimError(f"{place}: {path} is no number of this catalogue, or out of range")
        made = cls(NAME, values)
        made.about = about
        return made

    def row(self, seed: int, number: int) -> int:
        """The row of the draw at a position, the same in every command."""
        shift = uniform(mix(seed), hash_of_name("strata of the posterior"))
        return min(int(self.size * ((reversed_bits(number) + shift) % 1.0)), self.size - 1)


def _about(place: Path) -> dict[str, Any]:
    """What a posterior says of itself, in a format that is read here."""
    try:
        about = tomllib.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise TxsimError(f"{place}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TxsimError(f"{place}: is no TOML ({error})") from None
    if about.get("format") != FORMAT:
        raise TxsimError(
            f"{place}: has format {about.get('format')} and was written by txsim "
            f"{about.get('txsim')}, which reads it (here: format {FORMAT})"
        )
    return about


@cache
def posterior() -> Posterior:
    """The posterior of the package, read once."""
    return Posterior.shipped()
