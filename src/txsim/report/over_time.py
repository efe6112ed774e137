"""Pictures of a curve over the days since people asked, with the differences at its end."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from txsim.figures.curves import Row, curves_with_differences, lines_of_a_label
from txsim.figures.inline import inline_svg
from txsim.formatting import capital, listed, of_100, plain
from txsim.report.picture import LINES_IN_A_LABEL, Picture, Table, not_told_apart, short
from txsim.report.view import Design, View

if TYPE_CHECKING:
    from pandas import DataFrame


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
    table = _table(frame, order, story.days)
    caption = _caption(view, story, order)
    ends = "; ".join(
        f"{design.label}: "
        + ", ".join(
            f"{cell} at day {day}"
            for day, cell in zip(story.days, _cells(frame, design, story.days), strict=True)
        )
        for design in order
    )
    gaps = "; ".join(f"{row.label.replace(chr(10), ' ')}: {row.words}" for row in rows if row.words)
    description = f"Line chart over {story.days[-1]} days, in people of 100. {ends}."
    if gaps:
        description += f" Difference from {view.first.label} at the end, people of 100. {gaps}."
    svg = inline_svg(figure, story.name, story.heading, description)
    return Picture(story.name, svg, caption, table)


def _row(view: View, design: Design, story: OverTime, frame: "DataFrame", lines: int) -> Row:
    called = short(design.label, most=lines)
    level = view.level(design, story.outcome)
    last = frame[frame["scenario"] == design.name].iloc[-1]
    people = of_100(level.mean if level is not None else float(last["mean"]) / 100)
    change = view.change(design, story.outcome)
    if change is None:
        return Row(design.name, called, f"{people} of 100")
    words = change.in_people if change.clear else ("the same" if change.same else "cannot tell")
    return Row(
        design.name,
        called,
        f"{people} of 100",
        *change.of_100,
        change.clear,
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
    if not view.paired:
        others = [
            f"{of_100(level.mean)} under {design.label}"
            for design in order
            if design is not view.first and (level := view.level(design, story.outcome)) is not None
        ]
        told = [*sentences, *others] if others else [f"{sentences[0]} ({base.span})"]
        return f"{listed(told)}. {story.note}".strip()
    found = view.told_apart(story.outcome)
    if found.clear:
        parts = [
            f"{of_100(level.mean)} under {design.label}, which is {change.in_people}"
            for design, change in found.clear
            if (level := view.level(design, story.outcome)) is not None
        ]
        sentences[0] += f"; {'; '.join(parts)}"
    rest = not_told_apart(view, found)
    beside = [
        f"{of_100(level.mean)} under {design.label}"
        for design in order
        if design in view.apart and (level := view.level(design, story.outcome)) is not None
    ]
    apart = f"Where other people ask, it is {listed(beside)}." if beside else ""
    return " ".join(part for part in (f"{sentences[0]}.", rest, apart, story.note) if part)


def _cells(frame: "DataFrame", design: Design, days: Sequence[int]) -> list[str]:
    own = frame[frame["scenario"] == design.name].set_index("day")["mean"]
    return [plain(float(own.get(day, math.nan))) for day in days]


def _table(frame: "DataFrame", order: Sequence[Design], days: Sequence[int]) -> Table:
    rows = []
    for design in order:
        own = frame[frame["scenario"] == design.name].set_index("day").to_dict("index")
        rows.append(
            [
                design.label,
                *(_with_limits(own.get(day)) for day in days),
            ]
        )
    return Table(["People of 100", *(f"Day {day}" for day in days)], rows)


def _with_limits(row: Mapping[Any, Any] | None) -> str:
    if row is None:
        return plain(math.nan)
    return f"{plain(row['mean'])} ({plain(row['low'])} to {plain(row['high'])})"
