"""A picture of the report with everything that must stand beside it.

The caption says the finding, the description says the picture to those who cannot see it, and the
table holds the numbers behind it. All three are made from the same numbers as the drawing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.inline import inline_svg
from txsim.formatting import listed
from txsim.report.view import Verdicts, View, called

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


def which_are_unclear(view: View, found: Verdicts) -> str:
    """Return the end of a caption: for which designs the difference is unclear or none."""
    sentences = []
    if found.unclear:
        names = called([design for design, _ in found.unclear], "or")
        sentences.append(f"We cannot tell {names} from {view.first.label} here yet.")
    if found.alike:
        names = called([design for design, _ in found.alike])
        sentences.append(f"Under {names} there is no difference that matters.")
    if found.same:
        names = called(found.same)
        them = "gives" if len(found.same) == 1 else "give"
        sentences.append(f"{names} {them} exactly the same figure as {view.first.label}.")
    return " ".join(sentences)


@dataclass(frozen=True)
class InRow:
    """One row of a picture of dots.

    ``said`` has by design what the description says of its dot, ``cells`` what the table has.
    """

    key: str
    words: str
    dots: Sequence[Dot]
    said: Mapping[str, str]
    cells: Sequence[str]


def picture_in_rows(
    view: View,
    name: str,
    title: str,
    panel: Panel,
    rows: Sequence[InRow],
    *,
    heading: str,
    start: str,
    caption: str,
) -> Picture:
    """Return a picture with a row of dots, one a design, for each of some things.

    ``heading`` stands above the rows of its table, ``start`` begins its description.
    """
    drawing = dot_panels(
        [Line(row.key, row.words) for row in rows],
        [panel],
        [dot for row in rows for dot in row.dots],
        view.looks,
    )
    table = Table(
        [heading, *(design.label for design in view.designs)],
        [[row.words, *row.cells] for row in rows],
    )
    told = [
        [f"{one.label} {row.said[one.name]}" for one in view.designs if one.name in row.said]
        for row in rows
    ]
    each = "; ".join(f"{row.words}: {listed(said)}" for row, said in zip(rows, told, strict=True))
    svg = inline_svg(drawing, name, title, f"{start} {each}.", view.wording)
    return Picture(name, svg, caption, table, key=True)
