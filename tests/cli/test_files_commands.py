"""`check`, `new` and `roster`: files in, files out."""

import json
from pathlib import Path

import pytest

from txsim.scenario import load


def test_check_is_fine_with_what_is_fine(txsim) -> None:
    told = txsim("check", "baseline", "all-three")

    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        f"baseline: fine. {load('baseline')!r}",
        f"all-three: fine. {load('all-three')!r}",
    ]
    assert told.stderr == ""


def test_check_tells_every_mistake_of_every_file(txsim, folder: Path) -> None:
    (folder / "a.toml").write_text('extends = "baseline"\n[clinic]\nplaces = -1\nplcs = 2\n')
    (folder / "b.toml").write_text("title = \n")

    told = txsim("check", "a.toml", "baseline", "b.toml")

    assert told.exit_code == 2
    lines = told.stderr.splitlines()
    assert lines[0].startswith("a.toml:3: clinic.places: this number is too small (got -1")
    assert lines[1].startswith("a.toml:4: clinic.plcs: unknown key (allowed kind, places,")
    assert lines[1].endswith('did you mean "places"?)')
    assert lines[2:] == [
        "a.toml: 2 mistakes",
        "b.toml:1: this is not valid TOML: invalid value",
        "b.toml: 1 mistake",
    ]
    assert told.stdout.startswith("baseline: fine.")


def test_check_tells_of_a_target_out_of_reach_with_all_else(txsim, folder: Path) -> None:
    (folder / "a.toml").write_text(
        'extends = "baseline"\n'
        "[clinic]\n"
        "places = -1\n"
        "[services.miracle]\n"
        'label = "Miracle"\n'
        'kind = "practice"\n'
        "offered = true\n"
        'through = ["alliance"]\n'
        "targets = { dropout = 0.5 }\n"
    )

    told = txsim("check", "a.toml")
    run = txsim("run", "a.toml")

    assert told.exit_code == run.exit_code == 2
    lines = told.stderr.splitlines()
    assert lines[0].startswith("a.toml:3: clinic.places: this number is too small")
    assert lines[1:] == [
        "a.toml:9: services.miracle.targets.dropout: the effect of miracle on dropout is stronger "
        "than alliance can carry: it would have to move by 4.27 sd units, and all services "
        "together may move it by 1.5; choose a weaker effect, or raise mediators.alliance.ceiling "
        "(got hazard ratio 0.5, allowed 0.784 to 1)",
        "a.toml: 2 mistakes",
    ]
    assert run.stderr.splitlines()[:2] == lines[:2]


def test_check_warns_without_failing(txsim, folder: Path) -> None:
    (folder / "a.toml").write_text('extends = "baseline"\n[clinic]\nplaces = 0\n')

    told = txsim("check", "a.toml")

    assert told.exit_code == 0
    assert "a.toml:3: clinic.places: a clinic without treatment slots treats nobody (warning)" in (
        told.stderr
    )


def test_check_for_scripts(txsim, folder: Path) -> None:
    (folder / "a.toml").write_text("[clinic]\nplaces = -1\n")

    told = txsim("check", "a.toml", "baseline", "--json")

    assert told.exit_code == 2
    bad, good = json.loads(told.stdout)
    assert bad["file"] == "a.toml"
    assert bad["problems"][0]["line"] == 2
    assert bad["problems"][0]["path"] == "clinic.places"
    assert bad["problems"][0]["text"].startswith("a.toml:2: clinic.places: ")
    assert good["problems"] == []
    assert good["digest"] == load("baseline").digest


def test_check_needs_a_file(txsim) -> None:
    told = txsim("check")

    assert told.exit_code == 2
    assert "Name at least one scenario to check." in told.output


def test_the_schema_is_printed(txsim) -> None:
    told = txsim("check", "--schema")

    assert told.exit_code == 0
    assert json.loads(told.stdout)["properties"]["extends"]["type"] == "string"


