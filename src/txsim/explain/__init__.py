"""Why a chance is what it is: any hazard of one person on one day, as a table of contributions."""

from txsim.explain.asking import explain
from txsim.explain.explanation import Contribution, Explanation

__all__ = ["Contribution", "Explanation", "explain"]
