"""The way from a change to its result: where staff time is short, and each step to who leaves."""

from collections.abc import Mapping

from txsim.formatting import listed, plain
from txsim.report.comparison_table import Wanted, blocks_of, change_said
from txsim.report.sections.staff import tightest
from txsim.report.view import View

BUSY = 0.9
"""From this share of its minutes on a role is called a bottleneck."""

STEPS: tuple[tuple[str, str, str], ...] = (
    (
        "sessions_not_fitting",
        "Due sessions that find no time or seat",
        "of 100 due sessions find no time or seat",
    ),
    ("attendance", "Show rate: booked sessions kept", "of 100 booked sessions are kept"),
    ("sessions_received", "Due sessions received", "of 100 due sessions are received"),
    (
        "alliances_broken",
        "Own counsellors who left",
        "own counsellors leave per 100 people",
    ),
    (
        "covered_by_medication",
        "Days in care covered by medication",
        "of 100 days in care are covered by medication",
    ),
    ("left_dropped_out", "Dropped out", "of 100 people drop out"),
)
"""Outcomes in the order in which a change works its way to staying or leaving: their name, their
label, and how they are spoken of in a sentence."""


def show(view: View) -> Mapping[str, object]:
    """Return where time is short, what moves on the way, and the figures of each step."""
    wanted = [
        Wanted(outcome, label, "per 100 people" if outcome == "alliances_broken" else "")
        for outcome, label, _ in STEPS
    ]
    return {
        "bottleneck": _bottleneck(view),
        "moves": what_moves(view),
        "steps": blocks_of(view, wanted),
    }


def what_moves(view: View) -> list[str]:
    """Return for each design the steps on the way that clearly change, in one sentence."""
    sentences = []
    still = []
    for design in view.compared:
        moved = [
            f"{change_said(outcome, change)} {spoken}"
            for outcome, _, spoken in STEPS
            if (change := view.change(design, outcome)) is not None and change.clear
        ]
        if moved:
            sentences.append(f"Under {design.label} {listed(moved)}.")
        else:
            still.append(design.label)
    if still:
        sentences.append(
            f"Under {listed(still)} we can tell no difference from {view.first.label} at any step."
        )
    return sentences


def _bottleneck(view: View) -> str:
    """Say where staff time is short, or that they do not."""
    busiest = tightest(view)
    if not busiest:
        return ""
    tight: dict[str, list[str]] = {}
    for design, role, share in busiest:
        if share >= BUSY:
            used = "of 100 minutes used " if not tight else ""
            where = view.under(design).strip()
            tight.setdefault(role, []).append(f"{plain(100 * share)} {used}{where}".strip())
    if tight:
        parts = [f"the {role.lower()} ({listed(where)})" for role, where in tight.items()]
        return f"Time is short for {listed(parts)}."
    most = max(share for _, _, share in busiest)
    return (
        f"No role uses more than {plain(100 * most)} of 100 minutes staffed over the whole run, "
        "so staff time is seldom what decides."
    )
