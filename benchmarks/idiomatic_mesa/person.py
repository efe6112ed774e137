"""Who asks for treatment: one person's traits, diagnoses and barriers, drawn from the case mix."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from random import Random

from benchmarks.idiomatic_mesa.numbers import Numbers


@dataclass(slots=True)
class Person:
    """What does not change about a person."""

    substance: int
    """0 opioid, 1 alcohol."""
    age: float
    severity: float
    frailty: float
    distance_km: float
    preference: float
    detoxified: bool
    use_days: float
    """Days of use in the 30 before asking."""
    stream: str
    features: list[float]
    """Trait values; 1 or 0 for diagnoses and barriers."""
    burdens: list[float]
    has: dict[str, bool]


def draw_person(numbers: Numbers, random: Random) -> Person:
    """A new person of the case mix."""
    gauss = random.gauss
    substance = 0 if random.random() < numbers.opioid_share else 1
    mean, sd, youngest = numbers.age
    age = max(youngest, mean + sd * gauss(0.0, 1.0))
    severity, frailty, away = gauss(0.0, 1.0), gauss(0.0, 1.0), gauss(0.0, 1.0)
    log_median, log_sd = numbers.distance
    distance = exp(log_median + log_sd * away)
    luck = random.random()
    stream = next((name for name, up_to in numbers.streams if luck < up_to), numbers.streams[-1][0])
    factors = [gauss(0.0, 1.0) for _ in range(numbers.factor_count)]
    features = []
    for one in numbers.features:
        latent = one.unexplained * gauss(0.0, 1.0)
        for factor, loading in one.loadings:
            latent += loading * factors[factor]
        features.append(1.0 if latent > one.thresholds[substance] else 0.0)
    has = dict(zip(numbers.feature_names, (x > 0.0 for x in features), strict=True))
    has["under_25"] = age < 25.0
    has["far_from_clinic"] = distance > numbers.far_km
    has["court"] = stream == "court"
    has["jail_release"] = stream == "jail_release"
    has["low_dose"] = False
    has["pregnant"] = has["pregnant"] and has["female"]
    has["prescription_opioids"] = (
        has["prescription_opioids"] and not has["fentanyl"] and substance == 0
    )
    features = [1.0 if has[name] else 0.0 for name in numbers.feature_names]
    features[numbers.feature_names.index("severity")] = severity
    features[numbers.feature_names.index("frailty")] = frailty
    burdens = []
    for present, (mean, grows_with_distance) in zip(
        features[numbers.trait_count + numbers.diagnosis_count :], numbers.burdens, strict=True
    ):
        burden = 0.0
        if present:
            burden = mean * (0.5 + random.random())
            if grows_with_distance:
                burden *= exp(0.5 * log_sd * away)
        burdens.append(min(1.0, burden))
    return Person(
        substance=substance,
        age=age,
        severity=severity,
        frailty=frailty,
        distance_km=distance,
        preference=random.random(),
        detoxified=random.random() < numbers.detoxified,
        use_days=min(30.0, max(0.0, gauss(*numbers.use_days))),
        stream=stream,
        features=features,
        burdens=burdens,
        has=has,
    )
