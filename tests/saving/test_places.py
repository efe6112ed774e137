"""Where results may go, what of a user's own stays, and who may read them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from txsim.errors import OutputError
from txsim.saving import check_folder, new_folder, write_whole

from ..systems import posix_only

OURS = {"a.csv", "report.html"}


def replace(folder: Path, text: str = "new") -> None:
    with new_folder(folder, OURS, force=True) as new:
        (new / "a.csv").write_text(text)


def refusal(folder: Path, *, force: bool = True) -> str:
    """What is said beforehand, which is what is said when it comes to it."""
    with pytest.raises(OutputError) as before:
        check_folder(folder, OURS, force=force)
    with pytest.raises(OutputError) as then, new_folder(folder, OURS, force=force):
        pass
    assert str(then.value) == str(before.value)
    return str(before.value)


@posix_only
def test_a_users_own_files_stay(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    replace(folder, "old")
    (folder / "notes.txt").write_text("mine")
    (folder / "report.html").write_text("of the old tables")
    (folder / "link.txt").symlink_to("notes.txt")
    os.utime(folder / "notes.txt", (1, 1))

    replace(folder)

    assert {file.name for file in folder.iterdir()} == {"a.csv", "notes.txt", "link.txt"}
    assert (folder / "a.csv").read_text() == "new"
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "notes.txt").stat().st_mtime == 1
    assert (folder / "link.txt").readlink() == Path("notes.txt")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_users_own_files_stay_where_files_have_one_name_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    folder = tmp_path / "results"
    replace(folder, "old")
    (folder / "notes.txt").write_text("mine")
    monkeypatch.setattr(os, "link", refuse)

    replace(folder)

    assert (folder / "notes.txt").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_file_that_comes_at_the_last_moment_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "results"
    replace(folder, "old")
    real = os.rename

    def late(*words: Path) -> None:
        if words[0] == folder:
            (folder / "late.txt").write_text("mine")
        real(*words)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", late)
        replace(folder)

    assert (folder / "late.txt").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [folder]


def test_folders_of_a_users_own_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "results/plots").mkdir(parents=True)

    assert "holds folders of your own (plots)" in refusal(tmp_path / "results")
    assert (tmp_path / "results/plots").is_dir()


def test_earlier_results_need_force(tmp_path: Path) -> None:
    replace(tmp_path / "results", "old")

    assert "holds earlier results (a.csv)" in refusal(tmp_path / "results", force=False)
    assert (tmp_path / "results/a.csv").read_text() == "old"


def test_results_that_came_meanwhile_are_not_replaced_without_force(tmp_path: Path) -> None:
    folder = tmp_path / "results"

    def overtaken() -> None:
        with new_folder(folder, OURS, force=False) as new:
            (new / "a.csv").write_text("new")
            replace(folder, "of another run")

    with pytest.raises(
        OutputError, match=r"holds earlier results .* the new results are in"
    ) as why:
        overtaken()

    assert (folder / "a.csv").read_text() == "of another run"
    assert (Path(str(why.value).rpartition(" in ")[2]) / "a.csv").read_text() == "new"


def test_where_one_stands_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")

    for folder in (Path("."), tmp_path, Path("..")):
        assert "cannot be replaced as a whole, since you are in it; name a folder" in (
            refusal(folder)
        )


def test_a_disk_of_its_own_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda place: place == tmp_path / "disk")

    assert refusal(tmp_path / "disk").endswith(f"such as {tmp_path}/disk/results")
    assert "you are in it" in refusal(Path("/"))


@posix_only
def test_what_is_behind_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    replace(tmp_path / "elsewhere", "old")
    (tmp_path / "results").symlink_to("elsewhere")
    (tmp_path / "not-yet").symlink_to("later")

    replace(tmp_path / "results")
    replace(tmp_path / "not-yet")

    assert (tmp_path / "results").is_symlink()
    assert (tmp_path / "elsewhere/a.csv").read_text() == "new"
    assert (tmp_path / "later/a.csv").read_text() == "new"


@posix_only
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x" * 300, "too long"),
        ("x" * 250, "too long"),
        ("é" * 126, "too long"),
        ("x" * 300 + "/results", "too long"),
        ("missing/" + "x" * 300 + "/results", "too long"),
        ("\0", "cannot be written to"),
        ("file", "is a file, not a folder"),
        ("file/results", "Not a directory"),
        ("loop", "cannot be written to|is a file"),
    ],
)
def test_an_impossible_place_is_one_clear_message(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(OutputError, match=why) as told:
        check_folder(tmp_path / name, OURS, force=True)

    assert "\n" not in str(told.value)
    assert {one.name for one in tmp_path.iterdir()} == {"file", "loop"}


def test_the_longest_name_that_is_taken_can_be_written(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 239)

    check_folder(folder, OURS, force=True)
    replace(folder)
    replace(folder)

    assert (folder / "a.csv").read_text() == "new"


@posix_only
@pytest.mark.parametrize(
    ("mask", "folders", "files"), [(0o077, 0o700, 0o600), (0o022, 0o755, 0o644)]
)
def test_the_rights_a_user_gives_are_kept(
    tmp_path: Path, mask: int, folders: int, files: int
) -> None:
    before = os.umask(mask)
    try:
        replace(tmp_path / "deeper/results")
        write_whole(tmp_path / "deeper/results/report.html", "report", force=False)
    finally:
        os.umask(before)

    for place in (tmp_path / "deeper", tmp_path / "deeper/results"):
        assert place.stat().st_mode & 0o777 == folders
    for file in (tmp_path / "deeper/results").iterdir():
        assert file.stat().st_mode & 0o777 == files


@posix_only
def test_what_is_private_stays_private(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    replace(folder, "old")
    write_whole(folder / "report.html", "old", force=False)
    folder.chmod(0o700)
    (folder / "report.html").chmod(0o600)

    write_whole(folder / "report.html", "new", force=True)
    assert (folder / "report.html").stat().st_mode & 0o777 == 0o600
    replace(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_is_not_replaced_unless_told_to(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")

    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "report.html", "new", force=False)

    assert (tmp_path / "report.html").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_was_begun_for_a_folder_of_a_like_name_is_left_to_it(tmp_path: Path) -> None:
    begun = tmp_path / ".results.txsim-x.txsim-12345678"
    (begun / "old").mkdir(parents=True)
    (begun / "new").mkdir()

    check_folder(tmp_path / "results", OURS, force=True)
    assert not (tmp_path / "results").exists()
    check_folder(tmp_path / "results.txsim-x", OURS, force=True)
    assert (tmp_path / "results.txsim-x").exists()


def test_a_hidden_folder_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    for name in (".results.txsim-mine", ".results.old", ".other.txsim-12345678"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("mine")

    replace(tmp_path / "results", "old")
    replace(tmp_path / "results")

    for name in (".results.txsim-mine", ".results.old", ".other.txsim-12345678"):
        assert (tmp_path / name / "thesis.txt").read_text() == "mine"


def test_a_file_that_a_killed_run_had_begun_is_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    replace(folder, "old")
    for name in ("_abcd012", "12345678"):
        (folder / f".txsim-{name}").mkdir()
    (folder / ".txsim-12345678" / "new").write_text("half")

    check_folder(folder, OURS, force=True)
    replace(folder)

    assert [file.name for file in folder.iterdir()] == ["a.csv"]


def test_a_hidden_folder_with_something_else_in_it_is_a_users_own(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    (folder / ".txsim-12345678").mkdir(parents=True)
    (folder / ".txsim-12345678" / "notes.txt").write_text("mine")

    assert "holds folders of your own (.txsim-12345678)" in refusal(folder)
    assert (folder / ".txsim-12345678" / "notes.txt").read_text() == "mine"
