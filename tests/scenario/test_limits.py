"""Every number that a scenario can hold has a least and a most, and with either a clinic runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from txsim.catalogue import load_catalogue
from txsim.catalogue.limits import LIMITS, OF_THE_MODEL
from txsim.catalogue.number import Unit
from txsim.scenario import load
from txsim.scenario.design import BLOCK_TABLES
from txsim.scenario.editor import json_schema

Keys = tuple[str | int, ...]
Shape = dict[str, Any]

SCHEMA = json_schema(load_catalogue())


def numbers(shape: Shape, keys: Keys = ()) -> Iterator[tuple[Keys, Shape]]:
    """Every number below a shape of the schema; a bare one stands for one written with its unit."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        if name == "Number":
            return
        shape = {**SCHEMA["$defs"][name], **shape}
    for way in ("anyOf", "oneOf"):
        for one in shape.get(way, ()):
            yield from numbers(one, keys)
    if shape.get("type") in ("number", "integer"):
        yield keys, shape
    any_entry = len(keys) == 1 and keys[0] in ("staff", *BLOCK_TABLES)
    for name, inner in () if any_entry else shape.get("properties", {}).items():
        yield from numbers(inner, (*keys, name))
    for inner in (shape.get("additionalProperties"), *shape.get("patternProperties", {}).values()):
        if isinstance(inner, dict):
            yield from numbers(inner, (*keys, "*"))
    for place, inner in enumerate([*shape.get("prefixItems", ()), shape.get("items")]):
        if isinstance(inner, dict):
            yield from numbers(inner, (*keys, place))


def model_figures() -> Iterator[tuple[Keys, Shape]]:
    for name, shape in SCHEMA["properties"]["model"]["properties"].items():
        yield ("model", name), shape["anyOf"][0]


EVERY = [*numbers(SCHEMA), *model_figures()]


def test_every_number_has_a_least_and_a_most() -> None:
    without = [
        ".".join(map(str, keys))
        for keys, shape in EVERY
        if not ("minimum" in shape and "maximum" in shape)
    ]
    assert without == []
    assert len(EVERY) > 200


def test_every_unit_has_limits_and_every_shipped_number_keeps_them() -> None:
    assert set(LIMITS) == set(get_args(Unit))
    catalogue = load_catalogue()
    assert set(OF_THE_MODEL) <= set(catalogue.model)
    for path, number in catalogue.numbers():
        least, most = LIMITS[number.unit]
        for value in (number.value, number.at(-4.0), number.at(4.0)):
            assert least <= value <= most, path
        if number.unit not in ("probability", "proportion", "score", "weeks"):
            assert number.value <= most / 2.0, f"{path} is near to the limit of its unit"


EXTREMES = [
    ("horizon.burn_in_days = 1000000000", "horizon.burn_in_days"),
    ("arrivals.cohort = 1000000000", "arrivals.cohort"),
    ("horizon.days = 36525", "horizon.days"),
    ("clinic.fees.per_day = 1e308", "clinic.fees.per_day"),
    ("staff.nurse = { posts = 1.0, hiring_lag_days = 1e300 }", "staff.nurse.hiring_lag_days"),
    (
        "rules.discharge_after_missed_days = 10000000000000000000000000000000000000000",
        "rules.discharge_after_missed_days",
    ),
    ("arrivals.per_week = 1e9", "arrivals.per_week"),
    ("clinic.places = 1000000000", "clinic.places"),
    ("staff.nurse.posts = 1e6", "staff.nurse.posts"),
    ("services.peer_group = { seats = 9223372036854775808 }", "services.peer_group.seats"),
    ("staff.nurse = { posts = 1.0, wage_per_year = 1e308 }", "staff.nurse.wage_per_year"),
    ("plan.review_every_days = 9223372036854775807", "plan.review_every_days"),
    ("change.from_week = 99999999999", "change.from_week"),
    ("economics.prices.urine_test = 1e13", "economics.prices.urine_test"),
    ("effects.override.cbt.use.odds_ratio = 1e-9", "effects.override.cbt.use.odds_ratio"),
    ("medication.take_home = [{ from_day = 0, days_per_visit = 1e9 }]", "medication.take_home[1]"),
    ("services.cbt.every_days = 1e-300", "services.cbt.every_days"),
    ("services.cbt.attendance = { value = 0.5, sd = 1e300 }", "services.cbt.attendance"),
    ("services.cbt.fades_over_days = 1e300", "services.cbt.fades_over_days"),
    ("services.cbt.fades_over_days = { value = 3, low = 1, high = 1e300 }", "services.cbt.fades"),
    ("medications.methadone.solved.use = 1e300", "medications.methadone.solved.use"),
    ("model.ties_remembered = 90000", "model.ties_remembered"),
    ("model.jail_days = 0", "model.jail_days"),
    ("model.jail_days = { value = 3, unit = 'hazard ratio' }", "model.jail_days.unit"),
    ("mediators.craving.ceiling = 1e9", "mediators.craving.ceiling"),
    ("roles.nurse.caseload = 1e9", "roles.nurse.caseload"),
]


