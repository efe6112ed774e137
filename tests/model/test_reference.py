"""How staying and use are read off a run of the reference clinic; hand-worked."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from txsim.catalogue import load_catalogue
from txsim.errors import ScenarioError
from txsim.reference import (
    hazards_by_phase,
    positive_share,
    reference_scenario,
    starters,
    stays,
    survival,
    target_survival,
)
from txsim.run import run

from .small_clinics import compiled_only


def test_the_published_curve_adds_up_its_phases() -> None:
    methadone = load_catalogue().medications["methadone"]
    rates = [phase.dropout.value for phase in methadone.phases]

    assert target_survival(methadone, 0) == 1.0
    assert target_survival(methadone, 20) == pytest.approx(exp(-20 * rates[0]))
    assert target_survival(methadone, 181) == pytest.approx(exp(-31 * rates[0] - 150 * rates[1]))


def test_rates_by_phase_are_exits_over_time_at_risk() -> None:
    """Ten days by two people, then: one leaves on day 15, the other stays to the end of 40."""
    durations, left = np.array([15.0, 40.0]), np.array([True, False])

    rates = hazards_by_phase(durations, left, [0, 10, 20], until=40)

    assert rates == pytest.approx([0.0, 1 / 15, 0.0])
    assert survival(durations, left, 14) == 1.0
    assert survival(durations, left, 15) == 0.5


@compiled_only
def test_the_reference_clinic_has_room_for_everybody() -> None:
    scenario = reference_scenario("acamprosate", 12, days=380)
    held = run(scenario, uncertainty=False)
    position = list(scenario.catalogue.medications).index("acamprosate")
    durations, left = stays(held, position)

    assert scenario.clinic.places == 12
    assert scenario.population.mix == "alcohol programme"
    assert starters(held, position).sum() == durations.size == left.size > 3
    assert 0.0 < positive_share(held) < 1.0


def test_an_unknown_medication_is_refused() -> None:
    with pytest.raises((ScenarioError, KeyError)):
        reference_scenario("aspirin", 10)
