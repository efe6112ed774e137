"""`run` and `compare`: checked before anything is simulated, saved whole or not at all.

The simulation itself has its own tests; here a stand-in takes its place, which remembers how it
was called.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from txsim.cli import simulate
from txsim.cli.stopping import Stopped
from txsim.errors import OutputError
from txsim.scenario import load as shipped
from txsim.workload import PEOPLE, SEATS, RoleLoad


@dataclass
class StandIn:
    """What the commands need of a comparison."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    during: Callable[[], None] = lambda: None
    notes: tuple[str, ...] = ("designs differ in cost",)
    paired: bool = True
    other_people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    locales: list[str | None] = field(default_factory=list)

    def compare(self, scenarios: Any, **how: Any) -> "StandIn":
        self.calls.append({"names": [one.name for one in scenarios], **how})
        self.during()
        if how["progress"] is not None:
            how["progress"](1, 4)
            how["progress"](4, 4)
        return self

    @property
    def manifest(self) -> dict[str, Any]:
        return {"command": self.calls[-1]["command"]}

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in simulate.TABLES:
            return pd.DataFrame({"table": [name], "mean": [0.5], "low": [float("nan")]})
        raise AttributeError(name)

    def summary(self, locale: str | None = None) -> str:
        self.locales.append(locale)
        return "Design B keeps more people."

    def save(self, directory: Path, force: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "outcomes.csv").write_text("mean\n0.5\n")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    load = ModuleType("txsim.workload")
    load.weekly_load = lambda scenario: [  # type: ignore[attr-defined]
        RoleLoad("nurse", "Nurse", 2000.0, 4000.0),
        RoleLoad("places", "Places", 50.0, 40.0, PEOPLE),
        RoleLoad("cbt", "Seats: Therapy", 50.0, 50.0, SEATS),
        RoleLoad("transport_aid", "Budget: Van", 90.0, 60.0, "USD a week"),
        RoleLoad("driver", "Driver", 10.0, 0.0),
        RoleLoad("counsellor", "Counsellor", 30.0, 20.0, stand_ins=("Therapist", "Nurse")),
    ]
    monkeypatch.setitem(sys.modules, "txsim.workload", load)
    monkeypatch.setattr(import_module("txsim.compare"), "compare", stand_in.compare)

    def write(
        comparison: StandIn, directory: Path, force: bool = False, locale: str | None = None
    ) -> None:
        comparison.locales.append(locale)
        (directory / "report.html").write_text("<p>report</p>")

    monkeypatch.setattr("txsim.report.write", write)
    return stand_in


def test_compare_runs_what_was_asked_and_saves_it(txsim, stand_in: StandIn, folder: Path) -> None:
    told = txsim(
        *("compare", "baseline", "all-three", "--replications", 8, "--seed", 7, "--workers", 2),
        *("--without-uncertainty", "--equal-money", "staff.counsellor.posts"),
        *("--out", "deep/results"),
    )

    assert told.exit_code == 0, told.output
    assert stand_in.calls == [
        {
            "names": ["baseline", "all-three"],
            "replications": 8,
            "seed": 7,
            "workers": 2,
            "uncertainty": False,
            "equal_money": "staff.counsellor.posts",
            "progress": None,
            "draws": None,
            "grades": None,
            "grades_share": False,
            "command": "txsim compare baseline all-three --replications=8 --seed=7 "
            "--without-uncertainty --equal-money=staff.counsellor.posts",
        }
    ]
    assert told.stdout == (
        "Design B keeps more people.\n\nTables and report: deep/results/report.html\n"
    )
    assert {file.name for file in (folder / "deep/results").iterdir()} == {
        "outcomes.csv",
        "report.html",
    }
    assert [file.name for file in (folder / "deep").iterdir()] == ["results"]