def test_new_copies_a_scenario_with_its_comments(txsim) -> None:
    told = txsim("new", "riverside", "--from", "rural-clinic")

    assert told.exit_code == 0
    assert told.stdout == "riverside.toml written; edit it, then: txsim check riverside.toml\n"
    text = Path("riverside.toml").read_text(encoding="utf-8")
    assert text.startswith("# A small clinic far from its people")
    assert load("riverside.toml").digest == load("rural-clinic").digest


def test_new_can_begin_with_a_few_lines(txsim) -> None:
    txsim("new", 'two "more" nurses.toml', "--short", "--from", "all-three")

    scenario = load('two "more" nurses.toml')

    assert scenario.title == "Two 'more' nurses"
    assert scenario.digest == load("all-three").digest


def test_new_overwrites_only_when_forced(txsim, folder: Path) -> None:
    (folder / "mine.toml").write_text("title = 'precious'\n")

    refused = txsim("new", "mine")
    kept = (folder / "mine.toml").read_text()
    forced = txsim("new", "mine", "--force")

    assert refused.exit_code == 2
    assert refused.stderr == "mine.toml is there already; --force overwrites it\n"
    assert kept == "title = 'precious'\n"
    assert forced.exit_code == 0
    assert load("mine.toml").digest == load("baseline").digest


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("x", "--from", "rural"), 'did you mean "rural-clinic"?'),
        (("nowhere/x",), 'this cannot name a scenario: it holds / (got "nowhere/x", allowed'),
        (("",), "this cannot name a scenario: it is empty"),
        ((".toml",), "this cannot name a scenario: it is empty"),
        (("  ",), "this cannot name a scenario: it is empty"),
        (("a\\b",), "it holds \\ (got"),
        (("../x",), "it begins or ends with a blank or a dot"),
        (("..",), "it begins or ends with a blank or a dot"),
        (("a\nb",), r"it holds \n (got"),
        (("a\u202eb",), r"it holds \u202e (got"),
        (("--", "-x"), "it begins with a dash, as options do"),
        (("con",), "Windows keeps this name for itself"),
        (("Lpt1.old",), "Windows keeps this name for itself"),
        (("x" * 201,), "it is longer than 200 letters"),
        (("taken",), "taken.toml is there already and is no file"),
    ],
)
def test_new_tells_what_it_cannot_do(
    txsim, folder: Path, words: tuple[str, ...], told: str
) -> None:
    (folder / "taken.toml").mkdir()

    done = txsim("new", *words)

    assert done.exit_code == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [one.name for one in folder.iterdir()] == ["taken.toml"]


