"""Drawings: what stands in them is what was given, and they can stand inside a page."""

from xml.etree import ElementTree

import pandas as pd

from txsim.figures import Dot, Line, Panel, Row, curves_with_differences, dot_panels, glyph, looks
from txsim.figures import inline_svg as inline
from txsim.figures.curves import days_axis
from txsim.figures.style import blank, house_style, place

LOOKS = looks(["today", "van"])


def curves(last_day: int = 365) -> pd.DataFrame:
    days = range(last_day + 1)
    return pd.concat(
        pd.DataFrame(
            {
                "scenario": design,
                "day": days,
                "mean": [100 - slope * day for day in days],
                "low": [98 - slope * day for day in days],
                "high": [102 - slope * day for day in days],
            }
        )
        for design, slope in (("today", 0.12), ("van", 0.1))
    )


def picture(name: str = "staying") -> str:
    rows = [
        Row("van", "Van & <more>", "64 of 100", 7.3, 2.0, 12.0, True, "2 to 12 more"),
        Row("today", "Today", "56 of 100"),
    ]
    figure = curves_with_differences(
        curves(), rows, LOOKS, of_whom="People of 100", more_means="More people"
    )
    return inline(figure, name, "Staying", "A falling line & so on")


def words(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("text")]


def test_a_figure_becomes_one_piece_of_markup() -> None:
    root = ElementTree.fromstring(picture())
    assert root.tag == "svg"
    assert root.get("role") == "img"
    assert [child.tag for child in list(root)[:2]] == ["title", "desc"]
    assert root.findtext("desc") == "A falling line & so on"
    assert "Van & <more>" in words(picture())
    assert {"2 to 12 more", "64 of 100", "More people"} <= set(words(picture()))


def test_its_names_are_its_own_and_all_point_somewhere() -> None:
    one, two = (ElementTree.fromstring(picture(name)) for name in ("one", "two"))
    names = [{element.get("id") for element in root.iter()} - {None} for root in (one, two)]
    assert not names[0] & names[1]
    for element in one.iter():
        assert (element.get("href") or "#").removeprefix("#") in {"", *map(str, names[0])}


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert picture() == picture()


def test_nothing_of_the_document_around_it_is_left() -> None:
    svg = picture()
    for left_over in ("xmlns", "<metadata", "<style", "<?xml", "font-family: '", "http"):
        assert left_over not in svg


def test_dots_are_drawn_for_every_value_and_hollow_where_nothing_is_clear() -> None:
    dots = [
        Dot("a", "one", "today", 3.0),
        Dot("a", "one", "van", 4.0, 3.0, 5.0, words="four"),
        Dot("a", "two", "van", 1.0, -1.0, 3.0, clear=False),
    ]
    lines = [
        Line("one", "One", "Kind"),
        Line("two", "Two", "Kind"),
        Line("three", "Three", "", "few"),
    ]
    figure = dot_panels(lines, [Panel("a", "Title", "people", around=0.0)], dots, LOOKS)
    axes = figure.axes[0]
    markers = [line for line in axes.lines if line.get_marker() in {"o", "s"}]
    assert [tuple(line.get_xdata()) for line in markers] == [(3.0,), (4.0,), (1.0,)]
    assert [line.get_markerfacecolor() for line in markers][-1] == "#ffffff"
    low, high = axes.get_xlim()
    assert low < -1
    assert high > 5
    said = words(inline(figure, "dots", "t", "d"))
    assert {"One", "Two", "Three", "Kind", "few", "four", "Title", "people"} <= set(said)


def test_panels_around_one_value_share_their_scale() -> None:
    dots = [
        Dot("a", "one", "today", 3.0),
        Dot("b", "one", "van", 30.0),
        Dot("c", "one", "van", 2.0),
    ]
    panels = [Panel(key, key, "people", around=0.0) for key in "ab"] + [Panel("c", "C", "people")]
    figure = dot_panels([Line("one", "One")], panels, dots, LOOKS)
    assert [axes.get_xlim()[1] > 30 for axes in figure.axes] == [True, True, False]


def test_days_are_marked_in_a_planners_unit() -> None:
    for last_day, unit in ((30, "weeks"), (180, "months"), (365, "months"), (1095, "years")):
        with house_style():
            axes = place(blank(3.0), 1, 1, 4, 1)
            days_axis(axes, last_day)
        assert axes.get_xlabel().startswith(unit)
        assert axes.get_xlim() == (0, last_day)
        assert max(axes.get_xticks()) <= last_day


def test_a_glyph_is_hidden_from_the_listener_and_has_the_designs_colour() -> None:
    root = ElementTree.fromstring(glyph(LOOKS["van"]))
    assert root.get("aria-hidden") == "true"
    assert root.get("fill") == LOOKS["van"].colour
    assert "stroke-dasharray" in glyph(LOOKS["van"])
    assert "stroke-dasharray" not in glyph(LOOKS["today"])


def test_no_drawing_is_taller_than_a_screen() -> None:
    many = looks([f"design {place}" for place in range(9)])
    lines = [Line(f"line {place}", f"Line {place}") for place in range(9)]
    dots = [Dot("a", line.key, design, 1.0) for line in lines for design in many]
    figure = dot_panels(lines, [Panel("a", "Title", "people")], dots, many)
    assert figure.get_size_inches()[1] <= 7.6
