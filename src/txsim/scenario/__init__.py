"""Scenario files: a clinic design written down, checked, and turned into a `Scenario`.

`load` reads a shipped scenario by name or a file by its path, with all that it extends.
"""

from txsim.scenario.design import Scenario
from txsim.scenario.loading import load
from txsim.scenario.roster import RosterRow, load_roster
from txsim.scenario.shipped import shipped_names

__all__ = ["RosterRow", "Scenario", "load", "load_roster", "shipped_names"]
