"""A copy lives alone: what is done to it, in Python or compiled, leaves the original as it was."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.clinic import Clinic
from txsim.compiled.array_bundle import ArrayBundle
from txsim.compiled.functions import kernel
from txsim.rules.day import run_days
from txsim.run import record
from txsim.state.patient import Patient

from ..model.small_clinics import bytes_of, compiled_only, field_bytes, small

Array = np.ndarray[Any, Any]


def by_pickle(thing: Any, protocol: int = pickle.DEFAULT_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(thing, protocol))


def by_pickle_with_bytes_apart(thing: Any) -> Any:
    """As libraries that send arrays without copying them: what comes out cannot be written to."""
    apart: list[pickle.PickleBuffer] = []
    told = pickle.dumps(thing, 5, buffer_callback=apart.append)
    return pickle.loads(told, buffers=[bytes(one) for one in apart])


WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": by_pickle,
    "old pickle": lambda thing: by_pickle(thing, 2),
    "pickle with bytes apart": by_pickle_with_bytes_apart,
}

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


# -- bundles of arrays

ROW = np.dtype([("a", "f8"), ("b", "i4")], align=True)


@dataclass(frozen=True, eq=False)
class ClinicState(ArrayBundle):
    """A bundle made by hand."""

    rows: Array
    grid: Array
    flags: Array


@dataclass(frozen=True, eq=False)
class Noted(ClinicState):
    """One that holds more than arrays, and lays no table when it is made."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", ["made"])


@dataclass(frozen=True, eq=False, slots=True)
class InSlots(ClinicState):
    """One whose arrays stand in slots."""


class Plain(ClinicState):
    """A subclass without arrays of its own."""


@dataclass(frozen=True, eq=False)
class WithOneMore(ClinicState):
    """One with a further array, which it makes itself."""

    sums: Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sums", np.zeros(3))
        super().__post_init__()


KINDS = (ClinicState, Noted, InSlots, Plain, WithOneMore)


def fill(state: Any, by: float) -> float:
    """Add to every entry, in all arrays; the sum of what they held."""
    total = 0.0
    for i in range(state.rows.shape[0]):
        total += state.rows[i].a + state.rows[i].b
        state.rows[i].a += by
        state.rows[i].b += np.int32(by)
    for i in range(state.grid.shape[0]):
        for j in range(state.grid.shape[1]):
            total += state.grid[i, j]
            state.grid[i, j] += by
    for i in range(state.flags.shape[0]):
        total += state.flags[i]
        state.flags[i] = np.uint8(by)
    return total


filled = kernel(fill)


def made(kind: type[Any], rows: int, wide: int, long: int) -> Any:
    held = np.zeros(rows, ROW)
    held["a"], held["b"] = np.arange(rows) / 3.0, np.arange(rows)
    return kind(held, np.arange(rows * wide, dtype=float).reshape(rows, wide), np.ones(long, "u1"))


def held(state: Any) -> dict[str, bytes]:
    return {one.name: field_bytes(getattr(state, one.name)) for one in fields(state)}


@compiled_only
@given(
    st.sampled_from(KINDS),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 40),
    st.lists(st.sampled_from(list(WAYS.values())), min_size=1, max_size=3),
)
def test_a_copy_of_a_bundle_lives_alone(
    kind: type[Any], rows: int, wide: int, long: int, copying: list[Callable[[Any], Any]]
) -> None:
    """A copy of a copy too, whichever is written to first, with arrays of any length."""
    original = made(kind, rows, wide, long)
    before = held(original)
    twin = original
    for way in copying:
        twin = way(twin)
    assert type(twin) is kind
    assert held(twin) == before

    total = filled(twin, 7.0)

    assert held(original) == before
    after = held(twin)
    assert filled(original, 7.0) == total
    assert held(original) == after == held(twin)


@compiled_only
@ways
def test_a_copy_outlives_its_original(way: Callable[[Any], Any]) -> None:
    original = made(ClinicState, 4, 3, 50_000)
    twin = way(original)
    expected = filled(copy.deepcopy(original), 0.0)
    del original
    _ = [np.full(50_000, 255, "u1") for _ in range(20)]

    assert filled(twin, 0.0) == expected


@ways
def test_a_copy_keeps_what_else_a_bundle_holds(way: Callable[[Any], Any]) -> None:
    twin = way(made(Noted, 2, 2, 2))

    twin.notes.append("copied")
    assert twin.notes == ["made", "copied"]
    assert way(made(WithOneMore, 2, 2, 2)).sums.tolist() == [0.0, 0.0, 0.0]


@compiled_only
@pytest.mark.parametrize("kind", KINDS)
def test_replacing_an_array_shares_the_others(kind: type[Any]) -> None:
    original = made(kind, 3, 2, 4)
    other = replace(original, flags=np.ones(6, "u1"))

    filled(other, 5.0)

    assert original.grid[0, 0] == other.grid[0, 0] == 5.0
    assert original.flags.tolist() == [1] * 4
    assert other.flags.tolist() == [5] * 6


