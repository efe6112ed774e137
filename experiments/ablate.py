"""Switch one mechanism of the model off at a time, and see how much of a result it carries.

Each mechanism of a scenario's `[mechanisms]` is switched off in the shipped design that shows it;
both run on the same people with the same luck, and the difference is told with its 90 % interval
over what is not known.

    python experiments/ablate.py                       # print the table
    python experiments/ablate.py --write               # and write it into docs/mechanisms.md
    python experiments/ablate.py ties --replications 8 # one mechanism, quickly
"""

from __future__ import annotations

from pages import MECHANISMS, differences_of, options, table, write_between

import txsim
from txsim.scenario.schema import Mechanisms

MARKERS = BEGINS, ENDS = "<!-- figures begin -->", "<!-- figures end -->"
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
    "past_patients": ("baseline", ("people_waiting_a_day", "share_served", "wait_to_admission")),
    "going_elsewhere": ("baseline", ("share_lost_waiting", "share_went_elsewhere", "days_used")),
    "visit_burden": ("baseline", ("retained_365", "attendance")),
    "titration": ("baseline", ("days_used", "retained_90")),
    "lost_tolerance": ("baseline", ("fatal_overdoses", "fatal_overdoses_first_four_weeks_out")),
    "crises": ("dual-diagnosis", ("crises", "retained_365", "days_used")),
    "second_substance": ("dual-diagnosis", ("overdoses", "crises", "retained_365")),
    "changing_homes": ("homes-and-work", ("with_a_home", "without_a_home", "retained_365")),
    "changing_work": ("homes-and-work", ("at_work", "retained_365")),
    "symptoms_from_use": ("dual-diagnosis", ("days_used", "retained_365")),
}
"""The shipped design that shows each mechanism, and the outcomes it is told by."""

ACTS_AT_OPENING = ("past_patients",)
"""Mechanisms that are nothing under a shared opening: both clinics open by themselves."""


def rows_of(mechanism: str, replications: int, seed: int) -> list[tuple[str, ...]]:
    """One row of the table for each outcome that a mechanism is told by."""
    design, outcomes = SHOWN_IN[mechanism]
    on = txsim.load(design)
    if mechanism in ACTS_AT_OPENING:
        on = on.with_changes(horizon={"start": "own steady state"})
    off = on.with_changes(name=f"{design}, without", mechanisms={mechanism: False})
    return [
        (f"`{mechanism}`", f"`{design}`", *told)
        for told in differences_of(on, off, outcomes, replications, seed)
    ]


def main() -> None:
    """Measure the mechanisms named, all without any."""
    parser = options(__doc__, MECHANISMS)
    parser.add_argument("mechanisms", nargs="*", metavar="MECHANISM", help=", ".join(SHOWN_IN))
    given = parser.parse_args()
    unknown = [name for name in given.mechanisms if name not in SHOWN_IN]
    if unknown:
        parser.error(f"unknown mechanism {unknown[0]!r} (allowed: {', '.join(SHOWN_IN)})")
    if given.write and given.mechanisms:
        parser.error("--write is for all mechanisms")
    rows: list[tuple[str, ...]] = []
    for name in given.mechanisms or Mechanisms.model_fields:
        rows += rows_of(name, given.replications, given.seed)
        print(table(HEADINGS, rows[-len(SHOWN_IN[name][1]) :]), flush=True)
    if given.write:
        write_between(MECHANISMS, MARKERS, table(HEADINGS, rows), given)


if __name__ == "__main__":
    main()
