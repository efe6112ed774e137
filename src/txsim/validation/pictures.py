"""The scorecard's pictures: predicted against observed, contrasts, and calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.inline import inline_svg
from txsim.figures.style import INK, QUIET, Look, blank, house_style, looks, place
from txsim.report.picture import Picture, Table
from txsim.validation.scorecard import Scorecard
from txsim.validation.sentences import figure, name_of_contrast, share, span, words
from txsim.validation.verdicts import ArmScore, ContrastScore

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OBSERVED, PREDICTED = "observed", "predicted"
LOOKS: dict[str, Look] = looks([OBSERVED, PREDICTED])
BINS = 10
KINDS = (
    (("retention", "entry"), "Staying and entering care", "of 100 people"),
    (("use",), "Use", "of 100 people, urines or days"),
    (("death",), "Deaths", "of 100 people in a year"),
)
"""Kinds of outcome that share a picture, what it is of, and the unit."""


def pictures(card: Scorecard) -> list[Picture]:
    """All pictures of a scorecard for which there is something to draw."""
    drawn = []
    for kinds, title, unit in KINDS:
        rows = [one for one in card.arms if one.result.kind in kinds]
        if rows:
            drawn.append(_arms(rows, title, unit, f"arms-{kinds[0]}"))
    contrasts = [one for one in card.contrasts if not math.isnan(one.error)]
    if contrasts:
        drawn.append(_contrasts(contrasts))
    if card.arms:
        drawn.append(_calibration(card.arms))
    return drawn


def _arms(rows: Sequence[ArmScore], title: str, unit: str, name: str) -> Picture:
    lines, dots = [], []
    for number, row in enumerate(rows):
        key = str(number)
        lines.append(Line(key, f"{words(row.arm)}, {_when(row)}", row.experiment.name))
        low, high = row.observed_limits or (None, None)
        dots.append(Dot(name, key, OBSERVED, 100 * row.observed, _times(low), _times(high)))
        dots.append(
            Dot(
                name, key, PREDICTED, 100 * row.predicted, 100 * row.low, 100 * row.high, row.inside
            )
        )
    drawing = dot_panels(lines, [Panel(name, title, unit)], dots, LOOKS)
    inside = sum(row.inside for row in rows)
    caption = (
        f"{title}, {unit}: what trials observed (grey, 95 % limits where there are any) and what "
        f"was predicted (blue, 90 % intervals at the trials' sizes); hollow where the interval "
        f"leaves out what was observed. {inside} of {len(rows)} lie inside."
    )
    table = Table(
        ["Trial", "Result", "Arm", "Observed", "Predicted", "Inside"],
        [
            [
                row.experiment.name, row.result.name, words(row.arm),
                f"{share(row.observed)}{span(row.observed_limits)}",
                f"{share(row.predicted)}{span((row.low, row.high))}",
                "yes" if row.inside else "no",
            ]
            for row in rows
        ],
    )  # fmt: skip
    told = "; ".join(
        f"{row.experiment.name}, {words(row.arm)}, {row.result.name}: observed "
        f"{share(row.observed)}, predicted {share(row.predicted)}"
        for row in rows
    )
    return Picture(name, inline_svg(drawing, name, title, told), caption, table)


def _short(row: ContrastScore) -> str:
    """A contrast in few letters; the table behind the picture has all of it."""
    several = " and others" if len(row.contrast.of) > 1 else ""
    return f"{words(row.contrast.of[0])}{several}, {_when(row)}, {row.result.kind}"


def _when(row: ArmScore | ContrastScore) -> str:
    return f"day {row.result.day}" if row.result.day else row.result.name.split(",")[-1].strip()


def _times(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _contrasts(rows: Sequence[ContrastScore]) -> Picture:
    name, title = "contrasts", "Differences between arms"
    lines, dots = [], []
    for number, row in enumerate(rows):
        key = str(number)
        lines.append(Line(key, _short(row), row.experiment.name))
        dots.append(Dot(name, key, OBSERVED, 100 * row.observed_difference))
        dots.append(
            Dot(
                name, key, PREDICTED, 100 * row.predicted_difference,
                clear=row.verdict == "right",
            )
        )  # fmt: skip
    drawing = dot_panels(lines, [Panel(name, title, "points of 100", around=0.0)], dots, LOOKS)
    caption = (
        "Differences between the arms of trials in points of 100, observed (grey) and predicted "
        "(blue, hollow where the sign or the null is wrong). Published ratios are drawn as the "
        "difference that they make at the level of the arm compared with."
    )
    table = Table(
        ["Contrast", "Observed", "Predicted", "Verdict", "Error", "No effect", "A tenth better"],
        [
            [
                f"{row.experiment.name}: {name_of_contrast(row)}",
                f"{row.contrast.scale} {figure(row.observed, row.contrast.scale)}",
                f"{figure(row.predicted, row.contrast.scale)}"
                f"{span((row.low, row.high), row.contrast.scale)}",
                row.verdict,
                *(figure(one, "difference") for one in (row.error, *row.errors_of_baselines)),
            ]
            for row in rows
        ],
    )
    told = "; ".join(
        f"{row.experiment.name}, {name_of_contrast(row)}: observed "
        f"{figure(row.observed_difference, 'difference')}, predicted "
        f"{figure(row.predicted_difference, 'difference')}"
        for row in rows
    )
    return Picture(name, inline_svg(drawing, name, title, told), caption, table)


def _calibration(rows: Sequence[ArmScore]) -> Picture:
    name, title = "calibration", "Where what was observed lies among predictions"
    counts, edges = np.histogram([row.pit for row in rows], bins=BINS, range=(0.0, 1.0))
    svg = inline_svg(
        _bars(counts, edges, len(rows) / BINS), name, title,
        "; ".join(f"{edges[i]:.1f} to {edges[i + 1]:.1f}: {n}" for i, n in enumerate(counts)),
    )  # fmt: skip
    caption = (
        "Share of predictions that lie below what was observed (PIT), for each figure of an arm. "
        "Where intervals are right the bars are about as high as the line; high bars at both ends "
        "say that intervals are too short, at one end that the model is wrong in one direction."
    )
    table = Table(
        ["Trial", "Result", "Arm", "PIT", "CRPS, points"],
        [
            [row.experiment.name, row.result.name, words(row.arm), f"{row.pit:.2f}",
             f"{100 * row.crps:.1f}"]
            for row in rows
        ],
    )  # fmt: skip
    return Picture(name, svg, caption, table)


def _bars(counts: np.ndarray, edges: np.ndarray, even: float) -> Figure:
    """A bar for each tenth, and the height at which all would be even."""
    from matplotlib.ticker import MaxNLocator

    with house_style():
        drawing = blank(2.4, 5.0)
        axes = place(drawing, 0.5, 0.5, 4.2, 1.6)
        colour = LOOKS[PREDICTED].colour
        axes.bar(
            edges[:-1], counts, width=np.diff(edges), align="edge", color=colour, edgecolor="white"
        )
        axes.axhline(even, color=INK, linewidth=0.8)
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel("share of predictions below what was observed")
        axes.set_ylabel("figures", color=QUIET)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    return drawing
