"""The page: whole, closed to the outside, readable without eyes, the same twice."""

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from txsim.report import html
from txsim.scenario import Scenario

from .made_up import MadeUp, made_up

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Tree(HTMLParser):
    """Elements in order with their attributes, their depth checked as they close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(five: MadeUp) -> str:
    return html(five)


@pytest.fixture(scope="module")
def tree(page: str) -> Tree:
    return Tree(page)


def test_elements_close_in_order(tree: Tree) -> None:
    assert tree.open == []
    assert len(tree.elements) > 500


def test_it_asks_nothing_of_the_outside(page: str, tree: Tree) -> None:
    assert "http:" not in page
    assert "https:" not in page
    assert "@import" not in page
    assert not {"script", "link", "iframe", "img", "object"} & {tag for tag, _ in tree.elements}
    for _, attributes in tree.elements:
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("href", "src"):
            assert attributes.get(key, "#").startswith("#")
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", page))


def test_the_same_comparison_gives_the_same_page(five: MadeUp, page: str) -> None:
    assert html(five) == page


def test_no_clock_stands_in_it(page: str) -> None:
    assert "2026-01-01" not in page


def test_it_can_be_found_through_without_eyes(tree: Tree) -> None:
    assert tree.all("html")[0]["lang"] == "en-GB"
    for landmark in ("header", "main", "footer", "h1"):
        assert len(tree.all(landmark)) == 1
    identifiers = [attributes["id"] for _, attributes in tree.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    for _, attributes in tree.elements:
        for name in attributes.get("aria-labelledby", "").split():
            assert name in identifiers
        target = attributes.get("href", "").removeprefix("#")
        assert not target or target in identifiers
    levels = [int(tag[1]) for tag, _ in tree.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_sections_come_in_the_order_of_a_decision(page: str) -> None:
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert headings == [
        "The answer",
        "What was compared",
        "Staying in care",
        "The designs side by side",
        "In more detail",
        "For whom",
        "Why",
        "Where the uncertainty comes from",
        "Which numbers it rests on",
        "Beside published figures",
        "When it would be wrong",
        "To repeat it",
    ]


def test_every_picture_is_described_from_its_numbers(page: str, tree: Tree) -> None:
    pictures = [attributes for attributes in tree.all("svg") if attributes.get("role") == "img"]
    assert len(pictures) == 7
    assert len(tree.all("figcaption")) == 7
    assert len(re.findall("The numbers behind this picture", page)) == 7
    described = dict(re.findall(r'<desc id="([^"]*)">(.*?)</desc>', page, re.DOTALL))
    assert "Baseline: 43 at day 7" not in described["staying-description"]
    assert "54 at day 365" in described["staying-description"]
    assert "All three: 4 to 12 more" in described["staying-description"]
    assert "Peer groups: cannot tell" in described["staying-description"]
    assert "Dropped out: Baseline 26.0" in described["exits-description"]
    assert "Psychosis: " in described["whom-description"]


def test_the_description_moves_with_the_numbers(two: MadeUp) -> None:
    curve = two.retention.copy()
    curve.loc[curve["scenario"] == "baseline", "mean"] *= 0.5
    changed = MadeUp(**{**vars(two), "retention": curve})
    assert "Baseline: 30 at day 7, 38 at day 30" not in html(two)
    before = re.search(r'id="staying-description">(.*?)</desc>', html(two))
    after = re.search(r'id="staying-description">(.*?)</desc>', html(changed))
    assert before is not None
    assert after is not None
    assert before[1] != after[1]


def test_cells_that_cannot_be_told_apart_say_so(page: str) -> None:
    assert re.search(r'<td class="unclear"><b>55</b> <span>cannot tell yet</span></td>', page)
    assert re.search(
        r'<td class="clear"><b>62</b> <span>4 to 12 more, virtually certain</span></td>', page
    )


def test_withheld_groups_are_named(page: str) -> None:
    assert "Withheld, with fewer than 10 people a run: psychosis." in page
    assert "fewer than 10</text>" in page


def test_words_from_scenarios_are_escaped(baseline: Scenario) -> None:
    nasty = baseline.with_changes(
        name="<script>alert(1)</script>", title="A & B", question='Is 1 < 2 & "so"?'
    )
    comparison = made_up([nasty], notes=["a <b>note</b>"])
    page = html(comparison)
    assert "<script" not in page
    assert "<b>note" not in page
    assert "a &lt;b&gt;note" in page
    assert "Is 1 &lt; 2 &amp;" in page
    assert Tree(page).open == []


def test_one_design_is_a_whole_report(alone: MadeUp) -> None:
    page = html(alone)
    assert Tree(page).open == []
    assert "cannot tell" not in page
    assert "against" not in re.findall(r"<h1>(.*?)</h1>", page)[0]
    assert "The figures" in page
    assert "what the clinic offers" in page


def test_different_people_are_shown_without_verdicts(unpaired: MadeUp) -> None:
    page = html(unpaired)
    assert Tree(page).open == []
    assert "Other people ask under Rural clinic" in page
    assert "other people ask: 10 to 30 more" in page
    for words in ("virtually certain", "cannot tell", " more)", "Difference from", 'class="clear"'):
        assert words not in page


def test_other_people_under_one_design_are_told_apart_from_the_rest(partly: MadeUp) -> None:
    page = html(partly)
    assert Tree(page).open == []
    assert "other people ask: 10 to 30 more" in page
    assert "2 to 10 more" in page
    assert "the same people and the same random numbers under each but Rural clinic" in page
    assert "Where other people ask, it is 74 under Rural clinic." in page
    assert "Under Rural clinic no step" not in page
    # By group only designs with the same people are held against each other.
    whom = page[page.index('id="h-whom"') : page.index('id="h-why"')]
    assert "Case management" in whom
    assert "Rural clinic" not in whom


def test_long_names_and_many_designs_are_borne(baseline: Scenario) -> None:
    long = "a-very-long-name-for-a-design-that-somebody-wrote-late-at-night-and-kept"
    designs = [baseline, *(baseline.with_changes(name=f"{long}-{place}") for place in range(7))]
    page = html(made_up(designs))
    assert Tree(page).open == []
    assert "(1 of 2)" in page
    assert "\u2026" in page
    assert page.count('id="whom') >= 2


def test_nothing_measured_leaves_the_pictures_out(alone: MadeUp) -> None:
    nothing = MadeUp(
        **{
            **vars(alone),
            "roles": alone.roles[:0],
            "outcomes": alone.outcomes[alone.outcomes["outcome"] == "retained_365"],
            "curves": alone.curves[:0],
        }
    )
    page = html(nothing)
    assert 'id="figure-staying"' in page
    for name in ("relapse", "waiting", "exits", "staff", "cost"):
        assert f'id="figure-{name}"' not in page


def test_it_says_how_to_repeat_it(page: str, five: MadeUp) -> None:
    assert f"<code>{five.manifest['command']}</code>" in page
    assert "ab" * 32 in page
    assert "txsim 0.1.0" in page


def test_grey_still_tells_on_paper(page: str) -> None:
    style = Path("src/txsim/report/report.css")
    assert "@media print" in page
    assert "@page" in page
    assert style.name not in page


def without(comparison: MadeUp, *groups: str) -> MadeUp:
    """The comparison without any figure for groups that nobody is in."""
    kept = comparison.outcomes[~comparison.outcomes["subgroup"].isin(groups)]
    return MadeUp(**{**vars(comparison), "outcomes": kept})


def test_the_answer_comes_before_the_designs_are_described(page: str) -> None:
    lead = page.index('class="lead"')
    assert page.index("The answer</h2>") < lead < page.index("What was compared")
    assert page.index("A van for a counsellor") < lead, "titles name the designs at the top"
    assert "As Baseline, but with" in page.partition("What was compared")[2]


def test_a_shared_title_is_not_put_beside_two_names(baseline: Scenario) -> None:
    other = baseline.with_changes(name="other")
    assert baseline.title not in html(made_up([baseline, other]))


def test_waits_stand_in_the_table_with_mean_and_median(page: str) -> None:
    table = page.partition("The designs side by side")[2]
    for label, unit in (
        ("From asking to admission", "days, mean"),
        ("From asking to admission", "days, median"),
        ("From asking to first dose", "days, mean"),
    ):
        assert f'{label} <span class="unit">{unit}</span>' in table


def test_drinkers_are_not_told_of_overdoses(alone: MadeUp) -> None:
    drinkers = html(without(alone, "opioids"))
    assert ">Overdoses <" not in drinkers
    assert "Relapse: free of regular heavy drinking" in drinkers
    assert ">Overdoses <" in html(alone)


def test_groups_without_people_are_left_out_and_not_called_withheld(alone: MadeUp) -> None:
    page = html(without(alone, "opioids", "women"))
    for heading in ("Substance</text>", "Sex</text>"):
        assert heading not in page
        assert heading in html(alone)
    assert "opioids" not in page.partition("For whom")[2].partition("On the way")[0]


def test_one_design_alone_is_not_named_in_every_caption(alone: MadeUp) -> None:
    assert "under Baseline" not in html(alone)
    assert "each design" not in html(alone).partition("To repeat it")[0]


def test_one_question_stands_at_the_top_and_several_beside_their_designs(
    five: MadeUp, two: MadeUp
) -> None:
    van = two.designs[1].question
    assert f'<p class="question">{van}</p>' in html(two)
    assert 'class="asked"' not in html(two)
    assert 'class="question"' not in html(five)
    assert html(five).count('class="asked"') == 4