def test_a_file_to_be_overwritten_is_old_or_new(
    txsim, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (folder / "mine.toml").write_text("title = 'precious'\n")
    monkeypatch.setattr("os.replace", full)

    done = txsim("new", "mine", "--force")

    assert done.exit_code == 2
    assert done.stderr == "mine.toml cannot be written: No space left on device\n"
    assert [one.read_text() for one in folder.iterdir()] == ["title = 'precious'\n"]


def test_the_roster_template_passes_its_own_check(txsim, folder: Path) -> None:
    told = txsim("roster", "--template")
    (folder / "intake.csv").write_text(told.stdout)

    checked = txsim("roster", "intake.csv")

    assert checked.exit_code == 0
    columns = ", ".join(told.stdout.splitlines()[-3].split(",")[1:])
    assert checked.stdout.splitlines() == [
        "intake.csv: fine. 2 people",
        f"  Columns read: {columns}. What they say is withheld: fewer than 10 people",
        'To use it, write beside it in a scenario: population.roster = "intake.csv"',
    ]
    assert checked.stderr == ""


def test_a_bad_roster(txsim, folder: Path) -> None:
    (folder / "intake.csv").write_text("person,age,sex,substance\na,x,f,opioid\nb,20,q,opioid\n")

    told = txsim("roster", "intake.csv")
    for_scripts = txsim("roster", "intake.csv", "--json")

    assert told.exit_code == for_scripts.exit_code == 2
    first, second = told.stderr.splitlines()
    assert first.startswith("intake.csv:2: column 2 (age): this must be a number in digits")
    assert second.startswith("intake.csv:3: column 3 (sex): this must be female or male")
    found = json.loads(for_scripts.stdout)["problems"]
    assert [problem["text"] for problem in found] == [first, second]
    assert [(problem["line"], problem["got"]) for problem in found] == [(2, ""), (3, "")]


@pytest.fixture
def forty(folder: Path) -> Path:
    """A roster of forty people, twelve of whom have a code for an age that is not known."""
    rows = [
        f"p{at};{20 + at if at < 28 else 99};{'f' if at < 15 else 'M'};Opioid;{at},5;"
        f"{'court' if at < 4 else 'Self'};{'yes' if at < 20 else ''};"
        for at in range(40)
    ]
    header = "person;age;sex;substance;distance_km;stream;injecting;pregnant"
    (folder / "intake.csv").write_text("\n".join(["sep=;", header, *rows, ""]))
    return folder


def test_what_was_read_of_a_roster(txsim, forty: Path) -> None:
    told = txsim("roster", "intake.csv")

    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "intake.csv: fine. 40 people",
        "  age           everybody  median 40, half of them from 30 to 99",
        "  sex           everybody  male 25, female 15",
        "  substance     everybody  opioid 40",
        "  distance_km   everybody  median 20, half of them from 10 to 30",
        "  stream        everybody  small groups withheld",
        "  injecting           50%  yes 20",
        "  pregnant         nobody",
        'To use it, write beside it in a scenario: population.roster = "intake.csv"',
    ]
    assert told.stderr == (
        "intake.csv: column 2 (age): 99 in 12 rows may stand for what is not known; if so, take "
        "these rows out (warning)\n"
    )


def test_what_was_read_of_a_roster_for_scripts(txsim, forty: Path) -> None:
    found = json.loads(txsim("roster", "intake.csv", "--json").stdout)

    assert (found["file"], found["people"], found["problems"]) == ("intake.csv", 40, [])
    assert "99 in 12 rows" in found["warnings"][0]
    assert found["columns"]["distance_km"] == {
        "known": 40,
        "share_known": 1.0,
        "median": 20,
        "low": 10,
        "high": 30,
        "within": 0.5,
        "counts": None,
        "withheld": False,
    }
    assert found["columns"]["stream"]["counts"] == {}
    assert found["columns"]["stream"]["withheld"]


def test_check_warns_of_what_a_roster_says(txsim, forty: Path) -> None:
    (forty / "own.toml").write_text('extends = "baseline"\npopulation.roster = "intake.csv"\n')

    told = txsim("check", "own.toml")

    assert told.exit_code == 0
    assert (
        "intake.csv: column 2 (age): 99 in 12 rows may stand for what is not known" in told.stderr
    )


@pytest.mark.parametrize("words", [(), ("intake.csv", "--template")])
def test_roster_wants_one_thing_at_a_time(txsim, words: tuple[str, ...]) -> None:
    told = txsim("roster", *words)

    assert told.exit_code == 2
    assert "Give either --template or a file to check." in told.output


def test_check_tells_roles_that_can_hardly_be_asked_for(txsim, folder: Path) -> None:
    (folder / "idle.toml").write_text('extends = "baseline"\n[staff]\ndriver = { posts = 1 }\n')

    told = txsim("check", "idle.toml")
    as_json = json.loads(txsim("check", "idle.toml", "--json").stdout)

    assert told.exit_code == 0
    assert "idle.toml:3: staff.driver: even if everybody had all that they " in told.stderr
    assert "idle.toml:3: staff.driver.posts: has no effect beyond its cost" in told.stderr
    assert len(as_json[0]["warnings"]) == 2