@compiled_only
@pytest.mark.parametrize(
    "grid",
    [
        np.arange(6.0).reshape(3, 2).T,
        np.arange(12.0).reshape(2, 6)[:, ::2],
        np.frombuffer(np.arange(6.0).tobytes()).reshape(2, 3),
        np.frombuffer(b"\0" + np.arange(6.0).tobytes(), "u1")[1:].view("f8").reshape(2, 3),
    ],
    ids=["by columns", "with gaps", "not to be written to", "at odd addresses"],
)
def test_arrays_that_arrive_otherwise_than_compiled_code_needs_them(grid: Array) -> None:
    """As when the state of a copy was made by hand; compiled code knows no strides."""
    original = made(ClinicState, 2, 3, 1)
    twin = ClinicState.__new__(ClinicState)

    twin.__setstate__({**original.__getstate__(), "grid": grid})

    assert twin.grid.flags.carray
    assert np.array_equal(twin.grid, grid)
    filled(twin, 1.0)
    assert np.array_equal(twin.grid, grid + 1.0)


@pytest.mark.parametrize("kind", [ClinicState, Plain, WithOneMore])
def test_a_new_bundle_refuses_arrays_that_are_not_contiguous(kind: type[Any]) -> None:
    with pytest.raises(ValueError, match="grid is not contiguous"):
        kind(np.zeros(2, ROW), np.zeros((3, 2)).T, np.zeros(1, "u1"))


# -- a clinic's state


@compiled_only
@ways
def test_copied_books_run_on_alone(way: Callable[[Any], Any]) -> None:
    """The copy, the original afterwards, and one never copied give the same bytes."""
    clinic, uncopied = Clinic(small()), Clinic(small())
    for one in (clinic, uncopied):
        one.run_until(5)
    before = held(clinic.state)
    twin = way(clinic.state)
    assert held(twin) == before

    assert run_days(twin, 5, 12) == 12

    assert held(clinic.state) == before
    run_days(clinic.state, 5, 12)
    uncopied.run_until(12)
    assert held(clinic.state) == held(twin) == held(uncopied.state) != before
    for one in (clinic, uncopied):
        one.close()


# -- clinics


class Counting(Patient):
    """Counts days in Python, so that days are lived agent by agent."""

    def __init__(self, model: Clinic, row: int) -> None:
        super().__init__(model, row)
        self.lived = 0

    def after_day(self) -> None:
        self.lived += 1


@compiled_only
@ways
@pytest.mark.parametrize("patient_class", [Patient, Counting])
def test_a_copied_clinic_lives_alone(
    way: Callable[[Any], Any], patient_class: type[Patient]
) -> None:
    """Its agents are its own, and it comes to what the original would have come to."""
    clinic = Clinic(small(), patient_class=patient_class)
    clinic.run_until(2)
    before = held(clinic.state)

    twin = way(clinic)
    twin.run_until(4)
    twin.step()
    twin.patients[0].age = 99.0

    assert (clinic.day, twin.day) == (2, 5)
    assert held(clinic.state) == before
    assert len(twin.agents) == len(clinic.agents) > 0
    for agent in twin.agents:
        assert agent.model is twin
    assert not set(twin.agents) & set(clinic.agents)
    if patient_class is Counting:
        burn_in = 2 - clinic.opening
        assert clinic.patients[0].lived == burn_in
        assert twin.patients[0].lived == burn_in + 3
    clinic.run_until(5)
    clinic.patients[0].age = 99.0
    assert bytes_of(record(twin)) == bytes_of(record(clinic))
    for one in (clinic, twin):
        one.close()


@ways
@pytest.mark.parametrize("looked_at", [False, True])
def test_agents_made_in_a_copy_get_numbers_of_their_own(
    way: Callable[[Any], Any], looked_at: bool
) -> None:
    clinic = Clinic(small())
    if looked_at:
        assert clinic.agents
    twin = way(clinic)

    new = Patient(twin, 0)

    numbers = [agent.unique_id for agent in twin.agents]
    assert len(set(numbers)) == len(numbers)
    assert new in twin.agents
    assert new not in clinic.agents
    assert Patient(clinic, 0).unique_id == new.unique_id
    for one in (clinic, twin):
        one.close()


@ways
def test_a_copied_agent_brings_its_own_clinic(way: Callable[[Any], Any]) -> None:
    """Except for a shallow copy, which is another view of the same row."""
    clinic = Clinic(small())
    twin = way(clinic.patients[3])

    assert (twin.model is clinic) == (way is copy.copy)
    assert twin.person == clinic.patients[3].person
    for one in {clinic, twin.model}:
        one.close()
