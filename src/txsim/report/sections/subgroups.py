"""Pictures by subgroup: for whom a design makes a difference, and who is too few to say.

Only groups that hold the same people under every design are shown, so that a difference is what
the design does to those people and not a change of who they are.
"""

import math
from collections.abc import Mapping, Sequence, Set

from txsim.compare.naming import with_article
from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.inline import inline_svg
from txsim.formatting import capital, listed, of_100
from txsim.outcomes.subgroups import EVERYONE, SMALLEST_SHOWN, Subgroup, subgroups
from txsim.report.picture import Picture, Table, short
from txsim.report.view import Change, Design, View, called

LETTERS_ABOVE_A_PANEL = 17
PANELS_ABREAST = 4
NOTE_ON_SMALL_GROUPS = f"fewer than {SMALLEST_SHOWN}"
KINDS_SHOWN = ("diagnosis", "barrier", "age", "sex", "distance", "substance")


def show(view: View) -> Mapping[str, object] | None:
    """Return the pictures by subgroup: differences of up to four designs each, or levels alone."""
    others = view.compared
    starts = range(0, len(others), PANELS_ABREAST)
    blocks = [others[at : at + PANELS_ABREAST] for at in starts] or [view.designs]
    pictures = [
        _by_subgroup(view, block, f"whom-{number}" if number > 1 else "whom")
        for number, block in enumerate(blocks, start=1)
    ]
    there = [picture for picture in pictures if picture is not None]
    return {"pictures": there} if there else None


def _by_subgroup(view: View, designs: Sequence[Design], name: str) -> Picture | None:
    groups = _groups(view)
    withheld = {
        group.name for group in groups if view.level(view.first, view.retained, group.name) is None
    }
    if len(withheld) == len(groups):
        return None
    lines = [
        Line(
            group.name,
            _without_kind(group.name),
            capital(group.kind),
            NOTE_ON_SMALL_GROUPS if group.name in withheld else "",
        )
        for group in groups
    ]
    drawn = designs if view.paired else designs[:PANELS_ABREAST]
    panels = [
        Panel(
            design.name,
            short(design.label, LETTERS_ABOVE_A_PANEL) if view.others else "",
            "people of 100",
            around=0.0 if view.paired else None,
        )
        for design in drawn
    ]
    all_dots = [_dot_of(view, design, group.name) for design in drawn for group in groups]
    dots = [dot for dot in all_dots if dot is not None]
    if not dots:
        return None
    title = (
        f"Difference from {view.first.label} in people of 100 still in care, by group"
        if view.paired
        else "People of 100 still in care, by group"
    )
    table = _table(view, designs, [group.name for group in groups])
    description = "; ".join(
        f"{row[0]}: "
        + ", ".join(
            f"{heading} {cell}" for heading, cell in zip(table.headings[1:], row[1:], strict=True)
        )
        for row in table.rows
    )
    figure = dot_panels(lines, panels, dots, view.looks)
    return Picture(
        name,
        inline_svg(figure, name, title, f"{title}. {description}.", view.wording),
        _caption(view, designs, [group.name for group in groups], withheld),
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
    find = view.change if view.paired else view.level
    found = find(design, view.retained, group)
    if found is None:
        return None
    clear = not isinstance(found, Change) or found.directed
    return Dot(design.name, group, design.name, *found.of_100, clear=clear)


def _table(view: View, designs: Sequence[Design], groups: Sequence[str]) -> Table:
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
    if change.same or math.isnan(change.low):
        return change.verdict
    words = change.in_people
    return f"{words}, {change.certainty}" if change.directed else f"{change.verdict}: {words}"


def _caption(
    view: View, designs: Sequence[Design], groups: Sequence[str], withheld: Set[str]
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
        names = called(designs, "or")
        sentences.append(f"For no group can {names} be told from {view.first.label}.")
    if view.paired:
        sentences.append(
            "Groups overlap, and with this many a few would seem to differ by chance alone: "
            "read the pattern, not the single dot."
        )
    if withheld:
        sentences.append(
            f"Withheld, with fewer than {SMALLEST_SHOWN} people a run: "
            f"{listed([_in_a_sentence(name) for name in groups if name in withheld])}."
        )
    return " ".join(sentences)
