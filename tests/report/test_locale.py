"""A report for the US: its spelling, miles and clock; a planner's own words stay as they are."""

import re
import tomllib
from datetime import time
from html import unescape
from pathlib import Path

import pytest

import txsim
from txsim.errors import TxsimError
from txsim.report import html
from txsim.report.view import View
from txsim.scenario import Scenario, load
from txsim.wording import BRITISH, Verbatim, Wording, known_locale

from .made_up import MadeUp, made_up

PACKAGE = Path(txsim.__file__).parent
AMERICAN = Wording("en-US")
BRITISH_WORDS = re.compile(
    r"\b(\w*(?:ll(?:ed|ing|ors?|ers?)|[^\Wfhp]ours?|is(?:ed|es|ing|ation)|tres?|programmes?|"
    r"judgement|enrols?|grey|learnt|kilometres?|per cent))\b|\bkm\b",
    re.IGNORECASE,
)
"""Endings that are British more often than not."""
NOT_BRITISH = re.compile(
    r"(?:called|controlled|filled|enrolled|selling|telling|callers?|smaller|taller|fuller|pills?|"
    r"likewise|rises?|raised|revised|supervised|supervising|promised|advised|raises|premises|"
    r"wise|otherwise|pulled|killed|rolled|falling|calling|filling|pooled|hours?|four|yours?|"
    r"your|skilled|comprised|compromised|exercises|exercised|surprising|rising|diagnosis|"
    r"crises|willing|selling|miller)$",
    re.IGNORECASE,
)


def words_of(page: str) -> str:
    """All that is read or heard of a page, but for the titles of papers and the command."""
    body = re.sub(
        r"(?s)<style>.*?</style>|<ul class=\"sources\">.*?</ul>|<pre>.*?</pre>", " ", page
    )
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', body))
    return unescape(re.sub(r"<[^>]*>", " ", body) + labels)


def british_in(text: str) -> set[str]:
    found = {one[0].lower() for one in BRITISH_WORDS.finditer(text)}
    return {one for one in found if not NOT_BRITISH.match(one)}


@pytest.fixture(scope="module")
def shipped() -> MadeUp:
    """Designs that between them say most of what reports can say."""
    names = ("baseline", "strict-rules", "all-three", "dual-diagnosis", "alcohol-clinic")
    others = {name: ("the distance to the clinic",) for name in names[3:]}
    return made_up([load(name) for name in names], {}, other_people=others)


@pytest.fixture(scope="module")
def american(shipped: MadeUp) -> str:
    return html(shipped, "en-US")


def test_without_a_locale_it_is_british(shipped: MadeUp) -> None:
    page = html(shipped)
    assert page == html(shipped, "en-GB")
    assert '<html lang="en-GB">' in page
    assert {"counsellor", "programme", "programmes", "behaviour", "km"} <= british_in(
        words_of(page)
    )


def test_no_british_spelling_is_left(american: str) -> None:
    assert '<html lang="en-US">' in american
    text = words_of(american)
    # a case mix is named as scenario files name it
    assert british_in(re.sub(r'"[^"]* programme"', " ", text)) == set()
    assert 'people as in "alcohol programme" instead of "outpatient opioid programme"' in text
    for word in ("Counselor", "programs", "behavior", "randomized", "Gray cells"):
        assert word in text


def test_distances_are_in_miles(american: str) -> None:
    assert "Under 9.9 miles" in american
    assert "9.9 miles and more" in american


def test_the_scenario_names_the_locale_and_an_argument_goes_before(baseline: Scenario) -> None:
    ours = baseline.with_changes(report={"locale": "en-US"})
    assert ours.digest == baseline.digest
    assert ours != baseline
    pages = [html(made_up([one]), locale) for one in (baseline, ours) for locale in (None, "en-US")]
    assert pages[1] == pages[2] == pages[3] != pages[0]
    assert html(made_up([ours]), "en-GB") == pages[0]


def test_the_first_design_of_several_settles_it(baseline: Scenario) -> None:
    other = load("transport-aid").with_changes(report={"locale": "en-US"})
    assert View(made_up([baseline, other])).wording.locale == BRITISH
    assert View(made_up([other, baseline])).wording.locale == "en-US"


