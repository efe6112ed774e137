"""Arms share what is not known and have people of their own; the workers change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.model.small_clinics import compiled_only
from txsim.errors import TxsimError
from txsim.parameters.draw import PRIOR
from txsim.validation.prediction import AtClinic, Prediction, predict
from txsim.validation.scorecard import validate
from txsim.validation.trials import load_experiments

MADDUX = load_experiments(("maddux-1994",))
STAYED = "in treatment after 12 months"


def test_a_clinic_has_a_deviate_of_its_own_and_shares_all_else() -> None:
    draw = PRIOR.draw(1, 0)
    here, there = AtClinic(draw, "here"), AtClinic(draw, "there")

    for clinic in ("clinic", "clinic at site 3", "clinic use", "clinic use at site 3"):
        assert here.deviate(clinic) != there.deviate(clinic)
    assert here.deviate("clinic") == AtClinic(draw, "here").deviate("clinic")
    assert here.deviate("model.occasional_use") == draw.deviate("model.occasional_use")
    assert here.digest != there.digest
    assert here.number == 0


def test_clinics_differ_as_clinics_do() -> None:
    draw = PRIOR.draw(1, 0)
    deviates = [AtClinic(draw, str(one)).deviate("clinic") for one in range(2_000)]

    assert np.mean(deviates) == pytest.approx(0.0, abs=0.07)
    assert np.std(deviates) == pytest.approx(1.0, abs=0.05)


def same(one: Prediction, other: Prediction) -> bool:
    return all(np.array_equal(one.shares[key], other.shares[key]) for key in one.shares)


@compiled_only
def test_the_same_for_any_number_of_workers() -> None:
    alone = predict(MADDUX, 4, 1, PRIOR, workers=1)["maddux-1994"]
    spread = predict(MADDUX, 4, 1, PRIOR, workers=2)["maddux-1994"]
    other = predict(MADDUX, 4, 2, PRIOR, workers=1)["maddux-1994"]

    assert same(alone, spread)
    assert not same(alone, other)
    assert alone.shares[STAYED, "fee"].shape == (4,)


@compiled_only
def test_arms_have_other_people() -> None:
    """Of one design twice: the same clinic and numbers, and not the same share."""
    (known,) = MADDUX
    twice = {"no-fee": known.scenarios["no-fee"], "fee": known.scenarios["no-fee"]}
    known_as = type(known)(known.name, known.trial, twice, known.set_ups)
    from txsim.validation.prediction import Task, _counted

    counts = _counted(known_as, Task(1, 0, PRIOR.draw(1, 0), known.name, 0))[""]

    assert counts[STAYED, "fee"] != counts[STAYED, "no-fee"]
    assert counts[STAYED, "fee"][1] == 76


@compiled_only
def test_a_trial_of_several_sites_has_its_real_size() -> None:
    found = predict(load_experiments(("peirce-2006",)), 2, 1, PRIOR, workers=1)["peirce-2006"]

    people = 190 * found.shares["in treatment after 12 weeks", "usual"]
    assert people == pytest.approx(np.round(people))


def test_one_replication_is_no_prediction() -> None:
    with pytest.raises(TxsimError, match="at least two replications"):
        validate(replications=1)
