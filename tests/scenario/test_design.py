"""A scenario is one value: compared, changed, sent to other processes and written down again."""

import pickle
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.catalogue import Catalogue
from txsim.errors import ScenarioError
from txsim.scenario import Scenario, load, shipped_names
from txsim.scenario.schema import ClinicSection, Post


def same_catalogue(one: Scenario, other: Scenario) -> bool:
    return all(
        getattr(one.catalogue, field.name) == getattr(other.catalogue, field.name)
        for field in fields(Catalogue)
    )


def test_repr_says_name_size_demand_and_length() -> None:
    open_clinic = load("baseline").with_changes(
        name="open", clinic={"places": 310}, arrivals={"per_week": 8.5}, horizon={"days": 200}
    )
    closed = open_clinic.with_changes(name="trial", arrivals={"cohort": 300})

    assert repr(open_clinic) == "Scenario(open: 310 treatment slots, 8.5 asking a week, 200 days)"
    assert str(closed) == "Scenario(trial: 310 treatment slots, a cohort of 300, 200 days)"


def test_changes_make_another_scenario_and_leave_the_first_alone() -> None:
    baseline = load("baseline")

    changed = baseline.with_changes(
        name="many", staff={"counsellor": {"posts": 80}}, title="Eighty counsellors"
    )

    assert (changed.name, changed.title) == ("many", "Eighty counsellors")
    assert changed.staff["counsellor"].posts == 80.0
    assert changed.staff["counsellor"].caseload == baseline.staff["counsellor"].caseload
    assert changed.staff["nurse"] == baseline.staff["nurse"]
    assert baseline == load("baseline")
    assert changed != baseline
    assert changed.digest != baseline.digest


def test_changes_may_be_paths_sections_and_numpy_figures() -> None:
    baseline = load("baseline")

    same = [
        baseline.with_changes(staff={"counsellor": {"posts": 8.0}}),
        baseline.with_changes(**{"staff.counsellor.posts": np.float64(8)}),
        baseline.with_changes(**{"staff.counsellor": {"posts": np.int64(8)}}),
        baseline.with_changes(staff={"counsellor": Post(posts=8.0)}),
    ]

    assert len({scenario.digest for scenario in same}) == 1
    assert len(set(same)) == 1


def test_none_takes_a_key_back_to_its_default() -> None:
    baseline = load("baseline")

    small = baseline.with_changes(clinic={"places": 9})
    assert small.with_changes(clinic={"places": None}).clinic.places == ClinicSection().places
    assert baseline.with_changes(clinic={"places": 9}, staff=None).staff == {}


def test_an_open_clinic_can_be_closed_and_opened_again() -> None:
    closed = load("baseline").with_changes(arrivals={"cohort": 50})
    opened = closed.with_changes(**{"arrivals.per_week": 4.0})

    assert closed.days_simulated == 365
    assert (opened.arrivals.cohort, opened.arrivals.per_week) == (None, 4.0)
    assert opened.days_simulated == 730


def test_wrong_changes_are_all_told() -> None:
    with pytest.raises(ScenarioError) as caught:
        load("baseline").with_changes(clinic={"places": -1}, staff={"nurs": {"posts": 1}})

    assert [str(one).split(" (")[0] for one in caught.value.problems] == [
        "changes to baseline: clinic.places: this number is too small",
        "changes to baseline: staff.nurs: there is no role of this name",
    ]


def test_a_scenario_made_by_hand_is_checked_when_its_catalogue_is_wanted() -> None:
    scenario = Scenario(services={"cbtt": {"offered": True}})

    with pytest.raises(ScenarioError, match='did you mean "cbt"'):
        _ = scenario.catalogue


def test_scenarios_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load("baseline").title = "other"  # type: ignore[misc]


def test_neither_name_nor_wording_changes_the_digest() -> None:
    baseline = load("baseline")
    renamed = baseline.with_changes(name="other", title="Other", question="Why?")

    assert renamed.digest == baseline.digest
    assert renamed != baseline


def test_equal_scenarios_are_one_in_a_set() -> None:
    assert len({load("baseline"), load("baseline"), load("all-three")}) == 2
    assert load("baseline") != "baseline"


@pytest.mark.parametrize("name", shipped_names())
def test_a_scenario_travels_light_and_arrives_whole(name: str) -> None:
    scenario = load(name)
    _ = scenario.catalogue

    sent = pickle.dumps(scenario)
    arrived = pickle.loads(sent)

    assert len(sent) < 5_000, "the catalogue must not travel"
    assert arrived == scenario
    assert same_catalogue(arrived, scenario)
    assert arrived.roster_path == scenario.roster_path
    assert pickle.loads(sent) is arrived, "sent twice, built once"


