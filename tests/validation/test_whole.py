"""All trials predicted at a lower size: the marks that are met stay met."""

from __future__ import annotations

import pytest

from tests.model.small_clinics import compiled_only
from txsim.validation import validate

MET = (2,)
"""Marks that are met, by their place among `Scorecard.marks`; docs/validation.md tells all."""


@compiled_only
@pytest.mark.validation
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_marks_that_are_met_stay_met() -> None:
    card = validate(replications=40, workers=2)

    assert len(card.numbers) == 11
    missed = [mark for place, mark in enumerate(card.marks) if place in MET and not mark.met]
    assert missed == []