def test_run_takes_one_design_and_may_write_nothing(txsim, stand_in: StandIn, folder: Path) -> None:
    told = txsim("run", "rural-clinic")

    assert told.exit_code == 0, told.output
    (call,) = stand_in.calls
    assert (call["names"], call["uncertainty"]) == (["rural-clinic"], True)
    assert call["command"] == "txsim run rural-clinic --replications=50 --seed=1"
    assert told.stdout == "Design B keeps more people.\n"
    assert list(folder.iterdir()) == []


def test_the_load_is_told_before_and_overload_is_flagged(txsim, stand_in: StandIn) -> None:
    told = txsim("run", "baseline")

    lines = told.stderr.splitlines()
    assert lines[0] == f"baseline: {shipped('baseline').title}"
    assert lines[1].split() == ["needed", "capacity", "of", "capacity"]
    assert lines[2] == "  Nurse (minutes a week)          2,000     4,000          50%"
    assert lines[3] == "  Places (people)                    50        40         125%  too much"
    assert lines[4] == "  Seats: Therapy (seats a week)      50        50         100%"
    assert lines[5] == "  Budget: Van (USD a week)           90        60         150%  too much"
    assert lines[6] == "  Driver (minutes a week)            10         0   none there  too much"
    assert lines[7].endswith("150%  too much; a therapist or nurse may stand in")


@pytest.mark.parametrize("words", [("run", "baseline"), ("compare", "baseline", "all-three")])
def test_a_locale_is_for_all_that_is_told(txsim, stand_in: StandIn, words: tuple[str, ...]) -> None:
    told = txsim(*words, "--locale", "en-US", "--out", "results")

    assert told.exit_code == 0, told.output
    assert stand_in.locales == ["en-US", "en-US"]
    assert "  Counselor (minutes a week) " in told.stderr
    assert stand_in.calls[0]["command"].endswith(" --locale=en-US")


def test_a_locale_in_a_scenario_is_for_all_that_is_told(
    txsim, stand_in: StandIn, folder: Path
) -> None:
    (folder / "a.toml").write_text('extends = "baseline"\n[report]\nlocale = "en-US"\n')

    assert "  Counselor (minutes a week) " in txsim("run", "a.toml").stderr
    assert "  Counsellor (minutes a week)" in txsim("run", "a.toml", "--locale", "en-GB").stderr


def test_an_unknown_locale_has_a_nearest(txsim, stand_in: StandIn, folder: Path) -> None:
    (folder / "a.toml").write_text('extends = "baseline"\n[report]\nlocale = "en-us"\n')

    asked, written = txsim("run", "baseline", "--locale", "en-us"), txsim("run", "a.toml")

    assert (asked.exit_code, written.exit_code, stand_in.calls) == (2, 2, [])
    assert "unknown locale 'en-us'; did you mean 'en-US'?" in asked.stderr
    assert 'a.toml:3: report.locale: this value is not known (got "en-us"' in written.stderr
    assert 'did you mean "en-US"?' in written.stderr


def test_warnings_are_told_before_a_run(txsim, stand_in: StandIn, folder: Path) -> None:
    (folder / "a.toml").write_text('extends = "baseline"\n[clinic]\nplaces = 0\n')

    told = txsim("run", "a.toml")

    assert told.exit_code == 0
    assert "a clinic without treatment slots treats nobody (warning)" in told.stderr


@pytest.mark.parametrize("words", [("run", "baseline"), ("compare", "baseline", "all-three")])
def test_json_is_all_there_is_on_stdout(txsim, stand_in: StandIn, words: tuple[str, ...]) -> None:
    told = txsim(*words, "--json", "--out", "results")

    found = json.loads(told.stdout)
    assert found["out"] == "results"
    assert found["manifest"]["command"].startswith(f"txsim {words[0]} baseline")
    assert found["notes"] == ["designs differ in cost"]
    for table in simulate.TABLES:
        assert found[table] == [{"table": table, "mean": 0.5, "low": None}]


