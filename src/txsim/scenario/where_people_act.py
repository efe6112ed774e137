"""Where blocks about people act: mixes, streams, traits, what people have, mediators, hazards.

Rules as in `where_keys_act`; a star stands for the name of the block, or of what stands in it.
"""

from txsim.scenario.setting import DRAWN_OTHERWISE, Rule, Setting, always, either
from txsim.scenario.where_keys_act import (
    KEYS,
    OF_OPIOIDS,
    with_opioids,
    with_second_substance,
    with_ties,
    with_visit_burden,
)


def _mix(setting: Setting, name: str, *names: str) -> str:
    mix = setting.scenario.population.mix
    return "" if mix in (name, None) else f'because population.mix is "{mix}"'


def _share_in_a_mix(setting: Setting, mix: str, name: str, *names: str) -> str:
    if name in setting.scenario.population.shares:
        return f"because population.shares.{name} is set"
    return _drawn(setting, name)


def _distance_in_a_mix(setting: Setting, mix: str, *names: str) -> str:
    said = setting.scenario.population.distance_km is not None
    return "because population.distance_km is set" if said else ""


def _stream(setting: Setting, name: str, *names: str) -> str:
    if setting.scenario.population.roster is not None:
        return ""
    share = setting.scenario.arrivals.streams.get(name, 0.0)
    return "" if share > 0.0 else "because nobody comes this way (arrivals.streams)"


def _drawn(setting: Setting, name: str) -> str:
    if name in DRAWN_OTHERWISE:
        return f"because it follows from {DRAWN_OTHERWISE[name]}"
    return "because the roster says who has it" if setting.roster_says(name) else ""


def _had(setting: Setting, name: str, *names: str) -> str:
    """A whole block of a trait, diagnosis or barrier."""
    if name in DRAWN_OTHERWISE or name in ("severity", "frailty"):
        return ""
    return "" if setting.share_of(name) > 0.0 else "because nobody has it"


def _share_among(substance: str) -> Rule:
    """A share among people who come for a substance."""

    def share(setting: Setting, name: str, *names: str) -> str:
        population, mixes = setting.scenario.population, setting.catalogue.mixes
        if substance not in setting.substances:
            return f"because nobody comes for {substance}"
        if name in population.shares:
            return f"because population.shares.{name} is set"
        if population.mix in mixes and name in mixes[population.mix].shares:
            return f'because the mix "{population.mix}" has a share of its own'
        return _drawn(setting, name)

    return share


def _base_of(substance: str) -> Rule:
    """How often something happens to people who come for a substance."""
    return lambda setting, *names: (
        "" if substance in setting.substances else f"because nobody comes for {substance}"
    )


def _without(mechanism: str) -> Rule:
    return lambda setting, *names: (
        "" if getattr(setting.scenario.mechanisms, mechanism) else f"without mechanisms.{mechanism}"
    )


def _mediator(setting: Setting, name: str, *names: str) -> str:
    if name == "company":
        return with_ties(setting)
    if name == "visit_burden":
        return with_visit_burden(setting)
    return _without("relationships")(setting) if name in ("alliance", "rupture") else ""


def _second(setting: Setting, name: str, *names: str) -> str:
    used = name in setting.second_substances
    return with_second_substance(setting) or ("" if used else "because nobody uses it")


def _on_a_day_of_it(setting: Setting, name: str, hazard: str, *names: str) -> str:
    return with_opioids(setting) if hazard in OF_OPIOIDS else ""


PEOPLE: dict[str, Rule] = {
    "mixes.*": _mix,
    "mixes.*.shares.*": _share_in_a_mix,
    "mixes.*.distance_median_km": _distance_in_a_mix,
    "mixes.*.distance_p90_km": _distance_in_a_mix,
    "streams.*": _stream,
    **{f"{table}.*": _had for table in ("traits", "diagnoses", "barriers")},
    **{
        f"{table}.*.{substance}": _share_among(substance)
        for table in ("traits", "diagnoses", "barriers")
        for substance in ("opioid", "alcohol")
    },
    "diagnoses.*.crises_per_year": _without("crises"),
    "diagnoses.*.use_raises": _without("symptoms_from_use"),
    "second_substances.*": _second,
    "second_substances.*.crises": either(
        _without("crises"), lambda one, *_: KEYS["mechanisms.crises"](one)
    ),
    "second_substances.*.effects.*": _on_a_day_of_it,
    "barriers.*.per_visit": with_visit_burden,
    "mediators.*": _mediator,
    "hazards.*": always,
    "hazards.*.opioid": _base_of("opioid"),
    "hazards.*.alcohol": _base_of("alcohol"),
}
"""The rule of each block, and of keys that act in fewer settings than their block does."""