def test_values_are_found_by_their_paths() -> None:
    baseline = load("baseline")

    cbt = baseline.catalogue.services["cbt"]
    own = baseline.with_changes(services={"cbt": {"minutes": 44}})

    assert baseline.value("staff.counsellor.posts") == baseline.staff["counsellor"].posts
    assert own.value("services.cbt.minutes") == 44
    assert baseline.value("services.cbt.minutes") == cbt.minutes
    assert baseline.value("services.cbt.uptake") == cbt.uptake.value
    for nowhere in (
        "staff.counsellor.age",
        "nowhere",
        "services.cbt.nothing",
        "staff.nobody.posts",
    ):
        with pytest.raises(KeyError):
            baseline.value(nowhere)


def test_own_steps_of_take_home_are_a_rule_set() -> None:
    steps = [{"from_day": 0, "days_per_visit": 1.0}, {"from_day": 30, "days_per_visit": 7.0}]
    scenario = load("baseline").with_changes(medication={"take_home": steps})

    assert [step.days_per_visit for step in scenario.take_home_rules.steps] == [1.0, 7.0]
    named = load("baseline")
    assert named.take_home_rules is named.catalogue.take_home["rules before 2024"]


def test_a_roster_counts_by_its_content(folder: Path) -> None:
    header = "person,age,sex,substance\n"
    (folder / "a.csv").write_text(f"{header}x,30,female,opioid\n")
    shutil.copy(folder / "a.csv", folder / "b.csv")
    (folder / "c.csv").write_text(f"{header}x,31,female,opioid\n")
    found = {}
    for name in "abc":
        (folder / f"{name}.toml").write_text(
            f'extends = "baseline"\n[population]\nroster = "{name}.csv"\n'
        )
        found[name] = load(f"{name}.toml")

    assert found["a"].population.mix is None
    assert found["a"].digest == found["b"].digest != found["c"].digest
    assert [row.age for row in found["c"].roster_rows()] == [31.0]
    assert pickle.loads(pickle.dumps(found["c"])).roster_rows() == found["c"].roster_rows()
    assert load("baseline").roster_rows() == []


# --- written down and read again ---------------------------------------------------------------


def read_again(scenario: Scenario, folder: Path) -> Scenario:
    path = folder / f"{scenario.name}.toml"
    path.write_text(scenario.to_toml(), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenarios_survive_being_written(name: str, tmp_path: Path) -> None:
    scenario = load(name)

    again = read_again(scenario, tmp_path)

    assert again == scenario
    assert same_catalogue(again, scenario)
    assert again.to_toml() == scenario.to_toml()


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": WORDS,
        "question": WORDS,
        "horizon": st.fixed_dictionaries(
            {"days": st.integers(1, 1_000), "start": st.sampled_from(["shared", "empty"])}
        ),
        "arrivals": st.one_of(
            st.fixed_dictionaries({"per_week": st.floats(0, 100)}),
            st.fixed_dictionaries({"cohort": st.integers(1, 10_000)}),
        ),
        "clinic": st.fixed_dictionaries(
            {
                "places": st.integers(0, 10_000),
                "kind": WORDS,
                "open_days": st.lists(
                    st.sampled_from(["mon", "wed", "sun"]), min_size=1, unique=True
                ),
                "waiting_list": st.fixed_dictionaries({"interim_dosing": st.booleans()}),
            }
        ),
        "staff": st.dictionaries(
            st.sampled_from(["nurse", "therapist", "driver"]),
            st.fixed_dictionaries(
                {"posts": st.floats(0, 100)}, optional={"caseload": st.floats(0, 99)}
            ),
        ),
        "population": st.fixed_dictionaries(
            {"shares": st.dictionaries(st.sampled_from(["fentanyl", "ptsd"]), st.floats(0, 1))}
        ),
        "services": st.dictionaries(
            st.sampled_from(["cbt", "therapy_group", "peer_group"]),
            st.fixed_dictionaries(
                {"offered": st.booleans()},
                optional={"attendance": st.floats(0, 1), "for": st.just(["ptsd", "money"])},
            ),
        ),
        "effects": st.fixed_dictionaries(
            {
                "grades": st.sampled_from(["A", "AB", "ABC", "ABCD"]),
                "override": st.dictionaries(
                    st.just("case_management"),
                    st.fixed_dictionaries(
                        {"dropout": st.fixed_dictionaries({"hazard_ratio": st.floats(0.1, 5)})}
                    ),
                ),
            }
        ),
        "economics": st.fixed_dictionaries(
            {"prices": st.dictionaries(st.just("roles.nurse.wage_per_year"), st.floats(1, 1e6))}
        ),
        "diagnoses": st.dictionaries(
            st.from_regex("[a-z]{12,15}", fullmatch=True),
            st.fixed_dictionaries({"label": WORDS.filter(bool), "opioid": st.floats(0, 1)}),
            max_size=2,
        ),
    },
)


@given(CHANGES)
def test_any_scenario_survives_being_written(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    scenario = load("baseline").with_changes(name="any", **changes)

    again = read_again(scenario, tmp_path_factory.mktemp("any"))

    assert again == scenario
    assert same_catalogue(again, scenario)
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert scenario.with_changes() == scenario
