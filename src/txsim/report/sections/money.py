"""Money: what the designs cost a year, in words and as a picture."""

import math

from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.inline import inline_svg
from txsim.formatting import THOUSAND, amounts, listed, money, money_with_range
from txsim.report.picture import Picture, Table, short, which_are_unclear
from txsim.report.view import View

COST_A_YEAR = "cost_per_year"
COST_PER_RETAINED = "cost_per_retained"


def show(view: View) -> tuple[str, Picture | None]:
    """Return the picture of what the designs cost."""
    return "Money", _cost(view)


def price(view: View) -> str:
    """Return what the designs cost a year, in a few sentences."""
    base = view.level(view.first, COST_A_YEAR)
    if base is None:
        return ""
    if not view.others:
        said = f"The clinic costs about {money(base.mean, view.currency)} a year"
        known = math.isfinite(base.low)
        return f"{said} ({amounts(base.low, base.high, '')})." if known else f"{said}."
    sentences = [f"{view.first.label} costs about {money(base.mean, view.currency)} a year."]
    about, same = [], []
    for design in view.others:
        level = view.level(design, COST_A_YEAR)
        change = view.change(design, COST_A_YEAR)
        if level is None:
            continue
        if change is None:
            sentences.append(f"{design.label}: {money(level.mean, view.currency)}.")
        elif change.clear:
            more = "more" if change.mean > 0 else "less"
            low, high = sorted((abs(change.low), abs(change.high)))
            sentences.append(f"{design.label} costs {amounts(low, high, view.currency)} {more}.")
        elif change.same:
            same.append(design.label)
        elif change.directed and math.isfinite(change.low):
            more = "more" if change.is_more else "less"
            range_said = amounts(-change.low, change.high, view.currency, " less")
            sentences.append(f"{design.label}: {change.certainty} {more} ({range_said} more).")
        elif math.isfinite(change.low):
            less_to_more = amounts(-change.low, change.high, view.currency, " less")
            about.append(f"{design.label} ({less_to_more} more)")
        else:
            about.append(design.label)
    if about:
        sentences.append(f"Whether it costs more we cannot tell yet for {listed(about, 'or')}.")
    if same:
        sentences.append(f"Exactly as much is spent under {listed(same)}.")
    return " ".join(sentences)


def _cost(view: View) -> Picture | None:
    """Return the picture of yearly cost and of cost per person still in care."""
    panels: list[Panel] = []
    dots: list[Dot] = []
    table_rows: dict[str, list[str]] = {design.name: [design.label] for design in view.designs}
    headings = ["Design"]
    for outcome, words in (
        (COST_A_YEAR, "Cost of the design a year"),
        (COST_PER_RETAINED, "Cost per person in care\nat the end"),
    ):
        levels = view.levels(outcome)
        if not levels:
            continue
        panels.append(Panel(outcome, words, f"thousand {view.currency}"))
        headings.append(f"{words}, thousand {view.currency}".replace("\n", " "))
        for design in view.designs:
            level = levels.get(design.name)
            if level is None:
                table_rows[design.name].append("")
                continue
            figure, limits = money_with_range(level.mean, level.low, level.high)
            table_rows[design.name].append(f"{figure} ({limits})" if limits else figure)
            mean, low, high = (each / THOUSAND for each in (level.mean, level.low, level.high))
            dots.append(Dot(outcome, design.name, design.name, mean, low, high, words=figure))
    if not panels:
        return None
    drawing = dot_panels(
        [Line(design.name, short(design.label, 22)) for design in view.in_order],
        panels,
        dots,
        view.looks,
    )
    table = Table(headings, list(table_rows.values()))
    description = "Dots with intervals by design. " + "; ".join(
        ", ".join(
            cell if number == 0 else f"{headings[number].lower()} {cell}"
            for number, cell in enumerate(row)
        )
        for row in table.rows
    )
    return Picture(
        "cost",
        inline_svg(drawing, "cost", "What it costs", f"{description}.", view.wording),
        _caption_of_cost(view),
        table,
    )


def _caption_of_cost(view: View) -> str:
    base = view.level(view.first, COST_PER_RETAINED)
    if base is None:
        return "What each design costs a year."
    unit = view.currency
    start = (
        f"A person in care at the end costs about {money(base.mean, unit)}{view.under(view.first)}"
    )
    found = view.verdicts_on(COST_PER_RETAINED)
    parts = [
        f"{money(abs(change.median), unit)} {'more' if change.is_more else 'less'} "
        f"under {design.label} ({change.certainty})"
        for design, change in found.directed
    ]
    sentence = f"{start}; {listed(parts)}." if parts else f"{start}."
    return f"{sentence} {which_are_unclear(view, found)}".strip()
