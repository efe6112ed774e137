"""The scenarios that come with txsim load, open with their question, and say what they promise."""

import tomllib

import pytest

from txsim.economics import fixed_cost
from txsim.scenario import load, shipped_names
from txsim.scenario.shipped import shipped_folder, shipped_path

PROMISED = {
    "baseline",
    "case-management",
    "transport-aid",
    "peer-groups",
    "all-three",
    "short-staffed",
    "homes-and-work",
    "dual-diagnosis",
    "alcohol-clinic",
    "rural-clinic",
    "shared-work",
    "open-door",
    "matched-plan",
}


def test_all_that_is_promised_is_shipped() -> None:
    names = shipped_names()

    assert names[0] == "baseline"
    assert set(names) >= PROMISED
    assert shipped_path("nothing") is None


@pytest.mark.parametrize("name", shipped_names())
def test_each_opens_with_its_question_and_loads_without_warnings(name: str) -> None:
    scenario = load(name)
    path = shipped_path(name)
    assert path is not None

    assert scenario.name == name
    assert scenario.title
    assert scenario.question.endswith("?")
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert scenario.warnings == ()


@pytest.mark.parametrize("name", sorted(set(shipped_names()) - {"baseline"}))
def test_all_but_the_baseline_state_only_what_differs(name: str) -> None:
    path = shipped_path(name)
    assert path is not None
    values = tomllib.loads(path.read_text(encoding="utf-8"))

    assert values["extends"] in set(shipped_names()) - {name}
    assert load(name).digest != load(values["extends"]).digest


def test_the_three_swaps_cost_a_counsellor_each() -> None:
    posts = {name: load(name).value("staff.counsellor.posts") for name in PROMISED}

    for name in ("case-management", "transport-aid", "peer-groups"):
        assert posts[name] == posts["baseline"] - 1
    assert posts["all-three"] == posts["baseline"]


def test_work_is_shared_for_the_same_money() -> None:
    """A therapist for a counsellor; nothing else is bought."""
    short, shared = (fixed_cost(load(name)) for name in ("short-staffed", "shared-work"))

    assert shared == pytest.approx(short, rel=0.005)


def test_a_readme_tells_of_every_scenario() -> None:
    text = (shipped_folder() / "README.md").read_text(encoding="utf-8")

    assert all(f"`{name}`" in text for name in shipped_names())