def test_grades_are_asked_for_and_stand_in_the_command(txsim, stand_in: StandIn) -> None:
    txsim("run", "baseline", "--grades", "AB")
    txsim("compare", "baseline", "all-three", "--grades-share")

    alone, both = stand_in.calls
    assert alone["grades"] == "AB"
    assert alone["command"].endswith("--grades=AB")
    assert both["grades_share"]
    assert both["command"].endswith("--grades-share")


def test_what_is_left_out_already_has_no_share(txsim, stand_in: StandIn) -> None:
    refused = txsim("compare", "baseline", "all-three", "--grades-share", "--grades", "AB")

    assert refused.exit_code == 2
    assert "exclude each other" in refused.output
    assert txsim("run", "baseline", "--grades", "B").exit_code == 2
    assert stand_in.calls == []


# --- refused before anything is simulated ------------------------------------------------------


def test_compare_needs_two_designs(txsim, stand_in: StandIn) -> None:
    told = txsim("compare", "baseline")

    assert told.exit_code == 2
    assert "Name at least two designs; txsim run takes one." in told.output
    assert stand_in.calls == []


def test_two_designs_of_one_name(txsim, stand_in: StandIn, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/baseline.toml").write_text('extends = "all-three"\n')

    told = txsim("compare", "baseline", "sub/baseline.toml")

    assert told.exit_code == 2
    assert told.stderr == (
        'two designs have the name "baseline" (baseline, sub/baseline.toml); rename a file\n'
    )
    assert stand_in.calls == []


def test_the_same_design_twice_is_refused_too(txsim, stand_in: StandIn) -> None:
    assert txsim("compare", "baseline", "baseline").exit_code == 2
    assert stand_in.calls == []


def test_mistakes_of_all_designs_are_told(txsim, stand_in: StandIn, folder: Path) -> None:
    (folder / "a.toml").write_text("[clinic]\nplaces = -1\n")
    (folder / "b.toml").write_text("[horizon]\ndays = 0\n")

    told = txsim("compare", "a.toml", "b.toml")

    assert told.exit_code == 2
    assert [line.partition(" (")[0] for line in told.stderr.splitlines()] == [
        "a.toml:2: clinic.places: this number is too small",
        "b.toml:2: horizon.days: this number is too small",
    ]


@pytest.mark.parametrize(
    "words",
    [("--replications", "0"), ("--workers", "0"), ("--seed", "-1"), ("--replications", "many")],
)
def test_impossible_options(txsim, stand_in: StandIn, words: tuple[str, ...]) -> None:
    told = txsim("run", "baseline", *words)

    assert told.exit_code == 2
    assert words[0] in told.output
    assert stand_in.calls == []


@pytest.mark.parametrize("lever", ["staff.counsellor.age", "title", "services.cbt.offered"])
def test_a_lever_must_be_a_figure(txsim, stand_in: StandIn, lever: str) -> None:
    told = txsim("compare", "baseline", "all-three", "--equal-money", lever)

    assert told.exit_code == 2
    assert f"--equal-money: baseline has no figure at {lever}" in told.stderr
    assert stand_in.calls == []


def test_earlier_results_are_not_overwritten_without_force(
    txsim, stand_in: StandIn, folder: Path
) -> None:
    (folder / "results").mkdir()
    (folder / "results/notes.txt").write_text("mine")
    (folder / "results/outcomes.csv").write_text("old")

    refused = txsim("run", "baseline", "--out", "results")
    kept = (folder / "results/outcomes.csv").read_text()
    calls = len(stand_in.calls)
    forced = txsim("run", "baseline", "--out", "results", "--force")

    assert refused.exit_code == 2
    assert refused.stderr.startswith("results: the folder is not empty")
    assert (kept, calls) == ("old", 0)
    assert forced.exit_code == 0
    assert (folder / "results/outcomes.csv").read_text() == "mean\n0.5\n"
    assert (folder / "results/notes.txt").read_text() == "mine", "other files stay"


def test_an_empty_folder_may_be_used(txsim, stand_in: StandIn, folder: Path) -> None:
    (folder / "results").mkdir()

    assert txsim("run", "baseline", "--out", "results").exit_code == 0
    assert (folder / "results/report.html").exists()


def test_a_file_in_the_place_of_the_folder(txsim, stand_in: StandIn, folder: Path) -> None:
    (folder / "results").write_text("a file")

    for place in ("results", "results/inner"):
        told = txsim("run", "baseline", "--out", place, "--force")
        assert told.exit_code == 2
        assert told.stderr.startswith(f"{place}: ")
    assert stand_in.calls == []


def test_a_folder_that_cannot_be_written_to(
    txsim, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    told = txsim("run", "baseline", "--out", "results")

    assert told.exit_code == 2
    assert told.stderr == "results: cannot be written to (Permission denied)\n"
    assert stand_in.calls == []


# --- nothing half-written ----------------------------------------------------------------------


def test_an_interrupted_run_leaves_nothing(txsim, stand_in: StandIn, folder: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    stand_in.during = interrupt
    told = txsim("run", "baseline", "--out", "results")

    assert told.exit_code == 130
    assert "nothing was left half-written" in told.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "nothing was left half-written"),
        (Stopped(signal.SIGTERM), 143, "nothing was left half-written"),
        (OSError(28, "No space left on device"), 2, "cannot be written to (No space left on"),
        (OutputError("no room"), 2, "no room"),
        (KeyError("case-management"), 1, "a fault in txsim (KeyError: 'case-management', "),
        (MemoryError(), 1, "a fault in txsim (MemoryError, "),
    ],
)
def test_tables_survive_a_report_that_fails(
    txsim,
    stand_in: StandIn,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
    code: int,
    told: str,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        assert (folder / "results/outcomes.csv").read_text() == "mean\n0.5\n"
        raise fault

    (folder / "results").mkdir()
    (folder / "results/outcomes.csv").write_text("old")
    monkeypatch.setattr("txsim.report.write", fail)

    done = txsim("run", "baseline", "--out", "results", "--force")

    assert done.exit_code == code
    assert told in done.stderr
    assert "results: the tables are complete" in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "results/outcomes.csv").read_text() == "mean\n0.5\n"
    assert [file.name for file in folder.iterdir()] == ["results"]
    if code == 1:
        assert done.stdout.endswith("Design B keeps more people.\n\nTables: results\n")


