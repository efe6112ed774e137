"""Studies of real, if tiny, clinics: taken up again, refused, told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from txsim.cli import main
from txsim.errors import OutputError, ScenarioError, TxsimError
from txsim.parameters.tables import parameters_of
from txsim.run import replicate
from txsim.scenario import Scenario, load
from txsim.sensitivity import How, sensitivity, study
from txsim.sensitivity.evaluations import EVALUATIONS, Evaluations
from txsim.sensitivity.factors import Factor, entry_of, factors_of
from txsim.sensitivity.settings import Setting, Settings
from txsim.sensitivity.tables import MEANINGS, indices_table, screening_table
from txsim.sensitivity.telling import summary

SOME = ("hazards.regular_use_ends.opioid", "hazards.walk_away.opioid", "clinic")
QUICK = How(trajectories=2, base=2, replications=2, most=2, by="numbers")

TINY = """\
extends = "baseline"
[horizon]
days = 40
follow_up_days = 30
burn_in_days = 5
[clinic]
places = 30
[arrivals]
per_week = 4.0
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    file = tmp_path_factory.mktemp("tiny") / "tiny.toml"
    file.write_text(TINY, encoding="utf-8")
    return load(file)


@pytest.fixture(scope="module")
def more(tiny: Scenario) -> Scenario:
    return tiny.with_changes(name="more", staff={"counsellor": {"posts": 12.0}})


