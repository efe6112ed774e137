"""Chance is a fixed function of who, when and for what, the same compiled and uncompiled."""

import ast
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import txsim
from txsim import randomness
from txsim.randomness import (
    DAY_STRIDE,
    DAYS_BEFORE,
    MASK,
    chance_of,
    day_key,
    decision,
    decisions,
    exponential,
    happens,
    hash_of_name,
    joined,
    logarithm,
    mix,
    normal,
    ringing_time,
    uniform,
)

from .small_clinics import compiled_only

PACKAGE = Path(txsim.__file__).parent
WORDS = st.integers(0, MASK)
FIXED_KEYS = np.arange(1, 200_001, dtype=np.uint64)


def in_turn(keys: Any, purpose: Any) -> Any:
    drawn = np.empty(keys.size)
    for place in range(keys.size):
        drawn[place] = uniform(mix(keys[place]), purpose)
    return drawn


def day_by_day(key: Any, days: Any, purpose: Any) -> Any:
    drawn = np.empty(days)
    for day in range(days):
        drawn[day] = uniform(day_key(key, day), purpose)
    return drawn


# Compiled code calls the functions of `randomness` by their overloads.
compiled_mix = numba.njit(lambda value: mix(value))
compiled_joined = numba.njit(lambda key, other: joined(key, other))
compiled_day_key = numba.njit(lambda key, day: day_key(key, day))
compiled_uniform = numba.njit(lambda key, purpose: uniform(key, purpose))
uniforms = numba.njit(in_turn)
uniforms_over_days = numba.njit(day_by_day)


@given(key=WORDS, other=WORDS)
def test_keys_and_draws_are_equal_in_python_and_compiled(key: int, other: int) -> None:
    first, second = np.uint64(key), np.uint64(other)

    assert mix(key) == int(compiled_mix(first))
    assert joined(key, other) == int(compiled_joined(first, second))
    assert uniform(key, other) == compiled_uniform(first, second)


@given(key=WORDS, day=st.integers(-DAYS_BEFORE + 1, 1 << 40))
def test_day_keys_are_equal_in_python_and_compiled(key: int, day: int) -> None:
    assert day_key(key, day) == int(compiled_day_key(np.uint64(key), day))


@given(key=WORDS, day=st.integers(-1000, 100_000))
def test_numpy_numbers_give_the_keys_of_plain_numbers(key: int, day: int) -> None:
    assert mix(np.uint64(key)) == mix(key)
    assert joined(np.uint64(key), np.uint64(day + 1000)) == joined(key, day + 1000)
    assert day_key(int(np.uint64(key)), int(np.int32(day))) == day_key(key, day)


def test_the_mixing_is_that_of_splitmix64() -> None:
    """The first outputs of SplitMix64 with state 0 (the state is advanced, then mixed)."""
    advance = 0x9E3779B97F4A7C15

    assert mix(advance) == 0xE220A8397B1DCDAF
    assert mix(2 * advance & MASK) == 0x6E789E6AA1B965F4
    assert mix(3 * advance & MASK) == 0x06C45D188009454F


@given(key=WORDS, bit=st.integers(0, 63))
def test_one_bit_of_a_key_moves_about_half_of_the_bits(key: int, bit: int) -> None:
    """Binomial(64, 1/2): fewer than 8 or more than 56 bits changed has a chance of 1e-10."""
    moved = (mix(key) ^ mix(key ^ (1 << bit))).bit_count()

    assert 8 <= moved <= 56


@given(key=WORDS, purpose=WORDS)
def test_a_draw_lies_strictly_between_0_and_1(key: int, purpose: int) -> None:
    assert 0.0 < uniform(key, purpose) < 1.0


@compiled_only
def test_draws_are_uniform_over_people() -> None:
    """200,000 draws: a departure of the distribution by 0.005 would fail (power near 1)."""
    drawn = uniforms(FIXED_KEYS, np.uint64(hash_of_name("uniform over people")))

    assert scipy.stats.kstest(drawn, "uniform").pvalue > 1e-3


@compiled_only
def test_draws_are_uniform_over_days() -> None:
    drawn = uniforms_over_days(np.uint64(12345), 200_000, np.uint64(hash_of_name("over days")))

    assert scipy.stats.kstest(drawn, "uniform").pvalue > 1e-3


@compiled_only
@pytest.mark.parametrize("apart", ["purposes", "neighbouring people", "neighbouring days"])
def test_draws_of_different_keys_are_independent(apart: str) -> None:
    """200,000 pairs: a correlation of 0.02, or a cell of 10 x 10 off by 8 %, would fail."""
    one, other = (np.uint64(hash_of_name(name)) for name in ("one", "other"))
    if apart == "purposes":
        first, second = uniforms(FIXED_KEYS, one), uniforms(FIXED_KEYS, other)
    elif apart == "neighbouring people":
        drawn = uniforms(FIXED_KEYS, one)
        first, second = drawn[:-1], drawn[1:]
    else:
        drawn = uniforms_over_days(np.uint64(777), 200_001, one)
        first, second = drawn[:-1], drawn[1:]
    table, _, _ = np.histogram2d(first, second, bins=10, range=[[0, 1], [0, 1]])

    assert abs(np.corrcoef(first, second)[0, 1]) < 0.01
    assert scipy.stats.chisquare(table.ravel()).pvalue > 1e-3


