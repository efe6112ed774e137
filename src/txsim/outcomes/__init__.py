"""What a run means: outcomes declared once each, and `measure`, which works all of them out."""

from txsim.outcomes.declare import Curve, Outcome
from txsim.outcomes.definitions import CURVES, OUTCOMES, RELAPSE, RETENTION, named
from txsim.outcomes.measure import Measured, measure

__all__ = [
    "CURVES",
    "OUTCOMES",
    "RELAPSE",
    "RETENTION",
    "Curve",
    "Measured",
    "Outcome",
    "measure",
    "named",
]
