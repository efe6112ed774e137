"""Switch one mechanism of the model off at a time, and see how much of a result it carries.

Each mechanism of a scenario's `[mechanisms]` is switched off in the shipped design that shows it;
both run on the same people with the same luck, and the difference is told with its 90 % interval
over what is not known.

    python experiments/ablate.py                       # print the table
    python experiments/ablate.py --write               # and write it into docs/mechanisms.md
    python experiments/ablate.py ties --replications 8 # one mechanism, quickly
"""

from __future__ import annotations

import argparse
from pathlib import Path

import txsim
from txsim.scenario.schema import Mechanisms

PAGE = Path(__file__).resolve().parents[1] / "docs" / "mechanisms.md"
BEGINS, ENDS = "<!-- figures begin -->", "<!-- figures end -->"
HEADINGS = (
    "switched off",
    "shown in",
    "outcome",
    "unit",
    "on",
    "off",
    "on less off, 90 % interval",
)

SHOWN_IN: dict[str, tuple[str, tuple[str, ...]]] = {
    "turnover": ("baseline", ("alliances_broken", "sessions_not_fitting", "retained_365")),
    "overload": ("short-staffed", ("staff_turnover", "retained_365")),
    "learning": ("short-staffed", ("sessions_not_fitting", "retained_365")),
    "supervision": ("shared-work", ("staff_turnover", "retained_365")),
    "leave": ("baseline", ("sessions_not_fitting", "retained_365")),
    "tenure": ("short-staffed", ("staff_turnover", "retained_365")),
    "relationships": ("case-management", ("retained_365", "attendance")),
    "ties": ("groups-apart", ("days_used", "free_of_regular_use_365")),
    "cohesion": ("peer-groups", ("attendance", "sessions_received")),
    "fading_readiness": ("baseline", ("share_lost_waiting", "share_served")),
    "visit_burden": ("baseline", ("retained_365", "attendance")),
    "titration": ("baseline", ("days_used", "retained_90")),
    "lost_tolerance": ("baseline", ("fatal_overdoses", "fatal_overdoses_first_four_weeks_out")),
    "crises": ("dual-diagnosis", ("crises", "retained_365", "days_used")),
    "symptoms_from_use": ("dual-diagnosis", ("days_used", "retained_365")),
}
"""The shipped design that shows each mechanism, and the outcomes it is told by."""


def rows_of(mechanism: str, replications: int, seed: int) -> list[tuple[str, ...]]:
    """One row of the table for each outcome that a mechanism is told by."""
    design, outcomes = SHOWN_IN[mechanism]
    on = txsim.load(design)
    off = on.with_changes(name=f"{design}, without", mechanisms={mechanism: False})
    # The design without comes first: differences are told against it.
    found = txsim.compare([off, on], replications=replications, seed=seed)
    levels = found.outcomes.query("subgroup == 'everyone'").set_index(["scenario", "outcome"])
    moved = found.differences.query("subgroup == 'everyone'").set_index("outcome")
    rows = []
    for name in outcomes:
        one = moved.loc[name]
        rows.append(
            (
                f"`{mechanism}`",
                f"`{design}`",
                f"`{name}`",
                str(one["unit"]),
                f"{levels.loc[(on.name, name), 'mean']:.4g}",
                f"{levels.loc[(off.name, name), 'mean']:.4g}",
                f"{one['mean']:+.3g} ({one['low']:+.3g} to {one['high']:+.3g})",
            )
        )
    return rows


def table(rows: list[tuple[str, ...]]) -> str:
    """The rows as a table in Markdown."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure the mechanisms named, all without any."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("mechanisms", nargs="*", metavar="MECHANISM", help=", ".join(SHOWN_IN))
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"write into {PAGE.name}")
    given = parser.parse_args()
    unknown = [name for name in given.mechanisms if name not in SHOWN_IN]
    if unknown:
        parser.error(f"unknown mechanism {unknown[0]!r} (allowed: {', '.join(SHOWN_IN)})")
    if given.write and given.mechanisms:
        parser.error("--write is for all mechanisms")
    rows: list[tuple[str, ...]] = []
    for name in given.mechanisms or Mechanisms.model_fields:
        rows += rows_of(name, given.replications, given.seed)
        print(table(rows[-len(SHOWN_IN[name][1]) :]), flush=True)
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.split(BEGINS)[0], page.split(ENDS)[1]
        words = f"{given.replications} replications, seed {given.seed}, txsim {txsim.__version__}."
        PAGE.write_text(
            f"{before}{BEGINS}\n\n{table(rows)}\n\n{words}\n\n{ENDS}{after}", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
