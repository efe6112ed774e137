"""Pictures in rows: why people leave, and how far staff are used."""

from collections.abc import Sequence

from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.inline import inline_svg
from txsim.formatting import capital, listed, of_100, plain
from txsim.report.answer import change_in_people
from txsim.report.picture import Picture, Table, told_apart
from txsim.report.view import Design, Level, View, records


def exits(view: View) -> Picture | None:
    """Return the picture of first exits from care by reason."""
    from txsim.outcomes.families.exits import REASONS

    found: list[tuple[str, str, dict[str, Level]]] = []
    for _, stem, words in REASONS:
        outcome = f"left_{stem}"
        levels = {
            design.name: level
            for design in view.designs
            if (level := view.level(design, outcome)) is not None
        }
        if any(level.mean >= 0.0005 for level in levels.values()):
            found.append((outcome, words, levels))
    if not found:
        return None
    dots = [
        Dot("people", outcome, name, 100 * level.mean, clear=_clear(view, name, outcome))
        for outcome, _, levels in found
        for name, level in levels.items()
    ]
    figure = dot_panels(
        [Line(outcome, words) for outcome, words, _ in found],
        [Panel("people", "People of 100 who asked, by the reason of their first exit", "people")],
        dots,
        view.looks,
    )
    table = Table(
        ["People of 100", *(design.label for design in view.designs)],
        [
            [words, *(_people(levels.get(design.name)) for design in view.designs)]
            for _, words, levels in found
        ],
    )
    description = "Dots by reason, in people of 100 who asked for help. " + "; ".join(
        f"{words}: "
        + listed(
            [
                f"{design.label} {of_100(levels[design.name].mean, 1)}"
                for design in view.designs
                if design.name in levels
            ]
        )
        for _, words, levels in found
    )
    return Picture(
        "exits",
        inline_svg(figure, "exits", "Why people leave", f"{description}."),
        _caption_of_exits(view, found),
        table,
        key=True,
    )


def _clear(view: View, name: str, outcome: str) -> bool:
    """Return whether a dot is filled: the first design's, and those that differ clearly."""
    design = next(design for design in view.designs if design.name == name)
    change = view.change(design, outcome)
    return change is None or change.clear


def _caption_of_exits(view: View, found: Sequence[tuple[str, str, dict[str, Level]]]) -> str:
    base = [
        (levels[view.first.name].mean, words)
        for _, words, levels in found
        if view.first.name in levels
    ]
    sentences = []
    if base:
        share, words = max(base)
        sentences.append(
            f"The commonest first exit{view.under(view.first)}: "
            f"{words[:1].lower()}{words[1:]}, {of_100(share)} of 100."
        )
    moved: list[tuple[float, str]] = []
    for outcome, words, _ in found:
        for design, change in told_apart(view, outcome)[0]:
            moved.append(
                (
                    -abs(change.mean),
                    f"{words[:1].lower()}{words[1:]} under {design.label} "
                    f"({change_in_people(change)})",
                )
            )
    if moved:
        largest = [words for _, words in sorted(moved)[:3]]
        sentences.append(f"What moves most: {listed(largest)}.")
    elif view.paired:
        sentences.append(f"No reason can be told apart from {view.first.label}.")
    if view.paired:
        sentences.append("Hollow markers cannot be told from the first design.")
    return " ".join(sentences)


def _people(level: Level | None) -> str:
    return "" if level is None else f"{plain(100 * level.mean, 1)}"


def staff(view: View) -> Picture | None:
    """Return the picture of staff minutes used against minutes staffed, by role."""
    rows: dict[str, dict[str, tuple[float, float]]] = {}
    for row in records(view.comparison.roles):
        if row["minutes_staffed"] > 0:
            pair = (row["minutes_used"], row["minutes_staffed"])
            rows.setdefault(row["role"], {})[row["scenario"]] = pair
    if not rows:
        return None
    names = {role: _role(view, role) for role in rows}
    dots = [
        Dot("share", role, name, 100 * used / staffed)
        for role, by_design in rows.items()
        for name, (used, staffed) in by_design.items()
    ]
    figure = dot_panels(
        [Line(role, names[role]) for role in rows],
        [Panel("share", "Minutes used of 100 minutes staffed", "minutes", limit=100.0)],
        dots,
        view.looks,
    )
    table = Table(
        ["Of 100 minutes staffed (minutes a week)", *(design.label for design in view.designs)],
        [
            [names[role], *(_minutes(view, design, by_design) for design in view.designs)]
            for role, by_design in rows.items()
        ],
    )
    description = "Dots by role, minutes used of 100 staffed. " + "; ".join(
        f"{names[role]}: "
        + listed(
            [
                f"{design.label} {plain(100 * used / staffed)}"
                for design in view.designs
                if design.name in by_design
                for used, staffed in [by_design[design.name]]
            ]
        )
        for role, by_design in rows.items()
    )
    return Picture(
        "staff",
        inline_svg(figure, "staff", "Staff minutes used against staffed", f"{description}."),
        _caption_of_staff(view, rows, names),
        table,
        key=True,
    )


def _role(view: View, role: str) -> str:
    for design in view.designs:
        known = design.scenario.catalogue.roles
        if role in known:
            return known[role].label
    return capital(role.replace("_", " "))


def _minutes(view: View, design: Design, pairs: dict[str, tuple[float, float]]) -> str:
    if design.name not in pairs:
        return "none staffed" if _is_told(view, design) else view.no_figure(design)
    used, staffed = pairs[design.name]
    return f"{plain(100 * used / staffed)} ({plain(used)} of {plain(staffed)})"


def _is_told(view: View, design: Design) -> bool:
    """Whether anything is told of a design's staff."""
    return bool((view.comparison.roles["scenario"] == design.name).any())


def tightest(view: View) -> list[tuple[Design, str, float]]:
    """Return for each design its busiest role and the share of its minutes that is used."""
    found = []
    rows = [row for row in records(view.comparison.roles) if row["minutes_staffed"] > 0]
    for design in view.designs:
        shares = [
            (row["minutes_used"] / row["minutes_staffed"], row["role"])
            for row in rows
            if row["scenario"] == design.name
        ]
        if shares:
            share, role = max(shares)
            found.append((design, _role(view, role), share))
    return found


def _caption_of_staff(
    view: View,
    rows: dict[str, dict[str, tuple[float, float]]],
    names: dict[str, str],
) -> str:
    busiest = tightest(view)
    if len(busiest) == 1:
        _, role, share = busiest[0]
        return f"The busiest role is the {role.lower()}: {plain(100 * share)} of 100 minutes used."
    if len({role for _, role, _ in busiest}) == 1:
        role = busiest[0][1]
        parts = [f"{plain(100 * share)} under {design.label}" for design, _, share in busiest]
        return (
            f"The busiest role everywhere is the {role.lower()}. Of 100 minutes, {listed(parts)} "
            "are used."
        )
    parts = [
        f"the {role.lower()} under {design.label} ({plain(100 * share)} of 100 minutes)"
        for design, role, share in busiest
    ]
    return f"The busiest role is {listed(parts)}."
