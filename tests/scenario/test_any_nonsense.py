"""Whatever stands in a scenario, it is loaded or refused with a reason; nothing else happens."""

import copy
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.errors import Problem, ScenarioError
from txsim.scenario import Scenario, load
from txsim.scenario.design import checked
from txsim.scenario.mistakes import Origins
from txsim.scenario.shipped import shipped_folder

RICH = (
    load("dual-diagnosis")
    .with_changes(
        name="rich",
        population={
            "shares": {"fentanyl": 0.5, "transport_barrier": 0.2},
            "distance_km": {"median": 5.0, "p90": 20.0},
        },
        medication={"take_home": [{"from_day": 0, "days_per_visit": 1.0}]},
        services={
            "cbt": {
                "for": ["ptsd", "waiting"],
                "attendance": 0.6,
                "targets": {"use": {"value": 0.9, "unit": "odds ratio", "source": "x"}},
            },
            "transport_aid": {"modes": {"van": {"cost_per_use": 3}}},
            "music": {
                "label": "Music",
                "kind": "group",
                "seats": 8,
                "raises": {"craving": -0.1},
                "indicated": {"diagnoses": ["ptsd"]},
            },
        },
        effects={
            "override": {"case_management": {"dropout": {"hazard_ratio": 0.9, "range": [0.8, 1.0]}}}
        },
        economics={"prices": {"urine_test": 3.0, "roles.nurse.wage_per_year": 3.0}},
        roles={"nurse": {"caseload": 3}, "singer": {"label": "Singer"}},
        diagnoses={"gambling": {"label": "Gambling", "effects": {"dropout": 1.1}}},
        mixes={"alcohol programme": {"age_mean": 50}},
        streams={"court": {"effects": {"entry": 1.2}}},
        take_home={"strict": {"steps": [{"from_day": 0, "days_per_visit": 1}]}},
        hazards={"jail": {"better": "lower"}},
        mediators={"craving": {"ceiling": 2.0}},
        traits={"female": {"opioid": 0.5}},
        medications={"methadone": {"phases": [{"from_day": 0, "dropout": 0.01}]}},
        model={"clinic_sd": 0.3},
    )
    .values()
)
NONSENSE = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 10**20),
        st.floats(),
        st.text(max_size=3),
        st.sampled_from(["everyone", "ptsd", "methadone", "van", "nurse", "use", "group", "USD"]),
        st.just(date(2027, 1, 1)),
        st.just(time(5, 30)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["value", "unit", "label", "a.b", "", "for", "use", "kind", "targets"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=4,
)


def places(values: Any) -> list[tuple[str | int, ...]]:
    """Every path in nested tables and lists."""
    if isinstance(values, dict):
        inner = list(values.items())
    elif isinstance(values, list):
        inner = list(enumerate(values))
    else:
        return []
    return [
        path for key, one in inner for path in ((key,), *((key, *rest) for rest in places(one)))
    ]


def outcome(values: dict[str, Any]) -> Scenario | list[Problem]:
    """The scenario, or what is wrong with it; any other error is one of txsim's."""
    try:
        return checked(values, name="x", folder=None, origins=Origins("x.toml"))
    except ScenarioError as error:
        return error.problems


@given(st.lists(st.tuples(st.sampled_from(places(RICH)), NONSENSE, st.booleans()), max_size=3))
def test_any_nonsense_is_refused_with_a_reason(
    changes: list[tuple[tuple[str | int, ...], Any, bool]],
) -> None:
    values = copy.deepcopy(RICH)
    for path, nonsense, beside in changes:
        here: Any = values
        for key in path[:-1]:
            present = isinstance(here, dict) or (isinstance(here, list) and len(here) > 0)
            here = (
                here[key]
                if present and key in (here if isinstance(here, dict) else range(9))
                else None
            )
        if isinstance(here, dict):
            here["another" if beside else path[-1]] = nonsense
        elif isinstance(here, list):
            here.append(nonsense)

    found = outcome(values)
    assert isinstance(found, Scenario) or (found and all(problem.message for problem in found))


@pytest.mark.parametrize("table", sorted({path[0] for path in places(RICH)}))
@pytest.mark.parametrize("nonsense", [3, "x", [], [1], {"x": 3}, {"x": {"y": 1}}, True, 1e308])
def test_no_table_can_be_anything_else(table: str, nonsense: Any) -> None:
    found = outcome({**RICH, table: nonsense})

    assert isinstance(found, Scenario) or found


SHIPPED = (shipped_folder() / "baseline.toml").read_text(encoding="utf-8")


@given(
    st.integers(0, len(SHIPPED)),
    st.integers(0, 12),
    st.text(st.sampled_from(list("\"'[]{}=#.,\n\\ax0_-\r\t\u00e9")), max_size=4),
)
def test_any_slip_of_the_hand_is_told_with_a_line(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, typed: str
) -> None:
    path = tmp_path_factory.mktemp("slip") / "baseline.toml"
    text = SHIPPED[:start] + typed + SHIPPED[start + length :]
    path.write_text(text, encoding="utf-8", newline="")

    problems: list[Problem] = []
    try:
        load(path)
    except ScenarioError as error:
        problems = error.problems
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems)
