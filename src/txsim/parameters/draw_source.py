"""Which source of draws was asked for; by default the posterior that comes with the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from txsim.parameters.draw import CENTRE, HELD_AT_CENTRE, PRIOR, DrawSource
from txsim.parameters.draw_table import TableOfDraws
from txsim.parameters.posterior import posterior

if TYPE_CHECKING:
    from txsim.catalogue import Catalogue
    from txsim.catalogue.draw import Draw

CATALOGUE = "catalogue"
"""In place of a file: the catalogue's ranges alone, number by number."""


def source_of(uncertainty: bool, draws: DrawSource | None = None) -> DrawSource:
    """The source that was asked for: a given one, else the posterior; or the centres."""
    if not uncertainty:
        return HELD_AT_CENTRE
    return draws or posterior()


def draw_of(draw: Draw | int | None, seed: int) -> Draw:
    """A draw as given, by its number among those of the posterior, or of centres."""
    if draw is None:
        return CENTRE
    return posterior().draw(seed, draw) if isinstance(draw, int) else draw


def source_from(draws: DrawSource | str | Path | None, *catalogues: Catalogue) -> DrawSource | None:
    """A source as given, that of a word (`CATALOGUE`), or a file's table of draws.

    Columns may be numbers of these catalogues too. Raises TxsimError for a file that is no table.
    """
    if not isinstance(draws, str | Path):
        return draws
    return PRIOR if str(draws) == CATALOGUE else TableOfDraws.read(draws, *catalogues)
