"""The shipped trials are complete and held out; a mistake in one is told with its place."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from tests.catalogue.test_shipped import HELD_OUT
from txsim.catalogue import load_catalogue
from txsim.errors import ScenarioError
from txsim.scenario import shipped_names
from txsim.validation.trials import folder_of_trials, load_experiments

EXPERIMENTS = load_experiments()
NUMBERS = {1, 2, 3, 4, 5, 6, 8, 10, 11, 15, 19}
"""Numbers of the experiments, which have gaps."""


def evidence_ids() -> set[str]:
    """Of every finding that the model is compared with."""
    results = [result for one in EXPERIMENTS for result in one.trial.results]
    ids = {name for one in results for name in one.evidence.values()}
    return ids | {one.evidence for result in results for one in result.contrasts if one.evidence}


def test_every_experiment_is_there() -> None:
    assert {one.trial.number for one in EXPERIMENTS} == NUMBERS
    assert {one.trial.number for one in EXPERIMENTS if one.trial.consistency} == {1, 2}


def test_nothing_that_is_compared_with_is_in_the_catalogue() -> None:
    ids = evidence_ids()

    assert len(ids) > 40
    assert all(one.startswith(HELD_OUT) for one in ids)
    assert not ids & set(load_catalogue().evidence)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_a_set_up_says_what_it_is(experiment: object) -> None:
    """Its source, that it was written from the design alone, and before the model was run on it."""
    for arm, words in experiment.set_ups.items():  # type: ignore[attr-defined]
        assert "et al." in words or "COMBINE" in words, arm
        assert "design" in words, arm
        assert "written before the model was run on it" in words, arm


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_arms_have_their_real_size(experiment: object) -> None:
    for scenario in experiment.scenarios.values():  # type: ignore[attr-defined]
        assert scenario.arrivals.cohort
        assert scenario.title


def test_files_of_a_trial_are_all_used() -> None:
    for one in EXPERIMENTS:
        folder = folder_of_trials() / one.name
        extended = {
            tomllib.loads(path.read_text(encoding="utf-8"))["extends"]
            for path in folder.glob("*.toml")
        }
        files = {path.stem for path in folder.glob("*.toml")}
        assert files == set(one.trial.arms) | {
            name.removesuffix(".toml") for name in extended if name.endswith(".toml")
        }


def test_trials_are_none_of_the_scenarios_for_planners() -> None:
    assert not set(shipped_names()) & {arm for one in EXPERIMENTS for arm in one.trial.arms}


def test_large_trials_get_fewer_replications_and_enough_for_an_interval() -> None:
    cornish, maddux = load_experiments(("cornish-2010", "maddux-1994"))

    assert [cornish.replications(wanted) for wanted in (4, 40, 100, 200)] == [4, 20, 30, 60]
    assert [maddux.replications(wanted) for wanted in (4, 200)] == [4, 200]


def test_the_pool_has_as_many_people_as_the_review() -> None:
    (amato,) = load_experiments(("amato-2011",))

    assert len(amato.trial.pool) == 27
    assert sum(people for people, _, _ in amato.trial.pool) == 3124
    assert {added for _, _, added in amato.trial.pool} == set(amato.trial.arms) - {"control"}


# --- mistakes


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    """A folder with one trial, whose observed figures a test may change."""
    shutil.copytree(folder_of_trials() / "maddux-1994", tmp_path / "maddux-1994")
    text = (folder_of_trials() / "observed.toml").read_text(encoding="utf-8")
    start, end = text.index("[maddux-1994]"), text.index("[peirce-2006]")
    (tmp_path / "observed.toml").write_text(text[start:end], encoding="utf-8")
    return tmp_path


def test_a_folder_of_ones_own(trials: Path) -> None:
    (one,) = load_experiments(folder=trials)

    assert one.name == "maddux-1994"
    assert one.size("fee") == 76


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("no-fee = 0.54", "no-fee = 54.0", "this number is too large"),
        ("fee = 0.34 }", "fees = 0.34 }", "there is no arm of this name"),
        ('"stayed"', '"staid"', 'did you mean "stayed"'),
        ('of = "no-fee", against = "fee", expected = "higher"',
         'of = "no-fee", against = "fe", expected = "higher"', 'did you mean "fee"'),
        ('expected = "higher"', 'expected = "more"', "this value is not known"),
        ('kind      = "retention"', 'kin = "retention"', 'did you mean "kind"'),
        ("day       = 365", "day       = 366", "the day is after the last one simulated"),
        ('arms     = ["no-fee", "fee"]', 'arms     = ["no-fee", "free"]', "there is no such file"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(trials: Path, good: str, bad: str, told: str) -> None:
    file = trials / "observed.toml"
    text = file.read_text(encoding="utf-8")
    assert good in text
    file.write_text(text.replace(good, bad, 1), encoding="utf-8")

    with pytest.raises(ScenarioError) as refused:
        load_experiments(folder=trials)

    line = text[: text.index(good)].count("\n") + 1
    words = str(refused.value)
    assert told in words
    assert f"observed.toml:{line}" in words or "free.toml" in words


def test_an_unknown_trial_is_told_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match='did you mean "maddux-1994"'):
        load_experiments(("madux-1994",))
