"""What is accepted can be simulated: a small clinic with any number at its least or its most.

The numbers are those of the schema, so that a new one is tried too. Each is set in a clinic where
it says something: all services offered, one own entry in each table.
"""

import copy
import sys
import tomllib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.test_limits import EVERY, Keys

from txsim.catalogue import load_catalogue
from txsim.scenario import load

if not Path("/proc/self/status").exists():
    pytest.skip("trials are watched as Linux shows them", allow_module_level=True)

sys.path.append(str(Path(__file__).resolve().parents[2] / "experiments"))
from mutated_scenarios import SMALL_CLINIC
from watched_child import Answer, WatchedChild

SECONDS = 10.0
MEGABYTES = 1024.0
PARTS = 4
"""Into which the trials are divided, so that several processes can share them."""

SMALL = SMALL_CLINIC.read_text(encoding="utf-8")

ENTRIES: dict[str, tuple[str, ...]] = {
    "staff": ("counsellor", "own_role"),
    "services": ("own_group", "own_house", "own_rides", "individual_counselling"),
    "medications": ("own_medication", "methadone"),
    "diagnoses": ("own_diagnosis",),
    "barriers": ("own_barrier",),
    "roles": ("own_role", "nurse"),
    "mediators": ("own_mediator", "craving"),
    "traits": ("unemployed",),
    "second_substances": ("stimulants",),
    "hazards": ("use", "regular_use_begins", "overdose"),
    "mixes": ("own_mix",),
    "streams": ("self",),
    "take_home": ("own_rules",),
}
"""Entries in which the numbers of each table are tried."""

INNER: dict[str, tuple[str, ...]] = {
    "shares": ("fentanyl",),
    "streams": ("self",),
    "assign": ("methadone",),
    "prices": ("urine_test", "roles.nurse.wage_per_year"),
    "override": ("case_management",),
    "case_management": ("dropout",),
    "modes": ("car",),
    "targets": ("use", "symptoms:own_diagnosis"),
    "raises": ("readiness",),
    "relieves": ("transport", "own_barrier"),
    "pays_for": ("use",),
    "helps_find": ("home", "work"),
    "links": ("peer_group",),
    "effects": ("dropout", "use", "entry"),
    "early_effects": ("dropout",),
    "symptom_effects": ("use",),
    "solved": ("use",),
    "loadings": ("internalising",),
    "margins": ("retained_365", "cost_per_year"),
}
"""Names tried in tables of a block or a section."""


def written_out(keys: Keys) -> Iterator[Keys]:
    """The places in the small clinic that a place of the schema stands for."""
    if "*" not in keys:
        yield keys
        return
    at = keys.index("*")
    names = ENTRIES[str(keys[0])] if at == 1 and keys[0] in ENTRIES else INNER[str(keys[at - 1])]
    for name in names:
        yield from written_out((*keys[:at], name, *keys[at + 1 :]))


def change_of(values: Any, keys: Keys, number: float) -> Any:
    """What puts a number at a place: tables with what differs, lists whole."""
    first, *rest = keys
    if isinstance(first, int):
        items = copy.deepcopy(values) if isinstance(values, list) else [{}]
        last = len(items) - 1 if rest else first  # the first step or phase is always from day 0
        inner = change_of(items[last], tuple(rest), number) if rest else number
        items[last] = {**items[last], **inner} if rest else inner
        return items
    inner = values.get(first) if isinstance(values, dict) else None
    change = {first: change_of(inner, tuple(rest), number) if rest else number}
    is_whole = isinstance(values, dict) and set(values) & {"range"}  # replaced as one statement
    return {**values, **change} if is_whole else change


def trials() -> Iterator[tuple[Keys, float, dict[str, Any]]]:
    values = tomllib.loads(SMALL)
    seen = set()
    for schema_keys, shape in EVERY:
        if schema_keys[-1] == "value":
            continue  # the same figure, written with its unit
        for keys in written_out(schema_keys):
            for bound in ("minimum", "maximum"):
                kind = int if shape["type"] == "integer" else float
                number = kind(shape[bound])
                if (keys, number) not in seen:
                    seen.add((keys, number))
                    yield keys, number, change_of(values, keys, number)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small clinic with all that the catalogue offers."""
    own = tmp_path_factory.mktemp("small") / "own.toml"
    own.write_text(SMALL, encoding="utf-8")
    catalogue = load_catalogue()
    everything = load(own).with_changes(
        services={name: {"offered": True} for name in catalogue.services},
        staff={role: {"posts": 1.0} for role in catalogue.roles},
    )
    path = own.with_name("small.toml")
    path.write_text(everything.to_toml(), encoding="utf-8")
    return path


def fault(answer: Answer) -> str:
    """What is wrong with an answer; nothing when it is accepted, or refused with a reason."""
    if answer.ended not in ("accepted", "refused"):
        return f"{answer.ended}: {answer.told}"
    if answer.in_all > MEGABYTES:
        return f"{answer.in_all:.0f} MB"
    return "" if answer.told else "refused without a word"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_small_clinic_runs_with_any_number_at_its_least_and_its_most(
    small: Path, part: int
) -> None:
    faults, accepted = [], 0
    with WatchedChild() as child:
        for keys, number, changes in islice(trials(), part, None, PARTS):
            answer = child.asked("changed", SECONDS, path=str(small), changes=changes)
            accepted += answer.ended == "accepted"
            if told := fault(answer):
                faults.append(f"{'.'.join(map(str, keys))} = {number:g}: {told}")
    assert faults == []
    assert accepted > 450 / PARTS
