"""What holds for every test: how long to search for counterexamples, and where pictures go."""

import json
import os
from collections.abc import Callable

import pytest
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


Shown = Callable[[str, float, float], None]
"""Notes what theory or a publication expects of a quantity, and what the model gave."""


@pytest.fixture
def shown(record_property: Callable[[str, object], None]) -> Shown:
    """Where `docs/verification_table.py` finds its figures: beside what a test asserts."""

    def note(quantity: str, expected: float, found: float) -> None:
        record_property("shown", json.dumps([quantity, float(expected), float(found)]))

    return note
