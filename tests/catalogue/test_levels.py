"""Rates and chances give the levels they were derived from."""

import math
from dataclasses import replace

import pytest

from txsim.catalogue import Number, load_catalogue
from txsim.catalogue.draw import CentralValues
from txsim.catalogue.strengths import Strengths
from txsim.catalogue.vocabulary import CONTINUOUS_TRAITS, Hazard
from txsim.units import per_day

CATALOGUE = load_catalogue()
STRENGTHS = Strengths(CATALOGUE, CentralValues())
WITHOUT_SHARES = {"jail_release": 0.1, "court": 0.2}
"""Traits that follow from the way people come, at the usual shares of these ways."""


def survival(medication: str, day: int) -> float:
    """Share in care at the end of a day under the published rates."""
    phases = CATALOGUE.medications[medication].phases
    total = 0.0
    ends = [*[phase.from_day for phase in phases[1:]], 10**6]
    for phase, end in zip(phases, ends, strict=True):
        rate = per_day(phase.dropout.value, phase.dropout.unit)
        total += rate * max(0, min(day, end) - phase.from_day)
    return math.exp(-total)


@pytest.mark.parametrize(
    ("medication", "day", "expected"),
    [
        ("methadone", 30, 0.88),
        ("methadone", 180, 0.68),
        ("methadone", 365, 0.55),
        ("methadone", 3 * 365, 0.384),
        ("buprenorphine", 30, 0.716),
        ("buprenorphine", 180, 0.42),
        ("buprenorphine", 365, 0.267),
        ("xr_naltrexone_opioid", 180, 0.105),
        ("none_opioid", 140, 0.21),
    ],
)
def test_published_rates_give_the_published_curves(
    medication: str, day: int, expected: float
) -> None:
    assert survival(medication, day) == pytest.approx(expected, abs=0.015)


def mean_ratio(hazard: str, shares: dict[str, Number], recent_use: float) -> float:
    """Mean effect on a rate of traits, diagnoses and use, of a second substance too.

    All are taken as independent.
    """
    total: float = CATALOGUE.mediators["recent_use"].effects[hazard].value ** recent_use
    for table in (CATALOGUE.traits, CATALOGUE.diagnoses):
        for name, entry in table.items():
            if hazard not in entry.effects or name == "fentanyl":
                continue
            ratio = entry.effects[hazard].value
            if name in CONTINUOUS_TRAITS:
                total *= math.exp(0.5 * math.log(ratio) ** 2)
            elif entry.opioid is None:
                total *= 1.0 + WITHOUT_SHARES.get(name, 0.0) * (ratio - 1.0)
            else:
                total *= 1.0 + shares.get(name, entry.opioid).value * (ratio - 1.0)
    for name, second in CATALOGUE.second_substances.items():
        if hazard in second.effects:
            had = CATALOGUE.traits[second.who]
            assert had.opioid is not None
            days = replace(STRENGTHS.second_use(name), window=1).share_of_samples(
                [0.0] * len(Hazard)
            )
            used = shares.get(second.who, had.opioid).value * days
            total *= 1.0 + used * (second.effects[hazard].value - 1.0)
    return total


def test_deaths_on_methadone_are_near_the_published_level() -> None:
    shares = CATALOGUE.mixes["outpatient opioid programme"].shares
    yearly = {
        hazard: 1000.0 * CATALOGUE.hazards[hazard].opioid.value * mean_ratio(hazard, shares, 0.35)
        for hazard in ("overdose", "other_death", "suicide")
    }
    fatal = yearly["overdose"] * CATALOGUE.hazards["fatality"].opioid.value
    assert fatal == pytest.approx(2.6, abs=0.3)
    fentanyl = CATALOGUE.traits["fentanyl"]
    assert fentanyl.opioid is not None
    supply = 1.0 + fentanyl.opioid.value * (fentanyl.effects["overdose"].value - 1.0)
    everything = fatal * supply + yearly["other_death"] + yearly["suicide"]
    assert everything == pytest.approx(11.3, abs=0.8)


def test_the_first_weeks_out_are_the_most_dangerous() -> None:
    for name in ("methadone", "buprenorphine", "xr_naltrexone_opioid"):
        ratios = CATALOGUE.medications[name].overdose
        worst = ratios.out_first_4_weeks.value
        assert worst > ratios.out_later.value > ratios.in_later.value
        assert worst > ratios.in_first_4_weeks.value
    methadone = CATALOGUE.medications["methadone"].overdose
    assert methadone.in_first_4_weeks.value > methadone.in_later.value == 1.0


def test_intake_curve_meets_its_trial() -> None:
    floor, extra, decay = (
        CATALOGUE.model[f"intake_show_{name}"].value for name in ("floor", "extra", "decay_days")
    )
    for days, expected in ((1, 0.72), (3, 0.41), (7, 0.38)):
        assert floor + extra * math.exp(-(days - 1) / decay) == pytest.approx(expected, abs=0.015)
