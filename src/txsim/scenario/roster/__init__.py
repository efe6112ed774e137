"""A clinic's own people from a CSV file: one row, one person, documented columns."""

from txsim.scenario.roster.columns import COLUMNS, FEWEST_TOLD, RosterRow, template
from txsim.scenario.roster.plausibility import doubts, drawn_from_few
from txsim.scenario.roster.read_back import Told, read_back
from txsim.scenario.roster.reading import Roster, load_roster, read_roster

__all__ = [
    "COLUMNS",
    "FEWEST_TOLD",
    "Roster",
    "RosterRow",
    "Told",
    "doubts",
    "drawn_from_few",
    "load_roster",
    "read_back",
    "read_roster",
    "template",
]
