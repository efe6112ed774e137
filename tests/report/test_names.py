"""Whatever designs, people and money are called: the page is whole and every picture is drawn."""

from __future__ import annotations

import html as markup
import re
from xml.etree import ElementTree

import pytest

from txsim.compare.naming import labels
from txsim.report import html
from txsim.scenario import Scenario

from .conftest import GAINS
from .made_up import MadeUp, made_up
from .test_page import Tree

NAMES = (
    "$x^2$", "a_{b", "\\frac{1}{0}", "$$$", "100 % ^ {} #&~", "_hidden", "%s{0}", "$\\alpha",
    "$", "=HYPERLINK(1)", "-2 nurses", "<script>alert(1)</script>", 'a"b\'c', "&amp;", "-->", "]]>",
    "line\nbreak\r\ttab", "\x1b[2J\x07", "\x00\x01\x9f", "\ufffe\uffff", "\u202egnorw\u2066",
    "שלום עולם", "مرحبا بالعالم", "漢字仮名交じり文",
    "😀", "é Clínica São José", "x" * 250, "word " * 50, "   ", "", "\u2028", "{{ 7 * 7 }}",
)  # fmt: skip
GAIN = GAINS["transport-aid"]
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe]")


def whole(page: str) -> Tree:
    """The page, when all its elements close and all its pictures are sound."""
    tree = Tree(page)
    assert tree.open == []
    assert "script" not in {tag for tag, _ in tree.elements}
    assert not STEERING.search(page)
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(svg)
    return tree


def drawn(page: str) -> str:
    """All words that stand in pictures."""
    return " ".join(
        "".join(element.itertext())
        for svg in re.findall(r'<svg class="picture.*?</svg>', page, re.DOTALL)
        for element in ElementTree.fromstring(svg).iter("text")
    )


@pytest.mark.parametrize("at", range(0, len(NAMES), 8))
def test_everything_may_have_any_name(baseline: Scenario, at: int) -> None:
    """Designs, roles, services, diagnoses and barriers, titles, notes, and money."""
    names = NAMES[at : at + 8]
    one, two, three, four, five, six, seven, eight = names
    changes = {
        "title": f"Title {one}",
        "question": two,
        "clinic": {"kind": three},
        "roles": {"counsellor": {"label": four}, "nurse": {"label": five}},
        "services": {"transport_aid": {"label": six}, "cbt": {"label": one}},
        "diagnoses": {"depression": {"label": seven}, "ptsd": {"label": two}},
        "barriers": {"transport": {"label": eight}, "money": {"label": three}},
        "economics": {"currency": four},
        "clinic.fees": {"currency": four},
    }
    first = baseline.with_changes(name="today", **changes)
    offered = {"transport_aid": {"offered": True}}
    designs = [first, *(first.with_changes(name=name, services=offered) for name in names)]
    gains = {name: GAIN for name in names}
    differs = {name: (f'the share of "{two}"',) for name in names} if at == 8 else {}
    comparison = made_up(designs, gains, notes=[f"note {one}"], other_people=differs)

    page = html(comparison)

    whole(page)
    for picture in ("staying", "relapse", "waiting", "exits", "staff", "cost", "whom"):
        assert f'id="figure-{picture}"' in page
    for shown in labels(designs).values():
        assert markup.escape(shown).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


def test_signs_of_mathematics_stand_in_pictures_as_they_are(baseline: Scenario) -> None:
    names = ("$x^2$", "a_{b", "\\frac")
    designs = [baseline.with_changes(name=name) for name in ("today", *names)]
    said = drawn(html(made_up(designs, {name: GAIN for name in names})))

    for name in ("$x^2$", "A_{b", "\\frac"):
        assert name in said


def test_designs_that_look_alike_are_told_apart(baseline: Scenario) -> None:
    designs = [
        baseline.with_changes(name=name) for name in ("site-a", "site_a", "-2 nurses", "2-nurses")
    ]
    comparison: MadeUp = made_up(designs, {name: GAIN for name in ("site_a", "2-nurses")})
    page = html(comparison)

    for name in ("site-a", "site_a", "-2 nurses", "2 nurses"):
        assert f"<span>{name}</span>" in page
    assert "Site a" not in page
    assert "As site-a, but" in page or "Exactly as site-a." in page
