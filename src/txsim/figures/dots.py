"""Dots with intervals in rows: exits by reason, staff minutes, money, and people by subgroup.

One layout serves them all. Rows run down the page with their names at the left, panels stand side
by side on the same rows, and the designs of one row stand under each other in their order, each
with its own marker and colour. A hollow marker means that the interval holds no difference.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txsim.figures.style import (
    FAINT,
    INK,
    PAPER,
    QUIET,
    WIDTH,
    Look,
    around,
    blank,
    house_style,
    place,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_OF_A_LETTER = 0.076
_LONGEST = 32
"""Letters of a row's name that are shown; the whole is in the table behind the picture."""
_BETWEEN_DESIGNS = 0.135
_BETWEEN_ROWS = 0.125
_HEADING = 0.25
_TALLEST = 6.6
"""Inches of rows that still fit a screen with the caption; with more, designs move closer."""


@dataclass(frozen=True)
class Line:
    """One row: what dots point at it, its name, the heading above it, and a note in place of dots.

    A row whose heading differs from that of the row before gets the heading written above it.
    """

    key: str
    label: str
    heading: str = ""
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """One set of axes: its heading, what its axis counts, and a reference value.

    ``around`` draws a line at a value that the dots stand to the left or right of, and panels
    around one value in one unit share their scale; ``limit`` draws a dashed line that the dots
    may not pass without being noticed.
    """

    key: str
    title: str
    unit: str
    around: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Dot:
    """One value of one design, with its interval where there is one, and words beside it."""

    panel: str
    line: str
    design: str
    mean: float
    low: float | None = None
    high: float | None = None
    clear: bool = True
    words: str = ""


def dot_panels(
    lines: Sequence[Line], panels: Sequence[Panel], dots: Sequence[Dot], looks: Mapping[str, Look]
) -> "Figure":
    """Return the figure of ``dots`` on ``lines``, one set of axes for each of ``panels``."""
    abreast = {
        (panel.key, line.key): _designs_of(dots, panel.key, line.key, looks)
        for panel in panels
        for line in lines
    }
    together = max((len(designs) for designs in abreast.values()), default=1)
    step = _between_designs(lines, max(1, together))
    levels, headings, tall = _levels_of_lines(lines, max(1, together) * step + _BETWEEN_ROWS)
    longest = max((len(_fitting(line.label)) for line in lines), default=0)
    left = 0.15 + _WIDTH_OF_A_LETTER * longest
    gap = 0.22
    room_for_words = 0.7 if any(dot.words for dot in dots) else 0.08
    wide = (WIDTH - left - gap * (len(panels) - 1)) / len(panels) - room_for_words
    titled = 0.2 * max(panel.title.count("\n") + 1 for panel in panels)
    with house_style():
        figure = blank(tall + 0.55 + titled + 0.1)
        for number, panel in enumerate(panels):
            start = left + number * (wide + room_for_words + gap)
            axes = place(figure, start, 0.55, wide, tall)
            axes.set_ylim(0, tall)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.set_title(panel.title, color=QUIET)
            axes.set_xlabel(panel.unit)
            axes.hlines(
                [levels[line.key] for line in lines if not line.note],
                0,
                1,
                transform=axes.get_yaxis_transform(),
                color=FAINT,
                linewidth=0.5,
                zorder=0,
            )
            for dot in dots:
                if dot.panel == panel.key:
                    among = abreast[panel.key, dot.line]
                    middle = (len(among) - 1) / 2
                    shift = (middle - among.index(dot.design)) * step
                    _draw_dot(axes, dot, levels[dot.line] + shift, looks[dot.design])
            alike = {
                other.key
                for other in panels
                if other.key == panel.key
                or (
                    panel.around is not None
                    and (panel.around, panel.unit) == (other.around, other.unit)
                )
            }
            _set_limits(axes, panel, [dot for dot in dots if dot.panel in alike])
            for line in lines:
                if line.note:
                    _write(axes, line.note, (0.5, levels[line.key]), QUIET, "center", paper=True)
                if number == 0:
                    _write(
                        axes, _fitting(line.label), (-0.1 / wide, levels[line.key]), INK, "right"
                    )
            if number == 0:
                for heading, level in headings:
                    _write(axes, _fitting(heading), (-0.1 / wide, level), QUIET, "right", "bold")
    return figure


def _designs_of(dots: Sequence[Dot], panel: str, line: str, looks: Mapping[str, Look]) -> list[str]:
    here = {dot.design for dot in dots if dot.panel == panel and dot.line == line}
    return [design for design in looks if design in here]


def _between_designs(lines: Sequence[Line], together: int) -> float:
    """Return the inches between the designs of a row, fewer where a screen would not hold all."""
    headings = len({line.heading for line in lines if line.heading})
    left = _TALLEST - headings * _HEADING - len(lines) * _BETWEEN_ROWS
    return max(0.03, min(_BETWEEN_DESIGNS, left / max(1, len(lines) * together)))


def _levels_of_lines(
    lines: Sequence[Line], row: float
) -> tuple[dict[str, float], list[tuple[str, float]], float]:
    """Return each row's height from the bottom, the headings' heights, and the total, in inches."""
    down = 0.0
    tops: dict[str, float] = {}
    headings: list[tuple[str, float]] = []
    before = ""
    for line in lines:
        if line.heading and line.heading != before:
            headings.append((line.heading, down + _HEADING * 0.6))
            down += _HEADING
        before = line.heading
        tops[line.key] = down + row / 2
        down += row
    total = down + 0.05
    return (
        {key: total - top for key, top in tops.items()},
        [(heading, total - top) for heading, top in headings],
        total,
    )


def _draw_dot(axes: "Axes", dot: Dot, level: float, look: Look) -> None:
    if dot.low is not None and dot.high is not None:
        axes.plot([dot.low, dot.high], [level, level], color=look.colour, linewidth=1.4)
    axes.plot(
        [dot.mean],
        [level],
        marker=look.marker,
        markersize=5,
        color=look.colour,
        markerfacecolor=look.colour if dot.clear else PAPER,
        clip_on=False,
    )
    if dot.words:
        axes.annotate(
            dot.words,
            xy=(1.0, level),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=INK if dot.clear else QUIET,
            annotation_clip=False,
        )


def _set_limits(axes: "Axes", panel: Panel, dots: Sequence[Dot]) -> None:
    reached = [
        value
        for dot in dots
        for value in (dot.mean, dot.low, dot.high)
        if value is not None and math.isfinite(value)
    ]
    if panel.around is not None:
        axes.set_xlim(*around(panel.around, reached))
        axes.axvline(panel.around, color=QUIET, linewidth=0.8, zorder=0)
        return
    if panel.limit is not None:
        reached.append(panel.limit)
        axes.axvline(panel.limit, color=QUIET, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0)
    axes.set_xlim(0, 1.05 * max(reached, default=1.0) or 1.0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")


def _fitting(label: str) -> str:
    """A row's name; where it is longer than there is room, its middle is left out."""
    if len(label) <= _LONGEST:
        return label
    front = _LONGEST // 2
    return f"{label[:front].rstrip()}\u2026{label[front + 1 - _LONGEST :].lstrip()}"


def _write(
    axes: "Axes",
    words: str,
    at: tuple[float, float],
    colour: str,
    side: str,
    weight: str = "normal",
    paper: bool = False,
) -> None:
    axes.text(
        *at,
        words,
        transform=axes.get_yaxis_transform(),
        ha=side,
        va="center",
        color=colour,
        fontweight=weight,
        backgroundcolor=PAPER if paper else "none",
    )
