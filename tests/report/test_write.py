"""Writing the report: whole or not at all, never over another without being told to."""

import os
from pathlib import Path

import pytest

from txsim.errors import OutputError
from txsim.report import write

from .made_up import MadeUp


def test_it_is_written_where_asked(alone: MadeUp, tmp_path: Path) -> None:
    path = write(alone, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "report.html"
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]


def test_two_writes_give_the_same_bytes(two: MadeUp, tmp_path: Path) -> None:
    one, other = write(two, tmp_path / "one"), write(two, tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()


def test_a_report_is_not_overwritten_unless_forced(alone: MadeUp, tmp_path: Path) -> None:
    there = tmp_path / "report.html"
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="already there"):
        write(alone, tmp_path)
    assert there.read_text(encoding="utf-8") == "mine"
    assert write(alone, str(tmp_path), force=True) == there
    assert there.read_text(encoding="utf-8") != "mine"


def test_a_file_in_the_way_is_one_clear_message(alone: MadeUp, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        write(alone, tmp_path / "taken")


def test_a_failed_write_leaves_nothing_behind(
    alone: MadeUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write(alone, tmp_path)
    assert list(tmp_path.iterdir()) == []
