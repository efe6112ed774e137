"""Bits, sizes and tolerances that rules share; nothing here is about the world."""

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.lanes import lanes_for

LANES = lanes_for(len(Hazard))
"""Columns of the tables that are summed over hazards."""

TOLERANCE = 1e-9
"""What sums of minutes, seats and parts may be off by through rounding."""

ALL_BITS = 0xFF
"""Every bit of a byte."""

HALF = 0.5
"""Added before cutting off a fraction, so that it is rounded."""

GAPS = (5, 14, 30)
"""Days without contact by which definitions of retention differ; a longer gap ends a stay."""

LEAVING_PHASES = 4
"""Most phases of leaving that a medication has."""

FIRST_YEAR = 365
"""Days in a post that count as the first year."""

WEEKS_A_YEAR = 52
"""Weeks of a year of leave."""
