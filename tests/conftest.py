"""What holds for every test: how long to search for counterexamples, and where pictures go."""

import os

from hypothesis import HealthCheck, settings

# Figures are drawn to memory; no test needs a screen.
os.environ.setdefault("MPLBACKEND", "Agg")

# The first example of a run may compile rules, so time per example says nothing. The quick search
# is the same each time, so that a change fails for what it changed; the thorough one looks further.
settings.register_profile(
    "quick",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", settings.get_profile("quick"), max_examples=500, derandomize=False
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