@pytest.mark.parametrize(("text", "place"), EXTREMES)
def test_figures_beyond_any_clinic_are_refused_at_their_place(
    mistakes: Any, text: str, place: str
) -> None:
    (message,) = mistakes(f"\n\n{text}\n")

    assert message.startswith(f"mine.toml:3: {place}")
    assert "allowed " in message or "must " in message


TOO_MUCH = [
    (
        "[arrivals]\nper_week = 500.0\n",
        "mine.toml:2: arrivals.per_week: this would simulate 189,234 people, 130,358 who asked "
        "before, 304 in care at the opening and 58,572 asking in 820 days "
        "(allowed at most 150,000)",
    ),
    (
        "[clinic]\nplaces = 100000\ncaseload_at_start = 1.0\n",
        "mine.toml:2: clinic.places: this would simulate 101,055 people over 820 days, 82,865,100 "
        "days of people (allowed at most 40,000,000)",
    ),
    (
        "[horizon]\nburn_in_days = 0\ndays = 2500\n[arrivals]\ncohort = 20000\n",
        "mine.toml:5: arrivals.cohort: this would simulate 20,000 people over 2,500 days, "
        "50,000,000 days of people (allowed at most 40,000,000)",
    ),
    (
        "[horizon]\nburn_in_days = 3653\ndays = 3000\nfollow_up_days = 3000\n",
        "mine.toml:2: horizon.burn_in_days: this would simulate 12,716 people over 9,653 days, "
        "122,747,548 days of people (allowed at most 40,000,000)",
    ),
    (
        "[staff]\nnurse.posts = 3000.0\ncounsellor.posts = 3500.0\n",
        "mine.toml:3: staff.counsellor.posts: the posts of all roles together are too many "
        "(got 6,500, allowed at most 6,000)",
    ),
    (
        "[services.peer_group]\nseats = 1000\nsessions_per_week = 6000.0\n",
        "mine.toml:3: services.peer_group.sessions_per_week: these groups have too many seats "
        "(got 6,000,000 a week, allowed at most 100,000)",
    ),
]


@pytest.mark.parametrize(("text", "told"), TOO_MUCH)
def test_what_figures_come_to_together_is_limited(mistakes: Any, text: str, told: str) -> None:
    assert mistakes(text) == [told]


def test_what_is_kept_about_people_is_limited(mistakes: Any) -> None:
    own = "".join(f"[services.s{n}]\nlabel = 's'\noffered = true\n" for n in range(99))

    (message,) = mistakes(f"[arrivals]\ncohort = 100000\n[horizon]\ndays = 9\n{own}")

    assert message.startswith("mine.toml:2: arrivals.cohort: this would keep ")
    assert message.endswith("for each of 100,000 (allowed at most 11,000,000)")


@pytest.mark.parametrize("people", [300, 10_000, 100_000])
def test_the_sizes_that_speed_is_measured_at_are_accepted(people: int) -> None:
    frozen = Path(__file__).resolve().parents[2] / "benchmarks" / "frozen.toml"
    size = people / 300
    scenario = load(frozen)

    accepted = scenario.with_changes(
        arrivals={"cohort": people},
        clinic={"places": round(scenario.clinic.places * size)},
        staff={role: {"posts": one.posts * size} for role, one in scenario.staff.items()},
        services={"therapy_group": {"sessions_per_week": 8 * size}},
    )

    assert accepted.arrivals.cohort == people
