"""What designs are called: never two alike, and every sign of a name is seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsim.compare.naming import label, labels, with_article, wording_of
from txsim.scenario import load


def called(*names: str) -> list[str]:
    designs: list[Any] = [SimpleNamespace(name=name) for name in names]
    return list(labels(designs).values())


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("case-management", "van_2027"), ["Case management", "Van 2027"]),
        (("-2 nurses", "2-nurses"), ["-2 nurses", "2 nurses"]),
        (("site-a", "site_a"), ["site-a", "site_a"]),
        (("site-a", "Site a", "site_a"), ["site-a", "Site a", "site_a"]),
        (("Site-A", "site-a"), ["Site-A", "site-a"]),
        (("a-", "a", "_a_"), ["A-", "A", "_a_"]),
        (("a--b", "a-b"), ["A--b", "A b"]),
        (("site-a", " site-a "), ["site-a (1)", "site-a (2)"]),
        (("other", "site-a", "site-\N{CYRILLIC SMALL LETTER A}"),
         ["Other", "site-a (2)", "site-\N{CYRILLIC SMALL LETTER A} (3)"]),
        (("a", "\N{FULLWIDTH LATIN SMALL LETTER A}", "a\N{ZERO WIDTH SPACE}"), None),
        (("a\n", "a\\n"), [r"a\n (1)", r"a\n (2)"]),
        (("a", "a (1)", "\N{CYRILLIC SMALL LETTER A}"), None),
        (("", "unnamed"), None),
        (("=HYPERLINK(1)", "\x1b[2J"), ["=HYPERLINK(1)", r"\x1b[2J"]),
    ],
)  # fmt: skip
def test_labels_are_one_to_one_with_names(names: tuple[str, ...], shown: list[str] | None) -> None:
    found = called(*names)

    assert len(set(found)) == len(names)
    assert all(one.isprintable() or "\N{ZERO WIDTH SPACE}" in one for one in found)
    if shown is not None:
        assert found == shown


@given(st.lists(st.text("aA-_ 1()\n\\\N{CYRILLIC SMALL LETTER A}", max_size=4), unique=True))
def test_no_two_designs_are_ever_called_alike(names: list[str]) -> None:
    found = called(*names)

    assert len({" ".join(one.replace("\N{CYRILLIC SMALL LETTER A}", "a").split()) for one in found}
               ) == len(names)  # fmt: skip
    assert all(found)


def test_alone_a_design_has_its_plain_label() -> None:
    design: Any = SimpleNamespace(name="site_a")
    assert label(design) == "Site a" == labels([design])["site_a"]


def test_articles_go_by_the_sound() -> None:
    an = (
        "uncertified", "hour", "RN", "urgent", "unimportant", "underpaid", "LPN", "HIV nurse", "NP",
        "usher", "honest worker", "8-week group", "18-week group", "80 km", "X-ray", "OTP",
        "umbrella", "onerous plan", "intake worker", "MSW",
    )  # fmt: skip
    a = (
        "unit", "user", "nurse", "European", "one-stop shop", "utility", "uniform", "counsellor",
        "U-turn", "usual plan", "united front", "driver", "7-week group", "PhD", "once-off", "CPRS",
    )  # fmt: skip
    assert [with_article(one) for one in an] == [f"an {one}" for one in an]
    assert [with_article(one) for one in a] == [f"a {one}" for one in a]


def test_names_are_kept_as_they_are_in_every_locale() -> None:
    """Of designs, of case mixes, and whatever a planner wrote; only our own words are respelt."""
    design = load("baseline").with_changes(
        name="counsellor", mixes={"programme of ours": load("baseline").catalogue.mixes[
            "outpatient opioid programme"].model_dump(exclude_unset=True)},
    )  # fmt: skip
    wording = wording_of([design], "en-US")

    assert wording("counsellor") == "counsellor"
    assert wording('the mix "programme of ours"') == 'the mix "programme of ours"'
    assert wording("two counsellors") == "two counselors"
