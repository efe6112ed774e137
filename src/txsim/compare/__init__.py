"""Compare designs on the same people: estimates, intervals, verdicts, files."""

from txsim.compare.assemble import compare, summarise
from txsim.compare.comparison import Comparison

__all__ = ["Comparison", "compare", "summarise"]
