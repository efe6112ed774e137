"""A part of the page is one file and its fragment, and stands on the page by being listed once."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from txsim.report import html, page, sections
from txsim.report.picture import Picture
from txsim.report.sections import access, in_detail
from txsim.report.view import View

from .made_up import MadeUp
from .test_page import Tree

FOLDER = Path(sections.__file__).parent


def test_every_file_of_a_section_is_on_the_page() -> None:
    listed = [*page.SECTIONS, *in_detail.FIGURES]
    names = [section.__name__.rpartition(".")[2] for section in listed]

    assert sorted(names) == sorted(file.stem for file in FOLDER.glob("[!_]*.py"))
    fragments = [section.__name__.rpartition(".")[2] for section in page.SECTIONS]
    assert sorted(fragments) == sorted(file.stem for file in FOLDER.glob("*.html"))


def test_a_figure_is_on_the_page_once_it_is_listed(
    five: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(view: View) -> tuple[str, Picture | None]:
        return "Once more", access.show(view)[1]

    monkeypatch.setattr(in_detail, "FIGURES", (*in_detail.FIGURES, SimpleNamespace(show=show)))
    told = html(five)

    assert "<h3>Once more</h3>" in told
    assert told.count('id="figure-waiting"') == 2
    assert Tree(told).open == []


def test_a_section_with_nothing_to_show_is_left_out(
    five: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = html(five)
    for section in page.SECTIONS:
        monkeypatch.setattr(section, "show", lambda view: None)
    empty = html(five)

    assert whole.count("<section") == len(page.SECTIONS)
    assert "<section" not in empty
    assert Tree(empty).open == []
