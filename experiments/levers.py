"""Take one lever of a shipped design back at a time, and see how much of its result it carries.

Planners pull levers: rules, ways of running the list, beds, overtime, doses. Each is taken back in
the shipped design that pulls it; both run on the same people with the same luck, and the difference
is told with its 90 % interval over what is not known.

    python experiments/levers.py                          # print the table
    python experiments/levers.py --write                  # and write it into docs/mechanisms.md
    python experiments/levers.py overtime --replications 8    # the levers with this in their name
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pages import MECHANISMS, differences_of, options, table, write_between

import txsim

MARKERS = "<!-- levers begin -->", "<!-- levers end -->"
HEADINGS = (
    "lever",
    "pulled in",
    "taken back to",
    "outcome",
    "unit",
    "pulled",
    "taken back",
    "pulled less taken back, 90 % interval",
)


@dataclass(frozen=True)
class Lever:
    """A key of a design, what it is taken back to, and the outcomes it is told by."""

    key: str
    design: str
    back_to: Any
    outcomes: tuple[str, ...]
    pulled: dict[str, Any] = field(default_factory=dict)
    """What is said besides, where no shipped design pulls the lever."""


LEVERS = (
    Lever("clinic.overtime_share", "short-staffed", 0.0, ("overtime", "sessions_not_fitting")),
    Lever(
        "clinic.capacity",
        "short-staffed",
        "hard",
        ("sessions_not_fitting", "staff_turnover", "retained_365"),
        {"clinic.capacity": "elastic"},
    ),
    Lever(
        "services.individual_counselling.may_also",
        "shared-work",
        [],
        ("sessions_not_fitting", "sessions_received"),
    ),
    Lever(
        "staff.counsellor.supervision_minutes_per_week",
        "shared-work",
        60.0,
        ("staff_turnover", "sessions_not_fitting"),
    ),
    Lever(
        "services.therapy_group.seated",
        "groups-apart",
        "as they come",
        ("days_used", "free_of_regular_use_365"),
    ),
    Lever(
        "clinic.waiting_list.same_day_start",
        "open-door",
        0.0,
        ("share_served", "share_lost_waiting", "wait_to_admission"),
    ),
    Lever(
        "clinic.waiting_list.interim_dosing",
        "open-door",
        False,
        ("overdoses", "days_used", "share_served"),
    ),
    Lever(
        "clinic.waiting_list.priority",
        "open-door",
        [],
        ("nonfatal_overdoses_waiting", "share_harmed_waiting"),
    ),
    Lever("clinic.overbooking_share", "open-door", 0.0, ("sessions_not_fitting", "attendance")),
    Lever("services.reminders.offered", "open-door", False, ("attendance", "retained_365")),
    Lever(
        "medication.take_home", "strict-rules", "rules before 2024", ("attendance", "retained_365")
    ),
    Lever(
        "rules.lose_take_home_after_positive_urines",
        "strict-rules",
        0,
        ("sessions_received", "retained_365"),
        {"medication.take_home": "rules before 2024"},
    ),
    Lever(
        "rules.positive_urines_in_a_row",
        "strict-rules",
        0,
        ("left_positive_urines", "retained_365", "days_used"),
    ),
    Lever(
        "rules.missed_sessions_in_a_row",
        "strict-rules",
        0,
        ("left_missed_sessions", "retained_365", "days_used"),
    ),
    Lever("rules.reinduction_after_missed_days", "strict-rules", 0, ("days_used", "retained_365")),
    Lever(
        "rules.discharge_after_missed_days",
        "low-threshold",
        30,
        ("left_missed_days", "retained_365"),
    ),
    Lever("rules.telehealth_share", "low-threshold", 0.0, ("attendance", "retained_365")),
    Lever(
        "medication.switch_after_positive_urines",
        "baseline",
        0,
        ("days_used", "retained_365"),
        {"medication.switch_after_positive_urines": 6},
    ),
    Lever("medication.dose", "baseline", 0.5, ("days_used", "retained_365")),
    Lever(
        "services.psychiatric_medication.mode",
        "dual-diagnosis",
        "referred",
        ("symptoms", "days_used"),
    ),
    Lever("services.dbt.offered", "dual-diagnosis", False, ("crises", "symptoms")),
    Lever(
        "services.case_conferences.offered",
        "dual-diagnosis",
        False,
        ("symptoms", "staff_time_used"),
    ),
    Lever(
        "services.sober_living.offered",
        "homes-and-work",
        False,
        ("with_a_home", "free_of_regular_use_365"),
    ),
    Lever(
        "services.sober_living.expels_for_use",
        "homes-and-work",
        0.0,
        ("with_a_home", "free_of_regular_use_365"),
    ),
    Lever(
        "services.housing_help.offered", "homes-and-work", False, ("with_a_home", "retained_365")
    ),
    Lever("services.employment_help.offered", "homes-and-work", False, ("at_work", "retained_365")),
    Lever("medication.kept_in_jail", "homes-and-work", 0.0, ("came_back", "overdoses")),
    Lever(
        "plan.policy", "matched-plan", "generic", ("days_used", "retained_365", "staff_time_used")
    ),
)
"""What planners decide, in the order of docs/model.md's submodels, and the design that shows it."""


def shown(value: Any) -> str:
    """A value as it is written in a scenario."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return "[]" if value == [] else f"{value:g}"


def rows_of(lever: Lever, replications: int, seed: int) -> list[tuple[str, ...]]:
    """One row of the table for each outcome that a lever is told by."""
    on = txsim.load(lever.design)
    if lever.pulled:
        on = on.with_changes(name=f"{lever.design}, pulled", **lever.pulled)
    off = on.with_changes(name=f"{lever.design}, without", **{lever.key: lever.back_to})
    besides = "".join(f", with `{key} = {shown(one)}`" for key, one in lever.pulled.items())
    return [
        (f"`{lever.key}`", f"`{lever.design}`{besides}", f"`{shown(lever.back_to)}`", *told)
        for told in differences_of(on, off, lever.outcomes, replications, seed)
    ]


def main() -> None:
    """Measure the levers with the words given in their names, all without any."""
    parser = options(__doc__, MECHANISMS)
    parser.add_argument("levers", nargs="*", metavar="WORD", help="part of a lever's name")
    given = parser.parse_args()
    wanted = [
        lever
        for lever in LEVERS
        if not given.levers or any(word in lever.key for word in given.levers)
    ]
    if not wanted:
        parser.error(f"no lever of this name (there are: {', '.join(one.key for one in LEVERS)})")
    if given.write and given.levers:
        parser.error("--write is for all levers")
    rows: list[tuple[str, ...]] = []
    for lever in wanted:
        rows += rows_of(lever, given.replications, given.seed)
        print(table(HEADINGS, rows[-len(lever.outcomes) :]), flush=True)
    if given.write:
        write_between(MECHANISMS, MARKERS, table(HEADINGS, rows), given)


if __name__ == "__main__":
    main()
