"""Designs held against each other on the same people: estimates, intervals, verdicts, files."""

from txsim.compare.comparison import Comparison
from txsim.compare.running import compare, summarise

__all__ = ["Comparison", "compare", "summarise"]
