"""Pictures in rows: why people leave, how far staff are used, and money."""

from collections.abc import Sequence

from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.inline import inline_svg
from txsim.report.answer import COST_A_YEAR, change_in_people
from txsim.report.numbers import amounts, capital, listed, money, of_100, plain
from txsim.report.picture import Picture, Table, not_told_apart, short, told_apart
from txsim.report.reading import Design, Level, Reading, records

COST_PER_RETAINED = "cost_per_retained"


def exits(reading: Reading) -> Picture | None:
    """Return the picture of first exits from care by reason."""
    from txsim.outcomes.exits import REASONS

    found: list[tuple[str, str, dict[str, Level]]] = []
    for _, stem, words in REASONS:
        outcome = f"left_{stem}"
        levels = {
            design.name: level
            for design in reading.designs
            if (level := reading.level(design, outcome)) is not None
        }
        if any(level.mean >= 0.0005 for level in levels.values()):
            found.append((outcome, words, levels))
    if not found:
        return None
    dots = [
        Dot("people", outcome, name, 100 * level.mean, clear=_clear(reading, name, outcome))
        for outcome, _, levels in found
        for name, level in levels.items()
    ]
    figure = dot_panels(
        [Line(outcome, words) for outcome, words, _ in found],
        [Panel("people", "People of 100 who asked, by the reason of their first exit", "people")],
        dots,
        reading.looks,
    )
    table = Table(
        ["People of 100", *(design.label for design in reading.designs)],
        [
            [words, *(_people(levels.get(design.name)) for design in reading.designs)]
            for _, words, levels in found
        ],
    )
    description = "Dots by reason, in people of 100 who asked for help. " + "; ".join(
        f"{words}: "
        + listed(
            [
                f"{design.label} {of_100(levels[design.name].mean, 1)}"
                for design in reading.designs
                if design.name in levels
            ]
        )
        for _, words, levels in found
    )
    return Picture(
        "exits",
        inline_svg(figure, "exits", "Why people leave", f"{description}."),
        _caption_of_exits(reading, found),
        table,
        key=True,
    )


def _clear(reading: Reading, name: str, outcome: str) -> bool:
    """Return whether a dot is filled: the first design's, and those that differ clearly."""
    design = next(design for design in reading.designs if design.name == name)
    change = reading.change(design, outcome)
    return change is None or change.clear


def _caption_of_exits(reading: Reading, found: Sequence[tuple[str, str, dict[str, Level]]]) -> str:
    base = [
        (levels[reading.first.name].mean, words)
        for _, words, levels in found
        if reading.first.name in levels
    ]
    share, words = max(base)
    sentences = [
        f"The commonest first exit under {reading.first.label}: {words[:1].lower()}{words[1:]}, "
        f"{of_100(share)} of 100."
    ]
    moved: list[tuple[float, str]] = []
    for outcome, words, _ in found:
        for design, change in told_apart(reading, outcome)[0]:
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
    elif reading.paired:
        sentences.append(f"No reason can be told apart from {reading.first.label}.")
    if reading.paired:
        sentences.append("Hollow markers cannot be told from the first design.")
    return " ".join(sentences)


def _people(level: Level | None) -> str:
    return "" if level is None else f"{plain(100 * level.mean, 1)}"


def staff(reading: Reading) -> Picture | None:
    """Return the picture of staff minutes used against minutes staffed, by role."""
    rows: dict[str, dict[str, tuple[float, float]]] = {}
    for row in records(reading.comparison.roles):
        if row["minutes_staffed"] > 0:
            pair = (row["minutes_used"], row["minutes_staffed"])
            rows.setdefault(row["role"], {})[row["scenario"]] = pair
    if not rows:
        return None
    names = {role: _role(reading, role) for role in rows}
    dots = [
        Dot("share", role, name, 100 * used / staffed)
        for role, by_design in rows.items()
        for name, (used, staffed) in by_design.items()
    ]
    figure = dot_panels(
        [Line(role, names[role]) for role in rows],
        [Panel("share", "Minutes used of 100 minutes staffed", "minutes", limit=100.0)],
        dots,
        reading.looks,
    )
    table = Table(
        ["Of 100 minutes staffed (minutes a week)", *(design.label for design in reading.designs)],
        [
            [names[role], *(_minutes(by_design.get(design.name)) for design in reading.designs)]
            for role, by_design in rows.items()
        ],
    )
    description = "Dots by role, minutes used of 100 staffed. " + "; ".join(
        f"{names[role]}: "
        + listed(
            [
                f"{design.label} {plain(100 * used / staffed)}"
                for design in reading.designs
                if design.name in by_design
                for used, staffed in [by_design[design.name]]
            ]
        )
        for role, by_design in rows.items()
    )
    return Picture(
        "staff",
        inline_svg(figure, "staff", "Staff minutes used against staffed", f"{description}."),
        _caption_of_staff(reading, rows, names),
        table,
        key=True,
    )


