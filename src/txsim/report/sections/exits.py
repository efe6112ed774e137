"""Why people leave: first exits from care by reason."""

from collections.abc import Mapping, Sequence

from txsim.figures.dots import Dot, Panel
from txsim.formatting import listed, of_100, plain
from txsim.outcomes.families.exits import REASONS
from txsim.report.picture import InRow, Picture, picture_in_rows
from txsim.report.view import Level, View

SHOWN_FROM = 0.0005
"""Share of people from which on a reason is shown: what is told as 0.1 of 100."""

Found = Sequence[tuple[str, str, dict[str, Level]]]
"""Reasons that are shown: the outcome, its words, and its levels by design."""


def show(view: View) -> tuple[str, Picture | None]:
    """Return the picture of first exits from care by reason."""
    heading = "Why people leave"
    outcomes = [(f"left_{stem}", words) for _, stem, words in REASONS]
    reasons = [(outcome, words, view.levels(outcome)) for outcome, words in outcomes]
    found = [one for one in reasons if any(level.mean >= SHOWN_FROM for level in one[2].values())]
    if not found:
        return heading, None
    return heading, picture_in_rows(
        view,
        "exits",
        heading,
        Panel("people", "People of 100 who asked, by the reason of their first exit", "people"),
        [_row(view, *one) for one in found],
        heading="People of 100",
        start="Dots by reason, in people of 100 who asked for treatment.",
        caption=_caption(view, found),
    )


def _row(view: View, outcome: str, words: str, levels: Mapping[str, Level]) -> InRow:
    dots = []
    for design in view.designs:
        if design.name in levels:
            # Filled are the first design's, and those that differ clearly.
            change = view.change(design, outcome)
            clear = change is None or change.directed
            people = 100 * levels[design.name].mean
            dots.append(Dot("people", outcome, design.name, people, clear=clear))
    return InRow(
        outcome,
        words,
        dots,
        {name: of_100(level.mean, 1) for name, level in levels.items()},
        [
            plain(100 * levels[design.name].mean, 1) if design.name in levels else ""
            for design in view.designs
        ],
    )


def _caption(view: View, found: Found) -> str:
    base = [
        (levels[view.first.name].mean, words)
        for _, words, levels in found
        if view.first.name in levels
    ]
    sentences = []
    if base:
        share, words = max(base)
        sentences.append(
            f"The commonest first exit{view.under(view.first)}: "
            f"{words[:1].lower()}{words[1:]}, {of_100(share)} of 100."
        )
    moved = sorted(
        (
            -abs(change.median),
            f"{words[:1].lower()}{words[1:]} under {design.label} ({change.in_people})",
        )
        for outcome, words, _ in found
        for design, change in view.verdicts_on(outcome).directed
    )
    if moved:
        sentences.append(f"What moves most: {listed([words for _, words in moved[:3]])}.")
    elif view.paired:
        sentences.append(
            f"For no reason can we tell a difference from {view.first.label} that matters."
        )
    if view.paired:
        sentences.append("A hollow marker: no difference from the first design can be told.")
    return " ".join(sentences)