def test_what_a_planner_wrote_stays(baseline: Scenario) -> None:
    hers = baseline.with_changes(
        name="programme-at-the-centre",
        title="A programme 20 km away, open until 17:00",
        question="Would a counsellor at the centre change behaviour?",
        clinic={"kind": "counselling centre", "hours": {"closes": time(20, 30)}},
        population={"distance_km": {"median": 20.0, "p90": 60.0}},
        services={
            "horse_behaviour": {
                "label": "Behaviour with horses",
                "kind": "support",
                "offered": True,
                "source": "the programme of our neighbours",
                "cost_per_place_day": 2.0,
            }
        },
    )
    comparison = made_up([baseline, hers])
    comparison.notes = ["Programme at the centre: a note of the programme."]
    text = words_of(html(comparison, "en-US"))
    for kept in (
        "Programme at the centre",
        "A programme 20 km away, open until 17:00",
        "Would a counsellor at the centre change behaviour?",
        "run as counselling centre, not as opioid treatment program",
        "behaviour with horses",
    ):
        assert kept in text
    assert "Programme at the centre: a note of the program." in text
    assert "open until 8:30 p.m. instead of 5:30 p.m." in text
    assert "half of the people within 12 miles instead of as near as in the case mix" in text
    assert "digest of programme-at-the-centre" in text.lower()


def test_the_command_and_papers_are_quoted(baseline: Scenario) -> None:
    comparison = made_up([baseline])
    comparison.manifest["command"] = "txsim run programme.toml --equal-money staff.counsellor.posts"
    british, american = (html(comparison, locale) for locale in ("en-GB", "en-US"))
    for shape in (r"<pre>.*?</pre>", r'(?s)<ul class="sources">.*?</ul>'):
        assert re.findall(shape, british) == re.findall(shape, american) != []


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("Lives 18.9 km away.", "Lives 12 miles away."),
        ("Lives 1.6 km away", "Lives 1 mile away"),
        ("Lives 2.5 km away", "Lives 1.6 miles away"),
        ("5 to 10 km (3 to 1,200)", "3.1 to 6.2 miles (1.9 to 746)"),
        ("16 kilometres", "9.9 miles"),
        ("open 05:30 to 24:00, 00:15, 12:00", "open 5:30 a.m. to midnight, 12:15 a.m., 12:00 p.m."),
        ("Counsellors' counselling programme", "Counselors' counseling program"),
        ("at staff.counsellor.posts in programme/x", "at staff.counsellor.posts in programme/x"),
        ("the end of programme.", "the end of program."),
        ("put_out_for_behaviour_per_year", "put_out_for_behaviour_per_year"),
        ("10.1000/18.9 kmx", "10.1000/18.9 kmx"),
    ],
)
def test_words_distances_and_hours(british: str, american: str) -> None:
    assert AMERICAN(british) == american
    assert AMERICAN(american) == american
    assert Wording()(british) == british
    assert AMERICAN(Verbatim(british)) == british
    assert Wording("en-US", frozenset({british}))(f"({british})") == f"({british})"


def test_every_word_of_the_table_is_one_that_is_said() -> None:
    table = PACKAGE / "us_spelling.toml"
    written = [one for one in PACKAGE.rglob("*.*") if one.suffix in (".py", ".toml", ".html")]
    said = " ".join(one.read_text("utf-8").lower() for one in written if one != table)
    words = tomllib.loads(table.read_text("utf-8"))["words"]
    assert [word for word in words if word not in " ".join(said.split())] == []
    assert all(AMERICAN(british) == american for british, american in words.items())


@pytest.mark.parametrize("near", ["en-us", "en_US", "us", "en-UK"])
def test_an_unknown_locale_is_one_clear_message(baseline: Scenario, near: str) -> None:
    with pytest.raises(TxsimError, match=r"unknown locale .* \(allowed: en-GB, en-US\)"):
        html(made_up([baseline]), near)
    with pytest.raises(TxsimError, match="did you mean 'en-US'"):
        known_locale("en-us")
