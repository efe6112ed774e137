"""Pictures of a curve over the days since people asked, with the differences at its end."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from txsim.figures.curves import Row, curves_with_differences, lines_of_a_label
from txsim.figures.inline import inline_svg
from txsim.formatting import capital, listed, of_100, plain
from txsim.report.picture import LINES_IN_A_LABEL, Picture, Table, short, which_are_unclear
from txsim.report.view import Design, View

if TYPE_CHECKING:
    from pandas import DataFrame


UNKNOWN = {"mean": math.nan}


@dataclass(frozen=True)
class OverTime:
    """What one picture over time tells: its curve, the outcome at its end, and its words."""

    name: str
    curve: str
    outcome: str
    heading: str
    sentence: str
    more_means: str
    days: Sequence[int]
    note: str = ""


def marks(last: int) -> tuple[int, ...]:
    """Return the days up to the last at which a table reads a curve."""
    return tuple(day for day in (7, 30, 90, 180, 365) if day <= last)


def picture_over_time(view: View, curves: "DataFrame", story: OverTime) -> Picture | None:
    """Return the picture of a curve by design; ``None`` where no design is followed for so long."""
    frame = view.people_of_100(story.curve, curves, "curve")
    if not story.days:
        return None
    frame = frame[frame["day"] <= story.days[-1]].dropna(subset=["mean"])
    reached = frame.groupby("scenario")["day"].max()
    order = [one for one in view.in_order if reached.get(one.name, -1) == story.days[-1]]
    if not order:
        return None
    frame = frame[frame["scenario"].isin([design.name for design in order])]
    lines = min(LINES_IN_A_LABEL, lines_of_a_label(len(order)))
    rows = [_row(view, design, story, frame, lines) for design in order]
    figure = curves_with_differences(
        frame, rows, view.looks, of_whom=story.heading, more_means=story.more_means
    )
    by_day = {
        design.label: frame[frame["scenario"] == design.name].set_index("day").to_dict("index")
        for design in order
    }
    table = Table(
        ["People of 100", *(f"Day {day}" for day in story.days)],
        [
            [label, *(_with_limits(own.get(day, UNKNOWN)) for day in story.days)]
            for label, own in by_day.items()
        ],
    )
    caption = _caption(view, story, order)
    ends = "; ".join(
        f"{label}: "
        + ", ".join(f"{plain(own.get(day, UNKNOWN)['mean'])} at day {day}" for day in story.days)
        for label, own in by_day.items()
    )
    gaps = "; ".join(f"{row.label.replace(chr(10), ' ')}: {row.words}" for row in rows if row.words)
    description = f"Line chart over {story.days[-1]} days, in people of 100. {ends}."
    if gaps:
        description += f" Difference from {view.first.label} at the end, people of 100. {gaps}."
    svg = inline_svg(figure, story.name, story.heading, description, view.wording)
    return Picture(story.name, svg, caption, table)


def _row(view: View, design: Design, story: OverTime, frame: "DataFrame", lines: int) -> Row:
    called = short(design.label, most=lines)
    level = view.level(design, story.outcome)
    last = frame[frame["scenario"] == design.name].iloc[-1]
    people = of_100(level.mean if level is not None else float(last["mean"]) / 100)
    change = view.change(design, story.outcome)
    if change is None:
        return Row(design.name, called, f"{people} of 100")
    words = change.in_people if change.directed else change.verdict
    return Row(
        design.name,
        called,
        f"{people} of 100",
        *change.of_100,
        change.directed,
        words,
    )


def _caption(view: View, story: OverTime, order: Sequence[Design]) -> str:
    left_out = [design.label for design in view.designs if design not in order]
    shorter = f"{listed(left_out)}: too few days, or people, to be drawn." if left_out else ""
    return " ".join(part for part in (_told(view, story, order), shorter) if part)


def _told(view: View, story: OverTime, order: Sequence[Design]) -> str:
    base = view.level(view.first, story.outcome)
    if base is None:
        return story.note
    begins = capital(story.sentence.format(people=of_100(base.mean)))
    sentences = [f"{begins}{view.under(view.first)}"]
    levels = view.levels(story.outcome)
    said = {
        design.name: f"{of_100(levels[design.name].mean)} under {design.label}"
        for design in view.others
        if design.name in levels
    }
    drawn = [design for design in order if design.name in said]
    if not view.paired:
        others = [said[design.name] for design in drawn]
        told = [*sentences, *others] if others else [f"{sentences[0]} ({base.span})"]
        return f"{listed(told)}. {story.note}".strip()
    found = view.verdicts_on(story.outcome)
    if found.directed:
        parts = [
            f"{said[design.name]}, which is {change.in_people} ({change.certainty})"
            for design, change in found.directed
            if design.name in said
        ]
        sentences[0] += f"; {'; '.join(parts)}"
    rest = which_are_unclear(view, found)
    beside = [said[design.name] for design in drawn if design in view.apart]
    apart = f"Where other people ask, it is {listed(beside)}." if beside else ""
    return " ".join(part for part in (f"{sentences[0]}.", rest, apart, story.note) if part)


def _with_limits(row: Mapping[Any, Any]) -> str:
    limits = f" ({plain(row['low'])} to {plain(row['high'])})" if "low" in row else ""
    return f"{plain(row['mean'])}{limits}"