@pytest.fixture
def few_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A study of three numbers, so that it takes a second."""

    def three(designs: list[Scenario]) -> list[Factor]:
        return [one for one in factors_of(designs) if one.name in SOME]

    monkeypatch.setattr(study, "factors_of", three)


def test_a_setting_moves_its_numbers_and_leaves_the_others_at_their_centres(
    tiny: Scenario,
) -> None:
    numbers = dict(tiny.catalogue.numbers())
    path = SOME[0]
    setting = Setting({path: 1.0})

    assert setting.value(path, numbers[path]) == numbers[path].at(1.0) != numbers[path].value
    assert setting.value(SOME[1], numbers[SOME[1]]) == numbers[SOME[1]].value
    assert Setting({}) == Setting({}) != setting
    moved, centre = (parameters_of(tiny, one) for one in (setting, Setting({})))
    assert (moved.base != centre.base).sum() == 1


def test_all_settings_have_the_same_luck() -> None:
    source = Settings([{}, {"clinic": 1.0}], 3)
    lucks = [source.luck(9, place) for place in range(6)]

    assert [one.replication for one in lucks] == [0, 1, 2, 0, 1, 2]
    assert [one.place for one in lucks] == list(range(6))
    assert [one.draw.number for one in lucks] == [0, 0, 0, 1, 1, 1]


def test_settings_without_a_move_come_to_what_central_values_do(tiny: Scenario) -> None:
    kept = Evaluations([tiny], ["retained_30"], 2, 1, None, workers=1)
    found = kept.of([{}])
    known = replicate([tiny], 2, 1, lambda run: run.patients["exit_day"], uncertainty=False)

    assert found.shape == (1, 2, 1, 1)
    again = replicate(
        [tiny], 2, 1, lambda run: run.patients["exit_day"], draws=Settings([{}], 2), workers=1
    )
    assert all(np.array_equal(a, b) for a, b in zip(known[0], again[0], strict=True))


def test_the_numbers_that_are_moved_act_and_are_no_prices(tiny: Scenario) -> None:
    found = {one.name: one for one in factors_of([tiny])}

    assert "clinic" in found
    assert "medications.methadone.phases" in found
    assert "services.individual_counselling.targets.dropout" in found
    assert found["clinic"].grade in "ABCD"
    assert not [path for path in found if path.startswith("costs.") or "wage" in path]
    assert not [path for path in found if "alcohol" in path or "disulfiram" in path]
    assert not [path for path in found if path.startswith("roles.psychiatrist")]
    off = tiny.with_changes(name="off", mechanisms={"crises": False})
    crises = {path for path in found if entry_of(path) == "model.crisis"}
    assert crises
    assert not crises & {one.name for one in factors_of([off])}


@pytest.mark.usefixtures("few_numbers")
def test_a_study_taken_up_again_comes_to_the_same(
    tiny: Scenario, more: Scenario, tmp_path: Path
) -> None:
    whole = sensitivity(tiny, more, QUICK, tmp_path / "whole", workers=1)
    assert whole.runs == whole.run_anew > 0
    lines = (tmp_path / "whole" / EVALUATIONS).read_bytes().splitlines(keepends=True)
    (tmp_path / "cut").mkdir()
    # killed in the middle of a line
    cut = b"".join(lines[:7]) + lines[7][:20]
    (tmp_path / "cut" / EVALUATIONS).write_bytes(cut)

    resumed = sensitivity(tiny, more, QUICK, tmp_path / "cut", workers=1)

    assert resumed.run_anew == whole.runs - 6 * 2
    pd.testing.assert_frame_equal(screening_table(resumed), screening_table(whole))
    pd.testing.assert_frame_equal(indices_table(resumed), indices_table(whole))
    assert summary(resumed) == summary(whole)
    assert sensitivity(tiny, more, QUICK, tmp_path / "cut", workers=1).run_anew == 0
    alone = sensitivity(tiny, more, QUICK, workers=1)
    assert summary(alone) == summary(whole)


@pytest.mark.usefixtures("few_numbers")
def test_runs_of_another_study_are_refused_until_forced(
    tiny: Scenario, more: Scenario, tmp_path: Path
) -> None:
    sensitivity(tiny, None, QUICK, tmp_path, workers=1)

    with pytest.raises(OutputError, match="another study"):
        sensitivity(more, None, QUICK, tmp_path, workers=1)
    assert sensitivity(more, None, QUICK, tmp_path, workers=1, force=True).run_anew > 0
    (tmp_path / EVALUATIONS).write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(OutputError, match="no file of kept runs"):
        sensitivity(more, None, QUICK, tmp_path, workers=1)


def test_designs_of_other_people_have_no_difference_to_look_at(tiny: Scenario) -> None:
    others = tiny.with_changes(name="others", arrivals={"per_week": 5.0})

    with pytest.raises(ScenarioError, match="other people"):
        sensitivity(tiny, others, QUICK)


def test_a_study_too_small_to_see_luck_is_refused() -> None:
    for wrong in ({"replications": 1}, {"base": 6}, {"by": "luck"}, {"trajectories": 1}):
        with pytest.raises(ValueError, match=r"at least|power of 2|screening is by"):
            How(**wrong)  # type: ignore[arg-type]


def test_without_salib_it_says_what_to_type(
    tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)

    with pytest.raises(TxsimError, match=r"pip install 'txsim\[sensitivity\]'"):
        sensitivity(tiny, None, QUICK)


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    words = ["sensitivity", "tiny.toml", "--workers=1"]
    return lambda *more: CliRunner().invoke(main, [*words, *map(str, more)])


SMALL = ("--trajectories=2", "--base=2", "--replications=2", "--most=2")


@pytest.mark.usefixtures("few_numbers")
def test_the_command_writes_tables_that_a_dictionary_explains(
    typed: Callable[..., Result], tmp_path: Path
) -> None:
    done = typed("--out", "found", *SMALL)

    assert done.exit_code == 0, done.output
    assert "Tiny: still in care after 30 days" in done.stdout
    there = {one.name for one in (tmp_path / "found").iterdir()}
    assert there == {
        EVALUATIONS, "screening.csv", "indices.csv", "data_dictionary.csv", "manifest.json",
    }  # fmt: skip
    manifest = json.loads((tmp_path / "found" / "manifest.json").read_text())
    assert manifest["command"].startswith("txsim sensitivity tiny.toml --trajectories=2")
    assert manifest["runs"] == manifest["clock_and_machine"]["run_anew"] > 0
    columns = {name.split(".")[1] for name in pd.read_csv("found/data_dictionary.csv")["name"]}
    assert columns == set(MEANINGS)
    again = typed("--out", "found", *SMALL)
    assert again.stdout == done.stdout
    assert json.loads(typed(*SMALL, "--json").stdout)["screening"]


def test_the_command_says_what_is_wrong(typed: Callable[..., Result], tmp_path: Path) -> None:
    assert "is no power of 2" in typed("--base=6").output
    assert "2" in typed("--replications=1").output
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("mine", encoding="utf-8")
    refused = typed("--out", "full")
    assert refused.exit_code == 2
    assert "holds no study to go on with" in refused.output


def test_a_whole_study_of_entries_then_numbers_then_indices(
    tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of use and of counselling: how often people use moves who is free of regular use."""
    wanted = ("hazards.use.", "hazards.regular_use_", "services.individual_counselling.")

    def some(designs: list[Scenario]) -> list[Factor]:
        return [one for one in factors_of(designs) if one.name.startswith(wanted)]

    monkeypatch.setattr(study, "factors_of", some)
    told: list[tuple[str, int]] = []

    def tell(words: str, settings: int) -> None:
        told.append((words, settings))

    busier = tiny.with_changes(
        name="busier",
        horizon={"days": 60, "follow_up_days": 90},
        arrivals={"per_week": 15.0},
        clinic={"places": 120},
    )
    how = How(trajectories=4, base=4, replications=2, most=2)
    found = sensitivity(busier, None, how, workers=1, tell=tell)

    entries, numbers = found.screened["entries"], found.screened["numbers"]
    assert len(entries.factors) == 4 < len(found.numbers)
    assert len(numbers.factors) == len([p for one in entries.left(2) for p in one.paths])
    assert found.indices is not None
    rates = {"hazards.regular_use_begins.opioid", "hazards.regular_use_ends.opioid"}
    assert {one.name for one in found.indices.factors} == rates
    assert len(told) == 4
    assert found.runs == 2 * sum(settings for _, settings in told)
    assert found.runs <= study.most_runs([busier], how)
