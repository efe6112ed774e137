"""Outcomes, each declared once, and `measure`, which computes them all for a run."""

from txsim.outcomes.measure import Measured, measure
from txsim.outcomes.outcome import Curve, Outcome
from txsim.outcomes.registry import CURVES, OUTCOMES, RELAPSE, RETENTION, named

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
