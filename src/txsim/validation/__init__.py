"""Published trials predicted at their real size, and a scorecard of how well.

Nothing here may be fitted to: what trials found stands in `scenarios/validation/observed.toml`, and
is read nowhere else.
"""

from txsim.validation.scorecard import Scorecard, validate

__all__ = ["Scorecard", "validate"]
