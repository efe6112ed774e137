"""What is accepted can be simulated: a small clinic with any number at its least or its most.

The numbers are those of the schema, so that a new one is tried too. Each is set in a clinic where
it says something: all services offered, one own entry in each table.
"""

import copy
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.test_limits import EVERY, Keys

from txsim.catalogue import load_catalogue
from txsim.scenario import load

sys.path.append(str(Path(__file__).resolve().parents[2] / "experiments"))
from watched_child import Answer, WatchedChild

SECONDS = 10.0
MEGABYTES = 1024.0

SMALL = """\
extends = "dual-diagnosis"
title = "A small clinic in which everything happens"

[horizon]
days = 21
follow_up_days = 10
burn_in_days = 7

[arrivals]
per_week = 5.0

[population.distance_km]
median = 5.0
p90 = 20.0

[clinic]
places = 25
fees = { per_day = 3.0 }
waiting_list = { interim_dosing = true, same_day_start = 0.3 }

[medication]
assign = "by preference"
switch_after_positive_urines = 2
take_home = [{ from_day = 0, days_per_visit = 1.2 }, { from_day = 5, days_per_visit = 3.0 }]
taper = { from_day = 5, days = 30 }
dose = 0.9

[effects.override.case_management.dropout]
hazard_ratio = 0.9
range = [0.8, 1.0]

[services.own_group]
label = "A group"
kind = "group"
role = "counsellor"
minutes = 60.0
seats = 6
sessions_per_week = 3.0
starts_every_days = 14
course_sessions = 8
through = ["coping_skill", "symptoms:own_diagnosis"]
raises = { readiness = 0.05 }
links = { peer_group = 1.2 }
required = true
[services.own_group.targets]
use = 0.95
"symptoms:own_diagnosis" = -0.1

[services.own_house]
label = "A house"
kind = "support"
places = 4
houses = true
expels_for_use = 0.1
cost_per_place_day = 9.0
helps_find = { home = 1.2, work = 1.1 }
relieves = { own_barrier = 0.4 }
pays_for = { use = 0.9 }

[services.own_rides]
label = "Rides"
role = "driver"
kind = "support"
mode = "car"
relieves = { transport = 0.4 }
budget_per_month = 300.0
[services.own_rides.modes.car]
label = "Car"
factor = 1.0
minutes = 20.0
cost_per_use = 9.0

[medications.own_medication]
label = "A medication"
substance = "opioid"
service = "dosing"
days_per_visit = 1.0
agonist = true
induction_days = 5.0
induction_success = 0.9
induction_success_detoxified = 0.8
adherence = 0.9
low_dose_share = 0.2
phases = [{ from_day = 0, dropout = 0.01 }, { from_day = 30, dropout = 0.005, solved = -5.0 }]
effects = { use = 0.4 }
solved = { use = 0.1 }
positive_share = 0.4
completion_after_days = 90.0
cost_per_day = 2.0
[medications.own_medication.overdose]
in_first_4_weeks = 1.5
in_later = 1.0
out_first_4_weeks = 4.0
out_later = 2.0

[diagnoses.own_diagnosis]
label = "A diagnosis"
opioid = 0.5
alcohol = 0.5
loadings = { internalising = 0.3 }
effects = { dropout = 1.1 }
early_effects = { dropout = 1.1 }
crises_per_year = 3.0
symptom_effects = { use = 1.1 }

[barriers.own_barrier]
label = "A barrier"
opioid = 0.5
loadings = { externalising = 0.3 }
per_visit = 0.1
effects = { attendance = 0.8 }

[roles.own_role]
label = "A role"
key_worker = true

[staff.own_role]
posts = 1.0

[mediators.own_mediator]
label = "A mediator"
spread = 0.5
half_life_days = 30.0
ceiling = 1.0
effects = { dropout = 0.9 }

[traits.unemployed]
effects = { dropout = 1.1 }

[mixes.own_mix]
label = "A mix"
opioid_share = 0.7
age_mean = 40.0
age_sd = 10.0
distance_median_km = 5.0
distance_p90_km = 20.0
use_days = 20.0
detoxified_share = 0.1
shares = { fentanyl = 0.4 }

[population]
mix = "own_mix"

[streams.self]
effects = { entry = 1.1 }

[take_home.own_rules]
label = "Rules"
steps = [{ from_day = 0, days_per_visit = 1.2 }, { from_day = 5, days_per_visit = 3.0 }]
"""

ENTRIES: dict[str, tuple[str, ...]] = {
    "staff": ("counsellor", "own_role"),
    "services": ("own_group", "own_house", "own_rides", "individual_counselling"),
    "medications": ("own_medication", "methadone"),
    "diagnoses": ("own_diagnosis",),
    "barriers": ("own_barrier",),
    "roles": ("own_role", "nurse"),
    "mediators": ("own_mediator", "craving"),
    "traits": ("unemployed",),
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
    return {first: change_of(inner, tuple(rest), number) if rest else number}


def trials() -> Iterator[tuple[Keys, float, dict[str, Any]]]:
    values = tomllib.loads(SMALL)
    seen = set()
    for schema_keys, shape in EVERY:
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
def test_a_small_clinic_runs_with_any_number_at_its_least_and_its_most(small: Path) -> None:
    faults, accepted = [], 0
    with WatchedChild() as child:
        for keys, number, changes in trials():
            answer = child.asked("changed", SECONDS, path=str(small), changes=changes)
            accepted += answer.ended == "accepted"
            if told := fault(answer):
                faults.append(f"{'.'.join(map(str, keys))} = {number:g}: {told}")
    assert faults == []
    assert accepted > 450