def _role(reading: Reading, role: str) -> str:
    for design in reading.designs:
        known = design.scenario.catalogue.roles
        if role in known:
            return known[role].label
    return capital(role.replace("_", " "))


def _minutes(pair: tuple[float, float] | None) -> str:
    if pair is None:
        return "none staffed"
    used, staffed = pair
    return f"{plain(100 * used / staffed)} ({plain(used)} of {plain(staffed)})"


def tightest(reading: Reading) -> list[tuple[Design, str, float]]:
    """Return for each design its busiest role and the share of its minutes that is used."""
    found = []
    rows = [row for row in records(reading.comparison.roles) if row["minutes_staffed"] > 0]
    for design in reading.designs:
        shares = [
            (row["minutes_used"] / row["minutes_staffed"], row["role"])
            for row in rows
            if row["scenario"] == design.name
        ]
        if shares:
            share, role = max(shares)
            found.append((design, _role(reading, role), share))
    return found


def _caption_of_staff(
    reading: Reading,
    rows: dict[str, dict[str, tuple[float, float]]],
    names: dict[str, str],
) -> str:
    busiest = tightest(reading)
    if len({role for _, role, _ in busiest}) == 1:
        role = busiest[0][1]
        parts = [f"{plain(100 * share)} under {design.label}" for design, _, share in busiest]
        return f"The busiest role is {role.lower()} everywhere: of 100 minutes, {listed(parts)}."
    parts = [
        f"{role.lower()} under {design.label} ({plain(100 * share)} of 100 minutes)"
        for design, role, share in busiest
    ]
    return f"The busiest role: {listed(parts)}."


def cost(reading: Reading) -> Picture | None:
    """Return the picture of yearly cost and of cost per person still in care."""
    panels: list[Panel] = []
    dots: list[Dot] = []
    table_rows: dict[str, list[str]] = {design.name: [design.label] for design in reading.designs}
    headings = ["Design"]
    for outcome, words in (
        (COST_A_YEAR, "Cost of the design a year"),
        (COST_PER_RETAINED, "Cost per person in care\nat the end"),
    ):
        levels = {
            design.name: level
            for design in reading.designs
            if (level := reading.level(design, outcome)) is not None
        }
        if not levels:
            continue
        unit = reading.currency
        largest = max(level.high for level in levels.values())
        scale, name = (1e6, f"million {unit}") if largest >= 2e6 else (1e3, f"thousand {unit}")
        panels.append(Panel(outcome, words, name))
        headings += [words.replace("\n", " ")]
        for design in reading.designs:
            level = levels.get(design.name)
            table_rows[design.name].append("" if level is None else _amount(level, unit))
            if level is not None:
                dots.append(
                    Dot(
                        outcome,
                        design.name,
                        design.name,
                        level.mean / scale,
                        level.low / scale,
                        level.high / scale,
                        words=money(level.mean, "").strip(),
                    )
                )
    if not panels:
        return None
    figure = dot_panels(
        [Line(design.name, short(design.label, 22)) for design in reading.in_order],
        panels,
        dots,
        reading.looks,
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
        inline_svg(figure, "cost", "What it costs", f"{description}."),
        _caption_of_cost(reading),
        table,
    )


def _amount(level: Level, unit: str) -> str:
    return f"{money(level.mean, unit)} ({amounts(level.low, level.high)})"


def _caption_of_cost(reading: Reading) -> str:
    base = reading.level(reading.first, COST_PER_RETAINED)
    if base is None:
        return "What each design costs a year."
    unit = reading.currency
    start = (
        f"A person in care at the end costs about {money(base.mean, unit)} "
        f"under {reading.first.label}"
    )
    clear, unclear, same = told_apart(reading, COST_PER_RETAINED)
    parts = [
        f"{money(abs(change.mean), unit)} {'more' if change.mean > 0 else 'less'} "
        f"under {design.label}"
        for design, change in clear
    ]
    sentence = f"{start}; {listed(parts)}." if parts else f"{start}."
    return f"{sentence} {not_told_apart(reading, unclear, same)}".strip()