@pytest.mark.parametrize("stands", [True, False])
def test_an_interruption_says_what_stands(
    txsim, stand_in: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch, stands: bool
) -> None:
    """While folders change places it is put off until the new tables are there."""

    def save(self: StandIn, directory: Path, force: bool = False) -> None:
        if stands:
            (directory / "manifest.json").write_text(json.dumps(self.manifest))
        raise KeyboardInterrupt

    (folder / "results").mkdir()
    (folder / "results/manifest.json").write_text('{"command": "of an earlier run"}')
    monkeypatch.setattr(StandIn, "save", save)

    done = txsim("run", "baseline", "--out", "results", "--force")

    assert done.exit_code == 130
    assert ("results: the tables are complete, the report is not" in done.stderr) is stands


def test_a_save_that_fails_leaves_the_folder_as_it_was(
    txsim, stand_in: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OutputError("no room")

    (folder / "results").mkdir()
    (folder / "results/outcomes.csv").write_text("old")
    monkeypatch.setattr(StandIn, "save", fail)

    done = txsim("run", "baseline", "--out", "results", "--force")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith("no room\n")
    assert (folder / "results/outcomes.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (".", "cannot be replaced as a whole, since you are in it; name a folder inside it"),
        ("x" * 300, "the name is too long for a folder"),
        ("kept", "holds folders of your own (plots)"),
    ],
)
def test_a_place_that_cannot_take_results_is_refused_before_the_run(
    txsim, stand_in: StandIn, folder: Path, place: str, why: str
) -> None:
    (folder / "kept/plots").mkdir(parents=True)

    done = txsim("run", "baseline", "--out", place, "--force")

    assert done.exit_code == 2
    assert why in done.stderr
    assert stand_in.calls == []


