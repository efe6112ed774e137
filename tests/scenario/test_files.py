"""A file that cannot be used at all is told in one sentence, and so is a wrong `extends`."""

import errno
import os
from pathlib import Path

import pytest

from txsim.errors import ScenarioError
from txsim.scenario import load
from txsim.scenario.files import LARGEST_FILE, read_text
from txsim.scenario.loading import LONGEST_CHAIN

from ..systems import posix_only


def message(name: str | Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(name)
    assert len(caught.value.problems) == 1
    return str(caught.value)


def refused(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_text(path)
    return str(caught.value)


def test_missing_files_and_names(folder: Path) -> None:
    assert message("nowhere/x.toml") == "nowhere/x.toml: there is no such file"
    assert message("casemanagement").endswith('did you mean "case-management"?)')
    assert message("baseline.toml") == (
        'baseline.toml: there is no such file; the shipped scenario is called "baseline"'
    )


def test_a_folder_is_not_a_scenario(folder: Path) -> None:
    (folder / "x.toml").mkdir()

    assert message("x.toml") == "x.toml: this is a folder, not a file"


@pytest.mark.parametrize(("step", "number"), [("open", errno.EACCES), ("stat", errno.EIO)])
def test_an_unreadable_file(write, monkeypatch: pytest.MonkeyPatch, step: str, number: int) -> None:
    path = write("title = 'x'")

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, step, refuse)
        assert refused(path) == (
            f"mine.toml: the file cannot be read ({os.strerror(number).lower()})"
        )


def test_names_that_no_file_can_have(folder: Path) -> None:
    assert refused(Path("a\0b.toml")) == r"a\x00b.toml: no file can have this name"
    too_long = f"the file cannot be read ({os.strerror(errno.ENAMETOOLONG).lower()})"
    assert too_long in refused(Path("x" * 300))
    assert too_long in refused(Path("x/" * 4_000))


@posix_only
def test_links_that_lead_nowhere(folder: Path) -> None:
    Path("loop.toml").symlink_to("loop.toml")
    Path("gone.toml").symlink_to("nothing.toml")

    in_a_loop = "the file cannot be read (links lead in a circle)"
    assert in_a_loop in refused(Path("loop.toml"))
    assert refused(Path("gone.toml")) == "gone.toml: there is no such file"


@posix_only
def test_a_pipe_or_a_device_is_not_opened(folder: Path) -> None:
    os.mkfifo("pipe.toml")  # to open it would wait for ever

    for path in (Path("pipe.toml"), Path("/dev/zero")):
        assert refused(path).endswith(": this is a pipe or a device, not a file")


def test_no_more_than_the_limit_is_read_of_a_file_that_grows(
    write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("# as large as allowed")
    small = path.stat()
    path.write_text("#" * 5_000_000)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", lambda *_, **__: small)
        text = refused(path)

    assert text == "mine.toml: the file is too large (2,000,000 bytes, allowed 1,000,000)"


def test_a_nul_is_not_text(folder: Path) -> None:
    Path("x.toml").write_bytes('title = "x"\n'.encode("utf-16-le"))

    assert message("x.toml") == (
        "x.toml:1: the file is not UTF-8 text; save it as UTF-8 and try again"
    )


def test_not_utf8_names_the_line(folder: Path) -> None:
    (folder / "x.toml").write_bytes('title = "x"\nquestion = "é"\n'.encode("latin-1"))

    assert message("x.toml") == (
        "x.toml:2: the file is not UTF-8 text; save it as UTF-8 and try again"
    )


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_file(write, text: str) -> None:
    assert message(write(text)) == "mine.toml: the file is empty"


def test_a_huge_file(write) -> None:
    path = write("#" * (LARGEST_FILE + 1))

    assert "the file is too large (1,000,001 bytes" in message(path)


def test_values_nested_too_deeply(write) -> None:
    path = write("x = " + "[" * 100_000)

    assert message(path) == "mine.toml:1: the values are nested too deeply (allowed 20 levels)"


def test_a_byte_order_mark_does_no_harm(write) -> None:
    assert load(write('\ufefftitle = "x"')).title == "x"


def test_wrong_syntax_stops_at_the_first_with_its_line(write) -> None:
    path = write('title = "x"\nquestion = what?\nplaces = =\n')

    assert message(path) == "mine.toml:2: this is not valid TOML: invalid value"


def test_wrong_syntax_at_the_end(write) -> None:
    assert message(write('title = "x"\nquestion = "what')).startswith("mine.toml:2: this is not")


def test_a_key_given_twice(write) -> None:
    assert "mine.toml:2: this is not valid TOML" in message(write("title = '1'\ntitle = '2'\n"))


# --- extends -----------------------------------------------------------------------------------


def test_a_neighbour_and_a_shipped_scenario_are_extended(write) -> None:
    write('extends = "baseline"\n[clinic]\nplaces = 100\n', "base.toml")
    scenario = load(write('extends = "base.toml"\n[arrivals]\nper_week = 3.0\n'))

    assert scenario.name == "mine"
    assert scenario.clinic.places == 100
    assert scenario.arrivals.per_week == 3.0
    assert scenario.staff["counsellor"].posts == load("baseline").staff["counsellor"].posts


def test_a_mistake_is_told_in_the_file_that_made_it(write) -> None:
    write("[clinic]\nplaces = -1\n\n[horizon]\ndays = 0\n", "base.toml")
    write('extends = "base.toml"\n\n[clinic]\nplaces = -2\n')

    with pytest.raises(ScenarioError) as caught:
        load("mine.toml")

    assert [str(one) for one in caught.value.problems] == [
        "base.toml:5: horizon.days: this number is too small (got 0, allowed at least 1)",
        "mine.toml:4: clinic.places: this number is too small (got -2, allowed at least 0)",
    ]


def test_loops_are_reported(write) -> None:
    write('extends = "b.toml"\n', "a.toml")
    write('title = "x"\nextends = "c.toml"\n', "b.toml")
    write('extends = "a.toml"\n', "c.toml")

    assert message("a.toml") == (
        "c.toml:1: extends: the scenarios extend each other in a loop "
        '(a.toml -> b.toml -> c.toml -> a.toml) (got "a.toml")'
    )


def test_a_scenario_cannot_extend_itself(write) -> None:
    assert "in a loop" in message(write('extends = "mine.toml"\n'))


def test_a_chain_that_nobody_could_follow_is_refused(write) -> None:
    for step in range(LONGEST_CHAIN):
        write(f'extends = "{step + 1}.toml"\n', f"{step}.toml")
    write('title = "the last"\n', f"{LONGEST_CHAIN}.toml")

    assert load("1.toml").title == "the last"
    assert message("0.toml") == (
        '19.toml:1: extends: more than 20 scenarios extend each other (got "20.toml")'
    )


@pytest.mark.parametrize("way_out", ["../up.toml", "/etc/up.toml", "sub/../../up.toml"])
def test_a_path_may_not_leave_the_folder(write, way_out: str) -> None:
    write("title = 'x'\n", "up.toml")
    write(f'extends = "{way_out}"\n', "inner/mine.toml")

    assert "the path leaves the folder of the scenario" in message("inner/mine.toml")


@posix_only
def test_a_link_may_not_leave_the_folder(write, folder: Path) -> None:
    write("title = 'x'\n", "up.toml")
    write('extends = "link.toml"\n', "inner/mine.toml")
    (folder / "inner/link.toml").symlink_to(folder / "up.toml")

    assert "the path leaves the folder of the scenario" in message("inner/mine.toml")


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ('"baseline.toml"', 'did you mean "baseline" (shipped)?'),
        ('"bsaeline"', 'did you mean "baseline"?'),
        ('"neighbor.toml"', 'did you mean "neighbour.toml"?'),
        ("3", "this must be the name of a scenario in quotation marks"),
    ],
)
def test_what_extends_may_say(write, base: str, told: str) -> None:
    write("title = 'x'\n", "neighbour.toml")

    text = message(write(f"\nextends = {base}\n"))

    assert text.startswith("mine.toml:2: extends: ")
    assert told in text


def test_alternatives_and_shares_replace_what_is_inherited(write) -> None:
    write(
        '[population]\nmix = "alcohol programme"\n[medication]\nassign = "none_alcohol"\n', "a.toml"
    )
    closed = load(
        write(
            'extends = "a.toml"\n[arrivals]\ncohort = 30\nstreams = { self = 1.0 }\n'
            "[medication]\nassign = { acamprosate = 0.5, disulfiram = 0.5 }\n"
        )
    )

    assert closed.arrivals.cohort == 30
    assert closed.arrivals.streams == {"self": 1.0}
    assert closed.medication.assign == {"acamprosate": 0.5, "disulfiram": 0.5}

    write('extends = "mine.toml"\n[arrivals]\nper_week = 4.0\n', "open.toml")
    assert load("open.toml").arrivals.cohort is None
