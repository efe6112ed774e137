"""Curves over the days since a person asked for treatment, each design with a band and a label.

The label at the end of a curve begins a row: to its right stands the difference from the first
design, in people of 100, with its interval. So one picture carries the level and the difference,
and the eye need not judge a difference from two overlapping bands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txsim.figures.style import (
    INK,
    PAPER,
    QUIET,
    WIDTH,
    Look,
    apart,
    around,
    blank,
    house_style,
    place,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame


_LINE, _LEVEL = 0.145, 0.18
"""Inches that a line of a label takes, and the level below it with a gap."""


@dataclass(frozen=True)
class Row:
    """One design beside the curves: its name, its level and its difference from the first.

    ``difference``, ``low`` and ``high`` are in people of 100 and ``None`` for the first design or
    where people are not paired; limits that are not known are not drawn. ``clear`` is false where
    the interval holds no difference.
    """

    design: str
    label: str
    level: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    clear: bool = False
    words: str = ""


_AROUND = 0.95
"""Inches above and below the axes."""


def _height(rows: int) -> float:
    """Inches that the figure is high, more for many designs."""
    return 3.75 if rows <= 5 else min(5.6, 3.75 + 0.35 * (rows - 5))


def lines_of_a_label(rows: int) -> int:
    """How many lines a design's label may have where so many stand below each other."""
    return max(1, int(((_height(rows) - _AROUND) / rows - _LEVEL) / _LINE))


