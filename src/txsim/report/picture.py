"""A picture of the report with everything that must stand beside it.

The caption says the finding, the description says the picture to those who cannot see it, and the
table holds the numbers behind it. All three are made from the same numbers as the drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from txsim.formatting import listed
from txsim.outcomes.subgroups import EVERYONE
from txsim.report.view import Change, Design, View

LETTERS_IN_A_LABEL = 16
LINES_IN_A_LABEL = 3


@dataclass(frozen=True)
class Table:
    """Numbers in rows; the first cell of a row is its heading."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """One figure of the report. ``key`` says that its designs need naming above the drawing."""

    name: str
    svg: str
    caption: str
    table: Table
    key: bool = False


def short(label: str, letters: int = LETTERS_IN_A_LABEL, most: int = LINES_IN_A_LABEL) -> str:
    """Return a label broken into at most so many lines of letters.

    Where it is too long its middle is left out, since names often differ at the end.
    """
    lines = _broken(label, letters)
    kept = letters * most
    while len(lines) > most:
        kept -= 1
        front = kept // 2
        lines = _broken(f"{label[:front].rstrip()}\u2026{label[front - kept :].lstrip()}", letters)
    return "\n".join(lines)


def _broken(label: str, letters: int) -> list[str]:
    return wrap(label, letters, break_long_words=True, break_on_hyphens=False)


def told_apart(
    view: View, outcome: str, subgroup: str = EVERYONE
) -> tuple[list[tuple[Design, Change]], list[Design], list[Design]]:
    """Return the designs that differ clearly from the first, those unclear, and those the same."""
    clear: list[tuple[Design, Change]] = []
    unclear: list[Design] = []
    same: list[Design] = []
    for design in view.in_order:
        change = view.change(design, outcome, subgroup)
        if change is None:
            continue
        if change.clear:
            clear.append((design, change))
        elif change.same:
            same.append(design)
        else:
            unclear.append(design)
    return clear, unclear, same


def not_told_apart(view: View, unclear: Sequence[Design], same: Sequence[Design]) -> str:
    """Return the end of a caption: which designs cannot be told from the first."""
    sentences = []
    if unclear:
        names = listed([design.label for design in unclear], "or")
        sentences.append(f"We cannot tell {names} from {view.first.label} here.")
    if same:
        names = listed([design.label for design in same])
        them = "gives" if len(same) == 1 else "give"
        sentences.append(f"{names} {them} exactly the same figure as {view.first.label}.")
    return " ".join(sentences)
