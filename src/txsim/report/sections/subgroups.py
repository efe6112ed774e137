"""Pictures by subgroup: for whom a design makes a difference, and who is too few to say.

Only groups that hold the same people under every design are shown, so that a difference is what
the design does to those people and not a change of who they are.
"""

import math
from collections.abc import Mapping, Sequence

from txsim.compare.naming import with_article
from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.inline import inline_svg
from txsim.formatting import capital, listed, of_100
from txsim.outcomes.subgroups import EVERYONE, SMALLEST_SHOWN, Subgroup, subgroups
from txsim.report.picture import Picture, Table, short
from txsim.report.view import Change, Design, View

LETTERS_ABOVE_A_PANEL = 17
PANELS_ABREAST = 4
NOTE_ON_SMALL_GROUPS = f"fewer than {SMALLEST_SHOWN}"
KINDS_SHOWN = ("diagnosis", "barrier", "age", "sex", "distance", "substance")


def show(view: View) -> Mapping[str, object] | None:
    """Return the pictures by subgroup, if there are any."""
    pictures = for_whom(view)
    return {"pictures": pictures} if pictures else None


def for_whom(view: View) -> list[Picture]:
    """Return the pictures by subgroup: differences of up to four designs each, or levels alone."""
    if not view.paired:
        return [picture] if (picture := _by_subgroup(view, view.designs, "whom")) else []
    others = list(view.compared)
    blocks = [others[at : at + PANELS_ABREAST] for at in range(0, len(others), PANELS_ABREAST)]
    pictures = []
    for number, block in enumerate(blocks):
        name = "whom" if number == 0 else f"whom-{number + 1}"
        picture = _by_subgroup(view, block, name)
        if picture is not None:
            pictures.append(picture)
    return pictures


def _by_subgroup(view: View, designs: Sequence[Design], name: str) -> Picture | None:
    outcome = view.retained
    groups = _groups(view)
    lines, withheld = [], []
    for group in groups:
        if view.level(view.first, outcome, group.name) is None:
            withheld.append(group.name)
            lines.append(
                Line(
                    group.name, _without_kind(group.name), capital(group.kind), NOTE_ON_SMALL_GROUPS
                )
            )
        else:
            lines.append(Line(group.name, _without_kind(group.name), capital(group.kind)))
    if len(withheld) == len(lines):
        return None
    panels: list[Panel] = []
    dots: list[Dot] = []
    for design in designs if view.paired else designs[:PANELS_ABREAST]:
        panels.append(
            Panel(
                design.name,
                short(design.label, LETTERS_ABOVE_A_PANEL) if view.others else "",
                "people of 100",
                around=0.0 if view.paired else None,
            )
        )
        for group in groups:
            dot = _dot_of(view, design, group.name)
            if dot is not None:
                dots.append(dot)
    if not dots:
        return None
    title = (
        f"Difference from {view.first.label} in people of 100 still in care, by group"
        if view.paired
        else "People of 100 still in care, by group"
    )
    table = _table_by_subgroup(view, designs, [group.name for group in groups])
    description = f"{title}. " + "; ".join(
        f"{row[0]}: "
        + ", ".join(
            f"{heading} {cell}" for heading, cell in zip(table.headings[1:], row[1:], strict=True)
        )
        for row in table.rows
    )
    figure = dot_panels(lines, panels, dots, view.looks)
    return Picture(
        name,
        inline_svg(figure, name, title, f"{description}."),
        _caption_by_subgroup(view, designs, [group.name for group in groups], withheld),
        table,
    )


def _groups(view: View) -> list[Subgroup]:
    """Return the groups to be shown: those with people in them, where there is more than one."""
    found = [
        group
        for group in subgroups(view.first.scenario)
        if group.kind in KINDS_SHOWN
        and group.same_under_every_design
        and (
            view.level(view.first, view.retained, group.name) is not None
            or group.name in view.comparison.withheld
        )
    ]
    kinds = [group.kind for group in found]
    return [
        group
        for group in found
        if group.kind in ("diagnosis", "barrier") or kinds.count(group.kind) > 1
    ]


def _without_kind(name: str) -> str:
    """Return a subgroup's name without the kind that its heading already says."""
    return capital(name.partition(": ")[2] or name)


def _in_a_sentence(name: str) -> str:
    """Return a subgroup's name inside a sentence; abbreviations keep their capitals."""
    kind, _, rest = name.partition(": ")
    if rest:
        return (
            f"people with {with_article(f'{rest} barrier')}"
            if kind == "barrier"
            else f"{kind} {rest}"
        )
    return name if name[:2].isupper() else f"{name[:1].lower()}{name[1:]}"


def _dot_of(view: View, design: Design, group: str) -> Dot | None:
    if not view.paired:
        level = view.level(design, view.retained, group)
        if level is None:
            return None
        return Dot(
            design.name, group, design.name, 100 * level.mean, 100 * level.low, 100 * level.high
        )
    change = view.change(design, view.retained, group)
    if change is None:
        return None
    return Dot(
        design.name,
        group,
        design.name,
        100 * change.mean,
        100 * change.low,
        100 * change.high,
        clear=change.clear,
    )


def _table_by_subgroup(view: View, designs: Sequence[Design], groups: Sequence[str]) -> Table:
    rows = []
    for group in (EVERYONE, *groups):
        cells = [capital(group)]
        for design in designs:
            level = view.level(design, view.retained, group)
            change = view.change(design, view.retained, group)
            if level is None:
                cells.append(view.no_figure(design, group))
            elif change is None:
                cells.append(f"{of_100(level.mean)} ({level.span})")
            else:
                cells.append(f"{of_100(level.mean)} ({_said(change)})")
        rows.append(cells)
    return Table(["People of 100 in care", *(design.label for design in designs)], rows)


def _said(change: Change) -> str:
    if change.same:
        return "the same"
    if math.isnan(change.low):
        return "cannot tell"
    words = change.in_people
    return words if change.clear else f"cannot tell: {words}"


def _caption_by_subgroup(
    view: View, designs: Sequence[Design], groups: Sequence[str], withheld: Sequence[str]
) -> str:
    sentences = [
        f"Difference from {view.first.label} in people of 100 in care "
        f"{view.horizon[1]} after asking."
        if view.paired
        else f"People of 100 in care {view.horizon[1]} after asking."
    ]
    for design in designs if view.paired else ():
        found = [
            (change.mean, group, change)
            for group in groups
            if (change := view.change(design, view.retained, group)) is not None and change.clear
        ]
        if found:
            _, group, change = max(found, key=lambda one: abs(one[0]))
            sentences.append(
                f"Largest under {design.label}: {_in_a_sentence(group)} ({change.in_people})."
            )
    if view.paired and len(sentences) == 1:
        names = listed([design.label for design in designs], "or")
        sentences.append(f"For no group can {names} be told from {view.first.label}.")
    if view.paired:
        sentences.append(
            "Groups overlap, and with this many a few would seem to differ by luck alone: "
            "read the pattern, not the single dot."
        )
    if withheld:
        sentences.append(
            f"Withheld, with fewer than {SMALLEST_SHOWN} people in a simulated year: "
            f"{listed([_in_a_sentence(name) for name in withheld])}."
        )
    return " ".join(sentences)