def days_axis(axes: "Axes", last_day: int) -> None:
    """Mark the days in the unit a planner would use for this length: weeks or months."""
    if last_day <= 112:
        step, count, unit = 14, 2, "weeks"
    elif last_day <= 240:
        step, count, unit = 30, 1, "months"
    elif last_day <= 800:
        step, count, unit = 91, 3, "months"
    else:
        step, count, unit = 365, 1, "years"
    marks = list(range(0, last_day + step // 4, step))
    labels = [str(count * place) for place in range(len(marks))]
    axes.set_xticks([min(mark, last_day) for mark in marks], labels)
    axes.set_xlabel(f"{unit} since asking for treatment")
    axes.set_xlim(0, last_day)


def draw_curves(axes: "Axes", frame: "DataFrame", looks: Mapping[str, Look]) -> None:
    """Draw one line and one band per design of ``frame`` (scenario, day, mean, low, high)."""
    import seaborn

    designs = [design for design in looks if (frame["scenario"] == design).any()]
    for design in designs:
        band = frame[frame["scenario"] == design]
        axes.fill_between(
            band["day"],
            band["low"],
            band["high"],
            color=looks[design].colour,
            alpha=0.2 / (1 + len(designs)),
            linewidth=0,
        )
    seaborn.lineplot(
        data=frame,
        x="day",
        y="mean",
        hue="scenario",
        style="scenario",
        hue_order=designs,
        style_order=designs,
        palette={design: looks[design].colour for design in designs},
        dashes={design: looks[design].dashes or "" for design in designs},
        estimator=None,
        errorbar=None,
        linewidth=1.7,
        legend=False,
        ax=axes,
    )


def curves_with_differences(
    frame: "DataFrame",
    rows: Sequence[Row],
    looks: Mapping[str, Look],
    *,
    of_whom: str,
    more_means: str,
    tops: Sequence[float] = (10.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0),
) -> "Figure":
    """Return the figure of curves, labels at their ends, and differences from the first design.

    Args:
        frame: Columns scenario, day, mean, low, high; in people of 100.
        rows: The designs in the order they are to be read, the first design among them.
        looks: How each design is drawn.
        of_whom: What the height of a curve counts, as the axis says it.
        more_means: The heading over the differences, such as "more people still in care".
        tops: Where the axis may end; it ends at the first that holds the curves and bands.
    """
    paired = any(row.difference is not None for row in rows)
    wide = 3.7 if paired else 5.4
    height = _height(len(rows))
    tall = height - _AROUND
    with house_style():
        figure = blank(height)
        axes = place(figure, 0.34, 0.5, wide, tall)
        draw_curves(axes, frame, looks)
        last_day = int(frame["day"].max())
        days_axis(axes, last_day)
        reached = max(float(frame["mean"].max()), float(frame["high"].fillna(0).max()))
        axes.set_ylim(0, next((top for top in tops if reached <= top), reached))
        axes.yaxis.grid(True)
        axes.set_axisbelow(True)
        axes.set_ylabel("")
        axes.set_title(of_whom, color=QUIET)
        axes.spines["left"].set_visible(False)
        ends = _ends(frame, rows, last_day)
        highest = axes.get_ylim()[1]
        inch = highest / tall
        deep = 0.24 + _LINE * max(1 + row.label.count("\n") for row in rows)
        levels = apart(ends, (deep + 0.1) * inch, deep / 2 * inch, highest - deep / 2 * inch)
        _label_ends(axes, rows, looks, last_day, ends, levels)
        if paired:
            left = 0.34 + wide + 1.72
            beside = place(figure, left, 0.5, WIDTH - left - 0.08, tall)
            _draw_differences(beside, rows, looks, levels, highest, more_means)
    return figure


def _ends(frame: "DataFrame", rows: Sequence[Row], last_day: int) -> list[float]:
    last = frame[frame["day"] == last_day].set_index("scenario")["mean"]
    return [float(last[row.design]) for row in rows]


def _label_ends(
    axes: "Axes",
    rows: Sequence[Row],
    looks: Mapping[str, Look],
    last_day: int,
    ends: Sequence[float],
    levels: Sequence[float],
) -> None:
    """Write each design's name and level where its curve ends, joined to it by a thin line."""
    for row, end, level in zip(rows, ends, levels, strict=True):
        look = looks[row.design]
        axes.annotate(
            "",
            xy=(last_day, end),
            xytext=(last_day * 1.045, level),
            arrowprops={"arrowstyle": "-", "color": look.colour, "linewidth": 0.8},
            annotation_clip=False,
        )
        axes.plot(
            [last_day * 1.07],
            [level],
            marker=look.marker,
            color=look.colour,
            markersize=5,
            clip_on=False,
        )
        for offset, words, colour, weight, side in (
            (-1.5, row.label, INK, "bold", "bottom"),
            (-2.5, row.level, QUIET, "normal", "top"),
        ):
            axes.annotate(
                words,
                xy=(last_day * 1.10, level),
                xytext=(0, offset),
                textcoords="offset points",
                va=side,
                color=colour,
                fontweight=weight,
                annotation_clip=False,
            )


def _draw_differences(
    axes: "Axes",
    rows: Sequence[Row],
    looks: Mapping[str, Look],
    levels: Sequence[float],
    highest: float,
    more_means: str,
) -> None:
    """Draw the difference of each design from the first, at the height of its label."""
    axes.set_ylim(0, highest)
    axes.axvline(0, color=QUIET, linewidth=0.8)
    reached: list[float] = []
    for row, level in zip(rows, levels, strict=True):
        if row.difference is None:
            continue
        low, high = row.difference, row.difference
        if row.low is not None and row.high is not None and row.low <= row.high:
            low, high = row.low, row.high
        reached += [low, high]
        interval(axes, row.difference, low, high, level, looks[row.design], row.clear)
        axes.annotate(
            row.words,
            xy=((low + high) / 2, level),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            va="center",
            color=INK if row.clear else QUIET,
            annotation_clip=False,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        )
    axes.set_xlim(*around(0.0, reached, room=0.45, edge=0.2))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_title(more_means, color=QUIET)
    axes.set_xlabel("people of 100")


def interval(
    axes: "Axes", mean: float, low: float, high: float, level: float, look: Look, clear: bool
) -> None:
    """Draw one interval with its middle; the marker is hollow where it holds no difference."""
    axes.plot([low, high], [level, level], color=look.colour, linewidth=1.6)
    axes.plot(
        [mean],
        [level],
        marker=look.marker,
        markersize=6,
        color=look.colour,
        markerfacecolor=look.colour if clear else PAPER,
    )
