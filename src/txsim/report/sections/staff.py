"""How far staff are used: minutes used against minutes staffed, by role."""

from txsim.compare.summary import records
from txsim.figures.dots import Dot, Panel
from txsim.formatting import capital, listed, plain
from txsim.report.picture import InRow, Picture, picture_in_rows
from txsim.report.view import Design, View

Minutes = dict[str, tuple[float, float]]
"""Minutes used and staffed, by design."""


def show(view: View) -> tuple[str, Picture | None]:
    """Return the picture of staff minutes used against minutes staffed, by role."""
    heading = "Staff minutes"
    by_role = _minutes(view)
    if not by_role:
        return heading, None
    return heading, picture_in_rows(
        view,
        "staff",
        "Staff minutes used against staffed",
        Panel("share", "Minutes used of 100 minutes staffed", "minutes", limit=100.0),
        [_row(view, role, minutes) for role, minutes in by_role.items()],
        heading="Of 100 minutes staffed (minutes a week)",
        start="Dots by role, minutes used of 100 staffed.",
        caption=_caption(view),
    )


def _minutes(view: View) -> dict[str, Minutes]:
    found: dict[str, Minutes] = {}
    for row in records(view.comparison.roles):
        if row["minutes_staffed"] > 0:
            pair = (row["minutes_used"], row["minutes_staffed"])
            found.setdefault(row["role"], {})[row["scenario"]] = pair
    return found


def _row(view: View, role: str, minutes: Minutes) -> InRow:
    shares = {name: 100 * used / staffed for name, (used, staffed) in minutes.items()}
    return InRow(
        role,
        _role(view, role),
        [Dot("share", role, name, share) for name, share in shares.items()],
        {name: plain(share) for name, share in shares.items()},
        [_cell(view, design, minutes) for design in view.designs],
    )


def _role(view: View, role: str) -> str:
    for design in view.designs:
        known = design.scenario.catalogue.roles
        if role in known:
            return known[role].label
    return capital(role.replace("_", " "))


def _cell(view: View, design: Design, minutes: Minutes) -> str:
    if design.name not in minutes:
        told = (view.comparison.roles["scenario"] == design.name).any()
        return "none staffed" if told else view.no_figure(design)
    used, staffed = minutes[design.name]
    return f"{plain(100 * used / staffed)} ({plain(used)} of {plain(staffed)})"


def tightest(view: View) -> list[tuple[Design, str, float]]:
    """Return for each design its busiest role and the share of its minutes that is used."""
    found = []
    by_role = _minutes(view)
    for design in view.designs:
        shares = [
            (used / staffed, role)
            for role, minutes in by_role.items()
            for used, staffed in [minutes.get(design.name, (0.0, 0.0))]
            if staffed > 0
        ]
        if shares:
            share, role = max(shares)
            found.append((design, _role(view, role), share))
    return found


def _caption(view: View) -> str:
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