# --- names -------------------------------------------------------------------------------------


def test_a_file_that_looks_like_an_option_gets_a_hint(
    txsim, stand_in: StandIn, folder: Path
) -> None:
    (folder / "-2 nurses.toml").write_text('extends = "baseline"\n')
    (folder / "-hours").write_text('extends = "baseline"\n')

    for words in (("compare", "baseline"), ("run",), ("check",), ("story",)):
        refused = txsim(*words, "-2 nurses.toml")
        assert refused.exit_code == 2
        assert "To name a file that begins with a dash, write ./-2 nurses.toml" in refused.stderr
    assert "write ./-hours" in txsim("check", "-hours").stderr
    assert "begins with a dash" not in txsim("check", "--jsn").stderr
    taken = txsim("compare", "baseline", "./-2 nurses.toml")
    assert (taken.exit_code, stand_in.calls[-1]["names"]) == (0, ["baseline", "-2 nurses"])
    assert txsim("compare", "baseline", "--", "-2 nurses.toml").exit_code == 0


NASTY = "a\x1b[2J\x07\nother.toml:7: staff: gone\u202etxet\x9b31m"
SHOWN = r"a\x1b[2J\x07\nother.toml:7: staff: gone\u202etxet\x9b31m"


def test_signs_that_steer_a_terminal_are_shown_and_not_obeyed(
    txsim, stand_in: StandIn, folder: Path
) -> None:
    title = json.dumps(NASTY)
    name = NASTY.replace("/", "")
    (folder / f"{name}.toml").write_text(f'extends = "baseline"\ntitle = {title}\n')
    (folder / "wrong.toml").write_text(f'extends = "baseline"\nplan.policy = {title}\n')
    (folder / "label.toml").write_text(
        f'extends = "baseline"\n[roles.counsellor]\nlabel = {title}\ndescription = {title}\n'
    )

    for words in (
        ("run", f"{name}.toml"),
        ("run", f"{name}.toml", "--out", name),
        ("run", "baseline", "--out", f"{name}.toml"),
        ("check", f"{name}.toml"),
        ("check", "wrong.toml"),
        ("check", name),
        ("catalogue", "roles", "counsellor", "--scenario", "label.toml"),
        ("catalogue", "roles", "--scenario", "label.toml"),
        ("catalogue", "roles", name),
        ("new", name),
        (name,),
        ("run", f"--{name}"),
    ):
        told = txsim(*words)
        assert told.exit_code in (0, 2), told.output
        said = told.stdout + told.stderr
        assert SHOWN in said, words
        for sign in "\x1b\x07\u202e\x9b":
            assert sign not in said, words
        assert not [line for line in said.splitlines() if line.startswith("other.toml")], words


def test_what_a_terminal_cannot_show_stops_nothing(folder: Path) -> None:
    """A pipe in an old encoding, and a name beyond it."""
    (folder / "Clínica.toml").write_text('extends = "baseline"\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "txsim", "check", "Clínica.toml"],
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
    )

    assert done.returncode == 0
    assert done.stdout.startswith(rb"Cl\xednica.toml: fine.")


# --- the bar -----------------------------------------------------------------------------------


def test_there_is_a_bar_only_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with simulate.progress_bar("two designs") as move:
        assert move is None

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with simulate.progress_bar("two designs") as move:
        assert move is not None
        move(0, 4)
        move(3, 4)
    drawn = capsys.readouterr().err
    assert "two designs" in drawn
    assert "3/4" in drawn