def test_no_two_declared_decisions_share_their_luck() -> None:
    import txsim.clinic.model  # noqa: F401 - declares every decision there is

    keys = {hash_of_name(f"decision:{name}") for name in decisions()}

    assert len(keys) == len(decisions()) > 20


def test_a_decision_cannot_be_declared_twice() -> None:
    name = "a decision of the tests"
    first = decision(name)

    assert int(first) == hash_of_name(f"decision:{name}")
    with pytest.raises(ValueError, match="declared twice"):
        decision(name)


@given(st.floats(-690.0, 700.0))
def test_the_exponential_is_the_library_s(x: float) -> None:
    assert exponential(x) == pytest.approx(math.exp(x), rel=2e-14)


def test_the_exponential_is_nothing_far_below_and_bounded_far_above() -> None:
    assert exponential(-701.0) == 0.0
    assert exponential(-60.0) == pytest.approx(math.exp(-60.0), rel=1e-14)
    assert exponential(1e6) == exponential(700.0) < math.inf


@given(st.floats(1e-300, 1e300))
def test_the_logarithm_is_the_library_s(x: float) -> None:
    assert logarithm(x) == pytest.approx(math.log(x), rel=2e-14, abs=1e-15)


@given(st.floats(2.0**-53, 1.0 - 2.0**-53))
def test_the_normal_is_that_of_scipy(luck: float) -> None:
    assert normal(luck) == pytest.approx(scipy.special.ndtri(luck), rel=1e-12, abs=1e-12)


@given(st.floats(1e-12, 1 - 1e-12), st.floats(1e-12, 1 - 1e-12))
def test_the_normal_rises_with_the_draw(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert normal(low) <= normal(high)


@given(luck=st.floats(2.0**-53, 1.0 - 2.0**-53), log_rate=st.floats(-30.0, 5.0))
def test_a_clock_rings_when_an_exponential_clock_would(luck: float, log_rate: float) -> None:
    """The shortcuts for rare events never change when, or whether, a clock rings within 1."""
    exact = -math.log1p(-luck) / math.exp(log_rate)
    rings = ringing_time(luck, log_rate)

    if exact < 1.0 - 1e-9:
        assert rings == pytest.approx(exact, rel=1e-9, abs=1e-12)
    elif exact > 1.0 + 1e-9:
        assert rings >= 1.0


@given(luck=st.floats(2.0**-53, 1.0 - 2.0**-53), log_odds=st.floats(-40.0, 40.0))
def test_an_event_happens_below_its_chance(luck: float, log_odds: float) -> None:
    """The shortcuts for rare events never change whether an event happens."""
    chance = 1.0 / (1.0 + math.exp(-log_odds))

    assert chance_of(log_odds) == pytest.approx(chance, rel=1e-12)
    if abs(luck - chance) > 1e-12:
        assert happens(luck, log_odds) == (luck < chance)


def test_an_impossible_clock_never_rings() -> None:
    assert ringing_time(2.0**-53, -60.0) >= 1.0


def test_names_give_their_keys_whatever_the_hash_seed() -> None:
    code = "from txsim.randomness import hash_of_name; print(hash_of_name('service:dosing'))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(PACKAGE.parent), "PYTHONHASHSEED": seed},
            text=True, capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip

    assert found == {f"{hash_of_name('service:dosing')}\n"}


def test_days_before_opening_have_keys_of_their_own() -> None:
    keys = {day_key(99, day) for day in range(-200, 2000)}

    assert len(keys) == 2200
    assert DAY_STRIDE % 2 == 1


RANDOM_MODULES = {"random", "secrets", "uuid"}
RANDOM_ATTRIBUTES = {"random", "default_rng", "urandom", "getrandom", "RandomState", "rng"}


def other_chance(source: str) -> list[str]:
    """Every use of chance that is not keyed, as it stands in a source."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.split(".")[0] in RANDOM_MODULES]
        elif isinstance(node, ast.ImportFrom):
            names = {one.name for one in node.names}
            if (node.module or "").split(".")[0] in RANDOM_MODULES or names & RANDOM_ATTRIBUTES:
                found.append(f"from {node.module} import {', '.join(sorted(names))}")
        elif isinstance(node, ast.Attribute):
            found += [ast.unparse(node)] * (node.attr in RANDOM_ATTRIBUTES)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "hash":
            found.append(ast.unparse(node))
    return found


SOURCES = sorted(
    [
        file
        for room in ("rules", "parameters", "state", "people", "clinic")
        for file in (PACKAGE / room).rglob("*.py")
    ]
    + [PACKAGE / name for name in ("run.py", "randomness.py")]
)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_other_source_of_chance_is_used(file: Path) -> None:
    assert other_chance(file.read_text(encoding="utf-8")) == []


def test_the_search_for_other_chance_finds_it() -> None:
    guilty = (
        "import random\nfrom numpy.random import default_rng\nimport os\n"
        "x = os.urandom(8)\ny = np.random.rand()\nz = self.model.rng\nw = hash('name')\n"
    )

    assert len(other_chance(guilty)) == 6


def test_every_module_of_chance_is_looked_at() -> None:
    assert {file.name for file in SOURCES} >= {"exits.py", "population.py", "draw.py", "model.py"}
    assert randomness.__file__ in {str(file) for file in SOURCES}
