"""Why a chance is what it is: any hazard of one person on one day, as a table of contributions."""

from txsim.explain.explanation import Contribution, Explanation
from txsim.explain.reasons import explain

__all__ = ["Contribution", "Explanation", "explain"]
